"""The account of a promise over random pauses and restarts in random offices, made of events alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import WorkingCalendar
from engine.domain.date_accounts import answer_account, promise_account
from engine.domain.date_walks import Account, Act, spent_lines
from engine.domain.deadlines import Cutoff, Due, due, rest, resume
from engine.domain.events import EventKind
from engine.domain.explanations import instant_text, readable
from engine.domain.limits import Limit
from engine.domain.stage_accounts import stage_accounts
from engine.seeds.calendar_vn import default_calendar
from tests.support.accounts import hold, is_left
from tests.support.random_offices import CUTOFFS, Office, limits, moments, offices, pauses

VN = default_calendar()
LATE = {"late_after": "2026-12-31T16:59:59+00:00", "late_rule": "day", "provisional": False, "calendar": "v"}


def local(text: str) -> datetime:
    return VN.at_local(datetime.fromisoformat(text))


def told(account: Account | None) -> dict[str, Any]:
    assert account is not None
    return {
        "what": "promise",
        "due_at": instant_text(account.due_at),
        "account": [line.as_json() for line in account.lines],
    }


def received(calendar: WorkingCalendar, at: datetime, limit: Limit, cutoff: str | None = None) -> Act:
    found = due(calendar, received_at=at, limit=limit, cutoff=Cutoff.parse(cutoff))
    facts = {"received_at": at.isoformat(), "limit": str(limit), "cutoff": cutoff, "promise": 1}
    return Act(EventKind.RECEIVED, at, 1, facts | {"due_at": found.due_at.isoformat()} | LATE)


def paused(at: datetime, left: Limit, due_at: datetime) -> Act:
    facts = {"no": 1, "reason": "supplement", "ground": "Thiếu", "rest": str(left), "broken": False, "calendar": "v"}
    return Act(EventKind.CLOCK_PAUSED, at, 2, facts | {"due_before": due_at.isoformat()})


def runs_again(kind: EventKind, at: datetime, left: Limit, again: Due) -> Act:
    facts = {"no": 1, "promise": 1, "rest": str(left), "due_at": again.due_at.isoformat(), "broken": False}
    return Act(kind, at, 3, facts | {"running_from": again.counted_from.isoformat(), "task_due": {}} | LATE)


@given(st.data(), offices(), CUTOFFS, st.booleans())
def test_account_of_any_pauses_ends_with_the_date_and_adds_up(
    data: st.DataObject, office: Office, cutoff: str | None, restarts: bool
) -> None:
    calendar, limit = office.calendar, data.draw(limits(office))
    first = received(calendar, data.draw(moments(office)), limit, cutoff)
    acts, due_at = [first], first.when("due_at")
    running_from = due(calendar, received_at=first.at, limit=limit, cutoff=Cutoff.parse(cutoff)).counted_from
    left = limit
    for begins, ends in data.draw(pauses(office, first.at)):
        left = rest(calendar, limit=left, running_from=running_from, at=begins)
        acts.append(paused(begins, left, due_at))
        waits = told(promise_account(acts, lambda _: calendar))
        assert (waits["account"][-1]["kind"], waits["due_at"]) == ("waiting", instant_text(due_at))
        hold(waits)
        again = resume(calendar, resumed_at=max(ends, running_from), rest=left)
        kind = EventKind.CLOCK_RESUMED
        if restarts:
            again, left = due(calendar, received_at=ends, limit=limit, cutoff=Cutoff.parse(cutoff)), limit
            kind = EventKind.CLOCK_RESTARTED
        due_at, running_from = again.due_at, again.counted_from
        acts.append(runs_again(kind, ends, left, again))

    runs = told(promise_account(acts, lambda _: calendar))
    assert (runs["account"][-1]["kind"], runs["due_at"]) == ("due", instant_text(due_at))
    hold(runs)


@given(st.data(), offices())
def test_what_is_spent_and_what_is_left_are_the_limit(data: st.DataObject, office: Office) -> None:
    limit, received_at = data.draw(limits(office)), data.draw(moments(office))
    running_from = due(office.calendar, received_at=received_at, limit=limit).counted_from
    at = max(data.draw(moments(office)), running_from)
    lines = spent_lines(office.calendar, limit, running_from, at)
    spent: Counter[str] = Counter()
    for line in lines:
        if line.unit is not None and line.amount is not None:
            spent[line.unit.value] += line.amount  # type: ignore[assignment]  # a Fraction counts too

    assert is_left(limit, spent, rest(office.calendar, limit=limit, running_from=running_from, at=at))
    assert all(line.from_at <= line.to_at for line in lines if line.kind != "roll")


@pytest.mark.parametrize(
    ("limit", "at", "kinds"),
    [
        pytest.param("3 working_day", "2026-03-02T09:00", [], id="nothing"),
        pytest.param("3 working_day", "2026-03-02T08:00", [], id="before-it-begins"),
        pytest.param("3 working_day", "2026-03-03T12:00", ["days"], id="a-part"),
        pytest.param("0 working_day", "2026-03-02T10:00", ["same_day"], id="the-end-of-the-day-to-come"),
        pytest.param("0 working_day", "2026-03-02T08:00", ["same_day"], id="same-day-before-it-begins"),
        pytest.param("5 calendar_day", "2026-03-08T10:00", ["days", "roll"], id="a-moved-end-to-come"),
        pytest.param("1 working_day + 2 calendar_day", "2026-03-04T09:00", ["days", "days"], id="two-units"),
    ],
)
def test_spent_time_is_told_to_the_end_of_its_axis(limit: str, at: str, kinds: list[str]) -> None:
    lines = spent_lines(VN, Limit.parse(limit), local("2026-03-02T09:00"), local(at))

    assert [line.kind for line in lines] == kinds


def test_calendar_change_moves_the_answer_that_it_names() -> None:
    at, due_at = local("2026-03-02T09:00"), local("2026-03-05T09:00").isoformat()
    asked = {"no": 1, "answer_limit": "3 working_day", "answer_due_at": due_at, "calendar": "v", "late_rule": "day"}
    asked["answer_late_after"] = local("2026-03-05T23:59").isoformat()
    to = local("2026-03-06T07:00").isoformat()
    moves = [{"what": "answer", "key": 2, "before": due_at, "after": to}]
    acts = [Act(EventKind.SUPPLEMENT_REQUESTED, at, 1, asked)]
    acts.append(Act(EventKind.PROMISE_MOVED, at, 1, {"change": 7, "ground": "QĐ", "calendar": "v", "moves": moves}))

    def kinds() -> list[str]:
        return [line["kind"] for line in told(answer_account(acts, lambda _: VN, no=1))["account"]]

    assert kinds() == ["asked", "days", "due"]
    moves[0]["key"] = 1
    assert kinds() == ["asked", "days", "moved", "due"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1.6875", "1.6875"), ("1.68755", "≈ 1.69"), ("11/12", "11/12"), ("1/13", "≈ 0.08"), ("1/700", "< 0.01")],
)
def test_amount_is_rounded_where_it_is_long(amount: str, said: str) -> None:
    assert readable(Fraction(amount)) == said


def test_end_after_closing_that_may_not_lie_before_its_start_says_so() -> None:
    found = due(VN, received_at=local("2026-03-02T18:00"), limit=Limit.parse("0 calendar_day"))

    assert found.explanation[-2].text == (
        "The end, Mon 2026-03-02 18:00, lies after closing: it moves to Tue 2026-03-03 07:00."
    )


# --- what cannot be counted again ----------------------------------------------------------------------------------


def test_date_on_record_is_told_beside_the_one_of_the_rules() -> None:
    act = received(VN, local("2026-03-02T09:00"), Limit.parse("3 working_day"))
    wrong = Act(act.kind, act.at, act.person, {**act.facts, "due_at": local("2026-03-06T09:00").isoformat()})
    account = promise_account([wrong], lambda _: VN)

    assert account is not None
    assert [line.kind for line in account.lines] == ["start", "days", "recorded", "due"]
    assert account.lines[-2].text == (
        "The end on record is Fri 2026-03-06 09:00; counted again by the rules of today it would be Thu 2026-03-05 "
        "09:00."
    )
    assert account.due_at == local("2026-03-06T09:00")


def test_stage_of_an_older_history_says_that_its_count_was_not_kept() -> None:
    act = received(VN, local("2026-03-02T09:00"), Limit.parse("3 working_day"))
    facts = {"task": "t", "stage": 1, "due_at": local("2026-03-03T09:00").isoformat()}
    accounts = stage_accounts([act, Act(EventKind.TASK_OPENED, act.at, 1, facts)], lambda _: VN, planned={})

    assert [line.kind for line in accounts["t"].lines] == ["unaccounted", "due"]


@pytest.mark.parametrize("acts", [[], [Act(EventKind.SUBMITTED, local("2026-03-02T09:00"), None, {})]])
def test_nothing_is_told_of_what_was_not_promised(acts: list[Act]) -> None:
    assert promise_account(acts, lambda _: VN) is None
    assert answer_account(acts, lambda _: VN, no=1) is None
    assert stage_accounts(acts, lambda _: VN, planned={}) == {}
