"""Killed before every single statement and commit of an act: it is done once when it is asked for again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.context import Context
from engine.domain.clock import SystemClock
from engine.domain.dossier import Cause
from engine.services import apologies, rollups, task_batches, timekeeping, version_moves, version_verdicts
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.parts import PATIENCE, environment
from tests.faults.postbox import taking_mail
from tests.support import builders as b
from tests.support import processes, version_acts
from tests.support.sources import ROOT

pytestmark = pytest.mark.fault

FEWEST = 8  #: points of the shortest act; fewer would mean that the points are not seen
MOST = 40  #: targets made; an act with more points says so

Kill = Callable[..., int]


@pytest.fixture
def kill_at_each_point(ctx: Context, tmp_path: Path, database_url: str) -> Kill:
    """Return a function that does an act for targets, each killed at a point further on; it returns how many it did."""

    def run(act: str, targets: Sequence[object], **variables: str) -> int:
        order = {"act": act, "at": ctx.clock.now().isoformat(), "targets": [str(target) for target in targets]}
        command = [sys.executable, "-m", "tests.faults.failpoints"]
        env = environment(tmp_path, database_url, **variables)
        done = subprocess.run(
            command, input=json.dumps(order), env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        points = int(done.stdout.splitlines()[-1])
        assert points >= FEWEST
        return points + 2  # and the first and the last, which were not killed

    return run


def clean(ctx: Context) -> bool:
    assert [difference.as_json() for difference in verify(replace(ctx, clock=SystemClock()))] == []
    return True


def test_receipt_killed_at_each_point_is_made_once(ctx: Context, kill_at_each_point: Kill) -> None:
    b.an_office(ctx)

    points = kill_at_each_point("receive", range(2 * MOST))

    codes = facts.column(ctx, "select code from dossier order by code")
    assert codes == [f"H00-260302-{no:04d}" for no in range(1, points + 1)]
    assert clean(ctx)


def test_fold_killed_at_each_point_counts_each_dossier_once(ctx: Context, kill_at_each_point: Kill) -> None:
    b.an_office(ctx)

    points = kill_at_each_point("fold", range(3 * MOST))

    assert rollups.differences(ctx) == []
    assert facts.column(ctx, "select count(*) from rollup_delta") == [0]  # who came after added up what was left
    assert facts.column(ctx, "select sum(dossiers) from rollup_cell where grain = 'receiving'") == [points]
    assert clean(ctx)


def test_task_killed_at_each_point_is_done_once(ctx: Context, kill_at_each_point: Kill) -> None:
    office = b.an_office(ctx)
    tasks = [b.a_received_dossier(ctx, office)["open_tasks"][0]["id"] for _ in range(MOST)]

    points = kill_at_each_point("complete", tasks)

    times = facts.tasks_done(ctx)
    assert [times[task] for task in tasks] == [1] * points + [0] * (MOST - points)
    assert clean(ctx)


def test_batch_killed_at_each_point_does_and_undoes_each_task_once(ctx: Context, kill_at_each_point: Kill) -> None:
    office = b.an_office(ctx)
    tasks = [b.a_received_dossier(ctx, office)["open_tasks"][0]["id"] for _ in range(2 * MOST)]
    batches = [task_batches.begin(ctx, by=office.officer, task_ids=[task])["id"] for task in tasks]

    done = kill_at_each_point("batch", batches)

    states = "select state from task_batch order by state"
    assert facts.column(ctx, states) == ["done"] * done + ["running"] * (2 * MOST - done)
    times = facts.tasks_done(ctx)
    assert [times[task] for task in tasks] == [1] * done + [0] * (2 * MOST - done)
    b.turn_clock_to(ctx, "2026-03-02T08:10")
    task_batches.carry_on_all(ctx, most=2 * MOST)
    for batch in batches:
        task_batches.begin_undo(ctx, by=office.officer, batch_id=batch)
    undone = kill_at_each_point("batch", batches)
    assert facts.column(ctx, states) == ["undoing"] * (2 * MOST - undone) + ["undone"] * undone
    assert facts.events(ctx)["step.taken_back"] == undone
    assert clean(ctx)


def test_clock_killed_at_each_point_writes_each_letter_once(ctx: Context, kill_at_each_point: Kill) -> None:
    office = b.an_office(ctx)
    for _ in range(MOST):
        b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)

    kill_at_each_point("tick", range(MOST))
    timekeeping.pass_due(ctx)

    assert facts.column(ctx, "select count(*) from letter group by dossier_id, promise_no") == [1] * MOST
    assert facts.events(ctx)["promise.passed"] == MOST
    assert clean(ctx)


def test_clock_killed_at_each_point_tells_each_process_once(ctx: Context, kill_at_each_point: Kill) -> None:
    reference = processes.a_reference(ctx, "1.004873")
    said = processes.usual_facts("1.004873") | {"lived_elsewhere": True}
    for _ in range(MOST):
        dossier = processes.receive(ctx, reference, facts=said)
        dossier = processes.do(ctx, reference, dossier, "examine", "verify")
        processes.do(ctx, reference, dossier, "ask")
    b.turn_clock_to(ctx, "2026-03-06T00:01", ticker=False)  # 3 working days have passed, and no promise is in danger

    kill_at_each_point("tick", range(MOST))
    timekeeping.pass_due(ctx)

    told = facts.events(ctx)
    assert told["wait.passed"] == told["process.escalated"] == MOST
    assert clean(ctx)


def test_letter_killed_at_each_point_is_numbered_once_and_delivered_under_one_name(
    ctx: Context, kill_at_each_point: Kill
) -> None:
    letters = approved_letters(ctx, 2 * MOST)

    points = kill_at_each_point("dispatch", letters)

    numbers = facts.column(ctx, "select number from letter where number is not null")
    assert Counter(int(number.split("/")[0]) for number in numbers) == Counter(range(1, points + 1))
    of_letters = "topic = 'message.email' and cast(payload as text) like '%file_sha256%'"
    messages = facts.column(ctx, f"select id from outbox where {of_letters} order by id")
    assert len(messages) == points
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    with taking_mail(slow=0.0) as (postbox, smtp_url):
        done = kill_at_each_point("deliver", messages, MOTCUA_SMTP_URL=smtp_url, MOTCUA_MAIL_FROM="a@example.test")
    assert (len(postbox.copies), len({message_id for _, message_id in postbox.copies})) == (done, done)
    assert set(postbox.copies.values()) == {1, 2}  # two when the crash fell between the mail and its note
    assert facts.events(ctx)["letter.delivered"] == done
    assert clean(ctx)


def approved_letters(ctx: Context, count: int) -> list[str]:
    office = b.an_office(ctx)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=b.local("2026-03-12T09:00"))
    ids = []
    for number in range(count):
        dossier = b.a_received_dossier(
            ctx, office, applicant=replace(b.WITH_EMAIL, email=f"thu{number}@example.test")
        )  # fmt: skip
        letter = apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]
        apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
        ids.append(letter["id"])
    return ids


def test_version_move_killed_at_each_point_takes_each_dossier_once(ctx: Context, kill_at_each_point: Kill) -> None:
    office = b.an_office(ctx)
    for _ in range(3 * MOST):
        b.a_received_dossier(ctx, office)
    version_acts.second_version(ctx, office, total_days="6", steps=version_acts.with_units(THU_LY="LANH_DAO"))
    order = version_moves.begin(ctx, by=office.admin, code=office.procedure, to_version=2, ground=version_acts.GROUND)

    kill_at_each_point("move", [order["id"]] * (2 * MOST))
    version_moves.carry_on(ctx, move_id=order["id"])

    of_each = facts.column(ctx, "select count(*) from event where kind = 'version.moved' group by dossier_id")
    assert of_each == [1] * (3 * MOST)
    told = version_verdicts.told(ctx, order["id"])
    assert (told["state"], told["counts"]["moves_date"]) == ("done", 3 * MOST)
    assert clean(ctx)
