"""What the events of one dossier add up to: the rows that should exist, built up event by event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from engine.domain.dossier import Status
from engine.domain.limits import Limit
from engine.verification.differences import Difference, plain
from engine.verification.reference import Reference, VersionFacts
from engine.verification.rows import PARTS, Key, Row
from engine.verification.slow_time import Office


class MisfitError(Exception):
    """The event cannot follow what went before; ``field`` says which part of it does not fit."""

    def __init__(self, name: str, expected: Any, found: Any, message: str) -> None:
        super().__init__(message)
        self.field = name
        self.expected = expected
        self.found = found
        self.message = message


@dataclass(frozen=True, slots=True)
class Moment:
    """An event while it is applied."""

    seq: int
    kind: str
    at: datetime
    actor: int | None
    payload: dict[str, Any]

    def when(self, name: str) -> datetime | None:
        """Return an instant of the payload."""
        text = self.payload[name]
        return None if text is None else datetime.fromisoformat(text).astimezone(UTC)

    def instant(self, name: str) -> datetime:
        """Return an instant of the payload that must be there."""
        at = self.when(name)
        if at is None:
            raise MisfitError(f"payload.{name}", "an instant", None, "the event lacks an instant that it needs")
        return at


@dataclass(frozen=True, slots=True)
class Before:
    """What a move to another version replaced."""

    move: int
    version: int
    tasks: dict[Key, Row]
    promise: Row | None
    dossier: Row
    grants: dict[int, list[tuple[datetime, Limit | None]]]
    left_at: int | None
    counted_from: datetime | None


@dataclass(slots=True)
class Life:
    """The fold of one dossier: expected rows, and what the checks of later events need to remember."""

    id: UUID
    reference: Reference
    report: Callable[[Difference], None]
    dossier: Row = field(default_factory=dict)
    rows: dict[str, dict[Key, Row]] = field(default_factory=lambda: {kept.name: {} for kept in PARTS})
    status: Status | None = None
    people: dict[str, str] = field(default_factory=dict)  #: role: digest of the personal data
    authorisation: str | None = None  #: digest of the paper by which somebody files for another
    process: str | None = None  #: digest of the process state
    last_done: Row | None = None  #: the task that was completed last
    late_rule: str | None = None
    passed: set[int] = field(default_factory=set)  #: promises marked as passed
    stood_still: bool = False  #: it ended while its clock stood still with the promise unbroken
    missed: dict[int, bool] = field(default_factory=dict)  #: appointments that ended with a pause, by number
    left_at: int | None = None  #: the stage at which the first of two appointments ended
    numbers: list[tuple[str, int, str, int]] = field(default_factory=list)  #: kind, agency, period, number
    proofs: dict[UUID, str | None] = field(default_factory=dict)  #: digests of notes about letters that arrived
    grants: dict[int, list[tuple[datetime, Limit | None]]] = field(
        default_factory=dict
    )  #: by stage: from when its share was counted, and the share; None where the event does not say it
    wait_ends: dict[str, datetime] = field(default_factory=dict)  #: last moment of each wait of the process
    wait_rules: dict[str, str] = field(default_factory=dict)  #: the late rule by which each was opened
    urged: set[tuple[str, date]] = field(default_factory=set)  #: tasks and the local days on which they were urged
    notes: dict[int, str] = field(default_factory=dict)  #: digests of their texts, by number
    last_at: datetime | None = None
    happened: list[Moment] = field(default_factory=list)  #: all events so far that could be applied, in order
    first_issue: Row | None = None  #: of the receipt, where no event names it
    taken_back: set[int] = field(default_factory=set)  #: promises whose letter a correction took back
    slip: str | None = None  #: the reserved number that it was entered from
    origin: tuple[datetime, str | None] | None = None  #: from where the whole limit counted last, by which cut-off
    before_move: Before | None = None  #: what the latest move to another version replaced
    moved_at: datetime | None = None  #: when it was moved, or taken back, last
    counted_from: datetime | None = None  #: from when the promise counted before its clock stood still
    dates: dict[tuple[str, str], list[datetime]] = field(
        default_factory=dict
    )  #: that a calendar change moved away from

    @property
    def version(self) -> VersionFacts | None:
        """The procedure version that is pinned, None when it is missing or not what its name says."""
        return self.reference.versions.get(self.dossier.get("version_id", 0))

    @property
    def promise_no(self) -> int:
        """The number of the latest promise, 0 without one."""
        return max((key[1] for key in self.rows["deadline"] if key[0] == "promise"), default=0)

    @property
    def promise(self) -> Row | None:
        """The latest promise."""
        return self.rows["deadline"].get(("promise", self.promise_no))

    @property
    def ended_at(self) -> datetime | None:
        """The instant that decides on late: end of processing, or the end before a decision (domain.md §1.11)."""
        return self.dossier.get("finished_at") or self.dossier.get("ended_at")

    def is_over(self, promise_no: int) -> bool:
        """Tell whether nothing can happen to a promise any more: its appointment, or the dossier, has ended."""
        return promise_no in self.missed or self.ended_at is not None

    def need_promise(self, number: int | None = None) -> Row:
        """Return the latest promise, or that with a number.

        Raises:
            MisfitError: there is none.
        """
        row = self.promise if number is None else self.rows["deadline"].get(("promise", number))
        if row is None:
            raise MisfitError("payload.promise", "a promise made before", number, "the event is about no promise")
        return row

    def part(self, table: str, name: str, key: Any) -> Row:
        """Return an expected row that an earlier event made.

        Raises:
            MisfitError: there is none.
        """
        row = self.rows[table].get((key,))
        if row is None:
            raise MisfitError(f"payload.{name}", f"a {table} of this dossier", plain(key), "no earlier event made it")
        return row

    def put(self, table: str, key: Key, row: Row) -> None:
        """Expect a row from now on.

        Raises:
            MisfitError: an earlier event made it already.
        """
        if key in self.rows[table]:
            raise MisfitError("payload", f"a new {table}", plain(key), "an earlier event made this row already")
        self.rows[table][key] = row

    def open_tasks(self) -> list[Row]:
        """Return the tasks that are open, in the order in which they were opened."""
        return [row for row in self.rows["task"].values() if row["state"] == "open"]

    def is_apart(self, task: Row) -> bool:
        """Tell whether a task has a limit of its own, which no pause of the promise moves."""
        step = self.version.steps.get(task["node"]) if self.version else None
        return step is not None and step.own_limit is not None

    def open_pause(self) -> tuple[int, Row] | None:
        """Return the pause that has not ended, with its number."""
        return next(((key[0], row) for key, row in self.rows["pause"].items() if row["ended_at"] is None), None)

    def letter_of(self, promise_no: int) -> tuple[UUID, Row] | None:
        """Return the letter of a promise, with its id."""
        letters = self.rows["letter"].items()
        return next(((key[0], row) for key, row in letters if row["promise_no"] == promise_no), None)

    def office(self, version: str) -> Office | None:
        """Return the calendar of a version, None when it is missing or not what its name says (reported there)."""
        return self.reference.offices.get(version)

    def name(self, *rest: Any) -> str:
        """Name a row of this dossier: code, id, key inside the dossier."""
        parts = [self.dossier.get("code"), self.id, *rest]
        return " ".join(str(part) for part in parts if part is not None)

    def differ(self, table: str, key: str, name: str, expected: Any, found: Any, message: str) -> None:
        """Report a difference of this dossier."""
        self.report(Difference(table, key, name, plain(expected), plain(found), message, str(self.id)))

    def expect(self, moment: Moment, name: str, expected: Any, found: Any, message: str) -> None:
        """Report a difference in an event when what it says is not what it must be."""
        if expected != found:
            self.differ("event", self.name(f"#{moment.seq}"), name, expected, found, message)
