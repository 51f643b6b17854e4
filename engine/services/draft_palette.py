"""What the modeler offers for choosing beside a draft: units, roles, shared parts, services, messages, decisions."""

from __future__ import annotations

from typing import Any

from bpmn import decisions, names, parts
from bpmn.errors import BpmnError
from engine.context import Context
from engine.domain import forms
from engine.domain.actors import Actor
from engine.domain.permissions import WORKING
from engine.errors import InvalidInputError
from engine.services.drafts import readable


def palette(ctx: Context, *, by: Actor, draft_id: int) -> dict[str, list[Any]]:
    """Return ``units`` (code, name), ``roles``, ``parts`` (id, name, purpose), ``services``, ``messages``,
    ``decisions`` (ids) and ``fields`` (name, label) of a draft.

    Raises:
        DraftNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        draft = readable(uow, by, draft_id)
        units = [{"code": unit.code, "name": unit.name} for unit in uow.agencies.units(draft.owner_agency_id)]
        return {
            "units": units,
            "roles": [role.value for role in WORKING],
            "parts": [{"id": part.id, "name": part.name, "purpose": part.purpose} for part in _parts()],
            "services": list(names.SERVICES),
            "messages": list(names.MESSAGES),
            "decisions": _decisions(draft.decisions),
            "fields": _fields(draft.form),
        }


def _parts() -> list[parts.Part]:
    return sorted(parts.library().values(), key=lambda part: part.name)


def _decisions(dmn: str) -> list[str]:
    try:
        return [table.id for table in decisions.parse(dmn).tables] if dmn else []
    except BpmnError:
        return []  # what is wrong with them is told by their own findings


def _fields(form: dict[str, Any]) -> list[dict[str, str]]:
    try:
        return [{"name": field.name, "label": field.label} for field in forms.fields_of(form).values()]
    except InvalidInputError:
        return []
