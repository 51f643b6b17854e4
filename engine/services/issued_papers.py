"""Issued papers: reading them again byte for byte, keeping their files, voiding their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.context import Context
from engine.domain import permissions, permissions_papers
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.official_forms import FormKind
from engine.errors import ConflictError, InvalidInputError
from engine.services import dossier_file, issuing, paper_prints, paper_values, reading, views
from engine.services.case import Case, allow, as_uuid, open_case
from engine.services.officer_names import OfficerNames
from engine.services.transactions import Answer, Request, transact
from engine.store.papers import IssuedPaper, IssuedPaperNotFoundError, PaperId
from engine.store.unit_of_work import UnitOfWork

LONGEST_REASON = 500
_NOT_BY_HAND = frozenset({FormKind.RECEIPT.value, FormKind.APOLOGY.value})  #: others say when these do not count

_OTHERS = "correct the dossier, then the next receipt replaces this one; a letter is withdrawn at its desk"


class VoidReasonError(InvalidInputError):
    """A void number keeps its reason in words: the register shows it."""

    code = "paper-void-reason"


class PaperVoidError(ConflictError):
    """The paper is void already."""

    code = "paper-void"


class PaperNotVoidError(ConflictError):
    """Only what was voided is issued anew, and once."""

    code = "paper-not-void"


class PaperInForceError(ConflictError):
    """A receipt is corrected and a letter is withdrawn: neither is voided by itself."""

    code = "paper-in-force"


def content(ctx: Context, by: Actor, paper_id: str) -> bytes:
    """Return the PDF of an issued paper: the signed file, else the one that is kept, else the same bytes made now.

    Raises:
        IssuedPaperNotFoundError: there is none, or it is not the actor's to know (S05).
        FileMissingError: the store lost a file that was kept.
    """
    return paper_prints.content_of(ctx, read(ctx, by, paper_id))


def read(ctx: Context, by: Actor, paper_id: str) -> IssuedPaper:
    """Return an issued paper.

    Raises:
        IssuedPaperNotFoundError: there is none, or it is not the actor's to know (S05).
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return _readable(uow, by, paper_id)


def told(ctx: Context, *, by: Actor, paper_id: str) -> dict[str, Any]:
    """Return a paper as ``view`` does, with ``dossier`` (id) and ``dossier_code``.

    Raises:
        IssuedPaperNotFoundError: there is none, or it is not the actor's to know (S05).
    """
    with ctx.unit_of_work(read_only=True) as uow:
        paper = _readable(uow, by, paper_id)
        code = None if paper.dossier_id is None else uow.dossiers.get(paper.dossier_id).code
        return {**view(paper), "dossier": str(paper.dossier_id), "dossier_code": code}


def keep(ctx: Context, paper_id: str) -> None:
    """Print a paper and keep its file; nothing happens where it is kept already. For a worker, outside transactions.

    Raises:
        IssuedPaperNotFoundError: there is no such paper.
        FileStoreUnavailableError: the file cannot be kept now.
    """
    known = _known(paper_id)
    with ctx.unit_of_work(read_only=True) as uow:
        paper = uow.papers.get(known)
    if paper.file_sha256 is not None:
        return
    sha256 = ctx.files.put(paper_prints.rendered(paper))  # before the row names it
    with ctx.unit_of_work() as uow:
        row = uow.papers.get(known)
        if row.file_sha256 is None:
            row.file_sha256 = sha256


def listed(ctx: Context, *, by: Actor, dossier: str) -> list[dict[str, Any]]:
    """Return the issued papers of a dossier in order, void ones among them; see ``of_case``.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    return of_dossier(ctx, by=by, dossier=dossier)[1]


def of_dossier(ctx: Context, *, by: Actor, dossier: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the citizen brought (``reading.detail``) and what was issued (``of_case``), read at once.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return reading.told(case)["components"], of_case(case)


def of_case(case: Case) -> list[dict[str, Any]]:
    """Return the issued papers of a case that was opened for reading."""
    names = OfficerNames(case.uow)
    rows = case.uow.papers.of(case.dossier.id)
    superseded = max((row.subject_no for row in rows if row.kind == FormKind.RECEIPT.value), default=0)
    return [
        {
            **view(row),
            "issued_at": case.calendar.local(row.issued_at).isoformat(),
            "issued_by": names.of(row.issued_by),
            "voided_at": None if row.voided_at is None else case.calendar.local(row.voided_at).isoformat(),
            "voided_by": names.of(row.voided_by),
            "replaced": row.kind == FormKind.RECEIPT.value and row.subject_no < superseded,
            "voidable": _is_voidable(case.by, row),
            "reissuable": _is_reissuable(case.by, row, rows),
        }
        for row in rows
    ]


def view(paper: IssuedPaper) -> dict[str, Any]:
    """Return a paper as programs see it; instants in UTC."""
    return {
        "id": str(paper.id),
        "kind": paper.kind,
        "subject": paper.subject_no,
        "form_set": paper.form_set,
        "form_key": paper.form_key,
        "number": paper.number,
        "issued_at": paper.issued_at.isoformat(),
        "signed": paper.signed_sha256 is not None,
        "sha256": paper.signed_sha256 or paper.file_sha256,
        "voided_at": None if paper.voided_at is None else paper.voided_at.isoformat(),
        "void_reason": paper.void_reason,
    }


def void(ctx: Context, by: Actor, paper_id: str, reason: str, *, request: Request | None = None) -> Answer:
    """Void an issued paper; its number stays used and keeps the reason.

    Raises:
        IssuedPaperNotFoundError: there is none, or it is not the actor's to know (S05).
        NotAllowedError: ``permissions_papers.check_can_void``.
        VoidReasonError, PaperVoidError, PaperInForceError: see the message.
    """

    def work(uow: UnitOfWork) -> Answer:
        paper = _readable(uow, by, paper_id)
        case = open_case(ctx, uow, by=by, reference=str(paper.dossier_id))
        uow.session.refresh(paper)  # read before the lock was held
        allow(case, permissions_papers.check_can_void, agency=paper.owner_agency_id)
        _check_voidable(paper, reason.strip())
        issuing.void_within(case, paper, reason=reason.strip())
        return {"paper": view(paper), "dossier": views.summary(case)}

    return transact(ctx, by=by, request=request, work=work)


def issue_again(ctx: Context, by: Actor, paper_id: str, *, request: Request | None = None) -> Answer:
    """Issue a notice anew whose number was voided: it gets the next number and says the same, of the day of today.

    Raises:
        IssuedPaperNotFoundError: there is none, or it is not the actor's to know (S05).
        NotAllowedError: ``permissions_papers.check_can_void``.
        PaperNotVoidError, PaperInForceError: see the message.
        FrozenValuesError: its values were changed.
    """

    def work(uow: UnitOfWork) -> Answer:
        paper = _readable(uow, by, paper_id)
        case = open_case(ctx, uow, by=by, reference=str(paper.dossier_id))
        uow.session.refresh(paper)  # read before the lock was held
        allow(case, permissions_papers.check_can_void, agency=paper.owner_agency_id)
        kind = FormKind(paper.kind)
        if kind.value in _NOT_BY_HAND:
            raise PaperInForceError(_OTHERS, kind=paper.kind)
        if paper.voided_at is None or uow.papers.in_force(case.dossier.id, kind, subject_no=paper.subject_no):
            raise PaperNotVoidError("the paper is in force, or was issued anew already", kind=paper.kind)
        values = paper_values.again(case, paper_prints.values_of_paper(paper))
        made = issuing.issue(case, kind, values, subject_no=paper.subject_no, agency=paper.owner_agency_id)
        return {"paper": view(made), "dossier": views.summary(case)}

    return transact(ctx, by=by, request=request, work=work)


def _check_voidable(paper: IssuedPaper, reason: str) -> None:
    if not reason or len(reason) > LONGEST_REASON:
        message = f"say in 1 to {LONGEST_REASON} characters why the number is void: the register shows it"
        raise VoidReasonError(message, field="reason")
    if paper.voided_at is not None:
        raise PaperVoidError(f"the paper is void since {paper.voided_at:%Y-%m-%d}: {paper.void_reason}")
    if paper.kind in _NOT_BY_HAND:
        raise PaperInForceError(_OTHERS, kind=paper.kind)


def _is_voidable(by: Actor, paper: IssuedPaper) -> bool:
    may = by.may_as(paper.owner_agency_id, permissions_papers.VOIDING)
    return may and paper.voided_at is None and paper.kind not in _NOT_BY_HAND


def _is_reissuable(by: Actor, paper: IssuedPaper, rows: Sequence[IssuedPaper]) -> bool:
    """Whether the actor may issue anew what was void last of its kind and subject."""
    if paper.voided_at is None or paper.kind in _NOT_BY_HAND:
        return False
    same = [each for each in rows if (each.kind, each.subject_no) == (paper.kind, paper.subject_no)]
    counts = all(each.voided_at is not None for each in same)
    return counts and paper is same[-1] and by.may_as(paper.owner_agency_id, permissions_papers.VOIDING)


def _readable(uow: UnitOfWork, by: Actor, paper_id: str) -> IssuedPaper:
    paper = uow.papers.get(_known(paper_id))
    if not permissions.can_read(by, _agencies(uow, paper)):
        raise IssuedPaperNotFoundError(f"there is no paper {paper_id}")
    return paper


def _agencies(uow: UnitOfWork, paper: IssuedPaper) -> frozenset[AgencyId]:
    own = frozenset({paper.owner_agency_id})
    return own if paper.dossier_id is None else uow.dossiers.agencies(paper.dossier_id)


def _known(paper_id: str) -> PaperId:
    known = as_uuid(paper_id)
    if known is None:
        raise IssuedPaperNotFoundError(f"{paper_id!r} is no id of a paper")
    return PaperId(known)
