"""Roll-ups of facts: the journal added to the cells, all made anew, and the proof that both say the same.

Readers add cells and journal, so no number is ever behind (docs/decisions/0026).
"""

from __future__ import annotations

from typing import Any

from engine.context import Context

AT_ONCE = 5_000  #: journal rows that one transaction adds up
MOST_TOLD = 100  #: differences of each table that are told


def fold(ctx: Context) -> int:
    """Add the oldest journal rows to the cells; return how many, 0 when there are none or another one does it.

    One transaction: whoever is killed has done nothing.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        if not uow.rollups.has_journal():  # nearly every second of a day: then nothing is locked
            return 0
    with ctx.unit_of_work() as uow:
        if not uow.rollups.lock(wait=False):
            return 0
        count = uow.rollups.claim(AT_ONCE)
        if count:
            uow.rollups.add_up()
        return count


def rebuild(ctx: Context) -> None:
    """Make the roll-ups anew from the facts, inside the database; writers go on meanwhile."""
    with ctx.unit_of_work() as uow:
        uow.rollups.lock(wait=True)
        uow.rollups.rebuild()


def differences(ctx: Context) -> list[dict[str, Any]]:
    """Return where cells and journal are not the facts added up: table, key, and by how much; none when all is right.

    At most ``MOST_TOLD`` of each table.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.rollups.differences(MOST_TOLD)
