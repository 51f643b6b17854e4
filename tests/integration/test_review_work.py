"""Tasks, obligations and endings at their edges: values that databases change, endless waits, claims of others."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.events import EventKind
from engine.domain.fields import InvalidFieldsError
from engine.services import processing
from engine.services.case import case_of, find, record
from engine.verification.verify import verify
from tests.support.builders import a_received_dossier, an_office


def test_fields_come_back_as_they_were_hashed(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    fields: dict[str, Any] = {"số": 2**53, "đạt": True, "trống": None, "diện tích": "1e22"}

    processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"], fields=fields)

    assert [found.as_json() for found in verify(ctx)] == []


@pytest.mark.parametrize("value", [1e22, -0.0, float("nan"), 2**60, ["a"]])
def test_fields_that_a_database_changes_are_refused(ctx: Context, value: object) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)

    with pytest.raises(InvalidFieldsError):
        processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"], fields={"a": value})

    with ctx.unit_of_work(read_only=True) as uow:
        assert find(uow, by=office.desk, reference=dossier["id"]).version == dossier["version"]


def test_float_in_a_payload_is_a_mistake(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)

    with sqlite_ctx.unit_of_work() as uow:
        case = case_of(sqlite_ctx, uow, by=office.desk, dossier=find(uow, by=office.desk, reference=dossier["id"]))
        with pytest.raises(ValueError, match="holds a float"):
            record(case, EventKind.PAPER_ADDED, {"deep": [{"a": 0.5}]})
