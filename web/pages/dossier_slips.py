"""What can be printed of a dossier: slips as PDF; and as plain pages what was asked before papers were issued.

What was issued stands in its own list, with number and state. A request, an obligation or a refusal of which no paper
was issued prints as a page that says what we know, with room to sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.dossier import Decision, Status
from engine.domain.events import EventKind
from engine.domain.official_forms import FormKind

SUPPLEMENT, REFUSAL, OBLIGATION = "yeu-cau-bo-sung", "tu-choi", "nghia-vu-tai-chinh"
TITLES: dict[str, LazyString] = {
    SUPPLEMENT: lazy_gettext("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    REFUSAL: lazy_gettext("Phiếu từ chối giải quyết hồ sơ"),
    OBLIGATION: lazy_gettext("Thông báo nghĩa vụ tài chính"),
}
KINDS = tuple(TITLES)
_REFUSALS = frozenset({EventKind.NOT_RECEIVED, EventKind.FINISHED})  # their reason is what the slip says


@dataclass(frozen=True, slots=True)
class Slip:
    """A paper to print."""

    label: str
    address: str


def slips_of(dossier: dict[str, Any], issued: Iterable[dict[str, Any]] = ()) -> list[Slip]:
    """Return what can be printed of a dossier (``reading.detail``), in the order in which it came to be.

    Args:
        issued: papers that were issued (``issued_papers.of_case``); they are not listed again.
    """
    reference = dossier["code"] or dossier["id"]
    there = {(paper["kind"], paper["subject"]) for paper in issued if not paper["voided_at"]}
    letters = [
        Slip(
            _("Thư xin lỗi %(number)s (mẫu 04)", number=letter["number"] or ""),
            url_for("apologies.show", letter_id=letter["id"]),
        )
        for letter in dossier["letters"]
    ]
    result = _of_result(dossier, reference)
    return [*_of_receipt(dossier), *_plain(dossier, there), *letters, *_of_money(dossier), *result]


def _of_receipt(dossier: dict[str, Any]) -> list[Slip]:
    reference = dossier["code"] or dossier["id"]
    course = Slip(_("Quá trình xử lý"), url_for("dossier_prints.course", reference=reference))
    if dossier["code"] is None:
        return [course]
    return [
        Slip(_("Giấy tiếp nhận và hẹn trả kết quả (mẫu 01)"), url_for("dossier.receipt", reference=reference)),
        Slip(_("Các lần cấp giấy tiếp nhận"), url_for("corrections.issues", reference=reference)),
        Slip(_("Giải trình thời hạn"), url_for("dossier.why_paper", reference=reference)),
        Slip(
            _("Phiếu kiểm soát quá trình giải quyết hồ sơ (mẫu 06)"),
            url_for("dossier_prints.control", reference=reference),
        ),
        course,
        Slip(_("Phiếu góp ý"), url_for("dossier_prints.feedback", reference=reference)),
    ]


def _plain(dossier: dict[str, Any], there: Collection[tuple[str, int]]) -> list[Slip]:
    """Return the plain pages of what was asked or refused without a paper."""
    reference = dossier["code"] or dossier["id"]
    found = []
    for asked in dossier["supplements"]:
        if (FormKind.SUPPLEMENT.value, asked["no"]) not in there:
            label = _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (mẫu 02), lần %(no)s", no=asked["no"])
            found.append(Slip(label, _page(reference, SUPPLEMENT, asked["no"])))
    for owed in dossier["obligations"]:
        if (FormKind.OBLIGATION.value, owed["no"]) not in there:
            label = _("Thông báo nghĩa vụ tài chính, lần %(no)s", no=owed["no"])
            found.append(Slip(label, _page(reference, OBLIGATION, owed["no"])))
    if is_refused(dossier) and FormKind.REFUSAL.value not in {kind for kind, _no in there}:
        found.append(Slip(_("Phiếu từ chối (mẫu 03)"), _page(reference, REFUSAL)))
    return found


def _of_money(dossier: dict[str, Any]) -> list[Slip]:
    """Return the receipts of money, for the desk that takes it: of the procedure's fee and of each paid obligation."""
    code, may = dossier["code"], dossier["may"]
    if code is None or not (may["receive"] or may["return"]):
        return []
    found = []
    if dossier["fee_vnd"]:
        found.append(Slip(_("Biên lai thu phí, lệ phí (3 liên)"), url_for("dossier_prints.fee", reference=code)))
    for owed in dossier["obligations"]:
        if owed["settled_how"] == "paid":
            label = _("Biên lai thu phí theo thông báo lần %(no)s (3 liên)", no=owed["no"])
            found.append(Slip(label, url_for("dossier_prints.fee", reference=code, no=owed["no"])))
    return found


def _of_result(dossier: dict[str, Any], reference: str) -> list[Slip]:
    """Return the slips of a result that is there; the receipt for it is the returning desk's to print."""
    if dossier["code"] is None or dossier["decision"] is None:
        return []
    found = [Slip(_("Phiếu bàn giao kết quả"), url_for("returns.handover_slip", reference=reference))]
    if dossier["may"]["return"]:
        found.append(Slip(_("Giấy biên nhận trả kết quả"), url_for("returns.slip", reference=reference)))
    return found


def is_refused(dossier: dict[str, Any]) -> bool:
    """Whether the dossier was refused, at reception or by its decision."""
    return dossier["status"] == Status.NOT_RECEIVED or dossier["decision"] == Decision.REFUSED


def said_on(kind: str, dossier: dict[str, Any], timeline: list[dict[str, Any]], *, no: int) -> dict[str, Any] | None:
    """Return what a slip says beside the facts of the dossier; None where there is nothing to print.

    Args:
        timeline: of ``reading.timeline``.
        no: of the request or the obligation that the slip is about.
    """
    if kind == REFUSAL:
        events = (each for each in reversed(timeline) if EventKind(each["kind"]) in _REFUSALS)
        return next(events, None) if is_refused(dossier) else None
    rows = dossier["supplements" if kind == SUPPLEMENT else "obligations"]
    return next((row for row in rows if row["no"] == no), None)


def _page(reference: str, kind: str, no: int | None = None) -> str:
    return url_for("dossier.slip", reference=reference, kind=kind, no=no)
