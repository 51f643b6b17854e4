"""Dossiers: receive, read, and the changes of state as resources (contract §3)."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import Response, request, send_file

from engine.services import (
    answers,
    attachments,
    endings,
    explaining,
    intake,
    issued_papers,
    processing,
    reading,
    receipts,
    time_used,
    transfers,
    waiting,
)
from engine.services.endings import Receiver
from engine.services.intake import Filing
from web.api.base import api_blueprint, etag
from web.api.requests import answered, changed, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as schemas
from web.schemas.deadlines import DeadlineQuerySchema, DeadlineSchema
from web.schemas.papers import PaperListSchema
from web.schemas.result_returns import HandoverSchema
from web.schemas.time_used import TimeUsedSchema

blueprint = api_blueprint("dossiers", "Dossiers and what happens to them")


@blueprint.post("/dossiers")
@blueprint.arguments(schemas.FilingSchema)
@blueprint.response(201, schemas.DossierSchema)
def receive(filing: Filing) -> Any:
    """Receive a dossier: code, promise, first tasks."""
    answer = intake.receive(current_context(), by=actor(), filing=filing, request=named_request(filing))
    return answered(answer, 201)


@blueprint.post("/submissions")
@blueprint.arguments(schemas.FilingSchema)
@blueprint.response(201, schemas.DossierSchema)
def submit(filing: Filing) -> Any:
    """File a dossier that the desk receives later: status 1, no code yet."""
    answer = intake.submit(current_context(), by=actor(), filing=filing, request=named_request(filing))
    return answered(answer, 201)


@blueprint.get("/dossiers/<reference>")
def show(reference: str) -> Any:
    """Show a dossier by id or code."""
    found = reading.detail(current_context(), by=actor(), dossier=reference)
    return found, 200, {"ETag": etag(found["version"])}


@blueprint.get("/dossiers/<reference>/timeline")
def timeline(reference: str) -> Any:
    """Tell what happened, oldest first."""
    return {"items": reading.timeline(current_context(), by=actor(), dossier=reference)}


@blueprint.get("/dossiers/<reference>/deadline")
@blueprint.arguments(DeadlineQuerySchema, location="query")
@blueprint.response(200, DeadlineSchema)
def deadline(query: dict[str, Any], reference: str) -> Any:
    """Explain why the date is what it is: the promise, a step's end, or the citizen's limit to answer."""
    return explaining.why_this_date(current_context(), by=actor(), dossier=reference, **query)


@blueprint.get("/dossiers/<reference>/deadline.pdf")
def print_deadline(reference: str) -> Response:
    """Print why the promise is what it is."""
    content = explaining.pdf(current_context(), by=actor(), dossier=reference)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{reference}-deadline.pdf")


@blueprint.get("/dossiers/<reference>/time-used")
@blueprint.response(200, TimeUsedSchema)
def show_time_used(reference: str) -> Any:
    """Tell who used the time, to the working minute, and who is charged with the lateness."""
    return time_used.time_used(current_context(), by=actor(), dossier=reference)


@blueprint.get("/dossiers/<reference>/papers")
@blueprint.response(200, PaperListSchema)
def papers(reference: str) -> Any:
    """List the papers that a dossier has, and those that were issued for it."""
    brought, issued = issued_papers.of_dossier(current_context(), by=actor(), dossier=reference)
    return {"items": brought, "issued": issued}


@blueprint.post("/dossiers/<reference>/papers")
@blueprint.response(201, schemas.DossierSchema)
def add_paper(reference: str) -> Any:
    """Add a scanned paper: multipart with ``file``, ``name`` and ``code``."""
    upload = request.files.get("file")
    if upload is None:
        raise attachments.FileNotAllowedError("send the paper as multipart field 'file'", field="file")
    content = upload.read()
    name, code = request.form.get("name") or upload.filename or "", request.form.get("code", "")
    answer = attachments.add_paper(
        current_context(),
        by=actor(),
        dossier=reference,
        name=name,
        code=code,
        file_name=upload.filename or "",
        content=content,
        expected=expected_version(),
        request=named_request([upload.filename, name, code, sha256(content).hexdigest()]),
    )
    return answered(answer, 201)


@blueprint.get("/dossiers/<reference>/papers/<int(min=1, max=100000):no>")
def read_paper(reference: str, no: int) -> Response:
    """Download the file of a paper."""
    name, media_type, content = attachments.read_paper(current_context(), by=actor(), dossier=reference, no=no)
    return send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)


@blueprint.get("/dossiers/<reference>/receipt.pdf")
def receipt(reference: str) -> Response:
    """Print the receipt (form 01)."""
    content = receipts.pdf(current_context(), by=actor(), dossier=reference)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{reference}.pdf")


@blueprint.post("/dossiers/<reference>/receipt")
@blueprint.arguments(schemas.ReceiptSchema)
@blueprint.response(200, schemas.DossierSchema)
def receive_submitted(body: dict[str, Any], reference: str) -> Any:
    """Receive a dossier that was filed before: status 1 to 2."""
    return changed(intake.receive_submitted, reference, body)


@blueprint.post("/dossiers/<reference>/supplement-requests")
@blueprint.arguments(schemas.SupplementRequestSchema)
@blueprint.response(201, schemas.DossierSchema)
def request_supplement(body: dict[str, Any], reference: str) -> Any:
    """Ask the citizen for what is missing (form 02)."""
    return changed(waiting.request_supplement, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/supplements")
@blueprint.arguments(schemas.SupplementSchema)
@blueprint.response(201, schemas.DossierSchema)
def complete_supplement(body: dict[str, Any], reference: str) -> Any:
    """Take the missing papers."""
    return changed(waiting.complete_supplement, reference, {"papers": body["components"]}, status=201)


@blueprint.post("/dossiers/<reference>/refusal")
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.DossierSchema)
def refuse(body: dict[str, Any], reference: str) -> Any:
    """Refuse: at reception (status 3) while it is only filed, else the result (status 9)."""
    return changed(endings.refuse, reference, body)


@blueprint.post("/dossiers/<reference>/withdrawal")
@blueprint.arguments(schemas.WithdrawalSchema)
@blueprint.response(200, schemas.DossierSchema)
def withdraw(body: dict[str, Any], reference: str) -> Any:
    """End the dossier at the citizen's wish (form 05)."""
    return changed(endings.withdraw, reference, body)


@blueprint.post("/dossiers/<reference>/stop")
@blueprint.arguments(schemas.GroundSchema)
@blueprint.response(200, schemas.DossierSchema)
def stop(body: dict[str, Any], reference: str) -> Any:
    """End the dossier on a legal ground (form 05)."""
    return changed(endings.stop, reference, body)


@blueprint.post("/dossiers/<reference>/financial-obligations")
@blueprint.arguments(schemas.ObligationSchema)
@blueprint.response(201, schemas.DossierSchema)
def raise_obligation(body: dict[str, Any], reference: str) -> Any:
    """Tell the citizen what to pay; the clock stands."""
    return changed(waiting.raise_obligation, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/payments")
@blueprint.arguments(schemas.PaymentSchema)
@blueprint.response(201, schemas.DossierSchema)
def settle_obligation(body: dict[str, Any], reference: str) -> Any:
    """Record that it is paid, exempt or deferred; the clock runs again."""
    return changed(waiting.settle_obligation, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/messages")
@blueprint.arguments(schemas.MessageSchema)
@blueprint.response(201, schemas.DossierSchema)
def record_answer(body: dict[str, Any], reference: str) -> Any:
    """Record that an answer came for which the process waits: an opinion, a payment, a result from elsewhere."""
    said = {"message": body["message"], "note": body.get("note"), "fields": body["fields_"]}
    return changed(answers.record, reference, said, status=201)


@blueprint.post("/dossiers/<reference>/transfers")
@blueprint.arguments(schemas.TransferSchema)
@blueprint.response(201, schemas.DossierSchema)
def transfer(body: dict[str, Any], reference: str) -> Any:
    """Move the open step to another unit, with its hand-over line."""
    return changed(transfers.transfer, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/result")
@blueprint.arguments(schemas.ResultSchema)
@blueprint.response(201, schemas.DossierSchema)
def issue_result(body: dict[str, Any], reference: str) -> Any:
    """Record that the decision is signed, numbered and issued: status 4 to 9."""
    return changed(processing.issue_result, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/handover")
@blueprint.arguments(HandoverSchema)
@blueprint.response(200, schemas.DossierSchema)
def hand_over(receiver: Receiver, reference: str) -> Any:
    """Hand the result to the citizen: status 9 to 10."""
    return changed(endings.hand_over_result, reference, {"receiver": receiver})


@blueprint.get("/dossiers/<reference>/diagram.bpmn")
def diagram(reference: str) -> Response:
    """Return the model that the dossier runs on."""
    found = reading.diagram(current_context(), by=actor(), dossier=reference)
    return Response(found["model"], mimetype="application/xml")
