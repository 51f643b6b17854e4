"""Folding the fact of a dossier or chain from what its events add up to: another way than engine.domain.fact_rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.statistics import NEVER
from engine.verification.life import Life
from engine.verification.rows import Row

TICK = timedelta(microseconds=1)
_SAME = ("code", "receiving_agency_id", "resolving_agency_id", "returning_agency_id", "procedure_id", "channel")


def fold(lives: Sequence[Life], codes: dict[int, str]) -> Row | None:
    """Return the fact that should exist, without minutes; None for one that was never received.

    Args:
        lives: the dossier, or its whole chain, the first one first.
        codes: of procedures, by id.

    Raises:
        KeyError, TypeError: the history has holes, which are reported where it has them.
    """
    first = lives[0]
    zone = ZoneInfo(first.reference.agencies[first.dossier["resolving_agency_id"]]["zone"])
    counted = [life for life in lives if life.dossier["received_at"] is not None]
    if first not in counted:
        return None
    waiting = [life for life in lives if life not in counted and life.status is not Status.NOT_RECEIVED]
    counted = [first, *sorted(counted[1:], key=_by_receipt)]
    ends = [life.ended_at for life in counted]
    closed_at = None if waiting or None in ends else max(at for at in ends if at is not None)
    row = {name: first.dossier[name] for name in _SAME}
    row |= {
        "procedure_code": codes.get(first.dossier["procedure_id"], ""),
        "received_at": first.dossier["received_at"],
        "received_on": _on(first.dossier["received_at"], zone),
        "closed_at": closed_at,
        "closed_on": _on(closed_at, zone),
        "due_at": counted[-1].dossier["due_at"],
        "members": len(counted) + len(waiting),
        "source": first.dossier.get("source"),
    }
    row |= _standing(counted, closed_at, zone) | _apologies(counted, closed_at, zone)
    row["late_cause"] = _cause(counted) if closed_at is None or row["late_on"] != NEVER else None
    return row | _who(counted, closed_at) | _index(counted)


def _by_receipt(life: Life) -> tuple[datetime, Any]:
    return life.dossier["received_at"], life.id


def _on(at: datetime | None, zone: ZoneInfo) -> date:
    return NEVER if at is None else at.astimezone(zone).date()


def _promises(life: Life) -> list[datetime]:
    return [life.dossier[name] for name in ("late_after", "missed_late_after") if life.dossier[name] is not None]


def _standing(counted: Sequence[Life], closed_at: datetime | None, zone: ZoneInfo) -> Row:
    """Judge every dossier by its own promises, at its end or from now on."""
    broken: list[datetime] = []
    running: list[datetime] = []
    for life in counted:
        ended_at = life.ended_at
        if ended_at is None:
            running += _promises(life)
        elif any(ended_at > promise for promise in _promises(life)):
            broken.append(min(_promises(life)))
    decisive = sorted(broken + running)
    row: Row = {"late_after": None, "late_on": NEVER}
    if decisive:
        row = {"late_after": decisive[0], "late_on": _on(decisive[0] + TICK, zone)}
    elif closed_at is not None:
        row["late_after"] = min(_promises(counted[-1]), default=None)
    return row | {"outcome": _outcome(counted[-1], closed_at, zone, is_late=bool(broken))}


def _outcome(last: Life, closed_at: datetime | None, zone: ZoneInfo, *, is_late: bool) -> str:
    if closed_at is None:
        return "open"
    if last.dossier["finished_at"] is None and last.status is not Status.RETURNED:
        return "withdrawn" if last.status is Status.WITHDRAWN else "stopped"
    if is_late:
        return "late"
    due_at = last.dossier["due_at"]
    return "early" if due_at is not None and _on(closed_at, zone) < _on(due_at, zone) else "on_time"


def _apologies(counted: Sequence[Life], closed_at: datetime | None, zone: ZoneInfo) -> Row:
    sent = [row["sent_at"] for life in counted for row in life.rows["letter"].values() if row["sent_at"] is not None]
    row: Row = {"apologised": "none", "apologised_on": NEVER, "unkept_on": NEVER}
    if not sent:
        return row
    dates = list(_new_dates(counted))
    missed = [new["late_after"] for new, ended_at in dates if new["is_broken"] or _ran_out(new, ended_at)]
    coming = [new["late_after"] for new, _ in dates if new["state"] == "running" and closed_at is None]
    row |= {"apologised_on": _on(min(sent), zone), "apologised": "met" if dates and closed_at is not None else "sent"}
    if missed:
        row["apologised"] = "unkept"
    if missed or coming:
        row["unkept_on"] = _on(min(missed + coming) + TICK, zone)
    return row


def _new_dates(counted: Sequence[Life]) -> Iterator[tuple[Row, datetime | None]]:
    for life in counted:
        for key, row in life.rows["deadline"].items():
            if key[0] == "extension":
                yield row, life.ended_at


def _ran_out(new: Row, ended_at: datetime | None) -> bool:
    return new["state"] == "running" and ended_at is not None and bool(ended_at > new["late_after"])


def _cause(counted: Sequence[Life]) -> str | None:
    for life in reversed(counted):
        rows = [row for row in life.rows["letter"].values() if row["cause"] is not None and row["state"] != "withdrawn"]
        rows.sort(key=lambda row: (row["ordered_at"], row["promise_no"]))
        cause = rows[-1]["cause"] if rows else life.dossier.get("late_cause")
        if cause is not None:
            return str(cause)
    return None


def _who(counted: Sequence[Life], closed_at: datetime | None) -> Row:
    steps = [
        (key[0], row) for life in counted for key, row in life.rows["task"].items() if row["phase"] == "processing"
    ]
    steps.sort(key=lambda step: (step[1]["opened_at"], step[0]))
    rows = [row for _, row in steps]
    taken = [row for row in rows if row["state"] == "open" and row["assignee_id"] is not None]
    if closed_at is None and taken:
        return {"unit_id": taken[0]["unit_id"], "officer_id": taken[0]["assignee_id"]}
    done = [(row, row["closed_by"] or row["assignee_id"]) for row in rows if row["state"] == "done"]
    done = [each for each in done if each[1]]
    if done:
        row, officer = max(done, key=lambda each: each[0]["closed_at"] - each[0]["opened_at"])
        return {"unit_id": row["unit_id"], "officer_id": officer}
    waiting = [row for row in rows if row["state"] == "open"] or rows[-1:]
    return {"unit_id": waiting[0]["unit_id"] if waiting else _unit_told(counted[0]), "officer_id": None}


def _unit_told(life: Life) -> int | None:
    """Return the unit that the mapping of an import named: such a dossier has no tasks."""
    first = life.happened[0] if life.happened else None
    return first.payload["unit"] if first is not None and first.kind == EventKind.IMPORTED else None


def _index(counted: Sequence[Life]) -> Row:
    duties = [row for life in counted for row in life.rows["obligation"].values()]
    duties = [row for row in duties if row["amount_vnd"] != 0 and row["settled_how"] != "exempt"]
    papers = []
    for life in counted:
        gone = {row["replaces_no"] for row in life.rows["paper"].values()}
        papers += [row for key, row in life.rows["paper"].items() if key[0] not in gone]
    last = counted[-1]
    is_over = last.dossier["finished_at"] is not None or last.status is Status.RETURNED
    has_result = is_over and last.dossier["decision"] == "granted"
    return {
        "has_obligation": len(duties) > 0,
        "paid_online": any(row["settled_how"] == "paid" and row.get("paid_by") == "online" for row in duties),
        "papers": len(papers),
        "digitised": len([row for row in papers if row["file_sha256"] is not None]),
        "reused": len([row for row in papers if row["source"] == "reused"]),
        "has_result": has_result,
        "electronic_result": has_result and last.dossier["result_channel"] == "online",
    }
