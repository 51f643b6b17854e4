"""Values of the slips of a desk, clearly made up: short ones, and long ones that fill pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from engine.documents.bundles import BundleLine, BundleValues
from engine.documents.control_slips import ControlLine, ControlSlipValues
from engine.documents.courses import ACTS, CourseLine, CourseValues
from engine.documents.fee_receipts import FeeReceiptValues
from engine.documents.feedback_slips import FeedbackValues
from engine.documents.late_reports import LateLine, LateReportValues
from engine.documents.ledgers import LedgerLine, LedgerRemark, LedgerValues, RemarkKind
from engine.documents.result_slips import ResultHandoverValues, ResultReceiptValues, ResultReceiver
from engine.domain.official_forms import CURRENT, OWN, FormKind, form_of
from engine.domain.slip_lines import LineKind, Mark
from tests.unit.documents.sample_papers import HANOI

ZONE = "Asia/Ho_Chi_Minh"
CODE = "H24.45-260305-0007"
AT = datetime(2026, 3, 5, 9, 0, tzinfo=HANOI)
DUE = datetime(2026, 3, 26, 9, 0, tzinfo=HANOI)
NOW = datetime(2026, 3, 27, 15, 30, tzinfo=HANOI)
LONG = ("Tổ chức Kinh tế Thí Điểm Được Đặt Tên Rất Dài Để Xem Trang In Có Bị Cắt Hay Không " * 5)[:300].strip()
HOSTILE = '#panic("x") *đậm* $x$ [a] <b> \\ =HYPERLINK("http://x") ' + "Ặ" * 50
TRACKING = f"https://motcua.example.vn/tra-cuu/{CODE}"

_ISSUER: dict[str, Any] = {"superior_body": "Ủy ban nhân dân phường Thí Điểm", "place": "Thí Điểm", "zone": ZONE}
_DESK = "Trung tâm Phục vụ hành chính công"
_PROCEDURE = {"procedure_code": "1.001193", "procedure_name": "Thủ tục đăng ký khai sinh"}
_PERSON = "Nguyễn Thị Ví Dụ"

CONTROL = ControlSlipValues(
    form=form_of(CURRENT, FormKind.CONTROL), **_ISSUER, **_PROCEDURE, unit_name=_DESK, number="12/PKS-TTPVHCC",
    symbol="PKS-TTPVHCC", code=CODE, applicant_name=_PERSON, resolving_name="Ủy ban nhân dân phường Thí Điểm",
    partner_names=("Công an phường Thí Điểm",), received_at=AT, due_at=DUE, extended_due_at=None, provisional=False,
    lines=(
        ControlLine(
            kind=LineKind.HANDOVER, at=AT, by="Trần Văn Mẫu", from_unit=_DESK, to_unit="Phòng Tư pháp",
            taken_at=AT + timedelta(hours=1), taken_by="Lê Thị Giả Định", result="early",
        ),
        ControlLine(
            kind=LineKind.HANDOVER, at=AT + timedelta(days=2), by="Lê Thị Giả Định", from_unit="Phòng Tư pháp",
            to_unit="Lãnh đạo", result="on_time", note="Vượt thẩm quyền",
            marks=(Mark.TRANSFERRED, Mark.TAKEN_BACK),
        ),
        ControlLine(
            kind=LineKind.TAKEN_BACK, at=AT + timedelta(days=2, minutes=5), by="Lê Thị Giả Định", subject="(2)"
        ),
        ControlLine(
            kind=LineKind.HANDOVER, at=AT + timedelta(days=3), by=None, from_unit="Phòng Tư pháp", to_unit="Lãnh đạo",
            result="late", marks=(Mark.BY_PROCESS,),
        ),
    ),
    printed_at=NOW,
)  # fmt: skip

LEDGER = LedgerValues(
    form=form_of(CURRENT, FormKind.LEDGER), **_ISSUER, unit_name=_DESK, symbol="STD-TTPVHCC",
    first_on=date(2026, 3, 1), last_on=date(2026, 3, 31), field=None, part=1, parts=1, total=3,
    lines=(
        LedgerLine(
            entry=7, year=2026, entered_at=AT, code=CODE, **_PROCEDURE, applicant_name=_PERSON,
            address="Số 1, đường Mẫu, phường Thí Điểm", phone="0900000001",
            resolving_name="Ủy ban nhân dân phường Thí Điểm", received_at=AT, due_at=DUE, returned_at=NOW,
            result_channel="desk", receiver_name=_PERSON,
            remarks=(LedgerRemark(kind=RemarkKind.CORRECTED, at=NOW, text="Sai họ tên"),),
        ),
        LedgerLine(entry=None, entered_at=AT, code="H24.45-260305-0008", received_at=AT, due_at=DUE, **_PROCEDURE),
        LedgerLine(
            entry=None, entered_at=NOW, code="H24.45-260305-0009",
            remarks=(LedgerRemark(kind=RemarkKind.NUMBER_VOID, at=NOW, text="Tờ bị rách"),),
        ),
    ),
    printed_at=NOW, printed_by="Trần Văn Mẫu",
)  # fmt: skip

BUNDLE = BundleValues(
    form=form_of(OWN, FormKind.BUNDLE), **_ISSUER, agency_name="Ủy ban nhân dân phường Thí Điểm", from_unit=_DESK,
    from_agency="Ủy ban nhân dân phường Thí Điểm", given_by=("Trần Văn Mẫu",), to_unit="Phòng Tư pháp",
    to_agency="Ủy ban nhân dân phường Thí Điểm", taken_by=(),
    lines=(
        BundleLine(
            code=CODE, person=_PERSON, procedure_name="Thủ tục đăng ký khai sinh", received_at=AT, due_at=DUE,
            given_at=AT, taken_at=None,
        ),
        BundleLine(
            code="H24.45-260305-0008", person="Phạm Văn Giả Sử", procedure_name="Thủ tục đăng ký khai tử",
            received_at=AT, due_at=DUE, given_at=AT + timedelta(hours=2), taken_at=NOW,
        ),
    ),
    printed_at=NOW,
)  # fmt: skip

COURSE = CourseValues(
    form=form_of(OWN, FormKind.COURSE), agency_name="Ủy ban nhân dân phường Thí Điểm", place="Thí Điểm", code=CODE,
    applicant_name=_PERSON, **_PROCEDURE, received_at=AT, due_at=DUE,
    lines=tuple(
        CourseLine(
            at=AT + timedelta(minutes=no), by=None if no % 5 == 0 else "Trần Văn Mẫu", behalf=None, kind=kind,
            subject="Thẩm định hồ sơ" if no % 3 == 0 else None, to="Phòng Tư pháp" if no % 4 == 0 else None,
            due_at=DUE if no % 6 == 0 else None,
        )
        for no, kind in enumerate(ACTS)
    ),
    printed_at=NOW, zone=ZONE,
)  # fmt: skip

FEE = FeeReceiptValues(
    form=form_of(OWN, FormKind.FEE), **_ISSUER, agency_name="Trung tâm Phục vụ hành chính công", code=CODE,
    payer_name=_PERSON, identity_number="001099000001", address="Số 1, đường Mẫu, phường Thí Điểm",
    procedure_name="Thủ tục đăng ký khai sinh", subject="Lệ phí theo thông báo TB-01", amount_vnd=1_205_000,
    reference="BL-7", paid_at=AT, collector_name="Trần Văn Mẫu", printed_at=NOW,
)  # fmt: skip

FEEDBACK = FeedbackValues(
    form=form_of(OWN, FormKind.FEEDBACK), **_ISSUER, unit_name=_DESK, phone="0225 000 001", code=CODE,
    applicant_name=_PERSON, procedure_name="Thủ tục đăng ký khai sinh", tracking_url=TRACKING, printed_at=NOW,
)  # fmt: skip

LATE = LateReportValues(
    form=form_of(OWN, FormKind.LATE_REPORT), **_ISSUER, agency_name="Ủy ban nhân dân phường Thí Điểm",
    symbol="BC-TTPVHCC", number=None, what="Đã quá hạn", as_of=NOW, reporter_name="Trần Văn Mẫu",
    lines=(
        LateLine(
            code=CODE, person=_PERSON, procedure_name="Thủ tục đăng ký khai sinh", received_at=AT, due_at=DUE,
            finished_at=None, days_late=2, place="Phòng Tư pháp – Lê Thị Giả Định", cause="Thiếu người thẩm định",
            letter="12/PXL", extended_due_at=NOW,
        ),
        LateLine(
            code="H24.45-260305-0008", person="Phạm Văn Giả Sử", procedure_name="Thủ tục đăng ký khai tử",
            received_at=AT, due_at=DUE, finished_at=NOW, days_late=2, place=None, cause=None, letter=None,
            extended_due_at=None,
        ),
    ),
)  # fmt: skip

RESULT_RECEIPT = ResultReceiptValues(
    form=form_of(OWN, FormKind.RESULT_RECEIPT), **_ISSUER, **_PROCEDURE, unit_name=_DESK, code=CODE,
    owner_name=_PERSON, address="Số 1, đường Mẫu", decision="granted", received_at=AT, due_at=DUE, finished_at=DUE,
    handed_over_at=NOW, receivers=(ResultReceiver(name=_PERSON, identity_number="001099000001"),),
    authorisation=None, collects=("Giấy chứng sinh",), fee_vnd=8_000, officer_name="Trần Văn Mẫu",
    tracking_url=TRACKING, printed_at=NOW,
)  # fmt: skip

RESULT_HANDOVER = ResultHandoverValues(
    form=form_of(OWN, FormKind.RESULT_HANDOVER), **_ISSUER, **_PROCEDURE,
    agency_name="Ủy ban nhân dân phường Thí Điểm", code=CODE, owner_name=_PERSON, decision="refused",
    standing="on_time", due_at=DUE, finished_at=DUE, from_unit="Lãnh đạo", given_by="Lê Thị Giả Định", given_at=DUE,
    to_unit=_DESK, taken_by=None, taken_at=None, printed_at=NOW,
)  # fmt: skip

SHORT: dict[FormKind, Any] = {
    FormKind.CONTROL: CONTROL,
    FormKind.LEDGER: LEDGER,
    FormKind.BUNDLE: BUNDLE,
    FormKind.COURSE: COURSE,
    FormKind.FEE: FEE,
    FormKind.FEEDBACK: FEEDBACK,
    FormKind.LATE_REPORT: LATE,
    FormKind.RESULT_RECEIPT: RESULT_RECEIPT,
    FormKind.RESULT_HANDOVER: RESULT_HANDOVER,
}


def lengthened(text: str, times: int = 4) -> dict[FormKind, Any]:
    """Return each paper with a text in place of the names that people give, and with its lines so many times."""
    names = {"applicant_name": text, "procedure_name": text}
    control = tuple(replace(line, from_unit=text, to_unit=text, by=text, note=text) for line in CONTROL.lines)
    ledger = tuple(
        replace(line, applicant_name=text, procedure_name=text, address=text, resolving_name=text)
        for line in LEDGER.lines
    )
    bundle = tuple(replace(line, person=text, procedure_name=text) for line in BUNDLE.lines)
    late = tuple(replace(line, person=text, procedure_name=text, cause=text, place=text) for line in LATE.lines)
    course = tuple(replace(line, subject=text, by=text, to=text) for line in COURSE.lines[: 8 * times])
    return {
        FormKind.CONTROL: replace(CONTROL, **names, resolving_name=text, lines=control * times),
        FormKind.LEDGER: replace(LEDGER, lines=ledger * times, field=text, part=2, parts=3, total=2042),
        FormKind.BUNDLE: replace(BUNDLE, lines=bundle * 2 * times, from_unit=text),
        FormKind.COURSE: replace(COURSE, **names, lines=course),
        FormKind.FEE: replace(
            FEE, payer_name=text, address=text, procedure_name=text, subject=text, reference=text,
            amount_vnd=999_999_999_999,
        ),
        FormKind.FEEDBACK: replace(FEEDBACK, **names),
        FormKind.LATE_REPORT: replace(LATE, lines=late * times),
        FormKind.RESULT_RECEIPT: replace(
            RESULT_RECEIPT, owner_name=text, procedure_name=text, address=text, collects=(text,) * 3,
            receivers=(ResultReceiver(name=text), ResultReceiver(name=text)), authorisation=text,
        ),
        FormKind.RESULT_HANDOVER: replace(RESULT_HANDOVER, owner_name=text, procedure_name=text, from_unit=text),
    }  # fmt: skip
