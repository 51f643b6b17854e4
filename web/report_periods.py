"""Which period a report page, the API or a command is asked for, and over which data: those of now, or of its close.

A period that its agency has closed is answered from what was frozen then. ``so-lieu=hien-tai`` asks for today's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, g, request

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.report_periods import Kind as Kind  # part of this module's interface
from engine.domain.report_periods import NamedPeriod, containing, named
from engine.reports.filters import storable
from engine.reports.localities import InvalidDateError
from engine.reports.on_time_values import Period
from engine.services import closed_periods
from engine.services.closed_periods import Closed
from web.auth import actor, current_context
from web.i18n import zone

NAME, FROM, TO, AGENCY = ("ky", "period"), ("tu", "from"), ("den", "to"), ("co-quan", "agency")  #: parts of addresses
DATA, OF_NOW = "so-lieu", "hien-tai"  #: asks for today's data of a closed period
LONGEST = 60  #: characters of a part of an address


class Asked(NamedTuple):
    """What is asked for; unpacks as ``ctx, period, closed``.

    ``ctx`` is to be used for the report and nothing else. When ``closed`` is there the report asks for its agency.
    """

    ctx: Context
    period: Period
    closed: Closed | None


def init_report_periods(app: Flask) -> None:
    """Close what a request opened of closed periods."""

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        stack: ExitStack | None = g.pop("closed_periods", None)
        if stack is not None:
            stack.close()


def asked() -> Asked:
    """Return what the address of this request asks for: a name (ky, period), or dates (tu/den, from/to).

    Without any: the present month until today.

    Raises:
        InvalidPeriodNameError, InvalidDateError, AgencyNotFoundError, NotAllowedError.
        FileMissingError, FileDamagedError, FrozenContentError: the frozen data of a closed period is not there.
    """
    ctx, name = current_context(), named_part()
    if not name:
        return Asked(ctx, dates(), None)
    live = request.args.get(DATA) == OF_NOW
    return g.setdefault("closed_periods", ExitStack()).enter_context(
        of_name(ctx, by=actor(), name=name, agency=part(AGENCY) or None, live=live)
    )


def named_part() -> str:
    """Return the name of a period as the address says it, "" for none."""
    return part(NAME)


def part(names: tuple[str, ...]) -> str:
    """Return what the address says under the first of these names that it has."""
    said = (storable(request.args.get(name, "")).strip() for name in names)
    return next((text for text in said if text), "")[:LONGEST]


def dates() -> Period:
    """Return the dates that the address asks for; the present month until today where it says nothing.

    Raises:
        InvalidDateError: a text is no date, or the period ends before it begins.
    """
    today = current_context().clock.now().astimezone(ZoneInfo(zone())).date()
    from_on, to_on = _on(part(FROM), "from"), _on(part(TO), "to")
    return Period(from_on or (to_on or today).replace(day=1), to_on or max(today, from_on or today))


def _on(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDateError(f"{text[:20]!r} is no date; write 2026-01-31", field=field) from None


@contextmanager
def of_name(
    ctx: Context, *, name: str, by: Actor = SYSTEM, agency: str | None = None, live: bool = False
) -> Iterator[Asked]:
    """Give what is asked by the name of a period: the frozen data when the agency has closed it.

    Args:
        live: take the data of now all the same.

    Raises:
        as ``asked``.
    """
    period: NamedPeriod = named(name)
    span = Period(period.from_on, period.to_on)
    closed = None if live else closed_periods.find(ctx, by=by, agency=agency, name=name)
    if closed is None:
        yield Asked(ctx, span, None)
        return
    with closed_periods.context_of(ctx, by=by, agency=closed.agency, name=name) as frozen:
        yield Asked(frozen, span, closed)


def present(kind: Kind, first_day: int) -> NamedPeriod:
    """Return the period of a kind in which today lies, where who is signed in works."""
    return containing(current_context().clock.now().astimezone(ZoneInfo(zone())).date(), kind, first_day)
