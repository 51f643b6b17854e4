"""What supervisors watch, counted again slowly over each dossier; what they do; races; what verify finds broken."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.dossier import UNFINISHED, Status, TaskState
from engine.domain.events import EventKind
from engine.domain.permissions import NotAllowedError
from engine.domain.statistics import Column
from engine.reports import charges, heat_map, officer_load, on_time, overdue_board, supervision, trend, worklists
from engine.reports.on_time_values import Period
from engine.reports.supervision import LISTS, Tile
from engine.services import absences, attachments, processing, reading, time_used
from engine.services import supervision as acts
from engine.services.calendars import in_force
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.outbox import OutboxMessage
from engine.store.people import Officer
from engine.store.tasks import Task
from engine.verification import verify
from tests.support import builders as b
from tests.support.lives import Lives, live

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def lives(ctx: Context) -> Lives:
    """An agency that has lived for some weeks, until Thursday 2026-03-26 09:00."""
    return live(ctx)


def all_rows(ctx: Context, row: type[Any]) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(select(row)))


def readable(ctx: Context, office: b.Office) -> list[Dossier]:
    """The dossiers of which the supervisor may know, one by one through the service."""
    found = []
    for row in all_rows(ctx, Dossier):
        with ctx.unit_of_work(read_only=True) as uow:
            if office.id in uow.dossiers.agencies(row.id):
                found.append(row)
    return found


def address(ctx: Context, username: str, email: str | None) -> None:
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(Officer).where(Officer.username == username).values(email=email))


def mails(ctx: Context) -> list[dict[str, Any]]:
    return [row.payload | {"key": row.key} for row in all_rows(ctx, OutboxMessage) if row.topic == "mail"]


# --- numbers -------------------------------------------------------------------------------------------------------


def test_tiles_are_what_one_counts_by_hand(ctx: Context, lives: Lives) -> None:
    office, now = lives.office, ctx.clock.now()
    seen = readable(ctx, office)
    states = {row.id: reading.detail(ctx, by=office.supervisor, dossier=str(row.id))["sla_state"] for row in seen}
    by_state = Counter(states.values())
    unfinished = [row for row in seen if Status(row.status) in UNFINISHED]
    late = [row for row in unfinished if row.late_after is not None and row.late_after < now]
    found = supervision.overview(ctx, by=office.supervisor, period=MARCH)
    assert found.unfinished == len(unfinished)
    assert found.counts[Tile.OVERDUE] == len(late) > 0
    assert found.counts[Tile.PROCESSING] == sum(row.status == 4 for row in seen) > 0
    assert found.counts[Tile.TO_RETURN] == sum(row.status == 9 for row in seen) > 0
    assert found.counts[Tile.PAUSED] == sum(row.is_paused for row in seen) > 0
    assert found.counts[Tile.WILL_BE_LATE] == by_state["will_be_late"]


def test_tiles_are_as_long_as_their_lists(ctx: Context, lives: Lives) -> None:
    for by in (lives.office.supervisor, lives.office.auditor, lives.office.approver):
        found = supervision.overview(ctx, by=by)
        for tile, listed in LISTS.items():
            page = worklists.page(ctx, by=by, queue=listed.queue, filters=listed.filters, limit=200)
            assert len(page.items) == found.counts[tile], tile


def test_the_share_is_that_of_the_on_time_report(ctx: Context, lives: Lives) -> None:
    supervisor = lives.office.supervisor
    found = supervision.overview(ctx, by=supervisor, period=MARCH)
    question = on_time.Question(period=MARCH)
    rate = on_time.on_time(ctx, by=supervisor, question=question).total.rates["finished"]
    assert (found.kept.numerator, found.kept.denominator) == (rate.numerator, rate.denominator)
    assert 0 < found.kept.numerator < found.kept.denominator
    assert found.says_little
    behind = {
        column: set(on_time.dossiers_behind(ctx, by=supervisor, question=question, column=column, key=None))
        for column in (Column.EARLY, Column.ON_TIME, Column.LATE)
    }
    late = supervision.finished_in(ctx, by=supervisor, period=MARCH, late=True)
    kept = supervision.finished_in(ctx, by=supervisor, period=MARCH, late=False)
    assert {item["code"] for item in late["items"]} == behind[Column.LATE]
    assert {item["code"] for item in kept["items"]} == behind[Column.EARLY] | behind[Column.ON_TIME]
    assert (late["count"], kept["count"]) == (len(behind[Column.LATE]), found.kept.numerator)


def test_only_one_who_watches_sees_numbers(ctx: Context, lives: Lives) -> None:
    for by in (lives.office.desk, lives.office.officer, lives.office.admin):
        with pytest.raises(NotAllowedError):
            supervision.overview(ctx, by=by)
        with pytest.raises(NotAllowedError):
            trend.trend(ctx, by=by)
    with pytest.raises(NotAllowedError):
        overdue_board.board(ctx, by=lives.office.desk)


def test_the_board_adds_up_and_each_line_is_its_list(ctx: Context, lives: Lives) -> None:
    by, now = lives.office.supervisor, ctx.clock.now()
    top = overdue_board.board(ctx, by=by)
    overdue = worklists.page(ctx, by=by, queue=worklists_overdue(), limit=200).items
    assert top.count == len(overdue) > 1

    def check(line: overdue_board.Line) -> int:
        lines = 1
        for below in line.lines:
            listed = worklists.page(
                ctx, by=by, queue=worklists_overdue(), filters=supervision.Filters(**below.where), limit=200
            )
            assert len(listed.items) == below.count
            lines += check(below)
        return lines

    assert check(top) > 4
    by_hand: Counter[str] = Counter()
    with ctx.unit_of_work(read_only=True) as uow:
        calendar = in_force(uow, lives.office.id)
    for item in overdue:
        due_at = datetime.fromisoformat(item["due_at"])
        hours = (calendar.worked(now) - calendar.worked(due_at)) / 3_600_000_000
        days = calendar.days_worked(now) - calendar.days_worked(due_at)
        by_hand[
            "4h" if hours <= 4 else "1d" if days <= 1 else "3d" if days <= 3 else "10d" if days <= 10 else "more"
        ] += 1
    assert {age.value: len(ids) for age, ids in top.ages.items() if ids} == dict(by_hand)


def worklists_overdue() -> Any:
    return LISTS[Tile.OVERDUE].queue


def test_charges_are_those_of_each_dossiers_own_account(ctx: Context, lives: Lives) -> None:
    by = lives.office.supervisor
    found = charges.charges(ctx, by=by)
    assert found.overdue == found.accounted == overdue_board.board(ctx, by=by).count
    by_hand: Counter[tuple[str, str | None, str | None]] = Counter()
    for late in found.dossiers:
        own = time_used.time_used(ctx, by=by, dossier=late.code)["lateness"]
        assert own["minutes"] == late.minutes
        for charge in own["charges"]:
            agency, unit = charge["agency"], charge["unit"]
            by_hand[charge["side"], agency and agency["name"], unit and unit["name"]] += charge["minutes"]
    assert {(p.side.value, p.agency, p.unit): p.minutes for p in found.parties} == dict(by_hand)
    assert sum(by_hand.values()) > 0


def test_the_trend_is_what_the_time_ledgers_say(ctx: Context, lives: Lives) -> None:
    by, now = lives.office.supervisor, ctx.clock.now()
    weeks = trend.trend(ctx, by=by)
    assert len(weeks) == 12
    assert [week.period.from_on.weekday() for week in weeks] == [0] * 12
    used: dict[date, list[int]] = {}
    kept: Counter[date] = Counter()
    with ctx.unit_of_work(read_only=True) as uow:
        calendar = in_force(uow, lives.office.id)
    for row in all_rows(ctx, Dossier):
        if row.resolving_agency_id != lives.office.id or row.finished_at is None:
            continue
        account = time_used.time_used(ctx, by=by, dossier=str(row.id))
        day = calendar.local_date(row.finished_at)
        monday = day - timedelta(days=day.weekday())
        used.setdefault(monday, []).append(account["elapsed_minutes"] - sum(p["minutes"] for p in account["pauses"]))
        kept[monday] += account["lateness"] is None
    for week in weeks:
        ordered = sorted(used.get(week.period.from_on, []))
        assert week.kept.denominator == len(ordered)
        assert week.kept.numerator == kept[week.period.from_on]
        if not ordered:
            assert (week.median, week.ninetieth, week.kept.percent) == (None, None, None)
            continue
        assert week.median is not None
        assert week.ninetieth is not None
        assert abs(week.median - ordered[(len(ordered) + 1) // 2 - 1]) <= 1  # a ledger rounds each part
        assert abs(week.ninetieth - ordered[-(-len(ordered) * 9 // 10) - 1]) <= 1
    assert len(used) >= 2
    assert weeks[-1].period.to_on == calendar.local_date(now)


def test_heat_is_measured_between_opening_claim_and_end(ctx: Context) -> None:
    office = b.an_office(ctx)
    for claimed, done in (("2026-03-02T09:00", "2026-03-02T10:00"), ("2026-03-03T07:30", "2026-03-03T08:00")):
        dossier = b.a_received_dossier(ctx, office)
        b.turn_clock_to(ctx, claimed)
        processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
        b.turn_clock_to(ctx, done)
        b.do_next_step(ctx, office, dossier)
    found = heat_map.heat_map(ctx, by=office.supervisor, procedure=office.procedure)
    (step,) = [each for each in found["steps"] if each.name == "Bước THU_LY"]
    # 08:00 to 09:00; 10:00 to 17:00 less the break 11:30 to 13:30, then 07:00 to 07:30
    assert (step.done, step.waiting, step.working) == (2, 60, 30)
    assert max(each.heat for each in found["steps"]) == 5
    assert all(each.name != "Bước KY" for each in found["steps"])


def test_loads_count_what_is_left_of_the_stages(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(3)]
    for dossier in dossiers[:2]:
        processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    (unit,) = [each for each in officer_load.loads(ctx, by=office.supervisor) if each["unit"].endswith("PHONG_TU_PHAP")]
    (person,) = unit["people"]
    with ctx.unit_of_work(read_only=True) as uow:
        calendar = in_force(uow, office.id)
    now = ctx.clock.now()
    left = [
        (calendar.worked(task.due_at) - calendar.worked(now)) // 60_000_000
        for task in all_rows(ctx, Task)
        if task.state is TaskState.OPEN and task.assignee_id == office.officer.id
    ]
    assert (person["tasks"], person["minutes"], person["over_minutes"]) == (2, sum(left), 0)
    assert unit["unassigned"]["tasks"] == 1
    b.ask_supplement(ctx, office, dossiers[0])
    (unit,) = [each for each in officer_load.loads(ctx, by=office.supervisor) if each["unit"].endswith("PHONG_TU_PHAP")]
    assert (unit["people"][0]["paused"], unit["people"][0]["minutes"]) == (1, left[1])


# --- acts ----------------------------------------------------------------------------------------------------------


def a_claimed_dossier(ctx: Context, office: b.Office) -> tuple[b.Dossier, str]:
    dossier = b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL)
    task = dossier["open_tasks"][0]["id"]
    processing.claim(ctx, by=office.officer, task_id=task)
    return dossier, task


def test_urging_is_written_down_and_mailed_once_a_day(ctx: Context) -> None:
    office = b.an_office(ctx)
    address(ctx, "officer", "officer@example.test")
    dossier, task = a_claimed_dossier(ctx, office)
    acts.urge(ctx, by=office.supervisor, task_id=task, note="Xin làm sớm" + " lắm" * 900 + " nhé")
    with pytest.raises(acts.UrgedTodayError) as refused:
        acts.urge(ctx, by=office.supervisor, task_id=task)
    assert "08:00" in refused.value.message
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    acts.urge(ctx, by=office.supervisor, task_id=task)
    urged = [event for event in all_rows(ctx, Event) if event.kind == EventKind.URGED]
    assert [event.payload["to"] for event in urged] == [office.officer.id] * 2
    assert [mail["to"] for mail in mails(ctx)] == ["officer@example.test"] * 2
    assert dossier["code"] in mails(ctx)[0]["subject"]
    assert "Xin làm sớm" in mails(ctx)[0]["text"]
    assert "lắm nhé" in mails(ctx)[0]["text"]  # to its end, however long a form lets one write
    assert "Nguyễn" not in str(mails(ctx))
    assert verify.verify(ctx) == []


def test_of_two_who_urge_at_once_one_is_told_of_the_other(ctx: Context) -> None:
    office = b.an_office(ctx)
    address(ctx, "officer", "officer@example.test")
    _, task = a_claimed_dossier(ctx, office)
    with ThreadPoolExecutor(3) as pool:
        verdicts = list(pool.map(lambda _: acts.urge_many(ctx, by=office.supervisor, task_ids=[task])[0], range(3)))
    assert sorted(each.get("code", "") for each in verdicts) == ["", "urged-today", "urged-today"]
    assert len(mails(ctx)) == 1


def test_the_cover_of_who_is_away_is_told_too(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.a_person(ctx, office.id, "second", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    address(ctx, "second", "second@example.test")
    _, task = a_claimed_dossier(ctx, office)
    now = ctx.clock.now()
    ends_at = now + timedelta(days=2)
    absences.plan(ctx, by=office.officer, cover="second", starts_at=now, ends_at=ends_at)
    acts.urge(ctx, by=office.supervisor, task_id=task)
    assert [mail["to"] for mail in mails(ctx)] == ["second@example.test"]
    (unit,) = officer_load.assignment(ctx, by=office.supervisor, task_ids=[task])
    away = {each["username"]: each["away_until"] for each in unit["people"]}
    assert away["second"] is None
    assert datetime.fromisoformat(away["officer"]) == ends_at


def test_who_has_no_address_is_urged_in_the_history_alone(ctx: Context) -> None:
    office = b.an_office(ctx)
    _, task = a_claimed_dossier(ctx, office)
    acts.urge(ctx, by=office.supervisor, task_id=task)
    (event,) = [event for event in all_rows(ctx, Event) if event.kind == EventKind.URGED]
    assert event.payload["mails"] == 0
    assert mails(ctx) == []


def test_what_cannot_be_urged_is_refused(ctx: Context) -> None:
    office, ward = b.an_office(ctx), b.an_office(ctx, code="H01")
    dossier = b.a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]["id"]
    with pytest.raises(acts.NobodyToUrgeError):
        acts.urge(ctx, by=office.supervisor, task_id=task)
    processing.claim(ctx, by=office.officer, task_id=task)
    for by in (office.officer, office.approver, office.auditor):
        with pytest.raises(NotAllowedError):
            acts.urge(ctx, by=by, task_id=task)
    verdicts = acts.urge_many(ctx, by=ward.supervisor, task_ids=[task, "nonsense", task])
    assert [(each["done"], each["code"]) for each in verdicts] == [(False, "task-not-found")] * 2
    b.do_next_step(ctx, office, dossier)
    assert acts.urge_many(ctx, by=office.supervisor, task_ids=[task])[0]["code"] == "task-gone"


def test_a_dossier_is_taken_to_those_who_sign(ctx: Context) -> None:
    office = b.an_office(ctx)
    address(ctx, "approver", "approver@example.test")
    second = b.a_person(ctx, office.id, "second", [Role.APPROVER])
    dossier, _ = a_claimed_dossier(ctx, office)
    with pytest.raises(acts.RaiseReasonMissingError):
        acts.escalate(ctx, by=office.supervisor, dossier=dossier["code"], reason="  ")
    with pytest.raises(acts.NobodyToRaiseToError):
        acts.escalate(ctx, by=office.supervisor, dossier=dossier["code"], reason="Chậm", to="officer")
    with pytest.raises(NotAllowedError):
        acts.escalate(ctx, by=office.officer, dossier=dossier["code"], reason="Chậm")
    acts.escalate(ctx, by=office.supervisor, dossier=dossier["code"], reason="Chậm ba ngày")
    acts.escalate(ctx, by=office.supervisor, dossier=dossier["code"], reason="Vẫn chậm", to="second")
    raised = [event.payload for event in all_rows(ctx, Event) if event.kind == EventKind.RAISED]
    assert sorted(raised[0]["officers"]) == sorted([office.approver.id, second.id])
    assert (raised[0]["mails"], raised[1]["officers"]) == (1, [second.id])
    (mail,) = mails(ctx)
    assert "Chậm ba ngày" in mail["text"]
    b.withdraw(ctx, office, dossier)
    with pytest.raises(attachments.DossierEndedError):
        acts.escalate(ctx, by=office.supervisor, dossier=dossier["code"], reason="Chậm")
    assert verify.verify(ctx) == []


def test_a_task_done_meanwhile_is_not_given_away(ctx: Context) -> None:
    office = b.an_office(ctx)
    first, second = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    tasks = [each["open_tasks"][0]["id"] for each in (first, second)]
    b.do_next_step(ctx, office, first)
    given = [(tasks[0], "officer"), (tasks[1], "officer")]
    verdicts = acts.assign_many(ctx, by=office.supervisor, given=given, note="Chia việc")
    assert [each["done"] for each in verdicts] == [False, True]
    assert verdicts[0]["code"] == "task-gone"
    assert "officer" in verdicts[0]["why"]  # who was faster
    assert acts.assign_many(ctx, by=office.supervisor, given=[(tasks[1], "desk")])[0]["code"] == "invalid-input"


def test_people_come_with_load_and_absence(ctx: Context) -> None:
    office = b.an_office(ctx)
    _, task = a_claimed_dossier(ctx, office)
    (unit,) = officer_load.assignment(ctx, by=office.supervisor, task_ids=[task, "nonsense", str(UUID(int=5))])
    assert [each["id"] for each in unit["tasks"]] == [task]
    assert [(each["username"], each["tasks"], each["away_until"]) for each in unit["people"]] == [("officer", 1, None)]
    with pytest.raises(NotAllowedError):
        officer_load.assignment(ctx, by=office.auditor, task_ids=[task])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"to": 1}, "payload.to"), ({"task": str(UUID(int=7))}, "payload.task")],
)
def test_verify_finds_an_urging_that_cannot_have_been(
    sqlite_ctx: Context, change: dict[str, Any], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = b.an_office(sqlite_ctx)
    _, task = a_claimed_dossier(sqlite_ctx, office)
    told = acts.record

    def tampered(case: Any, kind: EventKind, payload: dict[str, Any]) -> Any:
        return told(case, kind, payload | change if kind is EventKind.URGED else payload)

    monkeypatch.setattr(acts, "record", tampered)
    acts.urge(sqlite_ctx, by=office.supervisor, task_id=task)
    assert field in {each.field for each in verify.verify(sqlite_ctx)}
