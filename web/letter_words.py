"""How the apology desk calls its queues, how letters went out, and what shows that a printed one arrived."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from engine.domain.official_forms import FormKind
from engine.reports.apology_desk import DeskQueue
from web.labels import Look

QUEUES: dict[DeskQueue, LazyString] = {
    DeskQueue.TO_WRITE: lazy_gettext("Chờ soạn"),
    DeskQueue.TO_APPROVE: lazy_gettext("Chờ duyệt"),
    DeskQueue.TO_SIGN: lazy_gettext("Chờ ký"),
    DeskQueue.TO_NUMBER: lazy_gettext("Chờ cấp số, gửi"),
    DeskQueue.SENT: lazy_gettext("Đã gửi"),
    DeskQueue.UNPROVEN: lazy_gettext("Chưa có bằng chứng giao"),
    DeskQueue.BROKEN: lazy_gettext("Hẹn lại không giữ được"),
    DeskQueue.WITHDRAWN: lazy_gettext("Đã rút"),
}
EMPTY: dict[DeskQueue, LazyString] = {
    DeskQueue.TO_WRITE: lazy_gettext("Không có thư nào chờ soạn."),
    DeskQueue.TO_APPROVE: lazy_gettext("Không có thư nào chờ duyệt."),
    DeskQueue.TO_SIGN: lazy_gettext("Không có thư nào chờ ký."),
    DeskQueue.TO_NUMBER: lazy_gettext("Không có thư nào chờ cấp số."),
    DeskQueue.SENT: lazy_gettext("Chưa gửi thư nào."),
    DeskQueue.UNPROVEN: lazy_gettext("Mọi thư in đều đã có bằng chứng giao."),
    DeskQueue.BROKEN: lazy_gettext("Mọi ngày hẹn lại đến nay đều giữ được."),
    DeskQueue.WITHDRAWN: lazy_gettext("Chưa rút thư nào."),
}
LOOKS: dict[DeskQueue, Look] = {  # of one letter, by the queue in which it waits
    DeskQueue.TO_WRITE: Look(lazy_gettext("Chờ soạn"), "new", "near"),
    DeskQueue.TO_APPROVE: Look(lazy_gettext("Chờ duyệt"), "hourglass", "near"),
    DeskQueue.TO_SIGN: Look(lazy_gettext("Đã duyệt, chờ ký"), "check", "info"),
    DeskQueue.TO_NUMBER: Look(lazy_gettext("Chờ cấp số, gửi"), "check", "info"),
    DeskQueue.SENT: Look(lazy_gettext("Đã gửi"), "letter", "good"),
    DeskQueue.WITHDRAWN: Look(lazy_gettext("Đã rút"), "back", "ended"),
}
SENT_HOW: dict[str, LazyString] = {
    "email": lazy_gettext("thư điện tử"),
    "sms": lazy_gettext("tin nhắn SMS"),
    "zalo": lazy_gettext("tin nhắn Zalo"),
    "print": lazy_gettext("bản in"),
}
PROOFS: dict[str, LazyString] = {
    "handed-over": lazy_gettext("Giao tận tay"),
    "posted": lazy_gettext("Gửi bưu điện"),
}
KIND_LABELS: dict[str, LazyString] = {
    FormKind.RECEIPT: lazy_gettext("Giấy tiếp nhận và hẹn trả kết quả"),
    FormKind.SUPPLEMENT: lazy_gettext("Phiếu yêu cầu bổ sung"),
    FormKind.REFUSAL: lazy_gettext("Phiếu từ chối"),
    FormKind.APOLOGY: lazy_gettext("Thư xin lỗi"),
    FormKind.STOP: lazy_gettext("Thông báo dừng giải quyết"),
    FormKind.CONTROL: lazy_gettext("Phiếu kiểm soát"),
    FormKind.LEDGER: lazy_gettext("Sổ theo dõi hồ sơ"),
    FormKind.OBLIGATION: lazy_gettext("Thông báo nghĩa vụ tài chính"),
    FormKind.LATE_REPORT: lazy_gettext("Báo cáo hồ sơ trả kết quả quá hạn"),
}
