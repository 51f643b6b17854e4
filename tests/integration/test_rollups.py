"""Roll-ups on both databases: journal and cells are the facts added up, whatever happens between."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Date, delete, func, literal, select, update

from engine.context import Context
from engine.domain.rollups import half_after, half_of, quarter_after, quarter_of
from engine.domain.statistics import NEVER
from engine.services import facts, rollups
from engine.store.facts import DossierFact, RollupCell, RollupDelta, RollupTime
from engine.store.rollups import half_month, quarter
from tests.support import lives
from tests.support.builders import a_received_dossier, an_office
from web.cli.statistics import statistics as command


def cells(ctx: Context) -> dict[tuple[object, ...], tuple[int, ...]]:
    found = {}
    with ctx.unit_of_work(read_only=True) as uow:
        for row in uow.session.execute(select(RollupCell.__table__)):
            if any(row[10:]):
                found[tuple(map(str, row[:10]))] = tuple(row[10:])
        for row in uow.session.execute(select(RollupTime.__table__)):
            if row.dossiers:
                found["time", *map(str, row[:5])] = (row.dossiers,)
    return found


def journal(ctx: Context) -> int:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.session.scalar(select(func.count()).select_from(RollupDelta)) or 0


def test_journal_cells_and_facts_agree_before_and_after_every_fold(ctx: Context) -> None:
    lives.live(ctx)
    waiting = journal(ctx)
    assert waiting > 10
    assert rollups.differences(ctx) == []

    assert rollups.fold(ctx) == waiting
    assert journal(ctx) == 0
    assert rollups.differences(ctx) == []
    folded = cells(ctx)
    grains = {"receiving", "resolving", "returning", "procedure", "channel"}
    assert {key[0] for key in folded} == grains | {f"{each}-q" for each in grains} | {"time"}

    assert rollups.fold(ctx) == 0
    assert cells(ctx) == folded
    rollups.rebuild(ctx)
    assert cells(ctx) == folded
    assert facts.project_all(ctx) == 0
    assert journal(ctx) == 0


def test_differences_find_a_spoiled_cell_and_a_lost_fact(ctx: Context) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    rollups.fold(ctx)
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(RollupCell).where(RollupCell.grain == "resolving").values(dossiers=3))
    (found,) = rollups.differences(ctx)
    assert (found["table"], found["grain"], found["dossiers"]) == ("rollup_cell", "resolving", 2)

    with ctx.unit_of_work() as uow:
        uow.session.execute(delete(DossierFact))
    assert {each["dossiers"] for each in rollups.differences(ctx)} == {1, 3}
    assert facts.fill(ctx) == 1
    rollups.rebuild(ctx)
    assert rollups.differences(ctx) == []
    assert facts.fill(ctx) == 0


def test_minutes_and_who_is_charged_are_computed_again(ctx: Context) -> None:
    lives.live(ctx)
    assert list(facts.differences(ctx)) == []
    wrong = {"used_minutes": 7, "limit_minutes": 9, "legal_minutes": 11, "charged_side": "citizen"}
    for column, value in wrong.items():
        with ctx.unit_of_work() as uow:
            first = uow.session.scalars(select(DossierFact).order_by(DossierFact.dossier_id)).first()
            assert first is not None
            before = getattr(first, column)
            setattr(first, column, value)
        (told,) = facts.differences(ctx)
        assert told == {"dossier": first.dossier_id, "column": column, "fact": value, "computed": before}
        assert facts.project_all(ctx) == 1

    assert list(facts.differences(ctx)) == []


def test_two_folds_at_once_count_a_dossier_once(ctx: Context) -> None:
    office = an_office(ctx)
    for _ in range(4):
        a_received_dossier(ctx, office)
    counted: list[int] = []
    threads = [threading.Thread(target=lambda: counted.append(rollups.fold(ctx))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sum(counted) == 4
    assert rollups.differences(ctx) == []


def test_a_fold_that_fails_has_done_nothing(ctx: Context) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    try:
        with ctx.unit_of_work() as uow:
            assert uow.rollups.lock(wait=False)
            assert uow.rollups.claim(10) == 1
            uow.rollups.add_up()
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass

    assert (journal(ctx), cells(ctx)) == (1, {})
    assert rollups.fold(ctx) == 1


def test_half_months_are_the_same_in_python_and_in_the_database(ctx: Context) -> None:
    an_office(ctx)
    days = [date(2024, 2, 1) + timedelta(days=each) for each in range(60)] + [date(2026, 12, 31), NEVER]
    with ctx.unit_of_work(read_only=True) as uow:
        for on in days:
            found = uow.session.scalar(select(half_month(literal(on, Date()))))
            assert found == half_of(on), on
            found = uow.session.scalar(select(quarter(literal(half_of(on), Date()))))
            assert found == quarter_of(on), on
    assert half_after(date(2026, 12, 15)) == date(2027, 1, 1)
    assert half_after(date(2026, 12, 14)) == date(2026, 12, 15)
    assert [quarter_after(date(2026, month, 1)).month for month in range(1, 13)] == [4] * 3 + [7] * 3 + [10] * 3 + [
        1
    ] * 3
    assert quarter_after(date(2026, 12, 31)) == date(2027, 1, 1)


def test_command_checks_and_puts_right(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office)
    rollups.fold(sqlite_ctx)
    run = CliRunner()
    assert (run.invoke(command, ["check"]).exit_code, run.invoke(command, ["check"]).stdout) == (
        0, "roll-ups and journal are the facts added up\n",
    )  # fmt: skip

    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(RollupCell).values(dossiers=2))
        uow.session.execute(update(DossierFact).values(members=7))
    result = run.invoke(command, ["check"])
    assert result.exit_code == 1
    assert "put it right with motcua statistics rebuild" in result.stdout
    assert not json.loads(run.invoke(command, ["check", "--json"]).stdout)["clean"]
    told = json.loads(run.invoke(command, ["check", "--facts", "--json"]).stdout)["differences"]
    assert [(each["fact"], each["computed"]) for each in told if each.get("column") == "members"] == [(7, 1)]
    assert run.invoke(command, ["rebuild"]).stdout == "roll-ups made anew; facts that changed: 0\n"
    assert json.loads(run.invoke(command, ["rebuild", "--facts", "--json"]).stdout) == {"facts_changed": 1}
    assert run.invoke(command, ["check"]).exit_code == 0
