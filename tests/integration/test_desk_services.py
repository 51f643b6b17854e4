"""What screens ask before they act: offered acts, the promise at the counter, letters, the public view."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.context import Context
from engine.domain.acts import Act
from engine.domain.dossier import Status
from engine.domain.permissions import NotAllowedError
from engine.services import acts, apologies, counter, letter_desk, processing, tracking, units
from engine.services.acceptance import ProcedureClosedError
from engine.services.procedures import set_open
from engine.store.dossiers import DossierNotFoundError
from engine.store.letters import LetterNotFoundError
from tests.support.builders import (
    Dossier,
    Office,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    local,
    turn_clock_to,
    withdraw,
)


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(
        ctx, policy={"papers": ["Tờ khai", {"name": "Ảnh", "copies": 2, "originals": 0}], "field": "Hộ tịch"}
    )


def acts_of(ctx: Context, who: str, office: Office, dossier: Dossier) -> list[Act]:
    """Return what is offered to a person of the office."""
    found: list[Act] = acts.offered(ctx, by=getattr(office, who), dossier=dossier["id"])["acts"]
    return found


def test_acts_follow_status_and_role(ctx: Context, office: Office) -> None:
    waiting, dossier = a_submitted_dossier(ctx, office), a_received_dossier(ctx, office)
    assert acts_of(ctx, "desk", office, waiting) == [
        Act.RECEIVE, Act.SUPPLEMENT, Act.ASK_OPINION, Act.REFUSE_RECEPTION, Act.ADD_PAPER, Act.NOTE,
    ]  # fmt: skip
    assert acts_of(ctx, "desk", office, dossier) == [Act.CORRECT, Act.WITHDRAW, Act.ADD_PAPER, Act.NOTE]
    assert acts_of(ctx, "officer", office, dossier) == [
        Act.COMPLETE, Act.CLAIM, Act.SUPPLEMENT, Act.OBLIGATION, Act.ASK_OPINION, Act.TRANSFER, Act.APOLOGISE,
        Act.SUGGEST_REFUSAL, Act.ADD_PAPER, Act.NOTE,
    ]  # fmt: skip
    assert acts_of(ctx, "approver", office, dossier) == [Act.APOLOGISE, Act.REFUSE, Act.STOP, Act.ADD_PAPER, Act.NOTE]
    assert acts_of(ctx, "auditor", office, dossier) == []


def test_acts_while_waiting_and_after_the_end(ctx: Context, office: Office) -> None:
    asked = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    assert acts_of(ctx, "desk", office, asked) == [
        Act.TAKE_SUPPLEMENT, Act.CORRECT, Act.WITHDRAW, Act.ADD_PAPER, Act.NOTE,
    ]  # fmt: skip
    assert Act.COMPLETE not in acts_of(ctx, "officer", office, asked)
    ended = withdraw(ctx, office, a_received_dossier(ctx, office))
    assert [acts_of(ctx, who, office, ended) for who in ("desk", "officer", "approver")] == [[Act.NOTE]] * 3


def test_hand_over_is_offered_at_the_last_step_only(ctx: Context, office: Office) -> None:
    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    assert acts_of(ctx, "desk", office, dossier)[0] is Act.COMPLETE  # the fee
    dossier = processing.complete(ctx, by=office.desk, task_id=dossier["open_tasks"][0]["id"])
    assert acts_of(ctx, "desk", office, dossier)[0] is Act.HAND_OVER


def test_a_claimed_task_is_released_by_its_officer_and_names_them(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]["id"]
    processing.claim(ctx, by=office.officer, task_id=task)
    offered = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    assert Act.RELEASE in offered["acts"]
    assert Act.CLAIM not in offered["acts"]
    assert offered["assignees"] == {task: "Cán bộ officer"}


def test_second_supplement_and_second_extension_are_not_offered(ctx: Context, office: Office) -> None:
    asked = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    assert Act.SUPPLEMENT not in acts_of(ctx, "officer", office, asked)
    late = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00")
    apologise(ctx, office, late, new_due="2026-03-12T15:00")
    assert Act.APOLOGISE not in acts_of(ctx, "officer", office, late)


def test_suggested_date_is_three_working_days_after_now_or_the_old_date(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    early = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    assert early["new_due_at"] == local("2026-03-11T08:00")
    turn_clock_to(ctx, "2026-03-10T10:00")
    late = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    assert late["new_due_at"] == local("2026-03-13T10:00")


@pytest.mark.parametrize("query", ["", "99", "tp99", "THU tuc", "thử"])
def test_offers_fit_what_was_typed(ctx: Context, office: Office, query: str) -> None:
    assert [offer["code"] for offer in counter.offers(ctx, by=office.desk, query=query)] == ["TP99"]


def test_offers_put_the_own_agency_first_and_leave_out_closed_ones(ctx: Context, office: Office) -> None:
    an_office(ctx, code="H01", procedure="TP01")
    assert [offer["code"] for offer in counter.offers(ctx, by=office.desk)] == ["TP99", "TP01"]
    set_open(ctx, by=office.admin, code="TP99", is_open=False)
    assert [offer["code"] for offer in counter.offers(ctx, by=office.desk)] == ["TP01"]
    with pytest.raises(ProcedureClosedError):
        counter.preview(ctx, by=office.desk, procedure="TP99")


def test_preview_promises_what_receiving_then_gives(ctx: Context, office: Office) -> None:
    promised = counter.preview(ctx, by=office.desk, procedure="TP99")
    assert promised["due_at"] == a_received_dossier(ctx, office)["due_at"] == "2026-03-06T08:00:00+07:00"
    assert promised["papers"] == [
        {"code": "", "name": "Tờ khai", "originals": 1, "copies": 0},
        {"code": "", "name": "Ảnh", "originals": 0, "copies": 2},
    ]


def test_known_applicant_comes_from_dossiers_of_the_own_desk(ctx: Context, office: Office) -> None:
    other = an_office(ctx, code="H01", procedure="TP01")
    a_received_dossier(ctx, office)
    found = counter.known_applicant(ctx, by=office.desk, identity_number="031090000001")
    assert found is not None
    assert found["name"] == "Nguyễn Văn Thử"
    assert counter.known_applicant(ctx, by=other.desk, identity_number="031090000001") is None
    assert counter.known_applicant(ctx, by=office.desk, identity_number=" ") is None


def test_counter_is_for_the_desk_only(ctx: Context, office: Office) -> None:
    with pytest.raises(NotAllowedError):
        counter.offers(ctx, by=office.officer)
    with pytest.raises(NotAllowedError):
        counter.preview(ctx, by=office.officer, procedure="TP99")
    with pytest.raises(NotAllowedError):
        counter.known_applicant(ctx, by=office.officer, identity_number="031090000001")
    assert counter.desks(ctx, by=office.desk) == [{"code": "H00", "name": "Ủy ban nhân dân (cơ quan mặc định)"}]


def test_letter_page_offers_acts_by_state_and_role(ctx: Context, office: Office) -> None:
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00")
    (row,) = apologies.listed(ctx, by=office.supervisor)
    shown = letter_desk.show(ctx, by=office.officer, letter_id=row["id"])
    assert (shown["may"], shown["suggested_due_at"]) == (["write"], "2026-03-12T09:00:00+07:00")
    new_due_at = datetime.fromisoformat(shown["suggested_due_at"])
    draft = apologies.Draft(cause=apologies.Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=new_due_at)
    apologies.write(ctx, by=office.officer, letter_id=row["id"], draft=draft)
    assert letter_desk.show(ctx, by=office.approver, letter_id=row["id"])["may"] == ["write", "approve"]
    apologies.approve(ctx, by=office.approver, letter_id=row["id"])
    assert letter_desk.show(ctx, by=office.officer, letter_id=row["id"])["may"] == ["write"]
    assert letter_desk.show(ctx, by=office.approver, letter_id=row["id"])["may"] == ["write", "send"]
    with pytest.raises(LetterNotFoundError):
        letter_desk.show(ctx, by=office.approver, letter_id="nothing")
    with pytest.raises(LetterNotFoundError):
        letter_desk.show(ctx, by=an_office(ctx, code="H01", procedure="TP01").officer, letter_id=row["id"])


def test_public_view_names_units_in_order_and_nobody(ctx: Context, office: Office) -> None:
    code = advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)["code"]
    seen = tracking.look_up(ctx, code=code)
    assert [run["unit"] for run in seen["units"]] == [
        "Bộ phận Một cửa", "Tên PHONG_TU_PHAP", "Tên LANH_DAO", "Bộ phận Một cửa",
    ]  # fmt: skip
    assert seen["units"][-1]["until"] is None
    assert "Nguyễn" not in str(seen)
    assert "Cán bộ" not in str(seen)
    for unknown in ("H00-260302-0099", "%", ""):
        with pytest.raises(DossierNotFoundError):
            tracking.look_up(ctx, code=unknown)


def test_units_have_names(ctx: Context, office: Office) -> None:
    assert units.names(ctx, agency="H00")["PHONG_TU_PHAP"] == "Tên PHONG_TU_PHAP"
