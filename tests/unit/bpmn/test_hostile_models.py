"""Attack inputs S01, S03, S04 and S30 on models: refused with the element, in bounded time and memory, nothing run."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.errors import InvalidModelError
from bpmn.findings import Severity
from bpmn.lint import lint
from bpmn.model import content_hash
from bpmn.normaliser import normalise, read_model
from bpmn.runner import load
from tests.support.step_tables import a_model_xml

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:motcua="urn:motcua:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" id="d" targetNamespace="x">'
)
PROCESS = (
    '<bpmn:process id="p" name="P" isExecutable="true"><bpmn:extensionElements>'
    '<motcua:procedure code="X1" name="X" limit="2 working_day"/></bpmn:extensionElements>'
    '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="L"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    '<bpmn:startEvent id="s"/><bpmn:userTask id="a" name="A">'
    '<bpmn:extensionElements><motcua:step endsProcessing="true"/></bpmn:extensionElements></bpmn:userTask>'
    '{node}<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="x"/><bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="e"/>'
    "{more}</bpmn:process></bpmn:definitions>"
)
ROOT = Path(__file__).parents[3]
CODE = "__import__('os').system('touch /tmp/owned')"


def _model(node: str, more: str = "") -> str:
    return HEAD + PROCESS.replace("{node}", node).replace("{more}", more)


def _errors(xml: str | bytes) -> set[tuple[str, str]]:
    return {(each.rule, each.where) for each in lint(xml, source=True) if each.severity is Severity.ERROR}


@pytest.fixture
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any evaluation by Python and any command fail the test."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"something was run: {args!r}")

    for module, name in ((builtins, "eval"), (builtins, "exec"), (os, "system"), (subprocess, "Popen")):
        monkeypatch.setattr(module, name, refuse)


USER = '<bpmn:userTask id="x" name="X">{}</bpmn:userTask>'
EXTENDED = USER.format("<bpmn:extensionElements>{}</bpmn:extensionElements>")
FORK = '<bpmn:exclusiveGateway id="x" default="f3"/>'


@pytest.mark.usefixtures("_nothing_runs")
@pytest.mark.parametrize(
    ("node", "more", "where"),
    [
        (f'<bpmn:scriptTask id="x"><bpmn:script>{CODE}</bpmn:script></bpmn:scriptTask>', "", "x"),
        (EXTENDED.format(f"<spiff:preScript>{CODE}</spiff:preScript>"), "", "x"),
        (EXTENDED.format(f"<spiff:postScript>{CODE}</spiff:postScript>"), "", "x"),
        (EXTENDED.format(f'<spiff:unitTests><spiff:unitTest id="u"><spiff:inputJson>{CODE}</spiff:inputJson>'
                         "</spiff:unitTest></spiff:unitTests>"), "", "x"),
        (FORK, f'<bpmn:sequenceFlow id="f4" sourceRef="x" targetRef="a"><bpmn:conditionExpression>{CODE}'
               "</bpmn:conditionExpression></bpmn:sequenceFlow>", "f4"),
        ('<bpmn:serviceTask id="x"><bpmn:extensionElements><spiff:serviceTaskOperator id="http/GetRequest">'
         f'<spiff:parameters><spiff:parameter id="url" value="{CODE}"/></spiff:parameters>'
         "</spiff:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>", "", "x"),
        (f'<bpmn:serviceTask id="x" implementation="{CODE}"/>', "", "x"),
        ('<bpmn:intermediateCatchEvent id="x"><bpmn:timerEventDefinition><bpmn:timeDuration>'
         f"{CODE}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>", "", "x"),
        ('<bpmn:intermediateCatchEvent id="x"><bpmn:timerEventDefinition><bpmn:timeCycle>R/PT0S</bpmn:timeCycle>'
         "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>", "", "x"),
        ('<bpmn:intermediateCatchEvent id="x"><bpmn:extensionElements><spiff:messagePayload>'
         f"{CODE}</spiff:messagePayload></bpmn:extensionElements></bpmn:intermediateCatchEvent>", "", "x"),
        (USER.format("<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>"
                     f"{CODE}</bpmn:loopDataInputRef></bpmn:multiInstanceLoopCharacteristics>"), "", "x"),
        (USER.format("<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>"
                     f"{CODE}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"), "", "x"),
        (USER.format("<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>1000000000"
                     "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"), "", "x"),
        (USER.format("<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>9**9**9"
                     "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"), "", "x"),
        (f'<bpmn:businessRuleTask id="x"><bpmn:extensionElements><motcua:decision ref="a" cell="{CODE}"/>'
         "</bpmn:extensionElements></bpmn:businessRuleTask>", "", "x"),
        (f'<bpmn:callActivity id="x" name="X" calledElement="{CODE}"/>', "", "x"),
        ('<bpmn:userTask id="x" name="X" xlink:href="javascript:alert(1)"/>', "", "x"),
        ('<bpmn:userTask id="x" name="X" onclick="alert(1)"/>', "", "x"),
        (EXTENDED.format('<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>'), "", "x"),
        (EXTENDED.format(f'<motcua:step unit="A"><motcua:outcome value="{CODE}" label="x"/></motcua:step>'), "", "x"),
    ],
)  # fmt: skip
def test_code_in_a_model_is_refused_at_its_element(node: str, more: str, where: str) -> None:
    xml = _model(node, more)
    assert where in {element for _, element in _errors(xml)}
    with pytest.raises(InvalidModelError):
        load(xml)
    read_model(xml)


@pytest.mark.usefixtures("_nothing_runs")
def test_correlation_keys_are_refused() -> None:
    keys = f'<bpmn:correlationProperty id="cp"><bpmn:x>{CODE}</bpmn:x></bpmn:correlationProperty>'
    xml = _model(USER.format("")).replace("<bpmn:process", keys + "<bpmn:process", 1)
    assert ("element-not-allowed", "cp") in _errors(xml)


@pytest.mark.parametrize(
    "raw",
    [
        ('<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD).encode(),
        ('<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>' + HEAD).encode(),
        ('<!DOCTYPE d SYSTEM "ftp://127.0.0.1:1/x">' + HEAD).encode(),
        ("<!DOCTYPE d [" + "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 40)) + "]>").encode(),
        ('<?xml-stylesheet href="http://127.0.0.1:1/x"?>' + HEAD).encode(),
        b"\xef\xbb\xbf" + ("<!DOCTYPE d>" + HEAD).encode(),
        ("<!DOCTYPE d>" + HEAD).encode("utf-16"),
        ("<!DOCTYPE d>" + HEAD).encode("utf-16-be"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4-',
        b"\xff\xfe" + b'<?xml version="1.0" encoding="UTF-7"?>' + HEAD.encode(),
        b" " * (6 * 1024 * 1024),
        b"<a>" + b"<b/>" * 1_000_000 + b"</a>",
    ],
    ids=lambda raw: f"{raw[:24]!r}",
)
def test_hostile_xml_is_refused_before_it_is_read(raw: bytes) -> None:
    assert {rule for rule, _ in _errors(raw)} <= {"xml-hostile", "xml-malformed"}
    assert _errors(raw)
    assert normalise(raw).xml == ""


def test_a_model_of_depth_100_000_is_refused() -> None:
    deep = HEAD + "<bpmn:process id='p'>" + '<bpmn:subProcess id="x">' * 100_000
    assert _errors(deep) == {("xml-malformed", "file")}
    assert normalise(deep).xml == ""


@pytest.mark.parametrize("depth", [10, 100, 240])
def test_deep_subprocesses_are_refused(depth: int) -> None:
    opening = "".join(f'<bpmn:subProcess id="d{at}">' for at in range(depth))
    xml = _model('<bpmn:userTask id="x" name="X"/>' + opening + "</bpmn:subProcess>" * depth)
    assert "nesting-too-deep" in {rule for rule, _ in _errors(xml)}
    assert "nesting-too-deep" in {finding.rule for finding in read_model(xml).findings}


def test_an_include_is_refused_and_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    xml = _model(USER.format(f"<bpmn:documentation>{include}</bpmn:documentation>"))
    assert ("element-not-allowed", "x") in _errors(xml)
    assert "root:" not in normalise(xml).xml


def test_duplicate_ids_are_refused() -> None:
    assert ("id-duplicate", "a") in _errors(_model('<bpmn:userTask id="x" name="X"/><bpmn:userTask id="a" name="B"/>'))


@pytest.mark.parametrize("name", ["__proto__", "constructor", "prototype", "../x", "a b", "x" * 200, ""])
def test_ids_that_a_program_could_trip_over_are_refused(name: str) -> None:
    xml = _model(f'<bpmn:userTask id="{name}" name="X"/>').replace('"x"', f'"{name}"')
    assert "id-unfit" in {rule for rule, _ in _errors(xml)}
    process = _model(USER.format("")).replace('<bpmn:process id="p"', f'<bpmn:process id="{name}"')
    assert "id-unfit" in {rule for rule, _ in _errors(process)}


def test_calls_in_a_circle_are_refused() -> None:
    call = '<bpmn:callActivity id="x" name="X" calledElement="q"/>'
    other = (
        '<bpmn:process id="q"><bpmn:startEvent id="qs"/><bpmn:callActivity id="qc" name="C" calledElement="p"/>'
        '<bpmn:endEvent id="qe"/><bpmn:sequenceFlow id="q1" sourceRef="qs" targetRef="qc"/>'
        '<bpmn:sequenceFlow id="q2" sourceRef="qc" targetRef="qe"/></bpmn:process></bpmn:definitions>'
    )
    xml = _model(call).replace("</bpmn:definitions>", other)
    assert {("call-cycle", "p"), ("call-cycle", "q")} <= _errors(xml)
    assert "call-cycle" in {finding.rule for finding in read_model(xml).findings}


def test_gateways_in_a_circle_without_an_end_are_refused() -> None:
    xml = _model(
        '<bpmn:exclusiveGateway id="x" default="f4"/><bpmn:exclusiveGateway id="y" default="f5"/>',
        '<bpmn:sequenceFlow id="f4" sourceRef="x" targetRef="y"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="y" targetRef="x"/>',
    ).replace('<bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="e"/>', "")
    assert ("node-without-end", "x") in _errors(xml)


def test_flows_without_number_are_refused() -> None:
    flows = "".join(f'<bpmn:sequenceFlow id="g{at}" sourceRef="a" targetRef="x"/>' for at in range(20_000))
    xml = _model('<bpmn:userTask id="x" name="X"/>', flows)
    assert ("flows-too-many", "p") in _errors(xml)
    assert ("flows-too-many", "file") in {(each.rule, each.where) for each in normalise(xml).findings}


@pytest.mark.parametrize("shape", ["chain", "star", "apart"])
def test_models_that_nobody_can_read_are_refused_before_they_are_drawn(shape: str) -> None:
    pairs = {"chain": [(at, at + 1) for at in range(950)], "star": [(0, at) for at in range(1, 950)], "apart": []}[
        shape
    ]
    xml = (
        HEAD
        + '<bpmn:process id="p">'
        + "".join(f'<bpmn:task id="t{at}" name="T{at}"/>' for at in range(951))
        + "".join(
            f'<bpmn:sequenceFlow id="g{at}" sourceRef="t{a}" targetRef="t{b}"/>' for at, (a, b) in enumerate(pairs)
        )
        + "</bpmn:process></bpmn:definitions>"
    )
    found = normalise(xml)
    assert found.xml == ""
    assert ("nodes-too-many", "p") in {(finding.rule, finding.where) for finding in found.findings}


def test_markup_in_names_is_text_and_never_an_element() -> None:
    name = "&lt;script&gt;alert(1)&lt;/script&gt;"
    xml = _model(f'<bpmn:userTask id="x" name="{name}"><bpmn:documentation>{name}</bpmn:documentation></bpmn:userTask>')
    assert _errors(xml) == {("task-lane", "x")}
    assert "<script" not in normalise(xml).xml


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<dc:Bounds ", '<dc:Bounds onload="alert(1)" ', "attribute-not-allowed"),
        ('<dc:Bounds x="', '<dc:Bounds x="1e99', "drawing-number"),
        ('<dc:Bounds x="', '<dc:Bounds x="NaN', "drawing-number"),
        ("<bpmndi:BPMNPlane ", '<bpmndi:BPMNPlane xmlns:xl="http://www.w3.org/1999/xlink" xl:href="javascript:x" ',
         "attribute-not-allowed"),
        ("<dc:Bounds ", '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg><dc:Bounds ',
         "element-not-allowed"),
    ],
)  # fmt: skip
def test_a_drawing_carries_nothing_but_shapes(old: str, new: str, rule: str) -> None:
    xml = a_model_xml()
    assert old in xml
    assert rule in {each for each, _ in _errors(xml.replace(old, new, 1))}


def test_another_content_is_another_version_whatever_its_ids_say() -> None:
    """S30: the name of a version is its content; the same ids with other content never take its place."""
    xml = a_model_xml()
    changed = xml.replace('name="Nộp hồ sơ"', 'name="Nộp"', 1)
    assert content_hash(changed) != content_hash(xml)
    assert content_hash(xml.replace('" name=', '"\n name=', 1)) == content_hash(xml)


def test_hostile_models_take_little_memory() -> None:
    """Read the worst inputs in a process of their own that may not grow by more than 100 MB over an idle one."""
    program = textwrap.dedent(
        """
        import resource
        from bpmn.normaliser import read_model
        from bpmn.lint import lint
        M = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        lint(f'<definitions {M}/>')
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for text in (
            f'<definitions {M}><process id="p">' + '<subProcess id="x">' * 100_000,
            '<a>' + '<b/>' * 1_000_000 + '</a>',
            f'<definitions {M}><process id="p">' + '<task/>' * 45_000 + '</process></definitions>',
            f'<definitions {M}><process id="p"><task id="t"/><laneSet>' + '<lane/>' * 45_000
            + '</laneSet></process></definitions>',
            f'<definitions {M}>' + '<process id="p"><task id="t"/></process>' * 20_000 + '</definitions>',
            f'<definitions {M}><process id="p"><task id="t"/>' + '<sequenceFlow sourceRef="t" targetRef="t"/>' * 40_000
            + '</process></definitions>',
        ):
            assert any(finding.severity == 'error' for finding in read_model(text).findings)
            assert any(finding.severity == 'error' for finding in lint(text))
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 100


@settings(max_examples=60)
@given(st.data())
def test_damage_never_makes_the_normaliser_raise(data: st.DataObject) -> None:
    xml = _model('<bpmn:exclusiveGateway id="x"/>', '<bpmn:sequenceFlow id="f4" sourceRef="x" targetRef="a"/>')
    raw = bytearray(xml.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        piece = data.draw(
            st.sampled_from([b"", b"<", b"/>", b'"', b"bpmn:", b"Event", b'id="a"', b"<bpmn:task/>", b"subProcess"])
        )
        raw[at : at + data.draw(st.integers(0, 40))] = piece
    assert isinstance(read_model(bytes(raw), code="X", limit="1 working_day").findings, tuple)
