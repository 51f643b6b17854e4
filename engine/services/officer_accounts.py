"""Officers as administrators keep them: name, roles and units in each agency, disabled or not (contract §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.text import fold
from engine.errors import ConflictError
from engine.services import people
from engine.services.admin_scope import check_administers, checked, managed, managed_agency, note
from engine.store.agencies import Agency, UnitNotFoundError
from engine.store.people import Officer, OfficerNotFoundError
from engine.store.unit_of_work import UnitOfWork


class LastAdminError(ConflictError):
    """An agency with administrators keeps at least one who can sign in; name another one first."""

    code = "last-admin"


def listed(ctx: Context, *, by: Actor, agency: str | None = None, q: str = "") -> list[dict[str, Any]]:
    """Return the officers of the agencies that the actor administers, by name, with roles and units there.

    Args:
        agency: code of one of them; None: all.
        q: words of the name or sign-in name, with or without accents.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = [managed_agency(uow, by, agency)] if agency else managed(uow, by)
        rows = uow.people.of_agencies([row.id for row in agencies])
        wanted = fold(q).split()
        fitting = [row for row in rows if all(word in fold(f"{row.name} {row.username}") for word in wanted)]
        return _views(uow, fitting, agencies)


def show(ctx: Context, *, by: Actor, username: str) -> dict[str, Any]:
    """Return one officer with roles and units, and the agencies in which the actor may give some.

    Raises:
        NotAllowedError: the actor administers nothing.
        OfficerNotFoundError: there is none, or not the actor's to know.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = managed(uow, by)
        officer = _mine(uow, username, agencies)
        (view,) = _views(uow, [officer], agencies)
        return view | {
            "agencies": [
                {"code": row.code, "name": row.name, "units": [_unit(each) for each in uow.agencies.units(row.id)]}
                for row in agencies
            ],
            "open_tasks": uow.tasks.open_count_of(officer.id),
            "acts_elsewhere": people.acts_elsewhere(uow, by, officer),
        }


def change(
    ctx: Context, *, by: Actor, username: str, name: str, title: str = "", email: str | None = None
) -> dict[str, Any]:
    """Change what an officer is called and where mail reaches them.

    Raises:
        AdminFactError, InvalidOfficerError, OfficerNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        officer, home = _managed(uow, by, username)
        before = {"name": officer.name, "title": officer.title, "email": officer.email}
        officer.name = checked(name, field="name", longest=120)
        officer.title = checked(title, field="title", longest=120, shortest=0)
        officer.email = people.checked_email(email)
        after = {"name": officer.name, "title": officer.title, "email": officer.email}
        if after != before:
            changed = sorted(key for key in after if after[key] != before[key])
            _note(ctx, uow, by, home, "officer.changed", officer, {"changed": changed})
        return after


def set_roles(
    ctx: Context, *, by: Actor, username: str, agency: str, roles: Collection[Role], units: Collection[str] = ()
) -> dict[str, Any]:
    """Give an officer exactly these roles and units in one agency; it holds from their next request.

    What they have claimed stays theirs: ``open_tasks`` of the answer says how much, for a supervisor to reassign.

    Args:
        units: codes of units of the agency.

    Raises:
        LastAdminError: the agency would be left without an administrator.
        UnitNotFoundError: the agency has no such unit.
        OfficerNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        uow.agencies.lock([place.id])
        officer = uow.people.find(username)
        if officer is None:
            raise OfficerNotFoundError(f"there is no officer with the sign-in name {username!r}", username=username)
        before = _in(uow, officer, place)
        if Role.ADMIN.value in before["roles"] and Role.ADMIN not in roles:
            _check_not_last(uow, officer, place)
        known = {unit.code: unit for unit in uow.agencies.units(place.id)}
        missing = sorted(set(units) - known.keys())
        if missing:
            raise UnitNotFoundError(f"agency {place.code} has no unit with code {missing[0]!r}", unit=missing[0])
        uow.people.set_roles(officer.id, place.id, set(roles))
        uow.people.set_units(officer.id, place.id, {known[code].id for code in units})
        after = _in(uow, officer, place)
        if after != before:
            _note(ctx, uow, by, place, "officer.roles", officer, {"before": before, "after": after})
        return after | {"open_tasks": uow.tasks.open_count_of(officer.id)}


def set_active(ctx: Context, *, by: Actor, username: str, active: bool, ground: str = "") -> None:
    """Disable an account, so that its sessions and tokens stop, or let it sign in again.

    Raises:
        LastAdminError: an agency would be left without an administrator.
        OfficerNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        officer, home = _managed(uow, by, username)
        if officer.is_active == active:
            return
        if not active:
            administered = uow.people.actor(officer.id).agencies_with(Role.ADMIN)
            uow.agencies.lock(administered)
            for agency_id in administered:
                _check_not_last(uow, officer, uow.agencies.get(agency_id))
        officer.is_active = active
        officer.session_epoch += 1
        _note(ctx, uow, by, home, "officer.enabled" if active else "officer.disabled", officer, {}, ground)


def _note(
    ctx: Context, uow: UnitOfWork, by: Actor, agency: Agency, kind: str, officer: Officer,
    facts: dict[str, Any], ground: str = "",
) -> None:  # fmt: skip
    note(uow, by=by, at=ctx.clock.now(), agency=agency, kind=kind, subject=officer.username, facts=facts, ground=ground)


def _check_not_last(uow: UnitOfWork, officer: Officer, agency: Agency) -> None:
    if [row.id for row in uow.people.with_role(agency.id, Role.ADMIN)] == [officer.id]:
        message = f"{officer.username} is the last administrator of {agency.code}; name another one first"
        raise LastAdminError(message, agency=agency.code)


def _managed(uow: UnitOfWork, by: Actor, username: str) -> tuple[Officer, Agency]:
    """Return an officer whose own agency the actor administers, and that agency."""
    agencies = managed(uow, by)
    officer = _mine(uow, username, agencies)
    return officer, managed_agency(uow, by, uow.agencies.get(officer.owner_agency_id).code)


def _mine(uow: UnitOfWork, username: str, agencies: list[Agency]) -> Officer:
    officer = uow.people.find(username)
    inside = {row.id for row in agencies}
    if officer is not None and (officer.owner_agency_id in inside or uow.people.actor(officer.id).agencies & inside):
        return officer
    raise OfficerNotFoundError(f"there is no officer with the sign-in name {username!r}", username=username)


def _in(uow: UnitOfWork, officer: Officer, agency: Agency) -> dict[str, list[str]]:
    actor = uow.people.actor(officer.id)
    roles = [role.value for role in Role if (agency.id, role) in actor.grants]
    return {"roles": roles, "units": [each.code for each in uow.agencies.units(agency.id) if each.id in actor.units]}


def _views(uow: UnitOfWork, officers: list[Officer], agencies: list[Agency]) -> list[dict[str, Any]]:
    codes = {row.id: row.code for row in agencies}
    held: dict[int, dict[str, dict[str, list[str]]]] = defaultdict(dict)
    for officer_id, agency_id, role in uow.people.grants(codes.keys()):
        held[officer_id].setdefault(codes[agency_id], {"roles": [], "units": []})["roles"].append(role.value)
    memberships = uow.people.memberships(codes.keys())
    units = uow.agencies.some_units({unit_id for _, unit_id, _ in memberships})
    for officer_id, unit_id, agency_id in memberships:
        place = held[officer_id].setdefault(codes[agency_id], {"roles": [], "units": []})
        place["units"].append(units[unit_id].code)
    homes = uow.agencies.some({row.owner_agency_id for row in officers})
    return [
        {
            "username": row.username,
            "name": row.name,
            "title": row.title,
            "email": row.email,
            "active": row.is_active,
            "agency": homes[row.owner_agency_id].code,
            "may_manage": row.owner_agency_id in codes,
            "held": {code: _sorted(each) for code, each in sorted(held[row.id].items())},
        }
        for row in officers
    ]


def _sorted(place: dict[str, list[str]]) -> dict[str, list[str]]:
    order = [role.value for role in Role]
    return {"roles": sorted(place["roles"], key=order.index), "units": sorted(place["units"])}


def _unit(unit: Any) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}
