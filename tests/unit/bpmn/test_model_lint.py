"""What the linter refuses, each rule on a model that breaks it; attacks S01 and S03."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bpmn.errors import InvalidModelError
from bpmn.lint import lint
from bpmn.model import content_hash, facts
from bpmn.runner import load
from tests.support.step_tables import a_model_xml

XML = a_model_xml()
TASK_END = "</bpmn:userTask>"
BOUNDARY = '<bpmn:boundaryEvent id="on_stopped"'


def _changed(old: str, new: str) -> str:
    assert old in XML
    return XML.replace(old, new, 1)


def _rules(xml: str | bytes) -> list[str]:
    return [finding.rule for finding in lint(xml)]


def _in_process(element: str) -> str:
    at = XML.index('<bpmn:process id="steps_TP99"')
    return XML[:at] + XML[at:].replace("</bpmn:process>", element + "</bpmn:process>", 1)


def test_lint_finds_nothing_in_a_generated_model() -> None:
    assert lint(XML) == ()


@pytest.mark.parametrize(
    "element",
    [
        '<bpmn:scriptTask id="x"><bpmn:script>1</bpmn:script></bpmn:scriptTask>',
        '<bpmn:sendTask id="x"/>',
        '<bpmn:receiveTask id="x"/>',
        '<bpmn:manualTask id="x"/>',
        '<bpmn:task id="x"/>',
        '<bpmn:transaction id="x"/>',
        '<bpmn:adHocSubProcess id="x"/>',
        '<bpmn:complexGateway id="x"/>',
        '<bpmn:dataObject id="x"/>',
        '<bpmn:ioSpecification id="x"/>',
        '<bpmn:startEvent id="x"><bpmn:timerEventDefinition/></bpmn:startEvent>',
        '<bpmn:endEvent id="x"><bpmn:signalEventDefinition/></bpmn:endEvent>',
        '<bpmn:intermediateThrowEvent id="x"><bpmn:linkEventDefinition/></bpmn:intermediateThrowEvent>',
        '<bpmn:intermediateThrowEvent id="x"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>',
        '<bpmn:userTask id="x"><bpmn:standardLoopCharacteristics/></bpmn:userTask>',
        '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>',
        '<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">1</s:preScript>',
        '<script xmlns="">alert(1)</script>',
    ],
)
def test_lint_refuses_elements_outside_the_whitelist(element: str) -> None:
    findings = lint(_in_process(element))
    assert "element-not-allowed" in [finding.rule for finding in findings]
    assert all(finding.where for finding in findings)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<bpmn:definitions", '<bpmn:definitions exec="x"', "attribute-not-allowed"),
        ('<bpmn:userTask id="check"', '<bpmn:userTask id="check" implementation="x"', "attribute-not-allowed"),
        ('<motcua:step key="NHAN"', '<motcua:step key="NHAN" pauseClock="true"', "attribute-not-allowed"),
        pytest.param('name="Nộp hồ sơ"', f'name="{"x" * 2001}"', "text-too-long", id="long name"),
        ('id="flow_start_check"', 'id="check"', "id-duplicate"),
        ('<bpmn:lane id="lane_desk"', '<bpmn:lane id="__proto__"', "id-unfit"),
        ('<bpmn:lane id="lane_desk"', '<bpmn:lane id="a b"', "id-unfit"),
        ('<bpmn:lane id="lane_desk" ', "<bpmn:lane ", "id-missing"),
        ('calledElement="steps_TP99"', 'calledElement="elsewhere"', "ref-dangling"),
        ('calledElement="steps_TP99"', 'calledElement="case_TP99"', "call-cycle"),
        ('processRef="steps_TP99"', 'processRef="elsewhere"', "ref-dangling"),
        ('messageRef="message_withdrawn"', 'messageRef="nothing"', "ref-dangling"),
        ('name="withdrawn"', 'name="anything"', "message-unknown"),
        ("<bpmn:flowNodeRef>check<", "<bpmn:flowNodeRef>gone<", "ref-dangling"),
        ("<bpmn:flowNodeRef>check<", "<bpmn:flowNodeRef>gone<", "task-lane"),
        ('targetRef="outcome_choice"', 'targetRef="gone"', "ref-dangling"),
        ('attachedToRef="steps"', 'attachedToRef="start"', "ref-dangling"),
        ('default="flow_complete"', "", "gateway-default"),
        ('default="flow_complete"', 'default="flow_start_check"', "gateway-default"),
        ("<bpmn:startEvent", '<bpmn:startEvent id="more"/><bpmn:startEvent', "start-count"),
        ("<motcua:procedure", "<motcua:lane", "procedure-count"),
        (' limit="4 working_day"', "", "procedure-attribute"),
        (' limit="4 working_day"', ' limit="0 working_day"', "procedure-attribute"),
        (' feeVnd="8000"', ' feeVnd="8.000"', "procedure-attribute"),
        (' name="Kiểm tra thành phần hồ sơ"', "", "task-name"),
        (' name="Tên BP_MOT_CUA"', "", "task-lane"),
        ('<motcua:lane unit="BP_MOT_CUA"', '<motcua:lane unit="X"', "lane-unit"),
        (' phase="reception"', ' phase="early"', "step-attribute"),
        (' stage="0"', ' stage="-1"', "step-attribute"),
        (' stageLimit="1 working_day"', ' stageLimit="P1D"', "step-attribute"),
        (' limit="0.5 working_day"', ' limit="nửa ngày"', "step-attribute"),
        (' endsProcessing="true"', ' endsProcessing="yes"', "step-attribute"),
        (' endsProcessing="true"', "", "ends-count"),
        ('<motcua:handover from="BP_MOT_CUA" ', "<motcua:handover ", "handover-missing"),
        ('outcome == "supplement"', "__import__('os').system('id')", "condition-language"),
        ('outcome == "supplement"', "().__class__", "condition-language"),
        ('outcome == "supplement"', "", "condition-language"),
        ("<bpmn:process ", "<bpmn:other ", "xml-malformed"),
    ],
)
def test_lint_names_the_rule_that_is_broken(old: str, new: str, rule: str) -> None:
    xml = _changed(old, new)
    assert rule in _rules(xml)
    with pytest.raises(InvalidModelError):
        load(xml)


def test_lint_wants_a_unit_on_every_task() -> None:
    assert _rules(XML.replace("motcua:step", "motcua:lane")).count("step-missing") == 7


def test_lint_wants_conditions_where_they_decide() -> None:
    condition = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">outcome == "refused"'
    assert "condition-missing" in _rules(_changed(condition + "</bpmn:conditionExpression>", ""))
    flow = '<bpmn:sequenceFlow id="flow_start_check" sourceRef="start" targetRef="check"'
    assert "condition-place" in _rules(_changed(flow + "/>", flow + ">" + condition + _closing()))


def _closing() -> str:
    return "</bpmn:conditionExpression></bpmn:sequenceFlow>"


def test_lint_finds_what_no_way_leads_to() -> None:
    lonely = '<bpmn:userTask id="island"/><bpmn:sequenceFlow id="f1" sourceRef="island" targetRef="steps_end"/>'
    assert {"node-unreachable", "incoming-count"} <= set(_rules(_in_process(lonely)))
    trap = '<bpmn:exclusiveGateway id="trap"/><bpmn:sequenceFlow id="f1" sourceRef="trap" targetRef="trap"/>'
    assert "node-unreachable" in _rules(_in_process(trap))
    unused = _changed("</bpmn:process>", '</bpmn:process><bpmn:process id="more" isExecutable="true"/>')
    assert "process-unused" in _rules(unused)


def test_lint_finds_a_way_without_end() -> None:
    loop = _changed('sourceRef="s05_TRA" targetRef="steps_end"', 'sourceRef="s05_TRA" targetRef="s01_NHAN"')
    assert "node-without-end" in _rules(loop)


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]>', "xml-hostile"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x">', "xml-hostile"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', "xml-hostile"),
        ('<?xml-stylesheet href="http://127.0.0.1:1/x"?>', "xml-hostile"),
        ('<?xml version="1.0" encoding="UTF-7"?>', "xml-hostile"),
        ('<?xml version="1.0" encoding="ebcdic-cp-us"?>', "xml-hostile"),
        ("<!doctype x>", "xml-hostile"),
    ],
)
def test_lint_refuses_hostile_xml(head: str, rule: str) -> None:
    assert _rules(head + XML) == [rule]
    assert _rules((head + XML).encode()) == [rule]
    for read in (facts, content_hash, load):
        with pytest.raises(InvalidModelError):
            read(head + XML)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_lint_sees_a_doctype_in_any_encoding(encoding: str) -> None:
    assert _rules(('<!DOCTYPE x [<!ENTITY a "b">]>' + XML).encode(encoding)) == ["xml-hostile"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lint_reads_a_file_in_its_encoding(encoding: str) -> None:
    assert lint(f'<?xml version="1.0" encoding="{encoding[:6].rstrip("-")}"?>\n{XML}'.encode(encoding)) == ()


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "xml-malformed"),
        (b"\x00", "xml-malformed"),
        (b"PK\x03\x04", "xml-malformed"),
        (b"%PDF-1.7", "xml-malformed"),
        ("\ud800", "xml-malformed"),
        (b"<a/>", "not-bpmn"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "not-bpmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "process-missing"),
        pytest.param(b" " * 5_300_000, "xml-hostile", id="5.3 MB"),
        pytest.param(b"<a>" * 100_000 + b"</a>" * 100_000, "xml-malformed", id="depth 100 000"),
        pytest.param(b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "xml-hostile", id="a million elements"),
    ],
)
def test_lint_says_what_is_no_model(raw: str | bytes, rule: str) -> None:
    assert _rules(raw) == [rule]


def test_lint_refuses_more_nodes_than_a_person_can_read() -> None:
    many = "".join(f'<bpmn:exclusiveGateway id="g{at}"/>' for at in range(400))
    assert "nodes-too-many" in _rules(_in_process(many))


def test_lint_refuses_a_file_of_many_processes() -> None:
    many = "".join(f'<bpmn:process id="p{at}" isExecutable="true"/>' for at in range(10_000))
    assert _rules(_changed("</bpmn:process>", "</bpmn:process>" + many)) == ["processes-too-many"]


def test_lint_keeps_its_findings_few() -> None:
    assert len(lint(_in_process('<bpmn:scriptTask id="x"/>' * 5000))) == 200


@given(st.binary(max_size=200))
@example(b"<?xml version='1.0' encoding='utf-16'?><a/>")
def test_lint_never_raises_on_bytes(raw: bytes) -> None:
    assert lint(raw) != ()


@given(st.data())
def test_lint_never_raises_on_a_damaged_model(data: st.DataObject) -> None:
    raw = bytearray(XML.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        piece = data.draw(st.sampled_from([b"", b"<", b"/>", b'"', b"bpmn:", b"\xff", b'id=""', b"&#0;", b"&a;"]))
        raw[at : at + data.draw(st.integers(0, 30))] = piece
    lint(bytes(raw))


def test_lint_reads_a_foreign_diagram_with_clear_findings() -> None:
    foreign = """<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
      xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
      <process id="p" isExecutable="true">
        <startEvent id="s"><outgoing>f</outgoing></startEvent>
        <sequenceFlow id="f" sourceRef="s" targetRef="t"/>
        <serviceTask id="t" camunda:expression="${x}"/>
        <sequenceFlow id="g" sourceRef="t" targetRef="e"/>
        <endEvent id="e"/>
      </process>
    </definitions>"""
    found = {(finding.rule, finding.where) for finding in lint(foreign)}
    assert found == {
        ("attribute-not-allowed", "t"),
        ("service-unknown", "t"),
        ("procedure-count", "file"),
        ("ends-count", "file"),
    }
