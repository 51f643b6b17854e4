"""The page of used time: against what was promised, what the law grants, and what a base year took."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from engine.errors import InvalidInputError
from engine.reports import fact_lists
from engine.reports.fact_lists import Timed
from engine.reports.localities import InvalidDateError
from engine.reports.on_time_values import Per
from engine.reports.time_used import PERS, Line, time_used
from web.asked_reports import AskedPage, asked_page, problem_of
from web.auth import actor
from web.errors import status_of
from web.pages.report_lists import LONGEST_KEY, asked_per, list_page, page_no
from web.report_charts import share_bars
from web.report_words import PERS as WORDS

blueprint = Blueprint("time_reports", __name__)

WITHOUT_END = 100_000_000  #: percent of a limit that nobody uses up


@blueprint.get("/bao-cao/thoi-gian")
def show() -> tuple[str, int]:
    """Show how much of the time was used; a period or a year that cannot be read is told beside the form."""
    asked, per = asked_page(), _per()
    asked.typed["theo"] = per.value
    year_typed = request.args.get("nam-goc", "").strip()[:10]
    found, problem, status = None, asked.problem, asked.status
    if asked.period is not None:
        try:
            found = time_used(
                asked.ctx, by=actor(), period=asked.period, per=per, agency=asked.agency, base_year=_year(year_typed)
            )
        except InvalidInputError as error:
            status = status_of(error)
            problem = problem_of(error, status)
    page = render_template(
        "reports/time_used.html",
        asked=asked,
        found=found,
        problem=problem,
        year_typed=year_typed,
        pers={each: WORDS[each] for each in PERS},
        bars=[] if found is None else share_bars(found.total.shares),
        list_of=partial(_list_of, asked, per),
    )
    return page, status


@blueprint.get("/bao-cao/thoi-gian/ho-so")
def dossiers() -> tuple[str, int]:
    """List the dossiers behind a number: ``khoa`` names the line, ``tu-phan-tram`` and ``den-phan-tram`` the share."""
    asked, per, no = asked_page(), _per(), page_no()
    shares = range(_percent("tu-phan-tram", 0), _percent("den-phan-tram", WITHOUT_END) + 1)
    if asked.period is None:
        return list_page(asked, None, _("Danh sách hồ sơ"))
    key = request.args.get("khoa", "").replace("\0", "")[:LONGEST_KEY] if "khoa" in request.args else None
    number = Timed(asked.period, per, asked.agency, key, shares)
    found = fact_lists.timed(asked.ctx, by=actor(), number=number, page=no)
    back = url_for("time_reports.show", theo=per.value, **asked.query)
    line = None if key is None else f"{WORDS[per]}: {key or _('(không rõ)')}"
    title = _("Đo được thời gian: %(count)s hồ sơ", count=found.count)
    return list_page(asked, found, title, back=back, line=line, with_share=True)


def _list_of(asked: AskedPage, per: Per, line: Line | None, first: int = 0, last: int | None = None) -> str:
    """Return the list of a line, of the total without one, of those that used such a share of their limit."""
    parts: dict[str, object] = {"theo": per.value, **asked.query}
    if line is not None:
        parts["khoa"] = line.key
    if first:
        parts["tu-phan-tram"] = first
    if last is not None:
        parts["den-phan-tram"] = last
    return url_for("time_reports.dossiers", **parts)


def _per() -> Per:
    per = asked_per()
    if per not in PERS:
        raise NotFound
    return per


def _year(typed: str) -> int | None:
    """Return the base year, None when none was typed.

    Raises:
        InvalidDateError: it is no year.
    """
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()):
        raise InvalidDateError(f"{typed!r} is no year; write 2025", field="base_year")
    return int(typed)


def _percent(name: str, otherwise: int) -> int:
    said = request.args.get(name, "")
    if not said:
        return otherwise
    if not (said.isascii() and said.isdigit() and len(said) < 9):
        raise NotFound
    return int(said)
