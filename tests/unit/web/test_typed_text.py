"""What people type into forms arrives whole."""

from __future__ import annotations

import re
from pathlib import Path

from engine.context import Context
from tests.support.site import make_site
from web.forms import LONGEST_TEXT, text

FIELDS = Path(__file__).parents[3] / "web" / "templates" / "fields.html"


def test_a_text_area_takes_no_more_than_arrives(sqlite_ctx: Context) -> None:
    (longest,) = re.findall(r'<textarea [^>]*maxlength="(\d+)"', FIELDS.read_text("utf-8"))
    assert int(longest) == LONGEST_TEXT
    typed = "\n".join(["dòng"] * (LONGEST_TEXT // 5 - 1)) + "hết"  # a browser sends each end of line as two characters
    sent = {"reason": typed.replace("\n", "\r\n")}
    with make_site(sqlite_ctx).test_request_context("/", method="POST", data=sent):
        assert text("reason") == typed[:LONGEST_TEXT]
        assert text("reason").endswith("hết")
