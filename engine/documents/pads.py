"""A pad of blank slips for a power cut: form 01 to be filled in by hand, a page for each number, in two copies."""

from __future__ import annotations

from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, one_line
from engine.documents.receipts import qr_svg
from engine.documents.render import pdf
from engine.documents.values import PadSlip, PadValues


def pad_pdf(values: PadValues) -> bytes:
    """Print the pad as PDF/A-2b; the same values give the same bytes.

    Raises:
        ValueError: an instant is naive, or the pad has no slip.
    """
    if not values.slips:
        raise ValueError("a pad has at least one slip")
    images = {slip.code: qr_svg(slip.tracking_url) for slip in values.slips}
    return pdf("pad", _fields(values), made_at=values.reserved_at, images=images)


def _fields(values: PadValues) -> dict[str, Any]:
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        "counter": one_line(values.counter, limit=CODE),
        "reserved": words.moment(values.reserved_at, values.zone),
        "reserved_by": one_line(values.reserved_by, limit=HEAD),
        "slips": [_slip(slip, no, len(values.slips)) for no, slip in enumerate(values.slips, start=1)],
    }


def _slip(slip: PadSlip, no: int, of: int) -> dict[str, Any]:
    return {"code": one_line(slip.code, limit=CODE), "image": slip.code, "no": no, "of": of}
