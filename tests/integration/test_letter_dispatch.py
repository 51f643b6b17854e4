"""Letters go out once and with one number: on paper and sealed, at once, over New Year, with the dossier moving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.dossier import Cause, Status
from engine.errors import EngineError
from engine.services import (
    apologies,
    corrections,
    issued_papers,
    letter_batches,
    letter_dispatch,
    letter_proofs,
    letter_signatures,
    paper_prints,
    processing,
    reading,
)
from engine.services.intake import Person
from engine.services.transactions import Request
from engine.verification.verify import verify
from tests.integration.test_races import at_once
from tests.support.builders import (
    WITH_EMAIL,
    Office,
    a_person,
    a_received_dossier,
    advance_to,
    an_office,
    do_next_step,
    local,
    turn_clock_to,
)
from tests.support.signing import PIN
from tests.support.signing_office import a_signing_office, an_approved_letter

REASON = "Cán bộ thụ lý nghỉ ốm ba ngày."


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **kwargs)
    return refused.value.code


def clerk(ctx: Context, office: Office) -> Actor:
    """Return the one who keeps the agency's numbers."""
    with ctx.unit_of_work(read_only=True) as uow:
        known = uow.people.find("clerk")
        if known is not None:
            return uow.people.actor(known.id)
    return a_person(ctx, office.id, "clerk", [Role.CLERK], [])


def states(ctx: Context, office: Office) -> list[str]:
    return [letter["state"] for letter in apologies.listed(ctx, by=office.supervisor)]


def a_signed_letter(ctx: Context, office: Office, applicant: Any = WITH_EMAIL) -> str:
    letter = an_approved_letter(ctx, office, applicant)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=PIN)
    return letter


def papers_of(ctx: Context, office: Office, letter_id: str) -> list[dict[str, Any]]:
    [letter] = [each for each in apologies.listed(ctx, by=office.supervisor) if each["id"] == letter_id]
    listed = issued_papers.listed(ctx, by=office.supervisor, dossier=letter["dossier"])
    return sorted((paper for paper in listed if paper["kind"] == "apology"), key=lambda paper: paper["number"])


def a_dossier_with_a_letter(ctx: Context, office: Office, *, new_due: str) -> str:
    """Return the id of the approved letter of a dossier that was received now and is to be late."""
    dossier = a_received_dossier(ctx, office)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=local(new_due))
    letter = apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"]
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    return str(letter)


def test_letter_on_paper_is_an_issued_paper_with_the_bytes_that_were_sent(ctx: Context) -> None:
    office = an_office(ctx)
    letter = an_approved_letter(ctx, office)

    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter)["letter"]

    assert (sent["state"], sent["number"], sent["sent_how"]) == ("sent", "01/PXL", "print")
    [paper] = papers_of(ctx, office, letter)
    kept = apologies.pdf(ctx, by=clerk(ctx, office), letter_id=letter)
    assert paper["number"] == "01/PXL"
    assert issued_papers.content(ctx, office.supervisor, paper["id"]) == kept
    assert paper_prints.rendered(issued_papers.read(ctx, office.supervisor, paper["id"])) == kept
    assert verify(ctx) == []


def test_seal_that_fails_leaves_a_number_that_the_next_try_uses(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = a_signed_letter(ctx, office)
    request = Request("once", "0" * 64)

    failed = code_of(
        letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=letter, pin="0", expected=None, request=request
    )
    assert (failed, states(ctx, office)) == ("signing-pin-wrong", ["numbered"])
    assert verify(ctx) == []
    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN, request=request)
    again = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN, request=request)

    assert again == sent
    assert (sent["letter"]["state"], sent["letter"]["number"], sent["letter"]["sent_how"]) == (
        "sent",
        "01/PXL",
        "email",
    )
    assert [paper["number"] for paper in papers_of(ctx, office, letter)] == ["01/PXL"]
    assert verify(ctx) == []


class Crash(BaseException):
    """The process dies here: nothing of the open transaction is left, and nobody is told."""


def crashing(ctx: Context, at: int, call: Callable[[], Any]) -> bool:
    """Do something that dies before its n-th statement or commit; return whether it came to its end."""
    passed = 0

    def reach(*_what: object) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            raise Crash

    engine = ctx.database.engine
    sa.event.listen(engine, "before_cursor_execute", reach)
    sa.event.listen(engine, "commit", reach)
    try:
        call()
    except Crash:
        engine.dispose()  # its connections go with it
        return False
    finally:
        sa.event.remove(engine, "before_cursor_execute", reach)
        sa.event.remove(engine, "commit", reach)
    return True


def test_sealed_letter_that_dies_at_each_point_is_numbered_and_sent_once(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter, by = a_signed_letter(ctx, office), clerk(ctx, office)
    request = Request("once", "0" * 64)
    died = {"signed": 0, "numbered": 0}
    state, point = "signed", 1
    while not crashing(
        ctx, point, lambda: letter_dispatch.dispatch(ctx, by=by, letter_id=letter, pin=PIN, request=request)
    ):
        died[state] += 1
        [now] = states(ctx, office)
        state, point = now, point + 1 if now == state else 1

    assert min(died.values()) > 8  # fewer would mean that the points are not seen
    assert [paper["number"] for paper in papers_of(ctx, office, letter)] == ["01/PXL"]
    with ctx.unit_of_work(read_only=True) as uow:
        kinds = list(uow.session.scalars(sa.text("select kind from message")))
    assert (states(ctx, office), kinds.count("apology")) == (["sent"], 1)
    assert verify(ctx) == []


@pytest.mark.parametrize("electronic", [False, True])
def test_letter_that_two_send_at_once_goes_out_once(ctx: Context, electronic: bool) -> None:
    office = a_signing_office(ctx) if electronic else an_office(ctx)
    letter = a_signed_letter(ctx, office) if electronic else an_approved_letter(ctx, office, WITH_EMAIL)

    outcomes = at_once(
        *(lambda by=by: letter_dispatch.dispatch(ctx, by=by, letter_id=letter, pin=PIN) for by in (
            clerk(ctx, office), office.approver, office.supervisor
        ))
    )  # fmt: skip

    assert sorted(each for each in outcomes if isinstance(each, str)) == ["letter-state"] * 2
    with ctx.unit_of_work(read_only=True) as uow:
        kinds = list(uow.session.scalars(sa.text("select kind from message")))
    assert kinds.count("apology") == 1
    assert len(papers_of(ctx, office, letter)) == 1
    assert verify(ctx) == []


def test_two_approvers_at_once_and_one_wins(ctx: Context) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    [letter] = apologies.listed(ctx, by=office.supervisor)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=local("2026-03-10T09:00"))
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)

    outcomes = at_once(
        *(lambda by=by: apologies.approve(ctx, by=by, letter_id=letter["id"]) for by in (
            office.approver, office.supervisor
        ))
    )  # fmt: skip

    assert [each for each in outcomes if isinstance(each, str)] == ["letter-state"]
    assert verify(ctx) == []


@pytest.mark.parametrize("round_no", range(3))
def test_dossier_that_finishes_while_its_letter_is_sent_has_one_truth(ctx: Context, round_no: int) -> None:
    office = an_office(ctx)
    letter = an_approved_letter(ctx, office)
    with ctx.unit_of_work(read_only=True) as uow:
        dossier = uow.letters.of_dossier(uow.dossiers.by_code("H00-260302-0001").id)[0].dossier_id
    [task] = _open_tasks(ctx, dossier)
    last = _advanced(ctx, office, task)

    at_once(
        lambda: letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter),
        lambda: do_next_step(ctx, office, last),
    )

    assert states(ctx, office) in (["withdrawn"], ["sent"])
    numbers = [paper["number"] for paper in papers_of(ctx, office, letter)]
    assert numbers == (["01/PXL"] if states(ctx, office) == ["sent"] else [])
    assert verify(ctx) == []


def _open_tasks(ctx: Context, dossier: Any) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.tasks.open_of(dossier)


def _advanced(ctx: Context, office: Office, task: Any) -> dict[str, Any]:
    return processing.complete(ctx, by=office.officer, task_id=str(task.id))


def test_number_of_a_letter_that_is_not_needed_any_more_is_void_with_its_reason(ctx: Context) -> None:
    office = a_signing_office(ctx)
    first = a_signed_letter(ctx, office)
    code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=first, pin="0")

    [row] = apologies.listed(ctx, by=office.supervisor)
    advance_to(ctx, office, _detail(ctx, office, row["dossier"]), Status.RETURNED)  # in time after all
    late = code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=first, pin=PIN)
    second = a_dossier_with_a_letter(ctx, office, new_due="2026-03-20T09:00")
    letter_signatures.sign(ctx, by=office.approver, letter_id=second, pin=PIN)
    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=second, pin=PIN)["letter"]

    assert (late, states(ctx, office)) == ("letter-state", ["withdrawn", "sent"])
    assert [paper["void_reason"] is not None for paper in papers_of(ctx, office, first)] == [True]
    assert sent["number"] == "02/PXL"  # the void number stays used
    assert verify(ctx) == []


def _detail(ctx: Context, office: Office, dossier: str) -> dict[str, Any]:
    return reading.detail(ctx, by=office.supervisor, dossier=dossier)


def test_numbered_letter_is_written_anew_by_who_approves_and_its_number_is_void(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = a_signed_letter(ctx, office)
    code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=letter, pin="0")
    draft = apologies.Draft(cause=Cause.DOSSIER, reason="Phải đo lại thửa đất", new_due_at=local("2026-03-11T09:00"))

    assert code_of(apologies.write, ctx, by=office.officer, letter_id=letter, draft=draft) == "not-allowed"
    written = apologies.write(ctx, by=office.approver, letter_id=letter, draft=draft)["letter"]
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=PIN)
    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)["letter"]

    assert (written["state"], written["number"], sent["number"]) == ("draft", None, "02/PXL")
    assert [bool(paper["void_reason"]) for paper in papers_of(ctx, office, letter)] == [True, False]
    assert verify(ctx) == []


def test_signed_letter_that_asks_for_time_is_not_sent_once_the_result_is_there(ctx: Context) -> None:
    office = a_signing_office(ctx)
    letter = a_signed_letter(ctx, office)
    [row] = apologies.listed(ctx, by=office.supervisor)
    turn_clock_to(ctx, "2026-03-09T09:00")
    advance_to(ctx, office, _detail(ctx, office, row["dossier"]), Status.RETURNED)  # late

    refused = code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=None)
    apologies.write(ctx, by=office.officer, letter_id=letter, draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=PIN)
    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)

    assert refused == "letter-stale"
    assert (sent["letter"]["number"], sent["dossier"]["extended_due_at"]) == ("01/PXL", None)
    assert verify(ctx) == []


@pytest.mark.parametrize("numbered", [False, True])
def test_signed_letter_with_a_name_that_was_corrected_since_is_not_sent(ctx: Context, numbered: bool) -> None:
    office = a_signing_office(ctx)
    letter = a_signed_letter(ctx, office)
    if numbered:
        code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=letter, pin="0")
    [row] = apologies.listed(ctx, by=office.supervisor)
    wish = corrections.Correction(reason="gõ nhầm tên", applicant=Person(name="Trần Thị Khác"))
    corrections.correct(ctx, by=office.supervisor, dossier=row["dossier"], correction=wish)

    refused = code_of(letter_dispatch.dispatch, ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=local("2026-03-11T09:00"))
    apologies.write(ctx, by=office.approver, letter_id=letter, draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=PIN)
    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)["letter"]

    assert (refused, sent["number"]) == ("letter-stale", "02/PXL" if numbered else "01/PXL")
    assert verify(ctx) == []


def test_signed_letter_goes_out_after_a_correction_of_what_it_does_not_print(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letter = a_signed_letter(ctx, office)
    [row] = apologies.listed(ctx, by=office.supervisor)
    wish = corrections.Correction(reason="muốn nhận tin bằng tiếng Anh", notify_language="en")
    corrections.correct(ctx, by=office.supervisor, dossier=row["dossier"], correction=wish)

    sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter, pin=PIN)["letter"]

    assert (sent["state"], sent["number"]) == ("sent", "01/PXL")


def test_numbers_begin_anew_with_the_year_of_the_agency(ctx: Context) -> None:
    office = an_office(ctx)
    turn_clock_to(ctx, "2026-12-31T09:00")
    letters = [a_dossier_with_a_letter(ctx, office, new_due="2027-01-14T09:00") for _ in range(3)]

    numbers = []
    for letter, at in zip(letters, ("2026-12-31T23:59", "2027-01-01T00:00", "2027-01-01T07:00"), strict=True):
        turn_clock_to(ctx, at, ticker=False)
        sent = letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter)["letter"]
        [paper] = papers_of(ctx, office, letter)
        numbers.append((issued_papers.read(ctx, office.supervisor, paper["id"]).year, sent["number"]))

    assert numbers == [(2026, "01/PXL"), (2027, "01/PXL"), (2027, "02/PXL")]
    assert verify(ctx) == []


def test_unit_that_took_the_time_is_named_at_approval(ctx: Context) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00")
    [letter] = apologies.listed(ctx, by=office.supervisor)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=local("2026-03-12T09:00"))
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)

    approved = apologies.approve(ctx, by=office.approver, letter_id=letter["id"])["letter"]

    assert approved["caused_by"]["code"] == "PHONG_TU_PHAP"
    assert apologies.listed(ctx, by=office.supervisor)[0]["caused_by"] == approved["caused_by"]
    written = apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)["letter"]
    assert written["caused_by"] is None
    assert verify(ctx) == []


@pytest.mark.parametrize("reason", ["Thiếu người", "Cán bộ, công chức (thiếu người, chậm xử lý)", "   ", "?"])
def test_reason_that_says_nothing_is_not_written_and_not_approved(sqlite_ctx: Context, reason: str) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    draft = apologies.Draft(cause=Cause.STAFF, reason=reason, new_due_at=local("2026-03-12T09:00"))

    code = code_of(apologies.extend, sqlite_ctx, by=office.officer, dossier=dossier["id"], draft=draft)

    assert code in ("letter-reason-empty", "letter-incomplete")
    kept = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=draft.new_due_at)
    letter = apologies.extend(sqlite_ctx, by=office.officer, dossier=dossier["id"], draft=kept)["letter"]["id"]
    with sqlite_ctx.database.engine.begin() as connection:  # as an older version kept it
        connection.execute(sa.text("update letter set reason = :reason"), {"reason": reason.strip() or None})
    code = code_of(apologies.approve, sqlite_ctx, by=office.approver, letter_id=letter)
    assert code in ("letter-reason-empty", "letter-incomplete")


def test_many_letters_get_a_verdict_each(ctx: Context) -> None:
    office = a_signing_office(ctx)
    good = [_written(ctx, office) for _ in range(3)]
    bare = str(_ordered(ctx, office))

    told = letter_batches.approve_many(ctx, by=office.approver, letter_ids=[*good, bare, "no id", good[0]], pin=PIN)
    again = letter_batches.approve_many(ctx, by=office.approver, letter_ids=good[:1], pin=PIN)
    sent = letter_batches.dispatch_many(ctx, by=clerk(ctx, office), letter_ids=good, pin=PIN)

    refusals = [(each.id, each.refusal) for each in told if not each.done]
    assert refusals == [(bare, "letter-incomplete"), ("no id", "letter-not-found")]
    assert [each.refusal for each in again] == ["letter-state"]
    assert [(each.id, each.done) for each in sent] == [(letter, True) for letter in good]
    numbers = {each["id"]: each["number"] for each in apologies.listed(ctx, by=office.supervisor)}
    assert [numbers[each] for each in good] == ["01/PXL", "02/PXL", "03/PXL"]
    assert verify(ctx) == []


def test_wrong_pin_for_many_is_asked_of_the_key_once(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = a_signing_office(ctx)
    letters = [_written(ctx, office) for _ in range(7)]

    told = letter_batches.approve_many(ctx, by=office.approver, letter_ids=letters, pin="0")
    right = letter_batches.approve_many(ctx, by=office.approver, letter_ids=letters, pin=PIN)

    assert {each.refusal for each in told} == {"signing-pin-wrong"}  # and the key does not rest
    assert [each.done for each in right] == [True] * 7


@pytest.mark.parametrize("count", [0, 51])
def test_number_of_letters_for_one_act_is_bounded(sqlite_ctx: Context, count: int) -> None:
    office = an_office(sqlite_ctx)

    many = [str(number) for number in range(count)]

    assert (
        code_of(letter_batches.dispatch_many, sqlite_ctx, by=clerk(sqlite_ctx, office), letter_ids=many)
        == "letter-batch-size"
    )


def _ordered(ctx: Context, office: Office) -> Any:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-06T09:00")
    return next(each["id"] for each in apologies.listed(ctx, by=office.supervisor) if each["dossier"] == dossier["id"])


def _written(ctx: Context, office: Office) -> str:
    dossier = a_received_dossier(ctx, office)
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=local("2026-03-12T09:00"))
    return str(apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"])


# --- proof of a printed letter ---------------------------------------------------------------------------------------

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def a_printed_letter(ctx: Context) -> tuple[Office, str]:
    office = an_office(ctx)
    letter = an_approved_letter(ctx, office)
    letter_dispatch.dispatch(ctx, by=clerk(ctx, office), letter_id=letter)
    return office, letter


def test_proof_of_a_printed_letter_is_kept_and_once(ctx: Context) -> None:
    office, letter = a_printed_letter(ctx)
    note = "Bà Ngọc nhận ngày 6/3"

    proven = letter_proofs.record_proof(
        ctx, by=office.desk, letter_id=letter, how="handed-over", note=note, photo=("ky-nhan.png", PICTURE)
    )
    again = code_of(letter_proofs.record_proof, ctx, by=office.desk, letter_id=letter, how="posted", note="EMS 1")

    assert (proven["letter"]["delivered_at"] is not None, again) == (True, "letter-state")
    with ctx.unit_of_work(read_only=True) as uow:
        events = uow.events.of(uow.dossiers.by_code(proven["dossier"]["code"]).id)
    [said] = [event.payload for event in events if str(event.kind) == "letter.delivered"]
    assert said["how"] == "handed-over"
    assert "Ngọc" not in str([event.payload for event in events])  # names stay out of the history
    assert ctx.files.get(said["proof"]) == PICTURE
    assert verify(ctx) == []
    with ctx.database.engine.begin() as connection:
        connection.execute(sa.text("update letter set proof_note = 'another'"))
    assert [each.field for each in verify(ctx)] == ["proof_note"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"how": "posted"}, "letter-proof-missing"),
        ({"how": "posted", "note": " \n "}, "letter-proof-missing"),
        ({"how": "shouted", "note": "x"}, "letter-proof-missing"),
        ({"how": "posted", "note": "x" * 501}, "letter-proof-missing"),
        ({"how": "posted", "note": "x\x00y"}, "letter-proof-missing"),
        ({"how": "posted", "photo": ("a.png", b"no picture")}, "file-not-allowed"),
        ({"how": "posted", "photo": ("a.exe", PICTURE)}, "file-not-allowed"),
    ],
)
def test_proof_that_proves_nothing_is_refused(sqlite_ctx: Context, given: dict[str, Any], code: str) -> None:
    office, letter = a_printed_letter(sqlite_ctx)

    assert (
        code_of(letter_proofs.record_proof, sqlite_ctx, by=clerk(sqlite_ctx, office), letter_id=letter, **given) == code
    )
    assert apologies.listed(sqlite_ctx, by=office.supervisor)[0]["delivered_at"] is None


def test_who_sends_and_who_proves(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    letter = an_approved_letter(sqlite_ctx, office)

    for by in (office.officer, office.desk, office.auditor):
        assert code_of(letter_dispatch.dispatch, sqlite_ctx, by=by, letter_id=letter) == "not-allowed"
    assert code_of(letter_dispatch.dispatch, sqlite_ctx, by=office.admin, letter_id=letter) == "letter-not-found"
    early = code_of(
        letter_proofs.record_proof,
        sqlite_ctx,
        by=clerk(sqlite_ctx, office),
        letter_id=letter,
        how="posted",
        note="EMS 1",
    )
    letter_dispatch.dispatch(sqlite_ctx, by=clerk(sqlite_ctx, office), letter_id=letter)
    by_officer = code_of(
        letter_proofs.record_proof, sqlite_ctx, by=office.officer, letter_id=letter, how="posted", note="EMS 1"
    )
    assert (early, by_officer) == ("letter-state", "not-allowed")
