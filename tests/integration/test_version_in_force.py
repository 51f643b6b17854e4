"""Which version is in force is said by the instant alone, also where versions are listed for a move."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.services import procedures, publishing, version_moves, version_previews
from engine.services.publishing import AlreadyInForceError
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.drafts import CODE, file_one, made, publish, save, version_of


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


def test_what_is_in_force_is_not_put_off_to_a_later_day(ctx: Context) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"limit": "9 working_day"})
    b.turn_clock_to(ctx, "2026-03-03T08:00", ticker=False)
    publish(ctx, office, draft)

    with pytest.raises(AlreadyInForceError):
        publish(ctx, office, draft, b.local("2026-03-10T00:00"))

    assert in_force(ctx, office) == [2]


def test_no_dossier_is_moved_to_a_version_that_was_taken_back(ctx: Context) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    dossier = file_one(ctx, office)
    save(ctx, office, draft, procedure={"limit": "9 working_day"})
    publish(ctx, office, draft, b.local("2026-03-10T00:00"))
    procedures.unschedule(ctx, by=office.admin, code=CODE, number=2, agency=office.code)

    with pytest.raises(version_moves.VersionNotInForceError):
        version_moves.apply(ctx, by=office.admin, code=CODE, to_version=2, ground="Quyết định", agency=office.code)

    assert version_of(ctx, dossier) == 1


def test_clock_calls_a_procedure_as_the_version_that_came_into_force(ctx: Context) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"name": "Cấp giấy kiểu mới"}, policy={"field": "Lĩnh vực mới"})
    publish(ctx, office, draft, b.local("2026-03-05T00:00"))
    assert publishing.take_effect(ctx) == 0, "not before its day"
    b.turn_clock_to(ctx, "2026-03-05T08:00", ticker=False)

    assert [publishing.take_effect(ctx), publishing.take_effect(ctx)] == [1, 0]

    (row,) = procedures.catalogue(ctx, query="kieu moi")
    assert (row["code"], row["name"], row["field"]) == (CODE, "Cấp giấy kiểu mới", "Lĩnh vực mới")
    assert verify(ctx) == []
