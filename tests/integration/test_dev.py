"""``motcua dev`` as it runs: starts, restarts what dies, ends without leaving anything behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dev import MOTCUA, Dev, answers, environment

PARTS = {"web", "worker", "clock", "valkey"}


@pytest.fixture
def data() -> Iterator[Path]:
    """A short data folder, as socket paths must be."""
    folder = Path(tempfile.mkdtemp(prefix="mcdv", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def motcua(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOTCUA, *arguments], env=environment(data), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_dev_runs_all_parts_and_ends_cleanly(data: Path, number: signal.Signals) -> None:
    with Dev(data, "--empty") as dev:
        assert answers(dev.port())
        assert set(dev.parts()) == PARTS
        dev.process.send_signal(number)
        assert dev.process.wait(30) == 0
        assert dev.left_over(0.5) == []

    assert dev.lines[-1] == "motcua has ended"


def test_doctor_finds_all_well_while_dev_runs_and_warns_after(data: Path) -> None:
    with Dev(data, "--empty") as dev:
        dev.port()
        dev.wait_for("worker.started")
        while not list(data.glob("heartbeats/clock-*.json")):
            time.sleep(0.05)
        running = motcua(data, "doctor", "--json")
    shutil.rmtree(data / "valkey")
    stopped = motcua(data, "doctor", "--json")

    levels = {row["name"]: row["level"] for row in json.loads(running.stdout)["checks"]}
    assert (running.returncode, running.stderr, levels["queue"], levels["clock"]) == (0, "", "ok", "ok")
    levels = {row["name"]: row["level"] for row in json.loads(stopped.stdout)["checks"]}
    assert (stopped.returncode, levels["queue"], levels["clock"]) == (0, "warning", "warning")


@pytest.mark.fault
@pytest.mark.parametrize("part", sorted(PARTS))
def test_part_that_is_killed_starts_again(data: Path, part: str) -> None:
    with Dev(data, "--empty") as dev:
        port, first = dev.port(), dev.parts()[part]
        os.kill(first, signal.SIGKILL)
        dev.wait_for("starts again")
        while dev.parts().get(part, first) == first or not answers(port):
            time.sleep(0.05)

        assert set(dev.parts()) == PARTS


@pytest.mark.fault
def test_nothing_outlives_a_dev_that_is_killed(data: Path) -> None:
    with Dev(data, "--empty") as dev:
        dev.port()
        assert set(dev.parts()) == PARTS
        dev.process.kill()
        dev.process.wait()

        assert dev.left_over() == []


def test_second_dev_on_the_same_data_shares_the_queue_and_takes_it_over(data: Path) -> None:
    with Dev(data, "--empty") as first, Dev(data, "--empty") as second:
        first.port(), second.port()
        assert ("valkey" in first.parts(), "valkey" in second.parts()) in ((True, False), (False, True))
        owner, other = (first, second) if "valkey" in first.parts() else (second, first)
        owner.process.send_signal(signal.SIGTERM)
        assert owner.process.wait(30) == 0
        while "valkey" not in other.parts():
            time.sleep(0.05)

        assert set(other.parts()) == PARTS


def test_taken_port_is_one_line_and_status_2(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = motcua(data, "dev", "--port", str(port))

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"motcua: port {port} cannot be used (Address already in use); try: motcua dev --port {port + 1}\n"
    )


def test_data_folder_too_deep_for_a_socket_has_it_elsewhere(data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    with Dev(deep, "--empty") as dev:
        dev.wait_for("worker.started")
        dev.port()
        while not list(deep.glob("heartbeats/clock-*.json")):
            time.sleep(0.05)
        done = motcua(deep, "doctor", "--json")
        folder = Path((deep / "valkey.socket-path").read_text()).parent
    shutil.rmtree(folder)

    levels = {row["name"]: row["level"] for row in json.loads(done.stdout)["checks"]}
    assert levels["queue"] == "ok"


def test_migrate_twice_is_the_same_as_once(data: Path) -> None:
    first, second = motcua(data, "migrate"), motcua(data, "migrate")

    assert (first.returncode, first.stdout, first.stderr) == (0, second.stdout, "")
    assert first.stdout.startswith("schema at 0")


def test_wrong_setting_is_one_line_and_status_2(data: Path) -> None:
    env = {**environment(data), "MOTCUA_DATABASE": "x"}

    done = subprocess.run([*MOTCUA, "migrate"], env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("motcua: MOTCUA_DATABASE is not a setting of motcua")
    assert done.stderr.count("\n") == 1


def test_file_that_is_no_database_is_one_line_and_status_2(data: Path) -> None:
    (data / "motcua.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)

    done = motcua(data, "migrate")

    assert (done.returncode, done.stderr) == (2, "motcua: the file of the embedded database is not a SQLite database\n")


@pytest.mark.fault
@pytest.mark.timeout(600)
def test_demo_is_loaded_whole_and_once(data: Path) -> None:
    with Dev(data) as killed:
        killed.wait_for("loading the demo")
        killed.process.kill()
        killed.process.wait()
    with Dev(data) as first:
        first.wait_for("starting over")
        first.port()
        first.wait_for("sign in as")
    with Dev(data) as later:
        later.port()
        later.wait_for("sign in as")

        assert [line for line in later.lines if "loading" in line or "starting over" in line] == []


def test_database_in_use_gets_no_demo(data: Path) -> None:
    assert motcua(data, "migrate").returncode == 0
    added = motcua(data, "users", "add", "thu.an", "--name", "Người dùng thử", "--role", "admin", "--no-password")
    assert added.returncode == 0, added.stderr
    with Dev(data) as dev:
        dev.port()

        assert [line for line in dev.lines if "demo" in line] == []
