"""Hand-overs of a day between two units, and the report of late dossiers (domain.md §2.10)."""

from __future__ import annotations

from datetime import date

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.reports import bundles, late_list
from engine.reports.filters import Queue
from engine.services import processing, step_back
from tests.support import builders as b
from tests.unit.documents.sample_papers import text

MONDAY = date(2026, 3, 2)


def test_a_day_lists_who_gave_how_much_to_whom(ctx: Context) -> None:
    office = b.an_office(ctx)
    desk, work, head = (office.units[code] for code in ("BP_MOT_CUA", "PHONG_TU_PHAP", "LANH_DAO"))
    made = [b.a_received_dossier(ctx, office) for _ in range(3)]
    processing.complete(ctx, by=office.officer, task_id=made[0]["open_tasks"][0]["id"])
    b.turn_clock_to(ctx, "2026-03-03T09:00")
    later = b.a_received_dossier(ctx, office)

    ways = bundles.ways(ctx, by=office.desk, on=MONDAY)

    assert {(way.from_id, way.to_id): way.count for way in ways} == {(desk, work): 3, (work, head): 1}
    assert [way.count for way in bundles.ways(ctx, by=office.desk, on=date(2026, 3, 3))] == [1]
    assert bundles.ways(ctx, by=office.desk, on=date(2026, 3, 4)) == []
    said = text(bundles.pdf(ctx, by=office.desk, on=MONDAY, from_unit=desk, to_unit=work))
    assert "Số lượng: 03 hồ sơ" in said
    assert "Người giao: Cán bộ desk" in said
    assert all(dossier["code"] in said for dossier in made)
    assert later["code"] not in said


def test_pages_of_a_bundle_are_its_whole(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    made = [b.a_received_dossier(sqlite_ctx, office)["code"] for _ in range(5)]
    way = {"from_unit": office.units["BP_MOT_CUA"], "to_unit": office.units["PHONG_TU_PHAP"]}
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = bundles.page(sqlite_ctx, by=office.desk, on=MONDAY, **way, cursor=cursor, limit=2)
        assert page.way.count == 5
        found += [line.code for line in page.lines]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == sorted(made)


def test_what_was_taken_back_is_in_no_bundle(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    (task,) = b.a_received_dossier(sqlite_ctx, office)["open_tasks"]
    processing.complete(sqlite_ctx, by=office.officer, task_id=task["id"])
    step_back.take_back(sqlite_ctx, by=office.officer, task_id=task["id"])

    assert [way.to_id for way in bundles.ways(sqlite_ctx, by=office.officer, on=MONDAY)] == [
        office.units["PHONG_TU_PHAP"]
    ]
    way = {"from_unit": office.units["PHONG_TU_PHAP"], "to_unit": office.units["LANH_DAO"]}
    with pytest.raises(bundles.NothingHandedOverError):
        bundles.pdf(sqlite_ctx, by=office.officer, on=MONDAY, **way)


def test_bundles_hold_what_one_may_know_of(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    other = b.an_office(sqlite_ctx, code="H77", procedure="TP77")
    b.a_received_dossier(sqlite_ctx, office)
    way = {"from_unit": office.units["BP_MOT_CUA"], "to_unit": office.units["PHONG_TU_PHAP"]}

    assert bundles.ways(sqlite_ctx, by=other.desk, on=MONDAY) == []
    assert len(bundles.ways(sqlite_ctx, by=SYSTEM, on=MONDAY)) == 1
    for who, asked, code in (
        (other.desk, way, "nothing-handed-over"),
        (office.admin, way, "not-allowed"),
        (office.desk, way | {"to_unit": 999}, "unit-not-found"),
        (office.desk, way | {"to_unit": 2**40}, "unit-not-found"),
    ):
        with pytest.raises(EngineError) as error:
            bundles.pdf(sqlite_ctx, by=who, on=MONDAY, **asked)
        assert error.value.code == code


def test_late_report_lists_who_is_late_with_their_apology(ctx: Context) -> None:
    office = b.an_office(ctx)
    late, done, kept = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.advance_to(ctx, office, kept, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-10T09:00")
    b.advance_to(ctx, office, done, Status.FINISHED)
    in_time = b.a_received_dossier(ctx, office)

    def report(**asked: object) -> str:
        return text(late_list.pdf(ctx, by=office.supervisor, what="Đã quá hạn", **asked))

    said = report()
    assert "Tổng số: 1 hồ sơ; đã có kết quả: 0; chưa có kết quả: 1" in said
    assert late["code"] in said
    assert not any(dossier["code"] in said for dossier in (kept, in_time))
    both = report(queue=Queue.ALL)
    assert "Tổng số: 2 hồ sơ; đã có kết quả: 1; chưa có kết quả: 1" in both
    assert done["code"] in both
    other = b.an_office(ctx, code="H77", procedure="TP77")
    assert "Tổng số: 0 hồ sơ" in text(late_list.pdf(ctx, by=other.supervisor, what="Đã quá hạn"))
    with pytest.raises(EngineError) as error:
        late_list.pdf(ctx, by=office.desk, what="Đã quá hạn")
    assert error.value.code == "not-allowed"
