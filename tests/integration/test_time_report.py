"""Time used: roll-ups, journal and facts give what the plainest recount gives, whatever the period."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.ageing import percentile
from engine.domain.dossier import Status
from engine.domain.ids import AgencyId, ProcedureId
from engine.domain.permissions import NotAllowedError
from engine.domain.statistics import Fact, Outcome
from engine.errors import InvalidInputError, NotFoundError
from engine.reports.localities import Localities
from engine.reports.on_time_values import Per, Period
from engine.reports.render import definition_words
from engine.reports.time_used import DEFINITIONS, Line, TimeUsed, time_used
from tests.support import fact_rows
from tests.support.builders import Office, a_received_dossier, advance_to, an_office, local, turn_clock_to
from tests.support.csv_files import read_csv
from web.cli import main

NOW = "2026-03-20T09:30"
DAYS = [date(2026, 1, 1) + timedelta(days=each) for each in range(90)]


@dataclass(frozen=True)
class Filled:
    """A database with random facts, half of them in cells, half in the journal."""

    ctx: Context
    offices: list[Office]
    facts: list[Fact]


@pytest.fixture
def filled(ctx: Context) -> Filled:
    """Two agencies with 400 facts, on either database."""
    offices = [an_office(ctx), an_office(ctx, code="H01")]
    turn_clock_to(ctx, NOW)
    facts = fact_rows.random_facts(the_world(ctx), seed=3, count=400, days=90)
    fact_rows.write(ctx, facts, folded=random.Random(5).sample(facts, 200))
    return Filled(ctx, offices, facts)


def the_world(ctx: Context) -> fact_rows.World:
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = sorted(Localities.read(uow).agencies)
    return fact_rows.World(agencies, [(ProcedureId(1), "TP1"), (ProcedureId(2), "TP2")], local(NOW))


def share(fact: Fact) -> int:
    assert fact.used_minutes is not None
    assert fact.limit_minutes
    return -(-100 * fact.used_minutes // fact.limit_minutes)


def timed(facts: list[Fact], period: Period) -> list[Fact]:
    closed = [fact for fact in facts if fact.closed_on is not None and fact.used_minutes is not None]
    return [fact for fact in closed if period.from_on <= fact.closed_on <= period.to_on]  # type: ignore[operator]


def recounted(facts: list[Fact]) -> dict[str, object]:
    shares = sorted(share(fact) for fact in facts)
    legal = [fact for fact in facts if fact.legal_minutes is not None]
    return {
        "dossiers": len(facts),
        "median_percent": percentile(shares, 50),
        "p90_percent": percentile(shares, 90),
        "p95_percent": percentile(shares, 95),
        "used_minutes": sum(fact.used_minutes or 0 for fact in facts),
        "limit_minutes": sum(fact.limit_minutes or 0 for fact in facts),
        "legal": (len(legal), sum(f.used_minutes or 0 for f in legal), sum(f.legal_minutes or 0 for f in legal)),
    }


def told(line: Line) -> dict[str, object]:
    document = line.as_json()
    legal = document["legal"]
    return {name: document[name] for name in recounted([]) if name != "legal"} | {
        "legal": (legal["dossiers"], legal["used_minutes"], legal["legal_minutes"])
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ends=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)), per=st.sampled_from([Per.AGENCY, Per.PROCEDURE]))
def test_time_used_equals_a_recount_for_any_period(filled: Filled, ends: tuple[date, date], per: Per) -> None:
    period = Period(min(ends), max(ends))
    report = time_used(filled.ctx, by=SYSTEM, period=period, per=per)
    facts = timed(filled.facts, period)
    codes = dict(zip(the_world(filled.ctx).agencies, ("H00", "H01"), strict=True))
    by_key: dict[str, list[Fact]] = {}
    for fact in facts:
        key = codes[fact.resolving_agency_id] if per is Per.AGENCY else fact.procedure_code
        by_key.setdefault(key, []).append(fact)

    assert {line.key: told(line) for line in report.lines} == {key: recounted(mine) for key, mine in by_key.items()}
    assert told(report.total) == recounted(facts)


def test_one_agency_by_procedure_counts_its_own(filled: Filled) -> None:
    period = Period(date(2026, 2, 1), date(2026, 3, 14))
    report = time_used(filled.ctx, by=filled.offices[1].supervisor, period=period, per=Per.PROCEDURE)
    mine: AgencyId = the_world(filled.ctx).agencies[1]
    facts = [fact for fact in timed(filled.facts, period) if fact.resolving_agency_id == mine]

    assert told(report.total) == recounted(facts)
    assert report.about.as_json()["agencies"]


def test_cut_against_the_law_and_a_base_year(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    turn_clock_to(sqlite_ctx, NOW)
    world = the_world(sqlite_ctx)
    one = fact_rows.a_fact(
        world, 1, outcome=Outcome.ON_TIME, used_minutes=100, limit_minutes=400, legal_minutes=800,
        closed_on=date(2026, 3, 4), closed_at=local("2026-03-04T09:00"),
    )  # fmt: skip
    long_ago = {"received_on": date(2025, 5, 5), "closed_on": date(2025, 5, 9), "closed_at": local("2025-05-09T09:00")}
    facts = [
        one,
        replace(one, dossier_id=fact_rows.a_fact(world, 2).dossier_id, legal_minutes=None, used_minutes=300),
        fact_rows.a_fact(world, 3, outcome=Outcome.LATE, used_minutes=500, limit_minutes=400, **long_ago),
        fact_rows.a_fact(world, 4, outcome=Outcome.LATE, used_minutes=300, limit_minutes=400, **long_ago),
        replace(  # a procedure that the base year did not have is compared with nothing
            one, dossier_id=fact_rows.a_fact(world, 5).dossier_id, procedure_code="TP2", used_minutes=5000
        ),
    ]
    fact_rows.write(sqlite_ctx, facts)

    def asked(per: Per) -> TimeUsed:
        march = Period(date(2026, 3, 1), date(2026, 3, 31))
        return time_used(sqlite_ctx, by=SYSTEM, period=march, per=per, base_year=2025)

    [line] = asked(Per.AGENCY).lines
    by_code = {each.key: each for each in asked(Per.PROCEDURE).lines}
    assert line.base is not None
    assert (line.base.dossiers, line.base.minutes_now, line.base.minutes_then) == (2, 400, Fraction(800))
    assert line.as_json()["base"]["cut_percent"] == 50.0
    assert by_code["TP1"].cut_against_law.as_json() == {"numerator": 700, "denominator": 800, "percent": 87.5}
    assert by_code["TP2"].as_json()["base"] == {
        "dossiers": 0, "minutes_now": 0, "minutes_then": 0, "cut_percent": None,
    }  # fmt: skip
    assert by_code["TP2"].cut_against_law.percent == -525


def test_time_used_of_nothing_knows_no_percentile(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    report = time_used(sqlite_ctx, by=SYSTEM, period=Period(date(2026, 3, 1), date(2026, 3, 31)))

    document = report.as_json()
    assert document["rows"] == []
    assert document["total"]["median_percent"] is None
    assert document["total"]["used_of_limit"] == {"numerator": 0, "denominator": 0, "percent": None}
    assert document["total"]["base"] is None


def test_time_used_refuses_what_makes_no_report(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    with pytest.raises(ValueError, match="not by channel"):
        time_used(sqlite_ctx, by=SYSTEM, period=march, per=Per.CHANNEL)
    for year in (0, 20_000, 1900, 9999):
        with pytest.raises(InvalidInputError):
            time_used(sqlite_ctx, by=SYSTEM, period=march, base_year=year)
    with pytest.raises(NotAllowedError):
        time_used(sqlite_ctx, by=office.officer, period=march)
    with pytest.raises(NotFoundError):
        time_used(sqlite_ctx, by=SYSTEM, period=march, agency="H77")


def test_command_prints_or_writes_the_report(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office)
    done = a_received_dossier(sqlite_ctx, office)
    turn_clock_to(sqlite_ctx, "2026-03-04T08:00")
    advance_to(sqlite_ctx, office, done, Status.FINISHED)
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    asked = ("report", "time", "--from", "2026-03-01", "--to", "2026-03-31", "--by", "procedure")

    assert main.run([*asked, "--base-year", "2025"]) == 0
    printed = json.loads(capsys.readouterr().out)
    for name in ("r.csv", "r.xlsx"):
        assert main.run([*asked, "-o", str(tmp_path / name)]) == 0
    assert main.run([*asked, "--dimension", "receiving"]) == 2
    assert "leave --dimension out" in capsys.readouterr().err

    assert (printed["total"]["dossiers"], printed["total"]["base"]["cut_percent"]) == (1, None)
    assert printed["rows"][0]["key"] == "TP99"
    assert 0 < printed["total"]["median_percent"] < 100
    assert read_csv(tmp_path / "r.csv")[-1]["median_percent"] == str(printed["total"]["median_percent"])
    book = load_workbook(tmp_path / "r.xlsx")
    sheet = book["Thời gian"]
    assert definition_words.TIME_WORDS.keys() == DEFINITIONS.keys()
    assert list(book["Định nghĩa"].values)[-len(DEFINITIONS) :] == list(definition_words.TIME_WORDS.values())
    assert [cell.value for cell in sheet[7]][1:4] == ["Tổng số", 1, printed["total"]["median_percent"]]
