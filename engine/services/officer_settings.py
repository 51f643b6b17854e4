"""How an officer likes the inbox: saved views, columns in their order, rows a page. Each sees and changes their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import OfficerId
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.store.officer_settings import OfficerSetting, SavedView
from engine.store.unit_of_work import UnitOfWork

INBOX = "inbox"
PAGE_SIZES = (25, 50, 100)  #: rows a page
MOST_VIEWS = 30
LONGEST_NAME = 80  # characters
LONGEST_FILTER = 200  # characters


class ViewNotFoundError(NotFoundError):
    """The officer has no such saved view."""

    code = "view-not-found"


class ViewNameTakenError(ConflictError):
    """Another saved view of the officer has this name."""

    code = "view-name-taken"


class InvalidViewError(InvalidInputError):
    """A name, column, queue, filter or page size cannot be kept."""

    code = "invalid-view"


class InboxColumn(StrEnum):
    """What a list can show of a dossier beside its code, which it always shows first."""

    APPLICANT = "applicant"
    PROCEDURE = "procedure"
    STEP = "step"
    UNIT = "unit"
    DUE = "due"
    OFFICER = "officer"
    RECEIVED = "received"
    CHANNEL = "channel"
    MISSING = "missing"
    PHONE = "phone"
    RETURNED = "returned"
    STATUS = "status"
    RECEIVER = "receiver"


USUAL_COLUMNS = (
    InboxColumn.APPLICANT, InboxColumn.PROCEDURE, InboxColumn.STEP, InboxColumn.DUE, InboxColumn.OFFICER
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """A queue with filters and columns that the officer named; filters are those of ``reports.filters.Filters``."""

    id: int
    name: str
    queue: str
    filters: dict[str, Any]
    columns: tuple[InboxColumn, ...]


@dataclass(frozen=True, slots=True)
class InboxSettings:
    """What an officer chose for the inbox."""

    columns: tuple[InboxColumn, ...] = USUAL_COLUMNS
    page_size: int = PAGE_SIZES[0]
    default_view: int | None = None  #: id of the view that the inbox opens with
    views: list[View] = field(default_factory=list)

    def view(self, view_id: int | None) -> View | None:
        """Return the view with that id, None when it is not there."""
        return next((view for view in self.views if view.id == view_id), None)

    def columns_of(self, view_id: int | None) -> tuple[InboxColumn, ...]:
        """Return the columns of a view, those of lists without a view where it is not there."""
        view = self.view(view_id)
        return self.columns if view is None else view.columns


def inbox(ctx: Context, *, by: Actor) -> InboxSettings:
    """Return what the actor chose; the usual where they chose nothing. One statement."""
    with ctx.unit_of_work(read_only=True) as uow:
        return _settings(uow, by)


def choose_columns(
    ctx: Context, *, by: Actor, columns: Sequence[str], page_size: int, view_id: int | None = None
) -> None:
    """Keep which columns the lists show and in which order, and how many rows a page has.

    Args:
        columns: in order, each once.
        view_id: the saved view whose columns these are; None: those of lists without a view.

    Raises:
        InvalidViewError: an unknown column, the same twice, or a page size that is not offered.
        ViewNotFoundError: the view is gone.
    """
    if page_size not in PAGE_SIZES:
        sizes = ", ".join(str(size) for size in PAGE_SIZES)
        raise InvalidViewError(f"a page has one of {sizes} rows", field="page_size")
    checked = _checked_columns(columns)
    with ctx.unit_of_work() as uow:
        if view_id is None:
            _keep(uow, by, columns=checked, page_size=page_size)
        else:
            _own(uow, by, view_id).columns = checked
            _keep(uow, by, page_size=page_size)


def save_view(
    ctx: Context, *, by: Actor, name: str, queue: str, filters: dict[str, Any], columns: Sequence[str]
) -> View:
    """Keep a queue with filters and columns under a name.

    Args:
        filters: those of the list that narrow it; dates are kept as ISO text.

    Raises:
        InvalidViewError: the name is empty or too long, or a filter is.
        ViewNameTakenError: another view of the actor has the name.
    """
    with ctx.unit_of_work() as uow:
        officer_id = _officer(by)
        views = uow.officer_settings.views(officer_id)
        if len(views) >= MOST_VIEWS:
            raise InvalidViewError(f"at most {MOST_VIEWS} views are kept; delete one first", field="name")
        row = SavedView(
            owner_agency_id=uow.people.get(officer_id).owner_agency_id,
            officer_id=officer_id,
            name=_free_name(views, name, None),
            queue=_checked_text(queue, "queue", 20),
            filters={key: _storable(key, value) for key, value in filters.items() if value is not None},
            columns=_checked_columns(columns),
            position=max((view.position for view in views), default=0) + 1,
        )
        uow.officer_settings.add(row)
        return _view(row)


def rename_view(ctx: Context, *, by: Actor, view_id: int, name: str) -> None:
    """Give a saved view another name.

    Raises:
        ViewNotFoundError, ViewNameTakenError, InvalidViewError.
    """
    with ctx.unit_of_work() as uow:
        row = _own(uow, by, view_id)
        row.name = _free_name(uow.officer_settings.views(_officer(by)), name, view_id)


def delete_view(ctx: Context, *, by: Actor, view_id: int) -> str:
    """Take a saved view away, also as the one that the inbox opens with; return its name.

    Raises:
        ViewNotFoundError: it is gone.
    """
    with ctx.unit_of_work() as uow:
        row = _own(uow, by, view_id)
        name = row.name
        uow.officer_settings.drop(row)
        if _settings(uow, by).default_view == view_id:
            _keep(uow, by, default_view=None)
        return name


def set_default_view(ctx: Context, *, by: Actor, view_id: int | None) -> None:
    """Choose the saved view that the inbox opens with; None: one's own tasks, as before.

    Raises:
        ViewNotFoundError: the view is gone.
    """
    with ctx.unit_of_work() as uow:
        if view_id is not None:
            _own(uow, by, view_id)
        _keep(uow, by, default_view=view_id)


def _officer(by: Actor) -> OfficerId:
    if by.id is None:
        raise ViewNotFoundError("the system has no inbox")
    return by.id


def _settings(uow: UnitOfWork, by: Actor) -> InboxSettings:
    if by.id is None:
        return InboxSettings()
    value, rows = uow.officer_settings.setting_and_views(by.id, INBOX)
    usual = asdict(InboxSettings())
    return InboxSettings(
        columns=_known(value.get("columns", usual["columns"])),
        page_size=value["page_size"] if value.get("page_size") in PAGE_SIZES else usual["page_size"],
        default_view=value.get("default_view"),
        views=[_view(row) for row in rows],
    )


def _view(row: SavedView) -> View:
    return View(row.id, row.name, row.queue, dict(row.filters), _known(row.columns))


def _known(columns: Sequence[str]) -> tuple[InboxColumn, ...]:
    """Return the columns that there are: a later version may have fewer."""
    return tuple(InboxColumn(each) for each in columns if each in set(InboxColumn))


def _keep(uow: UnitOfWork, by: Actor, **chosen: Any) -> None:
    officer_id = _officer(by)
    row = uow.officer_settings.setting(officer_id, INBOX)
    if row is None:
        agency_id = uow.people.get(officer_id).owner_agency_id
        row = OfficerSetting(officer_id=officer_id, name=INBOX, owner_agency_id=agency_id, value=chosen)
        uow.officer_settings.add(row)
    row.value = row.value | chosen


def _own(uow: UnitOfWork, by: Actor, view_id: int) -> SavedView:
    rows = {row.id: row for row in uow.officer_settings.views(_officer(by))}
    if view_id not in rows:
        raise ViewNotFoundError(f"there is no saved view {view_id}; it may have been deleted in another tab")
    return rows[view_id]


def _free_name(views: Sequence[SavedView], name: str, own_id: int | None) -> str:
    checked = _checked_text(" ".join(name.split()), "name", LONGEST_NAME)
    if any(view.name.casefold() == checked.casefold() and view.id != own_id for view in views):
        raise ViewNameTakenError(f"a view is called {checked!r} already; choose another name", field="name")
    return checked


def _checked_text(text: str, what: str, longest: int) -> str:
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise InvalidViewError(f"{what} has 1 to {longest} printable characters", field=what)
    return text


def _checked_columns(columns: Sequence[str]) -> list[str]:
    known = _known(columns)
    if len(known) != len(columns) or len(set(known)) != len(known) or not known:
        raise InvalidViewError("choose at least one column, each once, from those offered", field="columns")
    return [column.value for column in known]


def _storable(key: str, value: Any) -> str | int | bool:
    if isinstance(value, bool | int):
        return value
    return _checked_text(value.isoformat() if isinstance(value, date) else str(value), key, LONGEST_FILTER)
