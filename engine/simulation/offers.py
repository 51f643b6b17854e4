"""What may be filed in a simulation: the open procedures of agencies, with the weights of their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bpmn import model
from bpmn.model import ModelFacts, StepFacts
from engine.domain.forms import Asked, fields_of
from engine.domain.ids import AgencyId, VersionId
from engine.domain.limits import Limit, Unit
from engine.errors import InvalidInputError
from engine.services import acceptance
from engine.store.agencies import Agency
from engine.store.procedures import ProcedureNotFoundError
from engine.store.unit_of_work import UnitOfWork

HOURS_OF_A_DAY = 8
LEAST_WEIGHT = 0.05  #: of a step whose stage has no share: somebody still has to do it


class NothingPublishedError(InvalidInputError):
    """The agency has no open procedure that dossiers could be filed for."""

    code = "nothing-published"


@dataclass(frozen=True, slots=True)
class Place:
    """An agency as a receiver of dossiers."""

    id: AgencyId
    code: str
    one_stop: str  #: code of its one-stop unit


@dataclass(frozen=True, slots=True)
class Offer:
    """A procedure of an agency, and where it may be filed."""

    code: str
    resolving: Place
    receiving: tuple[Place, ...]  #: the resolving agency first; the others are non-territorial (domain.md §1.12)
    facts: ModelFacts
    policy: dict[str, Any]
    form: tuple[dict[str, Any], ...]  #: the fields that are asked at receipt
    days: float  #: the limit, roughly, in working days
    weights: dict[str, float]  #: node → part of the work, for the steps up to the end of processing, in order

    @property
    def asks_supplements(self) -> bool:
        """Whether the procedure allows a request to supplement."""
        return bool(self.policy["supplement"]["max"] > 0)

    @property
    def is_wide(self) -> bool:
        """Whether it is more than a step table: roles, partners, items, and so perhaps waits."""
        steps = self.facts.steps.values()
        return any(step.role is not None or step.agency is not None or step.outcomes for step in steps)

    def processing_nodes(self) -> list[str]:
        """Return the nodes of the steps at which a dossier is processed, in order."""
        return [node for node in self.weights if self.facts.steps[node].phase == "processing"]

    def share_left(self, node: str, slowness: float) -> float:
        """Return which part of the time left belongs to this step, 1 for the last one."""
        nodes = list(self.weights)
        if node not in self.weights:
            return 1.0
        own = self.weights[node] * slowness
        later = sum(self.weights[after] for after in nodes[nodes.index(node) + 1 :])
        return own / (own + later)


def offers_of(
    uow: UnitOfWork, agency: Agency, codes: Sequence[str] | None, *, at: datetime, also_at: Sequence[Agency] = ()
) -> list[Offer]:
    """Return the open, published procedures of an agency by code.

    Args:
        codes: only these; None for all.
        at: the instant whose versions are taken.
        also_at: other agencies whose desks receive them.

    Raises:
        ProcedureNotFoundError: one of the codes is not published here, or closed.
        NothingPublishedError: there is none at all.
    """
    rows = [row for row in uow.procedures.all(agency.id) if row.is_open and not acceptance.is_retired(row, at)]
    taken = uow.procedures.in_force_of(rows, at) if rows else {}
    open_here = {row.code: taken[row.id] for row in rows if row.id in taken}
    for code in codes or ():
        if code not in open_here:
            raise ProcedureNotFoundError(
                f"agency {agency.code} has no open procedure with code {code!r}", procedure_code=code
            )
    wanted = sorted(open_here) if codes is None else sorted(set(codes))
    if not wanted:
        raise NothingPublishedError(f"agency {agency.code} has no published procedure; run 'motcua procedures import'")
    places = tuple(_place(uow, place) for place in (agency, *also_at))
    return [_offer(uow, code, open_here[code], places) for code in wanted]


def _offer(uow: UnitOfWork, code: str, version_id: VersionId, places: tuple[Place, ...]) -> Offer:
    version = uow.procedures.version(version_id)
    facts = model.facts(version.model)
    return Offer(
        code=code,
        resolving=places[0],
        receiving=places,
        facts=facts,
        policy=version.policy,
        form=tuple(field.as_json() for field in fields_of(version.form).values() if field.asked is Asked.RECEIPT),
        days=_days(version.limit),
        weights=_weights(facts),
    )


def _place(uow: UnitOfWork, agency: Agency) -> Place:
    units = uow.agencies.units(agency.id)
    for unit in units:
        if unit.is_one_stop:
            return Place(agency.id, agency.code, unit.code)
    raise NothingPublishedError(f"agency {agency.code} has no one-stop unit; it cannot receive dossiers")


def _days(limit: str) -> float:
    in_days = {Unit.WORKING_DAY: 1.0, Unit.WORKING_HOUR: 1 / HOURS_OF_A_DAY, Unit.CALENDAR_DAY: 5 / 7}
    return sum(float(segment.amount) * in_days[segment.unit] for segment in Limit.parse(limit).segments)


def _weights(facts: ModelFacts) -> dict[str, float]:
    steps = [step for step in facts.steps.values() if step.order > 0]
    last = max((step.order for step in steps if step.ends_processing), default=len(steps))
    counted = [step for step in steps if step.order <= last]
    return {step.node: _weight(step, counted) for step in counted}


def _weight(step: StepFacts, counted: Sequence[StepFacts]) -> float:
    in_stage = sum(1 for other in counted if other.stage == step.stage)
    return max(LEAST_WEIGHT, _days(step.stage_limit) / in_stage)
