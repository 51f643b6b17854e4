"""Every rule of the linter and of the readers has words for people, and the words name no rule that is gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bpmn
from bpmn.soundness import SEEN
from engine.services import procedure_contents
from web.finding_words import WORDS

FIELDS = ("code", "name", "id", "unit", "unit_label", "next")  # read by `clean_text`, which makes rules of them
MADE = {f"{field}-{what}" for field in FIELDS for what in ("not-text", "too-long")}
MADE |= {f"{field}-missing" for field in FIELDS[:4]}
MADE |= {"sheet-rows-too-many", "sheet-columns-too-many", "lanes-too-many", procedure_contents.UNMAPPED}
SAYS = frozenset({"error", "warning", "Finding", "warn", "refuse", "drop", "_checked"})


def rules() -> Iterator[str]:
    """Yield the names of rules that stand as text where findings are made."""
    folder = Path(bpmn.__file__).parent
    for path in (*folder.rglob("*.py"), Path(procedure_contents.__file__)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in SAYS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_every_rule_has_words() -> None:
    found = {rule for rule in rules() if rule.replace("-", "").replace("_", "").isalpha() and " " not in rule}

    assert len(found) > 100
    assert sorted((found | set(SEEN) | MADE) - set(WORDS)) == []


def test_no_words_are_left_of_a_rule_that_is_gone() -> None:
    folders = (Path(bpmn.__file__).parent, Path(procedure_contents.__file__).parent)
    source = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))

    assert sorted(rule for rule in set(WORDS) - MADE if f'"{rule}"' not in source) == []


def test_words_are_whole_sentences() -> None:
    assert [rule for rule, words in WORDS.items() if not words.endswith(".") or not words[0].isupper()] == []
