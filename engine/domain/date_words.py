"""Lines of the account of a date in words: Vietnamese sentences, which are the msgids of the screens.

A line is JSON-ready, as services give it (``engine.domain.explanations.Line``, ``engine.domain.date_walks.Account``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from engine.domain.dossier import PauseReason
from engine.domain.explanations import StartRule, readable
from engine.domain.limits import Limit, Segment, Unit

BEGINS = {
    "start": "Nhận lúc %(at)s",
    "asked": "Yêu cầu lúc %(at)s",
    "restart": "Nhận đủ giấy tờ bổ sung lúc %(at)s, tính lại toàn bộ thời hạn (%(decision)s)",
    "appointment": "Hoàn thành nghĩa vụ tài chính lúc %(at)s, lần hẹn %(no)s",
}
RULES: dict[str, str] = {
    StartRule.INSIDE: "trong giờ làm việc, tính ngay từ lúc đó",
    StartRule.RECEIPT: "thời hạn theo ngày tính ngay từ lúc đó",
    StartRule.BEFORE_OPENING: "trước giờ làm việc, tính từ %(begin)s",
    StartRule.BREAK: "trong giờ nghỉ, tính từ %(begin)s",
    StartRule.AFTER_CLOSING: "sau giờ làm việc, tính từ đầu ngày làm việc tiếp theo %(begin)s",
    StartRule.DAY_OFF: "vào ngày nghỉ, tính từ đầu ngày làm việc tiếp theo %(begin)s",
    StartRule.CUTOFF: "sau giờ chốt nhận %(cutoff)s, tính từ đầu ngày làm việc tiếp theo %(begin)s",
}
LAST_HOUR = "trong giờ làm việc cuối của ngày, tính từ đầu ngày làm việc tiếp theo %(begin)s"
SOURCES = ("thủ tục đã công bố", "giờ làm việc của cơ quan")
REASONS: dict[str, str] = {
    PauseReason.SUPPLEMENT: "chờ bổ sung giấy tờ",
    PauseReason.OBLIGATION: "chờ thực hiện nghĩa vụ tài chính",
    PauseReason.STEP: "chờ theo quy trình",
}
DUES = {
    "promise": "Hạn trả kết quả: %(end)s.",
    "answer": "Hạn bổ sung: %(end)s.",
    "step": "Nên xong trước: %(end)s.",
}
KEPT = {
    "broken": "Hạn giữ nguyên %(end)s: đã quá hạn trước khi tạm dừng.",
    "last_day": "Hạn giữ nguyên %(end)s: thời gian đã dùng hết và ngày hẹn chưa qua.",
}
LATE_RULES = {
    "day": "Tính quá hạn theo ngày: sau khi hết ngày %(day)s.",
    "instant": "Tính quá hạn theo giờ: sau %(end)s.",
}
MET = {
    False: "Lần hẹn %(no)s, hạn %(end)s, kết thúc khi tạm dừng: đúng hạn.",
    True: "Lần hẹn %(no)s, hạn %(end)s, kết thúc khi tạm dừng: trễ hạn.",
}
PLAIN = {
    "resume": "Tính tiếp từ %(end)s với %(limit)s còn lại.",
    "days": "%(amount)s: từ %(begin)s đến %(end)s.",
    "moved": "Lịch làm việc thay đổi (%(decision)s): hạn chuyển từ %(begin)s sang %(end)s.",
    "recorded": "Hạn đã ghi là %(end)s; tính lại theo quy tắc hiện nay là %(begin)s.",
    "unaccounted": "Hạn đã ghi là %(end)s; cách tính lúc đó không được lưu.",
    "provisional": "Năm %(years)s chưa có quyết định lịch nghỉ: ngày này là tạm tính.",
    "shared": "Bước này dùng chung hạn của chặng %(stage)s với bước trước.",
    "waiting": "Thời gian đang tạm dừng; hạn được tính khi chạy lại. Hạn trước khi dừng: %(end)s.",
    "ended": "Hồ sơ kết thúc khi đang tạm dừng; hạn trước đó là %(end)s.",
    "extended": "Thư xin lỗi hẹn lại %(end)s; hạn đã hẹn không thay đổi.",
    "extension_moved": "Lịch làm việc thay đổi (%(decision)s): ngày hẹn lại chuyển từ %(begin)s sang %(end)s.",
    "corrected": "Đính chính giấy tiếp nhận: hạn là %(end)s.",
    "version": "Chuyển sang phiên bản khác của thủ tục (%(decision)s): hạn là %(end)s.",
    "version_kept": "Chuyển sang phiên bản khác của thủ tục (%(decision)s): ngày hẹn %(end)s giữ nguyên.",
    "passed": "Đã quá hạn: qua %(begin)s mà chưa xong.",
    "answered": "Đã nhận bổ sung lúc %(end)s.",
    "lapsed": "Chưa nhận được bổ sung khi hết hạn, lúc %(end)s.",
}
SINCE_OFF = "Sau khi hẹn, ngày %(day)s được khai là ngày nghỉ (%(why)s): hạn đã hẹn vẫn giữ."
SINCE_HOURS = "Sau khi hẹn, giờ làm ngày %(day)s đổi thành %(hours)s (%(why)s): hạn đã hẹn vẫn giữ."
LIMIT = "Thời hạn phải tính: %(limit)s."
DAY_OFF = "Ngày nghỉ %(day)s (%(why)s): không tính."
MAKE_UP = "Ngày làm bù %(day)s (%(why)s): tính %(amount)s."
HALF_DAY = "Ngày %(day)s làm việc %(hours)s (%(why)s): tính %(amount)s."
HOURS = "Từ %(day)s cơ quan có giờ làm việc khác (%(why)s): %(week)s."
OFF = "nghỉ"
CALENDAR = "lịch làm việc"
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
AWAITED = "tạm tính"
ROLL = "Điểm cuối %(begin)s ngoài giờ làm việc: chuyển sang %(end)s."
ROLL_OFF = "Điểm cuối %(begin)s rơi vào ngày nghỉ: chuyển sang %(end)s (%(source)s)."
SAME_DAY = "Trong ngày: kết thúc lúc %(end)s."
NO_TIME = "Không còn thời gian: kết thúc lúc %(end)s."
PAUSED = "Tạm dừng từ %(begin)s đến %(end)s: %(reason)s."
STANDS = "Tạm dừng từ %(begin)s đến nay: %(reason)s."
GROUND = "Căn cứ: %(ground)s."
LEFT = "Còn lại %(rest)s."
LEFT_UNTIL = "Lịch làm việc đã thay đổi: còn lại tính đến hạn %(until)s là %(rest)s."
BROKEN = "Lúc đó đã quá hạn."
STAGE = "Chặng %(stage)s có %(limit)s trong thời hạn, tính từ %(end)s."
CUT = "Bảng quy trình ghi %(planned)s; được giảm vì tổng các chặng vượt thời hạn."
PERSON = "Người thực hiện: %(person)s."
AMOUNTS: dict[str, str] = {
    Unit.WORKING_DAY: "%(amount)s ngày làm việc",
    Unit.WORKING_HOUR: "%(amount)s giờ làm việc",
    Unit.CALENDAR_DAY: "%(amount)s ngày",
}
WITHIN_DAY: dict[str, str] = {Unit.WORKING_DAY: "trong ngày làm việc", Unit.CALENDAR_DAY: "trong ngày"}


class Say(Protocol):
    """Gives a msgid in the reader's language, with the values filled in: gettext."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the sentence."""


def in_vietnamese(text: str, /, **values: object) -> str:
    """Fill the values in: what papers say."""
    return text % values if values else text


@dataclass(frozen=True, slots=True)
class Words:
    """How lines and limits are said in one language, with its decimal sign."""

    say: Say = in_vietnamese
    decimal: str = ","

    def line(self, line: Mapping[str, Any]) -> str:
        """Return a line as one or more sentences; of people and free text only what the line holds."""
        kind = line["kind"]
        said = self._by_kind.get(kind, Words._plain)(self, line)
        if line.get("person"):
            said = f"{said} {self.say(PERSON, person=line['person'])}"
        return said

    def limit(self, text: str) -> str:
        """Return a limit: ``15 working_day`` is ``15 ngày làm việc``; 0 days end on the day itself."""
        return " + ".join(self._segment(segment) for segment in Limit.parse(text).segments)

    @property
    def _by_kind(self) -> Mapping[str, Callable[[Words, Mapping[str, Any]], str]]:
        return {
            **dict.fromkeys(BEGINS, Words._start),
            "day_off": Words._day_off,
            "make_up": Words._make_up,
            "hours": Words._hours,
            "since": Words._since,
            "roll": Words._roll,
            "same_day": Words._same_day,
            "pause": Words._pause,
            "stage": Words._stage,
            "met": Words._met,
            "kept": Words._kept,
            "due": Words._due,
            "late_after": Words._late_after,
        }

    def _segment(self, segment: Segment) -> str:
        if segment.amount == 0 and segment.unit in WITHIN_DAY:
            return self.say(WITHIN_DAY[segment.unit])
        return self.say(AMOUNTS[segment.unit], amount=readable(segment.amount).replace(".", self.decimal))

    def _values(self, line: Mapping[str, Any]) -> dict[str, object]:
        """Return what sentences are filled with."""
        starts, ends = (datetime.fromisoformat(line[name] or line["from"]) for name in ("from", "to"))
        years = ", ".join(map(str, line.get("years", ())))
        amount = self.limit(f"{line['amount']} {line['unit']}") if line["amount"] is not None else ""
        values = {"begin": _moment(starts), "at": _moment(starts), "end": _moment(ends), "day": f"{starts:%d/%m/%Y}"}
        limits = {name: self.limit(line[name]) for name in ("limit", "rest", "planned") if line.get(name)}
        facts = {name: line.get(name) for name in ("decision", "cutoff", "stage", "hours")}
        return {**values, **facts, **limits, "amount": amount, "years": years, "no": line.get("promise")}

    def _plain(self, line: Mapping[str, Any]) -> str:
        return self.say(PLAIN[line["kind"]], **self._values(line))

    def _start(self, line: Mapping[str, Any]) -> str:
        values = self._values(line)
        values |= {"begin": values["end"]}
        rule = LAST_HOUR if line.get("cutoff") == "last-hour" else RULES[line["rule"]]
        begins, how = self.say(BEGINS[line["kind"]], **values), self.say(rule, **values)
        return f"{begins}: {how} ({self.say(line['source'])}). {self.say(LIMIT, **values)}"

    def _why(self, line: Mapping[str, Any]) -> str:
        awaited = self.say(AWAITED) if line.get("provisional") else ""
        return "; ".join(part for part in (line.get("note"), line["decision"], awaited) if part)

    def _day_off(self, line: Mapping[str, Any]) -> str:
        return self.say(DAY_OFF, why=self._why(line), **self._values(line))

    def _make_up(self, line: Mapping[str, Any]) -> str:
        return self.say(HALF_DAY if line.get("hours") else MAKE_UP, why=self._why(line), **self._values(line))

    def _hours(self, line: Mapping[str, Any]) -> str:
        week = groupby(zip(WEEKDAYS, line["week"], strict=True), key=lambda each: each[1])
        said = []
        for hours, days in week:
            names = [self.say(name) for name, _ in days]
            span = names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
            said.append(f"{span} {hours or self.say(OFF)}")
        return self.say(HOURS, why=self._why(line), week="; ".join(said), **self._values(line))

    def _since(self, line: Mapping[str, Any]) -> str:
        said = SINCE_HOURS if line["hours"] else SINCE_OFF
        return self.say(said, why=line["decision"] or self.say(CALENDAR), **self._values(line))

    def _roll(self, line: Mapping[str, Any]) -> str:
        source = line.get("source")
        return self.say(ROLL_OFF if source else ROLL, source=source, **self._values(line))

    def _same_day(self, line: Mapping[str, Any]) -> str:
        return self.say(NO_TIME if line["unit"] == Unit.WORKING_HOUR else SAME_DAY, **self._values(line))

    def _pause(self, line: Mapping[str, Any]) -> str:
        values = self._values(line)
        said = [self.say(STANDS if line.get("open") else PAUSED, reason=self.say(REASONS[line["reason"]]), **values)]
        if line.get("ground"):
            said.append(self.say(GROUND, ground=line["ground"].rstrip(".")))
        until = line.get("until")
        left = self.say(LEFT_UNTIL, until=_moment(datetime.fromisoformat(until)), **values) if until else ""
        said.append(self.say(BROKEN) if line.get("broken") else left or self.say(LEFT, **values))
        return " ".join(said)

    def _stage(self, line: Mapping[str, Any]) -> str:
        values = self._values(line)
        said = self.say(STAGE, **values)
        return f"{said} {self.say(CUT, **values)}" if line.get("planned") else said

    def _met(self, line: Mapping[str, Any]) -> str:
        return self.say(MET[line["broken"]], **self._values(line))

    def _kept(self, line: Mapping[str, Any]) -> str:
        return self.say(KEPT[line["why"]], **self._values(line))

    def _due(self, line: Mapping[str, Any]) -> str:
        return self.say(DUES[line.get("what", "promise")], **self._values(line))

    def _late_after(self, line: Mapping[str, Any]) -> str:
        on = f"{datetime.fromisoformat(line['to']):%d/%m/%Y}"
        return self.say(LATE_RULES[line["late_rule"]], **(self._values(line) | {"day": on}))


def _moment(at: datetime) -> str:
    return f"{at:%H:%M %d/%m/%Y}"
