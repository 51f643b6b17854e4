"""Errors: few kinds, one stable code each."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tests.support.sources import PACKAGES, ROOT, modules

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _codes() -> dict[str, str]:
    """Return the code of each error class by where it is defined."""
    found = {}
    for package in PACKAGES:
        for path in modules(package):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                    code = _own_code(node)
                    if code is not None:
                        found[f"{path.relative_to(ROOT)}:{node.name}"] = code
    return found


def _own_code(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if any(isinstance(target, ast.Name) and target.id == "code" for target in targets):
            return str(ast.literal_eval(value)) if isinstance(value, ast.Constant) else None
    return None


def test_there_are_errors_to_look_at() -> None:
    assert len(_codes()) > 20


def test_each_code_belongs_to_one_error() -> None:
    codes = _codes()
    doubles = {code for code, count in Counter(codes.values()).items() if count > 1}

    assert {where: code for where, code in codes.items() if code in doubles} == {}


@pytest.mark.parametrize(("where", "code"), _codes().items())
def test_codes_are_kebab_case(where: str, code: str) -> None:
    assert KEBAB.fullmatch(code)
