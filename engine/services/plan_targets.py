"""Targets of a unit's plan: indicator, figure, time, and the paper that sets them (domain.md §9.1, §9.5).

The targets of two units may contradict each other, as their papers do: each is a setting of one agency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.context import Context
from engine.domain import plan_facts
from engine.domain.actors import Actor
from engine.domain.indicator_catalogue import by_key
from engine.domain.permissions_plans import check_can_plan
from engine.services.admin_scope import note
from engine.services.plan_files import Row, all_rows
from engine.store.agencies import Agency
from engine.store.indicators import PlanTarget
from engine.store.unit_of_work import UnitOfWork

LONGEST_DOCUMENT, LONGEST_NOTE = 300, 500  #: characters
COLUMNS = ("plan", "indicator", "comparison", "figure", "from", "to", "base_year", "document", "note")
NEEDED = ("indicator", "comparison", "figure", "from", "to", "document")  #: of these columns
TIME_CUT = "time_cut"  #: the indicator that is counted against a base year


@dataclass(frozen=True, slots=True)
class Target:
    """A target as somebody sets it; ``figure`` is a decimal with comma or point, percent for a share."""

    indicator: str
    comparison: str
    figure: str
    from_on: date
    to_on: date
    document: str
    note: str = ""
    base_year: int | None = None


def set_target(ctx: Context, *, by: Actor, agency: str, target: Target) -> dict[str, Any]:
    """Set a target; it stands instead of an earlier one of the same indicator and the same days.

    Args:
        agency: code.

    Raises:
        UnknownIndicatorError, PlanPeriodError, PlanNumberError, PlanFactError, AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        return _view(_set(ctx, uow, by, _planned(uow, by, agency), target))


def withdraw(ctx: Context, *, by: Actor, target_id: int) -> None:
    """Take a target back: no report asks for it any more.

    Raises:
        PlanRowNotFoundError: there is none, or it was withdrawn.
        NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        row = uow.indicators.target(target_id)
        if row is None or row.withdrawn_at is not None:
            raise plan_facts.PlanRowNotFoundError("there is no such target; it may have been withdrawn")
        check_can_plan(by, agency=row.owner_agency_id)
        row.withdrawn_at = ctx.clock.now()
        _note(ctx, uow, by, uow.agencies.get(row.owner_agency_id), "target.withdrawn", row)


def import_file(
    ctx: Context, *, by: Actor, agency: str, content: bytes, name: str, plan: str | None = None
) -> int:  # fmt: skip
    """Set the targets of a CSV file with the columns ``COLUMNS``, all or none; return how many.

    Args:
        plan: only rows whose column ``plan`` says this; a file with several plans needs it.

    Raises:
        PlanFileError: rows cannot be used; it names each with its field, why, and the remedy.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        place = _planned(uow, by, agency)
        plans: set[str] = set()
        seen: set[tuple[str, date, date]] = set()

        def take(row: Row) -> PlanTarget | None:
            plans.add(row["plan"])
            if plan is not None and row["plan"] != plan:
                return None
            target = _read(row)
            _check_once(seen, target)
            return _set(ctx, uow, by, place, target)

        taken = [each for each in all_rows(content, name, COLUMNS, take, needed=NEEDED) if each is not None]
        _check_plans(plans, plan, len(taken))
        return len(taken)


def _check_once(seen: set[tuple[str, date, date]], target: Target) -> None:
    key = (target.indicator, target.from_on, target.to_on)
    if key in seen:
        message = f"{target.indicator} has two targets for the same days in this file; choose one, or name the plan"
        raise plan_facts.PlanFactError(message, field="indicator")
    seen.add(key)


def _check_plans(plans: set[str], plan: str | None, taken: int) -> None:
    if plan is None and len(plans) > 1:
        message = f"the file has several plans; name one: {', '.join(sorted(plans))}"
        raise plan_facts.PlanFactError(message, field="plan")
    if not taken:
        raise plan_facts.PlanFactError(f"the file has no plan {plan!r}: {', '.join(sorted(plans))}", field="plan")


def _read(row: Row) -> Target:
    base_year = row["base_year"]
    if base_year and not (base_year.isascii() and base_year.isdigit()):
        raise plan_facts.PlanNumberError(f"base_year: {base_year[:20]!r} is no year", field="base_year")
    return Target(
        indicator=row["indicator"],
        comparison=row["comparison"],
        figure=row["figure"],
        from_on=plan_facts.day(row["from"], field="from"),
        to_on=plan_facts.day(row["to"], field="to"),
        document=row["document"],
        note=row["note"],
        base_year=int(base_year) if base_year else None,
    )


def _planned(uow: UnitOfWork, by: Actor, agency: str) -> Agency:
    place = uow.agencies.by_code(agency)
    check_can_plan(by, agency=place.id)
    uow.agencies.lock([place.id])
    return place


def _set(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, target: Target) -> PlanTarget:
    row = _made(ctx, by, place, target)
    for before in uow.indicators.targets([place.id], from_on=row.from_on, to_on=row.to_on):
        if (before.indicator, before.from_on, before.to_on) != (row.indicator, row.from_on, row.to_on):
            continue
        if _said(before) == _said(row):
            return before  # a form that was sent twice
        before.withdrawn_at = ctx.clock.now()
    uow.indicators.add(row)
    _note(ctx, uow, by, place, "target.set", row)
    return row


def _made(ctx: Context, by: Actor, place: Agency, target: Target) -> PlanTarget:
    """Return the row of a target.

    Raises:
        UnknownIndicatorError, PlanPeriodError, PlanNumberError, PlanFactError: what it says cannot be.
    """
    indicator = by_key(target.indicator)
    plan_facts.check_period(target.from_on, target.to_on)
    if target.comparison not in set(plan_facts.Comparison):
        message = f"comparison is one of {', '.join(plan_facts.Comparison)}"
        raise plan_facts.PlanFactError(message, field="comparison")
    figure = plan_facts.decimal(target.figure, field="figure")
    plan_facts.check_target(indicator, figure)
    if indicator.key == TIME_CUT and target.base_year is None:
        raise plan_facts.PlanFactError("name the base year against which time is cut", field="base_year")
    if target.base_year is not None and target.base_year not in plan_facts.YEARS:
        raise plan_facts.PlanFactError("the base year is a year such as 2024", field="base_year")
    return PlanTarget(
        owner_agency_id=place.id,
        indicator=indicator.key,
        comparison=target.comparison,
        figure=plan_facts.plain(figure),
        from_on=target.from_on,
        to_on=target.to_on,
        base_year=target.base_year,
        document=plan_facts.line(target.document, field="document", longest=LONGEST_DOCUMENT),
        note=plan_facts.line(target.note, field="note", longest=LONGEST_NOTE, needed=False),
        entered_by=by.id,
        entered_at=ctx.clock.now(),
        withdrawn_at=None,
    )


def _said(row: PlanTarget) -> tuple[Any, ...]:
    return row.comparison, row.figure, row.base_year, row.document, row.note


def _note(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, kind: str, row: PlanTarget) -> None:
    at = ctx.clock.now()
    note(uow, by=by, at=at, agency=place, kind=kind, subject=row.indicator, facts=_view(row), ground=row.document)


def _view(row: PlanTarget) -> dict[str, Any]:
    return {
        "id": row.id,
        "indicator": row.indicator,
        "comparison": row.comparison,
        "figure": row.figure,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "base_year": row.base_year,
        "document": row.document,
        "note": row.note,
    }
