"""What the counter asks before it receives: which procedures there are, who this is, what would be promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Cutoff
from engine.domain.dossier import Channel
from engine.domain.fields import InvalidFieldsError
from engine.domain.forms import Asked, Facts, check_facts, fields_of
from engine.domain.ids import AgencyId
from engine.domain.limits import Limit
from engine.domain.text import fold
from engine.services import acceptance, appointments, calendars, decided, fees, promise_simulator
from engine.services.decided import Decided, DecisionFailedError
from engine.services.promise_simulator import Rules
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.unit_of_work import UnitOfWork

LONGEST_OFFER = 12  # rows that one reads at a glance


def offers(ctx: Context, *, by: Actor, query: str = "") -> list[dict[str, Any]]:
    """Return the open procedures that fit what was typed: code, tail of the code or words of the name, no accents.

    Those of the actor's own agency come first, then those of agencies for which it receives (domain.md §1.12).

    Raises:
        NotAllowedError: the actor holds the desk role nowhere.
    """
    mine = _desk_agencies(by)
    wanted = fold(query)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        fitting = [row for row in uow.procedures.all() if row.is_open and _fits(row, wanted)]
        taken = uow.procedures.in_force_of(fitting, now) if fitting else {}
        found = [
            (_rank(procedure, wanted, mine), procedure)
            for procedure in fitting
            if procedure.id in taken and not acceptance.is_retired(procedure, now)
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].code))
        shown = [procedure for _, procedure in found[:LONGEST_OFFER]]
        uow.procedures.load_versions([taken[procedure.id] for procedure in shown])
        return [_offer(uow, procedure, uow.procedures.version(taken[procedure.id])) for procedure in shown]


def desks(ctx: Context, *, by: Actor) -> list[dict[str, str]]:
    """Return the agencies for which the actor receives, by code."""
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = [uow.agencies.get(agency_id) for agency_id in _desk_agencies(by)]
        return [{"code": agency.code, "name": agency.name} for agency in sorted(agencies, key=lambda each: each.code)]


def preview(
    ctx: Context, *, by: Actor, procedure: str, agency: str | None = None, facts: Mapping[str, Any] | None = None,
    channel: Channel | None = None, case: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what would be promised if the dossier were received now or later, with the papers that are asked for.

    Of two appointments the first is promised; ``appointments`` has the limit of each, in order. ``promises`` are those
    of ``promise_simulator``, the one of now first. ``form`` has the fields that are asked at receipt; ``undecided``
    tells that limit, fee or papers depend on answers that are missing, and are those of the version.

    Args:
        procedure: its code.
        facts: answers to its form as far as they are given; one that does not fit is left out.
        agency: code of the resolving agency; None: the first of the actor's desk agencies that has the procedure.
        channel: how it is filed; the fee may depend on it.
        case: name of the case, likewise.

    Raises:
        ProcedureNotFoundError, ProcedureClosedError, ProcedureRetiredError, AgencyNotFoundError, NotAllowedError.
        CalendarGapError: no date can be computed; never a null deadline.
    """
    mine = _desk_agencies(by)
    with ctx.unit_of_work(read_only=True) as uow:
        resolving = uow.agencies.by_code(agency).id if agency else _first_with(uow, mine, procedure)
        row = uow.procedures.by_code(resolving, procedure)
        version = acceptance.version_for(uow, row, ctx.clock.now())
        offer = _offer(uow, row, version)
        fields = [field for field in fields_of(version.form).values() if field.asked is Asked.RECEIPT]
        said, is_decided = _decided(version, facts or {})
        limits = _limits(version, said)
        calendar = calendars.in_force(uow, resolving)
        rules = Rules(calendar, limits[0], Cutoff.parse(version.policy["cutoff"]))
        desk = _desk_hours(uow, by, mine) or calendar
        promises = promise_simulator.simulate(rules, desk=desk, now=ctx.clock.now())
        listed = fees.fee_of(uow, version, {}, channel=channel, case=case, at=ctx.clock.now())
        return offer | {
            "cutoff": version.policy["cutoff"],
            "appointments": [str(limit) for limit in limits],
            **{name: promises[0][name] for name in ("counted_from", "due_at", "provisional")},
            "promises": promises,
            "papers": papers_of(version, said.papers),
            "limit": offer["limit"] if len(limits) > 1 else str(limits[0]),
            "fee_vnd": listed if said.fee_vnd is None else said.fee_vnd,
            "cases": fees.cases(uow, version, at=ctx.clock.now()),
            "form": [field.as_json() for field in fields],
            "undecided": not is_decided,
        }


def known_applicant(ctx: Context, *, by: Actor, identity_number: str) -> dict[str, Any] | None:
    """Return whom an earlier dossier of the actor's desk names under this number, so that nobody types it twice.

    Raises:
        NotAllowedError: the actor holds the desk role nowhere.
    """
    mine = _desk_agencies(by)
    if not identity_number.strip():
        return None
    with ctx.unit_of_work(read_only=True) as uow:
        party = uow.dossiers.known_applicant(mine, identity_number.strip())
        if party is None:
            return None
        return {key: getattr(party, key) for key in ("name", "identity_number", "phone", "email", "address")}


def _desk_agencies(by: Actor) -> frozenset[AgencyId]:
    permissions.check_can_use_counter(by)
    return by.agencies_with(Role.DESK)


def _desk_hours(uow: UnitOfWork, by: Actor, mine: frozenset[AgencyId]) -> WorkingCalendar | None:
    """Return when the actor's desk receives (domain.md §7.1); None when it is not clear which desk that is."""
    desks = [unit for unit in (uow.agencies.unit(each) for each in by.units) if unit.is_one_stop]
    here = [unit for unit in desks if unit.owner_agency_id in mine]
    return calendars.reception(uow, here[0].owner_agency_id, here[0].id) if len(here) == 1 else None


def _fits(procedure: Procedure, wanted: str) -> bool:
    return wanted in fold(procedure.code) or all(word in procedure.name_folded for word in wanted.split())


def _rank(procedure: Procedure, wanted: str, mine: frozenset[AgencyId]) -> tuple[bool, bool]:
    """Order by own agency, then by whether the code is what was typed."""
    return procedure.owner_agency_id not in mine, not (wanted and fold(procedure.code).endswith(wanted))


def _first_with(uow: UnitOfWork, mine: frozenset[AgencyId], code: str) -> AgencyId:
    having = [agency for agency in sorted(mine) if uow.procedures.find(agency, code) is not None]
    return having[0] if having else min(mine)


def _offer(uow: UnitOfWork, procedure: Procedure, version: ProcedureVersion) -> dict[str, Any]:
    agency = uow.agencies.get(procedure.owner_agency_id)
    return {
        "code": procedure.code,
        "name": procedure.name,
        "field": procedure.field,
        "agency": agency.code,
        "agency_name": agency.name,
        "limit": version.limit,
        "fee_vnd": version.fee_vnd,
    }


def papers_of(version: ProcedureVersion, codes: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return the check-list of a case: the version's papers, of those with a code only the ones that are decided.

    Args:
        codes: as decided; None: all papers.
    """
    listed = [_paper(raw) for raw in version.policy["papers"]]
    if codes is None:
        return listed
    known = {paper["code"] for paper in listed}
    further = [_paper({"code": code, "name": code}) for code in codes if code not in known]
    return [paper for paper in listed if not paper["code"] or paper["code"] in codes] + further


def _decided(version: ProcedureVersion, given: Mapping[str, Any]) -> tuple[Decided, bool]:
    """Return what can be decided by the answers so far, and whether all is decided."""
    facts: Facts = {}
    for name, value in given.items():
        try:
            facts |= check_facts(version.form, {name: value}, complete=False)
        except InvalidFieldsError:
            continue  # it is told at the receipt, beside its field
    try:
        return decided.decide(version, facts), True
    except DecisionFailedError:
        return Decided(None, None, None), False


def _limits(version: ProcedureVersion, said: Decided) -> list[Limit]:
    limits = appointments.limits(version)
    return [Limit.parse(said.limit)] if said.limit is not None and len(limits) == 1 else limits


def _paper(raw: Any) -> dict[str, Any]:
    """Return a paper of the check-list; a policy names it in words, or with its numbers of originals and copies."""
    usual = {"code": "", "name": "", "originals": 1, "copies": 0}
    return usual | ({"name": raw} if isinstance(raw, str) else {key: raw[key] for key in usual if key in raw})
