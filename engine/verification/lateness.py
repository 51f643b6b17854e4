"""Counting latenesses and letters again: one letter for each broken (dossier, promise), none for a kept one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from engine.domain.limits import Limit, Segment
from engine.verification import slow_time
from engine.verification.differences import Behind, Findings
from engine.verification.life import Life
from engine.verification.rows import Key, Row
from engine.verification.slow_time import Office

UNSENT = ("draft", "approved", "signed", "numbered")
JUST_AFTER = timedelta(microseconds=1)
RETRY = timedelta(hours=1)  # what failed is looked at again so much later
PATIENCE = timedelta(hours=1)  # a clock process that is later than this is reported; the data is right all the same


def order_instants(life: Life, promise: Row, *, at: datetime | None = None) -> list[tuple[datetime, str]]:
    """Return when the apology has to be ordered and why, by the promise's calendar and then by the other ones.

    The rule that looks ahead may have used a calendar that came into force after the promise was made.

    Args:
        at: counted by the agency's lead as it stood then; None: as it is now.
    """
    ahead = life.reference.leads.at(life.dossier["resolving_agency_id"], at)
    offices = [life.office(promise["calendar_version"]), *life.reference.others(promise["calendar_version"])]
    return [_order_instant(life, office, promise, ahead) for office in offices if office is not None]


def _order_instant(life: Life, office: Office, promise: Row, ahead: str) -> tuple[datetime, str]:
    lead = slow_time.lead(office, Limit.parse(promise["time_limit"]), promise["due_at"], ahead)
    found = foreseen(life, office, promise)
    if found is None or max(found) >= lead:
        return lead, "lead"
    return max(found), "foreseen"


def foreseen(life: Life, office: Office, promise: Row) -> tuple[datetime, datetime] | None:
    """Return the instant from which what is left of the stages no longer fits, and when the current one began.

    None when it cannot be told: no open stage with a share, a clock that stands, or units that differ.
    """
    tasks = [row for row in life.open_tasks() if row["stage"] > 0]
    current = max(tasks, key=lambda row: (row["stage"], row["opened_at"]), default=None)
    if current is None or current["due_at"] is None or promise["running_from"] is None:
        return None
    found = shares(life, current["stage"], Limit.parse(promise["time_limit"]))
    if found is None:
        return None
    begins: datetime = max(current["opened_at"], promise["running_from"])
    later = found[1]
    own = _left(life, office, current, promise["running_from"], found[0])
    fitted = slow_time.before(office, promise["due_at"], Limit((Segment(own + later.amount, later.unit),)))
    if fitted >= begins:  # it fits when the stage takes its share: then the later ones decide
        fitted = slow_time.before(office, promise["due_at"], Limit((later,)))
    return fitted + JUST_AFTER, begins


def _left(life: Life, office: Office, current: Row, running_from: datetime, planned: Segment) -> Fraction:
    """Return what was left of the current stage's share when its step opened or the clock ran again, the later one.

    Walked from where the share was counted, pause after pause; only time in which the clock ran is used.
    """
    grants = life.grants[current["stage"]]
    given = [(at, share) for at, share in grants if share is not None]
    at, share = given[-1] if given else (grants[0][0], Limit((planned,)))
    left, unit = share.segments[0].amount, share.segments[0].unit
    for pause in life.rows["pause"].values():
        if pause["started_at"] > at:
            left -= slow_time.spent(office, at, pause["started_at"], unit)
        if pause["ended_at"] is not None:
            at = max(at, pause["ended_at"])
    at = max(at, running_from)
    if current["opened_at"] > at:
        left -= slow_time.spent(office, at, current["opened_at"], unit)
    return max(Fraction(0), left)


def shares(life: Life, stage: int, total: Limit) -> tuple[Segment, Segment] | None:
    """Return the shares of a stage and of those after it, cut when all together exceed the total.

    None without a common unit.
    """
    stages = life.version.stages_of(life.left_at) if life.version else []
    units = {segment.unit for _, share in stages for segment in share.segments}
    units |= {segment.unit for segment in total.segments}
    if len(units) != 1 or not stages:
        return None
    granted = _amount([total])
    planned = _amount(share for _, share in stages)
    factor = granted / planned if planned > granted else Fraction(1)
    own = _amount(share for no, share in stages if no == stage)
    later = _amount(share for no, share in stages if no > stage)
    unit = units.pop()
    return Segment(own * factor, unit), Segment(later * factor, unit)


def _amount(limits: Iterable[Limit]) -> Fraction:
    return sum((segment.amount for limit in limits for segment in limit.segments), Fraction(0))


def is_late_in_fact(life: Life, number: int, promise: Row) -> bool:
    """Tell whether a promise was missed at its end; a dossier whose clock stood still at the end had kept it."""
    if number in life.missed:
        return life.missed[number]
    ended_at = life.ended_at
    return ended_at is not None and not life.stood_still and ended_at > promise["late_after"]


def check_letters(life: Life, findings: Findings) -> None:
    """Report a lateness without its letter, and a letter without lateness (issue: one letter a lateness)."""
    for key, promise in life.rows["deadline"].items():
        if key[0] != "promise":
            continue
        found = life.letter_of(key[1])
        state = None if found is None else found[1]["state"]
        late = is_late_in_fact(life, key[1], promise)
        _count(life, key[1], findings, late=late, state=state)
        if late or key[1] in life.passed:
            if state in (None, "withdrawn"):
                _differ(life, key, "one that is not withdrawn", state, "late, and nobody apologises")
        elif life.is_over(key[1]):
            if state in UNSENT:
                _differ(life, key, "none, or withdrawn", state, "the promise was kept, the letter must be withdrawn")
        elif state == "withdrawn" and key[1] not in life.taken_back:
            _differ(life, key, "none, or not withdrawn", state, "the dossier is not finished, nothing was kept yet")
    states = [row["state"] for row in life.rows["letter"].values()]
    findings.count("letters", len(states))
    findings.count("letters_not_withdrawn", sum(state != "withdrawn" for state in states))


def _count(life: Life, promise_no: Any, findings: Findings, *, late: bool, state: str | None) -> None:
    """Count what a letter stands for: a broken promise, one foreseen to break, one kept after its letter was sent."""
    over = life.is_over(promise_no)
    broken = late or (not over and promise_no in life.passed)
    foreseen = not broken and not over and state in (*UNSENT, "sent")
    kept = not broken and over and state == "sent"
    findings.count("latenesses", broken or foreseen or kept)
    findings.count("latenesses_broken", broken)
    findings.count("latenesses_foreseen", foreseen)
    findings.count("latenesses_kept_after_letter", kept)


def check_wakes(life: Life, found: dict[Key, Row], *, now: datetime, findings: Findings) -> None:
    """Report limits that the clock process would overlook, look at at a wrong instant, or has not looked at yet."""
    for key, row in found.items():
        wanted = life.rows["deadline"].get(key)
        if wanted is None:
            continue
        wake_at, wake_for = row["wake_at"], row["wake_for"]
        if wake_at is not None and wake_at + PATIENCE < now:
            findings.behind.append(Behind(life.name(*key), str(wake_for), wake_at))
        allowed = _wakes(life, key, wanted)
        if wake_at in life.reference.calendar_changes:  # the clock process has not been there since
            allowed = [*allowed, (wake_at, wake_for)]
        if was_put_off(row, now):
            allowed = [*allowed, *((wake_at, reason) for _, reason in allowed)]
        if allowed and (wake_at, wake_for) not in allowed:  # none: no calendar is left to count with
            message = "the clock process would not look at this limit when it has to"
            name = "wake_for" if wake_at in [at for at, _ in allowed] else "wake_at"
            right = allowed[0][name == "wake_for"]
            life.differ("deadline", life.name(*key), name, right, row[name], message)


def was_put_off(row: Row, now: datetime) -> bool:
    """Tell whether a limit or wait that failed may be looked at again at its ``wake_at``: an hour later, no later."""
    return bool(row["attempts"] > 0 and row["wake_at"] is not None and row["wake_at"] <= now + RETRY)


def _wakes(life: Life, key: Key, limit: Row) -> list[tuple[datetime | None, str | None]]:
    if limit["state"] != "running":
        return [(None, None)]
    if key[0] == "answer":
        return [(limit["late_after"] + JUST_AFTER, "lapse")]
    if key[0] == "extension":
        return [(limit["late_after"] + JUST_AFTER, "extension")]
    return _promise_wakes(life, key[1], limit)


def _promise_wakes(life: Life, number: int, promise: Row) -> list[tuple[datetime | None, str | None]]:
    if life.letter_of(number) is None or number in life.taken_back:
        return [(at, "letter") for at, _ in order_instants(life, promise)]
    passing: tuple[datetime | None, str | None] = (promise["late_after"] + JUST_AFTER, "passed")
    return [(None, None)] if number in life.passed else [passing]


def _differ(life: Life, key: Key, expected: Any, found: Any, message: str) -> None:
    letter = life.letter_of(key[1])
    name = life.name(f"promise {key[1]}") if letter is None else life.name(letter[0])
    life.differ("letter", name, "state", expected, found, message)
