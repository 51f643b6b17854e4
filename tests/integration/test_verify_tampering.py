"""``motcua verify`` against raw SQL: whatever is changed, taken away or added, it names the row.

The dossiers are lived once for each kind of database; each test tampers with a copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Enum, Table, delete, insert, select, text, update

from engine.context import Context
from engine.store import schema
from engine.store.base import Base
from engine.verification.differences import Difference
from engine.verification.rows import DOSSIER, EVENT, PARTS, Kept
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.contexts import make_context
from tests.support.lives import END, Lives, live, wait

schema.load_rows()
TABLES = Base.metadata.tables
KEPT = {kept.name: kept for kept in (DOSSIER, EVENT, *PARTS)}
SHIFTED_KEYS = {"no": 99, "promise_no": 99, "role": "authoriser", "process_wait": "99"}


@dataclass(frozen=True)
class Copy:
    """A lived database that a test may spoil."""

    ctx: Context
    lives: Lives

    @contextmanager
    def spoiling(self) -> Iterator[Connection]:
        """Yield a connection that no foreign key holds back, and commit."""
        with self.ctx.database.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("commit")
                connection.exec_driver_sql("pragma foreign_keys=off")
                connection.exec_driver_sql("begin")
            else:
                connection.execute(text("set session_replication_role = replica"))
            yield connection
            connection.commit()
            connection.invalidate()

    def differences(self) -> list[Difference]:
        return verify(self.ctx)


@pytest.fixture(scope="module")
def lived_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Lives]:
    folder = tmp_path_factory.mktemp("lived")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    ctx = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    lives = live(ctx)
    wait(ctx)
    with ctx.database.engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        connection.exec_driver_sql("begin")
    ctx.database.close()
    return folder, lives


@pytest.fixture(scope="module")
def lived_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Any) -> Iterator[tuple[Path, str, Lives]]:
    folder = tmp_path_factory.mktemp("lived")
    with postgres.database() as url:
        ctx = make_context(folder, url)
        lives = live(ctx)
        wait(ctx)
        ctx.database.close()
        yield folder, url.rsplit("/", 1)[1] if "?" not in url else url.split("?")[0].rsplit("/", 1)[1], lives


@pytest.fixture
def sqlite_copy(tmp_path: Path, lived_sqlite: tuple[Path, Lives]) -> Iterator[Copy]:
    folder, lives = lived_sqlite
    shutil.copyfile(folder / "motcua.db", tmp_path / "motcua.db")
    yield from _copied(tmp_path, folder, f"sqlite:///{tmp_path / 'motcua.db'}", lives)


@pytest.fixture
def postgres_copy(tmp_path: Path, postgres: Any, lived_postgres: tuple[Path, str, Lives]) -> Iterator[Copy]:
    folder, name, lives = lived_postgres
    with postgres.database(template=name) as url:
        yield from _copied(tmp_path, folder, url, lives)


@pytest.fixture(params=["sqlite", "postgresql"])
def copy(request: pytest.FixtureRequest) -> Copy:
    name = "sqlite_copy" if request.param == "sqlite" else "postgres_copy"
    found: Copy = request.getfixturevalue(name)
    return found


def _copied(tmp_path: Path, folder: Path, url: str, lives: Lives) -> Iterator[Copy]:
    shutil.copytree(folder / "files", tmp_path / "files")
    ctx = make_context(tmp_path, url)
    ctx.clock.turn_to(b.local(END))  # type: ignore[attr-defined]
    yield Copy(ctx, lives)
    ctx.database.close()


# --- every column of every row ----------------------------------------------------------------------------------------


def _columns() -> list[Any]:
    cases = []
    for kept in (DOSSIER, *PARTS):
        for column in kept.table.columns:
            if column.name not in {"dossier_id", *kept.free, *kept.key} and (kept.name, column.name) != (
                "dossier",
                "id",
            ):
                cases.append(pytest.param(kept, column.name, id=f"{kept.name}.{column.name}"))
    return cases


@pytest.mark.parametrize(("kept", "column"), _columns())
def test_verify_names_the_changed_column(sqlite_copy: Copy, kept: Kept, column: str) -> None:
    table = kept.table
    with sqlite_copy.spoiling() as connection:
        row = _richest(connection, table, column)
        connection.execute(update(table).where(*_same(table, row)).values({column: _other(table, column, row[column])}))
    named = [each for each in sqlite_copy.differences() if each.table == kept.name and each.field in (column, "*")]
    assert any(_names(each, kept, row) for each in named), named


@pytest.mark.parametrize("kept", [*PARTS, EVENT], ids=lambda kept: kept.name)
def test_verify_names_the_deleted_row(copy: Copy, kept: Kept) -> None:
    table = kept.table
    with copy.spoiling() as connection:
        row = _richest(connection, table, None)
        connection.execute(delete(table).where(*_same(table, row)))
    assert any(_names(each, kept, row) for each in copy.differences() if each.table == kept.name)


@pytest.mark.parametrize("kept", PARTS, ids=lambda kept: kept.name)
def test_verify_names_the_added_row(copy: Copy, kept: Kept) -> None:
    table = kept.table
    with copy.spoiling() as connection:
        row = _richest(connection, table, None)
        row = dict(row) | {name: SHIFTED_KEYS.get(name, row[name]) for name in kept.key}
        if "id" in row:
            row["id"] = uuid4() if isinstance(row["id"], UUID) else 99_999
        if "counter" in row:  # each number once
            row |= {"counter": 99, "subject_no": 99}
        if "promise_no" in row:  # at most one letter and one limit for a promise
            row["promise_no"] = 99
        if kept.name in ("dossier_agency", "process_instance", "result_return"):
            row = row | {"owner_agency_id": 77, "dossier_id": copy.lives.ids["filed"]}
            connection.execute(delete(table).where(table.c.dossier_id == row["dossier_id"]))
        connection.execute(insert(table).values(row))
    assert any(_names(each, kept, row) for each in copy.differences() if each.table == kept.name)


@pytest.mark.parametrize("column", ["name", "identity_number", "phone", "email", "address", "salt"])
def test_verify_names_the_changed_person_without_the_data(copy: Copy, column: str) -> None:
    with copy.spoiling() as connection:
        party = TABLES["party"]
        connection.execute(
            update(party)
            .where(party.c.dossier_id == copy.lives.ids["done"], party.c.role == "owner")
            .values({column: "Q9"})
        )
    named = [each for each in copy.differences() if each.table == "party"]
    assert [(each.field, each.key.endswith("owner")) for each in named] == [("digest", True)]
    assert "Q9" not in str(named)


# --- the chain of events ----------------------------------------------------------------------------------------------


def _event(changes: dict[str, Any]) -> Callable[[Connection, UUID], None]:
    def act(connection: Connection, dossier: UUID) -> None:
        event = EVENT.table
        row = connection.execute(select(event).where(event.c.dossier_id == dossier, event.c.seq == 3)).mappings().one()
        values = {name: value(row[name]) if callable(value) else value for name, value in changes.items()}
        connection.execute(update(event).where(event.c.dossier_id == dossier, event.c.seq == 3).values(values))

    return act


def _cut(*, tail: bool) -> Callable[[Connection, UUID], None]:
    def act(connection: Connection, dossier: UUID) -> None:
        event = EVENT.table
        seqs = connection.scalars(select(event.c.seq).where(event.c.dossier_id == dossier).order_by(event.c.seq)).all()
        seq = seqs[-1] if tail else seqs[len(seqs) // 2]
        connection.execute(delete(event).where(event.c.dossier_id == dossier, event.c.seq == seq))

    return act


def _cut_all(connection: Connection, dossier: UUID) -> None:
    connection.execute(delete(EVENT.table).where(EVENT.table.c.dossier_id == dossier))


def _append(connection: Connection, dossier: UUID) -> None:
    event = EVENT.table
    last = connection.execute(
        select(event).where(event.c.dossier_id == dossier).order_by(event.c.seq.desc()).limit(1)
    ).mappings().one()  # fmt: skip
    connection.execute(insert(event).values({**last, "seq": last["seq"] + 1}))


EVENT_CASES = [
    pytest.param(_event({"payload": lambda old: old | {"task": str(uuid4())}}), "event", "hash", id="payload"),
    pytest.param(_event({"kind": "dossier.returned"}), "event", "hash", id="kind"),
    pytest.param(_event({"kind": "dossier.blessed"}), "event", "kind", id="kind-unknown"),
    pytest.param(_event({"at": lambda old: old + timedelta(seconds=1)}), "event", "hash", id="at"),
    pytest.param(_event({"at": lambda old: old - timedelta(days=9)}), "event", "at", id="at-backwards"),
    pytest.param(_event({"hash": "0" * 64}), "event", "hash", id="hash"),
    pytest.param(_event({"actor_id": 2}), "event", "hash", id="actor"),
    pytest.param(_event({"actor_id": 4711}), "event", "actor_id", id="actor-unknown"),
    pytest.param(_event({"owner_agency_id": 2}), "event", "owner_agency_id", id="owner"),
    pytest.param(_event({"seq": 4000}), "event", "*", id="seq"),
    pytest.param(_event({"payload": []}), "event", "payload", id="payload-no-object"),
    pytest.param(_event({"payload": {}}), "event", "payload.status", id="payload-empty"),
    pytest.param(_cut(tail=False), "event", "*", id="cut-in-the-middle"),
    pytest.param(_cut(tail=True), "dossier", "event_seq", id="cut-at-the-tail"),
    pytest.param(_cut_all, "event", "*", id="cut-all"),
    pytest.param(_append, "event", "hash", id="appended"),
]


@pytest.mark.parametrize(("act", "table", "field"), EVENT_CASES)
def test_verify_sees_a_spoiled_history(
    copy: Copy, act: Callable[[Connection, UUID], None], table: str, field: str
) -> None:
    dossier = copy.lives.ids["late"]
    with copy.spoiling() as connection:
        act(connection, dossier)
    found = {(each.table, each.field) for each in copy.differences() if each.dossier == str(dossier)}
    assert (table, field) in found


# --- the rest ---------------------------------------------------------------------------------------------------------


def _statement(
    table: str, /, where: dict[str, Any] | None = None, **values: Any
) -> Callable[[Connection, Lives], None]:
    """Change the first row that fits; a callable gets the old value; without values the row is deleted."""

    def act(connection: Connection, lives: Lives) -> None:
        target = TABLES[table]
        fits = {name: lives.ids[each] if name == "dossier_id" else each for name, each in (where or {}).items()}
        query = select(target).where(*(target.c[name] == each for name, each in fits.items()))
        row = connection.execute(query.order_by(*target.primary_key.columns)).mappings().first()
        assert row is not None
        same = _same(target, row)
        if not values:
            connection.execute(delete(target).where(*same))
            return
        new = {name: value(row[name]) if callable(value) else value for name, value in values.items()}
        connection.execute(update(target).where(*same).values(new))

    return act


def _insert_counter(connection: Connection, _: Lives) -> None:
    connection.execute(insert(TABLES["counter"]).values(owner_agency_id=1, kind="dossier", period="260401", value=3))


def _apology_order(**values: Any) -> Callable[[Connection, Lives], None]:
    """Change or delete what carries out the message of the letter that went by e-mail."""

    def act(connection: Connection, lives: Lives) -> None:
        message = TABLES["message"]
        of_letter = select(message.c.id).where(message.c.kind == "apology", message.c.channel == "email")
        key = connection.scalars(of_letter).first()
        _statement("outbox", {"business_key": str(key)}, **values)(connection, lives)

    return act


def _insert_mail(connection: Connection, _: Lives) -> None:
    outbox = TABLES["outbox"]
    row = dict(connection.execute(select(outbox).where(outbox.c.topic == "message.email")).mappings().first() or {})
    connection.execute(insert(outbox).values(row | {"id": 77_777, "business_key": str(uuid4())}))


def _drop_dossier(connection: Connection, lives: Lives) -> None:
    connection.execute(delete(DOSSIER.table).where(DOSSIER.table.c.id == lives.ids["running"]))


def _drop_everything(connection: Connection, lives: Lives) -> None:
    for kept in (EVENT, *PARTS):
        connection.execute(delete(kept.table).where(kept.table.c.dossier_id == lives.ids["stopped"]))
    connection.execute(delete(DOSSIER.table).where(DOSSIER.table.c.id == lives.ids["stopped"]))


def _garbage_date(connection: Connection, lives: Lives) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("update task set opened_at = 'gestern'"))
    else:
        connection.execute(update(TABLES["task"]).values(opened_at=b.local("2020-01-01T00:00")))


def _spoil_state(old: bytes) -> bytes:
    return old.replace(b'"n"', b'"m2"')


def _later(old: datetime) -> datetime:
    return old + timedelta(hours=1)


LATE, SUPPLEMENT = {"dossier_id": "late"}, {"dossier_id": "waiting"}


def _case(name: str, table: str, field: str, act: Callable[[Connection, Lives], None]) -> Any:
    return pytest.param(act, table, field, id=name)


OTHER_CASES = [
    _case("counter-back", "counter", "value", _statement("counter", kind="dossier", value=1)),
    _case("counter-ahead", "counter", "value", _statement("counter", value=lambda old: old + 1)),
    _case("counter-deleted", "counter", "*", _statement("counter", {"kind": "letter-04"})),
    _case("counter-inserted", "counter", "value", _insert_counter),
    _case("outbox-deleted", "message", "*", _apology_order()),
    _case("outbox-created", "message", "ordered_at", _apology_order(created_at=_later)),
    _case("message-ordered", "message", "ordered_at",
          _statement("message", {"kind": "apology", "channel": "email"}, ordered_at=_later)),
    _case("message-address", "message", "address",
          _statement("message", {"kind": "apology", "channel": "email"}, address="ai-do@example.test")),
    _case("outbox-inserted", "outbox", "*", _insert_mail),
    _case("outbox-undone", "message", "state", _apology_order(done_at=None)),
    _case("outbox-file", "message", "file_sha256",
          _apology_order(payload=lambda old: old | {"file_sha256": "0"})),
    _case("outbox-payload", "message", "file_sha256", _apology_order(payload=[])),
    _case("outbox-owner", "message", "owner_agency_id", _apology_order(owner_agency_id=2)),
    _case("message-deleted", "letter", "*", _statement("message", {"kind": "apology", "channel": "email"})),
    _case("message-channel", "message", "channel",
          _statement("message", {"kind": "apology", "channel": "email"}, channel="sms")),
    _case("process-state", "process_instance", "state",
          _statement("process_instance", SUPPLEMENT, state=_spoil_state)),
    _case("version-model", "procedure_version", "content_hash",
          _statement("procedure_version", model=lambda old: old.replace("Bước KY", "Bước KÝ"))),
    _case("version-model-broken", "procedure_version", "model", _statement("procedure_version", model="<a>")),
    _case("version-policy", "procedure_version", "content_hash",
          _statement("procedure_version", policy=lambda old: old | {"cutoff": None})),
    _case("version-policy-no-object", "procedure_version", "content_hash", _statement("procedure_version", policy=7)),
    _case("version-limit", "procedure_version", "time_limit",
          _statement("procedure_version", time_limit="9 working_day")),
    _case("version-fee", "procedure_version", "fee_vnd", _statement("procedure_version", fee_vnd=1)),
    _case("version-number", "procedure_version", "number", _statement("procedure_version", number=9)),
    _case("version-hash", "procedure_version", "content_hash",
          _statement("procedure_version", content_hash="0" * 64)),
    _case("version-deleted", "procedure", "current_version_id", _statement("procedure_version")),
    _case("procedure-current", "procedure", "current_version_id", _statement("procedure", current_version_id=99)),
    _case("procedure-name", "procedure", "name", _statement("procedure", name="Khác")),
    _case("calendar-content", "calendar_version", "content",
          _statement("calendar_version", content=lambda old: old | {"days": []})),
    _case("calendar-no-object", "calendar_version", "content", _statement("calendar_version", content=[])),
    _case("calendar-no", "calendar_version", "no", _statement("calendar_version", no=7)),
    _case("day-changed", "calendar_day", "*", _statement("calendar_day", kind=lambda old: "work")),
    _case("day-deleted", "calendar_day", "*", _statement("calendar_day")),
    _case("calendar-deleted", "calendar_version", "*", _statement("calendar_version")),
    _case("wake-lost", "deadline", "wake_at", _statement("deadline", {"dossier_id": "running"}, wake_at=None)),
    _case("wake-moved", "deadline", "wake_at", _statement("deadline", {"dossier_id": "running"}, wake_at=_later)),
    _case("wake-for", "deadline", "wake_for", _statement("deadline", {"dossier_id": "running"}, wake_for="passed")),
    _case("wake-put-off", "deadline", "wake_at",
          _statement("deadline", {"dossier_id": "running"}, wake_at=b.local("2036-03-02T08:00"), attempts=1)),
    _case("lapse-lost", "deadline", "wake_at",
          _statement("deadline", {"dossier_id": "waiting", "kind": "answer"}, wake_at=None)),
    _case("dossier-id", "event", "*", _statement("dossier", id=lambda _: uuid4())),
    _case("dossier-deleted", "task", "*", _drop_dossier),
    _case("dossier-wiped", "counter", "given", _drop_everything),
    _case("garbage-date", "task", "*", _garbage_date),
]  # fmt: skip


@pytest.mark.parametrize(("act", "table", "field"), OTHER_CASES)
def test_verify_sees_what_else_is_spoiled(
    copy: Copy, act: Callable[[Connection, Lives], None], table: str, field: str
) -> None:
    with copy.spoiling() as connection:
        act(connection, copy.lives)
    found = {(each.table, each.field) for each in copy.differences()}
    if field == "*" and table == "task":
        assert any(each[0] == table for each in found)
    else:
        assert (table, field) in found


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"no letter")], ids=["lost", "damaged"])
def test_verify_sees_a_spoiled_file(sqlite_copy: Copy, spoil: Callable[[Path], object]) -> None:
    letter = TABLES["letter"]
    with sqlite_copy.ctx.database.engine.connect() as connection:
        sha256 = connection.scalar(select(letter.c.file_sha256).where(letter.c.file_sha256.is_not(None)))
    spoil(sqlite_copy.ctx.settings.files / sha256[:2] / sha256)
    found = [(each.table, each.field) for each in sqlite_copy.differences()]
    assert sorted(found) == [("issued_paper", "file_sha256"), ("letter", "file_sha256")]  # both keep it


def test_a_second_letter_for_one_lateness_is_impossible(copy: Copy) -> None:
    letter = TABLES["letter"]
    with copy.ctx.database.engine.connect() as connection:
        row = dict(connection.execute(select(letter)).mappings().first() or {})
        with pytest.raises(Exception, match=r"(?i)unique"):
            connection.execute(insert(letter).values(row | {"id": uuid4()}))


# --- helpers ----------------------------------------------------------------------------------------------------------


def _richest(connection: Connection, table: Table, column: str | None) -> Any:
    """Return the row with the most values, one that has a value in the column if there is any."""
    rows = connection.execute(select(table)).mappings().all()
    return max(
        rows,
        key=lambda row: (column is None or row[column] is not None, sum(value is not None for value in row.values())),
    )


def _same(table: Table, row: Any) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


_CHANGED: dict[type, Callable[[Any], Any]] = {
    bool: lambda old: not old,
    int: lambda old: old + 1,
    datetime: lambda old: old + timedelta(microseconds=1),
    str: lambda old: old[:-1] + ("y" if old.endswith("x") else "x"),
    UUID: lambda _old: uuid4(),
    bytes: lambda old: old + b" ",
    list: lambda old: [*old, "x"],
    dict: lambda old: {**old, "x": 1},
}


def _other(table: Table, column: str, old: Any) -> Any:
    kind = table.c[column].type
    if table.name == "issued_paper" and column in ("owner_agency_id", "counter"):
        return old + 70  # the next one has a paper of this number, too
    if isinstance(kind, Enum):
        return next(each for each in kind.enums if each != getattr(old, "value", old))
    for known, changed in _CHANGED.items():
        if isinstance(old, known):
            return changed(old)
    if old is None:
        python = kind.python_type if not str(kind).startswith("DATETIME") else datetime
        return {bool: True, int: 1, str: "x", datetime: b.local("2026-03-03T09:00"), UUID: uuid4()}[python]
    raise AssertionError(f"no other value of {kind} for {old!r}")


def _names(difference: Difference, kept: Kept, row: Any) -> bool:
    dossier = row["id"] if kept.name == "dossier" else row["dossier_id"]
    parts = [str(getattr(row[name], "value", row[name])) for name in kept.key]
    return str(dossier) in difference.key and all(part in difference.key for part in parts)
