"""Procedures: the catalogue, and one with versions, steps, diagram, findings; what an administrator does to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.actors import Role
from engine.errors import ConflictError, InvalidInputError
from engine.services import procedure_comparison, procedures, units
from web.auth import actor, current_context
from web.finding_words import finding_words
from web.forms import FieldError, Refusal, day_begins, refusal, refuse_unstorable, text
from web.workbench_words import PROCEDURE_ACTS, VERSION_STATES

blueprint = Blueprint("catalogue", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/thu-tuc")
def listed() -> str:
    """Show the catalogue, narrowed by what was typed."""
    by = actor()
    query = request.args.get("q", "").strip()[:100]
    known = procedures.catalogue(current_context(), query=query)
    return render_template(
        "procedures/list.html", procedures=known, query=query, many=len({row["agency"] for row in known}),
        may_edit=bool(by.agencies_with(Role.ADMIN)),
    )  # fmt: skip


@blueprint.get("/thu-tuc/<agency>/<code>")
def show(agency: str, code: str) -> str:
    """Show one procedure: the version in force, or another that is asked for."""
    return _page(agency, code, None)


@blueprint.get("/thu-tuc/<agency>/<code>/so-do.bpmn")
def diagram(agency: str, code: str) -> Response:
    """Return the model of the version in force or asked for; with ``ve`` what was drawn, without parts and frame."""
    actor()
    facts = procedures.show(current_context(), code=code, agency=agency, number=_number("v"))
    drawn = facts["source"] if "ve" in request.args and facts["source"] else facts["model"]
    return Response(drawn, mimetype="application/xml")


@blueprint.get("/thu-tuc/<agency>/<code>/so-sanh")
def compare(agency: str, code: str) -> str:
    """Show two versions side by side."""
    actor()
    old, new = _number("cu") or 1, _number("moi") or 1
    procedure = procedures.show(current_context(), code=code, agency=agency, number=new)
    procedures.show(current_context(), code=code, agency=agency, number=old)
    at = {"agency": agency, "code": code}
    urls = {
        "old": url_for("catalogue.diagram", v=old, ve=1, **at),
        "new": url_for("catalogue.diagram", v=new, ve=1, **at),
        "diff": url_for("catalogue.differences", cu=old, moi=new, **at),
        "back": url_for("catalogue.show", **at),
    }
    return render_template("workbench/compare.html", procedure=procedure, old=old, new=new, urls=urls)


@blueprint.get("/thu-tuc/<agency>/<code>/so-sanh.json")
def differences(agency: str, code: str) -> Response:
    """Return what differs between two versions."""
    actor()
    old, new = _number("cu") or 1, _number("moi") or 1
    return jsonify(procedure_comparison.compare(current_context(), code=code, agency=agency, old=old, new=new))


@blueprint.post("/thu-tuc/<agency>/<code>/trang-thai")
def change(agency: str, code: str) -> BaseResponse:
    """Close, open, retire, reopen or delete a procedure, or take a scheduled version back, as the button says."""
    act = text("act", longest=20)
    try:
        if act not in _ACTS:
            raise FieldError("there is no such act", field="act")
        _ACTS[act](agency, code)
    except (InvalidInputError, ConflictError) as error:
        shown = refusal(act, error)
        return make_response(_page(agency, code, shown), shown.status)
    flash(_("Đã lưu."), "success")
    target = url_for("catalogue.listed") if act == "delete" else url_for("catalogue.show", agency=agency, code=code)
    return redirect(target, 303)


def _close(agency: str, code: str) -> None:
    procedures.set_open(current_context(), by=actor(), code=code, is_open=False, agency=agency)


def _open(agency: str, code: str) -> None:
    procedures.set_open(current_context(), by=actor(), code=code, is_open=True, agency=agency)


def _retire(agency: str, code: str) -> None:
    starts = day_begins("starts")
    replaced_by = text("replaced_by", longest=40) or None
    procedures.retire(current_context(), by=actor(), code=code, agency=agency, replaced_by=replaced_by, starts=starts)


def _reopen(agency: str, code: str) -> None:
    procedures.reopen(current_context(), by=actor(), code=code, agency=agency)


def _unschedule(agency: str, code: str) -> None:
    number = text("number", longest=6)
    if not (number.isascii() and number.isdigit()):
        raise FieldError("number must be that of a version", field="number")
    procedures.unschedule(current_context(), by=actor(), code=code, number=int(number), agency=agency)


def _delete(agency: str, code: str) -> None:
    procedures.delete(current_context(), by=actor(), code=code, agency=agency)


_ACTS = {
    "close": _close,
    "open": _open,
    "retire": _retire,
    "reopen": _reopen,
    "unschedule": _unschedule,
    "delete": _delete,
}


def _page(agency: str, code: str, refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    versions = procedures.versions(ctx, code=code, agency=agency)
    number = _number("v") or (None if any(each["state"] == "in_force" for each in versions) else 1)
    procedure = procedures.show(ctx, code=code, agency=agency, number=number)
    rights = procedures.rights(ctx, by=by, agency=agency)
    acts: list[dict[str, Any]] = []
    if rights["may_see_history"]:
        acts = procedures.history(ctx, by=by, code=code, agency=agency)
    return render_template(
        "procedures/one.html", procedure=procedure, words=finding_words, units=units.names(ctx, agency=agency),
        versions=versions, states=VERSION_STATES, acts=acts, act_names=PROCEDURE_ACTS, refused=refused,
        may_edit=rights["may_edit"],
    )  # fmt: skip


def _number(name: str) -> int | None:
    said = request.args.get(name, "")
    if not said:
        return None
    if not (said.isascii() and said.isdigit()) or len(said) > 5 or int(said) == 0:
        raise NotFound
    return int(said)
