"""The process map: which step followed which, by what was recorded; each number has its list."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from engine.context import Context
from engine.domain.dossier import Status
from engine.domain.permissions import NotAllowedError
from engine.reports import fact_lists, process_map
from engine.reports.on_time_values import Period, Rate
from engine.reports.process_map import Chosen
from engine.services import processing, step_back
from engine.store.procedures import ProcedureNotFoundError
from tests.support import builders as b

CHECK = "Kiểm tra thành phần hồ sơ"
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """Two dossiers went straight on, one was sent back once and is late, one was withdrawn; a fifth is open."""
    office = b.an_office(ctx)
    straight = [b.a_received_dossier(ctx, office) for _ in range(2)]
    back, gone, _open = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.turn_clock_to(ctx, "2026-03-02T09:00")  # an hour after the receipt
    for dossier in straight:
        processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    b.turn_clock_to(ctx, "2026-03-02T11:00")
    for dossier in straight:
        b.advance_to(ctx, office, dossier, Status.RETURNED)
    b.withdraw(ctx, office, gone)
    back = b.do_next_step(ctx, office, back)
    (task,) = back["open_tasks"]
    back = step_back.send_back(ctx, by=office.approver, task_id=task["id"], reason="Thiếu chữ ký")
    b.turn_clock_to(ctx, "2026-03-12T11:00")
    b.advance_to(ctx, office, back, Status.FINISHED)
    return office


def test_what_happened_is_on_the_map_and_nothing_else(ctx: Context, office: b.Office) -> None:
    found = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=MARCH)

    assert (found.dossiers, found.kept, found.is_cut, found.unmeasured) == (4, Rate(2, 3), False, 0)
    ways = {(way.names, way.dossiers, way.kept) for way in found.variants}
    assert ways == {
        ((CHECK, "Bước NHAN", "Bước THU_LY", "Bước KY"), 2, Rate(2, 2)),
        ((CHECK, "Bước NHAN", "Bước THU_LY", "Bước KY", "Bước THU_LY", "Bước KY"), 1, Rate(0, 1)),
        ((CHECK, "Bước NHAN"), 1, Rate(0, 0)),
    }
    steps = {step.name: step for step in found.steps}
    signing = steps["Bước KY"]
    assert (signing.times, signing.dossiers, signing.sent_back) == (4, 3, 1)
    names = {edge.target: edge.target_name for edge in found.edges}
    edges = Counter({(names.get(edge.source, edge.source), names[edge.target]): edge.times for edge in found.edges})
    assert edges["start", CHECK] == 4
    assert edges["Bước THU_LY", "Bước KY"] == 4
    assert edges["Bước KY", "Bước THU_LY"] == 1
    assert edges["Bước KY", ""] == 3


def test_times_are_office_time_and_the_costliest_step_is_the_bottleneck(ctx: Context, office: b.Office) -> None:
    found = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=MARCH)

    working = next(step for step in found.steps if step.name == "Bước THU_LY")
    # Twice an hour of waiting and two of work; three of waiting, then from 2 March 11:00 to 12 March 11:00 of work.
    assert (working.waiting, working.working) == (60, 120)
    assert working.spent == 2 * 180 + 180 + 8 * 480
    assert found.steps[0] is not None
    assert found.steps[0].name == "Bước THU_LY"
    assert found.steps[0].heat == 5
    assert sum(step.spent for step in found.steps) == found.steps[0].share.denominator


def test_a_pause_is_no_waiting(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    dossier = b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-06T09:00")
    dossier = b.bring_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-06T10:00")
    b.advance_to(ctx, office, dossier, Status.FINISHED)

    found = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=MARCH)
    working = next(step for step in found.steps if step.name == "Bước THU_LY")
    assert working.waiting == 120


def test_a_step_that_was_taken_back_is_there_once(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]
    b.do_next_step(ctx, office, dossier)
    dossier = step_back.take_back(ctx, by=office.officer, task_id=task["id"])
    b.advance_to(ctx, office, dossier, Status.FINISHED)

    (way,) = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=MARCH).variants
    assert way.names == (CHECK, "Bước NHAN", "Bước THU_LY", "Bước KY")


def test_every_number_has_a_list_of_that_length(ctx: Context, office: b.Office) -> None:
    found = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=MARCH)
    asked = {"by": office.supervisor, "procedure": "TP99", "period": MARCH, "agency": None}

    for chosen, count in (
        (Chosen(), found.dossiers),
        *((Chosen(variant=way.key), way.dossiers) for way in found.variants),
        *((Chosen(step=step.node), step.dossiers) for step in found.steps),
        *((Chosen(edge=(edge.source, edge.target)), edge.dossiers) for edge in found.edges),
    ):
        listed = fact_lists.on_map(ctx, chosen=chosen, **asked)
        assert (listed.count, len({row.code for row in listed.rows})) == (count, count), chosen


def test_a_period_without_dossiers_has_an_empty_map(ctx: Context, office: b.Office) -> None:
    april = Period(date(2026, 4, 1), date(2026, 4, 30))
    found = process_map.process_map(ctx, by=office.supervisor, procedure="TP99", period=april)
    assert (found.dossiers, found.diagram, found.kept.percent, list(found.variants)) == (0, None, None, [])
    assert process_map.procedures(ctx, by=office.supervisor, period=april) == []
    (offered,) = process_map.procedures(ctx, by=office.supervisor, period=MARCH)
    assert (offered.code, offered.dossiers, offered.kept) == ("TP99", 4, Rate(2, 3))


def test_the_map_is_for_who_may_report_and_of_procedures_that_there_are(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    with pytest.raises(NotAllowedError):
        process_map.process_map(sqlite_ctx, by=office.officer, procedure="TP99", period=MARCH)
    with pytest.raises(ProcedureNotFoundError):
        process_map.process_map(sqlite_ctx, by=office.supervisor, procedure="TP\0", period=MARCH)
