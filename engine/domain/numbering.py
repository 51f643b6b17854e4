"""Dossier codes: format only; the counters are rows (domain.md §3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

CODE = re.compile(r"^(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{2,3}){0,3})-(\d{6})-(\d{4,})$")


def code_period(received_on: date) -> str:
    """Return the counter's period of a receipt date: YYMMDD; numbers start anew each day."""
    return f"{received_on:%y%m%d}"


def dossier_code(agency_code: str, received_on: date, number: int) -> str:
    """Return the code: resolving agency, date of receipt, running number of the day with at least 4 digits."""
    return f"{agency_code}-{code_period(received_on)}-{number:04d}"


@dataclass(frozen=True, slots=True)
class CodeParts:
    """What a dossier code is made of: code of the agency, day as YYMMDD, running number of that day."""

    agency: str
    period: str
    number: int


def parts_of(code: str) -> CodeParts:
    """Take a dossier code apart.

    Raises:
        ValueError: it is none.
    """
    agency, period, number = code.rsplit("-", 2)
    return CodeParts(agency, period, int(number))
