"""A land office in small: a procedure with two appointments, four working days until the notice and two after payment.

Stages: the desk has 1 working day, the office 3 until the notice of payment, the head 2 after it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Line, Period
from engine.services import apologies, reading
from tests.support import builders as b
from tests.support.step_tables import DESK, HEAD, OFFICE, linear

PAID_LIMIT = "2 working_day"  #: of the second appointment
APPOINTMENTS = ["4 working_day", PAID_LIMIT]
SHARES = {"NHAN": "1", "THU_LY": "3", "THONG_BAO": "3", "BIEN_LAI": "3", "KY": "2", "TRA": "0"}


def land_steps() -> list[dict[str, Any]]:
    """Return the rows: received, worked on, notice (pauses), proof of payment (resumes), signed, returned."""
    rows = linear(
        ("NHAN", DESK), ("THU_LY", OFFICE), ("THONG_BAO", OFFICE), ("BIEN_LAI", OFFICE), ("KY", HEAD), ("TRA", DESK),
        ends="KY",
    )  # fmt: skip
    for row in rows:
        row |= {"limit_days": "0", "stage_limit_days": SHARES[row["id"]]}
    rows[2]["pauses_clock"] = rows[3]["resumes_clock"] = True
    return rows


def a_land_office(
    ctx: Context,
    *,
    policy: dict[str, Any] | None = None,
    steps: list[dict[str, Any]] | None = None,
    days: str = "6",
) -> b.Office:
    """Make an office with such a procedure: 6 working days in all."""
    policy = {"appointments": APPOINTMENTS} | (policy or {})
    return b.an_office(ctx, procedure="TP97", policy=policy, steps=steps or land_steps(), total_days=days)


def receive(ctx: Context, office: b.Office) -> b.Dossier:
    """Receive a dossier now."""
    return b.a_received_dossier(ctx, office)


def tell_what_to_pay(ctx: Context, office: b.Office, dossier: b.Dossier) -> b.Dossier:
    """Do the office's work and hand out the notice: the clock stands."""
    return b.do_next_step(ctx, office, b.do_next_step(ctx, office, dossier))


def pay(ctx: Context, office: b.Office, dossier: b.Dossier) -> b.Dossier:
    """Take the proof of payment: the clock runs again."""
    return b.do_next_step(ctx, office, dossier)


def summary(ctx: Context, dossier: b.Dossier) -> b.Dossier:
    """Return the dossier as it is now."""
    return reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])


def queue_of(ctx: Context, queue: Queue) -> set[str]:
    """Return the codes of the dossiers in a queue."""
    return {item["code"] for item in worklists.page(ctx, by=SYSTEM, queue=queue, limit=200).items}


def missed_first(ctx: Context, office: b.Office) -> b.Dossier:
    """Return a dossier whose notice of payment came on Monday 9 March, due Friday 6 March 08:00."""
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-09T09:00")
    return tell_what_to_pay(ctx, office, dossier)


def promises(ctx: Context, dossier: b.Dossier) -> list[tuple[Any, ...]]:
    """Return number, due instant, state and verdict of each appointment."""
    listed = reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])["appointments"]
    return [(each["no"], each["due_at"], each["state"], each["kept"]) for each in listed]


def letters(ctx: Context, office: b.Office) -> list[tuple[int, str]]:
    """Return promise and state of each letter."""
    listed = apologies.listed(ctx, by=office.supervisor)
    return sorted((letter["promise"], letter["state"]) for letter in listed)


def report(ctx: Context, office: b.Office, from_on: str, to_on: str) -> Line:
    """Return the total of the on-time report."""
    period = Period(date.fromisoformat(from_on), date.fromisoformat(to_on))
    return on_time(ctx, by=office.supervisor, question=Question(period)).total
