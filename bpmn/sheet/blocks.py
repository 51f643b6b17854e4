"""Where in a sheet the step tables are: titles, what stands above them, rows of steps, sums, and what to pass over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bpmn.findings import Finding, error, warning
from bpmn.sheet.cells import Cell
from bpmn.sheet.files import Grid, Line, Value, column_letter
from bpmn.sheet.words import ABOVE, COLUMNS, SUMS, column_of, plain, unit_of_title

_NUMBERING = re.compile(r"\(?\d{1,2}\)?|\([a-z]\)")


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a table and the letters and titles of its columns, to say where something is wrong."""

    sheet: str
    no: int
    columns: dict[str, tuple[int, str]]

    @property
    def row(self) -> str:
        """Name the row."""
        return f"{self.sheet}row {self.no}"

    def where(self, name: str | None = None) -> str:
        """Name the row, and the column of a field when the table has it."""
        if name not in self.columns:
            return self.row
        at, title = self.columns[name]
        return f"{self.row}, column {column_letter(at)} ({title[:40]})"


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row under the titles; ``sum`` is the cell with the total when the row is one of *Tổng cộng*."""

    place: Place
    cells: dict[str, Cell]
    sum: Cell | None = None

    def get(self, name: str) -> Cell | None:
        """Return the cell of a field."""
        return self.cells.get(name)


@dataclass(slots=True)
class Block:
    """A table: what stands above it, and its rows."""

    above: dict[str, Cell]
    rows: list[StepRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Titles:
    columns: dict[str, tuple[int, str]]  #: field to column and title
    units: dict[str, str]  #: field to the unit of bare numbers


def blocks_of(grid: Grid, findings: list[Finding], *, many: bool = False) -> list[Block]:
    """Return the tables of a sheet.

    Args:
        many: the file has several sheets, so that places name theirs.
    """
    sheet = f"{grid.name}: " if many and grid.name else ""
    blocks: list[Block] = []
    above: dict[str, Cell] = {}
    titles: _Titles | None = None
    for line in grid.lines:
        found = _titles(line)
        if found is not None and titles is not None and found.columns == titles.columns and not above:
            continue  # the titles again, as on each printed page
        if found is not None:
            titles = found
            _check_titles(line, sheet, findings)
            blocks.append(Block(above))
            above = {}
            continue
        said = _said_above(line, sheet)
        if said and (titles is None or not _is_step(line, titles)):
            above |= said
        elif titles is not None and not _is_passed_over(line, titles, sheet, findings):
            blocks[-1].rows.append(_row(line, titles, sheet))
    if not blocks and many:
        message = f"The sheet {grid.name} has no titles of columns; nothing of it is read."
        findings.append(warning("sheet-passed-over", grid.name, message))
    return blocks


def _titles(line: Line) -> _Titles | None:
    """Return the columns when the row holds titles: a step's name and another column that tables have."""
    columns: dict[str, tuple[int, str]] = {}
    for at, value in enumerate(line.cells):
        name = column_of(value, COLUMNS) if isinstance(value, str) and len(value) < 80 else None
        if name:
            columns.setdefault(name, (at, " ".join(str(value).split())))
    if "name" not in columns or not {"unit", "unit_label", "limit_days", "stage_limit_days"} & set(columns):
        return None
    return _Titles(columns, {name: unit_of_title(title) for name, (_at, title) in columns.items()})


def _check_titles(line: Line, sheet: str, findings: list[Finding]) -> None:
    seen: dict[str, str] = {}
    for at, value in enumerate(line.cells):
        if value is None:
            continue
        where = f"{sheet}row {line.no}, column {column_letter(at)}"
        name = column_of(value, COLUMNS)
        if name is None:
            title = " ".join(str(value).split())[:40]
            findings.append(warning("field-unknown", where, f"The column `{title}` is none of a table; it is ignored."))
        elif name and name in seen:
            message = f"Columns {seen[name]} and {column_letter(at)} both stand for `{name}`; keep one of them."
            findings.append(error("sheet-column-twice", where, message))
        elif name:
            seen[name] = column_letter(at)
    for name in ({"unit_label"} if "unit" not in seen else set()) - set(seen):
        message = f"There is no column for who does a step (`{name}`); add one with the title Đơn vị."
        findings.append(error("sheet-column-missing", f"{sheet}row {line.no}", message))


def _said_above(line: Line, sheet: str) -> dict[str, Cell]:
    """Return what a row such as *Mã thủ tục: 1.001193* says of the whole procedure."""
    said: dict[str, Cell] = {}
    filled = [(at, value) for at, value in enumerate(line.cells) if value is not None]
    at_no = 0
    while at_no < len(filled):
        at, value = filled[at_no]
        label, colon, rest = str(value).partition(":")
        name = column_of(label, ABOVE) if isinstance(value, str) and len(label) < 60 else None
        at_no += 1
        if not name or name not in ("code", "procedure_name", "total_days", "fee", "field"):
            continue
        if colon and rest.strip():
            said[name] = Cell(_where(sheet, line, at), rest.strip())
        elif at_no < len(filled):
            at, value = filled[at_no]
            said[name] = Cell(_where(sheet, line, at), value, line.formulas.get(at))
            at_no += 1
        elif line.formulas:
            at, formula = min(line.formulas.items())
            said[name] = Cell(_where(sheet, line, at), None, formula)
    return said


def _is_step(line: Line, titles: _Titles) -> bool:
    filled = {at for at, value in enumerate(line.cells) if value is not None}
    needed = [titles.columns[name][0] for name in ("name", "unit", "unit_label") if name in titles.columns]
    return all(at in filled for at in needed)


def _is_passed_over(line: Line, titles: _Titles, sheet: str, findings: list[Finding]) -> bool:
    values = [value for value in line.cells if value is not None]
    if values and all(isinstance(value, str | int) and _NUMBERING.fullmatch(str(value)) for value in values):
        name = _cell_at(line, titles.columns["name"][0])
        return name is not None  # (1) (2) (3) under the titles
    if line.is_title:
        message = f"The row {str(values[0])[:60]!r} is merged over several columns; it is a heading and no step."
        findings.append(warning("sheet-row-passed-over", f"{sheet}row {line.no}", message))
        return True
    known = {at for at, _title in titles.columns.values()}
    return not any(at in known for at, value in enumerate(line.cells) if value is not None) and not line.formulas


def _row(line: Line, titles: _Titles, sheet: str) -> StepRow:
    place = Place(sheet, line.no, titles.columns)
    cells = {
        name: Cell(place.where(name), _cell_at(line, at), line.formulas.get(at), titles.units[name], at in line.spread)
        for name, (at, _title) in titles.columns.items()
        if _cell_at(line, at) is not None or at in line.formulas
    }
    total = _total_of(cells)
    if total is None:
        return StepRow(place, cells)
    return StepRow(place, {name: cells[name] for name in ("code",) if name in cells}, total)


def _total_of(cells: dict[str, Cell]) -> Cell | None:
    """Return the total when this is the row below the steps: *Tổng cộng*, no unit, a length of time."""
    if "unit" in cells or "unit_label" in cells:
        return None
    words = [plain(cells[name].value) for name in ("no", "name", "code") if name in cells]
    if not any(word.startswith(SUMS) for word in words):
        return None
    cell = cells.get("limit_days") or cells.get("stage_limit_days") or cells.get("total_days")
    return cell


def _cell_at(line: Line, at: int) -> Value:
    return line.cells[at] if at < len(line.cells) else None


def _where(sheet: str, line: Line, at: int) -> str:
    return f"{sheet}row {line.no}, column {column_letter(at)}"
