"""Units of a sheet: those of the agency are found by their names, and where nobody is, it is said before publishing."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import draft_making, drafts, imports, own_units, procedures
from tests.support.builders import an_office
from tests.support.sheets import as_xlsx, rows

STEPS = (
    (1, "Tiếp nhận hồ sơ", "BỘ PHẬN  một cửa thử", "0,25", ""),
    (2, "Thẩm định", "Phòng chưa có", "1", "x"),
    (3, "Trả kết quả", "BỘ PHẬN  một cửa thử", "0,25", ""),
)


@pytest.fixture
def sheet(ctx: Context) -> bytes:
    """A sheet that calls a unit of the agency by its name; the unit has a code of its own."""
    an_office(ctx)
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.by_code("H00").id
        uow.agencies.find_unit(agency, "BP_MOT_CUA").name = "Bộ phận Một cửa thử"  # type: ignore[union-attr]
    return as_xlsx(rows(steps=STEPS))


def units_of(shown: dict[str, object]) -> list[str]:
    return [step["unit"] for step in shown["steps"]]  # type: ignore[attr-defined]


def test_draft_of_a_sheet_takes_the_unit_of_that_name(ctx: Context, sheet: bytes) -> None:
    made = draft_making.from_file(ctx, by=SYSTEM, content=sheet, kind="xlsx", agency="H00")
    draft = made["drafts"][0]["id"]

    drafts.publish(ctx, by=SYSTEM, draft_id=draft)

    shown = procedures.show(ctx, code="9.000009", agency="H00")
    assert units_of(shown) == ["BP_MOT_CUA", "PHONG_CHUA_CO", "BP_MOT_CUA"]


def test_imported_sheet_takes_the_unit_of_that_name_and_the_draft_is_the_same(ctx: Context, sheet: bytes) -> None:
    for _again in range(2):
        done = imports.import_sheet(ctx, by=SYSTEM, content=sheet, kind="xlsx", agency="H00")
        assert [each["version"] for each in done.published] == [1]
    made = draft_making.from_file(ctx, by=SYSTEM, content=sheet, kind="xlsx", agency="H00")

    again = drafts.publish(ctx, by=SYSTEM, draft_id=made["drafts"][0]["id"])

    assert (again["new"], again["version"]) == (False, 1)
    shown = procedures.show(ctx, code="9.000009", agency="H00")
    assert units_of(shown) == ["BP_MOT_CUA", "PHONG_CHUA_CO", "BP_MOT_CUA"]


def test_units_with_nobody_are_named_before_publishing(ctx: Context, sheet: bytes) -> None:
    made = draft_making.from_file(ctx, by=SYSTEM, content=sheet, kind="xlsx", agency="H00")

    found = own_units.unmanned(ctx, by=SYSTEM, draft_id=made["drafts"][0]["id"])

    assert found == [{"name": "Phòng chưa có", "code": "PHONG_CHUA_CO", "new": True}]
