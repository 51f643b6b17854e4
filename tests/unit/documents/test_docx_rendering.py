"""Every form as .docx: it opens, says what the PDF says, prints data as text, and is the same bytes each time."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from engine.documents import forms
from engine.documents.docx import build, render, samples, slip_layouts
from engine.documents.docx.check import examine
from engine.domain.official_forms import CURRENT, FORMS, OLD, FormKind, OfficialForm, UnknownFormError, form_of
from tests.support.docx_files import parts_of, text_of, with_text
from tests.unit.documents.sample_papers import APOLOGY, RECEIPT
from tests.unit.documents.sample_papers import text as pdf_text

FORMS_AS_DOCX = [form for form in FORMS if form.kind in render.kinds()]
LETTER = form_of(CURRENT, FormKind.APOLOGY)
RECEIPT_FORM = form_of(CURRENT, FormKind.RECEIPT)
ONLY_IN_WORD = {"☐"}  # where typst draws a box


def named(form: OfficialForm) -> str:
    """Return a form as test ids show it."""
    return f"{form.form_set}-{form.kind}"


def words(text: str) -> set[str]:
    """Return the words of a text; rows of dots are none."""
    plain = unicodedata.normalize("NFC", text.replace("…", " ").replace(".", " "))
    return {word for word in re.findall(r"[^\s,;:()“”–/|-]+", plain) if word not in ONLY_IN_WORD}


def test_all_forms_but_the_receipt_of_money_are_word_files() -> None:
    assert set(FormKind) - set(render.kinds()) == {FormKind.FEE}
    with pytest.raises(UnknownFormError):
        render.shipped(form_of(CURRENT, FormKind.FEE))


@pytest.mark.parametrize("name", slip_layouts.ALL)
def test_template_that_is_kept_is_the_one_that_is_built(name: str) -> None:
    kept = (render.TEMPLATES / f"{name}.docx").read_bytes()

    assert kept == build.made(slip_layouts.ALL[name]), "run: python -m engine.documents.docx.build"


@pytest.mark.parametrize("form", FORMS_AS_DOCX, ids=named)
def test_our_own_templates_pass_the_check_of_offices(form: OfficialForm) -> None:
    full, sparse = samples.sample_fields(form), samples.sample_fields(form, full=False)

    found = examine(render.shipped(form), full, sparse, samples.required(form))

    assert [each.message for each in found if each.severity == "error"] == []


@pytest.mark.parametrize("full", [True, False], ids=["full", "sparse"])
@pytest.mark.parametrize("form", [form for form in FORMS_AS_DOCX if form.form_set != OLD], ids=named)
def test_word_file_says_nothing_that_the_pdf_does_not(form: OfficialForm, full: bool) -> None:
    values = samples.sample_values(form, full=full)

    made = render.render_docx(form, values)

    assert words(text_of(made)) - words(pdf_text(forms.render_pdf(form, values))) == set()
    assert render.render_docx(form, values) == made


@pytest.mark.parametrize("form", FORMS_AS_DOCX, ids=named)
def test_word_file_says_every_field(form: OfficialForm) -> None:
    fields = samples.sample_fields(form)
    unsaid = {"tracking_url", "unit_name"} | ({"channel"} if form.kind is FormKind.REFUSAL else set())  # as in the PDF

    said = text_of(render.render_docx(form, samples.sample_values(form)))

    for name, value in fields.items():
        if name not in unsaid and isinstance(value, str):
            assert " ".join(value.split()) in said, name


def test_long_lists_are_printed_whole() -> None:
    values = samples.sample_values(RECEIPT_FORM)

    table = next(
        table for table in parts_of(render.render_docx(RECEIPT_FORM, values))["word/document.xml"].split(b"<w:tbl>")
        if b"w:tblHeader" in table
    )  # fmt: skip

    assert table.count(b"<w:tr>") == 1 + samples.LONG_LIST


def test_only_times_new_roman_is_named() -> None:
    for form in FORMS_AS_DOCX:
        parts = parts_of(render.shipped(form))
        assert set(re.findall(rb'w:(?:ascii|hAnsi|cs|eastAsia)="([^"]+)"', b"".join(parts.values()))) <= {
            b"Times New Roman", b"vi-VN"
        }  # fmt: skip


def test_page_keeps_the_margins_of_official_papers() -> None:
    document = parts_of(render.shipped(LETTER))["word/document.xml"].decode()

    assert '<w:pgSz w:w="11906" w:h="16838"/>' in document
    assert '<w:pgMar w:top="1134" w:bottom="1134" w:left="1701" w:right="1021"' in document
    assert "<w:titlePg/>" in document  # no number on the first page


def test_qr_code_opens_the_page_of_the_dossier() -> None:
    link = "https://motcua.example.vn/tra-cuu/H24.45-260305-0007"

    with_link = parts_of(render.render_docx(RECEIPT_FORM, replace(RECEIPT, tracking_url=link)))
    without = parts_of(render.render_docx(LETTER, replace(APOLOGY, tracking_url=None)))

    assert with_link["word/media/qr.png"] == render.qr_png(link)
    assert without["word/media/qr.png"] == parts_of(render.shipped(LETTER))["word/media/qr.png"]
    assert b"w:drawing" not in without["word/document.xml"]


HOSTILE = [
    "{{7*7}}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{% for a in range(10**9) %}x{% endfor %}",
    "{%p if true %}", "{_{ code }_}", "{#", "#}", "A & B", "<w:p/>", "</w:t></w:r></w:p>", "]]>", "&amp;lt;", "\"'",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_data_is_printed_as_it_is_written(name: str) -> None:
    values = replace(APOLOGY, applicant_name=name, reason=f"Vì {name}\nvà {name}", addressee=name)

    said = text_of(render.render_docx(LETTER, values))

    assert f"Kính gửi: {name}" in said
    assert f"Tổ chức: {name};" in said
    assert f"Lý do: Vì {name} và {name}" in said


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("a\x00b\x08c\x1b", "abc"),
        ("a\u202eb\u2066c", "abc"),
        ("a\ud800b", "ab"),
        ("a\tb\r\nc", "a b c"),
        ("﷽" * 3, "□"),
    ],
    ids=["control", "direction", "surrogate", "blanks", "no glyph"],
)
def test_what_cannot_be_printed_is_left_out(name: str, printed: str) -> None:
    assert f"Kính gửi: {printed}" in text_of(render.render_docx(LETTER, replace(APOLOGY, addressee=name)))


def test_endless_names_are_cut() -> None:
    made = render.render_docx(LETTER, replace(APOLOGY, applicant_name="Ộ" * 100_000))

    assert "Ộ" * 400 in text_of(made)
    assert "Ộ" * 600 not in text_of(made)


def test_vietnamese_capitals_and_stacked_marks_stay_letters() -> None:
    name = "NGUYỄN THỊ Ặ Ẫ Ỗ Ữ Ỵ đ ẫ ỗ ự ỹ"

    assert name in text_of(render.render_docx(LETTER, replace(APOLOGY, addressee=unicodedata.normalize("NFD", name))))


def test_lines_of_a_reason_stay_lines() -> None:
    made = render.render_docx(LETTER, replace(APOLOGY, reason="Một\nHai"))

    assert 'Một</w:t><w:br/><w:t xml:space="preserve">Hai' in parts_of(made)["word/document.xml"].decode()


def test_draft_is_marked() -> None:
    draft = replace(APOLOGY, draft=True, number=None, reason=None, new_due_at=None, signer_name=None)

    said = text_of(render.render_docx(LETTER, draft))

    assert said.startswith("BẢN NHÁP")
    assert "Số: …" in said
    assert "BẢN NHÁP" not in text_of(render.render_docx(LETTER, APOLOGY))


def test_template_of_an_office_is_used() -> None:
    own = with_text(render.shipped(LETTER), "Mẫu riêng của cơ quan, hồ sơ {{ code }}, {{ signer_name|upper }}")

    said = text_of(render.render_docx(LETTER, APOLOGY, template=own))

    assert said.startswith(f"Mẫu riêng của cơ quan, hồ sơ {APOLOGY.code}, {str(APOLOGY.signer_name).upper()}")


@pytest.mark.parametrize(
    "template", [b"no zip", with_text(render.shipped(LETTER), "{{ gone }}")], ids=["no file", "gone"]
)
def test_template_that_fits_no_more_is_named(template: bytes) -> None:
    with pytest.raises(render.TemplateOutdatedError):
        render.render_docx(LETTER, APOLOGY, template=template)


def test_names_of_fields_win_over_methods_of_python() -> None:
    fields: dict[str, Any] = {"group": {"items": "ô", "keys": None}, "list": [{"pop": "a"}, {"pop": "b"}]}
    own = with_text(
        render.shipped(LETTER),
        "{{ group.items }}|{{ group.keys }}|{% for each in list %}{{ each.pop }}{{ loop.index }}{% endfor %}",
    )
    used = dict.fromkeys(samples.sample_fields(LETTER), "") | {"title": [], "recipients": []}

    assert text_of(render.fill(own, used | fields)).startswith("ô|…………………………|a1b2")
