"""Which agencies an administrator looks after, and the record of what they did there (issue 5; domain.md §1.14)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.errors import InvalidInputError
from engine.services.officer_names import OfficerNames
from engine.store.administration import AdminAct
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork

LONGEST_NAME = 200  #: characters, of agencies, units and fields
LATEST_ACTS = 100


class AdminFactError(InvalidInputError):
    """Something that an administrator wrote is missing or malformed; nothing was saved."""

    code = "admin-fact-invalid"


def managed(uow: UnitOfWork, by: Actor) -> list[Agency]:
    """Return the agencies that the actor administers, and all below them, by code.

    A commune looks after its own accounts only; the centre above it controls (domain.md §1.14).
    """
    rows = uow.agencies.all()
    if by.is_system:
        return sorted(rows, key=lambda row: row.code)
    inside = set(by.agencies_with(Role.ADMIN))
    while True:
        below = {row.id for row in rows if row.parent_id in inside} - inside
        if not below:
            return sorted((row for row in rows if row.id in inside), key=lambda row: row.code)
        inside |= below


def managed_agency(uow: UnitOfWork, by: Actor, code: str) -> Agency:
    """Return the agency with that code, which the actor administers.

    Raises:
        AgencyNotFoundError: there is none.
        NotAllowedError: the actor administers neither it nor an agency above it.
    """
    agency = uow.agencies.by_code(code)
    if agency.id not in {row.id for row in managed(uow, by)}:
        permissions.check_can_administer(by, agency=agency.id)
    return agency


def note(
    uow: UnitOfWork, *, by: Actor, at: datetime, agency: Agency, kind: str, subject: str,
    facts: dict[str, Any], ground: str = "",
) -> None:  # fmt: skip
    """Write down what an administrator did; ``facts`` has before and after."""
    uow.administration.add(
        AdminAct(
            owner_agency_id=agency.id,
            kind=kind,
            subject=subject[:120],
            facts=facts,
            ground=ground.strip(),
            made_by=by.id,
            made_at=at,
        )
    )


def acts(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the latest acts in the agencies that the actor administers, newest first.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = {row.id: row for row in managed(uow, by)}
        names = OfficerNames(uow)
        return [
            {
                "kind": act.kind,
                "agency": agencies[act.owner_agency_id].code,
                "subject": act.subject,
                "facts": act.facts,
                "ground": act.ground,
                "made_by": names.of(act.made_by),
                "made_at": act.made_at.isoformat(),
            }
            for act in uow.administration.acts(agencies.keys(), LATEST_ACTS)
        ]


def check_administers(by: Actor) -> None:
    """Refuse who administers no agency at all.

    Raises:
        NotAllowedError: the actor holds the role nowhere.
    """
    if not by.is_system and not by.agencies_with(Role.ADMIN):
        raise permissions.NotAllowedError("only admin may do this", needed=[Role.ADMIN.value])


def checked(text: str, *, field: str, longest: int = LONGEST_NAME, shortest: int = 1) -> str:
    """Return a text on one line.

    Raises:
        AdminFactError: it is empty, too long or holds what cannot be printed.
    """
    value = " ".join(text.split())
    if not shortest <= len(value) <= longest or not value.isprintable():
        raise AdminFactError(f"{field} has {shortest} to {longest} printable characters", field=field)
    return value


def day(value: date | None) -> str | None:
    """Return a day as facts keep it."""
    return None if value is None else value.isoformat()
