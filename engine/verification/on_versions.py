"""Folding moves to another version and their undo: steps, shares and dates are counted again, by code of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.domain.version_moves import Dates
from engine.verification import lateness, slow_time
from engine.verification.life import Before, Life, MisfitError, Moment
from engine.verification.on_work import end_over
from engine.verification.reference import VersionFacts
from engine.verification.rows import Key, Row
from engine.verification.slow_time import Office

Facts = dict[str, Any]
_COLUMNS = {  # of a task, by their name in the events
    "node": "node", "name": "name", "phase": "phase", "stage": "stage", "unit": "unit_id",
    "agency": "owner_agency_id", "officer": "assignee_id",
}  # fmt: skip
_PROMISE = ("time_limit", "rest", "running_from", "due_at", "late_after", "calendar_version")


def remember(life: Life, moment: Moment) -> None:
    """Remember from where the whole limit of the promise counts, which a move to another version starts from."""
    said = moment.payload
    if moment.kind == EventKind.RECEIVED:
        life.origin = moment.instant("received_at"), said["cutoff"]
    elif moment.kind == EventKind.PROMISE_MADE:
        life.origin = moment.at, said["cutoff"]
    elif moment.kind == EventKind.CLOCK_RESTARTED and not said["broken"]:
        life.origin = moment.at, life.version.policy["cutoff"] if life.version else None


def moved(life: Life, moment: Moment) -> None:
    """Take the dossier to another version: what it was is in the event, what it becomes is counted again."""
    said = moment.payload
    old = life.version
    _check_act(life, moment)
    life.before_move = _before(life, said["move"])
    _check_was(life, moment)
    _go_to(life, moment)
    life.expect(moment, "payload.left_at", life.left_at is None, said["left_at"] is None, "it ended, or did not")
    life.left_at = said["left_at"]
    _move_promise(life, moment)
    grants = {key: grant_of(life, row) for key, row in _open(life).items()}
    for each in said["tasks"]:
        key = (UUID(each["task"]),)
        _move_task(life, moment, each, old, grants[key])
    life.grants = granted(said["tasks"])


def undone(life: Life, moment: Moment) -> None:
    """Bring everything back to what it was before the move; nothing else may have happened since."""
    said, before = moment.payload, life.before_move
    if before is None or before.move != said["move"]:
        raise MisfitError("payload.move", before and before.move, said["move"], "no such move is before it")
    _check_act(life, moment)
    life.expect(moment, "payload.to", before.version, said["to"], "an undo leads to where the move began")
    _go_to(life, moment)
    for each in said["tasks"]:
        row, was = life.rows["task"][(UUID(each["task"]),)], before.tasks[(UUID(each["task"]),)]
        _check_task(life, moment, each, was)
        row.update(was)
    promise = life.promise
    if promise is not None and before.promise is not None:
        if "due_at" in said:
            found = [
                said["limit"],
                said["rest"],
                *(moment.when(name) for name in ("running_from", "due_at", "late_after")),
            ]
            wanted = [before.promise[name] for name in _PROMISE[:5]]
            life.expect(moment, "payload.due_at", wanted, found, "an undo brings back what was promised")
        promise.update(before.promise)
        life.dossier.update(before.dossier)
    life.grants, life.left_at, life.counted_from = before.grants, before.left_at, before.counted_from
    life.before_move = None


# --- the act ---------------------------------------------------------------------------------------------------------


def _check_act(life: Life, moment: Moment) -> None:
    said = moment.payload
    message = "a due date moves only by an act that names its ground (invariant 1)"
    life.expect(moment, "payload.ground", True, bool(str(said["ground"]).strip()), message)
    life.expect(moment, "payload.from", life.dossier["version_id"], said["from"], "it was on another version")
    to = life.reference.versions.get(said["to"])
    message = "the version belongs to another procedure"
    found = to.procedure_id if to is not None else life.dossier["procedure_id"]
    life.expect(moment, "payload.to", life.dossier["procedure_id"], found, message)
    if to is not None:
        message = "not what the version gone to says"
        life.expect(moment, "payload.cutoff", to.policy["cutoff"], said["cutoff"], message)


def _go_to(life: Life, moment: Moment) -> None:
    life.dossier["version_id"] = moment.payload["to"]
    life.rows["process_instance"][()]["version_id"] = moment.payload["to"]
    life.moved_at = moment.at
    for each in moment.payload["tasks"]:
        life.rows["dossier_agency"].setdefault((each["agency"],), {"owner_agency_id": each["agency"]})
    named = sorted(UUID(each["task"]) for each in moment.payload["tasks"])
    wanted = sorted(key[0] for key in _open(life))
    life.expect(moment, "payload.tasks", wanted, named, "a move names the open tasks, all and no others")


def _before(life: Life, move: int) -> Before:
    promise = life.promise
    names = ("due_at", "late_after", "is_provisional", "calendar_version")
    return Before(
        move=move,
        version=life.dossier["version_id"],
        tasks={key: dict(row) for key, row in _open(life).items()},
        promise=None if promise is None else {name: promise[name] for name in _PROMISE},
        dossier={name: life.dossier[name] for name in names},
        grants=life.grants,
        left_at=life.left_at,
        counted_from=life.counted_from,
    )


def _check_was(life: Life, moment: Moment) -> None:
    was = moment.payload["was"]
    for each in was["tasks"]:
        row = life.rows["task"].get((UUID(each["task"]),))
        if row is None:
            raise MisfitError("payload.was", "a task of this dossier", each["task"], "no earlier event made it")
        _check_task(life, moment, each, row)
    promise = life.promise
    if was["promise"] is not None and promise is not None:
        found = [was["promise"]["limit"], was["promise"]["rest"], _when(was["promise"]["due_at"])]
        wanted = [promise["time_limit"], promise["rest"], promise["due_at"]]
        life.expect(moment, "payload.was", wanted, found, "another promise stood")


def _check_task(life: Life, moment: Moment, each: Facts, row: Row) -> None:
    found = [each[name] for name in _COLUMNS] + [_when(each["due_at"]), _when(each["claimed_at"])]
    wanted = [row[column] for column in _COLUMNS.values()] + [row["due_at"], row["claimed_at"]]
    life.expect(moment, "payload.tasks", wanted, found, "the task was another one")


# --- tasks -----------------------------------------------------------------------------------------------------------


def _move_task(
    life: Life, moment: Moment, each: Facts, old: VersionFacts | None, was: tuple[datetime, Limit] | None
) -> None:
    key = (UUID(each["task"]),)
    row = life.rows["task"][key]
    node = moment.payload["mapping"].get(row["node"], row["node"])
    step = life.version.steps.get(node) if life.version else None
    if step is not None:
        wanted = [node, step.name, step.phase.value, step.stage, row["phase"]]
        found = [each["node"], each["name"], each["phase"], each["stage"], each["phase"]]
        life.expect(moment, "payload.tasks", wanted, found, "not the step that the version gone to has there")
    before = old.steps.get(row["node"]) if old else None
    if step is not None and before is not None and (before.unit, before.agency) == (step.unit, step.agency):
        life.expect(moment, "payload.tasks", row["unit_id"], each["unit"], "nothing says that another unit does it")
    stays = each["unit"] == row["unit_id"]
    holder = [row["assignee_id"], row["claimed_at"]] if stays else [None, None]
    life.expect(moment, "payload.tasks", holder, [each["officer"], _when(each["claimed_at"])], "who has it goes along")
    unit = life.reference.units.get(each["unit"])
    message = "the unit belongs to another agency"
    life.expect(moment, "payload.tasks", unit and unit["owner_agency_id"], each["agency"], message)
    if step is not None and before is not None and step.own_limit is None and before.own_limit is None:
        check_stage(life, moment, each, row, was)
    row.update({column: each[name] for name, column in _COLUMNS.items()})
    row["due_at"], row["claimed_at"] = _when(each["due_at"]), _when(each["claimed_at"])


def check_stage(life: Life, moment: Moment, each: Facts, row: Row, was: tuple[datetime, Limit] | None) -> None:
    """A stage has the share of the version gone to, from where it began; with the same share it keeps its end."""
    promise, office = life.promise, life.office(life.dossier["calendar_version"] or "")
    found = [_when(each["stage_from"]), each["stage_share"], _when(each["due_at"])]
    share = None
    if promise is not None and each["stage"] > 0 and each["phase"] != "return":
        share = _share(life, promise, each["stage"])
    if share is None or promise is None:
        life.expect(moment, "payload.tasks", [None, None, None], found, "its stage has no share of the promise")
        return
    if was is not None and row["due_at"] is not None and str(was[1]) == str(share):
        wanted = [[was[0], str(share), row["due_at"]]]
    else:
        begins = was[0] if was is not None else max(row["opened_at"], promise["running_from"] or row["opened_at"])
        offices = [each for each in (office, *life.reference.offices.values()) if each is not None]
        wanted = [[begins, str(share), end_over(life, each, begins, share)] for each in offices]
    if wanted and found not in wanted:
        life.expect(
            moment, "payload.tasks", wanted[0], found, "counted again from the stage's share, it is another end"
        )


def _share(life: Life, promise: Row, stage: int) -> Limit | None:
    limits = life.version.limits if life.version else []
    ended = promise["state"] == "ended" and life.left_at is not None and bool(limits)
    total = Limit.parse(limits[-1] if ended else promise["time_limit"])
    stages = life.version.stages_of(life.left_at) if life.version else []
    shares = lateness.shares(life, stage, total) if stage in [no for no, _ in stages] else None
    return None if shares is None else Limit((shares[0],))


def grant_of(life: Life, row: Row) -> tuple[datetime, Limit] | None:
    """Return from when a step\'s stage was counted last, and its share."""
    given = [(at, share) for at, share in life.grants.get(row["stage"], []) if share is not None]
    return given[-1] if given else None


def granted(tasks: list[Facts]) -> dict[int, list[tuple[datetime, Limit | None]]]:
    """Return the grants of stages that an event with tasks names."""
    grants: dict[int, list[tuple[datetime, Limit | None]]] = {}
    for each in tasks:
        begins = _when(each["stage_from"])
        if begins is not None:
            grants.setdefault(each["stage"], []).append((begins, Limit.parse(each["stage_share"])))
    return grants


# --- the promise -----------------------------------------------------------------------------------------------------


def _move_promise(life: Life, moment: Moment) -> None:
    said, promise = moment.payload, life.promise
    moves = "due_at" in said
    if promise is None or said["dates"] == Dates.KEEP or promise["state"] == "ended":
        life.expect(moment, "payload.due_at", False, moves, "nothing was to move the promise")
        return
    wanted = limit_of(life, promise)
    over = promise["running_from"] is not None and moment.at > promise["late_after"]
    if promise["is_broken"] or promise["passed_at"] is not None or over or wanted == _text(promise["time_limit"]):
        life.expect(moment, "payload.due_at", False, moves, "the promise was broken, or its limit is the same")
        return
    _check_recount(life, moment, promise, wanted)
    if moves:
        write_promise(life, moment, promise)


def limit_of(life: Life, promise: Row) -> str:
    """Return what the version gone to promises: its limit, that of the appointment, or as it decides of the case."""
    limits = life.version.limits if life.version else []
    if life.version is not None and len(limits) == 1:
        return life.version.decided(life.dossier["facts"])[0]
    return limits[life.promise_no - 1] if len(limits) >= life.promise_no else _text(promise["time_limit"])


def _check_recount(life: Life, moment: Moment, promise: Row, wanted: str) -> None:
    said = moment.payload
    office = life.office(said.get("calendar") or promise["calendar_version"])
    if office is None or life.origin is None:
        return
    rule = said.get("late_rule") or life.reference.late_rule(life.dossier["resolving_agency_id"])
    again = recounted(life, office, Limit.parse(wanted), rule, moment.at)
    if "due_at" not in said:
        if again is not None:
            message = "with the limit of the version gone to it is another date"
            life.expect(moment, "payload.due_at", again[2], None, message)
        return
    life.expect(moment, "payload.limit", wanted, said["limit"], "not what the version gone to says")
    life.expect(moment, "payload.due_before", promise["due_at"], moment.when("due_before"), "another promise stood")
    found = (moment.when("running_from"), said["rest"], moment.when("due_at"), moment.when("late_after"))
    message = "counted again with the limit of the version gone to, it is another one"
    life.expect(moment, "payload.due_at", None if again is None else again[:4], found, message)
    if again is not None:
        life.expect(moment, "payload.counted_from", again[4], moment.when("counted_from"), message)


def recounted(
    life: Life, office: Office, limit: Limit, rule: str, now: datetime, *, may_pass: bool = False
) -> tuple[datetime | None, str, datetime, datetime, datetime] | None:
    """Return running_from, rest, due_at, late_after and counted_from; None when that would have passed."""
    assert life.origin is not None  # noqa: S101 - looked at by the caller
    at, cutoff = life.origin
    begins, due_at = slow_time.due(office, at, limit, cutoff)
    rest, stands = limit, False
    for pause in life.rows["pause"].values():
        over = pause["ended_at"]
        if over is not None and over <= at:
            continue
        if pause["started_at"] > slow_time.late_after(office, due_at, rule):
            return None
        rest = slow_time.rest(office, rest, begins, pause["started_at"])
        if over is None:
            stands = True
        elif rest.is_zero and office.local_date(due_at) == office.local_date(over):
            begins = over
        else:
            begins, due_at = slow_time.resume(office, max(over, begins), rest)
    late_after = slow_time.late_after(office, due_at, rule)
    if not stands and not may_pass and now > late_after:
        return None
    return None if stands else begins, str(rest), due_at, late_after, begins


def write_promise(life: Life, moment: Moment, promise: Row) -> None:
    """Expect the promise as the event counts it."""
    said = moment.payload
    stands = promise["state"] == "paused"
    promise.update(
        time_limit=said["limit"],
        rest=said["rest"],
        running_from=moment.when("running_from"),
        due_at=moment.instant("due_at"),
        late_after=moment.instant("late_after"),
        calendar_version=said["calendar"],
    )
    life.late_rule = said["late_rule"]
    life.dossier.update(
        due_at=promise["due_at"],
        late_after=None if stands else promise["late_after"],
        is_provisional=said["provisional"],
        calendar_version=said["calendar"],
    )
    if stands:
        life.counted_from = moment.when("counted_from")


def _open(life: Life) -> dict[Key, Row]:
    return {key: row for key, row in life.rows["task"].items() if row["state"] == "open"}


def _text(limit: str) -> str:
    return str(Limit.parse(limit))


def _when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


HANDLERS: dict[EventKind, Callable[[Life, Moment], None]] = {
    EventKind.VERSION_MOVED: moved,
    EventKind.VERSION_UNDONE: undone,
}
