"""Slips that the returning desk prints: the invitation, and what the receiver signs on paper (domain.md §1.11)."""

from __future__ import annotations

from engine.context import Context
from engine.documents.result_slips import HANDOVER, ResultSlipValues, result_slip_pdf
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.services import decided, dossier_file, receivers
from engine.services.case import Case
from engine.services.result_returns import NoResultWaitsError


def pdf(ctx: Context, *, by: Actor, dossier: str, kind: str) -> bytes:
    """Return a slip of a dossier that has a result; ``kind`` is one of ``documents.result_slips``.

    Raises:
        DossierNotFoundError, NotAllowedError.
        NoResultWaitsError: it is not decided.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        permissions.acting(by, lambda who: permissions.check_can_return(who, returning=_returning(case)))
        return result_slip_pdf(_values(case, by, kind))


def _returning(case: Case) -> AgencyId:
    return case.dossier.returning_agency_id


def _values(case: Case, by: Actor, kind: str) -> ResultSlipValues:
    row = case.dossier
    if row.finished_at is None or row.code is None:
        raise NoResultWaitsError("the dossier has no result yet", status=row.status)
    agency = case.uow.agencies.get(row.returning_agency_id)
    people = case.uow.dossiers.parties(row.id)
    owner = people.get("owner") or people["applicant"]
    came = [people[role].name for role in (receivers.FIRST, receivers.SECOND) if role in people]
    return ResultSlipValues(
        kind=kind,
        agency_name=agency.name,
        place=agency.place,
        code=row.code,
        owner_name=owner.name,
        address=owner.address,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        finished_at=row.finished_at,
        receivers=tuple(came) if came and kind == HANDOVER else (None,) * receivers.needed(case),
        collects=tuple(receivers.to_collect(case)),
        fee_vnd=decided.fee_of(case.version, row.facts),
        officer_name=by.name,
        printed_at=case.now,
        zone=agency.zone,
    )
