"""Administration: agencies, units, mergers and splits from a day on; fees (issue 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.reports.filters import storable
from engine.services import agency_changes, agency_register, fees, procedures
from engine.services.agency_register import Description
from web.auth import actor, current_context
from web.forms import FieldError, Refusal, refuse_unstorable, text, whole_number
from web.pages.form_acts import carry_out

blueprint = Blueprint("administration_agencies", __name__, url_prefix="/quan-tri")
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/co-quan")
def agencies() -> str:
    """List agencies, and the form for a new one."""
    return _agencies(None)


@blueprint.post("/co-quan")
def add() -> BaseResponse:
    """Make an agency."""

    def make() -> None:
        agency_register.add(
            current_context(),
            by=actor(),
            code=text("code", longest=60),
            facts=_description(),
            parent=text("parent", longest=40) or None,
            valid_from=_day("valid_from"),
        )

    then = url_for("administration_agencies.agencies")
    return carry_out(make, form="add", page=_agencies, said=_("Đã thêm cơ quan."), then=then)


@blueprint.get("/co-quan/<code>")
def agency(code: str) -> str:
    """Show an agency with its units and the changes that were declared."""
    return _agency(code, None)


@blueprint.post("/co-quan/<code>/<any('mo-ta', 'don-vi', 'doi-don-vi', 'doi-ten', 'sap-nhap', 'chia', 'bo'):act>")
def change(code: str, act: str) -> BaseResponse:
    """Change an agency: describe it, add or change a unit, declare a change from a day on, or drop one."""
    acts: dict[str, Callable[[str], object]] = {
        "mo-ta": _describe,
        "don-vi": _add_unit,
        "doi-don-vi": _change_unit,
        "doi-ten": _rename,
        "sap-nhap": _merge,
        "chia": _split,
        "bo": _drop,
    }
    then = url_for("administration_agencies.agency", code=code)
    return carry_out(
        lambda: acts[act](code), form=act, page=lambda refused: _agency(code, refused), said=_("Đã lưu."), then=then
    )


@blueprint.get("/phi")
def fee_list() -> str:
    """Show the fees of a procedure."""
    return _fees(None)


@blueprint.post("/phi")
def set_fee() -> BaseResponse:
    """Let a fee hold from a day on."""
    agency_code, procedure = text("agency", longest=40), text("procedure", longest=60)

    def save() -> None:
        fees.set_fee(
            current_context(),
            by=actor(),
            agency=agency_code,
            procedure=procedure,
            amount_vnd=whole_number("amount_vnd"),
            valid_from=_needed_day("valid_from"),
            decision=text("decision", longest=300),
            channel=text("channel") or None,
            case=text("case", longest=200) or None,
        )

    then = url_for("administration_agencies.fee_list", **{"co-quan": agency_code, "thu-tuc": procedure})
    return carry_out(save, form="fee", page=_fees, said=_("Đã lưu mức phí."), then=then)


@blueprint.post("/phi/bo")
def drop_fee() -> BaseResponse:
    """Take back a fee by which no dossier was received yet."""
    agency_code, procedure = text("agency", longest=40), text("procedure", longest=60)

    def drop() -> None:
        fees.drop_fee(
            current_context(),
            by=actor(),
            agency=agency_code,
            procedure=procedure,
            valid_from=_needed_day("valid_from"),
            channel=text("channel") or None,
            case=text("case", longest=200) or None,
        )

    then = url_for("administration_agencies.fee_list", **{"co-quan": agency_code, "thu-tuc": procedure})
    return carry_out(drop, form="drop-fee", page=_fees, said=_("Đã bỏ mức phí."), then=then)


def _describe(code: str) -> None:
    agency_register.describe(current_context(), by=actor(), code=code, facts=_description())


def _add_unit(code: str) -> None:
    agency_register.add_unit(
        current_context(),
        by=actor(),
        agency=code,
        code=text("unit_code", longest=100),
        name=text("unit_name", longest=300),
    )


def _change_unit(code: str) -> None:
    agency_register.change_unit(
        current_context(),
        by=actor(),
        agency=code,
        code=text("unit", longest=100),
        name=text("unit_name", longest=300),
        valid_to=_day("valid_to"),
    )


def _rename(code: str) -> None:
    agency_changes.rename(
        current_context(),
        by=actor(),
        code=code,
        name=text("new_name", longest=300),
        effective_on=_needed_day("effective_on"),
        decision=text("decision", longest=300),
    )


def _merge(code: str) -> None:
    agency_changes.merge(
        current_context(),
        by=actor(),
        code=code,
        into=text("into", longest=40),
        effective_on=_needed_day("effective_on"),
        decision=text("decision", longest=300),
    )


def _split(code: str) -> None:
    people = {
        name.removeprefix("to-"): storable(value)
        for name, value in request.form.items()
        if name.startswith("to-") and value
    }
    agency_changes.split(
        current_context(),
        by=actor(),
        code=code,
        people=people,
        effective_on=_needed_day("effective_on"),
        decision=text("decision", longest=300),
    )


def _drop(code: str) -> None:  # noqa: ARG001 - every act is told the agency
    agency_changes.cancel(current_context(), by=actor(), change_id=whole_number("change"))


def _description() -> Description:
    return Description(
        name=text("name", longest=300),
        superior_name=text("superior_name", longest=300),
        place=text("place", longest=200),
        phone=text("phone", longest=100),
    )


def _day(name: str) -> date | None:
    typed = text(name, longest=20)
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise FieldError(f"{name} must be a date", field=name) from None


def _needed_day(name: str) -> date:
    found = _day(name)
    if found is None:
        raise FieldError("name the day", field=name)
    return found


def _agencies(refused: Refusal | None) -> str:
    rows = agency_register.listed(current_context(), by=actor())
    return render_template("administration/agencies.html", agencies=rows, choices=_choices(rows), refused=refused)


def _agency(code: str, refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    shown = agency_register.show(ctx, by=by, code=code)
    into = storable(request.args.get("vao", ""))[:40]
    successors = [into] if into in {each["code"] for each in shown["others"]} else []
    return render_template(
        "administration/agency.html",
        agency=shown,
        changes=agency_changes.listed(ctx, by=by, code=code),
        touched=agency_changes.preview(ctx, by=by, code=code, successors=successors),
        into=into,
        choices=_choices(shown["others"]),
        refused=refused,
    )


def _choices(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["code"], row["name"]) for row in rows]


def _fees(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    choices = agency_register.names(ctx, by=by)
    chosen = storable(request.values.get("co-quan") or request.values.get("agency") or "")[:40]
    chosen = chosen or (choices[0][0] if choices else "")
    offered = procedures.catalogue(ctx, agency=chosen) if chosen else []
    procedure = storable(request.values.get("thu-tuc") or request.values.get("procedure") or "")[:60]
    known = next((row for row in offered if row["code"] == procedure), None)
    return render_template(
        "administration/fees.html",
        choices=choices,
        agency=chosen,
        procedures=offered,
        procedure=known,
        fees=[] if known is None else fees.listed(ctx, by=by, agency=chosen, procedure=procedure),
        refused=refused,
    )
