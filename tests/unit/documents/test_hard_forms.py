"""Official forms with what is hard to print: every letter, long names, many papers, hostile texts (S14, S17, S18)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from engine.documents.forms import render_pdf
from engine.documents.values import PaperLine
from engine.domain.official_forms import OLD, FormKind, OfficialForm
from tests.unit.documents.hard_values import LONG, LOWER, UPPER, with_texts
from tests.unit.documents.sample_notices import SUPPLEMENT
from tests.unit.documents.sample_papers import AUTHORISER, fonts, outside_margins, page_text, pages, text
from tests.unit.documents.test_official_forms import FORMS, SAMPLES, name

TEMPLATES = Path(__file__).parents[3] / "engine" / "documents" / "templates"
#: One form of each template; the old set prints by the same ones.
LAYOUTS = [form for form in FORMS if form.form_set != OLD]
WITH_TABLE = [form for form in LAYOUTS if form.kind in (FormKind.RECEIPT, FormKind.STOP)]
each_layout = pytest.mark.parametrize("form", LAYOUTS, ids=name)
MILLIMETRE = 72 / 25.4

PAPERS = tuple(PaperLine(f"Giấy tờ số {no}, {LONG[: 30 + no * 6]}", no, 1) for no in range(1, 41))
MANY: dict[str, Any] = {
    "authoriser": AUTHORISER,
    "papers": PAPERS,
    "papers_back": PAPERS,
    "items": tuple(paper.name for paper in PAPERS),
    "reason": "\n".join(f"Lý do số {no}: {LONG[:200]}." for no in range(1, 15)),
}
LAST_WORDS = {  #: of the sentence that must stand on the page of the signature
    "receipt": "Tra cứu hồ sơ: quét mã QR",
    "supplement": "để được hướng dẫn.",
    "refusal": "được biết./.",
    "apology": "thông cảm./.",
    "stop": "được biết./.",
    "obligation": "thực hiện./.",
}


def with_much(form: OfficialForm) -> Any:
    """Return values of a form with 40 papers or lines, and a name of 300 characters in every place."""
    values = with_texts(SAMPLES[form.kind], lambda _place: LONG[:300])
    return replace(values, **{key: much for key, much in MANY.items() if hasattr(values, key)})


def dense(printed: str) -> str:
    """Return a text in small letters without white space: lines may break anywhere, and heads are in capitals."""
    return re.sub(r"\s", "", printed).casefold()


def body_text(paper: bytes) -> str:
    """Return the text between the margins of all pages: without page numbers and feet."""
    bottom, top = 19 * MILLIMETRE, 278 * MILLIMETRE
    found = [page.get_textpage().get_text_bounded(bottom=bottom, top=top) for page in pypdfium2.PdfDocument(paper)]
    return " ".join(found).replace("\u200b", "")


def beyond_the_page(paper: bytes) -> list[tuple[float, ...]]:
    """Return the bounds, in points, of texts that stand outside of the sheet's text and its two margins' furniture."""
    top, bottom = (297 - 8) * MILLIMETRE, 3 * MILLIMETRE
    return [
        item.get_bounds()
        for page in pypdfium2.PdfDocument(paper)
        for item in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT])
        if item.get_bounds()[3] > top or item.get_bounds()[1] < bottom
    ]


def overlaps(paper: bytes) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Return pairs of texts of a page of which more than a third of the smaller one is covered by the other."""
    found = []
    for page in pypdfium2.PdfDocument(paper):
        boxes = [item.get_bounds() for item in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT])]
        for at, one in enumerate(boxes):
            found += [(one, other) for other in boxes[at + 1 :] if _shared(one, other) > 1 / 3]
    return found


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / min((box[2] - box[0]) * (box[3] - box[1]) or 1 for box in (one, other))


@each_layout
@pytest.mark.parametrize("shape", ["NFC", "NFD"])
def test_every_vietnamese_letter_is_printed_small_and_capital(form: OfficialForm, shape: str) -> None:
    letters = [*(LOWER[at : at + 31] for at in (0, 31, 62)), *(UPPER[at : at + 31] for at in (0, 31, 62))]
    paper = b""
    for part in letters:
        given = unicodedata.normalize(shape, part)  # type: ignore[arg-type] - one of the four names
        paper = render_pdf(form, with_texts(SAMPLES[form.kind], lambda _place, said=given: said))  # type: ignore[misc]
        assert dense(part) in dense(text(paper))
        assert {family.partition("+")[2].partition("-")[0] for family, _ in fonts(paper)} == {"LiberationSerif"}
        assert "□" not in text(paper)


@each_layout
def test_long_names_and_forty_papers_break_pages_well(form: OfficialForm) -> None:
    values = with_much(form)
    paper = render_pdf(form, values)
    last = page_text(paper, pages(paper) - 1)

    assert 3 <= pages(paper) <= 9
    assert outside_margins(paper) == []
    assert beyond_the_page(paper) == []
    assert overlaps(paper) == []
    assert LAST_WORDS[form.kind.value] in last
    assert dense(LONG[:150]) in dense(last)  # the name under the signature
    for no in range(1, pages(paper)):
        assert page_text(paper, no).startswith(str(no + 1))


@pytest.mark.parametrize("lines", range(10, 31, 4))
def test_the_signature_is_never_alone(lines: int) -> None:
    items = tuple(f"Giấy tờ số {no}" for no in range(lines))
    paper = render_pdf(SUPPLEMENT.form, replace(SUPPLEMENT, items=items))
    last = page_text(paper, pages(paper) - 1)

    assert "để được hướng dẫn." in last
    assert "NGƯỜI HƯỚNG DẪN (Ký và ghi rõ họ tên) Trần Văn Mẫu" in last


@each_layout
def test_no_paper_and_no_line_is_lost(form: OfficialForm) -> None:
    values = with_much(form)
    paper = render_pdf(form, values)
    seen = dense(body_text(paper))

    for each in values.reason.split("\n") if hasattr(values, "reason") else ():
        assert dense(each) in seen
    for paper_line in PAPERS if {"papers", "papers_back", "items"} & set(dir(values)) else ():
        assert dense(paper_line.name) in seen


@pytest.mark.parametrize("form", WITH_TABLE, ids=name)
def test_table_head_is_repeated_and_no_row_is_torn(form: OfficialForm) -> None:
    paper = render_pdf(form, with_much(form))
    seen = [page_text(paper, no) for no in range(pages(paper))]
    rows = [page for page in seen if "Giấy tờ số" in page]

    assert len(rows) >= 3
    assert all("STT Tên giấy tờ Bản chính Bản sao" in page for page in rows)
    assert all(any(dense(each.name) in dense(page) for page in rows) for each in PAPERS)


HOSTILE = [
    "#import \"@preview/x:1.0.0\"",
    '#read("/etc/passwd")',
    '#image("/etc/passwd")',
    "#include \"../../../x.typ\"",
    "#eval(\"1+1\") #panic()",
    "$ x^2 $ @x <x> $",
    "*b* _i_ `c` = h",
    "{{7*7}} {% for x in y %}",
    "<b>A & B</b> &amp; ]]>",
    "<img src=http://169.254.169.254/x>",
    "file:///etc/passwd",
    "<svg><use href='file:///x'/></svg>",
    "] [ } { \\ \\u{41} // /* */",
    "=1+1 +1 -1 @SUM(A1)",
    "'; DROP TABLE x; --",
]  # fmt: skip


@each_layout
@pytest.mark.parametrize("first", range(0, len(HOSTILE), 4))
def test_hostile_text_is_printed_literally_in_every_place(form: OfficialForm, first: int) -> None:
    """Every place gets four of the texts, and every text stands in many places of each form."""
    marks: list[str] = []

    def mark(_place: str) -> str:
        marks.append(f"{HOSTILE[(first + len(marks)) % len(HOSTILE)]} q{len(marks)}q")
        return marks[-1]

    printed = dense(text(render_pdf(form, with_texts(SAMPLES[form.kind], mark))))

    assert len(marks) > 8
    assert [each for each in marks if dense(each) not in printed] == []


@each_layout
def test_controls_and_overrides_are_dropped_in_every_place(form: OfficialForm) -> None:
    given = "A\x00\x07\x1b[31m\u202etxt.exe\u2066\u200f\ufeff\ud800\x85B"
    printed = text(render_pdf(form, with_texts(SAMPLES[form.kind], lambda _place: given)))

    assert dense("A[31mtxt.exeB") in dense(printed)
    assert [char for char in printed if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")] == []


@each_layout
@pytest.mark.parametrize("unit", ["W", "Ộ ", "a\n"])
def test_a_text_of_100_kb_is_cut_in_every_place(form: OfficialForm, unit: str) -> None:
    endless = unit * (100_000 // len(unit))
    paper = render_pdf(form, with_texts(SAMPLES[form.kind], lambda _place: endless))

    assert pages(paper) < 16
    assert "…" in text(paper)
    assert outside_margins(paper) == []
    assert beyond_the_page(paper) == []


#: The archive attaches files that it was handed, in a folder of their own that typst cannot leave.
HANDED = "read(file.file, encoding: none)"


def test_templates_evaluate_nothing_and_open_only_what_comes_with_the_values() -> None:
    reading = re.compile(
        r"\b(read|eval|plugin|csv|toml|yaml|xml|cbor|bibliography|include)\s*\(|#?include\s+\"|\braw\("
    )
    for template in TEMPLATES.glob("*.typ"):
        source = template.read_text(encoding="utf-8").replace(HANDED if template.stem == "archived" else "\0", "")
        assert reading.search(source) is None, template
        for loaded in re.findall(r"\bjson\((.*)", source) + re.findall(r"\bimage\((.*)", source):
            assert loaded.startswith(("bytes(", "under,", "code", "format"))
        for imported in re.findall(r"import\s+(\"[^\"]*\"|\S+)", source):
            assert re.fullmatch(r'"[a-z-]+\.typ"', imported), (template, imported)
