"""Executable BPMN 2.0 from a step table: one file with two drawn pools, the same bytes for the same table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from bpmn.drawing import Extension, Pool
from bpmn.names import BPMN, BPMNDI, FRAME_MESSAGES, MOTCUA, NAMESPACES
from bpmn.rendering import child, message_id, render_pool, render_process
from bpmn.shell_pool import build_shell_pool
from bpmn.steps_pool import build_steps_pool, identifier, next_top, unit_names
from bpmn.tables import StepTable

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


def build(table: StepTable, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Return the BPMN model of a procedure as XML text.

    `names` gives units the names that lanes show; a unit without one shows its first label in the table. The result
    is deterministic in both arguments. One process holds the steps, the other, the executable one, the fragments
    that all procedures share; both are drawn (docs/decisions/0007).
    """
    units = unit_names(table, names)
    first = table.steps[0].unit
    code = identifier(table.code)
    procedure = [("code", table.code), ("name", table.name), ("limit", table.limit)]
    if table.fee_vnd is not None:
        procedure.append(("feeVnd", str(table.fee_vnd)))
    extension = Extension("procedure", tuple(procedure))
    shell = build_shell_pool(f"case_{code}", f"steps_{code}", f"Hồ sơ: {table.name}", first, units[first], extension)
    steps = build_steps_pool(table, names, next_top(shell))
    return _render(code, (shell, steps))


def _render(code: str, pools: tuple[Pool, ...]) -> str:
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=NAMESPACES)
    root.set("id", f"definitions_{code}")
    root.set("targetNamespace", MOTCUA)
    collaboration = child(root, "collaboration", id=f"collaboration_{code}")
    for pool in pools:
        child(collaboration, "participant", id=pool.id, name=pool.name, processRef=pool.process)
    for message in FRAME_MESSAGES:
        child(root, "message", id=message_id(message), name=message)
    for pool in pools:
        render_process(root, pool)
    diagram = child(root, "BPMNDiagram", BPMNDI, id="diagram")
    plane = child(diagram, "BPMNPlane", BPMNDI, id="plane", bpmnElement=collaboration.get("id") or "")
    for pool in pools:
        render_pool(plane, pool)
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode") + "\n"
