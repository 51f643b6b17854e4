"""Chromium over a served application, with axe for accessibility (WCAG 2.2 AA)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.chromium import a_chromium

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = "rules => axe.run(document, {runOnly: rules}).then(found => found.violations)"


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine and yield its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def open_page(chromium: str, *, width: int = 1280, height: int = 720) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in Chromium; yield it and the list that complaints of the console are written to.

    What the console says of a status (a refused sign-in is a 403) is no complaint; scripts that fail and what the
    content security policy blocks are.
    """
    complaints: list[str] = []
    with a_chromium(chromium) as browser:
        page = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN").new_page()
        page.on("console", lambda message: _note(complaints, message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA on the page as it is now: rule and place."""
    page.evaluate(AXE)
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in page.evaluate(RUN_AXE, RULES)
        for node in violation["nodes"]
    ]


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning") and not text.startswith("Failed to load resource: the server responded"):
        complaints.append(text)
