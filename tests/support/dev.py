"""``motcua dev`` as a process of a test: its output, its children, and an end whatever happens."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import psutil

MOTCUA = (sys.executable, "-m", "web.cli")


class Dev:
    """A running ``motcua dev --port 0``; use as a context manager."""

    def __init__(self, data: Path, *arguments: str, **variables: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*MOTCUA, "dev", "--port", "0", *arguments],
            env={**environment(data), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._seen: set[int] = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Dev:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.parts()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.left_over():
            os.kill(pid, signal.SIGKILL)
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def wait_for(self, text: str, times: int = 1) -> str:
        """Return the last line with the text, once it was printed so many times."""
        while True:
            found = [line for line in self.lines if text in line]
            if len(found) >= times:
                return found[-1]
            if self.process.poll() is not None and not self._reader.is_alive():
                raise AssertionError("\n".join(["it ended:", *self.lines]))
            time.sleep(0.05)

    def port(self) -> int:
        """Return the port once the web answers."""
        return int(self.wait_for("motcua runs at").split("127.0.0.1:")[1].split()[0])

    def parts(self) -> dict[str, int]:
        """Return the process ids of the running parts by a word of their command; all descendants are remembered."""
        words = {"granian": "web", "workers.worker": "worker", "workers.ticker": "clock", "valkey-server": "valkey"}
        found: dict[str, int] = {}
        if self.process.poll() is not None:
            return found
        for child in psutil.Process(self.process.pid).children(recursive=True):
            self._seen.add(child.pid)
            line = " ".join(_command(child))
            for word, name in words.items():
                if word in line and child.pid not in found.values():
                    found.setdefault(name, child.pid)
        return found

    def left_over(self, patience: float = 15.0) -> list[int]:
        """Return the descendants that still live, after waiting for them to go."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            alive = [pid for pid in self._seen if _is_alive(pid)]
            if not alive:
                return []
            time.sleep(0.05)
        return alive


def environment(data: Path) -> dict[str, str]:
    """Return this process's environment with the settings of that data folder alone."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {**clean, "MOTCUA_DATA": str(data)}


def answers(port: int) -> bool:
    """Whether the web answers on that port now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
