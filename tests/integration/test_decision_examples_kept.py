"""Examples of decision tables are kept with the procedure, and a table that does not bear them out is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.forms import InvalidFormError
from engine.services import draft_making, drafts, procedure_library
from engine.services.procedure_contents import Content, read_content
from engine.services.publishing import version_hash
from tests.support.builders import an_office

CODE = "2.000815"
FEE = {"decision": "fee", "given": {"page_count": 3, "copy_count": 1}, "expect": {"fee_vnd": 5000}}


def with_examples(*examples: Any) -> Content:
    content = procedure_library.content_of(CODE, partners={})
    return replace(content, form={"fields": content.form["fields"], "examples": list(examples)})


def about_examples(content: Content) -> list[tuple[str, str, str]]:
    found = read_content(content).findings
    return [(each.rule, each.severity.value, each.where) for each in found if "example" in each.rule + each.message]


def test_example_that_differs_refuses_the_procedure() -> None:
    wrong = FEE | {"expect": {"fee_vnd": 6000}}
    assert about_examples(with_examples(FEE, wrong))[0] == ("example-differs", "error", "fee example 2")
    assert not read_content(with_examples(FEE, wrong)).is_publishable
    assert read_content(with_examples(FEE)).is_publishable


def test_untried_rules_are_named_only_of_tables_with_examples() -> None:
    assert about_examples(with_examples()) == []
    assert about_examples(with_examples(FEE)) == [("example-missing", "warning", "fee")]  # not of `limit`


def test_examples_without_their_table_refuse_the_procedure() -> None:
    content = replace(with_examples(FEE), decisions="")
    assert about_examples(content) == [("example-fails", "error", "fee example 1")]


def test_examples_are_part_of_what_a_version_is_named_after() -> None:
    first = version_hash("<a/>", {}, "", {"fields": []})
    assert first != version_hash("<a/>", {}, "", {"fields": [], "examples": [FEE]})


@pytest.mark.parametrize(
    "example",
    [
        None,
        {"decision": "fee", "given": {}},
        FEE | {"note": "x"},
        FEE | {"decision": 1},
        FEE | {"given": [1]},
        FEE | {"expect": {}},
        FEE | {"expect": {"fee_vnd": [1]}},
        FEE | {"given": {"page_count": 3.0}},  # JSONB gives back another number than was written
        FEE | {"given": {"page_count": 1e22}},
        FEE | {"given": {"page_count": 10**16}},
        FEE | {"given": {"page_count": "\ud800"}},
        FEE | {"given": {"page_count": "x" * 501}},
    ],
)
def test_example_of_another_shape_is_refused_with_its_number(sqlite_ctx: Context, example: Any) -> None:
    an_office(sqlite_ctx)
    made = draft_making.blank(sqlite_ctx, by=SYSTEM, code="9.000009", name="Thủ tục thử", agency="H00")
    changes = {"form": {"examples": [FEE, example]}}
    with pytest.raises(InvalidFormError) as refused:
        drafts.save(sqlite_ctx, by=SYSTEM, draft_id=made["drafts"][0]["id"], changes=changes)
    assert refused.value.details["row"] == 2
    assert about_examples(with_examples(FEE, example)) == [("form-invalid", "error", CODE)]


def test_examples_stay_with_a_draft_as_they_were_written(ctx: Context) -> None:
    an_office(ctx)
    made = draft_making.blank(ctx, by=SYSTEM, code="9.000009", name="Thủ tục thử", agency="H00")
    draft = made["drafts"][0]["id"]
    form = {"examples": [FEE, FEE | {"given": {"page_count": 1.5, "note": None, "urgent": True}}]}

    drafts.save(ctx, by=SYSTEM, draft_id=draft, changes={"form": form})

    assert drafts.show(ctx, by=SYSTEM, draft_id=draft)["form"] == form


def test_library_tries_its_tables_by_examples() -> None:
    for code, tables in (("1.013225", {"limit", "papers"}), (CODE, {"fee", "limit"})):
        content = procedure_library.content_of(code, partners={})
        assert {each["decision"] for each in content.form["examples"]} == tables
        assert about_examples(content) == []
