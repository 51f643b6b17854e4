"""The bench of calendar changes measures each act beside its floor, and leaves a used database alone."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from click.testing import CliRunner

from bench import calendar_change, copied_dossiers
from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.office_hours import DayKind, DayRule
from engine.services import calendar_changes
from engine.verification.verify import verify
from tests.support.builders import a_received_dossier, an_office
from web.cli.bench import bench


def test_each_act_is_measured_beside_its_floor() -> None:
    measured = calendar_change.measure(dossiers=3)
    found = measured.as_json()

    assert (found["name"], found["unit"]) == ("calendar-change", "s")
    assert [part["name"] for part in found["parts"]] == ["preview", "apply", "preview undo", "undo", "step"]
    assert found["value"] == found["parts"][1]["value"]
    assert all(part.value > 0 and part.floor > 0 for part in measured.parts.values())


def test_copies_are_as_true_as_what_they_are_copies_of(ctx: Context) -> None:
    dossier = a_received_dossier(ctx, an_office(ctx))
    copied_dossiers.copy(ctx, dossier_id=UUID(dossier["id"]), code=dossier["code"], count=300)
    assert verify(ctx) == []

    off = calendar_changes.Days((DayRule(date(2026, 3, 6), DayKind.OFF, "12/QĐ", "bão"),))
    assert calendar_changes.preview(ctx, by=SYSTEM, change=off)["moved"] == 301


def test_database_that_holds_dossiers_is_not_filled(sqlite_ctx: Context) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    url = sqlite_ctx.settings.database_url

    with pytest.raises(calendar_change.DatabaseInUseError):
        calendar_change.measure(dossiers=3, database_url=url)

    assert bootstrap.build(sqlite_ctx.settings).settings.database_url == url
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert uow.people.find("bench") is None


def test_database_is_named_for_this_bench_alone() -> None:
    refused = CliRunner().invoke(bench, ["steps", "--database", "sqlite:///x.db"])

    assert (refused.exit_code, "leave --database out" in refused.output) == (2, True)
