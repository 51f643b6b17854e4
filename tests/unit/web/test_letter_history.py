"""How the history of a dossier tells that an apology arrived, and what its desk says to what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from engine.errors import EngineError
from engine.services import letter_rules
from web import timeline
from web.refusals import WORDINGS

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


def test_every_refusal_of_a_letter_has_words_of_its_own() -> None:
    errors = [each for each in vars(letter_rules).values() if isinstance(each, type) and issubclass(each, EngineError)]
    own = {each.code for each in errors if each.__module__ == letter_rules.__name__}

    assert {"letter-stale", "extension-used"} <= own
    assert own <= WORDINGS.keys()
