"""Targets of plans beside their live values: gap, months, where they will stand, and what still saves them (§9.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import UNKNOWN, Indicator, Origin, Shape, State, Value
from engine.domain.plan_facts import Comparison
from engine.domain.target_forecasts import Forecast, Method, Standing, forecast
from engine.reports import fact_rows, indicator_shares, quality
from engine.reports.about import About
from engine.reports.index_766 import number, percent
from engine.reports.indicator_shares import Sums
from engine.reports.indicator_values import PUBLISHED, TIME_CUT, Entries, Sources, time_cut, values
from engine.reports.on_time_values import Period
from engine.reports.scope import Asked, Scope
from engine.store.indicators import PlanTarget

MOST_MONTHS = 24  #: of a trend, the latest ones
METHOD = (
    "what is finished so far stays; open dossiers that are in time and due by the end of the target's time are kept, "
    "those that are late are late; dossiers whose clock stands and those that have not come yet are not guessed"
)  #: how a forecast is made
_STANDINGS: Mapping[str, tuple[Method, bool]] = {
    "on_time_finished": (Method.FINISHES, True),
    "on_time_received": (Method.TURNS, True),
    "online_payment": (Method.TURNS, False),
    "electronic_results": (Method.FINISHES, False),
    "open_late": (Method.CLEARS, False),
}  #: method, and whether savable dossiers are met when nothing goes wrong
_Key = tuple[Period, AgencyId]


class Verdict(StrEnum):
    """How a target stands."""

    MET = "met"
    BEHIND = "behind"  #: not met, and there is time
    MISSED = "missed"  #: not met, and its time is over
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target with its live value."""

    target: PlanTarget
    agency: str
    agency_name: str
    value: Value
    verdict: Verdict
    gap: Fraction | None
    trend: tuple[tuple[date, Value], ...]
    forecast: Forecast | None

    @property
    def indicator(self) -> Indicator:
        """What is measured."""
        return INDICATORS[self.target.indicator]

    @property
    def measured(self) -> Fraction | None:
        """The live value in the unit of the target: percent for a share."""
        return measured(self.indicator, self.value)

    def as_json(self) -> dict[str, Any]:
        """Return the target, the live value, the months and the forecast."""
        row, value = self.target, self.value
        return {
            "id": row.id, "agency": self.agency, "indicator": row.indicator, "name": self.indicator.vi,
            "name_en": self.indicator.en, "origin": self.indicator.origin.value, "comparison": row.comparison,
            "figure": row.figure, "from": row.from_on.isoformat(), "to": row.to_on.isoformat(),
            "base_year": row.base_year, "document": row.document, "note": row.note, "state": value.state.value,
            "numerator": value.numerator, "denominator": value.denominator, "missing": value.missing,
            "measured": number(self.measured), "verdict": self.verdict.value, "gap": number(self.gap),
            "trend": [
                {"month": f"{month:%Y-%m}", "numerator": each.numerator, "denominator": each.denominator,
                 "measured": number(measured(self.indicator, each))}
                for month, each in self.trend
            ],
            "forecast": None if self.forecast is None else _forecast(self.forecast),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets that touch a period, each over its own time; ``choices``: agencies to ask for."""

    about: About
    lines: tuple[TargetLine, ...]
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> Period:
        """The period that was asked for."""
        return self.about.period

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "targets",
            "rows": [line.as_json() for line in self.lines],
            "method": METHOD,
            "about": self.about.as_json(),
        }


def targets(ctx: Context, *, by: Actor, asked: Asked) -> Targets:
    """Measure the targets that touch the period that is asked for, each over its own time until now.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        rows = uow.indicators.targets(scope.counted, from_on=asked.period.from_on, to_on=asked.period.to_on)
        return Targets(quality.about(scope), _lines(scope, rows) if rows else (), scope.choices)


def measured(indicator: Indicator, value: Value) -> Fraction | None:
    """Return a value in the unit of its targets: percent for a share; None unless it is computed."""
    if value.ratio is None:
        return None
    return 100 * value.ratio if indicator.shape is Shape.SHARE else value.ratio


def _lines(scope: Scope, rows: Sequence[PlanTarget]) -> tuple[TargetLine, ...]:
    today = min(window.today for window in scope.shared_windows)
    spans = list(dict.fromkeys(Period(row.from_on, row.to_on) for row in rows))
    months = {span: _months(span, today) for span in spans}
    periods = list(dict.fromkeys([*spans, *(month for each in months.values() for month in each)]))
    sums = _sums(scope, periods)
    hull = Period(min(span.from_on for span in spans), max(span.to_on for span in spans))
    entries = Entries(scope, hull)
    sources = {period: Sources(scope, period, entries) for period in periods}
    return tuple(_line(row, sources, sums, months[Period(row.from_on, row.to_on)], today) for row in rows)


def _sums(scope: Scope, periods: Sequence[Period]) -> dict[_Key, Sums]:
    group = fact_rows.AGENCY[scope.asked.dimension]
    found = indicator_shares.add_up(scope, periods, group=group)
    return {(periods[no], agency): sums for (no, agency), sums in found.items()}


def _line(
    row: PlanTarget, sources: Mapping[Period, Sources], sums: Mapping[_Key, Sums], months: Sequence[Period], today: date
) -> TargetLine:
    span = Period(row.from_on, row.to_on)
    scope = sources[span].scope
    value = _value(row, sources[span], sums)
    comparison, figure = Comparison(row.comparison), Fraction(row.figure)
    found = measured(INDICATORS[row.indicator], value)
    agency = scope.localities.agencies[row.owner_agency_id]
    own = sums.get((span, row.owner_agency_id))
    return TargetLine(
        target=row,
        agency=agency.code,
        agency_name=agency.name,
        value=value,
        verdict=_verdict(value, found, comparison, figure, is_over=row.to_on < today),
        gap=None if found is None else found - figure,
        trend=_trend(row, sources, sums, months),
        forecast=None if row.to_on < today or own is None else _foreseen(row, own, comparison, figure),
    )


def _value(row: PlanTarget, sources: Sources, sums: Mapping[_Key, Sums]) -> Value:
    if row.indicator == TIME_CUT:
        if row.base_year is None:
            return UNKNOWN
        return time_cut(sources.scope, sources.period, row.base_year, [row.owner_agency_id])
    own = sums.get((sources.period, row.owner_agency_id))
    return values(sources, own, agencies=[row.owner_agency_id], keys=[row.indicator])[row.indicator]


def _trend(
    row: PlanTarget, sources: Mapping[Period, Sources], sums: Mapping[_Key, Sums], months: Sequence[Period]
) -> tuple[tuple[date, Value], ...]:
    undated = INDICATORS[row.indicator].origin is Origin.REGISTER and row.indicator not in PUBLISHED
    if undated or row.indicator == TIME_CUT:
        return ()  # the register is as it is now; a month of a year's cut is not what the target asks
    return tuple((month.from_on, _value(row, sources[month], sums)) for month in months)


def _verdict(
    value: Value, found: Fraction | None, comparison: Comparison, figure: Fraction, *, is_over: bool
) -> Verdict:
    if found is None:
        return Verdict.NO_DATA if value.state is State.NO_DATA else Verdict.NOT_APPLICABLE
    if comparison.holds(found, figure):
        return Verdict.MET
    return Verdict.MISSED if is_over else Verdict.BEHIND


def _foreseen(row: PlanTarget, own: Sums, comparison: Comparison, figure: Fraction) -> Forecast | None:
    how = _STANDINGS.get(row.indicator)
    if how is None or comparison.rises is (how[0] is Method.CLEARS):
        return None
    numerator, denominator = own.shares[row.indicator]
    lost = own.shares["open_late"][0] if row.indicator == "on_time_finished" else 0
    now = Standing(numerator, denominator, own.savable[row.indicator], lost, *how)
    return forecast(now, comparison, figure)


def _months(span: Period, today: date) -> list[Period]:
    """Return the months of a period that have begun, cut to it, the latest ``MOST_MONTHS``."""
    found, from_on = [], span.from_on
    while from_on <= min(span.to_on, today):
        next_on = date(from_on.year + from_on.month // 12, from_on.month % 12 + 1, 1)
        found.append(Period(from_on, min(span.to_on, next_on - timedelta(days=1))))
        from_on = next_on
    return found[-MOST_MONTHS:]


def _forecast(found: Forecast) -> dict[str, Any]:
    return {
        "numerator": found.value.numerator,
        "denominator": found.value.denominator,
        "percent": percent(found.value),
        "best_percent": percent(found.best),
        "savable": found.savable,
        "needed": found.needed,
        "may_fail": found.may_fail,
        "further": found.further,
    }
