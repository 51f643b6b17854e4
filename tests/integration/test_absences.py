"""Absences: who covers may do what the absent one may, in their name, and it ends by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.absences import (
    AbsenceOverError,
    AbsenceOverlapError,
    CoverUnavailableError,
    InvalidAbsenceError,
    OfficerCoversError,
)
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.acts import Act
from engine.domain.dossier import Cause, Status
from engine.domain.ids import DossierId
from engine.domain.permissions import NotAllowedError, TaskClaimedError, TaskNotYoursError
from engine.errors import EngineError
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.services import (
    absences,
    acts,
    apologies,
    endings,
    letter_dispatch,
    letter_rules,
    opinions,
    people,
    processing,
    reading,
    transfers,
    waiting,
)
from engine.store.absences import AbsenceNotFoundError
from engine.store.dossiers import DossierNotFoundError
from engine.store.people import OfficerNotFoundError
from engine.verification.verify import verify
from tests.support import builders
from tests.support.builders import Dossier, Office
from tests.support.step_tables import DESK, HEAD, OFFICE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Desk:
    """An office in which the desk officer covers the officer, for whom a dossier waits."""

    ctx: Context
    office: Office
    dossier: Dossier

    @property
    def task(self) -> str:
        """The id of the open task."""
        return str(self.dossier["open_tasks"][0]["id"])

    def actor(self, username: str) -> Actor:
        """Return an officer as they are now, with whom they cover."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            officer = uow.people.find(username)
            assert officer is not None
        found = people.facts_for_session(self.ctx, officer_id=officer.id, epoch=officer.session_epoch)
        assert found is not None
        return found.actor

    def plan(self, officer: str = "officer", cover: str = "desk", *, by: Actor | None = None, **times: Any) -> Any:
        """Enter an absence of a day from now on."""
        now = self.ctx.clock.now()
        usual = {"starts_at": now, "ends_at": now + DAY} | times
        return absences.plan(self.ctx, by=by or self.office.supervisor, officer=officer, cover=cover, **usual)

    def events(self) -> list[tuple[str, int | None, int | None]]:
        """Return kind, actor and for whom of each event of the dossier."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            events = uow.events.of(DossierId(UUID(self.dossier["id"])))
        return [(str(event.kind), event.actor_id, event.payload.get("for")) for event in events]


@pytest.fixture
def desk(ctx: Context) -> Desk:
    """The office with its dossier; nobody is away yet."""
    office = builders.an_office(ctx)
    return Desk(ctx, office, builders.a_received_dossier(ctx, office))


# --- acting on behalf ------------------------------------------------------------------------------------------------


def test_cover_does_a_task_of_the_absent_officer_until_the_end(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    processing.claim(ctx, by=office.officer, task_id=desk.task)
    with pytest.raises(TaskNotYoursError):
        processing.complete(ctx, by=desk.actor("desk"), task_id=desk.task)
    desk.plan()
    other = builders.a_received_dossier(ctx, office)

    cover = desk.actor("desk")
    done = processing.complete(ctx, by=cover, task_id=desk.task)

    shown = reading.detail(ctx, by=cover, dossier=done["id"])["steps"]
    step = next(each for each in shown if each["id"] == desk.task)
    assert (step["closed_by"], step["assignee"]) == (office.desk.name, "officer")
    assert ("task.completed", office.desk.id, office.officer.id) in desk.events()
    behalf = {event["behalf"] for event in reading.timeline(ctx, by=cover, dossier=done["id"])[-3:]}
    assert behalf == {office.officer.name}
    ctx.clock.advance(DAY)
    with pytest.raises(TaskNotYoursError):
        processing.complete(ctx, by=desk.actor("desk"), task_id=other["open_tasks"][0]["id"])
    assert verify(ctx) == []


def test_claim_on_behalf_is_the_absent_officers_and_stays_theirs(desk: Desk) -> None:
    ctx = desk.ctx
    desk.plan()

    processing.claim(ctx, by=desk.actor("desk"), task_id=desk.task)

    assert (
        reading.detail(ctx, by=desk.office.desk, dossier=desk.dossier["id"])["open_tasks"][0]["assignee"] == "officer"
    )
    ctx.clock.advance(2 * DAY)
    assert worklists.page(ctx, by=desk.actor("officer"), queue=Queue.MINE).counts[Queue.MINE] == 1
    assert worklists.page(ctx, by=desk.actor("desk"), queue=Queue.MINE).counts[Queue.MINE] == 0
    assert processing.complete(ctx, by=desk.actor("officer"), task_id=desk.task)["open_tasks"]
    assert verify(ctx) == []


def test_queues_of_the_cover_hold_what_the_absent_one_had(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    second = builders.a_received_dossier(ctx, office)
    processing.claim(ctx, by=office.officer, task_id=second["open_tasks"][0]["id"])
    builders.a_received_dossier(ctx, office)

    before = worklists.page(ctx, by=desk.actor("desk"), queue=Queue.UNCLAIMED).counts
    desk.plan()
    page = worklists.page(ctx, by=desk.actor("desk"), queue=Queue.UNCLAIMED)

    assert (before[Queue.MINE], before[Queue.UNCLAIMED]) == (0, 0)
    assert (page.counts[Queue.MINE], page.counts[Queue.UNCLAIMED], len(page.items)) == (1, 2, 2)


def test_member_of_the_unit_acts_for_themselves(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    colleague = builders.a_person(ctx, office.id, "colleague", [Role.OFFICER], [office.units[OFFICE]])
    desk.plan(cover="colleague")

    processing.complete(ctx, by=desk.actor("colleague"), task_id=desk.task)

    assert ("task.completed", colleague.id, None) in desk.events()


def test_cover_takes_no_supervision_and_no_strangers_tasks(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    colleague = builders.a_person(ctx, office.id, "colleague", [Role.OFFICER], [office.units[OFFICE]])
    processing.claim(ctx, by=colleague, task_id=desk.task)
    desk.plan()
    desk.plan("supervisor", "approver", by=SYSTEM)

    with pytest.raises((TaskClaimedError, TaskNotYoursError)):
        processing.complete(ctx, by=desk.actor("desk"), task_id=desk.task)
    with pytest.raises(NotAllowedError):
        processing.assign(ctx, by=desk.actor("approver"), task_id=desk.task, username="officer")
    with pytest.raises(NotAllowedError):
        waiting.raise_obligation(
            ctx, by=desk.actor("approver"), dossier=desk.dossier["id"], amount_vnd=8000, notice="Lệ phí"
        )


def test_every_verb_of_the_absent_officer_is_open_to_the_cover(desk: Desk) -> None:
    ctx, office, dossier = desk.ctx, desk.office, desk.dossier["id"]
    desk.plan()
    cover = desk.actor("desk")

    shown = acts.offered(ctx, by=cover, dossier=dossier)
    assert {Act.COMPLETE, Act.CLAIM, Act.SUPPLEMENT, Act.OBLIGATION, Act.TRANSFER, Act.ASK_OPINION} <= set(
        shown["acts"]
    )
    assert shown["behalf"] == {desk.task: office.officer.name}
    waiting.raise_obligation(ctx, by=cover, dossier=dossier, amount_vnd=8000, notice="Lệ phí")
    waiting.settle_obligation(ctx, by=office.officer, dossier=dossier)
    opinions.ask(ctx, by=cover, dossier=dossier, units=[HEAD], question="Có đúng không?", days=2)
    transfers.transfer(ctx, by=cover, dossier=dossier, unit=DESK, note="Chuyển quầy")

    on_behalf = {kind for kind, _actor, absent in desk.events() if absent == office.officer.id}
    assert {"obligation.raised", "opinion.asked", "dossier.transferred"} <= on_behalf
    assert verify(ctx) == []


def test_approvers_cover_refuses_and_gives_the_opinion_of_the_unit(desk: Desk) -> None:
    ctx, office, dossier = desk.ctx, desk.office, desk.dossier["id"]
    opinions.ask(ctx, by=office.officer, dossier=dossier, units=[HEAD], question="Có đúng không?", days=2)
    desk.plan("approver", "desk")
    cover = desk.actor("desk")

    assert opinions.awaited_of(ctx, by=cover) == 1
    opinions.give(ctx, by=cover, dossier=dossier, no=1, stance="agree")
    ended = endings.refuse(ctx, by=cover, dossier=dossier, reason="Không đủ điều kiện")

    assert ended["status"] == Status.FINISHED
    assert ("dossier.finished", office.desk.id, office.approver.id) in desk.events()
    assert verify(ctx) == []


def test_extension_by_the_cover_says_for_whom_and_comes_once(desk: Desk) -> None:
    ctx, office, dossier = desk.ctx, desk.office, desk.dossier["id"]
    desk.plan()
    cover = desk.actor("desk")
    new_due_at = builders.local("2026-03-10T10:00")
    draft = apologies.Draft(cause=next(iter(Cause)), reason="Nhiều hồ sơ dồn về cùng lúc", new_due_at=new_due_at)

    letter = apologies.extend(ctx, by=cover, dossier=dossier, draft=draft)["letter"]["id"]
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter)

    assert ("letter.drafted", office.desk.id, office.officer.id) in desk.events()
    assert Act.APOLOGISE not in acts.offered(ctx, by=office.officer, dossier=dossier)["acts"]
    with pytest.raises(letter_rules.ExtensionUsedError):
        apologies.extend(ctx, by=office.officer, dossier=dossier, draft=draft)
    assert verify(ctx) == []


def test_another_agencys_dossier_is_read_by_the_cover_only_meanwhile(desk: Desk) -> None:
    ctx = desk.ctx
    far = builders.an_office(ctx, code="H02", procedure="TP98")
    with ctx.unit_of_work() as uow:
        officer = desk.office.officer.id
        assert officer is not None
        uow.people.grant(officer, far.id, Role.OFFICER)
        uow.people.join(officer, far.units[OFFICE], far.id)
    there = builders.a_received_dossier(ctx, far)
    with pytest.raises(DossierNotFoundError):
        reading.detail(ctx, by=desk.actor("desk"), dossier=there["id"])

    desk.plan()
    cover = desk.actor("desk")

    assert reading.detail(ctx, by=cover, dossier=there["id"])["code"] == there["code"]
    assert there["id"] in [row["id"] for row in worklists.page(ctx, by=cover, queue=Queue.ALL).items]
    ctx.clock.advance(DAY)
    assert there["id"] not in [row["id"] for row in worklists.page(ctx, by=desk.actor("desk")).items]


# --- who, when, and with whom ----------------------------------------------------------------------------------------


def test_absence_is_told_to_those_whom_it_concerns(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    far = builders.an_office(ctx, code="H02", procedure="TP98")
    made = absences.plan(
        ctx, by=office.officer, cover="desk", starts_at=ctx.clock.now() + HOUR, ends_at=ctx.clock.now() + DAY,
        reason=" Họp ",
    )  # fmt: skip

    assert (made["state"], made["officer"], made["cover"], made["reason"]) == ("coming", "officer", "desk", "Họp")
    for by in (office.officer, office.desk, office.supervisor, office.admin):
        assert [each["id"] for each in absences.listed(ctx, by=by)["items"]] == [made["id"]]
    for by in (office.approver, far.supervisor):
        assert absences.listed(ctx, by=by)["items"] == []
    assert [each["username"] for each in absences.listed(ctx, by=office.officer)["officers"]] == []
    covers = [each["username"] for each in absences.listed(ctx, by=office.officer)["covers"]]
    assert covers == ["approver", "desk", "officer", "supervisor"]
    may_end = {by.name: absences.listed(ctx, by=by)["items"][0]["may_end"] for by in (office.officer, office.desk)}
    assert may_end == {office.officer.name: True, office.desk.name: False}


def test_early_end_gives_all_back_at_once_and_only_once(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    made = desk.plan()
    processing.claim(ctx, by=desk.actor("desk"), task_id=desk.task)
    ctx.clock.advance(HOUR)
    with pytest.raises(NotAllowedError):
        absences.end(ctx, by=office.desk, absence=made["id"])
    with pytest.raises(AbsenceNotFoundError):
        absences.end(ctx, by=office.approver, absence=made["id"])

    ended = absences.end(ctx, by=office.officer, absence=made["id"])

    assert (ended["state"], ended["ended_early"]) == ("over", True)
    with pytest.raises(AbsenceOverError):
        absences.end(ctx, by=office.officer, absence=made["id"])
    with pytest.raises((TaskNotYoursError, TaskClaimedError)):
        processing.complete(ctx, by=desk.actor("desk"), task_id=desk.task)
    assert verify(ctx) == []


def test_cover_withdraws_a_question_in_the_name_of_who_asked(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    opinions.ask(ctx, by=office.officer, dossier=desk.dossier["id"], units=["LANH_DAO"], question="Có không?", days=2)
    desk.plan()

    opinions.withdraw(ctx, by=desk.actor("desk"), dossier=desk.dossier["id"], no=1)

    assert desk.events()[-1] == ("opinion.withdrawn", office.desk.id, office.officer.id)
    assert verify(ctx) == []


def test_absence_that_ends_while_a_request_of_the_cover_is_under_way_is_over_for_it(desk: Desk) -> None:
    """The actor is read when a request comes in; the act may have to wait for the dossier, or be one of a batch."""
    ctx = desk.ctx
    made = desk.plan()
    cover = desk.actor("desk")
    ctx.clock.advance(HOUR)
    absences.end(ctx, by=desk.office.officer, absence=made["id"])
    ctx.clock.advance(timedelta(minutes=1))

    with pytest.raises(TaskNotYoursError):
        processing.claim(ctx, by=cover, task_id=desk.task)
    with pytest.raises(TaskNotYoursError):
        processing.complete(ctx, by=cover, task_id=desk.task)

    assert verify(ctx) == []


def test_cover_who_acts_while_the_absence_is_ended_acts_before_its_end_or_not_at_all(desk: Desk) -> None:
    ctx = desk.ctx
    dossiers = [builders.a_received_dossier(ctx, desk.office) for _ in range(6)]
    made = desk.plan()
    cover = desk.actor("desk")

    def claim(dossier: Dossier) -> str:
        try:
            processing.claim(ctx, by=cover, task_id=dossier["open_tasks"][0]["id"])
        except TaskNotYoursError as error:
            return error.code
        return "claimed"

    with ThreadPoolExecutor(4) as pool:
        said = [pool.submit(claim, each) for each in dossiers[:3]]
        ended = pool.submit(absences.end, ctx, by=desk.office.officer, absence=made["id"])
        said += [pool.submit(claim, each) for each in dossiers[3:]]
        assert {each.result() for each in said} <= {"claimed", "task-not-yours"}
        ended.result()

    assert verify(ctx) == []


def test_absence_called_off_before_it_began_never_was(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    made = desk.plan(starts_at=ctx.clock.now() + HOUR)
    absences.end(ctx, by=office.supervisor, absence=made["id"])

    desk.plan(starts_at=ctx.clock.now() + HOUR)
    ctx.clock.advance(2 * HOUR)

    assert len(desk.actor("desk").covers) == 1
    assert len(absences.listed(ctx, by=office.officer)["items"]) == 1


@pytest.mark.parametrize(
    ("officer", "cover", "begins", "ends", "error", "field"),
    [
        ("officer", "desk", 1, 1, InvalidAbsenceError, "ends_at"),
        ("officer", "desk", -20, -1, InvalidAbsenceError, "ends_at"),
        ("officer", "desk", -25, 1, InvalidAbsenceError, "starts_at"),
        ("officer", "desk", 0, 24 * 367, InvalidAbsenceError, "ends_at"),
        ("officer", "officer", 0, 1, InvalidAbsenceError, "cover"),
        ("officer", " ", 0, 1, InvalidAbsenceError, "cover"),
        ("officer", "nobody", 0, 1, CoverUnavailableError, "cover"),
        ("officer", "desk.h02", 0, 1, CoverUnavailableError, "cover"),
        ("officer", "auditor", 0, 1, CoverUnavailableError, "cover"),
        ("nobody", "desk", 0, 1, OfficerNotFoundError, "officer"),
        ("officer.h02", "desk", 0, 1, OfficerNotFoundError, "officer"),
    ],
)
def test_impossible_absence_is_refused(
    desk: Desk, officer: str, cover: str, begins: int, ends: int, error: type[EngineError], field: str
) -> None:
    builders.an_office(desk.ctx, code="H02", procedure="TP98")
    now = desk.ctx.clock.now()

    with pytest.raises(error) as refused:
        desk.plan(officer, cover, starts_at=now + begins * HOUR, ends_at=now + ends * HOUR)

    assert refused.value.details["field"] == field
    assert absences.listed(desk.ctx, by=desk.office.supervisor)["items"] == []


def test_nobody_is_away_twice_and_no_cover_is_away(desk: Desk) -> None:
    ctx, office = desk.ctx, desk.office
    now = ctx.clock.now()
    builders.a_person(ctx, office.id, "third", [Role.OFFICER], [office.units[OFFICE]])
    desk.plan("officer", "desk")

    with pytest.raises(AbsenceOverlapError) as twice:
        desk.plan("officer", "approver", starts_at=now + HOUR)
    with pytest.raises(OfficerCoversError):
        desk.plan("desk", "third")  # who covers is needed
    with pytest.raises(OfficerCoversError):
        desk.plan("desk", "officer")  # a circle
    with pytest.raises(CoverUnavailableError):
        desk.plan("third", "officer")  # a chain
    assert datetime.fromisoformat(twice.value.details["starts_at"]) == now
    desk.plan("desk", "officer", starts_at=now + DAY, ends_at=now + 2 * DAY)  # one after the other
    desk.plan("third", "desk")  # may cover two at once
    assert verify(ctx) == []


def test_disabled_officer_covers_nobody(desk: Desk) -> None:
    people.disable(desk.ctx, by=SYSTEM, username="desk")

    with pytest.raises(CoverUnavailableError):
        desk.plan()


def test_others_absence_is_entered_by_supervisor_or_admin_alone(desk: Desk) -> None:
    with pytest.raises(NotAllowedError):
        desk.plan("officer", "desk", by=desk.office.approver)

    assert desk.plan("officer", "desk", by=desk.office.admin)["officer"] == "officer"


def test_two_who_cover_each_other_at_once_cannot_both_be_entered(desk: Desk) -> None:
    def plan(names: tuple[str, str]) -> str:
        try:
            desk.plan(*names)
        except EngineError as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(plan, [("officer", "desk"), ("desk", "officer")]))

    assert said in (["absence-of-cover", "made"], ["cover-unavailable", "made"])
    assert verify(desk.ctx) == []


# --- verify ----------------------------------------------------------------------------------------------------------


def test_verify_finds_an_act_for_somebody_who_was_not_covered(desk: Desk) -> None:
    made = desk.plan()
    processing.claim(desk.ctx, by=desk.actor("desk"), task_id=desk.task)
    with desk.ctx.unit_of_work() as uow:
        uow.absences.get(made["id"]).starts_at += HOUR

    assert {(each.table, each.field) for each in verify(desk.ctx)} == {("event", "payload.for")}


def test_verify_finds_absences_that_cannot_be(desk: Desk) -> None:
    desk.plan("officer", "desk")
    made = desk.plan("supervisor", "approver")
    with desk.ctx.unit_of_work() as uow:
        row, officer = uow.absences.get(made["id"]), uow.people.find("officer")
        assert officer is not None
        row.cover_id = officer.id

    (found,) = verify(desk.ctx)

    assert (found.table, found.key, found.field) == ("absence", str(made["id"]), "starts_at")
