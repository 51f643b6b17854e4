"""The new date of an apology: kept or not, moved by nothing but a pause, and never given twice (domain.md §1.9).

It stands beside the promise, which decides whether a dossier is late. When it is not kept either, that is counted apart
and taken to the head of the agency: the citizen cannot be put off again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain import deadlines
from engine.domain.actors import Role
from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.services.case import Case, iso, record
from engine.services.lateness import JUST_AFTER
from engine.store.deadlines import Deadline
from engine.store.letters import Letter
from engine.store.people import Officer

MAIL = "mail"
WAKE = "extension"


def begin(case: Case, letter: Letter) -> dict[str, Any]:
    """Start to watch the new date that a letter names; return what its event says of it.

    Raises:
        CalendarGapError: the date cannot be counted.
    """
    assert letter.new_due_at is not None  # noqa: S101 - the letter asks for time, which was checked
    due_at = letter.new_due_at
    late_after = deadlines.late_after(case.calendar, due_at, case.late_rule)
    rest = str(deadlines.left_until(case.calendar, at=case.now, end_at=due_at))
    stands = case.dossier.is_paused
    row = Deadline(
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.resolving_agency_id,
        kind=DeadlineKind.EXTENSION,
        promise_no=letter.promise_no,
        state=DeadlineState.PAUSED if stands else DeadlineState.RUNNING,
        limit=rest,
        rest=rest,
        running_from=None if stands else case.now,
        due_at=due_at,
        late_after=late_after,
        calendar_version=case.calendar.version,
        wake_at=None if stands else late_after + JUST_AFTER,
        wake_for=None if stands else WAKE,
    )
    case.uow.deadlines.add(row)
    rule = case.late_rule.value
    return {"late_after": iso(late_after), "late_rule": rule, "rest": rest, "calendar": row.calendar_version}


def pause(case: Case) -> dict[str, Any]:
    """Let the new date stand still with the clock; return what the event of the pause says of it, if anything."""
    row = _open(case)
    if row is None or row.state is not DeadlineState.RUNNING or deadlines.is_late(case.now, row.late_after):
        return {}
    row.rest = str(deadlines.left_until(case.calendar, at=case.now, end_at=row.due_at))
    row.state, row.running_from = DeadlineState.PAUSED, None
    row.wake_at = row.wake_for = None
    return {"extension": {"rest": row.rest, "calendar": case.calendar.version}}


def resume(case: Case) -> dict[str, Any]:
    """Let the new date run again with what was left of it; return what the event says of it, if anything.

    Raises:
        CalendarGapError: the date cannot be counted.
    """
    row = _open(case)
    if row is None or row.state is not DeadlineState.PAUSED:
        return {}
    due = deadlines.resume(case.calendar, resumed_at=case.now, rest=Limit.parse(row.rest))
    row.state, row.running_from, row.due_at = DeadlineState.RUNNING, due.counted_from, due.due_at
    row.late_after = deadlines.late_after(case.calendar, due.due_at, case.late_rule)
    row.calendar_version = case.calendar.version
    row.wake_at, row.wake_for = row.late_after + JUST_AFTER, WAKE
    case.dossier.extended_due_at = row.due_at
    said = {"running_from": iso(row.running_from), "due_at": iso(row.due_at), "late_after": iso(row.late_after)}
    return {"extension": {**said, "late_rule": case.late_rule.value, "calendar": row.calendar_version}}


def look(case: Case, row: Deadline) -> None:
    """Act on the new date when its instant has come: nobody kept it, so the head of the agency hears of it."""
    if row.state is not DeadlineState.RUNNING:
        return
    if not deadlines.is_late(case.now, row.late_after):
        row.wake_at, row.wake_for = row.late_after + JUST_AFTER, WAKE
        return
    _mark(case, row, told=_heads(case))


def settle(case: Case, *, promise_no: int, ended_at: datetime) -> None:
    """Close the new date of a promise with it: kept, or not and counted apart."""
    row = _open(case)
    if row is None or row.promise_no != promise_no:
        return
    if row.state is DeadlineState.RUNNING and deadlines.is_late(ended_at, row.late_after):
        _mark(case, row, told=[])  # it is done by now: nobody has to be called
    row.state, row.running_from = DeadlineState.ENDED, None
    row.wake_at = row.wake_for = None


def _open(case: Case) -> Deadline | None:
    if case.dossier.extension_count == 0 or case.dossier.extension_broken_at is not None:
        return None
    return case.uow.deadlines.extension(case.dossier.id)


def _mark(case: Case, row: Deadline, *, told: list[Officer]) -> None:
    row.passed_at = case.dossier.extension_broken_at = case.now
    row.state, row.running_from, row.is_broken = DeadlineState.ENDED, None, True
    row.wake_at = row.wake_for = None
    mails = sum(1 for officer in told if officer.email)
    payload = {"promise": row.promise_no, "late_after": iso(row.late_after), "officers": [each.id for each in told]}
    record(case, EventKind.EXTENSION_BROKEN, payload | {"mails": mails})
    for no, officer in enumerate((each for each in told if each.email), start=1):
        _mail(case, officer, row, no=no)


def _heads(case: Case) -> list[Officer]:
    """Return whom the agency names as its chairman; without one, those who sign in it."""
    agency = case.uow.agencies.get(case.dossier.resolving_agency_id)
    if agency.chair_id is not None:
        return [case.uow.people.get(agency.chair_id)]
    return case.uow.people.with_role(agency.id, Role.APPROVER)


def _mail(case: Case, officer: Officer, row: Deadline, *, no: int) -> None:
    """Order an e-mail about the dossier: its code and its dates, nothing of its people."""
    dossier = case.dossier
    said = f"{case.calendar.local(row.due_at):%H:%M %d/%m/%Y}"
    link = f"{case.ctx.settings.public_url.rstrip('/')}/ho-so/{dossier.code}"
    text = (
        f"Hồ sơ {dossier.code} ({case.facts.name}) đã được xin lỗi và hẹn lại {said}, nhưng vẫn chưa xong.\n"
        f"Không được hẹn lại lần nữa; đề nghị chỉ đạo giải quyết ngay.\n{link}"
    )
    case.uow.outbox.add(
        agency=dossier.resolving_agency_id,
        topic=MAIL,
        key=f"extension:{dossier.id}:{row.promise_no}:{no}",
        payload={"to": officer.email, "subject": f"Hồ sơ {dossier.code}: không giữ được ngày hẹn lại", "text": text},
        at=case.now,
    )
