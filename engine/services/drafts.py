"""Drafts: what an administrator edits, checks, tries and publishes; a draft is never in force itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bpmn import model, sources
from bpmn.errors import BpmnError
from bpmn.findings import Finding, Severity, error
from engine.context import Context
from engine.domain import examples, forms, permissions, scenarios
from engine.domain.actors import Actor, Role
from engine.domain.limits import Limit
from engine.errors import ConflictError, InvalidInputError
from engine.services import procedure_contents, publishing, rehearsals
from engine.services.case import iso
from engine.services.policies import check_policy
from engine.services.procedure_contents import Content, Reading, step_told
from engine.services.transactions import Answer, Request, transact
from engine.store.drafts import DraftNotFoundError, ProcedureDraft
from engine.store.unit_of_work import UnitOfWork

LARGEST_SOURCE = 2 * 1024 * 1024  #: characters of a drawing
LARGEST_DECISIONS = 512 * 1024  #: characters of DMN
LARGEST_PART = 512 * 1024  #: characters of form, policy or scenarios as JSON
LONGEST_CODE = 40
LONGEST_NAME = 500


class DraftChangedError(ConflictError):
    """Somebody else saved the draft since it was read."""

    code = "draft-changed"


class DraftHasErrorsError(ConflictError):
    """The draft has findings that refuse publishing; the details list them."""

    code = "draft-has-errors"


class ScenarioFailedError(ConflictError):
    """Test runs do not end as expected; the details list which, with what was expected and what came."""

    code = "scenario-failed"


class InvalidDraftError(InvalidInputError):
    """What a draft is to hold cannot be kept; the message names the field."""

    code = "invalid-draft"


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the drafts of the agencies that the actor administers or audits, the latest edited first."""
    with ctx.unit_of_work(read_only=True) as uow:
        mine = by.agencies_with(*permissions.DRAFTING)
        if by.is_system:
            mine = frozenset(agency.id for agency in uow.agencies.all())
        return [_listed(uow, draft) for draft in uow.drafts.all(mine)] if mine else []


def show(ctx: Context, *, by: Actor, draft_id: int) -> dict[str, Any]:
    """Return a draft with everything in it, and its settings as the drawing says them.

    Raises:
        DraftNotFoundError: there is none, or it is not the actor's to see.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        draft = readable(uow, by, draft_id)
        return _listed(uow, draft) | {
            "source": draft.source,
            "decisions": draft.decisions,
            "form": draft.form,
            "policy": draft.policy,
            "scenarios": draft.scenarios,
            "procedure": _procedure(draft.source),
            "may_edit": by.is_system or by.holds(draft.owner_agency_id, (Role.ADMIN,)),
            "created_by": _name(uow, draft.created_by),
            "created_at": iso(draft.created_at),
        }


def findings(ctx: Context, *, by: Actor, draft_id: int, source: str | None = None) -> list[dict[str, str]]:
    """Lint a draft, or a drawing in its place that is not saved yet: the same findings as import and publishing.

    Raises:
        DraftNotFoundError.
    """
    return [found.as_json() for found in reading(ctx, by=by, draft_id=draft_id, source=source).findings]


def reading(ctx: Context, *, by: Actor, draft_id: int, source: str | None = None) -> Reading:
    """Return a draft as it would be published.

    Raises:
        DraftNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        content = _content(readable(uow, by, draft_id), source)
    return procedure_contents.read_content(content)


def save(
    ctx: Context, *, by: Actor, draft_id: int, changes: Mapping[str, Any], expected: int | None = None,
    created_at: str | None = None, request: Request | None = None,
) -> Answer:  # fmt: skip
    """Save parts of a draft; nothing of them is published. What cannot be kept is refused, what is only wrong is not.

    Args:
        changes: some of ``source`` (BPMN text), ``decisions`` (DMN text), ``form``, ``policy``, ``scenarios``, and
            ``procedure`` (``code``, ``name``, ``limit``, ``fee_vnd``), which is written into the drawing.
        expected: the version that was read; None: whatever is there.
        created_at: of the draft that was read, as ``show`` gives it: another under its number is not saved over.

    Raises:
        DraftChangedError: somebody else saved it since; the details have both versions.
        InvalidDraftError, InvalidFormError, InvalidPolicyError, InvalidScenarioError, InvalidLimitError.
        DraftNotFoundError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        if created_at not in (None, iso(readable(uow, by, draft_id).created_at)):
            raise DraftNotFoundError(f"the draft with number {draft_id} that you opened was deleted")
        draft = editable(uow, by, draft_id, expected)
        for name, value in changes.items():
            _SAVES.get(name, _unknown)(draft, value)
        _name_after_source(draft)
        draft.edited_by, draft.edited_at = by.id, ctx.clock.now()
        uow.flush()
        return _listed(uow, draft)

    return transact(ctx, by=by, request=request, work=work)


def rehearse(
    ctx: Context, *, by: Actor, draft_id: int, raw: list[Any] | None = None, source: str | None = None
) -> list[dict[str, Any]]:
    """Play the test runs of a draft, or others in their place that are not saved yet; see ``rehearsals.Played``.

    Raises:
        DraftHasErrorsError: the draft cannot run.
        InvalidScenarioError: a test run cannot be read.
        DraftNotFoundError.
    """
    read = reading(ctx, by=by, draft_id=draft_id, source=source)
    told = scenarios.read(list(read.content.scenarios if raw is None and read.content else raw or []))
    _check_publishable(read)
    return rehearsals.run(ctx, agency=_owner(ctx, by, draft_id), content=read, scenarios=told)


def publish(
    ctx: Context, *, by: Actor, draft_id: int, starts: datetime | None = None, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Publish a draft: its findings must have no error, and its test runs must end as expected.

    Args:
        starts: instant from which new dossiers take it; None: now. See ``publishing.publish``.

    Raises:
        DraftHasErrorsError, ScenarioFailedError: nothing is published; the details say what to mend.
        DraftChangedError, InvalidEffectError, DraftNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        draft = editable(uow, by, draft_id, expected)
        seen, owner, content = draft.version, draft.owner_agency_id, _content(draft)
    read = procedure_contents.read_content(content)
    _check_publishable(read)
    played = rehearsals.run(ctx, agency=owner, content=read, scenarios=scenarios.read(list(content.scenarios)))
    failed = [each for each in played if each["passed"] is False]
    if failed:
        names = ", ".join(each["name"] for each in failed)
        raise ScenarioFailedError(f"test runs do not end as expected: {names}; nothing is published", scenarios=failed)

    def work(uow: UnitOfWork) -> Answer:
        draft = editable(uow, by, draft_id, seen)
        agency = uow.agencies.get(draft.owner_agency_id)
        made = publishing.publish(ctx, uow, by=by, owner=agency, reading=read, starts=starts)
        draft.published_as = made.version.id
        uow.flush()
        return made.answer | {"draft": draft.id, "agency": agency.code, "new": made.is_new, "rehearsals": played}

    return transact(ctx, by=by, request=request, work=work)


def delete(ctx: Context, *, by: Actor, draft_id: int, expected: int | None = None) -> None:
    """Delete a draft; what was published from it stays.

    Raises:
        DraftChangedError, DraftNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        uow.drafts.delete(editable(uow, by, draft_id, expected))


# --- reading rows ----------------------------------------------------------------------------------------------------


def readable(uow: UnitOfWork, by: Actor, draft_id: int) -> ProcedureDraft:
    """Return a draft that the actor may see.

    Raises:
        DraftNotFoundError: there is none, or the actor may not know of it.
    """
    draft = uow.drafts.get(draft_id)
    if not permissions.can_see_workbench(by, agency=draft.owner_agency_id):
        raise DraftNotFoundError(f"there is no draft with number {draft_id}")
    return draft


def editable(uow: UnitOfWork, by: Actor, draft_id: int, expected: int | None) -> ProcedureDraft:
    """Return a draft that the actor may change, in the version that was seen.

    Raises:
        DraftNotFoundError, NotAllowedError, DraftChangedError.
    """
    draft = readable(uow, by, draft_id)
    permissions.check_can_administer(by, agency=draft.owner_agency_id)
    if expected is not None and draft.version != expected:
        who = _name(uow, draft.edited_by)
        message = f"{who or 'somebody'} saved this draft since you opened it; load it again and repeat your change"
        raise DraftChangedError(message, expected=expected, version=draft.version, by=who, at=iso(draft.edited_at))
    return draft


def _content(draft: ProcedureDraft, source: str | None = None) -> Content:
    drawn = draft.source if source is None else source
    return Content(drawn, draft.decisions, draft.form, draft.policy, tuple(draft.scenarios))


def _owner(ctx: Context, by: Actor, draft_id: int) -> Any:
    with ctx.unit_of_work(read_only=True) as uow:
        return readable(uow, by, draft_id).owner_agency_id


def _check_publishable(read: Reading) -> None:
    wrong = [found.as_json() for found in read.findings if found.severity is Severity.ERROR]
    if not read.is_publishable:
        raise DraftHasErrorsError(
            f"the draft has {len(wrong)} errors; mend them first", findings=wrong or [_no_model().as_json()]
        )


def _no_model() -> Finding:
    return error("model-missing", "file", "The draft has no drawing that can run; draw its steps.")


def _listed(uow: UnitOfWork, draft: ProcedureDraft) -> dict[str, Any]:
    published = None if draft.published_as is None else uow.procedures.version(draft.published_as).number
    return {
        "id": draft.id,
        "code": draft.code,
        "name": draft.name,
        "agency": uow.agencies.get(draft.owner_agency_id).code,
        "version": draft.version,
        "published_as": published,
        "edited_by": _name(uow, draft.edited_by),
        "edited_at": iso(draft.edited_at),
    }


def _name(uow: UnitOfWork, officer: Any) -> str | None:
    return None if officer is None else uow.people.get(officer).name


def _procedure(source: str) -> dict[str, str]:
    try:
        return sources.procedure_of(source)
    except BpmnError:
        return {}


# --- saving parts ----------------------------------------------------------------------------------------------------


def _save_source(draft: ProcedureDraft, value: object) -> None:
    draft.source = _text(value, "source", LARGEST_SOURCE)
    if not draft.source.strip():
        raise InvalidDraftError("source must not be empty", field="source")


def _save_decisions(draft: ProcedureDraft, value: object) -> None:
    draft.decisions = _text(value, "decisions", LARGEST_DECISIONS)


def _save_form(draft: ProcedureDraft, value: object) -> None:
    forms.fields_of(value)  # type: ignore[arg-type]
    examples.examples_of(value)  # type: ignore[arg-type]
    if isinstance(value, Mapping) and not set(value) <= {"fields", "sections", examples.KEY}:
        raise InvalidDraftError("a form has only fields, sections and examples", field="form")
    _check_size(value, "form")
    draft.form = dict(value) if isinstance(value, Mapping) else {}


def _save_policy(draft: ProcedureDraft, value: object) -> None:
    draft.policy = check_policy(value)


def _save_scenarios(draft: ProcedureDraft, value: object) -> None:
    scenarios.read(value)
    _check_size(value, "scenarios")
    draft.scenarios = list(value) if isinstance(value, list) else []


def _save_procedure(draft: ProcedureDraft, value: object) -> None:
    """Write code, name, limit and fee into the drawing, which alone says them."""
    if not isinstance(value, Mapping):
        raise InvalidDraftError("procedure must be an object with code, name, limit, fee_vnd", field="procedure")
    said: dict[str, str | None] = {name: _named(value[name], name) for name in ("code", "name") if name in value}
    if "limit" in value:
        said["limit"] = _limit(value["limit"])
    if "fee_vnd" in value:
        said["feeVnd"] = _fee(value["fee_vnd"])
    try:
        draft.source = sources.with_procedure(draft.source, said)
    except (BpmnError, ValueError) as problem:
        raise InvalidDraftError(f"the drawing cannot take these settings: {problem}", field="source") from problem


def _named(value: object, name: str) -> str:
    text = " ".join(_text(value, name, LONGEST_CODE if name == "code" else LONGEST_NAME).split())
    if not text:
        raise InvalidDraftError(f"{name} must not be empty", field=name)
    return text


def _limit(value: object) -> str:
    limit = Limit.parse(_text(value, "limit", 120))
    if limit.is_zero:
        raise InvalidDraftError("limit must be above zero", field="limit")
    return str(limit)


def _fee(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
        raise InvalidDraftError("fee_vnd must be a whole number of đồng from 0, or null", field="fee_vnd")
    return str(value)


def _unknown(_draft: ProcedureDraft, _value: object) -> None:
    raise InvalidDraftError(f"a draft has only {', '.join(_SAVES)}", field="changes")


def _text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidDraftError(f"{name} must be a text of at most {longest} characters", field=name)
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise InvalidDraftError(f"{name} holds a character that is no text", field=name)
    return value


def _check_size(value: object, name: str) -> None:
    if len(json.dumps(value, default=str)) > LARGEST_PART:
        raise InvalidDraftError(f"{name} has more than {LARGEST_PART} characters", field=name)


def _name_after_source(draft: ProcedureDraft) -> None:
    """Call a draft as its drawing does; a drawing that says nothing leaves the draft its name."""
    said = _procedure(draft.source)
    draft.code = said.get("code", draft.code)[:LONGEST_CODE] or draft.code
    draft.name = said.get("name", draft.name)[:LONGEST_NAME] or draft.name


_SAVES = {
    "source": _save_source,
    "decisions": _save_decisions,
    "form": _save_form,
    "policy": _save_policy,
    "scenarios": _save_scenarios,
    "procedure": _save_procedure,
}


def steps_of(read: Reading) -> list[dict[str, Any]]:
    """Return the steps of a draft with their outcomes, in order, for who writes a test run; empty when none stand."""
    if not read.xml:
        return []
    try:
        facts = model.facts(read.xml)
    except BpmnError:
        return []
    return [
        step_told(step) | {"outcomes": [{"value": value, "label": label} for value, label in step.outcomes]}
        for step in facts.steps.values()
        if step.order > 0
    ]
