"""The code of a dossier: the next of its day, or that of a slip that was filled in by hand while there was no power."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain.events import EventKind
from engine.domain.numbering import code_period, dossier_code, parts_of
from engine.domain.text import fold
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services.case import Case, iso
from engine.store.receipt_issues import ReservedNumber


class ReservedNumberNotFoundError(NotFoundError):
    """No pad has a slip with this number."""

    code = "reserved-number-not-found"


class ReservedNumberUsedError(ConflictError):
    """The slip was entered before; the details say as which dossier, by whom and when."""

    code = "reserved-number-used"


class ReservedNumberVoidError(ConflictError):
    """The slip was voided; the details say by whom and why."""

    code = "reserved-number-void"


class ReservedElsewhereError(InvalidInputError):
    """The slip's number belongs to another agency than the one that resolves the dossier."""

    code = "reserved-for-other-agency"


class SlipTimeError(InvalidInputError):
    """A slip is entered with the time at which it was filled in, after it was reserved."""

    code = "slip-time"


def give(case: Case, *, at: datetime, slip: str | None) -> dict[str, Any]:
    """Set the code of a dossier that is received now; return what the event of its receipt says of it.

    The number is taken last, because its counter is hot; that of a slip was taken when the pad was reserved.

    Args:
        at: instant of the receipt.
        slip: code on the slip that was handed out; None: the next number of the day of receipt.

    Raises:
        ReservedNumberNotFoundError, ReservedNumberUsedError, ReservedNumberVoidError: the slip cannot be entered.
        ReservedElsewhereError, SlipTimeError: it does not fit the dossier.
    """
    dossier = case.dossier
    if slip is not None:
        return _from_slip(case, slip.strip(), at)
    received_on = case.calendar.local_date(at)
    resolving = case.uow.agencies.get(dossier.resolving_agency_id)
    number = case.uow.numbers.take(resolving.id, "dossier", code_period(received_on))
    _name(case, dossier_code(resolving.code, received_on, number))
    return {"code": dossier.code, "number": number}


def _from_slip(case: Case, code: str, at: datetime) -> dict[str, Any]:
    row = case.uow.receipt_issues.reserved(code, lock=True)
    if row is None:
        raise ReservedNumberNotFoundError(f"no pad has a slip with the number {code!r}", field="slip")
    if row.owner_agency_id != case.dossier.resolving_agency_id:
        message = f"{code} is a number of another agency than the one that resolves this procedure"
        raise ReservedElsewhereError(message, field="slip")  # who used it is not told to strangers
    _check_free(case, row)
    if at < row.reserved_at or at >= case.now:
        message = "name the time at which the slip was filled in: after the pad was reserved, and before now"
        raise SlipTimeError(message, field="received_at", reserved_at=case.calendar.local(row.reserved_at).isoformat())
    row.dossier_id, row.used_at = case.dossier.id, case.now
    case.dossier.received_late = True
    _name(case, row.code)
    said = {"counter": row.counter, "reserved_at": iso(row.reserved_at), "reserved_by": row.reserved_by}
    return {"code": row.code, "number": parts_of(row.code).number, "slip": said}


def _check_free(case: Case, row: ReservedNumber) -> None:
    if row.dossier_id is not None:
        receipt = case.uow.events.of_kind(row.dossier_id, EventKind.RECEIVED)[0]
        who = case.uow.people.get(receipt.actor_id).name if receipt.actor_id else None
        at = case.calendar.local(receipt.at).isoformat()
        raise ReservedNumberUsedError(
            f"the slip {row.code} was entered before, by {who} at {at}", field="slip", dossier=row.code, by=who, at=at
        )
    if row.voided_at is not None:
        who = case.uow.people.get(row.voided_by).name if row.voided_by else None
        raise ReservedNumberVoidError(
            f"the slip {row.code} was voided by {who}: {row.void_reason}", field="slip", by=who, reason=row.void_reason
        )


def _name(case: Case, code: str) -> None:
    case.dossier.code = code
    case.dossier.search = f"{fold(code)} {case.dossier.search}"
