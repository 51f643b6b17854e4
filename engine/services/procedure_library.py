"""The reference processes that come with the software, published in an agency as they are or with other partners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import references
from bpmn.references import Reference
from engine.context import Context
from engine.domain.actors import Actor
from engine.errors import InvalidInputError
from engine.services import imports, publishing
from engine.services.imports import Import
from engine.services.procedure_contents import Content
from engine.services.transactions import Request


class UnknownPartnerError(InvalidInputError):
    """A reference process has no partner of this role."""

    code = "unknown-partner"


def listing() -> list[dict[str, Any]]:
    """Return the reference processes by code: name, field, limit, partner roles and how many sources they name."""
    return [
        {
            "code": found.code,
            "name": found.name,
            "field": found.policy["field"],
            "limit": found.facts["limit"],
            "partners": roles_of(found),
            "scenarios": len(found.scenarios),
            "sources": [{"fact": fact, "source": source} for fact, source in found.sources],
        }
        for found in map(references.read, references.codes())
    ]


def roles_of(found: Reference) -> dict[str, str]:
    """Return the partner roles of a reference process with their names."""
    return {each["role"]: each["name"] for each in found.facts.get("partners", ())}


def content_of(code: str, *, partners: Mapping[str, str]) -> Content:
    """Return a reference process as content that can be edited, linted, test-run and published.

    Args:
        partners: code of the agency for each partner role.

    Raises:
        UnknownPartnerError: a role is none of the process.
        ReferenceNotFoundError.
    """
    found = references.read(code)
    roles = roles_of(found)
    unknown = sorted(set(partners) - set(roles))
    if unknown:
        known = ", ".join(roles) or "none"
        raise UnknownPartnerError(f"{code} has no partner {unknown[0]!r}; its partners are: {known}", field="partners")
    policy = dict(found.policy) | ({"partners": dict(partners)} if partners else {})
    return Content(found.source, found.decisions, dict(found.form), policy, found.scenarios)


def own_content(found: Reference, own: str) -> Content:
    """Return a process read from a folder as content whose partners are the agency itself, where it names no other.

    Args:
        own: code of that agency.
    """
    partners = dict.fromkeys(roles_of(found), own) | dict(found.policy.get("partners", {}))
    policy = dict(found.policy) | ({"partners": partners} if partners else {})
    return Content(found.source, found.decisions, dict(found.form), policy, tuple(found.scenarios))


def add_folder(
    ctx: Context, *, by: Actor, found: Reference, agency: str | None = None, request: Request | None = None
) -> Import:
    """Publish a process read from a folder, as ``add`` does one of the library.

    Raises:
        AgencyNotFoundError, NotAllowedError, KeyReusedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        own = publishing.administered(uow, by, agency).code
    return imports.import_content(ctx, by=by, content=own_content(found, own), agency=agency, request=request)


def add(
    ctx: Context,
    *,
    by: Actor,
    code: str,
    agency: str | None = None,
    partners: Mapping[str, str] | None = None,
    request: Request | None = None,
) -> Import:
    """Publish a reference process; partners that are not named are units of the agency itself.

    Args:
        agency: code of the agency that gets it; None: the default agency.
        partners: code of the agency for some of the partner roles.

    Raises:
        AgencyNotFoundError: the agency or a partner does not exist.
        ReferenceNotFoundError, UnknownPartnerError, NotAllowedError, KeyReusedError.
    """
    named = dict(partners or {})
    with ctx.unit_of_work(read_only=True) as uow:
        own = publishing.administered(uow, by, agency).code
        for each in named.values():
            uow.agencies.by_code(each)
    roles = roles_of(references.read(code))
    content = content_of(code, partners=dict.fromkeys(roles, own) | named)
    return imports.import_content(ctx, by=by, content=content, agency=agency, request=request)
