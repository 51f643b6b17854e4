"""Papers as files: what was scanned or uploaded, kept by content hash, checked to be what it says."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import filetype

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import ENDED
from engine.domain.events import EventKind
from engine.domain.papers import PaperFile
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services import views
from engine.services.case import Case, allow, find, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.dossiers import Paper
from engine.store.unit_of_work import UnitOfWork

LARGEST_FILE = 20 * 1024 * 1024  # bytes
LONGEST_NAME, LONGEST_CODE = 300, 60  # characters
ALLOWED = {  # file name ending: what the content must be; nothing that a browser would run
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class FileNotAllowedError(InvalidInputError):
    """The file is empty, too large, of a kind that is not taken, or not what its name says."""

    code = "file-not-allowed"


class PaperMissingError(NotFoundError):
    """The dossier has no such paper, or the paper has no file."""

    code = "paper-not-found"


class PaperReplacedError(ConflictError):
    """A paper can have one newer version; the next one is a version of that."""

    code = "paper-replaced"


class DossierEndedError(ConflictError):
    """Nothing can be added to a dossier that has ended."""

    code = "dossier-ended"


def add_paper(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    name: str,
    file_name: str,
    content: bytes,
    code: str = "",
    replaces: int | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Add a scanned or uploaded paper to a dossier.

    Args:
        replaces: number of the paper of which it is a new version; that one stays, and gives its name where none is
            given. None: it is a paper of its own.

    The bytes are stored before the row that names them: a crash in between leaves a file without a name, never a
    name without a file.

    Raises:
        FileNotAllowedError: see ``media_type_of``.
        InvalidInputError: no name, name or code too long, or no paper with the number that is replaced.
        PaperReplacedError: that paper has a newer version already.
        DossierEndedError: the dossier has ended.
    """
    media_type = media_type_of(file_name, content)
    _check_named(name.strip() or ("" if replaces is None else str(replaces)), code)
    sha256 = ctx.files.put(content)

    file = {"file_sha256": sha256, "file_name": _bare(file_name), "media_type": media_type}

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        facts: dict[str, Any] = {"code": code, "name": name.strip(), "originals": 0, "copies": 1}
        _add(case, facts | file | ({} if replaces is None else _as_version(case, replaces, facts)))
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def _as_version(case: Case, replaces: int, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a new version: name and code of the old one where none is given."""
    papers = {paper.no: paper for paper in case.uow.dossiers.papers(case.dossier.id)}
    if replaces not in papers:
        raise InvalidInputError(f"the dossier has no paper {replaces}; choose one of its papers", field="replaces")
    newer = next((paper.no for paper in papers.values() if paper.replaces_no == replaces), None)
    if newer is not None:
        message = f"paper {replaces} has a newer version already, number {newer}: choose that one"
        raise PaperReplacedError(message, field="replaces", newer=newer)
    old = papers[replaces]
    return {"name": facts["name"] or old.name, "code": facts["code"] or old.code, "replaces_no": replaces}


def _check_named(name: str, code: str) -> None:
    if not name:
        raise InvalidInputError("the paper needs a name", field="name")
    if len(name) > LONGEST_NAME:
        raise InvalidInputError(f"the name of a paper has at most {LONGEST_NAME} characters", field="name")
    if len(code) > LONGEST_CODE:
        raise InvalidInputError(f"the code of a paper has at most {LONGEST_CODE} characters", field="code")


def store(ctx: Context, *, file_name: str, content: bytes) -> PaperFile:
    """Store a file before the paper that will name it, as ``add_paper`` does.

    Raises:
        FileNotAllowedError: see ``media_type_of``.
    """
    media_type = media_type_of(file_name, content)
    return PaperFile(ctx.files.put(content), _bare(file_name), media_type)


def read_paper(ctx: Context, *, by: Actor, dossier: str, no: int) -> tuple[str, str, bytes]:
    """Return file name, media type and bytes of a paper.

    Raises:
        PaperMissingError: no such paper or no file; FileMissingError: the store lost it.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        papers = {paper.no: paper for paper in uow.dossiers.papers(find(uow, by=by, reference=dossier).id)}
    paper = papers.get(no)
    if paper is None or paper.file_sha256 is None:
        raise PaperMissingError(f"paper {no} of the dossier has no file")
    return (
        paper.file_name or f"giay-to-{no}",
        paper.media_type or "application/octet-stream",
        ctx.files.get(paper.file_sha256),
    )


def _add(case: Case, facts: dict[str, Any]) -> None:
    uow, dossier = case.uow, case.dossier
    allow(case, permissions.check_can_add_papers, agencies=uow.dossiers.agencies(dossier.id))
    if case.status in ENDED:
        raise DossierEndedError("the dossier has ended; nothing can be added", status=dossier.status)
    no = len(uow.dossiers.papers(dossier.id)) + 1
    uow.dossiers.add_part(
        Paper(
            dossier_id=dossier.id,
            no=no,
            owner_agency_id=dossier.owner_agency_id,
            added_at=case.now,
            added_by=case.by.id,
            source="added",
            **facts,
        )
    )
    record(case, EventKind.PAPER_ADDED, {"no": no, "source": "added"} | facts)


def media_type_of(file_name: str, content: bytes) -> str:
    """Return the media type, told by the content and agreed to by the name (S19).

    Raises:
        FileNotAllowedError: empty, larger than 20 MiB, a kind that is not taken, or content and name disagree.
    """
    if not content or len(content) > LARGEST_FILE:
        raise FileNotAllowedError(f"a file has between 1 byte and {LARGEST_FILE // 1024 // 1024} MiB", field="file")
    wanted = ALLOWED.get(PurePosixPath(_bare(file_name)).suffix.lower())
    if wanted is None:
        raise FileNotAllowedError(f"files of this kind are not taken; take one of {', '.join(ALLOWED)}", field="file")
    kind = filetype.guess(content)
    if kind is None or kind.mime != wanted:
        raise FileNotAllowedError(f"the content of {_bare(file_name)!r} is not {wanted}", field="file")
    return wanted


def guessed_type(content: bytes) -> str:
    """Return what the content is by its first bytes: one of ``ALLOWED``, or bytes that nobody opens."""
    kind = filetype.guess(content)
    return kind.mime if kind is not None and kind.mime in ALLOWED.values() else "application/octet-stream"


def _bare(file_name: str) -> str:
    bare = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in bare if char.isprintable())[-150:]
