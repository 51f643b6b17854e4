"""The vocabulary of a dossier's history: every change is one of these, and the rows follow from them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What can happen to a dossier. Values are stored: never rename one."""

    SUBMITTED = "dossier.submitted"
    RECEIVED = "dossier.received"
    CORRECTED = "dossier.corrected"
    NOT_RECEIVED = "dossier.not_received"
    PROCESSING_STARTED = "dossier.processing_started"
    TASK_OPENED = "task.opened"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_ASSIGNED = "task.assigned"
    URGED = "task.urged"
    TASK_COMPLETED = "task.completed"
    TASK_CANCELLED = "task.cancelled"
    TASK_SENT_BACK = "task.sent_back"
    STEP_TAKEN_BACK = "step.taken_back"
    HANDED_OVER = "handover.made"
    HANDOVER_RECEIVED = "handover.received"
    TRANSFERRED = "dossier.transferred"
    RAISED = "dossier.raised"
    CLOCK_PAUSED = "clock.paused"
    CLOCK_RESUMED = "clock.resumed"
    CLOCK_RESTARTED = "clock.restarted"
    SUPPLEMENT_REQUESTED = "supplement.requested"
    SUPPLEMENT_COMPLETED = "supplement.completed"
    SUPPLEMENT_LAPSED = "supplement.lapsed"
    OBLIGATION_RAISED = "obligation.raised"
    OBLIGATION_SETTLED = "obligation.settled"
    LETTER_ORDERED = "letter.ordered"
    LETTER_DRAFTED = "letter.drafted"
    LETTER_APPROVED = "letter.approved"
    LETTER_SIGNED = "letter.signed"
    LETTER_NUMBERED = "letter.numbered"
    LETTER_SENT = "letter.sent"
    LETTER_DELIVERED = "letter.delivered"
    LETTER_WITHDRAWN = "letter.withdrawn"
    PROMISE_MADE = "promise.made"
    EXTENDED = "promise.extended"
    EXTENSION_BROKEN = "extension.broken"
    PROMISE_MOVED = "promise.moved"
    DEADLINE_PASSED = "promise.passed"
    FINISHED = "dossier.finished"
    RESULT_NOTIFIED = "result.notified"
    RESULT_POSTED = "result.posted"
    RESULT_DELIVERED = "result.delivered"
    RETURNED = "dossier.returned"
    WITHDRAWN = "dossier.withdrawn"
    STOPPED = "dossier.stopped"
    PAPER_ADDED = "paper.added"
    PAPER_ISSUED = "paper.issued"
    PAPER_VOIDED = "paper.voided"
    OPINION_ASKED = "opinion.asked"
    OPINION_GIVEN = "opinion.given"
    OPINION_WITHDRAWN = "opinion.withdrawn"
    REFUSAL_SUGGESTED = "refusal.suggested"
    REFUSAL_DECLINED = "refusal.declined"
    NOTE_ADDED = "note.added"
    LATE_CAUSE_GIVEN = "late_cause.given"
    WAIT_OPENED = "wait.opened"
    WAIT_PASSED = "wait.passed"
    WAIT_CANCELLED = "wait.cancelled"
    ANSWER_RECORDED = "answer.recorded"
    APPLICANT_NOTIFIED = "applicant.notified"
    ESCALATED = "process.escalated"
    MILESTONE = "process.milestone"
    NEXT_ORDERED = "dossier.next_ordered"
    VERSION_MOVED = "version.moved"
    VERSION_UNDONE = "version.undone"
    IMPORTED = "dossier.imported"
    HISTORY_STEP = "history.step"


VERSION_KINDS = (EventKind.VERSION_MOVED, EventKind.VERSION_UNDONE)  # both name version, open tasks and their grants


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8 text.

    Raises:
        ValueError: it holds NaN or an infinity, which JSON does not have.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def holds_float(value: Any) -> bool:
    """Whether a float is anywhere in the value: JSONB gives some back as another number (1e22, -0.0)."""
    if isinstance(value, dict):
        return any(holds_float(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_float(item) for item in value)
    return isinstance(value, float)


def digest(value: Any) -> str:
    """Return the sha256 in hex of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def chain_hash(
    previous: str, *, dossier: str, seq: int, kind: str, at: datetime, actor: int | None, payload: dict[str, Any]
) -> str:
    """Return the hash of an event: it covers the event and, through ``previous``, all before it."""
    return digest([previous, dossier, seq, kind, at.isoformat(timespec="microseconds"), actor, payload])
