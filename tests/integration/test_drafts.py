"""Drafts: made from files, versions and the library, edited by two, tried, published from a date, retired."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.context import Context
from engine.domain.permissions import NotAllowedError
from engine.domain.scenarios import InvalidScenarioError
from engine.services import draft_making, drafts, procedure_library, procedures
from engine.services.draft_making import NothingToDraftError, ReferenceMissingError
from engine.services.drafts import DraftChangedError, InvalidDraftError
from engine.services.policies import InvalidPolicyError
from engine.store.drafts import DraftNotFoundError
from engine.store.procedures import ProcedureNotFoundError
from tests.support.builders import Office, an_office
from tests.support.drafts import CODE, GOOD, made, publish, save
from tests.support.sheets import as_csv, change, rows


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office with people."""
    return an_office(ctx)


def test_number_of_a_deleted_draft_is_not_given_again(ctx: Context, office: Office) -> None:
    first = made(ctx, office)
    drafts.delete(ctx, by=office.admin, draft_id=first["id"])

    assert made(ctx, office)["id"] > first["id"]


def test_draft_made_at_another_time_is_not_saved_over(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    changes = {"source": draft["source"].replace("Cấp giấy thử", "Cấp giấy khác")}

    with pytest.raises(DraftNotFoundError, match="was deleted"):
        drafts.save(ctx, by=office.admin, draft_id=draft["id"], changes=changes, created_at="2020-01-01T00:00:00+00:00")
    saved = drafts.save(ctx, by=office.admin, draft_id=draft["id"], changes=changes, created_at=draft["created_at"])
    assert saved["name"] == "Cấp giấy khác"


# --- making ----------------------------------------------------------------------------------------------------------


def test_sheet_becomes_a_draft_whose_findings_are_those_of_the_cli(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)

    assert (draft["code"], draft["name"], draft["procedure"]["limit"]) == (CODE, "Cấp giấy thử", "2 working_day")
    assert drafts.findings(ctx, by=office.admin, draft_id=draft["id"]) == []
    assert [row["id"] for row in drafts.listed(ctx, by=office.admin)] == [draft["id"]]
    with pytest.raises(ProcedureNotFoundError):
        procedures.show(ctx, code=CODE, agency=office.code)


def test_bad_sheet_makes_no_draft_and_says_why(ctx: Context, office: Office) -> None:
    with pytest.raises(NothingToDraftError) as refused:
        made(ctx, office, as_csv(rows(steps=change(1, 3, "lâu"))), "csv")

    ((wrong,),) = [each["findings"] for each in refused.value.details["refused"]]
    assert (wrong["rule"], wrong["where"]) == ("sheet-length", "row 5, column D (Thời gian)")


def test_drawing_without_code_becomes_a_draft_and_gets_one_in_its_settings(ctx: Context, office: Office) -> None:
    source = made(ctx, office)["source"].replace(f'code="{CODE}"', 'code=""')

    draft = made(ctx, office, source.encode(), "bpmn")
    saved = save(ctx, office, draft, procedure={"code": "9.000010", "fee_vnd": 8000})

    assert (draft["code"], saved["code"]) == ("", "9.000010")
    assert drafts.show(ctx, by=office.admin, draft_id=draft["id"])["procedure"]["feeVnd"] == "8000"


@pytest.mark.parametrize("content", [b"<a/>", b"no xml", b"\xff\xfe\xff", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_file_that_is_no_drawing_makes_no_draft(sqlite_ctx: Context, content: bytes) -> None:
    with pytest.raises(NothingToDraftError):
        made(sqlite_ctx, an_office(sqlite_ctx), content, "bpmn")


def test_published_version_comes_back_as_a_draft_that_gives_no_new_version(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)

    answer = draft_making.from_version(ctx, by=office.admin, code=CODE, agency=office.code)
    again = publish(ctx, office, answer["drafts"][0])

    assert (again["version"], again["new"]) == (1, False)


def test_procedure_of_the_time_before_drawings_can_be_edited(ctx: Context, office: Office) -> None:
    answer = draft_making.from_version(ctx, by=office.admin, code=office.procedure, agency=office.code)

    again = publish(ctx, office, answer["drafts"][0])
    assert (again["version"], again["new"]) == (1, False)


def test_blank_draft_is_publishable(ctx: Context, office: Office) -> None:
    answer = draft_making.blank(ctx, by=office.admin, code="9.1", name='Thủ tục "mới"', agency=office.code)

    assert publish(ctx, office, answer["drafts"][0])["steps"] == 4


def test_library_process_becomes_a_draft(ctx: Context, office: Office) -> None:
    (code, *_) = [each["code"] for each in procedure_library.listing()]

    answer = draft_making.from_library(ctx, by=office.admin, code=code, agency=office.code)

    assert answer["drafts"][0]["code"] == code
    with pytest.raises(ReferenceMissingError):
        draft_making.from_library(ctx, by=office.admin, code="../parts")


# --- editing ---------------------------------------------------------------------------------------------------------


def test_second_of_two_editors_is_told_who_was_first(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    first = drafts.save(
        ctx, by=office.admin, draft_id=draft["id"], changes={"procedure": {"name": "Một"}}, expected=draft["version"]
    )

    with pytest.raises(DraftChangedError) as refused:
        drafts.save(
            ctx, by=office.admin, draft_id=draft["id"], changes={"procedure": {"name": "Hai"}},
            expected=draft["version"],
        )  # fmt: skip

    assert refused.value.details["version"] == first["version"] == draft["version"] + 1
    assert drafts.show(ctx, by=office.admin, draft_id=draft["id"])["name"] == "Một"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"source": ""}, InvalidDraftError),
        ({"source": "a\0b"}, InvalidDraftError),
        ({"source": 5}, InvalidDraftError),
        ({"unknown": 1}, InvalidDraftError),
        ({"procedure": {"code": " "}}, InvalidDraftError),
        ({"procedure": {"limit": "0 working_day"}}, InvalidDraftError),
        ({"procedure": {"fee_vnd": -1}}, InvalidDraftError),
        ({"procedure": {"name": "\x01"}}, InvalidDraftError),
        ({"policy": {"cutoff": "later"}}, InvalidPolicyError),
        ({"form": {"fields": [], "field": []}}, InvalidDraftError),
        ({"form": {"fields": [], "sections": {"a": "x" * 600_000}}}, InvalidDraftError),
        ({"scenarios": [GOOD | {"facts": {"a": ["x"] * 200_000}}]}, InvalidDraftError),
        ({"scenarios": [{"name": "x"}]}, InvalidScenarioError),
        ({"scenarios": [GOOD, GOOD]}, InvalidScenarioError),
        ({"scenarios": [GOOD | {"acts": [{"do": "dance"}]}]}, InvalidScenarioError),
        ({"scenarios": [GOOD | {"acts": [{"do": "wait"}] * 61}]}, InvalidScenarioError),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    sqlite_ctx: Context, changes: dict[str, Any], error: type[Exception]
) -> None:
    office = an_office(sqlite_ctx)
    draft = made(sqlite_ctx, office)

    with pytest.raises(error):
        save(sqlite_ctx, office, draft, **changes)
    assert drafts.show(sqlite_ctx, by=office.admin, draft_id=draft["id"]) == draft


def test_only_administrators_edit_auditors_read_and_others_know_nothing(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)

    assert drafts.show(ctx, by=office.auditor, draft_id=draft["id"])["may_edit"] is False
    with pytest.raises(NotAllowedError):
        drafts.save(ctx, by=office.auditor, draft_id=draft["id"], changes={})
    with pytest.raises(DraftNotFoundError):
        drafts.show(ctx, by=office.officer, draft_id=draft["id"])
    with pytest.raises(NotAllowedError):
        draft_making.blank(ctx, by=office.officer, code="1", name="x", agency=office.code)
    with pytest.raises(NotAllowedError):  # before anything of the file is read, and so before its kind is looked at
        draft_making.from_file(ctx, by=office.officer, content=b"x", kind="exe", agency=office.code)


def test_deleted_draft_leaves_its_version(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)

    drafts.delete(ctx, by=office.admin, draft_id=draft["id"])

    assert drafts.listed(ctx, by=office.admin) == []
    assert procedures.show(ctx, code=CODE, agency=office.code)["version"] == 1


def test_of_two_who_save_at_once_one_wins_and_the_other_is_told(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)

    def save_as(name: str) -> str:
        try:
            drafts.save(
                ctx, by=office.admin, draft_id=draft["id"], changes={"procedure": {"name": name}},
                expected=draft["version"],
            )  # fmt: skip
        except DraftChangedError:
            return "told"
        return name

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(save_as, ("Một", "Hai")))

    (winner,) = [each for each in outcomes if each != "told"]
    assert "told" in outcomes
    assert drafts.show(ctx, by=office.admin, draft_id=draft["id"])["name"] == winner
