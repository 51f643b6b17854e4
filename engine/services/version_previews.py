"""What a version move would do, seen before it is ordered: a verdict for each open dossier, and what to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bpmn import model as models
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.ids import DossierId, VersionId
from engine.domain.version_moves import Dates, suggested
from engine.services import calendars, version_places
from engine.services.case import Case, case_of
from engine.services.version_plans import JUDGED_BY, LEFT, Plan, Wish, asked_for, judge, procedure_of
from engine.services.version_verdicts import MOST_TOLD
from engine.store.dossiers import Dossier
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork
from engine.store.version_moves import Verdict

AT_ONCE = 200  # dossiers named by one query

Judged = tuple[Dossier, Plan]


def versions(ctx: Context, *, by: Actor, code: str, agency: str | None = None) -> dict[str, Any]:
    """Return the versions of a procedure with the number of open dossiers on each, newest first.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = procedure_of(uow, by=by, code=code, agency=agency)
        on_each = uow.version_moves.open_by_version(procedure.id)
        current = uow.procedures.in_force(procedure, ctx.clock.now())
        return {
            "procedure": procedure.code,
            "name": procedure.name,
            "agency": uow.agencies.get(procedure.owner_agency_id).code,
            "versions": [
                {
                    "number": version.number,
                    "limit": version.limit,
                    "published_at": version.published_at.isoformat(),
                    "current": current is not None and version.id == current.id,
                    "open": on_each.get(version.id, 0),
                }
                for version in reversed(uow.procedures.versions(procedure.id))
            ],
        }


def preview(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    to_version: int,
    mapping: Mapping[str, str | None] | None = None,
    dates: Dates = Dates.FOLLOW,
    agency: str | None = None,
    verdict: Verdict | None = None,
    after: DossierId | None = None,
    most: int | None = MOST_TOLD,
) -> dict[str, Any]:
    """Return what becomes of each open dossier on another version; nothing is written.

    Counts are of all, ``dossiers`` are the first ``most`` from after ``after``. ``gone`` are the steps that need a
    decision: how many dossiers stand there, what was decided, and which steps may take their place.

    Args:
        verdict: only these dossiers.
        most: how many are named; None: all.

    Raises:
        As ``version_moves.begin``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        procedure, wish = asked_for(
            uow, by=by, code=code, agency=agency, number=to_version, mapping=mapping or {}, dates=dates
        )
        calendar = calendars.in_force(uow, procedure.owner_agency_id)
        listed: list[dict[str, Any]] = []
        counts, gone, more = Counter[Verdict](), _Gone(wish), False
        for dossier, plan in _all(ctx, uow, by, procedure, wish):
            counts[plan.verdict] += 1
            gone.add(uow.procedures.version(dossier.version_id), plan)
            if (verdict is None or plan.verdict is verdict) and (after is None or dossier.id > after):
                more = most is not None and len(listed) >= most
                listed += [] if more else [_told(uow, calendar, dossier, plan)]
        return _ordered(uow, procedure, wish) | {
            "open": counts.total(),
            "counts": {each.value: counts[each] for each in Verdict if each is not Verdict.UNDONE},
            "gone": gone.told(),
            "dossiers": listed,
            "next": listed[-1]["id"] if more else None,
        }


def _ordered(uow: UnitOfWork, procedure: Procedure, wish: Wish) -> dict[str, Any]:
    return {
        "procedure": procedure.code,
        "agency": uow.agencies.get(procedure.owner_agency_id).code,
        "to": {"version": wish.to.number, "limit": wish.to.limit},
        "dates": wish.dates.value,
        "mapping": dict(wish.mapping),
        "steps": [_named(step) for step in models.facts(wish.to.model).steps.values()],
    }


def _all(ctx: Context, uow: UnitOfWork, by: Actor, procedure: Procedure, wish: Wish) -> Iterator[Judged]:
    """Yield the plans of all dossiers, read by the hundred; on one version they differ in nothing but the dossier."""
    usual: dict[VersionId, Case] = {}
    units = uow.agencies.units(procedure.owner_agency_id)  # a session forgets what nobody holds
    after: DossierId | None = None
    while ids := uow.version_moves.elsewhere(procedure.id, wish.to.id, after=after, limit=AT_ONCE):
        rows = uow.dossiers.some(ids)
        uow.tasks.read(ids)
        uow.deadlines.read(ids)
        uow.events.read(ids, JUDGED_BY)
        for dossier in rows:
            if dossier.version_id not in usual:
                usual[dossier.version_id] = case_of(ctx, uow, by=by, dossier=dossier)
            yield dossier, judge(replace(usual[dossier.version_id], dossier=dossier), wish)
        after = ids[-1]
    del units


def _told(uow: UnitOfWork, calendar: WorkingCalendar, dossier: Dossier, plan: Plan) -> dict[str, Any]:
    version = uow.procedures.version(dossier.version_id)
    steps = models.facts(version.model).steps
    return {
        "id": str(dossier.id),
        "code": dossier.code,
        "from": version.number,
        "verdict": plan.verdict.value,
        "at": [steps[node].name for node in plan.at if node in steps],
        "why": plan.why,
        "due_before": None if plan.due_before is None else calendar.local(plan.due_before).isoformat(),
        "due_after": None if plan.due_after is None else calendar.local(plan.due_after).isoformat(),
    }


def _named(step: models.StepFacts) -> dict[str, Any]:
    return {"node": step.node, "name": step.name, "unit": step.unit}


class _Gone:
    """The steps at which dossiers stand and which need a decision, because the new version does not have them."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._there = models.facts(wish.to.model).steps
        self._found: dict[str, dict[str, Any]] = {}

    def add(self, version: ProcedureVersion, plan: Plan) -> None:
        """Take in the plan of a dossier on that version."""
        reasons = {why["node"] for why in plan.why if why["reason"] in {*version_places.GONE, LEFT}}
        for node in sorted(reasons | (plan.mapping.keys() & self._wish.mapping.keys())):
            entry = self._found.setdefault(node, self._entry(version, node))
            entry["dossiers"] += 1

    def told(self) -> list[dict[str, Any]]:
        """Return them, the most dossiers first."""
        return sorted(self._found.values(), key=lambda each: (-each["dossiers"], each["node"]))

    def _entry(self, version: ProcedureVersion, node: str) -> dict[str, Any]:
        steps = models.facts(version.model).steps
        step = steps.get(node)
        likely = [] if step is None else suggested(step, self._there.values())
        return {
            "node": node,
            "name": version_places.name_of(version, node),
            "waits": version_places.waits_at_join(version, node),
            "unit": None if step is None else step.unit,
            "version": version.number,
            "dossiers": 0,
            "decided": node in self._wish.mapping,
            "to": self._wish.mapping.get(node),
            "suggested": [_named(self._there[each]) for each in likely],
        }
