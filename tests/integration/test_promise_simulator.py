"""What the counter may promise: received now, after the break, on the next working day; and how such promises went."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.domain.calendar import CalendarGapError
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Status
from engine.domain.permissions import NotAllowedError
from engine.reports import on_time
from engine.reports.kept_promises import kept_lately
from engine.reports.on_time import Question
from engine.reports.on_time_values import Per, Period
from engine.services import calendars, counter, intake
from engine.store.calendars import OfficeHoursRow
from tests.support.builders import (
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    refuse,
    turn_clock_to,
    withdraw,
)
from tests.support.step_tables import DESK, usual_steps


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx, policy={"cutoff": "15:00"})


def promises(ctx: Context, office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = counter.preview(ctx, by=office.desk, procedure=office.procedure)["promises"]
    return found


def set_limit(ctx: Context, limit: str) -> None:
    """Give every procedure a limit that step tables do not write, as a drawn model may have it."""
    with ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql(f"update procedure_version set time_limit = '{limit}'")


def short(text: str) -> str:
    """Return an instant of Vietnam to the minute, without its year."""
    at = datetime.fromisoformat(text)
    assert at.utcoffset() == timedelta(hours=7)
    return f"{at:%d/%m %H:%M}"


def seen(ctx: Context, office: Office) -> list[tuple[str, str, str, str | None]]:
    """Return of each promise when, counted from, due and why counting does not begin at the receipt."""
    return [
        (row["when"], short(row["counted_from"]), short(row["due_at"]), row["reason"]) for row in promises(ctx, office)
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(
            "2026-03-03T06:15",
            [
                ("now", "03/03 07:00", "09/03 07:00", "before_opening"),
                ("after_break", "03/03 07:00", "09/03 07:00", None),
                ("tomorrow", "04/03 07:00", "10/03 07:00", None),
            ],
            id="before opening",
        ),
        pytest.param(
            "2026-03-02T08:00",
            [
                ("now", "02/03 08:00", "06/03 08:00", None),
                ("after_break", "02/03 13:30", "06/03 13:30", None),
                ("tomorrow", "03/03 07:00", "09/03 07:00", None),
            ],
            id="in the morning",
        ),
        pytest.param(
            "2026-03-02T11:30",
            [
                ("now", "02/03 13:30", "06/03 13:30", "break"),
                ("after_break", "02/03 13:30", "06/03 13:30", None),
                ("tomorrow", "03/03 07:00", "09/03 07:00", None),
            ],
            id="in the break",
        ),
        pytest.param(
            "2026-03-02T15:00",
            [("now", "02/03 15:00", "06/03 15:00", None), ("tomorrow", "03/03 07:00", "09/03 07:00", None)],
            id="at the cut-off",
        ),
        pytest.param(
            "2026-03-02T15:01",
            [("now", "03/03 07:00", "09/03 07:00", "cutoff"), ("tomorrow", "03/03 07:00", "09/03 07:00", None)],
            id="after the cut-off",
        ),
        pytest.param(
            "2026-03-07T09:00",
            [("now", "09/03 07:00", "13/03 07:00", "day_off"), ("tomorrow", "09/03 07:00", "13/03 07:00", None)],
            id="on Saturday",
        ),
        pytest.param(
            "2026-04-24T14:00",
            [("now", "24/04 14:00", "05/05 14:00", None), ("tomorrow", "28/04 07:00", "06/05 07:00", None)],
            id="before Hùng Kings' Day on a Sunday, 30 April and 1 May",
        ),
    ],
)
def test_each_receipt_has_its_promise(ctx: Context, office: Office, now: str, expected: list[Any]) -> None:
    turn_clock_to(ctx, now)

    assert seen(ctx, office) == expected


def test_after_closing_without_cutoff_counts_from_the_next_day(ctx: Context) -> None:
    plain = an_office(ctx)
    turn_clock_to(ctx, "2026-03-02T17:00")

    assert seen(ctx, plain)[0] == ("now", "03/03 07:00", "09/03 07:00", "after_closing")


def test_calendar_days_count_from_a_receipt_in_the_break(ctx: Context) -> None:
    by_dates = an_office(ctx)
    set_limit(ctx, "4 calendar_day")
    turn_clock_to(ctx, "2026-03-02T12:00")

    assert seen(ctx, by_dates)[0] == ("now", "02/03 12:00", "06/03 13:30", None)


@pytest.mark.parametrize("now", ["2026-03-02T08:00", "2026-03-02T12:00", "2026-03-02T16:00", "2026-03-07T09:00"])
def test_promise_of_now_is_what_receiving_gives(ctx: Context, office: Office, now: str) -> None:
    turn_clock_to(ctx, now)
    promised = counter.preview(ctx, by=office.desk, procedure=office.procedure)

    assert promised["promises"][0]["due_at"] == promised["due_at"] == a_received_dossier(ctx, office)["due_at"]


@pytest.mark.parametrize("place", [1, 2])
def test_later_promise_is_what_receiving_then_gives(ctx: Context, office: Office, place: int) -> None:
    later = promises(ctx, office)[place]
    turn_clock_to(ctx, datetime.fromisoformat(later["received_at"]).strftime("%Y-%m-%dT%H:%M"))

    assert a_received_dossier(ctx, office)["due_at"] == later["due_at"]


def test_first_of_two_appointments_is_promised(ctx: Context) -> None:
    steps = usual_steps()
    steps[1] |= {"pauses_clock": True}  # the officer tells the citizen what to pay
    twice = an_office(ctx, steps=steps, policy={"appointments": ["1.5 working_day", "2.5 working_day"]})
    promised = counter.preview(ctx, by=twice.desk, procedure=twice.procedure)

    assert promised["appointments"] == ["1.5 working_day", "2.5 working_day"]
    assert promised["due_at"] == a_received_dossier(ctx, twice)["due_at"]


def test_date_in_a_year_without_decision_is_provisional(ctx: Context, office: Office) -> None:
    turn_clock_to(ctx, "2026-12-30T08:00")

    assert [row["provisional"] for row in promises(ctx, office)] == [True, True, True]


def test_reception_hours_of_the_desk_say_when_one_may_come_back(ctx: Context, office: Office) -> None:
    """Received outside the agency's hours, it still counts from the agency's next opening."""
    mornings = [["08:00-11:00"]] * 5 + [["08:00-11:00"], []]
    with ctx.unit_of_work() as uow:
        row = OfficeHoursRow(
            owner_agency_id=office.id, unit_id=office.units[DESK], valid_from=date(2026, 1, 5), week=mornings,
            decision="QĐ 1", entered_at=ctx.clock.now(),
        )  # fmt: skip
        uow.session.add(row)

    turn_clock_to(ctx, "2026-03-06T08:00")
    found = promises(ctx, office)
    assert [(row["when"], short(row["received_at"])) for row in found] == [
        ("now", "06/03 08:00"), ("tomorrow", "07/03 08:00"),
    ]  # fmt: skip
    assert (short(found[1]["counted_from"]), found[1]["reason"]) == ("09/03 07:00", "day_off")


def _turn_to_last_days(ctx: Context, office: Office, left: int) -> None:
    """Turn the clock to 08:00 of the day after which so many working days are left in the calendar."""
    calendar, _ = calendars.of_agency(ctx, code=office.code)
    dates = [date(calendar.last_year, 12, day) for day in range(10, 32)]
    on = [each for each in dates if calendar.is_working_day(each)][-1 - left]
    assert isinstance(ctx.clock, TurnedClock)
    ctx.clock.turn_to(calendar.at_local(datetime.combine(on, time(8))))


def test_calendar_that_ends_first_is_an_error_and_no_date(ctx: Context, office: Office) -> None:
    _turn_to_last_days(ctx, office, 3)

    with pytest.raises(CalendarGapError):
        promises(ctx, office)


def test_later_receipt_beyond_the_calendar_leaves_the_others_alone(ctx: Context, office: Office) -> None:
    _turn_to_last_days(ctx, office, 4)
    now, after_break, tomorrow = promises(ctx, office)

    assert ("due_at" in now, "due_at" in after_break) == (True, True)
    assert set(tomorrow) == {"when", "error"}
    assert tomorrow["error"]["code"] == "calendar-gap"


def test_no_working_day_left_is_an_error_of_tomorrow_alone(ctx: Context) -> None:
    same_day = an_office(ctx)
    set_limit(ctx, "0 working_day")
    _turn_to_last_days(ctx, same_day, 0)

    assert [("error" in row) for row in promises(ctx, same_day)] == [False, False, True]


# --- how the promises went -----------------------------------------------------------------------------------------


def kept(ctx: Context, office: Office) -> tuple[int, int, float | None]:
    """Return kept, finished and percent; the same as the report says of the period."""
    found = kept_lately(ctx, by=office.desk, procedure=office.procedure, agency=office.code)
    period = Period(date.fromisoformat(found["from"]), date.fromisoformat(found["to"]))
    assert (period.to_on - period.from_on).days == 89
    question = Question(period=period, per=Per.PROCEDURE, agency=office.code)
    lines = {line.key: line for line in on_time.on_time(ctx, by=office.supervisor, question=question).lines}
    if office.procedure in lines:
        rate = lines[office.procedure].rates["finished"]
        assert (rate.numerator, rate.denominator) == (found["numerator"], found["denominator"])
    return found["numerator"], found["denominator"], found["percent"]


def test_without_a_finished_dossier_there_is_no_percent(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    withdraw(ctx, office, a_received_dossier(ctx, office))

    assert kept(ctx, office) == (0, 0, None)


def test_late_one_counts_against_and_an_open_late_one_not_yet(ctx: Context, office: Office) -> None:
    in_time, late, _open = (a_received_dossier(ctx, office) for _ in range(3))
    advance_to(ctx, office, in_time, Status.FINISHED)
    turn_clock_to(ctx, "2026-03-06T23:59")
    refuse(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-07T00:00")
    advance_to(ctx, office, late, Status.FINISHED)

    assert kept(ctx, office) == (2, 3, 66.67)


def test_paused_dossier_counts_when_it_is_finished_by_its_moved_promise(ctx: Context, office: Office) -> None:
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-10T08:00")
    assert kept(ctx, office) == (0, 0, None)

    dossier = bring_supplement(ctx, office, dossier)
    advance_to(ctx, office, dossier, Status.FINISHED)
    assert kept(ctx, office) == (1, 1, 100.0)


def test_other_procedures_and_agencies_do_not_count(ctx: Context, office: Office) -> None:
    other = an_office(ctx, code="H01", procedure=office.procedure)
    advance_to(ctx, other, a_received_dossier(ctx, other), Status.FINISHED)
    second = an_office(ctx, procedure="TP01")
    advance_to(ctx, second, a_received_dossier(ctx, second), Status.FINISHED)

    assert kept(ctx, office) == (0, 0, None)
    assert kept(ctx, other) == (1, 1, 100.0)


def test_ninety_local_dates_count_with_today_among_them(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-03T00:00", ticker=False)
    advance_to(ctx, office, dossier, Status.FINISHED)

    a_moment_before = replace(ctx, clock=TurnedClock(ctx.clock.now() - timedelta(microseconds=1)))
    assert kept(a_moment_before, office) == (0, 0, None)

    turn_clock_to(ctx, "2026-05-31T23:59", ticker=False)
    assert kept(ctx, office) == (1, 1, 100.0)
    turn_clock_to(ctx, "2026-06-01T00:00", ticker=False)
    assert kept(ctx, office) == (0, 0, None)


def test_apology_does_not_make_a_late_one_kept(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00")
    dossier = apologise(ctx, office, dossier, new_due="2026-03-12T15:00")
    advance_to(ctx, office, dossier, Status.FINISHED)

    assert kept(ctx, office) == (0, 1, 0.0)


@pytest.mark.parametrize("who", ["officer", "approver", "supervisor", "auditor", "admin"])
def test_simulator_is_for_the_desk(ctx: Context, office: Office, who: str) -> None:
    with pytest.raises(NotAllowedError):
        kept_lately(ctx, by=getattr(office, who), procedure=office.procedure, agency=office.code)
    with pytest.raises(NotAllowedError):
        counter.preview(ctx, by=getattr(office, who), procedure=office.procedure)


def test_desk_of_another_agency_may_ask_for_whom_it_receives(ctx: Context, office: Office) -> None:
    other = an_office(ctx, code="H01", procedure="TP01")
    answer = intake.receive(
        ctx, by=other.desk,
        filing=intake.Filing(procedure_code="TP99", applicant=intake.Person(name="Thử"), resolving_agency="H00"),
    )  # fmt: skip
    advance_to(ctx, office, answer, Status.FINISHED, counter=other)

    assert kept_lately(ctx, by=other.desk, procedure="TP99", agency="H00")["denominator"] == 1
