"""What verify says of procedures and versions that are not what the acts on them left."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.context import Context
from engine.services import procedures, publishing
from engine.store.base import Base
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import processes as p
from tests.support.drafts import CODE, made, publish, save

LATER = b.local("2026-03-10T00:00")


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """An office with a procedure to which everything was done: published, scheduled, closed, opened, retired, back."""
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"name": "Cấp giấy kiểu mới"})
    publish(ctx, office, draft, LATER)
    for is_open in (False, True):
        procedures.set_open(ctx, by=office.admin, code=CODE, is_open=is_open, agency=office.code)
    procedures.retire(ctx, by=office.admin, code=CODE, agency=office.code, starts=LATER)
    procedures.reopen(ctx, by=office.admin, code=CODE, agency=office.code)
    return office


def spoil(ctx: Context, table: str, number: int | None = None, **values: Any) -> None:
    """Change the procedure, or one version of it."""
    one, row = Base.metadata.tables["procedure"], Base.metadata.tables[table]
    with ctx.database.engine.begin() as connection:
        (known,) = connection.scalars(select(one.c.id).where(one.c.code == CODE))
        same = [row.c.id == known] if number is None else [row.c.procedure_id == known, row.c.number == number]
        connection.execute(update(row).where(*same).values(values))


def found(ctx: Context) -> list[tuple[str, str, str]]:
    return [(each.table, each.key, each.field) for each in verify(ctx)]


def test_verify_finds_nothing_in_procedures_that_acts_made(ctx: Context, office: b.Office) -> None:
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-10T08:00", ticker=False)
    assert verify(ctx) == []  # the clock process has not been there
    assert publishing.take_effect(ctx) == 1
    assert verify(ctx) == []
    procedures.retire(ctx, by=office.admin, code=CODE, agency=office.code)
    assert verify(ctx) == []


def test_verify_finds_nothing_where_a_version_was_taken_back_or_overtaken(ctx: Context, office: b.Office) -> None:
    procedures.unschedule(ctx, by=office.admin, code=CODE, number=2, agency=office.code)
    assert verify(ctx) == []
    draft = made(ctx, office)
    for name in ("Cấp giấy thứ ba", "Cấp giấy thứ tư"):
        save(ctx, office, draft, procedure={"name": name})
        publish(ctx, office, draft, LATER)
    assert verify(ctx) == []


@pytest.mark.parametrize("limit", ["9 working_day", "1 working_day"])
def test_a_draft_that_warns_of_its_sum_in_the_words_of_a_drawing_is_right(ctx: Context, limit: str) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    save(ctx, office, draft, procedure={"limit": limit})
    publish(ctx, office, draft)

    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("current_version_id", None),
        ("retired_at", LATER),
        ("replaced_by", "X"),
        ("is_open", False),
    ],
)
def test_verify_names_what_no_act_did_to_a_procedure(ctx: Context, office: b.Office, column: str, value: Any) -> None:
    spoil(ctx, "procedure", **{column: value})

    assert found(ctx) == [("procedure", CODE, column)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("effective_from", b.local("2026-03-01T00:00")), ("effective_from", None), ("source", "<a/>"), ("source", None)],
)
def test_verify_names_what_a_version_was_not_published_as(
    ctx: Context, office: b.Office, column: str, value: Any
) -> None:
    spoil(ctx, "procedure_version", 2, **{column: value})

    assert found(ctx) == [("procedure_version", f"{CODE} version 2", column)]


def test_a_version_that_no_act_put_in_force_yet_is_a_difference(ctx: Context, office: b.Office) -> None:
    version = Base.metadata.tables["procedure_version"]
    with ctx.database.engine.connect() as connection:
        (later,) = connection.scalars(select(version.c.id).where(version.c.effective_from == LATER))

    spoil(ctx, "procedure", current_version_id=later)

    assert ("procedure", CODE, "current_version_id") in found(ctx)


def test_an_act_that_cannot_be_done_again_is_a_difference_and_no_crash(ctx: Context, office: b.Office) -> None:
    act = Base.metadata.tables["procedure_act"]
    with ctx.database.engine.begin() as connection:
        connection.execute(update(act).where(act.c.kind == "retired").values(facts={"from": 7}))

    ((table, key, field),) = found(ctx)
    assert (table, key.split()[0], field) == ("procedure_act", CODE, "*")


def test_a_procedure_of_the_time_before_acts_is_closed_by_nothing_that_verify_does_not_see(ctx: Context) -> None:
    p.a_reference(ctx, "1.013225", partners={"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"})
    act, one, version = (Base.metadata.tables[f"procedure{name}"] for name in ("_act", "", "_version"))
    with ctx.database.engine.begin() as connection:
        connection.execute(delete(act))
        connection.execute(update(version).values(effective_from=None))
    assert verify(ctx) == []

    with ctx.database.engine.begin() as connection:
        connection.execute(update(one).values(current_version_id=None))
    assert {field for _, _, field in found(ctx)} == {"current_version_id"}
