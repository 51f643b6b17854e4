"""The slips of a desk as they print: every field of domain.md §2.7, §2.8 and §2.10, with short and long values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2
import pytest

from engine.documents.courses import ACTS
from engine.documents.forms import fields_of, render_pdf, values_class
from engine.documents.frozen import freeze, thaw
from engine.domain.events import EventKind
from engine.domain.official_forms import OLD, FormKind, form_of
from tests.unit.documents import sample_slips as samples
from tests.unit.documents.sample_papers import fonts, page_text, pages, text

KINDS = sorted(samples.SHORT, key=str)
LONG = samples.lengthened(samples.LONG)
HEAD = {FormKind.CONTROL, FormKind.LEDGER, FormKind.BUNDLE, FormKind.LATE_REPORT, FormKind.RESULT_RECEIPT}

FIELDS: dict[FormKind, tuple[str, ...]] = {
    FormKind.CONTROL: (
        "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
        "Số: 12/PKS-TTPVHCC",
        "Thí Điểm, ngày 27 tháng 03 năm 2026",
        "Mã số hồ sơ: H24.45-260305-0007",
        "Cơ quan (bộ phận) giải quyết hồ sơ: Ủy ban nhân dân phường Thí Điểm",
        "Cơ quan phối hợp giải quyết hồ sơ: Công an phường Thí Điểm",
        "Ngày nhận: 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "Hẹn trả kết quả vào: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
        "Tên đơn vị",
        "Thời gian giao, nhận hồ sơ",
        "Kết quả giải quyết hồ sơ",
        "Ghi chú",
        "1. Giao: Trung tâm Phục vụ hành chính công",
        "2. Nhận: Phòng Tư pháp",
        "Giao lúc 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "Người giao (ký): Trần Văn Mẫu",
        "Nhận lúc 10 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "Người nhận (ký): Lê Thị Giả Định",
        "Trước hạn",
        "Đúng hạn",
        "Quá hạn",
        "Vượt thẩm quyền Chuyển đơn vị xử lý. Đã thu hồi, lần giao nhận này không tính.",
        "Thu hồi bước vừa làm (2), 09 giờ 05 phút, ngày 07 tháng 03 năm 2026, Lê Thị Giả Định.",
        "Mẫu số 06, Thông tư số 03/2025/TT-VPCP",
    ),
    FormKind.LEDGER: (
        "SỔ THEO DÕI HỒ SƠ",
        "/STD-TTPVHCC",
        "Quyển số: 2026; từ ngày 01/03/2026 đến ngày 31/03/2026",
        "STT",
        "Mã hồ sơ",
        "Tên thủ tục hành chính",
        "Tên tổ chức, cá nhân",
        "Địa chỉ, số điện thoại",
        "Cơ quan chủ trì giải quyết",
        "Nhận và trả kết quả",
        "Nhận hồ sơ",
        "Hẹn trả kết quả",
        "Trả kết quả",
        "Phương thức nhận kết quả",
        "Ký nhận",
        "07 H24.45-260305-0007",
        "Đính chính, cấp lại giấy tiếp nhận 27/03/2026: Sai họ tên",
        "– H24.45-260305-0009",
        "Số dự phòng đã hủy 27/03/2026: Tờ bị rách",
        "Tổng số dòng trong kỳ: 3",
        "Mẫu số 07, Thông tư số 03/2025/TT-VPCP",
    ),
    FormKind.BUNDLE: (
        "GIẤY BÀN GIAO HỒ SƠ",
        "Bên giao: Trung tâm Phục vụ hành chính công",
        "Bên nhận: Phòng Tư pháp",
        "Số lượng: 02 hồ sơ",
        "Loại hồ sơ:",
        "Thủ tục đăng ký khai tử (1 hồ sơ)",
        "Thời gian giao: từ 09 giờ 00 phút, ngày 05 tháng 03 năm 2026 đến 11 giờ 00 phút, ngày 05 tháng 03 năm 2026",
        "STT Mã hồ sơ Người đăng ký Ngày nhận Hẹn trả",
        "BÊN GIAO",
        "BÊN NHẬN",
    ),
    FormKind.COURSE: (
        "QUÁ TRÌNH XỬ LÝ HỒ SƠ",
        "STT Ngày xử lý Người xử lý Thao tác Người nhận Thời hạn",
        "Tiếp nhận hồ sơ, hẹn trả kết quả",
        "Hệ thống",
    ),
    FormKind.FEE: (
        "BIÊN LAI THU PHÍ, LỆ PHÍ",
        "(Liên 1: Lưu tại cơ quan thu)",
        "(Liên 2: Giao cho người nộp tiền)",
        "(Liên 3: Kế toán)",
        "Họ tên người nộp tiền: Nguyễn Thị Ví Dụ",
        "Lý do nộp: Lệ phí theo thông báo TB-01",
        "Số tiền: 1.205.000 đồng",
        "Bằng chữ: Một triệu hai trăm linh năm nghìn đồng",
        "Hình thức thanh toán, chứng từ: BL-7",
        "NGƯỜI NỘP TIỀN",
        "NGƯỜI THU TIỀN",
    ),
    FormKind.FEEDBACK: (
        "PHIẾU GÓP Ý",
        "Kính gửi: Trung tâm Phục vụ hành chính công",
        "Mã hồ sơ: H24.45-260305-0007",
        "Thời gian giải quyết hồ sơ so với hẹn",
        "Không hài lòng",
        "Ý kiến góp ý, đề nghị khác:",
        "https://motcua.example.vn/tra-cuu/H24.45-260305-0007",
    ),
    FormKind.LATE_REPORT: (
        "BÁO CÁO HỒ SƠ TRẢ KẾT QUẢ QUÁ HẠN",
        "/BC-TTPVHCC",
        "Tổng số: 2 hồ sơ; đã có kết quả: 1; chưa có kết quả: 1; đã có thư xin lỗi: 1.",
        "Thiếu người thẩm định",
        "Thư xin lỗi: 12/PXL",
        "Chưa có thư xin lỗi",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
    ),
    FormKind.RESULT_RECEIPT: (
        "GIẤY BIÊN NHẬN TRẢ KẾT QUẢ",
        "Người nhận kết quả: Nguyễn Thị Ví Dụ",
        "Số định danh: 001099000001",
        "Thời gian nhận kết quả: 15 giờ 30 phút, ngày 27 tháng 03 năm 2026",
        "Phí, lệ phí: 8.000 đồng",
        "Bản chính được thu (giấy tờ đã nộp bản sao): Giấy chứng sinh.",
        "NGƯỜI TRẢ KẾT QUẢ",
    ),
    FormKind.RESULT_HANDOVER: (
        "PHIẾU BÀN GIAO KẾT QUẢ",
        "Có kết quả lúc: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026 (đúng hạn)",
        "Kết quả giải quyết: Từ chối giải quyết (kèm văn bản nêu lý do)",
        "Bên giao: Lãnh đạo",
        "Bên nhận: Trung tâm Phục vụ hành chính công",
    ),
}


def printed(values: Any) -> bytes:
    return render_pdf(values.form, values)


@pytest.mark.parametrize("kind", KINDS)
def test_slip_prints_every_field_of_its_list(kind: FormKind) -> None:
    said = text(printed(samples.SHORT[kind]))

    assert [field for field in FIELDS[kind] if field not in said] == []
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in said or kind is FormKind.FEE


@pytest.mark.parametrize(("kind", "key"), [(FormKind.CONTROL, "05"), (FormKind.LEDGER, "06")])
def test_the_old_set_numbers_its_forms_otherwise(kind: FormKind, key: str) -> None:
    said = text(printed(replace(samples.SHORT[kind], form=form_of(OLD, kind))))

    assert f"Mẫu số {key}, Thông tư số 01/2018/TT-VPCP" in said


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_print_the_same_bytes_in_vendored_fonts(kind: FormKind) -> None:
    values = samples.SHORT[kind]
    paper = printed(values)

    assert printed(thaw(values_class(kind), freeze(values))) == paper
    assert b"pdfaid:part" in paper
    assert {(name.split("+")[-1].split("-")[0], inside) for name, inside in fonts(paper)} == {("LiberationSerif", True)}


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_and_many_lines_break_pages_and_leave_nothing_out(kind: FormKind) -> None:
    paper = printed(LONG[kind])

    assert outside(paper) == []
    assert samples.LONG[-40:] in text(paper)
    if kind is FormKind.FEE:
        assert pages(paper) == 3  # one page a copy, however long its names are


@pytest.mark.parametrize(
    ("kind", "heads"),
    [
        (FormKind.CONTROL, "TT Tên đơn vị Thời gian giao, nhận hồ sơ"),
        (FormKind.LEDGER, "STT Mã hồ sơ Tên thủ tục hành chính"),
        (FormKind.BUNDLE, "STT Mã hồ sơ Người đăng ký"),
        (FormKind.COURSE, "STT Ngày xử lý Người xử lý"),
        (FormKind.LATE_REPORT, "STT Mã hồ sơ Người nộp"),
    ],
)
def test_the_head_of_a_table_comes_again_on_each_page(kind: FormKind, heads: str) -> None:
    paper = printed(LONG[kind])
    with_lines = [page for page in range(1, pages(paper)) if "2026" in page_text(paper, page)[10:400]]

    assert pages(paper) > 2
    assert all(heads in page_text(paper, page) for page in with_lines[:-1])


def test_forty_handovers_are_numbered_through() -> None:
    lines = tuple(line for line in samples.CONTROL.lines if line.from_unit) * 14
    fields = fields_of(samples.CONTROL.form, replace(samples.CONTROL, lines=lines))

    assert [line["no"] for line in fields["lines"]] == list(range(1, 43))


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_is_printed_as_it_is(kind: FormKind) -> None:
    paper = printed(samples.lengthened(samples.HOSTILE, times=1)[kind])

    assert '#panic("x")*đậm*$x$[a]<b>\\=HYPERLINK("http://x")' in text(paper).replace(" ", "")
    assert outside(paper) == []


def test_every_kind_of_event_has_a_word_in_the_course() -> None:
    assert {kind.value for kind in EventKind} - set(ACTS) == set()


def outside(paper: bytes) -> list[tuple[float, ...]]:
    """Return the bounds of what is drawn outside of its page."""
    found = []
    for page in pypdfium2.PdfDocument(paper):
        width, height = page.get_size()
        for item in page.get_objects():
            left, bottom, right, top = item.get_bounds()
            if left < 15 or right > width - 15 or bottom < 10 or top > height - 10:
                found.append((left, bottom, right, top))
    return found
