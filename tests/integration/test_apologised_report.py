"""The report says beside the rate for whom a letter was sent and whether the new date was kept; the rate stays."""

from __future__ import annotations

from datetime import date

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Cause, Status
from engine.domain.statistics import Column
from engine.reports.on_time import Question, dossiers_behind, on_time
from engine.reports.on_time_values import Period
from engine.services import agency_settings, apologies, letter_dispatch, timekeeping
from engine.verification.verify import verify
from tests.support.builders import (
    Dossier,
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    turn_clock_to,
    withdraw,
)

NEW_DUE = "2026-03-12T09:00"
LETTERS = (Column.APOLOGISED, Column.APOLOGISED_MET, Column.APOLOGISED_UNKEPT)


def behind(ctx: Context, column: Column, to: date = date(2026, 3, 31)) -> set[str]:
    question = Question(Period(date(2026, 3, 1), to))
    return set(dossiers_behind(ctx, by=SYSTEM, question=question, column=column, key=None))


def some_late_ones(ctx: Context, office: Office) -> dict[str, Dossier]:
    """All due on 6 March at 8:00; the clock ends on Tuesday 17 March."""
    names = ("met", "unkept", "open_unkept", "withdrawn_unkept", "silent", "after", "in_time")
    made = {name: a_received_dossier(ctx, office) for name in names}
    turn_clock_to(ctx, "2026-03-05T16:00")
    for name in ("met", "unkept", "open_unkept", "withdrawn_unkept", "in_time"):
        made[name] = apologise(ctx, office, made[name], new_due=NEW_DUE)
    made["in_time"] = advance_to(ctx, office, made["in_time"], Status.FINISHED)  # after all
    turn_clock_to(ctx, "2026-03-12T16:00")  # of the new day, which is not over
    made["met"] = advance_to(ctx, office, made["met"], Status.FINISHED)
    made["after"] = advance_to(ctx, office, made["after"], Status.FINISHED)
    turn_clock_to(ctx, "2026-03-16T09:00")
    made["unkept"] = advance_to(ctx, office, made["unkept"], Status.FINISHED)
    made["silent"] = advance_to(ctx, office, made["silent"], Status.FINISHED)
    made["withdrawn_unkept"] = withdraw(ctx, office, made["withdrawn_unkept"])
    turn_clock_to(ctx, "2026-03-17T09:00")
    only_apologise(ctx, office, made["after"])
    return made


def only_apologise(ctx: Context, office: Office, dossier: Dossier) -> None:
    """Send the letter of a dossier that has its result: it names no new date."""
    [letter] = [each for each in apologies.listed(ctx, by=office.supervisor) if each["dossier"] == dossier["id"]]
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=None)
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])


def codes(made: dict[str, Dossier], *names: str) -> set[str]:
    return {made[name]["code"] for name in names}


def test_letters_are_counted_beside_the_rate_and_never_in_it(ctx: Context) -> None:
    office = an_office(ctx)
    made = some_late_ones(ctx, office)

    assert behind(ctx, Column.APOLOGISED) == codes(made, "met", "unkept", "open_unkept", "withdrawn_unkept", "after")
    assert behind(ctx, Column.APOLOGISED_MET) == codes(made, "met")
    assert behind(ctx, Column.APOLOGISED_UNKEPT) == codes(made, "unkept", "open_unkept", "withdrawn_unkept")
    total = on_time(ctx, by=SYSTEM, question=Question(Period(date(2026, 3, 1), date(2026, 3, 31)))).total
    assert total[Column.LATE] == 4  # met among them
    assert (total.rates["finished"].numerator, total.rates["finished"].denominator) == (1, 5)
    turn_clock_to(ctx, "2026-03-18T09:00")  # verify counts what is over, up to yesterday
    assert verify(ctx) == []


def test_period_in_the_past_counts_what_had_happened_by_its_end(ctx: Context) -> None:
    made = some_late_ones(ctx, an_office(ctx))

    on_the_10th = [behind(ctx, column, date(2026, 3, 10)) for column in LETTERS]
    on_the_13th = [behind(ctx, column, date(2026, 3, 13)) for column in LETTERS]

    promised = codes(made, "met", "unkept", "open_unkept", "withdrawn_unkept")
    assert on_the_10th == [promised, set(), set()]
    assert on_the_13th == [promised, codes(made, "met"), promised - codes(made, "met")]


def test_new_date_is_not_kept_though_the_clock_process_is_dead(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    turn_clock_to(sqlite_ctx, "2026-03-05T16:00")
    apologise(sqlite_ctx, office, dossier, new_due=NEW_DUE)
    turn_clock_to(sqlite_ctx, "2026-03-16T09:00", ticker=False)

    before = behind(sqlite_ctx, Column.APOLOGISED_UNKEPT)
    timekeeping.pass_due(sqlite_ctx)

    assert before == behind(sqlite_ctx, Column.APOLOGISED_UNKEPT) == {dossier["code"]}


def test_a_new_date_that_ends_this_afternoon_is_kept_until_then(ctx: Context) -> None:
    """By the instant rule the day on which it ends is that on which it may pass: the hour decides."""
    office = an_office(ctx)
    agency_settings.change(ctx, by=office.admin, late_rule="instant")
    made = {"open": a_received_dossier(ctx, office)}
    turn_clock_to(ctx, "2026-03-05T16:00")
    made["open"] = apologise(ctx, office, made["open"], new_due="2026-03-12T15:00")
    turn_clock_to(ctx, "2026-03-12T10:00")
    periods = [date(2026, 3, day) for day in (12, 14, 31)]  # today, the end of a half-month, one to come
    for to in periods:
        assert behind(ctx, Column.APOLOGISED, to) == codes(made, "open")
        assert behind(ctx, Column.APOLOGISED_UNKEPT, to) == set()
        total = on_time(ctx, by=SYSTEM, question=Question(Period(date(2026, 3, 1), to))).total
        assert (total[Column.APOLOGISED], total[Column.APOLOGISED_UNKEPT]) == (1, 0)

    turn_clock_to(ctx, "2026-03-12T15:01")
    timekeeping.pass_due(ctx)
    for to in periods:
        assert behind(ctx, Column.APOLOGISED_UNKEPT, to) == codes(made, "open")
        total = on_time(ctx, by=SYSTEM, question=Question(Period(date(2026, 3, 1), to))).total
        assert total[Column.APOLOGISED_UNKEPT] == 1
    assert [each.as_json() for each in verify(ctx)] == []
