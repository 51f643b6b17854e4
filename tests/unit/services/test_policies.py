"""A policy is taken whole or refused in one sentence; nothing that a file can hold makes it crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.model import facts
from engine.services.policies import DEFAULT_POLICY, InvalidPolicyError, check_fits, check_policy
from tests.support.appointments import land_steps
from tests.support.step_tables import a_model_xml

WHOLE = {
    "field": "Hộ tịch",
    "cutoff": "15:00",
    "supplement": {"max": 2, "clock": "pause", "answer_limit": "10 working_day"},
    "papers": ["Tờ khai", {"name": "Giấy chứng sinh", "code": "A1", "originals": 1, "copies": 2}],
}
WRONG = {
    "no object": 7,
    "null": None,
    "list": ["15:00"],
    "unknown field": {"cut_off": "15:00"},
    "field is a number": {"field": 3},
    "field is too long": {"field": "x" * 121},
    "field with NUL": {"field": "a\0b"},
    "half a surrogate pair": {"field": "\ud800"},
    "cutoff is a number": {"cutoff": 15},
    "cutoff is no time": {"cutoff": "3pm"},
    "supplement is null": {"supplement": None},
    "supplement is a list": {"supplement": []},
    "unknown field of supplement": {"supplement": {"maximum": 1}},
    "max is a truth value": {"supplement": {"max": True}},
    "max is a text": {"supplement": {"max": "1"}},
    "max is negative": {"supplement": {"max": -1}},
    "max is too large": {"supplement": {"max": 11}},
    "clock is unknown": {"supplement": {"clock": "stop"}},
    "clock is a list": {"supplement": {"clock": []}},
    "answer limit is a number": {"supplement": {"answer_limit": 15}},
    "answer limit is no limit": {"supplement": {"answer_limit": "soon"}},
    "answer limit is too long to store": {"supplement": {"answer_limit": "+".join(["1 working_day"] * 20)}},
    "appointments is a text": {"appointments": "16 working_day"},
    "one appointment": {"appointments": ["16 working_day"]},
    "three appointments": {"appointments": ["1 working_day"] * 3},
    "appointment is a number": {"appointments": [16, 4]},
    "appointment is no limit": {"appointments": ["16 working_day", "1,5 ngày"]},
    "appointment of nothing": {"appointments": ["16 working_day", "0 working_day"]},
    "appointment that no receipt can print": {"appointments": ["16 working_day", "1/3 working_day"]},
    "form set is unknown": {"form_set": "TT99/2099"},
    "form set is null": {"form_set": None},
    "form set is a list": {"form_set": ["CT"]},
    "papers is a text": {"papers": "Tờ khai"},
    "papers are too many": {"papers": ["Tờ khai"] * 101},
    "paper is a number": {"papers": [1]},
    "paper is empty": {"papers": [" "]},
    "paper is too long": {"papers": ["x" * 301]},
    "paper without a name": {"papers": [{"code": "A1"}]},
    "paper with an unknown field": {"papers": [{"name": "Tờ khai", "pages": 2}]},
    "paper's code is a number": {"papers": [{"name": "Tờ khai", "code": 1}]},
    "paper's copies are a text": {"papers": [{"name": "Tờ khai", "copies": "1"}]},
    "paper's originals are a truth value": {"papers": [{"name": "Tờ khai", "originals": True}]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_empty_policy_is_the_usual_one() -> None:
    assert check_policy({}) == DEFAULT_POLICY


def test_whole_policy_stays_as_it_is() -> None:
    assert check_policy(WHOLE) == WHOLE


def test_missing_fields_of_the_supplement_are_the_usual_ones() -> None:
    assert check_policy({"supplement": {"max": 0}})["supplement"] == DEFAULT_POLICY["supplement"] | {"max": 0}


@pytest.mark.parametrize("raw", WRONG.values(), ids=WRONG)
def test_malformed_policy_is_refused(raw: object) -> None:
    with pytest.raises(InvalidPolicyError):
        check_policy(raw)


def test_policy_names_the_set_of_forms_only_where_it_is_another() -> None:
    assert check_policy({"form_set": "TT03/2025"}) == DEFAULT_POLICY
    assert check_policy({"form_set": "CT"}) == DEFAULT_POLICY | {"form_set": "CT"}


def test_policy_without_appointments_has_the_content_that_it_always_had() -> None:
    assert check_policy({"appointments": None}) == DEFAULT_POLICY


def fit(appointments: list[str], *, pauses: bool = True, ends: bool = False) -> None:
    """Check two appointments against a procedure of 6 working days."""
    steps = land_steps()
    steps[2]["pauses_clock"] = steps[3]["resumes_clock"] = pauses
    steps[4]["pauses_clock"] = ends
    policy = check_policy({"appointments": appointments})
    assert policy["appointments"] == appointments
    check_fits(policy, facts(a_model_xml(steps=steps, total_days="6")))


@pytest.mark.parametrize(
    "appointments",
    [
        pytest.param(["4 working_day", "2 working_day"], id="sum-is-the-limit"),
        pytest.param(["1 working_day", "0.5 working_day"], id="sum-is-less"),
        pytest.param(["5 working_day", "30 calendar_day"], id="units-differ"),
        pytest.param(["2 working_day + 1 calendar_day", "9 working_day"], id="units-mixed"),
    ],
)
def test_appointments_that_fit_are_taken(appointments: list[str]) -> None:
    fit(appointments)


def test_appointments_longer_than_the_limit_are_refused_with_both_numbers() -> None:
    with pytest.raises(InvalidPolicyError, match=r"6\.5 working_day together, more than .* limit of 6 working_day"):
        fit(["4 working_day", "2.5 working_day"])


@pytest.mark.parametrize("ends", [False, True], ids=["no-step", "only-the-step-that-ends-processing"])
def test_appointments_without_a_step_that_pauses_are_refused_with_the_remedy(ends: bool) -> None:
    with pytest.raises(InvalidPolicyError, match="set pauses_clock on the step"):
        fit(["4 working_day", "2 working_day"], pauses=False, ends=ends)


@given(st.dictionaries(st.sampled_from([*DEFAULT_POLICY, "appointments", "other"]), JSON) | JSON)
def test_any_json_is_taken_or_refused(raw: Any) -> None:
    try:
        policy = check_policy(raw)
    except InvalidPolicyError:
        return
    assert set(policy) - {"appointments"} == set(DEFAULT_POLICY)
