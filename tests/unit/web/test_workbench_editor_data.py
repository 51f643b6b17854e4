"""What the modeler reads from files agrees with what a model may say (bpmn/vocabulary.py) and speaks both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bpmn.names import MOTCUA
from bpmn.vocabulary import EXTENSIONS, STEP_CHILDREN

FOLDER = Path(__file__).parents[3] / "web" / "static" / "workbench"
BPMN_BINDINGS = {
    "bpmn:attribute", "bpmn:reference", "bpmn:part", "bpmn:condition", "bpmn:default", "bpmn:repeat",
    "bpmn:cardinality", "bpmn:interrupts",
}  # fmt: skip


def the_json(name: str) -> Any:
    """Return a data file of the editor."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def templates() -> list[dict[str, Any]]:
    """Return the element templates."""
    return the_json("templates.json")["templates"]


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each property with the name of its template."""
    for template in templates():
        for each in template["properties"]:
            yield template["id"], each


def texts(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every text that people read, wherever it stands."""
    if isinstance(found, list):
        for each in found:
            yield from texts(each)
    elif isinstance(found, dict) and "vi" in found:
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from texts(each)


def test_the_descriptor_names_the_elements_and_attributes_of_the_vocabulary() -> None:
    said = the_json("moddle.json")
    assert (said["uri"], said["prefix"]) == (MOTCUA, "motcua")
    known = {
        each["name"].lower(): {one["name"] for one in each["properties"] if one.get("isAttr")} for each in said["types"]
    }
    expected = {name: set(word.attributes) for name, word in EXTENSIONS.items()}
    assert known == expected | {name: set(attributes) for name, attributes in STEP_CHILDREN.items()}


def test_the_descriptor_allows_extensions_where_the_vocabulary_does() -> None:
    allowed = {
        each["name"].lower(): set(each["meta"]["allowedIn"])
        for each in the_json("moddle.json")["types"]
        if "meta" in each
    }
    assert allowed == {
        name: {f"bpmn:{one[0].upper()}{one[1:]}" for one in word.parents} for name, word in EXTENSIONS.items()
    }


def test_every_attribute_of_the_vocabulary_but_the_order_can_be_edited() -> None:
    bound = {
        (each["binding"]["element"], each["binding"]["name"])
        for _, each in properties()
        if each["binding"]["type"] == "motcua:attribute"
    }
    assert bound == {(name, one) for name, word in EXTENSIONS.items() for one in word.attributes} - {("step", "order")}


def test_properties_are_bound_to_what_the_editor_can_write() -> None:
    written = (FOLDER / "bindings.js").read_text(encoding="utf-8")
    for template, each in properties():
        kind = each["binding"]["type"]
        assert kind in BPMN_BINDINGS | {"motcua:attribute", "motcua:children"}, (template, each["id"])
        assert f'"{kind}"(element' in written, kind


def test_properties_of_a_template_have_ids_of_their_own_and_known_groups() -> None:
    groups = {each["id"] for each in the_json("templates.json")["groups"]}
    for template in templates():
        ids = [each["id"] for each in template["properties"]]
        assert len(ids) == len(set(ids)), template["id"]
        assert {each["group"] for each in template["properties"]} <= groups, template["id"]
        conditions = {each["condition"].get("property") for each in template["properties"] if "condition" in each}
        assert conditions - {None} <= set(ids), template["id"]


def test_every_text_of_the_templates_is_there_in_both_languages() -> None:
    found = list(texts(the_json("templates.json")))
    assert len(found) > 100
    for each in found:
        assert each.keys() == {"vi", "en"}
        assert each["vi"].strip(), each
        assert each["en"].strip(), each


def test_patterns_of_properties_are_patterns() -> None:
    patterns = [each["constraints"]["pattern"] for _, each in properties() if "pattern" in each.get("constraints", {})]
    assert patterns
    for each in patterns:
        re.compile(each)


def test_the_words_of_palette_and_pad_are_there_in_vietnamese() -> None:
    known = the_json("vi.json")
    subset = (FOLDER / "subset.js").read_text(encoding="utf-8")
    used = set(re.findall(r'(?:create|append): "([^"]+)"', subset)) | set(
        re.findall(r'"((?:Create|Activate|Change) [^"]+)"', subset)
    )
    assert len(used) > 12
    assert used <= known.keys()
    assert all(said.strip() and said != english for english, said in known.items())
