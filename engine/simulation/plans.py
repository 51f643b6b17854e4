"""What will happen to each dossier of a simulation, drawn before anything happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Channel, LetterState, Status
from engine.errors import InvalidInputError
from engine.simulation.chance import deal, pick, stream
from engine.simulation.offers import Offer, Place
from engine.simulation.working_time import earlier

MORNING_SHARE = 0.65  #: of what comes to the counter
PILOT_SHARE = 0.15  #: of the period, at its beginning: one dossier of each procedure, so that each has a closed one
FIRST_HOUR_ONLINE, HOURS_ONLINE = 6, 17  #: people file from home between 06:00 and 23:00
ELSEWHERE_SHARE = 0.2  #: of dossiers that may be filed at another agency than the one which resolves them


class EmptyPeriodError(InvalidInputError):
    """Nothing can be received in the period of the simulation."""

    code = "empty-period"


class Fate(StrEnum):
    """The one unusual thing that happens to a dossier, if any (domain.md §1.6, §1.8, §1.10)."""

    USUAL = "usual"
    NOT_RECEIVED = "not_received"
    DESK_SUPPLEMENT = "desk_supplement"
    DESK_LAPSE = "desk_lapse"
    SUPPLEMENT = "supplement"
    LAPSE = "lapse"
    OBLIGATION = "obligation"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


AT_THE_DESK = frozenset({Fate.NOT_RECEIVED, Fate.DESK_SUPPLEMENT, Fate.DESK_LAPSE})
SHARES = {
    Fate.NOT_RECEIVED: 0.02,
    Fate.DESK_SUPPLEMENT: 0.02,
    Fate.DESK_LAPSE: 0.006,
    Fate.SUPPLEMENT: 0.06,
    Fate.LAPSE: 0.012,
    Fate.OBLIGATION: 0.025,
    Fate.REFUSED: 0.025,
    Fate.WITHDRAWN: 0.02,
    Fate.STOPPED: 0.008,
}
MAY_BE_LATE = frozenset({Fate.USUAL, Fate.SUPPLEMENT, Fate.OBLIGATION, Fate.REFUSED})
CHANNELS = (Channel.DIRECT, Channel.ONLINE, Channel.POSTAL)
CHANNEL_WEIGHTS = (0.55, 0.35, 0.1)


@dataclass(frozen=True, slots=True)
class Show:
    """A dossier that a demonstration must have: filed so long before the end, and held where it stands then."""

    days_before_end: float  #: working days
    hold: Status | None = None
    fate: Fate = Fate.USUAL
    limits: tuple[float, float] = (0.5, 7)  #: of procedures with such a limit, in working days
    letter_stays: LetterState | None = None
    of: str | None = None  #: code of its procedure, where one that has the node ``at`` is offered
    at: str | None = None  #: node at which it is held; None: the first step of processing


@dataclass(frozen=True, slots=True)
class Plan:
    """One dossier to be; officers hold it in ``hold`` and do not go on when it is set."""

    no: int
    offer: Offer
    receiving: Place
    channel: Channel
    arrives_at: datetime
    fate: Fate
    late: bool
    pace: float  #: part of the limit that the office takes when it is not late
    strikes_at: str  #: node of the step at which the fate strikes, or at which the dossier is held
    hold: Status | None = None
    letter_stays: LetterState | None = None  #: the apology is left in this state


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when dossiers arrive, on which calendar."""

    from_at: datetime
    end_at: datetime
    calendar: WorkingCalendar

    def slots(self) -> list[list[tuple[datetime, datetime]]]:
        """Return the office hours of each working day, cut to the period.

        Raises:
            EmptyPeriodError: there are none.
        """
        days = []
        for on in self._dates():
            cut = [
                (max(start, self.from_at), min(end, self.end_at))
                for start, end in self.calendar.slots(on)
                if start < self.end_at and end > self.from_at
            ]
            if cut:
                days.append(cut)
        if not days:
            raise EmptyPeriodError("the period has no office hours; give one with a working day")
        return days

    def _dates(self) -> Iterator[date]:
        on, last = self.calendar.local_date(self.from_at), self.calendar.local_date(self.end_at)
        while on <= last:
            yield on
            on += timedelta(days=1)


def draw(
    *, seed: int, dossiers: int, offers: Sequence[Offer], period: Period, late_share: float, shows: Sequence[Show] = ()
) -> list[Plan]:
    """Return the plans of all dossiers in the order of their numbers; a pilot of each procedure comes first.

    Raises:
        EmptyPeriodError: the period has no office hours.
    """
    rng = stream(seed, "plans")
    slots = period.slots()
    by_length = sorted(offers, key=lambda offer: (-offer.days, offer.code, offer.resolving.code))
    pilots = by_length[:dossiers]
    plans = [_pilot(seed, no, offer, slots, len(pilots)) for no, offer in enumerate(pilots)]
    plans += [_shown(seed, len(pilots) + at, show, offers, period) for at, show in enumerate(shows)]
    count = max(0, dossiers - len(plans))
    fates = deal(rng, count, SHARES, Fate.USUAL)
    late = _late(rng, fates, round(late_share * dossiers))
    for fate, is_late in zip(fates, late, strict=True):
        plans.append(_plan(seed, len(plans), _any(rng, offers), fate, is_late, slots, period))
    return plans


def _pilot(seed: int, no: int, offer: Offer, slots: list[list[tuple[datetime, datetime]]], count: int) -> Plan:
    rng = stream(seed, "plan", no)
    window = max(1, round(len(slots) * PILOT_SHARE))
    day = slots[no * window // max(count, 1)]
    return Plan(
        no=no, offer=offer, receiving=offer.resolving, channel=Channel.DIRECT, arrives_at=_in_hours(rng, day),
        fate=Fate.USUAL, late=False, pace=rng.uniform(0.3, 0.6), strikes_at="",
    )  # fmt: skip


def _shown(seed: int, no: int, show: Show, offers: Sequence[Offer], period: Period) -> Plan:
    rng = stream(seed, "plan", no)
    least, most = show.limits
    asks = show.fate in (Fate.SUPPLEMENT, Fate.LAPSE, Fate.DESK_SUPPLEMENT, Fate.DESK_LAPSE)
    fit = [offer for offer in offers if least <= offer.days <= most and (offer.asks_supplements or not asks)]
    named = [offer for offer in offers if offer.code == show.of and (show.at is None or show.at in offer.facts.steps)]
    offer = rng.choice(named or fit or list(offers))
    online = show.fate in AT_THE_DESK or show.hold is Status.SUBMITTED
    arrives_at = earlier(period.calendar, period.end_at, show.days_before_end).replace(microsecond=0)
    return Plan(
        no=no,
        offer=offer,
        receiving=offer.resolving,
        channel=Channel.ONLINE if online else Channel.DIRECT,
        arrives_at=max(period.from_at, arrives_at),
        fate=show.fate,
        late=False,
        pace=rng.uniform(0.3, 0.6),
        strikes_at=show.at if named and show.at else offer.processing_nodes()[0],
        hold=show.hold,
        letter_stays=show.letter_stays,
    )


def _plan(
    seed: int, no: int, offer: Offer, fate: Fate, late: bool, slots: list[list[tuple[datetime, datetime]]],
    period: Period,
) -> Plan:  # fmt: skip
    rng = stream(seed, "plan", no)
    channel = Channel.ONLINE if fate in AT_THE_DESK else pick(rng, CHANNELS, CHANNEL_WEIGHTS)
    day = rng.choice(slots)
    from_home = channel is Channel.ONLINE and rng.random() < 0.5
    elsewhere = len(offer.receiving) > 1 and rng.random() < ELSEWHERE_SHARE
    return Plan(
        no=no,
        offer=offer,
        receiving=rng.choice(offer.receiving[1:]) if elsewhere else offer.resolving,
        channel=channel,
        arrives_at=_from_home(rng, day, period) if from_home else _in_hours(rng, day),
        fate=fate,
        late=late,
        pace=rng.uniform(0.3, 0.85) if rng.random() < 0.75 else rng.uniform(0.9, 1.0),
        strikes_at=rng.choice(offer.processing_nodes()),
    )


def _late(rng: Random, fates: Sequence[Fate], wanted: int) -> list[bool]:
    can = [at for at, fate in enumerate(fates) if fate in MAY_BE_LATE]
    chosen = set(rng.sample(can, min(len(can), wanted)))
    return [at in chosen for at in range(len(fates))]


def _any(rng: Random, offers: Sequence[Offer]) -> Offer:
    """Return a procedure; short ones are asked for more often than long ones."""
    return pick(rng, offers, [0.1 + 3 / (3 + offer.days) for offer in offers])


def _in_hours(rng: Random, day: list[tuple[datetime, datetime]]) -> datetime:
    start, end = day[0] if len(day) == 1 or rng.random() < MORNING_SHARE else rng.choice(day[1:])
    return _whole_seconds(start + (end - start) * (rng.random() ** 1.3))


def _from_home(rng: Random, day: list[tuple[datetime, datetime]], period: Period) -> datetime:
    """Return an hour between 06:00 and 23:00 of that day or the next, which may be a day off."""
    on = period.calendar.local_date(day[0][0]) + timedelta(days=rng.randrange(2))
    opening = period.calendar.at_local(datetime.combine(on, time(FIRST_HOUR_ONLINE)))
    at = _whole_seconds(opening + timedelta(hours=HOURS_ONLINE) * rng.random())
    return at if period.from_at <= at <= period.end_at else _in_hours(rng, day)


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)
