"""Index 766 on screen and as files, the dossiers behind its numbers, and the figures that people enter for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from engine.domain import plan_facts
from engine.domain.index_766 import Group
from engine.domain.indicator_catalogue import INDICATORS, by_key
from engine.domain.indicators import Origin, Shape
from engine.reports import indicator_dossiers, plan_lists
from engine.reports.index_766 import Index766, index_766
from engine.reports.indicator_dossiers import LISTED, Part
from engine.reports.indicator_values import Split
from engine.reports.on_time_values import Period
from engine.reports.render import index_files
from engine.reports.scope import Asked
from engine.services import figures
from engine.services.figures import Figure
from web import plan_words as words
from web import report_periods
from web.asked_reports import AskedPage, asked_page
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, refuse_unstorable, text, whole_number
from web.pages.form_acts import carry_out
from web.pages.report_lists import asked_dimension, list_page, page_no
from web.report_words import DIMENSIONS

blueprint = Blueprint("index_766", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: words.init_plan_words(state.app))

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LARGEST = 5_000_000  #: bytes of a file


@blueprint.get("/bao-cao/chi-so-766")
def show() -> tuple[str, int]:
    """Show the points of a period, and how many are not known."""
    asked, split = asked_page(), _split()
    made = None if asked.period is None else _made(asked, split)
    page = render_template(
        "reports/index_766.html", asked=asked, made=made, split=split, splits=words.SPLITS, words=words, groups=Group,
        listed=LISTED, dimensions=DIMENSIONS, indicators=INDICATORS, origins=Origin,
    )  # fmt: skip
    return page, asked.status


@blueprint.get("/bao-cao/chi-so-766.<any('csv', 'xlsx'):kind>")
def file(kind: str) -> Response:
    """Return the index as a file, over the same data as its page."""
    ctx, period, closed = report_periods.asked()
    agency = closed.agency if closed else request.args.get("co-quan", "")[:60] or None
    made = index_766(ctx, by=actor(), asked=Asked(period, agency, asked_dimension()), split=_split())
    content = index_files.index_csv(made) if kind == "csv" else index_files.index_xlsx(made)
    return attachment(content, kind, f"chi-so-766-{period.from_on}-{period.to_on}.{kind}")


@blueprint.get("/bao-cao/chi-so-766/ho-so")
def dossiers() -> tuple[str, int]:
    """List the dossiers behind an indicator: ``chi-so`` names it, ``phan`` the part of it, ``don-vi`` a unit."""
    asked, key = asked_page(), request.args.get("chi-so", "")[:60]
    part, unit = request.args.get("phan") or Part.LOST.value, request.args.get("don-vi", "")[:120] or None
    if part not in set(Part) or key not in INDICATORS:
        raise NotFound
    if asked.period is None:
        return list_page(asked, None, _("Danh sách hồ sơ"))
    of_target = request.args.get("ve") == "chi-tieu"
    if of_target:  # over its own time, of the same data as the page: perhaps those of a closed period
        asked = replace(asked, period=report_periods.dates())
    found = indicator_dossiers.page_of(
        asked.ctx, by=actor(), asked=_scope(asked), indicator=key, part=Part(part), unit=unit, page=page_no()
    )
    said = _("%(part)s: %(count)s hồ sơ", part=str(words.PARTS[Part(part)]).capitalize(), count=found.count)
    back = url_for("plan_pages.targets" if of_target else "index_766.show", **asked.query)
    return list_page(asked, found, said, line=words.indicator_name(key), back=back)


@blueprint.get("/bao-cao/chi-so-766/so-lieu")
def entered() -> str:
    """Show the figures that were entered, and the form for a new one."""
    return _figures(None)


@blueprint.post("/bao-cao/chi-so-766/so-lieu")
def enter() -> BaseResponse:
    """Enter a figure."""

    def save() -> None:
        figure = _typed_figure()
        figures.enter(current_context(), by=actor(), agency=text("agency", longest=40), figure=figure)

    then = url_for("index_766.entered")
    return carry_out(save, form="figure", page=_figures, said=_("Đã ghi số liệu."), then=then)


@blueprint.post("/bao-cao/chi-so-766/so-lieu/bo")
def withdraw() -> BaseResponse:
    """Take a figure back."""

    def drop() -> None:
        figures.withdraw(current_context(), by=actor(), figure_id=whole_number("figure"))

    then = url_for("index_766.entered")
    return carry_out(drop, form="withdraw", page=_figures, said=_("Đã bỏ số liệu."), then=then)


@blueprint.post("/bao-cao/chi-so-766/so-lieu/tep")
def import_file() -> BaseResponse:
    """Enter the figures of a file."""

    def save() -> None:
        name, content = uploaded()
        agency = text("agency", longest=40)
        figures.import_file(current_context(), by=actor(), agency=agency, content=content, name=name)

    then = url_for("index_766.entered")
    return carry_out(save, form="file", page=_figures, said=_("Đã ghi số liệu của tệp."), then=then)


def uploaded() -> tuple[str, bytes]:
    """Return name and content of the file that a form brings.

    Raises:
        FieldError: it brings none, or one that is too large.
    """
    found = request.files.get("file")
    if found is None or not found.filename:
        raise FieldError("choose a file", field="file")
    content = _read(found)
    if len(content) > LARGEST:
        raise FieldError("the file is too large", field="file")
    return found.filename[:100], content


def typed_day(name: str) -> date:
    """Return the day that was typed into a field.

    Raises:
        PlanPeriodError: it is none.
    """
    return plan_facts.day(text(name, longest=20), field=name)


def attachment(content: str | bytes, kind: str, name: str) -> Response:
    """Return a file that the browser saves."""
    response = Response(content, mimetype=TYPES[kind])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def planned() -> list[tuple[str, str]]:
    """Return code and name of the agencies whose plans the officer keeps."""
    found = plan_lists.agencies(current_context(), by=actor())
    return [(code, name) for code, name, keeps in found if keeps]


def _read(file: FileStorage) -> bytes:
    return file.stream.read(LARGEST + 1)


def _typed_figure() -> Figure:
    indicator = by_key(text("indicator", longest=60))
    if indicator.shape is Shape.SHARE:
        numbers = whole_number("numerator"), whole_number("denominator")
    else:
        numbers = figures.number(text("numerator", longest=40), indicator.shape)
    source = text("source", longest=figures.LONGEST_SOURCE + 1)
    return Figure(indicator.key, typed_day("from_on"), typed_day("to_on"), *numbers, source)


def _figures(refused: Refusal | None) -> str:
    today = current_context().clock.now().date()
    period = asked_page().period if request.args.get("ky") or request.args.get("tu") else None
    period = period or Period(date(today.year - 1, 1, 1), date(today.year, 12, 31))
    ctx, by = current_context(), actor()
    return render_template(
        "reports/figures.html",
        rows=plan_lists.figures(ctx, by=by, period=period),
        period=period,
        keeping=planned(),
        choices=words.indicator_choices([Origin.FIGURE]),
        words=words,
        indicators=INDICATORS,
        refused=refused,
        problems=(refused.details.get("problems") if refused else None) or [],
    )


def _made(asked: AskedPage, split: Split | None) -> Index766:
    return index_766(asked.ctx, by=actor(), asked=_scope(asked), split=split)


def _scope(asked: AskedPage) -> Asked:
    assert asked.period is not None  # noqa: S101 - a page without a period asks for nothing
    return Asked(asked.period, asked.agency, asked_dimension())


def _split() -> Split | None:
    said = request.args.get("them", "")
    if said not in words.SPLITS:
        raise NotFound
    return Split(said) if said else None
