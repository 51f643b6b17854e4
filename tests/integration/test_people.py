"""People: who is added by whom, who gets in, and what ends a session."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.permissions_people import InvalidUsernameError, NotPeopleAdminError, WeakPasswordError
from engine.services import people
from engine.services.people import InvalidOfficerError, SignInRefusedError, UsernameTakenError
from engine.store.agencies import AgencyNotFoundError, UnitNotFoundError
from engine.store.people import ApiToken, OfficerNotFoundError
from tests.support.quickly import HASHER_OF_PRODUCTION
from tests.support.site import PASSWORD, an_account, an_agency


def test_add_officer_gives_roles_and_units(ctx: Context):
    an_agency(ctx, units=["mot-cua", "tu-phap"])
    facts = people.add_officer(
        ctx,
        by=SYSTEM,
        username="  Desk.One ",
        name="Cán  bộ Thử",
        agency_code="H01",
        roles=[Role.DESK, Role.OFFICER],
        unit_codes=["tu-phap"],
        title="Công chức",
        email="thu@example.test",
    )
    assert (facts.username, facts.name, facts.title, facts.email) == (
        "desk.one",
        "Cán bộ Thử",
        "Công chức",
        "thu@example.test",
    )
    assert facts.actor.grants == {(facts.agency_id, Role.DESK), (facts.agency_id, Role.OFFICER)}
    assert len(facts.actor.units) == 1
    assert facts.agency_code == "H01"


def test_add_officer_without_agency_takes_the_default_one(ctx: Context):
    an_agency(ctx, "H01")
    an_agency(ctx, "H02")
    facts = people.add_officer(ctx, by=SYSTEM, username="one", name="Một", roles=[Role.DESK])
    assert facts.agency_code == "H01"


def test_only_an_administrator_of_the_agency_adds_people(ctx: Context):
    an_agency(ctx, "H01")
    an_agency(ctx, "H02")
    admin = an_account(ctx, "admin", Role.ADMIN).actor
    supervisor = an_account(ctx, "supervisor", Role.SUPERVISOR).actor
    people.add_officer(ctx, by=admin, username="one", name="Một", agency_code="H01", roles=[Role.DESK])
    for by, agency in ((supervisor, "H01"), (admin, "H02")):
        with pytest.raises(NotPeopleAdminError):
            people.add_officer(ctx, by=by, username="two", name="Hai", agency_code=agency, roles=[Role.ADMIN])
    assert [facts.username for facts in people.list_officers(ctx, by=SYSTEM)] == ["admin", "supervisor", "one"]


def test_add_officer_refuses_a_name_that_is_taken_in_any_case(ctx: Context):
    an_agency(ctx)
    an_account(ctx, "desk")
    with pytest.raises(UsernameTakenError):
        an_account(ctx, "DESK")


@pytest.mark.parametrize("username", ["", "ab", ".ab", "ab.", "a b c", "đặng", "a" * 61, "a/b", "a\nb"])
def test_add_officer_refuses_a_malformed_sign_in_name(sqlite_ctx: Context, username: str):
    an_agency(sqlite_ctx)
    with pytest.raises(InvalidUsernameError):
        an_account(sqlite_ctx, username)


@pytest.mark.parametrize("password", ["", "1234567", "a" * 129, "12345678", "MATKHAU123", "supervisor1"])
def test_add_officer_refuses_a_weak_password(sqlite_ctx: Context, password: str):
    an_agency(sqlite_ctx)
    with pytest.raises(WeakPasswordError):
        an_account(sqlite_ctx, "supervisor", password=password)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"agency_code": "H99"}, AgencyNotFoundError),
        ({"unit_codes": ["khong-co"]}, UnitNotFoundError),
        ({"name": "   "}, InvalidOfficerError),
        ({"name": "a" * 121}, InvalidOfficerError),
        ({"email": "no address"}, InvalidOfficerError),
        ({"title": "a\x00b"}, InvalidOfficerError),
    ],
)
def test_add_officer_refuses_and_leaves_nothing_behind(ctx: Context, changes: dict, error: type[Exception]):
    an_agency(ctx)
    facts = {"username": "one", "name": "Một", "agency_code": "H01", "roles": [Role.DESK]} | changes
    with pytest.raises(error):
        people.add_officer(ctx, by=SYSTEM, **facts)
    assert people.list_officers(ctx, by=SYSTEM) == []


def test_sign_in_returns_the_officer(ctx: Context):
    an_agency(ctx)
    added = an_account(ctx, "desk")
    assert people.sign_in(ctx, username=" DESK", password=PASSWORD) == added


def test_sign_in_takes_the_password_however_the_keyboard_composes_it(ctx: Context):
    an_agency(ctx)
    an_account(ctx, "desk")
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert people.sign_in(ctx, username="desk", password=decomposed).username == "desk"


def test_sign_in_refuses_everybody_in_the_same_words(ctx: Context):
    an_agency(ctx)
    an_account(ctx, "desk")
    an_account(ctx, "gone")
    an_account(ctx, "tokens", password=None)
    people.disable(ctx, by=SYSTEM, username="gone")
    said = set()
    for username, password in (
        ("desk", "wrong words"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("tokens", ""),
        ("desk", PASSWORD + "x" * 200),
        ("", ""),
    ):
        with pytest.raises(SignInRefusedError) as refused:
            people.sign_in(ctx, username=username, password=password)
        said.add((refused.value.code, refused.value.message, str(refused.value.details)))
    assert said == {("sign-in-refused", "the sign-in name or the password is wrong", "{}")}


def test_disabling_ends_sessions_and_tokens(ctx: Context):
    an_agency(ctx)
    facts = an_account(ctx, "desk")
    token = people.create_token(ctx, by=SYSTEM, username="desk")
    assert people.facts_for_session(ctx, officer_id=facts.id, epoch=facts.epoch) == facts
    assert people.facts_for_token(ctx, token=token) == facts
    people.disable(ctx, by=SYSTEM, username="desk")
    people.disable(ctx, by=SYSTEM, username="desk")
    assert people.facts_for_session(ctx, officer_id=facts.id, epoch=facts.epoch) is None
    assert people.facts_for_session(ctx, officer_id=facts.id, epoch=facts.epoch + 1) is None
    assert people.facts_for_token(ctx, token=token) is None


def test_a_new_password_ends_sessions_and_opens_the_account(ctx: Context):
    an_agency(ctx)
    facts = an_account(ctx, "desk")
    people.set_password(ctx, by=SYSTEM, username="desk", password="another long one")
    assert people.facts_for_session(ctx, officer_id=facts.id, epoch=facts.epoch) is None
    again = people.sign_in(ctx, username="desk", password="another long one")
    assert again.epoch == facts.epoch + 1
    with pytest.raises(SignInRefusedError):
        people.sign_in(ctx, username="desk", password=PASSWORD)


def test_signing_out_ends_the_sessions_of_the_account_alone(ctx: Context):
    an_agency(ctx)
    one, other = an_account(ctx, "one"), an_account(ctx, "other")
    people.sign_out(ctx, by=one.actor)
    assert people.facts_for_session(ctx, officer_id=one.id, epoch=one.epoch) is None
    assert people.facts_for_session(ctx, officer_id=other.id, epoch=other.epoch) == other


def test_a_token_is_kept_as_a_hash_only(ctx: Context):
    an_agency(ctx)
    facts = an_account(ctx, "desk")
    token = people.create_token(ctx, by=SYSTEM, username="desk", label="máy quét")
    with ctx.unit_of_work() as uow:
        row = uow.people.find_token(hashlib.sha256(token.encode()).hexdigest())
        assert uow.people.find_token(token) is None
    assert row is not None
    assert (row.officer_id, row.label, row.created_at) == (facts.id, "máy quét", ctx.clock.now())
    assert len(token) == 46
    assert people.facts_for_token(ctx, token=token + "x") is None
    assert people.facts_for_token(ctx, token="") is None


def test_revoking_ends_all_tokens_of_the_account_alone(ctx: Context):
    an_agency(ctx)
    for username in ("one", "other"):
        an_account(ctx, username)
    tokens = [people.create_token(ctx, by=SYSTEM, username="one") for _ in range(2)]
    kept = people.create_token(ctx, by=SYSTEM, username="other")

    assert [people.revoke_tokens(ctx, by=SYSTEM, username="one") for _ in range(2)] == [2, 0]

    assert [people.facts_for_token(ctx, token=token) for token in tokens] == [None, None]
    assert people.facts_for_token(ctx, token=kept) is not None
    with ctx.unit_of_work() as uow:
        revoked = uow.session.scalars(select(ApiToken.revoked_at).order_by(ApiToken.id)).all()
    assert revoked == [ctx.clock.now(), ctx.clock.now(), None]
    new = people.create_token(ctx, by=SYSTEM, username="one")
    assert people.facts_for_token(ctx, token=new) is not None


def test_only_an_administrator_revokes_tokens(ctx: Context):
    an_agency(ctx)
    desk = an_account(ctx, "desk")
    with pytest.raises(NotPeopleAdminError):
        people.revoke_tokens(ctx, by=desk.actor, username="desk")


def test_an_administrator_does_not_learn_of_people_elsewhere(ctx: Context):
    an_agency(ctx, "H01")
    an_agency(ctx, "H02")
    admin = an_account(ctx, "admin", Role.ADMIN).actor
    an_account(ctx, "mine")
    an_account(ctx, "theirs", agency="H02")
    for change in (
        lambda name: people.disable(ctx, by=admin, username=name),
        lambda name: people.set_password(ctx, by=admin, username=name, password="another long one"),
        lambda name: people.create_token(ctx, by=admin, username=name),
    ):
        for name in ("theirs", "nobody"):
            with pytest.raises(OfficerNotFoundError):
                change(name)
    assert [facts.username for facts in people.list_officers(ctx, by=admin)] == ["admin", "mine"]
    with pytest.raises(NotPeopleAdminError):
        people.list_officers(ctx, by=admin, agency_code="H02")


@pytest.mark.parametrize(
    ("role", "lists"),
    [(role, role in (Role.ADMIN, Role.SUPERVISOR, Role.AUDITOR)) for role in Role],
)
def test_who_sees_the_people_of_the_agency(sqlite_ctx: Context, role: Role, lists: bool):
    an_agency(sqlite_ctx)
    actor = an_account(sqlite_ctx, "one", role).actor
    assert [facts.username for facts in people.list_officers(sqlite_ctx, by=actor)] == (["one"] if lists else [])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_no_other_role_manages_people(sqlite_ctx: Context, role: Role):
    an_agency(sqlite_ctx)
    actor = an_account(sqlite_ctx, "one", role).actor
    with pytest.raises(NotPeopleAdminError):
        people.disable(sqlite_ctx, by=actor, username="one")
    with pytest.raises(NotPeopleAdminError):
        people.create_token(sqlite_ctx, by=actor, username="one")


def test_a_password_costs_whoever_guesses_it_memory_and_time():
    made = HASHER_OF_PRODUCTION.hash(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, the second choice it recommends
