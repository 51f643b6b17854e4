"""Stories: the events of one dossier written by hand, on a calendar with a day off and a Saturday morning at work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from engine.domain.calendar import DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.events import EventKind
from engine.domain.holding import history_of
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.time_ledger import Ledger, Promise, ledger

WARD, LAND_OFFICE = AgencyId(1), AgencyId(2)
DESK, OFFICE, HEAD, SURVEY = UnitId(10), UnitId(11), UnitId(12), UnitId(20)
ANN, BINH = OfficerId(100), OfficerId(101)
HOME = {DESK: WARD, OFFICE: WARD, HEAD: WARD, SURVEY: LAND_OFFICE}
OFF, HALF = date(2026, 3, 4), date(2026, 3, 7)  # a Wednesday off and a Saturday morning at work
CALENDAR = WorkingCalendar.build(
    zone="Asia/Ho_Chi_Minh",
    shifts=(Shift.parse("07:00-11:30"), Shift.parse("13:30-17:00")),
    days=[
        DayRule(OFF, DayKind.OFF, "decision", "off"),
        DayRule(HALF, DayKind.WORK, "decision", "half", shifts=(Shift.parse("07:00-11:30"),)),
    ],
    years=range(2025, 2028),
)
START = datetime.fromisoformat("2026-03-02T08:00:00")  # a Monday; all clocks here are local
FOUR_DAYS = {1: Fraction(1, 4), 2: Fraction(1, 2), 3: Fraction(1, 4)}  # parts of a limit of 4 days


@dataclass(frozen=True)
class Happened:
    """An event."""

    kind: str
    at: datetime
    payload: dict[str, Any]


@dataclass
class Story:
    """Events of one dossier, written in local time."""

    events: list[Happened] = field(default_factory=list)

    def add(self, kind: EventKind, clock: datetime | str, **payload: Any) -> Story:
        self.events.append(Happened(kind.value, instant(clock), payload))
        return self

    def received(
        self, clock: datetime | str, *, entered: datetime | str | None = None, limit: str = "4 working_day"
    ) -> Story:
        return self.add(
            EventKind.RECEIVED,
            entered or clock,
            counted_from=instant(clock).isoformat(),
            promise=1,
            limit=limit,
        )

    def opened(self, clock: datetime | str, task: str, unit: UnitId, stage: int = 1) -> Story:
        facts = {"agency": HOME[unit], "unit": unit, "stage": stage, "node": f"step-{task}", "name": task}
        return self.add(EventKind.TASK_OPENED, clock, task=task, **facts)

    def done(self, clock: datetime | str, task: str) -> Story:
        return self.add(EventKind.TASK_COMPLETED, clock, task=task)

    def paused(self, clock: datetime | str, no: int = 1, reason: str = "supplement") -> Story:
        return self.add(EventKind.CLOCK_PAUSED, clock, no=no, reason=reason, ground="Thiếu giấy")

    def resumed(self, clock: datetime | str, no: int = 1) -> Story:
        return self.add(EventKind.CLOCK_RESUMED, clock, no=no)

    def restarted(self, clock: datetime | str, no: int = 1, *, broken: bool = False) -> Story:
        running_from = instant(clock).isoformat()
        return self.add(EventKind.CLOCK_RESTARTED, clock, no=no, promise=1, broken=broken, running_from=running_from)

    def account(self, until: datetime | str, *, due: datetime | str, late: bool = False, parts: Any = None) -> Ledger:
        """Account for a story with one appointment."""
        return self.account_for(until, {1: Promise(instant(due), late, parts)})

    def account_for(self, until: datetime | str, promises: dict[int, Promise]) -> Ledger:
        """Account for the story at a clock."""
        history = history_of(self.events, until=instant(until))
        assert history is not None
        return ledger(CALENDAR, history, promises, resolving=WARD)


def instant(clock: datetime | str) -> datetime:
    return CALENDAR.at_local(datetime.fromisoformat(clock) if isinstance(clock, str) else clock)


def is_open(clock: datetime) -> bool:
    """Whether the office of CALENDAR works in the minute that begins at a local clock; shares no code with it."""
    minute = clock.hour * 60 + clock.minute
    if clock.date() == HALF:
        return 420 <= minute < 690
    return clock.weekday() < 5 and clock.date() != OFF and (420 <= minute < 690 or 810 <= minute < 1020)
