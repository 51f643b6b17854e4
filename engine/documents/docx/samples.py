"""Made-up values of every form, by the types of its fields: what templates are checked with, and what admins try."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from engine.documents import forms
from engine.domain.official_forms import FormKind, OfficialForm

LONG_LIST = 40  #: items of each list of the full sample; as many papers break pages (domain.md §2.3)
START = datetime(2026, 3, 2, 8, 0, tzinfo=timezone(timedelta(hours=7)))

TEXTS = {  #: of fields whose value has to be one of a few, or reads better so
    "superior_body": "Ủy ban nhân dân tỉnh Mẫu",
    "agency_name": "Ủy ban nhân dân phường Mẫu",
    "unit_name": "Trung tâm Phục vụ hành chính công phường Mẫu",
    "receiving_unit": "Trung tâm Phục vụ hành chính công phường Mẫu",
    "place": "Phường Mẫu",
    "number": "05",
    "code": "H99.99-260302-0001",
    "applicant_name": "HỌ TÊN NGƯỜI NỘP HỒ SƠ",
    "identity_number": "000000000000",
    "address": "Số nhà, đường, phường Mẫu, tỉnh Mẫu",
    "phone": "0900000000",
    "email": "nguoi.nop@example.vn",
    "procedure_code": "1.000000",
    "procedure_name": "Tên thủ tục hành chính mẫu",
    "reason": "Lý do ghi ở đây.\nDòng thứ hai của lý do.",
    "limit_text": "15 ngày làm việc",
    "channel": "direct",
    "requested_how": "direct",
    "result": "on_time",
    "result_channel": "desk",
    "decision": "granted",
    "standing": "on_time",
    "name": "Tên giấy tờ hoặc họ tên",
    "items": "Giấy tờ cần bổ sung",
    "zone": "Asia/Ho_Chi_Minh",
    "tracking_url": "https://motcua.example.vn/tra-cuu/H99.99-260302-0001",
    "signer_title": "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH",
    "signer_name": "HỌ TÊN NGƯỜI KÝ",
    "symbol": "KÝ-HIỆU",
    "paper": "Giấy ủy quyền số …, ngày …",
    "second_limit_text": "5 ngày làm việc",
    "result_place": "Bộ phận Một cửa",
    "volume": "2026",
    "entry": "05",
    "fee_text": "50.000 đồng, đã nộp",
    "contact_phone": "0900000001",
    "addressee": "Ông (Bà) HỌ TÊN NGƯỜI NỘP",
    "recipients": "Như trên",
    "caused_by": "Phòng chuyên môn",
    "state": "đang xử lý",
    "from_unit": "Bộ phận Một cửa",
    "to_unit": "Phòng chuyên môn",
    "resolving_name": "Phòng chuyên môn",
    "partner_names": "Cơ quan phối hợp",
    "from_agency": "Phường Mẫu",
    "to_agency": "Phường Mẫu",
    "note": "Ghi chú",
    "text": "lý do",
    "subject": "việc được làm",
    "field": "Tên lĩnh vực",
    "notice": "Thông báo số …",
    "pay_where": "Kho bạc Nhà nước, hoặc chuyển khoản",
    "authorisation": "Giấy ủy quyền số …, ngày …",
    "collects": "Tên giấy tờ",
    "what": "Kỳ báo cáo, cơ quan",
    "cause": "Lý do chậm",
    "letter": "05/PXL",
}
NAMED = "Họ tên"  #: of every other text: it is somebody
COUNTS = {"receivers": 2}  #: items of lists that are never long
#: Values that change which sentences a paper has; the sample is a paper in the usual course.
USUAL: dict[str, Any] = {"met_at": None, "finished_at": None, "ended_at": None, "reissue": None}


@cache
def sample_values(form: OfficialForm, *, full: bool = True) -> Any:
    """Return values of a form: with everything that may be there and long lists, or with the least.

    Raises:
        UnknownFormError: no paper of that kind can be printed.
    """
    return _Maker(full).made(forms.values_class(form.kind), form)


@cache
def sample_fields(form: OfficialForm, *, full: bool = True) -> dict[str, Any]:
    """Return what a form prints of its sample; the shape says which placeholders there are."""
    return forms.fields_of(form, sample_values(form, full=full))


#: What each form must state, whatever its layout (domain.md §2.3-2.8); a template without them is refused.
REQUIRED: dict[FormKind, tuple[str, ...]] = {
    FormKind.RECEIPT: ("code", "due", "received"),
    FormKind.SUPPLEMENT: ("code",),
    FormKind.REFUSAL: ("number",),
    FormKind.APOLOGY: ("code", "due", "new_due", "reason", "number"),
    FormKind.STOP: ("code", "number"),
    FormKind.CONTROL: ("code",),
}


def required(form: OfficialForm) -> tuple[str, ...]:
    """Return the fields that a template of the form must print, of those that the form has."""
    return tuple(name for name in REQUIRED.get(form.kind, ()) if name in sample_fields(form))


class _Maker:
    """Makes values by type; instants go on by a day each, so that what comes later is later."""

    def __init__(self, full: bool) -> None:
        self._full = full
        self._days = 0

    def made(self, cls: type[Any], form: OfficialForm | None = None) -> Any:
        hints = get_type_hints(cls)
        given = {each.name: self._field(each, hints[each.name], form) for each in fields(cls) if each.init}
        return cls(**given)

    def _field(self, each: Field[Any], wanted: Any, form: OfficialForm | None) -> Any:
        if each.name == "form" and form is not None:
            return form
        if each.name in USUAL and (each.default is not MISSING or wanted is bool or _may_be_none(wanted)):
            return USUAL[each.name]
        if each.name == "draft":  # only a draft may have gaps
            return not self._full
        return self._value(each.name, wanted)

    def _value(self, name: str, wanted: Any) -> Any:
        origin = get_origin(wanted)
        if origin in (Union, types.UnionType):
            (inner,) = (each for each in get_args(wanted) if each is not types.NoneType)
            return self._value(name, inner) if self._full else None
        if origin is tuple:
            count = COUNTS.get(name, LONG_LIST) if self._full else 0
            return tuple(self._value(name, get_args(wanted)[0]) for _no in range(count))
        if origin is not None and issubclass(origin, Mapping):
            return {}
        if is_dataclass(wanted) and isinstance(wanted, type):
            return self.made(wanted)
        return self._plain(name, wanted)

    def _plain(self, name: str, wanted: type[Any]) -> Any:
        if issubclass(wanted, date):
            self._days += 1
            at = START + timedelta(days=self._days)
            return at if wanted is datetime else at.date()
        if issubclass(wanted, Enum):
            return next(iter(wanted))
        if wanted is bool:
            return self._full
        if wanted is int or wanted is Decimal:
            return wanted(3)
        return TEXTS.get(name, NAMED)


def _may_be_none(wanted: Any) -> bool:
    return types.NoneType in get_args(wanted)
