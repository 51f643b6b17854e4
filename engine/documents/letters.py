"""Form 04: *Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết*."""

from __future__ import annotations

from engine.documents.values import ApologyValues


def apology_pdf(values: ApologyValues) -> bytes:
    """Print the letter as PDF/A-2b; the same values give the same bytes (domain.md §2.5)."""
    raise NotImplementedError
