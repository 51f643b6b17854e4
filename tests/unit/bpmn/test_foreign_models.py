"""Models as other editors write them: each is imported and starts, or is refused at once at the element."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bpmn.assembly import assemble
from bpmn.findings import Severity, has_errors
from bpmn.lint import lint
from bpmn.names import BPMN, MOTCUA
from bpmn.normaliser import Normalised, normalise, read_model
from bpmn.runner import complete, load, start
from bpmn.xml import parse_document

FOLDER = Path(__file__).parent / "foreign"
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
IMPORTED = sorted(name for name, entry in EXPECTED.items() if entry["outcome"] == "imported")
REFUSED = sorted(name for name, entry in EXPECTED.items() if entry["outcome"] == "refused")
OWN = sorted((Path(__file__).parents[3] / "bpmn" / "models").glob("*/process.bpmn"))
PROCEDURE = {"code": "9.999999", "name": "Thủ tục thử", "limit": "5 working_day"}


def _bytes(name: str) -> bytes:
    return (FOLDER / f"{name}.bpmn").read_bytes()


def _read(name: str) -> Normalised:
    return read_model(_bytes(name), **PROCEDURE)


def test_the_set_of_foreign_models_is_whole() -> None:
    assert {path.stem for path in FOLDER.glob("*.bpmn")} == set(EXPECTED)
    assert len(IMPORTED) >= 22
    assert len(REFUSED) >= 18


@pytest.mark.parametrize("name", IMPORTED)
def test_a_foreign_model_is_imported(name: str) -> None:
    found = _read(name)
    assert not has_errors(found.findings), found.findings


@pytest.mark.parametrize("name", IMPORTED)
def test_an_imported_model_starts_or_says_what_to_correct(name: str) -> None:
    model = assemble(_read(name).xml)
    errors = [finding for finding in lint(model) if finding.severity is Severity.ERROR]
    assert [f"{finding.rule} {finding.where}" for finding in errors] == EXPECTED[name].get("corrects", [])
    if not errors:
        step = start(load(model), {})
        assert [task.node for task in step.open] == ["check"]
        assert complete(load(model), step.state, step.open[0].id, {"outcome": "complete", "opinion_count": 2}).open


@pytest.mark.parametrize("name", REFUSED)
def test_a_foreign_model_is_refused_at_the_element(name: str) -> None:
    entry = EXPECTED[name]
    errors = [finding for finding in _read(name).findings if finding.severity is Severity.ERROR]
    assert (entry["rule"], entry["where"]) in {(finding.rule, finding.where) for finding in errors}
    if entry["where"] != "file":
        assert f'id="{entry["where"]}"' in _bytes(name).decode("utf-8")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_foreign_model_says_what_was_changed(name: str) -> None:
    findings = _read(name).findings
    said = {f"{finding.rule} {finding.where}" for finding in findings}
    assert set(EXPECTED[name].get("says", ())) <= said
    assert all(finding.where and finding.message for finding in findings)
    assert len(findings) == len({(finding.rule, finding.where, finding.message) for finding in findings})


@pytest.mark.parametrize("name", IMPORTED)
def test_a_normalised_model_is_normal(name: str) -> None:
    """Reading the result again changes nothing and finds nothing but what a person may still correct."""
    once = normalise(_bytes(name), **PROCEDURE)
    twice = normalise(once.xml)
    assert not twice.findings
    assert _shape(twice.xml) == _shape(once.xml)


@pytest.mark.parametrize("name", IMPORTED)
def test_an_imported_model_is_wholly_drawn(name: str) -> None:
    root = parse_document(_read(name).xml)
    shown = {element.get("bpmnElement") for element in root.iter() if element.get("bpmnElement")}
    wanted = ("Task", "Event", "Gateway", "sequenceFlow", "subProcess", "callActivity", "lane", "participant")
    drawn = {
        element.get("id")
        for process in root.iter("{*}process", "{*}collaboration")
        for element in process.iter()
        if str(element.tag).endswith(wanted) and BPMN in str(element.tag)
    }
    assert drawn <= shown


def _shape(xml: str) -> list[tuple[str, str | None, str | None]]:
    """Return what stands in a model in its order, but for ids that only hold things together."""
    return [
        (str(element.tag), element.get("name"), element.get("sourceRef"))
        for element in parse_document(xml).iter()
        if "DI" not in str(element.tag)
    ]


def test_a_model_without_code_and_limit_is_refused_with_the_process_named() -> None:
    findings = read_model(_bytes("signavio-lanes")).findings
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert {(finding.rule, finding.where) for finding in errors} == {("procedure-attribute", "sid-proc")}
    assert any("limit" in finding.message for finding in errors)
    assert any("code" in finding.message for finding in errors)


def test_a_whole_drawing_is_kept() -> None:
    xml = _read("signavio-lanes").xml
    assert '<dc:Bounds x="530" y="85" width="100" height="80"/>' in xml
    assert "drawing-renewed" not in {finding.rule for finding in _read("signavio-lanes").findings}


def _model_of(xml: str) -> list[str]:
    """Return what a file says, without its drawing, in an order of its own."""
    elements = parse_document(xml).iter(f"{{{BPMN}}}*", f"{{{MOTCUA}}}*")
    return sorted(f"{each.tag} {sorted(each.attrib.items())} {(each.text or '').strip()}" for each in elements)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.parent.name)
def test_a_source_of_ours_is_read_as_it_is(path: Path) -> None:
    xml = path.read_text(encoding="utf-8")
    found = normalise(xml)
    assert found.findings == ()
    assert _model_of(found.xml) == _model_of(xml)


def test_names_that_are_drawn_nowhere_are_placed_by_the_viewer() -> None:
    xml = _read("yaoqiang-labels-nowhere").xml
    assert 'bpmnElement="_3"' in xml
    assert "BPMNLabel" not in xml


def test_what_other_vendors_wrote_does_not_reach_the_source() -> None:
    for name in IMPORTED:
        xml = _read(name).xml
        for sign in ("camunda", "zeebe", "drools", "bizagi", "javascript:", "onerror=alert(1)>", "xlink", "<script"):
            assert sign not in xml, (name, sign)


def test_a_black_box_pool_is_named_when_it_is_left_out() -> None:
    findings = _read("pool-with-citizen-and-message-flows").findings
    assert any(finding.rule == "pool-dropped" and "Công dân" in finding.message for finding in findings)


def test_names_of_ways_become_outcomes() -> None:
    xml = _read("choice-by-names").xml
    assert '<motcua:outcome value="khong" label="Không"/>' in xml
    assert 'outcome = "co"' in xml


def test_a_split_without_gateway_is_written_down() -> None:
    assert 'parallelGateway id="split_1"' in _read("implicit-parallel-split").xml
    conditional = _read("implicit-conditional-split").xml
    assert 'inclusiveGateway id="split_1" default="f4"' in conditional


def test_a_bare_way_out_of_a_choice_is_its_default() -> None:
    assert 'exclusiveGateway id="g" default="f4"' in _read("camunda7-bare-flow-is-default").xml


def test_lanes_of_one_name_are_two_units() -> None:
    xml = _read("tasks-outside-lanes").xml
    assert '<motcua:lane unit="TIEP_NHAN"/>' in xml
    assert '<motcua:lane unit="TIEP_NHAN_2"/>' in xml


def test_lanes_that_are_only_drawn_are_read_from_the_drawing() -> None:
    lanes = {
        lane.get("name"): [reference.text for reference in lane.iter("{*}flowNodeRef")]
        for lane in parse_document(_read("lanes-only-drawn").xml).iter(f"{{{BPMN}}}lane")
    }
    assert lanes == {"Tiếp nhận": ["s", "a"], "Chuyên môn": ["b", "e"]}
