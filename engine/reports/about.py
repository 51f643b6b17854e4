"""What has to stand under numbers so that they can be understood and repeated: printed with every report (issue 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, literal, select

from engine.context import Context
from engine.domain.deadlines import LateRule
from engine.domain.ids import AgencyId
from engine.domain.statistics import DEFINITIONS
from engine.reports import fact_rows
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Period
from engine.store.facts import DossierFact
from engine.store.unit_of_work import UnitOfWork

MOST_JUDGED = 50_000  #: dossiers of a report up to which it says how many are judged by either rule of lateness


@dataclass(frozen=True, slots=True)
class About:
    """The period, whose dossiers are counted, when, by which rules and which calendars.

    Args:
        agency: code of the only agency that is counted; None: all that the actor may count.
        generated_at: local, with offset.
        agencies: code, name, late rule in force, ``late_rules``, calendar version of each resolving agency.
        quality: findings of the data-quality gate by check; None: it was not asked.
    """

    period: Period
    dimension: Dimension
    agency: str | None
    generated_at: str
    agencies: tuple[dict[str, Any], ...]
    quality: Mapping[str, int] | None = field(default=None)

    @property
    def late_rules(self) -> dict[str, int | None]:
        """How many dossiers are judged by either rule, whichever is in force now; None: too many to look at each."""
        return {rule.value: _added([agency["late_rules"][rule.value] for agency in self.agencies]) for rule in LateRule}

    def as_json(self) -> dict[str, Any]:
        """Return what every report has under ``about``, the definitions among it."""
        return {
            "from": self.period.from_on.isoformat(),
            "to": self.period.to_on.isoformat(),
            "dimension": self.dimension.value,
            "agency": self.agency,
            "generated_at": self.generated_at,
            "late_rules": self.late_rules,
            "agencies": list(self.agencies),
            "quality": None if self.quality is None else dict(self.quality),
            "definitions": DEFINITIONS,
        }


def about(
    ctx: Context,
    uow: UnitOfWork,
    *,
    counted: Collection[AgencyId],
    period: Period,
    dimension: Dimension = Dimension.RESOLVING,
    agency: str | None = None,
    localities: Localities | None = None,
    quality: Mapping[str, int] | None = None,
) -> About:
    """Return what stands under a report of these agencies (``countable``) and this period.

    Args:
        counted: ids of the agencies whose dossiers are counted, by ``dimension``.
        agency: code, when only one was asked for.
        localities: when the caller has read them already.
    """
    localities = localities or Localities.read(uow)
    rules = _judged(uow, counted, dimension, period)
    if rules is None:
        resolving = sorted(counted if dimension is Dimension.RESOLVING else localities.agencies)
        known = tuple(_agency(localities, each, None) for each in resolving)
    else:
        known = tuple(_agency(localities, each, rules[each]) for each in sorted(rules))
    generated_at = localities.text(min(counted), ctx.clock.now()) or ""
    return About(period, dimension, agency, generated_at, known, quality)


def _judged(
    uow: UnitOfWork, counted: Collection[AgencyId], dimension: Dimension, period: Period
) -> dict[AgencyId, Counter[LateRule | None]] | None:
    """Return by resolving agency how many dossiers each rule judges; None when there are too many to look at."""
    rule = case(
        (DossierFact.late_after.is_(None), None),  # the clock stands: it will run by the rule in force then
        (DossierFact.late_after == DossierFact.due_at, literal(LateRule.INSTANT.value)),
        else_=literal(LateRule.DAY.value),
    ).label("rule")
    query = select(DossierFact.resolving_agency_id.label("agency"), rule)
    some = fact_rows.chosen(query, agencies=counted, dimension=dimension, period=period)
    few = some.limit(MOST_JUDGED + 1).subquery()
    found: dict[AgencyId, Counter[LateRule | None]] = {}
    for agency, by, count in uow.session.execute(
        select(few.c.agency, few.c.rule, func.count()).group_by(few.c.agency, few.c.rule)
    ):
        found.setdefault(agency, Counter())[None if by is None else LateRule(by)] += count
    return found if sum(each.total() for each in found.values()) <= MOST_JUDGED else None


def _agency(localities: Localities, agency: AgencyId, rules: Counter[LateRule | None] | None) -> dict[str, Any]:
    row = localities.agencies[agency]
    return {
        "code": row.code,
        "name": row.name,
        "late_rule": row.late_rule,
        "late_rules": {rule.value: None if rules is None else rules[rule] for rule in LateRule},
        "calendar": localities.version(agency),
    }


def _added(counts: list[int | None]) -> int | None:
    return None if None in counts else sum(count for count in counts if count is not None)
