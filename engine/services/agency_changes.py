"""Agencies merge, split and take other names, from a day on and by a decision (issue 5; domain.md §1.1).

What is under way goes on where it is, under the rules it was received under: a dossier of an agency that is no more is
finished by the same people, in its name. From the day on the agency receives nothing; its officers hold the same roles
in the one that takes its place, and those who watch there watch here, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import UNFINISHED
from engine.errors import ConflictError, NotFoundError
from engine.services.admin_scope import AdminFactError, check_administers, checked, managed_agency, note
from engine.services.agency_register import today
from engine.services.officer_names import OfficerNames
from engine.store.administration import AgencyChange
from engine.store.agencies import Agency, Unit
from engine.store.unit_of_work import UnitOfWork

MERGED, SPLIT, RENAMED = "merged", "split", "renamed"
WATCHING = (Role.SUPERVISOR, Role.APPROVER, Role.AUDITOR, Role.ADMIN)  #: roles that follow the dossiers of the old one


class AgencyChangeNotFoundError(NotFoundError):
    """There is no such change."""

    code = "agency-change-not-found"


class AgencyChangeRefusedError(ConflictError):
    """The agencies cannot change so: one is closed then, or a change was declared already."""

    code = "agency-change-refused"


def listed(ctx: Context, *, by: Actor, code: str) -> list[dict[str, Any]]:
    """Return the changes of an agency, oldest first; ``goes_nowhere``: who joined after a split was declared.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agency, names = managed_agency(uow, by, code), OfficerNames(uow)
        changes = uow.administration.changes(agency.id)
        forgotten = _forgotten(uow, agency, changes)
        return [
            {
                "id": change.id,
                "kind": change.kind,
                "successor": None if change.successor_id is None else uow.agencies.get(change.successor_id).code,
                "facts": change.facts,
                "effective_on": change.effective_on.isoformat(),
                "decision": change.decision,
                "made_by": names.of(change.made_by),
                "applied": change.applied_at is not None,
                "goes_nowhere": forgotten if change.kind == SPLIT and change.applied_at is None else [],
            }
            for change in changes
        ]


def preview(ctx: Context, *, by: Actor, code: str, successors: list[str]) -> dict[str, Any]:
    """Return what a merger or split touches: unfinished dossiers, people with their roles, units, missing procedures.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agency = managed_agency(uow, by, code)
        others = [managed_agency(uow, by, each) for each in successors]
        open_procedures = {row.code for row in uow.procedures.all(agency.id) if row.is_open}
        offered = {other.code: {row.code for row in uow.procedures.all(other.id) if row.is_open} for other in others}
        return {
            "unfinished": uow.dossiers.count_of(agency.id, UNFINISHED),
            "people": sorted({uow.people.get(each[0]).username for each in uow.people.grants([agency.id])}),
            "units": [unit.code for unit in uow.agencies.units(agency.id)],
            "missing_procedures": {each: sorted(open_procedures - known) for each, known in offered.items()},
        }


def rename(ctx: Context, *, by: Actor, code: str, name: str, effective_on: date, decision: str) -> None:
    """Give an agency another name from a day on.

    Raises:
        AdminFactError: no name or decision.
        AgencyChangeRefusedError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        agency = managed_agency(uow, by, code)
        facts = {"old": agency.name, "new": checked(name, field="new_name")}
        _declare(ctx, uow, by, agency, RENAMED, effective_on, decision, [(None, facts)])


def merge(ctx: Context, *, by: Actor, code: str, into: str, effective_on: date, decision: str) -> None:
    """Let one agency go into another from a day on.

    Raises:
        AdminFactError: no decision, or an agency goes into itself.
        AgencyChangeRefusedError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        agency, successor = managed_agency(uow, by, code), managed_agency(uow, by, into)
        _declare(ctx, uow, by, agency, MERGED, effective_on, decision, [(successor, {})])


def split(ctx: Context, *, by: Actor, code: str, people: Mapping[str, str], effective_on: date, decision: str) -> None:
    """Let an agency go into several from a day on.

    Args:
        people: sign-in name of an officer -> code of the agency that takes them; the agencies named are the successors,
            at least two. Make those that are new before.

    Raises:
        AdminFactError: no decision, fewer than two successors, or an officer of the agency goes nowhere.
        AgencyChangeRefusedError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        agency = managed_agency(uow, by, code)
        successors = [managed_agency(uow, by, each) for each in sorted(set(people.values()))]
        if len(successors) < 2:
            raise AdminFactError("a split needs at least two agencies that take the people", field="people")
        here = {uow.people.get(each[0]).username for each in uow.people.grants([agency.id])}
        forgotten = sorted(here - people.keys())
        if forgotten:
            raise AdminFactError(f"say where {', '.join(forgotten)} goes", field="people", people=forgotten)
        parts = [
            (successor, {"people": sorted(name for name, to in people.items() if to == successor.code)})
            for successor in successors
        ]
        _declare(ctx, uow, by, agency, SPLIT, effective_on, decision, parts)


def cancel(ctx: Context, *, by: Actor, change_id: int) -> None:
    """Forget a change that has not taken effect, with the others of the same split.

    Raises:
        AgencyChangeNotFoundError, NotAllowedError.
        AgencyChangeRefusedError: it has taken effect; declare another one.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        change = uow.administration.change(change_id)
        if change is None:
            raise AgencyChangeNotFoundError(f"there is no change {change_id}")
        agency = managed_agency(uow, by, uow.agencies.get(change.owner_agency_id).code)
        if change.applied_at is not None:
            raise AgencyChangeRefusedError("this change has taken effect; declare another one")
        together = [each for each in uow.administration.changes(agency.id) if each.made_at == change.made_at]
        for each in together:
            uow.administration.drop(each)
        if change.kind != RENAMED:
            agency.valid_to = None
        _note_end(ctx, uow, by, change, "agency.change_dropped")


def apply_due(ctx: Context) -> int:
    """Let the changes take effect whose day has come, each agency by its own midnight; return how many.

    The clock process calls it; what was applied once is not applied again.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        latest = ctx.clock.now().date() + timedelta(days=1)  # no zone is a day ahead of UTC
        waiting = [
            change.id
            for change in uow.administration.waiting(latest)
            if change.effective_on <= today(ctx, uow.agencies.get(change.owner_agency_id))
        ]
    for change_id in waiting:
        with ctx.unit_of_work() as uow:
            change = uow.administration.change(change_id)
            if change is not None and change.applied_at is None:
                _apply(ctx, uow, change)
    return len(waiting)


def _declare(
    ctx: Context, uow: UnitOfWork, by: Actor, agency: Agency, kind: str, effective_on: date, decision: str,
    parts: Sequence[tuple[Agency | None, dict[str, Any]]],
) -> None:  # fmt: skip
    decision = checked(decision, field="decision")
    successors = [successor for successor, _ in parts if successor is not None]
    uow.agencies.lock({agency.id, *(each.id for each in successors)})
    _check(ctx, uow, agency, kind, effective_on, successors)
    if kind != RENAMED:
        agency.valid_to = effective_on
    now = ctx.clock.now()
    for successor, facts in parts:
        change = AgencyChange(
            owner_agency_id=agency.id,
            successor_id=None if successor is None else successor.id,
            kind=kind,
            facts=facts,
            effective_on=effective_on,
            decision=decision,
            made_by=by.id,
            made_at=now,
        )
        uow.administration.add(change)
        told = {"into": successor.code if successor else None, "effective_on": effective_on.isoformat(), **facts}
        note(uow, by=by, at=now, agency=agency, kind=f"agency.{kind}", subject=agency.code, facts=told, ground=decision)
        if effective_on <= today(ctx, agency):
            _apply(ctx, uow, change)


def _check(ctx: Context, uow: UnitOfWork, agency: Agency, kind: str, on: date, successors: list[Agency]) -> None:
    if agency.id in {each.id for each in successors}:
        raise AdminFactError("an agency cannot go into itself", field="into")
    if (on - today(ctx, agency)).days > 366 or (today(ctx, agency) - on).days > 31:
        raise AdminFactError("the day lies within 31 days before and a year after today", field="effective_on")
    for each in (agency, *successors):
        if not each.is_in_force(on):
            raise AgencyChangeRefusedError(f"agency {each.code} is not in force on {on.isoformat()}", agency=each.code)
    if any(change.applied_at is None for change in uow.administration.changes(agency.id)):
        raise AgencyChangeRefusedError(f"a change of agency {agency.code} is declared already; drop it first")
    coming = [change for change in uow.administration.coming(agency.id) if change.effective_on >= on]
    if coming and kind != RENAMED:
        first = uow.agencies.get(coming[0].owner_agency_id).code
        message = f"{first} goes into {agency.code} on {coming[0].effective_on.isoformat()}; choose a day after that"
        raise AgencyChangeRefusedError(message, agency=first)


def _forgotten(uow: UnitOfWork, agency: Agency, changes: Sequence[AgencyChange]) -> list[str]:
    named = {name for change in changes if change.kind == SPLIT for name in change.facts["people"]}
    ids = {officer_id for officer_id, _agency, _role in uow.people.grants([agency.id])}
    return sorted({row.username for row in uow.people.some(ids).values()} - named)


def _apply(ctx: Context, uow: UnitOfWork, change: AgencyChange) -> None:
    agency = uow.agencies.get(change.owner_agency_id)
    change.applied_at = ctx.clock.now()
    if change.successor_id is None:
        agency.name = change.facts["new"]
    else:
        successor = uow.agencies.get(change.successor_id)
        only = set(change.facts["people"]) if change.kind == SPLIT else None
        moved = _move_people(uow, agency, successor, only)
        change.facts = {**change.facts, "moved": moved}
    _note_end(ctx, uow, SYSTEM, change, "agency.change_applied")


def _note_end(ctx: Context, uow: UnitOfWork, by: Actor, change: AgencyChange, kind: str) -> None:
    agency = uow.agencies.get(change.owner_agency_id)
    told = {"kind": change.kind, "effective_on": change.effective_on.isoformat()}
    note(uow, by=by, at=ctx.clock.now(), agency=agency, kind=kind, subject=agency.code, facts=told)


def _move_people(uow: UnitOfWork, agency: Agency, successor: Agency, only: set[str] | None) -> dict[str, int]:
    """Give the agency's people their roles and units in the successor, and its watchers theirs in the agency."""
    units = {unit.id: _same_unit(uow, successor, unit) for unit in uow.agencies.units(agency.id)}
    watching = [each for each in uow.people.grants([successor.id]) if each[2] in WATCHING]
    taken = [each for each in uow.people.grants([agency.id]) if _is_taken(uow, each[0], only)]
    for officer_id, _agency, role in taken:
        uow.people.grant(officer_id, successor.id, role)
    for officer_id, unit_id, _agency in uow.people.memberships([agency.id]):
        if _is_taken(uow, officer_id, only):
            uow.people.join(officer_id, units[unit_id].id, successor.id)
    for officer_id, _agency, role in watching:
        uow.people.grant(officer_id, agency.id, role)
    return {"people": len({each[0] for each in taken}), "units": len(units)}


def _is_taken(uow: UnitOfWork, officer_id: Any, only: set[str] | None) -> bool:
    return only is None or uow.people.get(officer_id).username in only


def _same_unit(uow: UnitOfWork, successor: Agency, unit: Unit) -> Unit:
    """Return the successor's unit with the code of this one; it is made where there is none."""
    known = uow.agencies.find_unit(successor.id, unit.code)
    if known is not None:
        return known
    made = Unit(owner_agency_id=successor.id, code=unit.code, name=unit.name, is_one_stop=unit.is_one_stop)
    return uow.agencies.add_unit(made)
