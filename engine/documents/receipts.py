"""Form 01: *Giấy tiếp nhận hồ sơ và hẹn trả kết quả*."""

from __future__ import annotations

from engine.documents.values import ReceiptValues


def receipt_pdf(values: ReceiptValues) -> bytes:
    """Print the receipt as PDF/A-2b; the same values give the same bytes (domain.md §2.3)."""
    raise NotImplementedError
