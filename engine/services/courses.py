"""The course of a dossier as a paper: every event, who did what, for whom and until when (domain.md §2.10)."""

from __future__ import annotations

from datetime import datetime

from engine.context import Context
from engine.documents.courses import CourseLine, CourseValues
from engine.documents.forms import render_pdf
from engine.domain.actors import Actor
from engine.domain.events import EventKind
from engine.domain.official_forms import OWN, FormKind, form_of
from engine.services import dossier_file
from engine.services.case import Case, check_ours
from engine.services.officer_names import OfficerNames
from engine.store.events import Event

_UNIT = {  # which key names the unit that has it from then on
    EventKind.TASK_OPENED: "unit",
    EventKind.HANDED_OVER: "to",
    EventKind.TRANSFERRED: "to",
    EventKind.OPINION_ASKED: "unit",
}
_OFFICER = {EventKind.TASK_CLAIMED: "officer", EventKind.TASK_ASSIGNED: "officer", EventKind.URGED: "to"}
_WORDS = (
    "reason",
    "note",
    "ground",
    "notice",
    "number",
)  # what an act was about
_DATES = ("answer_due_at", "new_due_at", "due_at")


def pdf(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the course of a dossier; the same history gives the same bytes.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        made = values(case)
        return render_pdf(made.form, made)


def values(case: Case) -> CourseValues:
    """Return what the course of an open dossier prints: each event is a line."""
    row, uow = case.dossier, case.uow
    check_ours(row)
    agency = uow.agencies.get(row.resolving_agency_id)
    events = uow.events.of(row.id)
    told = _Told(case)
    return CourseValues(
        form=form_of(OWN, FormKind.COURSE),
        agency_name=agency.name,
        place=agency.place,
        code=row.code or "–",
        applicant_name=uow.dossiers.parties(row.id)["applicant"].name,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        received_at=row.received_at,
        due_at=row.due_at,
        lines=tuple(told.line(event) for event in events),
        printed_at=events[-1].at,
        zone=agency.zone,
    )


class _Told:
    """Events with names in place of ids."""

    def __init__(self, case: Case) -> None:
        self._case, self._names = case, OfficerNames(case.uow)
        self._steps: dict[str, str] = {}  # names of tasks by their id, as they were opened

    def line(self, event: Event) -> CourseLine:
        """Return the line of an event; events come in order."""
        said, kind = event.payload, EventKind(event.kind)
        if kind is EventKind.TASK_OPENED:
            self._steps[said["task"]] = said["name"]
        due = next((said[name] for name in _DATES if said.get(name)), None)
        return CourseLine(
            at=event.at,
            by=self._names.of(event.actor_id),
            behalf=self._names.of(said.get("for")),
            kind=kind.value,
            subject=self._subject(event),
            to=self._to(kind, event),
            due_at=None if due is None else datetime.fromisoformat(due),
        )

    def _subject(self, event: Event) -> str | None:
        said = event.payload
        step = self._steps.get(str(said.get("task")))
        words = next((str(said[name]) for name in _WORDS if isinstance(said.get(name), str) and said[name]), None)
        return ". ".join(each for each in (step, words) if each) or None

    def _to(self, kind: EventKind, event: Event) -> str | None:
        said = event.payload
        if kind in _UNIT:
            return self._case.uow.agencies.unit(said[_UNIT[kind]]).name
        if kind in _OFFICER:
            return self._names.of(said[_OFFICER[kind]])
        if kind is EventKind.RAISED:
            return "; ".join(name for each in said["officers"] if (name := self._names.of(each)))
        return None
