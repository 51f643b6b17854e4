"""Slips of one dossier as PDF: its control slip and course, the receipt of money, the slip for what citizens say."""

from __future__ import annotations

from flask import Blueprint, Response, request

from engine.services import control_slips, courses, fee_receipts
from web.auth import actor, current_context
from web.forms import refuse_unstorable
from web.pages.dossier import pdf_response

blueprint = Blueprint("dossier_prints", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/ho-so/<reference>/phieu-kiem-soat.pdf")
def control(reference: str) -> Response:
    """Return the control slip (form 06, old set 05)."""
    content = control_slips.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"phieu-kiem-soat-{reference}")


@blueprint.get("/ho-so/<reference>/qua-trinh-xu-ly.pdf")
def course(reference: str) -> Response:
    """Return everything that happened, in order."""
    content = courses.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"qua-trinh-xu-ly-{reference}")


@blueprint.get("/ho-so/<reference>/bien-lai.pdf")
def fee(reference: str) -> Response:
    """Return the receipt of money in three copies; ``no`` names a paid obligation, without it the procedure's fee."""
    content = fee_receipts.pdf(
        current_context(), by=actor(), dossier=reference, obligation=request.args.get("no", type=int)
    )
    return pdf_response(content, f"bien-lai-{reference}")


@blueprint.get("/ho-so/<reference>/phieu-gop-y.pdf")
def feedback(reference: str) -> Response:
    """Return the slip on which a citizen says how they were served."""
    content = fee_receipts.feedback(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"phieu-gop-y-{reference}")
