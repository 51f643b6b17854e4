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
from engine.domain.time_ledger import Ledger, ledger
from tests.support.slow_calendar import SlowCalendar

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
SLOW = SlowCalendar(((420, 690), (810, 1020)), frozenset({OFF}), {HALF: ((420, 690),)})
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

    def received(self, clock: datetime | str, *, entered: datetime | str | None = None) -> Story:
        return self.add(EventKind.RECEIVED, entered or clock, counted_from=instant(clock).isoformat())

    def opened(self, clock: datetime | str, task: str, unit: UnitId, stage: int = 1) -> Story:
        facts = {"agency": HOME[unit], "unit": unit, "stage": stage, "node": f"step-{task}", "name": task}
        return self.add(EventKind.TASK_OPENED, clock, task=task, **facts)

    def done(self, clock: datetime | str, task: str) -> Story:
        return self.add(EventKind.TASK_COMPLETED, clock, task=task)

    def paused(self, clock: datetime | str, no: int = 1, reason: str = "supplement") -> Story:
        return self.add(EventKind.CLOCK_PAUSED, clock, no=no, reason=reason, ground="Thiếu giấy")

    def resumed(self, clock: datetime | str, no: int = 1) -> Story:
        return self.add(EventKind.CLOCK_RESUMED, clock, no=no)

    def account(self, until: datetime | str, *, due: datetime | str, late: bool = False, parts: Any = None) -> Ledger:
        history = history_of(self.events, until=instant(until))
        assert history is not None
        return ledger(CALENDAR, history, due_at=instant(due), is_late=late, parts=parts, resolving=WARD)


def instant(clock: datetime | str) -> datetime:
    return CALENDAR.at_local(datetime.fromisoformat(clock) if isinstance(clock, str) else clock)
