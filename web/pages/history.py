"""Administration: dossiers of another system are taken over: upload, look, confirm (docs/howto/history-import.md)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import EngineError, InvalidInputError
from engine.services import admin_scope, history_imports
from engine.services.history_imports import HistoryReport
from engine.services.history_rows import HistoryFile
from web.auth import actor, current_context
from web.forms import Refusal, refusal, refuse_unstorable, text
from web.history_refusals import in_words
from web.wording import CHANNELS

LARGEST_FILE = 20 * 1024 * 1024  #: bytes as uploaded
LONGEST_MAPPING = 200_000  #: characters
MOST_HERE = 5_000  #: dossiers that are imported while somebody waits; more by the command

blueprint = Blueprint("history", __name__, url_prefix="/quan-tri/nhap-so-lieu")
blueprint.url_value_preprocessor(refuse_unstorable)


class HistoryFileMissingError(InvalidInputError):
    """No file was chosen, or one that is too large for this page."""

    code = "history-file-missing"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form says: whose dossiers, the mapping, and the file with the seal by which it is named again."""

    agency: str
    mapping: str
    file: HistoryFile | None
    seal: str


@blueprint.get("")
def show() -> str:
    """Show the form, and what was imported before."""
    admin_scope.check_administers(actor())
    return _page(_Asked("", "", None, ""))


@blueprint.post("/xem-truoc")
def look() -> BaseResponse:
    """Read the file and show what an import would do; nothing is written but the file, which is kept."""
    return _answer(does=False)


@blueprint.post("")
def confirm() -> BaseResponse:
    """Import what was looked at; again, it is known."""
    return _answer(does=True)


def _answer(*, does: bool) -> BaseResponse:
    asked = _Asked(text("agency", longest=40), "", None, "")
    history_imports.check_may_import(current_context(), by=actor(), agency=asked.agency)
    try:
        asked = _asked(asked.agency)
        act = history_imports.run if does else history_imports.preview
        report = act(
            current_context(), by=actor(), file=_needed(asked.file), mapping=asked.mapping, agency=asked.agency or None,
            most=MOST_HERE,
        )  # fmt: skip
    except InvalidInputError as error:
        return _refused(asked, error)
    return make_response(_page(asked, report=report, done=does))


def _refused(asked: _Asked, error: EngineError) -> BaseResponse:
    shown = refusal("look", error)
    mapping = asked.mapping or text("mapping", longest=LONGEST_MAPPING)
    return make_response(_page(_Asked(asked.agency, mapping, asked.file, asked.seal), refused=shown), shown.status)


def _asked(agency: str) -> _Asked:
    ctx = current_context()
    upload = request.files.get("mapping_file")
    mapping = text("mapping", longest=LONGEST_MAPPING)
    if upload is not None and upload.filename:
        try:
            mapping = upload.stream.read(LONGEST_MAPPING + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            mapping = "= not UTF-8"  # no TOML: refused with the others
    file = request.files.get("file")
    if file is not None and file.filename:
        content = file.stream.read(LARGEST_FILE + 1)
        if content and len(content) <= LARGEST_FILE:
            return _with_file(agency, mapping, ctx.files.put(content), file.filename[:200])
        return _Asked(agency, mapping, None, "")
    try:
        sha256, name, officer = _sealer().loads(text("kept", longest=1000))
    except (BadSignature, ValueError):
        return _Asked(agency, mapping, None, "")
    if officer != actor().id:
        return _Asked(agency, mapping, None, "")
    return _with_file(agency, mapping, sha256, name)


def _with_file(agency: str, mapping: str, sha256: str, name: str) -> _Asked:
    files = current_context().files
    file = HistoryFile(name, lambda: io.BytesIO(files.get(sha256)))
    return _Asked(agency, mapping, file, str(_sealer().dumps([sha256, name, actor().id])))


def _needed(file: HistoryFile | None) -> HistoryFile:
    if file is None:
        raise HistoryFileMissingError(f"choose a file of at most {LARGEST_FILE // 2**20} MB", field="file")
    return file


def _sealer() -> URLSafeSerializer:
    """Return what seals the name of an uploaded file: nobody reads a stored file by naming its hash."""
    return URLSafeSerializer(str(current_app.secret_key), salt="history-import")


def _page(
    asked: _Asked, *, report: HistoryReport | None = None, done: bool = False, refused: Refusal | None = None
) -> str:
    ctx, by = current_context(), actor()
    agencies = history_imports.agencies_of(ctx, by=by)
    return render_template(
        "administration/history.html",
        agencies=[(each["code"], each["name"]) for each in agencies],
        asked=asked,
        report=None if report is None else _shown(report),
        done=done,
        refused=refused,
        runs=history_imports.listing(ctx, by=by),
        channels=CHANNELS,
        most_here=MOST_HERE,
    )


def _shown(report: HistoryReport) -> dict[str, Any]:
    shown = report.as_json()
    shown["refused"] = [each | {"words": in_words(each)} for each in shown["refused"]]
    return shown
