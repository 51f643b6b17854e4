"""The official tables of a period on screen and as files: II.06, II.07, late dossiers, data quality; their lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from engine.context import Context
from engine.reports import late_dossiers, quality, table_06, table_07
from engine.reports.fact_entries import Entry
from engine.reports.filters import storable
from engine.reports.late_dossiers import How
from engine.reports.quality import Check
from engine.reports.render import late_files, quality_files, table_06_xlsx, table_07_xlsx, table_files
from engine.reports.scope import Asked
from engine.reports.table_06 import ENDED_NO, NUMBERS, Split
from engine.reports.table_07 import CAUSES
from web import report_periods
from web import report_table_words as words
from web.asked_reports import AskedPage, asked_page
from web.auth import actor
from web.pages.report_lists import asked_dimension, page_no
from web.report_words import DIMENSIONS, outcome_look

blueprint = Blueprint("report_tables", __name__)

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PAGE = 50  #: dossiers on one page of a list
LONGEST = 200  # characters of a part of an address
PAGES = {
    "bieu-06": "report_tables.form_06", "bieu-07": "report_tables.form_07", "tre-han": "report_tables.late",
    "chat-luong": "report_tables.gate",
}  # fmt: skip


@blueprint.get("/bao-cao/bieu-06")
def form_06() -> tuple[str, int]:
    """Show form II.06 of a period; each number leads to its dossiers."""
    asked, split = asked_page(), _split()
    made = None if asked.period is None else _form_06(asked.ctx, scope_of(asked), split)
    return _shown(
        "reports/table_06.html", asked, made, split=split, splits=words.SPLITS, numbers=NUMBERS, ended_no=ENDED_NO
    )


@blueprint.get("/bao-cao/bieu-07")
def form_07() -> tuple[str, int]:
    """Show form II.07 of a period: why dossiers are late."""
    asked = asked_page()
    made = None if asked.period is None else table_07.table_07(asked.ctx, by=actor(), asked=scope_of(asked))
    return _shown("reports/table_07.html", asked, made, numbers=words.NUMBERS_07, causes=CAUSES)


@blueprint.get("/bao-cao/tre-han")
def late() -> tuple[str, int]:
    """Show the late dossiers of a period, those that are late longest first; ``kieu`` takes one kind of them."""
    asked, page, how = asked_page(), page_no(), _choice(How, request.args.get("kieu"))
    made = None if asked.period is None else late_dossiers.late_dossiers(asked.ctx, by=actor(), asked=scope_of(asked))
    lines = [line for line in made.lines if how in (None, line.how)] if made else []
    return _shown("reports/late.html", asked, made, lines=_page(lines, page), how=how, hows=words.HOWS, **_pages(lines))


@blueprint.get("/bao-cao/chat-luong")
def gate() -> tuple[str, int]:
    """Show what is wrong with the data of a period, and where it is put right."""
    asked = asked_page()
    made = None if asked.period is None else quality.quality(asked.ctx, by=actor(), asked=scope_of(asked))
    return _shown("reports/quality.html", asked, made, checks=words.CHECKS)


@blueprint.get("/bao-cao/bieu-06/ho-so")
def behind_06() -> tuple[str, int]:
    """List the dossiers that a number of form II.06 counts: ``cot``; ``don-vi``, ``cap``, ``linh-vuc`` of its row."""
    asked, no = asked_page(), request.args.get("cot", "")
    if not no.isdecimal() or len(no) > 2:
        raise NotFound
    cell = table_06.Cell(int(no), _part("don-vi"), _part("cap"), _part("linh-vuc"))
    found = table_06.dossiers_of(asked.ctx, by=actor(), asked=scope_of(asked), cell=cell) if asked.period else []
    said = words.COLUMNS_06.get(cell.no, "")
    beside = cell.no == ENDED_NO
    what = (
        _("Biểu II.06: %(what)s", what=said) if beside else _("Biểu II.06, cột %(no)s: %(what)s", no=cell.no, what=said)
    )
    return _listed(
        asked, found, what, back=url_for("report_tables.form_06", theo=request.args.get("theo"), **asked.query)
    )


@blueprint.get("/bao-cao/bieu-07/ho-so")
def behind_07() -> tuple[str, int]:
    """List the dossiers that a number of form II.07 counts: ``so``, and ``cap``, ``linh-vuc`` of its row."""
    asked, number = asked_page(), table_07.number_of(request.args.get("so", ""))
    cell = table_07.Cell(number, _part("cap"), _part("linh-vuc"))
    found = table_07.dossiers_of(asked.ctx, by=actor(), asked=scope_of(asked), cell=cell) if asked.period else []
    what = _("Biểu II.07: %(what)s", what=words.NUMBERS_07[number])
    return _listed(asked, found, what, back=url_for("report_tables.form_07", **asked.query), opens="late-cause")


@blueprint.get("/bao-cao/chat-luong/ho-so")
def failing() -> tuple[str, int]:
    """List the dossiers that fail the check ``muc``."""
    asked, check = asked_page(), _choice(Check, request.args.get("muc"))
    if check is None:
        raise NotFound
    found = quality.failing(asked.ctx, by=actor(), asked=scope_of(asked), check=check) if asked.period else []
    opens = "late-cause" if check is Check.LATE_WITHOUT_CAUSE else None
    said = words.CHECKS[check]
    back = url_for("report_tables.gate", **asked.query)
    return _listed(asked, found, str(said.wrong), back=back, opens=opens, remedy=said.remedy)


@blueprint.get(f"/bao-cao/<any({', '.join(repr(page) for page in PAGES)}):page>.<any('csv', 'xlsx'):kind>")
def file(page: str, kind: str) -> Response:
    """Return a table as a file, over the same data as its page."""
    ctx, period, closed = report_periods.asked()
    agency = closed.agency if closed else _text("co-quan") or None
    asked = Asked(period, agency, asked_dimension())
    content = _MAKERS[page](ctx, asked, kind)
    response = Response(content, mimetype=TYPES[kind])
    name = f"{page}-{period.from_on}-{period.to_on}.{kind}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def scope_of(asked: AskedPage) -> Asked:
    """Return what the page asks a table for.

    Raises:
        NotFound: there is no such role of agencies.
    """
    assert asked.period is not None  # noqa: S101 - a page without a period asks for nothing
    return Asked(asked.period, asked.agency, asked_dimension())


def _form_06(ctx: Context, asked: Asked, split: Split) -> table_06.Table06:
    return table_06.table_06(
        ctx, by=actor(), period=asked.period, agency=asked.agency, per=split, dimension=asked.dimension
    )


def _file_06(ctx: Context, asked: Asked, kind: str) -> str | bytes:
    made = _form_06(ctx, asked, _split())
    return table_06_xlsx.as_xlsx(made) if kind == "xlsx" else table_files.table_06_csv(made)


def _file_07(ctx: Context, asked: Asked, kind: str) -> str | bytes:
    made = table_07.table_07(ctx, by=actor(), asked=asked)
    return table_07_xlsx.as_xlsx(made) if kind == "xlsx" else table_files.table_07_csv(made)


def _file_late(ctx: Context, asked: Asked, kind: str) -> str | bytes:
    made = late_dossiers.late_dossiers(ctx, by=actor(), asked=asked)
    return late_files.as_xlsx(made) if kind == "xlsx" else late_files.as_csv(made)


def _file_quality(ctx: Context, asked: Asked, kind: str) -> str | bytes:
    made = quality.quality(ctx, by=actor(), asked=asked)
    return quality_files.as_xlsx(made) if kind == "xlsx" else quality_files.as_csv(made)


_Choice = TypeVar("_Choice", Split, How, Check)
_MAKERS: dict[str, Callable[[Context, Asked, str], str | bytes]] = {
    "bieu-06": _file_06, "bieu-07": _file_07, "tre-han": _file_late, "chat-luong": _file_quality,
}  # fmt: skip


def _shown(template: str, asked: AskedPage, made: Any, **more: Any) -> tuple[str, int]:
    asked.typed.update(vai=asked_dimension().value)
    page = render_template(
        template, asked=asked, made=made, dimensions=DIMENSIONS, words=words, outcome_look=outcome_look, **more
    )
    return page, asked.status


def _listed(asked: AskedPage, found: Sequence[Entry], what: str, **more: Any) -> tuple[str, int]:
    title = _("%(what)s: %(count)s hồ sơ", what=what, count=len(found))
    lines = _page(found, page_no())
    return _shown("reports/entries.html", asked, None, title=title, lines=lines, **_pages(found), **more)


def _page(lines: Sequence[Any], page: int) -> Sequence[Any]:
    return lines[(page - 1) * PAGE : page * PAGE]


def _pages(lines: Sequence[Any]) -> dict[str, Any]:
    """Return what the links to other pages of a list need."""
    return {"page": page_no(), "pages": max(1, -(-len(lines) // PAGE)), "page_address": _at}


def _at(page: int) -> str:
    parts = {name: request.args.getlist(name) for name in request.args if name != "trang"}
    return url_for(str(request.endpoint), **parts, trang=page)


def _split() -> Split:
    return _choice(Split, request.args.get("theo")) or Split.CENTRE


def _choice(choices: type[_Choice], said: str | None) -> _Choice | None:
    """Return what the address names; None when it names nothing.

    Raises:
        NotFound: there is nothing of that name.
    """
    if not said:
        return None
    try:
        return choices(said)
    except ValueError:
        raise NotFound from None


def _part(name: str) -> str | None:
    """Return a part of the address; None when it is not there at all: an empty one names rows without a name."""
    return _text(name) if name in request.args else None


def _text(name: str) -> str:
    return storable(request.args.get(name, "")).strip()[:LONGEST]
