"""The administrator's calendar: a year at a glance, days and hours to declare, what a change would move, undo."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import marshmallow as ma
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.calendar import CalendarGapError, InvalidCalendarError
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import agency_settings, calendar_changes, calendar_files, calendar_overview
from web import calendar_banner
from web.auth import actor, current_context
from web.calendar_refusals import field_details, file_problem_words, words_of
from web.calendar_words import LOOKS, NOTICES, WEEKDAYS, WHAT, act_words
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text
from web.schemas.calendars import ChangeSchema

blueprint = Blueprint("calendar", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

SHOWN = 200  #: dates of open dossiers on the preview; the file has all
_SATURDAY = 5
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[/. -])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})")
_EIGHT = re.compile(r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{4})")


@blueprint.get("/lich")
def show() -> str:
    """Show a year of an agency's calendar."""
    return _page(None)


@blueprint.post("/lich/xem-truoc")
def preview() -> BaseResponse:
    """Show what the typed days, hours or file would do; nothing is saved."""
    try:
        document = _typed_document()
        return make_response(_preview_page(document))
    except calendar_files.InvalidCalendarFileError as error:
        return _refused("file", error)
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused(text("form", longest=10), error)


@blueprint.post("/lich/luu")
def save() -> BaseResponse:
    """Make the change that was previewed; when the calendar is another by now, show the preview anew."""
    document = _document()
    try:
        arguments = _arguments(document)
        made = calendar_changes.apply(current_context(), by=actor(), request=named_request(), **arguments)
    except calendar_changes.CalendarChangedError:
        return make_response(_preview_page(document, changed=True), 409)
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused("days", error)
    return _done(made, document["year"])


@blueprint.post("/lich/xem-truoc.csv")
def preview_file() -> Response:
    """Return every date that the previewed change would move, as a file."""
    told = calendar_changes.preview(current_context(), by=actor(), **_without_token(_arguments(_document())))
    table = StringIO()
    writer = csv.writer(table)
    columns = ("code", "procedure", "what", "no", "due_before", "due_after", "was_late", "is_late")
    writer.writerow(columns)
    writer.writerows([each[name] for name in columns] for each in told["moves"])
    headers = {"Content-Disposition": "attachment; filename=thay-doi-lich.csv"}
    return Response("\ufeff" + table.getvalue(), mimetype="text/csv", headers=headers)


@blueprint.get("/lich/thay-doi/<int:change_id>/hoan-tac")
def preview_undo(change_id: int) -> BaseResponse:
    """Show what taking a change back would do."""
    try:
        told = calendar_changes.preview_undo(current_context(), by=actor(), change_id=change_id)
    except ConflictError as error:
        return _refused("undo", error)
    return make_response(_told_page(told, {}, undoes=change_id))


@blueprint.post("/lich/thay-doi/<int:change_id>/hoan-tac")
def undo(change_id: int) -> BaseResponse:
    """Take a change back."""
    try:
        made = calendar_changes.undo(
            current_context(), by=actor(), change_id=change_id, expected=text("token") or None, request=named_request()
        )
    except calendar_changes.CalendarChangedError:
        told = calendar_changes.preview_undo(current_context(), by=actor(), change_id=change_id)
        return make_response(_told_page(told, {}, undoes=change_id, changed=True), 409)
    except ConflictError as error:
        return _refused("undo", error)
    return _done(made, _year_of(made))


@blueprint.post("/lich/cai-dat")
def settings() -> BaseResponse:
    """Change from when a dossier is late, and from which share of its limit on it is near."""
    percent = text("nearing_percent", longest=5)
    try:
        agency_settings.change(
            current_context(),
            by=actor(),
            agency=text("agency"),
            late_rule=text("late_rule"),
            nearing_percent=int(percent) if percent.isascii() and percent.isdigit() else 0,
            ground=text("ground", longest=200),
        )
    except (InvalidInputError, ForbiddenError, NotFoundError) as error:
        return _refused("settings", error)
    flash(_("Đã lưu cài đặt thời hạn."), "success")
    return redirect(url_for("calendar.show", **{"co-quan": text("agency")}), 303)


# --- reading forms -------------------------------------------------------------------------------------------------


def _of_days() -> dict[str, Any]:
    rows = []
    for no in ("1", "2"):
        on = _typed_date(f"date{no}")
        if not on and no == "2":
            continue
        rows.append(
            {
                "date": on,
                "kind": text(f"kind{no}", longest=10) or _usual_kind(on),
                "decision": text("decision", longest=300),
                "note": text("note", longest=300),
                "shifts": text(f"shifts{no}", longest=300),
            }
        )
    return {"days": rows}


def _typed_date(name: str) -> str:
    """Return a date as ISO text; people type ``22/08/2026``, ``22-8-2026`` or ``22082026``, whatever their browser."""
    typed = text(name, longest=20)
    match = _DAY_FIRST.fullmatch(typed) or _EIGHT.fullmatch(typed)
    return f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}" if match else typed


def _usual_kind(on: str) -> str:
    """Guess what is declared: a weekend becomes a working day, a weekday a day off; the preview says it in words."""
    try:
        return "work" if date.fromisoformat(on).weekday() >= _SATURDAY else "off"
    except ValueError:
        return "off"  # the date itself is refused next


def _of_file() -> dict[str, Any]:
    upload = request.files.get("file")
    content = upload.stream.read(calendar_files.LARGEST + 1) if upload else b""
    rules = calendar_files.read_days(content, (upload.filename if upload else "") or _("tệp"))
    return {"days": [_as_day(rule.as_json()) for rule in rules]}


def _as_day(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {key: entry[key] for key in ("kind", "decision", "note")}
    return kept | {"date": entry["on"], "shifts": ", ".join(entry["shifts"])}


def _of_hours() -> dict[str, Any]:
    hours = {
        "from": _typed_date("from"),
        "week": [text(f"day{no}", longest=200) for no in range(7)],
        "decision": text("decision", longest=300),
        "note": text("note", longest=300),
    }
    return {"hours": hours, "desk": text("desk") or None}


def _typed_document() -> dict[str, Any]:
    read = _READ.get(text("form", longest=10))
    if read is None:
        raise InvalidCalendarError("the form is none of days, file and hours: declare it again")
    return read()


_READ: dict[str, Callable[[], dict[str, Any]]] = {"days": _of_days, "file": _of_file, "hours": _of_hours}


def _document() -> dict[str, Any]:
    """Return the change that the preview page carries along, as the API would take it."""
    try:
        document = json.loads(request.form.get("document", ""))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidCalendarError("the form carries no change: declare it again")
    return document | {"year": _year_of({"declared": document.get("days") or [document.get("hours")]})}


def _arguments(document: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the services.

    Raises:
        InvalidCalendarError: a field cannot be used; it names it.
    """
    body = {key: value for key, value in document.items() if key in ("days", "hours", "desk")}
    body |= {"agency": text("agency") or None, "expected": text("token") or None}
    try:
        arguments: dict[str, Any] = ChangeSchema().load(body)
    except ma.ValidationError as error:
        raise InvalidCalendarError(f"the form: {error.messages}", **field_details(error.messages, body)) from error
    return arguments


def _without_token(arguments: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if key != "expected"}


# --- pages ---------------------------------------------------------------------------------------------------------


def _page(refused: Refusal | None, problems: Sequence[dict[str, Any]] = ()) -> str:
    ctx, by = current_context(), actor()
    agencies = calendar_overview.agencies(ctx, by=by)
    wanted = request.values.get("co-quan") or text("agency") or (agencies[0]["code"] if agencies else None)
    may_change = any(each["code"] == wanted and each["may_change"] for each in agencies)
    year = _asked_year()
    try:
        calendar = calendar_overview.overview(ctx, by=by, agency=wanted, year=year)
    except CalendarGapError as gap:
        asked, year = year, int(gap.details["covered"][-4:])
        flash(_("Lịch làm việc chưa có năm %(asked)s; đây là năm %(year)s.", asked=asked, year=year), "warning")
        calendar = calendar_overview.overview(ctx, by=by, agency=wanted, year=year)
    return render_template(
        "calendar/page.html", calendar=calendar, agencies=agencies, may_change=may_change, refused=refused,
        problems=problems, file_problem_words=file_problem_words,
        history=calendar_changes.history(ctx, by=by, agency=wanted), looks=LOOKS,
        weekdays=WEEKDAYS, act_words=act_words, weekday_of=lambda month: date(year, month, 1).weekday(),
    )  # fmt: skip


def _asked_year() -> int:
    typed = request.values.get("nam", "")
    if typed.isascii() and typed.isdigit() and len(typed) == 4:
        return int(typed)
    return current_context().clock.now().year


def _preview_page(document: dict[str, Any], *, changed: bool = False) -> str:
    told = calendar_changes.preview(current_context(), by=actor(), **_without_token(_arguments(document)))
    return _told_page(told, document, changed=changed)


def _told_page(
    told: dict[str, Any], document: dict[str, Any], *, undoes: int | None = None, changed: bool = False
) -> str:
    kept = {key: value for key, value in document.items() if key in ("days", "hours", "desk")}
    return render_template(
        "calendar/preview.html", told=told, document=json.dumps(kept, ensure_ascii=False), undoes=undoes,
        changed=changed, most=SHOWN, what=WHAT, notices=NOTICES, looks=LOOKS, weekdays=WEEKDAYS,
        year=_year_of(told),
    )  # fmt: skip


def _refused(form: str, error: EngineError) -> BaseResponse:
    shown, words = refusal(form, error), words_of(error)
    if words is not None:
        shown = replace(shown, message=f"{words}.", remedy="")
    return make_response(_page(shown, error.details.get("problems", ())), shown.status)


def _done(made: dict[str, Any], year: int) -> BaseResponse:
    calendar_banner.forget()
    told = _("Đã lưu thay đổi số %(id)s. Hồ sơ được dời ngày: %(moved)s.", id=made["id"], moved=made["moved"])
    flash(told, "success")
    return redirect(url_for("calendar.show", nam=year, **{"co-quan": made["agency"]}), 303)


def _year_of(told: dict[str, Any]) -> int:
    """Return the year of the first thing that was declared, else the present one."""
    entries = [*told.get("declared", []), *told.get("replaced", [])]
    for each in (each for each in entries if isinstance(each, dict)):
        on = str(each.get("on") or each.get("date") or each.get("from") or "")
        if on[:4].isdigit() and len(on) == 10:
            return int(on[:4])
    return current_context().clock.now().year
