"""``motcua verify`` after calendar changes: whoever alters a declared day, a moved date or what an event says is named.

Events are altered as one who can count hashes would: the chain is made anew, so that only their meaning gives it away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from engine.context import Context
from engine.domain.events import chain_hash
from engine.store.base import Base
from engine.verification.verify import verify
from tests.support.builders import a_received_dossier, an_office, apologise, ask_supplement, local, turn_clock_to
from tests.support.calendar_acts import days, hours, make, undo
from tests.support.contexts import make_context

T = Base.metadata.tables
NOW = "2026-03-02T15:00"


@dataclass(frozen=True)
class World:
    """A database in which calendars were changed, and its dossiers by what moved."""

    ctx: Context
    ids: dict[str, UUID]

    @contextmanager
    def spoiling(self) -> Iterator[Connection]:
        """Yield a connection that no foreign key holds back, and commit."""
        with self.ctx.database.engine.connect() as connection:
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("pragma foreign_keys=off")
            connection.exec_driver_sql("begin")
            yield connection
            connection.commit()
            connection.invalidate()

    def found(self) -> set[tuple[str, str]]:
        """Return table and field of all that verify reports."""
        return {(each.table, each.field) for each in verify(self.ctx)}


def live(ctx: Context) -> dict[str, str]:
    """Let dates of all kinds move, and one back again; return ids of the dossiers."""
    office = an_office(ctx, policy={"supplement": {"clock": "pause"}})
    plain = a_received_dossier(ctx, office)
    asked = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    sorry = apologise(ctx, office, a_received_dossier(ctx, office), new_due="2026-03-11T09:00")
    make(ctx, days(3, 6, 11, 23), by=office.admin)
    turn_clock_to(ctx, "2026-03-02T10:00")
    back = a_received_dossier(ctx, office)
    undo(ctx, make(ctx, days(10)))
    make(ctx, hours(date(2026, 4, 1), *["08:00-12:00"] * 5))
    make(ctx, hours(date(2026, 4, 1), *["08:00-12:00"] * 6, desk="BP_MOT_CUA"))
    turn_clock_to(ctx, NOW)
    return {"plain": plain["id"], "asked": asked["id"], "sorry": sorry["id"], "back": back["id"]}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, dict[str, UUID]]:
    folder = tmp_path_factory.mktemp("calendars")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    ctx = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    ids = {name: UUID(each) for name, each in live(ctx).items()}
    with ctx.database.engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        connection.exec_driver_sql("begin")
    ctx.database.close()
    return folder, ids


@pytest.fixture
def world(tmp_path: Path, lived: tuple[Path, dict[str, UUID]]) -> Iterator[World]:
    folder, ids = lived
    shutil.copyfile(folder / "motcua.db", tmp_path / "motcua.db")
    shutil.copytree(folder / "files", tmp_path / "files")
    ctx = make_context(tmp_path, f"sqlite:///{tmp_path / 'motcua.db'}")
    ctx.clock.turn_to(local(NOW))  # type: ignore[attr-defined]
    yield World(ctx, ids)
    ctx.database.close()


def test_nothing_is_reported_of_what_nobody_altered(world: World) -> None:
    assert verify(world.ctx) == []


# --- rows ------------------------------------------------------------------------------------------------------------


def _day(**new: Any) -> Callable[[Connection, World], None]:
    def act(connection: Connection, _: World) -> None:
        day = T["calendar_day"]
        changed = connection.execute(update(day).where(day.c.on_date == date(2026, 3, 6)).values(**new))
        assert changed.rowcount == 1

    return act


def _day_gone(connection: Connection, _: World) -> None:
    connection.execute(delete(T["calendar_day"]).where(T["calendar_day"].c.on_date == date(2026, 3, 6)))


def _day_more(connection: Connection, _: World) -> None:
    day = T["calendar_day"]
    row = dict(connection.execute(select(day).where(day.c.on_date == date(2026, 3, 6))).mappings().one())
    connection.execute(insert(day).values(row | {"on_date": date(2026, 3, 10)}))


def _row(table: str, name: str, **new: Any) -> Callable[[Connection, World], None]:
    """Alter the first row of a dossier in which none of the columns is empty."""

    def act(connection: Connection, world: World) -> None:
        target = T[table]
        mine = target.c.id if table == "dossier" else target.c.dossier_id
        filled = [target.c[column].is_not(None) for column in new]
        row = connection.execute(select(target).where(mine == world.ids[name], *filled)).mappings().first()
        assert row is not None
        values = {column: value(row[column]) if callable(value) else value for column, value in new.items()}
        same = [column == row[column.name] for column in target.primary_key.columns]
        connection.execute(update(target).where(*same).values(values))

    return act


def _in_an_hour(at: datetime) -> datetime:
    return at + timedelta(hours=1)


def _later(at: datetime) -> datetime:
    return at + timedelta(days=1)


ROWS = [
    pytest.param(_day(kind="work"), ("calendar_day", "*"), id="day-kind"),
    pytest.param(_day(decision="1/X"), ("calendar_day", "*"), id="day-decision"),
    pytest.param(_day(note="x"), ("calendar_day", "*"), id="day-note"),
    pytest.param(_day(kind="work", shifts="07:00-11:30"), ("calendar_day", "*"), id="day-shifts"),
    pytest.param(_day(is_provisional=True), ("calendar_day", "*"), id="day-provisional"),
    pytest.param(_day_gone, ("calendar_day", "*"), id="day-gone"),
    pytest.param(_day_more, ("calendar_day", "*"), id="day-more"),
    pytest.param(_row("dossier", "plain", due_at=_later), ("dossier", "due_at"), id="dossier-due"),
    pytest.param(_row("dossier", "plain", late_after=_later), ("dossier", "late_after"), id="dossier-late-after"),
    pytest.param(_row("dossier", "plain", is_provisional=True), ("dossier", "is_provisional"), id="provisional"),
    pytest.param(
        _row("dossier", "plain", calendar_version="0" * 16), ("dossier", "calendar_version"), id="dossier-calendar"
    ),
    pytest.param(_row("dossier", "sorry", extended_due_at=_later), ("dossier", "extended_due_at"), id="extended"),
    pytest.param(_row("deadline", "plain", due_at=_later), ("deadline", "due_at"), id="limit-due"),
    pytest.param(_row("deadline", "back", due_at=_later), ("deadline", "due_at"), id="limit-that-came-back"),
    pytest.param(_row("deadline", "plain", late_after=_later), ("deadline", "late_after"), id="limit-late-after"),
    pytest.param(
        _row("deadline", "plain", calendar_version="0" * 16), ("deadline", "calendar_version"), id="limit-calendar"
    ),
    pytest.param(_row("deadline", "plain", wake_at=_in_an_hour), ("deadline", "wake_at"), id="wake"),
    pytest.param(_row("supplement", "asked", answer_due_at=_later), ("supplement", "answer_due_at"), id="answer"),
    pytest.param(_row("task", "plain", due_at=_later), ("task", "due_at"), id="step"),
]


@pytest.mark.parametrize(("act", "wanted"), ROWS)
def test_verify_names_the_altered_row(
    world: World, act: Callable[[Connection, World], None], wanted: tuple[str, str]
) -> None:
    with world.spoiling() as connection:
        act(connection, world)
    assert wanted in world.found()


# --- events, with the chain made anew --------------------------------------------------------------------------------


def _said(name: str, alter: Callable[[dict[str, Any]], dict[str, Any]], *, last: bool = True) -> Any:
    """Alter what the last (or first) ``promise.moved`` of a dossier says, and chain its history anew."""

    def act(connection: Connection, world: World) -> None:
        event, dossier = T["event"], world.ids[name]
        rows = connection.execute(select(event).where(event.c.dossier_id == dossier).order_by(event.c.seq)).mappings()
        rows = [dict(row) for row in rows]
        moves = [row for row in rows if row["kind"] == "promise.moved"]
        target = moves[-1 if last else 0]
        target["payload"] = alter(target["payload"])
        previous = ""
        for row in rows:
            previous = row["hash"] = chain_hash(
                previous, dossier=str(dossier), seq=row["seq"], kind=row["kind"], at=row["at"], actor=row["actor_id"],
                payload=row["payload"],
            )  # fmt: skip
            same = (event.c.dossier_id == dossier, event.c.seq == row["seq"])
            connection.execute(update(event).where(*same).values(payload=row["payload"], hash=row["hash"]))
        connection.execute(update(T["dossier"]).where(T["dossier"].c.id == dossier).values(event_hash=previous))

    return act


def _move(what: str, **new: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Alter the move of one date, and of a promise what is said of it beside."""

    def alter(payload: dict[str, Any]) -> dict[str, Any]:
        assert what in [each["what"] for each in payload["moves"]]
        moves = [each | new if each["what"] == what else each for each in payload["moves"]]
        also = {"due_at": new["after"]} if what == "promise" and "after" in new else {}
        return payload | {"moves": moves} | also

    return alter


def _also(**new: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda payload: payload | new


OPENING, NOT_OPENING = "2026-03-10T00:00:00+00:00", "2026-03-09T01:00:00+00:00"  # Tuesday 07:00, Monday 08:00
EVENTS = [
    pytest.param(_said("plain", _move("promise", after=OPENING)), "payload.moves", id="to-a-later-opening"),
    pytest.param(_said("plain", _move("promise", after=NOT_OPENING)), "payload.moves", id="to-no-opening"),
    pytest.param(
        _said("plain", _move("promise", after="2026-03-06T01:00:00+00:00")), "payload.moves", id="to-where-it-was"
    ),
    pytest.param(_said("plain", _move("promise", before=OPENING)), "payload.moves", id="from-elsewhere"),
    pytest.param(_said("plain", _move("step", after=OPENING)), "payload.moves", id="step"),
    pytest.param(_said("asked", _move("answer", after=OPENING)), "payload.moves", id="answer"),
    pytest.param(_said("sorry", _move("extension", after=OPENING)), "payload.moves", id="extension"),
    pytest.param(_said("back", _move("promise", after=NOT_OPENING)), "payload.moves", id="undone-to-elsewhere"),
    pytest.param(_said("plain", _also(ground=" ")), "payload.ground", id="without-ground"),
    pytest.param(_said("plain", _also(due_at=OPENING)), "payload.due_at", id="promise-beside-its-move"),
    pytest.param(_said("plain", _also(late_after=OPENING)), "payload.late_after", id="late-after"),
    pytest.param(_said("plain", _also(provisional=True)), "payload.provisional", id="provisional"),
    pytest.param(_said("plain", _also(promise=2)), "payload.promise", id="another-promise"),
    pytest.param(_said("plain", _move("promise", key=2)), "payload.promise", id="move-of-no-promise"),
    pytest.param(_said("asked", _move("answer", key=2)), "payload.moves", id="move-of-no-answer"),
    pytest.param(_said("plain", _move("step", key=str(UUID(int=7)))), "payload.moves", id="move-of-no-step"),
]


@pytest.mark.parametrize(("act", "field"), EVENTS)
def test_verify_sees_a_history_that_was_written_anew(
    world: World, act: Callable[[Connection, World], None], field: str
) -> None:
    with world.spoiling() as connection:
        act(connection, world)
    found = {each.field for each in verify(world.ctx) if each.table == "event"}
    assert any(each.endswith(field) for each in found), found


def test_calendar_that_an_event_names_and_nobody_keeps_is_missing(world: World) -> None:
    with world.spoiling() as connection:
        _said("plain", _also(calendar="0" * 16))(connection, world)
    assert {("calendar_version", "*"), ("deadline", "calendar_version")} <= world.found()


def test_move_without_its_event_is_a_row_that_nothing_explains(world: World) -> None:
    with world.spoiling() as connection:
        event, dossier = T["event"], T["dossier"]
        mine = event.c.dossier_id == world.ids["plain"]
        last = connection.execute(select(event).where(mine).order_by(event.c.seq.desc())).mappings().first()
        assert last is not None
        assert last["kind"] == "promise.moved"
        connection.execute(delete(event).where(mine, event.c.seq == last["seq"]))
        before = connection.scalar(select(event.c.hash).where(mine, event.c.seq == last["seq"] - 1))
        connection.execute(
            update(dossier)
            .where(dossier.c.id == world.ids["plain"])
            .values(event_seq=last["seq"] - 1, event_hash=before)
        )
    assert {("dossier", "due_at"), ("deadline", "due_at"), ("task", "due_at")} <= world.found()
