"""What can be printed of a dossier: the papers that are kept as PDF, and slips as plain pages.

The official layouts of these slips are of a later issue; until then a page says what we know, with room to sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.domain.dossier import Decision, Status
from engine.domain.events import EventKind

CONTROL, SUPPLEMENT, REFUSAL, OBLIGATION = "phieu-kiem-soat", "yeu-cau-bo-sung", "tu-choi", "nghia-vu-tai-chinh"
TITLES: dict[str, LazyString] = {
    CONTROL: lazy_gettext("Phiếu kiểm soát quá trình giải quyết hồ sơ"),
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


def slips_of(dossier: dict[str, Any]) -> list[Slip]:
    """Return what can be printed of a dossier (``reading.detail``), in the order in which it came to be."""
    reference = dossier["code"] or dossier["id"]
    found: list[Slip] = []
    if dossier["code"] is not None:
        found = [
            Slip(_("Giấy tiếp nhận và hẹn trả kết quả (mẫu 01)"), url_for("dossier.receipt", reference=reference)),
            Slip(_("Các lần cấp giấy tiếp nhận"), url_for("corrections.issues", reference=reference)),
            Slip(_("Giải trình thời hạn"), url_for("dossier.why_paper", reference=reference)),
            Slip(_("Phiếu kiểm soát quá trình giải quyết hồ sơ (mẫu 06)"), _page(reference, CONTROL)),
        ]
    for asked in dossier["supplements"]:
        label = _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (mẫu 02), lần %(no)s", no=asked["no"])
        found.append(Slip(label, _page(reference, SUPPLEMENT, asked["no"])))
    for owed in dossier["obligations"]:
        label = _("Thông báo nghĩa vụ tài chính, lần %(no)s", no=owed["no"])
        found.append(Slip(label, _page(reference, OBLIGATION, owed["no"])))
    if is_refused(dossier):
        found.append(Slip(_("Phiếu từ chối (mẫu 03)"), _page(reference, REFUSAL)))
    found += [
        Slip(
            _("Thư xin lỗi %(number)s (mẫu 04)", number=letter["number"] or ""),
            url_for("apologies.show", letter_id=letter["id"]),
        )
        for letter in dossier["letters"]
    ]
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
    if kind == CONTROL:
        home = dossier["agencies"]["resolving"]["name"]
        partners = sorted({step["agency_name"] for step in dossier["steps"]} - {home})
        return {"partners": partners} if dossier["code"] is not None else None
    if kind == REFUSAL:
        events = (each for each in reversed(timeline) if EventKind(each["kind"]) in _REFUSALS)
        return next(events, None) if is_refused(dossier) else None
    rows = dossier["supplements" if kind == SUPPLEMENT else "obligations"]
    return next((row for row in rows if row["no"] == no), None)


def _page(reference: str, kind: str, no: int | None = None) -> str:
    return url_for("dossier.slip", reference=reference, kind=kind, no=no)
