"""The page of one dossier: what is next, papers, steps, diagram, history, and every act that is open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.acts import Act
from engine.domain.events import EventKind
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.services import attachments, dossier_news, dossier_page, explaining, reading, receipts
from web.auth import actor, current_context
from web.forms import Refusal, refusal, refuse_unstorable
from web.pages import dossier_slips
from web.pages.dossier_forms import perform
from web.security import CSP
from web.timeline import MESSAGES
from web.wording import init_wording

blueprint = Blueprint("dossier", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: init_wording(state.app))

TABS: dict[str, LazyString] = {
    "file": lazy_gettext("Hồ sơ"),
    "papers": lazy_gettext("Giấy tờ"),
    "history": lazy_gettext("Diễn biến"),
    "talk": lazy_gettext("Trao đổi"),
    "time": lazy_gettext("Thời hạn"),
}
PLACES = {"file": "show", "papers": "papers", "history": "history", "talk": "talk", "time": "time"}  # endpoints
TEMPLATES = {
    "file": "dossier/page.html",
    "papers": "dossier/papers.html",
    "history": "dossier/history.html",
    "talk": "dossier/talk_page.html",
    "time": "dossier/time.html",
}
TALKS = (Act.ASK_OPINION, Act.GIVE_OPINION, Act.SUGGEST_REFUSAL, Act.DECLINE_REFUSAL, Act.NOTE)
TAB_OF = {Act.ADD_PAPER: "papers"} | dict.fromkeys(TALKS, "talk")  #: where another tab shows the act

DONE: dict[Act, LazyString] = {
    Act.RECEIVE: lazy_gettext("Đã tiếp nhận hồ sơ."),
    Act.TAKE_SUPPLEMENT: lazy_gettext("Đã ghi nhận giấy tờ bổ sung."),
    Act.SETTLE: lazy_gettext("Đã ghi nhận hoàn thành nghĩa vụ tài chính."),
    Act.HAND_OVER: lazy_gettext("Đã trả kết quả. Hồ sơ kết thúc."),
    Act.COMPLETE: lazy_gettext("Đã hoàn thành bước."),
    Act.ANSWER: lazy_gettext("Đã ghi nhận trả lời."),
    Act.CLAIM: lazy_gettext("Bạn đã nhận việc này."),
    Act.TAKE_BACK: lazy_gettext("Đã thu hồi. Bước vừa làm mở lại cho bạn."),
    Act.SEND_BACK: lazy_gettext("Đã trả lại bước trước."),
    Act.RELEASE: lazy_gettext("Đã trả việc về đơn vị."),
    Act.SUPPLEMENT: lazy_gettext("Đã yêu cầu bổ sung. Thời gian giải quyết tạm dừng."),
    Act.OBLIGATION: lazy_gettext("Đã thông báo nghĩa vụ tài chính. Thời gian giải quyết tạm dừng."),
    Act.TRANSFER: lazy_gettext("Đã chuyển đơn vị xử lý."),
    Act.APOLOGISE: lazy_gettext("Đã lưu dự thảo thư xin lỗi, chờ duyệt."),
    Act.REFUSE_RECEPTION: lazy_gettext("Đã từ chối tiếp nhận."),
    Act.REFUSE: lazy_gettext("Đã từ chối giải quyết. Trả văn bản từ chối cho người dân."),
    Act.WITHDRAW: lazy_gettext("Đã ghi nhận rút hồ sơ."),
    Act.STOP: lazy_gettext("Đã dừng giải quyết hồ sơ."),
    Act.ADD_PAPER: lazy_gettext("Đã thêm giấy tờ."),
    Act.CORRECT: lazy_gettext("Đã đính chính. Giấy tiếp nhận được cấp lại; in và đổi cho người dân."),
    Act.NOTIFY_RESULT: lazy_gettext("Đã ghi nhận báo có kết quả."),
    Act.POST_RESULT: lazy_gettext("Đã ghi nhận gửi bưu chính. Hồ sơ kết thúc khi bạn ghi nhận phát."),
    Act.CONFIRM_DELIVERY: lazy_gettext("Đã ghi nhận kết quả phát của bưu chính."),
    Act.ASK_OPINION: lazy_gettext("Đã xin ý kiến. Bước này vẫn làm tiếp được."),
    Act.GIVE_OPINION: lazy_gettext("Đã gửi ý kiến của đơn vị."),
    Act.SUGGEST_REFUSAL: lazy_gettext("Đã đề xuất từ chối, chờ người có thẩm quyền quyết định."),
    Act.DECLINE_REFUSAL: lazy_gettext("Đã trả lời người đề xuất; hồ sơ tiếp tục được giải quyết."),
    Act.LATE_CAUSE: lazy_gettext("Đã ghi nguyên nhân trễ hạn."),
    Act.NOTE: lazy_gettext("Đã lưu ghi chú."),
    Act.ASSIGN: lazy_gettext("Đã phân công lại việc."),
    Act.URGE: lazy_gettext("Đã nhắc người xử lý."),
    Act.ESCALATE: lazy_gettext("Đã báo cáo lên người duyệt, ký."),
}


@blueprint.get("/ho-so/<reference>")
def show(reference: str) -> str:
    """Show the dossier: what is next, the line of its steps, dates and people."""
    return _page(reference, None)


@blueprint.get("/ho-so/<reference>/giay-to")
def papers(reference: str) -> str:
    """Show the papers with their versions, and what can be printed."""
    return _page(reference, None, "papers")


@blueprint.get("/ho-so/<reference>/dien-bien")
def history(reference: str) -> str:
    """Show the steps, the hand-overs and all that happened."""
    return _page(reference, None, "history")


@blueprint.get("/ho-so/<reference>/trao-doi")
def talk(reference: str) -> str:
    """Show what officers said to each other about the dossier."""
    return _page(reference, None, "talk")


@blueprint.get("/ho-so/<reference>/thoi-han")
def time(reference: str) -> str:
    """Show why its date is what it is, who used the time, and where the process stands on its drawing."""
    return _page(reference, None, "time")


@blueprint.get("/ho-so/<reference>/moi")
def news(reference: str) -> Response:
    """Tell a page that is open what has happened since; 204 and nothing where nothing has."""
    after = request.args.get("sau", default=0, type=int)
    found = dossier_news.since(current_context(), by=actor(), dossier=reference, after=after)
    if found is None:
        return Response(status=204)
    return Response(render_template("dossier/news.html", **found, reference=reference))


@blueprint.get("/ho-so")
def find() -> BaseResponse:
    """Go to the dossier whose code was typed or scanned."""
    code = request.args.get("ma", "").strip()
    return redirect(url_for("dossier.show", reference=code) if code else "/")


@blueprint.post("/ho-so/<reference>/<any({}):act>".format(", ".join(f"'{act}'" for act in Act)))
def do(reference: str, act: str) -> BaseResponse:
    """Do one act; a refused form comes back on the fresh page with all that was typed."""
    try:
        answer = perform(Act(act), reference)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        shown = refusal(act, error)
        return make_response(_page(reference, shown, TAB_OF.get(Act(act), "file")), shown.status)
    flash(str(DONE[Act(act)]), "success")
    place = PLACES[TAB_OF.get(Act(act), "file")]
    return redirect(url_for(f"dossier.{place}", reference=answer["code"] or answer["id"]), 303)


@blueprint.get("/ho-so/<reference>/giay-tiep-nhan.pdf")
def receipt(reference: str) -> Response:
    """Return the receipt to print (form 01)."""
    return pdf_response(receipts.pdf(current_context(), by=actor(), dossier=reference), f"giay-tiep-nhan-{reference}")


@blueprint.get("/ho-so/<reference>/giai-trinh-thoi-han.pdf")
def why_paper(reference: str) -> Response:
    """Return the account of the promise to print."""
    content = explaining.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"giai-trinh-thoi-han-{reference}")


@blueprint.get("/ho-so/<reference>/in/<any({}):kind>".format(", ".join(f"'{kind}'" for kind in dossier_slips.KINDS)))
def slip(reference: str, kind: str) -> str:
    """Show a plain slip to print, of what was asked or refused before papers were issued."""
    ctx, by = current_context(), actor()
    dossier = reading.detail(ctx, by=by, dossier=reference)
    timeline = reading.timeline(ctx, by=by, dossier=reference)
    said = dossier_slips.said_on(kind, dossier, timeline, no=request.args.get("no", default=0, type=int))
    if said is None:
        abort(404)
    return render_template(
        "dossier/slip.html",
        dossier=dossier,
        reference=dossier["code"] or dossier["id"],
        kind=kind,
        title=str(dossier_slips.TITLES[kind]),
        said=said,
    )


@blueprint.get("/ho-so/<reference>/so-do.bpmn")
def diagram(reference: str) -> Response:
    """Return the model of the dossier's version."""
    facts = reading.diagram(current_context(), by=actor(), dossier=reference)
    return Response(facts["model"], mimetype="application/xml")


@blueprint.get("/ho-so/<reference>/giay-to/<int:no>")
def paper(reference: str, no: int) -> Response:
    """Return the file of a paper, always to be saved: nothing that came from outside is shown in our origin."""
    name, media_type, content = attachments.read_paper(current_context(), by=actor(), dossier=reference, no=no)
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def pdf_response(content: bytes, name: str) -> Response:
    """Return a paper of ours, shown in the browser and in a frame of our own pages, from where it is printed."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = dump_options_header("inline", {"filename": f"{name}.pdf"})
    response.headers["Content-Security-Policy"] = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _page(reference: str, refused: Refusal | None, tab: str = "file") -> str:
    shown = dossier_page.page(
        current_context(), by=actor(), dossier=reference, tab=tab, task=request.values.get("task")
    )  # fmt: skip
    dossier, timeline = shown["dossier"], shown["timeline"]
    if dossier["code"] is not None and reference != dossier["code"] and request.method == "GET":
        abort(redirect(url_for(f"dossier.{PLACES[tab]}", reference=dossier["code"])))  # one address for one dossier
    names = list(PLACES)
    at = names.index(tab)
    return render_template(
        TEMPLATES[tab],
        **shown,
        reference=dossier["code"] or dossier["id"],
        tab=tab,
        tabs=[(name, label, PLACES[name], marks_of(shown).get(name)) for name, label in TABS.items()],
        before_tab=names[at - 1],
        after_tab=names[(at + 1) % len(names)],
        steps=in_order(dossier["steps"], timeline),
        slips=dossier_slips.slips_of(dossier, shown.get("issued", ())),
        used=used_on_drawing(shown.get("stations", [])),
        message_labels=MESSAGES,
        refused=refused,
        title=dossier["code"] or _("Hồ sơ chờ tiếp nhận"),
    )


def marks_of(shown: dict[str, Any]) -> dict[str, str]:
    """Return what tabs say beside their name: how many papers are new, how much was said and waits for an answer."""
    fresh, talk = shown["new_papers"], shown["talk"]
    said = sum(len(talk[kind]) for kind in ("opinions", "refusal_suggestions", "notes"))
    return {"papers": _("%(num)s mới", num=fresh) if fresh else "", "talk": str(said) if said else ""}


def used_on_drawing(line: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the working minutes of each node that was reached, and whether it was late, for the drawing."""
    return [
        {"node": step["node"], "minutes": step["used_minutes"], "late": step["late"]}
        for step in line
        if step["used_minutes"] is not None
    ]


def in_order(steps: list[dict[str, Any]], timeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps as the history opened them; several may have been opened at the same instant."""
    opened = {event["facts"].get("task"): event["seq"] for event in timeline if event["kind"] == EventKind.TASK_OPENED}
    return sorted(steps, key=lambda step: opened.get(step["id"], 0))
