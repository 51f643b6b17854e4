"""Geometry of the charts of reports, drawn as SVG on the server; each stands above a table of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.statistics import Column
from engine.reports.on_time_values import Line, Rate
from engine.reports.overview import Month

WIDTH = 760  #: of the drawing, in its own units
LEFT, RIGHT = 44, 16  # room for the axis
SHARE_TOP, SHARE_BOTTOM = 30, 150  # the upper part: share on time
COUNT_TOP, COUNT_BOTTOM = 196, 280  # the lower part: dossiers that were finished
HEIGHT = 304
SHARES_TOP, SHARES_BOTTOM = 24, 150  #: of the histogram
BINS = 15  #: of ten percent each, so until 150 percent
BAR = 0.6  # of the room of a month
LONGEST_BAR = 200  #: of the bars beside lines
_STEPS = (1, 2, 5, 10, 20, 25, 50)  # between lines of the grid, in percent


@dataclass(frozen=True, slots=True)
class Bar:
    """What was finished in a month: the lower part on time, the upper late."""

    x: float
    width: float
    kept_y: float
    kept_height: float
    late_y: float
    late_height: float
    count: int


@dataclass(frozen=True, slots=True)
class MonthChart:
    """Share on time as lines between known months, and below it bars of what was finished.

    Args:
        lines: points of each unbroken line; a month without dossiers breaks it.
        points: x, y, share as text.
        grid: y, percent.
        months: x of each month and its name.
        is_cut: the axis of the share does not begin at 0.
    """

    lines: list[list[tuple[float, float]]]
    points: list[tuple[float, float, str]]
    grid: list[tuple[float, int]]
    bars: list[Bar]
    months: list[tuple[float, str]]
    is_cut: bool
    width: int = WIDTH
    height: int = HEIGHT


def month_chart(months: Sequence[Month]) -> MonthChart | None:
    """Return the chart of these months, None when nothing was finished in any."""
    rates = [month.line.rates["finished"] for month in months]
    shares = [rate.percent for rate in rates]
    known = [share for share in shares if share is not None]
    if not known:
        return None
    floor, step = _axis(min(known))
    room = (WIDTH - LEFT - RIGHT) / len(months)
    across = [round(LEFT + room * (no + 0.5), 1) for no in range(len(months))]
    points = [
        (x, _height(rate.percent, floor), _text(rate))
        for x, rate in zip(across, rates, strict=True)
        if rate.percent is not None
    ]
    most = max(_finished(month.line) for month in months)
    return MonthChart(
        lines=_unbroken(across, shares, floor),
        points=points,
        grid=[(_height(Decimal(percent), floor), percent) for percent in range(floor, 101, step)],
        bars=[_bar(x, room * BAR, month.line, most) for x, month in zip(across, months, strict=True)],
        months=[(x, f"{month.period.from_on:%m/%Y}") for x, month in zip(across, months, strict=True)],
        is_cut=floor > 0,
    )


def _axis(lowest: Decimal) -> tuple[int, int]:
    """Return where the axis begins and how far its lines are apart: five lines at most, 100 the uppermost."""
    for step in _STEPS:
        floor = 100 - 4 * step
        if floor <= lowest:
            return floor, step
    return 0, 25


def _height(share: Decimal, floor: int) -> float:
    return round(SHARE_BOTTOM - (SHARE_BOTTOM - SHARE_TOP) * float(share - floor) / (100 - floor), 1)


def _unbroken(across: Sequence[float], shares: Sequence[Decimal | None], floor: int) -> list[list[tuple[float, float]]]:
    lines: list[list[tuple[float, float]]] = [[]]
    for x, share in zip(across, shares, strict=True):
        if share is None:
            lines.append([])
        else:
            lines[-1].append((x, _height(share, floor)))
    return [line for line in lines if len(line) > 1]


def _finished(line: Line) -> int:
    return line.rates["finished"].denominator


def _bar(x: float, width: float, line: Line, most: int) -> Bar:
    whole, late = _finished(line), line[Column.LATE]
    scale = (COUNT_BOTTOM - COUNT_TOP) / max(1, most)
    kept_height, late_height = round((whole - late) * scale, 1), round(late * scale, 1)
    kept_y = round(COUNT_BOTTOM - kept_height, 1)
    return Bar(
        round(x - width / 2, 1),
        round(width, 1),
        kept_y,
        kept_height,
        round(kept_y - late_height, 1),
        late_height,
        whole,
    )


def _text(rate: Rate) -> str:
    """Return a share with one digit; what is not quite everything is never rounded up to it."""
    tenths = 1000 * rate.numerator * 2 // rate.denominator
    tenths = (tenths + 1) // 2  # half up
    if tenths == 1000 and rate.numerator < rate.denominator:
        tenths = 999
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


@dataclass(frozen=True, slots=True)
class ShareBar:
    """How many dossiers used a share of their limit from ``first`` to ``last`` percent; the last bar has no end.

    Args:
        is_over: more than the whole limit.
    """

    first: int
    last: int | None
    count: int
    x: float
    y: float
    width: float
    height: float
    is_over: bool

    @property
    def label(self) -> str:
        """The shares, in percent."""
        return f">{self.first - 1}" if self.last is None else f"{self.first}–{self.last}"

    @property
    def mark(self) -> str:
        """The same as short as an axis needs it."""
        return self.label if self.last is None else f"≤{self.last}"


def share_bars(shares: Mapping[int, int]) -> list[ShareBar]:
    """Return the histogram of shares of the limit as bars of ten percent each, the last for all beyond; none of none.

    Args:
        shares: how many dossiers used which share, in percent.
    """
    if not shares:
        return []
    bins = [(10 * no + (no > 0), 10 * no + 10) for no in range(BINS)]
    counts = [sum(count for share, count in shares.items() if first <= share <= last) for first, last in bins]
    beyond = sum(shares.values()) - sum(counts)
    edges = [
        *((first, last, count) for (first, last), count in zip(bins, counts, strict=True)),
        (bins[-1][1] + 1, None, beyond),
    ]
    room = (WIDTH - LEFT - RIGHT) / len(edges)
    scale = (SHARES_BOTTOM - SHARES_TOP) / max(count for *_, count in edges)
    return [
        ShareBar(
            first, last, count,
            x=round(LEFT + room * (no + (1 - BAR) / 2), 1), y=round(SHARES_BOTTOM - count * scale, 1),
            width=round(room * BAR, 1), height=round(count * scale, 1), is_over=first > 100,
        )
        for no, (first, last, count) in enumerate(edges)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineBar:
    """The bar of a line: widths of what was on time, late, and is open and late."""

    line: Line
    kept: float
    late: float
    open_late: float


def worst_lines(lines: Sequence[Line], most: int) -> list[LineBar]:
    """Return the lines with most late dossiers, finished or open, as bars of one scale; none without any."""
    late = [line for line in lines if _lost(line)]
    shown = sorted(late, key=lambda line: (-_lost(line), line.key))[:most]
    longest = max((_finished(line) + line[Column.OPEN_LATE] for line in shown), default=1)

    def long(count: int) -> float:
        return round(LONGEST_BAR * count / longest, 1)

    return [
        LineBar(line, long(_finished(line) - line[Column.LATE]), long(line[Column.LATE]), long(line[Column.OPEN_LATE]))
        for line in shown
    ]


def _lost(line: Line) -> int:
    return line[Column.LATE] + line[Column.OPEN_LATE]
