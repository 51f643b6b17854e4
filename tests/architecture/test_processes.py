"""Processes of production: every queue has a worker, every command of the Procfile exists."""

from __future__ import annotations

import importlib.util

from tests.support.sources import ROOT
from workers.queues import QUEUES


def _procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {name: command.split() for name, _, command in (line.partition(": ") for line in lines if line)}


def test_procfile_has_web_worker_clock_and_release() -> None:
    assert set(_procfile()) == {"web", "worker", "clock", "release"}


def test_every_queue_is_worked() -> None:
    assert set(QUEUES) <= set(_procfile()["worker"])


def test_modules_of_the_procfile_exist() -> None:
    modules = [words[words.index("-m") + 1] for words in _procfile().values() if "-m" in words]

    assert modules == ["workers.worker", "workers.ticker"]
    assert all(importlib.util.find_spec(module) for module in modules)


def test_only_one_module_names_queues() -> None:
    naming = [path.name for path in (ROOT / "workers").glob("*.py") if '"deliveries"' in path.read_text()]

    assert naming == ["queues.py"]
