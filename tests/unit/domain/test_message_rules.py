"""To whom a message goes, by which channel, and when a telephone may ring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import messages as rules
from engine.domain.messages import NotifyChoiceError, QuietHoursError, Way

BOTH = frozenset({Way.SMS, Way.ZALO})
VIETNAM = "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("wish", "email", "phone", "connected", "expected"),
    [
        ("email", "a@b.vn", "0912345678", BOTH, (Way.EMAIL, "a@b.vn")),
        ("email", None, "0912345678", BOTH, (Way.SMS, "+84912345678")),
        ("email", "", "0912345678", BOTH, (Way.SMS, "+84912345678")),
        ("email", None, "0912345678", frozenset(), None),  # no gateway: nobody would ever send it
        ("email", None, "0912345678", {Way.ZALO}, None),  # they have not asked for Zalo
        ("email", None, None, BOTH, None),
        ("sms", "a@b.vn", "+84 912.345.678", BOTH, (Way.SMS, "+84912345678")),
        ("sms", "a@b.vn", "0912345678", frozenset(), (Way.EMAIL, "a@b.vn")),
        ("sms", "a@b.vn", "02438251234", BOTH, (Way.EMAIL, "a@b.vn")),  # a landline takes no short messages
        ("zalo", "a@b.vn", "0912345678", BOTH, (Way.ZALO, "+84912345678")),
        ("zalo", None, "0912345678", {Way.SMS}, (Way.SMS, "+84912345678")),
        ("none", "a@b.vn", "0912345678", BOTH, None),
    ],
)
def test_channel_is_the_wished_one_or_what_the_person_has(
    wish: str, email: str | None, phone: str | None, connected: frozenset[Way], expected: tuple[Way, str] | None
) -> None:
    assert rules.way_to(wish, email=email, phone=phone, connected=connected) == expected


@pytest.mark.parametrize(
    ("at", "quiet_from", "quiet_to", "expected"),
    [
        ("2026-03-02T20:59", "21:00", "07:00", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "21:00", "07:00", "2026-03-03T07:00"),
        ("2026-03-02T23:59", "21:00", "07:00", "2026-03-03T07:00"),
        ("2026-03-03T00:00", "21:00", "07:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59", "21:00", "07:00", "2026-03-03T07:00"),
        ("2026-03-03T07:00", "21:00", "07:00", "2026-03-03T07:00"),
        ("2026-12-31T22:00", "21:00", "07:00", "2027-01-01T07:00"),
        ("2026-03-02T11:29", "11:30", "13:30", "2026-03-02T11:29"),
        ("2026-03-02T11:30", "11:30", "13:30", "2026-03-02T13:30"),
        ("2026-03-02T13:30", "11:30", "13:30", "2026-03-02T13:30"),
        ("2026-03-02T23:00", "00:00", "06:00", "2026-03-02T23:00"),
        ("2026-03-02T00:00", "00:00", "06:00", "2026-03-02T06:00"),
        ("2026-03-02T03:00", "21:00", "00:00", "2026-03-02T03:00"),
        ("2026-03-02T23:30", "21:00", "00:00", "2026-03-03T00:00"),
        ("2026-03-02T03:00", "22:00", "22:00", "2026-03-02T03:00"),  # there are none
        ("2026-03-02T22:00", "22:00", "22:00", "2026-03-02T22:00"),
    ],
)
def test_telephones_ring_outside_quiet_hours(at: str, quiet_from: str, quiet_to: str, expected: str) -> None:
    zone = ZoneInfo(VIETNAM)
    start = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)

    found = rules.may_ring_at(start, zone=VIETNAM, quiet_from=quiet_from, quiet_to=quiet_to)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=zone)


CLOCKS = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")


@given(
    at=st.integers(0, 6 * 366 * 24 * 3600).map(
        lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(0, seconds)
    ),
    quiet_from=CLOCKS,
    quiet_to=CLOCKS,
    zone=st.sampled_from([VIETNAM, "Europe/Berlin", "UTC"]),
)
def test_wait_for_the_end_of_quiet_hours_is_short_and_ends_in_a_loud_minute(
    at: datetime, quiet_from: str, quiet_to: str, zone: str
) -> None:
    found = rules.may_ring_at(at, zone=zone, quiet_from=quiet_from, quiet_to=quiet_to)

    assert at <= found < at + timedelta(hours=25, minutes=1)  # one more where clocks are turned back
    assert rules.may_ring_at(found, zone=zone, quiet_from=quiet_from, quiet_to=quiet_to) == found


@pytest.mark.parametrize("text", ["24:00", "7:00", "07:60", "", "07:00:00", "٠٧:٠٠", "21h"])
def test_quiet_hours_are_times_of_day(text: str) -> None:
    with pytest.raises(QuietHoursError) as error:
        rules.check_clock(text, field="quiet_from")

    assert error.value.details["field"] == "quiet_from"


@pytest.mark.parametrize(("by", "language", "field"), [("pigeon", "vi", "notify_by"), ("sms", "fr", "notify_language")])
def test_unknown_choice_is_refused(by: str, language: str, field: str) -> None:
    with pytest.raises(NotifyChoiceError) as error:
        rules.check_choice(by, language)

    assert error.value.details["field"] == field


def test_known_choices_are_taken() -> None:
    for by in rules.CHOICES:
        for language in rules.LANGUAGES:
            rules.check_choice(by, language)


@given(text=st.text())
def test_value_in_a_message_is_one_line_without_an_address(text: str) -> None:
    said = rules.one_line(text + "\r\nBcc: x@y\u2028http://z")

    assert said.isprintable()
    assert "http://" not in said


@given(text=st.text())
def test_text_without_marks_costs_one_letter_each(text: str) -> None:
    bare = rules.without_marks(text)

    assert bare.isascii()
    assert not set(bare) & set("`^{}[]~\\|\r\n")


def test_vietnamese_without_marks_reads_on() -> None:
    assert rules.without_marks("Đề nghị đến nhận kết quả, Ủy ban") == "De nghi den nhan ket qua, Uy ban"


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)])
def test_sms_are_counted_as_they_are_paid(length: int, parts: int) -> None:
    assert rules.sms_parts("x" * length) == parts
