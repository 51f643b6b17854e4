"""An apology desk that never tires (``python -m tests.faults.letter_desk``): writes, approves, sends what is ordered.

Any number of copies may run, and any of them may be killed at any moment, and only that ends it.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import datetime
from typing import Any

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import Cause, LetterState
from engine.errors import EngineError
from engine.services import apologies, letter_desk, letter_dispatch

REASON = "Bộ phận chuyên môn thiếu người trong tuần đầu tháng"
AT_ONCE = 50  #: letters that a copy looks at before it asks again
IDLE = 0.2  #: seconds


def serve(ctx: Context, chance: random.Random) -> None:
    """Take letters on in an order of its own, so that copies meet now and then but not always."""
    with ctx.unit_of_work(read_only=True) as uow:
        people = {officer.username: uow.people.actor(officer.id) for officer in uow.people.all()}
    while True:
        letters = [
            letter
            for state in (LetterState.DRAFT, LetterState.APPROVED)
            for letter in apologies.listed(ctx, by=people["approver"], state=state, limit=AT_ONCE)
        ]
        chance.shuffle(letters)
        for letter in letters:
            try:
                carry_on(ctx, people, letter)
            except EngineError as error:  # the other copy was quicker
                print(f"{letter['id']}: {error.code}", flush=True)
        if not letters:
            time.sleep(IDLE)


def carry_on(ctx: Context, people: dict[str, Actor], letter: dict[str, Any]) -> None:
    """Do what is left to do to a letter."""
    if letter["reason"] is None:
        shown = letter_desk.show(ctx, by=people["officer"], letter_id=letter["id"])
        new_due_at = datetime.fromisoformat(shown["suggested_due_at"])
        draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=new_due_at)
        apologies.write(ctx, by=people["officer"], letter_id=letter["id"], draft=draft)
    if letter["state"] == LetterState.DRAFT:
        apologies.approve(ctx, by=people["approver"], letter_id=letter["id"])
    letter_dispatch.dispatch(ctx, by=people["approver"], letter_id=letter["id"])


if __name__ == "__main__":
    print("desk.started", flush=True)
    serve(bootstrap.from_environment(), random.Random(sys.argv[1]))
