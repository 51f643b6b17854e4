"""What the desk and the officers do at the same moment to one dossier: each act counts whole or is told why not."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from engine.context import Context
from engine.errors import ConflictError, ForbiddenError
from engine.services import (
    corrections,
    intake,
    notes,
    opinions,
    processing,
    reading,
    receipt_issues,
    refusal_suggestions,
    step_back,
    task_batches,
    version_moves,
)
from engine.verification.verify import verify
from tests.integration.test_races import at_once
from tests.support import builders as b
from tests.support import version_acts as v


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """The office that resolves."""
    return b.an_office(ctx)


def told(act: Callable[[], object]) -> Callable[[], str]:
    """Return the act as one that says ``done`` or the code of its refusal."""

    def tried() -> str:
        try:
            act()
        except (ConflictError, ForbiddenError) as error:
            return error.code
        return "done"

    return tried


def correct(ctx: Context, office: b.Office, dossier: b.Dossier, name: str) -> Callable[[], object]:
    """Return the correction of the applicant's name."""
    wish = corrections.Correction(reason="gõ nhầm", applicant=intake.Person(name=name))
    return lambda: corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish)


def test_corrections_go_in_while_a_batch_is_done_and_undone(ctx: Context, office: b.Office) -> None:
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(4)]
    tasks = [dossier["open_tasks"][0]["id"] for dossier in dossiers]
    batch = task_batches.begin(ctx, by=office.officer, task_ids=tasks)["id"]
    corrected = [told(correct(ctx, office, each, f"Nguyễn Văn {no}")) for no, each in enumerate(dossiers)]

    said = at_once(lambda: task_batches.carry_on(ctx, batch_id=UUID(batch)), *corrected)

    assert said[1:] == ["done"] * 4
    assert task_batches.told(ctx, by=office.officer, batch_id=batch)["done"] == 4
    assert verify(ctx) == []
    undone = at_once(
        lambda: task_batches.undo(ctx, by=office.officer, batch_id=batch),
        told(lambda: notes.add(ctx, by=office.desk, dossier=dossiers[0]["id"], text="Đã gọi điện")),
    )
    assert undone[1] == "done"
    for verdict in task_batches.told(ctx, by=office.officer, batch_id=batch)["verdicts"]:
        assert (verdict["state"], verdict["code"]) in (("undone", None), ("kept", "acted-since"))
    assert verify(ctx) == []


def test_two_corrections_at_once_are_two_issues_or_the_second_is_told(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    at_once(*(told(correct(ctx, office, dossier, f"Nguyễn Văn {name}")) for name in "ABC"))
    issues = receipt_issues.listed(ctx, by=office.desk, dossier=dossier["id"])
    assert [(each["no"], each["replaced_by"]) for each in issues] == [(1, 2), (2, 3), (3, 4), (4, None)]
    wish = corrections.Correction(reason="gõ nhầm", case="Cấp lại")
    version = reading.detail(ctx, by=office.desk, dossier=dossier["id"])["version"]
    said = at_once(*(
        told(lambda: corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish, expected=version))
        for _ in range(2)
    ))  # fmt: skip
    assert sorted(said) == ["done", "version-mismatch"]
    assert verify(ctx) == []


def test_the_step_is_taken_back_or_the_next_one_goes_on(ctx: Context, office: b.Office) -> None:
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(4)]
    for dossier in dossiers:
        first = dossier["open_tasks"][0]["id"]
        (after,) = processing.complete(ctx, by=office.officer, task_id=first)["open_tasks"]
        said = at_once(
            told(lambda first=first: step_back.take_back(ctx, by=office.officer, task_id=first)),
            told(lambda task=after["id"]: processing.claim(ctx, by=office.approver, task_id=task)),
            told(lambda task=after["id"]: step_back.send_back(ctx, by=office.approver, task_id=task, reason="Thiếu")),
        )
        if said[0] == "done":
            assert set(said[1:]) == {"task-gone"}
        else:
            assert said[0] == "acted-since"
            assert "done" in said[1:]
    assert verify(ctx) == []


def test_a_reopened_step_moves_to_the_next_version_and_back(ctx: Context, office: b.Office) -> None:
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(3)]
    tasks = [dossier["open_tasks"][0]["id"] for dossier in dossiers]
    for task in tasks:
        processing.complete(ctx, by=office.officer, task_id=task)
    v.second_version(ctx, office, total_days="6")
    move = version_moves.begin(ctx, by=office.admin, code=office.procedure, to_version=2, ground=v.GROUND)["id"]

    said = at_once(
        lambda: version_moves.carry_on(ctx, move_id=move),
        *(told(lambda task=task: step_back.take_back(ctx, by=office.officer, task_id=task)) for task in tasks),
    )
    version_moves.carry_on(ctx, move_id=move)

    assert set(said[1:]) <= {"done", "acted-since"}
    shown = [reading.detail(ctx, by=office.officer, dossier=each["id"]) for each in dossiers]
    assert [each["procedure_version"] for each in shown] == [2, 2, 2]
    assert verify(ctx) == []
    v.undo(ctx, office, {"id": move})
    assert verify(ctx) == []


def test_one_answers_one_decides_and_nothing_is_told_twice(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    opinions.ask(ctx, by=office.officer, dossier=dossier["id"], units=["LANH_DAO"], question="Có không?", days=2)
    said = at_once(
        told(lambda: opinions.give(ctx, by=office.approver, dossier=dossier["id"], no=1, stance="agree")),
        told(lambda: opinions.withdraw(ctx, by=office.officer, dossier=dossier["id"], no=1)),
        *(
            told(lambda: refusal_suggestions.suggest(
                ctx, by=office.officer, dossier=dossier["id"], reason="Thiếu", ground="Điều 9"
            ))
            for _ in range(2)
        ),
    )  # fmt: skip
    assert sorted(said[:2]) == ["done", "opinion-closed"]
    assert sorted(said[2:]) == ["done", "refusal-suggested"]
    declined = told(
        lambda: refusal_suggestions.decline(ctx, by=office.approver, dossier=dossier["id"], answer="Làm tiếp")
    )
    assert sorted(at_once(declined, declined)) == ["done", "no-refusal-suggested"]
    assert verify(ctx) == []
