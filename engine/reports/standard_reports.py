"""The standard reports of an agency and a period, each as the bytes of its files: what a close keeps the hashes of.

The same data, asked at the same instant, give the same bytes; so a closed period can be reproduced and checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.report_periods import NamedPeriod, Standard
from engine.reports import quality
from engine.reports.index_766 import index_766
from engine.reports.indicator_values import Split as IndexSplit
from engine.reports.late_dossiers import late_dossiers
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Per, Period
from engine.reports.render import index_files, on_time_files, table_06_xlsx, table_07_xlsx
from engine.reports.scope import Asked
from engine.reports.table_06 import Split, table_06
from engine.reports.table_07 import table_07
from engine.reports.targets import targets

Made = Iterator[tuple[str, bytes]]


def all_of(ctx: Context, *, agency: str, period: Period) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each standard report, such as ``on-time.agency.json``.

    Args:
        agency: code; each report counts this agency alone.

    Raises:
        AgencyNotFoundError.
    """
    for make in _REPORTS:
        yield from make(ctx, agency, period)


def digests(ctx: Context, *, agency: str, period: Period) -> dict[str, str]:
    """Return the hash of each standard report by its name."""
    return digests_of(all_of(ctx, agency=agency, period=period))


def digests_of(made: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return the hash of each of these files by its name."""
    return {name: sha256(content).hexdigest() for name, content in dict(made).items()}


def summary(ctx: Context, agency: str, period: NamedPeriod) -> Standard:
    """Return what a close keeps of the reports of a period, computed in the context of its frozen data."""
    span = Period(period.from_on, period.to_on)
    found = quality.quality(ctx, by=SYSTEM, asked=Asked(span, agency))
    doubtful = {check.value: count for check, count in found.counts.items() if count}
    return Standard(digests=digests(ctx, agency=agency, period=span), quality=doubtful)


def _on_time(ctx: Context, agency: str, period: Period) -> Made:
    for per in Per:
        report = on_time(ctx, by=SYSTEM, question=Question(period, per, agency=agency))
        yield f"on-time.{per.value}.json", on_time_files.as_json(report).encode()
        yield f"on-time.{per.value}.csv", on_time_files.as_csv(report).encode()
        yield f"on-time.{per.value}.xlsx", on_time_files.as_xlsx(report)


def _tables(ctx: Context, agency: str, period: Period) -> Made:
    for split in Split:
        table = table_06(ctx, by=SYSTEM, period=period, agency=agency, per=split)
        yield f"table-06.{split.value}.json", plain(table.as_json())
        yield f"table-06.{split.value}.xlsx", table_06_xlsx.as_xlsx(table)
    asked = Asked(period, agency)
    causes = table_07(ctx, by=SYSTEM, asked=asked)
    yield "table-07.json", plain(causes.as_json())
    yield "table-07.xlsx", table_07_xlsx.as_xlsx(causes)
    yield "late.json", plain(late_dossiers(ctx, by=SYSTEM, asked=asked).as_json())
    yield "quality.json", plain(quality.quality(ctx, by=SYSTEM, asked=asked).as_json())


def _plans(ctx: Context, agency: str, period: Period) -> Made:
    asked = Asked(period, agency)
    index = index_766(ctx, by=SYSTEM, asked=asked, split=IndexSplit.UNIT)
    yield "index-766.json", plain(index.as_json())
    yield "index-766.xlsx", index_files.index_xlsx(index)
    measured = targets(ctx, by=SYSTEM, asked=asked)
    yield "targets.json", plain(measured.as_json())
    yield "targets.xlsx", index_files.targets_xlsx(measured)


def plain(value: dict[str, Any]) -> bytes:
    """Return a report as the JSON that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_REPORTS: tuple[Callable[[Context, str, Period], Made], ...] = (_on_time, _tables, _plans)
