"""Forms of pages, read as a browser reads them: the action and the fields with what they hold."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse


def form_fields(page: TestResponse, action: str) -> dict[str, str]:
    """Return the successful fields of the form whose action ends so."""
    (form,) = [form for form in html.fromstring(page.text).forms if (form.action or "").endswith(action)]
    return dict(form.form_values())


def send(client: FlaskClient, page: TestResponse, action: str, **typed: str) -> TestResponse:
    """Send a form of the page with its hidden fields and what is typed into the others."""
    (form,) = [form for form in html.fromstring(page.text).forms if (form.action or "").endswith(action)]
    return client.post(form.action, data=dict(form.form_values()) | typed)


def text_of(page: TestResponse) -> str:
    """Return the words of the page's main part, with single spaces."""
    (main,) = html.fromstring(page.text).xpath("//main")
    return " ".join(main.text_content().split())
