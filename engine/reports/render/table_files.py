"""Forms II.06 and II.07 as JSON and CSV."""

from __future__ import annotations

import json

from engine.reports.render.cells import Cell, csv_text
from engine.reports.table_06 import NUMBERS, Numbers, Table06
from engine.reports.table_07 import Number, Table07

TOTAL = "total"  #: level of the row with the sum of a part


def as_json(table: Table06 | Table07) -> str:
    """Return the table as one JSON document with a line end."""
    return json.dumps(table.as_json(), ensure_ascii=False, indent=2) + "\n"


def table_06_csv(table: Table06) -> str:
    """Return a row for each row of each part; the part of the whole is empty, a level's own row has no field."""
    header = ["part", "level", "field", *(f"c{no}" for no in NUMBERS), "withdrawn_or_stopped"]
    for name in ("with_ended", "decided"):
        header += [f"{name}_numerator", f"{name}_denominator", f"{name}_percent"]
    rows: list[list[Cell]] = []
    for part in (table.whole, *table.parts):
        rows += [[part.key, row.level, row.field, *_numbers(row.numbers)] for row in part.rows]
        rows.append([part.key, TOTAL, None, *_numbers(part.total)])
    return "".join(csv_text(header, rows))


def table_07_csv(table: Table07) -> str:
    """Return a row for each row of the table, the sum last."""
    rows: list[list[Cell]] = [[row.level, row.field, *(row[number] for number in Number)] for row in table.rows]
    rows.append([TOTAL, None, *(table.total[number] for number in Number)])
    return "".join(csv_text(["level", "field", *(number.value for number in Number)], rows))


def _numbers(numbers: Numbers) -> list[Cell]:
    cells: list[Cell] = [*(numbers[no] for no in NUMBERS), numbers.ended]
    for rate in (numbers.rate, numbers.rate_of_decided):
        said = rate.as_json()
        cells += [said["numerator"], said["denominator"], said["percent"]]
    return cells
