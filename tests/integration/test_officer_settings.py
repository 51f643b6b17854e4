"""Saved views, columns and page size: what is kept, what is refused, and that each has their own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.errors import EngineError
from engine.services import officer_settings
from engine.services.officer_settings import InboxColumn, InboxSettings, View
from tests.support.builders import Office, an_office
from tests.support.statements import count_statements


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office with its people."""
    return an_office(ctx)


def save(ctx: Context, office: Office, name: str = "Sáng", **changes: Any) -> View:
    asked = {"queue": "mine", "filters": {}, "columns": ["due"]} | changes
    return officer_settings.save_view(ctx, by=office.officer, name=name, **asked)


def test_one_begins_with_the_usual(ctx: Context, office: Office) -> None:
    assert officer_settings.inbox(ctx, by=office.officer) == InboxSettings()
    assert officer_settings.inbox(ctx, by=SYSTEM) == InboxSettings()


def test_a_view_keeps_what_was_shown(ctx: Context, office: Office) -> None:
    filters = {"due_from": date(2026, 3, 1), "unassigned": False, "status": 4, "unit": "H00/A", "q": None}
    view = save(ctx, office, "  Sáng   nay ", filters=filters, columns=["due", "phone"])
    assert view.name == "Sáng nay"
    assert view.filters == {"due_from": "2026-03-01", "unassigned": False, "status": 4, "unit": "H00/A"}
    with count_statements(ctx) as sent:
        settings = officer_settings.inbox(ctx, by=office.officer)
    sent.hold(1)
    assert settings.views == [view]
    assert settings.columns_of(view.id) == (InboxColumn.DUE, InboxColumn.PHONE)
    assert officer_settings.inbox(ctx, by=office.approver).views == []


def test_columns_are_those_of_the_view_or_of_all_lists(ctx: Context, office: Office) -> None:
    view = save(ctx, office)
    by = office.officer
    officer_settings.choose_columns(ctx, by=by, columns=["phone"], page_size=50, view_id=view.id)
    officer_settings.choose_columns(ctx, by=by, columns=["step", "due"], page_size=100)
    settings = officer_settings.inbox(ctx, by=by)

    assert settings.columns_of(view.id) == (InboxColumn.PHONE,)
    assert settings.columns_of(None) == settings.columns_of(view.id + 1) == (InboxColumn.STEP, InboxColumn.DUE)
    assert settings.page_size == 100


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "}, {"name": "x" * 81}, {"name": "a\x00b"}, {"queue": "q" * 21}, {"columns": []},
        {"columns": ["due", "due"]}, {"columns": ["salary"]}, {"filters": {"q": "x" * 201}},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(ctx: Context, office: Office, changes: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as caught:
        save(ctx, office, **changes)
    assert caught.value.code == "invalid-view"
    assert officer_settings.inbox(ctx, by=office.officer).views == []


def test_names_are_taken_once_whatever_their_case(ctx: Context, office: Office) -> None:
    first, second = save(ctx, office, "Sáng"), save(ctx, office, "Chiều")
    for act in (
        lambda: save(ctx, office, "SÁNG"),
        lambda: officer_settings.rename_view(ctx, by=office.officer, view_id=second.id, name="sáng"),
    ):
        with pytest.raises(EngineError) as caught:
            act()
        assert caught.value.code == "view-name-taken"
    officer_settings.rename_view(ctx, by=office.officer, view_id=first.id, name="SÁNG")  # its own name
    assert [view.name for view in officer_settings.inbox(ctx, by=office.officer).views] == ["SÁNG", "Chiều"]


def test_a_deleted_view_is_not_begun_with(ctx: Context, office: Office) -> None:
    view = save(ctx, office)
    officer_settings.set_default_view(ctx, by=office.officer, view_id=view.id)
    assert officer_settings.inbox(ctx, by=office.officer).default_view == view.id
    assert officer_settings.delete_view(ctx, by=office.officer, view_id=view.id) == "Sáng"
    assert officer_settings.inbox(ctx, by=office.officer) == InboxSettings()
    for act in (officer_settings.delete_view, officer_settings.set_default_view):
        with pytest.raises(EngineError) as caught:
            act(ctx, by=office.officer, view_id=view.id)
        assert caught.value.code == "view-not-found"


def test_a_person_keeps_only_so_many_views(ctx: Context, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(officer_settings, "MOST_VIEWS", 2)
    for name in ("a", "b"):
        save(ctx, office, name)
    with pytest.raises(EngineError):
        save(ctx, office, "c")
    assert len(officer_settings.inbox(ctx, by=office.officer).views) == 2


@pytest.mark.parametrize("page_size", [0, 26, 1000])
def test_a_page_has_one_of_the_offered_sizes(ctx: Context, office: Office, page_size: int) -> None:
    with pytest.raises(EngineError) as caught:
        officer_settings.choose_columns(ctx, by=office.officer, columns=["due"], page_size=page_size)
    assert caught.value.code == "invalid-view"
