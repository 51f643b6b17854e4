"""The address of a list: queue, filters, order and place in it, read from a query and written into links and views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import LazyString, lazy_gettext

from engine.domain.dossier import Channel
from engine.domain.permissions import WORKING
from engine.reports.filters import Filters, InvalidFilterError, Queue
from engine.reports.worklists import MOST_COUNTED, Page, Sort
from engine.services.officer_settings import View
from web.auth import actor
from web.forms import LARGEST_ID
from web.wording import CHANNELS

QUEUES: dict[Queue, LazyString] = {
    Queue.MINE: lazy_gettext("Của tôi"),
    Queue.UNCLAIMED: lazy_gettext("Chờ nhận"),
    Queue.PAUSED: lazy_gettext("Chờ bổ sung (tạm dừng)"),
    Queue.DUE_SOON: lazy_gettext("Sắp đến hạn"),
    Queue.WILL_BE_LATE: lazy_gettext("Sẽ trễ"),
    Queue.OVERDUE: lazy_gettext("Quá hạn"),
    Queue.TO_RETURN: lazy_gettext("Chờ trả kết quả"),
    Queue.DONE: lazy_gettext("Đã xong"),
    Queue.ALL: lazy_gettext("Tất cả"),
}
NAMES: dict[str, str] = {  #: fields of Filters as the address calls them
    "q": "q",
    "procedure": "thu-tuc",
    "step": "buoc",
    "unit": "don-vi",
    "assignee": "nguoi-lam",
    "officer": "can-bo",
    "unassigned": "chua-co-nguoi",
    "channel": "kenh",
    "agency": "co-quan",
    "status": "trang-thai",
    "received_from": "nhan-tu",
    "received_to": "nhan-den",
    "due_from": "han-tu",
    "due_to": "han-den",
    "returned_from": "tra-tu",
    "returned_to": "tra-den",
    "out_of_territory": "phi-dia-gioi",
}
LABELS: dict[str, LazyString] = {
    "q": lazy_gettext("Tìm"),
    "procedure": lazy_gettext("Thủ tục"),
    "step": lazy_gettext("Bước"),
    "unit": lazy_gettext("Đơn vị"),
    "assignee": lazy_gettext("Người đang làm"),
    "officer": lazy_gettext("Người đã hoặc đang làm"),
    "unassigned": lazy_gettext("Chưa có người"),
    "channel": lazy_gettext("Kênh nộp"),
    "agency": lazy_gettext("Cơ quan"),
    "status": lazy_gettext("Trạng thái"),
    "received_from": lazy_gettext("Nhận từ ngày"),
    "received_to": lazy_gettext("Nhận đến ngày"),
    "due_from": lazy_gettext("Hạn trả từ ngày"),
    "due_to": lazy_gettext("Hạn trả đến ngày"),
    "returned_from": lazy_gettext("Đã trả từ ngày"),
    "returned_to": lazy_gettext("Đã trả đến ngày"),
    "out_of_territory": lazy_gettext("Phi địa giới"),
}
LONGEST = 200  # characters of one part of an address
_DAYS = frozenset({"received_from", "received_to", "due_from", "due_to", "returned_from", "returned_to"})
_IN_PATHS = ("reference", "act", "kind", "view_id", "what")  # of endpoints, no part of a query
_YES_OR_NO = frozenset({"unassigned", "out_of_territory"})
_YES_NO = {"1": True, "0": False}


@dataclass(frozen=True)
class Listed:
    """What a list is about; ``typed`` holds what was asked as it was written, also what cannot be read."""

    queue: Queue
    typed: dict[str, str]
    filters: Filters = field(default_factory=Filters)
    problem: InvalidFilterError | None = None
    cursor: str | None = None
    view_id: int | None = None

    @property
    def sort(self) -> Sort | None:
        """The order of a screen: what is done starts with the newest, all others as the engine orders them."""
        return Sort.NEWEST if self.queue is Queue.DONE else None

    @property
    def narrowed(self) -> list[tuple[str, str]]:
        """The filters that narrow the list, as (field, value as written), without the search."""
        return [(name, value) for name, value in self.typed.items() if name != "q"]

    def said(self, name: str) -> str:
        """Return the value of a filter in words."""
        value = self.typed[name]
        if name == "channel" and value in set(Channel):
            return str(CHANNELS[value])
        yes_no = {"1": lazy_gettext("có"), "0": lazy_gettext("không")}
        return str(yes_no.get(value, value)) if name in _YES_OR_NO else value

    def query(self, **changes: str | None) -> dict[str, str]:
        """Return the parts of an address of this list, with some fields of the filters or parts changed or left out."""
        parts = {"hang-doi": self.queue.value} | {NAMES[name]: value for name, value in self.typed.items()}
        if self.view_id is not None:
            parts["xem"] = str(self.view_id)
        for name, value in changes.items():
            key = NAMES.get(name, name)
            parts.pop(key, None)
            if value is not None:
                parts[key] = value
        return parts

    def address(self, endpoint: str = "inbox.show", /, **changes: Any) -> str:
        """Return the address of this list, or of what an endpoint offers for it."""
        values = {key: changes.pop(key) for key in _IN_PATHS if key in changes}
        return url_for(endpoint, **values, **self.query(**changes))


def read(given: Mapping[str, str]) -> Listed:
    """Return the list that an address asks for; a filter that cannot be read is told in ``problem`` and not applied."""
    typed = {
        name: value.replace("\0", " ").strip()[:LONGEST]
        for name, value in ((name, given.get(key, "")) for name, key in NAMES.items())
        if value.strip()
    }
    view = given.get("xem", "")
    listed = Listed(
        queue=_queue(given.get("hang-doi")),
        typed=typed,
        cursor=given.get("sau") or None,
        view_id=int(view) if view.isascii() and view.isdigit() and len(view) < 10 and int(view) <= LARGEST_ID else None,
    )
    try:
        return replace(listed, filters=Filters(**{name: _value(name, text) for name, text in typed.items()}))
    except InvalidFilterError as error:
        return replace(listed, problem=error)


def of_view(view: View) -> Listed:
    """Return the list that a saved view names."""
    typed = {
        each.name: _written(view.filters[each.name])
        for each in fields(Filters)
        if view.filters.get(each.name) is not None
    }
    return Listed(queue=_queue(view.queue), typed=typed, view_id=view.id)


def count_text(page: Page, queue: Queue) -> str:
    """Return how many dossiers a queue holds: ``12``, or ``1.000+`` where it holds more than are counted."""
    return f"{MOST_COUNTED:,}+".replace(",", ".") if queue in page.more else str(page.counts[queue])


def _queue(wanted: str | None) -> Queue:
    if wanted in set(Queue):
        return Queue(wanted)
    return Queue.MINE if actor().agencies_with(*WORKING) else Queue.ALL


def _value(name: str, text: str) -> Any:
    try:
        if name in _DAYS:
            return date.fromisoformat(text)
        if name in _YES_OR_NO:
            return _YES_NO[text]
        return int(text) if name == "status" else text
    except (ValueError, KeyError):
        raise InvalidFilterError(f"{name} cannot be {text[:40]!r}", field=name) from None


def _written(value: Any) -> str:
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else str(value)
