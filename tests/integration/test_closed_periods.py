"""A closed period is what it was, byte by byte, whatever is changed later; changes are told as corrections."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.ids import ProcedureId
from engine.domain.permissions import NotAllowedError
from engine.domain.report_periods import Standard, named
from engine.domain.statistics import NEVER, Apologised, Column, Outcome
from engine.errors import EngineError
from engine.integrations.files import FileDamagedError
from engine.reports import standard_reports
from engine.reports.on_time_values import Period
from engine.reports.period_corrections import Corrections, corrections
from engine.services import closed_periods, closing, endings, figures, periods, plan_targets, rollups
from engine.services.closed_periods import Closed, PeriodNotClosedError
from engine.services.closing import PeriodClosedError, PeriodNotOverError
from engine.store.administration import AdminAct
from engine.store.agencies import Agency
from engine.store.facts import DossierFact
from engine.store.periods import PeriodNotFoundError
from engine.store.procedures import Procedure
from tests.integration.test_frozen_context import a_fact
from tests.support.builders import (
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    stop,
    turn_clock_to,
    withdraw,
)

Q1 = Period(date(2026, 1, 1), date(2026, 3, 31))


def no_reports(*_asked: Any) -> Standard:
    """Say nothing of reports, where a test is about something else."""
    return Standard({})


def close(ctx: Context, office: Office, **more: Any) -> Closed:
    asked = {"agency": office.code, "name": "2026-Q1", "reports": no_reports} | more
    return closing.close(ctx, by=office.supervisor, **asked)


@contextmanager
def as_closed(ctx: Context, office: Office, name: str = "2026-Q1") -> Iterator[Context]:
    with closed_periods.context_of(ctx, by=office.auditor, agency=office.code, name=name) as then:
        yield then


def files(ctx: Context, office: Office, period: Period = Q1) -> dict[str, bytes]:
    """Return every standard report: its name and bytes."""
    return dict(standard_reports.all_of(ctx, agency=office.code, period=period))


def corrected(ctx: Context, office: Office, name: str = "2026-Q1", period: Period = Q1) -> Corrections:
    with as_closed(ctx, office, name) as then:
        return corrections(ctx, then, by=office.auditor, agency=office.code, period=period)


def a_busy_quarter(ctx: Context, office: Office) -> list[dict[str, Any]]:
    """Work through March 2026 and return the dossiers, of every standing, when April has begun."""
    dossiers = [a_received_dossier(ctx, office) for _ in range(8)]
    dossiers[0] = advance_to(ctx, office, dossiers[0], Status.FINISHED)  # early
    withdraw(ctx, office, dossiers[1])
    turn_clock_to(ctx, "2026-03-06T09:00")
    dossiers[2] = advance_to(ctx, office, dossiers[2], Status.FINISHED)
    stop(ctx, office, dossiers[3])
    turn_clock_to(ctx, "2026-03-12T09:00")
    dossiers[4] = advance_to(ctx, office, dossiers[4], Status.FINISHED)  # late; 5, 6 and 7 stay open and late
    turn_clock_to(ctx, "2026-03-31T09:00")
    dossiers += [a_received_dossier(ctx, office) for _ in range(2)]  # open, in time when the quarter ends
    turn_clock_to(ctx, "2026-04-02T09:00")
    return dossiers


def test_a_closed_quarter_is_reproduced_after_a_thousand_later_changes(ctx: Context) -> None:
    office = an_office(ctx)
    dossiers = a_busy_quarter(ctx, office)
    for day in range(60):  # old ones, to have enough to change
        a_fact(ctx, office, date(2026, 1, 5) + timedelta(days=day), code=f"OLD-{day:03}")
    rollups.rebuild(ctx)  # those were put in behind the back of the journal
    _plan(ctx, office, wanted="95", satisfied=96, document="KH 1")
    before = files(ctx, office)
    closed = close(ctx, office, reports=standard_reports.summary)
    with as_closed(ctx, office) as then:
        frozen = files(then, office)
    assert frozen == before  # what was shown a moment ago is what was closed

    _change_a_thousand_times(ctx, office, dossiers)

    with as_closed(ctx, office) as then:
        again = files(then, office)
        assert then.clock.now() == closed.closed_at
    assert again == frozen
    assert {Path(name).suffix for name in again} == {".json", ".csv", ".xlsx"}
    now = files(ctx, office)
    moved = ("on-time.agency.", "table-06.", "table-07.", "late.", "index-766.", "targets.")
    assert [name for name in now if name.startswith(moved) and now[name] == frozen[name]] == []
    assert (b'"KH 1"' in frozen["targets.json"], b'"KH 2"' in frozen["targets.json"]) == (True, False)
    with ctx.unit_of_work(read_only=True) as uow:
        kept = uow.periods.by_name(office.id, "2026-Q1").content
    assert kept["reports"] == standard_reports.digests_of(again)
    assert corrected(ctx, office).count > 50


def _plan(ctx: Context, office: Office, *, wanted: str, satisfied: int, document: str) -> None:
    """Set targets of the year, one from dossiers and one from figures, and enter the figure."""
    year = date(2026, 1, 1), date(2026, 12, 31)
    for indicator in ("on_time_finished", "satisfied_reception"):
        target = plan_targets.Target(indicator, ">=", wanted, *year, document)
        plan_targets.set_target(ctx, by=SYSTEM, agency=office.code, target=target)
    figure = figures.Figure("satisfied_reception", Q1.from_on, Q1.to_on, satisfied, 100, "Phiếu khảo sát")
    figures.enter(ctx, by=SYSTEM, agency=office.code, figure=figure)


def _change_a_thousand_times(ctx: Context, office: Office, dossiers: list[dict[str, Any]]) -> None:
    """Change dossiers by services, and facts, names, procedures and registers as corrections would."""
    for each in dossiers[5:8]:
        advance_to(ctx, office, each, Status.FINISHED)
    for each in dossiers[8:]:
        endings.withdraw(ctx, by=office.desk, dossier=each["id"])
    random = Random(7)
    with ctx.unit_of_work(read_only=True) as uow:
        ids = list(uow.session.scalars(select(DossierFact.dossier_id).order_by(DossierFact.dossier_id)))
    for _ in range(20):
        with ctx.unit_of_work() as uow:
            for _ in range(50):
                row = uow.session.get_one(DossierFact, random.choice(ids))
                closed_on = row.received_on + timedelta(days=random.randrange(40))
                row.closed_on, row.outcome = random.choice(((NEVER, Outcome.OPEN), (closed_on, Outcome.LATE)))
                row.late_on, row.apologised = closed_on, Apologised.NONE
                row.received_on += timedelta(days=random.choice((-9, 0, 0, 9)))
                row.officer_id = random.choice((None, office.officer.id, office.approver.id))
    with ctx.unit_of_work() as uow:
        uow.session.get_one(Agency, office.id).name = "Ủy ban nhân dân đã đổi tên"
        procedure = uow.procedures.by_code(office.id, office.procedure)
        changed = uow.session.get_one(Procedure, ProcedureId(procedure.id))
        changed.name, changed.field, changed.level = "Tên mới", "Đất đai", "province"
    _plan(ctx, office, wanted="99", satisfied=70, document="KH 2")
    rollups.rebuild(ctx)
    turn_clock_to(ctx, "2026-06-01T09:00")


def test_what_was_open_at_the_end_and_finished_later_is_no_correction(ctx: Context) -> None:
    office = an_office(ctx)
    dossiers = a_busy_quarter(ctx, office)
    close(ctx, office)

    advance_to(ctx, office, dossiers[8], Status.FINISHED)  # received on 31 March, finished in April
    advance_to(ctx, office, dossiers[5], Status.FINISHED)

    assert corrected(ctx, office).count == 0


def test_a_correction_names_the_dossier_with_old_and_new(ctx: Context) -> None:
    office = an_office(ctx)
    a_busy_quarter(ctx, office)
    fact = a_fact(ctx, office, date(2026, 2, 2), date(2026, 2, 20), outcome=Outcome.LATE, late_on=date(2026, 2, 11),
                  code="H00-1")  # fmt: skip
    other = a_fact(ctx, office, date(2026, 2, 2), date(2026, 2, 4), code="H00-2")
    close(ctx, office)

    with ctx.unit_of_work() as uow:
        row = uow.session.get_one(DossierFact, fact.dossier_id)
        row.outcome, row.late_on = Outcome.ON_TIME, NEVER
        uow.session.get_one(DossierFact, other.dossier_id).officer_id = office.officer.id
    a_fact(ctx, office, date(2026, 3, 3), code="H00-3")  # entered afterwards

    found = corrected(ctx, office)
    assert found.moved == {Column.LATE: -1, Column.ON_TIME: 1, Column.RECEIVED_ON_TIME: 1,
                           Column.RECEIVED_IN_PERIOD: 1, Column.OPEN_IN_TIME: 1}  # fmt: skip
    assert [each["dossier"] for each in found.as_json()["dossiers"]] == ["H00-1", "H00-2", "H00-3"]
    first, second, third = found.as_json()["dossiers"]
    assert ("late" in first["before"], "late" in first["after"]) == (True, False)
    assert (second["before"] == second["after"], second["changed"]) == (True, ["officer_id"])
    assert (third["before"], "received_in_period" in third["after"]) == ([], True)


def test_only_what_concerns_the_agency_is_frozen(sqlite_ctx: Context) -> None:
    office, other = an_office(sqlite_ctx), an_office(sqlite_ctx, code="H01")
    a_fact(sqlite_ctx, office, date(2026, 2, 2), code="OF-US")
    a_fact(sqlite_ctx, other, date(2026, 2, 2), code="OF-THEM")
    a_fact(sqlite_ctx, other, date(2026, 2, 2), code="OF-BOTH", receiving_agency_id=office.id)
    turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    closed = close(sqlite_ctx, office)

    text = gzip.decompress(sqlite_ctx.files.get(closed.sha256)).decode()

    assert [code in text for code in ("OF-US", "OF-BOTH", "OF-THEM")] == [True, True, False]


def test_a_period_is_closed_once(ctx: Context) -> None:
    office = an_office(ctx)
    turn_clock_to(ctx, "2026-04-01T00:00")
    closed = close(ctx, office)

    with pytest.raises(PeriodClosedError):
        close(ctx, office)
    with ctx.unit_of_work(read_only=True) as uow:
        acts = uow.session.scalars(select(AdminAct).where(AdminAct.kind == closing.CLOSED)).all()
    assert [(act.subject, act.facts["sha256"]) for act in acts] == [("2026-Q1", closed.sha256)]
    assert (closed.closed_by, closed.was_early) == (office.supervisor.name, False)


def test_two_who_close_at_once_close_it_once(ctx: Context) -> None:
    office = an_office(ctx)
    turn_clock_to(ctx, "2026-04-02T00:00")
    both, told = threading.Barrier(2, timeout=30), []

    def meet(*asked: Any) -> Any:
        both.wait()
        return no_reports(*asked)

    def act() -> None:
        try:
            closing.close(ctx, by=office.supervisor, agency=office.code, name="2026-Q1", reports=meet)
            told.append("closed")
        except EngineError as error:
            told.append(error.code)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert "closed" in told
    assert set(told) <= {"closed", "period-closed", "changed-meanwhile"}
    assert len(told) == 2
    assert told.count("closed") == 1


def test_a_period_that_is_not_over_is_closed_only_when_that_is_said(ctx: Context) -> None:
    office = an_office(ctx)
    turn_clock_to(ctx, "2026-03-31T23:59")
    with pytest.raises(PeriodNotOverError):
        close(ctx, office)

    assert close(ctx, office, early=True).was_early


def test_only_who_answers_for_the_numbers_closes(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    other = an_office(sqlite_ctx, code="H01")
    turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    for by in (office.auditor, office.desk, office.admin, other.supervisor):
        with pytest.raises(NotAllowedError):
            closing.close(sqlite_ctx, by=by, agency=office.code, name="2026-Q1", reports=no_reports)
    closing.close(sqlite_ctx, by=SYSTEM, agency=office.code, name="2026-Q1", reports=no_reports)
    with pytest.raises(NotAllowedError), as_closed_by(sqlite_ctx, other, office):
        pass


@contextmanager
def as_closed_by(ctx: Context, who: Office, whose: Office) -> Iterator[Context]:
    with closed_periods.context_of(ctx, by=who.supervisor, agency=whose.code, name="2026-Q1") as then:
        yield then


def test_a_report_that_fails_leaves_the_period_open(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    turn_clock_to(sqlite_ctx, "2026-04-02T09:00")

    def fail(*_asked: Any) -> Any:
        raise PeriodNotFoundError("no such thing")

    with pytest.raises(PeriodNotFoundError):
        closing.close(sqlite_ctx, by=office.supervisor, agency=office.code, name="2026-Q1", reports=fail)
    assert closed_periods.find(sqlite_ctx, by=office.auditor, agency=office.code, name="2026-Q1") is None
    with pytest.raises(PeriodNotFoundError), as_closed(sqlite_ctx, office):
        pass
    close(sqlite_ctx, office)


def test_what_is_not_closed_has_nothing_frozen(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    with sqlite_ctx.unit_of_work() as uow:
        uow.periods.add(periods.new_row(uow, uow.agencies.get(office.id), named("2026-Q1")))

    with pytest.raises(PeriodNotClosedError), as_closed(sqlite_ctx, office):
        pass


@pytest.mark.parametrize("how", ["another byte", "cut off", "away"])
def test_a_frozen_file_that_was_touched_is_found(sqlite_ctx: Context, how: str) -> None:
    office = an_office(sqlite_ctx)
    turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    closed = close(sqlite_ctx, office)
    path = sqlite_ctx.settings.files / closed.sha256[:2] / closed.sha256
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if how != "away":
        path.write_bytes(content if how == "another byte" else content[:-5])

    with pytest.raises(EngineError) as told, as_closed(sqlite_ctx, office):
        pass

    assert told.value.code == ("file-missing" if how == "away" else FileDamagedError.code)
