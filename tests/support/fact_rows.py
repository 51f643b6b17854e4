"""Facts of dossiers that never were: made at random or by hand, and written with their journal or as cells."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId, DossierId, OfficerId, ProcedureId, UnitId
from engine.domain.rollups import half_of, quarter_of
from engine.domain.statistics import NEVER, Apologised, Fact, Outcome
from engine.store.facts import DossierFact, RollupCell, RollupDelta, RollupTime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_HALVES = ("received", "closed", "late", "apologised", "unkept")


@dataclass(frozen=True, slots=True)
class World:
    """What facts are made of: agencies, procedures (id, code), units, officers, and the present."""

    agencies: Sequence[AgencyId]
    procedures: Sequence[tuple[ProcedureId, str]]
    now: datetime
    units: Sequence[UnitId | None] = (None,)
    officers: Sequence[OfficerId | None] = (None,)

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(ZONE).date()


def a_fact(world: World, no: int = 1, **changes: Any) -> Fact:
    """Return a fact: received on Monday 2 March 2026, open, with a promise for ever; what is given differs."""
    received_on = changes.pop("received_on", date(2026, 3, 2))
    fact = Fact(
        dossier_id=DossierId(UUID(int=no)),
        code=f"H00-{no:06}",
        receiving_agency_id=world.agencies[0],
        resolving_agency_id=world.agencies[0],
        returning_agency_id=world.agencies[0],
        procedure_id=world.procedures[0][0],
        procedure_code=world.procedures[0][1],
        channel=Channel.DIRECT,
        unit_id=world.units[0],
        officer_id=world.officers[0],
        received_at=datetime.combine(received_on, time(9), ZONE),
        received_on=received_on,
        due_at=None,
        late_after=None,
        late_on=None,
        closed_at=None,
        closed_on=None,
        outcome=Outcome.OPEN,
        apologised=Apologised.NONE,
        apologised_on=None,
        unkept_on=None,
        used_minutes=None,
        limit_minutes=None,
        legal_minutes=None,
    )
    return replace(fact, **changes)


def random_facts(world: World, *, seed: int, count: int, days: int = 70) -> list[Fact]:
    """Return facts of the last days, whose days can be true together."""
    dice = random.Random(seed)
    return [_random_fact(world, dice, no, days) for no in range(1, count + 1)]


def _random_fact(world: World, dice: random.Random, no: int, days: int) -> Fact:
    received_on = world.today - timedelta(days=dice.randrange(days))
    agencies = {f"{role}_agency_id": dice.choice(world.agencies) for role in ("receiving", "resolving", "returning")}
    procedure_id, code = dice.choice(world.procedures)
    fact = a_fact(
        world,
        no,
        received_on=received_on,
        **agencies,
        procedure_id=procedure_id,
        procedure_code=code,
        channel=dice.choice(list(Channel)),
        unit_id=dice.choice(world.units),
        officer_id=dice.choice(world.officers),
    )
    fact = _promised(dice, _closed(world, dice, fact))
    return _timed(dice, _apologised(dice, fact))


def _closed(world: World, dice: random.Random, fact: Fact) -> Fact:
    closed_on = fact.received_on + timedelta(days=dice.randrange(40))
    if closed_on > world.today or dice.random() < 0.2:
        return fact
    outcome = dice.choice([each for each in Outcome if each is not Outcome.OPEN])
    closed_at = datetime.combine(closed_on, time(dice.randrange(1, 7)), ZONE)
    return replace(fact, closed_at=min(closed_at, world.now), closed_on=closed_on, outcome=outcome)


def _promised(dice: random.Random, fact: Fact) -> Fact:
    """Promise a date by either rule; a dossier that was closed in time has no day on which it was late."""
    if fact.outcome in (Outcome.OPEN, Outcome.WITHDRAWN, Outcome.STOPPED) and dice.random() < 0.2:
        return fact  # its clock stands
    last = 40 if fact.closed_on is None else max(0, (fact.closed_on - fact.received_on).days)
    late_on = fact.received_on + timedelta(days=dice.randrange(last + 1))
    by_instant = dice.random() < 0.5
    due_at = datetime.combine(late_on if by_instant else late_on - timedelta(days=1), time(dice.randrange(7, 20)), ZONE)
    late_after = due_at if by_instant else datetime.combine(late_on, time.min, ZONE) - timedelta(microseconds=1)
    in_time = fact.outcome in (Outcome.EARLY, Outcome.ON_TIME)
    if in_time or (fact.closed_on is not None and fact.outcome is not Outcome.LATE and dice.random() < 0.5):
        return replace(fact, due_at=due_at, late_after=late_after)
    return replace(fact, due_at=due_at, late_after=late_after, late_on=late_on)


def _apologised(dice: random.Random, fact: Fact) -> Fact:
    if dice.random() < 0.6:
        return fact
    sent_on = fact.received_on + timedelta(days=dice.randrange(40))
    kind = dice.choice([each for each in Apologised if each is not Apologised.NONE])
    unkept_on = sent_on + timedelta(days=dice.randrange(1, 30))
    passes = kind is Apologised.UNKEPT or (kind is Apologised.SENT and dice.random() < 0.5)
    return replace(fact, apologised=kind, apologised_on=sent_on, unkept_on=unkept_on if passes else None)


def _timed(dice: random.Random, fact: Fact) -> Fact:
    if fact.closed_on is None or dice.random() < 0.1:
        return fact
    legal = dice.choice([None, dice.randrange(1, 10_000)])
    return replace(fact, used_minutes=dice.randrange(4000), limit_minutes=dice.randrange(1, 4000), legal_minutes=legal)


# --- rows -----------------------------------------------------------------------------------------------------------


def write(ctx: Context, facts: Collection[Fact], *, folded: Collection[Fact] = ()) -> None:
    """Write facts with their journal; for those that are folded, cells instead."""
    folded_ids = {fact.dossier_id for fact in folded}
    rows = [row_of(fact) for fact in facts]
    with ctx.unit_of_work() as uow:
        uow.session.add_all(DossierFact(**row) for row in rows)
        uow.session.add_all(RollupDelta(**_delta(row)) for row in rows if row["dossier_id"] not in folded_ids)
        uow.session.add_all(cells([row for row in rows if row["dossier_id"] in folded_ids]))


def row_of(fact: Fact, **changes: Any) -> dict[str, Any]:
    """Return the values of ``DossierFact``; what is given differs."""
    names = tuple(fact.__dataclass_fields__)
    row = {name: getattr(fact, name) for name in names}
    row |= {name: NEVER for name in names if name.endswith("_on") and row[name] is None}
    timed = fact.used_minutes is not None and fact.limit_minutes
    percent = -(-100 * (fact.used_minutes or 0) // (fact.limit_minutes or 1)) if timed else -1
    row |= {"percent_used": percent, "members": 1, "event_seq": 1}
    row |= dict.fromkeys(("late_minutes", "late_cause", "charged_side", "charged_agency_id", "charged_unit_id"))
    row |= dict.fromkeys(("has_obligation", "paid_online", "has_result", "electronic_result"), False)
    row |= dict.fromkeys(("papers", "digitised", "reused"), 0) | {"source": None}
    return row | changes


def _rolled(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("procedure_code", "channel", "outcome")}
    days = {name: row[f"{name}_on"] for name in _HALVES}
    days["apologised"] = max(days["apologised"], days["late"])
    days["unkept"] = max(days["unkept"], days["apologised"])
    kept["apologised"] = row["apologised"] if days["apologised"] != NEVER else Apologised.NONE
    return kept | {f"{name}_half": half_of(on) for name, on in days.items()}


def _delta(row: dict[str, Any]) -> dict[str, Any]:
    agencies = {name: row[name] for name in row if name.endswith("_agency_id") and not name.startswith("charged")}
    minutes = {name: row[name] for name in ("used_minutes", "limit_minutes", "legal_minutes", "percent_used")}
    return {"weight": 1} | _rolled(row) | agencies | minutes


def cells(rows: Sequence[dict[str, Any]]) -> list[RollupCell | RollupTime]:
    """Add rows up, by the plainest way there is."""
    counted: dict[tuple[Any, ...], Counter[str]] = {}
    times: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        rolled = _rolled(row)
        codes = {"procedure": rolled.pop("procedure_code"), "channel": str(rolled.pop("channel"))}
        for grain in ("receiving", "resolving", "returning", *codes):
            named = {"agency_id": 0 if grain in codes else row[f"{grain}_agency_id"], "code": codes.get(grain, "")}
            by_quarter = {key: quarter_of(each) if key.endswith("half") else each for key, each in rolled.items()}
            for alike in ({"grain": grain} | named | rolled, {"grain": f"{grain}-q"} | named | by_quarter):
                counted.setdefault(tuple(alike.items()), Counter()).update(_minutes(row))
            if grain in ("resolving", "procedure") and row["percent_used"] >= 0:
                begins = {"": half_of, "-q": quarter_of, "-y": lambda on: on.replace(month=1, day=1)}
                for suffix, begin in begins.items():
                    when = {"closed_from": begin(row["closed_on"]), "percent_used": row["percent_used"]}
                    times[tuple(({"grain": grain + suffix} | named | when).items())] += 1
    sums = (
        "dossiers",
        "online",
        "timed",
        "used_minutes",
        "limit_minutes",
        "legal_timed",
        "legal_used_minutes",
        "legal_minutes",
    )
    made: list[RollupCell | RollupTime] = [
        RollupCell(**dict(key), **{name: numbers[name] for name in sums}) for key, numbers in counted.items()
    ]
    return made + [RollupTime(**dict(key), dossiers=count) for key, count in times.items()]


def _minutes(row: dict[str, Any]) -> dict[str, int]:
    counted = {"dossiers": 1, "online": int(row["channel"] == "online")}
    if row["percent_used"] < 0:
        return counted
    timed = counted | {"timed": 1, "used_minutes": row["used_minutes"], "limit_minutes": row["limit_minutes"]}
    if row["legal_minutes"] is None:
        return timed
    return timed | {"legal_timed": 1, "legal_used_minutes": row["used_minutes"], "legal_minutes": row["legal_minutes"]}
