"""What is counted, in Vietnamese, for the papers that go upwards; ``DEFINITIONS`` says the same to programs.

A test holds that each definition has its words.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.reports.about import About
from engine.reports.render import official_words

WORDS: Mapping[str, tuple[str, str]] = {
    "unit": (
        "Đơn vị tính",
        "Một hồ sơ đã tiếp nhận, có mã riêng. Các hồ sơ nối tiếp do kết quả của hồ sơ trước lập ra tính chung là một: "
        "tiếp nhận theo hồ sơ đầu, xong khi hồ sơ cuối xong, quá hạn khi có hồ sơ quá hạn.",
    ),
    "received_in_period": ("Nhận trong kỳ", "Tiếp nhận vào một ngày trong kỳ, theo giờ địa phương."),
    "received_online": ("Nhận trực tuyến", "Trong số nhận trong kỳ: nộp trực tuyến (cột 4 của biểu II.06)."),
    "carried_over": ("Từ kỳ trước", "Tiếp nhận trước kỳ, chưa giải quyết xong và chưa kết thúc trước khi kỳ bắt đầu."),
    "early": ("Trước hạn", "Giải quyết xong trong kỳ, vào ngày trước ngày hẹn trả."),
    "on_time": ("Đúng hạn", "Giải quyết xong trong kỳ, vào ngày hẹn trả hoặc sau đó mà chưa quá hạn."),
    "late": ("Quá hạn", "Giải quyết xong trong kỳ, sau khi đã quá hạn hẹn trả."),
    "withdrawn": ("Rút", "Người dân rút hồ sơ trong kỳ, trước khi có kết quả."),
    "stopped": ("Dừng", "Dừng giải quyết, trả lại hồ sơ trong kỳ, trước khi có kết quả."),
    "ended_late": ("Rút, dừng khi quá hạn", "Trong số rút và dừng: khi kết thúc thì đã quá hạn hẹn trả."),
    "open_in_time": ("Đang giải quyết, trong hạn", "Hết kỳ (hoặc đến nay, nếu kỳ chưa hết) chưa xong, chưa quá hạn."),
    "open_late": ("Đang giải quyết, quá hạn", "Hết kỳ (hoặc đến nay, nếu kỳ chưa hết) chưa xong và đã quá hạn."),
    "received_on_time": (
        "Nhận trong kỳ, xong đúng hạn",
        "Nhận trong kỳ, đến hết kỳ đã xong trước hạn hoặc đúng hạn.",
    ),
    "received_ended": ("Nhận trong kỳ, rút hoặc dừng", "Nhận trong kỳ và đến hết kỳ đã rút hoặc đã dừng."),
    "apologised": (
        "Đã xin lỗi",
        "Trong số quá hạn (đã xong, đang giải quyết, rút hoặc dừng): đã gửi thư xin lỗi trước khi hết kỳ.",
    ),
    "apologised_met": (
        "Xin lỗi, đúng hẹn lại",
        "Trong số xong quá hạn: đã xin lỗi và xong trong ngày hẹn lại; mọi tỷ lệ vẫn tính là quá hạn.",
    ),
    "apologised_unkept": (
        "Xin lỗi, không giữ hẹn lại",
        "Trong số quá hạn: đã xin lỗi, và đến hết kỳ (hoặc đến nay) đã qua cả ngày hẹn lại.",
    ),
    "rates.finished": (
        "Tỷ lệ đúng hạn (đã có kết quả)",
        "(trước hạn + đúng hạn) / (trước hạn + đúng hạn + quá hạn); chỉ hồ sơ đã có kết quả.",
    ),
    "rates.finished_with_ended": (
        "Tỷ lệ đúng hạn (cả rút, dừng)",
        "(trước hạn + đúng hạn + rút + dừng) / (như trên + quá hạn); rút và dừng là đúng hạn, như cột (9) biểu II.06.",
    ),
    "rates.received": (
        "Tỷ lệ đúng hạn trên số nhận",
        "nhận trong kỳ, xong đúng hạn / (nhận trong kỳ − nhận trong kỳ, rút hoặc dừng).",
    ),
    "rates.received_with_ended": (
        "Tỷ lệ đúng hạn trên số nhận (cả rút, dừng)",
        "(nhận trong kỳ, xong đúng hạn + nhận trong kỳ, rút hoặc dừng) / nhận trong kỳ; "
        "theo bộ chỉ số của Quyết định 766/QĐ-TTg.",
    ),
    "late_rule": (
        "Cách tính quá hạn",
        "Theo ngày: quá hạn khi hết ngày hẹn trả. Theo giờ: quá hạn khi qua giờ hẹn trả. Tính theo lời hẹn đang có "
        "hiệu lực và cách tính khi hẹn; gia hạn trong thư xin lỗi không làm đổi hạn.",
    ),
    "late_rules": (
        "Số hồ sơ theo từng cách tính",
        "Số hồ sơ của báo cáo theo mỗi cách tính quá hạn. Hồ sơ đang tạm dừng thời gian không tính vào cách nào; "
        "báo cáo trên 50.000 hồ sơ không đếm.",
    ),
    "excluded": ("Không tính", "Hồ sơ mới đăng ký, chưa tiếp nhận, và hồ sơ bị từ chối tiếp nhận."),
}  #: name and meaning of each definition

TIME_WORDS: Mapping[str, tuple[str, str]] = {
    "dossiers": (
        "Hồ sơ tính thời gian",
        "Hồ sơ đã kết thúc trong kỳ (đã giải quyết, rút hoặc dừng), biết thời gian làm việc đã dùng và đã hẹn.",
    ),
    "percentiles": (
        "Trung vị, mức 90% và 95%",
        "Của tỷ lệ thời hạn mà mỗi hồ sơ đã dùng, tính bằng phần trăm, làm tròn lên; theo thứ hạng gần nhất: giá trị "
        "mà ít nhất 50, 90 hoặc 95% số hồ sơ không vượt quá.",
    ),
    "used_minutes": (
        "Phút làm việc đã dùng",
        "Số phút làm việc được tính; không gồm thời gian tạm dừng đúng quy định và thời gian trước khi tính lại.",
    ),
    "limit_minutes": ("Phút làm việc đã hẹn", "Số phút làm việc của thời hạn đã hẹn."),
    "legal": (
        "Cắt giảm so với luật định",
        "Chỉ hồ sơ của thủ tục có ghi thời hạn luật định: 1 − đã dùng / luật định.",
    ),
    "base": (
        "Cắt giảm so với năm gốc",
        "1 − đã dùng / thời gian mà bấy nhiêu hồ sơ của cùng thủ tục, cùng cơ quan đã dùng trung bình trong năm gốc; "
        "chỉ thủ tục có hồ sơ ở cả hai kỳ.",
    ),
}  #: what the report of time used has besides


def lines(about: About) -> list[tuple[str, str]]:
    """Return name and meaning of all that is needed to count again: the period, the rules, the gate, definitions."""
    period = about.period
    facts = [
        ("Kỳ báo cáo", f"Từ ngày {official_words.day(period.from_on)} đến ngày {official_words.day(period.to_on)}"),
        ("Tính theo", f"Cơ quan {official_words.DIMENSIONS[about.dimension.value]}"),
        ("Cơ quan", about.agency or "Mọi cơ quan mà người lập được xem số liệu"),
        ("Lập lúc", official_words.generated(about)),
    ]
    facts += [(f"Cơ quan {each['code']}", official_words.agency_words(each)) for each in about.agencies]
    found = about.quality or {}
    gate = [(f"Số liệu {official_words.CHECKS[check]}", f"{count} hồ sơ") for check, count in found.items()]
    return [*facts, *gate, *WORDS.values()]
