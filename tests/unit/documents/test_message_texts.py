"""What messages say: in both languages, of the dossier and never of its people, short where it costs."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from engine.documents.messages import TEXTS, MessageValues, compose
from engine.domain.messages import MessageKind, Way, sms_parts
from tests.support.contexts import START

HOSTILE = "Ủy ban\r\nBcc: thief@example.test\r\n\r\nhttp://evil.example/ {agency} %s ‮${x} <b>"
LONGEST = MessageValues(
    code="H26.15.2-260302-0001-0001-0001",
    procedure="Cấp giấy chứng nhận " * 20,
    agency="Ủy ban nhân dân phường Hoàng Mai, thành phố Hà Nội - Trung tâm Phục vụ hành chính công",
    place="Trung tâm Phục vụ hành chính công thành phố Hà Nội, chi nhánh số 12 tại phường Hoàng Mai",
    due_at=START,
    tracking_url="https://dichvucong.hanoi.gov.vn/tra-cuu/H26.15.2-260302-0001-0001-0001",
    notice="Đề nghị mang bản chính " * 20,
    zone=ZoneInfo("Asia/Ho_Chi_Minh"),
)
ALL = [(kind, language) for kind in MessageKind for language in TEXTS]


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_short_message_names_the_dossier_and_costs_at_most_two(kind: MessageKind, language: str) -> None:
    said = compose(kind, LONGEST, way=Way.SMS, language=language)

    assert said.subject == ""
    assert said.text.isascii()
    assert str(LONGEST.code) in said.text
    assert str(LONGEST.tracking_url) in said.text
    assert sms_parts(said.text) <= 2


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_mail_says_of_what_it_speaks_and_who_writes(kind: MessageKind, language: str) -> None:
    said = compose(kind, LONGEST, way=Way.EMAIL, language=language)

    assert str(LONGEST.code) in said.subject
    for part in (LONGEST.code, LONGEST.agency, LONGEST.tracking_url):
        assert str(part) in said.text
    assert "{" not in said.subject + said.text


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize(("kind", "language"), ALL)
def test_hostile_values_stay_text_of_one_line(kind: MessageKind, language: str, way: Way) -> None:
    values = replace(LONGEST, agency=HOSTILE, place=HOSTILE, procedure=HOSTILE, notice=HOSTILE, code=HOSTILE)

    said = compose(kind, values, way=way, language=language)

    usual = compose(kind, LONGEST, way=way, language=language)
    assert said.subject.isprintable()
    assert said.text.count("\n") == usual.text.count("\n")
    assert "http://evil" not in said.subject + said.text
    assert "‮" not in said.subject + said.text


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_dossier_without_a_code_is_spoken_of_without_a_link(kind: MessageKind, language: str) -> None:
    said = compose(kind, replace(LONGEST, code=None, tracking_url=None), way=Way.EMAIL, language=language)

    assert "None" not in said.subject + said.text
    assert "http" not in said.text


def test_zalo_keeps_the_marks() -> None:
    said = compose(MessageKind.RESULT_READY, LONGEST, way=Way.ZALO, language="vi")

    assert "đã có kết quả" in said.text


@pytest.mark.parametrize(
    ("language", "promise"), [("vi", "Hẹn trả kết quả: 08:00 02/03/2026"), ("en", "08:00 02/03/2026")]
)
def test_promise_is_said_in_the_office_s_time(language: str, promise: str) -> None:
    assert promise in compose(MessageKind.RECEIVED, LONGEST, way=Way.EMAIL, language=language).text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_apology_without_a_new_date_names_none(language: str) -> None:
    said = compose(MessageKind.APOLOGY, replace(LONGEST, due_at=None), way=Way.EMAIL, language=language)

    assert "2026" not in said.text.replace("260302", "")


def test_attachment_is_spoken_of_only_when_it_goes_along() -> None:
    with_it, without = (
        compose(MessageKind.APOLOGY, LONGEST, way=Way.EMAIL, language="vi", has_attachment=each).text
        for each in (True, False)
    )

    assert "gửi kèm" in with_it
    assert "gửi kèm" not in without


@pytest.mark.parametrize(
    ("notice", "language", "expected"),
    [
        ("meeting", "vi", "Có giấy mời làm việc"),
        ("meeting", "en", "invitation to a meeting"),
        ("Mời Ông/Bà mang bản chính", "en", "Mời Ông/Bà mang bản chính"),
        ("unknown-name", "vi", "Hồ sơ có thông tin mới."),
        ("", "en", "There is news about the dossier."),
    ],
)
def test_notice_is_known_by_name_or_says_itself(notice: str, language: str, expected: str) -> None:
    values = replace(LONGEST, notice=notice)

    assert expected in compose(MessageKind.NOTICE, values, way=Way.EMAIL, language=language).text
