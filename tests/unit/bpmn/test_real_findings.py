"""What is found in the 61 real step tables, against a list that was reviewed by hand, one reason each."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from bpmn.lint import lint
from bpmn.table_findings import not_said_before
from engine.services.procedure_contents import read_tables
from tests.support.step_tables import REAL, needs_real, real_models, real_readings

pytestmark = needs_real
LISTED = tomllib.loads((Path(__file__).parent / "real_findings.toml").read_text(encoding="utf-8"))["finding"]


def _found() -> list[tuple[str, str, str, str]]:
    readings = read_tables(json.loads(REAL.read_text(encoding="utf-8")))
    return [(each.code, said.rule, said.where, said.severity) for each in readings for said in each.findings]


def test_the_real_tables_have_the_findings_of_the_list_and_no_others() -> None:
    listed = [(each["procedure"], each["rule"], each["where"], each["severity"]) for each in LISTED]
    assert Counter(_found()) == Counter(listed)


def test_each_finding_of_the_list_has_a_reason() -> None:
    assert all(len(each["reason"].split()) >= 6 for each in LISTED)


@pytest.mark.parametrize("code", sorted(real_models()) if REAL.exists() else [])
def test_a_table_and_its_model_say_each_thing_once(code: str) -> None:
    (reading,) = (each for each in real_readings() if each.code == code)
    of_model = lint(real_models()[code])
    rules = [said.rule for said in not_said_before(of_model, reading.findings)]
    assert not set(rules) & {said.rule for said in reading.findings}
    assert ("stages-exceed-limit" in rules) is False
