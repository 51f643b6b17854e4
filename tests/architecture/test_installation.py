"""What an installer reads: pins for everything, settings explained, commands that exist."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from engine.settings import KNOWN
from tests.support.sources import ROOT
from web.cli.main import COMMANDS, cli

PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")


def _requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]


def _pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    matches = [PIN.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(matches), "one pin a line: no -e, no address"
    return {canonicalize_name(match["name"]): Version(match["version"]) for match in matches if match}


@pytest.mark.parametrize("requirement", _requirements(), ids=lambda requirement: requirement.name)
def test_every_requirement_is_pinned_within_its_range(requirement: Requirement) -> None:
    assert _pins()[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_setting_is_explained_in_the_example() -> None:
    named = set(re.findall(r"^#?(MOTCUA_[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert named == set(KNOWN)


@pytest.mark.parametrize("name", cli.list_commands(None))
def test_command_is_there_under_its_name(name: str) -> None:
    assert COMMANDS[name].load().name == name


def test_scripts_run_without_the_executable_bit_of_an_editor() -> None:
    assert all((ROOT / ".ci" / name).stat().st_mode & 0o111 for name in ("run", "pin"))
