"""What the register says of procedures beside their model: level, online, legal limit, published (domain.md §5, §9.1).

The legal limit and the online level are what statistics measure against; nobody having said them is not "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.context import Context
from engine.domain import limits, plan_facts
from engine.domain.actors import Actor
from engine.domain.ids import ProcedureId
from engine.services import facts
from engine.services.admin_scope import AdminFactError, check_administers, day, managed_agency, note
from engine.services.plan_files import Row, all_rows
from engine.store.agencies import Agency
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

LEVELS = ("commune", "province")
ONLINE_LEVELS = ("none", "partial", "full")
KINDS = ("public", "internal")
COLUMNS = ("code", "level", "online_level", "legal_limit", "kind", "published_at", "is_nonterritorial")
_YES_NO = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of a procedure.

    Args:
        online_level: ``none``, ``partial`` or ``full``; None: nobody has said.
        legal_limit: what the law grants before it was cut, such as ``15 working_day``; None: nobody has said.
        published_at: on the national database; None: it is not.
        is_nonterritorial: filed anywhere in the province (domain.md §1.12).
    """

    level: str = "commune"
    online_level: str | None = None
    legal_limit: str | None = None
    kind: str = "public"
    published_at: date | None = None
    is_nonterritorial: bool = False


def listed(ctx: Context, *, by: Actor, agency: str) -> list[dict[str, Any]]:
    """Return the procedures of an agency by code, with what the register says of each.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        return [_view(row) for row in uow.procedures.all(managed_agency(uow, by, agency).id)]


def change(ctx: Context, *, by: Actor, agency: str, code: str, entry: Entry) -> dict[str, Any]:
    """Change what the register says of a procedure; what differs is written down as an act.

    A new legal limit is measured against in transactions of their own: facts of its dossiers are computed again. When
    that is interrupted, ``motcua verify`` names them, and ``motcua statistics rebuild`` finishes it.

    Raises:
        AdminFactError, InvalidLimitError, PlanPeriodError: it cannot be.
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = _locked(uow, by, agency)
        row = uow.procedures.by_code(place.id, code)
        other_limit = _change(ctx, uow, by, place, row, _checked(entry))
        answer = _view(row)
    if other_limit:
        facts.project_all(ctx, procedure=row.id)
    return answer


def import_file(ctx: Context, *, by: Actor, agency: str, content: bytes, name: str) -> int:
    """Change the register by a CSV file with the columns ``COLUMNS``, all or none; return how many rows it has.

    A column that the file does not have stays as it is; an empty cell means that nobody has said it.

    Raises:
        PlanFileError: rows cannot be used; it names each with its field, why, and the remedy.
        AgencyNotFoundError, NotAllowedError.
    """
    check_administers(by)
    with ctx.unit_of_work() as uow:
        place = _locked(uow, by, agency)
        known = {row.code: row for row in uow.procedures.all(place.id)}
        other_limits: list[ProcedureId] = []

        def take(read: Row) -> None:
            row = known.get(read["code"])
            if row is None:
                message = f"there is no procedure with code {read['code'][:40]!r} in this agency"
                raise AdminFactError(message, field="code")
            if _change(ctx, uow, by, place, row, _checked(_read(read, _entry(row)))):
                other_limits.append(row.id)

        count = len(all_rows(content, name, COLUMNS, take, needed=("code",)))
    for procedure in other_limits:
        facts.project_all(ctx, procedure=procedure)
    return count


def _locked(uow: UnitOfWork, by: Actor, agency: str) -> Agency:
    place = managed_agency(uow, by, agency)
    uow.agencies.lock([place.id])
    return place


def _read(read: Row, before: Entry) -> Entry:
    said = {name: read[name] for name in COLUMNS[1:] if name in read}
    found: dict[str, Any] = {
        name: text or None for name, text in said.items() if name in ("online_level", "legal_limit")
    }
    found |= {name: said[name] or getattr(Entry(), name) for name in ("level", "kind") if name in said}
    if "published_at" in said:
        text = said["published_at"]
        found["published_at"] = plan_facts.day(text, field="published_at") if text else None
    if "is_nonterritorial" in said:
        text = said["is_nonterritorial"].lower() or "false"
        if text not in _YES_NO:
            raise AdminFactError("is_nonterritorial is true or false", field="is_nonterritorial")
        found["is_nonterritorial"] = _YES_NO[text]
    return Entry(**(_as_facts(before) | found))


def _checked(entry: Entry) -> Entry:
    """Return the entry as it is kept.

    Raises:
        AdminFactError, InvalidLimitError, PlanPeriodError: it cannot be.
    """
    for name, known in (("level", LEVELS), ("kind", KINDS), ("online_level", (None, *ONLINE_LEVELS))):
        if getattr(entry, name) not in known:
            words = ", ".join(each for each in known if each)
            raise AdminFactError(f"{name} is one of {words}", field=name)
    if entry.published_at is not None:
        plan_facts.checked_day(entry.published_at, field="published_at")
    if entry.legal_limit is None:
        return entry
    try:
        limit = str(limits.Limit.parse(entry.legal_limit))
    except limits.InvalidLimitError as error:
        raise AdminFactError(error.message, field="legal_limit") from None
    return Entry(**(_as_facts(entry) | {"legal_limit": limit}))


def _change(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, row: Procedure, entry: Entry) -> bool:
    """Write what differs and an act of it; return whether the legal limit is another one now."""
    before, after = _entry(row), entry
    if before == after:
        return False
    for name, value in _as_facts(after).items():
        setattr(row, name, value)
    told = {"before": _told(before), "after": _told(after)}
    note(uow, by=by, at=ctx.clock.now(), agency=place, kind="procedure.registered", subject=row.code, facts=told)
    return before.legal_limit != after.legal_limit


def _entry(row: Procedure) -> Entry:
    return Entry(
        level=row.level,
        online_level=row.online_level,
        legal_limit=row.legal_limit,
        kind=row.kind,
        published_at=row.published_at,
        is_nonterritorial=row.is_nonterritorial,
    )


def _as_facts(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _told(entry: Entry) -> Mapping[str, str]:
    """Return what an act keeps of an entry: texts, empty for what nobody has said."""
    said = _as_facts(entry) | {"published_at": day(entry.published_at)}
    return {name: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in said.items()}  # fmt: skip


def _view(row: Procedure) -> dict[str, Any]:
    said = _as_facts(_entry(row)) | {"published_at": day(row.published_at)}
    return {"code": row.code, "name": row.name, "field": row.field, "open": row.is_open, **said}
