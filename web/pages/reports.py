"""The statistics page: cards, trend, where dossiers are late, the table of a period, and its files."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, url_for

from engine.domain.statistics import Column
from engine.reports import on_time
from engine.reports.on_time import Question
from engine.reports.on_time_values import Line, Per, Report
from engine.reports.overview import Month, Overview, overview
from engine.reports.render import on_time_files
from web import report_periods
from web.asked_reports import AskedPage, asked_page
from web.auth import actor
from web.pages.report_data import has_past_month
from web.pages.report_lists import PAUSED, asked_dimension, asked_per
from web.report_charts import month_chart, worst_lines
from web.report_tabs import init_report_tabs
from web.report_words import COLUMNS, DIMENSIONS, PERS, SHOWN

blueprint = Blueprint("reports", __name__)
blueprint.record_once(lambda state: init_report_tabs(state.app))

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
WORST = 10  #: lines with most late dossiers that are drawn
KEPT = (Column.EARLY, Column.ON_TIME)
FINISHED = (*KEPT, Column.LATE)


@blueprint.get("/bao-cao")
def show() -> tuple[str, int]:
    """Show the statistics of a period; a period that cannot be read is told beside the form."""
    asked, per, dimension = asked_page(), asked_per(), asked_dimension()
    asked.typed.update(theo=per.value, vai=dimension.value)
    found = None
    if asked.period is not None:
        question = Question(asked.period, per, dimension, asked.agency)
        found = overview(asked.ctx, by=actor(), question=question)
    page = render_template(
        "reports/statistics.html",
        asked=asked,
        found=found,
        pers=PERS,
        dimensions=DIMENSIONS,
        columns=[(column, COLUMNS[column]) for column in SHOWN],
        links=None if found is None else Links(asked, per, found),
        chart=None if found is None else month_chart(found.months),
        worst=[] if found is None or per is Per.MONTH else worst_lines(found.report.lines, WORST),
        most_worst=WORST,
        has_open_data=found is not None and has_past_month(found.report.period),
    )
    return page, asked.status


class Links:
    """The addresses of the lists behind the numbers of a page."""

    def __init__(self, asked: AskedPage, per: Per, found: Overview) -> None:
        self._query = asked.query
        self._is_closed = asked.closed is not None
        self._per = per
        self._total = found.report.total

    def of(self, line: Line, *columns: str) -> str:
        """Return the list of a line of the table, or of the total."""
        return self._address(line, columns)

    def paused(self, line: Line) -> str:
        """Return the list of those of a line whose clock stands."""
        return self._address(line, [PAUSED])

    def kept(self, line: Line) -> str:
        """Return the list of those that were finished on time."""
        return self._address(line, KEPT)

    def finished(self, line: Line) -> str:
        """Return the list of those that were finished."""
        return self._address(line, FINISHED)

    def received(self, line: Line) -> str:
        """Return the list of those received that were neither withdrawn nor stopped."""
        return self._address(line, [Column.RECEIVED_IN_PERIOD], without=Column.RECEIVED_ENDED)

    def of_month(self, month: Month, *columns: str) -> str:
        """Return the list of a month of the trend; of a closed period, from the data that was frozen with it."""
        cot = [str(column) for column in columns]
        if self._is_closed:
            return url_for("report_lists.show", cot=cot, thang=f"{month.period.from_on:%Y-%m}", **self._query)
        kept = {name: value for name, value in self._query.items() if name not in ("ky", "tu", "den", "so-lieu")}
        dates = {"tu": month.period.from_on.isoformat(), "den": month.period.to_on.isoformat()}
        return url_for("report_lists.show", cot=cot, **kept, **dates)

    def _address(self, line: Line, columns: Sequence[str], without: Column | None = None) -> str:
        parts: dict[str, object] = {"cot": [str(column) for column in columns], "theo": self._per.value, **self._query}
        if line is not self._total:
            parts["khoa"] = line.key
        if without is not None:
            parts["tru"] = without.value
        return url_for("report_lists.show", **parts)


@blueprint.get("/bao-cao/dung-han.<any('csv', 'xlsx'):kind>")
def on_time_file(kind: str) -> Response:
    """Return the report as a file, with exactly what the screen shows."""
    report = _report()
    name = f"dung-han-{report.period.from_on}-{report.period.to_on}.{kind}"
    content = on_time_files.as_csv(report).encode() if kind == "csv" else on_time_files.as_xlsx(report)
    response = Response(content, mimetype=TYPES[kind])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _report() -> Report:
    ctx, period, closed = report_periods.asked()
    agency = closed.agency if closed else report_periods.part(report_periods.AGENCY) or None
    return on_time.on_time(ctx, by=actor(), question=Question(period, asked_per(), asked_dimension(), agency))
