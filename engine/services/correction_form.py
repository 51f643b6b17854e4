"""What the form of a correction shows: everything that the receipt says, as it is."""

from __future__ import annotations

from dataclasses import fields as fields_of_class
from typing import Any

from engine.context import Context
from engine.domain import permissions_receipts
from engine.domain.actors import Actor
from engine.domain.forms import Asked, fields_of
from engine.services import acceptance, corrected_parts, corrections, dossier_file, receipts
from engine.services.case import Case, allow, check_ours
from engine.services.intake import Person
from engine.services.receipt_issues import of as issues_of
from engine.store.dossiers import Party


def form(ctx: Context, *, by: Actor, dossier: str, procedure: str | None = None) -> dict[str, Any]:
    """Return what can be corrected of a dossier, with its values.

    Args:
        procedure: code of the procedure that was chosen in the form: ``asked`` are the fields of its receipt.

    Raises:
        NotCorrectableError, NotAllowedError, DossierNotFoundError, ImportedDossierError.
        ProcedureNotFoundError, ProcedureClosedError: of the chosen procedure.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        allow(case, permissions_receipts.check_can_correct, receiving=case.dossier.receiving_agency_id)
        corrections.check_open(case)
        check_ours(case.dossier)
        gone = corrected_parts.struck_out(case)
        row, parties = case.dossier, case.uow.dossiers.parties(case.dossier.id)
        assert row.received_at is not None  # noqa: S101 - it is open to corrections
        return {
            "id": str(row.id),
            "code": row.code,
            "version": row.version,
            "event_seq": row.event_seq,
            "applicant": _person(parties.get("applicant")),
            "owner": _person(parties.get("owner")) if "owner" in parties else None,
            "authorisation": row.authorisation or "",
            "procedure_code": case.facts.code,
            "procedure_name": case.facts.name,
            "procedures": _procedures(case),
            "received_at": case.calendar.local(row.received_at).isoformat(),
            "due_at": None if row.due_at is None else case.calendar.local(row.due_at).isoformat(),
            "channel": row.channel.value,
            "result_channel": row.result_channel.value,
            "notify_by": row.notify_by,
            "notify_language": row.notify_language,
            "case": row.case or "",
            "asked": _asked(case, procedure),
            "facts": dict(row.facts),
            "papers": [
                {"no": paper.no, "name": paper.name, "originals": paper.originals, "copies": paper.copies,
                 "struck": paper.no in gone}
                for paper in case.uow.dossiers.papers(row.id)
                if not receipts.is_further_page(paper)
            ],
            "issues": len(issues_of(case)),
        }  # fmt: skip


def _asked(case: Case, code: str | None) -> list[dict[str, Any]]:
    version = case.version
    if code is not None and code != case.facts.code:
        procedure = case.uow.procedures.by_code(case.dossier.resolving_agency_id, code)
        version = acceptance.version_for(case.uow, procedure, case.dossier.received_at or case.now)
    return [field.as_json() for field in fields_of(version.form).values() if field.asked is Asked.RECEIPT]


def _procedures(case: Case) -> list[tuple[str, str]]:
    at = case.dossier.received_at or case.now
    known = case.uow.procedures.all(case.dossier.resolving_agency_id)
    taken = [each for each in known if each.is_open and not acceptance.is_retired(each, at)]
    found = {each.code: each.name for each in taken} | {case.facts.code: case.facts.name}
    return sorted(found.items())


def _person(party: Party | None) -> dict[str, str]:
    return {each.name: (getattr(party, each.name) if party else None) or "" for each in fields_of_class(Person)}
