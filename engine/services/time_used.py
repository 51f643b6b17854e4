"""Who used the time of a dossier, and who is charged with its lateness (docs/reference/working-time.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import PauseReason
from engine.domain.holding import History, Hold, Pause
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.limits import Limit
from engine.domain.time_ledger import Charge, Entry, Ledger, StageUse, advice
from engine.services import dossier_file, receipts
from engine.services.case import Case, check_ours
from engine.store import time_accounts


def time_used(ctx: Context, *, by: Actor, dossier: str) -> dict[str, Any]:
    """Return the time ledger of a dossier: all in whole working minutes, and every way of adding up gives the total.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        NotReceivedError: its time has not begun.
        CalendarGapError: the calendar in force does not cover its time.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return used(case)


def used(case: Case) -> dict[str, Any]:
    """Return ``time_used`` of a dossier that is open.

    Raises:
        NotReceivedError, CalendarGapError: see ``time_used``.
    """
    history, account = ledger_of(case)
    names = _Names(case, account)
    return {
        "counted_from": _local(case, history.counted_from),
        "until": _local(case, history.until),
        "running": case.dossier.finished_at is None and case.dossier.ended_at is None,
        "calendar": case.calendar.version,
        "limit_minutes": account.limit,
        "elapsed_minutes": account.minutes,
        "stages": [_stage(case, names, account, stage) for stage in account.stages],
        "pauses": _pauses(case, account),
        "unassigned_minutes": _minutes(entry for entry in account.entries if entry.holder is None),
        "agencies": _agencies(names, account),
        "lateness": _lateness(names, account),
    }


def ledger_of(case: Case) -> tuple[History, Ledger]:
    """Return the time of a dossier in pieces, and its account; a letter takes its cause from the charges.

    Raises:
        NotReceivedError: its time has not begun.
        CalendarGapError: the calendar in force does not cover its time.
    """
    row = case.dossier
    check_ours(row)
    found = time_accounts.account(row, case.uow.events.of(row.id), case.version, calendar=case.calendar, now=case.now)
    if found is None:
        raise receipts.NotReceivedError("the dossier is not received yet, so no time is used", status=row.status)
    return found


class _Names:
    """Agencies, units and officers of an account: three queries, however many there are."""

    def __init__(self, case: Case, account: Ledger) -> None:
        holds = list(_holds(account.entries))
        agencies = {hold.agency for hold in holds} | {case.dossier.resolving_agency_id}
        self._agencies = case.uow.agencies.some(agencies)
        self._units = case.uow.agencies.some_units({hold.unit for hold in holds})
        self._officers = case.uow.people.some({hold.officer for hold in holds if hold.officer is not None})
        self._resolving = case.dossier.resolving_agency_id

    def agency(self, agency_id: AgencyId) -> dict[str, Any]:
        agency = self._agencies[agency_id]
        return {"code": agency.code, "name": agency.name, "inside": agency_id == self._resolving}

    def unit(self, unit_id: UnitId) -> dict[str, Any]:
        unit = self._units[unit_id]
        return {"code": unit.code, "name": unit.name}

    def officer(self, officer_id: OfficerId | None) -> dict[str, Any]:
        """Return who it was; without username and name: the unit, while nobody had claimed the step."""
        officer = None if officer_id is None else self._officers[officer_id]
        return {"username": officer.username if officer else None, "name": officer.name if officer else None}


def _stage(case: Case, names: _Names, account: Ledger, stage: StageUse) -> dict[str, Any]:
    facts = next((each for each in case.facts.stages if each.no == stage.no), None)
    return {
        "no": stage.no,
        "label": facts.label if facts else None,
        "share_minutes": stage.share,
        "used_minutes": stage.used,
        "uncounted_minutes": stage.uncounted,
        "over_minutes": stage.over,
        "steps": _steps(case, names, account, stage),
    }


def _steps(case: Case, names: _Names, account: Ledger, stage: StageUse) -> list[dict[str, Any]]:
    """Return the steps of a stage in order: those of the model, then what only the history knows."""
    spent: dict[str, list[Entry]] = {
        step.node: [] for step in case.facts.steps.values() if step.stage == stage.no and stage.no > 0
    }
    named = {step.node: step.name for step in case.facts.steps.values()}
    for entry in account.entries:
        if isinstance(entry.holder, Hold) and entry.holder.stage == stage.no:
            spent.setdefault(entry.holder.node, []).append(entry)
            named[entry.holder.node] = entry.holder.name
    return [
        {
            "node": node,
            "name": named[node],
            "advice_minutes": _advice(case, stage, node),
            "used_minutes": _minutes(entries),
            "holders": _holders(names, entries),
        }
        for node, entries in spent.items()
    ]


def _advice(case: Case, stage: StageUse, node: str) -> int | None:
    step = case.facts.steps.get(node)
    if step is None or step.limit is None or stage.share is None or stage.no == 0:
        return None
    return advice(stage.share, step=Limit.parse(step.limit), stage=Limit.parse(step.stage_limit))


def _holders(names: _Names, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return unit and officer of each entry, once each, in the order in which they came to hold the step."""
    found: dict[tuple[AgencyId, UnitId, OfficerId | None], int] = {}
    for entry in entries:
        if isinstance(entry.holder, Hold):
            who = (entry.holder.agency, entry.holder.unit, entry.holder.officer)
            found[who] = found.get(who, 0) + entry.minutes
    return [
        {
            "agency": names.agency(agency),
            "unit": names.unit(unit),
            "officer": names.officer(officer),
            "minutes": minutes,
        }
        for (agency, unit, officer), minutes in found.items()
    ]


def _agencies(names: _Names, account: Ledger) -> list[dict[str, Any]]:
    """Return the same minutes by agency, its units, and their officers."""
    found: dict[AgencyId, dict[UnitId, dict[OfficerId | None, int]]] = {}
    for entry in account.entries:
        if isinstance(entry.holder, Hold):
            officers = found.setdefault(entry.holder.agency, {}).setdefault(entry.holder.unit, {})
            officers[entry.holder.officer] = officers.get(entry.holder.officer, 0) + entry.minutes
    return [
        names.agency(agency)
        | {
            "minutes": sum(sum(officers.values()) for officers in units.values()),
            "units": [
                names.unit(unit)
                | {
                    "minutes": sum(officers.values()),
                    "officers": [names.officer(who) | {"minutes": minutes} for who, minutes in officers.items()],
                }
                for unit, officers in units.items()
            ],
        }
        for agency, units in found.items()
    ]


def _pauses(case: Case, account: Ledger) -> list[dict[str, Any]]:
    """Return the pauses in which working time passed."""
    found = [(entry.holder, entry.minutes) for entry in account.entries if isinstance(entry.holder, Pause)]
    return [
        {
            "no": pause.no,
            "reason": pause.reason.value,
            "holder": "step" if pause.reason is PauseReason.STEP else "citizen",
            "ground": pause.ground,
            "from": _local(case, pause.from_at),
            "to": _local(case, pause.to_at),
            "minutes": minutes,
        }
        for pause, minutes in found
    ]


def _lateness(names: _Names, account: Ledger) -> dict[str, Any] | None:
    if account.charges is None:
        return None
    return {"minutes": account.late_minutes, "charges": [_charge(names, charge) for charge in account.charges]}


def _charge(names: _Names, charge: Charge) -> dict[str, Any]:
    who = charge.who
    return {
        "side": who.side.value,
        "agency": None if who.agency is None else names.agency(who.agency),
        "unit": None if who.unit is None else names.unit(who.unit),
        "minutes": charge.minutes,
    }


def _holds(entries: Iterable[Entry]) -> Iterable[Hold]:
    return (entry.holder for entry in entries if isinstance(entry.holder, Hold))


def _minutes(entries: Iterable[Entry]) -> int:
    return sum(entry.minutes for entry in entries)


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
