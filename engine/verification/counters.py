"""Counting the given numbers again: each once, without a gap, and the counter at the last one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, select

from engine.domain.official_forms import FormKind
from engine.domain.paper_numbers import counter_of
from engine.store import numbering
from engine.store.base import Base
from engine.verification.differences import ROW, Difference
from engine.verification.reference import Reference

KINDS = ("dossier", *sorted({counter_of(kind) for kind in FormKind}))

_MODULES = (numbering,)  # what makes its table known


class Tally:
    """The numbers that the events say were given, by kind, agency and period."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, int, str], Counter[int]] = {}

    def add(self, numbers: Iterable[tuple[str, int, str, int]]) -> None:
        """Take in the numbers of a dossier."""
        for kind, agency, period, number in numbers:
            self._given.setdefault((kind, agency, period), Counter())[number] += 1

    def check(self, connection: Connection, reference: Reference, report: Callable[[Difference], None]) -> None:
        """Report gaps, doubles, and counters that do not stand at the last number."""
        table = Base.metadata.tables["counter"]
        kept = {
            (row["kind"], row["owner_agency_id"], row["period"]): row["value"]
            for row in connection.execute(select(table)).mappings()
            if row["kind"] in KINDS
        }
        for key in sorted(self._given.keys() | kept.keys()):
            self._check_one(key, kept.get(key), reference, report)

    def _check_one(
        self, key: tuple[str, int, str], value: int | None, reference: Reference, report: Callable[[Difference], None]
    ) -> None:
        kind, agency, period = key
        code = reference.agencies.get(agency, {}).get("code", agency)
        name = f"{code} {kind} {period}"
        given = self._given.get(key, Counter())
        last = max(given, default=0)
        if value is None:
            report(Difference("counter", name, ROW, last, None, "numbers were given, their counter is missing"))
        elif value != last:
            report(Difference("counter", name, "value", last, value, "the counter is not at the last number given"))
        missing = sorted(set(range(1, last + 1)) - given.keys())
        doubles = sorted(number for number, times in given.items() if times > 1)
        if missing:
            message = f"no dossier or paper has the numbers {missing[:20]}; it was taken away, or the counter jumped"
            report(Difference("counter", name, "given", "every number once", missing[:20], message))
        if doubles:
            message = f"the numbers {doubles[:20]} were given more than once"
            report(Difference("counter", name, "given", "every number once", doubles[:20], message))
