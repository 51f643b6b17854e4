"""Targets of plans beside live values: gap, months, where they will stand, the dossiers that still save them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError
from engine.domain.statistics import Fact, Outcome
from engine.reports import time_used
from engine.reports.indicator_dossiers import Part, dossiers_of
from engine.reports.on_time_values import Period
from engine.reports.scope import Asked
from engine.reports.targets import TargetLine, Verdict, targets
from engine.services import figures, plan_targets, plan_tasks
from engine.services.figures import Figure
from engine.services.plan_targets import Target
from engine.services.plan_tasks import Task
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from tests.support import fact_rows
from tests.support.builders import Office, an_office, local, turn_clock_to
from tests.support.statements import count_statements

NOW = "2026-03-20T09:30"
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@dataclass(frozen=True)
class Place:
    """An agency at work on 20 March 2026."""

    ctx: Context
    office: Office
    world: fact_rows.World

    def write(self, facts: Sequence[Fact], **changes: Any) -> None:
        """Write facts that differ from none by what is given."""
        with self.ctx.unit_of_work() as uow:
            uow.session.add_all(DossierFact(**fact_rows.row_of(fact, **changes)) for fact in facts)

    def set(self, indicator: str, comparison: str, figure: str, **more: Any) -> None:
        """Set a target for 2026."""
        target = Target(indicator, comparison, figure, YEAR.from_on, YEAR.to_on, "KH 12", **more)
        plan_targets.set_target(self.ctx, by=SYSTEM, agency="H00", target=target)

    def lines(self) -> list[TargetLine]:
        """Return the targets of the year."""
        return list(targets(self.ctx, by=self.office.supervisor, asked=Asked(YEAR, agency="H00")).lines)

    def finished(self, no: int, month: int, outcome: Outcome, **changes: Any) -> Fact:
        """Return a dossier received and finished on the 10th of a month."""
        on = date(2026, month, 10)
        closed_at = local(f"2026-{month:02}-10T15:00")
        late_on = on if outcome is Outcome.LATE else None
        return fact_rows.a_fact(
            self.world, no, received_on=on, closed_on=on, closed_at=closed_at, outcome=outcome, late_on=late_on,
            **changes,
        )  # fmt: skip

    def open(self, no: int, due: str | None, **changes: Any) -> Fact:
        """Return an open dossier, received on 2 March."""
        due_at = None if due is None else local(due)
        late_on = due_at.date() if due_at is not None and due_at < local(NOW) else None
        return fact_rows.a_fact(self.world, no, due_at=due_at, late_after=due_at, late_on=late_on, **changes)


@pytest.fixture
def place(ctx: Context) -> Place:
    office = an_office(ctx, code="H00")
    turn_clock_to(ctx, NOW)
    with ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.by_code("H00").id
        procedures = [(row.id, row.code) for row in uow.session.scalars(select(Procedure).order_by(Procedure.id))]
    return Place(ctx, office, fact_rows.World([AgencyId(agency)], procedures, local(NOW)))


def test_on_time_with_gap_months_and_what_saves_it(place: Place) -> None:
    facts = [place.finished(no, 1, Outcome.EARLY) for no in range(1, 9)]
    facts += [place.finished(no, 2, Outcome.ON_TIME) for no in range(9, 11)] + [place.finished(11, 2, Outcome.LATE)]
    facts += [place.open(no, "2026-04-01T17:00") for no in range(12, 42)]
    facts += [place.open(42, "2026-03-19T17:00"), place.open(43, None), place.open(44, "2027-01-05T17:00")]
    place.write(facts)
    place.set("on_time_finished", ">", "90")
    (line,) = place.lines()
    assert (line.value.numerator, line.value.denominator) == (10, 11)
    assert (line.verdict, line.gap) == (Verdict.MET, Fraction(1000, 11) - 90)
    assert [(month.month, value.numerator, value.denominator) for month, value in line.trend] == [
        (1, 8, 8), (2, 2, 3), (3, 0, 0),
    ]  # fmt: skip
    assert line.forecast is not None
    assert (line.forecast.value.numerator, line.forecast.value.denominator) == (40, 42)  # 42 is late, 43 and 44 no
    assert (line.forecast.savable, line.forecast.needed, line.forecast.may_fail) == (30, 28, 2)
    listed = dossiers_of(
        place.ctx, by=SYSTEM, asked=Asked(YEAR, agency="H00"), indicator="on_time_finished", part=Part.SAVABLE
    )
    assert [entry.code for entry in listed] == [f"H00-{no:06}" for no in range(12, 42)]


def test_missed_target_says_how_many_further_ones_it_would_take(place: Place) -> None:
    place.write([place.finished(1, 1, Outcome.LATE), *(place.finished(no, 1, Outcome.EARLY) for no in range(2, 11))])
    place.set("on_time_finished", ">=", "99")
    (line,) = place.lines()
    assert (line.verdict, line.measured) == (Verdict.BEHIND, 90)
    assert line.forecast is not None
    assert (line.forecast.needed, line.forecast.further) == (None, 90)
    turn_clock_to(place.ctx, "2027-01-04T08:00", ticker=False)
    (line,) = place.lines()
    assert (line.verdict, line.forecast) == (Verdict.MISSED, None)


def test_payment_that_can_still_be_made_online(place: Place) -> None:
    owing = {"has_obligation": True}
    place.write([place.finished(1, 3, Outcome.EARLY)], **owing, paid_online=True)
    place.write([place.open(no, "2026-04-01T17:00") for no in (2, 3, 4)], **owing)
    place.set("online_payment", ">=", "75")
    (line,) = place.lines()
    assert line.forecast is not None
    assert (line.measured, line.forecast.value.ratio, line.forecast.needed) == (25, Fraction(1, 4), 2)


def test_time_cut_against_the_base_year(place: Place) -> None:
    first = place.world.procedures[0]
    second = (first[0], "TP-NEW")

    def of(no: int, year: int, procedure: Any, used: int) -> Fact:
        on = date(year, 2, 10)
        closed_at = local(f"{year}-02-10T15:00")
        return fact_rows.a_fact(
            place.world, no, received_on=on, closed_on=on, closed_at=closed_at, outcome=Outcome.EARLY,
            procedure_id=procedure[0], procedure_code=procedure[1], used_minutes=used, limit_minutes=9000,
        )  # fmt: skip

    place.write([of(1, 2024, first, 1000), of(2, 2024, first, 3000), of(3, 2026, first, 900), of(4, 2026, second, 9)])
    place.set("time_cut", ">=", "50", base_year=2024)
    (line,) = place.lines()
    assert line.value.ratio == Fraction(1100, 2000)  # 900 against 2000 on average; the second has no base
    assert line.verdict is Verdict.MET
    told = time_used.time_used(place.ctx, by=SYSTEM, period=YEAR, base_year=2024)
    assert told.total.base is not None
    assert told.total.base.cut_percent == line.measured == 55
    place.set("time_cut", ">=", "50", base_year=2023)
    assert [line.verdict for line in place.lines()] == [Verdict.NO_DATA]


def test_figures_and_tasks_answer_too(place: Place) -> None:
    place.set("satisfied_reception", ">=", "98")
    place.set("plan_tasks_on_time", ">=", "100")
    place.set("dialogues", ">=", "1")
    assert [line.verdict for line in place.lines()] == [Verdict.NO_DATA, Verdict.NOT_APPLICABLE, Verdict.NO_DATA]
    for month, last in ((1, 31), (2, 28)):
        days = date(2026, month, 1), date(2026, month, last)
        figure = Figure("satisfied_reception", *days, 96 + month, 100, "Phiếu")
        figures.enter(place.ctx, by=SYSTEM, agency="H00", figure=figure)
    figure = Figure("dialogues", YEAR.from_on, YEAR.to_on, 2, 1, "Biên bản")
    figures.enter(place.ctx, by=SYSTEM, agency="H00", figure=figure)
    for number, state, due, done in (
        ("1", "done", "2026-01-15", "2026-01-15"), ("2", "done", "2026-02-15", "2026-02-16"),
        ("3", "to_do", "2026-03-19", None), ("4", "to_do", "2026-03-20", None), ("5", "cancelled", "2026-01-20", None),
    ):  # fmt: skip
        done_on = None if done is None else date.fromisoformat(done)
        due_on = date.fromisoformat(due)
        task = Task(2026, number, "Việc", "VP", due_on, "KH", state=state, done_on=done_on)
        plan_tasks.put(place.ctx, by=SYSTEM, agency="H00", task=task)
    satisfied, tasks, dialogues = place.lines()
    assert (satisfied.measured, satisfied.verdict) == (Fraction(195, 2), Verdict.BEHIND)
    assert [value.numerator for _month, value in satisfied.trend] == [97, 98, None]
    assert (tasks.value.numerator, tasks.value.denominator) == (1, 3)  # the fourth has its day today
    assert (dialogues.measured, dialogues.verdict) == (2, Verdict.MET)


def test_online_share_and_what_is_open_late(place: Place) -> None:
    place.write([place.open(1, "2026-04-01T17:00", channel=Channel.ONLINE), place.open(2, "2026-03-19T17:00")])
    place.set("online_dossiers", ">=", "70")
    place.set("open_late", "<=", "10")
    online, late = place.lines()
    assert (online.measured, online.forecast) == (50, None)
    assert late.forecast is not None
    assert (late.measured, late.verdict, late.forecast.needed) == (50, Verdict.BEHIND, 1)
    assert late.as_json()["forecast"]["best_percent"] == 0


def test_targets_of_others_are_not_shown(place: Place) -> None:
    an_office(place.ctx, code="H01")
    other = Target("on_time_finished", ">", "80", YEAR.from_on, YEAR.to_on, "KH 99")
    plan_targets.set_target(place.ctx, by=SYSTEM, agency="H01", target=other)
    place.set("on_time_finished", ">", "99")
    mine = targets(place.ctx, by=place.office.supervisor, asked=Asked(YEAR)).lines
    assert [(line.agency, line.target.figure) for line in mine] == [("H00", "99")]
    both = targets(place.ctx, by=SYSTEM, asked=Asked(YEAR)).lines
    assert [(line.agency, line.target.figure) for line in both] == [("H00", "99"), ("H01", "80")]
    with pytest.raises(NotAllowedError):
        targets(place.ctx, by=place.office.officer, asked=Asked(YEAR))


def test_many_targets_are_read_in_few_statements(place: Place) -> None:
    keys = ("on_time_finished", "online_dossiers", "papers_digitised", "satisfied_reception", "sipas", "dialogues")
    for key in (*keys, "national_published", "internal_published", "full_online_services"):
        place.set(key, ">=", "90")
    with count_statements(place.ctx) as sent:
        assert len(place.lines()) == 9
    sent.hold(9)


def test_register_tells_by_month_what_was_published(place: Place) -> None:
    with place.ctx.unit_of_work() as uow:
        rows = [row for row in uow.session.scalars(select(Procedure).order_by(Procedure.id)) if row.is_open]
        for row in rows:
            row.published_at = date(2027, 1, 1)  # written down before its day
        rows[0].published_at = date(2026, 2, 28)
    place.set("national_published", ">=", "100")
    place.set("online_services", ">=", "100")
    published, online = place.lines()
    assert (published.value.numerator, published.value.denominator) == (1, len(rows))
    assert [value.numerator for _month, value in published.trend] == [0, 1, 1]
    assert online.trend == ()


def test_every_target_of_real_plans_can_be_set(place: Place) -> None:
    content = files("engine.seeds").joinpath("plan_targets_vn.csv").read_bytes()
    plans = {line.split(",")[0] for line in content.decode().splitlines()[1:]}
    for plan in sorted(plans):
        plan_targets.import_file(place.ctx, by=SYSTEM, agency="H00", content=content, name="x.csv", plan=plan)
    with place.ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.by_code("H00").id
        rows = uow.indicators.targets([agency], from_on=date(2025, 1, 1), to_on=date(2030, 12, 31))
    assert {"online_payment", "sipas_rank", "open_late", "time_cut"} <= {row.indicator for row in rows}
