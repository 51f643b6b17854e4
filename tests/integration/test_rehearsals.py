"""Test runs: played by the real services in a world of their own, bounded, and at every import that carries them."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import references
from engine.context import Context
from engine.services import draft_making, drafts, imports, procedure_contents, procedures
from engine.services.drafts import DraftHasErrorsError
from engine.services.procedure_contents import Content
from tests.support.builders import Office, an_office
from tests.support.sheets import as_xlsx, rows

DONE = {"do": "complete", "step": "Thẩm định"}


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with people."""
    return an_office(sqlite_ctx)


@pytest.fixture
def draft(sqlite_ctx: Context, office: Office) -> int:
    """The draft of the small sheet."""
    answer = draft_making.from_file(
        sqlite_ctx, by=office.admin, content=as_xlsx(rows()), kind="xlsx", agency=office.code
    )
    return int(answer["drafts"][0]["id"])


def play(ctx: Context, office: Office, draft: int, *acts: dict[str, Any], **expect: Any) -> dict[str, Any]:
    """Play one scenario that is not saved; the dossier comes on Monday morning."""
    scenario = {"name": "A", "received_at": "2026-03-02T08:00", "acts": list(acts), "expect": expect}
    return drafts.rehearse(ctx, by=office.admin, draft_id=draft, raw=[scenario])[0]


@pytest.mark.parametrize("code", references.codes())
def test_scenarios_of_the_library_end_as_they_say(sqlite_ctx: Context, office: Office, code: str) -> None:
    made = draft_making.from_library(sqlite_ctx, by=office.admin, code=code, agency=office.code)["drafts"][0]

    played = drafts.rehearse(sqlite_ctx, by=office.admin, draft_id=made["id"])

    assert played != []
    assert [(each["name"], each["differences"], each["trouble"]) for each in played if not each["passed"]] == []


def test_nothing_expected_is_neither_passed_nor_failed(sqlite_ctx: Context, office: Office, draft: int) -> None:
    played = play(sqlite_ctx, office, draft, DONE)

    assert played["passed"] is None
    assert (played["result"]["status"], played["result"]["open"]) == (4, ["Ký giấy"])


@pytest.mark.parametrize(
    ("acts", "status"),
    [
        ([{"do": "not_receive"}], 3),
        ([DONE, {"do": "ask_supplement"}], 5),
        ([DONE, {"do": "ask_supplement"}, {"do": "bring_supplement"}], 4),
        ([DONE, {"do": "raise_obligation"}], 6),
        ([DONE, {"do": "raise_obligation"}, {"do": "settle_obligation"}], 4),
        ([{"do": "withdraw"}], 7),
        ([{"do": "stop"}], 8),
        ([{"do": "refuse"}], 9),
        ([DONE, *({"do": "complete", "step": each} for each in ("Ký giấy", "Vào sổ", "Trả kết quả"))], 10),
        ([{"do": "ask_supplement"}, {"do": "wait", "until": "2026-04-30T08:00"}], 8),  # nobody answers: it is closed
    ],
)
def test_every_act_is_done_by_its_service(
    sqlite_ctx: Context, office: Office, draft: int, acts: list[dict[str, Any]], status: int
) -> None:
    assert play(sqlite_ctx, office, draft, *acts, status=status)["trouble"] is None
    assert play(sqlite_ctx, office, draft, *acts, status=status)["passed"] is True


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([{"do": "complete", "step": "Ký giấy"}], "step-not-open"),
        ([DONE | {"outcome": "no_such"}], "invalid-outcome"),
        ([{"do": "bring_supplement"}], "not-waiting"),
        ([{"do": "message", "name": "opinion.answered"}], "not-waiting"),
        ([{"do": "wait", "until": "2031-01-01T08:00"}], "rehearsal-too-long"),
        ([DONE, DONE], "step-not-open"),
    ],
)
def test_trouble_names_act_and_code(
    sqlite_ctx: Context, office: Office, draft: int, acts: list[dict[str, Any]], code: str
) -> None:
    played = play(sqlite_ctx, office, draft, *acts, status=4)

    assert played["passed"] is False
    assert (played["trouble"]["act"], played["trouble"]["code"]) == (len(acts) + 1, code)  # the receipt is act 1


def test_real_database_and_clock_stay_as_they_are(sqlite_ctx: Context, office: Office, draft: int) -> None:
    now = sqlite_ctx.clock.now()
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        people = len(uow.people.all())

    play(sqlite_ctx, office, draft, DONE, {"do": "wait", "until": "2026-06-01T08:00"})

    assert sqlite_ctx.clock.now() == now
    assert sqlite_ctx.mail.sent == []  # type: ignore[union-attr]
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert len(uow.people.all()) == people
        assert uow.procedures.find(office.id, "9.000009") is None


def test_draft_with_errors_is_not_played(sqlite_ctx: Context, office: Office, draft: int) -> None:
    source = drafts.show(sqlite_ctx, by=office.admin, draft_id=draft)["source"]
    drafts.save(
        sqlite_ctx, by=office.admin, draft_id=draft, changes={"source": source.replace('name="Ký giấy"', 'name=""')}
    )

    with pytest.raises(DraftHasErrorsError):
        play(sqlite_ctx, office, draft)


def test_import_with_a_failing_scenario_is_refused(sqlite_ctx: Context, office: Office) -> None:
    (read,) = procedure_contents.read_sheet(as_xlsx(rows()), "xlsx")
    assert read.content is not None
    wrong = {"name": "Sai", "received_at": "2026-03-02T08:00", "acts": [], "expect": {"status": 9}}
    content = Content(read.content.source, policy=read.policy, scenarios=(wrong,))

    outcome = imports.import_content(sqlite_ctx, by=office.admin, content=content, agency=office.code)

    assert outcome.published == []
    (refused,) = outcome.refused
    assert [(found["rule"], found["message"]) for found in refused["findings"] if found["severity"] == "error"] == [
        ("scenario-failed", "The test run 'Sai' does not end as expected: status: expected 9, found 4")
    ]
    assert [row["code"] for row in procedures.catalogue(sqlite_ctx)] == [office.procedure]
