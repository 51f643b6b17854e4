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

FOOT = "{% if form %}{{ form }}. {% endif %}{% if code %}Mã hồ sơ: {{ code }}{% endif %}"
CT_DRAFT = "(Bố cục dự thảo, chờ đối chiếu biểu mẫu của Bộ Công an)"
BY_HAND = "(Ký và ghi rõ họ tên)"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a template is built from."""

    title: str
    content: str
    foot: str = FOOT
    size: float = 13  #: points
    landscape: bool = False


def _papers(name: str) -> str:
    return table(
        (620, TEXT_WIDTH - 620 - 1200 - 1100, 1200, 1100),
        ("STT", "Tên giấy tờ", "Bản chính", "Bản sao"),
        f"paper in {name}",
        ("{{ loop.index }}", "<{{ paper.name }}", "{{ paper.originals }}", "{{ paper.copies }}"),
    )


def _person(label: str = "Hồ sơ của Ông (Bà)/Tổ chức") -> str:
    return "".join(
        (
            field(label, "{{ applicant.name }}", bold=True),
            field("Số định danh cá nhân/tổ chức", "{{ applicant.identity_number }}"),
            field("Địa chỉ", "{{ applicant.address }}"),
            pair("Số điện thoại", "{{ applicant.phone }}", "Email", "{{ applicant.email }}"),
        )
    )


def _procedure(label: str = "Nội dung yêu cầu giải quyết") -> str:
    return field(label, "{{ procedure_name }} (mã thủ tục: {{ procedure_code }})")


def _signer() -> str:
    return two_signatures(par(after=0), signature("{{ signer_title }}", BY_HAND, "{{ signer }}"))


def _receiving(receiver: str, remark: str = "") -> str:
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
    submitter = when("submitter_signs", signature("NGƯỜI NỘP HỒ SƠ", BY_HAND)) + par(after=0)
    return "".join(
        (
            head(),
            titled_with_code(remark),
            when("reissue", par(run("{{ reissue }}", italic=True, size=11.5), align="center")),
            field("{{ office_label }}", "{{ unit_name }}"),
            _person("Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức"),
            when("authoriser", *authoriser),
            _procedure(),
            when("papers", listed, _papers("papers"), otherwise=(field("Thành phần hồ sơ nộp gồm", DOTS),)),
            field("Số lượng hồ sơ", "{{ dossier_count }} (bộ)"),
            when("certification", field("Chứng thực", "{{ certification }}")),
            field("Hình thức nộp hồ sơ", "{{ channel }}"),
            field("Thời gian giải quyết hồ sơ theo quy định là", "{{ limit }}"),
            field("Thời gian nhận hồ sơ", "{{ received }}"),
            field("Thời gian trả kết quả giải quyết hồ sơ", due, bold=True),
            when("second_limit", par(run(second, bold=True))),
            field("Đăng ký nhận kết quả tại", "{{ result_place }}"),
            when("fee", field("Phí, lệ phí", "{{ fee }}")),
            when("book", par(book)),
            looked_up(),
            two_signatures(submitter, signature(receiver, BY_HAND, "{{ receiver }}")),
        )
    )


def _refusing(remark: str = "") -> str:
    said = (
        "Qua xem xét, {{ unit_name }} thông báo {% if at_reception %}không tiếp nhận hồ sơ{% else %}không giải quyết "
        "hồ sơ{% endif %} này với lý do cụ thể như sau:"
    )
    counted = when("papers_count", field("Số lượng giấy tờ đã nộp", "{{ papers_count }}"))
    submitter = when("submitter_signs", signature("NGƯỜI NỘP HỒ SƠ", BY_HAND)) + par(after=0)
    return "".join(
        (
            head(),
            titled_with_code(remark),
            field("{{ office_label }}", "{{ unit_name }}"),
            _person("Tiếp nhận hồ sơ của Ông (Bà)/Tổ chức"),
            _procedure(),
            when("submitted", field("Thời gian nộp hồ sơ trực tuyến", "{{ submitted }}"), counted),
            par(said),
            when("reason", each("line in reason", par("{{ line }}")), otherwise=(par(DOTS),)),
            par("Trân trọng thông báo để Ông (Bà)/Tổ chức được biết./.", keep=True),
            two_signatures(submitter, signature("{{ signer_title }}", BY_HAND, "{{ signer }}")),
        )
    )


def _supplement() -> str:
    until = (
        "Đề nghị Ông (Bà)/Tổ chức bổ sung, hoàn thiện hồ sơ trước {{ answer_due }}; "
        "quá thời hạn này mà không bổ sung, hồ sơ được kết thúc."
    )
    contact = (
        "Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, Ông (Bà)/Tổ chức liên hệ với {{ contact.name }}, "
        "số điện thoại {{ contact.phone }} để được hướng dẫn."
    )
    return "".join(
        (
            head(),
            titled_with_code(),
            _person(),
            _procedure(),
            par(run("Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:", bold=True)),
            when("items", each("item in items", par("{{ loop.index }}. {{ item }}")), otherwise=(par(DOTS),)),
            _stated("Lý do"),
            when("answer_due", par(until)),
            par(contact, keep=True),
            _signer(),
        )
    )


def _stated(label: str) -> str:
    lines = "{% for line in reason %}{% if not loop.first %} {% endif %}{{ line }}{% endfor %}"
    return par(run(f"{label}: ", bold=True), run("{% if reason %}" + lines + "{% else %}" + DOTS + "{% endif %}"))


def _stop() -> str:
    why = "{% if requested %}Lý do đề nghị{% else %}Căn cứ, lý do dừng{% endif %}"
    stopped = (
        "{{ unit_name }} thông báo: dừng giải quyết hồ sơ nêu trên kể từ {{ dated }}"
        "{% if requested %}, theo đề nghị của Ông (Bà)/Tổ chức{% endif %}."
    )
    requested = (
        field("Thời gian đề nghị dừng giải quyết", "{{ requested }}"),
        field("Hình thức đề nghị", "{{ requested_how }}"),
    )
    back = (par("Giấy tờ trả lại gồm:", after=60), _papers("papers_back"))
    return "".join(
        (
            head(),
            titled_with_code("({{ draft_layout }})"),
            _person(),
            _procedure("Thủ tục hành chính"),
            when("received", field("Thời gian nhận hồ sơ", "{{ received }}")),
            when("requested", *requested),
            field("Tình trạng hồ sơ tại thời điểm dừng", "{{ state }}"),
            _stated(why),
            par(run(stopped, bold=True)),
            when("papers_back", *back, otherwise=(par("Giấy tờ trả lại: không có."),)),
            field("Phí, lệ phí hoàn trả", "{{ refund }}"),
            par("Trân trọng thông báo để Ông (Bà)/Tổ chức được biết./.", keep=True),
            _signer(),
        )
    )


def _obligation() -> str:
    paused = (
        "Thời hạn giải quyết hồ sơ tạm dừng tính từ ngày thông báo và được tính tiếp khi có xác nhận đã hoàn thành "
        "nghĩa vụ tài chính.{% if second_limit %} Hẹn trả kết quả: {{ second_limit }} kể từ khi hoàn thành nghĩa vụ "
        "tài chính.{% endif %}"
    )
    asked = "Để tiếp tục giải quyết hồ sơ, đề nghị Ông (Bà)/Tổ chức thực hiện nghĩa vụ tài chính sau:"
    return "".join(
        (
            head(),
            titled_with_code(),
            _person(),
            _procedure(),
            par(asked),
            field("Nội dung (hoặc số thông báo)", "{{ notice }}"),
            field("Số tiền", "{{ amount }}", bold=True),
            field("Bằng chữ", "{{ amount_spelled }}."),
            field("Nơi nộp, cách nộp", "{{ pay_where }}"),
            par(paused),
            par("Trân trọng thông báo để Ông (Bà)/Tổ chức được biết và thực hiện./.", keep=True),
            _signer(),
        )
    )


def _recipients() -> str:
    recipient = "- {{ name }}{% if loop.last %}.{% else %};{% endif %}"
    looked_up_at = par(run("Quét mã QR để tra cứu hồ sơ", italic=True, size=10), align="left", after=0)
    parts = (
        when("recipients", par(run("Nơi nhận:", bold=True, italic=True, size=12), align="left", after=0)),
        each("name in recipients", par(run(recipient, size=11), align="left", after=0)),
        when("tracking_url", par(QR, align="left", after=0), looked_up_at),
        par(after=0),
    )
    return "".join(parts)


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
                _recipients(),
                signature("{{ signer_title }}", "", "{{ signer_name }}"),
                keep=True,
            ),
        )
    )


_RECEIPT = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
_REFUSAL = "Phiếu từ chối tiếp nhận giải quyết hồ sơ"

#: By the name of the typst template that prints the same.
LAYOUTS: dict[str, Layout] = {
    "receipt": Layout(_RECEIPT, _receiving("NGƯỜI TIẾP NHẬN HỒ SƠ"), size=12.5),
    "receipt-ct": Layout(_RECEIPT, _receiving("CÁN BỘ TIẾP NHẬN HỒ SƠ", CT_DRAFT), size=12.5),
    "supplement": Layout("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", _supplement()),
    "refusal": Layout(_REFUSAL, _refusing()),
    "refusal-ct": Layout(_REFUSAL, _refusing(CT_DRAFT)),
    "apology": Layout("Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết", _apology(), size=13.5),
    "stop": Layout("Thông báo dừng giải quyết hồ sơ", _stop()),
    "obligation": Layout("Thông báo nghĩa vụ tài chính", _obligation()),
}
