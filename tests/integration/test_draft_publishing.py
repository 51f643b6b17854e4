"""Publishing drafts: errors and scenarios refuse, dates of effect, what comes back, retiring, deleting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.services import drafts, procedures
from engine.services.acceptance import ProcedureClosedError, ProcedureRetiredError
from engine.services.drafts import DraftChangedError, DraftHasErrorsError, ScenarioFailedError
from engine.services.procedures import InvalidSuccessorError, NotScheduledError, ProcedureInUseError
from engine.services.publishing import InvalidEffectError
from engine.services.transactions import Request
from engine.store.procedures import ProcedureNotFoundError
from tests.support.builders import Office, an_office, local
from tests.support.contexts import VIETNAM
from tests.support.drafts import CODE, GOOD, file_one, made, publish, save, version_of


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office with people."""
    return an_office(ctx)


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
