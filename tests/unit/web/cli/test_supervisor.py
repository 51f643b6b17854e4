"""The supervisor with small children: restarts, stubborn ones, floods, orphans."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from web.cli import supervisor
from web.cli.supervisor import Part, Printer, Supervisor, ending


def python(script: str) -> list[str]:
    return [sys.executable, "-u", "-c", textwrap.dedent(script)]


class Run:
    """A supervisor in a thread, its output as text."""

    def __init__(self, *parts: Part) -> None:
        self.out = io.StringIO()
        self.printer = Printer(self.out, width=6, colours=False)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=Supervisor(parts, self.printer, os.environ).run, args=(self.stop,))
        self.thread.start()

    def wait_for(self, text: str, times: int = 1) -> None:
        while self.out.getvalue().count(text) < times:
            assert self.thread.is_alive()
            time.sleep(0.01)

    def end(self) -> str:
        self.stop.set()
        self.thread.join()
        self.printer.close()
        return self.out.getvalue()


def gone(pid: int) -> bool:
    for _ in range(300):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.05)


def test_output_is_prefixed_with_the_part() -> None:
    run = Run(Part("web", python("print('hello'); import time; time.sleep(60)")))

    run.wait_for("hello")

    assert run.end() == "web    | hello\n"


def test_part_that_dies_starts_again_and_waits_longer_each_time() -> None:
    run = Run(Part("worker", python("print('up'); raise SystemExit(3)")))

    run.wait_for("up", times=3)

    lines = run.end().splitlines()
    assert lines[:5] == [
        "worker | up",
        "worker | ended with status 3; starts again in 0.05 s",
        "worker | up",
        "worker | ended with status 3; starts again in 0.1 s",
        "worker | up",
    ]


def test_what_a_dead_part_started_is_ended_before_it_starts_again() -> None:
    script = """
        import os, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("child", child.pid)
        os.kill(os.getpid(), 9)
    """
    run = Run(Part("web", python(script)))

    run.wait_for("was ended by SIGKILL")

    pid = int(run.end().split("child ")[1].split()[0])
    assert gone(pid)


def test_part_that_ignores_sigterm_is_killed_after_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor.end, "__defaults__", (0.2,))
    script = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print('pid', os.getpid()); time.sleep(600)"
    run = Run(Part("clock", python(script)))

    run.wait_for("pid")

    pid = int(run.end().split("pid ")[1].split()[0])
    assert not psutil.pid_exists(pid)


def test_part_that_others_need_ends_last(tmp_path: Path) -> None:
    script = """
        import signal, sys, time
        def end(*_):
            print("ended", sys.argv[1]); sys.exit(0)
        signal.signal(15, end); print("up"); time.sleep(600)
    """
    run = Run(Part("valkey", [*python(script), "valkey"], ends_last=True), Part("web", [*python(script), "web"]))

    run.wait_for("up", times=2)

    assert [line for line in run.end().splitlines() if "ended" in line] == [
        "web    | ended web",
        "valkey | ended valkey",
    ]


class Clogged(io.StringIO):
    """A terminal that has stopped reading."""

    def write(self, _text: str) -> int:
        threading.Event().wait(30)
        return 0


def test_terminal_that_does_not_read_blocks_no_part(tmp_path: Path) -> None:
    done = tmp_path / "done"
    script = f"""
        import pathlib, time
        for number in range(30_000): print("line", number)
        pathlib.Path({str(done)!r}).touch(); time.sleep(600)
    """
    printer = Printer(Clogged(), width=6, colours=False)
    stop = threading.Event()
    thread = threading.Thread(target=Supervisor([Part("web", python(script))], printer, os.environ).run, args=(stop,))
    thread.start()

    while not done.exists():
        time.sleep(0.02)

    stop.set()
    thread.join()


def test_children_die_with_a_supervisor_that_is_killed() -> None:
    script = """
        import io, os, sys, threading
        from web.cli.supervisor import Part, Printer, Supervisor
        child = [sys.executable, "-u", "-c", "import os, time; print('pid', os.getpid()); time.sleep(600)"]
        Supervisor([Part("web", child)], Printer(sys.stdout, width=3, colours=False), os.environ).run(threading.Event())
    """
    with subprocess.Popen(python(script), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline().split("pid ")[1])
        process.kill()

    assert gone(pid)


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "ended with status 0"), (-signal.SIGKILL, "was ended by SIGKILL"), (-250, "was ended by signal 250")],
)
def test_ending_is_told_in_words(status: int, words: str) -> None:
    assert ending(status) == words
