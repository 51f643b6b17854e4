"""Processes to kill: each in a session of its own, so that a kill takes what it started and nothing outlives a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import psutil

from tests.support.sources import ROOT
from web.cli.supervisor import die_with_parent, kill_group

PATIENCE = 180.0  #: seconds; far beyond what anything here takes, for machines that do much else
SECRET = "only-for-tests-" + "0" * 32


def until(condition: Callable[[], bool], what: str, log: Path | None = None) -> None:
    """Wait until the condition holds.

    Raises:
        AssertionError: it did not in ``PATIENCE`` seconds; says what and the end of the log.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            tail = log.read_text(errors="replace")[-3000:] if log is not None and log.exists() else ""
            raise AssertionError(f"waited in vain for: {what}\n{tail}")
        time.sleep(0.02)


def environment(data: Path, database_url: str, **variables: str) -> dict[str, str]:
    """Return this process's environment with these settings alone."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    own = {"MOTCUA_DATA": str(data), "MOTCUA_DATABASE_URL": database_url, "MOTCUA_SECRET_KEY": SECRET}
    return {**clean, **own, **variables}


class Part:
    """A process that runs, dies and runs again; use as a context manager."""

    def __init__(self, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        self._command = (sys.executable, *command)
        self._env = env
        self._mark = 0
        self.process = self._start()

    def __enter__(self) -> Part:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            self._mark = log.tell()
            return subprocess.Popen(
                self._command,
                env=self._env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def kill(self) -> None:
        """Kill it and all it started, by SIGKILL."""
        kill_group(self.process)
        self.process.wait()

    def start_again(self) -> None:
        """Start it anew once all of it is gone, as the supervisor does."""
        self.kill()
        self.process = self._start()

    def end(self) -> int:
        """Ask it to end and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def children(self) -> list[int]:
        """Return the process ids of what it started."""
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def said(self, text: str) -> bool:
        """Whether its log has the text since it was last started."""
        return text.encode() in self.log.read_bytes()[self._mark :]
