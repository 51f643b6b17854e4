"""What a letter of apology says, gathered from its rows (form 04; domain.md §2.5)."""

from __future__ import annotations

from datetime import datetime

from engine.documents.values import ApologyValues
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import LetterState
from engine.domain.official_forms import FormKind, form_of
from engine.domain.result_return import tracking_url
from engine.services import appointments, calendars
from engine.store.letters import Letter
from engine.store.unit_of_work import UnitOfWork


def asks_for_time(uow: UnitOfWork, letter: Letter) -> bool:
    """Whether the letter names a new date: what was promised is not done yet; otherwise it only apologises."""
    dossier = uow.dossiers.get(letter.dossier_id)
    met_at = appointments.met_at(uow, dossier, letter.promise_no)
    return dossier.finished_at is None and dossier.ended_at is None and met_at is None


def of(uow: UnitOfWork, letter: Letter, *, public_url: str) -> ApologyValues:
    """Return the values of form 04; a letter that is not sent gives those of a draft.

    Args:
        public_url: where citizens reach the office; the letter bears a code that opens the page of its dossier.
    """
    dossier = uow.dossiers.get(letter.dossier_id)
    applicant = uow.dossiers.parties(dossier.id)["applicant"]
    agency = uow.agencies.get(letter.owner_agency_id)
    procedure = uow.procedures.get(dossier.procedure_id)
    calendar = calendars.in_force(uow, agency.id)
    signed_by = letter.signed_by or letter.approved_by
    signer = uow.people.get(signed_by) if signed_by else None
    assert dossier.received_at is not None  # noqa: S101 - a letter belongs to a promise, so it was received
    return ApologyValues(
        form=form_of(dossier.form_set, FormKind.APOLOGY),
        superior_body=agency.superior_name,
        agency_name=agency.name,
        place=agency.place,
        number=letter.number,
        addressee=applicant.name,
        received_at=dossier.received_at,
        receiving_unit=uow.agencies.get(dossier.receiving_agency_id).name,
        procedure_code=procedure.code,
        procedure_name=procedure.name,
        applicant_name=applicant.name,
        identity_number=applicant.identity_number,
        code=dossier.code or "",
        due_at=letter.old_due_at,
        reason=letter.reason,
        new_due_at=letter.new_due_at,
        met_at=appointments.met_at(uow, dossier, letter.promise_no),
        finished_at=dossier.finished_at,
        ended_at=dossier.ended_at if dossier.finished_at is None else None,
        new_due_provisional=_is_provisional(calendar, letter.new_due_at),
        issued_at=letter.numbered_at or letter.sent_at,
        signer_title=(signer.title if signer and signer.title else "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ").upper(),
        signer_name=signer.name if signer else None,
        recipients=("Như trên", "Lưu: VT"),
        draft=letter.state is not LetterState.SENT,
        zone=agency.zone,
        tracking_url=tracking_url(public_url, dossier.code or ""),
    )


def _is_provisional(calendar: WorkingCalendar, at: datetime | None) -> bool:
    return at is not None and calendar.is_provisional(calendar.local_date(at), calendar.local_date(at))
