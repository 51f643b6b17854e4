"""From rows of another system's file to dossiers, by the mapping; what cannot be taken is refused, with the remedy.

Pure functions: no database, no clock. What of a row depends on our data (agencies, codes that are taken) is looked at
where it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from engine.domain.dossier import Channel, Status
from engine.domain.events import digest
from engine.domain.history_mapping import DATES, PEOPLE, STATUSES, HistoryMapping, OldProcedure, StepColumns

Cell = str | datetime | date | None
LONGEST = {
    "key": 120, "code": 60, "applicant": 200, "identity_number": 20, "phone": 20, "email": 200, "address": 300,
}  # fmt: skip
LONGEST_STEP = 200  #: characters of a step's name, officer, unit or key
FIRST_YEAR, LAST_YEAR = 1900, 2199

_CODE = re.compile(r"[\w.-]{1,60}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")

REMEDIES = {
    "cell-empty": "the cell is empty and must not be: fill it in, or leave the row out",
    "cell-too-long": "the text is longer than {most} characters: shorten it",
    "cell-formula": "the cell holds a formula or an error: save the sheet with values",
    "row-too-long": "the row has more cells than the head: look for a separator inside a text without quotation marks",
    "date-unreadable": "{value!r} is no date: write it as ISO 8601, or name its form in [dates] formats",
    "date-without-time": "{value!r} has no time of day: say in [dates.without_time] which one {field} stands for",
    "date-impossible": "there is no {value!r} on any clock: the year, or the hour in the night of a clock change",
    "date-in-future": "{value!r} has not come yet: check the date, and the zone of the mapping",
    "end-before-start": 'the end lies before the receipt: correct it, or say out_of_order = "keep" in the mapping',
    "due-before-start": 'the due date lies before the receipt: correct it, or say out_of_order = "keep" in the mapping',
    "end-missing": "status {value!r} has ended, and there is no end: give finished_at",
    "end-unexpected": "status {value!r} is open, and there is an end: map the status otherwise, or empty the end",
    "value-unknown": "the mapping does not know {value!r}: add it to [{table}]",
    "rows-differ": "rows of one dossier say {value!r} and something else here: make them agree",
    "rows-apart": "the dossier stands further up, too: sort the file by its key, so that its rows stand together",
    "key-repeated": 'the dossier stands further up, too: one row a dossier, or say rows = "event" in the mapping',
    "code-invalid": "a code has up to 60 letters, digits, dots and hyphens and is no UUID: map another column to code",
    "code-taken": "{value!r} is the code of another dossier here: map another column to code",
    "agency-unknown": "there is no agency {value!r} here: add it, or map it in [agencies]",
    "unit-unknown": "the agency has no unit {value!r}: add it, or map it in [units]",
    "changed-since-import": "the dossier was imported before, and only what was open goes on: its code, procedure and "
    "agency stay, and so does all of one that had ended",
    "steps-changed": "the dossier was imported before, and the steps of then are not those of this file any more",
}  #: by code: why a row was refused, and what to do about it


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken. ``value`` is empty where the cell may hold personal data."""

    row: int  #: number in the file, its head is 1
    key: str
    column: str
    code: str  #: of REMEDIES
    value: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """Why, and the remedy, in English."""
        return REMEDIES[self.code].format(value=self.value, **self.facts)

    def as_json(self) -> dict[str, Any]:
        """Return it as the command and the API print it."""
        return {
            "row": self.row, "key": self.key, "column": self.column, "code": self.code, "value": self.value,
            "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the file: its number, its cells by column, and what was found wrong while it was read."""

    no: int
    cells: Mapping[str, Cell]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class OldStep:
    """A step of the history as the other system tells it."""

    step: str
    at: datetime
    officer: str | None
    unit: str | None
    key: str | None

    def as_event(self) -> dict[str, Any]:
        """Return the payload of its event."""
        at = self.at.astimezone(UTC).isoformat()
        return {"step": self.step, "at": at, "officer": self.officer, "unit": self.unit, "key": self.key}


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDossier:
    """A dossier of another system in our words."""

    row: int
    key: str
    code: str
    procedure: OldProcedure
    agency: str | None  #: None: that of the import
    unit: str | None
    channel: Channel
    status: Status
    received_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None
    person: Mapping[str, str]  #: by field of PEOPLE
    steps: tuple[OldStep, ...]

    @property
    def facts_digest(self) -> str:
        """The digest of all but personal data and steps, by which a later file is compared."""
        instants = [self.received_at, self.due_at, self.finished_at, self.ended_at]
        texts = [None if at is None else at.astimezone(UTC).isoformat() for at in instants]
        named = [self.key, self.code, self.procedure.code, self.agency, self.unit]
        return digest([*named, self.channel.value, self.status.value, *texts])


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def key_of(mapping: HistoryMapping, record: Record) -> str:
    """Return the name of the row's dossier in the other system; empty where it has none."""
    return _text(record.cells.get(mapping.columns["key"]))


def dossier_of(
    mapping: HistoryMapping, records: Sequence[Record], *, now: datetime
) -> tuple[OldDossier | None, list[Refusal]]:
    """Return the dossier that the rows are about, or why it is refused: each row with the first thing wrong in it.

    Args:
        records: all rows of one dossier, in the order of the file.
        now: nothing can have been received or finished later.
    """
    wrong = [record.refusals[0] for record in records if record.refusals]
    if wrong:
        return None, wrong
    reader = _Reader(mapping, records[0], now)
    try:
        reader.check_agree(records[1:])
        facts = reader.facts()
    except _Refused as refused:
        return None, [refused.refusal]
    steps: list[OldStep] = []
    for record in records:
        try:
            steps += _Reader(mapping, record, now).steps()
        except _Refused as refused:
            wrong.append(refused.refusal)
    if wrong:
        return None, wrong
    ordered = sorted(steps, key=lambda step: step.at)  # stable: steps of one instant stay as they stand in the file
    return OldDossier(**facts, steps=tuple(ordered)), []


class _Reader:
    """A row, read by the mapping."""

    def __init__(self, mapping: HistoryMapping, record: Record, now: datetime) -> None:
        self.mapping, self.record, self.now = mapping, record, now
        self.key = key_of(mapping, record)

    def facts(self) -> dict[str, Any]:
        key = self.text("key", needed=True)
        code = (self.text("code") or key).replace("/", "-")  # the code is part of addresses
        if not _CODE.fullmatch(code) or _UUID.fullmatch(code):
            self.refuse("code" if "code" in self.mapping.columns else "key", "code-invalid", code)
        times = {name: self.instant(name) for name in DATES}
        received_at = times["received_at"]
        assert received_at is not None  # noqa: S101 - instant() refuses an empty one
        self.check_order(times)
        return {
            "row": self.record.no,
            "key": key,
            "code": code,
            "procedure": self.coded("procedure", self.mapping.procedures, "procedures"),
            "agency": self.named("agency", self.mapping.agencies),
            "unit": self.named("unit", self.mapping.units),
            "channel": self.coded(
                "channel", {each.value: each for each in Channel} | dict(self.mapping.channels), "channels"
            ),
            "received_at": received_at,
            "due_at": times["due_at"],
            **self.ends(times["finished_at"], times["returned_at"]),
            "person": self.person(),
        }

    def ends(self, finished_at: datetime | None, returned_at: datetime | None) -> dict[str, Any]:
        """Return status and end; a status that has ended needs an end, and no other has one (domain.md §1.15)."""
        found_at = finished_at or returned_at
        mapping = self.mapping
        if "status" in mapping.columns or "status" in mapping.constants:
            status = self.coded("status", STATUSES | dict(mapping.statuses), "statuses")
            said = self.text("status")
        else:
            status = mapping.with_end if found_at is not None else mapping.without_end
            said = ""
        assert status is not None  # noqa: S101 - the mapping was checked
        is_open = status in (Status.RECEIVED, Status.PROCESSING)
        if is_open != (found_at is None):
            self.refuse("finished_at", "end-unexpected" if is_open else "end-missing", said)
        if status is Status.FINISHED:
            return {"status": status, "finished_at": found_at, "ended_at": None}
        if status is Status.RETURNED:
            return {"status": status, "finished_at": found_at, "ended_at": returned_at or found_at}
        return {"status": status, "finished_at": None, "ended_at": found_at}

    def check_order(self, times: Mapping[str, datetime | None]) -> None:
        received_at = times["received_at"]
        assert received_at is not None  # noqa: S101 - see facts
        for name in ("received_at", "finished_at", "returned_at"):
            at = times[name]
            if at is not None and at > self.now:
                self.refuse(name, "date-in-future", _text(self.cell(name)))
        if self.mapping.keeps_disorder:
            return
        for name in ("finished_at", "returned_at", "due_at"):
            at = times[name]
            if at is not None and at < received_at:
                self.refuse(name, "due-before-start" if name == "due_at" else "end-before-start", "")

    def check_agree(self, others: Sequence[Record]) -> None:
        """Refuse a dossier whose rows do not say the same of it."""
        for name, column in self.mapping.columns.items():
            said = self.record.cells.get(column)
            for other in others:
                if other.cells.get(column) != said:
                    value = "" if name in PEOPLE else _text(said)[:60]
                    raise _Refused(Refusal(other.no, self.key, column, "rows-differ", value))

    def person(self) -> dict[str, str]:
        found = {name: self.text(name) for name in PEOPLE}
        if any(found.values()) and not found["applicant"]:
            self.refuse("applicant", "cell-empty", "")
        return {name: text for name, text in found.items() if text}

    def steps(self) -> list[OldStep]:
        steps = []
        for columns in self.mapping.steps:
            if not self.mapping.per_event and self.record.cells.get(columns.at) is None:
                continue  # this dossier did not take this step
            steps.append(self.step(columns))
        return steps

    def step(self, columns: StepColumns) -> OldStep:
        at = self.when(columns.at, "steps")
        name = columns.called or self.column(columns.name)
        if at is None or not name:
            column = columns.at if at is None else columns.name or ""
            raise _Refused(Refusal(self.record.no, self.key, column, "cell-empty"))
        others = [self.column(each) or None for each in (columns.officer, columns.unit, columns.key)]
        return OldStep(name, at, *others)

    def cell(self, name: str) -> Cell:
        column = self.mapping.columns.get(name)
        return self.mapping.constants.get(name) if column is None else self.record.cells.get(column)

    def text(self, name: str, *, needed: bool = False) -> str:
        found = _text(self.cell(name))
        most = LONGEST.get(name, LONGEST_STEP)
        if len(found) > most:
            self.refuse(name, "cell-too-long", "", most=str(most))
        if needed and not found:
            self.refuse(name, "cell-empty", "")
        return found

    def column(self, name: str | None) -> str:
        found = "" if name is None else _text(self.record.cells.get(name))
        if len(found) > LONGEST_STEP:
            raise _Refused(
                Refusal(self.record.no, self.key, name or "", "cell-too-long", "", {"most": str(LONGEST_STEP)})
            )
        return found

    def coded(self, name: str, table: Mapping[str, Any], called: str) -> Any:
        said = self.text(name, needed=True)
        if said not in table:
            self.refuse(name, "value-unknown", said, table=called)
        return table[said]

    def named(self, name: str, table: Mapping[str, str]) -> str | None:
        said = self.text(name)
        return table.get(said, said) or None

    def instant(self, name: str) -> datetime | None:
        column = self.mapping.columns.get(name)
        at = None if column is None else self.when(column, name)
        if at is None and name == "received_at":
            self.refuse(name, "cell-empty", "")
        return at

    def when(self, column: str, name: str) -> datetime | None:
        cell = self.record.cells.get(column)
        if cell is None:
            return None

        def refuse(code: str) -> _Refused:
            return _Refused(Refusal(self.record.no, self.key, column, code, _text(cell)[:60], {"field": name}))

        found = _read(cell, self.mapping.formats)
        if found is None:
            raise refuse("date-unreadable")
        if not isinstance(found, datetime):
            clock = self.mapping.without_time.get(name)
            if clock is None:
                raise refuse("date-without-time")
            found = datetime.combine(found, clock)
        return self._placed(found, refuse)

    def _placed(self, at: datetime, refuse: Callable[[str], _Refused]) -> datetime:
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise refuse("date-impossible")
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        found = at.replace(tzinfo=self.mapping.zone).astimezone(UTC)
        if found.astimezone(self.mapping.zone).replace(tzinfo=None, fold=0) != at:
            raise refuse("date-impossible")
        return found

    def refuse(self, name: str, code: str, value: str, **facts: str) -> None:
        column = self.mapping.columns.get(name, name)
        shown = "" if name in PEOPLE else value[:60]
        raise _Refused(Refusal(self.record.no, self.key, column, code, shown, facts))


def _read(cell: str | datetime | date, formats: Sequence[str]) -> datetime | date | None:
    """Return what a cell means: a datetime, or a date where it has no time of day."""
    if not isinstance(cell, str):
        return cell
    for form in formats:
        try:
            found = datetime.strptime(cell, form)  # noqa: DTZ007 - the zone is the mapping's
        except ValueError:
            continue
        has_time = any(sign in form for sign in ("%H", "%I", "%c", "%X"))
        return found if has_time else found.date()
    try:
        return date.fromisoformat(cell) if len(cell) == 10 and not formats else _iso(cell, formats)
    except ValueError:
        return None


def _iso(text: str, formats: Sequence[str]) -> datetime | None:
    return None if formats or len(text) <= 10 else datetime.fromisoformat(text)


def _text(cell: Cell) -> str:
    return "" if cell is None else cell.strip() if isinstance(cell, str) else cell.isoformat()


def at_midnight(cell: datetime) -> Cell:
    """Return a spreadsheet's date as a date where it has no time of day: its cells cannot tell the two apart."""
    return cell.date() if cell.time() == time.min and cell.tzinfo is None else cell
