"""The only module that reads the system clock; everything else is handed an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of aware UTC instants."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may


class TurnedClock:
    """A clock that moves only when told to: tests, simulation, replays."""

    def __init__(self, at: datetime) -> None:
        self._at = _aware(at)

    def now(self) -> datetime:
        """Return the instant the clock was last turned to."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Turn the clock forward."""
        self.turn_to(self._at + by)

    def turn_to(self, at: datetime) -> None:
        """Turn the clock to an aware instant, never backwards.

        Raises:
            ValueError: the instant is naive or before the present one.
        """
        if _aware(at) < self._at:
            raise ValueError("a clock does not run backwards")
        self._at = _aware(at)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return at.astimezone(UTC)
