"""Figures that no dossier tells, entered by hand with their source (domain.md §5, §9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.context import Context
from engine.domain import plan_facts
from engine.domain.actors import Actor
from engine.domain.indicator_catalogue import by_key
from engine.domain.indicators import Origin, Shape
from engine.domain.permissions_plans import check_can_plan
from engine.errors import InvalidInputError
from engine.services.admin_scope import note
from engine.services.plan_files import Row, all_rows
from engine.store.agencies import Agency
from engine.store.indicators import IndicatorFigure
from engine.store.unit_of_work import UnitOfWork

LONGEST_SOURCE = 500  #: characters
COLUMNS = ("indicator", "from", "to", "numerator", "denominator", "source")  #: of a file of figures


class FigureNotEnteredError(InvalidInputError):
    """The indicator is counted by the system; a figure for it would contradict its own dossiers."""

    code = "figure-is-counted"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a period.

    Args:
        numerator: of a share, how many; otherwise the number, with ``denominator`` a power of ten behind its comma.
    """

    indicator: str
    from_on: date
    to_on: date
    numerator: int
    denominator: int
    source: str


def enter(ctx: Context, *, by: Actor, agency: str, figure: Figure) -> dict[str, Any]:
    """Enter a figure; it stands instead of an earlier one for the same days.

    Args:
        agency: code.

    Raises:
        UnknownIndicatorError, FigureNotEnteredError, PlanPeriodError, PlanNumberError, PlanFactError.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        return _view(_enter(ctx, uow, by, _planned(uow, by, agency), figure))


def withdraw(ctx: Context, *, by: Actor, figure_id: int) -> None:
    """Take a figure back: it is not known any more; what was entered before it for the same days does not come back.

    Raises:
        PlanRowNotFoundError: there is none, or it was withdrawn.
        NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        row = uow.indicators.figure(figure_id)
        if row is None or row.withdrawn_at is not None:
            raise plan_facts.PlanRowNotFoundError("there is no such figure; it may have been withdrawn")
        check_can_plan(by, agency=row.owner_agency_id)
        row.withdrawn_at = ctx.clock.now()
        _note(ctx, uow, by, uow.agencies.get(row.owner_agency_id), "figure.withdrawn", row)


def import_file(ctx: Context, *, by: Actor, agency: str, content: bytes, name: str) -> int:
    """Enter the figures of a CSV file with the columns ``COLUMNS``, all or none; return how many.

    Raises:
        PlanFileError: rows cannot be used; it names each with its field, why, and the remedy.
        AgencyNotFoundError, NotAllowedError.
    """
    with ctx.unit_of_work() as uow:
        place = _planned(uow, by, agency)
        made = all_rows(content, name, COLUMNS, lambda row: _enter(ctx, uow, by, place, _read(row)))
        return len(made)


def number(text: str, shape: Shape) -> tuple[int, int]:
    """Return numerator and denominator of what is no share: ``95,5`` is 955 of 10.

    Raises:
        PlanNumberError: it is no number, or no whole one where things are counted.
    """
    read = plan_facts.decimal(text, field="numerator")
    if shape is Shape.COUNT and read.denominator != 1:
        raise plan_facts.PlanNumberError("a number of things is a whole number", field="numerator")
    return read.numerator, read.denominator


def whole(text: str, *, field: str) -> int:
    """Return a whole number.

    Raises:
        PlanNumberError: it is none.
    """
    digits = text.replace(".", "").replace(" ", "").replace("\u00a0", "").strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 13:
        raise plan_facts.PlanNumberError(f"{field}: {text[:40]!r} is no whole number", field=field)
    return int(digits)


def _read(row: Row) -> Figure:
    indicator = by_key(row["indicator"])
    if indicator.shape is Shape.SHARE:
        numbers = whole(row["numerator"], field="numerator"), whole(row["denominator"], field="denominator")
    else:
        numbers = number(row["numerator"], indicator.shape)
    return Figure(
        indicator=indicator.key,
        from_on=plan_facts.day(row["from"], field="from"),
        to_on=plan_facts.day(row["to"], field="to"),
        numerator=numbers[0],
        denominator=numbers[1],
        source=row["source"],
    )


def _planned(uow: UnitOfWork, by: Actor, agency: str) -> Agency:
    place = uow.agencies.by_code(agency)
    check_can_plan(by, agency=place.id)
    uow.agencies.lock([place.id])
    return place


def _enter(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, figure: Figure) -> IndicatorFigure:
    indicator = by_key(figure.indicator)
    if indicator.origin is not Origin.FIGURE:
        message = f"{indicator.key} is counted from {indicator.origin.value}; correct those instead"
        raise FigureNotEnteredError(message, field="indicator")
    plan_facts.check_period(figure.from_on, figure.to_on)
    plan_facts.check_figure(indicator, figure.numerator, figure.denominator)
    source = plan_facts.line(figure.source, field="source", longest=LONGEST_SOURCE)
    now = ctx.clock.now()
    standing = uow.indicators.figures([place.id], from_on=figure.from_on, to_on=figure.to_on, indicator=indicator.key)
    for before in standing:
        if (before.from_on, before.to_on) != (figure.from_on, figure.to_on):
            continue
        if (before.numerator, before.denominator, before.source) == (figure.numerator, figure.denominator, source):
            return before  # a form that was sent twice
        before.withdrawn_at = now
    row = IndicatorFigure(
        owner_agency_id=place.id,
        indicator=indicator.key,
        from_on=figure.from_on,
        to_on=figure.to_on,
        numerator=figure.numerator,
        denominator=figure.denominator,
        source=source,
        entered_by=by.id,
        entered_at=now,
        withdrawn_at=None,
    )
    uow.indicators.add(row)
    _note(ctx, uow, by, place, "figure.entered", row)
    return row


def _note(ctx: Context, uow: UnitOfWork, by: Actor, place: Agency, kind: str, row: IndicatorFigure) -> None:
    at = ctx.clock.now()
    note(uow, by=by, at=at, agency=place, kind=kind, subject=row.indicator, facts=_view(row), ground=row.source)


def _view(row: IndicatorFigure) -> dict[str, Any]:
    return {
        "id": row.id,
        "indicator": row.indicator,
        "from": row.from_on.isoformat(),
        "to": row.to_on.isoformat(),
        "numerator": row.numerator,
        "denominator": row.denominator,
        "source": row.source,
    }
