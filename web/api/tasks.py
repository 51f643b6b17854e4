"""Tasks: claim, assign, complete; many at once with a verdict for each (contract §3)."""

from __future__ import annotations

from typing import Any

from engine.services import processing
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as schemas

blueprint = api_blueprint("tasks", "Work on open tasks")


@blueprint.put("/tasks/<task_id>/claim")
@blueprint.response(200, schemas.DossierSchema)
def claim(task_id: str) -> Any:
    """Take a task for oneself."""
    return answered(processing.claim(current_context(), task_id=task_id, **_usual()))


@blueprint.delete("/tasks/<task_id>/claim")
@blueprint.response(200, schemas.DossierSchema)
def release(task_id: str) -> Any:
    """Put a task back for its unit."""
    return answered(processing.release(current_context(), task_id=task_id, **_usual()))


@blueprint.put("/tasks/<task_id>/assignment")
@blueprint.arguments(schemas.AssignmentSchema)
@blueprint.response(200, schemas.DossierSchema)
def assign(body: dict[str, Any], task_id: str) -> Any:
    """Give a task to an officer of its unit; without ``username`` back to the unit."""
    answer = processing.assign(
        current_context(), task_id=task_id, username=body.get("username"), note=body.get("note"), **_usual(body)
    )
    return answered(answer)


@blueprint.post("/tasks/<task_id>/completion")
@blueprint.arguments(schemas.CompletionSchema)
@blueprint.response(200, schemas.DossierSchema)
def complete(body: dict[str, Any], task_id: str) -> Any:
    """Complete a task; 409 ``task-gone`` tells who was faster."""
    answer = processing.complete(
        current_context(),
        task_id=task_id,
        outcome=body["outcome"],
        note=body.get("note"),
        fields=body["fields_"],
        **_usual(body),
    )
    return answered(answer)


@blueprint.post("/task-batches")
@blueprint.arguments(schemas.TaskBatchSchema)
def complete_many(body: dict[str, Any]) -> Any:
    """Complete many tasks, each for itself; a verdict for each in the order asked."""
    verdicts = processing.complete_many(
        current_context(), by=actor(), task_ids=body["tasks"], note=body.get("note"), request=named_request(body)
    )
    return {"verdicts": verdicts, "done": sum(verdict["done"] for verdict in verdicts)}


def _usual(body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return who asks, the version they have seen, and the name of the request."""
    return {"by": actor(), "expected": expected_version(), "request": named_request(body)}
