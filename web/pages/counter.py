"""The counter: find the procedure, fill in the form, see the promise, receive and print in one key."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.deadlines import StartRule
from engine.domain.dossier import Channel, ResultChannel, Status
from engine.domain.fields import InvalidFieldsError
from engine.domain.identity_numbers import Doubt, InvalidIdentityError, check_identity_number, doubts
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.reports import worklists
from engine.reports.filters import Filters, Queue, storable
from engine.reports.kept_promises import DAYS, kept_lately
from engine.services import counter, intake, reading
from engine.services.promise_simulator import Receipt
from engine.services.transactions import Answer
from web.asked_fields import answers, beside_their_field
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, instant, named_request, refusal, text

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
FREE_LINES = 3  #: papers beside the procedure's list
MOST_PAPERS = 60
MOST_WAITING = 20


@blueprint.get("/quay")
def show() -> str:
    """Show the search, the form of the chosen procedure and what waits from online."""
    return _page(None)


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
    number = text("identity_number", longest=20)
    found = counter.known_applicant(current_context(), by=actor(), identity_number=number)
    return render_template("counter/known.html", found=found, doubts=_doubts(number))


@blueprint.post("/quay/tiep-nhan")
def receive() -> BaseResponse:
    """Receive the dossier; a refused form comes back with everything that was typed."""
    try:
        answer = _receive()
    except (InvalidInputError, NotFoundError, ConflictError, ForbiddenError) as error:
        shown = refusal("receive", error)
        return make_response(_page(shown), shown.status)
    return redirect(url_for("counter.received", code=answer["code"], **{"in": 1}), 303)


def _receive() -> Answer:
    try:
        return intake.receive(current_context(), by=actor(), filing=_filing(), request=named_request())
    except InvalidFieldsError as error:
        raise beside_their_field(error) from error


@blueprint.get("/quay/giay-to")
def papers() -> str:
    """Return the check-list of the case as its answers decide it; a fragment that the form asks for when they change.

    What was ticked and typed into the list so far stays.
    """
    chosen = _chosen()
    typed = {name: value for name, value in request.args.items() if name.startswith("paper-")}
    return render_template("counter/papers.html", papers=_paper_rows(chosen), typed=_kept_ticks(chosen, typed))


def _kept_ticks(chosen: dict[str, Any], typed: dict[str, str]) -> dict[str, str]:
    """Return what was typed under the places that the papers have in the list now; they are known by name."""
    before = {value: name.removesuffix("-name") for name, value in typed.items() if name.endswith("-name") and value}
    now = {paper["name"]: f"paper-{at}" for at, paper in enumerate(chosen["papers"])}
    first_free = len(chosen["papers"])
    others = [name for name in before if name not in now]
    written = [name for name in others if f"{before[name]}-code" not in typed]  # those of the list have a code field
    now |= {name: f"paper-{first_free + at}" for at, name in enumerate(written[:FREE_LINES])}
    kept: dict[str, str] = {}
    for name, place in now.items():
        was = before.get(name)
        for part in ("have", "name", "originals", "copies") if was else ():
            if f"{was}-{part}" in typed:
                kept[f"{place}-{part}"] = typed[f"{was}-{part}"]
    return kept


@blueprint.get("/quay/da-nhan/<code>")
def received(code: str) -> str:
    """Show code and date of what was just received, with the receipt to print."""
    dossier = reading.detail(current_context(), by=actor(), dossier=code)
    return render_template("counter/received.html", dossier=dossier, printing=request.args.get("in") == "1")


def _page(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    query = request.args.get("q", "").strip()[:100]
    waiting = worklists.page(
        ctx, by=by, queue=Queue.ALL, filters=Filters(status=Status.SUBMITTED.value), limit=MOST_WAITING
    )
    chosen, lost = _chosen_or_none()
    return render_template(
        "counter/page.html",
        query=query,
        chosen=chosen,
        **_kept(chosen),
        receipts=RECEIPTS,
        reasons=REASONS,
        because=BECAUSE,
        lost=lost,
        offers=[] if chosen else counter.offers(ctx, by=by, query=query),
        desks=[(desk["code"], desk["name"]) for desk in counter.desks(ctx, by=by)],
        waiting=waiting.items,
        refused=refused,
        papers=_paper_rows(chosen),
        typed=refused.typed if refused else {},
    )


def _kept(chosen: dict[str, Any] | None) -> dict[str, Any]:
    """Return how often promises of the chosen procedure were kept lately, and since which day that is counted."""
    if chosen is None:
        return {}
    kept = kept_lately(current_context(), by=actor(), procedure=chosen["code"], agency=chosen["agency"])
    return {"kept": kept, "kept_days": DAYS, "kept_from": date.fromisoformat(kept["from"])}


def _chosen() -> dict[str, Any]:
    procedure, agency = (storable(request.values.get(name, "")) for name in ("procedure", "agency"))
    ctx, by = current_context(), actor()
    chosen = counter.preview(ctx, by=by, procedure=procedure, agency=agency or None)
    facts = answers(chosen["form"])
    return counter.preview(ctx, by=by, procedure=procedure, agency=agency or None, facts=facts) if facts else chosen


def _chosen_or_none() -> tuple[dict[str, Any] | None, str | None]:
    """Return the chosen procedure with its promise; else why there is none, so that the search can be used again."""
    if not request.values.get("procedure"):
        return None, None
    try:
        return _chosen(), None
    except EngineError as error:
        successor = error.details.get("replaced_by")
        said = str(refusal("choose", error).message)
        return None, said if not successor else f"{said} {_successor(successor, error.details.get('successor_name'))}"


def _successor(code: str, name: str | None) -> str:
    return _("Nhận theo thủ tục thay thế: %(code)s.", code=f"{code} – {name}" if name else code)


def _filing() -> intake.Filing:
    owner = None
    if text("owner_name") or text("owner_identity_number"):
        owner = _person("owner_")
    return intake.Filing(
        procedure_code=text("procedure", longest=60),
        applicant=_person(""),
        owner=owner,
        channel=_one_of(Channel, "channel"),
        result_channel=_one_of(ResultChannel, "result_channel"),
        agency=text("receiving", longest=40) or None,
        resolving_agency=text("agency", longest=40) or None,
        papers=_papers(),
        received_at=instant("received_at"),
        facts=answers(_chosen()["form"]),
    )


def _person(prefix: str) -> intake.Person:
    name = text(f"{prefix}name", longest=200)
    if not name:
        raise intake.ApplicantMissingError("the name must not be empty", field=f"{prefix}name")
    number = text(f"{prefix}identity_number", longest=20).replace(" ", "")
    try:
        if number:
            check_identity_number(number)
    except InvalidIdentityError as error:
        raise InvalidIdentityError(error.message, field=f"{prefix}identity_number") from None
    return intake.Person(
        name=name,
        identity_number=number or None,
        phone=text(f"{prefix}phone", longest=20) or None,
        email=text(f"{prefix}email", longest=200) or None,
        address=text(f"{prefix}address", longest=300) or None,
    )


def _one_of(kind: type[Channel] | type[ResultChannel], name: str) -> Any:
    try:
        return kind(text(name))
    except ValueError:
        raise FieldError(f"choose {name} from the list", field=name) from None


def _papers() -> tuple[intake.PaperLine, ...]:
    """Return the papers that were ticked or written."""
    found = []
    for at in range(MOST_PAPERS):
        name = text(f"paper-{at}-name", longest=300)
        if name and request.form.get(f"paper-{at}-have"):
            originals, copies = _count(f"paper-{at}-originals"), _count(f"paper-{at}-copies")
            code = text(f"paper-{at}-code", longest=60)
            found.append(intake.PaperLine(name=name, code=code, originals=originals, copies=copies))
    return tuple(found)


def _count(name: str) -> int:
    typed = text(name, longest=4) or "0"
    if not (typed.isascii() and typed.isdigit()) or int(typed) > 999:
        raise FieldError("a number of sheets lies between 0 and 999", field=name)
    return int(typed)


def _paper_rows(chosen: dict[str, Any] | None) -> list[dict[str, Any]]:
    listed = [] if chosen is None else chosen["papers"]
    return [
        *listed,
        *({"code": "", "name": "", "originals": 1, "copies": 0, "free": True} for _line in range(FREE_LINES)),
    ]


def _doubts(number: str) -> list[LazyString]:
    """Return what is odd about a number while it is typed: a warning, nothing is blocked (domain.md §3.4)."""
    bare = number.replace(" ", "")
    return [DOUBTS[doubt] for doubt in doubts(bare, year=current_context().clock.now().year)] if bare else []
