"""Ids of a foreign file: each as it is where it fits, otherwise made to fit, and the same in every reference to it."""

from __future__ import annotations

import re

from lxml import etree

from bpmn.foreign.notes import Notes

_FIT = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,99}")
_UNFIT_SIGN = re.compile(r"[^A-Za-z0-9_-]")
_RESERVED = frozenset({"Start", "End", "Root", "constructor", "prototype"})


class Ids:
    """Gives every element of a file an id that fits."""

    def __init__(self, root: etree._Element, notes: Notes) -> None:
        self._notes = notes
        self._taken = {element.get("id") or "" for element in root.iter()}
        self._known = self._taken - {""}
        self._fitted: dict[str, str] = {}
        self._next: dict[str, int] = {}

    def of(self, element: etree._Element, kind: str) -> str:
        """Return the id of an element; one that has none gets one."""
        given = element.get("id")
        if given:
            return self.fit(given)
        name = self.made(kind.lower())
        if kind not in ("definitions", "collaboration"):
            self._notes.warn("id-made", name, f"A {kind} has no id; it is `{name}` now.")
        return name

    def fit(self, given: str) -> str:
        """Return an id as it may stand in our models."""
        if given in self._fitted:
            return self._fitted[given]
        fitted = given
        if not _FIT.fullmatch(given) or given in _RESERVED:
            fitted = self.made("n_" + _UNFIT_SIGN.sub("_", given.strip("_ "))[:60])
            if given in self._known:
                self._notes.warn("id-changed", fitted, f"The id `{given[:80]}` does not fit; it is `{fitted}` now.")
        self._fitted[given] = fitted
        return fitted

    def reference(self, given: str | None) -> str:
        """Return the id that a reference means; a prefix as in `tns:order` is taken off."""
        text = (given or "").strip()
        local = text.rpartition(":")[2]
        return self.fit(local if text not in self._known and local in self._known else text)

    def made(self, wanted: str) -> str:
        """Return an id that nothing has."""
        while True:
            self._next[wanted] = self._next.get(wanted, 0) + 1
            name = f"{wanted}_{self._next[wanted]}"
            if name not in self._taken:
                self._taken.add(name)
                return name
