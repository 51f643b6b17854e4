"""Our own layouts of the forms as Word templates; each prints what the typst template of the same name prints."""

from __future__ import annotations

from dataclasses import dataclass

from engine.documents.docx.form_parts import (
    INDENT,
    QR,
    UNDECIDED,
    field,
    head,
    looked_up,
    pair,
    signature,
    titled_with_code,
    two_signatures,
)
from engine.documents.docx.language import DOTS
from engine.documents.docx.layout import TEXT_WIDTH, each, grid, par, run, table, when

FOOT = "{{ form }}. Mã hồ sơ: {{ code }}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a template is built from."""

    title: str
    content: str
    foot: str = FOOT
    size: float = 12.5  #: points
    landscape: bool = False


def _receipt() -> str:
    papers = table(
        (620, TEXT_WIDTH - 620 - 1200 - 1100, 1200, 1100),
        ("STT", "Tên giấy tờ", "Bản chính", "Bản sao"),
        "paper in papers",
        ("{{ loop.index }}", "<{{ paper.name }}", "{{ paper.originals }}", "{{ paper.copies }}"),
    )
    authoriser = (
        field("Theo ủy quyền của Ông (Bà)/Tổ chức", "{{ authoriser.name }}", bold=True),
        field("Số định danh của người ủy quyền", "{{ authoriser.identity_number }}"),
        field("Địa chỉ của người ủy quyền", "{{ authoriser.address }}"),
        pair("Số điện thoại", "{{ authoriser.phone }}", "Email", "{{ authoriser.email }}"),
        field("Giấy tờ ủy quyền", "{{ authoriser.paper }}"),
    )
    due = "{% if second_limit %}lần 1: {% endif %}{{ due }}" + UNDECIDED
    second = "Hẹn lần 2: {{ second_limit }} kể từ khi hoàn thành nghĩa vụ tài chính."
    listed = par("Thành phần hồ sơ nộp gồm:", after=60)
    book = "Vào Sổ theo dõi hồ sơ, Quyển số: {{ book.volume }}, Số thứ tự: {{ book.entry }}"
    note = "(Ký và ghi rõ họ tên)"
    submitter = when("submitter_signs", signature("NGƯỜI NỘP HỒ SƠ", note)) + par(after=0)
    return "".join(
        (
            head(),
            titled_with_code("GIẤY TIẾP NHẬN HỒ SƠ", "VÀ HẸN TRẢ KẾT QUẢ"),
            when("reissue", par(run("{{ reissue }}", italic=True, size=11.5), align="center")),
            field("Đơn vị tiếp nhận", "{{ unit_name }}"),
            field("Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức", "{{ applicant.name }}", bold=True),
            field("Số định danh cá nhân/tổ chức", "{{ applicant.identity_number }}"),
            field("Địa chỉ", "{{ applicant.address }}"),
            pair("Số điện thoại", "{{ applicant.phone }}", "Email", "{{ applicant.email }}"),
            when("authoriser", *authoriser),
            field("Nội dung yêu cầu giải quyết", "{{ procedure_name }} (mã thủ tục: {{ procedure_code }})"),
            when("papers", listed, papers, otherwise=(field("Thành phần hồ sơ nộp gồm", DOTS),)),
            field("Số lượng hồ sơ", "{{ dossier_count }} (bộ)"),
            field("Hình thức nộp hồ sơ", "{{ channel }}"),
            field("Thời gian giải quyết hồ sơ theo quy định là", "{{ limit }}"),
            field("Thời gian nhận hồ sơ", "{{ received }}"),
            field("Thời gian trả kết quả giải quyết hồ sơ", due, bold=True),
            when("second_limit", par(run(second, bold=True))),
            field("Đăng ký nhận kết quả tại", "{{ result_place }}"),
            when("book", par(book)),
            looked_up(),
            two_signatures(submitter, signature("NGƯỜI TIẾP NHẬN HỒ SƠ", note, "{{ receiver }}")),
        )
    )


def _apology() -> str:
    receipt = "ghi trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả."
    asked = (
        "Ngày {{ received }}, {{ receiving_unit }} đã tiếp nhận hồ sơ đề nghị giải quyết thủ tục hành chính "
        "“{{ procedure_name }}” (mã thủ tục: {{ procedure_code }}) của Ông (Bà)/Tổ chức: {{ applicant }}; "
        "số định danh: {{ identity_number }}; mã số hồ sơ: {{ code }}."
    )
    failed = (
        "Tuy nhiên, {% if met %}{{ agency }} đã không thực hiện đúng thời gian hẹn lần thứ nhất "
        "{% elif not extends %}{{ agency }} đã không trả kết quả giải quyết hồ sơ đúng thời gian "
        "{% elif overdue %}đến nay {{ agency }} chưa trả kết quả giải quyết hồ sơ đúng thời gian "
        "{% else %}{{ agency }} không thể trả kết quả giải quyết hồ sơ đúng thời gian {% endif %}" + receipt
    )
    sorry = (
        "{{ agency }} xin lỗi Ông (Bà)/Tổ chức vì sự chậm trễ này"
        "{% if met %}. Phần việc của lần hẹn thứ nhất đã hoàn thành vào {{ met }}."
        "{% elif finished %}. Việc giải quyết hồ sơ đã hoàn thành vào {{ finished }}."
        "{% elif ended %}. Việc giải quyết hồ sơ đã kết thúc vào {{ ended }}."
        "{% else %} và đề nghị gia hạn thời gian giải quyết hồ sơ; thời gian trả kết quả mới: "
    )
    new_date = run("{{ new_due }}" + UNDECIDED, bold=True)
    recipient = "- {{ name }}{% if loop.last %}.{% else %};{% endif %}"
    looked_up_at = par(run("Quét mã QR để tra cứu hồ sơ", italic=True, size=10), align="left", after=0)
    to = (
        when("recipients", par(run("Nơi nhận:", bold=True, italic=True, size=12), align="left", after=0)),
        each("name in recipients", par(run(recipient, size=11), align="left", after=0)),
        when("tracking_url", par(QR, align="left", after=0), looked_up_at),
        par(after=0),
    )
    return "".join(
        (
            when("draft", par(run("BẢN NHÁP", bold=True, size=26, grey=True), align="center", after=0)),
            head(),
            each("line in title", par(run("{{ line }}", bold=True, size=14), align="center", after=20, keep=True)),
            par(rule=TEXT_WIDTH * 33 // 100, after=160),
            par("Kính gửi: {{ addressee }}", align="center", after=160),
            par(asked, first=INDENT),
            par("Thời gian hẹn trả kết quả giải quyết hồ sơ: {{ due }}.", first=INDENT),
            par(failed, first=INDENT),
            par("Lý do: {{ reason }}", first=INDENT),
            when("caused_by", par("Đơn vị để chậm thời hạn: {{ caused_by }}.", first=INDENT)),
            par(run(sorry), new_date, run(".{% endif %}"), first=INDENT),
            par("Mong Ông (Bà)/Tổ chức thông cảm./.", first=INDENT, keep=True, after=200),
            grid(
                (TEXT_WIDTH * 46 // 100, TEXT_WIDTH * 54 // 100),
                "".join(to),
                signature("{{ signer_title }}", "", "{{ signer_name }}"),
                keep=True,
            ),
        )
    )


#: By the name of the typst template that prints the same.
LAYOUTS: dict[str, Layout] = {
    "receipt": Layout("Giấy tiếp nhận hồ sơ và hẹn trả kết quả", _receipt()),
    "apology": Layout("Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết", _apology(), size=13.5),
}
