"""How the clock is: its processes, and the limits that should have passed and have not.

The one definition behind the page, ``/metrics`` and ``motcua doctor``. Processes are known by the signs that they leave
in the data folder of this machine (``heartbeats``), limits by the database, which all machines share: a process may
seem well and do nothing, so the limits have the last word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.services import heartbeats
from engine.services.case import iso
from engine.services.heartbeats import Beat
from engine.services.timekeeping import POISONED
from engine.store.unit_of_work import UnitOfWork

ROUND = timedelta(seconds=1.5)  #: pause of a clock process between two rounds
PATIENCE = 2 * ROUND  #: so much after its instant a limit should have been looked at
MOST_NAMED = 20  #: failing limits that are named; the count tells of all


class ProcessState(StrEnum):
    """What a clock process seems to do."""

    RUNNING = "running"
    ENDED = "ended"  #: it said that it stops
    SILENT = "silent"  #: no sign for 60 s: it died, or hangs
    AHEAD = "ahead"  #: its last round lies in the future: the clock of a machine is wrong


class Finding(StrEnum):
    """What is wrong, the worst first."""

    OVERDUE = "limits-overdue"  #: limits whose instant has come were not looked at
    NEVER_RAN = "never-ran"  #: no clock process has left a sign here
    NOT_RUNNING = "not-running"  #: there was one, none runs now
    AHEAD = "clock-ahead"  #: a sign from the future
    TROUBLE = "round-trouble"  #: a part of the last round failed
    FAILING = "limits-failing"  #: limits that failed and are tried again an hour later


@dataclass(frozen=True, slots=True)
class ClockProcess:
    """A clock process, by its last sign.

    ``lag_seconds``: how long the oldest due limit had waited when its last round began; None when that round could not
    ask the database. ``troubles``: the parts of that round that failed.
    """

    host: str
    pid: int
    started_at: datetime
    last_round_at: datetime
    seconds_since: float
    lag_seconds: float | None
    troubles: tuple[str, ...]
    state: ProcessState

    def as_json(self) -> dict[str, Any]:
        """Return the facts JSON-ready, instants in UTC."""
        return {
            "host": self.host,
            "pid": self.pid,
            "started_at": iso(self.started_at),
            "last_round_at": iso(self.last_round_at),
            "seconds_since": self.seconds_since,
            "lag_seconds": self.lag_seconds,
            "troubles": list(self.troubles),
            "state": self.state.value,
        }


def processes(ctx: Context) -> list[ClockProcess]:
    """Return the clock processes that left a sign in the data folder, the latest first; no database is asked."""
    now = ctx.clock.now()
    return [_process(beat, now) for beat in heartbeats.beats(ctx, part=heartbeats.CLOCK)]


def running(ctx: Context) -> list[ClockProcess]:
    """Return the clock processes of this data folder that live, the latest first."""
    return [process for process in processes(ctx) if process.state is ProcessState.RUNNING]


def health(ctx: Context, *, by: Actor) -> dict[str, Any]:
    """Return processes, limits and findings; no finding means that the clock does its work.

    ``limits.named`` has the failing limits of dossiers that the actor may read; an administrator gets counts alone.

    Raises:
        NotAllowedError: the actor is neither supervisor nor administrator anywhere.
        UnavailableError: the database is away; ``processes`` still answers.
    """
    permissions.check_can_watch_clock(by)
    now = ctx.clock.now()
    known = processes(ctx)
    with ctx.unit_of_work(read_only=True) as uow:
        limits = _limits(uow, by=by, now=now)
    return {
        "at": iso(now),
        "patience_seconds": PATIENCE.total_seconds(),
        "silent_after_seconds": heartbeats.SILENT.total_seconds(),
        "processes": [process.as_json() for process in known],
        "limits": limits,
        "findings": [finding.value for finding in _findings(known, limits)],
    }


def _process(beat: Beat, now: datetime) -> ClockProcess:
    lag = beat.facts.get("lag_seconds")
    return ClockProcess(
        host=beat.process.host,
        pid=beat.process.pid,
        started_at=beat.process.started_at,
        last_round_at=beat.at,
        seconds_since=(now - beat.at).total_seconds(),
        lag_seconds=None if lag is None else float(lag),
        troubles=tuple(beat.facts.get("troubles", ())),
        state=_state(beat, now),
    )


def _state(beat: Beat, now: datetime) -> ProcessState:
    if beat.ended:
        return ProcessState.ENDED
    if now - beat.at > heartbeats.SILENT:
        return ProcessState.SILENT
    return ProcessState.AHEAD if beat.at - now > heartbeats.SILENT else ProcessState.RUNNING


def _limits(uow: UnitOfWork, *, by: Actor, now: datetime) -> dict[str, Any]:
    late = [store.overdue(now - PATIENCE) for store in (uow.deadlines, uow.waits)]
    overdue = sum(count for count, _ in late)
    oldest_at = min((at for _, at in late if at is not None), default=None)
    until = now + POISONED  # one that failed is pushed no further; a later instant was set since, by an act that worked
    readable = None if by.is_system else by.agencies_with(*permissions.READING)
    return {
        "overdue": overdue,
        "oldest_at": iso(oldest_at),
        "oldest_age_seconds": 0.0 if oldest_at is None else (now - oldest_at).total_seconds(),
        "failing": uow.deadlines.failing(until) + uow.waits.failing(until),
        "named": [
            {
                "dossier": str(failing.dossier_id),
                "code": failing.code,
                "attempts": failing.attempts,
                "next_try_at": iso(failing.wake_at),
            }
            for failing in uow.deadlines.failing_of(readable, until=until, most=MOST_NAMED)
        ],
    }


def _findings(known: list[ClockProcess], limits: dict[str, Any]) -> list[Finding]:
    live = [process for process in known if process.state is ProcessState.RUNNING]
    found = {
        Finding.OVERDUE: limits["overdue"] > 0,
        Finding.NEVER_RAN: not known,
        Finding.NOT_RUNNING: bool(known) and not live,
        Finding.AHEAD: any(process.state is ProcessState.AHEAD for process in known),
        Finding.TROUBLE: any(process.troubles for process in live),
        Finding.FAILING: limits["failing"] > 0,
    }
    return [finding for finding, is_so in found.items() if is_so]
