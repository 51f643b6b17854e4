"""Look whether everything that the office relies on is in order: what ``motcua doctor`` prints."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain import calendar_warnings
from engine.domain.actors import SYSTEM
from engine.domain.calendar import WorkingCalendar
from engine.domain.messages import Way
from engine.errors import EngineError
from engine.services import calendars, clock_health
from engine.services.clock_health import ClockProcess, ProcessState
from engine.store import schema

FULL, NEARLY_FULL = 100 * 2**20, 2**30  #: bytes free at which we complain, and warn
SANE_YEARS = range(2025, 2100)
IN_SYNC = 2  #: SQLite's number for synchronous=FULL


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"  #: in order
    WARNING = "warning"  #: works, and somebody should know
    ERROR = "error"  #: does not work


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what was seen."""

    name: str
    level: Level
    message: str


def examine(ctx: Context, *, queue_answers: bool) -> list[Check]:
    """Return what was found, in the order of what depends on what."""
    checks = [_settings(ctx), _disk(ctx), _database(ctx)]
    if checks[-1].level is not Level.ERROR:
        checks += [_outbox(ctx), *_calendars(ctx), _limits(ctx, runs=queue_answers or not is_stopped(ctx))]
    return [*checks, _clock(ctx, queue_answers=queue_answers), _mail(ctx), *_gateways(ctx)]


def is_stopped(ctx: Context) -> bool:
    """Whether no clock process of this data folder has given a sign of life lately: nothing runs here."""
    return not clock_health.running(ctx)


def is_unused(ctx: Context) -> bool:
    """Whether nobody has put people or procedures into the database yet."""
    with ctx.unit_of_work(read_only=True) as uow:
        return not uow.people.all() and not uow.procedures.all()


def _settings(ctx: Context) -> Check:
    kind = "embedded" if ctx.settings.embedded_database else "PostgreSQL"
    return Check("settings", Level.OK, f"data in {ctx.settings.data}, database {kind}, site {ctx.settings.public_url}")


def _disk(ctx: Context) -> Check:
    folder = ctx.settings.data if ctx.settings.data.exists() else ctx.settings.data.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk", Level.ERROR, f"{folder}: {error.strerror}")
    level = Level.ERROR if free < FULL else Level.WARNING if free < NEARLY_FULL else Level.OK
    return Check("disk", level, f"{free // 2**20} MiB free at {folder}")


def _database(ctx: Context) -> Check:
    try:
        ctx.database.ping()
        current, head = schema.current_revision(ctx.database), schema.head_revision()
        durability = _durability(ctx)
    except EngineError as error:
        return Check("database", Level.ERROR, error.message)
    if current != head:
        return Check("database", Level.ERROR, f"schema is at {current}, this version needs {head}: run motcua migrate")
    if durability:
        return Check("database", Level.ERROR, durability)
    return Check("database", Level.OK, f"answers; schema at {head}")


def _durability(ctx: Context) -> str:
    if not ctx.settings.embedded_database:
        return ""
    with ctx.unit_of_work(read_only=True) as uow:
        connection = uow.session.connection()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if journal == "wal" and synchronous == IN_SYNC:
        return ""
    return (
        f"SQLite runs with journal_mode={journal}, synchronous={synchronous}; a power cut could lose what was told done"
    )


def _outbox(ctx: Context) -> Check:
    with ctx.unit_of_work(read_only=True) as uow:
        counts = uow.outbox.counts()
    if counts["dead"]:
        return Check("outbox", Level.ERROR, f"{counts['dead']} messages were given up, {counts['waiting']} wait")
    return Check("outbox", Level.OK, f"{counts['waiting']} messages wait")


def _calendars(ctx: Context) -> list[Check]:
    now = ctx.clock.now()
    checks: dict[str, list[Check]] = {}  # by calendar version: agencies that share one are told once
    with ctx.unit_of_work(read_only=True) as uow:
        for agency in uow.agencies.all():
            try:
                calendar = calendars.in_force(uow, agency.id)
            except EngineError as error:
                checks[agency.code] = [Check("calendar", Level.ERROR, f"{agency.code}: {error.message}")]
                continue
            if calendar.version not in checks:
                checks[calendar.version] = _calendar(agency.code, calendar, calendar.local_date(now))
    found = [check for each in checks.values() for check in each]
    return found or [Check("calendar", Level.ERROR, "there is no agency yet: run motcua migrate")]


def _calendar(agency: str, calendar: WorkingCalendar, today: date) -> list[Check]:
    level = Level.WARNING if today.year <= calendar.last_year else Level.ERROR
    found = calendar_warnings.warnings(calendar, today=today)
    decided = Check("calendar", Level.OK, f"{agency}: days off of {today.year} and {today.year + 1} are decided")
    return [Check("calendar", level, f"{agency}: {each.message}") for each in found] or [decided]


def _limits(ctx: Context, *, runs: bool) -> Check:
    """Tell of limits that should have passed; beside nothing that runs here they can only wait."""
    limits = clock_health.health(ctx, by=SYSTEM)["limits"]
    level, said = Level.OK, []
    if limits["overdue"]:
        level = Level.ERROR if runs else Level.WARNING
        said.append(f"{limits['overdue']} should have passed and have not, the oldest at {limits['oldest_at']}")
    if limits["failing"]:
        level = Level.WARNING if level is Level.OK else level
        names = ", ".join(failing["code"] or failing["dossier"] for failing in limits["named"])
        more = ", …" if limits["failing"] > len(limits["named"]) else ""
        said.append(f"{limits['failing']} failed and are tried again each hour: {names}{more}")
    return Check("limits", level, "; ".join(said) or "none that should have passed waits")


def _clock(ctx: Context, *, queue_answers: bool) -> Check:
    now = ctx.clock.now()
    if now.year not in SANE_YEARS or ZoneInfo("Asia/Ho_Chi_Minh").utcoffset(now) != timedelta(hours=7):
        return Check("clock", Level.ERROR, f"the system clock says {now.isoformat()}, or the time zones are wrong")
    known = clock_health.processes(ctx)
    for process in known:
        if process.state is ProcessState.AHEAD:
            at = process.last_round_at.isoformat()
            return Check("clock", Level.ERROR, f"the last round was at {at}, which is in the future")
    live = [process for process in known if process.state is ProcessState.RUNNING]
    if live:
        return _running_clock(live)
    said = f"last round at {known[0].last_round_at.isoformat()}" if known else "it never ran here"
    must = "; it must run beside the queue" if queue_answers else ""
    level = Level.ERROR if queue_answers else Level.WARNING
    return Check("clock", level, f"the clock process is not running ({said}){must}")


def _running_clock(live: list[ClockProcess]) -> Check:
    many = f", {len(live)} copies" if len(live) > 1 else ""
    said = f"last round {round(live[0].seconds_since)} s ago{many}"
    troubles = sorted({trouble for process in live for trouble in process.troubles})
    if troubles:
        return Check("clock", Level.WARNING, f"{said}; failed in it: {', '.join(troubles)}")
    return Check("clock", Level.OK, said)


def _mail(ctx: Context) -> Check:
    if ctx.mail is None:
        return Check("mail", Level.WARNING, "no mail server: letters wait in the outbox (set MOTCUA_SMTP_URL)")
    return Check("mail", Level.OK, f"sent as {ctx.settings.mail_from}")


def _gateways(ctx: Context) -> list[Check]:
    """Tell which channels by telephone there are; an office may well have none."""
    addresses = {Way.SMS: ctx.settings.sms_url, Way.ZALO: ctx.settings.zalo_url}
    return [
        Check(way.value, Level.OK, f"by the gateway {urlsplit(url).hostname}" if url else f"no gateway (set {name})")
        for (way, url), name in zip(addresses.items(), ("MOTCUA_SMS_URL", "MOTCUA_ZALO_URL"), strict=True)
    ]
