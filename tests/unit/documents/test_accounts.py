"""The account of a date as it is handed to who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from engine.documents.accounts import account_pdf
from engine.documents.values import AccountLine, AccountValues
from tests.unit.documents.sample_papers import HANOI, fonts, outside_margins, page_text, pages, text

ACCOUNT = AccountValues(
    agency_name="Ủy ban nhân dân phường Thí Điểm",
    place="Thí Điểm",
    code="H24.45-260305-0007",
    applicant_name="Nguyễn Thị Ví Dụ",
    procedure_code="1.001193",
    procedure_name="Thủ tục đăng ký khai sinh",
    limit_text="15 ngày làm việc",
    received_at=datetime(2026, 3, 5, 9, 0, tzinfo=HANOI),
    due_at=datetime(2026, 3, 26, 9, 0, tzinfo=HANOI),
    paused=False,
    provisional=False,
    lines=(
        AccountLine("Nhận lúc 09:00 05/03/2026: trong giờ làm việc, tính ngay từ lúc đó.", None),
        AccountLine("15 ngày làm việc: từ 09:00 05/03/2026 đến 09:00 26/03/2026.", "15 ngày làm việc"),
        AccountLine("Hạn trả kết quả: 09:00 26/03/2026.", None),
    ),
    beside=(AccountLine("Tính quá hạn theo ngày: sau khi hết ngày 26/03/2026.", None),),
    as_of=datetime(2026, 3, 9, 10, 15, tzinfo=HANOI),
    zone="Asia/Ho_Chi_Minh",
)


@pytest.mark.parametrize(
    "printed",
    [
        "ỦY BAN NHÂN DÂN PHƯỜNG THÍ ĐIỂM",
        "Thí Điểm, ngày ",
        "GIẢI TRÌNH THỜI HẠN GIẢI QUYẾT HỒ SƠ",
        "Mã hồ sơ: H24.45-260305-0007",
        "Người nộp hồ sơ: Nguyễn Thị Ví Dụ",
        "Thủ tục: Thủ tục đăng ký khai sinh (mã thủ tục: 1.001193)",
        "Thời hạn giải quyết theo quy định: 15 ngày làm việc",
        "Thời gian nhận hồ sơ: 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "Hạn trả kết quả: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
        "STT Đã tính Tính vào thời hạn",
        "2 15 ngày làm việc: từ 09:00 05/03/2026 đến 09:00 26/03/2026. 15 ngày làm việc",
        "3 Hạn trả kết quả: 09:00 26/03/2026.",
        "Những việc sau không làm thay đổi hạn:",
        "Tính quá hạn theo ngày: sau khi hết ngày 26/03/2026.",
        "Theo diễn biến hồ sơ đến 10 giờ 15 phút, ngày 09 tháng 03 năm 2026",
    ],
)
def test_account_prints_what_was_counted_on_one_page(printed: str) -> None:
    paper = account_pdf(ACCOUNT)

    assert pages(paper) == 1
    assert printed in page_text(paper, 0)
    assert outside_margins(paper) == []


def test_account_carries_no_number_and_no_form() -> None:
    printed = text(account_pdf(ACCOUNT))

    assert "Số:" not in printed
    assert "Mẫu số" not in printed


def test_account_of_a_standing_clock_names_the_date_before() -> None:
    printed = text(account_pdf(replace(ACCOUNT, paused=True, provisional=True)))

    assert "Hạn trả kết quả trước khi tạm dừng: 09 giờ 00 phút" in printed
    assert "(ngày tạm tính – chưa có quyết định lịch nghỉ)" in printed


def test_long_account_goes_on_under_the_same_heads() -> None:
    paper = account_pdf(replace(ACCOUNT, lines=ACCOUNT.lines * 30, beside=()))

    assert pages(paper) > 1
    assert page_text(paper, 1).startswith("2 STT Đã tính Tính vào thời hạn")
    assert "không làm thay đổi" not in text(paper)


def test_same_values_give_the_same_bytes_with_the_fonts_inside() -> None:
    paper = account_pdf(ACCOUNT)

    assert account_pdf(ACCOUNT) == paper
    assert b"pdfaid:part" in paper
    assert {embedded for _, embedded in fonts(paper)} == {True}


def test_text_of_people_is_no_markup() -> None:
    hostile = AccountLine('Căn cứ: #panic("x") *đậm* $x$ [a] \\', None)

    assert '#panic("x") *đậm* $x$ [a] \\' in text(account_pdf(replace(ACCOUNT, lines=(hostile, *ACCOUNT.lines))))
