"""Messages to citizens: what they are told, by which channel, when it may ring (issue 6, domain.md §1.9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine.domain.text import dialled
from engine.errors import InvalidInputError

_MOBILE = re.compile(r"0[35789][0-9]{8}")  # domain.md §7: mobile numbers of the country
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_D = str.maketrans({"đ": "d", "Đ": "D"})
_ONE_SMS, _SMS_PART = 160, 153  # characters of GSM 03.38 in a message alone, and in each part of a longer one
TOO_OLD = timedelta(days=7)  #: news that waited so long for its channel goes out only when somebody says so


class NotifyChoiceError(InvalidInputError):
    """There is no such channel or language to tell a citizen in."""

    code = "notify-choice-invalid"


class QuietHoursError(InvalidInputError):
    """Quiet hours are two local times of day."""

    code = "quiet-hours-invalid"


class MessageKind(StrEnum):
    """What a citizen is told. Values are stored: never rename one."""

    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    OBLIGATION = "obligation"
    REFUSED = "refused"
    APOLOGY = "apology"
    RESULT_READY = "result-ready"
    STOPPED = "stopped"
    NOTICE = "notice"  #: whatever else the process has to say


class Way(StrEnum):
    """A channel to a citizen. Values are stored."""

    EMAIL = "email"
    SMS = "sms"
    ZALO = "zalo"


class MessageState(StrEnum):
    """Where a message is."""

    QUEUED = "queued"  #: waits for its channel, its hour or the next try
    SENT = "sent"  #: the channel took it
    DEAD = "dead"  #: given up; a person has to look
    LAPSED = "lapsed"  #: not sent, because what it says was over before it could go


NO_MESSAGES = "none"  #: the citizen wants none; papers go by post or over the desk
CHOICES = (*(way.value for way in Way), NO_MESSAGES)  #: what a citizen can choose
LANGUAGES = ("vi", "en")
CALLS = frozenset({MessageKind.SUPPLEMENT, MessageKind.OBLIGATION, MessageKind.RESULT_READY})  #: ask people to act
RINGS = frozenset({Way.SMS, Way.ZALO})  #: make a sound at the citizen's bed


def check_choice(by: str, language: str) -> None:
    """Check a citizen's choice of channel and language.

    Raises:
        NotifyChoiceError: one of them is unknown.
    """
    if by not in CHOICES:
        raise NotifyChoiceError(f"notify_by is one of {', '.join(CHOICES)}", field="notify_by")
    if language not in LANGUAGES:
        raise NotifyChoiceError(f"notify_language is one of {', '.join(LANGUAGES)}", field="notify_language")


def way_to(wish: str, *, email: str | None, phone: str | None, connected: Collection[Way]) -> tuple[Way, str] | None:
    """Return the channel of a message and the address there: the wished one, else what the person has.

    Args:
        connected: channels by telephone that the office can send through. E-mail needs none: it waits for a server.

    Returns:
        None when the person wants no messages, or can be reached by no channel.
    """
    if wish == NO_MESSAGES:
        return None
    mobile = mobile_number(phone)
    has = {Way.EMAIL: email or None} | {way: mobile if way in connected else None for way in (Way.SMS, Way.ZALO)}
    order = [Way(wish)] if wish in has else []
    order += [Way.EMAIL, Way.SMS]  # nobody is written to by Zalo who has not asked for it
    return next(((way, address) for way in order if (address := has[way])), None)


def mobile_number(phone: str | None) -> str | None:
    """Return a mobile number as E.164 (``+84…``); None for anything that takes no short messages."""
    number = dialled(phone or "")
    return f"+84{number[1:]}" if number is not None and _MOBILE.fullmatch(number) else None


INDICATORS = "indicators.push"  #: outbox topic of the figures of a day


def topic_of(way: Way) -> str:
    """Return the outbox topic of a channel."""
    return f"message.{way.value}"


def check_clock(text: str, *, field: str) -> time:
    """Return the time of day that a text such as ``21:00`` says.

    Raises:
        QuietHoursError: it says none.
    """
    if not _CLOCK.fullmatch(text):
        raise QuietHoursError(f"{field} is a time of day such as 21:00", field=field)
    return time(int(text[:2]), int(text[3:]))


def may_ring_at(at: datetime, *, zone: str, quiet_from: str, quiet_to: str) -> datetime:
    """Return the first instant from ``at`` on that lies outside the quiet hours.

    They may go over midnight; the end belongs to the day already. ``quiet_from`` equal to ``quiet_to``: there are none.

    Args:
        zone: name of the agency's time zone, in which the hours are meant.
    """
    start, end = check_clock(quiet_from, field="quiet_from"), check_clock(quiet_to, field="quiet_to")
    local = at.astimezone(ZoneInfo(zone))
    now = local.time()
    over_midnight = start > end
    is_quiet = (now >= start or now < end) if over_midnight else start <= now < end
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if over_midnight and now >= start else 0)
    return max(at, datetime.combine(day, end, tzinfo=local.tzinfo).astimezone(at.tzinfo))


def one_line(text: str) -> str:
    """Return a value as it stands in a message: one line, nothing that cannot be seen, no address to click."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(seen.replace("://", ": //").split())


def without_marks(text: str) -> str:
    """Return Vietnamese without its marks, as short messages are written: each letter costs one of 160, not of 70."""
    decomposed = unicodedata.normalize("NFD", text.translate(_D))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return "".join(char if 32 <= ord(char) < 127 and char not in "`^{}[]~\\|" else "." for char in bare)


def sms_parts(text: str) -> int:
    """Return as how many short messages a text without marks is sent and paid."""
    return 1 if len(text) <= _ONE_SMS else -(-len(text) // _SMS_PART)


def masked(address: str) -> str:
    """Return an address so that who knows it recognises it: ``n…@example.vn``, ``…678``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…@{host}" if at else f"…{address[-3:]}"
