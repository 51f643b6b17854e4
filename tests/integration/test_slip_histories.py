"""Control slip and course from real histories: each event has its line, whatever became of it (domain.md §2.7)."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from engine.context import Context
from engine.documents.frozen import freeze
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.slip_lines import SHOWN, LineKind, Mark, SlipLine, lines_of
from engine.errors import EngineError
from engine.services import (
    control_slips,
    courses,
    dossier_file,
    fee_receipts,
    processing,
    step_back,
    transfers,
    waiting,
)
from engine.store.dossiers import DossierNotFoundError
from engine.store.events import Event
from tests.support import builders as b
from tests.support import lives, version_acts

ACTS = 25  #: of a random life


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    return b.an_office(sqlite_ctx)


def history(ctx: Context, dossier: str) -> list[Event]:
    with dossier_file.opened(ctx, by=SYSTEM, dossier=dossier) as case:
        return case.uow.events.of(case.dossier.id)


def lines(ctx: Context, dossier: str) -> list[SlipLine]:
    return lines_of(history(ctx, dossier), desk=None)


def check_complete(events: list[Event]) -> None:
    """Each event that the slip tells has exactly one line, and lines come in the order of the history."""
    told = lines_of(events, desk=None)
    seqs = [seq for line in told for seq in line.events]
    wanted = {event.seq for event in events if event.kind in SHOWN}

    assert wanted <= set(seqs)
    assert len(seqs) == len(set(seqs))
    assert all(line.at <= after.at for line, after in pairwise(told))
    handed = [event for event in events if event.kind == EventKind.HANDED_OVER]
    by_seq = {seq: line for line in told for seq in line.events}
    for event in handed:
        line = by_seq[event.seq]
        assert (line.from_unit, line.to_unit) == (event.payload["from"], event.payload["to"])
        assert (line.result, line.by) == (event.payload["result"], event.actor_id)


def test_every_event_of_a_lived_agency_has_its_line(sqlite_ctx: Context) -> None:
    lived = lives.live(sqlite_ctx)

    for label, dossier in lived.ids.items():
        events = history(sqlite_ctx, str(dossier))
        check_complete(events)
        with dossier_file.opened(sqlite_ctx, by=SYSTEM, dossier=str(dossier)) as case:
            assert len(courses.values(case).lines) == len(events), label
            if case.dossier.code is not None:
                assert freeze(control_slips.values(case))["lines"], label


def test_slip_begins_at_the_one_stop_unit_and_ends_there(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.advance_to(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office), Status.RETURNED)

    told = lines(sqlite_ctx, dossier["id"])

    desk, work, head = office.units["BP_MOT_CUA"], office.units["PHONG_TU_PHAP"], office.units["LANH_DAO"]
    assert [(line.from_unit, line.to_unit) for line in told] == [(desk, work), (work, head), (head, desk)]
    assert all(line.taken_at is not None for line in told)


def test_refused_dossier_comes_back_to_the_desk_though_nobody_handed_it_over(
    sqlite_ctx: Context, office: b.Office
) -> None:
    dossier = b.refuse(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))

    last = lines(sqlite_ctx, dossier["id"])[-1]

    assert (last.from_unit, last.to_unit) == (office.units["PHONG_TU_PHAP"], office.units["BP_MOT_CUA"])
    assert last.marks == [Mark.BY_PROCESS]


def test_what_was_taken_back_stays_on_the_slip_and_counts_no_more(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    (task,) = dossier["open_tasks"]
    processing.complete(sqlite_ctx, by=office.officer, task_id=task["id"])
    step_back.take_back(sqlite_ctx, by=office.officer, task_id=task["id"])
    processing.complete(sqlite_ctx, by=office.officer, task_id=task["id"])

    told = lines(sqlite_ctx, dossier["id"])
    with dossier_file.opened(sqlite_ctx, by=SYSTEM, dossier=dossier["id"]) as case:
        printed = control_slips.values(case).lines

    assert [line.kind for line in told] == [
        LineKind.HANDOVER, LineKind.HANDOVER, LineKind.TAKEN_BACK, LineKind.HANDOVER,
    ]  # fmt: skip
    assert Mark.TAKEN_BACK in told[1].marks
    assert told[2].struck == [told[1]]
    assert told[3].marks == []
    assert printed[2].subject == "(giao nhận số 2)"
    check_complete(history(sqlite_ctx, dossier["id"]))


def test_version_move_and_its_undoing_are_lines_with_the_units_they_changed(
    sqlite_ctx: Context, office: b.Office
) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)["id"]
    version_acts.second_version(sqlite_ctx, office, steps=version_acts.with_units(THU_LY="LANH_DAO"))
    made = version_acts.move(sqlite_ctx, office)
    version_acts.undo(sqlite_ctx, office, made)

    told = lines(sqlite_ctx, dossier)
    with dossier_file.opened(sqlite_ctx, by=SYSTEM, dossier=dossier) as case:
        printed = control_slips.values(case).lines

    work, head = office.units["PHONG_TU_PHAP"], office.units["LANH_DAO"]
    assert [line.kind for line in told] == [
        LineKind.HANDOVER, LineKind.VERSION_MOVED, LineKind.HANDOVER, LineKind.VERSION_UNDONE, LineKind.HANDOVER,
    ]  # fmt: skip
    assert [(line.from_unit, line.to_unit) for line in told[2::2]] == [(work, head), (head, work)]
    assert told[2].note == version_acts.GROUND
    assert [printed[1].subject, printed[3].subject] == ["2", "1"]


def test_transfer_is_marked_with_its_reason(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    transfers.transfer(sqlite_ctx, by=office.officer, dossier=dossier["id"], unit="LANH_DAO", note="Vượt thẩm quyền")

    line = lines(sqlite_ctx, dossier["id"])[-1]

    assert (line.marks, line.note) == ([Mark.TRANSFERRED], "Vượt thẩm quyền")


def test_random_lives_leave_nothing_out(sqlite_ctx: Context, office: b.Office) -> None:
    """Dossiers that go forth and back at random: what is refused changes nothing, what is done has its line."""
    chance, seen = random.Random(6), set()
    for _ in range(3):
        dossier = b.a_received_dossier(sqlite_ctx, office)["id"]
        for _ in range(ACTS):
            live_on(sqlite_ctx, office, dossier, chance)
        events = history(sqlite_ctx, dossier)
        check_complete(events)
        with dossier_file.opened(sqlite_ctx, by=SYSTEM, dossier=dossier) as case:
            assert len(courses.values(case).lines) == len(events)
        seen |= {event.kind for event in events}
    assert seen >= SHOWN - {EventKind.VERSION_MOVED, EventKind.VERSION_UNDONE}


def live_on(ctx: Context, office: b.Office, dossier: str, chance: random.Random) -> None:
    events = history(ctx, dossier)
    opened = [event.payload["task"] for event in events if event.kind == EventKind.TASK_OPENED]
    task = chance.choice(opened[-3:])
    who = chance.choice([office.desk, office.officer, office.approver])
    done = [event.payload["task"] for event in events if event.kind == EventKind.TASK_COMPLETED]
    doer = {office.desk.id: office.desk, office.officer.id: office.officer, office.approver.id: office.approver}
    units = {office.units["BP_MOT_CUA"]: office.desk, office.units["PHONG_TU_PHAP"]: office.officer}
    last = next(event for event in reversed(events) if event.kind == EventKind.TASK_OPENED)
    there = units.get(last.payload["unit"], office.approver)
    acts = (
        lambda: processing.complete(ctx, by=who, task_id=task),
        lambda: processing.complete(ctx, by=there, task_id=opened[-1]),
        lambda: step_back.take_back(ctx, by=doer.get(events[-1].actor_id, who), task_id=done[-1]),
        lambda: step_back.send_back(ctx, by=there, task_id=opened[-1], reason="Thiếu chữ ký"),
        lambda: transfers.transfer(ctx, by=who, dossier=dossier, unit="LANH_DAO", note="Vượt thẩm quyền"),
        lambda: transfers.transfer(ctx, by=who, dossier=dossier, unit="PHONG_TU_PHAP", note="Trả về"),
    )
    try:
        chance.choice(acts)()
    except EngineError:
        return


def test_slips_are_of_who_may_know_of_the_dossier(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    stranger = b.an_office(sqlite_ctx, code="H77", procedure="TP77").desk

    for made in (control_slips.pdf, courses.pdf, fee_receipts.pdf, fee_receipts.feedback):
        with pytest.raises(DossierNotFoundError):
            made(sqlite_ctx, by=stranger, dossier=dossier["id"])
    for made in (control_slips.pdf, courses.pdf, fee_receipts.feedback):
        assert made(sqlite_ctx, by=office.auditor, dossier=dossier["id"]).startswith(b"%PDF-")


def test_the_same_history_gives_the_same_slip(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)["id"]
    first = [made(sqlite_ctx, by=office.officer, dossier=dossier) for made in (control_slips.pdf, courses.pdf)]

    b.turn_clock_to(sqlite_ctx, "2026-03-02T16:00")

    assert [made(sqlite_ctx, by=office.officer, dossier=dossier) for made in (control_slips.pdf, courses.pdf)] == first


def test_money_is_receipted_once_it_is_paid(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)["id"]
    waiting.raise_obligation(sqlite_ctx, by=office.officer, dossier=dossier, amount_vnd=50_000, notice="TB-01")

    def code_of(**asked: object) -> str:
        with pytest.raises(EngineError) as error:
            fee_receipts.pdf(sqlite_ctx, by=asked.pop("by", office.desk), dossier=dossier, **asked)
        return error.value.code

    assert code_of(obligation=1) == "nothing-paid"
    waiting.settle_obligation(sqlite_ctx, by=office.officer, dossier=dossier, reference="BL-7")
    assert fee_receipts.pdf(sqlite_ctx, by=office.desk, dossier=dossier, obligation=1).startswith(b"%PDF-")
    assert code_of(obligation=2) == "nothing-paid"
    assert code_of(by=office.auditor, obligation=1) == "not-allowed"


def test_what_was_not_received_has_no_slip(sqlite_ctx: Context, office: b.Office) -> None:
    dossier = b.a_submitted_dossier(sqlite_ctx, office)["id"]

    for made in (control_slips.pdf, fee_receipts.feedback):
        with pytest.raises(EngineError) as error:
            made(sqlite_ctx, by=office.desk, dossier=dossier)
        assert error.value.code == "not-received"
    assert courses.pdf(sqlite_ctx, by=office.desk, dossier=dossier).startswith(b"%PDF-")
