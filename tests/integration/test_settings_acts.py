"""Setting the late rule or the nearing share is an act of the calendar's history."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import agency_settings, calendar_changes
from engine.services.calendar_changes import ChangeSupersededError
from engine.verification.verify import verify
from tests.support.builders import a_received_dossier, an_office
from tests.support.calendar_acts import days, make
from tests.support.forms import text_of
from tests.support.site import an_account, make_site, sign_in

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


def test_the_page_shows_what_the_settings_were_and_became(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    agency_settings.change(sqlite_ctx, by=SYSTEM, late_rule="instant", nearing_percent=50, ground="15/QĐ-UBND")
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "quantri")
    page = text_of(client.get("/lich"))

    before = "Cài đặt thời hạn: quá hạn khi hết ngày hẹn, sắp đến hạn khi đã dùng 80% thời hạn"
    assert f"{before} → quá hạn khi qua giờ hẹn, sắp đến hạn khi đã dùng 50% thời hạn" in page
    assert "15/QĐ-UBND" in page


def test_the_report_page_counts_dossiers_of_the_earlier_rule(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    an_account(sqlite_ctx, "giamsat", Role.SUPERVISOR, agency="H00")
    a_received_dossier(sqlite_ctx, office)
    agency_settings.change(sqlite_ctx, by=SYSTEM, late_rule="instant")
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "giamsat")

    page = text_of(client.get("/bao-cao?tu=2026-03-01&den=2026-03-31"))
    assert "quá hạn khi qua giờ hẹn (1 hồ sơ đã hẹn theo cách cũ: quá hạn khi hết ngày hẹn)" in page
