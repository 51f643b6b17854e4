"""Opinions, suggested refusals and notes on a dossier: what is told, refused and kept."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.acts import Act
from engine.domain.dossier import Decision, Status
from engine.domain.ids import DossierId
from engine.domain.permissions import NotAllowedError, TaskNotYoursError
from engine.services import acts, endings, notes, opinions, reading, refusal_suggestions, talk
from engine.services.case import VersionMismatchError
from engine.services.endings import AlreadyDecidedError, GroundMissingError
from engine.services.notes import InvalidNoteError
from engine.services.opinions import InvalidOpinionError, OpinionClosedError
from engine.services.refusal_suggestions import NoSuggestionError, RefusalSuggestedError
from engine.store.agencies import UnitNotFoundError
from engine.store.consultations import OpinionNotFoundError
from engine.store.dossiers import DossierNotFoundError
from engine.verification.verify import verify
from tests.support import builders
from tests.support.builders import Dossier, Office
from tests.support.step_tables import HEAD, OFFICE


@pytest.fixture
def office(ctx: Context) -> Office:
    """The office that resolves."""
    return builders.an_office(ctx)


@pytest.fixture
def other(ctx: Context, office: Office) -> Office:
    """Another agency."""
    return builders.an_office(ctx, code="H02", procedure="TP98")


@pytest.fixture
def dossier(ctx: Context, office: Office) -> Dossier:
    """A dossier with the officer."""
    return builders.a_received_dossier(ctx, office)


def ask(ctx: Context, office: Office, dossier: Dossier, *units: str, **changes: object) -> Dossier:
    """Ask units for their opinion."""
    asked = {"question": "Đất có tranh chấp không?", "days": 2} | changes
    return opinions.ask(ctx, by=office.officer, dossier=dossier["id"], units=units, **asked)


def holds(ctx: Context) -> None:
    """Verify finds nothing."""
    assert verify(ctx) == []


# --- opinions --------------------------------------------------------------------------------------------------------


def test_units_of_two_agencies_are_asked_and_one_answers(
    ctx: Context, office: Office, other: Office, dossier: Dossier
) -> None:
    with pytest.raises(DossierNotFoundError):
        reading.detail(ctx, by=other.officer, dossier=dossier["id"])

    asked = ask(ctx, office, dossier, HEAD, f"{other.code}/{OFFICE}")
    given = opinions.give(
        ctx, by=other.officer, dossier=dossier["id"], no=2, stance="disagree", text="Còn một đơn khiếu nại"
    )

    assert (given["due_at"], given["open_tasks"]) == (dossier["due_at"], asked["open_tasks"])
    told = talk.listed(ctx, by=other.officer, dossier=dossier["id"])["opinions"]
    assert [(each["no"], each["state"], each["agency"], each["stance"]) for each in told] == [
        (1, "open", office.code, None),
        (2, "given", other.code, "disagree"),
    ]
    assert told[1]["answered_by"] == other.officer.name
    assert told[0]["due_at"] == "2026-03-04T08:00:00+07:00"  # two working days after Monday 08:00
    holds(ctx)


def test_awaited_counts_what_it_lists_until_the_dossier_is_decided(
    ctx: Context, office: Office, other: Office, dossier: Dossier
) -> None:
    ask(ctx, office, dossier, f"{other.code}/{OFFICE}", days=5)
    second = builders.a_received_dossier(ctx, office)
    ask(ctx, office, second, f"{other.code}/{OFFICE}", days=1)

    listed = opinions.awaited(ctx, by=other.officer)

    assert [each["code"] for each in listed] == [second["code"], dossier["code"]]
    assert opinions.awaited_of(ctx, by=other.officer) == 2
    assert opinions.awaited_of(ctx, by=office.officer) == 0
    assert opinions.awaited_of(ctx, by=other.auditor) == 0
    builders.refuse(ctx, office, second)
    assert opinions.awaited_of(ctx, by=other.officer) == 1
    with pytest.raises(OpinionClosedError):
        opinions.give(ctx, by=other.officer, dossier=second["id"], no=1, stance="agree")
    assert talk.listed(ctx, by=office.officer, dossier=second["id"])["opinions"][0]["state"] == "lapsed"


def test_second_answer_is_told_who_was_faster(ctx: Context, office: Office, dossier: Dossier) -> None:
    colleague = builders.a_person(ctx, office.id, "colleague", [Role.OFFICER], [office.units[HEAD]])
    ask(ctx, office, dossier, HEAD)
    opinions.give(ctx, by=colleague, dossier=dossier["id"], no=1, stance="agree")

    with pytest.raises(OpinionClosedError) as refused:
        opinions.give(ctx, by=office.approver, dossier=dossier["id"], no=1, stance="agree")

    assert refused.value.details == {"no": 1, "state": "given", "officer": colleague.name}


def test_withdrawn_request_cannot_be_answered(ctx: Context, office: Office, dossier: Dossier) -> None:
    ask(ctx, office, dossier, HEAD)
    with pytest.raises(NotAllowedError):
        opinions.withdraw(ctx, by=office.approver, dossier=dossier["id"], no=1)

    opinions.withdraw(ctx, by=office.officer, dossier=dossier["id"], no=1)

    with pytest.raises(OpinionClosedError):
        opinions.give(ctx, by=office.approver, dossier=dossier["id"], no=1, stance="agree")
    assert opinions.awaited_of(ctx, by=office.approver) == 0
    holds(ctx)


@pytest.mark.parametrize(
    ("units", "changes", "error", "field"),
    [
        ((), {}, InvalidOpinionError, "units"),
        ((HEAD, HEAD), {}, InvalidOpinionError, "units"),
        (("KHONG_CO",), {}, UnitNotFoundError, "units"),
        ((HEAD,), {"question": "  "}, InvalidOpinionError, "question"),
        ((HEAD,), {"question": "x" * 4001}, InvalidOpinionError, "question"),
        ((HEAD,), {"days": 0}, InvalidOpinionError, "days"),
        ((HEAD,), {"days": 61}, InvalidOpinionError, "days"),
    ],
)
def test_bad_question_names_the_field(
    ctx: Context, office: Office, dossier: Dossier, units: tuple[str, ...], changes: dict[str, object],
    error: type[InvalidOpinionError], field: str,
) -> None:  # fmt: skip
    with pytest.raises(error) as refused:
        ask(ctx, office, dossier, *units, **changes)

    assert refused.value.details["field"] == field
    assert talk.listed(ctx, by=office.officer, dossier=dossier["id"])["opinions"] == []


def test_answer_needs_a_stance_words_and_the_unit(ctx: Context, office: Office, dossier: Dossier) -> None:
    ask(ctx, office, dossier, HEAD)
    give = {"ctx": ctx, "dossier": dossier["id"], "no": 1}

    with pytest.raises(TaskNotYoursError):
        opinions.give(by=office.officer, stance="agree", **give)
    with pytest.raises(InvalidOpinionError) as no_stance:
        opinions.give(by=office.approver, stance="maybe", **give)
    with pytest.raises(InvalidOpinionError) as no_words:
        opinions.give(by=office.approver, stance="remark", text=" ", **give)
    with pytest.raises(OpinionNotFoundError):
        opinions.give(by=office.approver, stance="agree", **give | {"no": 7})

    assert (no_stance.value.details["field"], no_words.value.details["field"]) == ("stance", "text")


def test_words_of_who_agrees_are_kept_whole_or_refused(ctx: Context, office: Office, dossier: Dossier) -> None:
    ask(ctx, office, dossier, HEAD)
    with pytest.raises(InvalidOpinionError) as refused:
        opinions.give(ctx, by=office.approver, dossier=dossier["id"], no=1, stance="agree", text="x" * 4001)
    assert refused.value.details["field"] == "text"
    opinions.give(ctx, by=office.approver, dossier=dossier["id"], no=1, stance="agree", text="x" * 4000)
    assert talk.listed(ctx, by=office.officer, dossier=dossier["id"])["opinions"][0]["answer"] == "x" * 4000
    holds(ctx)


def test_who_does_not_work_on_it_asks_nobody(ctx: Context, office: Office, dossier: Dossier) -> None:
    with pytest.raises(NotAllowedError):
        opinions.ask(ctx, by=office.approver, dossier=dossier["id"], units=[OFFICE], question="?", days=1)


def test_acts_are_offered_to_who_may(ctx: Context, office: Office, dossier: Dossier) -> None:
    ask(ctx, office, dossier, HEAD)

    officer = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    approver = acts.offered(ctx, by=office.approver, dossier=dossier["id"])
    auditor = acts.offered(ctx, by=office.auditor, dossier=dossier["id"])

    assert {Act.ASK_OPINION, Act.SUGGEST_REFUSAL, Act.NOTE} <= set(officer["acts"])
    assert Act.GIVE_OPINION not in officer["acts"]
    assert approver["primary"] is Act.GIVE_OPINION
    assert [each["no"] for each in approver["to_answer"]] == [1]
    assert officer["open_opinions"] == 1
    assert auditor["acts"] == []


# --- suggested refusals ----------------------------------------------------------------------------------------------


def suggest(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """Suggest to refuse."""
    return refusal_suggestions.suggest(
        ctx, by=office.officer, dossier=dossier["id"], reason="Không đủ điều kiện", ground="Điều 5 Nghị định 1"
    )


def test_suggestion_is_taken_over_by_the_refusal(ctx: Context, office: Office, dossier: Dossier) -> None:
    suggest(ctx, office, dossier)
    shown = acts.offered(ctx, by=office.approver, dossier=dossier["id"])
    assert {Act.REFUSE, Act.DECLINE_REFUSAL} <= set(shown["acts"])
    assert shown["suggestion"]["reason"] == "Không đủ điều kiện\nCăn cứ: Điều 5 Nghị định 1"

    ended = endings.refuse(ctx, by=office.approver, dossier=dossier["id"], reason=shown["suggestion"]["reason"])

    assert ended["status"] == Status.FINISHED
    assert reading.detail(ctx, by=office.officer, dossier=dossier["id"])["decision"] == Decision.REFUSED.value
    (told,) = talk.listed(ctx, by=office.officer, dossier=dossier["id"])["refusal_suggestions"]
    assert (told["decision"], told["decided_by"]) == ("accepted", office.approver.name)
    with pytest.raises(AlreadyDecidedError):
        refusal_suggestions.suggest(
            ctx, by=office.supervisor, dossier=dossier["id"], reason="Không đủ điều kiện", ground="Điều 5"
        )
    holds(ctx)


def test_declined_suggestion_goes_on_and_may_come_again(ctx: Context, office: Office, dossier: Dossier) -> None:
    suggest(ctx, office, dossier)
    with pytest.raises(RefusalSuggestedError) as twice:
        suggest(ctx, office, dossier)
    assert twice.value.details["officer"] == office.officer.name

    after = refusal_suggestions.decline(ctx, by=office.approver, dossier=dossier["id"], answer="Đủ điều kiện theo k2")

    assert after["open_tasks"] == dossier["open_tasks"]
    with pytest.raises(NoSuggestionError) as again:
        refusal_suggestions.decline(ctx, by=office.approver, dossier=dossier["id"], answer="Như trên")
    assert again.value.details == {"officer": office.approver.name, "decision": "declined"}
    suggest(ctx, office, dossier)
    told = talk.listed(ctx, by=office.officer, dossier=dossier["id"])["refusal_suggestions"]
    assert [each["decision"] for each in told] == ["declined", None]
    holds(ctx)


def test_suggestion_needs_both_words_and_a_dossier_that_runs(ctx: Context, office: Office, dossier: Dossier) -> None:
    usual = {"ctx": ctx, "by": office.officer, "dossier": dossier["id"], "reason": "Lý do", "ground": "Điều 1"}

    for name in ("reason", "ground"):
        with pytest.raises(GroundMissingError) as refused:
            refusal_suggestions.suggest(**usual | {name: " "})
        assert refused.value.details["field"] == name
    with pytest.raises(NotAllowedError):
        refusal_suggestions.suggest(**usual | {"by": office.auditor})
    with pytest.raises(NotAllowedError):
        refusal_suggestions.decline(ctx, by=office.officer, dossier=dossier["id"], answer="Không")
    builders.ask_supplement(ctx, office, dossier)
    with pytest.raises(endings.NotFinishedError):
        refusal_suggestions.suggest(**usual)


# --- notes -----------------------------------------------------------------------------------------------------------


def test_note_is_read_by_colleagues_and_stays_out_of_the_history(
    ctx: Context, office: Office, dossier: Dossier
) -> None:
    said = "Bà Nguyễn Thị Thử hẹn quay lại thứ Sáu"
    notes.add(ctx, by=office.officer, dossier=dossier["id"], text=f" {said} ")
    builders.withdraw(ctx, office, dossier)
    notes.add(ctx, by=office.supervisor, dossier=dossier["id"], text="Đã trả giấy tờ")

    told = talk.listed(ctx, by=office.auditor, dossier=dossier["id"])["notes"]

    assert [(each["no"], each["text"], each["by"]) for each in told] == [
        (1, said, office.officer.name),
        (2, "Đã trả giấy tờ", office.supervisor.name),
    ]
    assert "Thử hẹn" not in str(reading.timeline(ctx, by=office.officer, dossier=dossier["id"]))
    holds(ctx)


def test_note_is_refused_empty_too_long_stale_or_of_an_auditor(ctx: Context, office: Office, dossier: Dossier) -> None:
    usual = {"ctx": ctx, "by": office.officer, "dossier": dossier["id"], "text": "Ghi chú"}

    for text in (" ", "x" * 4001):
        with pytest.raises(InvalidNoteError):
            notes.add(**usual | {"text": text})
    with pytest.raises(NotAllowedError):
        notes.add(**usual | {"by": office.auditor})
    with pytest.raises(VersionMismatchError):
        notes.add(**usual, expected=dossier["version"] - 1)
    with pytest.raises(DossierNotFoundError):
        notes.add(**usual | {"by": replace(office.officer, grants=frozenset())})


def test_changed_text_of_a_note_is_found(ctx: Context, office: Office, dossier: Dossier) -> None:
    notes.add(ctx, by=office.officer, dossier=dossier["id"], text="Giấy tờ đủ")
    with ctx.unit_of_work() as uow:
        (note,) = uow.consultations.notes(DossierId(UUID(dossier["id"])))
        note.text = "Giấy tờ thiếu"

    found = verify(ctx)

    assert [(each.table, each.field) for each in found] == [("dossier_note", "text")]
