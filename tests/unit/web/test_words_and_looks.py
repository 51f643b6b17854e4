"""What screens say and show: languages, dates, money, labels, navigation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask, get_template_attribute

import web
from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.dossier import LABELS, Status
from engine.domain.ids import AgencyId, OfficerId
from tests.support.site import make_site
from web.auth import safe_next
from web.i18n import local_date, local_time, vnd
from web.labels import CLOCK_LOOKS, ROLE_LABELS, STATUS_LOOKS
from web.navigation import NAVIGATION, in_bar, nav_items

WEB = Path(web.__file__).parent
CATALOGUE = WEB / "translations" / "en" / "LC_MESSAGES"
AT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    return make_site(sqlite_ctx)


def test_instants_are_shown_in_the_zone_of_the_agency():
    assert local_time(AT) == "03/03/2026 01:30"
    assert local_time(AT, "UTC") == "02/03/2026 18:30"
    assert local_date(AT) == "03/03/2026"
    assert local_date(date(2026, 3, 2)) == "02/03/2026"
    assert (local_time(None), local_date(None)) == ("—", "—")


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="naive"):
        local_time(datetime(2026, 3, 2, 8, 0))  # noqa: DTZ001 - that is the case


@pytest.mark.parametrize(("amount", "text"), [(0, "0\xa0đ"), (50000, "50.000\xa0đ"), (1234567, "1.234.567\xa0đ")])
def test_money_is_written_as_in_vietnam(amount: int, text: str):
    assert vnd(amount) == text


def test_every_status_role_and_clock_state_has_a_look():
    assert {status: str(look.label) for status, look in STATUS_LOOKS.items()} == LABELS
    assert set(STATUS_LOOKS) == set(Status)
    assert set(ROLE_LABELS) == set(Role)


def test_every_icon_and_tone_that_is_used_exists():
    symbols = set(re.findall(r'<symbol id="([a-z]+)"', (WEB / "static" / "icons.svg").read_text()))
    tones = set(re.findall(r"\.mc-([a-z]+)[ ,{]", (WEB / "static" / "motcua.css").read_text()))
    looks = [*STATUS_LOOKS.values(), *CLOCK_LOOKS.values()]
    templates = "".join(path.read_text() for path in (WEB / "templates").rglob("*.html"))
    used = {look.icon for look in looks} | {item.icon for item in NAVIGATION}
    used |= set(re.findall(r'icon\("([a-z]+)"', templates))
    assert used <= symbols
    assert {look.tone for look in looks} <= tones


def test_pills_say_in_words_what_they_show(site: Flask):
    with site.test_request_context("/"):
        pill = get_template_attribute("macros.html", "status_pill")(Status.SUPPLEMENT)
        assert "Yêu cầu bổ sung giấy tờ" in pill
        assert "#pause" in pill
        late = get_template_attribute("macros.html", "deadline_pill")("overdue", "Quá 2 giờ", AT)
        assert "Quá 2 giờ" in late
        assert "#overdue" in late
        assert late.count("03/03/2026 01:30") == 2  # tooltip and print


def test_macros_escape_what_people_typed(site: Flask):
    with site.test_request_context("/"):
        shown = get_template_attribute("macros.html", "code")('<script>"x"</script>')
    assert "<script" not in shown


@pytest.mark.parametrize(
    ("roles", "paths"),
    [
        (
            {Role.DESK},
            ["/quay", "/tra-ket-qua", "/viec", "/so-theo-doi", "/ban-giao", "/tin-nhan", "/thu-tuc", "/vang-mat"],
        ),
        ({Role.OFFICER}, ["/viec", "/ban-giao", "/qua-han", "/xin-loi", "/thu-tuc", "/vang-mat"]),
        ({Role.ADMIN}, ["/thu-tuc", "/quy-trinh", "/lich", "/vang-mat", "/bang-tin", "/quan-tri", "/clock"]),
        (
            {Role.AUDITOR},
            [
                "/viec",
                "/so-theo-doi",
                "/ban-giao",
                "/giam-sat",
                "/qua-han",
                "/xin-loi",
                "/bao-cao",
                "/thu-tuc",
                "/quy-trinh",
                "/lich",
            ],
        ),
        (
            set(Role),
            [
                "/quay",
                "/tra-ket-qua",
                "/viec",
                "/so-theo-doi",
                "/ban-giao",
                "/giam-sat",
                "/qua-han",
                "/xin-loi",
                "/bao-cao",
                "/tin-nhan",
                "/thu-tuc",
                "/quy-trinh",
                "/lich",
                "/vang-mat",
                "/bang-tin",
                "/quan-tri",
                "/clock",
            ],
        ),
        ({Role.CLERK}, ["/viec", "/so-theo-doi", "/ban-giao", "/xin-loi", "/tin-nhan", "/thu-tuc", "/vang-mat"]),
        (
            {Role.APPROVER},  # no admin, but has a signing key to look after
            [
                "/viec",
                "/so-theo-doi",
                "/ban-giao",
                "/qua-han",
                "/xin-loi",
                "/bao-cao",
                "/thu-tuc",
                "/vang-mat",
                "/quan-tri/khoa-ky",
            ],
        ),
        (set(), []),
    ],
)
def test_navigation_shows_what_the_roles_allow(roles: set[Role], paths: list[str]):
    actor = Actor(id=OfficerId(1), name="Thử", grants=frozenset((AgencyId(1), role) for role in roles))
    assert [item.path for item in nav_items(actor)] == paths


def test_bar_shows_what_is_used_all_day_and_folds_the_rest_away():
    assert in_bar(NAVIGATION) == (NAVIGATION[:8], NAVIGATION[8:])
    assert in_bar(NAVIGATION[:9]) == (NAVIGATION[:9], ())  # one alone needs no fold
    assert in_bar(NAVIGATION[:10]) == (NAVIGATION[:8], NAVIGATION[8:10])
    assert in_bar(()) == ((), ())


@pytest.mark.parametrize("target", ["/", "/viec", "/viec?trang=2", "/ho-so/000.00.01.H01-260302-0001"])
def test_safe_next_keeps_paths_of_this_site(target: str):
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target", [None, "", "viec", "//x.test", "/\\x.test", "https://x.test", "javascript:x", "/a\tb"]
)
def test_safe_next_drops_everything_else(target: str | None):
    assert safe_next(target) == "/"


def test_the_english_catalogue_says_everything():
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(WEB, methods, keywords={"_": None, "gettext": None, "lazy_gettext": None})
    wanted = {message for _file, _line, message, _comments, _context in found}
    catalogue = read_po(BytesIO((CATALOGUE / "messages.po").read_bytes()))
    said = _by_msgid(catalogue)
    assert sorted(wanted - set(said)) == []
    assert [msgid for msgid, texts in said.items() if not all(texts)] == []


def test_what_is_counted_has_an_english_plural():
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(WEB, methods, keywords={"ngettext": (1, 2), "lazy_ngettext": (1, 2)})
    wanted = {_first(message) for _file, _line, message, _comments, _context in found}
    said = _by_msgid(read_po(BytesIO((CATALOGUE / "messages.po").read_bytes())))
    assert wanted
    assert sorted(msgid for msgid in wanted if len(said.get(msgid, [])) < 2) == []


def _by_msgid(catalogue: Catalog) -> dict[str, list[str]]:
    """Return the texts of each msgid: one, or one for the singular and one for the plural."""
    said = (message for message in catalogue if message.id)
    return {_first(each.id): [each.string] if isinstance(each.string, str) else [*each.string] for each in said}


def _first(msgid: str | Sequence[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def test_the_compiled_catalogue_is_fresh():
    source = read_po(BytesIO((CATALOGUE / "messages.po").read_bytes()))
    compiled = read_mo(BytesIO((CATALOGUE / "messages.mo").read_bytes()))
    assert _by_msgid(compiled) == _by_msgid(source)


def test_templates_hold_no_inline_script_or_style():
    inline = re.compile(
        r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe|hx-on", re.IGNORECASE
    )
    found = [
        (path.name, match[0])
        for path in (WEB / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text())
    ]
    assert found == []
