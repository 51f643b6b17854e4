"""Writing down the papers of a dossier: counted, with files, or taken over from an earlier dossier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.domain.actors import Role
from engine.domain.dossier import Status
from engine.domain.papers import PaperFile, PaperLine, PaperOrigin, is_same_paper
from engine.errors import InvalidInputError
from engine.services.case import Case
from engine.store.dossiers import Paper, Party

LONGEST_NAME = 300  #: characters of the name of a paper
GIVEN_BACK = frozenset({Status.NOT_RECEIVED, Status.WITHDRAWN})  #: their papers went back to the citizen


class PaperNotReusableError(InvalidInputError):
    """A paper cannot be taken over: it is not there, not of this person, or not the paper that is asked for."""

    code = "paper-not-reusable"


def add(case: Case, papers: Sequence[PaperLine], *, supplement: int | None = None) -> list[dict[str, Any]]:
    """Add papers after those that the dossier has; return them as the event keeps them.

    Args:
        supplement: number of the request that they answer; None: they answer none.

    Raises:
        PaperNotReusableError: one that should be taken over cannot be.
    """
    answered = {} if supplement is None else {"supplement_no": supplement}
    first = len(case.uow.dossiers.papers(case.dossier.id)) + 1
    added = []
    for no, facts in enumerate((facts for line in papers for facts in _rows(case, line)), start=first):
        row = Paper(
            dossier_id=case.dossier.id,
            no=no,
            owner_agency_id=case.dossier.owner_agency_id,
            added_at=case.now,
            added_by=case.by.id,
            **answered,
            **facts,
        )
        case.uow.dossiers.add_part(row)
        said = {"no": no, **facts, **answered}
        if row.source_dossier_id is not None:
            said["source_dossier_id"] = str(row.source_dossier_id)
        added.append(said)
    return added


def principal_number(parties: dict[str, Party]) -> str | None:
    """Return the number of the person whose dossier it is: its owner, or the applicant where that is nobody else."""
    person = parties.get("owner") or parties.get("applicant")
    return person.identity_number if person is not None else None


def _rows(case: Case, line: PaperLine) -> Iterator[dict[str, Any]]:
    """Yield the columns of each paper that a line becomes."""
    facts = {"code": line.code, "name": line.name}
    if line.known is not None:
        yield facts | _taken_over(case, line)
        return
    counts = {"originals": line.originals, "copies": line.copies, "source": PaperOrigin.FILED.value}
    yield facts | counts | (_file(line.files[0]) if line.files else {})
    for at, further in enumerate(line.files[1:], start=2):
        name = f"{line.name[: LONGEST_NAME - 12]} (tệp {at})"
        yield facts | counts | {"name": name, "originals": 0, "copies": 0} | _file(further)


def _file(file: PaperFile) -> dict[str, Any]:
    return {"file_sha256": file.sha256, "file_name": file.name, "media_type": file.media_type}


def _taken_over(case: Case, line: PaperLine) -> dict[str, Any]:
    """Return the columns of a paper that the office has: no new copy is asked (domain.md §1.15, invariant 8)."""
    known = line.known
    assert known is not None  # noqa: S101 - asked by the caller
    case.uow.flush()  # the people of this dossier may have been added a moment ago
    store = case.uow.dossiers
    row = store.find(known.dossier)
    paper = next((each for each in store.papers(known.dossier) if each.no == known.no), None)
    number = principal_number(store.parties(case.dossier.id))
    if paper is not None and not (paper.originals or paper.copies or paper.source == PaperOrigin.REUSED):
        paper = None  # struck out by a correction, or a further page of one
    if row is None or paper is None or number is None or row.id == case.dossier.id:
        raise _not_reusable("there is no such paper, or the dossier names no identity number", line)
    if not any(case.by.holds(agency, (Role.DESK,)) for agency in store.agencies(row.id)):
        raise _not_reusable("there is no such paper", line)  # whether there is one is not the actor's to know
    if principal_number(store.parties(row.id)) != number or Status(row.status) in GIVEN_BACK:
        raise _not_reusable("the paper is of another person, or was given back", line)
    if not is_same_paper(paper.name, paper.code, as_name=line.name, as_code=line.code):
        raise _not_reusable("it is another paper", line)
    facts: dict[str, Any] = {
        "originals": 0,
        "copies": 0,
        "source": PaperOrigin.REUSED.value,
        "source_dossier_id": row.id,
        "source_no": paper.no,
    }
    if paper.file_sha256 is not None:
        facts |= {"file_sha256": paper.file_sha256, "file_name": paper.file_name, "media_type": paper.media_type}
    return facts


def _not_reusable(why: str, line: PaperLine) -> PaperNotReusableError:
    return PaperNotReusableError(f"{line.name!r} cannot be taken over: {why}", paper=line.name)
