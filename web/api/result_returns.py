"""Returning a result: told, posted, delivered or brought back; the hand-over is a route of the dossier itself."""

from __future__ import annotations

from typing import Any

from engine.services import result_returns
from engine.services.receivers import Receiver
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as schemas
from web.schemas.result_returns import ResultDeliverySchema, ResultNoticeSchema, ResultPostingSchema

blueprint = api_blueprint("result-returns", "How results reach their people")


@blueprint.post("/dossiers/<reference>/result-notices")
@blueprint.arguments(ResultNoticeSchema)
@blueprint.response(201, schemas.DossierSchema)
def notify(body: dict[str, Any], reference: str) -> Any:
    """Tell people that the result is ready: by e-mail, or as done by phone or slip; once a day."""
    answer = result_returns.notify(current_context(), dossier=reference, how=body["how"], **_usual(body))
    return answered(answer, 201)


@blueprint.post("/dossiers/<reference>/result-postings")
@blueprint.arguments(ResultPostingSchema)
@blueprint.response(201, schemas.DossierSchema)
def post(body: dict[str, Any], reference: str) -> Any:
    """Record that the result went to the post."""
    return answered(result_returns.post(current_context(), dossier=reference, **body, **_usual(body)), 201)


@blueprint.post("/dossiers/<reference>/result-deliveries")
@blueprint.arguments(ResultDeliverySchema)
@blueprint.response(201, schemas.DossierSchema)
def deliver(body: dict[str, Any], reference: str) -> Any:
    """Record what became of a posted result: delivered (status 9 to 10), or back at the desk with a reason."""
    usual = {"dossier": reference} | _usual(body)
    if not body["delivered"]:
        reason = body.get("reason") or ""
        return answered(result_returns.not_delivered(current_context(), reason=reason, **usual), 201)
    receiver = Receiver(
        name=body.get("name") or "", capacity=body["capacity"], authorisation=body.get("authorisation") or None
    )
    answer = result_returns.confirm_delivery(
        current_context(), receiver=receiver, delivered_at=body["delivered_at"], **usual
    )
    return answered(answer, 201)


def _usual(body: dict[str, Any]) -> dict[str, Any]:
    return {"by": actor(), "expected": expected_version(), "request": named_request(body)}
