"""The plan of an agency on screen: targets beside live values, tasks with their dates, and the forms that set them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.plan_facts import YEARS, PlanNumberError, PlanPeriodError, TaskState
from engine.reports import plan_lists
from engine.reports.filters import storable
from engine.reports.indicator_dossiers import LISTED
from engine.reports.render import index_files, task_files
from engine.reports.scope import Asked
from engine.reports.targets import Targets
from engine.reports.targets import targets as measure
from engine.services import plan_targets, plan_tasks
from engine.services.plan_targets import Target
from engine.services.plan_tasks import Task
from web import plan_words as words
from web import report_periods
from web.asked_reports import AskedPage, asked_page
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, refuse_unstorable, text, whole_number
from web.i18n import zone
from web.pages.form_acts import carry_out
from web.pages.index_766 import attachment, planned, typed_day, uploaded
from web.pages.report_lists import asked_dimension
from web.report_words import DIMENSIONS

blueprint = Blueprint("plan_pages", __name__, url_prefix="/bao-cao")
blueprint.url_value_preprocessor(refuse_unstorable)

_SIGNS = {each.name.lower(): each for each in words.COMPARISONS}  # signs such as > do not survive in a form's memory


@blueprint.get("/chi-tieu")
def targets() -> tuple[str, int]:
    """Show the targets that touch a period, each over its own time."""
    asked = asked_page()
    return _targets(None, asked), asked.status


@blueprint.get("/chi-tieu.<any('csv', 'xlsx'):kind>")
def targets_file(kind: str) -> Response:
    """Return the targets as a file, over the same data as their page."""
    ctx, period, closed = report_periods.asked()
    agency = closed.agency if closed else request.args.get("co-quan", "")[:60] or None
    made = measure(ctx, by=actor(), asked=Asked(period, agency, asked_dimension()))
    content = index_files.targets_csv(made) if kind == "csv" else index_files.targets_xlsx(made)
    return attachment(content, kind, f"chi-tieu-{period.from_on}-{period.to_on}.{kind}")


@blueprint.post("/chi-tieu/dat")
def set_target() -> BaseResponse:
    """Set a target."""

    def save() -> None:
        year = text("base_year", longest=4)
        if year and not (year.isascii() and year.isdigit()):
            raise PlanNumberError("the base year is a year such as 2024", field="base_year")
        target = Target(
            indicator=text("indicator", longest=60),
            comparison=_SIGNS.get(text("comparison", longest=20), ""),
            figure=text("figure", longest=20),
            from_on=typed_day("from_on"),
            to_on=typed_day("to_on"),
            base_year=int(year) if year else None,
            document=text("document", longest=plan_targets.LONGEST_DOCUMENT + 1),
            note=text("note", longest=plan_targets.LONGEST_NOTE + 1),
        )
        plan_targets.set_target(current_context(), by=actor(), agency=text("agency", longest=40), target=target)

    then = url_for("plan_pages.targets")
    return carry_out(save, form="target", page=_targets, said=_("Đã đặt chỉ tiêu."), then=then)


@blueprint.post("/chi-tieu/bo")
def withdraw_target() -> BaseResponse:
    """Take a target back."""

    def drop() -> None:
        plan_targets.withdraw(current_context(), by=actor(), target_id=whole_number("target"))

    then = url_for("plan_pages.targets")
    return carry_out(drop, form="withdraw", page=_targets, said=_("Đã bỏ chỉ tiêu."), then=then)


@blueprint.post("/chi-tieu/tep")
def import_targets() -> BaseResponse:
    """Set the targets of a file."""

    def save() -> None:
        name, content = uploaded()
        plan_targets.import_file(
            current_context(), by=actor(), agency=text("agency", longest=40), content=content, name=name,
            plan=text("plan", longest=100) or None,
        )  # fmt: skip

    said = _("Đã đặt các chỉ tiêu của tệp.")
    return carry_out(save, form="file", page=_targets, said=said, then=url_for("plan_pages.targets"))


@blueprint.get("/nhiem-vu")
def tasks() -> str:
    """Show the tasks of a year's plan; ``sua`` opens one in the form."""
    return _tasks(None)


@blueprint.get("/nhiem-vu.<any('csv', 'xlsx'):kind>")
def tasks_file(kind: str) -> Response:
    """Return the tasks of a year as a file, over the same data as their page."""
    ctx, year = current_context(), _year()
    found = plan_lists.tasks(ctx, by=actor(), year=year, agency=_agency())
    content = task_files.tasks_csv(found) if kind == "csv" else task_files.tasks_xlsx(found, at=ctx.clock.now())
    return attachment(content, kind, f"nhiem-vu-{year}.{kind}")


@blueprint.post("/nhiem-vu/ghi")
def put_task() -> BaseResponse:
    """Write a task."""

    def save() -> None:
        seen = text("changed_at", longest=40)
        plan_tasks.put(
            current_context(), by=actor(), agency=text("agency", longest=40), task=_typed_task(),
            expected=_instant(seen) if seen else None, is_new=not seen,
        )  # fmt: skip

    then = url_for("plan_pages.tasks", nam=text("year", longest=4))
    return carry_out(save, form="task", page=_tasks, said=_("Đã ghi nhiệm vụ."), then=then)


@blueprint.post("/nhiem-vu/tep")
def import_tasks() -> BaseResponse:
    """Write the tasks of a file."""

    def save() -> None:
        name, content = uploaded()
        agency = text("agency", longest=40)
        plan_tasks.import_file(current_context(), by=actor(), agency=agency, content=content, name=name)

    said = _("Đã ghi các nhiệm vụ của tệp.")
    return carry_out(save, form="file", page=_tasks, said=said, then=url_for("plan_pages.tasks"))


def _targets(refused: Refusal | None, asked: AskedPage | None = None) -> str:
    asked = asked or asked_page()
    made: Targets | None = None
    if asked.period is not None:
        scope = Asked(asked.period, asked.agency, asked_dimension())
        made = measure(asked.ctx, by=actor(), asked=scope)
    return render_template(
        "reports/targets.html",
        asked=asked,
        made=made,
        words=words,
        listed=LISTED,
        dimensions=DIMENSIONS,
        keeping=planned(),
        choices=words.indicator_choices(),
        comparisons=[(name, words.COMPARISONS[each]) for name, each in _SIGNS.items()],
        indicators=INDICATORS,
        year=_today().year,
        refused=refused,
        problems=_problems(refused),
    )


def _tasks(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    found = plan_lists.tasks(ctx, by=by, year=_year(), agency=_agency())
    known = plan_lists.agencies(ctx, by=by)
    opened = request.args.get("sua", "")
    edited = next((line for line in found.lines if str(line.row.id) == opened and line.may_change), None)
    if opened and edited is None:
        raise NotFound
    return render_template(
        "reports/tasks.html",
        found=found,
        edited=edited,
        words=words,
        states=[(each.value, words.STATES[each]) for each in TaskState],
        standings=words.STANDINGS,
        keeping=[(code, name) for code, name, keeps in known if keeps],
        choices=[(code, name) for code, name, _keeps in known],
        agency=_agency() or "",
        several=len({line.agency for line in found.lines}) > 1,
        refused=refused,
        problems=_problems(refused),
    )


def _year() -> int:
    said = request.args.get("nam", "") or text("year", longest=4)
    return int(said) if said.isascii() and said.isdigit() and int(said) in YEARS else _today().year


def _agency() -> str | None:
    return storable(request.args.get("co-quan", ""))[:60] or None


def _typed_task() -> Task:
    year, done_on = text("year", longest=4), text("done_on", longest=20)
    if not (year.isascii() and year.isdigit()):
        raise PlanPeriodError("the year of a plan is such as 2026", field="year")
    texts: dict[str, Any] = {name: text(name, longest=longest + 1) for name, longest in plan_tasks.LONGEST.items()}
    return Task(
        year=int(year),
        due_on=typed_day("due_on"),
        state=text("state", longest=12),
        done_on=typed_day("done_on") if done_on else None,
        **texts,
    )


def _problems(refused: Refusal | None) -> list[dict[str, Any]]:
    return (refused.details.get("problems") if refused else None) or []


def _instant(seen: str) -> datetime:
    try:
        return datetime.fromisoformat(seen)
    except ValueError:
        raise FieldError("the hidden field was changed", field="changed_at") from None


def _today() -> Any:
    return current_context().clock.now().astimezone(ZoneInfo(zone())).date()
