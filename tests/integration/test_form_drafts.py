"""Drafts of forms: kept with every change, of one officer, gone when the form was sent or after a week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.permissions import NotAllowedError
from engine.services import form_drafts, intake
from engine.services.form_drafts import (
    FormDraftElsewhereError,
    FormSentError,
    InvalidFormDraftError,
    Page,
)
from engine.services.transactions import Request
from tests.support.builders import Office, a_filing, an_office, turn_clock_to

PLACE = "counter/0b7c"


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


def keep(
    ctx: Context, by: Actor, name: str, *, seen: str | None = None, place: str = PLACE, insist: bool = False
) -> str:
    """Keep a form with one field, and return its mark."""
    answer = form_drafts.save(ctx, by=by, place=place, typed={"name": name}, page=Page("k1", seen), insist=insist)
    mark: str = answer["mark"]
    return mark


def names(ctx: Context, by: Actor) -> list[object]:
    """Return what is kept of the field, of each draft."""
    return [draft.typed.get("name") for draft in form_drafts.listed(ctx, by=by)]


def test_what_was_typed_last_is_kept_for_its_officer_alone(ctx: Context, office: Office) -> None:
    mark = keep(ctx, office.desk, "Ng")
    keep(ctx, office.desk, "Nguyễn", seen=mark)

    found = form_drafts.read(ctx, by=office.desk, place=PLACE)
    assert found is not None
    assert (found.typed, found.saved_at) == ({"name": "Nguyễn"}, ctx.clock.now())
    assert form_drafts.read(ctx, by=office.officer, place=PLACE) is None
    assert form_drafts.read(ctx, by=office.desk, place="counter/0b7") is None  # the beginning of a place is none

    form_drafts.drop(ctx, by=office.officer, place=PLACE)
    assert names(ctx, office.desk) == ["Nguyễn"]
    form_drafts.drop(ctx, by=office.desk, place=PLACE)
    form_drafts.drop(ctx, by=office.desk, place=PLACE)
    assert names(ctx, office.desk) == []


def test_second_tab_does_not_overwrite_what_the_first_has_kept(ctx: Context, office: Office) -> None:
    opened = keep(ctx, office.desk, "A")
    first = keep(ctx, office.desk, "A1", seen=opened)
    with pytest.raises(FormDraftElsewhereError) as refused:
        keep(ctx, office.desk, "B1", seen=opened)
    assert "saved_at" in refused.value.details
    assert names(ctx, office.desk) == ["A1"]
    with pytest.raises(FormDraftElsewhereError):
        keep(ctx, office.desk, "B1")  # began with an empty form
    assert keep(ctx, office.desk, "A1") == first  # the same words are no quarrel

    insisted = keep(ctx, office.desk, "B1", seen=opened, insist=True)
    with pytest.raises(FormDraftElsewhereError):
        keep(ctx, office.desk, "A2", seen=first)
    keep(ctx, office.desk, "B2", seen=insisted)
    assert names(ctx, office.desk) == ["B2"]


def test_sent_form_is_not_offered_even_when_a_late_save_arrives(ctx: Context, office: Office) -> None:
    keep(ctx, office.desk, "Nguyễn")
    intake.receive(ctx, by=office.desk, filing=a_filing(office), request=Request("k1", "f"))

    assert names(ctx, office.desk) == []  # though nobody has dropped it
    with pytest.raises(FormSentError):
        keep(ctx, office.desk, "Nguyễn V")
    with ctx.unit_of_work(read_only=True) as uow:
        assert office.desk.id is not None
        assert uow.form_drafts.count(office.desk.id) == 0


def test_same_key_of_another_officer_says_nothing(ctx: Context, office: Office) -> None:
    keep(ctx, office.officer, "Trần")
    intake.receive(ctx, by=office.desk, filing=a_filing(office), request=Request("k1", "f"))
    assert names(ctx, office.officer) == ["Trần"]


def test_draft_is_gone_after_a_week(ctx: Context, office: Office) -> None:
    keep(ctx, office.desk, "Nguyễn")
    turn_clock_to(ctx, "2026-03-09T08:00")
    assert names(ctx, office.desk) == ["Nguyễn"]
    turn_clock_to(ctx, "2026-03-09T08:01")
    assert names(ctx, office.desk) == []

    keep(ctx, office.officer, "Trần", place="counter/other")  # whoever saves next clears what is too old
    with ctx.unit_of_work(read_only=True) as uow:
        assert office.desk.id is not None
        assert uow.form_drafts.count(office.desk.id) == 0


@pytest.mark.parametrize(
    "place", ["", "counter", "counter/", "Counter/1", "counter/../x", "counter/a b", "counter/" + "x" * 160]
)
def test_place_that_names_no_form_is_refused(ctx: Context, office: Office, place: str) -> None:
    with pytest.raises(InvalidFormDraftError):
        keep(ctx, office.desk, "x", place=place)


@pytest.mark.parametrize(
    "typed",
    [{"name": "x" * 100_001}, {"x" * 101: "1"}, {f"f{no}": "" for no in range(1001)}, {"name": ["x" * 60_000] * 2}],
)
def test_too_much_is_refused(ctx: Context, office: Office, typed: dict[str, str | list[str]]) -> None:
    with pytest.raises(InvalidFormDraftError):
        form_drafts.save(ctx, by=office.desk, place=PLACE, typed=typed, page=Page("k1"))


def test_officer_has_a_bounded_number_of_drafts(ctx: Context, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_drafts, "MOST_DRAFTS", 2)
    keep(ctx, office.desk, "1", place="counter/1")
    mark = keep(ctx, office.desk, "2", place="counter/2")
    with pytest.raises(InvalidFormDraftError):
        keep(ctx, office.desk, "3", place="counter/3")
    keep(ctx, office.desk, "2b", place="counter/2", seen=mark)  # those that are there go on
    keep(ctx, office.officer, "3", place="counter/3")


def test_drafts_come_latest_first_and_by_place(ctx: Context, office: Office) -> None:
    for place, minutes in (("counter/1", 0), ("dossier/7/refuse", 1), ("dossier/71/refuse", 1), ("dossier/7/stop", 1)):
        ctx.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]
        keep(ctx, office.desk, place, place=place)
    assert names(ctx, office.desk) == ["dossier/7/stop", "dossier/71/refuse", "dossier/7/refuse", "counter/1"]
    found = form_drafts.listed(ctx, by=office.desk, prefix="dossier/7/")
    assert [draft.place for draft in found] == ["dossier/7/stop", "dossier/7/refuse"]


def test_nobody_in_person_keeps_no_draft(ctx: Context, office: Office) -> None:
    with pytest.raises(NotAllowedError):
        keep(ctx, SYSTEM, "x")
    assert form_drafts.listed(ctx, by=SYSTEM) == []
