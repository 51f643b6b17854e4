"""What every account of a date must hold: it ends with the date, and its parts add up to what was to be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.limits import Limit, Unit
from engine.services import explaining

LAST = {"due", "waiting", "ended"}


def every_date(ctx: Context, *, by: Actor, dossier: str) -> list[dict[str, Any]]:
    """Return what is told of each date that the dossier has."""
    found = explaining.why_these_dates(ctx, by=by, dossier=dossier)
    promise = [found["promise"]] if found["promise"] else []
    return [*promise, *found["answers"].values(), *found["steps"].values()]


def hold_all(ctx: Context, *, by: Actor, dossier: str) -> None:
    """Hold each account of a dossier against its date."""
    for told in every_date(ctx, by=by, dossier=dossier):
        hold(told)


def hold(told: Mapping[str, Any]) -> None:
    """Hold one account: nothing unknown, the last line is the date, each stretch sums to its limit."""
    lines = told["account"]
    kinds = [line["kind"] for line in lines]
    assert not {"recorded", "unaccounted"} & set(kinds), lines
    assert kinds[-1] in LAST
    assert not LAST & set(kinds[:-1])
    changes = [line["change"] for line in lines if line["kind"] == "moved"]
    assert len(set(changes)) == len(changes), lines
    assert lines[-1]["to"] == told["due_at"], lines
    spent: Counter[str] = Counter()
    limit: Limit | None = None
    for line in lines:
        if line["kind"] == "pause" and limit is not None and not line.get("broken"):
            kept = told["what"] == "step" or "until" in line  # left until an end, whatever was counted before
            assert kept or is_left(limit, spent, Limit.parse(line["rest"])), lines
            limit = None
        if "limit" in line:
            assert limit is None or spent == total(limit), lines
            limit, spent = Limit.parse(line["limit"]), Counter()
        if line["amount"] is not None:
            spent[line["unit"]] += Fraction(line["amount"])
    assert limit is None or +spent == total(limit), lines


def total(limit: Limit) -> Counter[str]:
    """Return what a limit has of each unit."""
    amounts: Counter[str] = Counter()
    for segment in limit.segments:
        amounts[segment.unit.value] += segment.amount
    return +amounts


def is_left(limit: Limit, spent: Counter[str], rest: Limit) -> bool:
    """Whether ``rest`` is what ``spent`` left of ``limit``.

    Where an axis is spent before its end, the first part of the rest is the office time until that end instead.
    """
    whole = total(limit)
    assert all(spent[unit] <= whole[unit] for unit in Unit), (limit, spent)
    left = +Counter({unit: whole[unit] - spent[unit] for unit in whole})
    return left == total(rest) or left == total_of_later(rest)


def total_of_later(rest: Limit) -> Counter[str]:
    """Return what a rest has beside its first part."""
    return total(Limit(rest.segments[1:])) if rest.segments[1:] else Counter()
