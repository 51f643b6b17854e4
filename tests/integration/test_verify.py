"""``motcua verify`` on what the services wrote: nothing differs, whatever a dossier lived through."""

from __future__ import annotations

import ast
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from engine import verification
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.dossier import LetterState, Status
from engine.errors import ConflictError
from engine.services import apologies, calendar_changes, waiting
from engine.store.dossiers import Dossier
from engine.verification.verify import examine, verify
from tests.support import builders as b
from tests.support.lives import live
from web.cli.verify import verify as command


def test_verify_finds_nothing_in_an_empty_database(ctx: Context) -> None:
    assert verify(ctx) == []


def test_verify_finds_nothing_after_lives_of_every_kind(ctx: Context) -> None:
    lives = live(ctx)
    findings = examine(ctx)
    assert [each.as_json() for each in findings.differences] == []
    assert (findings.behind, findings.notes) == ([], [])
    assert findings.counts["dossiers"] == len(lives.ids)
    assert findings.counts["statistics"] > 0
    states = [each["state"] for each in apologies.listed(ctx, by=lives.office.supervisor)]
    assert findings.counts["letters"] == len(states)
    assert findings.counts["letters_not_withdrawn"] == sum(state != LetterState.WITHDRAWN for state in states)


def test_verify_reports_progress(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    for _ in range(3):
        b.a_submitted_dossier(sqlite_ctx, office)
    seen: list[tuple[int, int]] = []
    verify(sqlite_ctx, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 3)]


def test_verify_is_clean_but_tells_when_the_clock_process_is_dead(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-20T09:00", ticker=False)
    findings = examine(ctx)
    assert findings.differences == []
    assert [(each.wake_for, each.wake_at) for each in findings.behind] == [("letter", b.local("2026-03-05T08:00"))]
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    assert (examine(ctx).behind, verify(ctx)) == ([], [])


def test_verify_accepts_that_a_supplement_lapses(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-04-10T09:00")
    assert verify(ctx) == []
    assert apologies.listed(ctx, by=office.supervisor) == []
    with pytest.raises(ConflictError):
        b.bring_supplement(ctx, office, dossier)


@pytest.mark.parametrize("limit", ["0", "0.5", "2.75", "21"], ids=lambda limit: f"{limit}-days")
@pytest.mark.parametrize("clock", ["pause", "restart"])
def test_verify_counts_odd_limits_and_pauses_like_the_services(sqlite_ctx: Context, limit: str, clock: str) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx, policy={"cutoff": "last-hour", "supplement": {"clock": clock}}, total_days=limit)
    for minutes in (0, 181, 215, 330, 505, 539, 600):  # in shifts, in the break, in the last hour, after closing
        b.turn_clock_to(ctx, (b.local("2026-04-22T08:00") + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M"))
        b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-05-04T09:13")  # after Hùng Kings' day and the long weekend
    dossiers = [row["id"] for row in _dossiers(ctx)]
    for dossier in dossiers:
        b.bring_supplement(ctx, office, {"id": dossier})
    b.turn_clock_to(ctx, "2026-05-12T15:00")
    assert [each.as_json() for each in verify(ctx)] == []


@pytest.mark.parametrize("ended", [False, True], ids=["waits", "withdrawn"])
def test_apology_is_refused_for_a_dossier_that_was_never_received(sqlite_ctx: Context, ended: bool) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = b.a_submitted_dossier(sqlite_ctx, office)
    waiting.request_supplement(sqlite_ctx, by=office.desk, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu")
    if ended:
        b.withdraw(sqlite_ctx, office, dossier)
    with pytest.raises(ConflictError):
        b.apologise(sqlite_ctx, office, dossier, new_due="2026-03-20T09:00")


def test_verify_counts_by_the_calendar_of_each_day(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    waiting_ones = [b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office)) for _ in range(2)]
    running = b.a_received_dossier(ctx, office)
    used_up = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    days_off = [DayRule(date(2026, 3, day), DayKind.OFF, "QĐ 7", "Bão") for day in (4, 5, 12)]
    calendar_changes.apply(ctx, by=SYSTEM, change=calendar_changes.Days(tuple(days_off)))
    b.bring_supplement(ctx, office, waiting_ones[0])
    later = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-06T08:10")  # promised for 08:00 today, by the calendar of the receipt
    b.ask_supplement(ctx, office, used_up)
    b.turn_clock_to(ctx, "2026-03-06T10:00")
    b.bring_supplement(ctx, office, used_up)
    b.turn_clock_to(ctx, "2026-03-09T10:00")
    b.bring_supplement(ctx, office, waiting_ones[1])
    b.ask_supplement(ctx, office, later)
    b.ask_supplement(ctx, office, running)  # broken by now
    b.turn_clock_to(ctx, "2026-03-11T09:00")
    make_up = DayRule(date(2026, 3, 14), DayKind.WORK, "QĐ 8", "Bù")
    calendar_changes.apply(ctx, by=SYSTEM, change=calendar_changes.Days((make_up,)))
    b.bring_supplement(ctx, office, later)
    b.bring_supplement(ctx, office, running)
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    assert [each.as_json() for each in verify(ctx)] == []


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_home(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Context:
    """A context whose database and files are those of MOTCUA_DATA, as the command finds them."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    return sqlite_ctx


def test_command_exits_0_when_nothing_differs(at_home: Context) -> None:
    office = b.an_office(at_home)
    b.advance_to(at_home, office, b.a_received_dossier(at_home, office), Status.RETURNED)
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing differs; checked ")
    document = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert (document["clean"], document["differences"], document["checked"]["dossiers"]) == (True, [], 1)


def test_command_exits_1_and_names_the_row(at_home: Context) -> None:
    office = b.an_office(at_home)
    dossier = b.advance_to(at_home, office, b.a_received_dossier(at_home, office), Status.RETURNED)
    with at_home.database.engine.begin() as connection:
        connection.execute(text("update task set note = 'quên' where name = 'Bước KY'"))
        task = connection.scalar(text("select id from task where name = 'Bước KY'"))
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 1
    (line, verdict) = result.stdout.splitlines()
    assert line.startswith(f"task [{dossier['code']} {dossier['id']} ")
    assert 'note: expected null, found "quên"' in line
    assert task in line.replace("-", "")
    assert verdict.startswith("1 difference; checked ")
    document = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    (found,) = document["differences"]
    assert (found["table"], found["field"], found["expected"], found["found"]) == ("task", "note", None, "quên")
    assert found["dossier"] == dossier["id"]


# --- independence -----------------------------------------------------------------------------------------------------


def test_verification_imports_no_service_and_no_due_date_arithmetic() -> None:
    forbidden = (
        "engine.services",
        "engine.domain.deadlines",
        "engine.domain.axes",
        "engine.domain.stages",
        "engine.domain.foresight",
    )
    folder = Path(verification.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith(forbidden)], path.name


def _dossiers(ctx: Context) -> list[dict[str, str]]:
    with ctx.unit_of_work(read_only=True) as uow:
        return [{"id": str(row)} for row in uow.session.scalars(select(Dossier.id).order_by(Dossier.id))]


def test_payload_that_no_event_can_hold_is_a_difference_and_no_crash(sqlite_ctx: Context) -> None:
    b.a_received_dossier(sqlite_ctx, b.an_office(sqlite_ctx))
    with sqlite_ctx.database.engine.begin() as connection:
        connection.exec_driver_sql("update event set payload = '{\"a\": NaN}' where seq = 3")

    found = {(difference.table, difference.field) for difference in verify(sqlite_ctx)}

    assert ("event", "hash") in found


def test_a_dossier_that_is_stopped_late_while_no_clock_runs_is_right(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-27T09:00", ticker=False)

    b.stop(ctx, office, dossier)

    assert verify(ctx) == []
