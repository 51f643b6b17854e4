"""The standard reports of an agency and a period, each as the bytes of its files: what a close keeps the hashes of.

The same data, asked at the same instant, give the same bytes; so a closed period can be reproduced and checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.report_periods import NamedPeriod, Standard
from engine.reports import quality, time_used
from engine.reports.index_766 import index_766
from engine.reports.late_dossiers import late_dossiers
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Per, Period
from engine.reports.render import (
    index_files,
    late_files,
    on_time_files,
    quality_files,
    table_06_xlsx,
    table_07_xlsx,
    table_files,
    time_files,
)
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
        name = f"table-06.{split.value}"
        yield f"{name}.json", table_files.as_json(table).encode()
        yield f"{name}.csv", table_files.table_06_csv(table).encode()
        yield f"{name}.xlsx", table_06_xlsx.as_xlsx(table)
    causes = table_07(ctx, by=SYSTEM, asked=Asked(period, agency))
    yield "table-07.json", table_files.as_json(causes).encode()
    yield "table-07.csv", table_files.table_07_csv(causes).encode()
    yield "table-07.xlsx", table_07_xlsx.as_xlsx(causes)


def _lists(ctx: Context, agency: str, period: Period) -> Made:
    asked = Asked(period, agency)
    late = late_dossiers(ctx, by=SYSTEM, asked=asked)
    yield "late.json", late_files.as_json(late).encode()
    yield "late.csv", late_files.as_csv(late).encode()
    yield "late.xlsx", late_files.as_xlsx(late)
    gate = quality.quality(ctx, by=SYSTEM, asked=asked)
    yield "quality.json", quality_files.as_json(gate).encode()
    yield "quality.csv", quality_files.as_csv(gate).encode()
    yield "quality.xlsx", quality_files.as_xlsx(gate)


def _plans(ctx: Context, agency: str, period: Period) -> Made:
    asked = Asked(period, agency)
    index = index_766(ctx, by=SYSTEM, asked=asked)
    yield "index-766.json", index_files.as_json(index).encode()
    yield "index-766.csv", index_files.index_csv(index).encode()
    yield "index-766.xlsx", index_files.index_xlsx(index)
    plan = targets(ctx, by=SYSTEM, asked=asked)
    yield "targets.json", index_files.as_json(plan).encode()
    yield "targets.csv", index_files.targets_csv(plan).encode()
    yield "targets.xlsx", index_files.targets_xlsx(plan)


def _time(ctx: Context, agency: str, period: Period) -> Made:
    for per in time_used.PERS:
        used = time_used.time_used(ctx, by=SYSTEM, period=period, per=per, agency=agency)
        content = json.dumps(used.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield f"time.{per.value}.json", content.encode()
        yield f"time.{per.value}.csv", time_files.as_csv(used).encode()
        yield f"time.{per.value}.xlsx", time_files.as_xlsx(used)


_REPORTS: tuple[Callable[[Context, str, Period], Made], ...] = (_on_time, _tables, _lists, _plans, _time)
