"""The language of placeholders: Jinja's sandbox, with all taken out of it that no form needs.

Two fences stand behind each other (speed_scale §D.4, S16): an expression that is not on the short list below is refused
before it is compiled, and what is compiled runs without globals, calls or attributes of Python objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import ChainableUndefined, Undefined, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from engine.documents.docx.findings import Finding, error

DOTS = "…………………………"  #: stands where a field has no value, to be filled in by hand
MOST_LOOPS = 2  #: inside each other
FILTERS = ("upper", "lower", "length")
LOOP = {"index": 1, "first": True, "last": True, "length": 1}  #: what ``loop`` tells
LONGEST_LITERAL = 200  #: characters

_BREAK = Markup('</w:t><w:br/><w:t xml:space="preserve">')
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.For, nodes.If,
    nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter,
)  # fmt: skip


class FormEnvironment(ImmutableSandboxedEnvironment):
    """Jinja without globals, whose attributes are keys of the data and nothing else."""

    def __init__(self, *, mark: str = "") -> None:
        """Make an environment; ``mark`` is put before each printed value, so that a check finds where values land."""
        super().__init__(autoescape=True, undefined=ChainableUndefined, finalize=lambda value: printed(value, mark))
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field of a group; a field called ``items`` is that field and no method."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)


def printed(value: Any, mark: str = "") -> Any:
    """Return a value as XML of a text run: escaped, its lines broken, dots where there is none."""
    if isinstance(value, Markup):  # text of the template itself
        return value
    if value is None or isinstance(value, Undefined):
        return mark + DOTS
    if isinstance(value, bool):
        return mark + ("x" if value else "")
    text = _NOT_XML.sub("", str(value)).replace("\r", "").replace("\u200b", "")  # those are for typst's lines
    return escape(mark + text).replace("\n", _BREAK)


def problems(tree: nodes.Template, fields: Mapping[str, Any]) -> list[Finding]:
    """Return what a template must not say, and the fields that the form does not have.

    Args:
        fields: of sample values; their shape tells which names exist.
    """
    refused = [error("expression-refused", what=what) for what in sorted(set(_refused(tree)))]
    if refused:
        return refused
    walk = _Walk(fields)
    walk.body(tree.body, dict(fields), 0)
    return list({(each.rule, str(each.facts)): each for each in walk.found}.values())


def names_used(tree: nodes.Template) -> frozenset[str]:
    """Return the dotted names that a template mentions, as they are written."""
    return frozenset(_dotted(node) or "" for node in tree.find_all((nodes.Name, nodes.Getattr))) - {""}


def _refused(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            yield type(node).__name__.lower()
        elif isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.args or node.kwargs):
            yield f"|{node.name}"[:60]
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield f".{node.attr}"[:60]
        elif isinstance(node, nodes.Const) and len(str(node.value)) > LONGEST_LITERAL:
            yield "a long literal"
        elif isinstance(node, nodes.For) and _is_odd(node):
            yield "an unusual for"


def _is_odd(loop: nodes.For) -> bool:
    return bool(loop.recursive or loop.test is not None or loop.else_ or not isinstance(loop.target, nodes.Name))


def _dotted(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        before = _dotted(node.node)
        return None if before is None else f"{before}.{node.attr}"
    return None


class _Unknown:
    """A value of which nothing is known: empty in the sample, or wrong already."""


_UNKNOWN = _Unknown()


class _Walk:
    """Follows a template with what its names stand for."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.found: list[Finding] = []
        self._fields = fields

    def body(self, body: list[nodes.Node], scope: dict[str, Any], depth: int) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                self._output(node, scope)
            elif isinstance(node, nodes.For):
                self._loop(node, scope, depth + 1)
            elif isinstance(node, nodes.If):
                self._choice(node, scope, depth)

    def _output(self, node: nodes.Output, scope: dict[str, Any]) -> None:
        for each in node.nodes:
            self._expression(each, scope)
            value = self._value(each, scope)
            if isinstance(value, (Mapping, list, tuple)):
                self.found.append(error("placeholder-is-list", name=_dotted(each) or "?"))

    def _choice(self, node: nodes.If, scope: dict[str, Any], depth: int) -> None:
        self._expression(node.test, scope)
        for part in (node.body, node.elif_, node.else_):
            self.body(list(part), scope, depth)

    def _loop(self, node: nodes.For, scope: dict[str, Any], depth: int) -> None:
        self._expression(node.iter, scope)
        over = self._value(node.iter, scope)
        if depth > MOST_LOOPS:
            self.found.append(error("loops-nested", at_most=MOST_LOOPS))
            return
        if not isinstance(over, (list, tuple, _Unknown)):
            self.found.append(error("loop-needs-list", name=_dotted(node.iter) or "?"))
        each = over[0] if isinstance(over, (list, tuple)) and over else _UNKNOWN
        assert isinstance(node.target, nodes.Name)  # noqa: S101 - others were refused
        self.body(node.body, {**scope, node.target.name: each, "loop": LOOP}, depth)

    def _expression(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        """Look at every name in an expression, the longest dotted ones only."""
        if isinstance(node, (nodes.Name, nodes.Getattr)):
            self._value(node, scope, tell=True)
            return
        for child in node.iter_child_nodes():
            self._expression(child, scope)

    def _value(self, node: nodes.Node, scope: dict[str, Any], *, tell: bool = False) -> Any:
        if isinstance(node, nodes.Name):
            return self._named(scope, node.name, node.name, tell)
        if not isinstance(node, nodes.Getattr):
            return _UNKNOWN
        owner = self._value(node.node, scope, tell=tell)
        if isinstance(owner, _Unknown):
            return owner
        return self._named(owner, node.attr, _dotted(node) or node.attr, tell)

    def _named(self, owner: Any, name: str, shown: str, tell: bool) -> Any:
        if isinstance(owner, Mapping) and name in owner:
            return _UNKNOWN if owner[name] is None else owner[name]
        if tell:
            known = sorted(owner) if isinstance(owner, Mapping) else []
            self.found.append(error("placeholder-unknown", name=shown[:80], known=known))
        return _UNKNOWN
