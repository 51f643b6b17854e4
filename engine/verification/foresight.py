"""Counting again when a dossier comes near its date, and from when its stages no longer fit before it."""

from __future__ import annotations

from datetime import datetime

from engine.domain.limits import Limit
from engine.verification import lateness, slow_time
from engine.verification.life import Life
from engine.verification.rows import Found, Row
from engine.verification.slow_time import Office


def check_instants(life: Life, found: Found) -> None:
    """Report ``nears_at`` and ``foreseen_at`` of the dossier's row that no calendar in use gives.

    Both look ahead, by the calendar that was in force when they were set: perhaps another one than the promise's. After
    a calendar change the clock process sets them anew; until it has been there nothing is said.
    """
    promise = life.promise
    row = found.parts["deadline"].get(("promise", life.promise_no))
    if row is not None and row["wake_at"] in life.reference.calendar_changes:
        return
    if promise is None or promise["state"] != "running" or life.promise_no in life.passed:
        allowed: list[tuple[datetime | None, datetime | None]] = [(None, None)]
    else:
        named = life.office(promise["calendar_version"])
        offices = [*([named] if named else []), *life.reference.others(promise["calendar_version"])]
        allowed = [_instants(life, office, promise) for office in offices]
    for at, name in enumerate(("nears_at", "foreseen_at")):
        wanted = [pair[at] for pair in allowed]
        kept = found.dossier[name]
        if wanted and kept not in wanted:  # none: no calendar is left to count with
            life.differ("dossier", life.name(), name, wanted[0], kept, "counted again, it is another instant")


def _instants(life: Life, office: Office, promise: Row) -> tuple[datetime | None, datetime | None]:
    percent = life.reference.agencies[life.dossier["resolving_agency_id"]]["nearing_percent"]
    limit, rest = Limit.parse(promise["time_limit"]), Limit.parse(promise["rest"])
    near = slow_time.nears(office, limit, rest, promise["running_from"], promise["due_at"], percent)
    foreseen = lateness.foreseen(life, office, promise)
    return near, None if foreseen is None else foreseen[0]
