"""The reference processes that come with the software: a folder each, with model, decisions, form, facts, scenarios.

`bpmn/models/<code>/` holds `process.bpmn` (the source that people draw), `decisions.dmn` where cases differ,
`form.json`, `facts.toml` (the figures of the procedure, each with its source) and `scenarios.json`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bpmn.errors import BpmnError

FOLDER = Path(__file__).parent / "models"
SOURCE = "process.bpmn"
_POLICY = ("field", "cutoff", "supplement", "papers", "appointments", "receives_next")
_NEEDED = ("code", "name", "field", "limit", "supplement", "papers", "channels", "sources")


class ReferenceNotFoundError(BpmnError):
    """The library has no reference process of this code."""

    code = "reference-not-found"


class InvalidReferenceError(BpmnError):
    """A file of a reference process is missing or cannot be read; the message names folder, file and remedy."""

    code = "reference-invalid"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference process. `source` is BPMN text, `decisions` DMN text or "".

    `policy` has the shape that a procedure's policy has (field, cut-off, supplement, papers, appointments); `facts` is
    all of `facts.toml`; `sources` are pairs of a fact and where it is from.
    """

    code: str
    name: str
    source: str
    decisions: str
    form: Mapping[str, Any]
    policy: Mapping[str, Any]
    scenarios: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]
    sources: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def codes() -> tuple[str, ...]:
    """Return the codes of the reference processes, sorted."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob(f"*/{SOURCE}")))


def read(code: str) -> Reference:
    """Return the reference process of a code.

    Raises: ReferenceNotFoundError when the library has none; InvalidReferenceError when its folder is broken.
    """
    if code not in codes():  # also keeps any path out of the name
        raise ReferenceNotFoundError(f"There is no reference process {code[:60]!r}; there are {', '.join(codes())}.")
    return read_folder(FOLDER / code)


def read_folder(folder: Path) -> Reference:
    """Return the reference process in a folder. Raises: InvalidReferenceError."""
    facts = _facts(folder)
    form = _json(folder / "form.json", dict)
    scenarios = _json(folder / "scenarios.json", list)
    decisions = folder / "decisions.dmn"
    return Reference(
        code=facts["code"],
        name=facts["name"],
        source=_text(folder / SOURCE),
        decisions=_text(decisions) if decisions.exists() else "",
        form=MappingProxyType(form),
        policy=MappingProxyType({name: facts[name] for name in _POLICY if name in facts}),
        scenarios=tuple(scenarios),
        facts=MappingProxyType(facts),
        sources=_sources(folder, facts["sources"]),
    )


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "facts.toml"
    try:
        facts = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as problem:
        raise InvalidReferenceError(f"{_name(path)} is no TOML: {problem}.") from problem
    missing = [name for name in _NEEDED if name not in facts]
    if missing:
        raise InvalidReferenceError(f"{_name(path)} lacks {', '.join(missing)}; add them.")
    if facts["code"] != folder.name:
        raise InvalidReferenceError(f"{_name(path)} is of {facts['code']!r}; a folder is named by its code.")
    return facts


def _sources(folder: Path, raw: object) -> tuple[tuple[str, str], ...]:
    """Return the pairs; a figure without a source has no place in the library."""
    entries = [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []
    pairs = tuple((str(each.get("fact", "")), str(each.get("source", ""))) for each in entries)
    if not pairs or not all(fact and source for fact, source in pairs):
        raise InvalidReferenceError(f"{folder.name}/facts.toml: each of `sources` needs `fact` and `source`.")
    return pairs


def _json(path: Path, kind: type) -> Any:
    try:
        value = json.loads(_text(path))
    except json.JSONDecodeError as problem:
        raise InvalidReferenceError(f"{_name(path)} is no JSON: {problem}.") from problem
    if not isinstance(value, kind):
        raise InvalidReferenceError(f"{_name(path)} must hold a JSON {'object' if kind is dict else 'list'}.")
    return value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidReferenceError(f"{_name(path)} cannot be read: {type(problem).__name__}.") from problem


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
