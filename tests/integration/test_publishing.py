"""Publishing procedures: which version is in force, what refuses one table, who may, and two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm.exc import StaleDataError

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.permissions import NotAllowedError
from engine.seeds import base
from engine.services import imports, people, procedures
from engine.services.transactions import KeyReusedError, Request
from engine.store.procedures import VersionNotFoundError
from engine.verification.verify import verify
from tests.support.builders import a_person
from tests.support.site import make_site
from tests.support.step_tables import a_model_xml, an_entry

EARLY, LATE = {"cutoff": "14:00"}, {"cutoff": "16:00"}


def publish(ctx: Context, policy: object = EARLY, **changes: Any) -> imports.Import:
    """Publish the small procedure under this policy."""
    base.ensure(ctx)
    return imports.import_tables(ctx, by=SYSTEM, data=[an_entry(**changes) | {"policy": policy}])


def test_show_returns_the_version_in_force_not_the_youngest(sqlite_ctx: Context) -> None:
    for policy in (EARLY, LATE, EARLY):
        publish(sqlite_ctx, policy)

    shown = procedures.show(sqlite_ctx, code="TP99")

    assert (shown["version"], shown["policy"]["cutoff"]) == (1, "14:00")
    assert procedures.show(sqlite_ctx, code="TP99", number=2)["policy"]["cutoff"] == "16:00"


@pytest.mark.parametrize("number", [0, -1, 2])
def test_show_of_a_version_that_is_not_there_is_refused(sqlite_ctx: Context, number: int) -> None:
    publish(sqlite_ctx)

    with pytest.raises(VersionNotFoundError):
        procedures.show(sqlite_ctx, code="TP99", number=number)


@pytest.mark.parametrize("policy", [7, None, {"supplement": []}, {"papers": [1]}, {"field": "a\0b"}])
def test_malformed_policy_refuses_its_table_alone(ctx: Context, policy: object) -> None:
    base.ensure(ctx)
    data = [an_entry(code="TP01") | {"policy": policy}, an_entry(code="TP02")]

    outcome = imports.import_tables(ctx, by=SYSTEM, data=data)

    assert [(row["code"], [found["rule"] for found in row["findings"]]) for row in outcome.refused] == [
        ("TP01", ["policy-invalid"])
    ]
    assert [row["code"] for row in procedures.catalogue(ctx)] == ["TP02"]


def test_permission_comes_before_the_reading(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)
    with sqlite_ctx.unit_of_work() as uow:
        agency = uow.agencies.default().id
    desk = a_person(sqlite_ctx, agency, "desk", [Role.DESK])

    with pytest.raises(NotAllowedError):
        imports.import_tables(sqlite_ctx, by=desk, data=[an_entry(steps=[])])
    with pytest.raises(NotAllowedError):
        imports.import_model(sqlite_ctx, by=desk, xml="<x/>")


def test_model_keeps_the_policy_in_force(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx, LATE)

    assert imports.import_model(sqlite_ctx, by=SYSTEM, xml=a_model_xml(code="TP99")).refused == []
    assert procedures.show(sqlite_ctx, code="TP99")["policy"]["cutoff"] == "16:00"


def test_lost_race_is_run_again_and_ends_no_import(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    lost: list[str] = []

    def lose(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO procedure_version") and len(lost) < 2:
            lost.append(statement)
            raise StaleDataError("somebody else was first")

    event.listen(sqlite_ctx.database.engine, "before_cursor_execute", lose)
    outcome = imports.import_tables(sqlite_ctx, by=SYSTEM, data=[an_entry(code="TP01"), an_entry(code="TP02")])

    assert len(lost) == 2
    assert [(row["code"], row["version"]) for row in outcome.published] == [("TP01", 1), ("TP02", 1)]


def test_two_who_publish_the_same_at_once_both_get_through(ctx: Context) -> None:
    base.ensure(ctx)
    data = [an_entry(code=f"TP{no:02}") for no in range(10)]

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(imports.import_tables, ctx, by=SYSTEM, data=data) for _ in range(2)]
        outcomes = [attempt.result() for attempt in tries]

    assert outcomes[0] == outcomes[1]
    assert [row["version"] for row in procedures.catalogue(ctx)] == [1] * 10


def test_same_key_gets_the_first_answer_and_publishes_nothing_again(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    first = Request(key="k", fingerprint="a" * 64)
    told = imports.import_tables(sqlite_ctx, by=SYSTEM, data=[an_entry(), an_entry(code="", steps=[])], request=first)
    publish(sqlite_ctx, LATE)

    again = imports.import_tables(sqlite_ctx, by=SYSTEM, data=[an_entry()], request=first)

    assert again == told
    assert procedures.show(sqlite_ctx, code="TP99")["version"] == 2
    with pytest.raises(KeyReusedError):
        imports.import_tables(sqlite_ctx, by=SYSTEM, data=[], request=Request(key="k", fingerprint="b" * 64))


def test_api_honours_the_idempotency_key_of_an_import(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    people.add_officer(sqlite_ctx, by=SYSTEM, username="admin", name="Quản trị", roles=[Role.ADMIN])
    token = people.create_token(sqlite_ctx, by=SYSTEM, username="admin")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"}
    client = make_site(sqlite_ctx).test_client()

    answers = [client.post("/api/v1/procedures", json=[an_entry()], headers=headers) for _ in range(2)]
    other = client.post("/api/v1/procedures", json=[an_entry(code="TP01")], headers=headers)

    assert [(answer.status_code, answer.json) for answer in answers] == [(201, answers[0].json)] * 2
    assert (other.status_code, other.json["code"]) == (409, "idempotency-key-reused")


def test_same_table_gives_the_same_version_whatever_else_was_imported(ctx: Context) -> None:
    first = publish(ctx).published
    renamed = [step | {"unit_label": "Tên khác"} for step in an_entry()["steps"]]
    publish(ctx, code="TP98", steps=renamed)

    assert publish(ctx).published == first
    assert [procedure["version"] for procedure in procedures.catalogue(ctx)] == [1, 1]


def test_renamed_procedure_is_found_by_verify(sqlite_ctx: Context) -> None:
    publish(sqlite_ctx)
    with sqlite_ctx.database.engine.begin() as connection:
        connection.exec_driver_sql("update procedure set code = 'ZZ'")

    assert [difference.field for difference in verify(sqlite_ctx)] == ["code"]
