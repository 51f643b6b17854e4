"""Checking absences: nobody is away twice at once, and no cover is away (peers.md §4, 13)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from engine.store import absences
from engine.verification.differences import Difference, plain
from engine.verification.rows import Row, all_rows

_MODULES = (absences,)  # what makes the table known


def load(connection: Connection, report: Callable[[Difference], None]) -> list[Row]:
    """Read all absences, report those that cannot be, and return them."""
    rows = all_rows(connection, "absence", report)
    for row in rows:
        key = str(row["id"])
        if row["ends_at"] < row["starts_at"]:
            message = "the absence ends before it begins"
            report(Difference("absence", key, "ends_at", plain(row["starts_at"]), plain(row["ends_at"]), message))
        if row["cover_id"] == row["officer_id"]:
            message = "nobody covers themselves"
            report(Difference("absence", key, "cover_id", "another officer", row["cover_id"], message))
    ordered = sorted(rows, key=lambda row: (row["starts_at"], row["id"]))
    for place, row in enumerate(ordered):
        for later in ordered[place + 1 :]:
            if later["starts_at"] >= row["ends_at"]:
                break
            if later["ends_at"] > later["starts_at"]:
                _check_pair(row, later, report)
    return rows


def _check_pair(row: Row, later: Row, report: Callable[[Difference], None]) -> None:
    if row["officer_id"] == later["officer_id"]:
        message = f"the officer is away at the same time by absence {row['id']}"
    elif row["officer_id"] == later["cover_id"] or row["cover_id"] == later["officer_id"]:
        message = f"a cover is away at the same time, see absence {row['id']}"
    else:
        return
    report(Difference("absence", str(later["id"]), "starts_at", None, plain(later["starts_at"]), message))
