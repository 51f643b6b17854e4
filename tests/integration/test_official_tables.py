"""Forms II.06 and II.07, the late list and the data-quality gate, counted again fact by fact from the definitions."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.dossier import Cause
from engine.domain.ids import DossierId, ProcedureId
from engine.domain.permissions import NotAllowedError
from engine.domain.statistics import Column, Fact, Window, columns_of
from engine.reports import late_dossiers, quality, table_06, table_07
from engine.reports.late_dossiers import How
from engine.reports.on_time_values import Dimension, Period
from engine.reports.quality import Check
from engine.reports.scope import Asked
from engine.reports.table_06 import IDENTITIES, NUMBERS, Split
from engine.reports.table_07 import CAUSES, Number
from engine.store.agencies import Unit
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from tests.support import builders as b
from tests.support import fact_rows

NOW = "2026-03-20T09:30"
FIRST = date(2026, 1, 5)
DAYS = [FIRST + timedelta(days=each) for each in range(110)]  # a month of them is still to come
FIELDS = {"TP1": ("commune", "Hộ tịch"), "TP2": ("province", "Đất đai"), "TP3": ("commune", "")}
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@dataclass(frozen=True)
class Filled:
    """A database with random facts of two agencies."""

    ctx: Context
    office: b.Office
    facts: list[Fact]
    causes: dict[DossierId, str | None]

    def counted(self, fact: Fact, period: Period) -> frozenset[Column]:
        """Return the columns of a fact by the definition."""
        return columns_of(fact, Window(period.from_on, period.to_on, date(2026, 3, 20), b.local(NOW)))


@pytest.fixture
def filled(ctx: Context) -> Filled:
    office = b.an_office(ctx)
    ward = b.an_office(ctx, code="H01")
    b.turn_clock_to(ctx, NOW)
    with ctx.unit_of_work() as uow:
        for code, (level, field) in FIELDS.items():
            uow.session.add(
                Procedure(owner_agency_id=office.id, code=code, name=code, name_folded=code, level=level, field=field)
            )
        units = sorted(uow.session.scalars(select(Unit.id).where(Unit.owner_agency_id == office.id)))
        uow.flush()
        ids: list[tuple[ProcedureId, str]] = [
            (row.id, row.code) for row in uow.session.scalars(select(Procedure)) if row.code in FIELDS
        ]
    world = fact_rows.World([office.id, ward.id], sorted(ids), b.local(NOW), units=[None, *units[:2]])
    facts = fact_rows.random_facts(world, seed=7, count=400, days=90)
    fact_rows.write(ctx, facts, folded=facts[:200])
    dice = random.Random(3)
    causes = {fact.dossier_id: dice.choice([None, *(cause.value for cause in Cause)]) for fact in facts}
    with ctx.unit_of_work() as uow:
        for row in uow.session.scalars(select(DossierFact)):
            row.late_cause = causes[row.dossier_id]
    return Filled(ctx, office, facts, causes)


def periods() -> list[Period]:
    dice = random.Random(1)
    chosen = [sorted(dice.sample(DAYS, 2)) for _ in range(6)]
    return [MARCH, Period(FIRST, FIRST), *(Period(first, last) for first, last in chosen)]


def in_number(no: int, columns: frozenset[Column]) -> bool:
    """Return whether a dossier with these columns counts in a column of the form, said once more."""
    received, carried = Column.RECEIVED_IN_PERIOD in columns, Column.CARRIED_OVER in columns
    online, ended = Column.RECEIVED_ONLINE in columns, bool({Column.WITHDRAWN, Column.STOPPED} & columns)
    done = {8: Column.EARLY in columns, 9: Column.ON_TIME in columns or ended, 10: Column.LATE in columns}
    left = {12: Column.OPEN_IN_TIME in columns, 13: Column.OPEN_LATE in columns}
    sums = {3: received or carried, 7: any(done.values()), 11: any(left.values())}
    return {4: online, 5: received and not online, 6: carried, **done, **left, **sums}[no]


@pytest.mark.parametrize("dimension", list(Dimension))
def test_form_06_is_what_its_definitions_count(filled: Filled, dimension: Dimension) -> None:
    counting = f"{dimension.value}_agency_id"
    for period, agency in zip(periods(), [None, "H00"] * 4, strict=True):
        table = table_06.table_06(
            filled.ctx, by=SYSTEM, period=period, agency=agency, per=Split.UNIT, dimension=dimension
        )
        again = table_06.table_06(filled.ctx, by=SYSTEM, period=period, agency=agency, dimension=dimension)
        mine = [each for each in filled.facts if agency is None or getattr(each, counting) == filled.office.id]
        wanted: Counter[tuple[Any, ...]] = Counter()
        for fact in mine:
            level, field = FIELDS[fact.procedure_code]
            for no in NUMBERS:
                if in_number(no, filled.counted(fact, period)):
                    wanted.update([(no,), (no, level), (no, level, field), (no, fact.unit_id)])
        for no in NUMBERS:
            assert table.whole.total[no] == again.whole.total[no] == wanted[no,]
            for row in table.whole.rows:
                key = (no, row.level) if row.field is None else (no, row.level, row.field)
                assert row.numbers[no] == wanted[key]
            assert sum(part.total[no] for part in table.parts) == wanted[no,]
        assert again.whole.rows == table.whole.rows
        assert [row.level for row in table.whole.rows] == sorted(
            (row.level for row in table.whole.rows), reverse=True
        )  # province first


def test_identities_of_form_06_hold_in_every_row(filled: Filled) -> None:
    checked = 0
    for first, last in pairwise(DAYS[::9]):
        table = table_06.table_06(filled.ctx, by=SYSTEM, period=Period(first, last), per=Split.UNIT)
        rows = [table.whole.total, *(row.numbers for part in (table.whole, *table.parts) for row in part.rows)]
        for numbers in rows:
            for whole, parts in IDENTITIES:
                assert numbers[whole] == sum(numbers[part] for part in parts)
            assert numbers.rate.denominator - numbers.rate_of_decided.denominator == numbers.ended
            checked += numbers[3] > 0
    assert checked > 20


def test_each_number_of_form_06_has_that_many_dossiers(filled: Filled) -> None:
    asked = Asked(MARCH, "H00")
    table = table_06.table_06(filled.ctx, by=SYSTEM, period=MARCH, agency="H00", per=Split.UNIT)
    for part in (table.whole, *table.parts):
        for row in (None, *part.rows):
            for no in NUMBERS:
                cell = table_06.Cell(no, part.key or None, row and row.level, row and row.field)
                found = table_06.dossiers_of(filled.ctx, by=SYSTEM, asked=asked, cell=cell)
                assert len(found) == (part.total if row is None else row.numbers)[no]
                assert len({each.dossier_id for each in found}) == len(found)
            cell = table_06.Cell(table_06.ENDED_NO, part.key or None, row and row.level, row and row.field)
            found = table_06.dossiers_of(filled.ctx, by=SYSTEM, asked=asked, cell=cell)
            assert len(found) == (part.total if row is None else row.numbers).ended
    for cell in (table_06.Cell(2), table_06.Cell(3, "H00/NOBODY")):
        with pytest.raises(table_06.RowNotFoundError):
            table_06.dossiers_of(filled.ctx, by=SYSTEM, asked=asked, cell=cell)


def test_form_07_adds_up_to_form_06(filled: Filled) -> None:
    for period in periods():
        asked = Asked(period, "H00")
        table = table_07.table_07(filled.ctx, by=SYSTEM, asked=asked)
        whole = table_06.table_06(filled.ctx, by=SYSTEM, period=period, agency="H00").whole
        late = [each for each in filled.facts if each.resolving_agency_id == filled.office.id]
        wanted = Counter(
            filled.causes[each.dossier_id] or "undetermined"
            for each in late
            if {Column.LATE, Column.OPEN_LATE} & filled.counted(each, period)
        )
        assert table.total[Number.FINISHED] == whole.total[10]
        assert table.total[Number.OPEN] == whole.total[13]
        assert table.total[Number.LATE] == whole.total[10] + whole.total[13] == wanted.total()
        for number in (*CAUSES, Number.UNDETERMINED):
            assert table.total[number] == wanted[number.value]
        for row in (table.total, *table.rows):
            assert row[Number.LATE] == sum(row[number] for number in (*CAUSES, Number.UNDETERMINED))
            level = row.level or None
            for number in Number:
                cell = table_07.Cell(number, level, row.field)
                assert len(table_07.dossiers_of(filled.ctx, by=SYSTEM, asked=asked, cell=cell)) == row[number]
    with pytest.raises(table_06.RowNotFoundError):
        table_07.number_of("citizen")


def test_the_late_list_has_each_late_dossier_once(filled: Filled) -> None:
    for period in periods():
        found = late_dossiers.late_dossiers(filled.ctx, by=SYSTEM, asked=Asked(period))
        wanted = Counter(
            column
            for fact in filled.facts
            for column in filled.counted(fact, period) & {Column.LATE, Column.OPEN_LATE, Column.ENDED_LATE}
        )
        assert found.counts == {
            How.FINISHED: wanted[Column.LATE],
            How.OPEN: wanted[Column.OPEN_LATE],
            How.ENDED: wanted[Column.ENDED_LATE],
        }
        assert len({line.entry.dossier_id for line in found.lines}) == len(found.lines)
        minutes = [line.entry.late_minutes or 0 for line in found.lines]
        assert minutes == sorted(minutes, reverse=True)


def test_an_open_dossier_is_late_by_office_time_until_the_period_ends(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)  # Monday 2 March 08:00, 4 working days
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    due = dossier["due_at"]

    def minutes(last: date) -> Any:
        asked = Asked(Period(date(2026, 3, 1), last), "H00")
        (line,) = late_dossiers.late_dossiers(ctx, by=office.supervisor, asked=asked).lines
        return line.entry.late_minutes

    day = 8 * 60
    assert minutes(date(2026, 3, 31)) - minutes(date(2026, 3, 12)) == day + 60  # Friday 13 and an hour of Monday 16
    assert minutes(date(2026, 3, 15)) - minutes(date(2026, 3, 13)) == 0
    assert due.startswith("2026-03-06")
    b.advance_to(ctx, office, dossier, b.Status.FINISHED)
    asked = Asked(MARCH)
    (line,) = late_dossiers.late_dossiers(ctx, by=office.supervisor, asked=asked).lines
    assert (line.how, line.entry.charged_side) == (How.FINISHED, "inside")
    assert line.entry.late_minutes == minutes(date(2026, 3, 31))
    assert line.entry.charged_to is not None
    early = Asked(Period(date(2026, 3, 1), date(2026, 3, 12)))
    (then,) = late_dossiers.late_dossiers(ctx, by=office.supervisor, asked=early).lines
    assert then.how is How.OPEN  # as it stood when that period ended


# --- the gate -------------------------------------------------------------------------------------------------------


BROKEN: dict[Check, dict[str, Any]] = {
    Check.NO_CODE: {"code": None},
    Check.FINISHED_BEFORE_RECEIVED: {"closed_at": b.local("2026-03-01T08:00"), "closed_on": date(2026, 3, 1)},
    Check.FUTURE_DATE: {"received_at": b.local("2026-05-01T08:00"), "received_on": date(2026, 5, 1)},
    Check.NO_PROMISE: {"due_at": None, "late_after": None},
    Check.IMPORTED_WITHOUT_DUE: {"due_at": None, "late_after": None, "source": "HCDB"},
    Check.NO_UNIT: {"unit_id": None, "closed_at": b.local("2026-03-04T08:00"), "closed_on": date(2026, 3, 4),
                    "outcome": "early"},
    Check.LATE_WITHOUT_CAUSE: {"late_after": b.local("2026-03-04T08:00"), "late_on": date(2026, 3, 4)},
    Check.UNKNOWN_PROCEDURE: {"procedure_id": 9999, "procedure_code": "XX"},
}  # fmt: skip


@pytest.mark.parametrize("check", list(BROKEN))
def test_each_check_finds_what_it_is_for(ctx: Context, check: Check) -> None:
    office = b.an_office(ctx, policy={"field": "Hộ tịch"})
    dossier, good = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    asked = Asked(MARCH, "H00")
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    before = quality.quality(ctx, by=office.supervisor, asked=asked)
    assert (before.dossiers, sum(before.counts.values())) == (2, 0)
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(DossierFact).values(unit_id=office.units["PHONG_TU_PHAP"]))
        broken = DossierFact.dossier_id == UUID(dossier["id"])
        uow.session.execute(update(DossierFact).where(broken).values(**BROKEN[check]))
    found = quality.quality(ctx, by=office.supervisor, asked=asked)
    assert {each for each, count in found.counts.items() if count} == {check}
    for each in Check:
        listed = quality.failing(ctx, by=office.supervisor, asked=asked, check=each)
        assert [line.dossier_id for line in listed] == ([dossier["id"]] if each is check else [])
    table = table_06.table_06(ctx, by=office.supervisor, period=MARCH)
    assert table.as_json()["about"]["quality"][check.value] == 1
    assert good["code"] is not None


def test_a_procedure_without_a_field_is_found_and_stands_in_a_row(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office)
    found = quality.quality(sqlite_ctx, by=office.supervisor, asked=Asked(MARCH))
    assert {each for each, count in found.counts.items() if count} == {Check.PROCEDURE_WITHOUT_FIELD}
    rows = table_06.table_06(sqlite_ctx, by=office.supervisor, period=MARCH).whole.rows
    assert [(row.level, row.field, row.numbers[3]) for row in rows] == [("commune", None, 1), ("commune", "", 1)]


def test_an_unknown_procedure_stands_in_a_row_of_its_own(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office)
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(DossierFact).values(procedure_id=9999, procedure_code="XX"))
    asked = Asked(MARCH, "H00")
    rows = table_06.table_06(sqlite_ctx, by=office.supervisor, period=MARCH, per=Split.UNIT).whole.rows
    assert [(row.level, row.field, row.numbers[3]) for row in rows] == [("", None, 1), ("", "", 1)]
    cell = table_06.Cell(3, None, "", "")
    assert len(table_06.dossiers_of(sqlite_ctx, by=office.supervisor, asked=asked, cell=cell)) == 1


def test_numbers_are_for_those_who_may_see_them(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    ward = b.an_office(ctx, code="H01")
    b.a_received_dossier(ctx, office)
    clerk = b.a_person(ctx, office.id, "clerk", [Role.CLERK])
    for by, agency in ((office.officer, None), (clerk, "H00"), (ward.supervisor, "H00")):
        asked = Asked(MARCH, agency)
        with pytest.raises(NotAllowedError):
            table_06.table_06(ctx, by=by, period=MARCH, agency=agency)
        with pytest.raises(NotAllowedError):
            table_07.table_07(ctx, by=by, asked=asked)
        with pytest.raises(NotAllowedError):
            late_dossiers.late_dossiers(ctx, by=by, asked=asked)
        with pytest.raises(NotAllowedError):
            quality.quality(ctx, by=by, asked=asked)
        with pytest.raises(NotAllowedError):
            table_06.dossiers_of(ctx, by=by, asked=asked, cell=table_06.Cell(3))
    assert table_06.table_06(ctx, by=ward.supervisor, period=MARCH).whole.total[3] == 0


def test_a_withdrawn_dossier_counts_in_column_9_and_not_in_the_rate_beside_it(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx)
    gone, late = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    b.withdraw(ctx, office, gone)
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    b.advance_to(ctx, office, late, b.Status.FINISHED)
    total = table_06.table_06(ctx, by=office.supervisor, period=MARCH).whole.total
    assert [total[no] for no in (3, 7, 8, 9, 10)] == [2, 2, 0, 1, 1]
    assert (total.rate.numerator, total.rate.denominator) == (1, 2)
    assert (total.rate_of_decided.numerator, total.rate_of_decided.denominator) == (0, 1)
    nothing = table_06.table_06(ctx, by=office.supervisor, period=Period(date(2025, 1, 1), date(2025, 1, 31)))
    assert nothing.whole.total.rate.percent is None
