"""What becomes of each dossier of a history file: new, known, gone on with, or refused and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby, islice
from typing import Any

from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.history_mapping import HistoryMapping
from engine.domain.history_records import OldDossier, Record, Refusal, dossier_of, key_of
from engine.services import history_rows
from engine.services.history_rows import HistoryFile
from engine.store.agencies import Agency, Unit
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.unit_of_work import UnitOfWork

BATCH = 300  #: dossiers that are looked at, and written, in one transaction
MOST_ROWS_OF_ONE = 10_000  #: of a dossier; more are a mistake in the key


class Becomes(StrEnum):
    """What the import does with a dossier of the file."""

    NEW = "new"
    CONTINUED = "continued"  #: imported before while it was open; the file knows more by now
    KNOWN = "known"  #: imported before just so


@dataclass(frozen=True, slots=True)
class Read:
    """A dossier of the file in our words, or why it is refused; ``rows`` of the file were about it."""

    rows: int
    old: OldDossier | None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a dossier."""

    old: OldDossier
    becomes: Becomes
    agency: Agency
    unit: Unit | None
    row: Dossier | None  #: ours, of one that was imported before
    told: int = 0  #: steps of it that we have


def batches(file: HistoryFile, mapping: HistoryMapping, *, now: datetime) -> Iterator[list[Read]]:
    """Yield the dossiers of a file, some hundred at a time, in its order.

    Raises:
        UnreadableHistoryError: the file ends being readable; what stands before was yielded.
    """
    dossiers = _dossiers(file, mapping, now)
    while batch := list(islice(dossiers, BATCH)):
        yield batch


def _dossiers(file: HistoryFile, mapping: HistoryMapping, now: datetime) -> Iterator[Read]:
    seen: set[str] = set()
    codes: dict[str, str] = {}
    column = mapping.columns["key"]
    for key, group in groupby(history_rows.records(file, mapping), key=lambda record: key_of(mapping, record)):
        rows: list[Record] = []
        surplus = 0
        for record in group:
            if len(rows) < MOST_ROWS_OF_ONE:
                rows.append(record)
            else:
                surplus += 1
        first = rows[0]
        if not key:
            wrong = [record.refusals[0] if record.refusals else _empty(record, column) for record in rows]
            yield Read(len(rows) + surplus, None, tuple(wrong))
        elif key in seen or (len(rows) > 1 and not mapping.per_event) or surplus:
            code = "rows-apart" if mapping.per_event else "key-repeated"
            at = first if key in seen or surplus else rows[1]
            yield Read(len(rows) + surplus, None, (Refusal(at.no, key, column, code, key[:60]),))
        else:
            yield _read(mapping, rows, codes, now)
        seen.add(key)


def _empty(record: Record, column: str) -> Refusal:
    return Refusal(record.no, "", column, "cell-empty")


def _read(mapping: HistoryMapping, rows: Sequence[Record], codes: dict[str, str], now: datetime) -> Read:
    old, wrong = dossier_of(mapping, rows, now=now)
    if old is None:
        return Read(len(rows), None, tuple(wrong))
    if codes.setdefault(old.code, old.key) != old.key:
        column = mapping.columns.get("code", mapping.columns["key"])
        return Read(len(rows), None, (Refusal(old.row, old.key, column, "code-taken", old.code),))
    return Read(len(rows), old)


class Judge:
    """Compares dossiers of the file with what the database has; in one transaction.

    Args:
        owner: the agency of the import.
    """

    def __init__(self, uow: UnitOfWork, by: Actor, mapping: HistoryMapping, owner: Agency) -> None:
        self._uow, self._by, self._mapping = uow, by, mapping
        self._agencies: dict[str | None, Agency | None] = {None: owner}
        self._units: dict[tuple[int, str], Unit | None] = {}

    def judge(self, olds: Sequence[OldDossier]) -> tuple[list[Judged], list[Refusal]]:
        """Return what becomes of each dossier, and why others are refused.

        Raises:
            NotAllowedError: the actor does not administer an agency that the file names.
        """
        store, source = self._uow.history_imports, self._mapping.source
        known = store.known(source, [old.key for old in olds])
        told = store.told([row.id for row in known.values()])
        taken = store.taken([old.code for old in olds])
        judged: list[Judged] = []
        refusals: list[Refusal] = []
        for old in olds:
            row = known.get(old.key)
            found = self._judge(old, row, told[row.id] if row is not None else [], taken.get(old.code))
            if isinstance(found, Judged):
                judged.append(found)
            else:
                refusals.append(found)
        return judged, refusals

    def _judge(
        self, old: OldDossier, row: Dossier | None, told: Sequence[Event], taken: tuple[str | None, str | None] | None
    ) -> Judged | Refusal:
        agency = self._agency(old.agency)
        if agency is None:
            return self._refusal(old, "agency", "agency-unknown", old.agency or "")
        unit = None if old.unit is None else self._unit(agency, old.unit)
        if old.unit is not None and unit is None:
            return self._refusal(old, "unit", "unit-unknown", old.unit)
        if row is None:
            if taken is not None:
                return self._refusal(old, "code", "code-taken", old.code)
            return Judged(old, Becomes.NEW, agency, unit, None)
        return self._compared(old, row, told, agency, unit)

    def _compared(
        self, old: OldDossier, row: Dossier, told: Sequence[Event], agency: Agency, unit: Unit | None
    ) -> Judged | Refusal:
        """Compare with what was told before: a dossier that was open may go on, whatever else stays as it was."""
        last = next(event.payload for event in reversed(told) if event.kind == EventKind.IMPORTED)
        steps = [_bare(event.payload) for event in told if event.kind == EventKind.HISTORY_STEP]
        ours = [step.as_event() for step in old.steps]
        if last["digest"] == old.facts_digest and steps == ours:
            return Judged(old, Becomes.KNOWN, agency, unit, row, len(steps))
        is_open = Status(row.status) in (Status.RECEIVED, Status.PROCESSING)
        procedure = self._uow.procedures.find(agency.id, old.procedure.code)
        stays = row.code == old.code and row.resolving_agency_id == agency.id
        if not is_open or not stays or procedure is None or procedure.id != row.procedure_id:
            return self._refusal(old, "key", "changed-since-import", "")
        if ours[: len(steps)] != steps:
            return self._refusal(old, "key", "steps-changed", "")
        return Judged(old, Becomes.CONTINUED, agency, unit, row, len(steps))

    def _refusal(self, old: OldDossier, name: str, code: str, value: str) -> Refusal:
        return Refusal(old.row, old.key, self._mapping.columns.get(name, name), code, value[:60])

    def _agency(self, code: str | None) -> Agency | None:
        if code not in self._agencies:
            found = self._uow.agencies.find(code or "")
            if found is not None:
                permissions.check_can_administer(self._by, agency=found.id)
            self._agencies[code] = found
        return self._agencies[code]

    def _unit(self, agency: Agency, code: str) -> Unit | None:
        key = (agency.id, code)
        if key not in self._units:
            self._units[key] = self._uow.agencies.find_unit(agency.id, code)
        return self._units[key]


def _bare(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in ("step", "at", "officer", "unit", "key")}
