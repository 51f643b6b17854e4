"""Size is measured: import rules alone do not stop modules that know everything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources import PACKAGES, ROOT, modules

LONGEST_MODULE = 400  # lines
LONGEST_FUNCTION = 49  # lines, decorators and docstring included
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "shared"}


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_short(package: str) -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules(package)}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short(package: str) -> None:
    lengths = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules(package)
        for node in _functions(path)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_a_junk_drawer(package: str) -> None:
    assert [
        str(path) for path in modules(package) if path.stem in JUNK_DRAWERS or path.parent.name in JUNK_DRAWERS
    ] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_export_nothing_again(package: str) -> None:
    inits = [path for path in modules(package) if path.name == "__init__.py"]

    assert [str(path) for path in inits if any(_imports(path))] == []


def _imports(path: Path) -> Iterator[ast.stmt]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__"):
            yield node
