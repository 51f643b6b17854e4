"""Variables that conditions and numbers of items read, and who writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bpmn.elements import Document
from bpmn.errors import InvalidExpressionError
from bpmn.expressions import names_of
from bpmn.findings import Finding, error
from bpmn.net import Net, compile_net
from bpmn.process_steps import Said, steps_of
from bpmn.walks.conditions import written_names
from bpmn.xml import parse_document, top_process


def variable_unknown(net: Net, steps: Mapping[str, Said], known: Collection[str]) -> Iterator[Finding]:
    """Yield the variables that nothing writes; `known` are the fields of the form and the outputs of the decisions."""
    written = written_names(net, steps) | set(known)
    for where, text in _expressions(net):
        for name in sorted(_names(text) - written):
            message = f"Nothing writes `{name}`: add a field to the form, an input to a step before, or an output."
            yield error("variable-unknown", where, message)


def written_in(xml: str) -> frozenset[str]:
    """Return the variables that the steps of an assembled model write while it runs.

    Raises: InvalidModelError when it is none.
    """
    root = parse_document(xml)
    return written_names(compile_net(root, top_process(root)), steps_of(Document.index(root)))


def _expressions(net: Net) -> Iterator[tuple[str, str]]:
    yield from ((flow.id, flow.condition) for flow in net.flows.values() if flow.condition)
    yield from ((node.id, node.multi.number) for node in net.nodes.values() if node.multi is not None)


def _names(text: str) -> set[str]:
    try:
        return set(names_of(text))
    except InvalidExpressionError:
        return set()
