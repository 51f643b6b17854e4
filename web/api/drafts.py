"""Drafts of procedures over HTTP: make, read, save, lint, try, publish."""

from __future__ import annotations

from typing import Any

from engine.errors import InvalidInputError
from engine.services import draft_making, drafts
from engine.services.transactions import Request
from web.api.base import api_blueprint, etag
from web.api.requests import expected_version, named_request
from web.auth import actor, current_context
from web.schemas.drafts import DraftChangesSchema, NewDraftSchema, PublicationSchema, RehearsalsSchema

blueprint = api_blueprint("procedure-drafts", "Drafts of procedures, tried and published")


class DraftOriginError(InvalidInputError):
    """A new draft begins with exactly one thing."""

    code = "draft-origin"


@blueprint.get("/drafts")
def listed() -> Any:
    """List the drafts of the agencies that you administer or audit."""
    return {"items": drafts.listed(current_context(), by=actor())}


@blueprint.post("/drafts")
@blueprint.arguments(NewDraftSchema)
def make(body: dict[str, Any]) -> Any:
    """Make drafts of one of `tables`, `bpmn`, `version_of`, `reference`, or `code` and `name`."""
    origins = [name for name in _MAKES if name in body]
    if len(origins) != 1:
        raise DraftOriginError(f"send exactly one of {', '.join(_MAKES)}", field="tables")
    return _MAKES[origins[0]](body, named_request(body)), 201


def _of_tables(body: dict[str, Any], request: Request | None) -> Any:
    return draft_making.from_tables(
        current_context(), by=actor(), data=body["tables"], agency=body.get("agency"), request=request
    )


def _of_bpmn(body: dict[str, Any], request: Request | None) -> Any:
    return draft_making.from_file(
        current_context(), by=actor(), content=body["bpmn"].encode("utf-8", "replace"), kind="bpmn",
        agency=body.get("agency"), request=request,
    )  # fmt: skip


def _of_version(body: dict[str, Any], request: Request | None) -> Any:
    if "agency" not in body:
        raise DraftOriginError("name the agency of the procedure in 'agency'", field="agency")
    return draft_making.from_version(
        current_context(), by=actor(), code=body["version_of"], agency=body["agency"], number=body.get("number"),
        request=request,
    )  # fmt: skip


def _of_library(body: dict[str, Any], request: Request | None) -> Any:
    return draft_making.from_library(
        current_context(), by=actor(), code=body["reference"], agency=body.get("agency"), request=request
    )


def _of_nothing(body: dict[str, Any], request: Request | None) -> Any:
    return draft_making.blank(
        current_context(), by=actor(), code=body["code"], name=body.get("name", ""), agency=body.get("agency"),
        request=request,
    )  # fmt: skip


_MAKES = {
    "tables": _of_tables,
    "bpmn": _of_bpmn,
    "version_of": _of_version,
    "reference": _of_library,
    "code": _of_nothing,
}


@blueprint.get("/drafts/<int(min=1, max=2000000000):draft_id>")
def show(draft_id: int) -> Any:
    """Return a draft with its drawing, decisions, form, policy and scenarios."""
    draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
    return draft, 200, {"ETag": etag(draft["version"])}


@blueprint.patch("/drafts/<int(min=1, max=2000000000):draft_id>")
@blueprint.arguments(DraftChangesSchema)
def save(body: dict[str, Any], draft_id: int) -> Any:
    """Save parts of a draft; send If-Match with the ETag of what you read."""
    saved = drafts.save(
        current_context(), by=actor(), draft_id=draft_id, changes=body, expected=expected_version(),
        request=named_request(body),
    )  # fmt: skip
    return saved, 200, {"ETag": etag(saved["version"])}


@blueprint.delete("/drafts/<int(min=1, max=2000000000):draft_id>")
@blueprint.response(204)
def delete(draft_id: int) -> None:
    """Delete a draft; what was published from it stays."""
    drafts.delete(current_context(), by=actor(), draft_id=draft_id, expected=expected_version())


@blueprint.post("/drafts/<int(min=1, max=2000000000):draft_id>/lint")
def lint(draft_id: int) -> Any:
    """Return what is wrong with a draft: the same findings as import and publishing."""
    return {"findings": drafts.findings(current_context(), by=actor(), draft_id=draft_id)}


@blueprint.post("/drafts/<int(min=1, max=2000000000):draft_id>/rehearsals")
@blueprint.arguments(RehearsalsSchema)
def rehearse(body: dict[str, Any], draft_id: int) -> Any:
    """Play the scenarios of a draft, or those in the body; nothing of the database changes."""
    raw = body.get("scenarios")
    return {"rehearsals": drafts.rehearse(current_context(), by=actor(), draft_id=draft_id, raw=raw)}


@blueprint.post("/drafts/<int(min=1, max=2000000000):draft_id>/publication")
@blueprint.arguments(PublicationSchema)
def publish(body: dict[str, Any], draft_id: int) -> Any:
    """Publish a draft that has no errors and whose scenarios end as expected."""
    return drafts.publish(
        current_context(), by=actor(), draft_id=draft_id, starts=body.get("starts"), expected=expected_version(),
        request=named_request(body),
    ), 201  # fmt: skip
