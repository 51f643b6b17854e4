"""A site that Chromium can reach: the application in a thread of this process, and pages that refuse to be silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask
from playwright.sync_api import ConsoleMessage, Error, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.chromium import a_chromium

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AXE = Path(__file__).parent / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
DESK_SIZE = {"width": 1366, "height": 768}
PAGES_ON_THE_WAY = 3  # a page that was asked may give way to the next one
IS_WHOLE = """() => new Promise(done => {
  const tell = () => document.fonts.ready.then(() => done(true));
  if (document.readyState === "complete") tell(); else addEventListener("load", tell, {once: true});
})"""


class _Silent(WSGIRequestHandler):
    """Writes no line a request; the application has its own log."""

    def log(self, *_args: object, **_facts: object) -> None:
        """Write nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a free port; give its address."""
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(app: Flask) -> WSGIApplication:
    """Have answers read and closed before they are sent: Werkzeug leaves those open whose browser is gone."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return [b"".join(body)]
        finally:
            if (close := getattr(body, "close", None)) is not None:
                close()

    return answer


@contextmanager
def a_browser(path: str, address: str, size: dict[str, int] | None = None) -> Iterator[Page]:
    """Open a page; what scripts or the content policy complain of fails the test at its end."""
    complaints: list[str] = []
    with a_chromium(path) as browser:
        context = browser.new_context(base_url=address, viewport=size or DESK_SIZE, locale="vi-VN")
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        yield page
    assert complaints == []


def axe_findings(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds against WCAG 2.2 AA: rule and the first elements."""
    _settle(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then(said => said.violations)")
    return [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found]


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window."""
    _settle(page)
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def _settle(page: Page) -> None:
    """Wait for the style sheets and the fonts: a click returns as soon as the next page's first bytes have come.

    The page itself is asked: between two pages the browser may still tell of the one before that it is loaded.
    """
    for _ in range(PAGES_ON_THE_WAY):
        try:
            page.evaluate(IS_WHOLE)
        except Error as error:
            if "navigation" not in str(error):
                raise
        else:
            return
    page.evaluate(IS_WHOLE)


def is_complaint(said: ConsoleMessage) -> bool:
    """Whether a line of the console tells of a mistake; a refused form answers 4xx, which is none."""
    return said.type in ("error", "warning") and "Failed to load resource" not in said.text
