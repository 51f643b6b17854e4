"""Test runs as administrators write them: what is done one after another, and what should come of it.

The JSON of a scenario: ``{"name", "received_at", "facts": {}, "acts": [{"do", …}], "expect": {"status", "due_at",
"open"}}``. Instants are ISO 8601; without an offset they are local to the agency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.domain.dossier import Status
from engine.errors import InvalidInputError

MOST_SCENARIOS = 30
MOST_ACTS = 60
LONGEST = 300  #: characters of a text
MOST_OPEN = 40


class InvalidScenarioError(InvalidInputError):
    """A test run cannot be read; the message names scenario, act and field."""

    code = "invalid-scenario"


class Do(StrEnum):
    """What can be done in a test run."""

    RECEIVE = "receive"  #: the desk receives; done by itself when it is left out
    COMPLETE = "complete"  #: the step ``step`` with ``outcome`` and ``fields``
    MESSAGE = "message"  #: an awaited answer comes: ``name``
    WAIT = "wait"  #: the clock runs to ``until``
    ASK_SUPPLEMENT = "ask_supplement"
    BRING_SUPPLEMENT = "bring_supplement"
    RAISE_OBLIGATION = "raise_obligation"
    SETTLE_OBLIGATION = "settle_obligation"
    REFUSE = "refuse"  #: the result is refused
    WITHDRAW = "withdraw"
    STOP = "stop"
    NOT_RECEIVE = "not_receive"  #: refused at reception


@dataclass(frozen=True, slots=True)
class Act:
    """One act; ``step`` is the name or node id of a step, ``name`` that of a message."""

    do: Do
    step: str = ""
    outcome: str = "done"
    name: str = ""
    until: datetime | None = None
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test run should end with; what is None is not compared."""

    status: int | None = None
    due_at: datetime | None = None
    open: tuple[str, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is expected yet."""
        return self.status is None and self.due_at is None and self.open is None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A test run; ``received_at`` may be naive: local time of the agency."""

    name: str
    received_at: datetime
    facts: Mapping[str, Any]
    acts: tuple[Act, ...]
    expect: Expected


def read(raw: object) -> tuple[Scenario, ...]:
    """Return the test runs of a procedure.

    Raises:
        InvalidScenarioError: one of them is not of the shape above, or there are too many.
    """
    if not isinstance(raw, list) or len(raw) > MOST_SCENARIOS:
        raise InvalidScenarioError(f"scenarios must be a list of at most {MOST_SCENARIOS}", field="scenarios")
    found = tuple(_scenario(entry, f"scenario {no}") for no, entry in enumerate(raw, start=1))
    names = [scenario.name for scenario in found]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise InvalidScenarioError(f"two scenarios are called {doubled!r}; rename one", field="name")
    return found


def _scenario(raw: object, where: str) -> Scenario:
    entry = _object(raw, where, ("name", "received_at", "facts", "acts", "expect"))
    name = _text(entry.get("name"), f"{where}: name", shortest=1)
    where = f"scenario {name}"
    acts = entry.get("acts", [])
    if not isinstance(acts, list) or len(acts) > MOST_ACTS:
        raise InvalidScenarioError(f"{where}: acts must be a list of at most {MOST_ACTS}", field="acts")
    received_at = _instant(entry.get("received_at"), f"{where}: received_at")
    if received_at is None:
        raise InvalidScenarioError(f"{where}: received_at must say when the dossier comes", field="received_at")
    facts = _object(entry.get("facts", {}), f"{where}: facts", None)
    read_acts = tuple(_numbered(act, where, no) for no, act in enumerate(acts, start=1))
    return Scenario(name, received_at, facts, read_acts, _expected(entry.get("expect", {}), where))


def _numbered(raw: object, where: str, no: int) -> Act:
    try:
        return _act(raw, f"{where}, act {no}")
    except InvalidScenarioError as error:
        raise InvalidScenarioError(error.message, **error.details, row=no) from None


def _act(raw: object, where: str) -> Act:
    entry = _object(raw, where, ("do", "step", "outcome", "name", "until", "fields"))
    if entry.get("do") not in set(Do):
        raise InvalidScenarioError(f"{where}: do must be one of {', '.join(Do)}", field="do")
    do = Do(entry["do"])
    until = _instant(entry.get("until"), f"{where}: until")
    step = _text(entry.get("step", ""), f"{where}: step")
    name = _text(entry.get("name", ""), f"{where}: name")
    missing = {Do.COMPLETE: "" if step else "step", Do.MESSAGE: "" if name else "name",
               Do.WAIT: "" if until else "until"}.get(do)  # fmt: skip
    if missing:
        raise InvalidScenarioError(f"{where}: {do.value} needs {missing}", field=missing)
    outcome = _text(entry.get("outcome") or "done", f"{where}: outcome")
    fields = _object(entry.get("fields") or {}, f"{where}: fields", None)
    return Act(do, step=step, outcome=outcome, name=name, until=until, fields=fields)


def _expected(raw: object, where: str) -> Expected:
    entry = _object(raw or {}, f"{where}: expect", ("status", "due_at", "open"))
    status = entry.get("status")
    if status is not None and (isinstance(status, bool) or status not in [each.value for each in Status]):
        raise InvalidScenarioError(f"{where}: expect.status must be a status from 1 to 10", field="status")
    steps = entry.get("open")
    if steps is not None and (not isinstance(steps, list) or len(steps) > MOST_OPEN):
        raise InvalidScenarioError(f"{where}: expect.open must be a list of steps", field="open")
    opened = None if steps is None else tuple(_text(each, f"{where}: expect.open", shortest=1) for each in steps)
    return Expected(status, _instant(entry.get("due_at"), f"{where}: expect.due_at"), opened)


def _object(raw: object, where: str, known: tuple[str, ...] | None) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidScenarioError(f"{where} must be an object", field="scenarios")
    unknown = [] if known is None else sorted(str(name)[:40] for name in raw if name not in known)
    if unknown:
        raise InvalidScenarioError(f"{where}: unknown field {unknown[0]}; known are {', '.join(known or ())}",
                                   field=unknown[0])  # fmt: skip
    return raw


def _text(raw: object, where: str, *, shortest: int = 0) -> str:
    if not isinstance(raw, str) or not shortest <= len(raw.strip()) or len(raw) > LONGEST or "\0" in raw:
        raise InvalidScenarioError(f"{where} must be a text of {shortest} to {LONGEST} characters", field="scenarios")
    return raw.strip()


def _instant(raw: object, where: str) -> datetime | None:
    if raw is None or raw == "":
        return None
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        at = None
    if at is None or not 2000 <= at.year <= 2100:
        raise InvalidScenarioError(f"{where} must be a date and time such as 2026-03-02T08:00", field="scenarios")
    return at
