"""Test runs: a scenario is played against a draft by the real services, in a world of its own that is thrown away.

The world is a database in memory with the calendar, units and settings of the agency and one person for everything; its
clock stands where the scenario says. Nothing of the real database is changed, and nobody is written to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.errors import BpmnError
from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.clock import TurnedClock
from engine.domain.dossier import LABELS, Status
from engine.domain.ids import AgencyId
from engine.domain.scenarios import Expected, Scenario
from engine.errors import EngineError, InvalidInputError
from engine.services import calendars, publishing, timekeeping
from engine.services.procedure_contents import Reading
from engine.services.rehearsal_acts import Stage, play, standing
from engine.store import schema
from engine.store.agencies import Agency, Unit
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.unit_of_work import Database, UnitOfWork

MOST_WAKES = 300  #: times at which the clock of one test run acts
FURTHEST = timedelta(days=3 * 366)  #: that a test run may last
EVERY_ROLE = (Role.DESK, Role.OFFICER, Role.APPROVER, Role.CLERK, Role.SUPERVISOR)


class RehearsalTooLongError(InvalidInputError):
    """A test run lasts too long: more than three years, or the clock has to act too often."""

    code = "rehearsal-too-long"


@dataclass
class Played:
    """What happened in a test run: each act with what stood after it, and how that differs from what was expected."""

    name: str
    acts: list[dict[str, Any]] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    trouble: dict[str, Any] | None = None
    expects: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the JSON of API and pages; ``passed`` is None when nothing is expected yet."""
        failed = self.trouble is not None or bool(self.differences)
        return {
            "name": self.name,
            "passed": False if failed else (True if self.expects else None),
            "acts": self.acts,
            "differences": self.differences,
            "result": self.result,
            "trouble": self.trouble,
        }


class _MemoryFiles:
    """Files that are forgotten with the world."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep the bytes."""
        name = hashlib.sha256(content).hexdigest()
        self._kept[name] = content
        return name

    def get(self, sha256: str) -> bytes:
        """Return the bytes."""
        return self._kept[sha256]


def run(ctx: Context, *, agency: AgencyId, content: Reading, scenarios: Sequence[Scenario]) -> list[dict[str, Any]]:
    """Play scenarios one after another, each in a world of its own; see ``Played`` for what comes of each.

    Args:
        agency: whose calendar, units and settings hold.
        content: publishable.
    """
    return [_run_one(ctx, agency, content, scenario).as_json() for scenario in scenarios]


def _run_one(ctx: Context, agency: AgencyId, content: Reading, scenario: Scenario) -> Played:
    played = Played(scenario.name, expects=not scenario.expect.is_empty)
    with _world(ctx, agency, content, scenario) as (world, stage):
        zone = stage.zone
        try:
            for no, act in enumerate(stage.script(scenario), start=1):
                if act.until is not None:
                    _pass_time(world, _instant(act.until, zone))
                what = play(world, stage, act)
                played.acts.append({"no": no, "do": act.do.value, "what": what, **_standing(world, stage)})
        except (EngineError, BpmnError) as error:
            played.trouble = _trouble(error, no)
        played.result = _standing(world, stage)
        played.differences = [] if played.trouble else _differences(scenario.expect, played.result, zone)
    return played


@contextmanager
def _world(ctx: Context, agency: AgencyId, content: Reading, scenario: Scenario) -> Iterator[tuple[Context, Stage]]:
    """Make a world for one scenario, and throw it away."""
    database = Database.in_memory()
    try:
        schema.create(database)
        with ctx.unit_of_work(read_only=True) as uow:
            zone = ZoneInfo(uow.agencies.get(agency).zone)
            starts = _instant(scenario.received_at, zone)
            world = replace(ctx, clock=TurnedClock(starts), database=database, files=_MemoryFiles(), mail=None)
            code = _copy(uow, world, agency, content)
        with world.unit_of_work() as uow:
            here = uow.agencies.by_code(code)
            publishing.publish(world, uow, by=SYSTEM, owner=here, reading=content)
            actor = _one_for_all(uow, here, starts)
        yield world, Stage(actor, code, content.code, zone, starts, dict(scenario.facts))
    finally:
        database.close()


def _copy(source: UnitOfWork, world: Context, agency: AgencyId, content: Reading) -> str:
    """Copy agencies, units, calendar and the procedures that a chain may start; return the agency's code."""
    code = source.agencies.get(agency).code
    with world.unit_of_work() as uow:
        for row in source.agencies.all():
            made = uow.agencies.add(
                Agency(id=row.id, code=row.code, name=row.name, zone=row.zone, late_rule=row.late_rule,
                       nearing_percent=row.nearing_percent)
            )  # fmt: skip
            for unit in source.agencies.units(row.id):
                uow.agencies.add_unit(
                    Unit(owner_agency_id=made.id, code=unit.code, name=unit.name, is_one_stop=unit.is_one_stop)
                )
            if source.calendars.current_version(row.id) is not None or row.id == agency:
                calendar = calendars.in_force(source, row.id)
                calendars.publish(world, uow, agency_id=made.id, calendar=calendar)
        _copy_procedures(source, uow, agency, content.code)
    return code


def _copy_procedures(source: UnitOfWork, uow: UnitOfWork, agency: AgencyId, but: str) -> None:
    """Name the other procedures of the agency, so that one which is retired or unknown is told apart."""
    for row in source.procedures.all(agency):
        if row.code != but:
            uow.procedures.add(
                Procedure(
                    owner_agency_id=agency, code=row.code, name=row.name, name_folded=row.name_folded,
                    field=row.field, is_open=False, current_version_id=None,
                )
            )  # fmt: skip


def _one_for_all(uow: UnitOfWork, here: Agency, now: datetime) -> Actor:
    person = uow.people.add(
        Officer(owner_agency_id=here.id, username="chay-thu", name="Chạy thử", created_at=now, session_epoch=0)
    )
    for agency in uow.agencies.all():
        for role in EVERY_ROLE if agency.id == here.id else EVERY_ROLE[1:]:
            uow.people.grant(person.id, agency.id, role)
        for unit in uow.agencies.units(agency.id):
            uow.people.join(person.id, unit.id, agency.id)
    return uow.people.actor(person.id)


def _pass_time(world: Context, until: datetime) -> None:
    clock = world.clock
    assert isinstance(clock, TurnedClock)  # noqa: S101 - the world was made with one
    if until > clock.now() + FURTHEST:
        raise RehearsalTooLongError("a test run lasts at most three years; check the date", field="until")
    for _ in range(MOST_WAKES):
        wake_at = timekeeping.next_wake(world)
        if wake_at is None or wake_at > until:
            break
        clock.turn_to(max(wake_at, clock.now()))
        timekeeping.pass_due(world)
    else:
        raise RehearsalTooLongError(f"the clock would act more than {MOST_WAKES} times; wait for less", field="until")
    clock.turn_to(max(until, clock.now()))


def _standing(world: Context, stage: Stage) -> dict[str, Any]:
    """Return how the dossier stands: now, status, due date, open steps and what it waits for."""
    now = world.clock.now().astimezone(stage.zone).isoformat()
    if stage.dossier is None:
        return {"at": now, "status": None, "status_label": "", "due_at": None, "open": []}
    shown = standing(world, stage)
    return {
        "at": now,
        "status": shown["status"],
        "status_label": LABELS[Status(shown["status"])],
        "due_at": shown["extended_due_at"] or shown["due_at"],
        "open": [task["name"] for task in shown["open_tasks"]],
        "nodes": [task["node"] for task in shown["open_tasks"]],
    }


def _differences(expect: Expected, found: dict[str, Any], zone: ZoneInfo) -> list[dict[str, Any]]:
    differences = []
    if expect.status is not None and expect.status != found["status"]:
        differences.append({"what": "status", "expected": expect.status, "found": found["status"]})
    due_at = None if found["due_at"] is None else datetime.fromisoformat(found["due_at"])
    if expect.due_at is not None and _instant(expect.due_at, zone) != due_at:
        wanted = _instant(expect.due_at, zone).astimezone(zone).isoformat()
        differences.append({"what": "due_at", "expected": wanted, "found": found["due_at"]})
    if expect.open is not None and not _same_steps(expect.open, found):
        differences.append({"what": "open", "expected": list(expect.open), "found": found["open"]})
    return differences


def _same_steps(expected: Sequence[str], found: dict[str, Any]) -> bool:
    return sorted(expected) in (sorted(found["open"]), sorted(found.get("nodes", [])))


def _trouble(error: EngineError | BpmnError, no: int) -> dict[str, Any]:
    details = error.details if isinstance(error, EngineError) else {}
    return {"act": no, "code": error.code, "message": str(error), "details": details}


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)
