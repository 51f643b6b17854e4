"""Facts by the million for ``motcua bench statistics``: made by the server itself, the same ones every time.

Ten years of dossiers of a hundred agencies and a hundred procedures; some are late, withdrawn, stopped or still open.
What each is follows from its number by a hash, so that nothing is random and everything is spread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, text

from engine.context import Context

YEARS = 10
PROCEDURES = 100
AT_ONCE = 500_000  # facts in one transaction
LEAN = "LEAN"  # prefix of the codes of what is made here

Progress = Callable[[int, int], None]

_DICE = """
    select n, (:first_on + cast((n * :days / :all_facts) as int)) received_on,
        (hashint8extended(n, 1) & 1048575) a, (hashint8extended(n, 2) & 1048575) b,
        (hashint8extended(n, 3) & 1048575) c, (hashint8extended(n, 4) & 1048575) d,
        (hashint8extended(n, 5) & 1048575) e
    from generate_series(cast(:first as bigint), cast(:last as bigint)) n
"""
_LIVES = """
    select *, 5 + a % 15 limit_days,
        case when b % 100 < 4 then 6 + a % 15 + (b / 100) % 10 when b % 100 < 30 then 5 + a % 15
            else 1 + (b / 100) % (4 + a % 15) end took,
        (select array_agg(id order by id) from agency) agencies
    from ({dice}) dice
"""
_PROMISES = """
    select *, received_on + cast(limit_days as int) due_on, received_on + cast(took as int) ends_on,
        case when c % 1000 < 10 then 'withdrawn' when c % 1000 < 15 then 'stopped' end given_up,
        agencies[1 + d % array_length(agencies, 1)] receiving,
        agencies[1 + (case when d % 7 = 0 then d / 7 else d end) % array_length(agencies, 1)] resolving
    from ({lives}) lives
"""
_KNOWN = """
    select *, ends_on <= :today is_closed, ends_on > due_on is_late,
        case when ends_on > :today then 'open' when given_up is not null then given_up
            when ends_on > due_on then 'late' when ends_on < due_on then 'early' else 'on_time' end outcome,
        ends_on > due_on and e % 10 < 6 has_letter
    from ({promises}) promises
"""
_INSERT = """
    insert into dossier_fact (
        dossier_id, code, receiving_agency_id, resolving_agency_id, returning_agency_id, procedure_id, procedure_code,
        channel, received_at, received_on, due_at, late_after, late_on, closed_at, closed_on, outcome, apologised,
        apologised_on, unkept_on, used_minutes, limit_minutes, legal_minutes, percent_used, members, event_seq,
        has_obligation, paid_online, papers, digitised, reused, has_result, electronic_result
    )
    select lpad(to_hex(n), 32, '0')::uuid, :lean || n, receiving, resolving, receiving, 1,
        'P' || lpad((e % :procedures)::text, 3, '0'),
        case when c % 20 < 11 then 'direct' when c % 20 < 19 then 'online' else 'postal' end,
        received_on + time '02:00', received_on, due_on + time '10:00',
        due_on + time '17:00' - interval '1 microsecond',
        case when is_late or not is_closed then due_on + 1 else :never end,
        case when is_closed then ends_on + time '08:00' end, case when is_closed then ends_on else :never end, outcome,
        case when not has_letter then 'none' when is_closed and e % 3 = 0 then 'unkept' when is_closed then 'met'
            else 'sent' end,
        case when has_letter then due_on - 1 else :never end,
        case when has_letter and e % 3 = 0 then due_on + 5 else :never end,
        case when is_closed then took * 480 + a % 480 end, case when is_closed then limit_days * 480 end,
        case when is_closed and e % 2 = 0 then limit_days * 960 end,
        case when is_closed then -(-100 * (took * 480 + a % 480) / (limit_days * 480)) else -1 end,
        1, 1, false, false, 0, 0, 0, false, false
    from ({known}) known
"""


def fill(ctx: Context, facts: int, *, today: date, never: date, progress: Progress = lambda _done, _all: None) -> None:
    """Add so many facts, received evenly over the ten years that end today; indexes are made again at the end."""
    statement = text(_INSERT.format(known=_KNOWN.format(promises=_PROMISES.format(lives=_LIVES.format(dice=_DICE)))))
    days = YEARS * 365
    given = {
        "days": days,
        "all_facts": facts + 1,
        "first_on": date.fromordinal(today.toordinal() - days + 1),
        "today": today,
        "never": never,
        "procedures": PROCEDURES,
        "lean": LEAN,
    }
    indexes = _drop_indexes(ctx)
    for first in range(1, facts + 1, AT_ONCE):
        last = min(facts, first + AT_ONCE - 1)
        with ctx.database.engine.begin() as connection:
            _take_time(connection)
            connection.execute(statement, given | {"first": first, "last": last})
        progress(last, facts)
    for index in indexes:
        with ctx.database.engine.begin() as connection:
            _take_time(connection)
            connection.execute(text(index))


def settle(ctx: Context) -> None:
    """Let the planner know what there is, as autovacuum does in time."""
    with ctx.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("set statement_timeout = 0"))
        for table in ("dossier_fact", "rollup_cell", "rollup_time"):
            connection.execute(text(f"vacuum analyze {table}"))
        connection.execute(text("reset statement_timeout"))


def _drop_indexes(ctx: Context) -> list[str]:
    """Drop what would be kept up row by row, and return how it is made."""
    with ctx.database.engine.begin() as connection:
        found = connection.execute(
            text("select indexname, indexdef from pg_indexes where tablename = 'dossier_fact' and indexname like 'ix%'")
        ).all()
        for name, _ in found:
            connection.execute(text(f"drop index {name}"))
    return [definition for _, definition in found]


def _take_time(connection: Connection) -> None:
    connection.execute(text("set local statement_timeout = 0"))
