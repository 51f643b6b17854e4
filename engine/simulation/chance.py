"""Chance that can be repeated: every dossier and officer draws from a stream of its own, named by the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, *names: str | int) -> Random:
    """Return the stream of random numbers of this name; the same seed and name give the same numbers anywhere."""
    return Random("/".join(str(part) for part in (seed, *names)))  # noqa: S311 - repeatable on purpose, no secret


def deal(rng: Random, count: int, shares: Mapping[T, float], rest: T) -> list[T]:
    """Return ``count`` values in random order, each as often as its share says and at least once where there is room.

    Drawing each by itself would leave rare values out of a small simulation.
    """
    least = 1 if count >= 2 * len(shares) else 0  # a handful must not be made of rare values only
    cards: list[T] = []
    for value, share in shares.items():
        wanted = max(least, round(share * count)) if share > 0 else 0
        cards += [value] * wanted
    rng.shuffle(cards)
    cards = cards[:count]
    cards += [rest] * (count - len(cards))
    rng.shuffle(cards)
    return cards


def pick(rng: Random, values: Sequence[T], weights: Sequence[float]) -> T:
    """Return one of the values, each as likely as its weight says."""
    return rng.choices(values, weights)[0]
