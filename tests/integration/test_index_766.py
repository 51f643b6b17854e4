"""Index 766 over facts: the same shares as a count dossier by dossier, lists as long as their numbers, no data kept."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel
from engine.domain.index_766 import Group, Rank
from engine.domain.indicators import State
from engine.domain.statistics import Column, Fact, Outcome, Window, columns_of
from engine.reports.index_766 import Index766, index_766
from engine.reports.indicator_dossiers import LISTED, NoSuchListError, Part, dossiers_of
from engine.reports.indicator_values import Split
from engine.reports.on_time_values import Dimension, Period
from engine.reports.scope import Asked
from engine.services import figures, procedure_register
from engine.services.figures import Figure
from engine.services.procedure_register import Entry
from engine.store.agencies import Agency, Unit
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from tests.support import fact_rows
from tests.support.builders import an_office, local, turn_clock_to
from tests.support.statements import count_statements

NOW = "2026-03-20T09:30"
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
PERIODS = [
    FEBRUARY,
    Period(date(2026, 1, 15), date(2026, 2, 14)),
    Period(date(2026, 3, 1), date(2026, 3, 31)),  # has not ended
    Period(date(2026, 1, 1), date(2026, 12, 31)),
]


@dataclass(frozen=True)
class Filled:
    """Two agencies with facts that have papers, payments and results."""

    ctx: Context
    facts: list[Fact]
    rows: dict[Any, dict[str, Any]]

    def share(self, key: str, period: Period, agency: int | None = None) -> tuple[int, int]:
        """Count an indicator fact by fact, by the definition of columns."""
        window = Window(period.from_on, period.to_on, date(2026, 3, 20), local(NOW))
        numerator = denominator = 0
        for fact in self.facts:
            if agency is None or fact.resolving_agency_id == agency:
                met, counted = _weigh(key, columns_of(fact, window), self.rows[fact.dossier_id])
                numerator, denominator = numerator + met, denominator + counted
        return numerator, denominator


def _weigh(key: str, columns: frozenset[Column], row: dict[str, Any]) -> tuple[int, int]:
    received = Column.RECEIVED_IN_PERIOD in columns
    finished = bool(columns & {Column.EARLY, Column.ON_TIME, Column.LATE})
    match key:
        case "on_time_received":
            return bool(columns & {Column.RECEIVED_ON_TIME, Column.RECEIVED_ENDED}), received
        case "on_time_finished":
            return finished and Column.LATE not in columns, finished
        case "open_late":
            return Column.OPEN_LATE in columns, bool(columns & {Column.OPEN_LATE, Column.OPEN_IN_TIME})
        case "online_dossiers":
            return Column.RECEIVED_ONLINE in columns, received
        case "online_payment":
            return received and row["has_obligation"] and row["paid_online"], received and row["has_obligation"]
        case "electronic_results":
            return finished and row["has_result"] and row["electronic_result"], finished and row["has_result"]
        case "papers_digitised":
            return received * row["digitised"], received * row["papers"]
    return received * row["reused"], received * row["papers"]


@pytest.fixture
def filled(ctx: Context) -> Filled:
    for code in ("H00", "H01"):
        an_office(ctx, code=code)
    turn_clock_to(ctx, NOW)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = sorted(uow.session.scalars(select(Agency.id)))
        procedures = [(row.id, row.code) for row in uow.session.scalars(select(Procedure).order_by(Procedure.id))]
        units = sorted(uow.session.scalars(select(Unit.id)))
    world = fact_rows.World(agencies, procedures, local(NOW), units=[None, *units[:2]])
    facts = fact_rows.random_facts(world, seed=3, count=400, days=75)
    dice = random.Random(9)
    rows = {fact.dossier_id: fact_rows.row_of(fact, **_more(dice, fact)) for fact in facts}
    with ctx.unit_of_work() as uow:
        uow.session.add_all(DossierFact(**row) for row in rows.values())
    return Filled(ctx, facts, rows)


def _more(dice: random.Random, fact: Fact) -> dict[str, Any]:
    papers = dice.randrange(4)
    owed, has_result = dice.random() < 0.5, fact.closed_on is not None and fact.outcome is not Outcome.WITHDRAWN
    return {
        "has_obligation": owed,
        "paid_online": owed and dice.random() < 0.6,
        "papers": papers,
        "digitised": dice.randrange(papers + 1),
        "reused": dice.randrange(papers + 1),
        "has_result": has_result,
        "electronic_result": has_result and dice.random() < 0.5,
    }


def terms(scores: Any) -> dict[str, Any]:
    return {term.term.indicator: term for metric in scores.metrics for term in metric.terms}


def test_shares_and_lists_equal_a_count_dossier_by_dossier(filled: Filled) -> None:
    for period in PERIODS:
        _holds(filled, period)


def _holds(filled: Filled, period: Period) -> None:
    report = index_766(filled.ctx, by=SYSTEM, asked=Asked(period), split=Split.AGENCY)
    found = terms(report.total)
    for key in LISTED & found.keys():
        value = found[key].value
        assert (value.numerator, value.denominator) == filled.share(key, period), key
    codes = {row.key: terms(row) for row in report.rows}
    with filled.ctx.unit_of_work(read_only=True) as uow:
        ids = {row.code: row.id for row in uow.session.scalars(select(Agency))}
    for code, of_agency in codes.items():
        value = of_agency["on_time_received"].value
        assert (value.numerator, value.denominator) == filled.share("on_time_received", period, ids[code])
    for key in sorted(LISTED - {"papers_digitised", "papers_reused"}):
        met, counted = filled.share(key, period)
        listed = {
            part: dossiers_of(filled.ctx, by=SYSTEM, asked=Asked(period), indicator=key, part=part)
            for part in (Part.COUNTED, Part.MET, Part.LOST)
        }
        lost = met if key == "open_late" else counted - met
        assert [len(each) for each in listed.values()] == [counted, met, lost], key


def test_units_have_what_their_dossiers_tell(filled: Filled) -> None:
    report = index_766(filled.ctx, by=SYSTEM, asked=Asked(FEBRUARY), split=Split.UNIT)
    whole = terms(report.total)["on_time_received"].value
    parts = [terms(row)["on_time_received"].value for row in report.rows]
    assert sum(part.denominator for part in parts) == whole.denominator
    assert sum(part.numerator for part in parts) == whole.numerator
    named = next(row for row in report.rows if row.key)
    listed = dossiers_of(
        filled.ctx, by=SYSTEM, asked=Asked(FEBRUARY), indicator="on_time_received", part=Part.LOST, unit=named.key
    )
    value = terms(named)["on_time_received"].value
    assert len(listed) == value.denominator - value.numerator
    assert "satisfied_reception" not in terms(named)
    assert named.group(Group.SATISFACTION).points is None


def an_index(ctx: Context, **asked: Any) -> Index766:
    return index_766(ctx, by=SYSTEM, asked=Asked(FEBRUARY, **asked))


def enter(ctx: Context, indicator: str, numerator: int, denominator: int, agency: str) -> None:
    figure = Figure(indicator, FEBRUARY.from_on, FEBRUARY.to_on, numerator, denominator, "Báo cáo")
    figures.enter(ctx, by=SYSTEM, agency=agency, figure=figure)


def test_without_any_data_nothing_is_full_and_nothing_is_zero(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    turn_clock_to(sqlite_ctx, NOW)
    total = an_index(sqlite_ctx).total
    known = [metric.metric.code for metric in total.metrics if metric.points.points is not None]
    assert known == ["DOSSIER_RECEIVING_SATISFACTION"]  # 0 by the decision where there is no data
    assert (total.total.points, total.total.rank) == (0, None)
    assert total.total.unknown + total.total.not_applicable == 94
    assert total.group(Group.PROGRESS).not_applicable == 20
    (progress,) = total.of_group(Group.PROGRESS)
    assert (progress.points.points, progress.points.not_applicable) == (None, 20)
    told = an_index(sqlite_ctx).as_json()["total"]
    assert told["groups"][1]["metrics"][0]["points"] is None


def test_everything_known_gives_a_rank(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    turn_clock_to(sqlite_ctx, NOW)
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.default()
        procedures = list(uow.session.scalars(select(Procedure)))
    for row in procedures:
        entry = Entry(online_level="full", published_at=date(2026, 1, 1))
        procedure_register.change(sqlite_ctx, by=SYSTEM, agency=agency.code, code=row.code, entry=entry)
    entered = ["publish_on_time", "update_on_time", "content_full", "dossier_sync", "fee_services_on_portal"]
    entered += ["results_in_personal_store", "dossiers_with_population_data", "procedures_with_population_data"]
    entered += ["certified_copies", "satisfied_reception"]
    for key in entered:
        enter(sqlite_ctx, key, 9, 10, agency.code)
    enter(sqlite_ctx, "petitions_on_time", 0, 0, agency.code)
    enter(sqlite_ctx, "satisfied_petitions", 0, 0, agency.code)
    world = fact_rows.World([agency.id], [(row.id, row.code) for row in procedures[:1]], local(NOW))
    changes = {
        "has_obligation": True, "paid_online": True, "papers": 2, "digitised": 2, "reused": 2, "has_result": True,
        "electronic_result": True,
    }  # fmt: skip
    on = date(2026, 2, 10)
    fact = fact_rows.a_fact(
        world, received_on=on, closed_on=on, closed_at=local("2026-02-10T15:00"), outcome=Outcome.EARLY,
        channel=Channel.ONLINE,
    )  # fmt: skip
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.add(DossierFact(**fact_rows.row_of(fact, **changes)))
    report = index_766(sqlite_ctx, by=office.supervisor, asked=Asked(FEBRUARY, agency=agency.code))
    total = report.total.total
    services = Fraction(4, len(procedures))  # of all online services one had a dossier
    fees = Fraction(10)  # 6 + 2 + 2.5 x 0.9, not more than 10
    nines = Fraction(9, 10) * (6 + 4 + 2 + 6 + 4 + 2 + 2 + 2)
    assert total.points == nines + 20 + 6 + 4 + 2 + (2 + services + 6) + fees + 6 + 6 + 6
    assert (total.unknown, total.not_applicable) == (0, 0)
    assert total.rank is Rank.EXCELLENT
    assert report.as_json()["total"]["rank"] == "excellent"


def test_register_that_somebody_left_open_is_not_known(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    value = terms(an_index(sqlite_ctx).total)["online_services"].value
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        count = len(list(uow.session.scalars(select(Procedure).where(Procedure.is_open))))
    assert (value.state, value.missing) == (State.NO_DATA, count)


def test_agency_that_has_not_said_its_figure_leaves_the_sum_open(sqlite_ctx: Context) -> None:
    for code in ("H00", "H01"):
        an_office(sqlite_ctx, code=code)
    enter(sqlite_ctx, "petitions_on_time", 1, 2, "H00")
    value = terms(an_index(sqlite_ctx).total)["petitions_on_time"].value
    assert (value.state, value.missing) == (State.NO_DATA, 1)
    enter(sqlite_ctx, "petitions_on_time", 2, 2, "H01")
    assert terms(an_index(sqlite_ctx).total)["petitions_on_time"].value.ratio == Fraction(3, 4)
    assert terms(an_index(sqlite_ctx, agency="H00").total)["petitions_on_time"].value.ratio == Fraction(1, 2)


def test_numbers_that_are_no_dossiers_open_no_list(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    asked = Asked(FEBRUARY)
    with pytest.raises(NoSuchListError):
        dossiers_of(sqlite_ctx, by=SYSTEM, asked=asked, indicator="online_services", part=Part.LOST)
    with pytest.raises(NoSuchListError):
        dossiers_of(sqlite_ctx, by=SYSTEM, asked=asked, indicator="online_dossiers", part=Part.SAVABLE)
    with pytest.raises(NoSuchListError):
        dossiers_of(sqlite_ctx, by=SYSTEM, asked=asked, indicator="open_late", part=Part.LOST, unit="X/Y")


def test_index_is_read_in_few_statements(filled: Filled) -> None:
    asked = Asked(FEBRUARY, dimension=Dimension.RECEIVING)
    with count_statements(filled.ctx) as sent:
        index_766(filled.ctx, by=SYSTEM, asked=asked, split=Split.AGENCY)
    sent.hold(8)
