"""What the apology desk refuses: letters for kept promises, stale dates, text that changed, eyes that may not see."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.dossier import Cause, Status
from engine.errors import EngineError
from engine.services import apologies, letter_dispatch, timekeeping
from engine.verification.verify import examine, verify
from tests.support.builders import (
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    do_next_step,
    local,
    turn_clock_to,
    withdraw,
)


def a_draft(new_due: str) -> apologies.Draft:
    return apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=local(new_due))


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **kwargs)
    return refused.value.code


def only_letter(ctx: Context, office: Office) -> dict[str, Any]:
    [letter] = apologies.listed(ctx, by=office.supervisor)
    return letter


@pytest.mark.parametrize("end", ["returned", "withdrawn"])
def test_kept_promise_gets_no_apology(ctx: Context, end: str) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    if end == "returned":
        advance_to(ctx, office, dossier, Status.RETURNED)
    else:
        withdraw(ctx, office, dossier)

    code = code_of(
        apologies.extend, ctx, by=office.officer, dossier=dossier["id"], draft=a_draft("2026-03-12T09:00")
    )  # fmt: skip

    assert code == "letter-state"
    assert apologies.listed(ctx, by=office.supervisor) == []
    assert verify(ctx) == []


def test_letter_follows_the_promise_that_moved(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    letter = only_letter(ctx, office)
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=a_draft("2026-03-10T09:00"))
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-06T08:30")
    moved = bring_supplement(ctx, office, dossier)  # the whole limit runs anew

    assert moved["due_at"] == "2026-03-12T08:30:00+07:00"
    assert code_of(letter_dispatch.dispatch, ctx, by=office.approver, letter_id=letter["id"]) == "letter-stale"
    early = a_draft("2026-03-11T09:00")
    assert code_of(apologies.write, ctx, by=office.officer, letter_id=letter["id"], draft=early) == "new-date-invalid"
    sent = apologise(ctx, office, dossier, new_due="2026-03-16T09:00")
    assert (sent["due_at"], sent["extended_due_at"]) == ("2026-03-12T08:30:00+07:00", "2026-03-16T09:00:00+07:00")
    assert only_letter(ctx, office)["old_due_at"] == "2026-03-12T01:30:00+00:00"
    assert verify(ctx) == []


def test_nobody_approves_a_text_that_changed_since(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    letter_id = only_letter(ctx, office)["id"]
    seen = apologies.write(ctx, by=office.officer, letter_id=letter_id, draft=a_draft("2026-03-10T09:00"))
    version = seen["dossier"]["version"]
    apologies.write(ctx, by=office.officer, letter_id=letter_id, draft=a_draft("2026-03-20T09:00"))

    code = code_of(apologies.approve, ctx, by=office.approver, letter_id=letter_id, expected=version)

    assert code == "version-mismatch"
    assert only_letter(ctx, office)["state"] == "draft"
    assert dossier["code"] == only_letter(ctx, office)["dossier_code"]


def test_administrator_and_other_agencies_see_no_letters(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")

    assert len(apologies.listed(ctx, by=office.auditor)) == 1
    assert apologies.counts(ctx, by=office.auditor) == {"draft": 1}
    for stranger in (office.admin, other.supervisor):
        assert apologies.listed(ctx, by=stranger) == []
        assert apologies.counts(ctx, by=stranger) == {}


def test_pause_of_a_broken_promise_marks_it_though_the_clock_is_dead(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)

    ask_supplement(ctx, office, dossier)

    assert only_letter(ctx, office)["trigger"] == "passed"
    found = examine(ctx)
    assert (found.differences, found.counts["latenesses_broken"]) == ([], 1)


def test_act_after_the_end_leaves_the_mark_to_the_clock(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-06T09:00")  # the letter is ordered
    turn_clock_to(ctx, "2026-03-09T07:05", ticker=False)
    do_next_step(ctx, office, dossier)

    assert timekeeping.pass_due(ctx) == 1

    with ctx.unit_of_work(read_only=True) as uow:
        events = uow.events.of(uow.dossiers.by_code(dossier["code"]).id)
    assert [str(event.kind) for event in events].count("promise.passed") == 1
    assert verify(ctx) == []
