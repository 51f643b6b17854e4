"""Form 04 as it reaches the citizen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.documents.letters import LetterUnprintableError, apology_pdf
from engine.domain.official_forms import OLD, FormKind, OfficialForm, form_of
from tests.unit.documents.sample_papers import (
    APOLOGY,
    HANOI,
    fonts,
    grey_pixels,
    outside_margins,
    page_text,
    pages,
    text,
)

DRAFT = replace(
    APOLOGY,
    draft=True,
    number=None,
    reason=None,
    new_due_at=None,
    issued_at=None,
    signer_name=None,
    identity_number=None,
)
MARK = 224  # shade of the draft mark: luma 88 %


def test_apology_names_its_form_by_set_key_and_version() -> None:
    assert APOLOGY.form == OfficialForm("TT03/2025", "04", FormKind.APOLOGY, 1)


@pytest.mark.parametrize(
    "printed",
    [
        "ỦY BAN NHÂN DÂN THÀNH PHỐ THÍ ĐIỂM",
        "ỦY BAN NHÂN DÂN PHƯỜNG THÍ ĐIỂM",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 12/PXL",
        "Thí Điểm, ngày 24 tháng 03 năm 2026",
        "PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT",
        "Kính gửi: Bà Nguyễn Thị Ví Dụ",
        "Ngày 05 tháng 03 năm 2026, Trung tâm Phục vụ hành chính công phường Thí Điểm đã tiếp nhận hồ sơ",
        "“Thủ tục đăng ký khai sinh” (mã thủ tục: 1.001193)",
        "của Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ; số định danh: 001099000001; mã số hồ sơ: H24.45-260305-0007.",
        "Thời gian hẹn trả kết quả giải quyết hồ sơ: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026.",
        "Lý do: Cơ quan được hỏi ý kiến chưa trả lời.",
        "thời gian trả kết quả mới: 16 giờ 30 phút, ngày 02 tháng 04 năm 2026.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Lê Thị Giả Định",
        "Nơi nhận:",
        "- Như trên;",
        "- Trung tâm Phục vụ hành chính công;",
        "- Lưu: VT, VHXH.",
        "Mẫu số 04, Thông tư số 03/2025/TT-VPCP",
    ],
)
def test_apology_prints_every_field_on_one_page(printed: str) -> None:
    paper = apology_pdf(APOLOGY)

    assert pages(paper) == 1
    assert printed in page_text(paper, 0)


def test_apology_before_the_due_instant_says_that_the_date_cannot_be_kept() -> None:
    printed = text(apology_pdf(APOLOGY))

    assert "Ủy ban nhân dân phường Thí Điểm không thể trả kết quả giải quyết hồ sơ đúng thời gian" in printed
    assert "chưa trả kết quả" not in printed


def test_apology_after_the_due_instant_says_that_the_date_was_not_kept() -> None:
    printed = text(apology_pdf(replace(APOLOGY, issued_at=APOLOGY.due_at + timedelta(seconds=1))))

    assert "đến nay Ủy ban nhân dân phường Thí Điểm chưa trả kết quả giải quyết hồ sơ đúng thời gian" in printed
    assert "không thể trả" not in printed


def test_apology_says_when_the_new_date_is_provisional() -> None:
    printed = text(apology_pdf(replace(APOLOGY, new_due_provisional=True)))

    assert "năm 2026 (ngày tạm tính – chưa có quyết định lịch nghỉ)." in printed


def test_apology_prints_each_line_of_the_reason() -> None:
    printed = text(apology_pdf(replace(APOLOGY, reason="Lý do thứ nhất.\n\nLý do thứ hai.")))

    assert "Lý do: Lý do thứ nhất. Lý do thứ hai. Ủy ban nhân dân" in printed


def test_apology_draft_carries_a_visible_mark() -> None:
    paper = apology_pdf(DRAFT)

    assert pages(paper) == 1
    assert "BẢN NHÁP" in page_text(paper, 0)
    assert "BẢN NHÁP" not in text(apology_pdf(APOLOGY))
    assert grey_pixels(paper, MARK) > 10_000  # of 500,000: seen across a desk
    assert grey_pixels(apology_pdf(APOLOGY), MARK) < 1_000  # what is left are edges of letters


def test_apology_draft_leaves_dots_for_what_is_not_decided() -> None:
    printed = text(apology_pdf(DRAFT)).replace(". ", ".")

    for label in (
        "ngày .....",
        "Số: ......./PXL",
        "số định danh: ..",
        "Lý do: ..",
        "thời gian trả kết quả mới: ..",
    ):
        assert label in printed


@pytest.mark.parametrize("field", ["number", "reason", "new_due_at", "issued_at", "signer_name"])
def test_apology_that_lacks_a_field_is_printed_as_a_draft_only(field: str) -> None:
    with pytest.raises(LetterUnprintableError) as caught:
        apology_pdf(replace(APOLOGY, **{field: None}))

    assert caught.value.details == {"dossier": "H24.45-260305-0007", "missing": [field]}


def test_apology_with_a_new_date_that_is_not_later_is_refused() -> None:
    with pytest.raises(LetterUnprintableError):
        apology_pdf(replace(APOLOGY, new_due_at=APOLOGY.due_at, draft=True))


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("finished_at", "Việc giải quyết hồ sơ đã hoàn thành vào 08 giờ 05 phút, ngày 27 tháng 03 năm 2026."),
        ("ended_at", "Việc giải quyết hồ sơ đã kết thúc vào 08 giờ 05 phút, ngày 27 tháng 03 năm 2026."),
    ],
)
@pytest.mark.parametrize("new_due_at", [None, APOLOGY.new_due_at])
def test_apology_for_a_closed_dossier_asks_for_no_extension(
    field: str, sentence: str, new_due_at: datetime | None
) -> None:
    closed = {field: datetime(2026, 3, 27, 8, 5, tzinfo=HANOI)}
    late = replace(APOLOGY, issued_at=datetime(2026, 3, 30, 8, 0, tzinfo=HANOI), new_due_at=new_due_at, **closed)
    printed = text(apology_pdf(late))

    assert f"xin lỗi Ông (Bà)/Tổ chức vì sự chậm trễ này. {sentence}" in printed
    assert "đã không trả kết quả giải quyết hồ sơ đúng thời gian" in printed
    assert "PHIẾU XIN LỖI Kính gửi" in printed
    assert "gia hạn" not in printed
    assert "kết quả mới" not in printed


def test_apology_for_a_first_appointment_says_when_its_part_was_done() -> None:
    met_at = datetime(2026, 3, 27, 8, 5, tzinfo=HANOI)
    late = replace(APOLOGY, issued_at=datetime(2026, 3, 30, 8, 0, tzinfo=HANOI), new_due_at=None, met_at=met_at)
    printed = text(apology_pdf(late))

    sentence = "Phần việc của lần hẹn thứ nhất đã hoàn thành vào 08 giờ 05 phút, ngày 27 tháng 03 năm 2026."
    assert f"xin lỗi Ông (Bà)/Tổ chức vì sự chậm trễ này. {sentence}" in printed
    assert "đã không thực hiện đúng thời gian hẹn lần thứ nhất" in printed
    assert "gia hạn" not in printed


def test_apology_number_may_bring_its_symbol() -> None:
    assert "Số: 05/XL-TTPVHCC Thí Điểm" in text(apology_pdf(replace(APOLOGY, number="05/XL-TTPVHCC")))


def test_apology_with_a_long_reason_never_leaves_the_signature_alone() -> None:
    for sentences in (30, 45, 55, 65):
        paper = apology_pdf(replace(APOLOGY, reason="Việc xác minh cần thêm thời gian. " * sentences))
        assert "Mong Ông (Bà)/Tổ chức thông cảm./." in page_text(paper, pages(paper) - 1)
        assert "Lê Thị Giả Định" in page_text(paper, pages(paper) - 1)


def test_apology_embeds_liberation_serif_only() -> None:
    found = fonts(apology_pdf(DRAFT))

    assert {name.partition("+")[2].partition("-")[0] for name, _ in found} == {"LiberationSerif"}
    assert {embedded for _, embedded in found} == {True}


def test_apology_keeps_to_its_margins() -> None:
    assert outside_margins(apology_pdf(APOLOGY)) == []


def test_apology_of_the_old_set_has_its_own_title_and_foot() -> None:
    printed = text(apology_pdf(replace(APOLOGY, form=form_of(OLD, FormKind.APOLOGY))))

    assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ Kính gửi" in printed
    assert "Mẫu số 04, Thông tư số 01/2018/TT-VPCP" in printed


def test_apology_names_who_let_the_time_pass_and_opens_the_tracking_page_where_told() -> None:
    told = replace(APOLOGY, caused_by="Phòng Kinh tế", tracking_url="https://motcua.example.vn/tra-cuu/H24")
    printed = text(apology_pdf(told))

    assert "Đơn vị để chậm thời hạn: Phòng Kinh tế. Ủy ban nhân dân" in printed
    assert "Quét mã QR để tra cứu hồ sơ" in printed
    assert pages(apology_pdf(told)) == 1
    assert "Quét mã QR" not in text(apology_pdf(APOLOGY))
