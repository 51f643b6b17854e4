"""Which forms there are: each is (set, key, version), as sets with other numbers circulate (domain.md §2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.errors import NotFoundError

CURRENT = "TT03/2025"  #: Thông tư 03/2025/TT-VPCP, Phụ lục I
OLD = "TT01/2018"  #: Thông tư 01/2018/TT-VPCP
RESIDENCE = "CT"  #: forms of the residence law, with keys of their own (domain.md §2.4)
OWN = "-"  #: slips without an official form (domain.md §2.10)
SETS = (CURRENT, OLD, RESIDENCE)  #: that a procedure can name
FORM_SET = "form_set"  #: of a procedure's policy: its set, where that is not the current one


class FormKind(StrEnum):
    """What a paper is, whatever its number in a set. Values are stored: never rename one."""

    RECEIPT = "receipt"  #: Giấy tiếp nhận hồ sơ và hẹn trả kết quả
    SUPPLEMENT = "supplement"  #: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
    REFUSAL = "refusal"  #: Phiếu từ chối tiếp nhận giải quyết hồ sơ
    APOLOGY = "apology"  #: Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết
    STOP = "stop"  #: Thông báo dừng giải quyết hồ sơ; draft layout (domain.md §2.6)
    CONTROL = "control"  #: Phiếu kiểm soát quá trình giải quyết hồ sơ
    LEDGER = "ledger"  #: Sổ theo dõi hồ sơ
    OBLIGATION = "obligation"  #: Thông báo nghĩa vụ tài chính
    RESULT_RECEIPT = "result-receipt"  #: Giấy biên nhận trả kết quả
    RESULT_HANDOVER = "result-handover"  #: Phiếu bàn giao kết quả
    BUNDLE = "bundle"  #: Giấy bàn giao hồ sơ
    COURSE = "course"  #: Quá trình xử lý
    FEE = "fee"  #: Biên lai thu phí
    FEEDBACK = "feedback"  #: Phiếu góp ý
    LATE_REPORT = "late-report"  #: Báo cáo hồ sơ trả kết quả quá hạn


class UnknownFormError(NotFoundError):
    """The set has no form of that kind."""

    code = "form-unknown"


@dataclass(frozen=True, slots=True)
class OfficialForm:
    """A form of a set."""

    form_set: str
    key: str  #: its number in that set; empty for a slip without one
    kind: FormKind
    version: int = 1  #: our layout of it; goes up whenever the same values would print differently


_F = FormKind
FORMS = (
    OfficialForm(CURRENT, "01", _F.RECEIPT),
    OfficialForm(CURRENT, "02", _F.SUPPLEMENT),
    OfficialForm(CURRENT, "03", _F.REFUSAL),
    OfficialForm(CURRENT, "04", _F.APOLOGY),
    OfficialForm(CURRENT, "05", _F.STOP),
    OfficialForm(CURRENT, "06", _F.CONTROL),
    OfficialForm(CURRENT, "07", _F.LEDGER),
    OfficialForm(OLD, "01", _F.RECEIPT),
    OfficialForm(OLD, "02", _F.SUPPLEMENT),
    OfficialForm(OLD, "03", _F.REFUSAL),
    OfficialForm(OLD, "04", _F.APOLOGY),
    OfficialForm(OLD, "05", _F.CONTROL),
    OfficialForm(OLD, "06", _F.LEDGER),
    OfficialForm(RESIDENCE, "CT04", _F.RECEIPT),
    OfficialForm(RESIDENCE, "CT06", _F.REFUSAL),
    *(OfficialForm(OWN, "", kind) for kind in list(_F)[7:]),
)

SYMBOLS = {  #: before the desk's symbol in a number; 04 has one of its own (domain.md §2.2)
    _F.RECEIPT: "",
    _F.SUPPLEMENT: "PBS-",
    _F.REFUSAL: "PTC-",
    _F.STOP: "TBD-",
    _F.CONTROL: "PKS-",
    _F.LEDGER: "STD-",
    _F.OBLIGATION: "TBNVTC-",  # ours: no regulation names one, and a receipt's number must not look the same
    _F.LATE_REPORT: "BC-",
}


def set_of(policy: Mapping[str, Any]) -> str:
    """Return the set of forms of a procedure's dossiers; a dossier keeps the one that it was filed with."""
    return str(policy.get(FORM_SET, CURRENT))


def form_of(form_set: str, kind: FormKind) -> OfficialForm:
    """Return the form of a kind in a set; a kind that the set lacks is taken from the current one, then the slips.

    The old set has no stop notice, and the residence law none of the other papers: then the general form serves.

    Raises:
        UnknownFormError: no set has it.
    """
    for wanted in (form_set, CURRENT, OWN):
        for form in FORMS:
            if (form.form_set, form.kind) == (wanted, kind):
                return form
    raise UnknownFormError(f"there is no form {kind} in the set {form_set}", form_set=form_set, kind=kind)


def symbol_of(kind: FormKind, *, desk_symbol: str, own: dict[str, str]) -> str:
    """Return what stands after the slash of a number: the agency's own symbol for the kind, or the general one.

    Args:
        desk_symbol: of the agency's one-stop shop, ``TTPVHCC`` or ``BPTNTKQ``.
        own: symbols by kind that the agency has set instead.
    """
    if own.get(kind):
        return own[kind]
    return "PXL" if kind is FormKind.APOLOGY else SYMBOLS.get(kind, "") + desk_symbol
