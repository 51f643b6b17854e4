"""How the history of a dossier tells that an apology arrived."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from web import timeline

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "máy chủ thư hoặc tin nhắn đã nhận"),
        ({"how": "handed-over", "proof": None, "note": DIGEST}, "Giao tận tay"),
        ({"how": "posted", "proof": DIGEST, "note": None}, "Gửi bưu điện"),
    ],
)
def test_delivery_is_told_by_its_way_and_never_by_a_digest(facts: dict[str, Any], text: str) -> None:
    app = Flask(__name__)
    Babel(app, default_locale="vi")
    with app.test_request_context():
        entry = timeline.entry({"kind": "letter.delivered", "facts": {"letter": "1", **facts}}, [])

        assert (str(entry.label), entry.text) == ("Đã giao thư xin lỗi", text)
