"""Settings of letters: the lead decides when they are ordered, a change reaches what runs, and bad ones are refused."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
import sqlalchemy as sa

from engine.context import Context
from engine.domain.permissions import NotAllowedError
from engine.services import apologies, letter_settings, timekeeping
from engine.verification.verify import verify
from tests.support.builders import Dossier, Office, a_received_dossier, an_office, do_next_step, local, turn_clock_to

CODE = "H00"


def a_dossier_at_its_last_step(ctx: Context, office: Office) -> Dossier:
    """Due at 8:00 on Friday 6 March; its last step has no later one to leave time for, so only the lead decides."""
    return do_next_step(ctx, office, a_received_dossier(ctx, office))


def ordered_at(ctx: Context, office: Office) -> list[Any]:
    return [letter["ordered_at"] for letter in apologies.listed(ctx, by=office.supervisor)]


def test_letter_waits_for_the_lead_that_the_agency_set(ctx: Context) -> None:
    office = an_office(ctx)
    letter_settings.change(ctx, by=office.admin, agency=CODE, lead="2 working_hour")
    a_dossier_at_its_last_step(ctx, office)

    turn_clock_to(ctx, "2026-03-05T14:00")

    assert ordered_at(ctx, office) == []
    turn_clock_to(ctx, "2026-03-05T16:00")
    assert len(ordered_at(ctx, office)) == 1
    assert verify(ctx) == []


def test_longer_lead_orders_at_once_what_is_near_by_it(ctx: Context) -> None:
    office = an_office(ctx)
    letter_settings.change(ctx, by=office.admin, agency=CODE, lead="1 working_hour")
    a_dossier_at_its_last_step(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    assert ordered_at(ctx, office) == []

    letter_settings.change(ctx, by=office.admin, agency=CODE, lead="1 working_day")
    assert verify(ctx) == []  # the clock process has not been there since, which is no difference
    assert timekeeping.pass_due(ctx) == 1

    [letter] = apologies.listed(ctx, by=office.supervisor)
    assert (letter["trigger"], letter["ordered_at"]) == ("lead", local("2026-03-05T14:00").astimezone(UTC).isoformat())
    assert verify(ctx) == []


def test_shorter_lead_lets_the_clock_look_later_and_keeps_what_is_ordered(ctx: Context) -> None:
    office = an_office(ctx)
    first = a_dossier_at_its_last_step(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    second = a_dossier_at_its_last_step(ctx, office)

    letter_settings.change(ctx, by=office.admin, agency=CODE, lead="3 working_hour")
    turn_clock_to(ctx, "2026-03-10T16:00")

    assert [each["dossier_code"] for each in apologies.listed(ctx, by=office.supervisor)] == [first["code"]]
    assert second["code"] != first["code"]
    assert verify(ctx) == []


def test_lead_set_behind_the_back_is_reported(ctx: Context) -> None:
    an_office(ctx)
    with ctx.database.engine.begin() as connection:
        connection.execute(sa.text("update agency set apology_lead = '9 working_day'"))

    assert {each.field for each in verify(ctx)} == {"apology_lead"}


def test_settings_are_recorded_before_and_after_and_once(ctx: Context) -> None:
    office = an_office(ctx)
    before = letter_settings.show(ctx, by=office.admin, agency=CODE)

    told = letter_settings.change(
        ctx,
        by=office.admin,
        agency=CODE,
        signs="electronic",
        chair="approver",
        desk_symbol="bptntkq",
        symbols={"supplement": "YC-BS"},
        quiet_from="20:30",
        quiet_to="06:00",
        ground="QĐ 12/2026",
    )
    again = letter_settings.change(ctx, by=office.admin, agency=CODE, signs="electronic")

    changed = {name: value for name, value in told.items() if value != before[name]}
    assert changed == {
        "signs_letters": "electronic",
        "chair": "approver",
        "desk_symbol": "BPTNTKQ",
        "paper_symbols": {"supplement": "YC-BS"},
        "quiet_from": "20:30",
        "quiet_to": "06:00",
    }
    assert again == told
    with ctx.unit_of_work(read_only=True) as uow:
        [act] = [act for act in uow.administration.acts(None, 100) if act.kind == letter_settings.KIND]
    assert (act.ground, act.made_by, act.facts["before"]["quiet_from"]) == ("QĐ 12/2026", office.admin.id, "21:00")
    freed = letter_settings.change(ctx, by=office.admin, agency=CODE, chair="", symbols={"supplement": ""})
    assert (freed["chair"], freed["paper_symbols"]) == (None, {})
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"lead": "soon"}, "lead"),
        ({"lead": "0 working_day"}, "lead"),
        ({"lead": "3 calendar_day"}, "lead"),
        ({"lead": "10 working_day + 1 working_hour"}, "lead"),
        ({"lead": "9" * 400}, "lead"),
        ({"signs": "fax"}, "signs"),
        ({"chair": "nobody"}, "chair"),
        ({"chair": "admin"}, "chair"),  # sees no dossiers
        ({"desk_symbol": ""}, "desk_symbol"),
        ({"desk_symbol": "=1+1"}, "desk_symbol"),
        ({"symbols": {"invoice": "X"}}, "symbols"),
        ({"symbols": {"refusal": "<b>"}}, "symbols"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_to": "7"}, "quiet_to"),
    ],
)
def test_value_that_a_setting_cannot_have_is_refused_and_nothing_saved(
    sqlite_ctx: Context, given: dict[str, Any], field: str
) -> None:
    office = an_office(sqlite_ctx)
    before = letter_settings.show(sqlite_ctx, by=office.admin, agency=CODE)

    with pytest.raises(letter_settings.LetterSettingError) as refused:
        letter_settings.change(sqlite_ctx, by=office.admin, agency=CODE, **given)

    assert refused.value.details["field"] == field
    assert letter_settings.show(sqlite_ctx, by=office.admin, agency=CODE) == before


def test_only_the_administrator_of_the_agency_sets(sqlite_ctx: Context) -> None:
    office, other = an_office(sqlite_ctx), an_office(sqlite_ctx, code="H01")

    for stranger in (office.supervisor, other.admin):
        with pytest.raises(NotAllowedError):
            letter_settings.change(sqlite_ctx, by=stranger, agency=CODE, lead="2 working_day")
