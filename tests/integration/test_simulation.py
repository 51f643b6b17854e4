"""The simulation: real services on a clock of its own, the same course for the same seed, nothing left to chance."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.clock import SystemClock, TurnedClock
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.errors import InvalidInputError
from engine.seeds import base
from engine.services import imports, people
from engine.simulation import simulate as module
from engine.simulation.plans import EmptyPeriodError
from engine.simulation.results import SimulationResult
from engine.simulation.simulate import InvalidSimulationError, simulate
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.procedures import ProcedureNotFoundError
from engine.verification.verify import verify
from tests.support.builders import local
from tests.support.contexts import make_context
from tests.support.signs import a_clock_sign
from web.cli.main import run

TABLES = Path(module.__file__).parents[1] / "seeds" / "demo_procedures.json"
CODES = ("1.001612", "1.013978", "2.000815", "3.000527")  # one pauses for tax, one is of the same day
FROM, TO, END = date(2026, 1, 5), date(2026, 4, 10), "2026-04-10T17:00"
LIVED_TO, LIVED_END = date(2026, 2, 27), "2026-02-27T17:00"


def publish(ctx: Context) -> None:
    """Publish the procedures in the default agency."""
    base.ensure(ctx)
    tables = [table for table in json.loads(TABLES.read_text(encoding="utf-8")) if table["code"] in CODES]
    assert imports.import_tables(ctx, by=SYSTEM, data=tables).refused == []


def simulated(ctx: Context, **changes: Any) -> SimulationResult:
    """Run a small simulation."""
    usual: dict[str, Any] = {"from_on": FROM, "to_on": TO, "dossiers": 60, "late_share": 0.15, "seed": 7}
    return simulate(ctx, **(usual | changes))


@pytest.fixture
def fresh(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[str], Context]]:
    """Makes contexts over databases of their own."""
    made: list[Context] = []

    def make(name: str) -> Context:
        (tmp_path / name).mkdir()
        shutil.copyfile(sqlite_template, tmp_path / name / "motcua.db")
        made.append(make_context(tmp_path / name, f"sqlite:///{tmp_path / name / 'motcua.db'}"))
        publish(made[-1])
        return made[-1]

    yield make
    for context in made:
        context.database.close()


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Context, SimulationResult]]:
    """A database in which a simulation has run, and its result; only to be read."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copyfile(sqlite_template, folder / "motcua.db")
    context = make_context(folder, f"sqlite:///{folder / 'motcua.db'}")
    publish(context)
    yield context, simulated(context, to_on=LIVED_TO)
    context.database.close()


def test_everything_occurs_and_verify_finds_nothing(ctx: Context) -> None:
    publish(ctx)
    result = simulated(ctx)
    turned = Context(TurnedClock(local(END)), ctx.database, ctx.files, ctx.mail, ctx.settings)

    assert verify(turned) == []
    assert (result.filed, result.left_to_others, result.procedures_without_closed) == (60, 0, [])
    assert set(result.pauses) == {"obligation", "step", "supplement"}
    assert result.supplements["lapsed"] >= 1
    assert min(result.refused, result.withdrawn, result.stopped, result.not_received, result.late) >= 1
    assert result.across_three_units > 30
    assert result.letters["sent"] >= 1


def test_result_agrees_with_a_recount_of_the_events(lived: tuple[Context, SimulationResult]) -> None:
    context, result = lived
    kinds = Counter(event.kind for event in _all(context, Event))

    assert result.received == kinds[EventKind.RECEIVED]
    assert result.not_received == kinds[EventKind.NOT_RECEIVED]
    assert result.finished == kinds[EventKind.FINISHED]
    assert result.returned == kinds[EventKind.RETURNED]
    assert result.withdrawn == kinds[EventKind.WITHDRAWN]
    assert result.handovers == kinds[EventKind.HANDED_OVER]
    assert result.supplements == {
        "asked": kinds[EventKind.SUPPLEMENT_REQUESTED],
        "completed": kinds[EventKind.SUPPLEMENT_COMPLETED],
        "lapsed": kinds[EventKind.SUPPLEMENT_LAPSED],
    }
    assert sum(result.pauses.values()) == kinds[EventKind.CLOCK_PAUSED]


def test_what_is_open_at_the_end_waits_or_has_its_letter(lived: tuple[Context, SimulationResult]) -> None:
    context, _ = lived
    with_letter = {letter.dossier_id for letter in _all(context, Letter)}
    still_open = [row for row in _all(context, Dossier) if row.status in (1, 2, 4, 5, 6)]
    unaccounted = [
        row.code
        for row in still_open
        if not row.is_paused and row.status != 5
        and (row.late_after is None or (row.late_after < local(LIVED_END) and row.id not in with_letter))
    ]  # fmt: skip

    assert still_open != []
    assert unaccounted == []


def test_letters_of_dossiers_that_ended_late_were_sent_and_no_other(lived: tuple[Context, SimulationResult]) -> None:
    context, _ = lived
    finished = {row.id: row for row in _all(context, Dossier) if row.finished_at is not None}
    late = {row.id for row in finished.values() if row.finished_at > row.late_after}
    sent = {letter.dossier_id for letter in _all(context, Letter) if letter.state is LetterState.SENT}

    assert late == sent & set(finished)
    assert late != set()


def test_same_seed_gives_the_same_course_in_another_database(fresh: Callable[[str], Context]) -> None:
    first, again, other = (fresh(name) for name in ("first", "again", "other"))

    result = simulated(first, dossiers=24)

    assert simulated(again, dossiers=24) == result
    assert set(_all(again, Dossier.code)) == set(_all(first, Dossier.code))
    assert simulated(other, dossiers=24, seed=8) != result


def test_second_run_leaves_the_dossiers_of_the_first_alone(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)
    simulated(sqlite_ctx, dossiers=10)
    before = {row.id: row.event_hash for row in _all(sqlite_ctx, Dossier)}

    second = simulated(sqlite_ctx, dossiers=10, seed=8)
    after = {row.id: row.event_hash for row in _all(sqlite_ctx, Dossier)}

    assert (second.filed, second.officers_added, len(after)) == (10, 0, 20)
    assert {key: after[key] for key in before} == before


def test_without_a_share_of_late_ones_nothing_is_late(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)

    result = simulated(sqlite_ctx, dossiers=16, late_share=0)

    assert (result.late, result.letters.get("sent", 0)) == (0, 0)


def test_officers_are_made_for_units_that_have_nobody_only(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)
    mine = people.add_officer(
        sqlite_ctx, by=SYSTEM, username="thuly", name="Người Thụ Lý", roles=[Role.OFFICER], unit_codes=["CONG_AN"]
    )
    simulated(sqlite_ctx, dossiers=6, procedures=["3.000527"])
    of_police = people.list_officers(sqlite_ctx, by=SYSTEM)
    with sqlite_ctx.unit_of_work() as uow:
        unit = uow.agencies.find_unit(mine.agency_id, "CONG_AN")
        members = [row.username for row in uow.people.members(unit.id)]

    assert members == ["thuly"]
    assert all(row.name.startswith("Cán bộ mô phỏng") for row in of_police if row.username != "thuly")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"to_on": date(2026, 1, 4)}, InvalidSimulationError, id="ends-before-it-begins"),
        pytest.param({"dossiers": 0}, InvalidSimulationError, id="no-dossier"),
        pytest.param({"late_share": 1.5}, InvalidSimulationError, id="share-above-1"),
        pytest.param({"procedures": ["9.999999"]}, ProcedureNotFoundError, id="unknown-code"),
        pytest.param({"to_on": date(2046, 1, 4)}, InvalidInputError, id="no-calendar"),
        pytest.param({"from_on": date(2026, 1, 3), "to_on": date(2026, 1, 4)}, EmptyPeriodError, id="a-weekend"),
    ],
)
def test_nonsense_is_refused_before_anything_happens(
    sqlite_ctx: Context, changes: dict[str, Any], error: type[Exception]
) -> None:
    publish(sqlite_ctx)

    with pytest.raises(error):
        simulated(sqlite_ctx, **changes)
    assert _all(sqlite_ctx, Dossier) == []
    assert people.list_officers(sqlite_ctx, by=SYSTEM) == []


def test_command_prints_one_document(
    sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    command = ["simulate", "--from", "2026-01-05", "--to", "2026-01-30", "--seed", "7", "--json"]

    status = run([*command, "--dossiers", "8", "--procedures", "2.000815,3.000527"])
    document = json.loads(capsys.readouterr().out)

    assert (status, document["filed"], sorted(document["procedures"])) == (0, 8, ["2.000815", "3.000527"])
    assert run([*command, "--dossiers", "8", "--procedures", "NO"]) == 2
    assert capsys.readouterr() == ("", "motcua: agency H00 has no open procedure with code 'NO'\n")


def test_command_refuses_while_the_clock_process_is_alive(
    sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    a_clock_sign(replace(sqlite_ctx, clock=SystemClock()))

    status = run(["simulate", "--from", "2026-01-05", "--to", "2026-01-30", "--dossiers", "8"])
    out, err = capsys.readouterr()

    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("motcua: the clock process was at work at ")
    assert _all(sqlite_ctx, Dossier) == []


@pytest.mark.fault
def test_killed_simulation_leaves_nothing_half_done(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)
    arguments = ["simulate", "--from", "2026-01-05", "--to", "2026-04-10", "--dossiers", "500", "--seed", "7"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from web.cli.main import main; main()", *arguments],
        env=os.environ | {"MOTCUA_DATA": str(sqlite_ctx.settings.data)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while len(_all(sqlite_ctx, Dossier.id)) < 25:
            assert process.poll() is None
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait(30)
    turned = Context(
        TurnedClock(local(END)), sqlite_ctx.database, sqlite_ctx.files, sqlite_ctx.mail, sqlite_ctx.settings
    )

    assert verify(turned) == []
    assert simulated(sqlite_ctx, dossiers=8).filed == 8
    assert verify(turned) == []


def _all(ctx: Context, row: Any) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(select(row)))
