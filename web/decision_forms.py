"""A decision table as a form: columns and rows that are empty are passed over, so that there is always room for one."""

from __future__ import annotations

from typing import Any

from web.forms import FieldError, text

MOST_COLUMNS = 12
MOST_RULES = 200
STARTS: dict[str, list[dict[str, str]]] = {
    "fee": [{"name": "fee_vnd", "label": ""}],
    "limit": [{"name": "limit", "label": ""}],
    "papers": [{"name": "paper", "label": ""}],
}  #: outputs of the decisions whose ids have a meaning


def new_table(ref: str) -> dict[str, Any]:
    """Return an empty table to begin with."""
    return {
        "id": ref, "name": "", "hit_policy": "COLLECT" if ref == "papers" else "UNIQUE", "aggregation": "",
        "inputs": [], "outputs": STARTS.get(ref, []), "rules": [], "requires": [], "description": "",
    }  # fmt: skip


def table_of(ref: str) -> dict[str, Any]:
    """Return the table that was typed.

    Raises:
        FieldError: it has no column of results.
    """
    asked = [no for no in range(MOST_COLUMNS) if text(f"expression{no}", longest=300)]
    given = [no for no in range(MOST_COLUMNS) if text(f"output{no}", longest=60)]
    if not given:
        raise FieldError("a table has at least one column of results", field="output0")
    return {
        "id": ref,
        "name": text("name", longest=200) or ref,
        "hit_policy": text("hit_policy", longest=10) or "UNIQUE",
        "aggregation": text("aggregation", longest=10),
        "inputs": [
            {"label": text(f"label{no}", longest=200) or text(f"expression{no}", longest=300),
             "expression": text(f"expression{no}", longest=300), "values": text(f"values{no}", longest=300)}
            for no in asked
        ],
        "outputs": [{"name": text(f"output{no}", longest=60), "label": text(f"outlabel{no}", longest=200)}
                    for no in given],
        "rules": [rule for row in range(MOST_RULES) if (rule := _rule(row, asked, given))],
        "requires": text("requires", longest=500).split(),
        "description": text("description", longest=500),
    }  # fmt: skip


def typed_table(ref: str) -> dict[str, Any]:
    """Return the table as it was typed, each column and row at its place, to show it again when it is refused."""
    columns, outputs = _last(MOST_COLUMNS, "expression"), _last(MOST_COLUMNS, "output")
    rows = max((row + 1 for row in range(MOST_RULES) if _has_row(row)), default=0)
    return new_table(ref) | {
        "aggregation": text("aggregation", longest=10),
        "inputs": [
            {"label": text(f"label{no}", longest=200), "expression": text(f"expression{no}", longest=300),
             "values": text(f"values{no}", longest=300)}
            for no in range(columns)
        ],
        "outputs": [{"name": text(f"output{no}", longest=60), "label": text(f"outlabel{no}", longest=200)}
                    for no in range(outputs)],
        "rules": [{"tests": [], "outputs": [], "annotation": ""}] * rows,
        "requires": text("requires", longest=500).split(),
        "description": text("description", longest=500),
    }  # fmt: skip


def _last(most: int, name: str) -> int:
    return max((no + 1 for no in range(most) if text(f"{name}{no}", longest=300)), default=0)


def _has_row(row: int) -> bool:
    names = (f"r{row}{kind}{no}" for kind in "io" for no in range(MOST_COLUMNS))
    return any(text(name, longest=300) for name in names)


def _rule(row: int, asked: list[int], given: list[int]) -> dict[str, Any] | None:
    tests = [text(f"r{row}i{no}", longest=300) for no in asked]
    outputs = [text(f"r{row}o{no}", longest=300) for no in given]
    if not any((*tests, *outputs)):
        return None
    note = text(f"r{row}note", longest=300)
    return {"tests": [test or "-" for test in tests], "outputs": outputs, "annotation": note}
