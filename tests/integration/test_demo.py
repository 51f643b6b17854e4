"""The demo: current whatever the day, every status and letter to be found, nothing for verify."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.clock import TurnedClock
from engine.domain.dossier import LetterState, Status, TaskState
from engine.reports import plan_lists
from engine.reports.index_766 import index_766
from engine.reports.on_time_values import Period
from engine.reports.scope import Asked
from engine.reports.targets import Verdict, targets
from engine.seeds import demo
from engine.seeds.demo import LIBRARY, SIGN_INS, DemoFacts
from engine.services import consolidation, people, periods, procedures
from engine.services.views import is_late
from engine.store.agencies import Agency
from engine.store.dossiers import Dossier, Party
from engine.store.letters import Letter
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.verification.verify import verify
from tests.support.builders import local
from tests.support.contexts import make_context
from web.cli.main import run

NOW = "2026-08-12T15:10"  # a Wednesday


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Context, DemoFacts]]:
    """A database with a demo of that afternoon, smaller than the real one; only to be read."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    made = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    context = Context(TurnedClock(local(NOW)), made.database, made.files, made.mail, made.settings)
    yield context, demo.load(context, dossiers=110)
    context.database.close()


def test_demo_has_two_wards_and_procedures_of_tables_and_of_the_library(loaded: tuple[Context, DemoFacts]) -> None:
    context, facts = loaded
    offered = {
        ward: {row["code"] for row in procedures.catalogue(context, agency=ward)} for ward in ("H99.31.01", "H99.31.02")
    }

    assert (facts.agencies, facts.procedures, facts.dossiers) == (5, 16, 110)
    assert [row.code for row in _all(context, Agency)] == ["H99", "H99.31.01", "H99.31.02", "H99.CA", "H99.DL"]
    assert offered["H99.31.01"] - offered["H99.31.02"] == {"LT297.1", "LT297.2", "LT297.3"}
    shown = procedures.show(context, code="1.013225", agency="H99.31.01")
    assert "Trả lời ý kiến bằng văn bản" in {step["name"] for step in shown["steps"]}


def test_dossiers_of_the_library_are_lived_in_several_states(loaded: tuple[Context, DemoFacts]) -> None:
    context, _ = loaded
    known = {row.id: row.code for row in _all(context, Procedure) if row.code in LIBRARY}
    first = {row.id for row in _all(context, Agency) if row.code == "H99.31.01"}
    lived = [row for row in _all(context, Dossier) if row.procedure_id in known and row.resolving_agency_id in first]

    assert {known[row.procedure_id] for row in lived} == set(LIBRARY)
    assert len({row.status for row in lived}) >= 3
    assert "opinions__answer" in {task.node for task in _all(context, Task) if task.state is TaskState.OPEN}
    assert {person.name for person in _all(context, Officer) if person.username.startswith("mo-phong")} == set()


def test_every_status_and_letter_state_is_there_and_several_are_late(loaded: tuple[Context, DemoFacts]) -> None:
    context, _ = loaded
    dossiers, letters = _all(context, Dossier), _all(context, Letter)
    late_open = [row for row in dossiers if row.finished_at is None and is_late(row, local(NOW))]

    assert {row.status for row in dossiers} == {status.value for status in Status}
    by_hand = set(LetterState) - {LetterState.SIGNED, LetterState.NUMBERED}  # the wards sign on paper
    assert {letter.state for letter in letters} == by_hand
    assert len(late_open) >= 5


def test_demo_ends_now_with_dossiers_of_today_and_of_other_desks(loaded: tuple[Context, DemoFacts]) -> None:
    context, _ = loaded
    received = [row for row in _all(context, Dossier) if row.received_at is not None]
    today = [row for row in received if row.received_at >= local("2026-08-12T00:00")]

    assert len(today) >= 5
    assert max(row.received_at for row in received) <= local(NOW)
    assert Counter(row.receiving_agency_id == row.resolving_agency_id for row in received)[False] >= 3


def test_wards_have_plans_that_contradict_each_other_with_tasks_figures_and_a_register(
    loaded: tuple[Context, DemoFacts],
) -> None:
    context, _ = loaded
    year = Asked(Period(date(2026, 1, 1), date(2026, 12, 31)))
    lines = targets(context, by=SYSTEM, asked=year).lines
    asked = {(line.agency, line.target.indicator): line.target.figure for line in lines}
    verdicts = {(line.agency, line.target.indicator): line.verdict for line in lines}
    tasks = plan_lists.tasks(context, by=SYSTEM, year=2026, agency="H99.31.01")

    assert (asked["H99.31.01", "online_payment"], asked["H99.31.02", "online_payment"]) == ("95", "80")
    assert (asked["H99.31.01", "satisfied_reception"], asked["H99.31.02", "satisfied_reception"]) == ("98", "90")
    assert verdicts["H99.31.01", "satisfied_reception"] is Verdict.BEHIND
    assert verdicts["H99.31.02", "satisfied_reception"] is Verdict.MET
    assert (tasks.on_time.numerator, tasks.on_time.denominator) == (2, 4)
    total = index_766(context, by=SYSTEM, asked=Asked(year.period, "H99.31.01")).total.total
    assert total.points is not None
    assert total.unknown < 25


def test_verify_finds_nothing_in_the_demo(loaded: tuple[Context, DemoFacts]) -> None:
    context, _ = loaded

    assert verify(context) == []


def test_people_of_the_demo_sign_in(loaded: tuple[Context, DemoFacts]) -> None:
    context, facts = loaded
    username, password, _ = SIGN_INS[0]

    assert facts.sign_ins == SIGN_INS
    assert people.sign_in(context, username=username, password=password).agency_code == "H99.31.01"
    assert all(person.name.endswith("(mẫu)") for person in _all(context, Party))


def test_second_demo_is_refused(
    loaded: tuple[Context, DemoFacts], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context, _ = loaded
    monkeypatch.setenv("MOTCUA_DATA", str(context.settings.data))

    assert run(["demo", "load"]) == 2
    assert capsys.readouterr() == (
        "", "motcua: the database has dossiers already; load the demo into an empty one\n"
    )  # fmt: skip


def _all(ctx: Context, row: Any) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(select(row)))


def test_wards_report_periods_and_the_first_one_has_closed_the_last_month(loaded: tuple[Context, DemoFacts]) -> None:
    context, _ = loaded
    listed = periods.listed(context, by=SYSTEM)

    assert {(row["agency"], row["kind"]) for row in listed["schedules"]} == {
        (ward, kind) for ward in ("H99.31.01", "H99.31.02") for kind in ("month", "quarter")
    }
    (closed,) = [row for row in listed["periods"] if row["state"] == "closed"]
    assert (closed["agency"], closed["kind"]) == ("H99.31.01", "month")
    states = [member.is_closed for member in consolidation.members(
        context, by=SYSTEM, agency="H99", name=closed["period"]
    )]  # fmt: skip
    assert states == [False, True, False]
