"""How far an administrator reaches: accounts of agencies below, not those that act elsewhere; two of them at once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.permissions_people import NotPeopleAdminError
from engine.services import agency_changes, officer_accounts, people
from engine.services.agency_changes import AgencyChangeRefusedError
from tests.integration.test_races import at_once
from tests.support.site import an_account, an_agency

DECISION = "12/QĐ-UBND"
LONG = "một mật khẩu dài"


@pytest.fixture
def province(ctx: Context) -> Actor:
    """An administrator of H00, under which H01 and H02 stand."""
    for code in ("H00", "H01", "H02"):
        an_agency(ctx, code)
    with ctx.unit_of_work() as uow:
        for code in ("H01", "H02"):
            uow.agencies.by_code(code).parent_id = uow.agencies.by_code("H00").id
    return an_account(ctx, "quantri", Role.ADMIN, agency="H00").actor


def test_an_administrator_above_adds_people_and_sets_their_passwords(ctx: Context, province: Actor) -> None:
    people.add_officer(ctx, by=province, username="moi", name="Mới", agency_code="H01", roles=[Role.DESK])
    people.set_password(ctx, by=province, username="moi", password=LONG)

    assert people.sign_in(ctx, username="moi", password=LONG).agency_code == "H01"


def test_nobody_sets_the_password_of_who_acts_where_they_administer_nothing(ctx: Context, province: Actor) -> None:
    ward = an_account(ctx, "quantri1", Role.ADMIN, agency="H01").actor
    an_account(ctx, "hainoi", Role.OFFICER, agency="H01")
    officer_accounts.set_roles(ctx, by=province, username="hainoi", agency="H00", roles=[Role.ADMIN])

    with pytest.raises(NotPeopleAdminError, match="H00"):
        people.set_password(ctx, by=ward, username="hainoi", password=LONG)
    with pytest.raises(NotPeopleAdminError, match="H00"):
        people.create_token(ctx, by=ward, username="hainoi")
    assert officer_accounts.show(ctx, by=ward, username="hainoi")["acts_elsewhere"]
    assert not officer_accounts.show(ctx, by=province, username="hainoi")["acts_elsewhere"]
    people.set_password(ctx, by=province, username="hainoi", password=LONG)
    hainoi = people.sign_in(ctx, username="hainoi", password=LONG).actor
    officer_accounts.set_roles(ctx, by=province, username="hainoi", agency="H01", roles=[Role.ADMIN])
    assert people.create_token(ctx, by=hainoi, username="quantri1")


def test_of_two_administrators_who_take_each_others_role_one_stays(ctx: Context, province: Actor) -> None:
    for _ in range(5):
        for name in ("mot", "hai"):
            with ctx.unit_of_work(read_only=True) as uow:
                known = uow.people.find(name)
            if known is None:
                an_account(ctx, name, Role.ADMIN, agency="H02")
            officer_accounts.set_roles(ctx, by=province, username=name, agency="H02", roles=[Role.ADMIN])
        outcomes = at_once(
            *(
                lambda name=name: officer_accounts.set_roles(ctx, by=province, username=name, agency="H02", roles=[])
                for name in ("mot", "hai")
            )
        )

        assert outcomes.count("last-admin") == 1, outcomes


def test_an_agency_that_takes_in_another_one_later_does_not_close_before(ctx: Context, province: Actor) -> None:
    an_agency(ctx, "H03")
    today = date(2026, 3, 2)
    agency_changes.merge(ctx, by=SYSTEM, code="H01", into="H02", effective_on=today.replace(day=20), decision=DECISION)
    with pytest.raises(AgencyChangeRefusedError, match="H01"):
        agency_changes.merge(
            ctx, by=SYSTEM, code="H02", into="H03", effective_on=today.replace(day=10), decision=DECISION
        )
    agency_changes.merge(ctx, by=SYSTEM, code="H02", into="H03", effective_on=today.replace(day=21), decision=DECISION)


def test_changes_take_effect_on_a_leap_day_too(ctx: Context, province: Actor) -> None:
    ctx.clock.turn_to(datetime(2028, 2, 29, 3, tzinfo=UTC))
    day = date(2028, 2, 29)
    agency_changes.rename(ctx, by=SYSTEM, code="H01", name="UBND phường Mới", effective_on=day, decision=DECISION)

    assert agency_changes.apply_due(ctx) == 0


def test_who_joins_an_agency_after_its_split_was_declared_is_named(ctx: Context, province: Actor) -> None:
    an_account(ctx, "mot", Role.OFFICER, agency="H01")
    an_account(ctx, "hai", Role.OFFICER, agency="H01")
    an_agency(ctx, "H03")
    to = {"mot": "H02", "hai": "H03"}
    day = date(2026, 3, 4)
    agency_changes.split(ctx, by=SYSTEM, code="H01", people=to, effective_on=day, decision=DECISION)
    an_account(ctx, "bathem", Role.OFFICER, agency="H01")

    assert {tuple(each["goes_nowhere"]) for each in agency_changes.listed(ctx, by=SYSTEM, code="H01")} == {("bathem",)}
