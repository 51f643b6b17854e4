"""How facts of services are worded on screens: instants, limits, what is left, events, the account of a date."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _

from engine.domain.date_words import AMOUNTS, Words
from engine.domain.dossier import Cause, Channel, LetterState, ResultChannel
from web.auth import current_context
from web.field_words import field_words, typed_lines
from web.forms import TYPED_LABELS, new_key
from web.i18n import language, zone
from web.labels import Look
from web.timeline import entry, last_change

CHANNELS: dict[str, LazyString] = {
    Channel.DIRECT: lazy_gettext("Trực tiếp"),
    Channel.ONLINE: lazy_gettext("Trực tuyến"),
    Channel.POSTAL: lazy_gettext("Bưu chính công ích"),
}
RESULT_CHANNELS: dict[str, LazyString] = {
    ResultChannel.DESK: lazy_gettext("Tại Bộ phận Một cửa"),
    ResultChannel.POSTAL: lazy_gettext("Qua bưu chính công ích"),
    ResultChannel.ONLINE: lazy_gettext("Trực tuyến"),
}
CAUSES: dict[str, LazyString] = {
    Cause.RULE: lazy_gettext("Quy định pháp luật chưa rõ hoặc vướng mắc"),
    Cause.STAFF: lazy_gettext("Cán bộ, công chức (thiếu người, chậm xử lý)"),
    Cause.COOPERATION: lazy_gettext("Cơ quan phối hợp chậm trả lời"),
    Cause.DOSSIER: lazy_gettext("Hồ sơ phức tạp, cần xác minh thêm"),
    Cause.OTHER: lazy_gettext("Nguyên nhân khác"),
}
LETTER_LOOKS: dict[str, Look] = {
    LetterState.DRAFT: Look(lazy_gettext("Chờ soạn, duyệt"), "new", "near"),
    LetterState.APPROVED: Look(lazy_gettext("Đã duyệt, chờ gửi"), "check", "info"),
    LetterState.SIGNED: Look(lazy_gettext("Đã ký, chờ cấp số"), "check", "info"),
    LetterState.NUMBERED: Look(lazy_gettext("Đã cấp số, chưa gửi xong"), "hourglass", "near"),
    LetterState.SENT: Look(lazy_gettext("Đã gửi"), "letter", "good"),
    LetterState.WITHDRAWN: Look(lazy_gettext("Đã rút (xong đúng hạn)"), "back", "ended"),
}
TRIGGERS: dict[str, LazyString] = {
    "foreseen": lazy_gettext("dự báo trễ"),
    "lead": lazy_gettext("sắp hết hạn"),
    "passed": lazy_gettext("đã quá hạn"),
    "officer": lazy_gettext("cán bộ lập"),
}
STANDINGS: dict[str, Look] = {
    "early": Look(lazy_gettext("Trước hạn"), "check", "good"),
    "on_time": Look(lazy_gettext("Đúng hạn"), "check", "good"),
    "late": Look(lazy_gettext("Quá hạn"), "overdue", "late"),
}
MINUTES_OF_A_DAY = 480  #: of office time, as offices speak of it


def init_wording(app: Flask) -> None:
    """Give templates the words."""
    filters = (
        instant,
        limit_words,
        hours_minutes,
        office_time,
        clock_of,
        missing_text,
        sla_text,
        left_text,
        why_line,
        entry,
        last_change,
        date_input,
        field_words,
    )
    for filter_ in filters:
        app.add_template_filter(filter_)
    app.jinja_env.globals.update(
        channel_labels=CHANNELS,
        result_channel_labels=RESULT_CHANNELS,
        cause_labels=CAUSES,
        letter_looks=LETTER_LOOKS,
        trigger_labels=TRIGGERS,
        standings=STANDINGS,
        typed_labels=TYPED_LABELS,
        typed_lines=typed_lines,
        new_key=new_key,
        now=lambda: current_context().clock.now(),
    )


def instant(text: str | datetime | None) -> datetime | None:
    """Return the instant that a service wrote as ISO 8601."""
    return datetime.fromisoformat(text) if isinstance(text, str) else text


def limit_words(text: str | None) -> str:
    """Return a limit in words: ``15 working_day`` is ``15 ngày làm việc``; 0 days end on the day itself."""
    return "—" if text is None else _words().limit(text)


def hours_minutes(minutes: int | None) -> str:
    """Return working minutes in words, such as ``3 giờ 25 phút``; what is not known is a dash."""
    if minutes is None:
        return "—"
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return _("%(minutes)s phút", minutes=rest)
    return _("%(hours)s giờ %(minutes)s phút", hours=hours, minutes=rest) if rest else _("%(hours)s giờ", hours=hours)


def date_input(at: str | datetime | None) -> str:
    """Return an instant as a ``datetime-local`` field wants it, in the agency's zone."""
    known = instant(at)
    return "" if known is None else known.astimezone(ZoneInfo(zone())).strftime("%Y-%m-%dT%H:%M")


def clock_of(facts: dict[str, Any]) -> str:
    """Return the look of a dossier's clock: its ``sla_state``, or ``no_date`` before the receipt."""
    return str(facts["sla_state"] or "no_date")


def sla_text(facts: dict[str, Any]) -> str:
    """Return how the clock stands: ``Còn hạn``, ``Sắp đến hạn (đã dùng 85%)``, ``Sẽ trễ (thiếu 2 giờ làm việc)``."""
    match facts["sla_state"]:
        case "on_time":
            return _("Còn hạn")
        case "due_soon" if facts["used_percent"] is not None:
            return _("Sắp đến hạn (đã dùng %(percent)s%%)", percent=facts["used_percent"])
        case "due_soon":
            return _("Sắp đến hạn")
        case "will_be_late" if facts["will_be_late"] is not None and facts["will_be_late"]["missing_minutes"]:
            return _("Sẽ trễ (thiếu %(missing)s)", missing=missing_text(facts))
        case "will_be_late":
            return _("Sẽ trễ")
    return left_text(facts)


def office_time(minutes: int) -> str:
    """Return office time as offices speak of it, in days of 8 hours (domain.md §1.5): ``2 ngày 3 giờ làm việc``.

    Args:
        minutes: not negative; from a day on, those beyond the last whole hour are not said.
    """
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    if days == 0:
        return _("%(time)s làm việc", time=hours_minutes(rest))
    hours = rest // 60
    if hours == 0:
        return ngettext("%(num)s ngày làm việc", "%(num)s ngày làm việc", days)
    return ngettext("%(num)s ngày %(hours)s giờ làm việc", "%(num)s ngày %(hours)s giờ làm việc", days, hours=hours)


def missing_text(facts: dict[str, Any]) -> str:
    """Return what a dossier will be missing, rounded up where only hours are said."""
    minutes: int = facts["will_be_late"]["missing_minutes"]
    return office_time(minutes if minutes < MINUTES_OF_A_DAY else -(-minutes // 60) * 60)


def left_text(facts: dict[str, Any]) -> str:
    """Return what is left: ``Còn 3 ngày làm việc``, ``Hôm nay 16:30``, ``Quá hạn 2 ngày 1 giờ làm việc``."""
    due_at = instant(facts["due_at"])
    if due_at is None:
        return _("Chưa có hạn")
    if not facts.get("unfinished", True):
        kept = _("Đúng hạn") if facts["finished_at"] else _("Đã kết thúc")
        return _("Trễ hạn") if facts["late"] else kept
    if facts["late"]:
        return _late_text(facts, due_at)
    if facts["paused"]:
        return _("Tạm dừng")
    now = current_context().clock.now().astimezone(ZoneInfo(zone()))
    due_at = due_at.astimezone(ZoneInfo(zone()))
    days = (due_at.date() - now.date()).days
    if due_at < now:
        return _("Hết hạn hôm nay")
    near = {0: _("Hôm nay %(at)s", at=f"{due_at:%H:%M}"), 1: _("Ngày mai %(at)s", at=f"{due_at:%H:%M}")}
    return near.get(days) or _left_of(facts.get("left_minutes"))


def _left_of(minutes: int | None) -> str:
    if minutes is None:  # next year's calendar is missing
        return _("Còn hạn")
    return _("Còn %(time)s", time=office_time(minutes)) if minutes > 0 else _("Không còn giờ làm việc")


def _late_text(facts: dict[str, Any], due_at: datetime) -> str:
    """Say by how much office time a promise is late; nothing of it where an earlier appointment was the missed one."""
    minutes = facts.get("left_minutes")
    waits_for_payment = facts["paused"] and facts.get("late_after") is None
    if minutes is None or minutes >= 0 or waits_for_payment or current_context().clock.now() <= due_at:
        return _("Quá hạn")
    return _("Quá hạn %(time)s", time=office_time(-minutes))


def why_line(line: dict[str, Any]) -> str:
    """Return a line of the account of a date in words, built from its facts, never from its English text."""
    return _words().line(line)


def _words() -> Words:
    return Words(_say, "," if language() == "vi" else ".")


def _say(text: str, /, **values: object) -> str:
    if text not in AMOUNTS.values():
        return _(text, **values)
    return ngettext(text, text, 1 if values["amount"] == "1" else 2, **values)  # half a day is "0.5 working days"
