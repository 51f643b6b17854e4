"""Slips that the returning desk prints: the invitation, what is signed for a result, and how it came to the desk."""

from __future__ import annotations

from datetime import datetime

from engine.context import Context
from engine.documents.forms import render_pdf
from engine.documents.result_slips import (
    InvitationValues,
    ResultHandoverValues,
    ResultReceiptValues,
    ResultReceiver,
    invitation_pdf,
)
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.deadlines import punctuality
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId
from engine.domain.official_forms import OWN, FormKind, form_of
from engine.domain.result_return import tracking_url
from engine.domain.slip_lines import LineKind, Mark, SlipLine, lines_of
from engine.services import dossier_file, fees, receivers, steps
from engine.services.case import Case, check_ours
from engine.services.officer_names import OfficerNames
from engine.services.result_returns import NoResultWaitsError
from engine.store.dossiers import Party


def invitation(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the invitation to fetch the result of a dossier that has one.

    Raises:
        DossierNotFoundError, NotAllowedError.
        NoResultWaitsError: it is not decided.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        _check_desk(case, by)
        code, finished_at = _decided(case)
        agency = case.uow.agencies.get(case.dossier.returning_agency_id)
        owner = _owner(case)
        values = InvitationValues(
            agency_name=agency.name,
            place=agency.place,
            code=code,
            owner_name=owner.name,
            address=owner.address,
            procedure_code=case.facts.code,
            procedure_name=case.facts.name,
            finished_at=finished_at,
            receivers=receivers.needed(case),
            collects=tuple(receivers.to_collect(case)),
            officer_name=by.name,
            tracking_url=_tracking_url(case),
            printed_at=case.now,
            zone=agency.zone,
        )
        return invitation_pdf(values)


def receipt(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return what the citizen signs for the result, before the hand-over or after it (*Giấy biên nhận trả kết quả*).

    Raises:
        DossierNotFoundError, NotAllowedError.
        NoResultWaitsError: it is not decided.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        _check_desk(case, by)
        return render_pdf(form_of(OWN, FormKind.RESULT_RECEIPT), _receipt_values(case, by))


def handover(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return how the result came from who resolved it to the desk (*Phiếu bàn giao kết quả*), for who reads it.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        NoResultWaitsError: it is not decided.
        ImportedDossierError: another system has handed it over, if anybody.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        check_ours(case.dossier)
        return render_pdf(form_of(OWN, FormKind.RESULT_HANDOVER), _handover_values(case))


def _check_desk(case: Case, by: Actor) -> None:
    returning: AgencyId = case.dossier.returning_agency_id

    def check(who: Actor) -> None:
        permissions.check_can_return(who, returning=returning)

    permissions.acting(by, check)


def _receipt_values(case: Case, by: Actor) -> ResultReceiptValues:
    row = case.dossier
    code, finished_at = _decided(case)
    agency = case.uow.agencies.get(row.returning_agency_id)
    owner = _owner(case)
    returned = next(iter(case.uow.events.of_kind(row.id, EventKind.RETURNED)), None)
    said = {} if returned is None else returned.payload
    handed_over = said.get("handed_over_at") or said.get("ended_at")
    return ResultReceiptValues(
        form=form_of(OWN, FormKind.RESULT_RECEIPT),
        superior_body=agency.name,
        unit_name=steps.one_stop_unit(case, agency.id).name,
        place=agency.place,
        code=code,
        owner_name=owner.name,
        address=owner.address,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        decision=row.decision.value if row.decision else None,
        received_at=row.received_at,
        due_at=row.due_at,
        finished_at=finished_at,
        handed_over_at=None if handed_over is None else datetime.fromisoformat(handed_over),
        receivers=_receivers(case),
        authorisation=said.get("receiver", {}).get("authorisation"),
        collects=tuple(receivers.to_collect(case)),
        fee_vnd=fees.fee_of(
            case.uow, case.version, row.facts, channel=row.channel, case=row.case, at=row.received_at or case.now
        ),
        officer_name=by.name,
        tracking_url=_tracking_url(case),
        printed_at=case.now,
        zone=agency.zone,
    )


def _receivers(case: Case) -> tuple[ResultReceiver, ...]:
    """Return who came; as many open places as must come while nobody has."""
    people = case.uow.dossiers.parties(case.dossier.id)
    came = [people[role] for role in (receivers.FIRST, receivers.SECOND) if role in people]
    if not came:
        return (ResultReceiver(name=None),) * receivers.needed(case)
    return tuple(ResultReceiver(name=each.name, identity_number=each.identity_number) for each in came)


def _handover_values(case: Case) -> ResultHandoverValues:
    row = case.dossier
    code, finished_at = _decided(case)
    agency, names = case.uow.agencies.get(row.resolving_agency_id), OfficerNames(case.uow)
    desk = steps.one_stop_unit(case, row.returning_agency_id)
    line = _way_to(case, desk.id)
    giver = agency.name if line is None or line.from_unit is None else case.uow.agencies.unit(line.from_unit).name
    return ResultHandoverValues(
        form=form_of(OWN, FormKind.RESULT_HANDOVER),
        superior_body=agency.superior_name,
        agency_name=agency.name,
        place=agency.place,
        code=code,
        owner_name=_owner(case).name,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        decision=row.decision.value if row.decision else None,
        standing=_standing(case, finished_at),
        due_at=row.due_at,
        finished_at=finished_at,
        from_unit=giver,
        given_by=None if line is None else names.of(line.by),
        given_at=None if line is None else line.at,
        to_unit=desk.name,
        taken_by=None if line is None else names.of(line.taken_by),
        taken_at=None if line is None else line.taken_at,
        printed_at=case.now,
        zone=agency.zone,
    )


def _way_to(case: Case, desk: int) -> SlipLine | None:
    """Return the hand-over that brought the result to the desk; None where it was decided there."""
    lines = lines_of(case.uow.events.of(case.dossier.id), desk=None)
    counting = [line for line in lines if line.kind is LineKind.HANDOVER and Mark.TAKEN_BACK not in line.marks]
    return next((line for line in reversed(counting) if line.to_unit == desk), None)


def _standing(case: Case, finished_at: datetime) -> str | None:
    row = case.dossier
    if row.due_at is None:
        return None
    late_after = row.late_after or row.due_at
    return punctuality(case.calendar, finished_at=finished_at, due_at=row.due_at, late_after=late_after).value


def _decided(case: Case) -> tuple[str, datetime]:
    row = case.dossier
    if row.finished_at is None or row.code is None:
        raise NoResultWaitsError("the dossier has no result yet", status=row.status)
    return row.code, row.finished_at


def _owner(case: Case) -> Party:
    people = case.uow.dossiers.parties(case.dossier.id)
    return people.get("owner") or people["applicant"]


def _tracking_url(case: Case) -> str:
    return tracking_url(case.ctx.settings.public_url, case.dossier.code or "")
