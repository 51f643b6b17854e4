"""Chromium: where it is, if anywhere, and one of it for all tests of a module, since a start takes seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

DEBIAN = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PATIENCE = 20_000  #: milliseconds that an expectation may take on a machine that does other work


class _Running:
    """What this process has started; Playwright keeps an event loop in its thread, so it ends with the module."""

    playwright: Playwright | None = None
    browser: Browser | None = None


def chromium_path() -> str | None:
    """Return the path of Chromium, None where there is none."""
    if DEBIAN.exists():
        return str(DEBIAN)
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def a_chromium(path: str) -> Iterator[Browser]:
    """Yield the running browser, or start it; what a test opens in it is closed when the test leaves."""
    browser = _running(path)
    before = list(browser.contexts)
    try:
        yield browser
    finally:
        for context in browser.contexts:
            if context not in before:
                context.close()


def end_chromium() -> None:
    """End the browser of this process, if one runs."""
    if _Running.browser is not None and _Running.browser.is_connected():
        _Running.browser.close()
    if _Running.playwright is not None:
        _Running.playwright.stop()
    _Running.browser = _Running.playwright = None


def _running(path: str) -> Browser:
    if _Running.browser is None or not _Running.browser.is_connected():
        end_chromium()
        expect.set_options(timeout=PATIENCE)
        _Running.playwright = sync_playwright().start()
        _Running.browser = _Running.playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    return _Running.browser
