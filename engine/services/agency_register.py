"""Agencies and units as administrators keep them: made, described, closed from a day on (issue 5; domain.md §1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain.actors import Actor
from engine.errors import ConflictError
from engine.services.admin_scope import AdminFactError, check_administers, checked, day, managed, managed_agency, note
from engine.store.agencies import Agency, Unit, UnitNotFoundError
from engine.store.unit_of_work import UnitOfWork

_CODE = re.compile(r"[A-Z][A-Z0-9._-]{1,39}")


class AgencyClosedError(ConflictError):
    """The agency is not in force on that day: it receives no dossier; the details name who does."""

    code = "agency-closed"


class CodeTakenError(ConflictError):
    """Another agency, or another unit of the agency, has this code."""

    code = "code-taken"


@dataclass(frozen=True, slots=True)
class Description:
    """What papers and screens say of an agency."""

    name: str
    superior_name: str = ""
    place: str = ""
    phone: str = ""


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the agencies that the actor administers, by code, with how many people and units they have.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        rows = managed(uow, by)
        people = [
            agency_id for _, agency_id in {(each[0], each[1]) for each in uow.people.grants([r.id for r in rows])}
        ]
        units = [agency.id for agency, _unit in uow.agencies.every_unit()]
        return [_view(ctx, uow, row) | {"people": people.count(row.id), "units": units.count(row.id)} for row in rows]


def names(ctx: Context, *, by: Actor) -> list[tuple[str, str]]:
    """Return code and name of the agencies that the actor administers, by code.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        return [(row.code, row.name) for row in managed(uow, by)]


def show(ctx: Context, *, by: Actor, code: str) -> dict[str, Any]:
    """Return one agency with its units and the changes that were declared of it.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agency = managed_agency(uow, by, code)
        return _view(ctx, uow, agency) | {
            "units": [
                {"code": unit.code, "name": unit.name, "is_one_stop": unit.is_one_stop, "valid_to": day(unit.valid_to)}
                for unit in uow.agencies.units(agency.id)
            ],
            "others": [{"code": row.code, "name": row.name} for row in managed(uow, by) if row.id != agency.id],
        }


def add(
    ctx: Context, *, by: Actor, code: str, facts: Description, parent: str | None = None, valid_from: date | None = None
) -> dict[str, Any]:
    """Make an agency under another one.

    Args:
        code: as the national list writes it, such as ``H99.31.03`` (domain.md §3.2).
        parent: code of the agency above; only the system makes one without.
        valid_from: first day on which it receives; None: at once.

    Raises:
        AdminFactError: a fact is malformed, or no parent is named.
        CodeTakenError: another agency has the code.
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        above = None if parent is None else managed_agency(uow, by, parent)
        if above is None and not by.is_system:
            raise AdminFactError("name the agency above the new one", field="parent")
        code = _free_code(uow, code)
        agency = Agency(code=code, name="", parent_id=above.id if above else None, valid_from=valid_from)
        _describe(agency, facts)
        uow.agencies.add(agency)
        told = {"code": code, "name": agency.name, "valid_from": day(valid_from)}
        note(uow, by=by, at=ctx.clock.now(), agency=agency, kind="agency.added", subject=code, facts=told)
        return _view(ctx, uow, agency)


def describe(ctx: Context, *, by: Actor, code: str, facts: Description) -> dict[str, Any]:
    """Change what papers say of an agency; a new name from a day on is a change by decision (``agency_changes``).

    Raises:
        AdminFactError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        agency = managed_agency(uow, by, code)
        before = _described(agency)
        _describe(agency, facts)
        after = _described(agency)
        if after != before:
            told = {"before": before, "after": after}
            note(uow, by=by, at=ctx.clock.now(), agency=agency, kind="agency.described", subject=code, facts=told)
        return _view(ctx, uow, agency)


def add_unit(ctx: Context, *, by: Actor, agency: str, code: str, name: str) -> None:
    """Add a unit to an agency.

    Raises:
        AdminFactError, CodeTakenError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        code = checked(code, field="unit_code", longest=80)
        if uow.agencies.find_unit(place.id, code) is not None:
            raise CodeTakenError(f"agency {place.code} has a unit with code {code} already", field="unit_code")
        unit = Unit(owner_agency_id=place.id, code=code, name=checked(name, field="unit_name"))
        uow.agencies.add_unit(unit)
        told = {"code": code, "name": unit.name}
        note(uow, by=by, at=ctx.clock.now(), agency=place, kind="unit.added", subject=code, facts=told)


def change_unit(ctx: Context, *, by: Actor, agency: str, code: str, name: str, valid_to: date | None = None) -> None:
    """Rename a unit, or close it from a day on; work that lies there stays, and new work may still come by a model.

    Args:
        valid_to: the first day on which it is no more; it is offered to nobody from then on.

    Raises:
        UnitNotFoundError, AdminFactError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        unit = uow.agencies.find_unit(place.id, code)
        if unit is None:
            raise UnitNotFoundError(f"agency {place.code} has no unit with code {code!r}", unit=code)
        before = {"name": unit.name, "valid_to": day(unit.valid_to)}
        unit.name, unit.valid_to = checked(name, field="unit_name"), valid_to
        after = {"name": unit.name, "valid_to": day(unit.valid_to)}
        if after != before:
            told = {"before": before, "after": after}
            note(uow, by=by, at=ctx.clock.now(), agency=place, kind="unit.changed", subject=code, facts=told)


def check_receives(ctx: Context, uow: UnitOfWork, agency: Agency) -> None:
    """Refuse a new dossier to an agency that is not in force today.

    Raises:
        AgencyClosedError: it names the agency that took its place, if there is one.
    """
    if agency.is_in_force(today(ctx, agency)):
        return
    successors = [change.successor_id for change in uow.administration.changes(agency.id) if change.successor_id]
    codes = [uow.agencies.get(each).code for each in successors]
    message = f"agency {agency.code} receives no dossiers on this day"
    if codes:
        message += f"; {' or '.join(codes)} took its place"
    raise AgencyClosedError(message, agency=agency.code, successors=codes)


def today(ctx: Context, agency: Agency) -> date:
    """Return the day at the agency."""
    return ctx.clock.now().astimezone(ZoneInfo(agency.zone)).date()


def _free_code(uow: UnitOfWork, text: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise AdminFactError("a code has 2 to 40 capital letters, digits, dots or hyphens, as H99.31.03", field="code")
    if uow.agencies.find(code) is not None:
        raise CodeTakenError(f"another agency has the code {code}", field="code")
    return code


def _describe(agency: Agency, facts: Description) -> None:
    agency.name = checked(facts.name, field="name")
    agency.superior_name = checked(facts.superior_name, field="superior_name", shortest=0)
    agency.place = checked(facts.place, field="place", longest=100, shortest=0)
    agency.phone = checked(facts.phone, field="phone", longest=40, shortest=0)


def _described(agency: Agency) -> dict[str, str]:
    return {key: getattr(agency, key) for key in ("name", "superior_name", "place", "phone")}


def _view(ctx: Context, uow: UnitOfWork, agency: Agency) -> dict[str, Any]:
    return {
        "code": agency.code,
        **_described(agency),
        "parent": None if agency.parent_id is None else uow.agencies.get(agency.parent_id).code,
        "valid_from": day(agency.valid_from),
        "valid_to": day(agency.valid_to),
        "in_force": agency.is_in_force(today(ctx, agency)),
    }
