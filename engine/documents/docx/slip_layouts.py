"""Layouts of control slip, ledger and the slips of a desk as Word templates (domain.md §2.7, §2.8, §2.10).

The receipt of money has none: it is numbered, in three copies, and nobody may edit it. The invitation is printed once.
"""

from __future__ import annotations

from engine.documents.docx.form_layouts import FOOT, LAYOUTS, Layout
from engine.documents.docx.form_parts import (
    UNDECIDED,
    field,
    head,
    looked_up,
    named,
    pair,
    signature,
    titled_with_code,
    two_signatures,
)
from engine.documents.docx.layout import LANDSCAPE_WIDTH, TEXT_WIDTH, each, grid, par, run, table, when

BY_HAND = "(Ký, ghi rõ họ tên)"
_ASK_TIME = "…… giờ …… phút, ngày …… tháng …… năm ………"


def _or(name: str, other: str) -> str:
    return f"{{% if {name} %}}{{{{ {name} }}}}{{% else %}}{other}{{% endif %}}"


def _widths(total: int, *shares: int) -> tuple[int, ...]:
    """Return widths in twips: millimetres where given, the rest for the one that is 0."""
    fixed = [round(share * 56.7) for share in shares]
    return tuple(width or total - sum(fixed) for width in fixed)


def _control() -> str:
    def line(text: str, bold: bool = False) -> str:
        return par(run(text, size=11, bold=bold), align="left", after=20)

    unit = line("1. Giao: {{ line.from_unit }}") + line("2. Nhận: {{ line.to_unit }}")
    given = line("{% if line.given %}Giao lúc {{ line.given }}{% else %}" + _ASK_TIME + "{% endif %}")
    taken = line("{% if line.taken %}Nhận lúc {{ line.taken }}{% else %}" + _ASK_TIME + "{% endif %}")
    times = given + line("Người giao: {{ line.given_by }}") + taken + line("Người nhận: {{ line.taken_by }}")
    struck = run("{% if line.struck %}{{ line.result }}{% endif %}", size=11, struck=True)
    counts = run("{% if not line.struck %}" + _or("line.result", "–") + "{% endif %}", size=11)
    notes = "<{% for note in line.notes %}{{ note }} {% endfor %}"
    partners = (
        "{% for partner in partners %}{{ partner }}{% if not loop.last %}; {% endif %}{% endfor %}"
        "{% if not partners %}không{% endif %}"
    )
    recorded = (
        "Kết quả giải quyết hồ sơ (trước hạn, đúng hạn, quá hạn) được ghi khi bàn giao cho bên nhận, tính cho bước của "
        "bên giao.",
        "Vết giao nhận được hệ thống ghi tự động, không sửa hoặc xóa được; lần giao nhận đã thu hồi vẫn in và được "
        "gạch kết quả. In theo diễn biến đến {{ as_of }}.",
    )
    return "".join(
        (
            head(),
            named("PHIẾU KIỂM SOÁT", "QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
            field("Mã số hồ sơ", "{{ code }}", bold=True),
            field("Người nộp hồ sơ", "{{ applicant }}"),
            field("Thủ tục", "{{ procedure }}"),
            field("Cơ quan (bộ phận) giải quyết hồ sơ", "{{ resolving }}"),
            field("Cơ quan phối hợp giải quyết hồ sơ", partners),
            field("Ngày nhận", "{{ received }}"),
            field("Hẹn trả kết quả vào", "{{ due }}" + UNDECIDED, bold=True),
            when("extended", field("Hẹn lại (thư xin lỗi)", "{{ extended }}")),
            table(
                _widths(TEXT_WIDTH, 9, 0, 54, 23, 30),
                ("TT", "Tên đơn vị", "Thời gian giao, nhận hồ sơ", "Kết quả giải quyết hồ sơ", "Ghi chú"),
                "line in lines",
                ("{{ line.no }}", unit, times, par(struck, counts, align="center", after=0), notes),
                size=11,
                instead=("line.remark", "{{ line.remark }}"),
            ),
            *(par(run(text, italic=True, size=10.5)) for text in recorded),
        )
    )


def _ledger() -> str:
    which = (
        "Quyển số: {{ book }}; {{ period }}{% if field %}; lĩnh vực: {{ field }}{% endif %}"
        "{% if part %} – {{ part }}{% endif %}"
    )
    work = _or("line.procedure", "–") + "{% for remark in line.remarks %} ({{ remark }}){% endfor %}"
    others = [_or(f"line.{name}", "–") for name in ("person", "contact", "resolving", "received", "due")]
    returned = ("{% if line.returned %}{{ line.returned }}{% endif %}", _or("line.how", "–"))
    total = (
        "Tổng số dòng trong kỳ: {{ total }}. Số thứ tự là số của giấy tiếp nhận; dấu “–” là giấy cấp trước khi có số "
        "thứ tự, hoặc số dự phòng không dùng."
    )
    return "".join(
        (
            head(width=LANDSCAPE_WIDTH),
            named("SỔ THEO DÕI HỒ SƠ", below=which),
            table(
                _widths(LANDSCAPE_WIDTH, 9, 31, 0, 33, 35, 29, 18, 18, 18, 19, 21),
                ("STT", "Mã hồ sơ", "Tên thủ tục hành chính", "Tên tổ chức, cá nhân", "Địa chỉ, số điện thoại",
                 "Cơ quan chủ trì giải quyết", "Nhận hồ sơ", "Hẹn trả kết quả", "Trả kết quả",
                 "Phương thức nhận kết quả", "Ký nhận"),
                "line in lines",
                ("{{ line.entry }}", "<{{ line.code }}", f"<{work}", *(f"<{cell}" for cell in others[:3]), *others[3:],
                 *returned, "<{% if line.receiver %}{{ line.receiver }}{% endif %}"),
                size=9,
                group=(5, "Nhận và trả kết quả"),
            ),
            when("not lines", par(run("Không có hồ sơ nào trong kỳ.", italic=True))),
            par(run(total, size=9.5)),
            par(run("Lập lúc {{ as_of }}, người lập: {{ printed_by }}.", size=9.5)),
        )
    )  # fmt: skip


def _result_receipt() -> str:
    which = "Người nhận kết quả{% if receivers|length > 1 %} thứ {{ loop.index }}{% endif %}"
    person = par(
        run(which + ": {{ person.name }}     Số định danh: {{ person.identity_number }}"), align="left", after=80
    )
    signed = each("person in receivers", signature("NGƯỜI NHẬN KẾT QUẢ", BY_HAND, "{{ person.name }}")) + par(after=0)
    collected = "Bản chính được thu (giấy tờ đã nộp bản sao): {% for name in collects %}{{ name }}; {% endfor %}"
    checked = "Người nhận đã xem lại kết quả, nhận đủ và trả lại giấy tiếp nhận hồ sơ (mẫu 01)."
    return "".join(
        (
            head(number=""),
            titled_with_code(lines=("GIẤY BIÊN NHẬN TRẢ KẾT QUẢ",)),
            field("Đơn vị trả kết quả", "{{ unit }}"),
            field("Chủ hồ sơ", "{{ owner }}", bold=True),
            field("Địa chỉ", "{{ address }}"),
            field("Thủ tục", "{{ procedure }}"),
            field("Ngày nhận hồ sơ", "{{ received }}"),
            field("Hẹn trả kết quả", "{{ due }}"),
            field("Có kết quả lúc", "{{ finished }}"),
            field("Kết quả giải quyết", "{{ decision }}"),
            each("person in receivers", person),
            when("authorisation", field("Giấy tờ ủy quyền", "{{ authorisation }}")),
            field("Thời gian nhận kết quả", _or("handed_over", _ASK_TIME)),
            field("Phí, lệ phí", "{{ fee }}"),
            when("collects", par(collected)),
            par(checked),
            looked_up(),
            two_signatures(signed, signature("NGƯỜI TRẢ KẾT QUẢ", BY_HAND, "{{ officer }}")),
        )
    )


def _result_handover() -> str:
    giver = signature("BÊN GIAO", BY_HAND, "{% if given_by %}{{ given_by }}{% endif %}")
    taker = signature("BÊN NHẬN", BY_HAND, "{% if taken_by %}{{ taken_by }}{% endif %}")
    return "".join(
        (
            head(number=""),
            named("PHIẾU BÀN GIAO KẾT QUẢ", below="Mã hồ sơ: {{ code }}"),
            field("Chủ hồ sơ", "{{ owner }}", bold=True),
            field("Thủ tục", "{{ procedure }}"),
            field("Hẹn trả kết quả", "{{ due }}"),
            field("Có kết quả lúc", "{{ finished }}"),
            field("Kết quả giải quyết", "{{ decision }}"),
            field("Bên giao", "{{ giver }}", bold=True),
            field("Người giao", "{{ given_by }}"),
            field("Thời gian giao", _or("given", _ASK_TIME)),
            field("Bên nhận", "{{ receiver }}", bold=True),
            field("Người nhận", "{{ taken_by }}"),
            field("Thời gian nhận", _or("taken", _ASK_TIME)),
            par("Giấy tờ bàn giao (ghi số bản):"),
            *(par(f"{no}. " + "…" * 40) for no in (1, 2, 3)),
            two_signatures(giver, taker),
        )
    )


def _bundle() -> str:
    counted = "Hai bên đã kiểm đếm đủ số lượng hồ sơ nêu trên. Giấy này lập thành 02 bản, mỗi bên giữ 01 bản."
    return "".join(
        (
            head(number=""),
            named("GIẤY BÀN GIAO HỒ SƠ"),
            field("Bên giao", "{{ giver }}", bold=True),
            field("Người giao", "{{ given_by }}"),
            field("Bên nhận", "{{ receiver }}", bold=True),
            field("Người nhận", "{{ taken_by }}"),
            field("Số lượng", "{{ count }} hồ sơ"),
            par("Loại hồ sơ:", align="left", after=40),
            each("name in kinds", par("- {{ name }}", align="left", after=20)),
            field("Thời gian giao", "{{ time }}"),
            table(
                _widths(TEXT_WIDTH, 10, 40, 0, 26, 26, 26),
                ("STT", "Mã hồ sơ", "Người đăng ký", "Ngày nhận", "Hẹn trả", "Bên nhận ký lúc"),
                "line in lines",
                ("{{ loop.index }}", "<{{ line.code }}", "<{{ line.person }}", _or("line.received", "–"),
                 _or("line.due", "–"), "{% if line.taken %}{{ line.taken }}{% endif %}"),
                size=11,
            ),
            par(counted, keep=True),
            two_signatures(signature("BÊN GIAO", BY_HAND), signature("BÊN NHẬN", BY_HAND)),
        )
    )  # fmt: skip


def _course() -> str:
    return "".join(
        (
            head(number="", superior=False, width=LANDSCAPE_WIDTH),
            named("QUÁ TRÌNH XỬ LÝ HỒ SƠ", below="Mã hồ sơ: {{ code }}"),
            field("Người nộp hồ sơ", "{{ applicant }}", bold=True),
            field("Thủ tục", "{{ procedure }}"),
            pair("Ngày nhận", _or("received", "chưa tiếp nhận"), "Hẹn trả kết quả", _or("due", "chưa hẹn")),
            table(
                _widths(LANDSCAPE_WIDTH, 11, 30, 48, 0, 52, 30),
                ("STT", "Ngày xử lý", "Người xử lý", "Thao tác", "Người nhận", "Thời hạn"),
                "line in lines",
                ("{{ loop.index }}", "{{ line.at }}", "<{{ line.by }}",
                 "<{{ line.act }}{% if line.subject %}: {{ line.subject }}{% endif %}",
                 "<{% if line.to %}{{ line.to }}{% endif %}", "{% if line.due %}{{ line.due }}{% endif %}"),
                size=10.5,
            ),
        )
    )  # fmt: skip


def _late_report() -> str:
    why = (
        "<{% if line.cause %}{{ line.cause }}. {% endif %}{% if line.letter %}Thư xin lỗi: {{ line.letter }}"
        "{% else %}Chưa có thư xin lỗi{% endif %}{% if line.extended %}; Hẹn lại: {{ line.extended }}{% endif %}"
    )
    counted = (
        "Tổng số: {{ count }} hồ sơ; đã có kết quả: {{ done }}; chưa có kết quả: {{ open }}; "
        "đã có thư xin lỗi: {{ apologised }}."
    )
    head_of_office = signature("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "(Ký, ghi rõ họ tên, đóng dấu)")
    return "".join(
        (
            head(width=LANDSCAPE_WIDTH),
            named("BÁO CÁO HỒ SƠ TRẢ KẾT QUẢ QUÁ HẠN", below="{{ what }}"),
            par(counted),
            table(
                _widths(LANDSCAPE_WIDTH, 9, 32, 33, 0, 19, 19, 19, 14, 32, 38),
                ("STT", "Mã hồ sơ", "Người nộp", "Thủ tục", "Ngày nhận", "Hẹn trả", "Có kết quả", "Số ngày quá hạn",
                 "Nơi đang giữ", "Lý do; thư xin lỗi; hẹn lại"),
                "line in lines",
                ("{{ loop.index }}", "<{{ line.code }}", "<{{ line.person }}", "<{{ line.procedure }}",
                 _or("line.received", "–"), "{{ line.due }}", _or("line.finished", "chưa có"), "{{ line.days }}",
                 "<" + _or("line.place", "–"), why),
                size=9.5,
            ),
            when("not lines", par(run("Không có hồ sơ nào.", italic=True))),
            grid((LANDSCAPE_WIDTH // 2,) * 2, signature("NGƯỜI LẬP BÁO CÁO", BY_HAND, "{{ reporter }}"),
                 head_of_office, keep=True),
        )
    )  # fmt: skip


def _feedback() -> str:
    questions = table(
        _widths(TEXT_WIDTH, 10, 0, 22, 22, 22, 22),
        ("TT", "Nội dung", *(f"{{% for answer in answers %}}{{% if loop.index == {no} %}}{{{{ answer }}}}{{% endif %}}"
                             "{% endfor %}" for no in (1, 2, 3, 4))),
        "question in questions",
        ("{{ loop.index }}", "<{{ question }}", *("☐",) * 4),
    )  # fmt: skip
    more = "Ông (Bà) có phải đi lại, nộp thêm giấy tờ hoặc khoản tiền nào ngoài hướng dẫn không? Nếu có, ghi rõ:"
    put = (
        "Bỏ phiếu vào hòm thư góp ý, gửi cho công chức tại quầy{% if phone %}, hoặc gọi {{ phone }}{% endif %}. "
        "Xem hồ sơ: quét mã QR ở trên hoặc mở {{ tracking_url }}"
    )
    dotted = par("…" * 48)
    return "".join(
        (
            head(number=""),
            titled_with_code("về việc tiếp nhận, giải quyết hồ sơ và trả kết quả", lines=("PHIẾU GÓP Ý",)),
            field("Kính gửi", "{{ unit }}", bold=True),
            field("Họ tên người góp ý (không bắt buộc)", "{{ applicant }}"),
            field("Thủ tục", "{{ procedure }}"),
            par("Ông (Bà) đánh dấu X vào ô phù hợp:"),
            questions,
            par(more, align="left"),
            dotted * 2,
            par("Ý kiến góp ý, đề nghị khác:", align="left"),
            dotted * 4,
            par(run(put, italic=True, size=11)),
            two_signatures(par(after=0), signature("NGƯỜI GÓP Ý", "(Ký, ghi rõ họ tên nếu muốn)")),
        )
    )


_BOOK = "{{ form }}. Sổ theo dõi hồ sơ {{ period }}{% if part %}, {{ part }}{% endif %}"
_CODE = "Mã hồ sơ: {{ code }}"

#: By the name of the typst template that prints the same, the official forms first.
ALL: dict[str, Layout] = {
    **LAYOUTS,
    "control": Layout("Phiếu kiểm soát quá trình giải quyết hồ sơ", _control(), FOOT, size=12),
    "ledger": Layout("Sổ theo dõi hồ sơ", _ledger(), _BOOK, size=11, landscape=True),
    "result-receipt": Layout("Giấy biên nhận trả kết quả", _result_receipt(), _CODE, size=12.5),
    "result-handover": Layout("Phiếu bàn giao kết quả", _result_handover(), _CODE, size=12.5),
    "bundle": Layout("Giấy bàn giao hồ sơ", _bundle(), "", size=12.5),
    "course": Layout(
        "Quá trình xử lý hồ sơ", _course(), "Theo diễn biến hồ sơ đến {{ as_of }}. " + _CODE, size=12, landscape=True
    ),
    "late-report": Layout(
        "Báo cáo hồ sơ trả kết quả quá hạn", _late_report(), "Số liệu lúc {{ as_of }}", size=12, landscape=True
    ),
    "feedback": Layout("Phiếu góp ý", _feedback(), _CODE, size=12.5),
}
