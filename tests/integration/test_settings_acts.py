"""Setting the late rule or the nearing share is an act of the calendar's history."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import agency_settings, calendar_changes
from engine.services.calendar_changes import ChangeSupersededError
from engine.verification.verify import verify
from tests.support.builders import an_office
from tests.support.calendar_acts import days, make

BEFORE = {"late_rule": "day", "nearing_percent": 80}


def test_settings_are_recorded_with_what_was_before_who_and_why(ctx: Context) -> None:
    office = an_office(ctx)
    agency_settings.change(ctx, by=office.admin, late_rule="instant", ground=" 15/QĐ-UBND ")
    agency_settings.change(ctx, by=SYSTEM, nearing_percent=50, ground="  ")

    second, first = calendar_changes.history(ctx, by=office.admin)
    after = BEFORE | {"late_rule": "instant"}
    assert (first["kind"], first["declared"], first["ground"]) == ("settings", [after], "15/QĐ-UBND")
    assert (first["made_by"], second["made_by"]) == (office.admin.name, None)
    assert (second["declared"], second["ground"]) == ([after | {"nearing_percent": 50}], "cài đặt thời hạn")
    assert verify(ctx) == []


def test_settings_that_stay_as_they_are_are_no_act(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    agency_settings.change(sqlite_ctx, by=office.admin, **BEFORE)  # type: ignore[arg-type]

    assert calendar_changes.history(sqlite_ctx, by=office.admin) == []


def test_settings_are_set_again_and_not_undone(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    agency_settings.change(sqlite_ctx, by=office.admin, late_rule="instant")
    (act,) = calendar_changes.history(sqlite_ctx, by=office.admin)

    assert not act["can_undo"]
    with pytest.raises(ChangeSupersededError, match="its kind is settings; make the change again instead"):
        calendar_changes.undo(sqlite_ctx, by=office.admin, change_id=act["id"])


def test_a_calendar_change_beside_settings_is_undone_all_the_same(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    made = make(sqlite_ctx, days(10))
    agency_settings.change(sqlite_ctx, by=SYSTEM, nearing_percent=50)
    calendar_changes.undo(sqlite_ctx, by=SYSTEM, change_id=made["id"])

    assert verify(sqlite_ctx) == []
