"""The time ledger over random histories, beside an oracle that asks at each minute who holds the dossier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.dossier import PauseReason
from engine.domain.events import EventKind
from engine.domain.holding import Hold, Holder, history_of
from engine.domain.ids import UnitId
from engine.domain.time_ledger import MINUTE, held, whole_numbers
from tests.support.stories import (
    ANN,
    BINH,
    CALENDAR,
    DESK,
    FOUR_DAYS,
    HEAD,
    HOME,
    OFFICE,
    START,
    SURVEY,
    Happened,
    Story,
    instant,
    is_open,
)


@given(st.lists(st.fractions(0, 1000, max_denominator=997), max_size=30))
def test_rounding_keeps_the_whole_sum_and_each_number_beside_its_quota(quotas: list[Fraction]) -> None:
    numbers = whole_numbers(quotas)

    assert sum(numbers) == sum(quotas, Fraction(0)) // 1
    assert all(abs(number - quota) < 1 for number, quota in zip(numbers, quotas, strict=True))


class Telling:
    """Tells a random story, and what is open as it goes on."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.story = Story()
        self.open: dict[str, UnitId] = {}
        self.paused = False
        self.count = 0

    def choices(self) -> Sequence[str]:
        found = ["open"]
        found += ["close", "claim", "release", "move"] if self.open else []
        return [*found, "resume", "restart"] if self.paused else [*found, "pause"]

    def go_on(self, clock: datetime) -> None:
        self.count += 1
        what = self.draw(st.sampled_from(self.choices()))
        unit = self.draw(st.sampled_from([DESK, OFFICE, HEAD, SURVEY]))
        if what in ("close", "claim", "release", "move"):
            self._work(what, clock, self.draw(st.sampled_from(sorted(self.open))), unit)
        elif what == "open":
            self.open[f"t{self.count}"] = unit
            self.story.opened(clock, f"t{self.count}", unit, self.draw(st.integers(0, 3)))
        else:
            self._stand(what, clock)

    def _work(self, what: str, clock: datetime, task: str, unit: UnitId) -> None:
        if what == "close":
            del self.open[task]
            self.story.done(clock, task)
        elif what == "move":
            self.story.add(EventKind.TRANSFERRED, clock, task=task, agency=HOME[unit], to=unit)
        elif what == "claim":
            self.story.add(EventKind.TASK_CLAIMED, clock, task=task, officer=self.draw(st.sampled_from([ANN, BINH])))
        else:
            self.story.add(EventKind.TASK_RELEASED, clock, task=task)

    def _stand(self, what: str, clock: datetime) -> None:
        self.paused = what == "pause"
        if what == "pause":
            self.story.paused(clock, self.count, self.draw(st.sampled_from(PauseReason)).value)
            self.pause = self.count
        elif what == "resume":
            self.story.resumed(clock, self.pause)
        else:
            self.story.restarted(clock, self.pause, broken=self.draw(st.booleans()))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, datetime]:
    """A story of up to 14 changes within a fortnight, in whole minutes, and its end."""
    telling = Telling(draw)
    telling.story.opened(START, "t0", DESK, 0).received(START)
    telling.open["t0"] = DESK
    clock = START
    for _ in range(draw(st.integers(0, 14))):
        clock += timedelta(minutes=draw(st.integers(0, 1500)))
        telling.go_on(clock)
    return telling.story, clock + timedelta(minutes=draw(st.integers(0, 1500)))


def walked(story: Story, until: datetime) -> dict[Any, Fraction]:
    """Walk minute by minute, asking at each who holds the dossier: the slow oracle of ``held``."""
    found: dict[Any, Fraction] = {}
    clock, state = START, State()
    todo = list(story.events)
    while clock < until:
        while todo and todo[0].at <= instant(clock):
            state.take(todo.pop(0))
        if is_open(clock):
            for who in state.holders():
                found[who] = found.get(who, Fraction(0)) + Fraction(1, len(state.holders()))
        clock += timedelta(minutes=1)
    return found


class State:
    """Who holds a dossier, told by its events; shares no code with the engine."""

    def __init__(self) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.pause: int | None = None

    def take(self, event: Happened) -> None:
        said = event.payload
        match event.kind:
            case "task.opened":
                self.tasks[said["task"]] = {"unit": said["unit"], "officer": None, "stage": said["stage"]}
            case "task.claimed" | "task.released":
                self.tasks[said["task"]]["officer"] = said.get("officer")
            case "dossier.transferred":
                self.tasks[said["task"]] |= {"unit": said["to"], "officer": None}
            case "task.completed":
                del self.tasks[said["task"]]
            case "clock.paused":
                self.pause = said["no"]
            case "clock.resumed" | "clock.restarted":
                self.pause = None

    def holders(self) -> list[Any]:
        if self.pause is not None:
            return [self.pause]
        return [(task["unit"], task["officer"], task["stage"]) for task in self.tasks.values()] or [None]


def key_of(holder: Holder) -> Any:
    if isinstance(holder, Hold):
        return holder.unit, holder.officer, holder.stage
    return None if holder is None else holder.no


@given(stories())
def test_time_of_each_holder_equals_the_walking_oracle(told: tuple[Story, datetime]) -> None:
    story, until = told
    history = history_of(story.events, until=instant(until))
    assert history is not None

    found: dict[Any, Fraction] = {}
    for holder, time in held(CALENDAR, history.pieces, history.counted_from, history.until).items():
        found[key_of(holder)] = found.get(key_of(holder), Fraction(0)) + time / MINUTE

    assert found == walked(story, until)


@given(stories(), st.integers(-3000, 20_000), st.booleans(), st.sampled_from([None, FOUR_DAYS]))
def test_minutes_sum_exactly_to_the_time_and_charges_to_the_lateness(
    told: tuple[Story, datetime], due: int, by_second: bool, parts: dict[int, Fraction] | None
) -> None:
    story, until = told
    due_at, ends = START + timedelta(minutes=due), until + timedelta(seconds=17 * by_second)
    account = story.account(ends, due=due_at, late=due_at < ends, parts=parts)

    assert account.minutes == (CALENDAR.worked(instant(ends)) - CALENDAR.worked(instant(START))) // MINUTE
    used = sum(stage.used for stage in account.stages)
    others = sum(entry.minutes for entry in account.entries if not isinstance(entry.holder, Hold))
    assert used + others == account.minutes
    assert account.limit >= 0
    if due_at < ends:
        late = CALENDAR.worked(instant(ends)) - CALENDAR.worked(instant(max(due_at, START)))
        assert account.late_minutes == late // MINUTE
    else:
        assert account.charges is None
