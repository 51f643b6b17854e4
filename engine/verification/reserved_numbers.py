"""Numbers set aside for a power cut: each used once, or void with a reason, or still on its pad."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from engine.domain.numbering import parts_of
from engine.store import receipt_issues
from engine.verification.counters import Tally
from engine.verification.differences import Difference
from engine.verification.rows import Row, all_rows

TABLE = "reserved_number"

_MODULES = (receipt_issues,)  # what makes its table known


def check(connection: Connection, entered: dict[str, str], tally: Tally, report: Callable[[Difference], None]) -> None:
    """Compare the pads with the dossiers that came from them, and count what no dossier has as given.

    Args:
        entered: id of the dossier by the code of the slip, as the events of the receipts say.
    """
    rows = {row["code"]: row for row in all_rows(connection, TABLE, report)}
    for code in sorted(entered.keys() - rows.keys()):
        message = "the dossier says that its number was on a pad; no pad has it"
        report(Difference(TABLE, code, "*", "a row", None, message, entered[code]))
    for code, row in sorted(rows.items()):
        _check_one(code, row, entered.get(code), report)
        if row["dossier_id"] is None:
            _count(code, row, tally, report)


def _check_one(code: str, row: Row, dossier: str | None, report: Callable[[Difference], None]) -> None:
    found = None if row["dossier_id"] is None else str(row["dossier_id"])
    if found != dossier:
        report(Difference(TABLE, code, "dossier_id", dossier, found, "no receipt says that it used this slip", dossier))
    if (row["used_at"] is None) is not (found is None):
        report(Difference(TABLE, code, "used_at", found is not None, row["used_at"] is not None, "used or not", found))
    if row["voided_at"] is not None:
        if found is not None:
            report(
                Difference(TABLE, code, "voided_at", None, "an instant", "a number that was used is not void", found)
            )
        if not str(row["void_reason"] or "").strip():
            report(Difference(TABLE, code, "void_reason", "a reason", None, "a void number has its reason"))


def _count(code: str, row: Row, tally: Tally, report: Callable[[Difference], None]) -> None:
    try:
        parts = parts_of(code)
    except ValueError:
        report(Difference(TABLE, code, "code", "a dossier code", code, "the number is no dossier code"))
        return
    tally.add([("dossier", row["owner_agency_id"], parts.period, parts.number)])
