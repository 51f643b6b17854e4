"""What other systems get wrong (peers.md §2 and §3, domain.md §1.5): each id names the system and its wrong answer."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from engine.domain.calendar import CalendarGapError, DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.calendar_layers import names_tet
from engine.domain.deadlines import LateRule, Punctuality, due, is_late, late_after, punctuality, rest, resume, spent
from engine.domain.limits import InvalidLimitError, Limit, Unit
from tests.support.vietnam_clock import VN, at, clock_of, due_clock


def office(*shifts: str, days: tuple[DayRule, ...] = ()) -> WorkingCalendar:
    return WorkingCalendar.build(
        zone="Asia/Ho_Chi_Minh", shifts=tuple(map(Shift.parse, shifts)), days=days, years=range(2026, 2027)
    )


# --- when is it due ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "wrong", "right"),
    [
        pytest.param(
            "2026-03-02T11:30", "1 working_hour", "2026-03-02T03:00", "2026-03-02T14:30", id="tandan-1h-due-mon-03:00"
        ),
        pytest.param(
            "2026-03-02T16:30",
            "6 working_hour",
            "2026-03-03T12:30",
            "2026-03-03T14:30",
            id="tandan-6h-due-in-lunch-tue-12:30",
        ),
        pytest.param(
            "2026-03-07T09:00",
            "8 working_hour",
            "2026-03-09T09:00",
            "2026-03-09T17:00",
            id="tandan-8h-from-saturday-due-mon-09:00",
        ),
        pytest.param(
            "2026-08-20T09:00",
            "3 working_day",
            "2026-08-25T09:00",
            "2026-08-24T09:00",
            id="tandan-make-up-saturday-off-due-tue-25-aug",
        ),
        pytest.param(
            "2026-03-02T18:00",
            "1 working_day",
            "2026-03-05T07:00",
            "2026-03-04T07:00",
            id="tandan-after-closing-costs-a-day-due-thu-07:00",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "1.5 working_day",
            "2026-03-03T11:30",
            "2026-03-03T15:00",
            id="epar-1.5-day-step-due-tue-11:30",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "3.5 working_day",
            "2026-03-05T11:30",
            "2026-03-05T15:00",
            id="epar-3.5-day-step-due-thu-11:30",
        ),
        pytest.param(
            "2026-03-02T16:02",
            "0 working_day",
            "2026-03-02T16:00",
            "2026-03-02T17:00",
            id="epar-0-day-step-born-overdue-at-16:00",
        ),
        pytest.param(
            "2026-03-07T09:00",
            "0 working_day",
            "2026-03-07T11:30",
            "2026-03-09T17:00",
            id="epar-0-day-step-due-on-that-saturday",
        ),
        pytest.param(
            "2026-03-07T09:00",
            "0.5 working_day",
            "2026-03-07T16:00",
            "2026-03-09T11:00",
            id="epar-0.5-day-step-due-on-that-saturday",
        ),
        pytest.param(
            "2024-01-02T09:00",
            "500 working_day",
            "2024-12-27T09:00",
            "2025-12-31T09:00",
            id="opencps-loop-ends-after-360-days",
        ),
        pytest.param(
            "2026-03-02T07:00",
            "0.1 working_hour",
            "2026-03-02T07:15",
            "2026-03-02T07:06",
            id="opencps-rounds-up-to-15-minutes-07:15",
        ),
        pytest.param(
            "2026-03-02T10:00",
            "2 working_day",
            "2026-03-04T15:20",
            "2026-03-04T10:00",
            id="opencps-354-due-at-the-hour-of-processing-15:20",
        ),
        pytest.param(
            "2026-04-24T10:00",
            "2 working_day",
            "2026-04-28T10:00",
            "2026-04-29T10:00",
            id="opencps-354-holiday-counts-due-28-apr",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "2 working_day",
            "2026-03-02T09:00",
            "2026-03-04T09:00",
            id="opencps-1080-days-of-a-step-have-no-effect",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "1 calendar_day",
            "2026-03-02T09:05",
            "2026-03-03T09:00",
            id="opencps-1178-one-day-over-after-5-minutes",
        ),
        pytest.param(
            "2026-03-06T09:00",
            "2 working_day",
            "2026-03-08T09:00",
            "2026-03-10T09:00",
            id="digit-wall-clock-172800000-ms-due-on-sunday",
        ),
        pytest.param(
            "2026-02-12T09:00",
            "5 working_day",
            "2026-02-17T09:00",
            "2026-02-26T09:00",
            id="digit-wall-clock-432000000-ms-due-at-tet",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "1 working_day",
            "2026-03-05T09:00",
            "2026-03-03T09:00",
            id="jmix-790-a-day-is-24-business-hours-due-thu",
        ),
        pytest.param(
            "2026-02-12T09:00",
            "3 working_day",
            "2026-02-17T09:00",
            "2026-02-24T09:00",
            id="jbpm-233-holidays-ignored-due-17-feb",
        ),
        pytest.param(
            "2026-03-06T16:00",
            "4 working_hour",
            "2026-03-06T20:00",
            "2026-03-09T10:00",
            id="osticket-4807-due-when-nobody-is-there-20:00",
        ),
        pytest.param(
            "2026-03-02T07:00",
            "8 working_hour",
            "2026-03-03T07:00",
            "2026-03-02T17:00",
            id="pandas-business-hour-closing-due-next-opening",
        ),
        pytest.param(
            "2026-01-07T10:00",
            "3 working_day",
            "2026-01-12T10:00",
            "2026-01-10T10:00",
            id="library-without-the-swap-of-2-jan-due-12-jan",
        ),
        pytest.param(
            "2026-11-20T09:00",
            "3 working_day",
            "2026-11-26T09:00",
            "2026-11-25T09:00",
            id="library-with-24-nov-off-due-26-nov",
        ),
    ],
)
def test_a_due_date_that_another_system_gets_wrong(received: str, limit: str, wrong: str, right: str) -> None:
    assert due_clock(received, limit) == right != wrong


def test_opencps_hard_coded_8_hour_day_is_due_an_hour_late() -> None:
    seven_hours = office("07:30-11:30", "13:30-16:30")
    found = due_clock("2026-03-02T07:30", "1 working_day", calendar=seven_hours)
    assert found == "2026-03-03T07:30" != "2026-03-03T08:30"
    assert due_clock("2026-03-02T07:30", "8 working_hour", calendar=seven_hours) == "2026-03-03T08:30"


def test_opencps_shares_one_calendar_between_tenants() -> None:
    ours, theirs = office("07:00-11:00"), office("08:00-12:00", days=(closed("2026-03-03"),))
    for _ in range(2):
        assert due_clock("2026-03-02T07:00", "4 working_hour", calendar=ours) == "2026-03-02T11:00"
        assert due_clock("2026-03-02T08:00", "5 working_hour", calendar=theirs) == "2026-03-04T09:00"


def closed(on: str) -> DayRule:
    return DayRule(date.fromisoformat(on), DayKind.OFF, "1/QĐ", "note")


# --- how late, how much time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wrong", "right"),
    [
        pytest.param("2026-03-03T16:59", None, Fraction(929, 60), id="opencps-calcStartAM-16:59-15:29-is-right-here"),
        pytest.param("2026-03-03T17:00", Fraction(49, 2), Fraction(31, 2), id="opencps-calcStartAM-17:00-24:30-late"),
        pytest.param("2026-03-03T17:30", Fraction(25), Fraction(16), id="opencps-calcStartAM-17:30-25:00-late"),
    ],
)
def test_lateness_in_working_hours_is_no_clock_time(now: str, wrong: Fraction | None, right: Fraction) -> None:
    eight_hours = office("08:00-12:00", "13:30-17:30")
    assert spent(eight_hours, at("2026-03-02T08:00"), at(now), Unit.WORKING_HOUR) == right != wrong


@pytest.mark.parametrize(
    ("first", "last", "unit", "wrong", "right"),
    [
        pytest.param(
            "2026-08-21T07:00", "2026-08-24T07:00", Unit.WORKING_DAY, 1, 2, id="opencps-make-up-saturday-off-1-day"
        ),
        pytest.param(
            "2026-08-21T07:00", "2026-08-24T07:00", Unit.WORKING_HOUR, 8, 16, id="opencps-make-up-saturday-off-8-hours"
        ),
        pytest.param(
            "2026-03-06T09:00", "2026-03-09T09:00", Unit.WORKING_HOUR, 72, 8, id="pm4py-558-work-calendar-ignored-72h"
        ),
        pytest.param(
            "2026-03-07T10:00", "2026-03-08T10:00", Unit.WORKING_HOUR, 24, 0, id="osticket-1168-overdue-on-sunday-24h"
        ),
    ],
)
def test_time_spent_that_another_system_gets_wrong(first: str, last: str, unit: Unit, wrong: int, right: int) -> None:
    assert spent(VN, at(first), at(last), unit) == right != wrong
    assert spent(VN, at(last), at(first), unit) == -right


def test_epar_counts_a_dossier_due_at_11_30_as_late_only_the_next_day() -> None:
    due_at, finished_at = at("2026-03-02T11:30"), at("2026-03-02T15:00")
    after = late_after(VN, due_at, LateRule.INSTANT)
    assert punctuality(VN, finished_at=finished_at, due_at=due_at, late_after=after) is Punctuality.LATE


@pytest.mark.parametrize("received", ["2026-03-02T06:00", "2026-03-02T16:59", "2026-03-02T23:59", "2026-03-07T09:00"])
@pytest.mark.parametrize("limit", ["0 working_hour", "0 working_day", "0 calendar_day", "0.5 working_day"])
@pytest.mark.parametrize("rule", LateRule)
def test_opencps_670_a_dossier_filed_today_is_overdue_today(received: str, limit: str, rule: LateRule) -> None:
    found = due(VN, received_at=at(received), limit=Limit.parse(limit))
    assert not is_late(at(received), late_after(VN, found.due_at, rule))


# --- pauses --------------------------------------------------------------------------------------------------------


FIVE_DAYS = ("5 working_day", "2026-03-02T09:00", "2026-03-06T09:00", "2026-03-09T09:00")  # over a weekend


@pytest.mark.parametrize(
    ("limit", "received", "paused", "resumed", "wrong", "right"),
    [
        pytest.param(
            *FIVE_DAYS, "2026-03-12T09:00", "2026-03-10T09:00", id="tandan-weekend-of-a-supplement-adds-3-days-thu"
        ),
        pytest.param(*FIVE_DAYS, "2026-03-12T09:00", "2026-03-10T09:00", id="zac-adds-the-3-actual-days-thu"),
        pytest.param(*FIVE_DAYS, "2026-03-09T09:00", "2026-03-10T09:00", id="open-zaak-747-suspension-moves-nothing"),
        pytest.param(*FIVE_DAYS, "2026-03-09T09:00", "2026-03-10T09:00", id="epar-extension-overwritten-and-lost"),
        pytest.param(*FIVE_DAYS, "2026-03-09T09:00", "2026-03-10T09:00", id="digit-knows-no-pause"),
        pytest.param(
            "5 working_day",
            "2026-03-02T09:00",
            "2026-03-03T15:00",
            "2026-03-10T08:00",
            "2026-03-13T00:00",
            "2026-03-13T14:00",
            id="epar-un-pause-due-at-00:00",
        ),
        pytest.param(
            "2 working_day",
            "2026-03-02T09:00",
            "2026-03-03T09:00",
            "2026-03-04T09:00",
            "2026-03-06T09:00",
            "2026-03-05T09:00",
            id="opencps-v2-1112-a-repeated-step-begins-anew-fri",
        ),
    ],
)
def test_a_pause_that_another_system_gets_wrong(
    limit: str, received: str, paused: str, resumed: str, wrong: str, right: str
) -> None:
    left = rest(VN, limit=Limit.parse(limit), running_from=at(received), at=at(paused))
    assert clock_of(resume(VN, resumed_at=at(resumed), rest=left).due_at) == right != wrong


# --- what cannot be computed ---------------------------------------------------------------------------------------


def test_opencps_null_due_date_never_becomes_overdue() -> None:
    with pytest.raises(CalendarGapError, match="add the days of 2029"):
        due(VN, received_at=at("2028-12-01T09:00"), limit=Limit.parse("30 working_day"))


def test_flowable_3629_calendar_is_null() -> None:
    with pytest.raises(CalendarGapError, match="declare office hours"):
        office()


@pytest.mark.parametrize("text", ["", "2", "2 ngày", "1,5 working_day"])
def test_opencps_354_without_a_limit_a_dossier_is_due_when_it_is_sent(text: str) -> None:
    with pytest.raises(InvalidLimitError):
        Limit.parse(text)


def test_epar_calendar_of_a_year_without_tet_is_noticed() -> None:
    tet = [closed(f"2026-02-{day}") for day in (16, 17, 18, 19, 20)]
    statutory = [closed(on) for on in ("2026-01-01", "2026-04-27", "2026-04-30", "2026-05-01", "2026-09-02")]
    assert names_tet([*statutory, *tet], 2026)
    assert not names_tet(statutory, 2026)
    assert not names_tet(tet, 2027)


def test_openregister_3939_the_rule_that_moved_an_end_is_named() -> None:
    found = due(VN, received_at=at("2026-03-05T10:15"), limit=Limit.parse("2 calendar_day"))
    roll = next(line for line in found.explanation if line.kind == "roll")
    assert "falls on a day off: it moves to Mon 2026-03-09 10:15" in roll.text
    assert roll.to_at - roll.from_at == timedelta(days=2)
