"""What the lines of a report are called, and which facts a line counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from engine.domain.dossier import Channel
from engine.reports import fact_rows
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Per
from engine.store.agencies import Agency, Unit
from engine.store.facts import DossierFact
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

CHANNELS = {Channel.DIRECT: "Trực tiếp", Channel.ONLINE: "Trực tuyến", Channel.POSTAL: "Bưu chính công ích"}
NOBODY, NO_UNIT, NO_FIELD = "(chưa có người thụ lý)", "(chưa rõ đơn vị)", "(chưa phân lĩnh vực)"

Named = tuple[str, str]  #: key and name of a line
_unit_key: ColumnElement[str] = Agency.code + "/" + Unit.code


def fields_by_code(uow: UnitOfWork) -> dict[str, str] | None:
    """Return the field of each procedure code; None when two agencies have put one code into different fields."""
    query = select(Procedure.code, func.min(Procedure.field), func.max(Procedure.field)).group_by(Procedure.code)
    fields = {code: (first, last) for code, first, last in uow.session.execute(query)}
    return {code: first for code, (first, _) in fields.items()} if all(a == b for a, b in fields.values()) else None


def names(
    uow: UnitOfWork,
    per: Per,
    keys: Collection[Any],
    localities: Localities,
    fields: Mapping[str, str] | None = None,
) -> dict[Any, Named]:
    """Return key and name of each line.

    Args:
        per: any but by month.
        keys: those of ``tally``.
        fields: of lines by field, when codes tell them.
    """
    match per:
        case Per.AGENCY:
            return {key: (localities.agencies[key].code, localities.agencies[key].name) for key in keys}
        case Per.CHANNEL:
            return {key: (Channel(key).value, CHANNELS[Channel(key)]) for key in keys}
        case Per.FIELD if fields is not None:
            return {key: _field(fields.get(key, "")) for key in keys}
    found = {row[0]: row for row in uow.session.execute(_lookup(per, keys))}
    if per is Per.FIELD:
        return {key: _field(found[key][1] if key in found else "") for key in keys}
    if per is Per.PROCEDURE:  # named as the agency names it that had it first
        return {key: (key, found[key][1] if key in found else "") for key in keys}
    nobody = ("", NOBODY if per is Per.OFFICER else NO_UNIT)
    return {key: (found[key][1], found[key][2]) if key in found else nobody for key in keys}


def condition(per: Per, dimension: Dimension, key: str) -> ColumnElement[bool]:
    """Return the condition that a fact belongs to a line.

    Args:
        key: of the line as the report shows it; one that it does not show holds for no fact.
    """
    match per:
        case Per.AGENCY:
            return fact_rows.AGENCY[dimension].in_(select(Agency.id).where(Agency.code == key))
        case Per.PROCEDURE:
            return DossierFact.procedure_code == key
        case Per.FIELD:
            return DossierFact.procedure_id.in_(select(Procedure.id).where(Procedure.field == key))
        case Per.CHANNEL:
            return and_(DossierFact.channel == key)
        case Per.OFFICER:
            known = DossierFact.officer_id.in_(select(Officer.id).where(Officer.username == key))
            return known if key else DossierFact.officer_id.is_(None)
        case Per.UNIT:
            units = select(Unit.id).join(Agency, Agency.id == Unit.owner_agency_id).where(_unit_key == key)
            return DossierFact.unit_id.in_(units) if key else DossierFact.unit_id.is_(None)
    return true()


def _field(field: str) -> Named:
    return field, field or NO_FIELD


def _lookup(per: Per, keys: Collection[Any]) -> Select[*tuple[Any, ...]]:
    if per is Per.FIELD:
        return select(Procedure.id, Procedure.field).where(Procedure.id.in_(keys))
    if per is Per.PROCEDURE:
        first = select(func.min(Procedure.id)).where(Procedure.code.in_(keys)).group_by(Procedure.code)
        return select(Procedure.code, Procedure.name).where(Procedure.id.in_(first))
    if per is Per.OFFICER:
        return select(Officer.id, Officer.username, Officer.name).where(Officer.id.in_(_known(keys)))
    query = select(Unit.id, _unit_key, Unit.name).join(Agency, Agency.id == Unit.owner_agency_id)
    return query.where(Unit.id.in_(_known(keys)))


def _known(keys: Collection[Any]) -> list[Any]:
    return [key for key in keys if key is not None]
