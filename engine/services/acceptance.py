"""Whether a procedure takes new dossiers, and on which version they go; asked by intake, counter and catalogue."""

from __future__ import annotations

from datetime import datetime

from engine.errors import ConflictError
from engine.services.case import iso
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork


class ProcedureClosedError(ConflictError):
    """The procedure receives no new dossiers."""

    code = "procedure-closed"


class ProcedureRetiredError(ProcedureClosedError):
    """The procedure was retired; the details name the one that takes its place."""

    code = "procedure-retired"


def is_retired(procedure: Procedure, at: datetime) -> bool:
    """Whether the procedure takes no dossiers any more at an instant."""
    return procedure.retired_at is not None and procedure.retired_at <= at


def version_for(uow: UnitOfWork, procedure: Procedure, at: datetime) -> ProcedureVersion:
    """Return the version that a dossier filed at an instant takes.

    Raises:
        ProcedureRetiredError: it was retired; the message names its successor.
        ProcedureClosedError: it is closed, or no version is in force yet.
    """
    code = procedure.code
    if is_retired(procedure, at):
        successor = uow.procedures.find(procedure.owner_agency_id, procedure.replaced_by or "")
        name = None if successor is None else successor.name
        instead = f"; file under {procedure.replaced_by} {name or ''}".rstrip() if procedure.replaced_by else ""
        raise ProcedureRetiredError(
            f"procedure {code} is retired and receives no new dossiers{instead}",
            procedure_code=code, retired_at=iso(procedure.retired_at), replaced_by=procedure.replaced_by,
            successor_name=name,
        )  # fmt: skip
    version = uow.procedures.in_force(procedure, at) if procedure.is_open else None
    if version is None:
        raise ProcedureClosedError(f"procedure {code} receives no new dossiers", procedure_code=code)
    return version
