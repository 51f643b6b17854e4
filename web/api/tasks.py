"""Tasks: claim, assign, complete; many at once with a verdict for each (contract §3)."""

from __future__ import annotations

from typing import Any

from engine.services import batch_previews, processing, step_back, task_batches
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as schemas
from web.schemas import task_batches as batch_schemas

blueprint = api_blueprint("tasks", "Work on open tasks")

AT_ONCE = 50  #: tasks of a batch that are done when the request is answered


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


@blueprint.post("/tasks/<task_id>/return")
@blueprint.arguments(schemas.ReasonSchema)
@blueprint.response(200, schemas.DossierSchema)
def send_back(body: dict[str, Any], task_id: str) -> Any:
    """Send the dossier from an open step to the one before, to who did that; 409 ``no-step-before`` where it cannot."""
    return answered(step_back.send_back(current_context(), task_id=task_id, reason=body["reason"], **_usual(body)))


@blueprint.delete("/tasks/<task_id>/completion")
@blueprint.response(200, schemas.DossierSchema)
def take_back(task_id: str) -> Any:
    """Take a step back that was just done, while nothing happened since; 409 ``acted-since`` tells who was faster."""
    return answered(step_back.take_back(current_context(), task_id=task_id, **_usual()))


@blueprint.post("/task-batches/preview")
@blueprint.arguments(batch_schemas.TaskBatchSchema)
@blueprint.response(200, batch_schemas.PreviewSchema)
def preview_many(body: dict[str, Any]) -> Any:
    """Tell what completing these tasks would do to each, without doing it."""
    return batch_previews.preview(
        current_context(), by=actor(), task_ids=body["tasks"], outcome=body["outcome"] or None
    )


@blueprint.post("/task-batches")
@blueprint.arguments(batch_schemas.TaskBatchSchema)
@blueprint.response(200, batch_schemas.BatchSchema)
def complete_many(body: dict[str, Any]) -> Any:
    """Complete many tasks of one step, each for itself: a verdict for each in the order asked.

    Up to 50 are done when it answers; what is ``left`` of more is done soon after (``GET /task-batches/{id}``).
    """
    return task_batches.run(
        current_context(),
        by=actor(),
        task_ids=body["tasks"],
        outcome=body["outcome"] or processing.DONE,
        note=body.get("note"),
        at_once=AT_ONCE,
        request=named_request(body),
    )


@blueprint.get("/task-batches/<batch_id>")
@blueprint.response(200, batch_schemas.BatchSchema)
def batch(batch_id: str) -> Any:
    """Tell how far a batch is, and the verdict of each of its tasks."""
    return task_batches.told(current_context(), by=actor(), batch_id=batch_id)


@blueprint.post("/task-batches/<batch_id>/undo")
@blueprint.response(200, batch_schemas.BatchSchema)
def undo_many(batch_id: str) -> Any:
    """Take back each task of a batch on which nobody has acted since; within 10 minutes, by who ordered it."""
    return task_batches.undo(current_context(), by=actor(), batch_id=batch_id, request=named_request())


def _usual(body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return who asks, the version they have seen, and the name of the request."""
    return {"by": actor(), "expected": expected_version(), "request": named_request(body)}
