"""What a dossier costs: the fee list of the agency, else what its procedure says (issue 5; domain.md §1.3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain import fee_rows
from engine.domain.actors import Actor
from engine.domain.dossier import Channel
from engine.domain.forms import Facts
from engine.errors import ConflictError
from engine.services import decided
from engine.services.admin_scope import AdminFactError, check_administers, checked, day, managed_agency, note
from engine.store.administration import Fee
from engine.store.agencies import Agency
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork

MOST_VND = 10**12


class FeeOverlapsError(ConflictError):
    """A fee of this channel and case begins on the same day or later; drop that one, or begin after it."""

    code = "fee-overlaps"


class FeeToldError(ConflictError):
    """Dossiers were received on that day by the list as it is; it can change from the next day on."""

    code = "fee-told"


def fee_of(
    uow: UnitOfWork, version: ProcedureVersion, facts: Facts, *, channel: Channel | None, case: str | None, at: datetime
) -> int | None:
    """Return the fee in đồng of a dossier received at an instant; None where nobody says one.

    A fee that the version's tables decide by the facts of the case comes before the list, which knows no facts.
    """
    rows = uow.administration.fees([version.procedure_id])
    if not rows or decided.decides_fee(version):
        return decided.fee_of(version, facts)
    zone = ZoneInfo(uow.agencies.get(version.owner_agency_id).zone)
    on = at.astimezone(zone).date()
    row = fee_rows.applying(rows, on=on, channel=None if channel is None else channel.value, case=case)
    return decided.fee_of(version, facts) if row is None else row.amount_vnd


def cases(uow: UnitOfWork, version: ProcedureVersion, *, at: datetime) -> list[str]:
    """Return the names of the cases that the list in force at an instant tells apart, in alphabetical order."""
    rows = uow.administration.fees([version.procedure_id])
    if not rows:
        return []
    on = at.astimezone(ZoneInfo(uow.agencies.get(version.owner_agency_id).zone)).date()
    holding = (row for row in rows if row.valid_from <= on and (row.valid_to is None or on < row.valid_to))
    return sorted({row.case for row in holding if row.case is not None})


def listed(ctx: Context, *, by: Actor, agency: str, procedure: str) -> list[dict[str, Any]]:
    """Return the fees of a procedure, the latest first.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        place = managed_agency(uow, by, agency)
        today = ctx.clock.now().astimezone(ZoneInfo(place.zone)).date()
        rows = uow.administration.fees([uow.procedures.by_code(place.id, procedure).id])
        return [_view(row) | {"can_drop": row.valid_from >= today} for row in rows]


def set_fee(
    ctx: Context, *, by: Actor, agency: str, procedure: str, amount_vnd: int, valid_from: date, decision: str,
    channel: str | None = None, case: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Let a fee hold from a day on; the one before it of the same channel and case ends there.

    Dossiers received before that day keep what they were told.

    Args:
        channel: ``direct``, ``online`` or ``postal``; None: all.
        case: name of the case; None: all.
        decision: the resolution that sets it.

    Raises:
        AdminFactError: an amount, day, channel or decision that cannot be.
        FeeOverlapsError: a later one of the same kind is declared.
        FeeToldError: it would begin today, and receipts of today say another one.
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    _check(amount_vnd, channel)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        uow.agencies.lock([place.id])
        target = uow.procedures.by_code(place.id, procedure)
        _check_not_told(ctx, uow, place, target, valid_from)
        case = checked(case, field="case", longest=120) if case else None
        alike = [row for row in uow.administration.fees([target.id]) if (row.channel, row.case) == (channel, case)]
        for row in alike:
            if row.valid_from >= valid_from:
                raise FeeOverlapsError(f"a fee of this kind begins on {row.valid_from.isoformat()}", field="valid_from")
            if row.valid_to is None:
                row.valid_to = valid_from
        fee = Fee(
            owner_agency_id=place.id,
            procedure_id=target.id,
            channel=channel,
            case=case,
            amount_vnd=amount_vnd,
            valid_from=valid_from,
            decision=checked(decision, field="decision"),
        )
        uow.administration.add(fee)
        note(
            uow, by=by, at=ctx.clock.now(), agency=place, kind="fee.set", subject=procedure, facts=_view(fee),
            ground=fee.decision,
        )  # fmt: skip
        return _view(fee)


def drop_fee(
    ctx: Context, *, by: Actor, agency: str, procedure: str, valid_from: date, channel: str | None = None,
    case: str | None = None,
) -> None:  # fmt: skip
    """Take back a fee by which no dossier was received yet; the one before it holds on.

    Raises:
        AdminFactError: there is none, or it began before today.
        FeeToldError: it began today, and receipts of today say it.
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        uow.agencies.lock([place.id])
        target = uow.procedures.by_code(place.id, procedure)
        alike = [row for row in uow.administration.fees([target.id]) if (row.channel, row.case) == (channel, case)]
        row = next((each for each in alike if each.valid_from == valid_from), None)
        if row is None:
            raise AdminFactError(f"no fee of this kind begins on {valid_from.isoformat()}", field="valid_from")
        _check_not_told(ctx, uow, place, target, valid_from)
        for before in alike:
            if before.valid_to == valid_from:
                before.valid_to = row.valid_to
        uow.administration.drop(row)
        at = ctx.clock.now()
        note(
            uow, by=by, at=at, agency=place, kind="fee.dropped", subject=procedure, facts=_view(row),
            ground=row.decision,
        )  # fmt: skip


def _check_not_told(ctx: Context, uow: UnitOfWork, place: Agency, target: Procedure, valid_from: date) -> None:
    """Refuse a list that would say another fee than receipts did: they are told by the list of their day."""
    now = ctx.clock.now().astimezone(ZoneInfo(place.zone))
    if valid_from < now.date():
        message = "a fee holds from today or later: what was told at receipts of before stays"
        raise AdminFactError(message, field="valid_from")
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if valid_from == now.date() and uow.dossiers.was_received(target.id, since=midnight):
        message = "dossiers were received today by the list as it is; choose tomorrow or a later day"
        raise FeeToldError(message, field="valid_from")


def _check(amount_vnd: int, channel: str | None) -> None:
    if not 0 <= amount_vnd <= MOST_VND:
        raise AdminFactError("a fee is a whole number of đồng, 0 or more", field="amount_vnd")
    if channel is not None and channel not in {each.value for each in Channel}:
        raise AdminFactError(f"channel is one of {', '.join(Channel)}, or left out", field="channel")


def _view(row: Fee) -> dict[str, Any]:
    return {
        "channel": row.channel,
        "case": row.case,
        "amount_vnd": row.amount_vnd,
        "valid_from": day(row.valid_from),
        "valid_to": day(row.valid_to),
        "decision": row.decision,
    }
