"""``motcua verify`` against raw SQL on the audit of calendars: acts, moves, declared rows, settings."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind
from engine.services import agency_settings
from engine.store.base import Base
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.calendar_acts import below, days, hours, make, undo
from tests.support.contexts import make_context
from tests.support.step_tables import DESK

TABLES = Base.metadata.tables
WEEK = ("07:30-11:30, 13:00-17:00",) * 5
MOVED, UNDONE, UNDO, HOURS, RECEPTION, TWICE, WARD, SETTINGS, LAST = range(1, 10)  # the acts, as they are made below
Tamper = Callable[[Connection], object]


def live(ctx: Context) -> None:
    """Make an act of every kind: dossiers that move, an undo, a day declared twice, two layers of hours, settings."""
    office = b.an_office(ctx)
    below(ctx, "H00", "H00.1")
    for _ in range(2):
        b.a_received_dossier(ctx, office)  # promised for 6 March
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    make(ctx, days(6), by=office.admin)
    undo(ctx, make(ctx, days(9, 20)))
    make(ctx, hours(16, *WEEK), by=office.admin)
    make(ctx, hours(16, *WEEK, "07:30-11:30", desk=DESK))
    make(ctx, days(6, no="13/QĐ"))
    make(ctx, hours(23, *WEEK[:4], "07:30-11:30", no="2/QĐ"), agency="H00.1")
    agency_settings.change(ctx, by=office.admin, late_rule="instant")
    make(ctx, days(28, kind=DayKind.WORK))


@contextmanager
def spoiling(ctx: Context) -> Iterator[Connection]:
    """Yield a connection that no foreign key holds back, and commit."""
    with ctx.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("pragma foreign_keys=off")
            connection.exec_driver_sql("begin")
        else:
            connection.execute(text("set session_replication_role = replica"))
        yield connection
        connection.commit()
        connection.invalidate()


def put(name: str, where: dict[str, Any] | None = None, **values: Any) -> Tamper:
    """Change the first row that fits; a callable gets the old value; without values the row is deleted."""

    def act(connection: Connection) -> None:
        table = TABLES[name]
        query = select(table).where(*(table.c[column] == value for column, value in (where or {}).items()))
        row = connection.execute(query.order_by(*table.primary_key.columns)).mappings().first()
        assert row is not None
        same = [column == row[column.name] for column in table.primary_key.columns]
        new = {column: value(row[column]) if callable(value) else value for column, value in values.items()}
        connection.execute(update(table).where(*same).values(new) if new else delete(table).where(*same))

    return act


def copy_row(name: str, where: dict[str, Any], **values: Any) -> Tamper:
    """Add a row like the first that fits."""

    def act(connection: Connection) -> None:
        table = TABLES[name]
        query = select(table).where(*(table.c[column] == value for column, value in where.items()))
        row = dict(connection.execute(query).mappings().first() or {})
        connection.execute(insert(table).values(row | values))

    return act


def both(*tampers: Tamper) -> Tamper:
    return lambda connection: [each(connection) for each in tampers]


def later(old: datetime) -> datetime:
    return old + timedelta(microseconds=1)


def act(number: int, **values: Any) -> Tamper:
    return put("calendar_change", {"id": number}, **values)


def day(on: str, **values: Any) -> Tamper:
    return put("calendar_day", {"on_date": date.fromisoformat(on)}, **values)


def week(number: int, **values: Any) -> Tamper:
    return put("office_hours", {"change_id": number}, **values)


CASES = [
    *((name, act(MOVED, **{name: value}), "calendar_change", "hash") for name, value in {
        "ground": "khác", "made_by": 2, "made_at": later, "moved": 1, "undoes": 7, "kind": "hours", "unit_id": 1,
        "declared": [], "replaced": [{"on": "2026-01-01"}], "owner_agency_id": 2, "hash": "0" * 64,
    }.items()),
    ("declared-garbage", act(LAST, declared=["x"]), "calendar_change", "declared"),
    ("declared-no-list", act(LAST, declared=7), "calendar_change", "declared"),
    ("act-deleted", act(HOURS), "calendar_change", "hash"),
    ("act-deleted-with-row", both(act(RECEPTION), week(RECEPTION)), "calendar_change", "hash"),
    ("last-act-deleted", act(LAST), "calendar_day", "change_id"),
    ("last-act-deleted-version", act(LAST), "calendar_version", "change_id"),
    ("undo-deleted", act(UNDO), "calendar_change", "undone_by"),
    ("undone-by-lost", act(UNDONE, undone_by=None), "calendar_change", "undone_by"),
    ("undone-by-other", act(UNDONE, undone_by=HOURS), "calendar_change", "undone_by"),
    ("undone-by-made-up", act(HOURS, undone_by=UNDO), "calendar_change", "undone_by"),
    ("undoes-lost", act(UNDO, undoes=None), "calendar_change", "undoes"),
    ("undoes-made-up", act(HOURS, undoes=RECEPTION), "calendar_change", "undoes"),
    ("undo-declared", act(UNDO, declared=[{"on": "2026-01-01"}]), "calendar_change", "declared"),
    ("moved-count", act(MOVED, moved=3), "calendar_change", "moved"),
    ("ground-and-event", act(MOVED, ground="khác"), "calendar_move", "ground"),
    ("made-at-and-event", act(MOVED, made_at=later), "calendar_move", "made_at"),
    ("made-by-and-event", act(MOVED, made_by=None), "calendar_move", "made_by"),
    ("move-deleted", put("calendar_move"), "calendar_move", "*"),
    ("move-deleted-count", put("calendar_move"), "calendar_change", "moved"),
    ("move-added", copy_row("calendar_move", {}, change_id=HOURS), "calendar_move", "change_id"),
    ("move-seq", put("calendar_move", seq=1), "calendar_move", "seq"),
    ("move-owner", put("calendar_move", owner_agency_id=2), "calendar_move", "owner_agency_id"),
    ("move-of-no-act", put("calendar_move", change_id=99), "calendar_move", "change_id"),
    ("event-payload", put("event", {"kind": "promise.moved"}, payload=[]), "calendar_move", "ground"),
    ("event-deleted", put("event", {"kind": "promise.moved"}), "calendar_move", "seq"),
    *((f"day-{name}", day("2026-03-06", **{name: value}), "calendar_day", name) for name, value in {
        "entered_by": 2, "entered_at": later, "change_id": MOVED, "decision": "khác", "note": "khác",
        "kind": "work", "is_provisional": True, "shifts": "07:00-11:30",
    }.items()),
    ("seeded-day-entered-by", day("2026-01-01", entered_by=2), "calendar_day", "entered_by"),
    ("seeded-day-change", day("2026-01-01", change_id=MOVED), "calendar_day", "change_id"),
    ("day-deleted", day("2026-03-06"), "calendar_day", "*"),
    *((f"hours-{name}", week(HOURS, **{name: value}), "office_hours", name) for name, value in {
        "entered_by": None, "entered_at": later, "change_id": WARD, "decision": "khác", "note": "khác",
        "week": lambda old: [*old[:5], ["07:00-11:30"], []],
    }.items()),
    ("hours-not-in-force", week(HOURS, decision="khác"), "office_hours", "*"),
    ("hours-deleted", week(HOURS), "office_hours", "*"),
    ("hours-of-ward", week(WARD, week=lambda old: old[::-1]), "office_hours", "*"),
    ("hours-added", copy_row("office_hours", {}, id=77, valid_from=date(2027, 1, 4)), "office_hours", "*"),
    ("hours-twice", copy_row("office_hours", {}, id=77), "office_hours", "*"),
    ("reception-week", week(RECEPTION, week=lambda old: old[::-1]), "office_hours", "week"),
    ("reception-unit", week(RECEPTION, unit_id=2), "office_hours", "*"),
    ("late-rule", put("agency", {"code": "H00"}, late_rule="day"), "agency", "late_rule"),
    ("nearing", put("agency", {"code": "H00"}, nearing_percent=50), "agency", "nearing_percent"),
    ("late-rule-of-defaults", put("agency", {"code": "H00.1"}, late_rule="instant"), "agency", "late_rule"),
    ("settings-act", act(SETTINGS, declared=[{"late_rule": "day", "nearing_percent": 80}]), "agency", "late_rule"),
    ("settings-garbage", act(SETTINGS, declared=[]), "calendar_change", "declared"),
    ("settings-deleted", act(SETTINGS), "agency", "late_rule"),
]  # fmt: skip


@pytest.fixture(scope="module")
def lived_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    folder = tmp_path_factory.mktemp("acts")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    ctx = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    live(ctx)
    with ctx.database.engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        connection.exec_driver_sql("begin")
    ctx.database.close()
    return folder / "motcua.db"


@pytest.fixture
def lived(tmp_path: Path, lived_sqlite: Path) -> Iterator[Context]:
    shutil.copyfile(lived_sqlite, tmp_path / "motcua.db")
    ctx = make_context(tmp_path, f"sqlite:///{tmp_path / 'motcua.db'}")
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    yield ctx
    ctx.database.close()


@pytest.mark.parametrize(("tamper", "table", "field"), [pytest.param(*each[1:], id=each[0]) for each in CASES])
def test_verify_sees_tampering_with_the_audit_of_calendars(
    lived: Context, tamper: Tamper, table: str, field: str
) -> None:
    with spoiling(lived) as connection:
        tamper(connection)

    assert (table, field) in {(each.table, each.field) for each in verify(lived)}


def test_acts_of_every_kind_are_found_right_and_changes_of_some_found_wrong(ctx: Context) -> None:
    live(ctx)
    with ctx.database.engine.connect() as connection:
        moved = connection.scalars(select(TABLES["calendar_move"].c.change_id)).all()
        assert sorted(moved) == [MOVED, MOVED, UNDONE, UNDONE, UNDO, UNDO]
    assert verify(ctx) == []

    with spoiling(ctx) as connection:
        both(act(MOVED, ground="khác"), put("calendar_move", seq=1), week(WARD))(connection)
    found = {(each.table, each.field) for each in verify(ctx)}
    assert found >= {("calendar_change", "hash"), ("calendar_move", "seq"), ("office_hours", "*")}


def test_the_chain_goes_on_where_a_change_was_refused(ctx: Context) -> None:
    b.an_office(ctx)
    made = make(ctx, days(10))
    with pytest.raises(Exception, match="already"):
        make(ctx, days(10))
    undo(ctx, made)
    agency_settings.change(ctx, by=SYSTEM, nearing_percent=50)

    assert verify(ctx) == []
