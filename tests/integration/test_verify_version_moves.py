"""``motcua verify`` after version moves: whoever alters a verdict, a moved row or what an event says is named.

Events are altered as one who can count hashes would: the chain is made anew, so that only their meaning gives it away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, select, update

from engine.context import Context
from engine.domain.events import chain_hash
from engine.store.base import Base
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import version_acts as v
from tests.support.contexts import make_context
from tests.support.step_tables import HEAD

T = Base.metadata.tables
Payload = dict[str, Any]


World = tuple[Context, dict[str, UUID]]


def live(ctx: Context) -> dict[str, UUID]:
    """Move a dossier with its date and one whose clock stands, beside one that is blocked."""
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    moved, stands = (b.a_received_dossier(ctx, office) for _ in range(2))
    blocked = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    b.ask_supplement(ctx, office, stands)
    steps = v.without("KY", instead="SO")
    steps[1] |= {"unit": HEAD, "unit_label": "Tên"}
    v.second_version(ctx, office, steps=steps, total_days="6", policy={"supplement": {"clock": "pause"}})
    made = v.move(ctx, office, by=office.admin)
    assert (made["counts"]["moves_date"], made["counts"]["blocked"]) == (2, 1)
    return {"moved": UUID(moved["id"]), "stands": UUID(stands["id"]), "blocked": UUID(blocked["id"])}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, dict[str, UUID]]:
    file = tmp_path_factory.mktemp("moves") / "motcua.db"
    shutil.copyfile(sqlite_template, file)
    ctx = make_context(file.parent, f"sqlite:///{file}")
    ids = live(ctx)
    with ctx.database.engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        connection.exec_driver_sql("begin")
    ctx.database.close()
    return file, ids


@pytest.fixture
def world(tmp_path: Path, lived: tuple[Path, dict[str, UUID]]) -> Iterator[World]:
    file, ids = lived
    shutil.copyfile(file, tmp_path / "motcua.db")
    ctx = make_context(tmp_path, f"sqlite:///{tmp_path / 'motcua.db'}")
    ctx.clock.turn_to(b.local("2026-03-03T10:00"))  # type: ignore[attr-defined]
    yield ctx, ids
    ctx.database.close()


def test_nothing_is_reported_of_a_move_that_nobody_altered(world: World) -> None:
    assert verify(world[0]) == []


def found(ctx: Context) -> set[tuple[str, str]]:
    """Return table and field of all that verify reports."""
    return {(each.table, each.field) for each in verify(ctx)}


def _row(table: str, column: str, **new: Any) -> Callable[[Connection, dict[str, UUID]], None]:
    def act(connection: Connection, ids: dict[str, UUID]) -> None:
        name = T[table].c[column]
        connection.execute(update(T[table]).where(name == ids["moved"]).values(**new))

    return act


def _move(**new: Any) -> Callable[[Connection, dict[str, UUID]], None]:
    def act(connection: Connection, _: dict[str, UUID]) -> None:
        connection.execute(update(T["version_move"]).values(**new))

    return act


def _gone(connection: Connection, ids: dict[str, UUID]) -> None:
    verdict = T["version_move_verdict"]
    connection.execute(delete(verdict).where(verdict.c.dossier_id == ids["moved"]))


def _as_moved(connection: Connection, ids: dict[str, UUID]) -> None:
    verdict = T["version_move_verdict"]
    connection.execute(update(verdict).where(verdict.c.dossier_id == ids["blocked"]).values(verdict="moves"))


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (_row("dossier", "id", version_id=1), ("dossier", "version_id")),
        (_row("process_instance", "dossier_id", version_id=1), ("process_instance", "version_id")),
        (_row("deadline", "dossier_id", time_limit="4 working_day"), ("deadline", "time_limit")),
        (_row("task", "dossier_id", stage=3), ("task", "stage")),
        (_row("version_move_verdict", "dossier_id", verdict="moves"), ("version_move_verdict", "verdict")),
        (_row("version_move_verdict", "dossier_id", verdict="undone"), ("version_move_verdict", "verdict")),
        (_row("version_move_verdict", "dossier_id", from_version_id=2), ("version_move_verdict", "from_version_id")),
        (_gone, ("version_move_verdict", "*")),
        (_as_moved, ("version_move_verdict", "verdict")),
        (_move(ground="Khác"), ("version_move_verdict", "ground")),
        (_move(made_by=None), ("version_move_verdict", "made_by")),
        (_move(ended_at=None), ("version_move", "ended_at")),
    ],
)
def test_altered_row_is_named(world: World, act: Callable[..., None], expected: tuple[str, str]) -> None:
    ctx, ids = world
    with ctx.database.engine.begin() as connection:
        act(connection, ids)

    assert expected in found(ctx)


def _later(said: Payload) -> None:
    for name in ("due_at", "late_after"):
        said[name] = (datetime.fromisoformat(said[name]) + timedelta(days=1)).isoformat()


def _task(**new: Any) -> Callable[[Payload], None]:
    return lambda said: said["tasks"][0].update(new)


@pytest.mark.parametrize(
    ("who", "change", "field"),
    [
        ("moved", _later, "payload.due_at"),
        ("moved", lambda said: said.update(limit="9 working_day"), "payload.limit"),
        ("moved", lambda said: said.update(rest="5 working_day"), "payload.due_at"),
        ("moved", lambda said: said.update(ground=" "), "payload.ground"),
        ("moved", lambda said: said.update(dates="keep"), "payload.due_at"),
        ("moved", lambda said: [said.pop(name) for name in ("due_at", "limit", "rest")], "payload.due_at"),
        ("moved", lambda said: said.update(cutoff="09:00"), "payload.cutoff"),
        ("moved", _task(stage=3), "payload.tasks"),
        ("moved", _task(name="Khác"), "payload.tasks"),
        ("moved", _task(stage_share="3 working_day"), "payload.tasks"),
        ("moved", lambda said: said["was"]["tasks"][0].update(unit=1), "payload.tasks"),
        ("moved", lambda said: said["was"]["promise"].update(limit="9 working_day"), "payload.was"),
        ("moved", lambda said: said.update(tasks=[]), "payload.tasks"),
        ("stands", lambda said: said.update(rest="6 working_day"), "payload.due_at"),
        ("stands", lambda said: said.update(running_from=said["counted_from"]), "payload.due_at"),
    ],
)
def test_altered_event_is_named_though_its_chain_is_made_anew(
    world: World, who: str, change: Callable[[Payload], Any], field: str
) -> None:
    ctx, ids = world
    with ctx.database.engine.begin() as connection:
        alter(connection, ids[who], change)

    assert ("event", field) in found(ctx)
    assert ("event", "hash") not in found(ctx)


def alter(connection: Connection, dossier: UUID, change: Callable[[Payload], Any]) -> None:
    """Change what version.moved says, and chain the events of the dossier anew."""
    event, last = T["event"], ""
    query = select(event).where(event.c.dossier_id == dossier).order_by(event.c.seq)
    for row in connection.execute(query).mappings().all():
        payload = dict(row["payload"])
        if row["kind"] == "version.moved":
            change(payload)
        last = chain_hash(
            last, dossier=str(dossier), seq=row["seq"], kind=row["kind"], at=row["at"], actor=row["actor_id"],
            payload=payload,
        )  # fmt: skip
        here = (event.c.dossier_id == dossier, event.c.seq == row["seq"])
        connection.execute(update(event).where(*here).values(payload=payload, hash=last))
    connection.execute(update(T["dossier"]).where(T["dossier"].c.id == dossier).values(event_hash=last))
