"""Values of a receipt and of an apology, clearly made up, and readers of what was printed."""

from __future__ import annotations

import ctypes
import re
from datetime import datetime, timedelta, timezone

import pypdfium2
import pypdfium2.raw as pdfium

from engine.documents.values import ApologyValues, Authoriser, Book, PaperLine, ReceiptValues

HANOI = timezone(timedelta(hours=7))

RECEIPT = ReceiptValues(
    superior_body="Ủy ban nhân dân phường Thí Điểm",
    unit_name="Trung tâm Phục vụ hành chính công",
    place="Thí Điểm",
    number="5",
    code="H24.45-260305-0007",
    applicant_name="Nguyễn Thị Ví Dụ",
    identity_number="001099000001",
    address="Số 1, đường Mẫu, phường Thí Điểm",
    phone="0900000001",
    email="vi.du@example.vn",
    authoriser=None,
    procedure_code="1.001193",
    procedure_name="Thủ tục đăng ký khai sinh",
    papers=(
        PaperLine("Tờ khai đăng ký khai sinh", 1, 0),
        PaperLine("Giấy chứng sinh", 1, 3),
    ),
    dossier_count=1,
    limit_text="15 ngày làm việc",
    received_at=datetime(2026, 3, 5, 9, 0, tzinfo=HANOI),
    due_at=datetime(2026, 3, 26, 9, 0, tzinfo=HANOI),
    provisional=False,
    result_place="Bưu điện phường Thí Điểm",
    book=Book("01", "0007"),
    receiver_name="Trần Văn Mẫu",
    tracking_url="https://motcua.example.vn/tra-cuu/H24.45-260305-0007",
    channel="direct",
    zone="Asia/Ho_Chi_Minh",
)

AUTHORISER = Authoriser(
    name="Phạm Văn Ủy Quyền",
    address="Số 2, đường Mẫu",
    identity_number="001099000002",
    phone="0900000002",
    email="uy.quyen@example.vn",
    paper="Giấy ủy quyền ngày 01/03/2026",
)

APOLOGY = ApologyValues(
    superior_body="Ủy ban nhân dân thành phố Thí Điểm",
    agency_name="Ủy ban nhân dân phường Thí Điểm",
    place="Thí Điểm",
    number="12",
    addressee="Bà Nguyễn Thị Ví Dụ",
    received_at=RECEIPT.received_at,
    receiving_unit="Trung tâm Phục vụ hành chính công phường Thí Điểm",
    procedure_code="1.001193",
    procedure_name="Thủ tục đăng ký khai sinh",
    applicant_name="Nguyễn Thị Ví Dụ",
    identity_number="001099000001",
    code="H24.45-260305-0007",
    due_at=RECEIPT.due_at,
    reason="Cơ quan được hỏi ý kiến chưa trả lời.",
    new_due_at=datetime(2026, 4, 2, 16, 30, tzinfo=HANOI),
    new_due_provisional=False,
    issued_at=datetime(2026, 3, 24, 14, 0, tzinfo=HANOI),
    signer_title="TM. Ủy ban nhân dân\nChủ tịch",
    signer_name="Lê Thị Giả Định",
    recipients=("Như trên", "Trung tâm Phục vụ hành chính công;", "Lưu: VT, VHXH."),
    draft=False,
    zone="Asia/Ho_Chi_Minh",
)


def pages(paper: bytes) -> int:
    """Return the number of pages."""
    return len(pypdfium2.PdfDocument(paper))


def page_text(paper: bytes, page: int) -> str:
    """Return a page's text on one line, without the break opportunities in long words."""
    text = pypdfium2.PdfDocument(paper)[page].get_textpage().get_text_bounded()
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def text(paper: bytes) -> str:
    """Return the text of all pages."""
    return " ".join(page_text(paper, page) for page in range(pages(paper)))


def fonts(paper: bytes) -> set[tuple[str, bool]]:
    """Return name and embeddedness of every font that draws something."""
    found = set()
    for page in pypdfium2.PdfDocument(paper):
        for item in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT]):
            font = pdfium.FPDFTextObj_GetFont(item.raw)
            name = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            found.add((name.value.decode(), bool(pdfium.FPDFFont_GetIsEmbedded(font))))
    return found


def outside_margins(paper: bytes) -> list[tuple[float, ...]]:
    """Return the bounds, in points, of what is printed left or right of the text's width (30 mm and 18 mm)."""
    millimetre = 72 / 25.4
    return [
        item.get_bounds()
        for page in pypdfium2.PdfDocument(paper)
        for item in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT])
        if item.get_bounds()[0] < 30 * millimetre - 1 or item.get_bounds()[2] > (210 - 18) * millimetre + 1
    ]


def grey_pixels(paper: bytes, shade: int) -> int:
    """Return how many pixels of the first page, at 72 dpi, have exactly that shade of grey (0 black, 255 white)."""
    bitmap = pypdfium2.PdfDocument(paper)[0].render(scale=1, grayscale=True)
    return bytes(bitmap.buffer).count(shade)
