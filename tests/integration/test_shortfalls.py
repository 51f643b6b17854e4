"""Near and late to be on both databases: the queues, what is missing, and the list sorted by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import worklists
from engine.reports.filters import InvalidFilterError, Queue
from engine.reports.worklists import Sort
from engine.services import apologies, reading, waiting
from engine.services.agency_settings import change
from engine.verification.verify import verify
from tests.support import builders as b

CLOCK = ("sla_state", "used_percent", "will_be_late")


def items(ctx: Context, queue: Queue = Queue.ALL, **wanted: object) -> list[dict[str, object]]:
    page = worklists.page(ctx, by=SYSTEM, queue=queue, limit=200, **wanted)  # type: ignore[arg-type]
    assert page.counts[queue] == len(page.items)
    return page.items


def codes(ctx: Context, queue: Queue) -> list[object]:
    return [item["code"] for item in items(ctx, queue)]


def clock(ctx: Context, dossier: b.Dossier) -> tuple[object, ...]:
    """Return how the clock stands as the list, the page of the dossier and its API tell it alike."""
    (item,) = [each for each in items(ctx) if each["id"] == dossier["id"]]
    told = reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])
    assert [item[name] for name in CLOCK] == [told[name] for name in CLOCK]
    return tuple(item[name] for name in CLOCK)


def test_a_letter_that_the_lead_rule_orders_does_not_say_that_a_dossier_will_be_late(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    dossier = b.do_next_step(ctx, office, dossier)  # only the signature is left, and it has a day
    b.turn_clock_to(ctx, "2026-03-05T10:00")

    assert [letter["trigger"] for letter in apologies.listed(ctx, by=SYSTEM)] == ["lead"]
    assert codes(ctx, Queue.WILL_BE_LATE) == []
    assert codes(ctx, Queue.DUE_SOON) == [dossier["code"]]
    assert clock(ctx, dossier) == ("due_soon", 81, None)


def test_a_dossier_will_be_late_once_its_stages_do_not_fit_with_the_clock_process_dead(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)  # due Friday 08:00, and the signature needs a day
    b.turn_clock_to(ctx, "2026-03-05T08:00", ticker=False)
    assert codes(ctx, Queue.WILL_BE_LATE) == []
    b.turn_clock_to(ctx, "2026-03-05T08:00:00.000001", ticker=False)
    assert codes(ctx, Queue.WILL_BE_LATE) == [dossier["code"]]
    b.turn_clock_to(ctx, "2026-03-05T10:00", ticker=False)

    assert clock(ctx, dossier) == ("will_be_late", 81, {"missing": "0.25 working_day", "missing_minutes": 120})


def test_what_is_missing_stands_still_while_a_late_stage_uses_its_share(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T10:00")
    dossier = b.do_next_step(ctx, office, dossier)
    missing = []
    for at in ("2026-03-05T10:00", "2026-03-05T16:00", "2026-03-06T10:00", "2026-03-06T11:00"):
        b.turn_clock_to(ctx, at)
        missing.append(clock(ctx, dossier)[2])

    assert [each and each["missing_minutes"] for each in missing] == [120, 120, 120, 180]  # type: ignore[index]


def test_a_pause_neither_adds_to_what_is_missing_nor_takes_from_it(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T10:00")
    dossier = b.do_next_step(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-05T11:00")
    by = replace(office.officer, units=office.approver.units, grants=office.approver.grants)
    asked = waiting.request_supplement(ctx, by=by, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu")
    assert clock(ctx, asked)[0] == "paused"
    b.turn_clock_to(ctx, "2026-03-11T09:00")
    again = b.bring_supplement(ctx, office, asked)

    assert clock(ctx, again)[::2] == ("will_be_late", {"missing": "0.25 working_day", "missing_minutes": 120})
    assert verify(ctx) == []


def test_each_state_of_a_clock_is_told(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    filed, late, done = b.a_submitted_dossier(ctx, office), *(b.a_received_dossier(ctx, office) for _ in range(2))
    done = b.advance_to(ctx, office, done, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    still = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-03-09T12:00")
    fresh = b.a_received_dossier(ctx, office)
    slow = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    overdue = b.advance_to(ctx, office, late, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-12T08:00")

    assert clock(ctx, filed) == (None, None, None)
    assert clock(ctx, done) == ("done", 0, None)
    assert clock(ctx, slow) == ("done", 0, None)
    assert clock(ctx, overdue) == ("overdue", 135, None)
    assert clock(ctx, still) == ("paused", 0, None)
    assert clock(ctx, fresh)[:2] == ("on_time", 64)


def test_the_share_is_that_of_the_resolving_agency(ctx: Context) -> None:
    office, other = b.an_office(ctx), b.an_office(ctx, code="H01")
    change(ctx, by=other.admin, agency="H01", nearing_percent=25)
    ours, theirs = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, other)
    b.turn_clock_to(ctx, "2026-03-03T08:00", ticker=False)

    assert codes(ctx, Queue.DUE_SOON) == [theirs["code"]]
    assert [clock(ctx, each)[0] for each in (ours, theirs)] == ["on_time", "due_soon"]


def test_states_and_queues_say_the_same_at_any_instant(ctx: Context) -> None:
    office = b.an_office(ctx)
    for start in ("02T08:00", "02T10:00", "03T09:00", "04T14:00", "05T16:00"):
        b.turn_clock_to(ctx, f"2026-03-{start}")
        b.a_received_dossier(ctx, office)
        b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    for _ in range(30):
        ctx.clock.advance(timedelta(hours=5, minutes=7))  # type: ignore[attr-defined]
        states: dict[object, set[object]] = {}
        for item in items(ctx):
            states.setdefault(item["sla_state"], set()).add(item["code"])
        will_be_late = states.get("will_be_late", set())
        assert set(codes(ctx, Queue.WILL_BE_LATE)) == will_be_late
        assert set(codes(ctx, Queue.DUE_SOON)) - will_be_late == states.get("due_soon", set())
        assert set(codes(ctx, Queue.OVERDUE)) == states.get("overdue", set())


# --- sorted by what is missing -------------------------------------------------------------------------------------


def four_that_will_be_late(ctx: Context) -> list[str]:
    """Return codes of dossiers due on Monday 08:00, 08:01 … and on Friday without the day that their signature takes.

    The first two were passed on at 08:40 and at 09:00: what they miss stands still from then on.
    """
    office = b.an_office(ctx, total_days="5")  # three stages of a day, after the reception
    made = []
    for minute in range(4):
        b.turn_clock_to(ctx, f"2026-03-02T08:0{minute}")
        made.append(b.a_received_dossier(ctx, office))
    for dossier, clock_time in zip(made, ("08:40", "09:00"), strict=False):
        b.turn_clock_to(ctx, f"2026-03-06T{clock_time}", ticker=False)
        b.do_next_step(ctx, office, dossier)
    return [dossier["code"] for dossier in made]


def test_will_be_late_shows_first_what_misses_most(ctx: Context) -> None:
    first, second, third, fourth = four_that_will_be_late(ctx)
    shown = items(ctx, Queue.WILL_BE_LATE)
    assert [item["will_be_late"]["missing_minutes"] for item in shown] == [59, 58, 57, 40]  # type: ignore[index]
    assert [item["code"] for item in shown] == [second, third, fourth, first]
    b.turn_clock_to(ctx, "2026-03-06T09:30", ticker=False)

    assert codes(ctx, Queue.WILL_BE_LATE) == [third, fourth, second, first]
    by_due = [item["code"] for item in items(ctx, Queue.WILL_BE_LATE, sort=Sort.DUE)]
    assert by_due == [first, second, third, fourth]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_by_what_is_missing_skip_nothing_while_time_passes(ctx: Context, limit: int) -> None:
    first, second, third, fourth = four_that_will_be_late(ctx)
    walked: list[str] = []
    cursor: str | None = None
    while True:
        page = worklists.page(ctx, by=SYSTEM, queue=Queue.WILL_BE_LATE, limit=limit, cursor=cursor)
        walked += [item["code"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        ctx.clock.advance(timedelta(minutes=20))  # type: ignore[attr-defined]

    assert walked == [second, third, fourth, first]


def test_no_other_queue_is_sorted_by_what_is_missing(sqlite_ctx: Context) -> None:
    b.an_office(sqlite_ctx)
    for queue in set(Queue) - {Queue.WILL_BE_LATE}:
        with pytest.raises(InvalidFilterError):
            worklists.page(sqlite_ctx, by=SYSTEM, queue=queue, sort=Sort.MISSING)
