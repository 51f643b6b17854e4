"""The course of a simulation: one instant after the other, dossiers and clock process in turn."""

from __future__ import annotations

import gc
import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from engine.context import Context
from engine.domain.calendar import WorkingCalendar
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Status
from engine.domain.ids import DossierId
from engine.errors import ConflictError
from engine.services import calendars, timekeeping
from engine.simulation import crew as crews
from engine.simulation.apology_desk import ApologyDesk
from engine.simulation.citizens import Citizens
from engine.simulation.crew import Crew
from engine.simulation.life import Life, Stage, Wakes
from engine.simulation.offers import Offer
from engine.simulation.plans import Plan

Progress = Callable[[int, int], None]  #: told what part of the simulated time has passed: done, total
BATCH = 200  #: limits that the clock process takes in one round


@dataclass(frozen=True, slots=True)
class Course:
    """What came of it: the dossiers that were filed, in the order of their plans."""

    crew: Crew
    dossiers: tuple[DossierId, ...]
    left_to_others: int  #: dossiers that somebody else moved meanwhile; the simulation left them alone


class World:
    """Runs the plans on a clock of its own."""

    def __init__(
        self,
        ctx: Context,
        *,
        from_at: datetime,
        end_at: datetime,
        offers: Sequence[Offer],
        citizens: Citizens,
        seed: int,
    ) -> None:
        self._clock = TurnedClock(from_at)
        self._from_at = from_at
        self._end_at = end_at
        self._ctx = replace(ctx, clock=self._clock)
        self._crew = crews.gather(self._ctx, offers, seed=seed)
        by_agency = _calendars(self._ctx, offers)
        self._stage = Stage(self._ctx, self._crew, by_agency, citizens, seed)
        self._letters = ApologyDesk(self._ctx, self._crew, by_agency, self._remind)
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._entries = 0
        self._lives: list[Life] = []
        self._by_id: dict[str, Life] = {}
        self._left = 0

    def run(self, plans: Sequence[Plan], *, tidy: bool, progress: Progress | None = None) -> Course:
        """Let everything happen until the end.

        Args:
            tidy: at the end the desk receives what was filed and the apologies of dossiers that ended late go out.
            progress: told after each instant.
        """
        for plan in plans:
            life = Life(self._stage, plan)
            self._lives.append(life)
            self._enter(plan.arrives_at, _turn(self._go_on, life, life.wakes()))
        with _rare_collections():
            while self._agenda and self._agenda[0][0] <= self._end_at:
                self._pass_time(self._agenda[0][0])
                _, _, act = heapq.heappop(self._agenda)
                act()
                if progress is not None:
                    progress(*self._passed())
        self._pass_time(self._end_at)
        if tidy:
            self._tidy_up()
        if progress is not None:
            progress(*self._passed())
        filed = tuple(DossierId(UUID(life.id)) for life in self._lives if life.id is not None)
        return Course(self._crew, filed, self._left)

    def _go_on(self, life: Life, wakes: Wakes) -> None:
        try:
            life.next_at = next(wakes, None)
        except ConflictError:  # a person or another program moved this dossier: it is theirs now
            life.next_at = None
            self._left += 1
        if life.id is not None:
            self._by_id[life.id] = life
        if life.next_at is not None:
            self._enter(life.next_at, _turn(self._go_on, life, wakes))
        self._letters.hear(life)

    def _remind(self, at: datetime, life: Life) -> None:
        self._enter(at, lambda: self._letters.attend(life))

    def _enter(self, at: datetime, act: Callable[[], None]) -> None:
        self._entries += 1  # what was entered first comes first; the acts themselves cannot be compared
        heapq.heappush(self._agenda, (at, self._entries, act))

    def _pass_time(self, until: datetime) -> None:
        """Turn the clock to ``until``, running the clock process at each instant at which it has to look."""
        while (wake_at := timekeeping.next_wake(self._ctx)) is not None and wake_at <= until:
            self._clock.turn_to(max(wake_at, self._clock.now()))
            with self._ctx.unit_of_work(read_only=True) as uow:
                due = uow.deadlines.due_for_wake(self._clock.now(), BATCH)
            timekeeping.pass_due(self._ctx, limit=BATCH)
            for _, _, dossier_id in due:
                life = self._by_id.get(str(dossier_id))
                if life is not None:
                    self._letters.look(life)
        self._clock.turn_to(max(until, self._clock.now()))

    def _tidy_up(self) -> None:
        for life in self._lives:
            if life.id is None:
                continue
            if life.answer["status"] == Status.SUBMITTED:
                life.receive_now()
            if life.answer["late"] and life.answer["finished_at"] is not None:
                self._letters.finish(life)

    def _passed(self) -> tuple[int, int]:
        minutes = int((min(self._clock.now(), self._end_at) - self._from_at).total_seconds()) // 60
        return minutes, int((self._end_at - self._from_at).total_seconds()) // 60


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for reference cycles seldom: rows come and go by the million, and looking costs a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _turn(go_on: Callable[[Life, Wakes], None], life: Life, wakes: Wakes) -> Callable[[], None]:
    return lambda: go_on(life, wakes)


def _calendars(ctx: Context, offers: Sequence[Offer]) -> dict[int, WorkingCalendar]:
    agencies = sorted({offer.resolving.id for offer in offers})
    with ctx.unit_of_work(read_only=True) as uow:
        return {agency_id: calendars.in_force(uow, agency_id) for agency_id in agencies}
