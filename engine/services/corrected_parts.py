"""What of a dossier a correction changes: people, papers and single facts, as differences and for its event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, tzinfo
from enum import Enum
from typing import Any

from engine.domain.events import EventKind, digest
from engine.domain.identity_numbers import check_identity_number
from engine.domain.text import fold
from engine.errors import InvalidInputError
from engine.services.case import Case
from engine.services.intake import ApplicantMissingError, PaperLine, Person, add_papers, add_person
from engine.store.dossiers import Party

LONGEST_NAME = 300  # of a paper
MOST_SHEETS = 999
MOST_PAPERS = 200


class PaperUnknownError(InvalidInputError):
    """The dossier has no paper with this number, or one is named twice, has no name or too many sheets."""

    code = "paper-unknown"


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A paper as it should be written down."""

    no: int | None  # None: it was brought at the receipt and not written down
    name: str
    originals: int = 1
    copies: int = 0
    struck: bool = False  # it was never brought


@dataclass(frozen=True, slots=True)
class Difference:
    """What was and what is; personal data is in here, so it goes to the one who corrects and nowhere else."""

    what: str
    before: Any
    after: Any

    def as_json(self, zone: tzinfo) -> dict[str, Any]:
        """Return it JSON-ready; instants with the offset of ``zone``."""
        return {"what": self.what, "before": _plain(self.before, zone), "after": _plain(self.after, zone)}


@dataclass(slots=True)
class Planned:
    """What is to be written."""

    differences: list[Difference] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)  # for the event
    columns: dict[str, Any] = field(default_factory=dict)  # of the dossier
    people: dict[str, Person | None] = field(default_factory=dict)  # None: is no party any more
    papers: list[PaperChange] = field(default_factory=list)  # that are changed or struck out
    added: list[PaperLine] = field(default_factory=list)

    def change(self, name: str, before: Any, after: Any, *, said: Any) -> None:
        """Change a column of the dossier."""
        self.differences.append(Difference(name, before, after))
        self.columns[name] = after
        self.facts[name] = said


def plan_people(
    case: Case, planned: Planned, *, applicant: Person | None, owner: Person | None, no_owner: bool
) -> None:
    """Find which people differ.

    Raises:
        ApplicantMissingError: a name is empty. InvalidIdentityError: a number cannot exist.
    """
    parties = case.uow.dossiers.parties(case.dossier.id)
    for role, person in (("applicant", applicant), ("owner", owner)):
        if person is None:
            continue
        if not person.name.strip():
            raise ApplicantMissingError("the name of applicant and owner must not be empty", field=f"{role}.name")
        if person.identity_number:
            check_identity_number(person.identity_number)
        was = parties.get(role)
        changed = [
            Difference(f"{role}.{each.name}", was and getattr(was, each.name), getattr(person, each.name))
            for each in fields(person)
            if (was and getattr(was, each.name)) != getattr(person, each.name)
        ]
        if changed:
            planned.differences += changed
            planned.people[role] = person
    if no_owner and owner is None and "owner" in parties:
        planned.differences.append(Difference("owner", parties["owner"].name, None))
        planned.people["owner"] = None


def plan_papers(case: Case, planned: Planned, papers: Sequence[PaperChange]) -> None:
    """Find which papers differ.

    Raises:
        PaperUnknownError: see there.
    """
    known, gone = {paper.no: paper for paper in case.uow.dossiers.papers(case.dossier.id)}, struck_out(case)
    if len(papers) > MOST_PAPERS:
        raise PaperUnknownError(f"a correction names at most {MOST_PAPERS} papers", field="papers")
    _check_once(papers)
    for each in papers:
        _check_paper(each)
        if each.no is None:
            planned.added.append(PaperLine(name=each.name.strip(), originals=each.originals, copies=each.copies))
            planned.differences.append(Difference("papers", None, _paper_text(each)))
            continue
        paper = known.get(each.no)
        if paper is None:
            raise PaperUnknownError(f"the dossier has no paper number {each.no}", field=f"paper-{each.no}")
        was = PaperChange(paper.no, paper.name, paper.originals, paper.copies, paper.no in gone)
        wanted = replace(each, name=each.name.strip())
        if each.struck:
            wanted = PaperChange(paper.no, paper.name, 0, 0, struck=True)
        if wanted != was:
            planned.papers.append(each)
            planned.differences.append(
                Difference("papers", _paper_text(was), None if each.struck else _paper_text(each))
            )


def struck_out(case: Case) -> frozenset[int]:
    """Return the numbers of the papers that a correction struck out and none wrote down again since."""
    gone: set[int] = set()
    for event in case.uow.events.of_kind(case.dossier.id, EventKind.CORRECTED):
        gone -= {paper["no"] for paper in event.payload.get("rewritten", ())}
        gone |= set(event.payload.get("struck", ()))
    return frozenset(gone)


def write(case: Case, planned: Planned) -> None:
    """Write people, papers and columns, and complete the facts of the event; dates are not touched here."""
    people = {role: _write_person(case, role, person) for role, person in planned.people.items()}
    planned.facts |= {"people": people} if people else {}
    known = {paper.no: paper for paper in case.uow.dossiers.papers(case.dossier.id)}
    renamed, struck = [], []
    for each in planned.papers:
        row = known[each.no or 0]
        row.originals, row.copies = (0, 0) if each.struck else (each.originals, each.copies)
        if each.struck:
            struck.append(row.no)
            continue
        row.name = each.name.strip()
        renamed.append({"no": row.no, "name": row.name, "originals": row.originals, "copies": row.copies})
    planned.facts |= {"rewritten": renamed} if renamed else {}
    planned.facts |= {"struck": struck} if struck else {}
    planned.facts |= {"papers": add_papers(case, planned.added)} if planned.added else {}
    for name, value in planned.columns.items():
        setattr(case.dossier, name, value)
    if planned.people:
        _write_search(case)


def _write_person(case: Case, role: str, person: Person | None) -> str | None:
    """Write a person over what was there, with a new salt; return the digest, None for who is no party any more."""
    row = case.uow.dossiers.parties(case.dossier.id).get(role)
    if person is None:
        if row is not None:
            case.uow.dossiers.remove_party(row)
        return None
    if row is None:
        return add_person(case, role, person)
    facts, row.salt = asdict(person), secrets.token_hex(16)
    for name, value in facts.items():
        setattr(row, name, value)
    return digest([row.salt, *facts.values()])


def _write_search(case: Case) -> None:
    case.uow.flush()
    parties: Mapping[str, Party] = case.uow.dossiers.parties(case.dossier.id)
    rows = [parties[role] for role in ("applicant", "owner") if role in parties]
    parts = [part for row in rows for part in (row.name, row.identity_number, row.phone) if part]
    case.dossier.search = f"{fold(case.dossier.code or '')} {fold(' '.join(parts))}"


def _check_once(papers: Sequence[PaperChange]) -> None:
    numbers = [paper.no for paper in papers if paper.no is not None]
    twice = next((no for no in numbers if numbers.count(no) > 1), None)
    if twice is not None:
        raise PaperUnknownError(f"paper number {twice} is named twice; say once what it is", field=f"paper-{twice}")


def _check_paper(paper: PaperChange) -> None:
    place = f"paper-{'new' if paper.no is None else paper.no}"
    if not paper.struck and not 0 < len(paper.name.strip()) <= LONGEST_NAME:
        raise PaperUnknownError(f"a paper has a name of 1 to {LONGEST_NAME} characters", field=f"{place}-name")
    if not (0 <= paper.originals <= MOST_SHEETS and 0 <= paper.copies <= MOST_SHEETS):
        raise PaperUnknownError(f"a paper has 0 to {MOST_SHEETS} originals and copies", field=f"{place}-originals")


def _paper_text(paper: PaperChange) -> dict[str, Any]:
    return {"name": paper.name.strip(), "originals": paper.originals, "copies": paper.copies}


def _plain(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.value if isinstance(value, Enum) else value
