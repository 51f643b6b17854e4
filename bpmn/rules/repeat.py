"""Rules on what is done several times: the number of a multi-instance and the name of its items."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Process, identity
from bpmn.errors import InvalidExpressionError
from bpmn.expressions import names_of, value_of
from bpmn.findings import Finding, error
from bpmn.vocabulary import HOSTS
from bpmn.xml import extension, tag

MAX_ITEMS = 30
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,29}")


def repeat_findings(process: Process) -> Iterator[Finding]:
    """Yield what the multi-instances of one scope break."""
    for node in process.of_kind(*HOSTS):
        repeated = node.findall(tag("multiInstanceLoopCharacteristics"))
        each = extension(node, "each")
        if len(repeated) > 1:
            yield error("repeat-number", identity(node), "An activity has one `multiInstanceLoopCharacteristics`.")
        if repeated:
            yield from _number(node, repeated[0])
        elif each is not None:
            yield error("repeat-items", identity(node), "`motcua:each` needs a `multiInstanceLoopCharacteristics`.")
        if each is not None and not _PREFIX.fullmatch(each.get("prefix") or ""):
            message = "`prefix` of `motcua:each` is at most 30 small letters, digits and `_`, e.g. `opinion`."
            yield error("repeat-items", identity(node), message)


def _number(node: etree._Element, repeated: etree._Element) -> Iterator[Finding]:
    text = (repeated.findtext(tag("loopCardinality")) or "").strip()
    if not text:
        message = "Write how often it is done in `loopCardinality`, e.g. `opinion_count`."
        yield error("repeat-number", identity(node), message)
        return
    try:
        if names_of(text):
            return
        number = value_of(text, {})
    except InvalidExpressionError as problem:
        yield error("repeat-number", identity(node), f"`loopCardinality`: {problem}")
        return
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= MAX_ITEMS:
        yield error(
            "repeat-number", identity(node), f"The number must be from 1 to {MAX_ITEMS}, not {str(number)[:40]}."
        )
