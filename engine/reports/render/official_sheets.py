"""What all official tables share as sheets: the head of the form, notes, signatures, and a sheet of definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from engine.reports.about import About
from engine.reports.on_time_values import Period
from engine.reports.render import definition_words, official_words
from engine.reports.render.workbooks import print_on_a4

UNKNOWN = "…" * 12  #: to be filled in by hand
HEAD_ROWS = 5  #: of the head of a form; its table begins below
_LINE = 15.0  # points of a line of text
_NAMES, _MEANINGS = 44, 110  # widths of the columns of definitions
_PER_WIDTH = 1.25  # letters of this font in the width of a digit of the usual one
_FONT = {"font_name": "Times New Roman", "font_size": 11}


@dataclass(frozen=True, slots=True)
class Form:
    """What the head of a form says.

    Args:
        number: such as ``Biểu số II.06a/VPCP/KSTT``.
        unit: of the numbers.
        part: whose table it is, below the title; empty for that of the whole.
    """

    number: str
    title: str
    reporter: str
    receiver: str
    period: Period
    unit: str
    part: str = ""


class Styles:
    """The formats of official tables: one font, thin borders, numbers with thousands, percents with two decimals."""

    def __init__(self, book: Any) -> None:
        def made(**style: Any) -> Any:
            return book.add_format(_FONT | style)

        box = {"border": 1, "valign": "vcenter"}
        self.label = made(bold=True)
        self.wrapped = made(text_wrap=True, valign="top")
        self.small = made(italic=True, align="center", valign="vcenter")
        self.right = made(italic=True, align="right")
        self.form = made(bold=True, text_wrap=True, valign="vcenter")
        self.title = made(bold=True, font_size=13, align="center", valign="vcenter", text_wrap=True)
        self.centre = made(align="center", valign="vcenter", text_wrap=True)
        self.bold = made(bold=True, text_wrap=True, valign="top")
        self.head = made(**box, bold=True, align="center", text_wrap=True)
        self.numbering = made(**box, italic=True, font_size=9, align="center", text_wrap=True)
        said = box | {"text_wrap": True, "indent": 1}  # away from the line, and from a number on its left
        self.text, self.text_bold = made(**said), made(**said, bold=True)
        self.no, self.no_bold = made(**box, align="center"), made(**box, align="center", bold=True)
        self.number, self.number_bold = made(**box, num_format="#,##0"), made(**box, num_format="#,##0", bold=True)
        self.percent = made(**box, num_format="0.00%")
        self.percent_bold = made(**box, num_format="0.00%", bold=True)
        self.instant = made(**box, num_format="dd/mm/yyyy hh:mm", align="center")


def write_head(sheet: Any, styles: Styles, form: Form, *, last: int) -> None:
    """Write the head of a form over the columns 0 to ``last``: number, title, period, who reports to whom."""
    left, right = max(2, last // 5), last - max(3, last // 4)
    sheet.merge_range(0, 0, 1, left, form.number, styles.form)
    sheet.merge_range(0, left + 1, 1, right - 1, form.title, styles.title)
    sheet.set_row(0, 22)
    sheet.set_row(1, 22)
    words = official_words.period_words(form.period)
    dates = f"từ ngày {official_words.day(form.period.from_on)} đến ngày {official_words.day(form.period.to_on)}"
    sheet.merge_range(2, left + 1, 2, right - 1, f"Kỳ báo cáo: {words or dates}", styles.centre)
    sheet.merge_range(3, left + 1, 3, right - 1, f"({dates[0].upper()}{dates[1:]})" if words else "", styles.small)
    said = (f"Đơn vị báo cáo: {form.reporter}", f"Đơn vị nhận báo cáo: {form.receiver or UNKNOWN}")
    for row, text in zip((0, 2), said, strict=True):
        sheet.merge_range(row, right, row + 1, last, text, styles.form)
    if form.part:
        sheet.merge_range(4, 0, 4, right - 1, form.part, styles.bold)
    sheet.merge_range(4, right, 4, last, f"Đơn vị tính: {form.unit}", styles.right)


def write_notes(sheet: Any, styles: Styles, at: int, notes: Sequence[str], *, last: int, width: float) -> int:
    """Write notes below a table, each over its whole width; return the next free row.

    Args:
        width: of the columns together, in characters: how many lines a note takes.
    """
    sheet.write_string(at, 0, "Ghi chú:", styles.label)
    for row, note in enumerate(notes, start=at + 1):
        sheet.merge_range(row, 0, row, last, f"- {note}", styles.wrapped)
        fit_height(sheet, row, [(note, width)])
    return at + 1 + len(notes)


def fit_height(sheet: Any, at: int, texts: Iterable[tuple[str, float]]) -> None:
    """Make a row as high as the text that needs most lines, each given with the width of its column in characters.

    Spreadsheets that convert a file to paper do not look how much a cell wraps.
    """
    lines = max((ceil(len(text) / max(_PER_WIDTH * width, 1)) for text, width in texts), default=1)
    if lines > 1:
        sheet.set_row(at, _LINE * lines)


def write_signatures(sheet: Any, styles: Styles, at: int, *, last: int) -> None:
    """Write where who made the table and the head of the unit sign."""
    half = last // 2
    sheet.merge_range(at, half + 1, at, last, "…………, ngày …… tháng …… năm ……", styles.small)
    for first, to, title, hint in (
        (0, half, "Người lập biểu", "(Ký, ghi rõ họ tên)"),
        (half + 1, last, "Thủ trưởng đơn vị", "(Ký, ghi rõ họ tên, đóng dấu)"),
    ):
        sheet.merge_range(at + 1, first, at + 1, to, title, styles.title)
        sheet.merge_range(at + 2, first, at + 2, to, hint, styles.small)


def set_up(sheet: Any, *, widths: Sequence[float], header: int, header_to: int, frozen: int) -> None:
    """Set widths, A4 landscape, the repeated header, and what stays in sight: the header and the first columns."""
    print_on_a4(sheet, header=header, header_to=header_to)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(header_to + 1, frozen)


def definitions_sheet(book: Any, styles: Styles, about: About, own: Sequence[tuple[str, str]] = ()) -> None:
    """Add the sheet that says what is counted, by which rules and calendars: all that is needed to count again.

    Args:
        own: name and meaning of what this report alone has.
    """
    sheet = book.add_worksheet("Định nghĩa")
    set_up(sheet, widths=(_NAMES, _MEANINGS), header=0, header_to=0, frozen=1)
    for at, (name, meaning) in enumerate([*definition_words.lines(about), *own]):
        sheet.write_string(at, 0, name, styles.bold)
        sheet.write_string(at, 1, meaning, styles.wrapped)
        fit_height(sheet, at, [(name, _NAMES), (meaning, _MEANINGS)])


def made_at(about: About) -> datetime:
    """Return when a report was made, as the instant that its workbook names."""
    return datetime.fromisoformat(about.generated_at)
