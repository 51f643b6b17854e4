"""Writing the dossiers of another system: rows and events in bulk, as the history that they have there."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import deadlines
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import LateRule
from engine.domain.dossier import ResultChannel
from engine.domain.events import EventKind, digest
from engine.domain.history_mapping import PEOPLE, HistoryMapping
from engine.domain.history_records import OldDossier, OldStep
from engine.domain.ids import AgencyId, DossierId
from engine.domain.official_forms import set_of
from engine.domain.text import fold, telephone
from engine.services import calendars, facts
from engine.services.case import event_after, iso
from engine.services.history_checks import Becomes, Judged
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork


@dataclass(slots=True)
class _Past:
    """What the next event of a dossier is chained to (``case.History``)."""

    id: DossierId
    owner_agency_id: AgencyId
    event_seq: int = 0
    event_hash: str = ""


class Writing:
    """The rows of one batch, in the caller's transaction; ``finish`` sends them.

    Args:
        run: number of the import.
    """

    def __init__(self, ctx: Context, uow: UnitOfWork, *, by: Actor, mapping: HistoryMapping, run: int) -> None:
        self._ctx, self._uow, self._by, self._mapping, self._run = ctx, uow, by, mapping, run
        self._now = ctx.clock.now()
        self._calendars: dict[AgencyId, WorkingCalendar] = {}
        self._form_sets: dict[int, str] = {}
        self._dossiers: list[Mapping[str, Any]] = []
        self._agencies: list[Mapping[str, Any]] = []
        self._parties: list[Mapping[str, Any]] = []
        self._events: list[Mapping[str, Any]] = []
        self._changed: list[Mapping[str, Any]] = []
        self._more: list[Mapping[str, Any]] = []

    def write(self, judged: Judged, procedure: Procedure | None) -> None:
        """Write a dossier that is new, or that goes on; one that is known stays as it is.

        Args:
            procedure: of a new one.
        """
        if judged.becomes is Becomes.NEW and procedure is not None:
            self._begin(judged, procedure)
        elif judged.becomes is Becomes.CONTINUED:
            self._go_on(judged)

    def finish(self) -> None:
        """Send all rows, and have the facts of statistics follow."""
        store = self._uow.history_imports
        store.add(self._dossiers, agencies=self._agencies, parties=self._parties, events=self._events)
        store.go_on(self._changed, self._more)
        facts.project(self._ctx, self._uow, [row["id"] for row in (*self._dossiers, *self._changed)])

    def _begin(self, judged: Judged, procedure: Procedure) -> None:
        old, agency = judged.old, judged.agency.id
        assert procedure.current_version_id is not None  # noqa: S101 - history_procedures looks
        past = _Past(DossierId(self._ctx.new_id()), agency)
        people = self._add_person(past, old)
        places = {"receiving": agency, "resolving": agency, "returning": agency}
        named = {"procedure": procedure.id, "procedure_version": procedure.current_version_id}
        times = self._times(old, agency)
        said = {
            **places, **named, "source": self._mapping.source, "key": old.key, "code": old.code, "people": people,
            **self._said(judged, times),
        }  # fmt: skip
        self._events += self._chained(past, said, old.steps)
        self._agencies.append({"dossier_id": past.id, "owner_agency_id": agency})
        self._dossiers.append(
            {
                "id": past.id,
                "owner_agency_id": agency,
                **{f"{name}_agency_id": value for name, value in places.items()},
                "code": old.code,
                "procedure_id": procedure.id,
                "version_id": procedure.current_version_id,
                "form_set": self._form_set(procedure),
                "result_channel": ResultChannel.DESK,
                "notify_by": "none",
                "source": self._mapping.source,
                "source_key": old.key,
                "search": self._search(old),
                "version": 1,
                **self._columns(old, times, past),
            }
        )

    def _go_on(self, judged: Judged) -> None:
        old, row = judged.old, judged.row
        assert row is not None  # noqa: S101 - it was known
        row = self._uow.dossiers.lock(row.id)
        past = _Past(row.id, row.owner_agency_id, row.event_seq, row.event_hash)
        first = self._uow.history_imports.told([row.id])[row.id][0].payload
        kept = ("receiving", "resolving", "returning", "procedure", "procedure_version", "source", "key", "people")
        times = self._times(old, row.resolving_agency_id)
        said = {name: first[name] for name in kept} | {"code": old.code} | self._said(judged, times)
        self._more += self._chained(past, said, old.steps[judged.told :])
        self._changed.append({"id": row.id, **self._columns(old, times, past)})

    def _times(self, old: OldDossier, agency: AgencyId) -> dict[str, datetime | None]:
        """Return the instants of a dossier; ``late_after`` is that of the mapping's rule by the agency's clock."""
        if agency not in self._calendars:
            self._calendars[agency] = calendars.in_force(self._uow, agency)
        rule: LateRule = self._mapping.late_rule
        late_after = None
        if old.due_at is not None:
            late_after = deadlines.late_after(self._calendars[agency], old.due_at, rule)
        return {
            "received_at": old.received_at,
            "due_at": old.due_at,
            "late_after": late_after,
            "finished_at": old.finished_at,
            "ended_at": old.ended_at,
        }

    def _said(self, judged: Judged, times: Mapping[str, datetime | None]) -> dict[str, Any]:
        old = judged.old
        return {
            "import": self._run,
            "row": old.row,
            "unit": None if judged.unit is None else judged.unit.id,
            "channel": old.channel.value,
            "status": old.status.value,
            "late_rule": self._mapping.late_rule.value,
            "digest": old.facts_digest,
            **{name: iso(at) for name, at in times.items()},
        }

    def _columns(self, old: OldDossier, times: Mapping[str, datetime | None], past: _Past) -> dict[str, Any]:
        """Return what a later file may say otherwise."""
        return {
            "channel": old.channel,
            "status": old.status.value,
            "submitted_at": old.received_at,
            **times,
            "event_seq": past.event_seq,
            "event_hash": past.event_hash,
        }

    def _chained(self, past: _Past, said: dict[str, Any], steps: tuple[OldStep, ...]) -> list[Mapping[str, Any]]:
        told = [(EventKind.IMPORTED, said), *((EventKind.HISTORY_STEP, step.as_event()) for step in steps)]
        events: list[Mapping[str, Any]] = []
        for kind, payload in told:
            event = event_after(past, kind, at=self._now, actor=self._by.id, payload=payload)
            past.event_seq, past.event_hash = event["seq"], event["hash"]
            events.append(event)
        return events

    def _add_person(self, past: _Past, old: OldDossier) -> dict[str, str]:
        """Keep personal data apart; return the salted digest that the event keeps instead (decision 0013)."""
        if not old.person:
            return {}
        salt = secrets.token_hex(16)
        data = _person(old)
        owner = {"dossier_id": past.id, "role": "applicant", "owner_agency_id": past.owner_agency_id, "salt": salt}
        self._parties.append(owner | {("name" if key == "applicant" else key): data[key] for key in PEOPLE})
        return {"applicant": digest([salt, *(data[key] for key in PEOPLE)])}

    def _search(self, old: OldDossier) -> str:
        data = _person(old)
        found = [data[name] for name in ("applicant", "identity_number", "phone")]
        return f"{fold(old.code)} {fold(' '.join(text for text in found if text))}"

    def _form_set(self, procedure: Procedure) -> str:
        version = procedure.current_version_id
        assert version is not None  # noqa: S101 - see _begin
        if version not in self._form_sets:
            self._form_sets[version] = set_of(self._uow.procedures.version(version).policy)
        return self._form_sets[version]


def _person(old: OldDossier) -> dict[str, str | None]:
    data: dict[str, str | None] = {name: old.person.get(name) for name in PEOPLE}
    phone = data["phone"]
    return data | {"phone": None if phone is None else telephone(phone)}
