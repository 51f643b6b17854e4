"""The letters, numbers and checks of a dossier with two appointments."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Cause, PauseReason, Status
from engine.domain.ids import DossierId
from engine.domain.statistics import Column
from engine.errors import EngineError
from engine.reports import lateness_sql
from engine.reports.filters import Queue
from engine.reports.standing import Standing, standing
from engine.services import acts, apologies, calendars, letter_dispatch, reading, views
from engine.store.dossiers import Dossier as Row
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.appointments import a_land_office, missed_first, pay, queue_of, receive, report, tell_what_to_pay

# --- letters ----------------------------------------------------------------------------------------------------------


def test_letter_of_a_missed_first_appointment_apologises_and_names_no_new_date(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, missed_first(ctx, office))
    (letter,) = apologies.listed(ctx, by=office.supervisor)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=None)

    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    sent = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])

    assert sent["letter"]["old_due_at"] == "2026-03-06T01:00:00+00:00"
    assert (sent["dossier"]["extended_due_at"], sent["letter"]["state"]) == (None, "sent")
    assert apologies.pdf(ctx, by=office.approver, letter_id=letter["id"]).startswith(b"%PDF")
    b.advance_to(ctx, office, dossier, Status.FINISHED)
    assert verify(ctx) == []


def test_extension_of_the_first_is_over_when_the_second_is_made(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T14:00")
    extended = b.apologise(ctx, office, dossier, new_due="2026-03-11T09:00")
    b.turn_clock_to(ctx, "2026-03-10T09:00")

    runs = pay(ctx, office, tell_what_to_pay(ctx, office, extended))

    assert extended["extended_due_at"] == "2026-03-11T09:00:00+07:00"
    assert (runs["extended_due_at"], runs["late"]) == (None, True)
    b.turn_clock_to(ctx, "2026-03-12T08:00")
    with pytest.raises(EngineError) as again:
        b.apologise(ctx, office, runs, new_due="2026-03-20T09:00")
    assert again.value.code == "extension-used"  # once for a dossier, whatever its appointments
    assert verify(ctx) == []


def test_sent_letter_of_a_kept_appointment_foresees_nothing_of_the_next(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T14:00")
    b.apologise(ctx, office, dossier, new_due="2026-03-11T09:00")
    pay(ctx, office, tell_what_to_pay(ctx, office, dossier))

    assert queue_of(ctx, Queue.WILL_BE_LATE) == set()
    assert verify(ctx) == []


def test_nobody_can_apologise_for_an_appointment_that_was_kept(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = tell_what_to_pay(ctx, office, receive(ctx, office))

    with pytest.raises(EngineError) as refused:
        b.apologise(ctx, office, dossier, new_due="2026-03-20T09:00")

    assert refused.value.code == "letter-state"
    assert acts.Act.APOLOGISE not in acts.offered(ctx, by=office.officer, dossier=dossier["id"])["acts"]


# --- reports ----------------------------------------------------------------------------------------------------------


def test_report_counts_a_dossier_once_that_missed_both(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, missed_first(ctx, office))
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    b.advance_to(ctx, office, dossier, Status.FINISHED)

    total = report(ctx, office, "2026-03-01", "2026-03-31")

    assert (total[Column.LATE], total[Column.RECEIVED_IN_PERIOD]) == (1, 1)


def test_missed_first_appointment_is_overdue_from_then_on_and_not_before(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, missed_first(ctx, office))
    at = {"2026-03-06T23:59": Standing.OPEN_IN_TIME, "2026-03-07T00:00": Standing.OPEN_LATE}

    assert queue_of(ctx, Queue.OVERDUE) == {dossier["code"]}
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(dossier["code"])
        calendar = calendars.in_force(uow, row.resolving_agency_id)
        assert {when: standing(row, calendar, b.local(when)) for when in at} == at


def test_is_late_says_the_same_in_sql_and_in_python_whatever_was_missed(ctx: Context) -> None:
    office = a_land_office(ctx)
    kept = tell_what_to_pay(ctx, office, receive(ctx, office))
    missed = missed_first(ctx, office)
    pay(ctx, office, missed_first(ctx, office))
    b.withdraw(ctx, office, missed)

    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.scalars(select(Row)).all()
        for at in map(b.local, ("2026-03-02T08:00", "2026-03-09T09:00", "2027-01-01T00:00")):
            in_sql = set(uow.session.scalars(select(Row.id).where(lateness_sql.is_late(at))))
            assert {row.id for row in rows if views.is_late(row, at)} == in_sql
            assert str(kept["id"]) not in {str(found) for found in in_sql}
        assert len(in_sql) == 2


# --- verify -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        pytest.param("update dossier set missed_late_after = null", ("dossier", "missed_late_after"), id="forgiven"),
        pytest.param("update dossier set missed_late_after = received_at",
                     ("dossier", "missed_late_after"), id="moved"),
        pytest.param("update deadline set is_broken = not is_broken where promise_no = 1 and kind = 'promise'",
                     ("deadline", "is_broken"), id="verdict"),
        pytest.param("update deadline set state = 'paused' where promise_no = 1 and kind = 'promise'",
                     ("deadline", "state"), id="not-ended"),
        pytest.param("update deadline set time_limit = '9 working_day' where promise_no = 2",
                     ("deadline", "time_limit"), id="second-limit"),
        pytest.param("delete from deadline where promise_no = 2", ("deadline", "*"), id="second-deleted"),
        pytest.param("delete from letter where promise_no = 1", ("letter", "*"), id="letter-deleted"),
    ],
)  # fmt: skip
def test_verify_finds_what_somebody_changed(ctx: Context, spoil: str, found: tuple[str, str]) -> None:
    office = a_land_office(ctx)
    pay(ctx, office, missed_first(ctx, office))
    assert verify(ctx) == []

    with ctx.database.engine.begin() as connection:
        connection.exec_driver_sql(spoil)

    assert found in {(each.table, each.field) for each in verify(ctx)}


def test_pause_for_money_is_remembered_with_its_stage(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = tell_what_to_pay(ctx, office, receive(ctx, office))

    with ctx.unit_of_work(read_only=True) as uow:
        (pause,) = uow.deadlines.pauses(DossierId(UUID(dossier["id"])))
    timeline = reading.timeline(ctx, by=SYSTEM, dossier=dossier["id"])
    (paused,) = [event["facts"] for event in timeline if event["kind"] == "clock.paused"]

    assert pause.reason is PauseReason.STEP
    assert (paused["appointment"], paused["stage"]) == (1, 2)
