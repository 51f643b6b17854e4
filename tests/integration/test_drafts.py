"""Drafts: made from files, versions and the library, edited by two, tried, published from a date, retired."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.domain.permissions import NotAllowedError
from engine.domain.scenarios import InvalidScenarioError
from engine.services import draft_making, drafts, intake, procedure_library, procedures
from engine.services.acceptance import ProcedureClosedError, ProcedureRetiredError
from engine.services.draft_making import NothingToDraftError, ReferenceMissingError
from engine.services.drafts import DraftChangedError, DraftHasErrorsError, InvalidDraftError, ScenarioFailedError
from engine.services.policies import InvalidPolicyError
from engine.services.procedures import InvalidSuccessorError, NotScheduledError, ProcedureInUseError
from engine.services.publishing import InvalidEffectError
from engine.services.transactions import Request
from engine.store.drafts import DraftNotFoundError
from engine.store.procedures import ProcedureNotFoundError
from tests.support.builders import Office, a_filing, an_office, local
from tests.support.contexts import VIETNAM
from tests.support.sheets import as_csv, as_xlsx, change, rows

CODE = "9.000009"
GOOD = {
    "name": "Thông thường",
    "received_at": "2026-03-02T08:00",
    "acts": [{"do": "complete", "step": "Thẩm định"}],
    "expect": {"status": 4, "due_at": "2026-03-04T08:00", "open": ["Ký giấy"]},
}


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office with people."""
    return an_office(ctx)


def made(ctx: Context, office: Office, content: bytes | None = None, kind: str = "xlsx") -> dict[str, Any]:
    """Make a draft of the small sheet and return it."""
    answer = draft_making.from_file(
        ctx, by=office.admin, content=content or as_xlsx(rows()), kind=kind, agency=office.code
    )
    (draft,) = answer["drafts"]
    return drafts.show(ctx, by=office.admin, draft_id=draft["id"])


def save(ctx: Context, office: Office, draft: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Save parts of a draft over what is there."""
    return drafts.save(ctx, by=office.admin, draft_id=draft["id"], changes=changes)


def publish(ctx: Context, office: Office, draft: dict[str, Any], starts: datetime | None = None) -> dict[str, Any]:
    """Publish a draft."""
    return drafts.publish(ctx, by=office.admin, draft_id=draft["id"], starts=starts)


def file_one(ctx: Context, office: Office, code: str = CODE) -> dict[str, Any]:
    """Receive a dossier of a procedure."""
    return intake.receive(ctx, by=office.desk, filing=a_filing(office, procedure_code=code))


def version_of(ctx: Context, dossier: dict[str, Any]) -> int:
    """Return the number of the version on which a dossier goes."""
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(dossier["code"])
        return uow.procedures.version(row.version_id).number


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


def test_deleted_draft_leaves_its_version(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)

    drafts.delete(ctx, by=office.admin, draft_id=draft["id"])

    assert drafts.listed(ctx, by=office.admin) == []
    assert procedures.show(ctx, code=CODE, agency=office.code)["version"] == 1


# --- publishing ------------------------------------------------------------------------------------------------------


def test_draft_with_an_error_is_not_published(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    save(ctx, office, draft, source=draft["source"].replace('name="Thẩm định"', 'name=""'))

    with pytest.raises(DraftHasErrorsError) as refused:
        publish(ctx, office, draft)

    assert "s02_THAM_DINH" in [found["where"] for found in refused.value.details["findings"]]


def test_failing_scenario_refuses_and_says_what_came_instead(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    save(ctx, office, draft, scenarios=[GOOD, GOOD | {"name": "Sai", "expect": {"status": 9, "open": []}}])

    with pytest.raises(ScenarioFailedError) as refused:
        publish(ctx, office, draft)

    (failed,) = refused.value.details["scenarios"]
    assert failed["name"] == "Sai"
    assert failed["differences"] == [
        {"what": "status", "expected": 9, "found": 4},
        {"what": "open", "expected": [], "found": ["Ký giấy"]},
    ]
    with pytest.raises(ProcedureNotFoundError):
        procedures.show(ctx, code=CODE, agency=office.code)


def test_passing_scenario_is_kept_with_the_version_and_leaves_no_trace(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    save(ctx, office, draft, scenarios=[GOOD])

    answer = publish(ctx, office, draft)

    assert [each["passed"] for each in answer["rehearsals"]] == [True]
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(office.id, CODE)
        assert uow.procedures.versions(procedure.id)[0].scenarios == [GOOD]
        assert not uow.dossiers.has_any_of(procedure.id)


def test_publishing_twice_under_one_key_has_one_effect(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    request = Request("publish-1", "f")

    answers = [
        drafts.publish(ctx, by=office.admin, draft_id=draft["id"], expected=None, request=request) for _ in range(2)
    ]

    assert answers[0] == answers[1]


def test_version_takes_effect_at_its_instant_by_itself(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)
    before = file_one(ctx, office)
    save(ctx, office, draft, procedure={"limit": "3 working_day"})
    starts = local("2026-03-03T00:00")

    publish(ctx, office, draft, starts)
    ctx.clock.turn_to(starts - timedelta(microseconds=1))  # type: ignore[attr-defined]
    eve = file_one(ctx, office)
    ctx.clock.turn_to(starts)  # type: ignore[attr-defined]
    after = file_one(ctx, office)

    assert [version_of(ctx, each) for each in (before, eve, after)] == [1, 1, 2]
    assert procedures.show(ctx, code=CODE, agency=office.code)["limit"] == "3 working_day"
    states = {each["number"]: each["state"] for each in procedures.versions(ctx, code=CODE, agency=office.code)}
    assert states == {2: "in_force", 1: "past"}


def test_first_version_for_later_takes_no_dossier_before(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft, local("2026-03-10T00:00"))

    with pytest.raises(ProcedureClosedError):
        file_one(ctx, office)
    ctx.clock.turn_to(local("2026-03-10T08:00"))  # type: ignore[attr-defined]
    assert version_of(ctx, file_one(ctx, office)) == 1


def test_scheduled_version_can_be_taken_back_and_one_in_force_cannot(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"limit": "3 working_day"})
    publish(ctx, office, draft, local("2026-03-10T00:00"))

    procedures.unschedule(ctx, by=office.admin, code=CODE, number=2, agency=office.code)

    ctx.clock.turn_to(local("2026-03-11T08:00"))  # type: ignore[attr-defined]
    assert version_of(ctx, file_one(ctx, office)) == 1
    with pytest.raises(NotScheduledError):
        procedures.unschedule(ctx, by=office.admin, code=CODE, number=1, agency=office.code)


def test_older_content_published_again_comes_back_with_a_record(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    old = drafts.show(ctx, by=office.admin, draft_id=draft["id"])["source"]
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"limit": "3 working_day"})
    publish(ctx, office, draft)
    save(ctx, office, draft, source=old)

    publish(ctx, office, draft)
    publish(ctx, office, draft)  # the same again: nothing

    assert version_of(ctx, file_one(ctx, office)) == 1
    acts = procedures.history(ctx, by=office.admin, code=CODE, agency=office.code)
    assert [(act["kind"], act["facts"]["version"], act["facts"]["new"]) for act in acts] == [
        ("published", 1, False), ("published", 2, True), ("published", 1, True),
    ]  # fmt: skip
    assert acts[0]["by"] == "Cán bộ admin"


def test_too_far_ahead_is_refused(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    draft = made(sqlite_ctx, office)

    with pytest.raises(InvalidEffectError):
        publish(sqlite_ctx, office, draft, datetime(2040, 1, 1, tzinfo=VIETNAM))


# --- retiring --------------------------------------------------------------------------------------------------------


def test_retired_procedure_names_its_successor_and_can_be_reopened(ctx: Context, office: Office) -> None:
    publish(ctx, office, made(ctx, office))
    procedures.retire(
        ctx, by=office.admin, code=CODE, agency=office.code, replaced_by=office.procedure,
        starts=local("2026-03-03T00:00"),
    )  # fmt: skip
    file_one(ctx, office)
    ctx.clock.turn_to(local("2026-03-03T08:00"))  # type: ignore[attr-defined]

    with pytest.raises(ProcedureRetiredError) as refused:
        file_one(ctx, office)
    assert refused.value.details["replaced_by"] == office.procedure
    assert office.procedure in refused.value.message
    (row,) = [row for row in procedures.catalogue(ctx) if row["code"] == CODE]
    assert (row["retired"], row["open"]) == (True, False)

    procedures.reopen(ctx, by=office.admin, code=CODE, agency=office.code)
    assert file_one(ctx, office)["status"] == 4
    acts = procedures.history(ctx, by=office.auditor, code=CODE, agency=office.code)
    assert [act["kind"] for act in acts] == ["reopened", "retired", "published"]


@pytest.mark.parametrize("successor", [CODE, "no.such"])
def test_successor_must_be_another_procedure(sqlite_ctx: Context, successor: str) -> None:
    office = an_office(sqlite_ctx)
    publish(sqlite_ctx, office, made(sqlite_ctx, office))

    with pytest.raises(InvalidSuccessorError):
        procedures.retire(sqlite_ctx, by=office.admin, code=CODE, agency=office.code, replaced_by=successor)


def test_procedure_with_dossiers_stays_and_one_without_can_go(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)
    publish(ctx, office, draft)
    procedures.delete(ctx, by=office.admin, code=CODE, agency=office.code)
    assert drafts.show(ctx, by=office.admin, draft_id=draft["id"])["published_as"] is None

    publish(ctx, office, draft)
    file_one(ctx, office)
    with pytest.raises(ProcedureInUseError):
        procedures.delete(ctx, by=office.admin, code=CODE, agency=office.code)


def test_catalogue_finds_words_without_accents(ctx: Context, office: Office) -> None:
    publish(ctx, office, made(ctx, office))

    assert [row["code"] for row in procedures.catalogue(ctx, query="cap giay THU")] == [CODE]
    assert procedures.catalogue(ctx, query="không có") == []


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


def test_two_who_publish_one_draft_at_once_make_one_version(ctx: Context, office: Office) -> None:
    draft = made(ctx, office)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _no: _published_or_told(ctx, office, draft), range(2)))

    assert 1 in outcomes
    assert len(procedures.versions(ctx, code=CODE, agency=office.code)) == 1


def _published_or_told(ctx: Context, office: Office, draft: dict[str, Any]) -> int | None:
    try:
        return int(publish(ctx, office, draft)["version"])
    except DraftChangedError:
        return None
