"""Random histories with chains, through the services: facts are what verify folds, and II.06 adds up in any period."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.dossier import Channel
from engine.domain.statistics import Column
from engine.errors import EngineError
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Dimension, Per, Period
from engine.reports.table_06 import Split, table_06
from engine.services import (
    agency_settings,
    calendar_changes,
    corrections,
    facts,
    intake,
    reading,
    rollups,
    step_back,
    transfers,
    waiting,
)
from engine.verification.verify import verify
from tests.support import builders as b

BEGIN = date(2026, 3, 2)


class Life:
    """Some dossiers of two agencies and what happens to them; an act that is refused leaves nothing behind."""

    def __init__(self, ctx: Context, seed: int) -> None:
        self.ctx, self.dice = ctx, random.Random(seed)
        self.offices = [b.an_office(ctx), b.an_office(ctx, code="H01", total_days="2")]
        self.on = BEGIN
        self.made: list[tuple[b.Office, str]] = []
        self.done: Counter[str] = Counter()

    def receive(self, office: b.Office, _dossier: str) -> None:
        made = b.a_received_dossier(self.ctx, office, channel=self.dice.choice(list(Channel)))
        self.made.append((office, made["id"]))

    def follow(self, office: b.Office, dossier: str) -> None:
        shown = self.shown(dossier)
        if shown["status"] >= 9:
            self.made.append((office, b.a_submitted_dossier(self.ctx, office, follows=UUID(dossier))["id"]))
            self.done["chain"] += 1

    def take(self, office: b.Office, dossier: str) -> None:
        intake.receive_submitted(self.ctx, by=office.desk, dossier=dossier)

    def decline(self, office: b.Office, dossier: str) -> None:
        intake.refuse_to_receive(self.ctx, by=office.desk, dossier=dossier, reason="Không thuộc thẩm quyền")

    def step(self, office: b.Office, dossier: str) -> None:
        b.do_next_step(self.ctx, office, self.shown(dossier))

    def step_back(self, office: b.Office, dossier: str) -> None:
        task = self.shown(dossier)["open_tasks"][0]
        step_back.send_back(self.ctx, by=b.who_does(task, office), task_id=task["id"], reason="Thiếu")

    def transfer(self, office: b.Office, dossier: str) -> None:
        transfers.transfer(self.ctx, by=office.officer, dossier=dossier, unit="LANH_DAO", note="Chuyển")

    def ask(self, office: b.Office, dossier: str) -> None:
        b.ask_supplement(self.ctx, office, {"id": dossier})

    def bring(self, office: b.Office, dossier: str) -> None:
        b.bring_supplement(self.ctx, office, {"id": dossier})

    def owe(self, office: b.Office, dossier: str) -> None:
        waiting.raise_obligation(self.ctx, by=office.officer, dossier=dossier, amount_vnd=50_000, notice="TB")

    def pay(self, office: b.Office, dossier: str) -> None:
        waiting.settle_obligation(self.ctx, by=office.officer, dossier=dossier, reference="BL", paid_by="online")

    def apologise(self, office: b.Office, dossier: str) -> None:
        b.apologise(self.ctx, office, {"id": dossier}, new_due=f"{self.on + timedelta(days=7)}T09:00")

    def correct(self, office: b.Office, dossier: str) -> None:
        at = b.local(f"{self.on - timedelta(days=1)}T09:00")
        wish = corrections.Correction(reason="Ghi nhầm ngày", received_at=at, channel=Channel.POSTAL)
        corrections.correct(self.ctx, by=office.desk, dossier=dossier, correction=wish)

    def withdraw(self, office: b.Office, dossier: str) -> None:
        b.withdraw(self.ctx, office, {"id": dossier})

    def stop(self, office: b.Office, dossier: str) -> None:
        b.stop(self.ctx, office, {"id": dossier})

    def late_rule(self, office: b.Office, _dossier: str) -> None:
        agency_settings.change(self.ctx, by=office.admin, late_rule=self.dice.choice(["day", "instant"]))

    def day_off(self, _office: b.Office, _dossier: str) -> None:
        on = self.on + timedelta(days=self.dice.randint(-5, 5))
        rule = DayRule(on, DayKind.OFF, f"QĐ {on}", "")
        calendar_changes.apply(self.ctx, by=SYSTEM, change=calendar_changes.Days((rule,)))

    def pass_time(self, _office: b.Office, _dossier: str) -> None:
        self.on += timedelta(days=self.dice.randint(0, 3))
        b.turn_clock_to(self.ctx, max(f"{self.on}T{self.dice.choice(('09', '14', '16'))}:30", self.now()))

    def now(self) -> str:
        return self.ctx.clock.now().astimezone(b.local("2026-03-02T00:00").tzinfo).isoformat()[:16]

    def shown(self, dossier: str) -> Any:
        return reading.detail(self.ctx, by=SYSTEM, dossier=dossier)

    def act(self) -> None:
        acts: list[Callable[[b.Office, str], None]] = [
            self.receive, self.follow, self.follow, self.take, self.take, self.decline, self.step, self.step, self.step,
            self.step, self.step, self.step_back, self.transfer, self.ask, self.bring, self.owe, self.pay,
            self.apologise, self.correct, self.withdraw, self.stop, self.late_rule, self.day_off, self.pass_time,
            self.pass_time, self.pass_time,
        ]  # fmt: skip
        chosen = self.dice.choice(acts if len(self.made) > 2 else [self.receive])
        office, dossier = self.dice.choice(self.made) if self.made else (self.offices[0], "")
        if chosen == self.receive:
            office = self.dice.choice(self.offices)
        try:
            chosen(office, dossier)
        except (EngineError, ValueError, IndexError, KeyError):  # refused, or there is no such step
            return
        self.done[chosen.__name__] += 1


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories_give_facts_that_the_events_add_up_to(ctx: Context, seed: int) -> None:
    life = Life(ctx, seed)
    for _ in range(90):
        life.act()
        if life.dice.random() < 0.05:
            rollups.fold(ctx)

    assert [each.as_json() for each in verify(ctx)] == []
    assert facts.project_all(ctx) == 0
    assert rollups.differences(ctx) == []
    assert sum(life.done.values()) > 30
    assert life.done.keys() >= {"follow", "transfer", "apologise", "withdraw"}
    ends = [BEGIN, *sorted(life.dice.sample([BEGIN + timedelta(days=each) for each in range(1, 28)], 4))]
    for dimension in Dimension:
        assert_periods_join(ctx, ends, dimension)


def assert_periods_join(ctx: Context, ends: list[date], dimension: Dimension) -> None:
    """The identities of form II.06 hold in each period, and each period begins with what the one before left."""
    periods = [Period(first, after - timedelta(days=1)) for first, after in pairwise(ends)]
    tables = [numbers(ctx, period, dimension) for period in periods]
    for before, after in pairwise(tables):
        assert before["11"] == after["6"]
    whole = numbers(ctx, Period(periods[0].from_on, periods[-1].to_on), dimension)
    assert whole == {
        **{no: sum(table[no] for table in tables) for no in ("4", "5", "7", "8", "9", "10")},
        **{no: tables[-1][no] for no in ("11", "12", "13")},
        "6": tables[0]["6"],
        "3": tables[0]["6"] + sum(table["4"] + table["5"] for table in tables),
    }


def numbers(ctx: Context, period: Period, dimension: Dimension) -> dict[str, int]:
    """Return the columns of form II.06 for a period; all rows, parts and ways of counting add up to them."""
    table = table_06(ctx, by=SYSTEM, period=period, per=Split.UNIT, dimension=dimension).as_json()
    groups = [table["total"], *(part["total"] for part in table["parts"])]
    rows = [row for part in table["parts"] for row in part["rows"]]
    for each in [group["columns"] for group in groups] + [row["columns"] for row in rows]:
        assert each["3"] == each["4"] + each["5"] + each["6"] == each["7"] + each["11"]
        assert each["7"] == each["8"] + each["9"] + each["10"]
        assert each["11"] == each["12"] + each["13"]
    found: dict[str, int] = table["total"]["columns"]
    for parts in (groups[1:], [row for row in rows if row["field"] is None]):
        assert found == {no: sum(each["columns"][no] for each in parts) for no in found}
    for per in (Per.PROCEDURE, Per.UNIT):  # from cells, and from facts
        report = on_time(ctx, by=SYSTEM, question=Question(period, per=per, dimension=dimension))
        assert sum(line[Column.LATE] for line in report.lines) == report.total[Column.LATE] == found["10"]
        ways = (report.total[Column.OPEN_IN_TIME], report.total[Column.OPEN_LATE], report.total[Column.CARRIED_OVER])
        assert ways == (found["12"], found["13"], found["6"])
    return found
