"""What the font can show, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.documents.printable import font_characters, one_line, printable

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậđeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"


def test_font_has_every_vietnamese_letter() -> None:
    assert set(VIETNAMESE + VIETNAMESE.upper() + "₫–“”…□\u200b") - font_characters() == set()


def test_short_text_stays_as_it_is() -> None:
    assert printable("Nguyễn Thị Ví Dụ", limit=500) == "Nguyễn Thị Ví Dụ"


def test_text_of_the_limit_stays_and_a_longer_one_is_cut() -> None:
    assert printable("a b c", limit=5) == "a b c"
    assert printable("a b cd", limit=5) == "a b…"


def test_lines_stay_lines_and_one_line_joins_them() -> None:
    assert printable(" a  b \r\n\n c\u2029d ", limit=500) == "a b\nc\nd"
    assert one_line(" a  b \r\n\n c\u2029d ", limit=500) == "a b c d"


def test_long_words_may_break_and_addresses_stay_whole() -> None:
    assert printable("x" * 41, limit=500) == "x" * 20 + "\u200b" + "x" * 20 + "\u200b" + "x"
    url = "https://motcua.example.vn/tra-cuu/H24.45-260305-0007"
    assert printable(url, limit=500) == url


def test_marks_do_not_pile_up_on_a_letter() -> None:
    assert printable("q" + "\u0301" * 50 + "u", limit=500) == "q\u0301\u0301u"


@given(st.text(st.characters(), max_size=300), st.integers(1, 200))
def test_result_fits_the_font_and_the_limit_and_is_stable(text: str, limit: int) -> None:
    shown = printable(text, limit=limit)

    assert set(shown) - {"\n"} <= font_characters()
    assert len(shown.replace("\u200b", "")) <= limit
    assert printable(shown, limit=limit) == shown
