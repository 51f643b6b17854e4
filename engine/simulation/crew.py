"""The officers of a simulation: those who are there, and made-up ones for units that have nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import WORKING
from engine.services import people
from engine.services.step_units import ITEM
from engine.simulation.chance import stream
from engine.simulation.offers import Offer, Place
from engine.store.agencies import UnitNotFoundError
from engine.store.unit_of_work import UnitOfWork

AT_THE_DESK, IN_THE_UNIT = "desk", "unit"  #: who receives and returns, and who processes
WANTED = {AT_THE_DESK: 3, IN_THE_UNIT: 2}  #: made-up officers of a unit that has nobody
USERNAME, NAME, TITLE = "mo-phong", "Cán bộ mô phỏng", "Mô phỏng"
ROLES = {AT_THE_DESK: Role.DESK, IN_THE_UNIT: Role.OFFICER}


@dataclass(frozen=True, slots=True)
class Member:
    """An officer at work; ``slowness`` 1 is the usual speed."""

    actor: Actor
    slowness: float


@dataclass
class Crew:
    """Who works where, by agency."""

    seed: int
    units: dict[tuple[AgencyId, str, str], list[Member]] = field(default_factory=dict)
    approvers: dict[AgencyId, list[Actor]] = field(default_factory=dict)
    drafters: dict[AgencyId, list[Actor]] = field(default_factory=dict)
    added: int = 0  #: officers made for this simulation

    def at_desk(self, offer: Offer, receiving: Place, rng: Random) -> Member:
        """Return a desk officer of the unit that receives: the procedure's first, or the one-stop unit elsewhere."""
        unit = offer.facts.first_unit if receiving.id == offer.resolving.id else receiving.one_stop
        return rng.choice(self.units[(receiving.id, unit, AT_THE_DESK)])

    def for_step(self, offer: Offer, receiving: Place, node: str, rng: Random) -> Member:
        """Return an officer of the unit that does this step: of the receiving agency for the desk's steps elsewhere."""
        step = offer.facts.steps[node]
        kind = _kind(step.phase)
        if kind == AT_THE_DESK and step.unit == offer.facts.first_unit and receiving.id != offer.resolving.id:
            return self.at_desk(offer, receiving, rng)
        return rng.choice(self.units[(offer.resolving.id, step.unit, kind)])

    def approver(self, place: Place, rng: Random) -> Actor:
        """Return one who signs for the agency."""
        return rng.choice(self.approvers[place.id])

    def drafter(self, place: Place, rng: Random) -> Actor:
        """Return one who writes the agency's apologies."""
        return rng.choice(self.drafters[place.id])


def gather(ctx: Context, offers: Iterable[Offer], *, seed: int) -> Crew:
    """Find the officers of all units that the procedures need, and add made-up ones where there is nobody."""
    crew = Crew(seed)
    places: dict[AgencyId, Place] = {}
    needed: dict[tuple[AgencyId, str, str], Place] = {}
    for offer in offers:
        needed[(offer.resolving.id, offer.facts.first_unit, AT_THE_DESK)] = offer.resolving
        for place in offer.receiving:
            places[place.id] = place
            if place.id != offer.resolving.id:
                needed[(place.id, place.one_stop, AT_THE_DESK)] = place
        for step in offer.facts.steps.values():
            if step.role is not None or step.agency is not None or step.unit == ITEM:
                continue  # found when the task is open: see stand_ins
            needed[(offer.resolving.id, step.unit, _kind(step.phase))] = offer.resolving
    for key in sorted(needed):
        crew.units[key] = _unit(ctx, crew, needed[key], key[1], key[2])
    for agency_id in sorted(places):
        _leaders(ctx, crew, places[agency_id])
    return crew


def engage(
    ctx: Context, crew: Crew, place: Place, role: Role, unit: str, able: list[tuple[str, Actor]]
) -> list[Member]:
    """Return these officers as members, or a made-up one with the role in the unit where there are none."""
    return [_member(crew.seed, username, actor) for username, actor in able or [_add(ctx, crew, place, role, [unit])]]


def _kind(phase: str) -> str:
    return AT_THE_DESK if phase in ("reception", "return") else IN_THE_UNIT


def _unit(ctx: Context, crew: Crew, place: Place, unit_code: str, kind: str) -> list[Member]:
    with ctx.unit_of_work(read_only=True) as uow:
        found = list(_able(uow, place, unit_code, kind))
    for _ in range(0 if found else WANTED[kind]):
        found.append(_add(ctx, crew, place, ROLES[kind], [unit_code]))
    return [_member(crew.seed, username, actor) for username, actor in found]


def _able(uow: UnitOfWork, place: Place, unit_code: str, kind: str) -> Iterator[tuple[str, Actor]]:
    unit = uow.agencies.find_unit(place.id, unit_code)
    if unit is None:
        raise UnitNotFoundError(f"agency {place.code} has no unit {unit_code!r}; import its procedures again")
    roles = (Role.DESK,) if kind == AT_THE_DESK else WORKING
    for officer in uow.people.members(unit.id):
        actor = uow.people.actor(officer.id)
        if actor.holds(place.id, roles):
            yield officer.username, actor


def _leaders(ctx: Context, crew: Crew, place: Place) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        approvers = [uow.people.actor(row.id) for row in uow.people.with_role(place.id, Role.APPROVER)]
        drafters = [uow.people.actor(row.id) for row in uow.people.with_role(place.id, Role.OFFICER)]
    crew.approvers[place.id] = approvers or [_add(ctx, crew, place, Role.APPROVER, [])[1]]
    crew.drafters[place.id] = drafters or crew.approvers[place.id]


def _add(ctx: Context, crew: Crew, place: Place, role: Role, units: list[str]) -> tuple[str, Actor]:
    with ctx.unit_of_work(read_only=True) as uow:
        no = 1
        while uow.people.find(_username(place, no)) is not None:
            no += 1
    crew.added += 1
    facts = people.add_officer(
        ctx,
        by=SYSTEM,
        username=_username(place, no),
        name=f"{NAME} {no:02d}",
        roles=[role],
        agency_id=place.id,
        unit_codes=units,
        title=TITLE,
    )
    return facts.username, facts.actor


def _username(place: Place, no: int) -> str:
    return f"{USERNAME}-{place.code.lower()}-{no:02d}"


def _member(seed: int, username: str, actor: Actor) -> Member:
    return Member(actor, stream(seed, "officer", username).uniform(0.6, 1.5))
