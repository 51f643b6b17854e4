"""Fields of procedures (lĩnh vực): the words by which the catalogue and statistics group them (issue 5)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.services.admin_scope import AdminFactError, check_administers, checked, managed, managed_agency, note
from engine.services.agency_register import CodeTakenError
from engine.store.administration import Field
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork

LONGEST = 120  #: characters


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the fields that were declared or that procedures stand in, with how many, by agency and name.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        codes = {row.id: row.code for row in managed(uow, by)}
        used: Counter[tuple[str, str]] = Counter()
        for agency_id, name, count in uow.administration.used_fields():
            if agency_id in codes:
                used[codes[agency_id], name] += count
        declared = {(codes[row.owner_agency_id], row.name): row for row in uow.administration.fields(codes.keys())}
        return [
            {
                "agency": agency,
                "name": name,
                "code": declared[agency, name].code if (agency, name) in declared else "",
                "active": (agency, name) not in declared or declared[agency, name].is_active,
                "procedures": used[agency, name],
            }
            for agency, name in sorted({*used, *declared})
        ]


def add(ctx: Context, *, by: Actor, agency: str, name: str, code: str = "") -> None:
    """Declare a field of an agency.

    Raises:
        AdminFactError, AgencyNotFoundError, NotAllowedError.
        CodeTakenError: the agency has a field of this name.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        name = checked(name, field="name", longest=LONGEST)
        if uow.administration.find_field(place.id, name) is not None:
            raise CodeTakenError(f"agency {place.code} has a field {name!r} already", field="name")
        code = checked(code, field="code", longest=40, shortest=0)
        uow.administration.add(Field(owner_agency_id=place.id, name=name, code=code))
        _note(ctx, uow, by, place, "field.added", name, {"code": code})


def rename(ctx: Context, *, by: Actor, agency: str, old: str, new: str) -> int:
    """Give a field another name, in the catalogue too; return how many procedures now stand in it.

    Raises:
        AdminFactError: no name, or no such field.
        CodeTakenError: the agency has a field of the new name.
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        new = checked(new, field="new", longest=LONGEST)
        if new == old:
            return 0
        if uow.administration.find_field(place.id, new) is not None:
            raise CodeTakenError(f"agency {place.code} has a field {new!r} already", field="new")
        row = uow.administration.find_field(place.id, old)
        moved = uow.administration.rename_field(place.id, old, new)
        if row is None and not moved:
            raise AdminFactError(f"agency {place.code} has no field {old!r}", field="old")
        if row is not None:
            row.name = new
        _note(ctx, uow, by, place, "field.renamed", new, {"old": old, "procedures": moved})
        return moved


def set_active(ctx: Context, *, by: Actor, agency: str, name: str, active: bool) -> None:
    """Close a field, so that it is offered to no new procedure, or open it again; procedures in it stay.

    Raises:
        AdminFactError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = managed_agency(uow, by, agency)
        row = uow.administration.find_field(place.id, name)
        if row is None:
            row = Field(owner_agency_id=place.id, name=checked(name, field="name", longest=LONGEST))
            uow.administration.add(row)
        if row.is_active != active:
            row.is_active = active
            _note(ctx, uow, by, place, "field.opened" if active else "field.closed", name, {})


def _note(
    ctx: Context, uow: UnitOfWork, by: Actor, agency: Agency, kind: str, subject: str, facts: dict[str, Any]
) -> None:
    note(uow, by=by, at=ctx.clock.now(), agency=agency, kind=kind, subject=subject, facts=facts)
