"""Facts for statistics, kept in the transaction of the change that they follow from (docs/decisions/0026).

``case.record`` notes the dossier of an event; right before the commit all that were noted are projected together. Who
writes dossiers or events without it, by the thousand, calls ``project`` for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import Any, TypeVar

from engine.context import Context
from engine.domain import fact_rules, rollups
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.dossier import Decision, ResultChannel, Status
from engine.domain.events import EventKind
from engine.domain.fact_rules import Member, TimeUsed, Values
from engine.domain.ids import AgencyId, DossierId, ProcedureId
from engine.domain.limits import Limit
from engine.services import calendars
from engine.store.dossiers import Dossier
from engine.store.fact_parts import Known
from engine.store.time_accounts import account
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

BATCH = 200  #: dossiers that one transaction locks or writes
AT_ONCE = 500  #: dossiers that one statement reads
ATTEMPTS = 5  #: to write the fact of a chain while others write to its other dossiers

_K = EventKind
SILENT = frozenset({
    _K.URGED, _K.HANDED_OVER, _K.HANDOVER_RECEIVED, _K.RAISED, _K.PROCESSING_STARTED, _K.SUPPLEMENT_LAPSED,
    _K.LETTER_ORDERED, _K.LETTER_SIGNED, _K.LETTER_NUMBERED, _K.LETTER_DELIVERED,
    _K.RESULT_NOTIFIED, _K.RESULT_POSTED, _K.RESULT_DELIVERED, _K.RETURNED, _K.PAPER_ISSUED, _K.PAPER_VOIDED,
    _K.OPINION_ASKED, _K.OPINION_GIVEN, _K.OPINION_WITHDRAWN, _K.REFUSAL_SUGGESTED, _K.REFUSAL_DECLINED,
    _K.NOTE_ADDED, _K.WAIT_OPENED, _K.WAIT_PASSED, _K.WAIT_CANCELLED, _K.ANSWER_RECORDED, _K.APPLICANT_NOTIFIED,
    _K.ESCALATED, _K.MILESTONE, _K.NEXT_ORDERED,
})  # fmt: skip
"""Kinds of events after which a fact is what it was before; any other kind has it computed again."""


def note(uow: UnitOfWork, dossier: Dossier, kind: EventKind, *, calendar: WorkingCalendar, now: datetime) -> None:
    """Have the fact of a dossier computed again before the commit, when an event of this kind can change it.

    Args:
        calendar: the one in force for the resolving agency.
        now: the instant of the event.
    """
    if kind in SILENT:
        return
    uow.facts.note(dossier, calendar)
    uow.before_commit("facts", lambda: _project_noted(uow, now))


def project(
    ctx: Context,
    uow: UnitOfWork,
    ids: Collection[DossierId],
    calendar_of: Mapping[AgencyId, WorkingCalendar] | None = None,
) -> int:
    """Compute the facts of dossiers again, whatever wrote them, and journal what changed; return how many changed.

    Args:
        calendar_of: calendars in force that the caller has at hand; others are read.

    Raises:
        ChangedMeanwhileError: others keep writing to the same chain.
    """
    changed = 0
    for some in _batches(dict.fromkeys(ids), AT_ONCE):
        uow.flush()
        changed += _project(uow, {row.id: row for row in uow.facts.dossiers(some)}, ctx.clock.now(), calendar_of)
    return changed


def fill(ctx: Context) -> int:
    """Make the facts that dossiers of an older version lack; return how many.

    Each batch is a transaction of its own, and a second run finds nothing to do.
    """
    count, last = 0, None
    while True:
        with ctx.unit_of_work() as uow:
            ids = uow.facts.unfilled(after=last, limit=BATCH)
            count += project(ctx, uow, ids)
        if not ids:
            return count
        last = ids[-1]


def project_all(ctx: Context, *, procedure: ProcedureId | None = None) -> int:
    """Compute all facts again, in batches; return how many were not as they should be.

    Args:
        procedure: only those of its dossiers, whose legal limit is another now.
    """
    count, last = fill(ctx), None
    while True:
        with ctx.unit_of_work() as uow:
            ids = uow.facts.all_after(last, procedure=procedure, limit=BATCH)
            count += project(ctx, uow, ids)
        if not ids:
            return count
        last = ids[-1]


def differences(ctx: Context) -> Iterator[dict[str, Any]]:
    """Compute again all facts that there are, in batches, and write nothing; yield what is not as it should be.

    Yields:
        ``dossier`` (id), ``column``, ``fact`` and ``computed``; of a fact that should not be the column is ``*``.
    """
    last: DossierId | None = None
    while True:
        with ctx.unit_of_work(read_only=True) as uow:
            ids = uow.facts.all_after(last, limit=BATCH)
            rows = {row.id: row for row in uow.facts.dossiers(ids)}
            calendars_known = _Calendars(uow, {}, ctx.clock.now())
            for _, fact, before in _computed(uow, rows, calendars_known):
                yield from _told(fact, before)
        if not ids:
            return
        last = ids[-1]


def _told(fact: Values | None, before: Mapping[str, object] | None) -> Iterator[dict[str, Any]]:
    if fact is None or before is None:
        if fact is not before:
            yield {"dossier": (fact or before or {})["dossier_id"], "column": "*", "fact": before, "computed": fact}
        return
    for column, value in fact.items():
        if column != "event_seq" and before[column] != value:
            yield {"dossier": fact["dossier_id"], "column": column, "fact": before[column], "computed": value}


def follow_calendars(
    ctx: Context, uow: UnitOfWork, *, new: Mapping[AgencyId, WorkingCalendar], moved: Iterable[DossierId],
    days: Iterable[date],
) -> int:  # fmt: skip
    """Compute the facts again that a change of calendars has changed; return how many.

    Those of open dossiers whose dates moved, and those of closed ones whose time was measured on days that are other
    ones now.

    Args:
        new: the calendars after the change, by resolving agency.
        moved: dossiers whose dates the change has moved.
        days: that it declared or took back, or from which it changed the weekly hours.
    """
    changed = project(ctx, uow, list(moved), new)
    known = sorted(days)
    shared: dict[str, list[AgencyId]] = defaultdict(list)
    for agency, each in new.items():
        shared[each.version].append(agency)
    for agencies in shared.values() if known else ():
        since = new[agencies[0]].at_local(datetime.combine(known[0], time.min))
        changed += project(ctx, uow, uow.facts.closed_around(agencies, first=known[0], since=since), new)
    return changed


def _project_noted(uow: UnitOfWork, now: datetime) -> None:
    noted = uow.facts.take_noted()
    # one that was never received has no fact, unless a chain waits for it
    matter = [each for each in noted if each[0].received_at is not None or each[0].follows_id is not None]
    if matter:
        uow.flush()
        calendar_of = {row.resolving_agency_id: calendar for row, calendar in matter}
        _project(uow, {row.id: row for row, _ in matter}, now, calendar_of)


def _project(
    uow: UnitOfWork,
    rows: dict[DossierId, Dossier],
    now: datetime,
    calendar_of: Mapping[AgencyId, WorkingCalendar] | None = None,
) -> int:
    found = _Calendars(uow, calendar_of or {}, now)
    for _ in range(ATTEMPTS):
        done = _attempt(uow, dict(rows), found)
        if done is not None:
            return done
    raise ChangedMeanwhileError("others change dossiers of the same chain; load it again")


def _attempt(uow: UnitOfWork, rows: dict[DossierId, Dossier], found: _Calendars) -> int | None:
    """Write what changed; None when another transaction was faster with a dossier of the same chain."""
    changed = 0
    new: list[Values] = []
    replaced: list[tuple[Values, Mapping[str, object]]] = []
    journal: list[Values] = []
    for length, fact, before in _computed(uow, rows, found):
        differs = fact is not None and (before is None or _differs(fact, before))
        # in a chain the number of events counts, too: who writes next must see that somebody has read this dossier
        is_stale = before is not None and fact is not None and fact["event_seq"] != before["event_seq"]
        if fact is None or not (differs or (is_stale and length > 1)):
            continue
        changed += differs
        journal += rollups.journal(None if before is None else dict(before), fact)
        if before is None:
            new.append(fact)
        else:
            replaced.append((fact, before))
    if not uow.facts.replace(replaced):
        return None
    uow.facts.insert(new)
    uow.facts.write_journal(journal)
    return changed


def _computed(
    uow: UnitOfWork, rows: dict[DossierId, Dossier], found: _Calendars
) -> Iterator[tuple[int, Values | None, Mapping[str, object] | None]]:
    """Yield of each chain how many dossiers it has, the fact that they make, and the one that the database has."""
    known = _complete(uow, rows)
    for chain in _chains(rows, known):
        members = [_member(uow, row, known[row.id], found) for row in chain]
        fact = fact_rules.fact_of(members, found.of(chain[0].resolving_agency_id).local_date)
        yield len(chain), fact, known[chain[0].id].fact


def _differs(fact: Values, before: Mapping[str, object]) -> bool:
    return any(True for _ in _told(fact, before))


_T = TypeVar("_T")


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _complete(uow: UnitOfWork, rows: dict[DossierId, Dossier]) -> dict[DossierId, Known]:
    """Add the rest of the chains to ``rows``, and return what the database says of all of them."""
    while missing := {row.follows_id for row in rows.values() if row.follows_id is not None} - rows.keys():
        rows |= {row.id: row for row in uow.facts.dossiers(missing)}
    known: dict[DossierId, Known] = {}
    while unread := [each for each in rows if each not in known]:
        for some in _batches(unread, AT_ONCE):
            known |= uow.facts.known(some)
        children = {child for each in unread for child in known[each].children} - rows.keys()
        rows |= {row.id: row for row in uow.facts.dossiers(children)} if children else {}
    return known


def _chains(rows: Mapping[DossierId, Dossier], known: Mapping[DossierId, Known]) -> Iterable[list[Dossier]]:
    """Yield each chain once, its first dossier first."""
    for row in rows.values():
        if row.follows_id is None:
            chain = [row]
            for each in chain:  # grows while it is walked
                chain += [rows[child] for child in sorted(known[each.id].children)]
            yield chain


class _Calendars:
    """Calendars in force by agency, each asked for once; and now."""

    def __init__(self, uow: UnitOfWork, known: Mapping[AgencyId, WorkingCalendar], now: datetime) -> None:
        self._uow, self.now = uow, now
        self._found = dict(known)

    def of(self, agency: AgencyId) -> WorkingCalendar:
        if agency not in self._found:
            self._found[agency] = calendars.in_force(self._uow, agency)
        return self._found[agency]


def _member(uow: UnitOfWork, row: Dossier, known: Known, found: _Calendars) -> Member:
    calendar = found.of(row.resolving_agency_id)
    return Member(
        id=row.id,
        code=row.code,
        receiving_agency_id=row.receiving_agency_id,
        resolving_agency_id=row.resolving_agency_id,
        returning_agency_id=row.returning_agency_id,
        procedure_id=row.procedure_id,
        procedure_code=known.procedure_code,
        channel=row.channel,
        status=Status(row.status),
        received_at=row.received_at,
        due_at=row.due_at,
        late_after=row.late_after,
        missed_late_after=row.missed_late_after,
        finished_at=row.finished_at,
        ended_at=row.ended_at,
        is_granted=row.decision == Decision.GRANTED,
        returns_online=row.result_channel == ResultChannel.ONLINE,
        late_cause=row.late_cause,
        source=row.source,
        event_seq=row.event_seq,
        parts=known.parts,
        time=_time(uow, row, calendar, found.now),
        legal_minutes=_legal(row, known, calendar),
    )


def _time(uow: UnitOfWork, row: Dossier, calendar: WorkingCalendar, now: datetime) -> TimeUsed | None:
    """Return the time of a closed dossier; of a late open one that up to its last event, which tells who is charged.

    Events that change no fact are none here, so that a fact is the same whenever it is computed.

    Args:
        now: what is not late by then is not looked at any further.
    """
    closed_at = row.finished_at or row.ended_at
    broken_after = min((at for at in (row.late_after, row.missed_late_after) if at is not None), default=now)
    if row.received_at is None or row.source is not None or (closed_at is None and broken_after >= now):
        return None
    events = uow.events.of(row.id)
    told_at = closed_at or max(event.at for event in events if event.kind not in SILENT)
    if closed_at is None and told_at <= broken_after:
        return None  # the event that marks it as late is still to come
    try:
        version = uow.procedures.version(row.version_id)
        found = account(row, events, version, calendar=calendar, now=told_at)
    except CalendarGapError:
        return None
    return None if found is None else fact_rules.time_of(found[1])


def _legal(row: Dossier, known: Known, calendar: WorkingCalendar) -> int | None:
    if known.legal_limit is None or row.received_at is None:
        return None
    try:
        limit = Limit.parse(known.legal_limit)
        return fact_rules.legal_minutes(calendar, received_at=row.received_at, limit=limit)
    except CalendarGapError:
        return None
