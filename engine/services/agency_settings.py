"""Settings of an agency: when a dossier is late, and from which share of its limit on it is near its date."""

from __future__ import annotations

from typing import Any

import structlog

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.calendar_acts import DEFAULTS, SETTINGS
from engine.domain.deadlines import LateRule
from engine.errors import InvalidInputError
from engine.services import nearing
from engine.store.agencies import Agency
from engine.store.calendars import CalendarChange

GROUND = "cài đặt thời hạn"  #: of a change for which nobody names one

log = structlog.get_logger(__name__)


class InvalidAgencySettingError(InvalidInputError):
    """A setting of an agency has a value that it cannot have."""

    code = "invalid-agency-setting"


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the settings of the agencies that the actor administers, by id; the system sees all."""
    with ctx.unit_of_work(read_only=True) as uow:
        mine = by.agencies_with(Role.ADMIN)
        return [_view(agency) for agency in uow.agencies.all() if by.is_system or agency.id in mine]


def show(ctx: Context, *, by: Actor, agency: str | None = None) -> dict[str, Any]:
    """Return ``code``, ``name``, ``late_rule`` and ``nearing_percent`` of an agency; None: the default agency.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        permissions.check_can_administer(by, agency=row.id)
        return _view(row)


def change(
    ctx: Context,
    *,
    by: Actor,
    agency: str | None = None,
    late_rule: str | None = None,
    nearing_percent: int | None = None,
    ground: str = GROUND,
) -> dict[str, Any]:
    """Change what is given, and return the settings as ``show`` does; what differs is an act in the calendar's history.

    The late rule is for promises that are made, or made to run again, from now on: those that run keep their
    ``late_after``. The share is for all: the agency's running dossiers are set anew in transactions of their own. When
    that is interrupted, ``motcua verify`` names them, and setting the same share again finishes it.

    Args:
        agency: its code; None: the default agency.
        late_rule: ``day`` or ``instant``.
        nearing_percent: 1 to 100, of the limit.
        ground: the decision that says so; empty: ``GROUND``.

    Raises:
        InvalidAgencySettingError: another value; nothing is changed.
        NotAllowedError, AgencyNotFoundError.
    """
    _check(late_rule, nearing_percent)
    with ctx.unit_of_work(changes_calendar=True) as uow:  # nobody counts by the old rule once this is written
        row = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        permissions.check_can_administer(by, agency=row.id)
        before = _settings(row)
        row.late_rule = row.late_rule if late_rule is None else late_rule
        row.nearing_percent = row.nearing_percent if nearing_percent is None else nearing_percent
        answer, agency_id = _view(row), row.id
        if _settings(row) != before:
            uow.calendars.add_change(_act(ctx, by, row, before, ground))
    log.info("agency.settings", by=by.name, **answer)
    if nearing_percent is not None:
        nearing.recount(ctx, resolving=agency_id)
    return answer


def _act(ctx: Context, by: Actor, agency: Agency, before: dict[str, Any], ground: str) -> CalendarChange:
    return CalendarChange(
        owner_agency_id=agency.id,
        kind=SETTINGS,
        ground=ground.strip() or GROUND,
        declared=[_settings(agency)],
        replaced=[before],
        made_by=by.id,
        made_at=ctx.clock.now(),
        moved=0,
    )


def _check(late_rule: str | None, nearing_percent: int | None) -> None:
    if late_rule is not None and late_rule not in set(LateRule):
        raise InvalidAgencySettingError(f"late_rule is one of {', '.join(LateRule)}", field="late_rule")
    if nearing_percent is None:
        return
    if isinstance(nearing_percent, bool) or not isinstance(nearing_percent, int) or not 1 <= nearing_percent <= 100:
        message = "nearing_percent is a whole number from 1 to 100: the share of the limit from which on it is near"
        raise InvalidAgencySettingError(message, field="nearing_percent")


def _view(agency: Agency) -> dict[str, Any]:
    return {"code": agency.code, "name": agency.name, **_settings(agency)}


def _settings(agency: Agency) -> dict[str, Any]:
    return {name: getattr(agency, name) for name in DEFAULTS}
