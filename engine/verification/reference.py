"""What all dossiers share, read once: agencies, units, officers, calendars, procedure versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpmn import decisions
from bpmn import model as models
from bpmn.errors import BpmnError
from engine.domain.calendar import WorkingCalendar
from engine.domain.events import digest
from engine.domain.forms import Asked, Facts, fields_of, routed
from engine.domain.limits import Limit
from engine.errors import EngineError
from engine.verification.letter_settings import Leads
from engine.verification.slow_time import Office


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What a dossier needs of its procedure version; read from the model again, not from the row's copies."""

    id: int
    procedure_id: int
    model: str
    decisions: str
    form: dict[str, Any]
    limit: str
    fee_vnd: int | None
    policy: dict[str, Any]
    steps: dict[str, models.StepFacts]
    stages: tuple[tuple[int, Limit], ...]  #: number and share of the stages up to the end of processing

    @property
    def limits(self) -> list[str]:
        """The limits of its promises, as they are written: one, or those of two appointments (domain.md §1.7)."""
        texts = self.policy.get("appointments") or [self.limit]
        return [str(Limit.parse(text)) for text in texts]

    def decided(self, facts: Facts) -> tuple[str, int | None]:
        """Return the limit of promise 1 and the fee of a case; a version of two appointments decides no limit.

        Raises:
            InvalidDecisionError: the decisions do not decide this case.
        """
        limit, fee = self.limits[0], self.fee_vnd
        tables = decisions.parse(self.decisions) if self.decisions else None
        if tables is None:
            return limit, fee
        asked = {name: None for name, field in fields_of(self.form).items() if field.asked is Asked.RECEIPT}
        data = {**asked, **routed(self.form, facts)}
        if "limit" in tables.ids and len(self.limits) == 1:
            limit = str(Limit.parse(str(tables.evaluate("limit", data)["limit"])))
        if "fee" in tables.ids:
            fee = int(str(tables.evaluate("fee", data)["fee_vnd"]))
        return limit, fee

    @property
    def decides_fee(self) -> bool:
        """Whether a table says the fee: then no list does."""
        return bool(self.decisions) and "fee" in decisions.parse(self.decisions).ids

    def stages_of(self, left_at: int | None) -> list[tuple[int, Limit]]:
        """Return the stages of the appointment in force.

        Args:
            left_at: the stage at which the first of two ended, None while it runs.
        """
        if len(self.limits) == 1:
            return list(self.stages)
        if left_at is not None:
            return [each for each in self.stages if each[0] > left_at]
        pausing = [
            step.stage
            for step in self.steps.values()
            if step.pauses_clock and not step.ends_processing and step.phase.value != "return"
        ]
        return [each for each in self.stages if not pausing or each[0] <= min(pausing)]


@dataclass(slots=True)
class Reference:
    """Shared rows by id. A version or calendar whose content does not match its name is left out."""

    agencies: dict[int, dict[str, Any]] = field(default_factory=dict)
    units: dict[int, dict[str, Any]] = field(default_factory=dict)
    officers: frozenset[int] = frozenset()
    absences: list[dict[str, Any]] = field(default_factory=list)
    fees: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  #: by procedure
    versions: dict[int, VersionFacts] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    version_ids: frozenset[int] = frozenset()  #: of all kept versions, also those that are left out above
    calendar_names: frozenset[str] = frozenset()  #: likewise
    leads: Leads = field(default_factory=Leads)
    calendar_changes: frozenset[datetime] = frozenset()  #: when the clock process was asked to look at all again

    def late_rule(self, agency: int) -> str:
        """Return the late rule of an agency as it is now."""
        return str(self.agencies.get(agency, {}).get("late_rule", "day"))

    def agency_code(self, agency: int) -> str:
        """Return the code of an agency, its id when there is none."""
        return str(self.agencies.get(agency, {}).get("code", agency))

    def others(self, version: str) -> list[Office]:
        """Return the calendars other than one: what may have been in force at another time."""
        return [office for name, office in self.offices.items() if name != version]


def version_hash(row: dict[str, Any]) -> str:
    """Return the name that a procedure version must have: the hash of its model and policy.

    Raises:
        BpmnError: the model is not well-formed.
    """
    decided = [row["decisions"], row["form"]] if row["decisions"] or row["form"] else []
    return digest([models.content_hash(row["model"]), row["policy"], *decided])


def version_facts(row: dict[str, Any]) -> VersionFacts | None:
    """Return the facts of a version, None when its content does not match its name."""
    try:
        if version_hash(row) != row["content_hash"]:
            return None
        facts = models.facts(row["model"])
        last = max((step.stage for step in facts.steps.values() if step.ends_processing), default=0)
        return VersionFacts(
            id=row["id"],
            procedure_id=row["procedure_id"],
            model=row["model"],
            decisions=row["decisions"] or "",
            form=row["form"] or {},
            limit=facts.limit,
            fee_vnd=facts.fee_vnd,
            policy=row["policy"],
            steps=dict(facts.steps),
            stages=tuple((stage.no, Limit.parse(stage.limit)) for stage in facts.stages if stage.no <= last),
        )
    except (BpmnError, EngineError, TypeError, ValueError):
        return None


def calendar_name(content: Any) -> str:
    """Return the name that a calendar version must have: the hash of its content, ``unreadable`` when it is none."""
    try:
        return WorkingCalendar.from_content(content).version
    except (EngineError, TypeError, AttributeError):
        return "unreadable"
