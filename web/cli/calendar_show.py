"""``motcua calendar show``: the weekly hours, the declared days and the working days of a year."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

import click

from engine import bootstrap
from engine.domain.actors import SYSTEM
from engine.domain.office_hours import DayKind
from engine.errors import InvalidInputError
from engine.seeds.calendar_vn import default_calendar
from engine.services import calendar_overview
from engine.settings import from_env
from web.cli.calendar_input import AGENCY, AS_JSON, BadInput, opened

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command("show")
@click.argument("year", type=click.IntRange(1, 9999))
@AGENCY
@AS_JSON
def show_command(year: int, agency: str | None, as_json: bool) -> None:
    """Show the weekly hours, the declared days and the working days by month of a year."""
    try:
        summary = year_summary(agency, year)
    except InvalidInputError as error:
        raise BadInput(error.message) from error
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else "\n".join(year_lines(summary)))


def year_summary(agency: str | None, year: int) -> dict[str, Any]:
    """Return a year of an agency's calendar; where there is no database yet, of the national calendar.

    Raises:
        CalendarGapError: the year is not covered.
        AgencyNotFoundError: no agency has that code.
    """
    if agency is None and not bootstrap.has_database(from_env(os.environ)):
        found = calendar_overview.year_of(default_calendar(), year)
    else:
        with opened() as ctx:
            found = calendar_overview.overview(ctx, by=SYSTEM, year=year, agency=agency)
    counts = [month["working_days"] for month in found["months"]]
    return found | {"working_days": counts, "total": sum(counts)}


def year_lines(summary: dict[str, Any]) -> list[str]:
    """Write a year for people."""
    awaited = "; provisional: no decision yet" if summary["provisional"] else ""
    whose = f"; {summary['agency']} {summary['name']}" if "agency" in summary else ""
    lines = [f"{summary['year']} ({summary['zone']}{whose}{awaited})"]
    lines += [f"hours{_since(hours)}: {_week_text(hours['week'])}{_decision(hours)}" for hours in summary["hours"]]
    for desk in summary.get("desks", ()):
        weeks = [f"{_week_text(hours['week'])}{_since(hours)}{_decision(hours)}" for hours in desk["hours"]]
        if desk["own"]:
            lines.append(f"reception of {desk['unit']}: {' / '.join(weeks)}")
    lines += [_day_line(day) for day in summary["days"]]
    counts = " ".join(str(count) for count in summary["working_days"])
    return [*lines, f"working days by month: {counts} = {summary['total']}"]


def _since(hours: dict[str, Any]) -> str:
    return "" if hours["from"] is None else f" from {hours['from']}"


def _decision(hours: dict[str, Any]) -> str:
    return f" ({hours['decision']})" if hours["decision"] else ""


def _week_text(week: Sequence[str]) -> str:
    """Write seven days, those of the same hours together: ``Mon-Fri 07:00-11:30, 13:30-17:00; Sat 07:00-11:30``."""
    named, day = [], 0
    for shifts, days in groupby(week):
        last = day + len(list(days)) - 1
        if shifts:
            named.append(f"{_NAMES[day] if day == last else f'{_NAMES[day]}-{_NAMES[last]}'} {shifts}")
        day = last + 1
    return "; ".join(named)


def _day_line(day: dict[str, Any]) -> str:
    on = date.fromisoformat(day["date"])
    kind = "works" if day["kind"] == DayKind.WORK.value else "off"
    half = f"{day['shifts']} " if day["shifts"] else ""
    awaited = ", provisional" if day["provisional"] else ""
    return f"{on:%a} {on}  {kind:5}  {half}{day['note']} ({day['decision']}{awaited}){_declared(day)}"


def _declared(day: dict[str, Any]) -> str:
    """Say who declares a day; the seeds need no word."""
    if day.get("change") is None:
        return ""
    who = day["entered_by"] or "command line"
    return f"  [{day['owner']}, change {day['change']}, {who}, {day['entered_at'][:10]}]"
