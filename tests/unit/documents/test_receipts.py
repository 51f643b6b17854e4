"""Form 01 as it lies on the counter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.documents.receipts import receipt_pdf
from engine.documents.values import PaperLine
from engine.documents.words import UnknownWordError
from engine.domain.official_forms import FormKind, OfficialForm
from tests.unit.documents.sample_papers import AUTHORISER, RECEIPT, fonts, outside_margins, page_text, pages, text


def test_receipt_names_its_form_by_set_key_and_version() -> None:
    assert RECEIPT.form == OfficialForm("TT03/2025", "01", FormKind.RECEIPT, 1)


@pytest.mark.parametrize(
    "printed",
    [
        "ỦY BAN NHÂN DÂN PHƯỜNG THÍ ĐIỂM",
        "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 05/TTPVHCC (BPTNTKQ)",
        "Thí Điểm, ngày 05 tháng 03 năm 2026",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Mã hồ sơ: H24.45-260305-0007",
        "Đơn vị tiếp nhận: Trung tâm Phục vụ hành chính công",
        "Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
        "Số định danh cá nhân/tổ chức: 001099000001",
        "Địa chỉ: Số 1, đường Mẫu, phường Thí Điểm",
        "Số điện thoại: 0900000001",
        "Email: vi.du@example.vn",
        "Nội dung yêu cầu giải quyết: Thủ tục đăng ký khai sinh (mã thủ tục: 1.001193)",
        "STT Tên giấy tờ Bản chính Bản sao",
        "1 Tờ khai đăng ký khai sinh 1 0",
        "2 Giấy chứng sinh 1 3",
        "Số lượng hồ sơ: 01 (bộ)",
        "Hình thức nộp hồ sơ: Trực tiếp",
        "Thời gian giải quyết hồ sơ theo quy định là: 15 ngày làm việc",
        "Thời gian nhận hồ sơ: 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "Thời gian trả kết quả giải quyết hồ sơ: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
        "Đăng ký nhận kết quả tại: Bưu điện phường Thí Điểm",
        "Vào Sổ theo dõi hồ sơ, Quyển số: 01, Số thứ tự: 0007",
        "https://motcua.example.vn/tra-cuu/H24.45-260305-0007",
        "NGƯỜI NỘP HỒ SƠ (Ký và ghi rõ họ tên)",
        "NGƯỜI TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên)",
        "Trần Văn Mẫu",
        "Mẫu số 01, Thông tư số 03/2025/TT-VPCP",
    ],
)
def test_receipt_prints_every_field_on_one_page(printed: str) -> None:
    paper = receipt_pdf(RECEIPT)

    assert pages(paper) == 1
    assert printed in page_text(paper, 0)


def test_receipt_prints_no_authoriser_where_there_is_none() -> None:
    assert "ủy quyền" not in text(receipt_pdf(RECEIPT))


@pytest.mark.parametrize(
    "printed",
    [
        "Theo ủy quyền của Ông (Bà)/Tổ chức: Phạm Văn Ủy Quyền",
        "Số định danh của người ủy quyền: 001099000002",
        "Địa chỉ của người ủy quyền: Số 2, đường Mẫu",
        "Số điện thoại: 0900000002",
        "Email: uy.quyen@example.vn",
        "Giấy tờ ủy quyền: Giấy ủy quyền ngày 01/03/2026",
    ],
)
def test_receipt_prints_the_authoriser(printed: str) -> None:
    assert printed in text(receipt_pdf(replace(RECEIPT, authoriser=AUTHORISER)))


@pytest.mark.parametrize(
    "printed",
    [
        "Thời gian giải quyết hồ sơ theo quy định là: lần 1: 16 ngày làm việc; lần 2: 4 ngày làm việc",
        "Thời gian trả kết quả giải quyết hồ sơ: lần 1: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
        "Hẹn lần 2: 4 ngày làm việc kể từ khi hoàn thành nghĩa vụ tài chính.",
    ],
)
def test_receipt_prints_both_appointments_where_there_are_two(printed: str) -> None:
    paper = receipt_pdf(replace(RECEIPT, limit_text="16 ngày làm việc", second_limit_text="4 ngày làm việc"))

    assert pages(paper) == 1
    assert printed in page_text(paper, 0)


@pytest.mark.parametrize("provisional", [True, False])
def test_receipt_says_when_the_due_date_is_provisional(provisional: bool) -> None:
    printed = text(receipt_pdf(replace(RECEIPT, provisional=provisional)))

    assert ("năm 2026 (ngày tạm tính – chưa có quyết định lịch nghỉ)" in printed) is provisional


def test_receipt_of_an_online_dossier_is_signed_by_the_receiver_only() -> None:
    printed = text(receipt_pdf(replace(RECEIPT, channel="online")))

    assert "Hình thức nộp hồ sơ: Trực tuyến" in printed
    assert "NGƯỜI NỘP HỒ SƠ" not in printed
    assert "NGƯỜI TIẾP NHẬN HỒ SƠ" in printed


def test_receipt_leaves_dots_for_what_is_not_known() -> None:
    unknown = replace(
        RECEIPT, number=None, identity_number=None, address="", phone=None, email=None, papers=(), book=None
    )
    printed = text(receipt_pdf(unknown))

    for label in (
        "Số: . . . . . . ./TTPVHCC (BPTNTKQ)",
        "Số định danh cá nhân/tổ chức: ....",
        "Địa chỉ: ....",
        "Số điện thoại: ....",
        "Email: ....",
        "Thành phần hồ sơ nộp gồm: ....",
    ):
        assert label in printed
    assert "Quyển số" not in printed


def test_receipt_prints_instants_in_the_agencys_zone() -> None:
    printed = text(receipt_pdf(replace(RECEIPT, zone="Asia/Tokyo")))

    assert "Thời gian nhận hồ sơ: 11 giờ 00 phút, ngày 05 tháng 03 năm 2026" in printed


def test_receipt_with_many_papers_flows_to_a_numbered_second_page_with_the_table_head() -> None:
    papers = tuple(PaperLine(f"Giấy tờ thứ {n}", 1, 0) for n in range(1, 41))
    paper = receipt_pdf(replace(RECEIPT, papers=papers))

    assert pages(paper) == 2
    assert page_text(paper, 1).startswith("2 STT Tên giấy tờ Bản chính Bản sao")
    assert "1 Giấy tờ thứ 1 1 0" in page_text(paper, 0)
    assert "40 Giấy tờ thứ 40 1 0" in page_text(paper, 1)
    assert "NGƯỜI NỘP HỒ SƠ" not in page_text(paper, 0)
    assert "Tra cứu hồ sơ" in page_text(paper, 1)  # the signatures are not alone


def test_receipt_embeds_liberation_serif_only() -> None:
    found = fonts(receipt_pdf(replace(RECEIPT, provisional=True)))

    assert {name.partition("+")[2] for name, _ in found} == {
        "LiberationSerif",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
        "LiberationSerif-BoldItalic",
    }
    assert {embedded for _, embedded in found} == {True}


def test_receipt_keeps_to_its_margins() -> None:
    assert outside_margins(receipt_pdf(RECEIPT)) == []


def test_receipt_claims_pdf_a_2b() -> None:
    paper = receipt_pdf(RECEIPT)

    assert b"<pdfaid:part>2</pdfaid:part>" in paper
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in paper


def test_receipt_for_an_unknown_channel_is_refused() -> None:
    with pytest.raises(UnknownWordError):
        receipt_pdf(replace(RECEIPT, channel="pigeon"))


def test_receipt_for_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        receipt_pdf(replace(RECEIPT, due_at=RECEIPT.due_at.replace(tzinfo=None)))
