"""The counter: find the procedure, fill in the form, see the promise, receive and print in one key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.deadlines import StartRule
from engine.domain.dossier import Channel
from engine.domain.fields import InvalidFieldsError
from engine.domain.identity_numbers import Doubt, doubts
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.reports.filters import storable
from engine.reports.kept_promises import DAYS, kept_lately
from engine.reports.online_waiting import online_waiting
from engine.services import counter, form_drafts, intake, reading
from engine.services.promise_simulator import Receipt
from engine.services.transactions import Answer
from web.asked_fields import answers, beside_their_field
from web.auth import actor, current_context
from web.forms import Refusal, named_request, new_key, refusal, text
from web.pages import counter_drafts, counter_forms
from web.security import CSP

blueprint = Blueprint("counter", __name__)

RECEIPTS: dict[str, LazyString] = {
    Receipt.NOW: lazy_gettext("Bây giờ"),
    Receipt.AFTER_BREAK: lazy_gettext("Ca sau, hôm nay"),
    Receipt.TOMORROW: lazy_gettext("Ngày làm việc sau"),
}
REASONS: dict[str, LazyString] = {  # in a word or two, why counting does not begin at the receipt
    StartRule.BEFORE_OPENING: lazy_gettext("chưa mở cửa"),
    StartRule.BREAK: lazy_gettext("giờ nghỉ"),
    StartRule.AFTER_CLOSING: lazy_gettext("hết giờ làm việc"),
    StartRule.DAY_OFF: lazy_gettext("ngày nghỉ"),
    StartRule.CUTOFF: lazy_gettext("quá giờ chốt"),
}
BECAUSE: dict[str, LazyString] = {  # the same inside a sentence that is read out
    StartRule.BEFORE_OPENING: lazy_gettext("nhận trước giờ mở cửa"),
    StartRule.BREAK: lazy_gettext("nhận trong giờ nghỉ"),
    StartRule.AFTER_CLOSING: lazy_gettext("nhận khi đã hết giờ làm việc"),
    StartRule.DAY_OFF: lazy_gettext("nhận vào ngày nghỉ"),
    StartRule.CUTOFF: lazy_gettext("nhận sau giờ chốt"),
}
DOUBTS: dict[Doubt, LazyString] = {
    Doubt.LETTERS: lazy_gettext("Số này có ký tự không phải chữ số; căn cước có 12 chữ số."),
    Doubt.LENGTH: lazy_gettext("Số căn cước có 12 chữ số; số này dài hoặc ngắn hơn."),
    Doubt.OLD_CARD: lazy_gettext("Đây là số CMND 9 số, hết giá trị từ 01/01/2025; hỏi số căn cước."),
    Doubt.REPEATED: lazy_gettext("Số này chỉ gồm một chữ số lặp lại."),
    Doubt.PROVINCE: lazy_gettext("Ba số đầu không phải mã tỉnh, thành phố hay quốc gia nào."),
    Doubt.FUTURE: lazy_gettext("Số này nói sinh vào một năm chưa đến."),
    Doubt.AGE: lazy_gettext("Số này nói sinh cách đây hơn 120 năm."),
}
MOST_WAITING = 20
FORM = "receive"
_CSP = f"{CSP}; frame-src 'self' blob:"  # a scan is looked at before it is sent


@blueprint.get("/quay")
def show() -> BaseResponse:
    """Show the search, the form of the chosen procedure, what waits from online, and the drafts."""
    query = request.args.get("q", "").strip()[:100]
    if query and "procedure" not in request.args:
        found = counter.offers(current_context(), by=actor(), query=query)
        if len(found) == 1:  # nothing to choose from
            slip = request.args.get("slip") or None
            return redirect(url_for("counter.show", procedure=found[0]["code"], agency=found[0]["agency"], slip=slip))
    draft = storable(request.args.get("nhap", ""))
    return _answer(_page(None, counter_drafts.read(draft) if draft else None), 200)


@blueprint.get("/quay/thu-tuc")
def offers() -> str:
    """Return the procedures that fit what is being typed; a fragment for htmx."""
    query = request.args.get("q", "").strip()[:100]
    return render_template("counter/offers.html", offers=counter.offers(current_context(), by=actor(), query=query))


@blueprint.get("/quay/hen-tra")
def promise() -> str:
    """Return what would be promised now or later; a fragment that the form asks for again each minute."""
    return render_template(
        "counter/promise.html", chosen=_chosen(), receipts=RECEIPTS, reasons=REASONS, because=BECAUSE
    )


@blueprint.post("/quay/nguoi-nop")
def known_applicant() -> str:
    """Return whom earlier dossiers name under a number; by POST, so that no number stands in an address or log."""
    number, prefix = text("identity_number", longest=40).replace(" ", ""), text("prefix", longest=10)
    found = counter.known_applicant(current_context(), by=actor(), identity_number=number)
    prefix = prefix if prefix in ("", "owner_") else ""
    return render_template("counter/known.html", found=found, doubts=_doubts(number), prefix=prefix)


@blueprint.post("/quay/tra-nguoi-nop")
def look_up() -> BaseResponse:
    """Show the form with the applicant filled in from earlier dossiers: the way without scripts."""
    typed = request.form.to_dict()
    found = counter.known_applicant(
        current_context(), by=actor(), identity_number=text("identity_number", longest=40).replace(" ", "")
    )
    for name in ("name", "phone", "email", "address") if found else ():
        typed[name] = typed.get(name) or (found or {}).get(name) or ""
    return _answer(_page(None, counter_drafts.Shown(typed=typed, place=_place())), 200)


@blueprint.post("/quay/tiep-nhan")
def receive() -> BaseResponse:
    """Receive the dossier; a refused form comes back with everything that was typed."""
    try:
        answer = _receive()
    except (InvalidInputError, NotFoundError, ConflictError, ForbiddenError) as error:
        shown = refusal(FORM, error)
        return _answer(_page(shown, None), shown.status)
    form_drafts.drop(current_context(), by=actor(), place=_place())
    return redirect(url_for("counter.received", code=answer["code"], **{"in": 1}), 303)


@blueprint.get("/quay/tiep-nhan")
def receive_again() -> BaseResponse:
    """Lead back to the counter: this address only takes forms, and signing in anew may lead here."""
    return redirect(url_for("counter.show"))


def _receive() -> Answer:
    try:
        filing = counter_forms.filing(_chosen())
        return intake.receive(current_context(), by=actor(), filing=filing, request=named_request())
    except InvalidFieldsError as error:
        raise beside_their_field(error) from error


@blueprint.route("/quay/giay-to", methods=["GET", "POST"])
def papers() -> str:
    """Return the check-list of the case as its answers decide it, with what is there already of this person.

    A fragment that the form asks for when they change, by POST when it names a person. What was ticked and typed into
    the list so far stays.
    """
    chosen = _chosen()
    typed = request.values.to_dict()
    rows = counter_forms.paper_rows(chosen, counter_forms.number_of(request.form))
    return render_template("counter/papers.html", papers=rows, typed=counter_forms.kept_ticks(chosen, typed))


@blueprint.get("/quay/da-nhan/<code>")
def received(code: str) -> str:
    """Show code and date of what was just received, with the receipt to print, and what is odd about its numbers."""
    dossier = reading.detail(current_context(), by=actor(), dossier=code)
    people = [person for person in (dossier["applicant"], dossier["owner"]) if person]
    odd = [(person["name"], said) for person in people for said in _doubts(person["identity_number"] or "")]
    printing = request.args.get("in") == "1"
    return render_template("counter/received.html", dossier=dossier, printing=printing, odd=odd)


def _page(refused: Refusal | None, shown: counter_drafts.Shown | None) -> str:
    """Return the page; what was typed before comes from a refusal, or from a draft."""
    ctx, by = current_context(), actor()
    query = request.args.get("q", "").strip()[:100]
    typed = refused.typed if refused else shown.typed if shown else {}
    chosen, lost = _chosen_or_none(typed)
    ticks = counter_forms.kept_ticks(chosen, typed) if chosen and shown else typed
    return render_template(
        "counter/page.html",
        query=query,
        chosen=chosen,
        **_kept(chosen),
        receipts=RECEIPTS,
        reasons=REASONS,
        because=BECAUSE,
        lost=lost,
        draft_gone=bool(request.args.get("nhap")) and shown is None,
        offers=[] if chosen else counter.offers(ctx, by=by, query=query),
        drafts=[] if chosen else counter_drafts.listed(),
        desks=[(desk["code"], desk["name"]) for desk in counter.desks(ctx, by=by)] if chosen else [],
        waiting=[] if chosen else online_waiting(ctx, by=by, limit=MOST_WAITING),
        refused=refused,
        drafted={"form": FORM, "typed": typed},
        shown=shown,
        place=shown.place if shown and shown.place else _place(),
        papers=counter_forms.paper_rows(chosen, counter_forms.number_of(typed)),
        typed=ticks,
    )


def _answer(page: str, status: int) -> BaseResponse:
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _CSP
    return response


def _place() -> str:
    """Return the place of the form's draft; one of its own for a form that is opened anew.

    A draft that an address names and nobody has may wait in the tab, unsaved as the session ended: it keeps its place.
    """
    try:
        return f"counter/{UUID(text('draft', longest=40) or request.args.get('nhap', ''))}"
    except ValueError:
        return f"counter/{new_key()}"


def _kept(chosen: dict[str, Any] | None) -> dict[str, Any]:
    """Return how often promises of the chosen procedure were kept lately, and since which day that is counted."""
    if chosen is None:
        return {}
    kept = kept_lately(current_context(), by=actor(), procedure=chosen["code"], agency=chosen["agency"])
    return {"kept": kept, "kept_days": DAYS, "kept_from": date.fromisoformat(kept["from"])}


def _chosen(typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the chosen procedure as the answers so far decide it."""
    sent: Mapping[str, Any] = {**(typed or {}), **request.values.to_dict()}
    procedure, agency = (storable(str(sent.get(name, ""))) for name in ("procedure", "agency"))
    asked: dict[str, Any] = {
        "by": actor(),
        "procedure": procedure,
        "agency": agency or None,
        "channel": _channel(str(sent.get("channel", ""))),
        "case": storable(str(sent.get("case", ""))).strip()[:120] or None,
    }
    chosen = counter.preview(current_context(), **asked)
    facts = answers(chosen["form"], sent)
    return counter.preview(current_context(), **asked, facts=facts) if facts else chosen


def _channel(typed: str) -> Channel:
    """Return the channel that was chosen; the form begins with the direct one."""
    return Channel(typed) if typed in set(Channel) else Channel.DIRECT


def _chosen_or_none(typed: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """Return the chosen procedure with its promise; else why there is none, so that the search can be used again."""
    if not (request.values.get("procedure") or typed.get("procedure")):
        return None, None
    try:
        return _chosen(typed), None
    except EngineError as error:
        successor = error.details.get("replaced_by")
        said = str(refusal("choose", error).message)
        return None, said if not successor else f"{said} {_successor(successor, error.details.get('successor_name'))}"


def _successor(code: str, name: str | None) -> str:
    return _("Nhận theo thủ tục thay thế: %(code)s.", code=f"{code} – {name}" if name else code)


def _doubts(number: str) -> list[LazyString]:
    """Return what is odd about a number while it is typed: a warning, nothing is blocked (domain.md §3.4)."""
    bare = number.replace(" ", "")
    return [DOUBTS[doubt] for doubt in doubts(bare, year=current_context().clock.now().year)] if bare else []
