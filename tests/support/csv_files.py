"""CSV files as a reader with nothing of ours sees them."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path


def read_csv(source: Path | StringIO) -> list[dict[str, str]]:
    """Return the rows of a CSV file that begins with a byte order mark."""
    text = source.getvalue() if isinstance(source, StringIO) else source.read_bytes().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
