"""Worklists on both databases: queues, counts, filters, cursors, and who sees what."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import Channel, Status
from engine.errors import InvalidInputError
from engine.reports import lateness_sql, standing, worklists
from engine.reports.filters import Filters, Queue
from engine.reports.worklists import Page, Sort
from engine.services import processing, views, waiting
from engine.store.dossiers import Dossier as Row
from tests.support.builders import (
    NO_EMAIL,
    Dossier,
    Office,
    a_person,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    ask_supplement,
    bring_supplement,
    local,
    publish,
    refuse,
    stop,
    turn_clock_to,
    withdraw,
)


def codes(page: Page) -> list[str]:
    return [item["code"] for item in page.items]


def the_queue(ctx: Context, queue: Queue, by: Actor = SYSTEM) -> set[str]:
    page = worklists.page(ctx, by=by, queue=queue, limit=200)
    assert page.counts[queue] == len(page.items)
    return set(codes(page))


def one_of_each(ctx: Context, office: Office) -> dict[str, Dossier]:
    """Live until Friday 2026-03-06 08:00: promises made on Monday end now, those of Tuesday on Monday."""
    made = {
        "late": a_received_dossier(ctx, office),
        "finished": advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED),
        "returned": advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED),
        "withdrawn": withdraw(ctx, office, a_received_dossier(ctx, office)),
        "stopped": stop(ctx, office, a_received_dossier(ctx, office)),
        "refused": refuse(ctx, office, a_received_dossier(ctx, office)),
        "paused": ask_supplement(ctx, office, a_received_dossier(ctx, office)),
    }
    turn_clock_to(ctx, "2026-03-04T08:00")
    made["soon"] = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:36")
    made["fresh"] = a_received_dossier(ctx, office)
    made["claimed"] = a_received_dossier(ctx, office)
    processing.claim(ctx, by=office.officer, task_id=made["claimed"]["open_tasks"][0]["id"])
    return made


def named(made: dict[str, Dossier], found: set[str]) -> set[str]:
    return {name for name, dossier in made.items() if dossier["code"] in found}


def test_page_sorts_every_dossier_into_its_queues(ctx: Context) -> None:
    office = an_office(ctx)
    made = one_of_each(ctx, office)
    found = {queue: named(made, the_queue(ctx, queue, office.officer)) for queue in Queue}

    assert found == {
        Queue.MINE: {"claimed"},
        Queue.UNCLAIMED: {"late", "paused", "soon", "fresh"},
        Queue.DUE_SOON: {"soon"},
        Queue.WILL_BE_LATE: {"soon"},
        Queue.OVERDUE: {"late"},
        Queue.PAUSED: {"paused"},
        Queue.TO_RETURN: {"finished", "refused"},
        Queue.DONE: {"returned", "withdrawn", "stopped"},
        Queue.ALL: set(made),
    }
    assert named(made, the_queue(ctx, Queue.UNCLAIMED, office.desk)) == {"finished", "refused"}


def test_page_finds_overdue_dossiers_with_the_clock_process_dead(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-06T23:59", ticker=False)
    assert the_queue(ctx, Queue.OVERDUE) == set()
    turn_clock_to(ctx, "2026-03-07T00:00", ticker=False)

    assert the_queue(ctx, Queue.OVERDUE) == {dossier["code"]}
    assert the_queue(ctx, Queue.DUE_SOON) == set()


def test_page_calls_due_soon_what_has_used_the_share_of_its_limit(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)  # four days until Friday 08:00, of which four fifths are used
    turn_clock_to(ctx, "2026-03-05T09:35:59.999999", ticker=False)
    assert the_queue(ctx, Queue.DUE_SOON) == set()
    turn_clock_to(ctx, "2026-03-05T09:36", ticker=False)

    assert the_queue(ctx, Queue.DUE_SOON) == {dossier["code"]}


def all_lateness(ctx: Context, at: datetime) -> dict[str, tuple[bool, bool, bool]]:
    with ctx.unit_of_work(read_only=True) as uow:
        in_sql = set(uow.session.scalars(select(Row.id).where(lateness_sql.is_late(at))))
        rows = uow.session.scalars(select(Row)).all()
        return {str(row.id): (row.id in in_sql, views.is_late(row, at), standing.is_late(row, at)) for row in rows}


INSTANTS = (
    "2026-03-02T08:00",
    "2026-03-06T08:00",
    "2026-03-06T23:59:59.999999",
    "2026-03-07T00:00",
    "2026-03-10T23:59:59.999999",
    "2026-03-11T00:00",
    "2027-01-01T00:00",
)


def test_is_late_says_the_same_in_sql_and_in_python(ctx: Context) -> None:
    office = an_office(ctx)
    a_submitted_dossier(ctx, office)
    one_of_each(ctx, office)
    broken = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-20T09:00")
    ask_supplement(ctx, office, broken)
    advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    late = []
    for at in INSTANTS:
        lateness = all_lateness(ctx, local(at))
        assert len(lateness) == 13
        assert [verdicts for verdicts in lateness.values() if len(set(verdicts)) > 1] == []
        late.append(sum(verdicts[0] for verdicts in lateness.values()))

    assert late == [0, 0, 0, 1, 1, 2, 5]  # by hand


def test_page_shows_only_agencies_where_the_actor_reads(ctx: Context) -> None:
    here, there = an_office(ctx), an_office(ctx, code="H01")
    ours = a_received_dossier(ctx, here)
    theirs = a_received_dossier(ctx, there)
    shared = a_received_dossier(ctx, here, resolving_agency="H01")

    assert the_queue(ctx, Queue.ALL, here.officer) == {ours["code"], shared["code"]}
    assert the_queue(ctx, Queue.ALL, there.auditor) == {theirs["code"], shared["code"]}
    assert the_queue(ctx, Queue.ALL, here.admin) == set()
    assert the_queue(ctx, Queue.ALL) == {ours["code"], theirs["code"], shared["code"]}
    assert the_queue(ctx, Queue.UNCLAIMED, there.officer) == {theirs["code"], shared["code"]}
    both = a_person(ctx, here.id, "both", [Role.SUPERVISOR])
    assert the_queue(ctx, Queue.ALL, replace(both, grants=both.grants | there.auditor.grants)) == {
        ours["code"],
        theirs["code"],
        shared["code"],
    }


def found(ctx: Context, **filters: object) -> list[str]:
    page = worklists.page(ctx, by=SYSTEM, filters=Filters(**filters), limit=200)  # type: ignore[arg-type]
    assert page.counts[Queue.ALL] == len(page.items)
    return sorted(codes(page))


def test_page_filters_by_what_the_caller_names(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    publish(ctx, code=office.code, procedure="TP98")
    direct = a_received_dossier(ctx, office)["code"]
    online = a_received_dossier(ctx, office, channel=Channel.ONLINE)["code"]
    of_98 = a_received_dossier(ctx, office, procedure_code="TP98")["code"]
    turn_clock_to(ctx, "2026-03-04T00:00")
    midnight = a_received_dossier(ctx, other)["code"]
    done = advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)["code"]
    claimed = a_received_dossier(ctx, office)
    processing.claim(ctx, by=office.officer, task_id=claimed["open_tasks"][0]["id"])

    assert found(ctx, agency="H01") == [midnight]
    assert found(ctx, procedure="TP98") == [of_98]
    assert found(ctx, channel="online") == [online]
    assert found(ctx, received_to=date(2026, 3, 3)) == sorted([direct, online, of_98])
    assert found(ctx, received_from=date(2026, 3, 4)) == sorted([midnight, done, claimed["code"]])
    assert found(ctx, officer="officer") == sorted([done, claimed["code"]])
    assert found(ctx, status=10) == [done]
    assert found(ctx, agency="nowhere") == found(ctx, procedure="none") == found(ctx, officer="nobody") == []


SEARCHES = (
    "Đặng Thị Ễ",
    unicodedata.normalize("NFD", "Đặng Thị Ễ"),
    "ễ dang",
    "DANG",
    "260302-0001",
    "0001 thi",
    "031090000777",
    "0912 345 678",
    "\x00dang\x00",
)
FOUND_AS_TEXT = ("%", "_", "\\", "'; DROP TABLE dossier; --", "/%", "😀")
NOT_FOUND = ("\ud800", "\x00\x01", "dang OR 1=1", '"', "[a-z]", "%%", "thử_")


def test_page_searches_by_words_tail_of_code_phone_and_identity_number(ctx: Context) -> None:
    office = an_office(ctx)
    wanted = replace(NO_EMAIL, name="Đặng Thị Ễ", identity_number="031090000777", phone="0912345678")
    code = a_received_dossier(ctx, office, applicant=wanted)["code"]
    a_received_dossier(ctx, office)

    assert {q: found(ctx, q=q) for q in SEARCHES} == {q: [code] for q in SEARCHES}


def test_page_takes_a_search_for_text_whatever_it_holds(ctx: Context) -> None:
    office = an_office(ctx)
    code = a_received_dossier(ctx, office)["code"]
    odd = a_received_dossier(ctx, office, applicant=replace(NO_EMAIL, name="100%_\\ '; DROP TABLE dossier; --/% 😀 []"))

    assert {q: found(ctx, q=q) for q in FOUND_AS_TEXT} == {q: [odd["code"]] for q in FOUND_AS_TEXT}
    assert [found(ctx, q=q) for q in NOT_FOUND] == [[]] * len(NOT_FOUND)
    assert found(ctx) == sorted([code, odd["code"]])


def test_page_takes_other_filters_for_text_too(ctx: Context) -> None:
    a_received_dossier(ctx, an_office(ctx))

    assert found(ctx, agency="a\x00b") == found(ctx, procedure="\ud800") == found(ctx, officer="'--") == []


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"q": "x" * 201}, "invalid-filter"),
        ({"channel": "pigeon"}, "invalid-filter"),
        ({"status": 11}, "invalid-filter"),
        ({"status": 2**70}, "invalid-filter"),
        ({"received_from": date(1, 1, 1)}, "invalid-date"),
        ({"received_to": date(9999, 12, 31)}, "invalid-date"),
    ],
)
def test_page_refuses_filters_that_cannot_be(sqlite_ctx: Context, filters: dict[str, object], code: str) -> None:
    an_office(sqlite_ctx)
    with pytest.raises(InvalidInputError) as caught:
        found(sqlite_ctx, **filters)

    assert caught.value.code == code


def walk(ctx: Context, *, sort: Sort, limit: int, queue: Queue = Queue.ALL) -> list[str]:
    walked: list[str] = []
    cursor = None
    while True:
        page = worklists.page(ctx, by=SYSTEM, queue=queue, sort=sort, limit=limit, cursor=cursor)
        walked += [item["id"] for item in page.items]
        assert len(page.items) <= limit
        if page.next_cursor is None:
            return walked
        cursor = page.next_cursor


@pytest.mark.parametrize("sort", list(Sort))
def test_page_walks_all_once_in_order(ctx: Context, sort: Sort) -> None:
    office = an_office(ctx)
    made = one_of_each(ctx, office)
    filed = a_submitted_dossier(ctx, office)
    queue = Queue.WILL_BE_LATE if sort is Sort.MISSING else Queue.ALL
    walked = walk(ctx, sort=sort, limit=200, queue=queue)

    assert len(walked) == len(set(walked)) == (1 if sort is Sort.MISSING else len(made) + 1)
    assert walked == walk(ctx, sort=sort, limit=1, queue=queue) == walk(ctx, sort=sort, limit=3, queue=queue)
    if sort is Sort.DUE:
        assert walked[0] == made["late"]["id"]
        ended = [made[name]["id"] for name in ("finished", "returned", "withdrawn", "stopped", "refused")]
        assert walked[-6] == filed["id"]  # without a date after those that have one, before all that is finished
        assert set(walked[-5:]) == set(ended)
    if sort is Sort.NEWEST:
        assert walked == walk(ctx, sort=Sort.RECEIVED, limit=100)[::-1]


def test_page_skips_nothing_when_a_dossier_turns_late_between_pages(ctx: Context) -> None:
    office = an_office(ctx)
    first = [a_received_dossier(ctx, office)["code"] for _ in range(4)]
    page = worklists.page(ctx, by=SYSTEM, limit=2)
    turn_clock_to(ctx, "2026-03-09T08:00", ticker=False)
    rest = worklists.page(ctx, by=SYSTEM, limit=2, cursor=page.next_cursor)

    assert sorted(codes(page) + codes(rest)) == sorted(first)
    assert rest.next_cursor is None
    assert {item["late"] for item in rest.items} == {True}


BAD_CURSORS = ["", "x", "====", "W10", "bnVsbA", "é", "[]", "a" * 10_000, "WyJkdWUiLDEsMiwzLDRd", "WyJkdWUiXQ", "\x00"]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
def test_page_refuses_a_cursor_that_it_did_not_give(sqlite_ctx: Context, cursor: str) -> None:
    an_office(sqlite_ctx)
    with pytest.raises(InvalidInputError) as caught:
        worklists.page(sqlite_ctx, by=SYSTEM, cursor=cursor)

    assert caught.value.code == "invalid-cursor"


def test_page_refuses_a_cursor_of_another_order(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office)
    a_received_dossier(sqlite_ctx, office)
    cursor = worklists.page(sqlite_ctx, by=SYSTEM, sort=Sort.NEWEST, limit=1).next_cursor
    for other in (Sort.DUE, Sort.RECEIVED):
        with pytest.raises(InvalidInputError) as caught:
            worklists.page(sqlite_ctx, by=SYSTEM, sort=other, limit=1, cursor=cursor)
        assert caught.value.code == "invalid-cursor"


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_page_refuses_a_length_that_it_does_not_serve(sqlite_ctx: Context, limit: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        worklists.page(sqlite_ctx, by=SYSTEM, limit=limit)

    assert caught.value.code == "invalid-page"


def test_page_tells_what_a_list_shows(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]
    turn_clock_to(ctx, "2026-03-06T09:00")
    processing.claim(ctx, by=office.officer, task_id=task["id"])
    (item,) = worklists.page(ctx, by=office.officer, queue=Queue.MINE).items
    letter = item.pop("letter")

    assert letter["state"] == "draft"
    assert item == {
        "id": dossier["id"],
        "code": "H00-260302-0001",
        "status": 4,
        "status_label": "Đang xử lý",
        "procedure_code": "TP99",
        "procedure_name": "Thủ tục thử",
        "applicant": "Nguyễn Văn Thử",
        "phone": item["phone"],
        "channel": "direct",
        "receiving_agency": "H00",
        "resolving_agency": "H00",
        "submitted_at": "2026-03-02T08:00:00+07:00",
        "received_at": "2026-03-02T08:00:00+07:00",
        "due_at": "2026-03-06T08:00:00+07:00",
        "late_after": "2026-03-06T23:59:59.999999+07:00",
        "extended_due_at": None,
        "finished_at": None,
        "returned_at": None,
        "provisional": False,
        "paused": False,
        "paused_since": None,
        "missing_papers": [],
        "late": False,
        "unfinished": True,
        "sla_state": "will_be_late",
        "used_percent": 103,
        "left_minutes": -60,
        "will_be_late": {"missing": "1.13 working_day", "missing_minutes": 540},
        "version": item["version"],
        "source": None,
        "task": {
            "id": task["id"],
            "name": "Bước THU_LY",
            "unit": "PHONG_TU_PHAP",
            "unit_name": "Tên PHONG_TU_PHAP",
            "assignee": "officer",
            "assignee_name": "Cán bộ officer",
            "claimable": False,
            "due_at": "2026-03-03T08:00:00+07:00",
            "open_tasks": 1,
        },
    }


def test_page_asks_as_much_for_many_rows_as_for_one(ctx: Context) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)

    def asked() -> int:
        statements: list[str] = []

        def note(*args: object) -> None:
            statements.append(str(args[2]))

        event.listen(ctx.database.engine, "before_cursor_execute", note)
        worklists.page(ctx, by=office.officer, limit=200)
        event.remove(ctx.database.engine, "before_cursor_execute", note)
        return len(statements)

    few = asked()
    for _ in range(5):
        ask_supplement(ctx, office, a_received_dossier(ctx, office))

    assert asked() == few


def test_page_keeps_a_moved_promise_out_of_the_late_queues(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-16T09:00")
    assert the_queue(ctx, Queue.OVERDUE) == set()
    bring_supplement(ctx, office, dossier)

    assert the_queue(ctx, Queue.OVERDUE) == the_queue(ctx, Queue.PAUSED) == set()
    assert (ctx.clock.now() - local("2026-03-16T09:00")) == timedelta(0)


def test_page_pauses_for_an_obligation_too(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=50_000, notice="TB 01")

    assert the_queue(ctx, Queue.PAUSED) == {dossier["code"]}
