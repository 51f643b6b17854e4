"""``motcua calendar``: due dates, the days of a year, and changes of the calendar (contract §2)."""

from __future__ import annotations

import click

from web.cli.calendar_changes import history_command, hours_command, import_command, preview_command, undo_command
from web.cli.calendar_due import due_command
from web.cli.calendar_show import show_command


@click.group()
def calendar() -> None:
    """Compute due dates; show and change the working calendar."""


for command in (
    due_command,
    show_command,
    preview_command,
    import_command,
    hours_command,
    history_command,
    undo_command,
):
    calendar.add_command(command)
