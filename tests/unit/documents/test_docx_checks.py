"""Hostile and clumsy templates (speed_scale §D.5, S16): each is refused with its rule, and nothing runs."""

from __future__ import annotations

import json
import string
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

import docx
import pytest

from engine.documents.docx import compiling, package, render, samples, sandbox
from engine.documents.docx.check import examine
from engine.documents.docx.findings import MESSAGES, Finding
from engine.domain.official_forms import CURRENT, FormKind, form_of
from tests.support.docx_files import parts_of, with_parts, with_text, with_xml, zipped
from web.template_words import WORDS

FORM = form_of(CURRENT, FormKind.RECEIPT)
OURS = render.shipped(FORM)
RELATIONS = "word__$rels__document.xml.rels".replace("$", "_")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def check(content: bytes) -> list[Finding]:
    """Return what is wrong with a template of the receipt, here and now."""
    return examine(
        content, samples.sample_fields(FORM), samples.sample_fields(FORM, full=False), samples.required(FORM)
    )


def rules(content: bytes) -> set[str]:
    """Return the rules of all errors."""
    return {each.rule for each in check(content) if each.severity == "error"}


def with_link(target: str, kind: str = "image", mode: str = "External") -> bytes:
    """Return a template that refers to something."""
    link = f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return with_xml(OURS, link, "word/_rels/document.xml.rels")


def with_doctype(xml: str) -> bytes:
    """Return a template whose document has a DOCTYPE."""
    document = parts_of(OURS)["word/document.xml"].decode()
    head, rest = document.split("\n", 1)
    return with_parts(OURS, word__document_xml=None, **{"word__document.xml": f"{head}\n{xml}\n{rest}".encode()})


# --- the file --------------------------------------------------------------------------------------------------------


def bomb(bytes_unpacked: int) -> bytes:
    """Return a small file that unpacks to much."""
    return zipped(parts_of(OURS) | {"word/media/big.png": b"\0" * bytes_unpacked})


def lying_bomb() -> bytes:
    """Return a file with an entry that says it is small and is not."""
    content = bytearray(bomb(package.LARGEST_UNPACKED + 1))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = content.rindex(mark)
        content[place + at : place + at + 4] = struct.pack("<I", 10)
    return bytes(content)


def with_entry(name: str, *, twice: bool = False, link: bool = False) -> bytes:
    """Return a file with one more entry, written as it is named."""
    out = BytesIO(OURS)
    with zipfile.ZipFile(out, "a") as archive:
        for suffix in ("", "") if twice else ("",):
            entry = zipfile.ZipInfo("x")
            entry.filename = name + suffix
            entry.external_attr = (0o120777 if link else 0o600) << 16
            archive.writestr(entry, b"/etc/passwd" if link else b"<x/>")
    return out.getvalue()


def encrypted() -> bytes:
    """Return a file whose entries say that they are encrypted."""
    content = bytearray(OURS)
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def many_entries() -> bytes:
    """Return a file of very many parts."""
    return zipped(parts_of(OURS) | {f"customXml/item{no}.xml": b"" for no in range(100_000 // 100)})


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (lambda: b"", "file-empty"),
        (lambda: b"\0" * (package.LARGEST_FILE + 1), "file-too-large"),
        (lambda: b"%PDF-1.7", "not-a-docx"),
        (lambda: b"PK\x03\x04" + b"\0" * 200, "not-a-docx"),
        (lambda: zipped({"a.txt": b"a"}), "not-a-docx"),
        (lambda: OURS[:200] + b"\xff" * 60 + OURS[260:], "zip-broken"),
        (encrypted, "zip-encrypted"),
        (many_entries, "zip-entries"),
        (lambda: bomb(package.LARGEST_UNPACKED + 1), "zip-unpacked"),
        (lying_bomb, "zip-broken"),
        (lambda: with_entry("../../etc/cron.d/x.xml"), "zip-path"),
        (lambda: with_entry("/etc/x.xml"), "zip-path"),
        (lambda: with_entry("word\\..\\x.xml"), "zip-path"),
        (lambda: with_entry("C:x.xml"), "zip-path"),
        (lambda: with_entry("word/link.xml", link=True), "zip-path"),
        (lambda: with_entry("WORD/document.xml"), "zip-double"),
    ],
    ids=[
        "empty", "large", "pdf", "zeros", "zip", "damaged", "encrypted", "many parts", "bomb", "lying bomb", "dots",
        "absolute", "backslash", "drive", "symlink", "twice",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_that_are_no_harmless_docx_are_refused(made: Callable[[], bytes], rule: str) -> None:
    assert rules(made()) == {rule}


# --- what is in it ---------------------------------------------------------------------------------------------------

FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r>'
    '<w:r><w:instrText>AUTO c:\\cmd.exe</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)


def with_macro_type() -> bytes:
    """Return a template that says it is one with macros."""
    types = parts_of(OURS)["[Content_Types].xml"]
    plain = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main"
    return with_parts(OURS, **{"[Content_Types].xml": types.replace(plain, b"vnd.ms-word.document.macroEnabled.main")})


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (lambda: zipped(parts_of(OURS) | {"word/vbaProject.bin": b"\xd0\xcf"}), "macros"),
        (with_macro_type, "macros"),
        (lambda: zipped(parts_of(OURS) | {"word/embeddings/oleObject1.ole": b"\xd0\xcf"}), "embedded-object"),
        (lambda: zipped(parts_of(OURS) | {"word/afchunk.html": b"<script>"}), "embedded-object"),
        (lambda: zipped(parts_of(OURS) | {"word/media/image.emf": b"x"}), "part-not-allowed"),
        (lambda: zipped(parts_of(OURS) | {"word/media/image.png": b"<svg onload=x>"}), "picture-kind"),
        (lambda: with_link("https://evil.example/x.png"), "external-link"),
        (lambda: with_link("file:///etc/passwd", "attachedTemplate"), "external-link"),
        (lambda: with_link("\\\\evil.example\\share", "image", "Internal"), "external-link"),
        (lambda: with_link("https://evil.example", "hyperlink", "EXTERNAL"), "external-link"),
        (lambda: with_link("x.html", "aFChunk", "Internal"), "link-kind"),
        (lambda: with_link("x.bin", "oleObject", "Internal"), "link-kind"),
        (lambda: with_doctype("<!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "xml-doctype"),
        (lambda: with_doctype("<!DOCTYPE w [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"), "xml-doctype"),
        (lambda: with_doctype("<!DOCTYPE w SYSTEM 'http://evil.example/x.dtd'>"), "xml-doctype"),
        (lambda: with_xml(OURS, "<w:p>"), "xml-broken"),
        (lambda: with_xml(OURS, "<w:p/>" * (package.MOST_ELEMENTS + 1)), "xml-too-large"),
        (lambda: with_xml(OURS, "<w:p>" * 3000 + "</w:p>" * 3000), "xml-broken"),
        (lambda: with_xml(OURS, FIELD), "field-code"),
        (lambda: with_xml(OURS, '<w:p><w:fldSimple w:instr=" INCLUDETEXT /etc/passwd"/></w:p>'), "field-code"),
        (lambda: with_xml(OURS, '<w:p><w:fldSimple w:instr="HYPERLINK http://evil.example"/></w:p>'), "field-code"),
        (lambda: with_xml(OURS, '<w:altChunk r:id="rId1"/>'), "element-not-allowed"),
        (lambda: with_xml(OURS, "<w:p><w:r><w:object/></w:r></w:p>"), "element-not-allowed"),
        (lambda: with_xml(OURS, '<w:p><w:bookmarkStart w:id="0" w:name="{{ code }}"/></w:p>'), "placeholder-place"),
        (lambda: with_xml(OURS, "<w:p>{{ code }}</w:p>"), "placeholder-place"),
        (lambda: with_xml(OURS, "<w:p><w:r><w:instrText>{{ code }}</w:instrText></w:r></w:p>"), "placeholder-place"),
    ],
    ids=[
        "vba", "docm", "ole", "html", "emf", "svg as png", "picture elsewhere", "attached template", "unc path",
        "hyperlink", "altchunk", "ole link", "xxe", "entities", "dtd", "malformed", "many elements", "deep",
        "dde in pieces", "includetext", "hyperlink field", "altchunk element", "object", "in an attribute",
        "outside text", "in a field code",
    ],
)  # fmt: skip
def test_foreign_content_is_refused(made: Callable[[], bytes], rule: str) -> None:
    assert rule in rules(made())


# --- what it asks to be run ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "expression-refused"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "expression-refused"),
        ("{{ code.__class__ }}", "expression-refused"),
        ("{{ code|attr('__class__') }}", "expression-refused"),
        ("{{ '%s'|format(code) }}", "expression-refused"),
        ("{{ code.upper() }}", "expression-refused"),
        ("{{ 9**9**9 }}", "expression-refused"),
        ("{{ 'a' * 999999999 }}", "expression-refused"),
        ("{{ 'a' ~ code }}", "expression-refused"),
        ("{{ [1,2] }}", "expression-refused"),
        ("{{ papers[0] }}", "expression-refused"),
        ("{{ '" + "a" * 300 + "' }}", "expression-refused"),
        ("{{r code }}", "expression-refused"),
        ("{{p code }}", "expression-refused"),
        ("{# hidden #}", "expression-refused"),
        ("{% for a in range(999999999) %}x{% endfor %}", "expression-refused"),
        ("{% for a in papers recursive %}x{% endfor %}", "expression-refused"),
        ("{% for a in papers if a.name %}x{% endfor %}", "expression-refused"),
        ("{% include 'x' %}", "tag-unknown"),
        ("{% import 'os' as os %}", "tag-unknown"),
        ("{% set x = 1 %}", "tag-unknown"),
        ("{% macro m() %}{% endmacro %}", "tag-unknown"),
        ("{% raw %}{{ code }}{% endraw %}", "tag-unknown"),
        ("{%tc for a in papers %}", "tag-unknown"),
        ("{% colspan 999999999 %}", "tag-unknown"),
        ("{% if code %}", "syntax"),
        ("{{ code", "syntax"),
        ("{{ code } }", "syntax"),
        ("{% for a in papers %}" * 3 + "{{ a.name }}" + "{% endfor %}" * 3, "loops-nested"),
        ("{% for a in code %}{{ a }}{% endfor %}", "loop-needs-list"),
        ("{{ papers }}", "placeholder-is-list"),
        ("{{ applicant }}", "placeholder-is-list"),
        ("{{ ma_ho_so }}", "placeholder-unknown"),
        ("{{ applicant.namme }}", "placeholder-unknown"),
        ("{% for a in papers %}{{ a.titel }}{% endfor %}", "placeholder-unknown"),
        ("{% if nothing %}x{% endif %}", "placeholder-unknown"),
        ("{{ range }}", "placeholder-unknown"),
        ("{{ self }}", "placeholder-unknown"),
    ],
)
def test_placeholders_name_fields_and_nothing_else(text: str, rule: str) -> None:
    assert rules(with_text(OURS, text)) == {rule}


def test_unknown_placeholder_says_which_and_what_exists() -> None:
    (found,) = check(with_text(OURS, "{{ applicant.namme }}"))

    assert found.facts["name"] == "applicant.namme"
    assert found.facts["known"] == ["address", "email", "identity_number", "name", "phone"]
    assert "there is no field applicant.namme" in found.message


def test_placeholder_that_word_has_cut_into_runs_is_read() -> None:
    cut = "<w:p><w:r><w:t>{{ ma</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>_ho_so }}</w:t></w:r></w:p>"

    assert rules(with_xml(OURS, cut)) == {"placeholder-unknown"}
    assert rules(with_xml(OURS, cut.replace("ma</w:t>", "co</w:t>").replace("_ho_so", "de"))) == set()


def test_tag_cut_into_runs_is_read() -> None:
    cut = "<w:p><w:r><w:t>{</w:t></w:r><w:r><w:t>% set x = 1 %</w:t></w:r><w:r><w:t>}</w:t></w:r></w:p>"

    assert rules(with_xml(OURS, cut)) == {"tag-unknown"}


def test_template_without_what_the_form_must_state_is_refused() -> None:
    bare = with_parts(OURS, **{"word__document.xml": parts_of(OURS)["word/document.xml"].split(b"<w:body>")[0]
        + b"<w:body><w:p><w:r><w:t>{{ code }}</w:t></w:r></w:p></w:body></w:document>"})  # fmt: skip

    found = check(bare)

    assert [(each.rule, each.severity) for each in found] == [("required-missing", "error"), ("unused", "warning")]
    assert found[0].facts == {"names": ["due", "received"]}


def test_loop_that_tears_a_table_apart_is_found_by_the_trial() -> None:
    loop = (
        "<w:p><w:r><w:t>{% for each in papers %}</w:t></w:r></w:p><w:tbl><w:tr><w:tc>"
        "<w:p><w:r><w:t>{{ each.name }}{% endfor %}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )

    assert rules(with_xml(OURS, loop)) == {"output-broken"}


def test_output_without_end_is_refused() -> None:
    much = "x" * 8000
    loops = "{% for a in papers %}{% for b in papers %}" + much + "{{ a.name }}{% endfor %}{% endfor %}"

    assert rules(with_text(OURS, loops)) == {"output-too-large"}


def test_comments_of_xml_are_no_place_to_hide() -> None:
    hidden = with_xml(OURS, "<!-- {{ cycler.__init__ }} --><?x {{ 1 }}?>")

    assert rules(hidden) == set()
    assert b"cycler" not in parts_of(render.fill(hidden, samples.sample_fields(FORM)))["word/document.xml"]


def test_template_that_a_word_processor_has_written_passes() -> None:
    written = docx.Document()  # the blank document of python-docx was made by Word, with theme, styles and thumbnail
    written.add_heading("Giấy tiếp nhận {{ code }}")
    written.add_paragraph("Hẹn trả {{ due }}, nhận {{ received }}")
    table = written.add_table(rows=3, cols=1)
    for row, text in enumerate(("{%tr for each in papers %}", "{{ loop.index }}. {{ each.name }}", "{%tr endfor %}")):
        table.cell(row, 0).text = text
    out = BytesIO()
    written.save(out)

    assert rules(out.getvalue()) == set()
    made = docx.Document(BytesIO(render.fill(out.getvalue(), samples.sample_fields(FORM))))
    assert len(made.tables[0].rows) == samples.LONG_LIST


# --- the jail --------------------------------------------------------------------------------------------------------


def test_check_runs_in_a_process_of_its_own_and_tells_what_it_found() -> None:
    found = sandbox.check(FORM, with_text(OURS, "{{ ma_ho_so }}"))

    assert [each.rule for each in found] == ["placeholder-unknown"]
    assert [each.severity for each in sandbox.check(FORM, OURS)] == []


@pytest.mark.parametrize("greedy", ["spin", "grow", "write", "open", "chatter"])
def test_jail_stops_what_takes_too_much(greedy: str) -> None:
    wishes = {"full": {"greedy": greedy}, "sparse": {}, "required": []}

    found = sandbox.run(b"", wishes, module="tests.support.greedy_check")

    assert [each.rule for each in found] == ["check-stopped"]


def test_jail_knows_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "x" * 32)

    (found,) = sandbox.run(
        b"", {"full": {"greedy": "tell"}, "sparse": {}, "required": []}, module="tests.support.greedy_check"
    )

    assert json.loads(found.facts["what"]) == []


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_rule_has_words_in_vietnamese_with_the_same_facts() -> None:

    def facts(text: str) -> set[str]:
        return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}

    assert set(WORDS) == set(MESSAGES)
    assert {rule for rule in WORDS if not facts(WORDS[rule]) <= facts(MESSAGES[rule])} == set()


def test_names_used_are_those_of_the_fields() -> None:
    used = compiling.names_of(OURS)

    assert {"code", "applicant.name", "book.volume"} <= used
