"""Forms of procedures: what they may ask, and which answers can be kept."""

from __future__ import annotations

from typing import Any

import pytest

from engine.domain.fields import InvalidFieldsError
from engine.domain.forms import InvalidFormError, check_facts, check_inputs, fields_of, routed

FORM: dict[str, Any] = {
    "fields": [
        {"name": "private_house", "label": "Nhà ở riêng lẻ", "type": "boolean", "required": True},
        {"name": "area", "label": "Diện tích (m²)", "type": "number"},
        {"name": "kind", "label": "Loại", "type": "choice", "choices": [{"value": "new", "label": "Mới"}]},
        {"name": "opinion", "label": "Ý kiến", "type": "text", "asked": "step", "required": True},
    ]
}


def test_answers_are_kept_as_the_history_can_hold_them() -> None:
    facts = check_facts(FORM, {"area": 85.5, "kind": "new", "private_house": False})

    assert facts == {"private_house": False, "area": "85.5", "kind": "new"}
    assert routed(FORM, facts) == {"private_house": False, "area": 85.5, "kind": "new"}
    assert check_facts(FORM, {"area": "12.0", "private_house": True}) == {"private_house": True, "area": 12}


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"area": 1}, "facts.private_house"),
        ({"private_house": "yes"}, "facts.private_house"),
        ({"private_house": 1}, "facts.private_house"),
        ({"private_house": True, "area": "1e9"}, "facts.area"),
        ({"private_house": True, "area": True}, "facts.area"),
        ({"private_house": True, "area": float("nan")}, "facts.area"),
        ({"private_house": True, "kind": "old"}, "facts.kind"),
        ({"private_house": True, "kind": ["new"]}, "facts.kind"),
        ({"private_house": True, "opinion": "đồng ý"}, "facts.opinion"),
        ({"private_house": True, "colour": "red"}, "facts.colour"),
    ],
)
def test_answers_that_the_form_does_not_ask_for_are_refused_by_name(answers: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        check_facts(FORM, answers)

    assert caught.value.details["field"] == field


def test_a_filed_dossier_may_still_lack_what_is_required() -> None:
    assert check_facts(FORM, {}, complete=False) == {}


def test_a_step_takes_its_own_fields_and_leaves_others_alone() -> None:
    said = {"opinion": "đồng ý", "number": "12/QĐ", "route": "b"}

    assert check_inputs(FORM, ("opinion", "route"), said) == {"opinion": "đồng ý", "route": "b"}
    with pytest.raises(InvalidFieldsError):
        check_inputs(FORM, ("opinion",), {"number": "12/QĐ"})


@pytest.mark.parametrize(
    "field",
    [
        {"name": "Area", "type": "number"},
        {"name": "area", "type": "integer"},
        {"name": "area", "type": "choice"},
        {"name": "area", "type": "number", "choices": [{"value": "a"}]},
        {"name": "area", "type": "choice", "choices": [{"value": "a"}, {"value": "a"}]},
        {"name": "area", "type": "number", "required": "yes"},
        {"name": "area", "type": "number", "asked": "never"},
        {"name": "area", "type": "number", "label": "\ud800"},
        "area",
    ],
)
def test_a_form_that_cannot_be_asked_is_refused(field: object) -> None:
    with pytest.raises(InvalidFormError):
        fields_of({"fields": [field]})


def test_a_field_is_asked_once() -> None:
    with pytest.raises(InvalidFormError, match="twice"):
        fields_of({"fields": [{"name": "area", "type": "number"}, {"name": "area", "type": "text"}]})
