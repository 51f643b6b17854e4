"""A calendar change that moves hundreds of dossiers at once: as it was foreseen, with few statements, and undone whole.

``motcua bench calendar-change`` measures ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from bench import copied_dossiers
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import calendar_changes
from engine.store.given_dates import AT_ONCE
from engine.verification.verify import verify
from tests.support.builders import Office, a_received_dossier, an_office
from tests.support.calendar_acts import days, dump, make, undo

MANY = AT_ONCE + 20  # more than one statement takes
GIVEN = ("dossier", "deadline", "task", "supplement")
MARKS = {"version", "event_seq", "event_hash", "wake_at", "calendar_version"}  # that any act leaves behind


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


def many(ctx: Context, office: Office, count: int) -> None:
    """Let the office have ``count`` open dossiers, promised for Friday 6 March."""
    dossier = a_received_dossier(ctx, office)
    copied_dossiers.copy(ctx, dossier_id=UUID(dossier["id"]), code=dossier["code"], count=count - 1)


@contextmanager
def counted(ctx: Context) -> Iterator[list[str]]:
    """Yield the statements that are sent meanwhile; one for many rows is one."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(ctx.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(ctx.database.engine, "before_cursor_execute", note)


def test_hundreds_move_in_one_act_as_it_was_foreseen_and_come_back(ctx: Context, office: Office) -> None:
    many(ctx, office, MANY)
    before = dump(ctx, *GIVEN)

    seen = calendar_changes.preview(ctx, by=SYSTEM, change=days(6))
    assert dump(ctx, *GIVEN) == before, "a preview saves nothing"
    made = calendar_changes.apply(ctx, by=office.admin, change=days(6), expected=seen["token"])

    assert made | {"id": None} == seen | {"moves": seen["moves"][: calendar_changes.MOST_TOLD]}
    assert (made["open"], made["moved"], len(seen["moves"])) == (MANY, MANY, MANY)
    assert {each["due_after"] for each in seen["moves"]} == {"2026-03-09T07:00:00+07:00"}
    assert [each["code"] for each in seen["moves"]] == [f"H00-260302-{no:04}" for no in range(1, MANY + 1)]
    after = dump(ctx, "event", "calendar_change", "calendar_move")
    moved = [row for row in after["event"] if row["kind"] == "promise.moved"]
    assert Counter(row["actor_id"] for row in moved) == {office.admin.id: MANY}
    assert {(row["change_id"], row["dossier_id"], row["seq"]) for row in after["calendar_move"]} == {
        (made["id"], row["dossier_id"], row["seq"]) for row in moved
    }
    assert [row["moved"] for row in after["calendar_change"]] == [MANY]
    assert verify(ctx) == []

    told = calendar_changes.preview_undo(ctx, by=SYSTEM, change_id=made["id"])
    undone = calendar_changes.undo(ctx, by=office.admin, change_id=made["id"], expected=told["token"])

    assert undone | {"id": None} == told | {"moves": told["moves"][: calendar_changes.MOST_TOLD]}
    assert undone["moved"] == MANY
    assert without_marks(dump(ctx, *GIVEN)) == without_marks(before)
    assert verify(ctx) == []


def without_marks(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the rows without what counts acts."""
    return {
        name: [{key: value for key, value in row.items() if key not in MARKS} for row in rows]
        for name, rows in tables.items()
    }


def test_statements_do_not_grow_with_the_dossiers(ctx: Context, office: Office) -> None:
    ward = an_office(ctx, code="H01")
    many(ctx, office, 20)
    statements(ctx)  # calendars are built once a process
    few = statements(ctx)

    many(ctx, ward, AT_ONCE - 20)

    assert statements(ctx) == few


def statements(ctx: Context) -> list[int]:
    """Return how many statements a preview, a change, the preview of its undo and the undo send."""
    found = []
    with counted(ctx) as sent:
        calendar_changes.preview(ctx, by=SYSTEM, change=days(6))
        found.append(len(sent))
        made = make(ctx, days(6))
        found.append(len(sent))
        calendar_changes.preview_undo(ctx, by=SYSTEM, change_id=made["id"])
        found.append(len(sent))
        undo(ctx, made)
        found.append(len(sent))
    return found
