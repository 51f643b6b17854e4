"""Papers that were issued, over HTTP (contract §3)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file

from engine.services import issued_papers, office_documents
from web.api.base import api_blueprint
from web.api.requests import answered, named_request
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.schemas import papers as schemas

blueprint = api_blueprint("papers", "Papers that were issued")


@blueprint.get("/papers/<paper_id>.pdf")
def pdf(paper_id: str) -> Response:
    """Print a paper: the very bytes that were issued, or signed."""
    content = issued_papers.content(current_context(), actor(), paper_id)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{paper_id}.pdf")


@blueprint.get("/papers/<paper_id>.docx")
def docx(paper_id: str) -> Response:
    """Return a paper as .docx, to edit."""
    paper = issued_papers.read(current_context(), actor(), paper_id)
    return docx_response(office_documents.of_paper(current_context(), paper), paper_id)


@blueprint.post("/papers/<paper_id>/void")
@blueprint.arguments(schemas.PaperVoidSchema)
@blueprint.response(200, schemas.PaperVoidedSchema)
def void(body: dict[str, Any], paper_id: str) -> Any:
    """Void a paper with a reason; its number stays used."""
    answer = issued_papers.void(current_context(), actor(), paper_id, body["reason"], request=named_request(body))
    return answered(answer)


@blueprint.post("/papers/<paper_id>/reissue")
@blueprint.response(201, schemas.PaperVoidedSchema)
def issue_again(paper_id: str) -> Any:
    """Issue a void notice anew: it gets the next number and says the same, of the day of today."""
    answer = issued_papers.issue_again(current_context(), actor(), paper_id, request=named_request())
    return answered(answer, 201)
