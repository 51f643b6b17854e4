"""The new date of an apology: kept, or counted apart and taken to the head; moved by a pause and by nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from engine.context import Context
from engine.domain.dossier import Cause, DeadlineKind, Status
from engine.domain.events import EventKind
from engine.domain.ids import DossierId
from engine.errors import EngineError
from engine.services import apologies
from engine.services.case import as_uuid
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.outbox import OutboxMessage
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.calendar_acts import days, make

NEW_DUE = "2026-03-12T09:00"


def an_apologised_dossier(ctx: Context) -> tuple[b.Office, dict[str, Any]]:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    return office, b.apologise(ctx, office, dossier, new_due=NEW_DUE)


def row_of(ctx: Context, dossier: dict[str, Any]) -> tuple[Dossier, Deadline]:
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.get(DossierId(as_uuid(dossier["id"])))
        limits = uow.deadlines.all_of(row.id)
        return row, next(limit for limit in limits if limit.kind is DeadlineKind.EXTENSION)


def broken_events(ctx: Context, dossier: dict[str, Any]) -> list[dict[str, Any]]:
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.events.of_kind(DossierId(as_uuid(dossier["id"])), EventKind.EXTENSION_BROKEN)
        return [event.payload for event in found]


def mails(ctx: Context) -> list[dict[str, Any]]:
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.session.query(OutboxMessage).filter(OutboxMessage.key.like("extension:%"))
        return [message.payload for message in found]


def local(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(b.VIETNAM).isoformat(timespec="minutes")[:16]


def test_a_new_date_that_is_kept_counts_nothing(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    b.turn_clock_to(ctx, "2026-03-12T08:00")
    b.advance_to(ctx, office, dossier, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-20T08:00")

    row, limit = row_of(ctx, dossier)

    assert (row.extension_broken_at, limit.state.value, limit.wake_at) == (None, "ended", None)
    assert broken_events(ctx, dossier) == []
    assert verify(ctx) == []


def test_a_new_date_that_is_not_kept_is_counted_and_taken_to_the_chairman(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    with ctx.unit_of_work() as uow:
        chair = uow.people.get(office.supervisor.id)
        chair.email = "chu-tich@example.test"
        uow.agencies.get(uow.dossiers.get(DossierId(as_uuid(dossier["id"]))).resolving_agency_id).chair_id = chair.id

    b.turn_clock_to(ctx, "2026-03-12T23:59")
    assert row_of(ctx, dossier)[0].extension_broken_at is None
    b.turn_clock_to(ctx, "2026-03-13T08:00")

    row, _ = row_of(ctx, dossier)
    assert local(row.extension_broken_at) == "2026-03-13T00:00"
    [said] = broken_events(ctx, dossier)
    assert (said["officers"], said["mails"]) == ([office.supervisor.id], 1)
    [mail] = mails(ctx)
    assert mail["to"] == "chu-tich@example.test"
    assert row.code in mail["subject"]
    assert b.NO_EMAIL.name not in mail["text"]
    assert verify(ctx) == []


def test_a_second_extension_is_impossible(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    b.turn_clock_to(ctx, "2026-03-13T08:00")
    draft = apologies.Draft(cause=Cause.STAFF, reason="Vẫn thiếu người thụ lý", new_due_at=b.local("2026-03-20T09:00"))

    with pytest.raises(EngineError) as refused:
        apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)

    assert refused.value.code == "extension-used"


def test_a_dossier_done_after_its_new_date_is_counted_though_the_clock_process_slept(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    b.turn_clock_to(ctx, "2026-03-13T08:00", ticker=False)
    b.advance_to(ctx, office, dossier, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-20T08:00")

    [said] = broken_events(ctx, dossier)

    assert said["officers"] == []
    assert mails(ctx) == []
    assert verify(ctx) == []


def test_the_new_date_stands_still_with_the_clock(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    dossier = b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-04T08:00")  # two working days later
    assert row_of(ctx, dossier)[1].wake_at is None
    b.bring_supplement(ctx, office, dossier)

    row, limit = row_of(ctx, dossier)
    assert local(row.extended_due_at) == "2026-03-16T09:00"  # 14 and 15 March are a weekend
    assert limit.due_at == row.extended_due_at
    b.turn_clock_to(ctx, "2026-03-16T20:00")
    assert row_of(ctx, dossier)[0].extension_broken_at is None
    b.turn_clock_to(ctx, "2026-03-17T08:00")
    assert row_of(ctx, dossier)[0].extension_broken_at is not None
    assert verify(ctx) == []


def test_a_dossier_withdrawn_while_the_clock_stands_has_kept_its_new_date(ctx: Context) -> None:
    office, dossier = an_apologised_dossier(ctx)
    dossier = b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    b.withdraw(ctx, office, dossier)

    assert broken_events(ctx, dossier) == []
    assert verify(ctx) == []


def test_a_day_off_moves_the_new_date_and_its_watch(ctx: Context) -> None:
    _office, dossier = an_apologised_dossier(ctx)
    make(ctx, days(12))

    row, limit = row_of(ctx, dossier)

    assert local(row.extended_due_at) == "2026-03-13T07:00"
    assert limit.due_at == row.extended_due_at
    b.turn_clock_to(ctx, "2026-03-13T20:00")
    assert row_of(ctx, dossier)[0].extension_broken_at is None
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    assert row_of(ctx, dossier)[0].extension_broken_at is not None
    assert verify(ctx) == []
