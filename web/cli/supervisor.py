"""Runs the parts of ``motcua dev`` as children: prefixed output, restarts with back-off, an end without orphans."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

LOOK_EVERY = 0.2  #: seconds between looks at the children
GRACE = 10.0  #: seconds a child has between SIGTERM and SIGKILL
STEADY = 30.0  #: seconds after which a part counts as well, and its next death as its first
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  #: seconds before a part that died starts again
LONGEST_LINE = 65_536  #: bytes; what is longer is cut into lines
MOST_WAITING = 10_000  #: lines that wait for a terminal that does not read; later ones are dropped
COLOURS = {"cyan": 36, "green": 32, "yellow": 33, "magenta": 35, "grey": 90}
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    colour: str = "grey"
    ends_last: bool = False  #: the others need it until they have ended


class Printer:
    """Writes lines in the order they come, and never makes a child wait."""

    def __init__(self, out: TextIO, *, width: int, colours: bool) -> None:
        self._out = out
        self._width = width
        self._colours = colours
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._thread.start()

    def line(self, name: str, text: str, colour: str = "grey") -> None:
        """Print a line of a part; it is dropped when the terminal has not read for long."""
        label = name.ljust(self._width)
        if self._colours:
            label = f"\x1b[{COLOURS[colour]}m{label}\x1b[0m"
        self._put(f"{label} | {text}")

    def plain(self, text: str = "") -> None:
        """Print a line of our own."""
        self._put(text)

    def close(self) -> None:
        """Write what waits, for a moment at most."""
        self._put(None)
        self._thread.join(2.0)

    def _put(self, line: str | None) -> None:
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(line)

    def _write_all(self) -> None:
        for line in iter(self._lines.get, None):
            with contextlib.suppress(OSError, ValueError):  # nobody reads any more: the parts go on
                self._out.write(line + "\n")
                self._out.flush()


@dataclass
class _Child:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0  # by the monotonic clock
    deaths: int = 0
    start_again: float = 0.0
    reader: threading.Thread | None = None


class Supervisor:
    """Keeps parts running until told to stop."""

    def __init__(self, parts: Iterable[Part], printer: Printer, environment: Mapping[str, str]) -> None:
        self._children = [_Child(part) for part in parts]
        self._printer = printer
        self._environment = dict(environment)

    def run(self, stop: threading.Event) -> None:
        """Start every part, start again what dies, and end them all once ``stop`` is set."""
        try:
            for child in self._children:
                self._start(child)
            while not stop.wait(LOOK_EVERY):
                for child in self._children:
                    self._look_after(child)
        finally:
            self._end_all()

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.part.command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and what the part starts can be ended with it
            preexec_fn=die_with_parent,
        )
        child.started = time.monotonic()
        child.reader = threading.Thread(target=self._read, args=(child.part, child.process.stdout), daemon=True)
        child.reader.start()

    def _read(self, part: Part, pipe: BinaryIO) -> None:
        with pipe:
            for line in iter(lambda: pipe.readline(LONGEST_LINE), b""):
                self._printer.line(part.name, line.decode(errors="replace").rstrip(), part.colour)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            status = child.process.poll()
            if status is None:
                return
            kill_group(child.process)  # what it started itself may still hold its port
            if child.reader is not None:
                child.reader.join(1.0)  # its last words come before the line that says it ended
            child.deaths = 1 if now - child.started >= STEADY else child.deaths + 1
            wait = min(FIRST_WAIT * 2 ** (child.deaths - 1), LONGEST_WAIT)
            child.process, child.start_again = None, now + wait
            self._printer.line(child.part.name, f"{ending(status)}; starts again in {wait:g} s", "magenta")
        elif now >= child.start_again:
            self._start(child)

    def _end_all(self) -> None:
        for last in (False, True):
            group = [child for child in self._children if child.part.ends_last is last]
            running = [child.process for child in group if child.process is not None]
            end(running)
        for child in self._children:
            if child.reader is not None:
                child.reader.join(1.0)


def end(processes: Sequence[subprocess.Popen[bytes]], grace: float = GRACE) -> None:
    """Ask the processes to end, wait, and kill what is left of them and of what they started."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + grace
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        kill_group(process)
        process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all in its session that has not left it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def ending(status: int) -> str:
    """Return in words how a process ended."""
    if status >= 0:
        return f"ended with status {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def die_with_parent() -> None:
    """Have Linux end this process when its parent dies, even by SIGKILL; runs in the child before its program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
