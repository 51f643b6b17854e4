"""The dates of a dossier after a correction: limit and promise counted again from where they began, pauses held."""

from __future__ import annotations

from typing import Any

from engine.domain import deadlines
from engine.domain.cutoffs import Cutoff
from engine.domain.dossier import DeadlineState
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.domain.version_moves import Origin, Recounted, recounted
from engine.errors import ConflictError
from engine.services import promises, version_acts, version_plans
from engine.services.case import Case, iso
from engine.store.deadlines import Deadline


class CorrectionBlockedError(ConflictError):
    """What the correction asks for cannot be changed any more; the message says why."""

    code = "correction-blocked"


def recount(case: Case, *, anew: bool = False) -> dict[str, Any]:
    """Count the promise again as the dossier's rows say by now, and write it; return the facts for the event.

    Nothing where it stays: of two appointments the second counts from the payment, and a restart from itself.

    Args:
        anew: another procedure begins; its open steps get their ends when they open.

    Raises:
        CorrectionBlockedError: the promise was broken before its clock stood still, or would have been.
        DecisionFailedError, CalendarGapError: the limit or the date cannot be found.
    """
    was_received_at, said = version_plans.received_at(case), _receipt_facts(case)
    promise = promises.current(case)
    if promise.state is DeadlineState.ENDED or promise.promise_no > 1:
        return said
    limit, cutoff = promises.limit_of(case, promise.promise_no), case.version.policy["cutoff"]
    start, pauses = version_plans.origin_of(case)
    at = case.dossier.received_at if start.at == was_received_at else start.at
    if at in (start.at, None) and str(limit) == str(Limit.parse(promise.limit)) and not anew:
        return said
    start = Origin(at or start.at, Cutoff.parse(cutoff))
    new = recounted(case.calendar, start, limit, pauses, late_rule=case.late_rule, now=case.now, may_pass=True)
    if promise.is_broken or new is None:
        message = (
            "the clock stood still when the promise was broken, or would have been; the date cannot be counted anew"
        )
        raise CorrectionBlockedError(message, field="received_at")
    plans = [] if anew else version_plans.task_plans(case, promise, new)
    said |= _facts(case, promise, new, start) | {"tasks": [version_acts.planned(plan) for plan in plans]}
    version_acts.write_promise(case, promise, said)
    _unmark(case, promise)
    for plan in plans:
        plan.task.due_at = plan.due_at
    return said


def _facts(case: Case, promise: Deadline, new: Recounted, start: Origin) -> dict[str, Any]:
    """Return what the event says of a promise that was counted again from ``start``."""
    first = deadlines.due(case.calendar, received_at=start.at, limit=new.limit, cutoff=start.cutoff)
    return version_acts.promise_facts(case, promise, new) | {
        "cutoff": case.version.policy["cutoff"],
        "origin_at": iso(start.at),
        "origin_from": iso(first.counted_from),
    }


def printed(case: Case) -> dict[str, Any]:
    """Return what the next issue prints of the promise: that in force; of two appointments always the first."""
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is not None and promise.promise_no == 1 and promise.state is not DeadlineState.ENDED:
        provisional = case.dossier.is_provisional
        return {"limit": promise.limit, "due_at": iso(promise.due_at), "provisional": provisional}
    before = case.uow.events.of_kinds(case.dossier.id, (EventKind.RECEIVED, EventKind.CORRECTED))[-1].payload
    said = before.get("printed", before)
    return {name: said[name] for name in ("limit", "due_at", "provisional")}


def limit_text(case: Case) -> str:
    """Return the limit of the promise in force."""
    return promises.current(case).limit


def _receipt_facts(case: Case) -> dict[str, Any]:
    """Return when the receipt that is on record took place, and from where the corrected one counts if it differs."""
    was = version_plans.received_at(case)
    now = case.dossier.received_at
    if now is None or now == was:
        return {}
    limit = promises.limit_of(case, 1)
    cutoff = Cutoff.parse(case.version.policy["cutoff"])
    first = deadlines.due(case.calendar, received_at=now, limit=limit, cutoff=cutoff)
    return {"receipt_from": iso(first.counted_from)}


def _unmark(case: Case, promise: Deadline) -> None:
    """Take the mark of a broken promise away where it is not late any more; it is marked again should it be."""
    runs = promise.running_from is not None
    if promise.passed_at is not None and not (runs and deadlines.is_late(case.now, promise.late_after)):
        promise.passed_at = None
