"""Settings of an agency for its letters: when they are ordered, how they are signed and numbered, when it is quiet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from fractions import Fraction
from typing import Any

import structlog

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.limits import InvalidLimitError, Limit, Unit
from engine.domain.official_forms import FormKind
from engine.domain.signing import ELECTRONIC, PAPER
from engine.errors import InvalidInputError
from engine.services.admin_scope import check_administers, managed, managed_agency, note
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork

KIND = "letters.set"  #: of the act that records a change; its facts are all settings ``before`` and ``after``

_SYMBOL = re.compile(r"[0-9A-ZĐ][0-9A-ZĐ./-]{0,29}")
_CLOCK = re.compile(r"\d{2}:\d{2}")
_MOST = {Unit.WORKING_DAY: 10, Unit.WORKING_HOUR: 80}

log = structlog.get_logger(__name__)


class LetterSettingError(InvalidInputError):
    """A setting of an agency's letters has a value that it cannot have; nothing was saved."""

    code = "letter-setting-invalid"


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the settings of the agencies that the actor administers, by code.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        return [_view(uow, row) for row in managed(uow, by)]


def show(ctx: Context, *, by: Actor, agency: str) -> dict[str, Any]:
    """Return the settings of one agency with its ``code`` and ``name``; ``chair`` is a sign-in name or None.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        return _view(uow, managed_agency(uow, by, agency))


def change(
    ctx: Context, *, by: Actor, agency: str, lead: str | None = None, signs: str | None = None,
    chair: str | None = None, desk_symbol: str | None = None, symbols: Mapping[str, str] | None = None,
    quiet_from: str | None = None, quiet_to: str | None = None, ground: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Change what is given, and return the settings as ``show`` does; what differs is recorded as an act.

    With another lead the clock process looks at all running promises of the agency again: a letter that is due by the
    new lead is ordered at once, one that is ordered already stays.

    Args:
        agency: its code.
        lead: how long before the due instant an apology is ordered: a limit in working days or hours, such as
            ``2 working_day``; never more than a quarter of the dossier's own limit (domain.md §1.9).
        signs: ``paper`` or ``electronic``.
        chair: sign-in name of who is told of a new date that was not kept; empty: nobody.
        desk_symbol: of the one-stop shop in numbers of papers, as ``TTPVHCC`` (domain.md §2.2).
        symbols: by kind of paper, instead of the general one; an empty one is taken back.
        quiet_from, quiet_to: local times ``HH:MM`` between which no SMS is sent.

    Raises:
        LetterSettingError: a value is none; ``field`` names it and nothing is changed.
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(changes_calendar=lead is not None) as uow:  # nobody counts by the old lead once this stands
        row = managed_agency(uow, by, agency)
        uow.agencies.lock([row.id])
        before = settings_of(uow, row)
        _set_letters(row, lead, signs)
        _set_chair(uow, row, chair)
        _set_symbols(row, desk_symbol, symbols)
        _set_quiet(row, quiet_from, quiet_to)
        after, now = settings_of(uow, row), ctx.clock.now()
        if after != before:
            facts = {"before": before, "after": after}
            note(uow, by=by, at=now, agency=row, kind=KIND, subject=row.code, facts=facts, ground=ground)
        if after["apology_lead"] != before["apology_lead"]:
            uow.given_dates.look_again([row.id], now)
        answer = _view(uow, row)
    log.info("letters.set", by=by.name, agency=agency)
    return answer


def settings_of(uow: UnitOfWork, agency: Agency) -> dict[str, Any]:
    """Return the settings as acts keep them: column by column, the chair by sign-in name."""
    return {
        "apology_lead": agency.apology_lead,
        "signs_letters": agency.signs_letters,
        "chair": None if agency.chair_id is None else uow.people.get(agency.chair_id).username,
        "desk_symbol": agency.desk_symbol,
        "paper_symbols": dict(agency.paper_symbols),
        "quiet_from": agency.quiet_from,
        "quiet_to": agency.quiet_to,
    }


def _view(uow: UnitOfWork, agency: Agency) -> dict[str, Any]:
    return {"code": agency.code, "name": agency.name, **settings_of(uow, agency)}


def _set_letters(row: Agency, lead: str | None, signs: str | None) -> None:
    if lead is not None:
        row.apology_lead = str(_lead(lead))
    if signs is not None:
        if signs not in (PAPER, ELECTRONIC):
            raise LetterSettingError(f"letters are signed on {PAPER} or {ELECTRONIC}", field="signs")
        row.signs_letters = signs


def _lead(text: str) -> Limit:
    message = "the lead is some working days or hours, more than none and at most 10 days or 80 hours: 2 working_day"
    try:
        lead = Limit.parse(text.strip())
    except InvalidLimitError as error:
        raise LetterSettingError(f"{message} ({error})", field="lead") from error
    if any(segment.unit not in _MOST for segment in lead.segments):
        raise LetterSettingError(message, field="lead")
    share = sum((segment.amount / _MOST[segment.unit] for segment in lead.segments), Fraction(0))
    if not 0 < share <= 1:
        raise LetterSettingError(message, field="lead")
    return lead


def _set_chair(uow: UnitOfWork, row: Agency, chair: str | None) -> None:
    if chair is None:
        return
    name = chair.strip().lower()
    officer = uow.people.find(name) if name else None
    if name and (officer is None or not permissions.can_read(uow.people.actor(officer.id), [row.id])):
        message = f"the chair is an officer who may see the dossiers of agency {row.code}; {name!r} is none"
        raise LetterSettingError(message, field="chair")
    row.chair_id = None if officer is None else officer.id


def _set_symbols(row: Agency, desk_symbol: str | None, symbols: Mapping[str, str] | None) -> None:
    if desk_symbol is not None:
        row.desk_symbol = _symbol(desk_symbol, "desk_symbol")
    if symbols is None:
        return
    unknown = sorted(set(symbols) - set(FormKind))
    if unknown:
        raise LetterSettingError(f"there is no kind of paper {unknown[0]!r}", field="symbols")
    given = {kind: _symbol(text, "symbols") for kind, text in sorted(symbols.items()) if text.strip()}
    kept = {kind: text for kind, text in row.paper_symbols.items() if kind not in symbols}
    row.paper_symbols = kept | given


def _symbol(text: str, field: str) -> str:
    symbol = text.strip().upper()
    if not _SYMBOL.fullmatch(symbol):
        message = "a symbol has 1 to 30 capital letters, digits, dots, slashes or hyphens, as PBS-TTPVHCC"
        raise LetterSettingError(message, field=field)
    return symbol


def _set_quiet(row: Agency, quiet_from: str | None, quiet_to: str | None) -> None:
    if quiet_from is not None:
        row.quiet_from = _clock(quiet_from, "quiet_from")
    if quiet_to is not None:
        row.quiet_to = _clock(quiet_to, "quiet_to")


def _clock(text: str, field: str) -> str:
    value = text.strip()
    try:
        if not _CLOCK.fullmatch(value):
            raise ValueError(value)
        time.fromisoformat(value)
    except ValueError as error:
        raise LetterSettingError("a time of the day is HH:MM, as 21:00", field=field) from error
    return value
