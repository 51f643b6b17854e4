"""The demo: a made-up city with two wards, their procedures and people, and dossiers that end at this very moment.

Procedures follow domain.md §8; every name, number and address is made up. The dossiers are lived by the simulation
through the real services, so that nothing in a demo is different from what people do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from random import Random

from bpmn import references
from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.calendar import WorkingCalendar
from engine.domain.clock import TurnedClock
from engine.domain.dossier import LetterState, Status
from engine.errors import ConflictError
from engine.reports import worklists
from engine.seeds import base, demo_periods, demo_plans
from engine.seeds.demo_people import ASKED, CITY, PASSWORD, PEOPLE, UNITS, WARDS, DemoPerson, Place, citizen_name
from engine.services import calendars, imports, people, procedure_library
from engine.services.intake import Person
from engine.simulation import citizens, plans
from engine.simulation.offers import Offer, offers_of
from engine.simulation.plans import Fate, Period, Show
from engine.simulation.working_time import earlier
from engine.simulation.world import Progress, World
from engine.store.agencies import Agency, Unit
from engine.store.unit_of_work import UnitOfWork

TABLES = Path(__file__).with_name("demo_procedures.json")
CITY_CODES = ("2.000635", "2.000815")  #: what the city resolves itself; the wards have everything
LIBRARY = ("3.000527", "1.004873", "1.013225", "LT297.3", "LT297.2", "LT297.1")  #: of the first ward
WORKING_DAYS = 55  #: how far back the demo begins
DOSSIERS = 220
LATE_SHARE = 0.1
SEED = 118

SIGN_INS = tuple((person.username, PASSWORD, person.label) for person in PEOPLE if person.label)

# What a visitor must find, whatever the chances: each status, and letters in each state.
SHOWS = (
    *(Show(days, Status.SUBMITTED) for days in (0.05, 0.2, 0.4)),
    *(Show(days, Status.RECEIVED, limits=(1, 27)) for days in (0.02, 0.06, 0.1, 0.2)),
    *(Show(days, Status.SUPPLEMENT, Fate.SUPPLEMENT, limits=(1, 4)) for days in (4, 5, 7)),
    *(Show(days, Status.OBLIGATION, Fate.OBLIGATION, limits=(1, 4)) for days in (3, 6)),
    *(Show(days, Status.FINISHED, limits=(0.2, 3)) for days in (4, 5, 8, 9)),
    *(Show(days, Status.PROCESSING, limits=(1, 3)) for days in (5, 6, 9, 12)),  # late, and still open
    *(Show(days, Status.PROCESSING, limits=(1, 3), letter_stays=LetterState.DRAFT) for days in (6, 8)),
    *(Show(days, Status.PROCESSING, limits=(1, 3), letter_stays=LetterState.APPROVED) for days in (7, 10)),
    *(Show(days, fate=Fate.WITHDRAWN, limits=(1, 4)) for days in (6, 11)),
    *(Show(days, fate=Fate.STOPPED, limits=(1, 4)) for days in (7, 14)),
    *(Show(days, fate=Fate.NOT_RECEIVED, limits=(0.2, 4)) for days in (3, 8)),
    *(Show(days, fate=Fate.REFUSED, limits=(1, 4)) for days in (6, 9)),
    *(Show(days, Status.PROCESSING, of="1.013225", at="opinions__answer") for days in (7, 8, 9)),  # opinions asked
    *(Show(days, limits=(0.2, 7)) for days in (0.03, 0.08, 0.15, 0.25, 0.35, 0.5)),  # the counter of today
)


class DatabaseNotEmptyError(ConflictError):
    """A demo is loaded into a database without dossiers only."""

    code = "database-not-empty"


@dataclass(frozen=True, slots=True)
class DemoFacts:
    """What was loaded; ``sign_ins`` are (sign-in name, password, who they are)."""

    agencies: int
    procedures: int
    dossiers: int
    sign_ins: tuple[tuple[str, str, str], ...]


def check_is_empty(ctx: Context) -> None:
    """Refuse a database that somebody works with.

    Raises:
        DatabaseNotEmptyError: it has dossiers.
    """
    if worklists.page(ctx, by=SYSTEM, limit=1).items:
        raise DatabaseNotEmptyError("the database has dossiers already; load the demo into an empty one")


def load(ctx: Context, *, dossiers: int = DOSSIERS, progress: Progress | None = None) -> DemoFacts:
    """Load the demo; it ends at the present moment. What a load that was cut short left is kept.

    Args:
        dossiers: how many are filed, at least one for each procedure and show.
        progress: told which part of the demo's time has passed.
    """
    base.ensure(ctx)
    end_at = ctx.clock.now().replace(microsecond=0)
    calendar = _calendar(ctx)
    from_at = _midnight(calendar, earlier(calendar, end_at, WORKING_DAYS))
    then = replace(ctx, clock=TurnedClock(from_at))  # agencies, procedures and people were there before the dossiers
    _make_agencies(then)
    count = _publish(then)
    demo_plans.register(then)
    for person in PEOPLE:
        _add_person(then, person)
    offers = _offers(ctx)
    drawn = plans.draw(
        seed=SEED, dossiers=dossiers, offers=offers, period=Period(from_at, end_at, calendar), late_share=LATE_SHARE,
        shows=SHOWS,
    )  # fmt: skip
    world = World(ctx, from_at=from_at, end_at=end_at, offers=offers, citizens=_citizen, seed=SEED)
    course = world.run(drawn, tidy=False, progress=progress)
    now, today = replace(ctx, clock=TurnedClock(end_at)), calendar.local_date(end_at)
    demo_plans.load(now, today)
    demo_periods.load(now, today)
    return DemoFacts(1 + len(WARDS) + len(ASKED), count, len(course.dossiers), SIGN_INS)


def _calendar(ctx: Context) -> WorkingCalendar:
    with ctx.unit_of_work(read_only=True) as uow:
        return calendars.in_force(uow, uow.agencies.default().id)


def _midnight(calendar: WorkingCalendar, at: datetime) -> datetime:
    return calendar.at_local(datetime.combine(calendar.local_date(at), time.min))


def _make_agencies(ctx: Context) -> None:
    with ctx.unit_of_work() as uow:
        city = uow.agencies.find(CITY.code) or _city(uow)
        for place in WARDS:
            if uow.agencies.find(place.code) is None:
                ward = uow.agencies.add(Agency(code=place.code, name=place.name, parent_id=city.id))
                _describe(ward, place, superior=CITY.name)
                _add_units(uow, ward)
        for place, (unit, name), _role in ASKED:
            if uow.agencies.find(place.code) is None:
                asked = uow.agencies.add(Agency(code=place.code, name=place.name))
                _describe(asked, place, superior="")
                uow.agencies.add_unit(Unit(owner_agency_id=asked.id, code=unit, name=name))


def _city(uow: UnitOfWork) -> Agency:
    """Return the city: the default agency of an unused database under its own name, else a new one."""
    default = uow.agencies.default()
    unused = default.code == base.DEFAULT_CODE and not uow.procedures.all() and not uow.people.all()
    city = default if unused else uow.agencies.add(Agency(code=CITY.code, name=CITY.name))
    city.code = CITY.code
    _describe(city, CITY, superior="")
    for unit in uow.agencies.units(city.id):
        if unit.is_one_stop:
            unit.code, unit.name = UNITS[0]
    uow.flush()  # before the units are looked for by code
    _add_units(uow, city)
    return city


def _describe(agency: Agency, place: Place, *, superior: str) -> None:
    agency.name, agency.superior_name, agency.place, agency.phone = place.name, superior, place.short, place.phone


def _add_units(uow: UnitOfWork, agency: Agency) -> None:
    for at, (code, name) in enumerate(UNITS):
        if uow.agencies.find_unit(agency.id, code) is None:
            uow.agencies.add_unit(Unit(owner_agency_id=agency.id, code=code, name=name, is_one_stop=at == 0))


def _publish(ctx: Context) -> int:
    tables = json.loads(TABLES.read_text(encoding="utf-8"))
    for place in WARDS:
        taken = (
            LIBRARY if place is WARDS[0] else ()
        )  # the other one keeps its step tables: both look the same at a desk
        own = [table for table in tables if table["code"] not in taken]
        imports.import_tables(ctx, by=SYSTEM, data=own, agency=place.code)
        for code in taken:
            _publish_reference(ctx, code, place)
    of_city = [table for table in tables if table["code"] in CITY_CODES]
    imports.import_tables(ctx, by=SYSTEM, data=of_city, agency=CITY.code)
    return len({table["code"] for table in tables} | set(LIBRARY))


def _publish_reference(ctx: Context, code: str, place: Place) -> None:
    roles = procedure_library.roles_of(references.read(code))
    named = {role: asked.code for asked, _unit, role in ASKED} | {"co_quan_duoc_lay_y_kien": CITY.code}
    partners = {role: agency for role, agency in named.items() if role in roles}
    procedure_library.add(ctx, by=SYSTEM, code=code, agency=place.code, partners=partners)


def _add_person(ctx: Context, person: DemoPerson) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        if uow.people.find(person.username) is not None:
            return
    facts = people.add_officer(
        ctx,
        by=SYSTEM,
        username=person.username,
        name=person.name,
        title=person.title,
        roles=[person.role],
        agency_code=person.place.code,
        unit_codes=[person.unit] if person.unit else [],
        password=PASSWORD if person.label else None,
        email=f"{person.username}@example.invalid",
    )
    if person.role in (Role.ADMIN, Role.AUDITOR):  # those of the city look after the wards, too
        with ctx.unit_of_work() as uow:
            for place in WARDS:
                uow.people.grant(facts.id, uow.agencies.by_code(place.code).id, person.role)


def _offers(ctx: Context) -> Sequence[Offer]:
    offers: list[Offer] = []
    with ctx.unit_of_work(read_only=True) as uow:
        city = uow.agencies.by_code(CITY.code)
        wards = [uow.agencies.by_code(place.code) for place in WARDS]
        for ward in wards:
            others = [other for other in wards if other.id != ward.id]  # file anywhere (domain.md §1.12)
            offers += offers_of(uow, ward, None, at=ctx.clock.now(), also_at=[*others, city])
        offers += offers_of(uow, city, None, at=ctx.clock.now())
    return offers


def _citizen(no: int, rng: Random) -> Person:
    return citizens.person(citizen_name(rng), no, rng)
