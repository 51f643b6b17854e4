"""The reference processes: complete folders, a source for each figure, clean models, parts that run alone."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from bpmn import references
from bpmn.assembly import assemble
from bpmn.decisions import parse
from bpmn.model import ModelFacts
from bpmn.parts import library
from bpmn.phases import Phase
from bpmn.references import InvalidReferenceError, ReferenceNotFoundError
from bpmn.runner import load
from engine.domain.forms import Asked, fields_of
from engine.domain.limits import Limit
from engine.services import procedure_library
from engine.services.policies import check_fits, check_policy
from engine.services.procedure_contents import read_content
from tests.support.drawings import Drawing, problems
from tests.support.model_paths import Explorer
from tests.support.sources_of_models import a_source

CODES = references.codes()
WANTED = {
    "1.001193", "3.000722", "1.004873", "2.000815", "1.001612", "1.013225", "1.013978", "1.012812", "1.001776",
    "3.000527", "LT297.1", "LT297.2", "LT297.3", "NB.0001",
}  # fmt: skip
PARTS = frozenset(library())


def _facts(code: str) -> ModelFacts:
    return ModelFacts.from_xml(assemble(references.read(code).source))


def test_the_library_holds_the_processes_of_the_issue() -> None:
    assert set(CODES) == WANTED


@pytest.mark.parametrize("code", CODES)
def test_a_reference_folder_is_complete_and_agrees_with_its_model(code: str) -> None:
    reference = references.read(code)
    facts = _facts(code)
    assert (facts.code, facts.name, facts.limit) == (code, reference.name, reference.facts["limit"])
    assert facts.fee_vnd == reference.facts["fee"]
    assert all(fact and source for fact, source in reference.sources)
    policy = check_policy(dict(reference.policy))
    check_fits(policy, facts)
    assert policy["papers"]


@pytest.mark.parametrize("code", CODES)
def test_linters_find_nothing_in_a_reference_process(code: str) -> None:
    partners = dict.fromkeys(procedure_library.roles_of(references.read(code)), "H00")
    content = procedure_library.content_of(code, partners=partners)
    assert [finding.as_json() for finding in read_content(content).findings] == []


@pytest.mark.parametrize("code", CODES)
def test_a_reference_process_is_drawn_well(code: str) -> None:
    assert problems(references.read(code).source) == []


@pytest.mark.parametrize("code", CODES)
def test_every_choice_is_a_question_with_named_answers_and_every_node_has_a_name(code: str) -> None:
    drawing = Drawing(references.read(code).source)
    for gateway in (*drawing.of("exclusiveGateway"), *drawing.of("eventBasedGateway")):
        element = drawing.elements[gateway]
        leaving = [flow for flow in map(drawing.elements.get, drawing.of("sequenceFlow")) if flow is not None]
        leaving = [flow for flow in leaving if flow.get("sourceRef") == gateway]
        if len(leaving) > 1:
            assert (element.get("name") or "").endswith("?"), gateway
        if len(leaving) > 1 and element.tag.endswith("exclusiveGateway"):
            assert element.get("default"), gateway
            assert all(flow.get("name") for flow in leaving), gateway
    for kind in ("userTask", "callActivity", "serviceTask", "businessRuleTask", "startEvent", "endEvent", "subProcess"):
        assert all(drawing.elements[node].get("name") for node in drawing.of(kind))


@pytest.mark.parametrize("code", CODES)
def test_the_shares_of_a_reference_process_are_its_limit(code: str) -> None:
    facts = _facts(code)
    shares = [segment for stage in facts.stages for segment in Limit.parse(stage.limit).segments]
    (whole,) = Limit.parse(facts.limit).segments
    assert {segment.unit for segment in shares} == {whole.unit}
    assert sum((segment.amount for segment in shares), Fraction(0)) == whole.amount


@pytest.mark.parametrize("code", CODES)
def test_what_a_reference_process_asks_is_in_its_form(code: str) -> None:
    reference = references.read(code)
    fields = fields_of(dict(reference.form))
    facts = _facts(code)
    asked = {name for step in facts.steps.values() for name in step.inputs}
    assert asked <= set(fields)
    assert {name for name, field in fields.items() if field.asked is Asked.STEP} <= asked


@pytest.mark.parametrize("code", CODES)
def test_a_reference_process_ends_in_a_hand_over_on_every_path(code: str) -> None:
    reference = references.read(code)
    explorer = Explorer(assemble(reference.source), reference.form, reference.decisions)
    last = {step.node for step in explorer.facts.steps.values() if step.phase is Phase.RETURN}
    seen: set[str] = set()
    said: set[tuple[str, str]] = set()
    for path in explorer.paths():
        said.update((act.node, act.outcome) for act in path.acts)
        done = [act.node for act in path.acts if act.do == "complete"]
        finishing = [node for node in done if explorer.facts.steps[node].ends_processing]
        assert done[-1] in last, str(path)
        assert len(finishing) == 1, str(path)
        seen.update(path.passed)
    nodes = explorer.model.net.nodes.values()
    assert {node.id for node in nodes if node.scope != explorer.model.net.top} - seen == set()
    own = {(step.node, value) for step in explorer.facts.steps.values() if step.order for value, _ in step.outcomes}
    assert own - said == set()


def test_each_reference_process_refuses_where_its_law_lets_it() -> None:
    """Detox and the internal procedure are refused by the frame alone (domain.md §8.2)."""
    refusing = {
        code: {step.node for step in _facts(code).steps.values() if step.decision == "refused" and step.ends_processing}
        for code in CODES
    }
    usual = {"issue_refusal__issue"}
    assert refusing == dict.fromkeys(CODES, usual) | {
        "1.001612": {"issue_notice__issue"},
        "LT297.1": {"issue_notice__issue"},
        "3.000527": set(),
        "NB.0001": set(),
    }


@pytest.mark.parametrize("code", CODES)
def test_only_the_hand_over_is_the_last_step_of_a_reference_process(code: str) -> None:
    last = [step.node for step in _facts(code).steps.values() if step.last]
    assert last == ["hand_over__hand", "return_refusal"]


def test_detox_has_the_six_steps_of_the_commune() -> None:
    facts = _facts("3.000527")
    steps = [step for step in facts.steps.values() if step.order > 0]
    assert [(step.unit, step.stage_limit) for step in steps] == [
        ("TTPVHCC", "0.25 working_day"),
        ("CONG_AN", "0.25 working_day"),
        ("TRUONG_CONG_AN", "1 working_day"),
        ("LANH_DAO", "1 working_day"),
        ("VAN_THU", "0.25 working_day"),
        ("TTPVHCC", "0.25 working_day"),
    ]


def test_the_land_certificate_is_promised_in_two_appointments_of_its_limit() -> None:
    reference = references.read("1.013978")
    assert reference.policy["appointments"] == ["16 working_day", "4 working_day"]
    facts = _facts("1.013978")
    pausing = min(step.stage for step in facts.steps.values() if step.pauses_clock)
    before = [Limit.parse(stage.limit).segments[0].amount for stage in facts.stages if stage.no <= pausing]
    assert sum(before, Fraction(0)) == 16


@pytest.mark.parametrize(
    ("code", "facts", "limit"),
    [
        ("1.013225", {"private_house": True}, "15 calendar_day"),
        ("1.013225", {"private_house": False}, "20 calendar_day"),
        ("1.004873", {"lived_elsewhere": True}, "6 working_day"),
        ("1.004873", {"lived_elsewhere": False}, "3 working_day"),
        ("3.000722", {"needs_verification": True}, "5 working_day"),
        ("1.012812", {"longer_term": True}, "40 calendar_day"),
        ("2.000815", {"page_count": 49}, "0.25 working_day"),
        ("2.000815", {"page_count": 50}, "2.25 working_day"),
        ("1.001193", {"needs_verification": True, "submitted_online": True}, "3 working_day"),
        ("1.001193", {"needs_verification": False, "submitted_online": False}, "0.25 working_day"),
    ],
)
def test_the_limit_of_a_case_is_the_one_of_its_law(code: str, facts: dict[str, bool], limit: str) -> None:
    assert parse(references.read(code).decisions).evaluate("limit", facts) == {"limit": limit}


@pytest.mark.parametrize(
    ("pages", "copies", "fee"), [(1, 1, 2000), (2, 1, 4000), (3, 2, 10000), (198, 1, 200000), (500, 3, 600000)]
)
def test_certified_copies_cost_by_the_page_up_to_a_most(pages: int, copies: int, fee: int) -> None:
    decisions = parse(references.read("2.000815").decisions)
    assert decisions.evaluate("fee", {"page_count": pages, "copy_count": copies}) == {"fee_vnd": fee}


@pytest.mark.parametrize(("at_counter", "fee"), [(True, 50_000), (False, 150_000)])
def test_a_business_costs_by_where_it_is_filed(at_counter: bool, fee: int) -> None:
    assert parse(references.read("1.001612").decisions).evaluate("fee", {"at_counter": at_counter}) == {"fee_vnd": fee}


def test_papers_go_by_the_case_and_are_papers_of_the_procedure() -> None:
    for code in CODES:
        reference = references.read(code)
        if 'id="papers"' not in reference.decisions:
            continue
        (table,) = (each for each in parse(reference.decisions).tables if each.id == "papers")
        named = {str(cell).strip('"') for rule in table.rules for cell in rule.outputs}
        assert named <= {paper["code"] for paper in reference.policy["papers"]}, code


LANES = {"Bộ phận Một cửa": "MC"}
ANSWERS = ("agree", "agree_with_conditions", "disagree")
WAYS = {  # what is done in a part on each of its paths, written by hand
    "part_receipt": {"digitise:done"},
    "part_receipt_fee": {"collect:paid digitise:done", "collect:exempt digitise:done"},
    "part_supplement": {"notice:done applicant.confirmed:message take:done", "notice:done silent:wait close:done"},
    "part_opinion_consent": {*(f"answer:{each}" for each in ANSWERS), "silent:wait"},
    "part_opinion_escalate": {*(f"answer:{each}" for each in ANSWERS), "late:wait answer:agree_with_conditions"},
    "part_opinion_wait": {f"answer:{each}" for each in ANSWERS},
    "part_transfer": {"accept:done"},
    "part_financial_obligation": {
        "assess:owed notice:done payment.confirmed:message settle:done",
        "assess:exempt",
        "assess:deferred",
    },
    "part_signing": {"sign:sign", "sign:return"},
    "part_issuing": {"issue:done"},
    "part_return": {"hand:done"},
}
_ERRORS = {"part_signing": "returned", "part_supplement": "not_answered"}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_runs_by_itself_on_all_its_paths(part: str) -> None:
    source = a_source(
        lanes=LANES,
        nodes={
            "start": ("startEvent", "MC", {}),
            "part": (part, "MC", {"limit": "1 working_day"}),
            "finish": ("userTask", "MC", {"limit": "1 working_day", "endsProcessing": "true"}),
            "give": ("userTask", "MC", {"phase": "return"}),
            "end": ("endEvent", "MC", {}),
        },
        flows=["start > part > finish > give > end"],
    )
    if part == "part_issuing":
        source = source.replace(' endsProcessing="true"', "")
    if part in _ERRORS:
        source = _caught(source, _ERRORS[part])
    explorer = Explorer(assemble(source), {})
    paths = list(explorer.paths())
    seen = {node for path in paths for node in path.passed}
    assert {node for node in explorer.model.net.nodes if node.startswith("part__")} <= seen
    assert [path for path in paths if path.passed[-1] != "end_done"] == []
    ways = {" ".join(str(act).removeprefix("part__") for act in path.acts if act.node != "give") for path in paths}
    assert ways == {f"{way} finish:done" for way in WAYS[part]}  # outcomes that lead the same way take turns


def _caught(source: str, error: str) -> str:
    """Return the source with a way on for what the part throws."""
    event = (
        f'<bpmn:boundaryEvent id="thrown" name="Lỗi" attachedToRef="part"><bpmn:outgoing>flow_thrown</bpmn:outgoing>'
        f'<bpmn:errorEventDefinition errorRef="error_{error}"/></bpmn:boundaryEvent>'
        '<bpmn:sequenceFlow id="flow_thrown" sourceRef="thrown" targetRef="finish"/></bpmn:process>'
    )
    defined = f'<bpmn:error id="error_{error}" name="{error}" errorCode="{error}"/><bpmn:process '
    return source.replace("</bpmn:process>", event).replace("<bpmn:process ", defined, 1)


def test_a_model_of_the_library_can_be_run_with_its_decisions() -> None:
    for code in CODES:
        reference = references.read(code)
        assert load(assemble(reference.source), reference.decisions).digest


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ReferenceNotFoundError, match=r"1\.001193"):
        references.read("../1.001193")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("facts.toml", "code = ", "no TOML"),
        ("facts.toml", 'code = "9.9"', "lacks name"),
        ("form.json", "{", "no JSON"),
        ("form.json", "[]", "JSON object"),
        ("scenarios.json", "{}", "JSON list"),
        ("process.bpmn", None, "cannot be read"),
    ],
)
def test_a_broken_reference_folder_is_refused_by_file(
    tmp_path: Path, file: str, content: str | None, said: str
) -> None:
    folder = _copy_of("3.000527", tmp_path)
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidReferenceError, match=rf"(?s){file}.*{said}"):
        references.read_folder(folder)


def test_a_figure_without_a_source_is_refused(tmp_path: Path) -> None:
    folder = _copy_of("3.000527", tmp_path)
    text = (folder / "facts.toml").read_text(encoding="utf-8")
    (folder / "facts.toml").write_text(text + '\n[[sources]]\nfact = "phí"\n', encoding="utf-8")
    with pytest.raises(InvalidReferenceError, match="`fact` and `source`"):
        references.read_folder(folder)


def test_a_folder_under_another_code_is_refused(tmp_path: Path) -> None:
    folder = _copy_of("3.000527", tmp_path).rename(tmp_path / "9.9")
    with pytest.raises(InvalidReferenceError, match="named by its code"):
        references.read_folder(folder)


def test_scenarios_name_steps_and_fields_that_exist() -> None:
    for code in CODES:
        reference = references.read(code)
        facts = _facts(code)
        known = {step.name for step in facts.steps.values()} | set(facts.steps)
        fields = set(fields_of(dict(reference.form)))
        assert len(reference.scenarios) in (2, 3, 4)
        for scenario in reference.scenarios:
            assert set(scenario["facts"]) <= fields
            for act in scenario["acts"]:
                assert act.get("step", "examine") in known | {"examine"}, (code, json.dumps(act, ensure_ascii=False))
                assert set(act.get("fields", {})) <= fields


def _copy_of(code: str, folder: Path) -> Path:
    copy = folder / code
    copy.mkdir()
    for file in (references.FOLDER / code).iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy
