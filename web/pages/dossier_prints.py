"""Slips of one dossier: its control slip and course (also to edit), the receipt of money, the slip for feedback."""

from __future__ import annotations

from flask import Blueprint, Response, request

from engine.services import control_slips, courses, fee_receipts, office_documents
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.forms import refuse_unstorable
from web.pages.dossier import pdf_response

blueprint = Blueprint("dossier_prints", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/ho-so/<reference>/phieu-kiem-soat.pdf")
def control(reference: str) -> Response:
    """Return the control slip (form 06, old set 05)."""
    content = control_slips.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"phieu-kiem-soat-{reference}")


@blueprint.get("/ho-so/<reference>/phieu-kiem-soat.docx")
def control_docx(reference: str) -> Response:
    """Return the control slip to edit in a word processor."""
    content = office_documents.of_control_slip(current_context(), by=actor(), dossier=reference)
    return docx_response(content, f"phieu-kiem-soat-{reference}")


@blueprint.get("/ho-so/<reference>/qua-trinh-xu-ly.docx")
def course_docx(reference: str) -> Response:
    """Return everything that happened, in order, to edit in a word processor."""
    content = office_documents.of_course(current_context(), by=actor(), dossier=reference)
    return docx_response(content, f"qua-trinh-xu-ly-{reference}")


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
