"""Values of the notices to a citizen, clearly made up; those of the receipt and the apology are beside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.documents.headed import Person
from engine.documents.obligations import ObligationValues
from engine.documents.refusals import RefusalValues
from engine.documents.stop_notices import StopValues
from engine.documents.supplements import SupplementValues
from engine.documents.values import PaperLine
from engine.domain.official_forms import CURRENT, FormKind, form_of
from tests.unit.documents.sample_papers import HANOI, RECEIPT

PERSON = Person(
    name="Nguyễn Thị Ví Dụ",
    identity_number="001099000001",
    address="Số 1, đường Mẫu, phường Thí Điểm",
    phone="0900000001",
    email="vi.du@example.vn",
)


def _notice(kind: FormKind, symbol: str) -> dict[str, Any]:
    return {
        "form": form_of(CURRENT, kind),
        "superior_body": "Ủy ban nhân dân phường Thí Điểm",
        "unit_name": "Trung tâm Phục vụ hành chính công",
        "place": "Thí Điểm",
        "number": "5",
        "symbol": symbol,
        "issued_at": datetime(2026, 3, 9, 15, 30, tzinfo=HANOI),
        "person": PERSON,
        "code": "H24.45-260305-0007",
        "procedure_code": "1.001193",
        "procedure_name": "Thủ tục đăng ký khai sinh",
        "signer_name": "Trần Văn Mẫu",
        "tracking_url": RECEIPT.tracking_url,
        "zone": "Asia/Ho_Chi_Minh",
    }


SUPPLEMENT = SupplementValues(
    **_notice(FormKind.SUPPLEMENT, "PBS-TTPVHCC"),
    items=("Bản sao Giấy chứng nhận kết hôn", "Giấy chứng sinh (bản chính)"),
    reason="Giấy chứng sinh đã nộp bị mờ, không đọc được ngày sinh.",
    contact_name="Trần Văn Mẫu",
    contact_phone="0225 0000 000",
    answer_due_at=datetime(2026, 3, 30, 17, 0, tzinfo=HANOI),
)

REFUSAL = RefusalValues(
    **_notice(FormKind.REFUSAL, "PTC-TTPVHCC"),
    at_reception=True,
    reason="Thủ tục không thuộc thẩm quyền của phường.\nGiấy chứng sinh không phải của người được khai sinh.",
    submitted_at=datetime(2026, 3, 8, 20, 15, tzinfo=HANOI),
    channel="direct",
    papers_count=3,
)

STOP = StopValues(
    **_notice(FormKind.STOP, "TBD-TTPVHCC"),
    received_at=RECEIPT.received_at,
    requested_at=datetime(2026, 3, 9, 14, 5, tzinfo=HANOI),
    requested_how="postal",
    state="Đang xử lý",
    reason="Chuyển nơi ở, sẽ nộp hồ sơ ở phường khác.",
    papers_back=(PaperLine("Tờ khai đăng ký khai sinh", 1, 0), PaperLine("Giấy chứng sinh", 1, 3)),
    refund_vnd=8000,
)

OBLIGATION = ObligationValues(
    **_notice(FormKind.OBLIGATION, "TBNVTC-TTPVHCC"),
    amount_vnd=3_250_000,
    notice="Thông báo thuế số 12/TB-CCT ngày 08/3/2026",
    pay_where="Nộp trực tuyến trên Cổng Dịch vụ công quốc gia, hoặc tại quầy thu phí của Trung tâm",
    second_limit_text="4 ngày làm việc",
)
