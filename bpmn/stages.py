"""The limit of a procedure and its shares: stages, total, fee, the finishing step and the phases."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from bpmn.amounts import MAX_DAYS, Unreadable, format_days, read_days, read_fee
from bpmn.findings import Finding, error, warning
from bpmn.phases import Phase, assign_phases
from bpmn.rows import Row, warn_comma

FEE_KEY = "THU_PHI"
FEE_NAME = "thu phí"
NOT_STATED = Decimal(-1)  # how real tables write that they state no total


@dataclass(frozen=True, slots=True)
class Stage:
    """A unit's consecutive steps under one label and their share of the limit in working days."""

    no: int
    unit: str
    label: str
    days: Decimal

    @property
    def limit(self) -> str:
        """Return the share as an amount, e.g. `11.5 working_day`."""
        return format_days(self.days)


def read_stages(code: str, rows: Sequence[Row], findings: list[Finding]) -> tuple[list[Stage], list[int]]:
    """Return the stages and, for each row, the number of its stage (from 1).

    A stage is a run of steps of one unit under one label; the label separates two shares of the same unit that
    follow each other. The share is repeated on each step of the stage.
    """
    stages: list[Stage] = []
    numbers: list[int] = []
    for (unit, label), run in groupby(rows, key=lambda row: (row.unit, row.unit_label)):
        steps = list(run)
        no = len(stages) + 1
        where = f"{code}, stage {no}"
        stages.append(Stage(no, unit, label, _share([step.stage_limit for step in steps], where, findings)))
        numbers.extend([no] * len(steps))
    return stages, numbers


def _share(raws: Sequence[object], where: str, findings: list[Finding]) -> Decimal:
    readings = [read_days(raw) for raw in raws]
    days = {reading for reading in readings if isinstance(reading, Decimal)}
    if any(isinstance(reading, Unreadable) for reading in readings):
        findings.append(warning("stage-unreadable", where, "`stage_limit_days` is no number of days; it is ignored."))
    if any(day < 0 for day in days):
        findings.append(warning("stage-negative", where, "`stage_limit_days` is negative; it counts as 0."))
    for raw in dict.fromkeys(raw for raw in raws if isinstance(raw, str)):
        warn_comma(raw, "stage_limit_days", where, findings)
    usable = {day for day in days if day >= 0}
    if len(usable) > 1:
        message = f"The steps of one stage give different shares; the largest, {format_days(max(usable))}, counts."
        findings.append(warning("stage-conflict", where, message))
    return max(usable, default=Decimal(0))


def read_limit(code: str, raw: object, stages: Sequence[Stage], findings: list[Finding]) -> str | None:
    """Return the limit of the whole procedure, or None with an error when none can be promised.

    Missing, 0 or -1: the sum of the stages. Different from the sum: the total stays (issue 2, point 2). Another
    negative or an absurd total is a slip of the pen that nobody may guess the meaning of.
    """
    total = _total(code, raw, findings)
    summed = sum((stage.days for stage in stages), Decimal(0))
    if isinstance(total, Decimal) and total < 0:
        message = f"`total_days` is {total}, no limit; write the number of days, or leave it empty for the sum."
        findings.append(error("total-negative", code, message))
        return None
    if total is Unreadable.TOO_LARGE or (not total and summed > MAX_DAYS):
        message = f"The time limit is beyond {MAX_DAYS} days; correct `total_days` or the shares of the stages."
        findings.append(error("total-too-large", code, message))
        return None
    if not isinstance(total, Decimal) or total == 0:
        return _sum_instead(code, summed, findings)
    if total != summed:
        message = f"The total is {format_days(total)}, the stages add up to {format_days(summed)}; the total counts."
        findings.append(warning("total-differs", code, message))
    return format_days(total)


def _total(code: str, raw: object, findings: list[Finding]) -> Decimal | Unreadable | None:
    total = read_days(raw)
    if total is Unreadable.VALUE:
        findings.append(warning("total-unreadable", code, "`total_days` is no number of days; it counts as missing."))
        return None
    warn_comma(raw, "total_days", code, findings)
    return None if total == NOT_STATED else total


def _sum_instead(code: str, summed: Decimal, findings: list[Finding]) -> str | None:
    if summed <= 0:
        message = "Neither the total nor the stages give a time limit; the procedure cannot be published."
        findings.append(error("limit-missing", code, message))
        return None
    message = f"The total is missing, 0 or -1; the sum of the stages, {format_days(summed)}, counts."
    findings.append(warning("total-missing", code, message))
    return format_days(summed)


def read_fee_of(code: str, raw: object, findings: list[Finding]) -> int | None:
    """Return the fee in đồng; None when the table does not know it, with a warning when it cannot be read."""
    fee = read_fee(raw)
    if isinstance(fee, Unreadable):
        findings.append(warning("fee-unreadable", code, "`fee` is no amount in đồng; the fee counts as unknown."))
        return None
    return fee


def mark_steps(code: str, rows: Sequence[Row], findings: list[Finding]) -> tuple[int, tuple[Phase, ...]]:
    """Return the index of the step that ends processing, and each step's phase."""
    finishing = _finishing(code, rows, findings)
    _check_pauses(code, rows, finishing, findings)
    return finishing, assign_phases([row.unit for row in rows], finishing)


def _finishing(code: str, rows: Sequence[Row], findings: list[Finding]) -> int:
    marked = [at for at, row in enumerate(rows) if row.ends_processing]
    if len(marked) > 1:
        message = f"{len(marked)} steps end processing; the last, {rows[marked[-1]].key}, counts."
        findings.append(warning("ends-many", code, message))
    if marked:
        return marked[-1]
    at = max(len(rows) - 2, 0)
    while at > 0 and _is_fee(rows[at]):
        at -= 1
    message = f"No step ends processing; the last one before fee and return, {rows[at].key}, counts."
    findings.append(warning("ends-missing", code, message))
    return at


def _is_fee(row: Row) -> bool:
    key = row.key.rpartition("::")[2].upper()
    return key == FEE_KEY or unicodedata.normalize("NFC", row.name).casefold() == FEE_NAME


def _check_pauses(code: str, rows: Sequence[Row], finishing: int, findings: list[Finding]) -> None:
    paused_by: str | None = None
    for at, row in enumerate(rows):
        if row.resumes_clock:
            if paused_by is None:
                message = "This step resumes a clock that no step before it pauses."
                findings.append(warning("resume-without-pause", f"{code}, step {row.key}", message))
            paused_by = None
        if row.pauses_clock and at >= finishing:
            message = "This step pauses a clock that has ended with processing; the clock is not paused."
            findings.append(warning("ends-pauses", f"{code}, step {row.key}", message))
        elif row.pauses_clock:
            paused_by = row.key
    if paused_by is not None:
        message = "This step pauses the clock and none after it resumes it."
        findings.append(warning("pause-without-resume", f"{code}, step {paused_by}", message))
