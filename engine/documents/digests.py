"""The morning digest as an e-mail: numbers, codes and links, and nothing of citizens; text and HTML say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape

MINUTES_OF_A_DAY = 480  #: of office time, as offices speak of it


@dataclass(frozen=True, slots=True)
class LateLine:
    """A dossier that is overdue: where it is, and the office minutes since it was due (None: not known)."""

    code: str
    procedure: str
    step: str
    unit: str
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a digest tells; ``late`` has the most delayed first, ``more`` how many there are beside them."""

    name: str
    day: date
    overdue: int
    will_be_late: int
    due_soon: int
    to_return: int
    late: tuple[LateLine, ...]
    more: int
    address: str  #: of the site, without a slash at its end


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, text and HTML of the mail."""

    subject: str
    text: str
    html: str


def write(facts: Facts) -> Letter:
    """Return the mail of a digest."""
    day = f"{facts.day:%d/%m/%Y}"
    title = f"Sáng {day}: {facts.overdue} hồ sơ quá hạn, {facts.will_be_late} sẽ trễ"
    return Letter(subject=title, text=_text(facts, day), html=_html(facts, title))


def _numbers(facts: Facts) -> list[tuple[str, int, str]]:
    """Return what is counted, how many, and where the list is."""
    lists = f"{facts.address}/qua-han?xem="
    return [
        ("Quá hạn", facts.overdue, f"{lists}overdue"),
        ("Sẽ trễ", facts.will_be_late, f"{lists}will_be_late"),
        ("Sắp đến hạn", facts.due_soon, f"{lists}due_soon"),
        ("Chờ trả kết quả", facts.to_return, f"{lists}to_return"),
    ]


def _text(facts: Facts, day: str) -> str:
    lines = [f"Kính gửi {facts.name},", "", f"Tình hình hồ sơ sáng {day}:"]
    lines += [f"- {label}: {count} ({link})" for label, count, link in _numbers(facts)]
    if facts.late:
        lines += ["", "Chậm nhiều nhất trước:"]
        lines += [f"- {_line(each)}\n  {facts.address}/ho-so/{each.code}" for each in facts.late]
    if facts.more:
        lines += [f"… và {facts.more} hồ sơ quá hạn khác."]
    return "\n".join([*lines, "", _foot(facts)])


def _line(late: LateLine) -> str:
    place = ", ".join(part for part in (late.step, late.unit) if part)
    return f"{late.code} – chậm {office_time(late.minutes)} – {late.procedure}" + (f" – {place}" if place else "")


def _foot(facts: Facts) -> str:
    return f"Nhận hoặc thôi nhận bản tin này: {facts.address}/giam-sat"


def _html(facts: Facts, title: str) -> str:
    numbers = "".join(
        f'<tr><td><a href="{escape(link)}">{escape(label)}</a></td><td align="right"><b>{count}</b></td></tr>'
        for label, count, link in _numbers(facts)
    )
    late = "".join(_row(facts, each) for each in facts.late)
    head = "".join(f'<th align="left">{each}</th>' for each in ("Hồ sơ", "Chậm", "Thủ tục", "Đang ở"))
    table = f'<h2>Chậm nhiều nhất trước</h2><table cellpadding="4"><tr>{head}</tr>{late}</table>' if late else ""
    more = f"<p>… và {facts.more} hồ sơ quá hạn khác.</p>" if facts.more else ""
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f'<p>Kính gửi {escape(facts.name)},</p><h1>{escape(title)}</h1><table cellpadding="4">{numbers}</table>'
        f'{table}{more}<p><a href="{escape(facts.address)}/giam-sat">Nhận hoặc thôi nhận bản tin này</a></p>'
        "</body></html>"
    )


def _row(facts: Facts, late: LateLine) -> str:
    link = f'<a href="{escape(facts.address)}/ho-so/{escape(late.code)}">{escape(late.code)}</a>'
    place = escape(", ".join(part for part in (late.step, late.unit) if part))
    return (
        f"<tr><td>{link}</td><td>{office_time(late.minutes)}</td><td>{escape(late.procedure)}</td><td>{place}</td></tr>"
    )


def office_time(minutes: int | None) -> str:
    """Return office time as offices speak of it, in days of 8 hours: ``2 ngày 3 giờ``; what is not known is a dash."""
    if minutes is None:
        return "—"
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    hours = rest // 60
    if days:
        return f"{days} ngày {hours} giờ" if hours else f"{days} ngày"
    return f"{hours} giờ {rest % 60} phút" if hours else f"{rest} phút"
