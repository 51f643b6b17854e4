"""What is said of a line of an account: every kind in Vietnamese and in English, nothing from its English text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask

import web
from engine.context import Context
from engine.domain import date_words
from engine.domain.date_words import Words
from engine.domain.explanations import StartRule
from tests.support.site import make_site
from web.wording import limit_words, why_line

CATALOGUE = Path(web.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
AT, LATER = "2026-03-02T09:00:00+07:00", "2026-03-05T10:30:00+07:00"
USUAL: dict[str, Any] = {"from": AT, "to": LATER, "amount": None, "unit": None, "decision": None, "text": "English"}


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    return make_site(sqlite_ctx)


def a_line(kind: str, **facts: Any) -> dict[str, Any]:
    return USUAL | {"kind": kind} | facts


def texts(value: object) -> list[str]:
    """Return the msgids in a constant of the module."""
    if isinstance(value, str):
        return [value]
    parts = tuple(value.values()) if isinstance(value, dict) else value
    return [text for part in parts for text in texts(part)] if isinstance(parts, tuple) else []


def msgids() -> set[str]:
    return {text for name in dir(date_words) if name.isupper() for text in texts(getattr(date_words, name))}


START = {"rule": "inside", "source": "thủ tục đã công bố", "limit": "3 working_day"}
SAID = [
    (a_line("start", **START),
     "Nhận lúc 09:00 02/03/2026: trong giờ làm việc, tính ngay từ lúc đó (thủ tục đã công bố). "
     "Thời hạn phải tính: 3 ngày làm việc."),
    (a_line("start", **START | {"rule": "cutoff", "cutoff": "08:00"}),
     "Nhận lúc 09:00 02/03/2026: sau giờ chốt nhận 08:00, tính từ đầu ngày làm việc tiếp theo 10:30 05/03/2026 "
     "(thủ tục đã công bố). Thời hạn phải tính: 3 ngày làm việc."),
    (a_line("start", **START | {"rule": "cutoff", "cutoff": "last-hour", "limit": "0 working_day"}),
     "Nhận lúc 09:00 02/03/2026: trong giờ làm việc cuối của ngày, tính từ đầu ngày làm việc tiếp theo "
     "10:30 05/03/2026 (thủ tục đã công bố). Thời hạn phải tính: trong ngày làm việc."),
    (a_line("asked", **START, person="Lan"),
     "Yêu cầu lúc 09:00 02/03/2026: trong giờ làm việc, tính ngay từ lúc đó (thủ tục đã công bố). "
     "Thời hạn phải tính: 3 ngày làm việc. Người thực hiện: Lan."),
    (a_line("restart", **START, decision="NĐ 297"),
     "Nhận đủ giấy tờ bổ sung lúc 09:00 02/03/2026, tính lại toàn bộ thời hạn (NĐ 297): trong giờ làm việc, tính ngay "
     "từ lúc đó (thủ tục đã công bố). Thời hạn phải tính: 3 ngày làm việc."),
    (a_line("appointment", **START, promise=2),
     "Hoàn thành nghĩa vụ tài chính lúc 09:00 02/03/2026, lần hẹn 2: trong giờ làm việc, tính ngay từ lúc đó "
     "(thủ tục đã công bố). Thời hạn phải tính: 3 ngày làm việc."),
    (a_line("resume", limit="1/3 working_hour", person=None),
     "Tính tiếp từ 10:30 05/03/2026 với 1/3 giờ làm việc còn lại."),
    (a_line("days", amount="2.5", unit="calendar_day"), "2,5 ngày: từ 09:00 02/03/2026 đến 10:30 05/03/2026."),
    (a_line("make_up", amount="1", unit="working_day", decision="QĐ 1", note="Bù"),
     "Ngày làm bù 02/03/2026 (Bù; QĐ 1): tính 1 ngày làm việc."),
    (a_line("make_up", amount="1", unit="working_day", decision="QĐ 1", note="", hours="07:00-11:30"),
     "Ngày 02/03/2026 làm việc 07:00-11:30 (QĐ 1): tính 1 ngày làm việc."),
    (a_line("day_off", decision="QĐ 1", note="Lễ", provisional=True),
     "Ngày nghỉ 02/03/2026 (Lễ; QĐ 1; tạm tính): không tính."),
    (a_line("hours", decision="QĐ 2", note="", week=[*["07:00-11:00"] * 5, "", ""]),
     "Từ 02/03/2026 cơ quan có giờ làm việc khác (QĐ 2): T2–T6 07:00-11:00; T7–CN nghỉ."),
    (a_line("roll"), "Điểm cuối 09:00 02/03/2026 ngoài giờ làm việc: chuyển sang 10:30 05/03/2026."),
    (a_line("roll", source="BLDS"),
     "Điểm cuối 09:00 02/03/2026 rơi vào ngày nghỉ: chuyển sang 10:30 05/03/2026 (BLDS)."),
    (a_line("same_day", amount="0", unit="working_day"), "Trong ngày: kết thúc lúc 10:30 05/03/2026."),
    (a_line("same_day", amount="0", unit="working_hour"), "Không còn thời gian: kết thúc lúc 10:30 05/03/2026."),
    (a_line("pause", reason="supplement", ground="Thiếu ảnh.", rest="8437/30600 working_day", person="Lan"),
     "Tạm dừng từ 09:00 02/03/2026 đến 10:30 05/03/2026: chờ bổ sung giấy tờ. Căn cứ: Thiếu ảnh. "
     "Còn lại ≈ 0,28 ngày làm việc. Người thực hiện: Lan."),
    (a_line("pause", to=None, reason="step", rest="1 working_day", broken=True, open=True),
     "Tạm dừng từ 09:00 02/03/2026 đến nay: chờ theo quy trình. Lúc đó đã quá hạn."),
    (a_line("pause", reason="obligation", rest="2 working_day", until=LATER),
     "Tạm dừng từ 09:00 02/03/2026 đến 10:30 05/03/2026: chờ thực hiện nghĩa vụ tài chính. "
     "Lịch làm việc đã thay đổi: còn lại tính đến hạn 10:30 05/03/2026 là 2 ngày làm việc."),
    (a_line("met", promise=1, broken=True), "Lần hẹn 1, hạn 10:30 05/03/2026, kết thúc khi tạm dừng: trễ hạn."),
    (a_line("kept", why="last_day"),
     "Hạn giữ nguyên 10:30 05/03/2026: thời gian đã dùng hết và ngày hẹn chưa qua."),
    (a_line("moved", decision="QĐ 3", person="Minh"),
     "Lịch làm việc thay đổi (QĐ 3): hạn chuyển từ 09:00 02/03/2026 sang 10:30 05/03/2026. Người thực hiện: Minh."),
    (a_line("recorded"), "Hạn đã ghi là 10:30 05/03/2026; tính lại theo quy tắc hiện nay là 09:00 02/03/2026."),
    (a_line("unaccounted"), "Hạn đã ghi là 10:30 05/03/2026; cách tính lúc đó không được lưu."),
    (a_line("provisional", years=[2027, 2028]),
     "Năm 2027, 2028 chưa có quyết định lịch nghỉ: ngày này là tạm tính."),
    (a_line("stage", stage=2, limit="2/3 working_day", planned="1 working_day"),
     "Chặng 2 có 2/3 ngày làm việc trong thời hạn, tính từ 10:30 05/03/2026. "
     "Bảng quy trình ghi 1 ngày làm việc; được giảm vì tổng các chặng vượt thời hạn."),
    (a_line("shared", stage=2), "Bước này dùng chung hạn của chặng 2 với bước trước."),
    (a_line("due"), "Hạn trả kết quả: 10:30 05/03/2026."),
    (a_line("due", what="answer"), "Hạn bổ sung: 10:30 05/03/2026."),
    (a_line("due", what="step"), "Nên xong trước: 10:30 05/03/2026."),
    (a_line("waiting"),
     "Thời gian đang tạm dừng; hạn được tính khi chạy lại. Hạn trước khi dừng: 10:30 05/03/2026."),
    (a_line("ended"), "Hồ sơ kết thúc khi đang tạm dừng; hạn trước đó là 10:30 05/03/2026."),
    (a_line("late_after", late_rule="day"), "Tính quá hạn theo ngày: sau khi hết ngày 05/03/2026."),
    (a_line("late_after", late_rule="instant"), "Tính quá hạn theo giờ: sau 10:30 05/03/2026."),
    (a_line("extended"), "Thư xin lỗi hẹn lại 10:30 05/03/2026; hạn đã hẹn không thay đổi."),
    (a_line("extension_moved", decision="QĐ 3"),
     "Lịch làm việc thay đổi (QĐ 3): ngày hẹn lại chuyển từ 09:00 02/03/2026 sang 10:30 05/03/2026."),
    (a_line("passed"), "Đã quá hạn: qua 09:00 02/03/2026 mà chưa xong."),
    (a_line("answered"), "Đã nhận bổ sung lúc 10:30 05/03/2026."),
    (a_line("lapsed"), "Chưa nhận được bổ sung khi hết hạn, lúc 10:30 05/03/2026."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), SAID, ids=[line["kind"] for line, _ in SAID])
def test_line_is_said_in_vietnamese(line: dict[str, Any], sentence: str) -> None:
    assert Words().line(line) == sentence


@pytest.mark.parametrize("rule", StartRule)
def test_every_start_rule_has_words(rule: StartRule) -> None:
    line = a_line("start", **START | {"rule": rule.value, "cutoff": "15:00"})
    assert Words().line(line).startswith("Nhận lúc 09:00 02/03/2026: ")


def test_every_sentence_has_its_english() -> None:
    messages = [message for message in read_po(BytesIO(CATALOGUE.read_bytes())) if message.id]
    said = {each.id if isinstance(each.id, str) else each.id[0]: each.string for each in messages}
    assert len(msgids()) > 60
    assert [text for text in sorted(msgids()) if not said.get(text)] == []


def test_screens_say_lines_in_the_language_of_the_reader(site: Flask) -> None:
    line = a_line("pause", reason="obligation", ground="TB 12", rest="2.5 working_day", person="Lan")
    with site.test_request_context("/") as request:
        request.session["language"] = "en"
        assert why_line(line) == (
            "Paused from 09:00 02/03/2026 to 10:30 05/03/2026: something has to be paid. Ground: TB 12. "
            "2.5 working days left. By Lan."
        )
        assert limit_words("1.5 calendar_day + 0 working_day") == "1.5 days + the same working day"
    with site.test_request_context("/"):
        assert limit_words("1.5 calendar_day") == "1,5 ngày"
        assert limit_words(None) == "—"
