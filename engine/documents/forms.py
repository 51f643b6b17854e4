"""Which values and which template each form prints from: what typst and docx print alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.documents import (
    bundles,
    control_slips,
    courses,
    fee_receipts,
    feedback_slips,
    headed,
    late_reports,
    ledgers,
    letters,
    obligations,
    receipts,
    refusals,
    result_slips,
    stop_notices,
    supplements,
)
from engine.documents.bundles import BundleValues
from engine.documents.control_slips import ControlSlipValues
from engine.documents.courses import CourseValues
from engine.documents.fee_receipts import FeeReceiptValues
from engine.documents.feedback_slips import FeedbackValues
from engine.documents.late_reports import LateReportValues
from engine.documents.ledgers import LedgerValues
from engine.documents.obligations import ObligationValues
from engine.documents.refusals import RefusalValues
from engine.documents.render import pdf
from engine.documents.result_slips import ResultHandoverValues, ResultReceiptValues
from engine.documents.stop_notices import StopValues
from engine.documents.supplements import SupplementValues
from engine.documents.values import ApologyValues, ReceiptValues
from engine.domain.official_forms import RESIDENCE, FormKind, OfficialForm, UnknownFormError


@dataclass(frozen=True, slots=True)
class Print:
    """How a kind of form is printed."""

    values: type[Any]  #: its dataclass; has ``form`` among its fields
    fields: Callable[[Any], dict[str, Any]]  #: worded, printable, JSON-ready
    made_at: Callable[[Any], datetime]  #: the aware instant that the file carries


#: Kinds that can be printed. A paper whose fields hold ``tracking_url`` gets the image ``qr`` of it.
PRINTS: dict[FormKind, Print] = {
    FormKind.RECEIPT: Print(ReceiptValues, receipts.fields, receipts.made_at),
    FormKind.SUPPLEMENT: Print(SupplementValues, supplements.fields, headed.made_at),
    FormKind.REFUSAL: Print(RefusalValues, refusals.fields, headed.made_at),
    FormKind.APOLOGY: Print(ApologyValues, letters.fields, letters.made_at),
    FormKind.STOP: Print(StopValues, stop_notices.fields, headed.made_at),
    FormKind.OBLIGATION: Print(ObligationValues, obligations.fields, headed.made_at),
    FormKind.CONTROL: Print(ControlSlipValues, control_slips.fields, control_slips.made_at),
    FormKind.LEDGER: Print(LedgerValues, ledgers.fields, ledgers.made_at),
    FormKind.RESULT_RECEIPT: Print(ResultReceiptValues, result_slips.receipt_fields, result_slips.made_at),
    FormKind.RESULT_HANDOVER: Print(ResultHandoverValues, result_slips.handover_fields, result_slips.made_at),
    FormKind.BUNDLE: Print(BundleValues, bundles.fields, bundles.made_at),
    FormKind.COURSE: Print(CourseValues, courses.fields, courses.made_at),
    FormKind.FEE: Print(FeeReceiptValues, fee_receipts.fields, fee_receipts.made_at),
    FormKind.FEEDBACK: Print(FeedbackValues, feedback_slips.fields, feedback_slips.made_at),
    FormKind.LATE_REPORT: Print(LateReportValues, late_reports.fields, late_reports.made_at),
}

TEMPLATES = {  #: sets whose layout differs from the kind's own
    (RESIDENCE, FormKind.RECEIPT): "receipt-ct",
    (RESIDENCE, FormKind.REFUSAL): "refusal-ct",
}


def values_class(kind: FormKind) -> type[Any]:
    """Return the dataclass that a kind of form prints from.

    Raises:
        UnknownFormError: no paper of that kind can be printed.
    """
    return _print_of(kind).values


def fields_of(form: OfficialForm, values: Any) -> dict[str, Any]:
    """Return what a form prints, worded and printable; texts are texts, never markup.

    Raises:
        UnknownFormError: no paper of that kind can be printed.
        TypeError: the values are those of another kind.
        ValueError: an instant is naive.
    """
    return _print_of(form.kind).fields(_of_form(form, values))


def render_pdf(form: OfficialForm, values: Any) -> bytes:
    """Print a form as PDF/A-2b; the same form and values give the same bytes, in any process.

    Raises:
        UnknownFormError, TypeError, ValueError: see ``fields_of``.
    """
    fields = fields_of(form, values)
    link = fields.get("tracking_url")
    images = {"qr": receipts.qr_svg(link)} if link else {}
    return pdf(template_of(form), fields, made_at=_print_of(form.kind).made_at(values), images=images)


def template_of(form: OfficialForm) -> str:
    """Return the name of the typst template of a form."""
    return TEMPLATES.get((form.form_set, form.kind), form.kind.value)


def _print_of(kind: FormKind) -> Print:
    if kind not in PRINTS:
        raise UnknownFormError(f"papers of the kind {kind} cannot be printed", kind=kind)
    return PRINTS[kind]


def _of_form(form: OfficialForm, values: Any) -> Any:
    wanted = _print_of(form.kind).values
    if not isinstance(values, wanted):
        raise TypeError(f"{form.kind} prints {wanted.__name__}, not {type(values).__name__}")
    return values if values.form == form else replace(values, form=form)
