"""One letter of apology as its page shows it: the letter, its dossier, who took the time, and the open acts."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.calendar import CalendarGapError
from engine.domain.dossier import LetterState
from engine.domain.permissions_letters import APPROVING, DRAFTING, PROVING, SENDING
from engine.domain.signing import ELECTRONIC
from engine.errors import NotFoundError
from engine.services import acts, attachments, dossier_file, letter_rules, letter_values, messages, time_used, views
from engine.services.case import Case
from engine.services.receipts import NotReceivedError
from engine.store.letters import Letter


class ProofNotFoundError(NotFoundError):
    """The letter has no picture that shows that it arrived."""

    code = "letter-proof-not-found"


def show(ctx: Context, *, by: Actor, letter_id: str) -> dict[str, Any]:
    """Return a letter with the facts of its dossier, instants in the agency's zone.

    ``may`` names the acts that state and roles allow: ``write``, ``approve``, ``sign``, ``send``, ``proof``.
    ``lateness`` and ``over`` are of the ledger of time: to whom minutes of lateness are charged, and the stages that
    have used more than their share (docs/reference/working-time.md). ``goes`` tells by which ``way`` and to which
    ``address`` the letter would go now; None: as a print.

    Raises:
        LetterNotFoundError: there is none, or it is not the actor's to know.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        found = letter_rules.readable(uow, by=by, letter_id=letter_id)
        wanted, dossier_id = found.id, found.dossier_id
    with dossier_file.opened(ctx, by=by, dossier=str(dossier_id)) as case:
        letter = next(row for row in case.uow.letters.of_dossier(dossier_id) if row.id == wanted)
        applicant = case.uow.dossiers.parties(dossier_id)["applicant"]
        way = messages.way_of(case)
        electronic = case.uow.agencies.get(letter.owner_agency_id).signs_letters == ELECTRONIC
        return _facts(case, letter) | {
            "dossier": views.summary(case),
            "extension_broken_at": _iso(case, case.dossier.extension_broken_at),
            "procedure_name": case.facts.name,
            "applicant": applicant.name,
            "goes": None if way is None else {"way": way[0].value, "address": way[1]},
            "electronic": electronic,
            "suggested_due_at": _iso(case, acts.suggested_date(case)),
            "asks_for_time": letter_values.asks_for_time(case.uow, letter),
            "caused_by": _caused_by(case, letter),
            **_time(case),
            "may": _may(by, letter, electronic=electronic),
        }


def proof(ctx: Context, *, by: Actor, letter_id: str) -> tuple[str, str, bytes]:
    """Return file name, media type and bytes of what shows that a printed letter arrived.

    Raises:
        ProofNotFoundError: the letter has no picture; LetterNotFoundError; FileMissingError: the store lost it.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        if letter.proof_sha256 is None:
            raise ProofNotFoundError(f"letter {letter_id} has no picture as its proof")
        content = ctx.files.get(letter.proof_sha256)
    media_type = attachments.guessed_type(content)
    ending = next((each for each, kind in attachments.ALLOWED.items() if kind == media_type), "")
    return f"bang-chung{ending}", media_type, content


def _facts(case: Case, letter: Letter) -> dict[str, Any]:
    who = {name: getattr(letter, name) for name in ("approved_by", "signed_by", "numbered_by", "sent_by")}
    people = case.uow.people.some({each for each in who.values() if each is not None})
    instants = (
        "old_due_at", "new_due_at", "ordered_at", "approved_at", "signed_at", "numbered_at", "sent_at", "delivered_at",
        "withdrawn_at",
    )  # fmt: skip
    return {
        "id": str(letter.id),
        "state": letter.state.value,
        "complete": letter.cause is not None and bool(letter.reason),
        "trigger": letter.trigger,
        "cause": letter.cause.value if letter.cause else None,
        "reason": letter.reason,
        "number": letter.number,
        "sent_how": letter.sent_how,
        "proof_note": letter.proof_note,
        "proof": letter.proof_sha256,
        **{name: None if each is None else people[each].name for name, each in who.items()},
        **{name: _iso(case, getattr(letter, name)) for name in instants},
    }


def _caused_by(case: Case, letter: Letter) -> str | None:
    if letter.caused_by_unit_id is None:
        return None
    return case.uow.agencies.some_units({letter.caused_by_unit_id})[letter.caused_by_unit_id].name


def _time(case: Case) -> dict[str, Any]:
    """Return what the ledger of time tells; nothing where the calendar does not reach."""
    with suppress(NotReceivedError, CalendarGapError):
        told = time_used.used(case)
        return {
            "lateness": told["lateness"],
            "over": [each for each in told["stages"] if (each["over_minutes"] or 0) > 0],
        }
    return {"lateness": None, "over": []}


def _may(by: Actor, letter: Letter, *, electronic: bool) -> list[str]:
    agency, complete = letter.owner_agency_id, letter.cause is not None and bool(letter.reason)
    approves, sends = by.may_as(agency, APPROVING), by.may_as(agency, SENDING)
    writes = by.may_as(agency, DRAFTING)
    unproven = letter.sent_how == "print" and letter.delivered_at is None
    allowed = {
        LetterState.DRAFT: {"write": writes, "approve": approves and complete},
        LetterState.APPROVED: {
            "write": writes,
            "sign": electronic and approves,
            "send": sends and not electronic,
        },
        LetterState.SIGNED: {"send": sends, "write": writes},
        LetterState.NUMBERED: {"send": sends, "write": approves},  # its number is void then
        LetterState.SENT: {"proof": unproven and by.may_as(agency, PROVING)},
        LetterState.WITHDRAWN: {},
    }[letter.state]
    return [act for act, may in allowed.items() if may]


def _iso(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
