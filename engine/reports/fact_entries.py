"""A dossier as the official tables list it: one line, made of its fact and of names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.statistics import NEVER, Outcome
from engine.reports.scope import Scope
from engine.store.facts import DossierFact


@dataclass(frozen=True, slots=True)
class Entry:
    """A dossier; instants are local to the resolving agency.

    Args:
        is_late: it ended late, or is open and late now.
        late_minutes: office minutes after the promise; None where it was kept, or cannot be told.
        late_cause: of ``engine.domain.dossier.Cause``.
        charged_side: who took most of the time, of ``time_ledger.Side``; ``charged_to`` names the unit or agency.
    """

    dossier_id: str
    code: str | None
    procedure_code: str
    procedure_name: str
    level: str
    field: str
    agency: str
    unit: str | None
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome
    is_late: bool
    late_minutes: int | None
    late_cause: str | None
    charged_side: str | None
    charged_to: str | None
    source: str | None

    @property
    def reference(self) -> str:
        """What the address of its page takes."""
        return self.code or self.dossier_id

    def as_json(self) -> dict[str, Any]:
        """Return the facts of the line, with its address in the API."""
        return {
            "dossier": self.reference,
            "href": f"/api/v1/dossiers/{self.reference}",
            "procedure_code": self.procedure_code,
            "procedure_name": self.procedure_name,
            "level": self.level,
            "field": self.field,
            "agency": self.agency,
            "unit": self.unit,
            "received_at": self.received_at.isoformat(),
            "due_at": None if self.due_at is None else self.due_at.isoformat(),
            "closed_at": None if self.closed_at is None else self.closed_at.isoformat(),
            "outcome": self.outcome.value,
            "late": self.is_late,
            "late_minutes": self.late_minutes,
            "late_cause": self.late_cause,
            "charged_side": self.charged_side,
            "charged_to": self.charged_to,
            "source": self.source,
        }


def entries(scope: Scope, query: Any) -> list[Entry]:
    """Return a line for each fact of the query, by code.

    Args:
        query: of ``DossierFact`` as a whole.
    """
    found = scope.uow.session.scalars(query.order_by(DossierFact.code, DossierFact.dossier_id))
    return [entry(scope, row, late_minutes=row.late_minutes) for row in found]


def entry(scope: Scope, row: DossierFact, *, late_minutes: int | None) -> Entry:
    """Return the line of a fact."""
    calendar = scope.localities.calendar(row.resolving_agency_id)
    procedure = scope.procedure(row.procedure_code)

    def local(at: datetime | None) -> datetime | None:
        return None if at is None else calendar.local(at)

    return Entry(
        dossier_id=str(row.dossier_id),
        code=row.code,
        procedure_code=row.procedure_code,
        procedure_name=procedure.name,
        level=procedure.group.level,
        field=procedure.group.field,
        agency=_agency_name(scope, row.resolving_agency_id) or "",
        unit=None if row.unit_id is None else scope.units.get(row.unit_id, ("", ""))[1] or None,
        received_at=calendar.local(row.received_at),
        due_at=local(row.due_at),
        closed_at=local(row.closed_at),
        outcome=Outcome(row.outcome),
        is_late=_is_late(scope, row),
        late_minutes=late_minutes,
        late_cause=row.late_cause,
        charged_side=row.charged_side,
        charged_to=_charged(scope, row),
        source=row.source,
    )


def _is_late(scope: Scope, row: DossierFact) -> bool:
    if row.closed_at is None:
        return row.late_after is not None and row.late_after < scope.now
    return row.late_on != NEVER


def _charged(scope: Scope, row: DossierFact) -> str | None:
    if row.charged_unit_id is not None and row.charged_unit_id in scope.units:
        return scope.units[row.charged_unit_id][1]
    return None if row.charged_agency_id is None else _agency_name(scope, row.charged_agency_id)


def _agency_name(scope: Scope, agency: Any) -> str | None:
    known = scope.localities.agencies.get(agency)
    return None if known is None else known.name
