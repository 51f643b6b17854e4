"""The statistics page: the on-time report of a period, the same of the period before, and its last twelve months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.context import Context
from engine.domain.actors import Actor
from engine.reports import on_time, tally
from engine.reports.countable import countable
from engine.reports.localities import YEARS, Localities
from engine.reports.on_time import Question
from engine.reports.on_time_values import Line, Per, Period, Report
from engine.reports.tally import Asked

MONTHS = 12  #: of the trend, that in which the period ends the last
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the trend; the present one until now."""

    period: Period
    line: Line


@dataclass(frozen=True, slots=True)
class Overview:
    """What a chairman reads on one page.

    Args:
        before: the period before, as long as that of the report: of as many months, or of as many days. None where
            no calendar knows its years.
        agencies: code and name of those that the actor may choose from, by code.
    """

    report: Report
    before: Month | None
    months: Sequence[Month]
    agencies: Sequence[tuple[str, str]]


def overview(ctx: Context, *, by: Actor, question: Question) -> Overview:
    """Count the dossiers of the question as ``on_time`` does, and those of the months that lead there.

    Raises:
        as ``on_time``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        mine = countable(uow, by)
        localities = Localities.read(uow)
        counted = mine if question.agency is None else countable(uow, by, question.agency)
        report = on_time.counted_in(ctx, uow, question, counted, localities, with_quality=False)
        now = ctx.clock.now()
        today = localities.calendar(min(counted)).local_date(now)
        before, months = period_before(question.period), months_until(min(question.period.to_on, today))
        asked = Asked([*months, *filter(None, [before])], Per.MONTH, question.dimension, counted)
        told = tally.tally(uow, asked, localities, now)
        known = [Month(each, Line("", "", told.get((no, ""), Counter()))) for no, each in enumerate(asked.periods)]
        agencies = sorted((localities.agencies[each].code, localities.agencies[each].name) for each in mine)
    return Overview(report, None if before is None else known[-1], known[: len(months)], agencies)


def months_until(on: date) -> list[Period]:
    """Return the calendar months, twelve at most, of which the last has this date, the oldest first."""
    last = on.year * 12 + on.month - 1
    first = max(last - MONTHS + 1, YEARS[0] * 12)
    return [Period(_first(no), _first(no + 1) - _DAY) for no in range(first, last + 1)]


def period_before(period: Period) -> Period | None:
    """Return the period just before, of as many whole months, or of as many days when it has no whole months."""
    next_on = period.to_on + _DAY
    months = (next_on.year - period.from_on.year) * 12 + next_on.month - period.from_on.month
    from_on = period.from_on - (next_on - period.from_on)
    if next_on.day == period.from_on.day and months > 0 and next_on.day <= 28:
        no = period.from_on.year * 12 + period.from_on.month - 1 - months
        from_on = _first(no).replace(day=period.from_on.day)
    return Period(from_on, period.from_on - _DAY) if from_on.year >= YEARS[0] else None


def _first(month: int) -> date:
    """Return the first day of a month, counted from January of the year 0."""
    return date(month // 12, month % 12 + 1, 1)
