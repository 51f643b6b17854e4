"""Decision tables of a draft as plain rows: what a web form shows and sends, with examples tried beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpmn import decisions
from bpmn.decision_tables import DecisionTable, Input, Output, Rule
from bpmn.decision_xml import read_tables
from bpmn.errors import BpmnError
from engine.context import Context
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
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Put a table in the place of that with its id, or add it; the findings of the draft say what is wrong with it.

    Raises:
        InvalidDraftError: a text cannot stand in a table.
        DraftChangedError, DraftNotFoundError, NotAllowedError.
    """
    made = _table(table)
    before = _read(drafts.show(ctx, by=by, draft_id=draft_id)["decisions"])
    after = [made if each.id == made.id else each for each in before]
    if made.id not in [each.id for each in before]:
        after.append(made)
    return _save(ctx, by, draft_id, after, expected, request)


def remove(ctx: Context, *, by: Actor, draft_id: int, table: str, expected: int | None = None) -> Answer:
    """Take a table away; one that is not there changes nothing.

    Raises:
        DraftChangedError, DraftNotFoundError, NotAllowedError.
    """
    before = _read(drafts.show(ctx, by=by, draft_id=draft_id)["decisions"])
    return _save(ctx, by, draft_id, [each for each in before if each.id != table], expected, None)


def try_out(table: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table decides on example data: ``outputs``, or ``trouble`` in words."""
    made = _table(table)
    try:
        return {"outputs": dict(decisions.decisions_of([made]).evaluate(made.id, data)), "trouble": None}
    except BpmnError as problem:
        return {"outputs": {}, "trouble": str(problem)}


def _save(
    ctx: Context, by: Actor, draft_id: int, after: Sequence[DecisionTable], expected: int | None, key: Request | None
) -> Answer:
    try:
        dmn = decisions.build(after) if after else ""
    except BpmnError as problem:
        raise InvalidDraftError(f"the table holds a text that cannot be kept: {problem}", field="rules") from problem
    return drafts.save(ctx, by=by, draft_id=draft_id, changes={"decisions": dmn}, expected=expected, request=key)


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
