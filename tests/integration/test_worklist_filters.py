"""Filters of worklists: whatever is asked, counts equal lists, and lists hold what the filters say (issue 5)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import Channel, Status
from engine.reports import worklists
from engine.reports.filters import Filters, InvalidFilterError, Queue
from engine.reports.localities import InvalidDateError
from engine.reports.worklists import Sort
from engine.services import processing
from engine.store.dossiers import DossierNotFoundError
from tests.support.builders import (
    NO_EMAIL,
    a_person,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    ask_supplement,
    bring_supplement,
    do_next_step,
    publish,
    turn_clock_to,
    withdraw,
)
from tests.support.statements import count_statements

STEPS = ("Bước THU_LY", "Bước KY_DUYET", "Bước TRA_KET_QUA", "no step")
DAYS = st.dates(date(2026, 2, 27), date(2026, 3, 14))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "agency": st.sampled_from(["H00", "H01", "none"]),
    "procedure": st.sampled_from(["TP99", "TP98", "none"]),
    "officer": st.sampled_from(["officer", "an", "nobody"]),
    "assignee": st.sampled_from(["officer", "an", "nobody"]),
    "channel": st.sampled_from(list(Channel)),
    "status": st.integers(1, 10),
    "q": st.sampled_from(["dang", "0001", "091", "Thử", "26 03", "%", "x" * 30]),
    "step": st.sampled_from(STEPS),
    "unit": st.sampled_from(["PHONG_TU_PHAP", "H00/PHONG_TU_PHAP", "H01/PHONG_TU_PHAP", "none", "/"]),
    "unassigned": st.booleans(),
    "out_of_territory": st.booleans(),
} | {f"{what}_{end}": DAYS for what in ("received", "due", "returned") for end in ("from", "to")}
FILTERS = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True).flatmap(
    lambda names: st.builds(Filters, **{name: VALUES[name] for name in names})
)


def an_archive(ctx: Context) -> dict[str, Actor]:
    """Make dossiers of every kind in two agencies that share some; return who looks."""
    here, there = an_office(ctx), an_office(ctx, code="H01")
    publish(ctx, code=here.code, procedure="TP98")
    a_submitted_dossier(ctx, here)
    for office in (here, there):
        a_received_dossier(ctx, office)
        ask_supplement(ctx, office, a_received_dossier(ctx, office, channel=Channel.POSTAL))
        advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    withdraw(ctx, here, a_received_dossier(ctx, here))
    advance_to(ctx, here, a_received_dossier(ctx, here), Status.RETURNED)
    bring_supplement(ctx, here, ask_supplement(ctx, here, a_received_dossier(ctx, here)))
    an = a_person(ctx, here.id, "an", [Role.OFFICER], here.officer.units)
    turn_clock_to(ctx, "2026-03-05T10:00")
    advance_to(ctx, here, a_received_dossier(ctx, here), Status.RETURNED)
    do_next_step(ctx, here, a_received_dossier(ctx, here, procedure_code="TP98"))
    a_received_dossier(ctx, here, resolving_agency="H01", channel=Channel.ONLINE)
    for who in (an, here.officer):
        taken = a_received_dossier(ctx, here, applicant=replace(NO_EMAIL, name="Đặng Thị Ễ", phone="0912345678"))
        processing.claim(ctx, by=who, task_id=taken["open_tasks"][0]["id"])
    turn_clock_to(ctx, "2026-03-09T09:36")
    a_received_dossier(ctx, here)
    return {
        "system": SYSTEM, "officer": here.officer, "an": an, "desk": here.desk, "approver": here.approver,
        "admin": here.admin, "auditor": there.auditor,
    }  # fmt: skip


def walk(ctx: Context, **asked: Any) -> tuple[list[dict[str, Any]], worklists.Page]:
    """Return all rows of a list by its cursors, and its first page."""
    first = page = worklists.page(ctx, **asked)
    items = list(page.items)
    while page.next_cursor is not None:
        page = worklists.page(ctx, **asked, cursor=page.next_cursor)
        assert page.items
        items += page.items
    return items, first


def fits(item: dict[str, Any], filters: Filters) -> bool:
    """Tell from a row of a list whether the filters let it pass, except those that ``told_by_rows`` leaves out."""
    task = item["task"]
    said = [
        filters.procedure in (None, item["procedure_code"]),
        filters.channel in (None, item["channel"]),
        filters.status in (None, item["status"]),
        filters.out_of_territory in (None, item["receiving_agency"] != item["resolving_agency"]),
        filters.step is None or (task is not None and task["name"] == filters.step),
        filters.assignee is None or (task is not None and task["assignee"] == filters.assignee),
        filters.unassigned is None or (task is not None and (task["assignee"] is None) is filters.unassigned),
        filters.unit is None or (task is not None and task["unit"] == filters.unit.rpartition("/")[2]),
    ]
    for what in ("received", "due", "returned"):
        first, last, at = getattr(filters, f"{what}_from"), getattr(filters, f"{what}_to"), item[f"{what}_at"]
        on = None if at is None else date.fromisoformat(at[:10])
        said += [first is None or (on is not None and on >= first), last is None or (on is not None and on <= last)]
    return all(said)


def ends_before_it_begins(filters: Filters) -> bool:
    periods = [
        (getattr(filters, f"{what}_from"), getattr(filters, f"{what}_to")) for what in ("received", "due", "returned")
    ]
    return any(first is not None and last is not None and last < first for first, last in periods)


def told_by_rows(filters: Filters) -> bool:
    return filters.agency is None and filters.officer is None and filters.q is None and "/" not in (filters.unit or "")


def test_counts_equal_lists_whatever_is_asked(ctx: Context) -> None:
    actors = an_archive(ctx)
    everything = {name: walk(ctx, by=by, limit=200)[0] for name, by in actors.items()}
    assert len(everything["system"]) == 16

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(
        who=st.sampled_from(sorted(actors)),
        queue=st.sampled_from(list(Queue)),
        filters=FILTERS,
        limit=st.sampled_from([1, 2, 5, 200]),
        sort=st.sampled_from([None, Sort.DUE, Sort.RECEIVED, Sort.NEWEST]),
    )
    def holds(who: str, queue: Queue, filters: Filters, limit: int, sort: Sort | None) -> None:
        if ends_before_it_begins(filters):
            with pytest.raises(InvalidDateError):
                worklists.page(ctx, by=actors[who], queue=queue, filters=filters)
            return
        items, first = walk(ctx, by=actors[who], queue=queue, filters=filters, limit=limit, sort=sort)
        ids = [item["id"] for item in items]
        assert len(ids) == len(set(ids)) == first.counts[queue]
        assert [item["id"] for item in walk(ctx, by=actors[who], queue=queue, filters=filters, sort=sort)[0]] == ids
        if told_by_rows(filters):
            passing = {item["id"] for item in everything[who] if fits(item, filters)}
            assert set(ids) <= passing
            assert queue is not Queue.ALL or set(ids) == passing

    holds()


@pytest.mark.parametrize("kept", ["0912345678", "+84 912.345.678", "(0912) 345-678"])
def test_a_telephone_number_is_found_however_it_is_written(sqlite_ctx: Context, kept: str) -> None:
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office, applicant=replace(NO_EMAIL, name="Đặng Thị Ễ", phone=kept))

    def found(q: str) -> int:
        return len(worklists.page(sqlite_ctx, by=office.officer, filters=Filters(q=q)).items)

    for q in (
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "+84912345678",
        "+84 912 345 678",
        "345.678",
        "dang 0912.345",
    ):
        assert found(q) == 1, q
    for q in ("0912.345.679", "+84 912 345 670", "0912 345 678 dang anh"):
        assert found(q) == 0, q


def test_a_queue_that_holds_more_than_is_counted_says_so(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "MOST_COUNTED", 3)
    office = an_office(ctx)
    for _ in range(3):
        a_received_dossier(ctx, office)
    page = worklists.page(ctx, by=office.officer)
    assert (page.counts[Queue.ALL], page.more) == (3, frozenset())
    a_received_dossier(ctx, office)
    page = worklists.page(ctx, by=office.officer)

    assert (page.counts[Queue.ALL], page.more) == (3, {Queue.ALL, Queue.UNCLAIMED})
    assert len(page.items) == 4


def test_a_long_queue_of_what_will_be_late_is_sorted_by_date(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    office = an_office(ctx)
    made = [a_received_dossier(ctx, office)["code"] for _ in range(3)]
    turn_clock_to(ctx, "2026-03-05T16:00", ticker=False)
    asked: dict[str, Any] = {"by": SYSTEM, "queue": Queue.WILL_BE_LATE, "limit": 2}
    assert worklists.page(ctx, **asked).sort is Sort.MISSING
    monkeypatch.setattr(worklists, "MOST_RANKED", 2)
    items, first = walk(ctx, **asked)

    assert first.sort is Sort.DUE
    assert sorted(item["code"] for item in items) == sorted(made)
    begun_by_rank = worklists.page(ctx, **asked, sort=Sort.MISSING).next_cursor
    assert len(worklists.page(ctx, **asked, cursor=begun_by_rank).items) == 1  # goes on in the order it began in


def test_one_row_is_that_of_the_list(ctx: Context) -> None:
    here, there = an_office(ctx), an_office(ctx, code="H01")
    made = ask_supplement(ctx, here, a_received_dossier(ctx, here))
    (listed,) = worklists.page(ctx, by=here.officer).items
    assert worklists.one(ctx, by=here.officer, reference=made["code"]) == listed
    assert worklists.one(ctx, by=here.officer, reference=made["id"]) == listed
    assert listed["missing_papers"]
    assert listed["paused_since"] == "2026-03-02T08:00:00+07:00"
    for by, reference in ((there.officer, made["code"]), (here.admin, made["id"]), (here.officer, "none")):
        with pytest.raises(DossierNotFoundError):
            worklists.one(ctx, by=by, reference=reference)


def test_walk_yields_all_rows_of_all_pages_in_their_order(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    office = an_office(ctx)
    for day in range(5):
        turn_clock_to(ctx, f"2026-03-0{2 + day}T08:00")
        a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-12T08:00")
    monkeypatch.setattr(worklists, "LONGEST_PAGE", 2)
    for queue in Queue:
        for sort in (None, Sort.DUE, Sort.RECEIVED, Sort.NEWEST):
            asked: dict[str, Any] = {"by": office.officer, "queue": queue, "filters": Filters(), "sort": sort}
            rows, _first = walk(ctx, **asked, limit=2)
            assert list(worklists.walk(ctx, **asked)) == rows
    assert len(rows) == 5
    with pytest.raises(InvalidFilterError):
        list(worklists.walk(ctx, by=office.officer, queue=Queue.ALL, filters=Filters(), sort=Sort.MISSING))


def test_the_marker_changes_with_an_event_and_with_the_minute(ctx: Context) -> None:
    office = an_office(ctx)
    made = a_received_dossier(ctx, office)
    ctx.clock.advance(timedelta(seconds=70))  # type: ignore[attr-defined]
    before = worklists.marker(ctx)
    assert worklists.marker(ctx) == before
    processing.claim(ctx, by=office.officer, task_id=made["open_tasks"][0]["id"])
    claimed = worklists.marker(ctx)
    ctx.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]

    assert len({before, claimed, worklists.marker(ctx)}) == 3


def test_a_page_sends_four_statements_at_most_with_all_filters(ctx: Context) -> None:
    actors = an_archive(ctx)
    office = actors["officer"]
    every = {
        "step": STEPS[0],
        "unit": "PHONG_TU_PHAP",
        "assignee": "an",
        "channel": "online",
        "q": "dang",
        "agency": "H00",
    }
    for queue in Queue:
        for filters in (Filters(), Filters(unassigned=True, due_from=date(2026, 1, 1), **every)):
            worklists.page(ctx, by=office, queue=queue, filters=filters, limit=200)  # versions and calendars are known
            with count_statements(ctx) as sent:
                worklists.page(ctx, by=office, queue=queue, filters=filters, limit=200)
            sent.hold(4)
    assert {each.name for each in fields(Filters)} == set(VALUES)
