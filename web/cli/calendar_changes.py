"""``motcua calendar import|preview|undo|history|hours``: change a calendar, and see before what it does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from engine.domain.actors import SYSTEM
from engine.domain.calendar_acts import SETTINGS
from engine.domain.office_hours import InvalidCalendarError
from engine.services import calendar_changes
from engine.services.calendar_changes import Days, DecisionKnownError, Hours
from web.cli.calendar_input import AGENCY, AS_JSON, BadInput, opened, placed, read_decision, read_hours

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command("import")
@FILE
@AGENCY
@AS_JSON
def import_command(file: Path, agency: str | None, as_json: bool) -> None:
    """Declare days off and make-up days of a decision, in one act that can be undone.

    FILE is CSV in UTF-8 with the columns date,kind,decision,note: kind is off or work. A further column shifts has the
    hours of a half day, such as 07:00-11:30. What was promised stays promised, unless the promised day itself becomes a
    day off: then the next working moment.
    """
    rows = read_decision(file)
    with opened() as ctx, placed(file, rows):
        made = calendar_changes.apply(ctx, by=SYSTEM, change=Days(tuple(rows.values())), agency=agency)
    _print(made, as_json, _made_lines(made))


@click.command("preview")
@FILE
@AGENCY
@AS_JSON
def preview_command(file: Path, agency: str | None, as_json: bool) -> None:
    """Show what the import of FILE would do: each date of an open dossier that would move. Changes nothing."""
    rows = read_decision(file)
    with opened() as ctx, placed(file, rows):
        seen = calendar_changes.preview(ctx, by=SYSTEM, change=Days(tuple(rows.values())), agency=agency)
    _print(seen, as_json, seen_lines(seen))


@click.command("undo")
@click.argument("change", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@click.option("--dry-run", is_flag=True, help="Show what it would do and change nothing.")
@AS_JSON
def undo_command(change: int, dry_run: bool, as_json: bool) -> None:
    """Take the change with the number ID back, unless its days were declared again since.

    Dates that it moved go back to where they were promised, unless they were moved since.
    """
    with opened() as ctx:
        if dry_run:
            seen = calendar_changes.preview_undo(ctx, by=SYSTEM, change_id=change)
            return _print(seen, as_json, seen_lines(seen))
        made = calendar_changes.undo(ctx, by=SYSTEM, change_id=change)
    return _print(made, as_json, _made_lines(made))


@click.command("history")
@AGENCY
@AS_JSON
def history_command(agency: str | None, as_json: bool) -> None:
    """List the changes that were made to the calendar, newest first."""
    with opened() as ctx:
        changes = calendar_changes.history(ctx, by=SYSTEM, agency=agency)
    _print({"changes": changes}, as_json, [_change_line(each) for each in changes] or ["no change was made yet"])


@click.command("hours")
@click.option("--from", "valid_from", metavar="DATE", required=True, help="First day of these hours, as 2027-01-04.")
@click.option(
    "--week", metavar="TEXT", required=True, help='Such as "mon-fri 07:00-11:30,13:30-17:00; sat 07:00-11:30".'
)
@click.option("--decision", metavar="TEXT", required=True, help="The decision that declares the hours.")
@click.option("--note", metavar="TEXT", default="", help="What to remember of them.")
@click.option("--desk", metavar="UNIT", help="Reception hours of this unit; processing hours of the agency without.")
@click.option("--preview", "only_preview", is_flag=True, help="Show what it would do and change nothing.")
@AGENCY
@AS_JSON
def hours_command(
    valid_from: str,
    week: str,
    decision: str,
    note: str,
    desk: str | None,
    only_preview: bool,
    agency: str | None,
    as_json: bool,
) -> None:
    """Declare weekly hours from a date on; a weekday that is not named is off."""
    change = Hours(read_hours(valid_from, week, decision, note), desk)
    try:
        with opened() as ctx:
            if only_preview:
                seen = calendar_changes.preview(ctx, by=SYSTEM, change=change, agency=agency)
                return _print(seen, as_json, seen_lines(seen))
            made = calendar_changes.apply(ctx, by=SYSTEM, change=change, agency=agency)
    except (InvalidCalendarError, DecisionKnownError) as error:
        raise BadInput(f"--from {valid_from}: {error.message}") from error
    return _print(made, as_json, _made_lines(made))


def _print(document: dict[str, Any], as_json: bool, lines: Iterable[str]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else "\n".join(lines))


def _made_lines(made: dict[str, Any]) -> list[str]:
    lines = [
        f"change {made['id']} of {made['agency']} is made: {made['ground']}",
        f"calendar {made['calendar']['after']} is in force: {_size(made)}",
        *_counts(made, "moved"),
    ]
    if made["kind"] != "undo":
        lines.append(f"to take it back: motcua calendar undo {made['id']}")
    return lines


def seen_lines(seen: dict[str, Any]) -> list[str]:
    """Write a preview for people: each date that would move, then the counts and what should be known."""
    lines = [f"{seen['agency']}, {seen['ground']}: {_size(seen)}; nothing is changed yet"]
    return [*lines, *(_move_line(move) for move in seen["moves"]), *_counts(seen, "would move")]


def _size(seen: dict[str, Any]) -> str:
    come, go = ("put back", "taken out") if seen["kind"] == "undo" else ("declared", "replaced")
    return f"{len(seen['declared'])} {come}, {len(seen['replaced'])} {go}"


def _counts(seen: dict[str, Any], move: str) -> list[str]:
    lines = [
        f"{seen['moved']} of {seen['open']} open dossiers {move}: {seen['become_late']} become late, "
        f"{seen['stop_late']} stop being late, {seen['letters_out']} have a letter that is sent"
    ]
    return lines + [f"note: {notice['message']}" for notice in seen["notices"]]


def _move_line(move: dict[str, Any]) -> str:
    what = move["what"] + ("" if move["no"] is None else f" {move['no']}")
    line = f"{move['code']}  {what}: {_clock(move['due_before'])} -> {_clock(move['due_after'])}{_lateness(move)}"
    letter = move["letter"]
    return line if letter is None else f"{line}; letter {letter['number'] or 'without number'} is {letter['state']}"


def _lateness(move: dict[str, Any]) -> str:
    match move["was_late"], move["is_late"]:
        case False, True:
            return ", becomes late"
        case True, False:
            return ", stops being late"
        case True, True:
            return ", stays late"
    return ""


def _change_line(change: dict[str, Any]) -> str:
    state = f"undone by {change['undone_by']}" if change["undone_by"] else ""
    state = f"undoes {change['undoes']}" if change["undoes"] else state
    who = change["made_by"] or "command line"
    facts = [
        _clock(change["made_at"]),
        change["kind"],
        _settings(change) if change["kind"] == SETTINGS else f"{change['moved']} dossiers moved",
        who,
        state,
        change["ground"],
    ]
    return f"{change['id']}  " + "  ".join(fact for fact in facts if fact)


def _settings(change: dict[str, Any]) -> str:
    """Write what a setting was and what it became: ``late by day, near from 80 % -> late by instant, …``."""
    both = (*change["replaced"], *change["declared"])
    return " -> ".join(f"late by {each['late_rule']}, near from {each['nearing_percent']} %" for each in both)


def _clock(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
