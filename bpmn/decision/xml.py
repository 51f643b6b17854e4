"""DMN files: reading decision tables out of one, and writing one that reads the same.

Read are DMN 1.1 to 1.5, written is 1.3. A whitelist over the elements admits decision tables and what only describes;
everything else, scripts and functions above all, is a finding and never evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from bpmn.decision.tables import DecisionTable, Input, InvalidDecisionError, Output, Rule
from bpmn.findings import Finding, error, warning
from bpmn.xml import parse_document

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACES = frozenset(
    {
        DMN,
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
# Where a drawing stands: shown by other editors, without meaning here.
_DRAWINGS = ("/DMNDI/", "/spec/DMN/20180521/DI/", "/spec/DD/")
_MOTCUA = "urn:motcua:decisions"

_ANY = frozenset({"description", "extensionElements"})
_TEXT = frozenset({"text"})
_CHILDREN: dict[str, frozenset[str]] = {
    "definitions": frozenset(
        {"decision", "inputData", "knowledgeSource", "itemDefinition", "textAnnotation", "association", "group"}
    ),
    "decision": frozenset(
        {"question", "allowedAnswers", "variable", "informationRequirement", "authorityRequirement", "decisionTable"}
    ),
    "informationRequirement": frozenset({"requiredDecision", "requiredInput"}),
    "decisionTable": frozenset({"input", "output", "annotation", "rule"}),
    "input": frozenset({"inputExpression", "inputValues"}),
    "inputExpression": _TEXT,
    "inputValues": _TEXT,
    "output": frozenset({"outputValues"}),
    "outputValues": _TEXT,
    "rule": frozenset({"inputEntry", "outputEntry", "annotationEntry"}),
    "inputEntry": _TEXT,
    "outputEntry": _TEXT,
    "annotationEntry": _TEXT,
}
# Elements that only describe; what stands inside them is not looked at.
_OPAQUE = frozenset(
    {"extensionElements", "inputData", "knowledgeSource", "itemDefinition", "textAnnotation", "association", "group",
     "variable", "authorityRequirement", "annotation"}
)  # fmt: skip
_REMEDIES = {
    "import": "copy the imported decisions into this file",
    "defaultOutputEntry": "write a last rule with dashes instead",
    "businessKnowledgeModel": "write its table as a decision and require that",
    "knowledgeRequirement": "require a decision instead",
}


def read_tables(xml: str | bytes) -> tuple[tuple[DecisionTable, ...], tuple[Finding, ...]]:
    """Return the decision tables of a DMN file and what of it is not read.

    Raises: InvalidModelError when it is no XML; HostileXmlError as `bpmn.xml.parse_document`.
    """
    root = parse_document(xml)
    name = etree.QName(root)
    if name.namespace not in NAMESPACES or name.localname != "definitions":
        return (), (error("not-dmn", "file", "The file is no DMN: `definitions` of DMN 1.1 to 1.5 are expected."),)
    findings = list(_strangers(root, name.namespace))
    tables: list[DecisionTable] = []
    for decision in _children(root, "decision"):
        table, more = _table(decision)
        findings += more
        tables += [table] if table is not None else []
    return tuple(tables), tuple(findings)


def _strangers(root: etree._Element, namespace: str) -> Iterator[Finding]:
    """Yield a finding for every element outside the whitelist and every other language."""
    dropped: set[str] = set()
    waiting = [(root, "file")]
    while waiting:
        parent, where = waiting.pop()
        yield from _language(parent, where)
        for child in parent:
            name = etree.QName(child)
            place = child.get("id") or "?" if name.localname == "decision" else where
            if name.localname == "extensionElements" or (parent is root and name.namespace != namespace):
                dropped.update(etree.QName(each).namespace or "" for each in (child, *child))
            elif name.namespace != namespace or not _allowed(parent, name.localname):
                yield _refused(place, child)
            elif name.localname not in _OPAQUE:
                waiting.append((child, place))
    for other in sorted(dropped - {namespace}):
        if not any(drawing in other for drawing in _DRAWINGS):
            message = f"Elements of `{other[:100]}` are dropped: they mean nothing here."
            yield warning("decision-foreign", "file", message)


def _allowed(parent: etree._Element, name: str) -> bool:
    return name in _ANY or name in _CHILDREN.get(etree.QName(parent).localname, ())


def _refused(where: str, element: etree._Element) -> Finding:
    name = etree.QName(element).localname
    remedy = _REMEDIES.get(name, "only decision tables are evaluated, so write it as one or remove it")
    return error("decision-element", where, f"`{name[:60]}` is not part of decisions here: {remedy}.")


def _language(element: etree._Element, where: str) -> Iterator[Finding]:
    said = element.get("expressionLanguage")
    if said and "feel" not in said.lower():
        message = f"`{said[:60]}` is not evaluated: write the cells in the language of expressions (FEEL)."
        yield error("decision-language", where, message)


def _table(decision: etree._Element) -> tuple[DecisionTable | None, list[Finding]]:
    where = decision.get("id") or "?"
    drawn = list(_children(decision, "decisionTable"))
    if len(drawn) != 1:
        message = f"A decision has exactly one decision table, not {len(drawn)}."
        return None, [error("decision-table-missing", where, message)]
    (inner,) = drawn
    findings = [
        warning("decision-foreign", where, "`outputValues` are dropped: outputs are what the rules say.")
        for output in _children(inner, "output")
        for _ in _children(output, "outputValues")
    ]
    table = DecisionTable(
        id=decision.get("id") or "",
        name=_line(decision.get("name")),
        hit_policy=(inner.get("hitPolicy") or "UNIQUE").strip(),
        aggregation=(inner.get("aggregation") or "").strip(),
        inputs=tuple(_input(each) for each in _children(inner, "input")),
        outputs=tuple(Output(each.get("name") or "", _line(each.get("label"))) for each in _children(inner, "output")),
        rules=tuple(_rule(each) for each in _children(inner, "rule")),
        requires=tuple(_required(decision)),
        description=_line(" ".join(each.text or "" for each in _children(decision, "description"))),
    )
    return table, findings


def _input(element: etree._Element) -> Input:
    asked = next(_children(element, "inputExpression"), None)
    values = next(_children(element, "inputValues"), None)
    return Input(_line(element.get("label")), _text(asked), _text(values))


def _rule(element: etree._Element) -> Rule:
    remarks = [each.text for each in _children(element, "description")]
    remarks += [_text(each) for each in _children(element, "annotationEntry")]
    return Rule(
        tuple(_text(each) or "-" for each in _children(element, "inputEntry")),
        tuple(_text(each) for each in _children(element, "outputEntry")),
        _line(" ".join(remark for remark in remarks if remark)),
    )


def _required(decision: etree._Element) -> Iterator[str]:
    for requirement in _children(decision, "informationRequirement"):
        for required in _children(requirement, "requiredDecision"):
            yield (required.get("href") or "").removeprefix("#")


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{{etree.QName(element).namespace}}}{name}")


def _text(element: etree._Element | None) -> str:
    """Return the content of an element's `text`."""
    inner = next(_children(element, "text"), None) if element is not None else None
    return (inner.text or "").strip() if inner is not None else ""


def _line(text: str | None) -> str:
    """Return a label with single spaces, as it is shown."""
    return " ".join((text or "").split())


# --- writing ------------------------------------------------------------------------------------------------------


def build_xml(tables: Sequence[DecisionTable]) -> str:
    """Return decision tables as DMN 1.3: the same text for the same tables, ids counted from the decision's.

    Raises: InvalidDecisionError when a text has a character that XML cannot hold.
    """
    root = etree.Element(f"{{{DMN}}}definitions", nsmap={None: DMN})
    for name, value in (("id", "decisions"), ("name", "decisions"), ("namespace", _MOTCUA)):
        root.set(name, value)
    try:
        for table in tables:
            _write(root, table)
    except ValueError:
        raise InvalidDecisionError("A text has a control character, which XML cannot hold: remove it.") from None
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _write(root: etree._Element, table: DecisionTable) -> None:
    decision = _child(root, "decision", ("id", table.id), ("name", table.name))
    if table.description:
        _child(decision, "description").text = table.description
    for at, required in enumerate(table.requires, 1):
        requirement = _child(decision, "informationRequirement", ("id", f"{table.id}_requires_{at}"))
        _child(requirement, "requiredDecision", ("href", f"#{required}"))
    drawn = _child(
        decision, "decisionTable",
        ("id", f"{table.id}_table"), ("hitPolicy", table.hit_policy), ("aggregation", table.aggregation),
    )  # fmt: skip
    for at, asked in enumerate(table.inputs, 1):
        column = _child(drawn, "input", ("id", f"{table.id}_input_{at}"), ("label", asked.label))
        _say(column, "inputExpression", asked.expression, f"{table.id}_asks_{at}")
        if asked.values:
            _say(column, "inputValues", asked.values, f"{table.id}_values_{at}")
    for at, output in enumerate(table.outputs, 1):
        _child(drawn, "output", ("id", f"{table.id}_output_{at}"), ("label", output.label), ("name", output.name))
    for at, rule in enumerate(table.rules, 1):
        _write_rule(drawn, rule, f"{table.id}_rule_{at}")


def _write_rule(drawn: etree._Element, rule: Rule, identity: str) -> None:
    row = _child(drawn, "rule", ("id", identity))
    if rule.annotation:
        _child(row, "description").text = rule.annotation
    for kind, cells in (("inputEntry", rule.tests), ("outputEntry", rule.outputs)):
        for at, cell in enumerate(cells, 1):
            _say(row, kind, cell, f"{identity}_{kind}_{at}")


def _say(parent: etree._Element, name: str, text: str, identity: str) -> None:
    _child(_child(parent, name, ("id", identity)), "text").text = text


def _child(parent: etree._Element, name: str, *attributes: tuple[str, str]) -> etree._Element:
    element = etree.SubElement(parent, f"{{{DMN}}}{name}")
    for key, value in _said(attributes):
        element.set(key, value)
    return element


def _said(attributes: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((key, value) for key, value in attributes if value)
