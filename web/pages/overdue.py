"""What is late and what will be: the overdue board, its lists, and what a supervisor does with chosen dossiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.domain.ageing import Age
from engine.reports import late_list, overdue_board, worklists
from engine.reports.filters import Queue
from engine.services import office_documents, supervision
from engine.services.officer_settings import InboxColumn
from web.auth import actor, current_context, safe_next
from web.docx_files import docx_response
from web.forms import text
from web.pages import inbox_columns, inbox_query
from web.pages.dossier import pdf_response
from web.pages.inbox_query import Listed
from web.refusals import WORDINGS
from web.streamed_files import list_file
from web.wording import LETTER_LOOKS, instant

blueprint = Blueprint("overdue", __name__)

PAGE = 50
MOST_AT_ONCE = 200
QUEUES: dict[Queue, LazyString] = {  # the worst to come first: there is still something to be done about it
    Queue.WILL_BE_LATE: lazy_gettext("Sẽ trễ"),
    Queue.OVERDUE: lazy_gettext("Đã quá hạn"),
    Queue.DUE_SOON: lazy_gettext("Sắp đến hạn"),
    Queue.PAUSED: lazy_gettext("Tạm dừng"),
    Queue.TO_RETURN: lazy_gettext("Chờ trả kết quả"),
    Queue.ALL: lazy_gettext("Tất cả"),
}
AGES: dict[Age, LazyString] = {
    Age.HOURS: lazy_gettext("đến 4 giờ"),
    Age.DAY: lazy_gettext("đến 1 ngày"),
    Age.DAYS: lazy_gettext("1–3 ngày"),
    Age.WEEKS: lazy_gettext("3–10 ngày"),
    Age.LONGER: lazy_gettext("trên 10 ngày"),
}
SHOWN = (
    InboxColumn.APPLICANT, InboxColumn.PROCEDURE, InboxColumn.STEP, InboxColumn.UNIT, InboxColumn.OFFICER,
    InboxColumn.DUE,
)  # fmt: skip  #: columns of the list and its file, before the new date and the letter


@blueprint.get("/qua-han")
def show() -> str:
    """Show the board of what is overdue above its list; ``xem`` names another queue, filters as in the inbox."""
    ctx, by = current_context(), actor()
    listed = asked()
    page = worklists.page(
        ctx, by=by, queue=listed.queue, filters=listed.filters, cursor=listed.cursor, limit=PAGE
    )  # fmt: skip
    whole = listed.queue is Queue.OVERDUE and not listed.typed and listed.cursor is None
    return render_template(
        "overdue/list.html",
        page=page,
        listed=listed,
        queue=listed.queue,
        queues=QUEUES,
        labels=inbox_query.LABELS,
        address=lambda **changes: address(listed, **changes),
        list_of=list_of,
        count_text=inbox_query.count_text,
        board=overdue_board.board(ctx, by=by) if whole else None,
        ages=AGES,
        may_press=bool(by.agencies_with(Role.SUPERVISOR)),
        may_watch=bool(by.agencies_with(Role.SUPERVISOR, Role.AUDITOR, Role.APPROVER)),
    )


@blueprint.get("/qua-han/ho-so.<any('csv', 'xlsx'):kind>")
def export_list(kind: str) -> Response | tuple[str, int]:
    """Return exactly the list as a file: all its rows in its order, its filters, its columns."""
    listed = asked()
    if listed.problem is not None:
        return show(), 422  # the page says which filter cannot be read; a file without it would be another list
    found = worklists.walk(current_context(), by=actor(), queue=listed.queue, filters=listed.filters)
    rows = ([*inbox_columns.cells(row, SHOWN), instant(row["extended_due_at"]), _letter(row)] for row in found)
    header = [*inbox_columns.header(SHOWN), _("Hẹn lại"), _("Thư xin lỗi")]
    return list_file(kind, header, rows, sheet=_("Hồ sơ"), name=listed.queue.value)


def _letter(row: dict[str, Any]) -> str | None:
    """Return what the list shows of a letter of apology."""
    return None if row["letter"] is None else str(LETTER_LOOKS[row["letter"]["state"]].label)


@blueprint.get("/qua-han/bao-cao.<any('pdf', 'docx'):kind>")
def report(kind: str) -> Response:
    """Return the late dossiers of the list as a report to sign and send upwards."""
    ctx, listed = current_context(), asked()
    which = {"what": str(QUEUES[listed.queue]), "queue": listed.queue, "filters": listed.filters}
    if kind == "pdf":
        return pdf_response(late_list.pdf(ctx, by=actor(), **which), "bao-cao-qua-han")
    agency, values = late_list.values(ctx, by=actor(), **which)
    return docx_response(office_documents.of_values(ctx, agency, values), "bao-cao-qua-han")


@blueprint.post("/qua-han/viec")
def press() -> str | BaseResponse:
    """Do with the chosen dossiers what the button says; a verdict for each."""
    chosen = _chosen()
    if not chosen:
        flash(_("Chưa chọn hồ sơ nào."), "warning")
        return redirect(safe_next(request.form.get("next")) or url_for("overdue.show"), 303)
    act = text("lam", longest=20)
    if act == "assign":
        tasks = [each.task for each in chosen if each.task]
        return redirect(url_for("supervisor.assignment", viec=tasks), 303)
    if act not in _PRESSING:
        flash(_("Chưa chọn việc cần làm."), "warning")
        return redirect(safe_next(request.form.get("next")) or url_for("overdue.show"), 303)
    return verdicts_page(_PRESSING[act](chosen), back=safe_next(request.form.get("next")), act=act)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row that was ticked; ``task`` is empty where no step is open."""

    task: str
    dossier: str
    code: str


def verdicts_page(verdicts: list[dict[str, Any]], *, back: str, act: str) -> str:
    """Show what became of each chosen dossier."""
    return render_template(
        "supervisor/verdicts.html",
        verdicts=[each | {"text": _why(each)} for each in verdicts],
        back=back or url_for("overdue.show"),
        act=act,
    )


def _chosen() -> list[Chosen]:
    parts = [value.split("|", 2) for value in request.form.getlist("chon")[:MOST_AT_ONCE]]
    return [Chosen(*each) for each in parts if len(each) == 3]


def _urge(chosen: list[Chosen]) -> list[dict[str, Any]]:
    with_task = [each for each in chosen if each.task]
    note = text("note", longest=500) or None
    made = supervision.urge_many(current_context(), by=actor(), task_ids=[each.task for each in with_task], note=note)
    codes = {each.task: each.code for each in with_task}
    without = [{"dossier": each.code, "done": False, "code": "nobody-to-urge"} for each in chosen if not each.task]
    return [each | {"dossier": codes[each["task"]]} for each in made] + without


def _escalate(chosen: list[Chosen]) -> list[dict[str, Any]]:
    made = supervision.escalate_many(
        current_context(), by=actor(), dossiers=[each.dossier for each in chosen], reason=text("note", longest=500)
    )
    codes = {each.dossier: each.code for each in chosen}
    return [each | {"dossier": codes[each["dossier_id"]]} for each in made]


_PRESSING = {"urge": _urge, "escalate": _escalate}


def _why(verdict: dict[str, Any]) -> str:
    wording = WORDINGS.get(verdict.get("code", ""))
    return f"{wording.happened} {wording.remedy}" if wording else str(verdict.get("why", ""))


def asked() -> Listed:
    """Return the list that the address asks for: ``xem`` is the queue, what is overdue without one."""
    given = {name: value for name, value in request.args.items() if name != "xem"}
    queue = request.args.get("xem", "")
    return inbox_query.read(given | {"hang-doi": queue if queue in set(QUEUES) else Queue.OVERDUE.value})


def address(listed: Listed, endpoint: str = "overdue.show", **changes: str | None) -> str:
    """Return the address of a list with some of its parts changed, or of what an endpoint offers for it."""
    values = {key: changes.pop(key) for key in ("kind",) if key in changes}
    parts = listed.query(**changes)
    parts["xem"] = parts.pop("hang-doi")
    return url_for(endpoint, **values, **parts)


def list_of(queue: str, where: dict[str, Any]) -> str:
    """Return the address of the list of a queue under some filters."""
    parts = {inbox_query.NAMES[name]: "1" if value is True else str(value) for name, value in where.items()}
    return url_for("overdue.show", xem=queue, **parts)
