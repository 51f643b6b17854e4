"""Agencies, officers, fields and fees as administrators change them; every act is written down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import Channel, Status
from engine.domain.permissions import NotAllowedError
from engine.reports import worklists
from engine.services import (
    admin_scope,
    agency_changes,
    agency_register,
    fees,
    officer_accounts,
    procedure_fields,
    reading,
)
from engine.services.admin_scope import AdminFactError
from engine.services.agency_changes import AgencyChangeRefusedError
from engine.services.agency_register import AgencyClosedError, CodeTakenError, Description
from engine.store.people import OfficerNotFoundError
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.site import an_account, an_agency

DECISION = "12/QĐ-UBND"
TODAY = date(2026, 3, 2)


def actor_of(ctx: Context, username: str) -> Actor:
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.people.find(username)
        assert found is not None
        return uow.people.actor(found.id)


@pytest.fixture
def admin(ctx: Context) -> Actor:
    """An administrator of the default agency H00, under which H01 and H02 stand."""
    b.an_office(ctx)
    for code in ("H01", "H02"):
        with ctx.unit_of_work(read_only=True) as uow:
            known = uow.agencies.find(code)
        if known is None:
            an_agency(ctx, code, units=("MOT_CUA", "PHONG"))
    with ctx.unit_of_work() as uow:
        for code in ("H01", "H02"):
            uow.agencies.by_code(code).parent_id = uow.agencies.by_code("H00").id
    return an_account(ctx, "quantri", Role.ADMIN, agency="H00").actor


def kinds(ctx: Context, admin: Actor) -> list[str]:
    return [act["kind"] for act in admin_scope.acts(ctx, by=admin)]


def test_an_administrator_looks_after_the_agencies_below(ctx: Context, admin: Actor) -> None:
    assert {"H00", "H01", "H02"} <= {row["code"] for row in agency_register.listed(ctx, by=admin)}

    of_h01 = an_account(ctx, "quantri1", Role.ADMIN, agency="H01").actor
    assert [row["code"] for row in agency_register.listed(ctx, by=of_h01)] == ["H01"]
    with pytest.raises(NotAllowedError):
        agency_register.show(ctx, by=of_h01, code="H02")
    with pytest.raises(OfficerNotFoundError):
        officer_accounts.show(ctx, by=of_h01, username="quantri")


def test_only_administrators_administer(ctx: Context, admin: Actor) -> None:
    desk = an_account(ctx, "chiduoc", Role.DESK, agency="H01").actor
    for refused in (
        lambda: agency_register.listed(ctx, by=desk),
        lambda: officer_accounts.listed(ctx, by=desk),
        lambda: procedure_fields.listed(ctx, by=desk),
        lambda: admin_scope.acts(ctx, by=desk),
        lambda: agency_changes.merge(ctx, by=desk, code="H01", into="H02", effective_on=TODAY, decision=DECISION),
    ):
        with pytest.raises(NotAllowedError):
            refused()
    assert kinds(ctx, admin) == []


def test_roles_and_units_hold_from_the_next_request(ctx: Context, admin: Actor) -> None:
    an_account(ctx, "canbo", Role.DESK, agency="H01")
    given = officer_accounts.set_roles(
        ctx, by=admin, username="canbo", agency="H01", roles=[Role.OFFICER, Role.CLERK], units=["PHONG"]
    )

    assert (given["roles"], given["units"], given["open_tasks"]) == (["officer", "clerk"], ["PHONG"], 0)
    assert {role for _agency, role in actor_of(ctx, "canbo").grants} == {Role.OFFICER, Role.CLERK}
    (act,) = admin_scope.acts(ctx, by=admin)
    assert act["facts"]["before"] == {"roles": ["desk"], "units": []}


def test_the_last_administrator_stays(ctx: Context, admin: Actor) -> None:
    an_account(ctx, "duynhat", Role.ADMIN, agency="H02")
    with pytest.raises(officer_accounts.LastAdminError):
        officer_accounts.set_roles(ctx, by=admin, username="duynhat", agency="H02", roles=[Role.OFFICER])
    with pytest.raises(officer_accounts.LastAdminError):
        officer_accounts.set_active(ctx, by=admin, username="duynhat", active=False)
    assert Role.ADMIN in {role for _agency, role in actor_of(ctx, "duynhat").grants}

    an_account(ctx, "nguoithay", Role.ADMIN, agency="H02")
    officer_accounts.set_active(ctx, by=admin, username="duynhat", active=False, ground="nghỉ việc")
    assert not officer_accounts.show(ctx, by=admin, username="duynhat")["active"]
    assert kinds(ctx, admin) == ["officer.disabled"]


def test_officers_are_found_without_accents(ctx: Context, admin: Actor) -> None:
    an_account(ctx, "dung.tt", Role.DESK, agency="H01")
    officer_accounts.change(ctx, by=admin, username="dung.tt", name="Đỗ Thị Dũng", title="Chuyên viên")

    assert [row["username"] for row in officer_accounts.listed(ctx, by=admin, q="do thi dung")] == ["dung.tt"]
    assert officer_accounts.listed(ctx, by=admin, agency="H02", q="dung") == []
    with pytest.raises(AdminFactError):
        officer_accounts.change(ctx, by=admin, username="dung.tt", name=" ")


def test_an_agency_is_made_described_and_given_units(ctx: Context, admin: Actor) -> None:
    facts = Description(name="UBND phường Mới", place="Mới")
    agency_register.add(ctx, by=admin, code="h00.07", facts=facts, parent="H00", valid_from=date(2026, 4, 1))
    agency_register.add_unit(ctx, by=admin, agency="H00.07", code="MOT_CUA", name="Bộ phận Một cửa")

    shown = agency_register.show(ctx, by=admin, code="H00.07")
    assert (shown["in_force"], shown["parent"], [unit["code"] for unit in shown["units"]]) == (
        False,
        "H00",
        ["MOT_CUA"],
    )
    with pytest.raises(CodeTakenError):
        agency_register.add(ctx, by=admin, code="H00.07", facts=facts, parent="H00")
    with pytest.raises(CodeTakenError):
        agency_register.add_unit(ctx, by=admin, agency="H00.07", code="MOT_CUA", name="Lần hai")
    with pytest.raises(AdminFactError):
        agency_register.add(ctx, by=admin, code="phường 7", facts=facts, parent="H00")
    with pytest.raises(AdminFactError):
        agency_register.add(ctx, by=admin, code="H88", facts=facts)
    assert kinds(ctx, admin) == ["unit.added", "agency.added"]


def test_a_merged_agency_finishes_its_dossiers_and_receives_none(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    home = dossier["code"].split("-")[0]
    an_agency(ctx, "H77", units=("KHAC",))
    watcher = an_account(ctx, "giamsat77", Role.SUPERVISOR, agency="H77")
    agency_changes.merge(ctx, by=SYSTEM, code=home, into="H77", effective_on=date(2026, 3, 3), decision=DECISION)

    b.a_received_dossier(ctx, office)  # still the day before
    assert agency_changes.apply_due(ctx) == 0
    ctx.clock.advance(timedelta(days=1))
    assert (agency_changes.apply_due(ctx), agency_changes.apply_due(ctx)) == (1, 0)

    with pytest.raises(AgencyClosedError) as refused:
        b.a_received_dossier(ctx, office)
    assert refused.value.details["successors"] == ["H77"]
    b.advance_to(ctx, office, dossier, Status.RETURNED)
    assert verify(ctx) == []
    assert worklists.page(ctx, by=actor_of(ctx, watcher.username)).counts["all"] == 2
    with ctx.unit_of_work(read_only=True) as uow:
        successor = uow.agencies.by_code("H77")
        held = {role for _who, _agency, role in uow.people.grants([successor.id])}
        assert {Role.DESK, Role.OFFICER} <= held
        assert len(uow.agencies.units(successor.id)) > 1


def test_a_split_takes_each_officer_where_it_says(ctx: Context, admin: Actor) -> None:
    for name in ("mot", "hai"):
        an_account(ctx, name, Role.OFFICER, agency="H01")
    an_agency(ctx, "H03")
    with ctx.unit_of_work() as uow:
        uow.agencies.by_code("H03").parent_id = uow.agencies.by_code("H00").id
        here = {uow.people.get(each[0]).username for each in uow.people.grants([uow.agencies.by_code("H01").id])}
    to = dict.fromkeys(here, "H02") | {"hai": "H03"}
    order = {"by": admin, "code": "H01", "effective_on": TODAY, "decision": DECISION}
    with pytest.raises(AdminFactError, match="say where mot goes"):
        agency_changes.split(ctx, people={name: at for name, at in to.items() if name != "mot"} | {"x": "H02"}, **order)
    with pytest.raises(AdminFactError, match="at least two"):
        agency_changes.split(ctx, people=dict.fromkeys(here, "H02"), **order)
    agency_changes.split(ctx, by=admin, code="H01", people=to, effective_on=TODAY, decision=DECISION)

    with ctx.unit_of_work(read_only=True) as uow:
        ids = {code: uow.agencies.by_code(code).id for code in ("H02", "H03")}
    assert ids["H03"] in actor_of(ctx, "hai").agencies
    assert ids["H02"] not in actor_of(ctx, "hai").agencies
    assert ids["H02"] in actor_of(ctx, "mot").agencies
    assert not agency_register.show(ctx, by=admin, code="H01")["in_force"]


def test_a_change_that_cannot_be_is_refused_and_one_not_yet_due_can_be_dropped(ctx: Context, admin: Actor) -> None:
    later = date(2026, 6, 1)
    agency_changes.rename(ctx, by=admin, code="H01", name="UBND phường Tên Mới", effective_on=later, decision=DECISION)
    with pytest.raises(AgencyChangeRefusedError, match="declared already"):
        agency_changes.merge(ctx, by=admin, code="H01", into="H02", effective_on=later, decision=DECISION)
    (change,) = agency_changes.listed(ctx, by=admin, code="H01")
    agency_changes.cancel(ctx, by=admin, change_id=change["id"])
    assert agency_changes.listed(ctx, by=admin, code="H01") == []

    for wrong in (
        {"into": "H01", "effective_on": TODAY, "decision": DECISION},
        {"into": "H02", "effective_on": TODAY, "decision": " "},
        {"into": "H02", "effective_on": date(2030, 1, 1), "decision": DECISION},
    ):
        with pytest.raises(AdminFactError):
            agency_changes.merge(ctx, by=admin, code="H01", **wrong)  # type: ignore[arg-type]
    agency_changes.merge(ctx, by=admin, code="H01", into="H02", effective_on=TODAY, decision=DECISION)
    (done,) = agency_changes.listed(ctx, by=admin, code="H01")
    with pytest.raises(AgencyChangeRefusedError, match="taken effect"):
        agency_changes.cancel(ctx, by=admin, change_id=done["id"])
    with pytest.raises(AgencyChangeRefusedError, match="not in force"):
        agency_changes.merge(ctx, by=admin, code="H02", into="H01", effective_on=TODAY, decision=DECISION)


def test_a_field_is_renamed_in_the_catalogue_too(ctx: Context) -> None:
    b.an_office(ctx, policy={"field": "Hộ tịch"})
    (row,) = [row for row in procedure_fields.listed(ctx, by=SYSTEM) if row["procedures"]]
    assert procedure_fields.rename(ctx, by=SYSTEM, agency=row["agency"], old=row["name"], new="Hộ tịch, quốc tịch") == 1

    (now,) = [each for each in procedure_fields.listed(ctx, by=SYSTEM) if each["procedures"]]
    assert now["name"] == "Hộ tịch, quốc tịch"
    procedure_fields.set_active(ctx, by=SYSTEM, agency=row["agency"], name=now["name"], active=False)
    (closed,) = [each for each in procedure_fields.listed(ctx, by=SYSTEM) if each["procedures"]]
    assert not closed["active"]
    with pytest.raises(AdminFactError):
        procedure_fields.rename(ctx, by=SYSTEM, agency=row["agency"], old="không có", new="cũng không")
    procedure_fields.add(ctx, by=SYSTEM, agency=row["agency"], name="Đất đai")
    with pytest.raises(CodeTakenError):
        procedure_fields.add(ctx, by=SYSTEM, agency=row["agency"], name="Đất đai")


def test_a_fee_holds_from_its_day_for_its_channel(ctx: Context) -> None:
    office = b.an_office(ctx)
    first = b.a_received_dossier(ctx, office)
    order = {"agency": first["code"].split("-")[0], "procedure": "TP99", "decision": "07/NQ-HĐND"}
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=20_000, valid_from=date(2026, 3, 3), **order)
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=10_000, valid_from=date(2026, 3, 3), channel="online", **order)
    ctx.clock.advance(timedelta(days=1))
    counter, online = (
        b.a_received_dossier(ctx, office, channel=channel) for channel in (Channel.DIRECT, Channel.ONLINE)
    )
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=30_000, valid_from=date(2026, 3, 4), **order)
    with pytest.raises(fees.FeeToldError):
        fees.drop_fee(ctx, by=SYSTEM, agency=order["agency"], procedure="TP99", valid_from=date(2026, 3, 3))

    assert [told(ctx, office, each) for each in (first, counter, online)] == [told(ctx, office, first), 20_000, 10_000]
    assert [
        row["valid_to"] for row in fees.listed(ctx, by=SYSTEM, **{k: order[k] for k in ("agency", "procedure")})
    ] == [
        None,
        None,
        "2026-03-04",
    ]
    assert verify(ctx) == []


def told(ctx: Context, office: b.Office, dossier: b.Dossier) -> int | None:
    fee: int | None = reading.detail(ctx, by=office.desk, dossier=dossier["code"])["fee_vnd"]
    return fee


def test_a_fee_that_cannot_be_is_refused(ctx: Context) -> None:
    office = b.an_office(ctx)
    order = {"agency": b.a_received_dossier(ctx, office)["code"].split("-")[0], "procedure": "TP99"}
    good = {"amount_vnd": 5_000, "valid_from": date(2026, 3, 3), "decision": "07/NQ-HĐND", **order}
    for wrong in ({"amount_vnd": -1}, {"valid_from": date(2026, 3, 1)}, {"channel": "fax"}, {"decision": ""}):
        with pytest.raises(AdminFactError):
            fees.set_fee(ctx, by=SYSTEM, **{**good, **wrong})  # type: ignore[arg-type]
    fees.set_fee(ctx, by=SYSTEM, **good)  # type: ignore[arg-type]
    with pytest.raises(fees.FeeOverlapsError):
        fees.set_fee(ctx, by=SYSTEM, **good)  # type: ignore[arg-type]


def test_a_fee_does_not_change_what_receipts_of_today_say(ctx: Context) -> None:
    office = b.an_office(ctx)
    agency = an_agency_code(ctx)
    order = {"agency": agency, "procedure": "TP99", "decision": "07/NQ-HĐND"}
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=20_000, valid_from=TODAY, **order)
    dossier = b.a_received_dossier(ctx, office)
    with pytest.raises(fees.FeeToldError):
        fees.set_fee(ctx, by=SYSTEM, amount_vnd=30_000, valid_from=TODAY, channel="direct", **order)

    assert told(ctx, office, dossier) == 20_000
    assert verify(ctx) == []


def test_a_mistaken_fee_is_dropped_before_anybody_was_told(ctx: Context) -> None:
    office = b.an_office(ctx)
    place = {"agency": an_agency_code(ctx), "procedure": "TP99"}
    order = {**place, "decision": "07/NQ-HĐND"}
    far = date(2062, 3, 3)
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=20_000, valid_from=TODAY, **order)
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=2_000_000, valid_from=far, **order)
    with pytest.raises(fees.FeeOverlapsError):
        fees.set_fee(ctx, by=SYSTEM, amount_vnd=25_000, valid_from=date(2026, 3, 3), **order)
    fees.drop_fee(ctx, by=SYSTEM, valid_from=far, **place)
    (left,) = fees.listed(ctx, by=SYSTEM, **place)
    assert (left["amount_vnd"], left["valid_to"], left["can_drop"]) == (20_000, None, True)
    with pytest.raises(AdminFactError):
        fees.drop_fee(ctx, by=SYSTEM, valid_from=far, **place)

    fees.drop_fee(ctx, by=SYSTEM, valid_from=TODAY, **place)
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=25_000, valid_from=TODAY, **order)
    dossier = b.a_received_dossier(ctx, office)
    assert told(ctx, office, dossier) == 25_000
    ctx.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    with pytest.raises(AdminFactError):
        fees.drop_fee(ctx, by=SYSTEM, valid_from=TODAY, **place)
    assert [act["kind"] for act in admin_scope.acts(ctx, by=SYSTEM)].count("fee.dropped") == 2
    assert verify(ctx) == []


def an_agency_code(ctx: Context) -> str:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.agencies.default().code
