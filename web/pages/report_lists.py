"""The dossiers behind a number of the statistics page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from engine.domain.report_periods import Kind, named
from engine.domain.statistics import Column
from engine.reports import fact_lists
from engine.reports.fact_lists import Found, Number
from engine.reports.on_time import Question
from engine.reports.on_time_values import Dimension, Per, Period
from web.asked_reports import AskedPage, asked_page
from web.auth import actor
from web.pages import report_list_files
from web.report_words import COLUMNS, DIMENSIONS, PERS, outcome_look

blueprint = Blueprint("report_lists", __name__)

LONGEST_KEY = 200  # characters: a field is named by its name
PAUSED = "paused"  #: as a column: those whose clock stands
MOST_PAGES = 1_000_000


@blueprint.get("/bao-cao/danh-sach")
def show() -> Response | tuple[str, int]:
    """List the dossiers that a number counts: ``cot`` names its columns, ``khoa`` its line, none the total.

    ``thang`` names a month of the trend that is told from the data of another period, one that was closed.
    """
    asked = _of_month(asked_page())
    number, per, dimension = asked_number(), asked_per(), asked_dimension()
    if asked.period is None:
        return list_page(asked, None, _("Danh sách hồ sơ"))
    key = request.args.get("khoa", "").replace("\0", "")[:LONGEST_KEY] if "khoa" in request.args else None
    question = Question(asked.period, per, dimension, asked.agency)
    found = fact_lists.behind(asked.ctx, by=actor(), question=question, number=number, key=key, page=page_no())
    return list_page(
        asked,
        found,
        _("%(what)s: %(count)s hồ sơ", what=_said(number), count=found.count),
        line=None if key is None else f"{PERS[per]}: {key or _('(không rõ)')}",
        dimension=DIMENSIONS[dimension],
        back=url_for("reports.show", theo=per.value, **asked.query),
    )


def _of_month(asked: AskedPage) -> AskedPage:
    """Return what is asked for, of the calendar month that the address names, if any.

    Raises:
        InvalidPeriodNameError: there is no such month.
    """
    said = request.args.get("thang", "").strip()[:LONGEST_KEY]
    if not said or asked.period is None:
        return asked
    month = named(said)
    if month.kind is not Kind.MONTH:
        raise NotFound
    return replace(asked, period=Period(month.from_on, month.to_on))


def list_page(asked: AskedPage, found: Found | None, title: str, **more: Any) -> Response | tuple[str, int]:
    """Show dossiers behind a number, or give all of them as a file where ``tep`` says ``csv`` or ``xlsx``.

    Without any asked for: why the period cannot be read.
    """
    if found is not None and found.every is not None and "tep" in request.args:
        return report_list_files.of_list(request.args["tep"], found.every(), **more)
    page = render_template(
        "reports/list.html", asked=asked, found=found, title=title, outcome_look=outcome_look, page_address=_at,
        exports=_exports(found), **more,
    )  # fmt: skip
    return page, asked.status


def _exports(found: Found | None) -> dict[str, str]:
    """Return the addresses of the list's files."""
    if found is None or found.every is None or not found.count:
        return {}
    return {kind: _address(tep=kind) for kind in report_list_files.KINDS}


def _at(page: int) -> str:
    """Return the address of another page of the list that is shown."""
    return _address(trang=str(page))


def _address(**changes: str) -> str:
    parts: dict[str, Any] = {name: request.args.getlist(name) for name in request.args if name not in ("trang", "tep")}
    return url_for(str(request.endpoint), **parts, **changes)


def asked_number() -> Number:
    """Return the number that the address names by its columns; ``tru`` names those that are left out.

    Raises:
        NotFound: it names none, or what is no column.
    """
    named, without = set(request.args.getlist("cot")), set(request.args.getlist("tru"))
    if named == {PAUSED}:
        return Number(is_paused=True)
    if not named or not named | without <= set(Column):
        raise NotFound
    return Number(*(tuple(column for column in Column if column in each) for each in (named, without)))


def _said(number: Number) -> str:
    if number.is_paused:
        return _("Đang tạm dừng")
    said = ", ".join(str(COLUMNS[each]) for each in number.columns)
    left_out = ", ".join(str(COLUMNS[each]) for each in number.without)
    return _("%(what)s, không kể %(without)s", what=said, without=left_out) if left_out else said


def asked_per() -> Per:
    """Return what a line stands for: an agency, when the address does not say.

    Raises:
        NotFound: there are no such lines.
    """
    said = request.args.get("theo") or Per.AGENCY.value
    if said not in set(Per):
        raise NotFound
    return Per(said)


def asked_dimension() -> Dimension:
    """Return which of the agencies of a dossier counts: the resolving one, when the address does not say.

    Raises:
        NotFound: there is no such role.
    """
    said = request.args.get("vai") or Dimension.RESOLVING.value
    if said not in set(Dimension):
        raise NotFound
    return Dimension(said)


def page_no() -> int:
    """Return the page of a list that the address asks for, the first when it does not say.

    Raises:
        NotFound: it is no number of a page.
    """
    said = request.args.get("trang") or "1"
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= MOST_PAGES and len(said) < 9):
        raise NotFound
    return int(said)
