"""Every reference process through the real services, from receipt to hand-over, on each path of its model."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from bpmn import references
from bpmn.assembly import assemble
from bpmn.decisions import parse
from engine.context import Context
from engine.domain import deadlines
from engine.domain.deadlines import Cutoff
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.services import calendars, endings, intake, reading, waiting
from engine.verification.verify import verify
from tests.support.contexts import START
from tests.support.model_paths import Explorer, ModelPath
from tests.support.path_replay import (
    Counter,
    Played,
    a_counter,
    ends_refused,
    filing,
    finish,
    go_through,
    received,
    replay,
    status_of,
)
from tests.support.processes import events

AT_ONCE = 60  # paths in one test: what a worker does in a few seconds
SERVICES = {
    EventKind.MILESTONE: ("record_milestone", "text"),
    EventKind.APPLICANT_NOTIFIED: ("notify_applicant", "notice"),
    EventKind.ESCALATED: ("notify_supervisor", "about"),
    EventKind.NEXT_ORDERED: ("start_next", "procedure"),
}
SAMPLE = 4  # paths of each process on PostgreSQL


@cache
def paths_of(code: str) -> tuple[ModelPath, ...]:
    """Return all paths of a reference process."""
    reference = references.read(code)
    return tuple(Explorer(assemble(reference.source), reference.form, reference.decisions).paths())


def _parts() -> list[tuple[str, int]]:
    return [(code, at) for code in references.codes() for at in range(0, len(paths_of(code)), AT_ONCE)]


@pytest.mark.parametrize(("code", "first"), _parts())
def test_a_reference_process_runs_from_receipt_to_hand_over_on_each_path(
    sqlite_ctx: Context, code: str, first: int
) -> None:
    counter = a_counter(sqlite_ctx, code)
    for path in paths_of(code)[first : first + AT_ONCE]:
        _check(counter, path, replay(counter, path))
    assert verify(sqlite_ctx) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("code", references.codes())
def test_paths_of_a_reference_process_run_on_postgresql_as_well(ctx: Context, code: str) -> None:
    counter = a_counter(ctx, code)
    paths = paths_of(code)
    for path in paths[:: max(1, len(paths) // SAMPLE)]:
        _check(counter, path, replay(counter, path))
    assert verify(ctx) == []


def _check(counter: Counter, path: ModelPath, played: Played) -> None:
    """A path ends handed over, decided as drawn, by the promise of the law; only a pause moves that."""
    assert status_of(played.last) is Status.RETURNED, str(path)
    assert played.promised["due_at"] == _due(counter, path).isoformat(), str(path)
    told = reading.detail(counter.ctx, by=counter.actor, dossier=played.last["id"])
    assert told["decision"] == ("refused" if ends_refused(counter, path) else "granted"), str(path)
    assert _services(counter, played) == sorted(path.services), str(path)
    moved = played.last["due_at"] != played.promised["due_at"]
    steps = [counter.facts.steps[act.node] for act in path.acts if act.do == "complete"]
    assert moved == any(step.pauses_clock for step in steps), str(path)


def _services(counter: Counter, played: Played) -> list[str]:
    """Return what the process has asked for, as the history tells it."""
    told = []
    for kind, payload in events(counter.ctx, played.last):
        if kind in SERVICES:
            service, key = SERVICES[kind]
            told.append(f"{service} {payload[key]}")
    return sorted(told)


def _due(counter: Counter, path: ModelPath) -> datetime:
    """Return when the law wants the result, counted from receipt: of two appointments the first."""
    reference = references.read(counter.code)
    limit = counter.facts.limit
    if reference.decisions and "limit" in parse(reference.decisions).ids:
        limit = str(parse(reference.decisions).evaluate("limit", dict(path.facts))["limit"])
    limit = reference.policy.get("appointments", [limit])[0]
    cutoff = reference.policy.get("cutoff")
    with counter.ctx.unit_of_work(read_only=True) as uow:
        calendar = calendars.in_force(uow, uow.agencies.default().id)
    due = deadlines.due(
        calendar, received_at=START, limit=Limit.parse(limit), cutoff=Cutoff.parse(cutoff) if cutoff else None
    )
    return calendar.local(due.due_at)


def test_a_land_certificate_has_its_second_appointment_from_the_payment_on(sqlite_ctx: Context) -> None:
    counter = a_counter(sqlite_ctx, "1.013978")
    path = next(path for path in paths_of("1.013978") if "payment.confirmed:message" in str(path))
    at = next(no for no, act in enumerate(path.acts) if act.node == "obligation__settle")
    dossier = received(counter, {})["id"]
    told = go_through(counter, dossier, replace(path, acts=path.acts[:at]))
    assert (told["status"], told["paused"]) == (6, True)
    told = go_through(counter, dossier, replace(path, acts=path.acts[at : at + 1]))
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        calendar = calendars.in_force(uow, uow.agencies.default().id)
    due = deadlines.due(calendar, received_at=sqlite_ctx.clock.now(), limit=Limit.parse("4 working_day"))
    assert (told["status"], told["due_at"]) == (4, calendar.local(due.due_at).isoformat())


@pytest.mark.parametrize("code", references.codes())
def test_the_frame_ends_a_reference_process_before_its_decision(sqlite_ctx: Context, code: str) -> None:
    counter = a_counter(sqlite_ctx, code)
    ctx, actor, facts = counter.ctx, counter.actor, dict(paths_of(code)[0].facts)
    ended = {}
    filed = intake.submit(ctx, by=actor, filing=filing(counter, facts))
    ended["declined"] = intake.refuse_to_receive(ctx, by=actor, dossier=filed["id"], reason="Sai thẩm quyền")
    gone, stopped, refused = (received(counter, facts)["id"] for _ in range(3))
    ended["withdrawn"] = endings.withdraw(ctx, by=actor, dossier=gone)
    ended["stopped"] = endings.stop(ctx, by=actor, dossier=stopped, ground="Đang có tranh chấp")
    endings.refuse(ctx, by=actor, dossier=refused, reason="Không đủ điều kiện")
    ended["refused"] = finish(counter, refused)
    assert {name: (answer["status"], answer["open_tasks"]) for name, answer in ended.items()} == {
        "declined": (3, []),
        "withdrawn": (7, []),
        "stopped": (8, []),
        "refused": (10, []),
    }
    assert reading.detail(ctx, by=actor, dossier=refused)["decision"] == "refused"
    assert verify(ctx) == []


@pytest.mark.parametrize("code", references.codes())
def test_supplement_and_obligation_interrupt_a_reference_process_and_let_it_go_on(
    sqlite_ctx: Context, code: str
) -> None:
    counter = a_counter(sqlite_ctx, code)
    ctx, actor, path = counter.ctx, counter.actor, paths_of(code)[0]
    begun = received(counter, dict(path.facts))
    dossier, status = begun["id"], begun["status"]
    most = references.read(code).policy["supplement"]["max"]
    for _ in range(most):
        waiting.request_supplement(ctx, by=actor, dossier=dossier, items=["Bản sao"], reason="Còn thiếu")
        assert waiting.complete_supplement(ctx, by=actor, dossier=dossier)["status"] == status
    with pytest.raises(waiting.SupplementUsedUpError):
        waiting.request_supplement(ctx, by=actor, dossier=dossier, items=["Bản sao"], reason="Còn thiếu")
    waiting.raise_obligation(ctx, by=actor, dossier=dossier, amount_vnd=50_000, notice="TB-01")
    assert waiting.settle_obligation(ctx, by=actor, dossier=dossier)["status"] == status
    assert go_through(counter, dossier, path)["status"] == 10
    assert verify(ctx) == []


def test_there_are_as_many_paths_as_the_models_have() -> None:
    """The numbers change only with a model, on purpose; a process that loses paths has lost tests."""
    assert {code: len(paths_of(code)) for code in references.codes()} == {
        "1.001193": 30,
        "1.001612": 8,
        "1.001776": 16,
        "1.004873": 14,
        "1.012812": 24,
        "1.013225": 114,
        "1.013978": 194,
        "2.000815": 4,
        "3.000527": 2,
        "3.000722": 18,
        "LT297.1": 8,
        "LT297.2": 4,
        "LT297.3": 4,
        "NB.0001": 21,
    }
