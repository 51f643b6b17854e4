"""Form II.06 of several agencies added up for the one to which they report: each a part, and the sum (domain.md §6.2).

Every part is a table of its own, over what its agency has closed, or over the data of now where it has not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.domain.statistics import Column
from engine.reports.scope import LEVELS, NO_LEVEL
from engine.reports.table_06 import Numbers, Part, Row, Table06


@dataclass(frozen=True, slots=True)
class Sent:
    """The table of an agency under the name that the report gives to it; codes are unique."""

    agency: str
    name: str
    table: Table06


def added_up(sent: Sequence[Sent]) -> Table06:
    """Return the sum of tables of one period, reported by the first agency; the parts are in the order given."""
    first = sent[0].table
    groups: dict[tuple[str, str | None], Counter[Column]] = {}
    for each in sent:
        for row in each.table.whole.rows:
            groups.setdefault((row.level, row.field), Counter()).update(row.numbers.counts)
    order = (*LEVELS, NO_LEVEL)
    keys = sorted(groups, key=lambda key: (order.index(key[0]), key[1] is not None, key[1] == "", key[1] or ""))
    total: Counter[Column] = Counter()
    found: Counter[str] = Counter()
    for each in sent:
        total.update(each.table.whole.total.counts)
        found.update(each.table.about.quality or {})
    rows = tuple(Row(level, field, Numbers(groups[level, field])) for level, field in keys)
    judged = tuple(agency for each in sent for agency in each.table.about.agencies)
    about = replace(first.about, agency=None, agencies=judged, quality=dict(found))
    parts = tuple(Part(each.agency, each.name, each.table.whole.rows, each.table.whole.total) for each in sent)
    return replace(first, about=about, whole=Part("", first.reporter, rows, Numbers(total)), parts=parts)
