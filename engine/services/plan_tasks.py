"""Tasks of a unit's plan: lead, who co-operates, due date, product, and how they stand (domain.md §9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain import plan_facts
from engine.domain.actors import Actor
from engine.domain.permissions_plans import check_can_plan
from engine.domain.plan_facts import TaskState
from engine.services.admin_scope import note
from engine.services.plan_files import Row, all_rows
from engine.store.agencies import Agency
from engine.store.indicators import PlanTask
from engine.store.unit_of_work import UnitOfWork

LONGEST = {
    "number": 20, "name": 600, "lead": 200, "cooperating": 400, "product": 400, "document": 300, "note": 500,
}  #: characters of each text  # fmt: skip
NEEDED_TEXTS = frozenset({"number", "name", "lead", "document"})
COLUMNS = (
    "year", "number", "name", "lead", "cooperating", "product", "due", "state", "done_on", "document", "note",
)  # fmt: skip
NEEDED = ("year", "number", "name", "lead", "due", "document")  #: of these columns


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the plan writes it; ``done_on``: the day on which it was done."""

    year: int
    number: str
    name: str
    lead: str
    due_on: date
    document: str
    cooperating: str = ""
    product: str = ""
    state: str = TaskState.TO_DO
    done_on: date | None = None
    note: str = ""


def put(
    ctx: Context, *, by: Actor, agency: str, task: Task, expected: datetime | None = None, is_new: bool = False
) -> dict[str, Any]:  # fmt: skip
    """Write a task; one of the same year and number is changed.

    Args:
        agency: code.
        expected: when the task that was shown had been changed last; None: whatever it is.
        is_new: nobody has seen it: another task of that number stays.

    Raises:
        PlanFactError, PlanPeriodError: what it says cannot be.
        PlanRowChangedError: somebody else changed it meanwhile.
        PlanTaskThereError: it is new, and another task has its number.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        place = _planned(uow, by, agency)
        before = uow.indicators.find_task(place.id, task.year, task.number.strip())
        if expected is not None and (before is None or before.changed_at != expected):
            raise plan_facts.PlanRowChangedError("somebody else changed this task; look at it again")
        if is_new and before is not None and _differs(before, _facts(ctx, place, task)):
            message = f"the plan of {before.year} has a task {before.number}; open it to change it"
            raise plan_facts.PlanTaskThereError(message, field="number")
        return _view(_put(ctx, uow, by, place, task))


def import_file(ctx: Context, *, by: Actor, agency: str, content: bytes, name: str) -> int:
    """Write the tasks of a CSV file with the columns ``COLUMNS``, all or none; return how many.

    Raises:
        PlanFileError: rows cannot be used; it names each with its field, why, and the remedy.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        place = _planned(uow, by, agency)
        seen: set[tuple[int, str]] = set()

        def take(row: Row) -> PlanTask:
            task = _read(row)
            if (task.year, task.number) in seen:
                raise plan_facts.PlanFactError(f"task {task.number} stands twice in this file", field="number")
            seen.add((task.year, task.number))
            return _put(ctx, uow, by, place, task)

        return len(all_rows(content, name, COLUMNS, take, needed=NEEDED))


def _read(row: Row) -> Task:
    year = row["year"]
    if not (year.isascii() and year.isdigit()):
        raise plan_facts.PlanPeriodError(f"year: {year[:20]!r} is no year", field="year")
    texts = {name: row[name] for name in LONGEST}
    return Task(
        year=int(year),
        due_on=plan_facts.day(row["due"], field="due"),
        state=row["state"] or TaskState.TO_DO,
        done_on=plan_facts.day(row["done_on"], field="done_on") if row["done_on"] else None,
        **texts,
    )


def _planned(uow: UnitOfWork, by: Actor, agency: str) -> Agency:
    place = uow.agencies.by_code(agency)
    check_can_plan(by, agency=place.id)
    uow.agencies.lock([place.id])
    return place


def _put(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, task: Task) -> PlanTask:
    facts = _facts(ctx, place, task)
    row = uow.indicators.find_task(place.id, facts["year"], facts["number"])
    before = None if row is None else _view(row)
    now = ctx.clock.now()
    if row is None:
        row = PlanTask(owner_agency_id=place.id, changed_by=by.id, changed_at=now, **facts)
        uow.indicators.add(row)
    elif _differs(row, facts):
        for name, value in facts.items():
            setattr(row, name, value)
        row.changed_by, row.changed_at = by.id, now
    else:
        return row  # a form that was sent twice
    told = _view(row) if before is None else {"before": before, "after": _view(row)}
    subject = f"{row.year}/{row.number}"
    note(uow, by=by, at=now, agency=place, kind="plan_task.put", subject=subject, facts=told, ground=row.document)
    return row


def _facts(ctx: Context, place: Agency, task: Task) -> dict[str, Any]:
    return _checked(task, today=ctx.clock.now().astimezone(ZoneInfo(place.zone)).date())


def _differs(row: PlanTask, facts: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in facts.items())


def _checked(task: Task, *, today: date) -> dict[str, Any]:
    """Return the columns of a task.

    Raises:
        PlanFactError, PlanPeriodError: what it says cannot be.
    """
    if task.year not in plan_facts.YEARS:
        raise plan_facts.PlanPeriodError("the year of a plan is such as 2026", field="year")
    if task.state not in set(TaskState):
        raise plan_facts.PlanFactError(f"state is one of {', '.join(TaskState)}", field="state")
    done = task.state == TaskState.DONE
    if done and task.done_on is None:
        raise plan_facts.PlanFactError("say on which day it was done", field="done_on")
    if not done and task.done_on is not None:
        raise plan_facts.PlanFactError("only a task that is done has such a day", field="done_on")
    if task.done_on is not None and plan_facts.checked_day(task.done_on, field="done_on") > today:
        raise plan_facts.PlanPeriodError("a task is not done on a day that has not come", field="done_on")
    texts = {
        name: plan_facts.line(getattr(task, name), field=name, longest=longest, needed=name in NEEDED_TEXTS)
        for name, longest in LONGEST.items()
    }
    due_on = plan_facts.checked_day(task.due_on, field="due_on")
    return {"year": task.year, "due_on": due_on, "state": str(task.state), "done_on": task.done_on, **texts}


def _view(row: PlanTask) -> dict[str, Any]:
    return {
        "id": row.id,
        "year": row.year,
        "due": row.due_on.isoformat(),
        "state": row.state,
        "done_on": None if row.done_on is None else row.done_on.isoformat(),
        **{name: getattr(row, name) for name in LONGEST},
    }
