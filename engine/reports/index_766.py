"""The index of Decision 766/QĐ-TTg for agencies or units and a period: points, and the dossiers that cost them.

A number that nobody has said is never 0: its points are unknown, and stand beside the total (domain.md §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.index_766 import METRICS, Group, Metric, Points, ScoredMetric, ScoredTerm, added, scored
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import Origin, Value
from engine.reports import quality
from engine.reports.about import About
from engine.reports.indicator_values import Entries, Sources, Split, line_sums, values
from engine.reports.on_time_values import Period, Rate
from engine.reports.scope import Asked, Scope

KEYS = tuple(dict.fromkeys(term.indicator for metric in METRICS for term in metric.terms))
OF_FACTS = frozenset(key for key in KEYS if INDICATORS[key].origin is Origin.FACTS)  #: those that units have, too
OF_DOSSIERS = tuple(metric for metric in METRICS if any(term.indicator in OF_FACTS for term in metric.terms))


@dataclass(frozen=True, slots=True)
class Scores:
    """The index of all that counts (key ""), of an agency (its code) or of a unit (``AGENCY/UNIT``)."""

    key: str
    name: str
    metrics: tuple[ScoredMetric, ...]

    @property
    def total(self) -> Points:
        """All points together."""
        return added(each.points for each in self.metrics)

    def group(self, group: Group) -> Points:
        """Return the points of a group."""
        return added(each.points for each in self.metrics if each.metric.group is group)

    def of_group(self, group: Group) -> tuple[ScoredMetric, ...]:
        """Return the indicators of a group."""
        return tuple(each for each in self.metrics if each.metric.group is group)

    def as_json(self) -> dict[str, Any]:
        """Return key, name, total, and the groups with their indicators."""
        total = self.total
        return {
            "key": self.key,
            "name": self.name,
            **_points(total),
            "rank": None if total.rank is None else total.rank.value,
            "groups": [
                {"group": group.value, **_points(self.group(group)),
                 "metrics": [_metric(each) for each in self.of_group(group)]}
                for group in Group
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Index766:
    """The index of a period, and of each agency or unit when that was asked; ``choices``: agencies to ask for."""

    about: About
    split: Split | None
    total: Scores
    rows: tuple[Scores, ...]
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> Period:
        """The period that is scored."""
        return self.about.period

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "index-766",
            "by": None if self.split is None else self.split.value,
            "total": self.total.as_json(),
            "rows": [row.as_json() for row in self.rows],
            "about": self.about.as_json(),
        }


def index_766(ctx: Context, *, by: Actor, asked: Asked, split: Split | None = None) -> Index766:
    """Score a period.

    Args:
        split: also each agency, or each unit by what its dossiers tell; None: all that counts together alone.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        sources = Sources(scope, asked.period, Entries(scope, asked.period))
        together = line_sums(scope, asked.period, None).get(None)
        total = _scores("", "", values(sources, together, keys=KEYS))
        return Index766(quality.about(scope), split, total, _rows(sources, split), scope.choices)


def _rows(sources: Sources, split: Split | None) -> tuple[Scores, ...]:
    if split is None:
        return ()
    scope = sources.scope
    sums = line_sums(scope, sources.period, split)
    if split is Split.UNIT:
        known = {line: scope.units.get(line, ("", "")) for line in sums}
        found = [
            _scores(*known[line], values(sources, each, keys=OF_FACTS), OF_DOSSIERS) for line, each in sums.items()
        ]
    else:
        agencies = scope.localities.agencies
        found = [
            _scores(
                agencies[key].code,
                agencies[key].name,
                values(sources, sums.get(key), agencies=(key,), keys=KEYS),
            )
            for key in sorted(scope.counted & (sources.active | sums.keys()))
        ]
    return tuple(sorted(found, key=lambda row: row.key))


def _scores(key: str, name: str, known: Mapping[str, Value], metrics: Sequence[Metric] = METRICS) -> Scores:
    return Scores(key, name, tuple(scored(metric, known) for metric in metrics))


def _metric(each: ScoredMetric) -> dict[str, Any]:
    metric = each.metric
    return {
        "code": metric.code,
        "name": metric.vi,
        "name_en": metric.en,
        "formula": metric.formula,
        **_points(each.points),
        "terms": [_term(term) for term in each.terms],
    }


def _term(each: ScoredTerm) -> dict[str, Any]:
    value, indicator = each.value, INDICATORS[each.term.indicator]
    return {
        "indicator": indicator.key,
        "name": indicator.vi,
        "name_en": indicator.en,
        "origin": indicator.origin.value,
        "state": value.state.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "percent": percent(value),
        "points": number(each.points),
        "max": number(each.term.most),
        "by_rule": each.by_rule,
        "missing": value.missing,
        "figures_of": [[first.isoformat(), last.isoformat()] for first, last in value.spans],
    }


def _points(points: Points) -> dict[str, Any]:
    return {
        "points": number(points.points),
        "max": number(points.most),
        "unknown": number(points.unknown),
        "not_applicable": number(points.not_applicable),
    }


def percent(value: Value) -> float | None:
    """Return a share in percent with 2 decimals, half up; None unless it is computed."""
    if value.numerator is None or not value.denominator:
        return None
    found = Rate(value.numerator, value.denominator).percent
    return None if found is None else float(found)


def number(points: Fraction | None) -> float | None:
    """Return points with 4 decimals, half up: what is printed of an exact fraction."""
    if points is None:
        return None
    return float(Fraction(int(points * 10**4 + Fraction(1, 2)), 10**4))
