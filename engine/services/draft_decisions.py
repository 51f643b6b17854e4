"""Decision tables of a draft as plain rows: what a web form shows and sends, with examples tried beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpmn import decisions
from bpmn.decision.tables import DecisionTable, Input, Output, Rule
from bpmn.decision.xml import read_tables
from bpmn.errors import BpmnError
from engine.context import Context
from engine.domain import examples
from engine.domain.actors import Actor
from engine.services import drafts
from engine.services.drafts import InvalidDraftError
from engine.services.transactions import Answer, Request


def tables(ctx: Context, *, by: Actor, draft_id: int) -> list[dict[str, Any]]:
    """Return the decision tables of a draft: ``id``, ``name``, ``hit_policy``, ``aggregation``, ``inputs`` (label,
    expression), ``outputs`` (name, label), ``rules`` (tests, outputs, annotation), ``requires``.

    Raises:
        InvalidDraftError: the DMN of the draft cannot be read at all.
        DraftNotFoundError.
    """
    return [_shown(table) for table in _read(drafts.show(ctx, by=by, draft_id=draft_id)["decisions"])]


def save(
    ctx: Context, *, by: Actor, draft_id: int, table: Mapping[str, Any], expected: int | None = None,
    request: Request | None = None, tried_by: list[dict[str, Any]] | None = None,
) -> Answer:  # fmt: skip
    """Put a table in the place of that with its id, or add it; the findings of the draft say what is wrong with it.

    Args:
        tried_by: the examples of this table, in the place of those that the draft has; None leaves these.

    Raises:
        InvalidDraftError: a text cannot stand in a table.
        InvalidFormError: an example cannot be kept.
        DraftChangedError, DraftNotFoundError, NotAllowedError.
    """
    made = _table(table)
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    before = _read(draft["decisions"])
    after = [made if each.id == made.id else each for each in before]
    if made.id not in [each.id for each in before]:
        after.append(made)
    form = None if tried_by is None else _form_with(draft, made.id, tried_by)
    return _save(ctx, by, draft_id, after, expected, request, form=form)


def remove(ctx: Context, *, by: Actor, draft_id: int, table: str, expected: int | None = None) -> Answer:
    """Take a table and its examples away; one that is not there changes nothing.

    Raises:
        DraftChangedError, DraftNotFoundError, NotAllowedError.
    """
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    after = [each for each in _read(draft["decisions"]) if each.id != table]
    return _save(ctx, by, draft_id, after, expected, None, form=_form_with(draft, table, []))


def examples_of(form: Mapping[str, Any] | None, table: str) -> list[dict[str, Any]]:
    """Return the examples that the form of a draft keeps for a table.

    Raises:
        InvalidFormError: they cannot be read.
    """
    return [each for each in examples.examples_of(form) if each["decision"] == table]


def try_out(table: Mapping[str, Any], data: Mapping[str, Any], dmn: str = "") -> dict[str, Any]:
    """Return what a table decides on example data: ``outputs``, or ``trouble`` in words.

    Args:
        dmn: decisions of the draft, among which are those that the table requires.
    """
    try:
        made = _beside(table, dmn)
        return {"outputs": dict(made.evaluate(str(table["id"]), data)), "trouble": None}
    except (BpmnError, InvalidDraftError) as problem:
        return {"outputs": {}, "trouble": str(problem)}


def try_examples(
    table: Mapping[str, Any], tried: Sequence[Mapping[str, Any]], dmn: str = ""
) -> list[dict[str, Any]]:  # fmt: skip
    """Return for each example what ``try_out`` does, and ``verdict``: ``ok``, ``differs``, ``fails``, or None where
    something came and nothing is expected yet.
    """
    try:
        made = _beside(table, dmn)
    except (BpmnError, InvalidDraftError) as problem:
        return [{"outputs": {}, "trouble": str(problem), "verdict": "fails"} for _each in tried]
    return [_tried(made, each) for each in tried]


def names_read(table: Mapping[str, Any], dmn: str = "") -> list[str]:
    """Return the variables that an example of a table has to give; of one that cannot be read, what its columns say."""
    asked = [str(each["expression"]) for each in table["inputs"]]
    try:
        read = _beside(table, dmn).reads(str(table["id"]))
    except (BpmnError, InvalidDraftError):
        return asked
    return [*(name for name in dict.fromkeys(asked) if name in read), *sorted(read - set(asked))]


def _beside(table: Mapping[str, Any], dmn: str) -> decisions.Decisions:
    """Return a table with those that it requires, directly or through others."""
    made, found = _table(table), {each.id: each for each in _read(dmn)}
    found[made.id] = made
    needed, waiting = {made.id: made}, list(made.requires)
    while waiting:
        if (at := waiting.pop()) in found and at not in needed:
            needed[at] = found[at]
            waiting.extend(found[at].requires)
    return decisions.decisions_of(list(needed.values()))


def _tried(made: decisions.Decisions, example: Mapping[str, Any]) -> dict[str, Any]:
    came: dict[str, Any] = {"outputs": {}, "trouble": None, "verdict": None}
    try:
        came["outputs"] = dict(made.evaluate(example["decision"], example["given"]))
    except BpmnError as problem:
        return came | {"trouble": str(problem), "verdict": "fails"}
    if example["expect"]:
        came["verdict"] = "differs" if decisions.check_examples(made, [example]) else "ok"
    return came


def _save(
    ctx: Context, by: Actor, draft_id: int, after: Sequence[DecisionTable], expected: int | None, key: Request | None,
    *, form: Mapping[str, Any] | None = None,
) -> Answer:  # fmt: skip
    try:
        dmn = decisions.build(after) if after else ""
    except BpmnError as problem:
        raise InvalidDraftError(f"the table holds a text that cannot be kept: {problem}", field="rules") from problem
    changes = {"decisions": dmn} | ({} if form is None else {"form": form})
    return drafts.save(ctx, by=by, draft_id=draft_id, changes=changes, expected=expected, request=key)


def _form_with(draft: Mapping[str, Any], table: str, tried_by: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the form of a draft with these examples of a table; None when it has them already."""
    before = draft["form"] or {}
    after = examples.put(before, table, tried_by)
    return None if after == before else after


def _read(dmn: str) -> tuple[DecisionTable, ...]:
    if not dmn:
        return ()
    try:
        found, _findings = read_tables(dmn)
    except BpmnError as problem:
        raise InvalidDraftError(f"the decisions of the draft cannot be read: {problem}", field="decisions") from problem
    return found


def _table(raw: Mapping[str, Any]) -> DecisionTable:
    inputs = tuple(Input(str(each["label"]), str(each["expression"]), str(each.get("values", "")))
                   for each in raw["inputs"])  # fmt: skip
    outputs = tuple(Output(str(each["name"]), str(each.get("label", ""))) for each in raw["outputs"])
    rules = tuple(
        Rule(tuple(map(str, each["tests"])), tuple(map(str, each["outputs"])), str(each.get("annotation", "")))
        for each in raw["rules"]
    )
    return DecisionTable(
        id=str(raw["id"]), name=str(raw.get("name") or raw["id"]), hit_policy=str(raw.get("hit_policy") or "UNIQUE"),
        aggregation=str(raw.get("aggregation") or ""), inputs=inputs, outputs=outputs, rules=rules,
        requires=tuple(raw.get("requires", ())),
        description=str(raw.get("description") or ""),
    )  # fmt: skip


def _shown(table: DecisionTable) -> dict[str, Any]:
    return {
        "id": table.id,
        "name": table.name,
        "hit_policy": table.hit_policy,
        "aggregation": table.aggregation,
        "inputs": [
            {"label": each.label, "expression": each.expression, "values": each.values} for each in table.inputs
        ],
        "outputs": [{"name": each.name, "label": each.label} for each in table.outputs],
        "rules": [
            {"tests": list(rule.tests), "outputs": list(rule.outputs), "annotation": rule.annotation}
            for rule in table.rules
        ],
        "requires": list(table.requires),
    }
