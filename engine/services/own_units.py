"""Units that a sheet or drawing calls by name, brought to those that the agency has; and those with nobody in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bpmn import model, sources
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.text import fold
from engine.services import drafts
from engine.services.procedure_contents import Reading
from engine.store.unit_of_work import UnitOfWork


def with_own_units(uow: UnitOfWork, owner: AgencyId, reading: Reading) -> Reading:
    """Return what was read with the codes of the agency's units where it names a unit as one of these is named.

    A sheet says names, not codes; a second unit of the same name would be made, with nobody in it. A code that the
    agency has is left as it is, and so are partner lanes and names that two units have.
    """
    if not reading.xml or reading.content is None:
        return reading
    there = uow.agencies.units(owner)
    codes = {unit.code for unit in there}
    named: dict[str, list[str]] = {}
    for unit in there:
        named.setdefault(fold(unit.name), []).append(unit.code)
    meant = {
        unit.code: named[fold(unit.label)][0]
        for unit in model.facts(reading.xml).units
        if unit.agency is None and unit.code not in codes and len(named.get(fold(unit.label), ())) == 1
    }
    if not meant:
        return reading
    content = replace(reading.content, source=sources.with_units(reading.content.source, meant))
    return replace(reading, content=content, xml=sources.with_units(reading.xml, meant))


def unmanned(ctx: Context, *, by: Actor, draft_id: int) -> list[dict[str, Any]]:
    """Return the units of a draft in which nobody is, so that nobody would see its steps: ``name``, ``code``, ``new``.

    Raises:
        DraftNotFoundError.
    """
    read = drafts.reading(ctx, by=by, draft_id=draft_id)
    if not read.is_publishable:
        return []
    with ctx.unit_of_work(read_only=True) as uow:
        owner = drafts.readable(uow, by, draft_id).owner_agency_id
        return _unmanned(uow, owner, model.facts(read.xml), read.policy)


def _unmanned(
    uow: UnitOfWork, owner: AgencyId, facts: model.ModelFacts, policy: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = []
    for unit in facts.units:
        partner = None if unit.agency is None else uow.agencies.find(policy["partners"][unit.agency])
        agency = owner if unit.agency is None or partner is None else partner.id
        there = uow.agencies.find_unit(agency, unit.code)
        if there is None or not uow.people.members(there.id):
            found.append({"name": unit.label, "code": unit.code, "new": there is None})
    return found
