"""A letter of apology with its two signatures, made by the keys of the tests' authority."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.documents import stamps
from engine.documents.letters import apology_pdf, places
from engine.documents.values import ApologyValues
from engine.integrations import pades
from engine.integrations.signing_keys import open_file
from engine.ports import Filling
from tests.support.contexts import START
from tests.support.signing import PIN, Made, authority

ZONE = "Asia/Ho_Chi_Minh"
SIGNED_AT = START + timedelta(days=4)
SEALED_AT = SIGNED_AT + timedelta(hours=1)

VALUES = ApologyValues(
    superior_body="Ủy ban nhân dân phường Quy Nhơn",
    agency_name="Trung tâm Phục vụ hành chính công",
    place="Quy Nhơn",
    number=None,
    addressee="Bà Nguyễn Thị Ấm",
    received_at=START,
    receiving_unit="Trung tâm Phục vụ hành chính công",
    procedure_code="1.012753",
    procedure_name="Đăng ký biến động quyền sử dụng đất",
    applicant_name="Nguyễn Thị Ấm",
    identity_number=None,
    code="H10.01-260302-0001",
    due_at=START + timedelta(days=5),
    reason="Hồ sơ phải lấy ý kiến của cơ quan thuế.",
    new_due_at=START + timedelta(days=8),
    new_due_provisional=False,
    issued_at=SIGNED_AT,
    signer_title="KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC",
    signer_name="Trần Văn Ước",
    recipients=("Như trên", "Lưu: VT"),
    draft=False,
    zone=ZONE,
)


def signed(by: Made | None = None, *, values: ApologyValues = VALUES, at: datetime = SIGNED_AT) -> bytes:
    """Return the letter as its head signed it."""
    key = open_file((by or authority().head).p12(), PIN)
    where = places(values)
    stamp = stamps.stamp(where.signature, name="Trần Văn Ước", office=values.agency_name, at=at, zone=ZONE)
    return pades.sign_text(apology_pdf(values, blank_number=True), key=key, at=at, places=where, stamp=stamp)


def sealed(letter: bytes, by: Made | None = None, *, values: ApologyValues = VALUES, at: datetime = SEALED_AT) -> bytes:
    """Return the letter with number, day and seal."""
    key = open_file((by or authority().seal).p12(), PIN)
    where = places(values)
    return pades.number_and_seal(
        letter,
        key=key,
        at=at,
        number=Filling(*stamps.number_drawn(where.number, "05/PXL", at=at)),
        dated=Filling(*stamps.date_drawn(where.dated, at, zone=ZONE, at=at)),
        stamp=stamps.stamp(where.seal, name=values.agency_name, office="", at=at, zone=ZONE, seal=True),
    )
