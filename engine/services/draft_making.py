"""New drafts: from step tables, spreadsheets, drawings of anybody, published versions, the library, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpmn import assembly, references
from bpmn.errors import BpmnError
from bpmn.findings import Finding
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import VersionId
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services import own_units, procedure_contents, procedure_library, publishing
from engine.services.drafts import LARGEST_SOURCE, LONGEST_CODE, LONGEST_NAME, InvalidDraftError
from engine.services.policies import check_policy
from engine.services.procedure_contents import Content, Reading
from engine.services.transactions import Answer, Request, transact
from engine.store.drafts import ProcedureDraft
from engine.store.unit_of_work import UnitOfWork

MOST_AT_ONCE = 100  #: drafts from one file
FILE_KINDS = ("csv", "xlsx", "json", "bpmn", "xml")
_BLANK = (("Tiếp nhận hồ sơ", "Bộ phận Một cửa", "0.5"), ("Thẩm định, xử lý", "Đơn vị chuyên môn", "1"),
          ("Phê duyệt, ký kết quả", "Lãnh đạo", "0.5"), ("Trả kết quả", "Bộ phận Một cửa", "0"))  # fmt: skip

_NO_DRAWING = frozenset({"xml-hostile", "xml-malformed", "not-bpmn", "process-missing", "processes-too-many"})


class UnknownFileKindError(InvalidInputError):
    """A file is none of the kinds that procedures are read from."""

    code = "unknown-file-kind"


class ReferenceMissingError(NotFoundError):
    """The library has no process under this code."""

    code = "reference-missing"


class NothingToDraftError(ConflictError):
    """Nothing in the file can be made a draft; the details have the findings."""

    code = "nothing-to-draft"


def from_file(
    ctx: Context, *, by: Actor, content: bytes, kind: str, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Make a draft of each procedure in a file.

    Args:
        content: the file.
        kind: its ending, one of FILE_KINDS.
        agency: code of the agency whose drafts they are; None: the default agency.

    Returns:
        ``drafts`` (``id``, ``code``, ``name``, ``findings``) and ``refused`` (``code``, ``findings``).

    Raises:
        UnknownFileKindError, NotAllowedError, AgencyNotFoundError.
        NothingToDraftError: no draft came of it; the details have what is wrong with the file.
    """
    publishing.check_may_publish(ctx, by, agency)
    readings = list(read_file(content, kind))
    return _made(ctx, by, agency, readings, request, keep_broken=kind in ("bpmn", "xml"))


def read_file(content: bytes, kind: str) -> Iterable[Reading]:
    """Read a file of any kind; needs no database.

    Raises:
        UnknownFileKindError.
    """
    if kind in procedure_contents.SHEET_KINDS:
        return procedure_contents.read_sheet(content, kind)
    if kind == "json":
        return procedure_contents.read_json(content)
    if kind in ("bpmn", "xml"):
        return [procedure_contents.read_model(content)]
    raise UnknownFileKindError(f"a file of kind {kind[:20]!r} is not read; give one of {', '.join(FILE_KINDS)}",
                               field="file")  # fmt: skip


def from_tables(
    ctx: Context, *, by: Actor, data: object, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Make a draft of each step table of a decoded JSON list.

    Raises:
        As ``from_file``.
    """
    publishing.check_may_publish(ctx, by, agency)
    return _made(ctx, by, agency, list(procedure_contents.read_tables(data)), request)


def from_version(
    ctx: Context, *, by: Actor, code: str, agency: str, number: int | None = None, request: Request | None = None
) -> Answer:
    """Make a draft of a published version: the one in force, or the ``number``-th.

    Raises:
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        owner = publishing.administered(uow, by, agency)
        procedure = uow.procedures.by_code(owner.id, code)
        version = uow.procedures.in_force(procedure, ctx.clock.now()) if number is None else None
        version = version or uow.procedures.version_number(procedure.id, number or 1)
        content = Content(
            version.source or _source_of(version.model), version.decisions, version.form, version.policy,
            tuple(version.scenarios),
        )  # fmt: skip
        draft = _add(ctx, uow, by, agency, procedure.code, procedure.name, content, based_on=version.id)
        return {"drafts": [_told(draft, ())], "refused": []}

    return transact(ctx, by=by, request=request, work=work)


def from_library(
    ctx: Context, *, by: Actor, code: str, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Make a draft of a reference process that comes with the software.

    Raises:
        ReferenceMissingError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        own = publishing.administered(uow, by, agency).code
    try:
        roles = procedure_library.roles_of(references.read(code))
    except BpmnError as problem:
        raise ReferenceMissingError(str(problem)) from problem
    content = procedure_library.content_of(code, partners=dict.fromkeys(roles, own))
    return _made(ctx, by, agency, [procedure_contents.read_content(content)], request, keep_broken=True)


def blank(
    ctx: Context, *, by: Actor, code: str, name: str, agency: str | None = None, request: Request | None = None
) -> Answer:
    """Make a draft of the four steps that every procedure has: receive, appraise, sign, return.

    Raises:
        InvalidDraftError: code or name is empty or too long.
        AgencyNotFoundError, NotAllowedError.
    """
    for field, value, longest in (("code", code, LONGEST_CODE), ("name", name, LONGEST_NAME)):
        if not 0 < len(value.strip()) <= longest:
            raise InvalidDraftError(f"{field} must have 1 to {longest} characters", field=field)
    lines = [f"{no};{step};{unit};{days};{'x' if no == 3 else ''}" for no, (step, unit, days) in
             enumerate(_BLANK, start=1)]  # fmt: skip
    text = "\n".join(["STT;Bước;Đơn vị;Thời gian;Kết thúc xử lý", *lines])
    above = f'"Mã thủ tục";"{_quoted(code)}"\n"Tên thủ tục";"{_quoted(name)}"\n"Tổng thời hạn";"2"\n'
    readings = list(procedure_contents.read_sheet((above + text).encode(), "csv"))
    return _made(ctx, by, agency, readings, request)


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace('"', '""')


def _made(
    ctx: Context, by: Actor, agency: str | None, readings: list[Reading], request: Request | None, *,
    keep_broken: bool = False,
) -> Answer:  # fmt: skip
    publishing.check_may_publish(ctx, by, agency)
    usable = [each for each in readings if _is_drawing(each) and (each.code or keep_broken)][:MOST_AT_ONCE]
    refused = [{"code": each.code, "findings": _findings(each.findings)} for each in readings if each not in usable]
    if not usable:
        raise NothingToDraftError("nothing of this can be made a draft; see the findings", refused=refused)

    def work(uow: UnitOfWork) -> Answer:
        drafts = []
        owner = publishing.administered(uow, by, agency).id
        for each in (own_units.with_own_units(uow, owner, each) for each in usable):
            assert each.content is not None  # noqa: S101 - chosen by it
            name = _name_of(each)
            drafts.append(_told(_add(ctx, uow, by, agency, each.code, name, each.content), each.findings))
        return {"drafts": drafts, "refused": refused}

    return transact(ctx, by=by, request=request, work=work)


def _is_drawing(read: Reading) -> bool:
    """Whether there is something to draw on, however wrong it may be."""
    return read.content is not None and not any(found.rule in _NO_DRAWING for found in read.findings)


def _add(
    ctx: Context, uow: UnitOfWork, by: Actor, agency: str | None, code: str, name: str, content: Content, *,
    based_on: VersionId | None = None,
) -> ProcedureDraft:  # fmt: skip
    if len(content.source) > LARGEST_SOURCE:
        raise InvalidDraftError(f"the drawing has more than {LARGEST_SOURCE} characters", field="source")
    now = ctx.clock.now()
    return uow.drafts.add(
        ProcedureDraft(
            owner_agency_id=publishing.administered(uow, by, agency).id, code=code[:LONGEST_CODE],
            name=name[:LONGEST_NAME], source=content.source, decisions=content.decisions, form=dict(content.form),
            policy=dict(content.policy) or check_policy({}), scenarios=list(content.scenarios), based_on=based_on,
            published_as=None, created_by=by.id, created_at=now, edited_by=by.id, edited_at=now,
        )
    )  # fmt: skip


def _told(draft: ProcedureDraft, findings: Iterable[Finding]) -> dict[str, Any]:
    return {"id": draft.id, "code": draft.code, "name": draft.name, "findings": _findings(findings)}


def _findings(found: Iterable[Finding]) -> list[dict[str, str]]:
    return [each.as_json() for each in found]


def _name_of(read: Reading) -> str:
    return procedure_contents.name_of(read) or read.code or "Bản vẽ chưa đặt tên"


def _source_of(model: str) -> str:
    """Return the drawing of a version of the time before drawings were kept; one drawn by hand is its own."""
    try:
        return assembly.source_of(model)
    except BpmnError:
        return model
