"""The reminder of a reporting period as an e-mail: dates and a link, and nothing of citizens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the reminder tells."""

    to_name: str
    agency: str  #: name
    period: str  #: name of the period, as 2026-Q1-15
    from_on: date
    to_on: date  #: included
    send_before: date
    document: str  #: what sets the date
    address: str  #: of the site, without a slash at its end


def write(reminder: Reminder) -> tuple[str, str]:
    """Return subject and text."""
    before = f"{reminder.send_before:%d/%m/%Y}"
    subject = f"Báo cáo kỳ {reminder.period}: gửi trước ngày {before}"
    ground = f" ({reminder.document})" if reminder.document else ""
    lines = [
        f"Kính gửi {reminder.to_name},",
        "",
        f"{reminder.agency} phải gửi báo cáo kỳ {reminder.period}, từ ngày {reminder.from_on:%d/%m/%Y} đến ngày "
        f"{reminder.to_on:%d/%m/%Y}, trước ngày {before}{ground}.",
        "Kỳ này chưa chốt số liệu. Xem các chỗ số liệu cần sửa rồi chốt kỳ tại:",
        f"{reminder.address}/bao-cao/ky",
    ]
    return subject, "\n".join(lines) + "\n"
