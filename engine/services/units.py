"""Units of an agency, by the names that people know."""

from __future__ import annotations

from engine.context import Context


def names(ctx: Context, *, agency: str) -> dict[str, str]:
    """Return the names of an agency's units by their codes; who works where is public knowledge.

    Raises:
        AgencyNotFoundError: no agency has this code.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return {unit.code: unit.name for unit in uow.agencies.units(uow.agencies.by_code(agency).id)}
