"""Numbers set aside for a power cut: a counter keeps them on a printed pad, and each is entered later or voided.

They come from the sequence of dossier codes, so no number is given twice; who reads ``listed`` sees where each one is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.context import Context
from engine.documents.pads import pad_pdf
from engine.documents.values import PadSlip, PadValues
from engine.domain import permissions_receipts as permissions
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.numbering import code_period, dossier_code
from engine.domain.result_return import tracking_url
from engine.errors import InvalidInputError
from engine.services import calendars
from engine.services.dossier_numbers import (
    ReservedNumberNotFoundError,
    ReservedNumberUsedError,
    ReservedNumberVoidError,
)
from engine.services.officer_names import OfficerNames
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import Agency
from engine.store.receipt_issues import ReservedNumber
from engine.store.unit_of_work import UnitOfWork

MOST_AT_ONCE = 200
LONGEST_COUNTER = 40
LONGEST_REASON = 300
STATES = ("open", "used", "void")


class PadInvalidError(InvalidInputError):
    """A pad names its counter and has 1 to 200 slips."""

    code = "pad-invalid"


class VoidReasonError(InvalidInputError):
    """A number is voided with a reason in words."""

    code = "void-reason"


def reserve(
    ctx: Context, *, by: Actor, counter: str, count: int, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Take numbers of today from the sequence of the agency's dossiers and keep them for a counter.

    Args:
        count: 1 to 200.
        agency: code of the agency that resolves what is entered from them; None: the only one of the actor's desk.

    Returns:
        ``pad``: the first code, which names the pad; ``codes`` in order.

    Raises:
        PadInvalidError, NotAllowedError, AgencyNotFoundError.
    """

    def work(uow: UnitOfWork) -> Answer:
        owner = _agency(uow, by, agency)
        permissions.check_can_reserve(by, agency=owner.id)
        name = counter.strip()
        if not 0 < len(name) <= LONGEST_COUNTER:
            raise PadInvalidError(f"name the counter in 1 to {LONGEST_COUNTER} characters", field="counter")
        if not 1 <= count <= MOST_AT_ONCE:
            raise PadInvalidError(f"a pad has 1 to {MOST_AT_ONCE} slips", field="count")
        today, now = calendars.in_force(uow, owner.id).local_date(ctx.clock.now()), ctx.clock.now()
        codes = []
        for _ in range(count):
            number = uow.numbers.take(owner.id, "dossier", code_period(today))
            codes.append(dossier_code(owner.code, today, number))
            row = ReservedNumber(owner_agency_id=owner.id, code=codes[-1], counter=name, reserved_by=by.id)
            row.reserved_at = now
            uow.receipt_issues.add(row)
        return {"pad": codes[0], "codes": codes, "counter": name, "agency": owner.code}

    return transact(ctx, by=by, request=request, work=work)


def void(
    ctx: Context, *, by: Actor, codes: Sequence[str], reason: str, request: Request | None = None
) -> Answer:  # fmt: skip
    """Void numbers that were not used, all or none: the slips were spoilt, or the power came back.

    Raises:
        VoidReasonError: there is no reason, or no number is named.
        ReservedNumberNotFoundError, ReservedNumberUsedError, ReservedNumberVoidError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        why = reason.strip()
        if not why or len(why) > LONGEST_REASON:
            message = f"say in 1 to {LONGEST_REASON} characters why the numbers are void"
            raise VoidReasonError(message, field="reason")
        if not 0 < len(codes) <= MOST_AT_ONCE:
            raise VoidReasonError(f"choose 1 to {MOST_AT_ONCE} numbers to void", field="codes")
        for code in sorted(set(codes)):
            row = _known(uow, by, code, lock=True)
            permissions.check_can_reserve(by, agency=row.owner_agency_id)
            _check_open(row)
            row.voided_at, row.voided_by, row.void_reason = ctx.clock.now(), by.id, why
        return {"codes": sorted(set(codes)), "reason": why}

    return transact(ctx, by=by, request=request, work=work)


def listed(
    ctx: Context, *, by: Actor, state: str | None = None, counter: str | None = None, after: str | None = None,
    limit: int = 100,
) -> dict[str, Any]:  # fmt: skip
    """Return the reserved numbers of the actor's agencies, the latest first, with how many are in each state.

    Returns:
        ``items`` (``code``, ``counter``, ``state``, who reserved, entered or voided it and when, ``reason``),
        ``counts`` by state, ``next``: the code after which there are more, or None.

    Raises:
        NotAllowedError: the actor's roles see no pads.
    """
    agencies = permissions.agencies_of_pads(by)
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.receipt_issues.reserved_of(agencies, state=state, counter=counter, after=after, limit=limit + 1)
        shown = rows[:limit]
        names, told = (
            OfficerNames(uow),
            {each: uow.agencies.get(each) for each in {row.owner_agency_id for row in shown}},
        )
        pads = _pads(shown)
        return {
            "items": [
                _item(uow, names, told[row.owner_agency_id], row) | {"pad": pads[_pad_key(row)]} for row in shown
            ],
            "counts": uow.receipt_issues.reserved_counts(agencies),
            "next": shown[-1].code if len(rows) > limit else None,
        }


def one(ctx: Context, *, by: Actor, code: str) -> dict[str, Any]:
    """Return a reserved number, as ``listed`` does.

    Raises:
        ReservedNumberNotFoundError: there is none, or it is not the actor's to know. NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = _known(uow, by, code)
        return _item(uow, OfficerNames(uow), uow.agencies.get(row.owner_agency_id), row)


def agencies(ctx: Context, *, by: Actor) -> list[dict[str, str]]:
    """Return code and name of the agencies for which the actor may reserve."""
    with ctx.unit_of_work(read_only=True) as uow:
        ids = by.agencies_with(*permissions.CORRECTING)
        return [{"code": row.code, "name": row.name} for row in uow.agencies.all() if row.id in ids]


def pdf(ctx: Context, *, by: Actor, pad: str) -> bytes:
    """Return a pad to print: two copies of a slip for each of its numbers that is open, to be filled in by hand.

    Args:
        pad: any code of the pad.

    Raises:
        ReservedNumberNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = _known(uow, by, pad)
        agency = uow.agencies.get(row.owner_agency_id)
        unit = next((each for each in uow.agencies.units(agency.id) if each.is_one_stop), None)
        rows = uow.receipt_issues.pad(row.owner_agency_id, row.counter, row.reserved_at)
        open_rows = [each for each in rows if each.used_at is None and each.voided_at is None]
        if not open_rows:
            raise PadInvalidError("every number of this pad is used or void; there is nothing to print", field="pad")
        url = ctx.settings.public_url
        values = PadValues(
            superior_body=agency.name,
            unit_name=unit.name if unit is not None else agency.name,
            counter=row.counter,
            reserved_at=row.reserved_at,
            reserved_by=uow.people.get(row.reserved_by).name if row.reserved_by else "",
            slips=tuple(PadSlip(each.code, tracking_url(url, each.code)) for each in open_rows),
            zone=agency.zone,
        )
        return pad_pdf(values)


def _agency(uow: UnitOfWork, by: Actor, code: str | None) -> Agency:
    if code is not None:
        return uow.agencies.by_code(code)
    mine = by.agencies_with(*permissions.CORRECTING) if not by.agencies_with(Role.DESK) else by.agencies_with(Role.DESK)
    if len(mine) != 1:
        raise PadInvalidError("name the agency whose numbers are reserved", field="agency")
    return uow.agencies.get(next(iter(mine)))


def _known(uow: UnitOfWork, by: Actor, code: str, *, lock: bool = False) -> ReservedNumber:
    readable = permissions.agencies_of_pads(by)
    row = uow.receipt_issues.reserved(code.strip(), lock=lock)
    if row is None or row.owner_agency_id not in readable:
        raise ReservedNumberNotFoundError(f"no pad has a slip with the number {code!r}", field="slip")
    return row


def _check_open(row: ReservedNumber) -> None:
    if row.used_at is not None:
        raise ReservedNumberUsedError(
            f"{row.code} is a dossier by now; it cannot be void", field="codes", dossier=row.code
        )
    if row.voided_at is not None:
        raise ReservedNumberVoidError(f"{row.code} was voided before: {row.void_reason}", field="codes")


def _item(uow: UnitOfWork, names: OfficerNames, agency: Agency, row: ReservedNumber) -> dict[str, Any]:
    calendar = calendars.in_force(uow, AgencyId(agency.id))
    state = "used" if row.used_at is not None else "void" if row.voided_at is not None else "open"
    return {
        "code": row.code,
        "agency": agency.code,
        "counter": row.counter,
        "state": state,
        "reserved_at": calendar.local(row.reserved_at).isoformat(),
        "reserved_by": names.of(row.reserved_by),
        "used_at": None if row.used_at is None else calendar.local(row.used_at).isoformat(),
        "voided_at": None if row.voided_at is None else calendar.local(row.voided_at).isoformat(),
        "voided_by": None if row.voided_by is None else names.of(row.voided_by),
        "reason": row.void_reason,
    }


def _pad_key(row: ReservedNumber) -> tuple[object, ...]:
    return row.owner_agency_id, row.counter, row.reserved_at


def _pads(rows: Sequence[ReservedNumber]) -> dict[tuple[object, ...], str]:
    """Return the code that names each pad: its first one among those that are shown."""
    pads: dict[tuple[object, ...], str] = {}
    for row in rows:
        pads[_pad_key(row)] = min(row.code, pads.get(_pad_key(row), row.code))
    return pads
