"""Forms by set and number, and what the check of an office's template says, for who makes templates in Word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from engine.domain.official_forms import OfficialForm
from web.i18n import language
from web.labels import Look
from web.paper_words import NAMES

STATES: dict[str, Look] = {
    "checked": Look(_("Đạt, chưa dùng"), "clock", "near"),
    "refused": Look(_("Không đạt"), "cross", "late"),
    "active": Look(_("Đang dùng"), "check", "good"),
    "retired": Look(_("Thôi dùng"), "back", "ended"),
}

#: By rule of engine.documents.docx.findings; English is what the rule itself says.
WORDS = {
    "file-empty": "Tệp rỗng: chọn lại tệp .docx.",
    "file-too-large": "Tệp quá lớn (nhiều nhất 4 MB): giảm dung lượng ảnh trong tệp.",
    "not-a-docx": "Tệp không phải .docx: trong Word chọn Lưu thành “Word Document (.docx)”.",
    "zip-broken": "Tệp bị hỏng: mở bằng Word rồi lưu lại.",
    "zip-encrypted": "Tệp có mật khẩu: lưu lại không đặt mật khẩu.",
    "zip-entries": "Tệp có quá nhiều phần ({entries}; nhiều nhất {at_most}).",
    "zip-unpacked": "Tệp khi giải nén quá lớn: giảm dung lượng ảnh trong tệp.",
    "zip-path": "Trong tệp có tên phần không hợp lệ: {part}.",
    "zip-double": "Trong tệp có hai phần trùng tên: {part}.",
    "macros": "Tệp có macro ({part}): lưu thành .docx không có macro.",
    "embedded-object": "Tệp có đối tượng nhúng ({part}): thay bằng chữ hoặc ảnh.",
    "part-not-allowed": "Tệp có phần không dùng cho mẫu giấy: {part}. Xóa phần đó.",
    "external-link": "{part} lấy nội dung từ nơi khác ({target}): bỏ liên kết, hoặc chèn ảnh vào tệp.",
    "link-kind": "{part} có liên kết loại {kind} không dùng cho mẫu giấy: bỏ liên kết đó.",
    "picture-kind": "Ảnh {part} không phải PNG hoặc JPEG: thay bằng ảnh PNG hoặc JPEG.",
    "xml-doctype": "{part} có khai báo DOCTYPE, Word không ghi như vậy: làm lại tệp bằng Word.",
    "xml-broken": "{part} bị hỏng: mở bằng Word rồi lưu lại.",
    "xml-too-large": "{part} quá lớn (nhiều nhất {at_most} phần tử).",
    "field-code": "Trường {code} sẽ chạy hoặc tải nội dung khi mở tệp: xóa trường đó.",
    "element-not-allowed": "{part} có {element} đưa nội dung lạ vào: xóa phần đó.",
    "placeholder-place": "{part} có ô điền đặt ở chỗ không in chữ: viết ô điền như chữ thường trong văn bản.",
    "tag-unknown": "Không có lệnh {{% {tag} %}}: chỉ dùng for, if, elif, else, endfor, endif (thêm p hoặc tr ở trước).",
    "syntax": "Có ô điền không đọc được ({what}): kiểm tra thiếu ngoặc hoặc thiếu endfor, endif.",
    "expression-refused": "Không được dùng “{what}” trong mẫu: chỉ dùng tên ô điền, if và for.",
    "placeholder-unknown": "Không có ô điền {name}. Các ô có: {known}.",
    "placeholder-is-list": "{name} là danh sách hoặc nhóm: ghi rõ một ô trong đó; danh sách thì đặt trong for.",
    "loop-needs-list": "{name} không phải danh sách nên không lặp được.",
    "loops-nested": "Quá {at_most} vòng for lồng nhau.",
    "required-missing": "Biểu mẫu này phải ghi {names}: thêm các ô điền đó.",
    "unused": "Mẫu này không in: {names}.",
    "output-broken": "Khi điền dữ liệu thử, {part} không mở được bằng Word: kiểm tra chỗ đặt for, if.",
    "output-too-large": "Khi điền dữ liệu thử, văn bản quá lớn.",
    "check-stopped": "Việc kiểm tra bị dừng vì tệp tốn quá nhiều thời gian hoặc bộ nhớ: làm tệp đơn giản hơn.",
}


def template_finding(finding: Mapping[str, Any]) -> str:
    """Return what a finding says in the language of this request."""
    if language() == "en" or finding["rule"] not in WORDS:
        return str(finding["message"])
    facts = finding["facts"].items()
    told = {key: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for key, fact in facts}
    return WORDS[finding["rule"]].format(**told)


def form_label(form: OfficialForm) -> str:
    """Return set, number and name of a form, what tells it apart first: ``TT03/2025 · 06 · Phiếu kiểm soát …``."""
    return f"{form.form_set} · {form.key} · {NAMES[form.kind]}" if form.key else str(NAMES[form.kind])
