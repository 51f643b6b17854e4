"""The fee lists of agencies, and what they say of a receipt: looked up day by day, apart from the services."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.store import administration
from engine.store.base import Base

_MODULES = (administration,)  # what makes the table known


def load(connection: Connection) -> dict[int, list[dict[str, Any]]]:
    """Return the fees of each procedure that has some."""
    table = Base.metadata.tables["fee"]
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(select(table).order_by(table.c.id)).mappings():
        found[row["procedure_id"]].append(dict(row))
    return dict(found)


def listed_fee(rows: list[dict[str, Any]], on: date, channel: str, case: str | None) -> int | None:
    """Return the fee that a list says for a day, None when it says nothing and the procedure's own fee holds.

    A row for the case counts before one for the channel, and that before one for all.
    """
    for wanted_case, wanted_channel in ((case, channel), (case, None), (None, channel), (None, None)):
        alike = [row for row in rows if (row["case_name"], row["channel"]) == (wanted_case, wanted_channel)]
        holding = [row for row in alike if row["valid_from"] <= on]
        last = max(holding, key=lambda row: row["valid_from"], default=None)
        if last is not None and (last["valid_to"] is None or on < last["valid_to"]):
            return int(last["amount_vnd"])
    return None
