"""Geometry of charts that templates draw as SVG: numbers become points, words stay in the table beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.reports.trend import Week

WIDTH, HEIGHT = 720, 220  #: of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 48, 24, 12, 28  # room for the axes


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines as lists of points, marks of the axes as (position, value)."""

    median: list[tuple[float, float]]
    ninetieth: list[tuple[float, float]]
    columns: list[tuple[float, str]]  #: x of each week and its first day, as day/month
    rows: list[tuple[float, int]]  #: y of each line of the grid and its office hours
    width: int = WIDTH
    height: int = HEIGHT


def trend_chart(weeks: Sequence[Week]) -> Chart | None:
    """Return the lines of median and 90th percentile in office hours; None when no week has anything to show."""
    highest = max((week.ninetieth for week in weeks if week.ninetieth is not None), default=None)
    if highest is None:
        return None
    top = _rounded(highest / 60)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(weeks) - 1)
    across = [round(LEFT + step * no, 1) for no in range(len(weeks))]

    def line(values: Sequence[int | None]) -> list[tuple[float, float]]:
        pairs = zip(across, values, strict=True)
        return [(x, _height(minutes / 60, top)) for x, minutes in pairs if minutes is not None]

    return Chart(
        median=line([week.median for week in weeks]),
        ninetieth=line([week.ninetieth for week in weeks]),
        columns=[(x, f"{week.period.from_on:%d/%m}") for x, week in zip(across, weeks, strict=True)],
        rows=[(_height(hours, top), round(hours)) for hours in (0, top / 4, top / 2, 3 * top / 4, top)],
    )


def _height(hours: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * hours / top, 1)


def _rounded(hours: float) -> float:
    """Return the end of an axis that is a whole number of quarters and not below the value."""
    return max(4.0, -(-hours // 4) * 4)
