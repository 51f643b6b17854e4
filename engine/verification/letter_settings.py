"""Checking the settings of letters against the acts that set them, and telling which lead stood at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.store import administration, people
from engine.store.base import Base
from engine.verification.differences import Difference, plain
from engine.verification.rows import Row

Report = Callable[[Difference], None]

KIND = "letters.set"
USUAL_LEAD = "1 working_day"  #: of an agency that nobody has set otherwise (domain.md §1.9)
_MODULES = (administration, people)  # what makes their tables known


@dataclass(slots=True)
class Leads:
    """The lead of each agency as it stood, oldest first."""

    by_agency: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)
    changed_at: frozenset[datetime] = frozenset()  #: when the clock process was asked to look at all again

    def at(self, agency: int, at: datetime | None) -> str:
        """Return the lead of an agency at an instant, None: now."""
        stood = [lead for since, lead in self.by_agency.get(agency, ()) if at is None or since <= at]
        return stood[-1] if stood else USUAL_LEAD


def load(connection: Connection, agencies: dict[int, Row], report: Report) -> Leads:
    """Read the acts; report an agency that is not set as its last act says, or an act that does not follow another."""
    table = Base.metadata.tables["admin_act"]
    acts: dict[int, list[Row]] = defaultdict(list)
    for act in connection.execute(select(table).where(table.c.kind == KIND).order_by(table.c.id)).mappings():
        acts[act["owner_agency_id"]].append(dict(act))
    officer = Base.metadata.tables["officer"].c
    names = {row.id: row.username for row in connection.execute(select(officer.id, officer.username))}
    leads = Leads()
    changed: set[datetime] = set()
    for number, agency in agencies.items():
        found = {name: names.get(agency["chair_id"]) if name == "chair" else agency[name] for name in _names(agency)}
        _check(agency["code"], found, acts.get(number, []), report)
        for said in acts.get(number, []):
            before, after = said["facts"]["before"]["apology_lead"], said["facts"]["after"]["apology_lead"]
            if before != after:
                leads.by_agency.setdefault(number, []).append((said["made_at"], after))
                changed.add(said["made_at"])
    leads.changed_at = frozenset(changed)
    return leads


def _names(agency: Row) -> list[str]:
    settings = ("apology_lead", "signs_letters", "desk_symbol", "paper_symbols", "quiet_from", "quiet_to")
    return ["chair", *(name for name in settings if name in agency)]


def _check(code: str, found: dict[str, Any], acts: list[Row], report: Report) -> None:
    said: dict[str, Any] = {"apology_lead": USUAL_LEAD}  # what it was made with; the rest has no act before the first
    for act in acts:
        for name, value in act["facts"]["before"].items():
            if name in said and said[name] != value:
                message = "the act does not begin where the one before it ended"
                report(Difference("admin_act", f"{code} {act['id']}", name, plain(said[name]), plain(value), message))
        said = dict(act["facts"]["after"])
    for name, value in said.items():
        if name in found and found[name] != value:
            message = "not what the last act on the letters of this agency set"
            report(Difference("agency", code, name, plain(value), plain(found[name]), message))
