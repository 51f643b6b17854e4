"""Each official form carries the fields that the regulation lists (domain.md §2.2-2.6), in both sets and by sector."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.documents.forms import fields_of, render_pdf, template_of, values_class
from engine.documents.render import TEMPLATES
from engine.documents.values import Certification
from engine.documents.words import UnknownWordError
from engine.domain import official_forms
from engine.domain.official_forms import CURRENT, OLD, RESIDENCE, FormKind, OfficialForm, form_of
from tests.unit.documents.sample_notices import OBLIGATION, REFUSAL, STOP, SUPPLEMENT
from tests.unit.documents.sample_papers import APOLOGY, AUTHORISER, RECEIPT, fonts, outside_margins, pages, text

ROOT = Path(__file__).parents[3]

SAMPLES: dict[FormKind, Any] = {
    FormKind.RECEIPT: RECEIPT,
    FormKind.SUPPLEMENT: SUPPLEMENT,
    FormKind.REFUSAL: REFUSAL,
    FormKind.APOLOGY: APOLOGY,
    FormKind.STOP: STOP,
    FormKind.OBLIGATION: OBLIGATION,
}
FORMS = [
    *(form_of(CURRENT, kind) for kind in SAMPLES),
    *(form_of(OLD, kind) for kind in (FormKind.RECEIPT, FormKind.SUPPLEMENT, FormKind.REFUSAL, FormKind.APOLOGY)),
    *(form_of(RESIDENCE, kind) for kind in (FormKind.RECEIPT, FormKind.REFUSAL)),
]

#: domain.md §2.2: the head of every paper.
HEAD = (
    "ỦY BAN NHÂN DÂN",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Thí Điểm, ngày 0",
)
#: who the dossier is of: fields 3, 4, 5 and 6 of form 01, and the same of the others.
PERSON = (
    "Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
    "Số định danh cá nhân/tổ chức: 001099000001",
    "Địa chỉ: Số 1, đường Mẫu, phường Thí Điểm",
    "Số điện thoại: 0900000001",
    "Email: vi.du@example.vn",
    "(mã thủ tục: 1.001193)",
)
RECEIPT_LINES = (
    *HEAD,
    "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
    "Số: 05/TTPVHCC (BPTNTKQ)",
    "Mã hồ sơ: H24.45-260305-0007",
    *PERSON,
    "Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
    "Nội dung yêu cầu giải quyết: Thủ tục đăng ký khai sinh",
    "Thành phần hồ sơ nộp gồm: STT Tên giấy tờ Bản chính Bản sao 1 Tờ khai đăng ký khai sinh 1 0 2 Giấy chứng sinh 1 3",
    "Số lượng hồ sơ: 01 (bộ)",
    "Thời gian giải quyết hồ sơ theo quy định là: 15 ngày làm việc",
    "Thời gian nhận hồ sơ: 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
    "Thời gian trả kết quả giải quyết hồ sơ: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
    "Đăng ký nhận kết quả tại: Bưu điện phường Thí Điểm",
    "Vào Sổ theo dõi hồ sơ, Quyển số: 01, Số thứ tự: 0007",
    "NGƯỜI NỘP HỒ SƠ (Ký và ghi rõ họ tên)",
    "TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên)",
    "Trần Văn Mẫu",
)
SUPPLEMENT_LINES = (
    *HEAD,
    "Số: 05/PBS-TTPVHCC",
    "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
    "Mã hồ sơ: H24.45-260305-0007",
    *PERSON,
    "Hồ sơ của Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
    "Nội dung yêu cầu giải quyết: Thủ tục đăng ký khai sinh",
    "Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau: 1. Bản sao Giấy chứng nhận kết hôn 2. Giấy chứng sinh",
    "Lý do: Giấy chứng sinh đã nộp bị mờ, không đọc được ngày sinh.",
    "bổ sung, hoàn thiện hồ sơ trước 17 giờ 00 phút, ngày 30 tháng 03 năm 2026; quá thời hạn này",
    "liên hệ với Trần Văn Mẫu, số điện thoại 0225 0000 000 để được hướng dẫn.",
    "NGƯỜI HƯỚNG DẪN (Ký và ghi rõ họ tên) Trần Văn Mẫu",
)
REFUSAL_LINES = (
    *HEAD,
    "Số: 05/PTC-TTPVHCC",
    "Mã hồ sơ: H24.45-260305-0007",
    "Trung tâm Phục vụ hành chính công",
    *PERSON,
    "Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
    "Nội dung yêu cầu giải quyết: Thủ tục đăng ký khai sinh",
    "Trung tâm Phục vụ hành chính công thông báo không tiếp nhận hồ sơ này với lý do cụ thể như sau:",
    "- Thủ tục không thuộc thẩm quyền của phường.",
    "- Giấy chứng sinh không phải của người được khai sinh.",
    "NGƯỜI NỘP HỒ SƠ (Ký và ghi rõ họ tên)",
    "NGƯỜI TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên)",
    "Trần Văn Mẫu",
)
APOLOGY_LINES = (
    *HEAD[:3],
    "Thí Điểm, ngày 24 tháng 03 năm 2026",
    "Số: 12/PXL",
    "Kính gửi: Bà Nguyễn Thị Ví Dụ",
    "Ngày 05 tháng 03 năm 2026, Trung tâm Phục vụ hành chính công phường Thí Điểm đã tiếp nhận",
    "“Thủ tục đăng ký khai sinh”",
    "Ông (Bà)/Tổ chức: Nguyễn Thị Ví Dụ",
    "số định danh: 001099000001",
    "mã số hồ sơ: H24.45-260305-0007",
    "Thời gian hẹn trả kết quả giải quyết hồ sơ: 09 giờ 00 phút, ngày 26 tháng 03 năm 2026",
    "ghi trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    "Lý do: Cơ quan được hỏi ý kiến chưa trả lời.",
    "xin lỗi Ông (Bà)/Tổ chức",
    "thời gian trả kết quả mới: 16 giờ 30 phút, ngày 02 tháng 04 năm 2026",
    "Mong Ông (Bà)/Tổ chức thông cảm./.",
    "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH",
    "Lê Thị Giả Định",
    "Nơi nhận:",
)
STOP_LINES = (
    *HEAD,
    "Số: 05/TBD-TTPVHCC",
    "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
    "(Bố cục dự thảo, chờ phụ lục chính thức)",
    "Mã hồ sơ: H24.45-260305-0007",
    *PERSON,
    "Thủ tục hành chính: Thủ tục đăng ký khai sinh",
    "Thời gian nhận hồ sơ: 09 giờ 00 phút, ngày 05 tháng 03 năm 2026",
    "Thời gian đề nghị dừng giải quyết: 14 giờ 05 phút, ngày 09 tháng 03 năm 2026",
    "Hình thức đề nghị: Bưu chính công ích",
    "Tình trạng hồ sơ tại thời điểm dừng: Đang xử lý",
    "Lý do đề nghị: Chuyển nơi ở, sẽ nộp hồ sơ ở phường khác.",
    "dừng giải quyết hồ sơ nêu trên kể từ ngày 09 tháng 03 năm 2026, theo đề nghị của Ông (Bà)/Tổ chức.",
    "Giấy tờ trả lại gồm: STT Tên giấy tờ Bản chính Bản sao 1 Tờ khai đăng ký khai sinh 1 0 2 Giấy chứng sinh 1 3",
    "Phí, lệ phí hoàn trả: 8.000 đồng",
    "TRƯỞNG BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ (Ký và ghi rõ họ tên) Trần Văn Mẫu",
)
OBLIGATION_LINES = (
    *HEAD,
    "Số: 05/TBNVTC-TTPVHCC",
    "THÔNG BÁO VỀ VIỆC THỰC HIỆN NGHĨA VỤ TÀI CHÍNH",
    "Mã hồ sơ: H24.45-260305-0007",
    *PERSON,
    "Nội dung (hoặc số thông báo): Thông báo thuế số 12/TB-CCT ngày 08/3/2026",
    "Số tiền: 3.250.000 đồng",
    "Bằng chữ: Ba triệu hai trăm năm mươi nghìn đồng.",
    "Nơi nộp, cách nộp: Nộp trực tuyến trên Cổng Dịch vụ công quốc gia",
    "Thời hạn giải quyết hồ sơ tạm dừng tính từ ngày thông báo",
    "Hẹn trả kết quả: 4 ngày làm việc kể từ khi hoàn thành nghĩa vụ tài chính.",
    "NGƯỜI THÔNG BÁO (Ký và ghi rõ họ tên) Trần Văn Mẫu",
)

FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    (CURRENT, "01"): (*RECEIPT_LINES, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Đơn vị tiếp nhận: Trung tâm"),
    (CURRENT, "02"): SUPPLEMENT_LINES,
    (CURRENT, "03"): (*REFUSAL_LINES, "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"),
    (CURRENT, "04"): (*APOLOGY_LINES, "PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"),
    (CURRENT, "05"): STOP_LINES,
    ("-", ""): OBLIGATION_LINES,
    (OLD, "01"): (*RECEIPT_LINES, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
    (OLD, "02"): SUPPLEMENT_LINES,
    (OLD, "03"): (*REFUSAL_LINES, "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"),
    (OLD, "04"): (*APOLOGY_LINES, "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
    (RESIDENCE, "CT04"): (
        *RECEIPT_LINES,
        "PHIẾU TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ (Bố cục dự thảo",
        "Đơn vị tiếp nhận: Trung tâm Phục vụ hành chính công",
        "CÁN BỘ TIẾP NHẬN HỒ SƠ",
    ),
    (RESIDENCE, "CT06"): (
        *REFUSAL_LINES,
        "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ (Bố cục dự thảo",
        "Đơn vị tiếp nhận: Trung tâm Phục vụ hành chính công",
    ),
}
FEET = {
    CURRENT: "Mẫu số {}, Thông tư số 03/2025/TT-VPCP",
    OLD: "Mẫu số {}, Thông tư số 01/2018/TT-VPCP",
    RESIDENCE: "Mẫu {}, Thông tư số 66/2023/TT-BCA",
}


def name(form: OfficialForm) -> str:
    return f"{form.form_set} {form.key or form.kind.value}"


@cache
def printed(form: OfficialForm) -> bytes:
    return render_pdf(form, SAMPLES[form.kind])


each_form = pytest.mark.parametrize("form", FORMS, ids=name)


def test_every_form_of_every_set_has_values_and_a_template() -> None:
    assert [form for form in official_forms.FORMS if not hasattr(values_class(form.kind), "form")] == []
    assert [form for form in official_forms.FORMS if not (TEMPLATES / f"{template_of(form)}.typ").is_file()] == []


@each_form
def test_form_prints_every_field_on_one_page(form: OfficialForm) -> None:
    found = text(printed(form))

    assert [line for line in FIELDS[form.form_set, form.key] if line not in found] == []
    assert FEET.get(form.form_set, "Mã hồ sơ: {}").format(form.key) in found
    assert pages(printed(form)) == 1


@each_form
def test_form_embeds_liberation_serif_only(form: OfficialForm) -> None:
    found = fonts(printed(form))

    assert {family.partition("+")[2].partition("-")[0] for family, _ in found} == {"LiberationSerif"}
    assert {embedded for _, embedded in found} == {True}


@each_form
def test_form_claims_pdf_a_2b_and_keeps_to_its_margins(form: OfficialForm) -> None:
    assert b"<pdfaid:part>2</pdfaid:part>" in printed(form)
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in printed(form)
    assert outside_margins(printed(form)) == []


IN_ANOTHER_PROCESS = """
import hashlib
from engine.documents.forms import render_pdf
from tests.unit.documents.test_official_forms import FORMS, SAMPLES
for form in FORMS:
    print(hashlib.sha256(render_pdf(form, SAMPLES[form.kind])).hexdigest())
"""


def test_forms_are_the_same_bytes_again_and_in_another_process() -> None:
    again = [render_pdf(form, replace(SAMPLES[form.kind])) for form in FORMS]
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )

    assert again == [printed(form) for form in FORMS]
    assert done.stdout.split() == [hashlib.sha256(content).hexdigest() for content in again]
    assert len(set(again)) == len(FORMS)


def test_receipt_prints_local_additions_where_they_are_known() -> None:
    form = form_of(CURRENT, FormKind.RECEIPT)
    known = replace(
        RECEIPT,
        authoriser=AUTHORISER,
        second_limit_text="4 ngày làm việc",
        fee_text="50.000 đồng (thu trước)",
        certification=Certification(pages=12, copies=3, electronic=True),
    )
    found = text(render_pdf(form, known))

    assert "Phí, lệ phí: 50.000 đồng (thu trước)" in found
    assert "Chứng thực: 12 trang; 03 bản giấy; có ký bản điện tử" in found
    assert "Theo ủy quyền của Ông (Bà)/Tổ chức: Phạm Văn Ủy Quyền" in found
    assert "Hẹn lần 2: 4 ngày làm việc kể từ khi hoàn thành nghĩa vụ tài chính." in found
    assert "Chứng thực" not in text(printed(form))
    assert "lệ phí" not in text(printed(form))


def test_a_number_tells_which_kind_of_paper_it_is() -> None:
    symbols = [official_forms.symbol_of(kind, desk_symbol="TTPVHCC", own={}) for kind in SAMPLES]

    assert len(set(symbols)) == len(SAMPLES)
    assert official_forms.symbol_of(FormKind.OBLIGATION, desk_symbol="TTPVHCC", own={}) == "TBNVTC-TTPVHCC"


def test_certification_on_paper_only_says_nothing_of_an_electronic_copy() -> None:
    paper = replace(RECEIPT, certification=Certification(pages=9, copies=10, electronic=False))

    assert fields_of(RECEIPT.form, paper)["certification"] == "09 trang; 10 bản giấy"


@pytest.mark.parametrize("form_set", [CURRENT, RESIDENCE])
def test_online_refusal_says_when_and_what_came_and_only_the_office_signs(form_set: str) -> None:
    form = form_of(form_set, FormKind.REFUSAL)
    found = text(render_pdf(form, replace(REFUSAL, channel="online", code=None)))

    assert "Thời gian nộp hồ sơ trực tuyến: 20 giờ 15 phút, ngày 08 tháng 03 năm 2026" in found
    assert "Số lượng giấy tờ đã nộp: 03" in found
    assert "NGƯỜI NỘP HỒ SƠ" not in found
    assert "NGƯỜI TIẾP NHẬN HỒ SƠ" in found
    assert "Mã hồ sơ" not in found
    assert "trực tuyến" not in text(printed(form))


@pytest.mark.parametrize("form_set", [CURRENT, RESIDENCE])
def test_online_receipt_is_signed_by_the_office_only(form_set: str) -> None:
    found = text(render_pdf(form_of(form_set, FormKind.RECEIPT), replace(RECEIPT, channel="online")))

    assert "NGƯỜI NỘP HỒ SƠ" not in found
    assert "TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên)" in found


def test_refusal_after_appraisal_says_so_and_is_signed_by_the_head() -> None:
    refused = replace(REFUSAL, at_reception=False, signer_title="KT. Chủ tịch\nPhó Chủ tịch", signer_name="")
    found = text(render_pdf(REFUSAL.form, refused))

    assert "Cơ quan giải quyết: Trung tâm" in found
    assert "thông báo không giải quyết hồ sơ này với lý do cụ thể như sau:" in found
    assert "KT. CHỦ TỊCH PHÓ CHỦ TỊCH (Ký và ghi rõ họ tên)" in found
    assert "không tiếp nhận" not in found


@pytest.mark.parametrize("kind", [FormKind.RECEIPT, FormKind.SUPPLEMENT, FormKind.APOLOGY])
def test_place_that_an_agency_has_not_set_is_left_to_be_filled_in(kind: FormKind) -> None:
    found = text(render_pdf(form_of(CURRENT, kind), replace(SAMPLES[kind], place=" "))).replace(". ", ".")

    assert "........, ngày" in found


def test_supplement_request_leaves_dots_for_what_is_not_known() -> None:
    bare = replace(
        SUPPLEMENT, number=None, items=(), reason="", contact_name="", contact_phone=None, answer_due_at=None,
        tracking_url=None,
    )  # fmt: skip
    found = text(render_pdf(SUPPLEMENT.form, bare)).replace(". ", ".")

    assert "Số: ......./PBS-TTPVHCC" in found
    assert "gồm những nội dung sau: ....." in found
    assert "Lý do: ....." in found
    assert "liên hệ với ....." in found
    assert "trước" not in found


def test_stop_notice_on_a_ground_of_the_agency_names_no_request() -> None:
    stopped = replace(STOP, requested_at=None, requested_how=None, papers_back=(), refund_vnd=0, received_at=None)
    found = text(render_pdf(STOP.form, stopped))

    assert "Căn cứ, lý do dừng: Chuyển nơi ở" in found
    assert "đề nghị" not in found
    assert "Giấy tờ trả lại: không có." in found
    assert "Phí, lệ phí hoàn trả: không có" in found
    assert "Thời gian nhận hồ sơ" not in found


def test_stop_notice_leaves_dots_for_money_that_is_not_settled() -> None:
    assert "Phí, lệ phí hoàn trả: ...." in text(render_pdf(STOP.form, replace(STOP, refund_vnd=None)))


@pytest.mark.parametrize(("kind", "field"), [(FormKind.REFUSAL, "channel"), (FormKind.STOP, "requested_how")])
def test_notice_for_an_unknown_channel_is_refused(kind: FormKind, field: str) -> None:
    with pytest.raises(UnknownWordError):
        render_pdf(form_of(CURRENT, kind), replace(SAMPLES[kind], **{field: "pigeon"}))


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_paper_for_a_citizen_opens_the_tracking_page(kind: FormKind) -> None:
    form, values = form_of(CURRENT, kind), SAMPLES[kind]
    with_code = render_pdf(form, replace(values, tracking_url="https://motcua.example.vn/tra-cuu/H24"))

    assert with_code != render_pdf(form, replace(values, tracking_url="https://motcua.example.vn/tra-cuu/H25"))
