"""Numbers of issued papers: which counter each kind has, and how a number prints (domain.md §2.2, §2.9)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.domain.official_forms import FormKind

LETTERS = "letter-04"  #: counter of the apologies, from before other papers had numbers
_OWN = {FormKind.APOLOGY: LETTERS, FormKind.RESULT_HANDOVER: "paper-handover"}  # a counter's name has 20 characters


def counter_of(kind: FormKind) -> str:
    """Return the name of the counter that numbers papers of a kind."""
    return _OWN.get(kind, f"paper-{kind.value}")


def year_of(at: datetime, zone: str) -> int:
    """Return the year in which a paper issued at this instant is numbered: the year on the agency's own calendar."""
    return at.astimezone(ZoneInfo(zone)).year


def printed(number: int, symbol: str) -> str:
    """Return a number as it prints, below 10 with a leading zero: ``05/PBS-TTPVHCC`` (NĐ 30/2020)."""
    return f"{number:02d}/{symbol}"
