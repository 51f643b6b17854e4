"""Declared days come into force as a new version; what was promised stays promised."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule, WorkingCalendar
from engine.errors import EngineError
from engine.services import calendar_changes, calendars
from tests.support.builders import a_received_dossier, an_office
from web.cli.calendar import calendar


def declare(ctx: Context, *rules: DayRule) -> WorkingCalendar:
    """Declare days for the default agency, and return its calendar."""
    calendar_changes.apply(ctx, by=SYSTEM, change=calendar_changes.Days(rules))
    return calendars.of_agency(ctx, code=None)[0]


def test_import_moves_new_receipts_and_no_old_promise(ctx: Context) -> None:
    office = an_office(ctx)
    before = a_received_dossier(ctx, office)
    off = DayRule(on=date(2026, 3, 4), kind=DayKind.OFF, decision="12/QĐ", note="thử")

    declare(ctx, off)

    assert before["due_at"] == "2026-03-06T08:00:00+07:00"
    assert a_received_dossier(ctx, office)["due_at"] == "2026-03-09T08:00:00+07:00"
    with ctx.unit_of_work(read_only=True) as uow:
        assert uow.dossiers.by_code(before["code"]).due_at.isoformat() == "2026-03-06T01:00:00+00:00"
        versions = {uow.dossiers.by_code(code).calendar_version for code in ("H00-260302-0001", "H00-260302-0002")}
    assert len(versions) == 2


def test_decision_that_names_tet_decides_its_year(ctx: Context) -> None:
    an_office(ctx)
    assert 2027 in calendars.of_agency(ctx, code=None)[0].provisional_years

    tet = [
        DayRule(on=date(2027, 2, day), kind=DayKind.OFF, decision="1/QĐ-TTg", note="Tết") for day in (5, 8, 9, 10, 11)
    ]
    new = declare(ctx, *tet)

    assert 2027 not in new.provisional_years
    assert new.is_working_day(date(2027, 2, 4)), "a forecast day that the decision does not name works"
    assert not new.is_working_day(date(2027, 4, 30)), "a statutory day needs no decision"


def test_make_up_day_alone_decides_no_year(ctx: Context) -> None:
    an_office(ctx)

    new = declare(ctx, DayRule(on=date(2027, 1, 9), kind=DayKind.WORK, decision="2/QĐ", note=""))

    assert 2027 in new.provisional_years
    assert not new.is_working_day(date(2027, 2, 8)), "Tết is still expected"


def test_agency_without_calendar_takes_the_one_above(ctx: Context) -> None:
    an_office(ctx)
    an_office(ctx, code="H01")

    assert calendars.of_agency(ctx, code="H01") == calendars.of_agency(ctx, code=None)


def test_change_that_is_taken_back_brings_the_old_version_back(ctx: Context) -> None:
    an_office(ctx)
    notes = [DayRule(on=date(2026, 3, 4), kind=DayKind.OFF, decision=no, note="") for no in ("12/QĐ", "13/QĐ", "12/QĐ")]

    versions = [declare(ctx, rule).version for rule in notes]

    assert versions[0] == versions[2] != versions[1]
    assert calendars.of_agency(ctx, code=None)[0].version == versions[0]


def test_decision_of_a_further_year_extends_the_calendar(ctx: Context) -> None:
    an_office(ctx)
    new_year = DayRule(on=date(2030, 1, 1), kind=DayKind.OFF, decision="1/QĐ", note="")

    new = declare(ctx, new_year)

    assert (new.last_year, new.is_working_day(date(2030, 1, 2))) == (2030, True)
    with pytest.raises(EngineError) as refused:
        declare(ctx, DayRule(date(2926, 1, 1), DayKind.OFF, "1", ""))
    assert refused.value.code == "invalid-calendar"


def test_day_both_off_and_working_is_refused(ctx: Context) -> None:
    an_office(ctx)
    twice = [DayRule(on=date(2026, 3, 4), kind=kind, decision="1", note="") for kind in DayKind]

    with pytest.raises(EngineError) as refused:
        declare(ctx, *twice)

    assert refused.value.code == "invalid-calendar"
    assert calendars.of_agency(ctx, code=None)[0].is_working_day(date(2026, 3, 4))


def test_agency_that_does_not_exist_is_named(
    tmp_path: Path, sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_office(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))

    known = CliRunner().invoke(calendar, ["due", "--received", "2026-02-12T09:00", "--limit", "3 working_day",
                                          "--agency", "H00"])  # fmt: skip
    unknown = CliRunner().invoke(calendar, ["show", "2026", "--agency", "H77"])

    assert known.output.splitlines()[0] == "due 2026-02-24T09:00+07:00"
    assert isinstance(unknown.exception, EngineError)
    assert unknown.exception.code == "agency-not-found"
