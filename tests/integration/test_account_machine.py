"""Any acts in any order, calendars that change meanwhile: what is told of each date is how it came about."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.office_hours import parse_shifts
from engine.errors import EngineError
from engine.services import calendar_changes, processing, reading, timekeeping, waiting
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.accounts import every_date, hold_all
from tests.support.appointments import APPOINTMENTS, land_steps
from tests.support.contexts import make_context

SUPPLEMENTS = {"TP99": "pause", "TP98": "restart"}
LAND = {"TP97": {"appointments": APPOINTMENTS}, "TP96": {}}  # steps that pause, with and without two appointments


class Life:
    """One dossier, people who try everything, and a country that declares days; ``how`` varies each act."""

    def __init__(self, template: Path, procedure: str, hours: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="accounts"))
        shutil.copytree(template, self.folder, dirs_exist_ok=True)
        self.ctx = make_context(self.folder, f"sqlite:///{self.folder / 'motcua.db'}")
        self.office = b.an_office(self.ctx)
        self.pass_time(hours)
        self.id: str = b.a_received_dossier(self.ctx, self.office, procedure_code=procedure)["id"]

    def close(self) -> None:
        self.ctx.database.close()
        shutil.rmtree(self.folder)

    def attempt(self, act: str, how: int) -> None:
        """Do an act if it can be done; what is legal is held by the machine of dossiers."""
        with suppress(EngineError):
            ACTS[act](self, how)

    def pass_time(self, how: int) -> None:
        self.ctx.clock.advance(timedelta(hours=how, minutes=7))  # type: ignore[attr-defined]
        while timekeeping.pass_due(self.ctx):
            pass

    def complete(self, how: int) -> None:
        for task in reading.detail(self.ctx, by=SYSTEM, dossier=self.id)["open_tasks"]:
            processing.complete(self.ctx, by=b.who_does(task, self.office), task_id=task["id"])

    def supplement(self, how: int) -> None:
        by = self.office.supervisor
        waiting.request_supplement(self.ctx, by=by, dossier=self.id, items=["Ảnh"], reason="Thiếu")
        self.declare_given(how)
        self.pass_time(how)
        b.bring_supplement(self.ctx, self.office, {"id": self.id})

    def pay(self, how: int) -> None:
        by = self.office.supervisor
        waiting.raise_obligation(self.ctx, by=by, dossier=self.id, amount_vnd=10_000, notice="TB")
        self.pass_time(how)
        waiting.settle_obligation(self.ctx, by=by, dossier=self.id)

    def ask(self, how: int) -> None:
        by = self.office.supervisor
        waiting.request_supplement(self.ctx, by=by, dossier=self.id, items=["Ảnh"], reason="Thiếu")

    def end(self, how: int) -> None:
        (b.withdraw, b.stop, b.refuse)[how % 3](self.ctx, self.office, {"id": self.id})

    def apologise(self, how: int) -> None:
        b.apologise(self.ctx, self.office, {"id": self.id}, new_due="2026-04-15T09:00")

    def declare_given(self, how: int) -> None:
        """Declare the day of one of the dossier's dates off: it moves."""
        dates = every_date(self.ctx, by=SYSTEM, dossier=self.id)
        on = datetime.fromisoformat(dates[how % len(dates)]["due_at"]).date()
        self.declare(DayRule(on, DayKind.OFF, f"QĐ off {on}", "thử"))

    def declare_any(self, how: int) -> None:
        on = date(2026, 3, 2) + timedelta(days=how)
        kind, shifts = (DayKind.WORK, "07:00-11:30" if how % 2 else "") if how % 3 else (DayKind.OFF, "")
        self.declare(DayRule(on, kind, f"QĐ {on} {kind} {shifts}", "thử", shifts=parse_shifts(shifts)))

    def declare(self, rule: DayRule) -> None:
        calendar_changes.apply(self.ctx, by=SYSTEM, change=calendar_changes.Days((rule,)))

    def take_back(self, how: int) -> None:
        made = [each for each in calendar_changes.history(self.ctx, by=SYSTEM) if each["can_undo"]]
        for each in made[:1]:
            calendar_changes.undo(self.ctx, by=SYSTEM, change_id=each["id"])


ACTS: dict[str, Callable[[Life, int], Any]] = {
    "complete": Life.complete,
    "supplement": Life.supplement,
    "pay": Life.pay,
    "declare_given": Life.declare_given,
    "declare_any": Life.declare_any,
    "take_back": Life.take_back,
    "pass_time": Life.pass_time,
    "apologise": Life.apologise,
    "ask": Life.ask,
    "end": Life.end,
}
HOWS = st.sampled_from([0, 1, 2, 3, 5, 8, 13, 20, 30, 50, 75])
OFTEN = ["complete", "supplement", "pay", "declare_given", "declare_any", "pass_time", "pass_time"]
LIVES = st.tuples(
    st.lists(st.tuples(st.sampled_from([*OFTEN, "take_back", "apologise"]), HOWS), min_size=4, max_size=12),
    st.lists(st.tuples(st.sampled_from(["ask", "end"]), HOWS), max_size=2),
).map(lambda parts: [*parts[0], *parts[1]])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database with an office and its procedures."""
    folder = tmp_path_factory.mktemp("accounts")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    ctx = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    for code, clock in SUPPLEMENTS.items():
        b.an_office(ctx, procedure=code, policy={"cutoff": "15:00", "supplement": {"clock": clock, "max": 4}})
    for code, policy in LAND.items():
        usual = {"supplement": {"clock": "pause", "max": 4}}
        b.an_office(ctx, procedure=code, policy=usual | policy, steps=land_steps(), total_days="6")
    ctx.database.close()
    return folder


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than a test may
    suppress_health_check=list(HealthCheck),
)
@given(procedure=st.sampled_from([*SUPPLEMENTS, *LAND]), hours=st.sampled_from([0, 4, 7, 11, 130]), acts=LIVES)
def test_account_of_every_date_ends_with_it_and_adds_up(
    template: Path, procedure: str, hours: int, acts: list[tuple[str, int]]
) -> None:
    life = Life(template, procedure, hours)
    try:
        for act, how in acts:
            life.attempt(act, how)
        hold_all(life.ctx, by=SYSTEM, dossier=life.id)
        assert [each.as_json() for each in verify(life.ctx)] == []
    finally:
        life.close()
