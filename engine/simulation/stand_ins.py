"""Who does the steps of wider processes in a simulation, and what they say: by role, at partners, for each item."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

from bpmn.model import StepFacts
from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.ids import TaskId
from engine.services.step_units import ITEM
from engine.simulation.crew import Crew, Member, engage
from engine.simulation.offers import Place

USUAL = 0.8  #: share of steps that end with the first outcome they offer
TEXT = "Mô phỏng"


def is_wide(step: StepFacts) -> bool:
    """Whether the step is not simply one of its unit's: it names a role, a partner, or its item's unit."""
    return step.role is not None or step.agency is not None or step.unit == ITEM


def worker(ctx: Context, crew: Crew, task_id: str, step: StepFacts) -> Member:
    """Return who does an open task: an officer of its unit with the role that it needs, made up where there is none."""
    at_desk = step.phase in ("reception", "return")
    role = Role(step.role) if step.role else Role.DESK if at_desk else Role.OFFICER
    with ctx.unit_of_work(read_only=True) as uow:
        unit = uow.agencies.unit(uow.tasks.get(TaskId(UUID(task_id))).unit_id)
        agency = uow.agencies.get(unit.owner_agency_id)
        found = [(row.username, uow.people.actor(row.id)) for row in uow.people.members(unit.id)]
    key = (agency.id, unit.code, f"role:{role.value}")
    if key not in crew.units:
        able: list[tuple[str, Actor]] = [each for each in found if each[1].holds(agency.id, (role,))]
        crew.units[key] = engage(ctx, crew, Place(agency.id, agency.code, unit.code), role, unit.code, able)
    return crew.units[key][0]


def outcome_of(task: dict[str, Any], rng: Random) -> str:
    """Return how a task ends: mostly as its first outcome says; nothing is drawn where there is no choice."""
    values = [each["value"] for each in task.get("outcomes", ())]
    if len(values) < 2:
        return values[0] if values else "done"
    return str(values[0] if rng.random() < USUAL else rng.choice(values[1:]))


def said_of(fields: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    """Return an answer to each field of a form."""
    return {field["name"]: _answer(field, rng) for field in fields}


def _answer(field: dict[str, Any], rng: Random) -> Any:
    match field["type"]:
        case "boolean":
            return rng.random() < 0.5
        case "number":
            return rng.randrange(1, 3)
        case "choice":
            return rng.choice(field["choices"])["value"]
        case _:
            return TEXT
