"""Log lines of the background processes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from workers.logs import configure_logging


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to stderr while the processes' logging is set up; the tests' own comes back afterwards."""
    root, spiff = logging.getLogger(), logging.getLogger("spiff")
    handlers, levels = root.handlers, (root.level, spiff.level)
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure_logging()
    yield written
    root.handlers = handlers
    root.setLevel(levels[0])
    spiff.setLevel(levels[1])
    structlog.reset_defaults()


def test_steps_of_the_workflow_library_are_not_logged_its_warnings_are(lines: io.StringIO) -> None:
    logging.getLogger("spiff.task").info("State changed to READY")
    logging.getLogger("spiff.task").warning("odd")
    logging.getLogger("ours").info("a line")

    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["odd", "a line"]
