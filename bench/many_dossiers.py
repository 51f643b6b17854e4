"""A PostgreSQL database as after years: the demo's dossiers, and a million closed copies in a hundred agencies.

The offices carry the same open work at every size; what grows is what they have closed. Copies are made by the server
itself (``insert … select``) with ids, codes, numbers and agencies of their own. Their events keep the hashes of what
they are copies of, and counters stay behind: this is a database to measure pages on, and ``verify`` would say so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import ProgrammingError

from engine.context import Context
from engine.store.base import Base

AGENCIES = 100  # that the dossiers are spread over, the demo's among them
AT_ONCE = 50_000  # dossiers in one transaction
OPEN = "t.status not in (3, 7, 8, 10)"
CLOSED = "t.status in (3, 7, 8, 10)"
PARTS = (  # tables with rows of one dossier, in the order in which they may be written
    "dossier_agency", "party", "paper", "supplement", "obligation", "pause", "process_instance", "task", "handover",
    "deadline", "process_wait", "event", "letter", "receipt_issue", "result_return", "opinion", "refusal_suggestion",
    "dossier_note",
)  # fmt: skip
PHONE = "('09' || right(c.number, 8))"  # nobody shares one with thousands
OF_AGENCIES = ("owner_agency_id", "receiving_agency_id", "resolving_agency_id", "returning_agency_id")

Progress = Callable[[int, int], None]

_PREPARE = (
    "insert into agency (code, name, superior_name, place, phone, zone, late_rule, nearing_percent)"
    " select 'X' || n, 'Phường ' || n, superior_name, place, '', zone, late_rule, nearing_percent"
    " from (select * from agency order by id limit 1) one"
    " cross join generate_series(1, cast(:spread as int)) n order by n",
    "create table bench_template as select d.id, d.code, d.search, d.status, p.phone, p.identity_number from dossier d"
    " left join party p on p.dossier_id = d.id and p.role = 'applicant'",
    "create table bench_home as select id, row_number() over (order by id) - 1 no from agency"
    " where id not in (select owner_agency_id from dossier_agency) and code like 'X%'",
    "create table bench_last (n int)",
)
_CHOOSE = (
    "drop table if exists bench_copy",
    "create table bench_copy as select t.id old_id, n, md5(t.id::text || n)::uuid new_id, t.code old_code, t.phone,"
    " regexp_replace(t.code, '[0-9]+$', '') || (n * 100 + substring(t.code from '[0-9]+$')::int) new_code,"
    " t.identity_number, lpad((abs(hashtextextended(t.id::text, n)) % 1000000000000)::text, 12, '0') number"
    " from bench_template t cross join generate_series(cast(:first as int), cast(:last as int)) n where {which}",
    "create index on bench_copy (old_id)",
    "analyze bench_copy",
)


def prepare(ctx: Context) -> None:
    """Spread the demo's open dossiers over further agencies, once each, so that no office stands idle."""
    with ctx.database.engine.begin() as connection:
        spread = AGENCIES - _number(connection, "select count(*) from agency")
        for statement in _PREPARE:
            connection.execute(text(statement), {"spread": spread} if ":spread" in statement else {})
        _copy(connection, OPEN, 1, AGENCIES - 1, PARTS)


def fill(
    ctx: Context, dossiers: int, progress: Progress = lambda _done, _all: None, *, parts: Collection[str] = PARTS
) -> None:
    """Add closed dossiers until there are so many; indexes stay, so that they are as a living database's.

    Args:
        dossiers: in all; what is there already counts.
        progress: called with how many there are, and how many there will be.
        parts: tables of which the copies have rows.
    """
    there = 0
    while there < dossiers:
        with ctx.database.engine.begin() as connection:
            there = _number(connection, "select count(*) from dossier")
            closed = _number(connection, f"select count(*) from bench_template t where {CLOSED}")  # noqa: S608 - a constant
            first = _number(connection, "select max(n) from bench_last") + 1
            if there < dossiers:
                rounds = max(1, min(AT_ONCE, dossiers - there) // closed)
                _copy(connection, CLOSED, first, first + rounds - 1, parts)
        progress(min(there, dossiers), dossiers)
    _settle(ctx.database.engine)


def _settle(engine: Engine) -> None:
    """Let the planner know what there is, as autovacuum does in time."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _copy(connection: Connection, which: str, first: int, last: int, parts: Collection[str]) -> None:
    """Copy the template's dossiers of one kind under the numbers ``first`` to ``last``."""
    with suppress(ProgrammingError), connection.begin_nested():  # only a superuser may, and it is thrice as fast
        connection.execute(text("set local session_replication_role = replica"))  # foreign keys hold by construction
    for statement in _CHOOSE:
        values = {"first": first, "last": last} if ":first" in statement else {}
        connection.execute(text(statement.format(which=which)), values)
    tables = set(inspect(connection).get_table_names())
    for name in ("dossier", *(part for part in parts if part in tables)):
        table = Base.metadata.tables[name]
        columns = [column.name for column in table.columns if not _is_numbered(table, column.name)]
        values = ", ".join(_value(name, column) for column in columns)
        key = "id" if name == "dossier" else "dossier_id"
        names = ", ".join(f'"{column}"' for column in columns)
        source = f'from "{name}" s join bench_copy c on c.old_id = s.{key}'
        connection.execute(text(f'insert into "{name}" ({names}) select {values} {source} {_once(name)}'))
    connection.execute(text("insert into bench_last values (:last)"), {"last": last})


def _is_numbered(table: Table, column: str) -> bool:
    """Whether the database numbers the rows itself."""
    keys = list(table.primary_key.columns)
    return len(keys) == 1 and keys[0].name == column == "id" and keys[0].type.python_type is int


def _value(table: str, column: str) -> str:
    """Return the expression of a copied row's column."""
    own = f's."{column}"'
    if (table, column) == ("dossier", "id") or column == "dossier_id":
        return "c.new_id"
    if (table, column) in (("task", "id"), ("letter", "id"), ("task", "came_from")):
        return f"md5({own}::text || c.n)::uuid"
    if column in OF_AGENCIES:  # the few numbers without a new home stay with the offices of the demo
        return f"coalesce((select id from bench_home h where h.no = c.n % {AGENCIES}), {own})"  # noqa: S608 - names of ours
    return _words(table, column, own)


def _words(table: str, column: str, own: str) -> str:
    if table == "dossier" and column == "code":
        return "case when s.code is null then null else c.new_code end"
    if table == "dossier" and column == "search":
        said = own
        new = {"old_code": "lower(c.new_code)", "identity_number": "c.number", "phone": PHONE}
        for old, value in new.items():
            said = f"replace({said}, lower(coalesce(c.{old}, '-')), coalesce({value}, '-'))"
        return said
    if (table, column) == ("party", "identity_number"):
        return f"case when {own} is null then null else c.number end"
    if (table, column) == ("party", "phone"):
        return f"case when {own} is null then null else {PHONE} end"
    if table == "event" and column == "payload":
        task = "md5((s.payload ->> 'task') || c.n)::uuid::text"
        renamed = f"jsonb_set(s.payload, '{{task}}', to_jsonb({task}))"
        return f"case when s.payload ? 'task' then {renamed} else s.payload end"
    return own


def _once(table: str) -> str:
    """Two agencies of a template may fall on one of the copy: a dossier is shared with it once."""
    return "on conflict do nothing" if table == "dossier_agency" else ""


def _number(connection: Connection, query: str) -> int:
    return int(connection.scalar(text(query)) or 0)
