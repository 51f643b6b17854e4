"""What the notices to a citizen say (forms 02, 03, 05 and the notice of an obligation), from the case that issues them.

Each function returns what ``issuing.issue`` asks for: what makes the values once the number is known (domain.md §2.4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.documents import words
from engine.documents.headed import NoticeValues, Person
from engine.documents.obligations import ObligationValues
from engine.documents.refusals import RefusalValues
from engine.documents.stop_notices import HEAD_OF_DESK, StopValues
from engine.documents.supplements import SupplementValues
from engine.documents.values import PaperLine
from engine.domain.dossier import Status
from engine.domain.ids import AgencyId
from engine.domain.official_forms import OfficialForm
from engine.domain.result_return import tracking_url
from engine.services import appointments, step_units
from engine.services.case import Case
from engine.services.issuing import ValuesOf
from engine.store.dossiers import Obligation, Supplement

HEAD = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"  #: who signs where the agency has set no title
STATES = {  #: of a dossier when it is stopped, as the portal calls them (domain.md §1.1)
    Status.SUBMITTED: "Mới đăng ký, chưa tiếp nhận",
    Status.RECEIVED: "Được tiếp nhận",
    Status.PROCESSING: "Đang xử lý",
    Status.SUPPLEMENT: "Yêu cầu bổ sung giấy tờ",
    Status.OBLIGATION: "Yêu cầu thực hiện nghĩa vụ tài chính",
}


def supplement(case: Case, asked: Supplement, *, at_reception: bool) -> ValuesOf:
    """Return what makes form 02: signed by who guides at the desk, or by the head during appraisal (domain.md §1.6)."""

    def values(form: OfficialForm, number: str | None, symbol: str) -> SupplementValues:
        agency = case.uow.agencies.get(issuer(case, at_reception=at_reception))
        return SupplementValues(
            **_notice(case, form, number, symbol, at_reception=at_reception),
            **_signer(case, at_reception=at_reception),
            items=tuple(asked.items),
            reason=asked.reason,
            contact_name=case.by.name if case.by.id is not None else "",
            contact_phone=agency.phone or None,
            answer_due_at=asked.answer_due_at,
        )

    return values


def refusal(case: Case, *, reason: str, at_reception: bool) -> ValuesOf:
    """Return what makes form 03, or CT06 for a dossier of the residence law."""

    def values(form: OfficialForm, number: str | None, symbol: str) -> RefusalValues:
        return RefusalValues(
            **_notice(case, form, number, symbol, at_reception=at_reception),
            **_signer(case, at_reception=at_reception),
            at_reception=at_reception,
            reason=reason,
            submitted_at=case.dossier.submitted_at,
            channel=case.dossier.channel.value,
            papers_count=len(case.uow.dossiers.papers(case.dossier.id)),
        )

    return values


def stop(case: Case, *, reason: str, before: Status, by_request: bool) -> ValuesOf:
    """Return what makes form 05.

    Args:
        before: status in which the dossier was stopped.
        by_request: of the citizen (domain.md §1.10); otherwise on a legal ground of the agency.
    """

    def values(form: OfficialForm, number: str | None, symbol: str) -> StopValues:
        papers = case.uow.dossiers.papers(case.dossier.id)
        return StopValues(
            **_notice(case, form, number, symbol, at_reception=by_request),
            signer_name="",
            signer_title=HEAD_OF_DESK if by_request else HEAD,
            received_at=case.dossier.received_at,
            requested_at=case.now if by_request else None,
            requested_how=None,  # nobody writes down how it came
            state=STATES.get(before, before.name.lower()),
            reason=reason,
            papers_back=tuple(PaperLine(each.name, each.originals, each.copies) for each in papers if each.originals),
            refund_vnd=None,
        )

    return values


def obligation(case: Case, owed: Obligation) -> ValuesOf:
    """Return what makes the notice of what the citizen has to pay (domain.md §1.8)."""

    def values(form: OfficialForm, number: str | None, symbol: str) -> ObligationValues:
        second = appointments.limits(case.version)[1:]
        return ObligationValues(
            **_notice(case, form, number, symbol, at_reception=False),
            signer_name=case.by.name if case.by.id is not None else "",
            amount_vnd=owed.amount_vnd,
            notice=owed.notice,
            pay_where=None,
            second_limit_text=words.limit(str(second[0])) if second else None,
        )

    return values


def again(case: Case, before: NoticeValues) -> ValuesOf:
    """Return what makes a notice anew whose number was voided: it says the same, of the person as known by now."""

    def values(form: OfficialForm, number: str | None, symbol: str) -> NoticeValues:
        known = _notice(case, form, number, symbol, at_reception=_is_of_reception(before))
        return replace(before, **known)

    return values


def _is_of_reception(before: NoticeValues) -> bool:
    if isinstance(before, RefusalValues):
        return before.at_reception
    if isinstance(before, StopValues):
        return before.requested_at is not None
    return isinstance(before, SupplementValues) and before.signer_title != HEAD


def issuer(case: Case, *, at_reception: bool) -> AgencyId:
    """Return who issues a notice: the agency that receives, or the one that resolves."""
    return case.dossier.receiving_agency_id if at_reception else case.dossier.resolving_agency_id


def _notice(case: Case, form: OfficialForm, number: str | None, symbol: str, *, at_reception: bool) -> dict[str, Any]:
    """Return what all notices print: the one-stop unit in the head at reception, later the agency itself."""
    agency, code = case.uow.agencies.get(issuer(case, at_reception=at_reception)), case.dossier.code
    applicant = case.uow.dossiers.parties(case.dossier.id)["applicant"]
    return {
        "form": form,
        "superior_body": agency.name if at_reception else agency.superior_name,
        "unit_name": step_units.one_stop_unit(case, agency.id).name if at_reception else agency.name,
        "place": agency.place,
        "number": number,
        "symbol": symbol,
        "issued_at": case.now,
        "person": Person(
            name=applicant.name,
            identity_number=applicant.identity_number,
            address=applicant.address,
            phone=applicant.phone,
            email=applicant.email,
        ),
        "code": code,
        "procedure_code": case.facts.code,
        "procedure_name": case.facts.name,
        "tracking_url": None if code is None else tracking_url(case.ctx.settings.public_url, code),
        "zone": agency.zone,
    }


def _signer(case: Case, *, at_reception: bool) -> dict[str, Any]:
    """Return who signs: at the desk the officer there, with the form's own title; later the head, by hand."""
    if at_reception:
        return {"signer_name": case.by.name if case.by.id is not None else ""}
    return {"signer_name": "", "signer_title": HEAD}
