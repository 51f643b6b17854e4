"""The generated file: valid BPMN, deterministic, well drawn, texts as they were given."""

from __future__ import annotations

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from bpmn.generator import build
from bpmn.lint import lint
from bpmn.model import UnitFacts, content_hash, facts
from bpmn.names import BPMN
from bpmn.runner import load
from tests.support.drawings import problems
from tests.support.step_tables import DESK, HEAD, OFFICE, a_model_xml, a_step, a_table, linear, usual_steps


def test_build_gives_valid_bpmn() -> None:
    BpmnValidator().validate(etree.fromstring(a_model_xml().encode()))
    assert lint(a_model_xml()) == ()
    assert problems(a_model_xml()) == []


def test_build_gives_the_same_bytes_for_the_same_table() -> None:
    assert build(a_table()) == build(a_table())
    assert content_hash(build(a_table())) == content_hash(build(a_table()))
    assert content_hash(build(a_table())) != content_hash(build(a_table(fee="9000")))


def test_content_hash_ignores_quoting_and_comments() -> None:
    xml = a_model_xml()
    spelt = "<!-- mẫu -->\n" + xml.replace('name="Bắt đầu"', "name='Bắt đầu'")
    assert content_hash(spelt) == content_hash(xml)


def test_build_shows_the_names_it_is_given() -> None:
    said = facts(build(a_table(), {DESK: "Bộ phận Một cửa"}))
    assert said.units == (
        UnitFacts(DESK, "Bộ phận Một cửa"),
        UnitFacts(OFFICE, f"Tên {OFFICE}"),
        UnitFacts(HEAD, f"Tên {HEAD}"),
    )
    assert said.steps["check"].unit_label == "Bộ phận Một cửa"
    assert said.stages[0].label == f"Tên {DESK}"


def test_build_states_fee_and_flags_only_when_known() -> None:
    rows = usual_steps()
    rows[1] |= {"pauses_clock": True, "single_officer": True, "limit_days": None}
    rows[2] |= {"resumes_clock": True}
    said = facts(a_model_xml(steps=rows, fee=""))
    assert said.fee_vnd is None
    step = said.steps["s02_THU_LY"]
    assert (step.pauses_clock, step.single_officer, step.resumes_clock, step.limit) == (True, True, False, None)
    assert said.steps["s03_KY"].resumes_clock


def test_build_marks_every_change_of_unit() -> None:
    said = facts(a_model_xml())
    assert [(line.from_unit, line.to_unit) for line in said.handovers.values()] == [
        (DESK, OFFICE),
        (OFFICE, HEAD),
        (HEAD, DESK),
    ]


def test_build_escapes_what_looks_like_markup() -> None:
    name = '<script>alert("1")</script> & ]]> {{7*7}}'
    rows = usual_steps()
    rows[1] |= {"name": name, "unit": "A&B <x>", "unit_label": "“'\""}
    xml = a_model_xml(name=name, steps=rows)
    assert lint(xml) == ()
    said = facts(xml)
    assert (said.name, said.steps["s02_THU_LY"].name, said.steps["s02_THU_LY"].unit) == (name, name, "A&B <x>")
    assert "<script>" not in xml


def test_build_takes_odd_codes_and_keys() -> None:
    rows = linear(("A::Đ 1", DESK), ("A::Đ 1?", OFFICE), ("__proto__", DESK), ends="A::Đ 1?")
    xml = a_model_xml(code="1.001193/Đ", total_days="3", steps=rows)
    assert lint(xml) == ()
    said = facts(xml)
    assert said.code == "1.001193/Đ"
    assert list(said.steps)[:3] == ["s01___1", "s02___1_", "s03___proto__"]
    load(xml)


def test_build_draws_the_longest_table_that_is_read() -> None:
    keys = [f"B{at}" for at in range(100)]
    rows = [
        a_step(key, f"U{at % 7}", keys[at + 1] if at < 99 else None, ends_processing=at == 98)
        for at, key in enumerate(keys)
    ]
    xml = a_model_xml(total_days=None, steps=rows)
    assert lint(xml) == ()
    assert problems(xml) == []
    load(xml)


def test_build_lists_incoming_and_outgoing_for_modellers() -> None:
    root = etree.fromstring(a_model_xml().encode())
    flows = {flow.get("id"): flow for flow in root.iter(f"{{{BPMN}}}sequenceFlow")}
    for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        listed = {(node.text, node.getparent().get("id")) for node in root.iter(f"{{{BPMN}}}{tag}")}
        assert listed == {(name, flow.get(end)) for name, flow in flows.items()}
