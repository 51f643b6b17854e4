"""Which version is in force is said by the instant alone, also where versions are listed for a move."""

from __future__ import annotations

from engine.context import Context
from engine.services import procedures, version_previews
from tests.support import builders as b
from tests.support.drafts import CODE, made, publish, save


def in_force(ctx: Context, office: b.Office) -> list[int]:
    listed = version_previews.versions(ctx, by=office.admin, code=CODE, agency=office.code)["versions"]
    return [version["number"] for version in listed if version["current"]]


def test_version_of_a_later_day_is_named_current_from_that_day_on(ctx: Context) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    later = save(ctx, office, draft, procedure={"limit": "9 working_day"})
    publish(ctx, office, later, b.local("2026-03-05T00:00"))
    assert in_force(ctx, office) == [1]

    b.turn_clock_to(ctx, "2026-03-05T08:00", ticker=False)

    assert in_force(ctx, office) == [2]
    assert procedures.show(ctx, code=CODE, agency=office.code)["version"] == 2
