"""Forms of the screens: one request each, the version that was seen, typed values that survive a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from engine.domain.events import digest
from engine.errors import EngineError, InvalidInputError
from engine.services.transactions import Request
from web.errors import status_of
from web.i18n import zone
from web.refusals import wording_of

LARGEST_ID = 2**31 - 1  #: of rows that are counted
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200  #: of days that are typed; another year is a slip
KEY = "idempotency_key"
EXPECTED = "expected"
SEEN = "seen_seq"  #: number of the last event of the dossier when the form was opened
PIN = "pin"  #: of a signing key: never shown again, and in no fingerprint that is kept
NOT_TYPED = frozenset({"csrf_token", KEY, EXPECTED, SEEN, PIN})


class FieldError(InvalidInputError):
    """A field of a form cannot be read."""

    code = "field-unreadable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was refused: which, why in Vietnamese, beside which field, and all that was typed."""

    form: str
    status: int
    code: str
    message: str | LazyString
    remedy: str | LazyString
    field: str | None
    typed: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


def new_key() -> str:
    """Return a fresh idempotency key for a form that is shown."""
    return str(uuid4())


def named_request() -> Request | None:
    """Return the key that the form carries, with a fingerprint of all that was typed; a second click has one effect."""
    key = request.form.get(KEY, "").strip()[:80]
    if not key:
        return None
    files = sorted((name, file.filename or "", _hash_of(file)) for name, file in request.files.items(multi=True))
    return Request(key=key, fingerprint=digest([request.path, sorted(_all_typed()), files]))


def expected_version() -> int | None:
    """Return the version of the dossier that the page showed.

    Raises:
        FieldError: the hidden field was tampered with.
    """
    text = request.form.get(EXPECTED, "").strip()
    return whole_number(EXPECTED) if text else None


def refuse_unstorable(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Answer 404 to an address with a NUL or a number beyond all ids: neither database can even be asked for these."""
    for value in (values or {}).values():
        if value > LARGEST_ID if isinstance(value, int) else "\0" in str(value):
            raise NotFound


LONGEST_TEXT = 4000  #: characters that a text area takes (fields.html); an end of line is one


def text(name: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return what was typed into a field, trimmed, without NUL; longer text than a form lets one type is cut."""
    return request.form.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:longest]


def lines(name: str) -> list[str]:
    """Return the lines of a text area that are not empty."""
    return [line.strip() for line in text(name, longest=8000).splitlines() if line.strip()]


def whole_number(name: str) -> int:
    """Return a whole number; dots, spaces and ``đ`` as people write amounts are read.

    Raises:
        FieldError: it is none.
    """
    digits = text(name, longest=40).replace(".", "").replace(" ", "").replace("\u00a0", "").removesuffix("đ")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise FieldError(f"{name} must be a whole number", field=name)
    return int(digits)


def instant(name: str) -> datetime | None:
    """Return a date-time field, typed in the agency's zone; None when it is empty.

    Raises:
        FieldError: it is no date and time.
    """
    typed = text(name, longest=40)
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone()))
    except ValueError:
        raise FieldError(f"{name} must be a date and time", field=name) from None


def day_begins(name: str) -> datetime | None:
    """Return the beginning of the day that was typed, in the agency's zone; None when it is empty.

    Raises:
        FieldError: it is no date of our time.
    """
    typed = text(name, longest=10)
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise FieldError(f"{name} must be a date", field=name) from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise FieldError(f"{name} must be a date between {EARLIEST_YEAR} and {LATEST_YEAR}", field=name)
    return datetime.combine(day, time(), ZoneInfo(zone()))


def refusal(form: str, error: EngineError) -> Refusal:
    """Return why a form was refused, to show it again with everything that was typed."""
    wording = wording_of(error, status_of(error))
    return Refusal(
        form=form,
        status=status_of(error),
        code=error.code,
        message=wording.happened,
        remedy=wording.remedy,
        field=error.details.get("field"),
        typed=dict(_all_typed()),
        details=error.details,
    )


def _hash_of(file: FileStorage) -> str:
    """Return the sha256 of a file, and leave it as far read as it was."""
    read_to = file.stream.tell()
    file.stream.seek(0)
    made = sha256(file.stream.read()).hexdigest()
    file.stream.seek(read_to)
    return made


def _all_typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_TYPED]


TYPED_LABELS: dict[str, LazyString] = {
    "reason": _("Lý do"),
    "ground": _("Căn cứ"),
    "items": _("Giấy tờ cần bổ sung"),
    "note": _("Ghi chú"),
    "notice": _("Nội dung thông báo"),
    "amount_vnd": _("Số tiền"),
    "name": _("Tên"),
    "new_due_at": _("Ngày hẹn trả mới"),
}  #: fields whose content is offered for copying when their form is gone from the page
