"""Counting again what each history import says that it brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection

from engine.domain.events import EventKind
from engine.verification.differences import ROW, Difference
from engine.verification.life import Life
from engine.verification.rows import all_rows

TABLE = "history_import"

Report = Callable[[Difference], None]


class Imports:
    """What the events say of each import, added up dossier by dossier."""

    def __init__(self) -> None:
        self._new: Counter[int] = Counter()
        self._continued: Counter[int] = Counter()
        self._sources: dict[int, str] = {}

    def add(self, life: Life) -> None:
        """Count a dossier where it was imported, and where it went on."""
        for moment in life.happened:
            if moment.kind == EventKind.IMPORTED:
                number = moment.payload["import"]
                (self._new if moment.seq == 1 else self._continued)[number] += 1
                self._sources[number] = moment.payload["source"]

    def check(self, connection: Connection, report: Report) -> None:
        """Compare with the rows of the imports."""
        rows = {row["id"]: row for row in all_rows(connection, TABLE, report)}
        for number in sorted(self._sources.keys() - rows.keys()):
            report(Difference(TABLE, str(number), ROW, "a row", None, "dossiers say that they came with this import"))
        for number, row in sorted(rows.items()):
            said = row["result"] if isinstance(row["result"], dict) else {}
            found = {"new": said.get("new"), "continued": said.get("continued"), "source": row["source"]}
            wanted = {
                "new": self._new[number], "continued": self._continued[number],
                "source": self._sources.get(number, row["source"]),
            }  # fmt: skip
            for name, expected in wanted.items():
                if expected != found[name]:
                    message = "the dossiers that came with this import say something else"
                    report(Difference(TABLE, str(number), name, expected, found[name], message))
