"""A unit of work that has read all rows of one dossier ahead, in three statements, for pages that only read.

Every store answers for this dossier from what was read, and asks the database for anything else; so the services that
tell of a dossier are the same for a page and inside a change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased, load_only

from engine.domain.dossier import DeadlineKind, DeadlineState, TaskState
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, UnitId, VersionId
from engine.store.absences import Absence, AbsenceStore
from engine.store.administration import AdministrationStore, Fee
from engine.store.agencies import Agency, AgencyNotFoundError, AgencyStore, Unit
from engine.store.calendars import CalendarStore, CalendarVersion
from engine.store.consultations import ConsultationStore, Note, Opinion, RefusalSuggestion
from engine.store.deadlines import Deadline, DeadlineStore, Pause
from engine.store.dossiers import (
    Dossier,
    DossierAgency,
    DossierNotFoundError,
    DossierStore,
    Obligation,
    Paper,
    Party,
    Supplement,
)
from engine.store.events import Event, EventStore
from engine.store.letters import Letter, LetterStore
from engine.store.papers import IssuedPaper
from engine.store.people import Officer, PeopleStore
from engine.store.procedures import Procedure, ProcedureStore, ProcedureVersion
from engine.store.results import ResultReturn, ResultReturnStore
from engine.store.tasks import Handover, ProcessInstance, Task, TaskStore
from engine.store.together import Found, Part, Together
from engine.store.unit_of_work import UnitOfWork
from engine.store.waits import ProcessWait, WaitStore

_NOT_SHOWN = frozenset({"source", "scenarios", "findings"})  # of a version: long, and nothing of a dossier's page


def read_dossier(uow: UnitOfWork, *, code: str | None = None, dossier_id: UUID | None = None) -> DossierRows:
    """Read a dossier, by its code or its id, with everything that belongs to it.

    Raises:
        DossierNotFoundError: there is none.
    """
    statement, value = (_BY_CODE, code) if dossier_id is None else (_BY_ID, dossier_id)
    rows = statement.read(uow.session, {"wanted": value})
    if dossier_id is None:
        own = [row for row in rows["dossiers"] if row.code == code]
    else:
        own = [row for row in rows["dossiers"] if row.id == dossier_id]
    if not own:
        raise DossierNotFoundError(f"there is no dossier {code or str(dossier_id)!r}")
    return DossierRows(uow.session, own[0], rows)


class DossierRows(UnitOfWork):
    """The unit of work whose stores know one dossier."""

    def __init__(self, session: Session, dossier: Dossier, rows: Found) -> None:
        super().__init__(session)
        self.dossier, self._rows = dossier, rows
        versions = {dossier.version_id} | {
            VersionId(event.payload[side])
            for event in rows["events"]
            if event.kind in VERSION_KINDS
            for side in ("from", "to")
        }
        self._versions = _versions(session, versions)
        self._around = _AROUND.read(session, _asked_around(dossier, rows))  # held: a session forgets what nobody holds
        self.administration = _Administration(session, dossier.procedure_id, self._around["fees"])
        self.agencies = _Agencies(session, self._around)
        self.calendars = _Calendars(session, self._around["calendars"])
        self.consultations = _Consultations(session, dossier.id, rows)
        self.absences = _Absences(session, self._around["absences"])
        self.deadlines = _Deadlines(session, dossier.id, rows)
        self.dossiers = _Dossiers(session, dossier, rows)
        self.events = _Events(session, dossier.id, rows["events"])
        self.letters = _Letters(session, dossier.id, rows["letters"])
        self.papers.know(dossier.id, rows["issued"])
        self.people = _People(session, self._around["officers"])
        self.procedures = _Procedures(session, self._versions)
        self.results = _Results(session, dossier.id, rows["results"])
        self.tasks = _Tasks(session, dossier.id, rows)
        self.waits = _Waits(session, dossier.id, rows["waits"])


class _Dossiers(DossierStore):
    def __init__(self, session: Session, own: Dossier, rows: Found) -> None:
        super().__init__(session)
        self._own, self._rows = own, rows

    def by_code(self, code: str) -> Dossier:
        return self._own if code == self._own.code else super().by_code(code)

    def following(self, dossier_id: DossierId) -> list[Dossier]:
        if dossier_id != self._own.id:
            return super().following(dossier_id)
        after = [row for row in self._rows["dossiers"] if row.follows_id == dossier_id]
        return sorted(after, key=lambda row: (row.submitted_at, row.id))

    def agencies(self, dossier_id: DossierId) -> frozenset[AgencyId]:
        return frozenset(row.owner_agency_id for row in self._rows["agencies"] if row.dossier_id == dossier_id)

    def parties(self, dossier_id: DossierId) -> dict[str, Party]:
        if dossier_id != self._own.id:
            return super().parties(dossier_id)
        return {row.role: row for row in self._rows["parties"]}

    def papers(self, dossier_id: DossierId) -> list[Paper]:
        return super().papers(dossier_id) if dossier_id != self._own.id else _numbered(self._rows["papers"])

    def supplements(self, dossier_id: DossierId) -> list[Supplement]:
        return super().supplements(dossier_id) if dossier_id != self._own.id else _numbered(self._rows["supplements"])

    def obligations(self, dossier_id: DossierId) -> list[Obligation]:
        return super().obligations(dossier_id) if dossier_id != self._own.id else _numbered(self._rows["obligations"])


class _Administration(AdministrationStore):
    """Knows the fees of the dossier's procedure."""

    def __init__(self, session: Session, procedure_id: ProcedureId, fees: Iterable[Fee]) -> None:
        super().__init__(session)
        self._of, self._fees = procedure_id, sorted(fees, key=lambda fee: (fee.valid_from, fee.id), reverse=True)

    def fees(self, procedure_ids: Collection[ProcedureId]) -> list[Fee]:
        return list(self._fees) if set(procedure_ids) == {self._of} else super().fees(procedure_ids)


class _Consultations(ConsultationStore):
    def __init__(self, session: Session, dossier_id: DossierId, rows: Found) -> None:
        super().__init__(session)
        self._of, self._rows = dossier_id, rows

    def opinions(self, dossier_id: DossierId) -> list[Opinion]:
        return super().opinions(dossier_id) if dossier_id != self._of else _numbered(self._rows["opinions"])

    def suggestions(self, dossier_id: DossierId) -> list[RefusalSuggestion]:
        return super().suggestions(dossier_id) if dossier_id != self._of else _numbered(self._rows["suggestions"])

    def notes(self, dossier_id: DossierId) -> list[Note]:
        return super().notes(dossier_id) if dossier_id != self._of else _numbered(self._rows["notes"])


class _Absences(AbsenceStore):
    """Knows the absences of those who have an open task."""

    def __init__(self, session: Session, absences: Iterable[Absence]) -> None:
        super().__init__(session)
        self._all = list(absences)

    def running(self, at: datetime, officer_ids: Collection[OfficerId]) -> dict[OfficerId, Absence]:
        now = (row for row in self._all if row.starts_at <= at < row.ends_at and row.officer_id in officer_ids)
        return {row.officer_id: row for row in now}


class _Tasks(TaskStore):
    def __init__(self, session: Session, dossier_id: DossierId, rows: Found) -> None:
        super().__init__(session)
        self._all = sorted(rows["tasks"], key=lambda task: (task.opened_at, task.id))
        self._of = dossier_id
        self._open[dossier_id] = list(self._all)
        self._handovers[dossier_id] = _numbered(rows["handovers"])
        self._processes.update({row.dossier_id: row for row in rows["processes"]})

    def all_of(self, dossier_id: DossierId) -> list[Task]:
        return super().all_of(dossier_id) if dossier_id != self._of else list(self._all)


class _Events(EventStore):
    def __init__(self, session: Session, dossier_id: DossierId, events: Iterable[Event]) -> None:
        super().__init__(session)
        self._read = frozenset(EventKind), {dossier_id: sorted(events, key=lambda event: event.seq)}

    def of(self, dossier_id: DossierId) -> list[Event]:
        return list(self._read[1][dossier_id]) if dossier_id in self._read[1] else super().of(dossier_id)


class _Deadlines(DeadlineStore):
    def __init__(self, session: Session, dossier_id: DossierId, rows: Found) -> None:
        super().__init__(session)
        self._of = dossier_id
        self._all = sorted(rows["deadlines"], key=lambda row: (row.kind.value, row.promise_no))
        promises = [row for row in self._all if row.kind is DeadlineKind.PROMISE]
        self._promises[dossier_id] = promises[-1] if promises else None
        self._pauses[dossier_id] = _numbered(rows["pauses"])

    def answer(self, dossier_id: DossierId) -> Deadline | None:
        if dossier_id != self._of:
            return super().answer(dossier_id)
        running = (row for row in self._all if row.state is DeadlineState.RUNNING)
        return next((row for row in running if row.kind is DeadlineKind.ANSWER), None)

    def all_of(self, dossier_id: DossierId) -> list[Deadline]:
        return super().all_of(dossier_id) if dossier_id != self._of else list(self._all)


class _Letters(LetterStore):
    def __init__(self, session: Session, dossier_id: DossierId, letters: Iterable[Letter]) -> None:
        super().__init__(session)
        self._of, self._all = dossier_id, sorted(letters, key=lambda letter: letter.promise_no)

    def of_promise(self, dossier_id: DossierId, promise_no: int) -> Letter | None:
        if dossier_id != self._of:
            return super().of_promise(dossier_id, promise_no)
        apologies = (letter for letter in self._all if letter.kind == "apology")
        return next((letter for letter in apologies if letter.promise_no == promise_no), None)

    def of_dossier(self, dossier_id: DossierId) -> list[Letter]:
        return super().of_dossier(dossier_id) if dossier_id != self._of else list(self._all)


class _Results(ResultReturnStore):
    def __init__(self, session: Session, dossier_id: DossierId, rows: Iterable[ResultReturn]) -> None:
        super().__init__(session)
        self._known[dossier_id] = next(iter(rows), None)


class _Waits(WaitStore):
    def __init__(self, session: Session, dossier_id: DossierId, waits: Iterable[ProcessWait]) -> None:
        super().__init__(session)
        self._known[dossier_id] = sorted(waits, key=lambda wait: wait.id)


class _Agencies(AgencyStore):
    def __init__(self, session: Session, around: Found) -> None:
        super().__init__(session)
        self._known.update({row.id: row for row in around["agencies"]})
        self._units = {row.id: row for row in around["units"]}

    def default(self) -> Agency:
        if not self._known:
            raise AgencyNotFoundError("the database has no agency; run 'motcua migrate'")
        return self._known[min(self._known)]  # read with the others, see _AROUND

    def some(self, agency_ids: Collection[AgencyId]) -> dict[AgencyId, Agency]:
        known = {each: self._known[each] for each in agency_ids if each in self._known}
        return known if len(known) == len(set(agency_ids)) else super().some(agency_ids)

    def some_units(self, unit_ids: Collection[UnitId]) -> dict[UnitId, Unit]:
        known = {each: self._units[each] for each in unit_ids if each in self._units}
        return known if len(known) == len(set(unit_ids)) else super().some_units(unit_ids)


class _People(PeopleStore):
    def __init__(self, session: Session, officers: Iterable[Officer]) -> None:
        super().__init__(session)
        self._known = {row.id: row for row in officers}

    def some(self, officer_ids: Collection[OfficerId]) -> dict[OfficerId, Officer]:
        known = {each: self._known[each] for each in officer_ids if each in self._known}
        return known if len(known) == len(set(officer_ids)) else super().some(officer_ids)


class _Procedures(ProcedureStore):
    def __init__(self, session: Session, versions: Iterable[ProcedureVersion]) -> None:
        super().__init__(session)
        self._versions.update({row.id: row for row in versions})


class _Calendars(CalendarStore):
    def __init__(self, session: Session, latest: Iterable[CalendarVersion]) -> None:
        super().__init__(session)
        self._latest = {row.owner_agency_id: row.version for row in latest}

    def current_version(self, agency_id: AgencyId) -> str | None:
        return self._latest.get(agency_id)  # of all that declare for the resolving agency


def _numbered(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.no)


def _versions(session: Session, ids: Collection[VersionId]) -> list[ProcedureVersion]:
    shown = [getattr(ProcedureVersion, column.key) for column in ProcedureVersion.__table__.columns
             if column.key not in _NOT_SHOWN and column.key != "time_limit"]  # fmt: skip
    query = select(ProcedureVersion).where(ProcedureVersion.id.in_(ids))
    return list(session.scalars(query.options(load_only(*shown, ProcedureVersion.limit))))


def _asked_around(dossier: Dossier, rows: Found) -> dict[str, Any]:
    """Return whose names the page needs: of people, units, agencies and procedures."""
    tasks, lines, events = rows["tasks"], rows["handovers"], rows["events"]
    officers = {event.actor_id for event in events} | {paper.added_by for paper in rows["papers"]}
    officers |= {who for task in tasks for who in (task.assignee_id, task.closed_by)}
    officers |= {who for line in lines for who in (line.given_by, line.taken_by)}
    officers |= {event.payload.get(key) for event in events for key in ("assignee", "to", "for", "by")}
    officers |= {who for row in rows["opinions"] for who in (row.asked_by, row.answered_by)}
    officers |= {who for row in rows["suggestions"] for who in (row.suggested_by, row.decided_by)}
    officers |= {row.made_by for row in rows["notes"]}
    units = {row.unit_id for row in rows["opinions"]}
    units |= {task.unit_id for task in tasks} | {
        unit for line in lines for unit in (line.from_unit_id, line.to_unit_id)
    }
    units |= {event.payload.get("unit") for event in events}
    agencies = {row.owner_agency_id for row in rows["agencies"]} | {task.owner_agency_id for task in tasks}
    agencies |= {dossier.receiving_agency_id, dossier.resolving_agency_id, dossier.returning_agency_id}
    return {
        "officers": [who for who in officers if isinstance(who, int)],
        "units": [unit for unit in units if isinstance(unit, int)],
        "assignees": [task.assignee_id for task in tasks if task.state is TaskState.OPEN and task.assignee_id],
        "agencies": list(agencies),
        "procedures": list({row.procedure_id for row in rows["dossiers"]}),
        "procedure": dossier.procedure_id,
        "resolving": dossier.resolving_agency_id,
    }


def _parts(wanted: ColumnElement[bool]) -> Together:
    """Return the statement that reads a dossier, those that it is linked with, and all that belongs to it."""
    one = select(Dossier.id).where(wanted).scalar_subquery()
    before = select(Dossier.follows_id).where(wanted).scalar_subquery()
    linked = or_(Dossier.id == one, Dossier.follows_id == one, Dossier.id == before)
    seen = select(Dossier.id).where(linked)
    own: tuple[tuple[str, Any], ...] = (
        ("parties", Party), ("papers", Paper), ("supplements", Supplement), ("obligations", Obligation),
        ("handovers", Handover), ("processes", ProcessInstance), ("deadlines", Deadline),
        ("pauses", Pause), ("letters", Letter), ("events", Event), ("waits", ProcessWait),
        ("opinions", Opinion), ("suggestions", RefusalSuggestion), ("notes", Note), ("results", ResultReturn),
    )  # fmt: skip
    return Together(
        [
            Part("dossiers", Dossier, linked),
            Part("agencies", DossierAgency, DossierAgency.dossier_id.in_(seen)),
            Part("tasks", Task, Task.dossier_id == one, frozenset({"before"})),
            Part("issued", IssuedPaper, IssuedPaper.dossier_id == one, frozenset({"made_from"})),
            *(Part(name, row, row.dossier_id == one) for name, row in own),
        ]
    )


def _around() -> Together:
    """Return the statement that reads what is named on a dossier's page, and the calendars in force.

    Calendars come from the resolving agency, those above it, and the default agency (the one with the smallest id).
    """
    default = select(func.min(Agency.id)).scalar_subquery()
    above = select(Agency.id, Agency.parent_id).where(Agency.id == bindparam("resolving")).cte("above", recursive=True)
    parent = aliased(Agency)
    above = above.union(select(parent.id, parent.parent_id).join(above, parent.id == above.c.parent_id))
    declares = select(above.c.id)
    newer = aliased(CalendarVersion)
    latest = (
        select(func.max(newer.no))
        .where(newer.owner_agency_id == CalendarVersion.owner_agency_id)
        .correlate(CalendarVersion)
        .scalar_subquery()
    )
    of_those = or_(CalendarVersion.owner_agency_id.in_(declares), CalendarVersion.owner_agency_id == default)
    return Together(
        [
            Part("officers", Officer, Officer.id.in_(_any("officers")), frozenset({"password_hash"})),
            Part("units", Unit, Unit.id.in_(_any("units"))),
            Part("absences", Absence, Absence.officer_id.in_(_any("assignees"))),
            Part(
                "agencies",
                Agency,
                or_(Agency.id.in_(_any("agencies")), Agency.id.in_(declares), Agency.id == default),
            ),
            Part("fees", Fee, Fee.procedure_id == bindparam("procedure")),
            Part("procedures", Procedure, Procedure.id.in_(_any("procedures"))),
            Part("calendars", CalendarVersion, (CalendarVersion.no == latest) & of_those, frozenset({"content"})),
        ]
    )


def _any(name: str) -> Any:
    return bindparam(name, expanding=True)


_BY_ID = _parts(Dossier.id == bindparam("wanted", type_=Dossier.id.type))
_BY_CODE = _parts(Dossier.code == bindparam("wanted", type_=Dossier.code.type))
_AROUND = _around()
