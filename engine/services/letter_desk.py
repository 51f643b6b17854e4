"""One letter of apology as its page shows it: the letter, its dossier and the acts that are open to the officer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.dossier import LetterState
from engine.services import acts, letter_rules, letter_values, views
from engine.services.case import Case, case_of
from engine.store.letters import Letter


def show(ctx: Context, *, by: Actor, letter_id: str) -> dict[str, Any]:
    """Return a letter with the facts of its dossier, instants in the agency's zone.

    ``may`` names the acts that state and roles allow: ``write``, ``approve``, ``send``.

    Raises:
        LetterNotFoundError: there is none, or it is not the actor's to know.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        case = case_of(ctx, uow, by=by, dossier=uow.dossiers.get(letter.dossier_id))
        applicant = uow.dossiers.parties(letter.dossier_id)["applicant"]
        return _facts(case, letter) | {
            "dossier": views.summary(case),
            "procedure_name": case.facts.name,
            "applicant": applicant.name,
            "email": applicant.email,
            "suggested_due_at": _iso(case, acts.suggested_date(case)),
            "asks_for_time": letter_values.asks_for_time(uow, letter),
            "may": _may(by, letter),
        }


def _facts(case: Case, letter: Letter) -> dict[str, Any]:
    names = {
        who: case.uow.people.get(officer_id).name if officer_id else None
        for who, officer_id in (("approved_by", letter.approved_by), ("sent_by", letter.sent_by))
    }
    return {
        "id": str(letter.id),
        "state": letter.state.value,
        "trigger": letter.trigger,
        "cause": letter.cause.value if letter.cause else None,
        "reason": letter.reason,
        "number": letter.number,
        "sent_how": letter.sent_how,
        "old_due_at": _iso(case, letter.old_due_at),
        "new_due_at": _iso(case, letter.new_due_at),
        "ordered_at": _iso(case, letter.ordered_at),
        "approved_at": _iso(case, letter.approved_at),
        "sent_at": _iso(case, letter.sent_at),
        "delivered_at": _iso(case, letter.delivered_at),
        "withdrawn_at": _iso(case, letter.withdrawn_at),
        **names,
    }


def _may(by: Actor, letter: Letter) -> list[str]:
    signs = by.may_as(letter.owner_agency_id, (Role.APPROVER, Role.SUPERVISOR))
    drafts = signs or by.may_as(letter.owner_agency_id, (Role.OFFICER,))
    if letter.state is LetterState.DRAFT:
        complete = letter.cause is not None and bool(letter.reason)
        return (["write"] if drafts else []) + (["approve"] if signs and complete else [])
    if letter.state is LetterState.APPROVED:
        return (["send"] if signs else []) + (["write"] if drafts else [])
    return []


def _iso(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
