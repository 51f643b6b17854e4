"""Chains of procedures: the result of one files a dossier of the next for the same people (domain.md §1.7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.events import digest
from engine.domain.forms import Asked, fields_of
from engine.domain.ids import DossierId, OfficerId
from engine.services import acceptance, intake
from engine.services.case import Case, case_of
from engine.services.intake import Filing, Person
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import Agency
from engine.store.dossiers import Party
from engine.store.procedures import ProcedureNotFoundError
from engine.store.unit_of_work import UnitOfWork

PERSON = ("name", "identity_number", "phone", "email", "address")


def file_next(ctx: Context, order: dict[str, Any]) -> Answer:
    """File the dossier that a result has ordered, once, however often it is asked for.

    It goes to the agency that the policy's ``partners`` name for the procedure, else to the one that resolved the
    dossier before, else to the first partner that has the procedure. The desk receives it; with ``receives_next`` in
    the policy it is received at once, by who brought the result about.

    Args:
        order: ``dossier``, ``procedure`` and ``by`` of the outbox message.

    Raises:
        ProcedureNotFoundError, ProcedureClosedError: the next procedure takes no dossier; the message is given up, and
            the desk files it.
        CalendarGapError, UnitNotFoundError, InvalidFieldsError: it can be filed and not received, or not at all.
    """

    def work(uow: UnitOfWork) -> Answer:
        by = uow.people.actor(OfficerId(order["by"])) if order["by"] is not None else SYSTEM
        before = case_of(ctx, uow, by=by, dossier=uow.dossiers.get(DossierId(UUID(order["dossier"]))))
        receives = bool(before.version.policy.get("receives_next")) and not by.is_system
        return intake.file_following(ctx, uow, by=by, filing=_filing(before, order["procedure"]), receives=receives)

    name = f"next/{order['dossier']}/{order['procedure']}"
    return transact(ctx, by=SYSTEM, request=Request(name, digest([name])), work=work)


def _filing(before: Case, code: str) -> Filing:
    uow, row = before.uow, before.dossier
    resolving = _agency_with(before, code)
    procedure = uow.procedures.by_code(resolving.id, code)
    version = acceptance.version_for(uow, procedure, before.now)
    asked = {name for name, field in fields_of(version.form).items() if field.asked is Asked.RECEIPT}
    parties = uow.dossiers.parties(row.id)
    return Filing(
        procedure_code=code,
        applicant=_person(parties["applicant"]),
        owner=_person(parties["owner"]) if "owner" in parties else None,
        channel=row.channel,
        agency=uow.agencies.get(row.receiving_agency_id).code,
        resolving_agency=resolving.code,
        result_channel=row.result_channel,
        notify_by=row.notify_by,
        notify_language=row.notify_language,
        facts={name: value for name, value in row.facts.items() if name in asked},
        follows=row.id,
    )


def _agency_with(before: Case, code: str) -> Agency:
    uow = before.uow
    partners = before.version.policy.get("partners", {})
    codes = [partners[code]] if code in partners else []
    home = uow.agencies.get(before.dossier.resolving_agency_id)
    candidates = [*map(uow.agencies.by_code, codes), home, *map(uow.agencies.by_code, partners.values())]
    for agency in candidates:
        if uow.procedures.find(agency.id, code) is not None:
            return agency
    raise ProcedureNotFoundError(
        f"neither this agency nor a partner of the procedure has {code!r}, which its result begins", procedure_code=code
    )


def _person(party: Party) -> Person:
    return Person(**{name: getattr(party, name) for name in PERSON})
