"""The rules on each element of the subset, each on a source that breaks just it."""

from __future__ import annotations

import pytest

from bpmn.lint import lint

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:motcua="urn:motcua:bpmn:1"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="file" targetNamespace="urn:motcua:bpmn:1">
 <bpmn:message id="m_over" name="wait.over"/>
 <bpmn:message id="m_paid" name="payment.confirmed"/>
 <bpmn:error id="e_none" errorCode="nothing"/>
 <bpmn:escalation id="x_late" escalationCode="late"/>
 <bpmn:process id="top" name="Thử" isExecutable="true">
  <bpmn:extensionElements><motcua:procedure code="T1" name="Thử" limit="5 working_day"/></bpmn:extensionElements>
  <bpmn:laneSet id="lanes"><bpmn:lane id="lane_a" name="Phòng A">
   <bpmn:extensionElements><motcua:lane unit="A" agency="cong_an"/></bpmn:extensionElements>
   <bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>work</bpmn:flowNodeRef>
   <bpmn:flowNodeRef>sub</bpmn:flowNodeRef><bpmn:flowNodeRef>ask</bpmn:flowNodeRef>
  </bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="start"/>
  <bpmn:userTask id="work" name="Làm"><bpmn:extensionElements>
   <motcua:step limit="1 working_day" role="officer" form="work" issues="mau-01 mau-02" endsProcessing="true"
     countsInLimit="true" decision="granted"><motcua:outcome value="agree" label="Đồng ý"/>
    <motcua:outcome value="refuse" label="Từ chối"/><motcua:input name="private_house"/></motcua:step>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false">
   <bpmn:extensionElements><motcua:wait after="2 working_day"/></bpmn:extensionElements>
   <bpmn:messageEventDefinition id="late_m" messageRef="m_over"/></bpmn:boundaryEvent>
  <bpmn:serviceTask id="tell" name="Báo"><bpmn:extensionElements>
   <motcua:service name="notify_supervisor" value="late"/></bpmn:extensionElements></bpmn:serviceTask>
  <bpmn:endEvent id="told"/>
  <bpmn:businessRuleTask id="rule" name="Lệ phí"><bpmn:extensionElements>
   <motcua:decision ref="fee"/></bpmn:extensionElements></bpmn:businessRuleTask>
  <bpmn:inclusiveGateway id="split" default="f6"/>
  <bpmn:callActivity id="ask" name="Lấy ý kiến" calledElement="part_opinion">
   <bpmn:extensionElements><motcua:each prefix="opinion"/><motcua:step unit="=item" limit="5 working_day"/>
   </bpmn:extensionElements>
   <bpmn:multiInstanceLoopCharacteristics id="ask_mi" isSequential="false">
    <bpmn:loopCardinality id="ask_n" xsi:type="bpmn:tFormalExpression">opinion_count</bpmn:loopCardinality>
   </bpmn:multiInstanceLoopCharacteristics></bpmn:callActivity>
  <bpmn:subProcess id="sub" name="Niêm yết">
   <bpmn:startEvent id="sub_start"/><bpmn:userTask id="sub_task" name="Dán"/>
   <bpmn:endEvent id="sub_end"><bpmn:errorEventDefinition id="sub_err" errorRef="e_none"/></bpmn:endEvent>
   <bpmn:sequenceFlow id="s1" sourceRef="sub_start" targetRef="sub_task"/>
   <bpmn:sequenceFlow id="s2" sourceRef="sub_task" targetRef="sub_end"/>
  </bpmn:subProcess>
  <bpmn:boundaryEvent id="failed" attachedToRef="sub">
   <bpmn:errorEventDefinition id="failed_e" errorRef="e_none"/></bpmn:boundaryEvent>
  <bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>
  <bpmn:intermediateThrowEvent id="mile" name="Mốc"/>
  <bpmn:intermediateThrowEvent id="up" name="Báo lên">
   <bpmn:escalationEventDefinition id="up_e" escalationRef="x_late"/></bpmn:intermediateThrowEvent>
  <bpmn:inclusiveGateway id="merge"/>
  <bpmn:intermediateCatchEvent id="paid" name="Đã nộp">
   <bpmn:messageEventDefinition id="paid_m" messageRef="m_paid"/></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="end"><bpmn:terminateEventDefinition id="end_t"/></bpmn:endEvent>
  <bpmn:subProcess id="beside" name="Phản ánh" triggeredByEvent="true">
   <bpmn:startEvent id="b_start" isInterrupting="false">
    <bpmn:escalationEventDefinition id="b_e" escalationRef="x_late"/></bpmn:startEvent>
   <bpmn:endEvent id="b_end"/>
   <bpmn:sequenceFlow id="b1" sourceRef="b_start" targetRef="b_end"/>
  </bpmn:subProcess>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work"/>
  <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="rule"/>
  <bpmn:sequenceFlow id="f3" sourceRef="late" targetRef="tell"/>
  <bpmn:sequenceFlow id="f4" sourceRef="tell" targetRef="told"/>
  <bpmn:sequenceFlow id="f5" sourceRef="rule" targetRef="split"/>
  <bpmn:sequenceFlow id="f6" sourceRef="split" targetRef="ask"/>
  <bpmn:sequenceFlow id="f7" sourceRef="split" targetRef="sub">
   <bpmn:conditionExpression id="f7_c" xsi:type="bpmn:tFormalExpression">private_house = true</bpmn:conditionExpression>
  </bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f8" sourceRef="ask" targetRef="merge"/>
  <bpmn:sequenceFlow id="f9" sourceRef="sub" targetRef="merge"/>
  <bpmn:sequenceFlow id="f10" sourceRef="failed" targetRef="merge"/>
  <bpmn:sequenceFlow id="f11" sourceRef="merge" targetRef="fork"/>
  <bpmn:sequenceFlow id="f12" sourceRef="fork" targetRef="mile"/>
  <bpmn:sequenceFlow id="f13" sourceRef="fork" targetRef="up"/>
  <bpmn:sequenceFlow id="f14" sourceRef="mile" targetRef="join"/>
  <bpmn:sequenceFlow id="f15" sourceRef="up" targetRef="join"/>
  <bpmn:sequenceFlow id="f16" sourceRef="join" targetRef="paid"/>
  <bpmn:sequenceFlow id="f17" sourceRef="paid" targetRef="end"/>
 </bpmn:process>
</bpmn:definitions>
"""
PARTS = frozenset({"part_opinion"})
NESTED = '<bpmn:laneSet id="more"/><bpmn:startEvent id="sub_start"/>'
MI = '<bpmn:multiInstanceLoopCharacteristics id="ask_mi" isSequential="false">'


def _found(xml: str, **options: object) -> set[tuple[str, str]]:
    findings = lint(xml, source=True, parts=PARTS, **options)  # type: ignore[arg-type]
    assert all(finding.message.strip() for finding in findings)
    return {(finding.rule, finding.where) for finding in findings}


def test_lint_accepts_every_element_of_the_subset() -> None:
    assert lint(MODEL, source=True, parts=PARTS, decisions=frozenset({"fee"})) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        ('name="notify_supervisor"', 'name="os.system"', "service-unknown", "tell"),
        ('ref="fee"', 'ref=""', "decision-unknown", "rule"),
        ('calledElement="part_opinion"', 'calledElement="part_gone"', "ref-dangling", "ask"),
        (">opinion_count<", ">1000000000<", "repeat-number", "ask"),
        (">opinion_count<", ">0<", "repeat-number", "ask"),
        (">opinion_count<", ">10*10<", "repeat-number", "ask"),
        (">opinion_count<", "><", "repeat-number", "ask"),
        (">opinion_count<", ">__import__('os')<", "repeat-number", "ask"),
        ('prefix="opinion"', 'prefix="__proto__"', "repeat-items", "ask"),
        ('isSequential="false"', 'isSequential="perhaps"', "attribute-value", "ask"),
        ('<bpmn:startEvent id="sub_start"/>', "", "start-count", "sub"),
        ('<bpmn:startEvent id="sub_start"/>', NESTED, "element-place", "sub"),
        ('targetRef="sub_end"', 'targetRef="end"', "ref-dangling", "s2"),
        (' errorRef="e_none"/></bpmn:endEvent>', "/></bpmn:endEvent>", "event-definition", "sub_end"),
        ('id="sub_err" errorRef="e_none"', 'id="sub_err" errorRef="gone"', "ref-dangling", "sub_end"),
        ('errorCode="nothing"', "", "error-code", "e_none"),
        (' escalationCode="late"', "", "escalation-code", "x_late"),
        ('attachedToRef="sub"', 'attachedToRef="sub" cancelActivity="false"', "error-interrupts", "failed"),
        ('attachedToRef="sub"', 'attachedToRef="tell"', "ref-dangling", "failed"),
        ('attachedToRef="sub"', 'attachedToRef="sub_task"', "ref-dangling", "failed"),
        ('<bpmn:escalationEventDefinition id="b_e" escalationRef="x_late"/>', "", "event-definition", "b_start"),
        ('sourceRef="failed" targetRef="merge"', 'sourceRef="failed" targetRef="beside"', "event-subprocess", "beside"),
        ('triggeredByEvent="true"', "", "event-definition", "b_start"),
        ('triggeredByEvent="true"', 'triggeredByEvent="yes"', "attribute-value", "beside"),
        ('default="f6"', "", "gateway-default", "split"),
        ('private_house = true</', "private_house = </", "condition-language", "f7"),
        ('sourceRef="fork" targetRef="up"/>', 'sourceRef="fork" targetRef="up"><bpmn:conditionExpression>true'
         '</bpmn:conditionExpression></bpmn:sequenceFlow>', "condition-place", "f13"),
        ('<motcua:wait after="2 working_day"/>', '<motcua:wait after="P2D"/>', "wait-after", "late"),
        ('<motcua:wait after="2 working_day"/>', '<motcua:step limit="1 working_day"/>', "extension-place", "late"),
        ('name="Mốc"', "", "handover-missing", "mile"),
        ('role="officer"', 'role="king"', "step-attribute", "work"),
        ('decision="granted"', 'decision="perhaps"', "step-attribute", "work"),
        ('issues="mau-01 mau-02"', 'issues="&lt;b&gt;"', "step-attribute", "work"),
        ('countsInLimit="true"', 'countsInLimit="1"', "step-attribute", "work"),
        ('form="work"', 'form="../x"', "step-attribute", "work"),
        ('value="refuse"', 'value="agree"', "step-outcome", "work"),
        ('value="refuse"', 'value="constructor()"', "step-outcome", "work"),
        ('label="Từ chối"', 'label=" "', "step-outcome", "work"),
        ('input name="private_house"', 'input name="House"', "step-input", "work"),
        ('agency="cong_an"', 'agency=" "', "lane-attribute", "lane_a"),
        ('<bpmn:flowNodeRef>sub</bpmn:flowNodeRef>', "", "task-lane", "sub_task"),
        ('<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="fork" default="f12"/>',
         "attribute-not-allowed", "fork"),
        ('<bpmn:terminateEventDefinition id="end_t"/>', '<bpmn:timerEventDefinition id="end_t"/>',
         "element-not-allowed", "end"),
        (MI, MI + "<bpmn:completionCondition>true</bpmn:completionCondition>", "element-not-allowed",
         "ask"),
        ('<bpmn:startEvent id="start"/>', '<bpmn:startEvent id="start"><bpmn:messageEventDefinition id="y" '
         'messageRef="m_over"/></bpmn:startEvent>', "event-definition", "start"),
    ],
)  # fmt: skip
def test_lint_names_what_breaks_the_subset(old: str, new: str, rule: str, where: str) -> None:
    assert old in MODEL
    assert (rule, where) in _found(MODEL.replace(old, new, 1))


def test_lint_wants_a_step_that_ends_processing_here_or_in_a_part() -> None:
    without = MODEL.replace(' endsProcessing="true"', "")
    assert _found(without) == set()
    assert ("ends-count", "file") in _found(without.replace("part_opinion", "top"))


def test_lint_asks_for_decisions_that_exist() -> None:
    assert ("decision-unknown", "rule") in _found(MODEL, decisions=frozenset({"limit"}))
    assert _found(MODEL, decisions=None) == set()


def test_lint_of_an_assembled_model_wants_what_the_assembly_fills_in() -> None:
    found = {(finding.rule, finding.where) for finding in lint(MODEL)}
    assert {("step-attribute", "work"), ("step-missing", "sub_task"), ("ref-dangling", "ask")} <= found


def test_lint_accepts_a_part_of_the_library_without_lanes() -> None:
    part = MODEL.replace('<bpmn:process id="top"', '<bpmn:process id="part_top"')
    part = part.replace('<motcua:procedure code="T1" name="Thử" limit="5 working_day"/>', "")
    start = part.index("<bpmn:laneSet")
    end = part.index("</bpmn:laneSet>") + len("</bpmn:laneSet>")
    assert lint(part[:start] + part[end:], source=True, parts=PARTS) == ()


def test_lint_takes_the_lane_of_a_subprocess_for_its_tasks() -> None:
    step = '<bpmn:userTask id="sub_task" name="Dán"><bpmn:extensionElements><motcua:step unit="{}"/>'
    task = '<bpmn:userTask id="sub_task" name="Dán"/>'
    for unit, found in (("A", set()), ("B", {("lane-unit", "sub_task")})):
        changed = step.format(unit) + "</bpmn:extensionElements></bpmn:userTask>"
        assert _found(MODEL.replace(task, changed)) == found


def test_lint_refuses_subprocesses_that_nobody_can_read() -> None:
    inner = '<bpmn:userTask id="sub_task" name="Dán"/>'
    deep = inner
    for at in range(8):
        deep = f'<bpmn:subProcess id="d{at}">{deep}</bpmn:subProcess>'
    assert ("nesting-too-deep", "d1") in _found(MODEL.replace(inner, deep))
