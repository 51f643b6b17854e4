"""``motcua dev`` whose parts die one after the other in one life: it answers again, and nothing is left at its end."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.parts import until
from tests.support.dev import Dev, answers

pytestmark = pytest.mark.fault

PARTS = {"web", "worker", "clock", "valkey"}


@pytest.fixture
def data() -> Iterator[Path]:
    """A short data folder, as socket paths must be."""
    folder = Path(tempfile.mkdtemp(prefix="mcfl", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_dev_outlives_its_parts_and_leaves_none(data: Path) -> None:
    with Dev(data, "--empty") as dev:
        port = dev.port()
        for part in ("web", "worker", "clock"):
            first = dev.parts()[part]
            os.kill(victim(part, first), signal.SIGKILL)
            until(lambda: dev.parts().get(part, first) != first and answers(port), f"{part} to run again")  # noqa: B023
        until(lambda: set(dev.parts()) == PARTS, "all parts")
        dev.process.send_signal(signal.SIGTERM)

        assert dev.process.wait(60) == 0
        assert dev.left_over() == []


def victim(part: str, pid: int) -> int:
    """Return whom to kill: of the web the process that answers, which its parent has to notice."""
    return psutil.Process(pid).children()[-1].pid if part == "web" else pid
