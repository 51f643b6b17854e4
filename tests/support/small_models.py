"""Small models for tests, written as lines: nodes, and flows as `a -> b -> c`.

The process names a procedure and has no frame. Each user task is a step of one unit; names are made from ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from bpmn.names import BPMN, MOTCUA, XSI

STEP = {"unit": "A", "stage": "1", "stageLimit": "1 working_day", "limit": "1 working_day", "phase": "processing"}


def element(tag: str, node: str, *inner: str, step: str = "", **attributes: str) -> str:
    """Return a BPMN element; `step` is our extension in it."""
    given = {"id": node, "name": f"Tên {node}"} | attributes
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())
    extension = f"<bpmn:extensionElements>{step}</bpmn:extensionElements>" if step else ""
    return f"<bpmn:{tag} {said}>{extension}{''.join(inner)}</bpmn:{tag}>"


def task(node: str, *outcomes: str, inputs: tuple[str, ...] = (), many: str = "", each: str = "", **said: str) -> str:
    """Return a user task with its step; `many` is the number of its items."""
    step = {**STEP, "key": node, **said}
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in step.items())
    children = "".join(f'<motcua:outcome value="{each}" label="{each}"/>' for each in outcomes)
    children += "".join(f'<motcua:input name="{name}"/>' for name in inputs)
    extension = f"<motcua:step {attributes}>{children}</motcua:step>"
    extension += f'<motcua:each prefix="{each}"/>' if each else ""
    return element("userTask", node, *([repeated(many)] if many else []), step=extension)


def repeated(number: str, *, in_a_row: bool = False) -> str:
    """Return what repeats an activity."""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(in_a_row).lower()}"><bpmn:loopCardinality>'
        f"{escape(number)}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )


def start(node: str = "start", inner: str = "", **attributes: str) -> str:
    """Return a start event."""
    return element("startEvent", node, inner, **attributes)


def end(node: str = "end", inner: str = "") -> str:
    """Return an end event."""
    return element("endEvent", node, inner)


TERMINATE = "<bpmn:terminateEventDefinition/>"


def message(name: str) -> str:
    """Return the definition of a message event."""
    return f'<bpmn:messageEventDefinition messageRef="message_{name.replace(".", "_")}"/>'


def error(code: str) -> str:
    """Return the definition of an error event."""
    return f'<bpmn:errorEventDefinition errorRef="error_{code}"/>'


def escalation(code: str) -> str:
    """Return the definition of an escalation event."""
    return f'<bpmn:escalationEventDefinition escalationRef="escalation_{code}"/>'


def catch(node: str, name: str) -> str:
    """Return an event in the flow that waits for a message."""
    return element("intermediateCatchEvent", node, message(name))


def border(node: str, host: str, inner: str, *, interrupting: bool = True) -> str:
    """Return an event on the border of an activity."""
    return element("boundaryEvent", node, inner, attachedToRef=host, cancelActivity=str(interrupting).lower())


def xor(node: str, default: str = "") -> str:
    """Return an exclusive gateway; `default` is the node that its default flow leads to."""
    return element("exclusiveGateway", node, **({"default": f"{node}_{default}"} if default else {}))


def inclusive(node: str, default: str = "") -> str:
    """Return an inclusive gateway."""
    return element("inclusiveGateway", node, **({"default": f"{node}_{default}"} if default else {}))


def parallel(node: str) -> str:
    """Return a parallel gateway."""
    return element("parallelGateway", node)


def sub(node: str, *inner: str, **attributes: str) -> str:
    """Return an embedded sub-process."""
    return element("subProcess", node, *inner, **attributes)


def flows(*chains: str, named: bool = True) -> str:
    """Return sequence flows from lines `a -> b -> c`; `a -[outcome = "x"]-> b` has a condition. Ids are `a_b`."""
    return "".join(each for chain in chains for each in _chain(chain, named=named))


def _chain(chain: str, *, named: bool) -> Iterator[str]:
    parts = [part.strip() for part in chain.split("->")]
    for left, right in pairwise(parts):
        source, _, condition = left.partition("-[")
        target = right.partition("-[")[0].strip()
        inner = f"<bpmn:conditionExpression>{escape(condition.rstrip(']-').strip())}</bpmn:conditionExpression>"
        name = f' name="{source.strip()} {target}"' if named else ""
        ends = f'sourceRef="{source.strip()}" targetRef="{target}"'
        own = f'id="{source.strip()}_{target}"{name} {ends}'
        yield f"<bpmn:sequenceFlow {own}>{inner if condition else ''}</bpmn:sequenceFlow>"


def model(*parts: str, limit: str = "10 working_day", processes: str = "") -> str:
    """Return a file with one process of these parts; `processes` are others that it calls."""
    body = "".join(parts)
    content = body + processes
    definitions = "".join(_definitions(content))
    nodes = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in _tasks(body))
    return (
        f'<bpmn:definitions xmlns:bpmn="{BPMN}" xmlns:motcua="{MOTCUA}" xmlns:xsi="{XSI}" id="d" targetNamespace="t">'
        f'{definitions}<bpmn:process id="p" name="Thử" isExecutable="true"><bpmn:extensionElements><motcua:procedure '
        f'code="T" name="Thử" limit="{limit}"/></bpmn:extensionElements><bpmn:laneSet id="ls"><bpmn:lane id="l" '
        'name="A"><bpmn:extensionElements><motcua:lane unit="A"/></bpmn:extensionElements>'
        f"{nodes}</bpmn:lane></bpmn:laneSet>{body}</bpmn:process>{processes}</bpmn:definitions>"
    )


def part(name: str, *parts: str) -> str:
    """Return a process that others call; as a part of the library it needs no lanes."""
    return f'<bpmn:process id="part_{name}" name="Phần" isExecutable="true">{"".join(parts)}</bpmn:process>'


def _definitions(content: str) -> Iterator[str]:
    for kind, attribute in (("message", "name"), ("error", "errorCode"), ("escalation", "escalationCode")):
        names = {piece.split('"')[0] for piece in content.split(f'{kind}Ref="{kind}_')[1:]}
        for name in sorted(names):
            said = name.replace("_", ".") if kind == "message" else name
            yield f'<bpmn:{kind} id="{kind}_{name}" {attribute}="{said}"/>'


def _tasks(body: str) -> list[str]:
    """Return the activities that lie in the process itself: a lane names them."""
    root = etree.fromstring(f'<x xmlns:bpmn="{BPMN}" xmlns:motcua="{MOTCUA}">{body}</x>')
    kinds = (f"{{{BPMN}}}userTask", f"{{{BPMN}}}subProcess", f"{{{BPMN}}}callActivity")
    return [child.get("id") or "" for child in root if child.tag in kinds]


def with_end(*parts: str, flow: tuple[str, ...], limit: str = "10 working_day", processes: str = "") -> str:
    """Return a model that decides and returns at its end: the nodes, `decide`, `give` and `end`.

    Flows lead to `decide` where the work is done.
    """
    return model(
        start(),
        *parts,
        task("decide", endsProcessing="true", stage="8"),
        task("give", phase="return", stage="9"),
        end(),
        flows(*flow, "decide -> give -> end"),
        limit=limit,
        processes=processes,
    )
