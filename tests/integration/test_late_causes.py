"""Saying why a dossier is late: who may, when, what the history keeps, and who writes at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.context import Context
from engine.domain.acts import Act
from engine.domain.dossier import Cause
from engine.domain.events import EventKind
from engine.domain.permissions import NotAllowedError
from engine.errors import ConflictError
from engine.services import acts, late_causes, notes, reading
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.facts import DossierFact
from engine.verification import verify
from tests.support import builders as b


def a_late_dossier(ctx: Context, office: b.Office) -> dict[str, Any]:
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-04-02T09:00")
    return dossier


def offers(ctx: Context, by: Any, dossier: dict[str, Any]) -> bool:
    return Act.LATE_CAUSE in acts.offered(ctx, by=by, dossier=dossier["code"])["acts"]


def test_the_latest_cause_stands_and_the_history_keeps_no_words(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_late_dossier(ctx, office)
    assert offers(ctx, office.officer, dossier)
    assert not offers(ctx, office.desk, dossier)
    late_causes.record(ctx, by=office.officer, dossier=dossier["code"], cause=Cause.STAFF, note=" Thiếu người ")
    late_causes.record(ctx, by=office.supervisor, dossier=dossier["code"], cause=Cause.COOPERATION)
    shown = reading.detail(ctx, by=office.officer, dossier=dossier["code"])
    assert shown["late_cause"] == "cooperation"
    with ctx.unit_of_work(read_only=True) as uow:
        events = list(uow.session.scalars(select(Event).order_by(Event.seq)))
        said = [event.payload for event in events if event.kind == EventKind.LATE_CAUSE_GIVEN]
        assert said == [{"cause": "staff"}, {"cause": "cooperation"}]
        assert "Thiếu người" not in str([event.payload for event in events])
        assert [note.text for note in uow.consultations.notes(events[0].dossier_id)] == ["Thiếu người"]
        assert [fact.late_cause for fact in uow.session.scalars(select(DossierFact))] == ["cooperation"]
    assert verify.verify(ctx) == []


def test_a_dossier_that_ended_late_gets_its_cause(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = a_late_dossier(sqlite_ctx, office)
    b.withdraw(sqlite_ctx, office, dossier)
    late_causes.record(sqlite_ctx, by=office.supervisor, dossier=dossier["code"], cause=Cause.OTHER)
    assert verify.verify(sqlite_ctx) == []


def test_what_is_refused(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)

    def said(by: Any = office.officer, **more: Any) -> None:
        late_causes.record(ctx, by=by, dossier=dossier["code"], cause=Cause.RULE, **more)

    assert not offers(ctx, office.officer, dossier)
    with pytest.raises(late_causes.NotLateError):
        said()
    b.turn_clock_to(ctx, "2026-04-02T09:00")
    with pytest.raises(NotAllowedError):
        said(by=office.desk)
    with pytest.raises(notes.InvalidNoteError):
        said(note="a" * 4001)
    assert reading.detail(ctx, by=office.officer, dossier=dossier["code"])["late_cause"] is None
    b.apologise(ctx, office, dossier, new_due="2026-04-07T09:00")
    assert not offers(ctx, office.officer, dossier)
    with pytest.raises(late_causes.CauseInLetterError):
        said()


def test_two_at_once_leave_one_cause(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = a_late_dossier(ctx, office)
    version = reading.detail(ctx, by=office.officer, dossier=dossier["code"])["version"]

    def one(cause: Cause) -> str:
        try:
            late_causes.record(ctx, by=office.officer, dossier=dossier["code"], cause=cause, expected=version)
        except ConflictError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(one, [Cause.STAFF, Cause.DOSSIER]))
    assert told == ["done", "version-mismatch"]
    assert verify.verify(ctx) == []


def test_verify_finds_a_cause_that_nobody_said(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    a_late_dossier(ctx, office)
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(Dossier).values(late_cause="citizen"))
    assert {each.field for each in verify.verify(ctx)} >= {"late_cause"}
