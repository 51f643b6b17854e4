"""Step tables of a spreadsheet, one row a step, as the JSON shape of step tables; findings name row and column.

What a cell says in words that tables of offices use is understood (``bpmn.sheet.words``); what is ambiguous or no value
is an error that names the cell: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bpmn.findings import Finding, error, has_errors, warning
from bpmn.sheet import cells
from bpmn.sheet.blocks import Block, Place, blocks_of
from bpmn.sheet.cells import Cell
from bpmn.sheet.files import read_grids
from bpmn.sheet.words import slug

FLAGS = ("single_officer", "pauses_clock", "resumes_clock", "ends_processing")


@dataclass(frozen=True, slots=True)
class SheetTable:
    """One procedure of a sheet: its entry in the JSON shape, the row of each step, and what is wrong with its cells."""

    code: str
    entry: dict[str, Any]
    rows: tuple[str, ...]  #: of each step in ``entry``, e.g. ``row 7``
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SheetReading:
    """All procedures of a file, and what is wrong with the file itself."""

    tables: tuple[SheetTable, ...]
    findings: tuple[Finding, ...]


@dataclass
class _Draft:
    """A procedure while its rows are read."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)  #: what stands under STT, for `next`
    rows: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_sheet(content: bytes, kind: str) -> SheetReading:
    """Read the step tables of a CSV file or workbook. Never raises: whatever is wrong is a finding.

    Args:
        content: the file.
        kind: ``csv`` or ``xlsx``.
    """
    grids, refused = read_grids(content, kind)
    if refused:
        return SheetReading((), refused)
    findings: list[Finding] = []
    drafts: dict[str, _Draft] = {}
    blocks = [block for grid in grids for block in blocks_of(grid, findings, many=len(grids) > 1)]
    for block in blocks:
        _read_block(block, drafts, findings)
    if not blocks and not has_errors(findings):
        message = "No row names the columns; the first row of a table needs at least the titles Bước and Đơn vị."
        findings.append(error("sheet-header-missing", "file", message))
    if blocks and not drafts and not has_errors(findings):
        findings.append(error("sheet-empty", "file", "There is no row of a step under the titles of the columns."))
    once = {(found.rule, found.message): found for found in reversed(findings)}  # a code is repeated on each row
    return SheetReading(
        tuple(_finished(draft) for draft in drafts.values()),
        tuple(found for found in findings if once[found.rule, found.message] is found),
    )


def _read_block(block: Block, drafts: dict[str, _Draft], findings: list[Finding]) -> None:
    code = cells.read_code(block.above.get("code"), findings)
    for row in block.rows:
        code = cells.read_code(row.get("code"), findings) or code
        if code is None:
            message = "It is not said of which procedure this is; add a column Mã thủ tục, or a row Mã thủ tục above."
            findings.append(error("code-missing", row.place.where(), message))
            return
        draft = drafts.get(code)
        if draft is None:
            draft = drafts[code] = _Draft(code)
            _read_facts(draft, block.above)
        _read_facts(draft, row.cells)
        if row.sum is not None:
            _put_fact(draft, "total_days", cells.read_days(row.sum, "total_days", draft.findings), row.sum)
        else:
            _read_step(draft, row.cells, row.place)


def _read_facts(draft: _Draft, given: dict[str, Cell]) -> None:
    """Read what a row says of the whole procedure; said twice it must be the same."""
    for name in ("procedure_name", "field"):
        if name in given:
            _put_fact(draft, name, cells.read_text(given[name], name, draft.findings), given[name])
    if "total_days" in given:
        _put_fact(draft, "total_days", cells.read_days(given["total_days"], "total_days", draft.findings),
                  given["total_days"])  # fmt: skip
    if "fee" in given:
        _put_fact(draft, "fee", cells.read_fee(given["fee"], draft.findings), given["fee"])


def _put_fact(draft: _Draft, name: str, value: str | None, cell: Cell) -> None:
    if value is None:
        return
    before = draft.facts.setdefault(name, value)
    if before != value:
        message = f"`{name}` is {value!r} here and {before!r} above; a procedure has one, write it once."
        draft.findings.append(error("sheet-facts-differ", cell.where, message))


def _read_step(draft: _Draft, given: dict[str, Cell], place: Place) -> None:
    found = draft.findings
    name = cells.read_text(given.get("name"), "name", found)
    label = cells.read_text(given.get("unit_label"), "unit_label", found)
    unit = cells.read_text(given.get("unit"), "unit", found)
    before = len(found)
    if name is None:
        found.append(error("name-missing", place.where("name"), "The step has no name; write what is done."))
    if unit is None and label is None:
        message = "The step has no unit; write who does it, on each row."
        found.append(error("unit-missing", place.where("unit_label"), message))
    step: dict[str, Any] = {
        "id": cells.read_text(given.get("id"), "id", found),
        "name": name,
        "unit": cells.unit_code(unit or label or "") if unit or label else None,
        "unit_label": label or unit,
        "limit_days": cells.read_days(given.get("limit_days"), "limit_days", found),
        "stage_limit_days": cells.read_days(given.get("stage_limit_days"), "stage_limit_days", found),
        "next": cells.read_text(given.get("next"), "next", found),
    }
    step |= {flag: cells.read_flag(given[flag], flag, found) for flag in FLAGS if flag in given}
    if len(found) == before or not has_errors(found[before:]):
        draft.steps.append(step)
        draft.rows.append(place.row)
        draft.numbers.append(cells.read_text(given.get("no"), "no", found) or "")


# --- the whole procedure ---------------------------------------------------------------------------------------------


def _finished(draft: _Draft) -> SheetTable:
    _name_steps(draft)
    _link_steps(draft)
    _share_stages(draft)
    steps = [{name: value for name, value in step.items() if value is not None} for step in draft.steps]
    for step, source in zip(steps, draft.steps, strict=True):
        step["next"] = source["next"]
    entry: dict[str, Any] = {"code": draft.code, "name": draft.facts.get("procedure_name"), "steps": steps}
    entry |= {name: draft.facts[name] for name in ("total_days", "fee") if name in draft.facts}
    if "field" in draft.facts:
        entry["policy"] = {"field": draft.facts["field"]}
    return SheetTable(draft.code, entry, tuple(draft.rows), tuple(draft.findings))


def _name_steps(draft: _Draft) -> None:
    """Give steps without id one made from their name: it stays when a row is put in before them."""
    taken = {step["id"] for step in draft.steps if step["id"]}
    for no, step in enumerate(draft.steps, start=1):
        if step["id"]:
            continue
        base = slug(step["name"]) or f"BUOC_{no}"
        made, again = f"{draft.code}::{base}", 1
        while made in taken:
            again += 1
            made = f"{draft.code}::{base}_{again}"
        taken.add(made)
        step["id"] = made


def _link_steps(draft: _Draft) -> None:
    """Say what follows each step: what its row names by id or number, else the next row."""
    known = {number: step["id"] for number, step in zip(draft.numbers, draft.steps, strict=True) if number}
    doubled = {number for number in known if draft.numbers.count(number) > 1}
    ids = {step["id"] for step in draft.steps}
    for at, step in enumerate(draft.steps):
        said = step["next"]
        if said is None:
            step["next"] = draft.steps[at + 1]["id"] if at + 1 < len(draft.steps) else None
        elif cells.is_last(said) and said not in ids:
            step["next"] = None
        elif said in ids:
            step["next"] = said
        elif said in known and said not in doubled:
            step["next"] = known[said]
        else:
            message = f"The step after this one is {said!r}, which is no id and no number (STT) of one row here."
            draft.findings.append(error("next-unknown", f"{draft.code}, {draft.rows[at]}", message))


def _share_stages(draft: _Draft) -> None:
    """Where no row gives the share of a stage, it is what its steps need together."""
    if any(step["stage_limit_days"] is not None for step in draft.steps):
        return
    for run in _runs(draft):
        together = cells.add_days(step["limit_days"] for step in run)
        for step in run:
            step["stage_limit_days"] = together
        if together is None and len(run) > 0:
            message = f"No step of {run[0]['unit_label']} from here on has a length of time; the stage counts as 0."
            row = draft.rows[draft.steps.index(run[0])]
            draft.findings.append(warning("stage-without-limit", f"{draft.code}, {row}", message))


def _runs(draft: _Draft) -> Iterator[list[dict[str, Any]]]:
    run: list[dict[str, Any]] = []
    for step in _in_order(draft.steps):
        if run and (step["unit"], step["unit_label"]) != (run[-1]["unit"], run[-1]["unit_label"]):
            yield run
            run = []
        run.append(step)
    if run:
        yield run


def _in_order(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps as they follow each other, or as they stand where that is no line; the table's rules say why."""
    by_id = {step["id"]: step for step in steps}
    named = {step["next"] for step in steps}
    at = next((step for step in steps if step["id"] not in named), None)
    ordered: list[dict[str, Any]] = []
    while at is not None and at not in ordered:
        ordered.append(at)
        at = by_id.get(at["next"]) if at["next"] else None
    return ordered if len(ordered) == len(steps) else steps
