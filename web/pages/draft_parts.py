"""The parts of a draft beside the drawing: form fields, decision tables, test runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.dossier import LABELS, Status
from engine.errors import ConflictError, InvalidInputError
from engine.services import draft_decisions, drafts
from web.auth import actor, current_context
from web.decision_forms import new_table, table_of, typed_table
from web.draft_forms import form_of, rows_typed, scenario_as_typed, scenario_of
from web.example_forms import (
    Typed,
    columns_of,
    columns_typed,
    complete,
    example_rows_typed,
    examples_typed,
    rows_of,
    value_of,
)
from web.field_words import on_its_row
from web.finding_words import finding_words
from web.forms import Refusal, expected_version, refusal, refuse_unstorable, text
from web.i18n import zone
from web.refusals import wording_for
from web.workbench_words import ACTS, DIFFERENCES, FIELD_TYPES, HIT_POLICIES, MESSAGES

blueprint = Blueprint("draft_parts", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

SPARE_ROWS = 3


@blueprint.get("/quy-trinh/<int:draft_id>/bieu-mau")
def form(draft_id: int) -> str:
    """Show the fields that the procedure asks, and its decision tables."""
    return _form_page(draft_id, None)


@blueprint.post("/quy-trinh/<int:draft_id>/bieu-mau")
def save_form(draft_id: int) -> BaseResponse:
    """Save the fields."""
    try:
        kept = drafts.show(current_context(), by=actor(), draft_id=draft_id)["form"] or {}
        rest = {key: value for key, value in kept.items() if key != "fields"}  # not on this page
        changes = {"form": rest | form_of()}
        drafts.save(current_context(), by=actor(), draft_id=draft_id, changes=changes, expected=expected_version())
    except (InvalidInputError, ConflictError) as error:
        shown = on_its_row(refusal("fields", error), "name", parts={"form": "name"})
        return make_response(_form_page(draft_id, shown), shown.status)
    flash(_("Đã lưu biểu mẫu."), "success")
    return redirect(url_for("draft_parts.form", draft_id=draft_id), 303)


@blueprint.get("/quy-trinh/<int:draft_id>/quyet-dinh/<ref>")
def decision(draft_id: int, ref: str) -> str:
    """Show a decision table, or an empty one under this id."""
    found = draft_decisions.tables(current_context(), by=actor(), draft_id=draft_id)
    table = next((each for each in found if each["id"] == ref), None) or new_table(ref[:60])
    return _decision_page(draft_id, table, None)


@blueprint.get("/quy-trinh/<int:draft_id>/quyet-dinh")
def new_decision(draft_id: int) -> BaseResponse:
    """Go to the table with the id that was typed."""
    ref = request.args.get("ma", "").strip()[:60] or "fee"
    return redirect(url_for("draft_parts.decision", draft_id=draft_id, ref=ref), 303)


@blueprint.post("/quy-trinh/<int:draft_id>/quyet-dinh/<ref>")
def save_decision(draft_id: int, ref: str) -> BaseResponse:
    """Save a table, try it on an example, or take it away, as the button says."""
    ctx, by = current_context(), actor()
    act = text("act", longest=10)
    try:
        if act == "remove":
            draft_decisions.remove(ctx, by=by, draft_id=draft_id, table=ref, expected=expected_version())
            flash(_("Đã bỏ bảng %(name)s.", name=ref), "success")
            return redirect(url_for("draft_parts.form", draft_id=draft_id), 303)
        draft = drafts.show(ctx, by=by, draft_id=draft_id)
        table, told = table_of(ref), examples_typed(ref, _field_types(draft))
        if act == "try":
            tried = _tried(draft, table)
            return make_response(_decision_page(draft_id, table, None, tried=tried, told=[*told.values()]))
        if act.startswith("take") and not _taken(draft, table, told, act.removeprefix("take")):
            return make_response(_decision_page(draft_id, table, None, told=[*told.values()], untaken=True), 422)
        examples = complete(told)
        expected = expected_version()
        draft_decisions.save(ctx, by=by, draft_id=draft_id, table=table, expected=expected, tried_by=examples)
    except (InvalidInputError, ConflictError) as error:
        shown = refusal("table", error)
        return make_response(_decision_page(draft_id, typed_table(ref), shown), shown.status)
    flash(_("Đã lưu bảng %(name)s.", name=ref), "success")
    return redirect(url_for("draft_parts.decision", draft_id=draft_id, ref=ref), 303)


@blueprint.get("/quy-trinh/<int:draft_id>/chay-thu")
def rehearsals(draft_id: int) -> str:
    """Show the test runs of a draft, and one of them to edit."""
    return _rehearsals_page(draft_id)


@blueprint.post("/quy-trinh/<int:draft_id>/chay-thu")
def save_rehearsal(draft_id: int) -> BaseResponse:
    """Save a test run and play it, play all, take what came as what is expected, or delete it."""
    try:
        return _act_on_rehearsal(draft_id, text("act", longest=10))
    except (InvalidInputError, ConflictError) as error:
        shown = on_its_row(refusal("scenario", error), "do", parts={"name": "message", "scenarios": "do"})
        draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
        told = scenario_as_typed(_field_types(draft))
        return make_response(_rehearsals_page(draft_id, refused=shown, typed_in=told), shown.status)


def _act_on_rehearsal(draft_id: int, act: str) -> BaseResponse:
    ctx, by = current_context(), actor()
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    kept = list(draft["scenarios"])
    at = _chosen(kept)
    if act == "delete":
        kept = [each for no, each in enumerate(kept) if no != at]
        drafts.save(ctx, by=by, draft_id=draft_id, changes={"scenarios": kept}, expected=expected_version())
        flash(_("Đã xóa kịch bản."), "success")
        return redirect(url_for("draft_parts.rehearsals", draft_id=draft_id), 303)
    told = scenario_of(_field_types(draft))
    if act == "more":
        return make_response(_rehearsals_page(draft_id, typed_in=told, spare=10))
    played = drafts.rehearse(ctx, by=by, draft_id=draft_id, raw=[told])[0]
    if act == "take" and played["trouble"] is None:
        told["expect"] = _as_expected(played["result"])
        played = drafts.rehearse(ctx, by=by, draft_id=draft_id, raw=[told])[0]
    kept = [told if no == at else each for no, each in enumerate(kept)] if at is not None else [*kept, told]
    drafts.save(ctx, by=by, draft_id=draft_id, changes={"scenarios": kept}, expected=expected_version())
    return make_response(_rehearsals_page(draft_id, at=kept.index(told), played=played))


def _as_expected(result: dict[str, Any]) -> dict[str, Any]:
    expected = {"status": result["status"], "due_at": result["due_at"], "open": result["open"]}
    return {name: value for name, value in expected.items() if value is not None}


def _chosen(kept: list[Any]) -> int | None:
    said = text("at", longest=3)
    at = int(said) if said.isascii() and said.isdigit() else -1
    return at if 0 <= at < len(kept) else None


# --- pages -----------------------------------------------------------------------------------------------------------


def _form_page(draft_id: int, refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    fields = list((draft["form"] or {}).get("fields", []))
    typed_rows = max(rows_typed("name"), len(fields))
    return render_template(
        "workbench/form.html", draft=draft, fields=fields, rows=typed_rows + SPARE_ROWS, refused=refused, here_step=3,
        types=FIELD_TYPES, tables=_tables(draft_id),
    )  # fmt: skip


def _tables(draft_id: int) -> list[dict[str, Any]]:
    try:
        return draft_decisions.tables(current_context(), by=actor(), draft_id=draft_id)
    except InvalidInputError:
        return []  # the findings of the draft say why


def _decision_page(
    draft_id: int, table: dict[str, Any], refused: Refusal | None, *, tried: dict[str, Any] | None = None,
    told: list[dict[str, Any]] | None = None, untaken: bool = False,
) -> str:  # fmt: skip
    ctx, by = current_context(), actor()
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    found = drafts.findings(ctx, by=by, draft_id=draft_id)
    about = [each for each in found if each["where"].split(" ")[0] == table["id"]]
    return render_template(
        "workbench/decision.html", draft=draft, table=table, findings=about, words=finding_words, refused=refused,
        policies=HIT_POLICIES, spare=SPARE_ROWS, tried=tried, fields=_labels(draft), here_step=3,
        examples=_as_typed() if refused else _examples(draft, table, told), untaken=untaken,
    )  # fmt: skip


def _tried(draft: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    kinds = _field_types(draft)
    names = [each["expression"] for each in table["inputs"]]
    said = {name: text(f"try_{name}", longest=500) for name in names}
    data = {name: value_of(value, kinds.get(name)) for name, value in said.items() if value}
    return draft_decisions.try_out(table, data, draft["decisions"]) | {"data": data}


def _taken(draft: dict[str, Any], table: dict[str, Any], told: Typed, said: str) -> bool:
    """Make what the table gives now the expectation of a row; False when it gives nothing."""
    row = int(said) if said.isascii() and said.isdigit() else 0
    example = told.setdefault(row, {"decision": table["id"], "given": {}, "expect": {}})
    (came,) = draft_decisions.try_examples(table, [example], draft["decisions"])
    example["expect"] = came["outputs"] or example["expect"]
    return bool(came["outputs"])


def _examples(draft: dict[str, Any], table: dict[str, Any], told: list[dict[str, Any]] | None) -> dict[str, Any]:
    dmn, kinds = draft["decisions"], _field_types(draft)
    kept = draft_decisions.examples_of(draft["form"], table["id"]) if told is None else told
    columns = columns_of(table, draft_decisions.names_read(table, dmn), kept)
    return columns | {"rows": rows_of(kept, draft_decisions.try_examples(table, kept, dmn), kinds)}


def _as_typed() -> dict[str, Any]:
    given, outputs = columns_typed()
    empty = {"given": {}, "expect": {}, "now": {}, "trouble": None, "verdict": None}
    return {"given": given, "outputs": outputs, "rows": [empty] * example_rows_typed()}


def _rehearsals_page(
    draft_id: int, *, at: int | None = None, played: dict[str, Any] | None = None, refused: Refusal | None = None,
    typed_in: dict[str, Any] | None = None, spare: int = 5,
) -> str:  # fmt: skip
    ctx, by = current_context(), actor()
    read = drafts.reading(ctx, by=by, draft_id=draft_id)
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    steps = drafts.steps_of(read)
    if at is None:
        at = _asked(draft["scenarios"])
    chosen = typed_in or (draft["scenarios"][at] if at is not None else _usual(steps, len(draft["scenarios"])))
    trouble = None if played is None or played["trouble"] is None else _trouble_words(played["trouble"])
    return render_template(
        "workbench/rehearsals.html", draft=draft, scenario=chosen, at=at, played=played, steps=steps, acts=ACTS,
        messages=MESSAGES, differences=DIFFERENCES, refused=refused, spare=spare, here_step=4, trouble=trouble,
        runnable=read.is_publishable, statuses=[(each.value, LABELS[each]) for each in Status],
        fields=_receipt_fields(draft), outcomes=_outcomes(steps), labels={each.value: LABELS[each] for each in Status},
    )  # fmt: skip


def _asked(kept: list[Any]) -> int | None:
    if request.method == "POST":
        return _chosen(kept)  # a new test run has no number yet, and must not take the place of the first
    said = request.args.get("kich-ban", "0" if kept else "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 and int(said) < len(kept) else None


def _usual(steps: list[dict[str, Any]], there: int) -> dict[str, Any]:
    """Return a test run to begin with: a dossier that comes on the next morning and goes through every step."""
    now = current_context().clock.now().astimezone(ZoneInfo(zone()))
    morning = (now + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    while morning.weekday() > 4:
        morning += timedelta(days=1)
    rest = [step for no, step in enumerate(steps) if no > 0 or step["phase"] != "reception"]
    acts = [{"do": "complete", "step": step["name"], "outcome": (step["outcomes"] or [{"value": "done"}])[0]["value"]}
            for step in rest]  # fmt: skip
    name = _("Trường hợp thông thường") if there == 0 else _("Trường hợp %(no)s", no=there + 1)
    return {"name": name, "received_at": morning.strftime("%Y-%m-%dT%H:%M"), "facts": {}, "acts": acts, "expect": {}}


def _outcomes(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = {each["value"]: each["label"] for step in steps for each in step["outcomes"]}
    return [("done", _("xong")), *((value, label) for value, label in found.items() if value != "done")]


def _trouble_words(trouble: dict[str, Any]) -> str:
    return str(wording_for(trouble["code"], 409).happened)


def _fields(draft: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in (draft["form"] or {}).get("fields", []) if isinstance(each, dict) and each.get("name")]


def _receipt_fields(draft: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in _fields(draft) if each.get("asked", "receipt") == "receipt"]


def _field_types(draft: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each.get("type", "text") for each in _fields(draft)}


def _labels(draft: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["name"], each.get("label", each["name"])) for each in _fields(draft)]
