"""A date that is kept when days off are declared: what is missing then, and the shares, come from what was granted."""

from __future__ import annotations

from datetime import date

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.services import calendar_changes, reading, time_used, timekeeping
from engine.services.calendar_changes import Days
from engine.verification.verify import verify
from tests.support import builders as b

PAUSING = {"supplement": {"clock": "pause"}}


def declare_off(ctx: Context, *days: int) -> None:
    rules = tuple(DayRule(date(2026, 3, day), DayKind.OFF, "12/QĐ", "Nghỉ") for day in days)
    calendar_changes.apply(ctx, by=SYSTEM, change=Days(rules))
    timekeeping.pass_due(ctx)


def shortfall(ctx: Context, dossier: b.Dossier) -> tuple[object, ...]:
    """Return state, what is missing and what is left, as the list sorted by it and the page tell it alike."""
    told = reading.detail(ctx, by=SYSTEM, dossier=dossier["code"])
    names = ("sla_state", "will_be_late", "left_minutes")
    (item,) = worklists.page(ctx, by=SYSTEM, queue=Queue.WILL_BE_LATE).items
    assert [item[name] for name in names] == [told[name] for name in names]
    return told["sla_state"], told["will_be_late"], told["left_minutes"]


def days(amount: str, minutes: int) -> dict[str, object]:
    return {"missing": f"{amount} working_day", "missing_minutes": minutes}


def shares(ctx: Context, dossier: b.Dossier) -> list[int]:
    return [stage["share_minutes"] for stage in time_used.time_used(ctx, by=SYSTEM, dossier=dossier["code"])["stages"]]


def test_a_kept_date_without_office_time_before_it_misses_all_that_is_left_of_the_shares(ctx: Context) -> None:
    office = b.an_office(ctx, total_days="1")  # three stages of a third of a day, the first done
    b.turn_clock_to(ctx, "2026-03-03T07:00")
    dossier = b.a_received_dossier(ctx, office)
    declare_off(ctx, 3)

    assert reading.detail(ctx, by=SYSTEM, dossier=dossier["code"])["due_at"] == "2026-03-04T07:00:00+07:00"
    assert shortfall(ctx, dossier) == ("will_be_late", days("0.67", 320), 0)
    assert verify(ctx) == []
    assert shares(ctx, dossier) == [160, 160, 160]
    b.turn_clock_to(ctx, "2026-03-04T08:30")  # the stage uses its share, and the date passes: both grow alike
    assert shortfall(ctx, dossier) == ("will_be_late", days("0.67", 320), -90)
    b.turn_clock_to(ctx, "2026-03-04T10:00")  # 20 minutes beyond the share
    assert shortfall(ctx, dossier)[1:] == (days("0.71", 340), -180)


def test_days_off_within_a_stage_take_nothing_from_what_it_still_needs(ctx: Context) -> None:
    dossier = b.a_received_dossier(ctx, b.an_office(ctx))  # Monday 08:00 to Friday 08:00, two stages of a day left
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    declare_off(ctx, 3, 4, 5)  # the end of the stage moves to Friday 07:00

    assert shortfall(ctx, dossier) == ("will_be_late", days("1", 480), 360)
    b.turn_clock_to(ctx, "2026-03-06T07:30")
    assert shortfall(ctx, dossier) == ("will_be_late", days("1", 480), 30)
    b.turn_clock_to(ctx, "2026-03-06T10:00")
    assert shortfall(ctx, dossier) == ("will_be_late", days("1.25", 600), -120)
    assert verify(ctx) == []


def test_a_stage_keeps_what_it_used_before_a_pause(ctx: Context) -> None:
    office = b.an_office(ctx, policy=PAUSING)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    declare_off(ctx, 3, 4, 5)
    asked = b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-09T08:00")
    dossier = b.bring_supplement(ctx, office, asked)

    assert dossier["due_at"] == "2026-03-09T16:00:00+07:00"
    assert shortfall(ctx, dossier) == ("will_be_late", days("1", 480), 360)
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-09T16:30")
    assert shortfall(ctx, dossier) == ("will_be_late", days("1.07", 510), -30)
