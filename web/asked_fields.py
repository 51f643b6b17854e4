"""Fields of a procedure's form in the forms of our screens: their names there, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from engine.domain.fields import InvalidFieldsError

PREFIX = "f_"  #: of the names of such fields in our forms, so that none is taken for one of ours
LONGEST = 2000
_YES_NO = {"true": True, "false": False}


def answers(fields: Iterable[Mapping[str, Any]], typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what was answered to these fields (as ``Field.as_json`` names them); an empty one is not answered.

    Args:
        typed: what the form holds; None: what this request has sent.
    """
    sent: Mapping[str, Any] = request.values if typed is None else typed
    found: dict[str, Any] = {}
    for field in fields:
        said = str(sent.get(PREFIX + field["name"], "")).replace("\0", "").strip()[:LONGEST]
        if said:
            found[field["name"]] = _value(field["type"], said)
    return found


def beside_their_field(error: InvalidFieldsError) -> InvalidFieldsError:
    """Return the error with the name that the field has in our forms, so that it is shown beside it."""
    place, _, name = str(error.details.get("field", "")).rpartition(".")
    if place not in ("fields", "facts"):
        return error
    return InvalidFieldsError(error.message, **(error.details | {"field": PREFIX + name}))


def _value(kind: str, typed: str) -> Any:
    if kind == "boolean":
        return _YES_NO.get(typed, typed)
    if kind == "number":  # as people write it here: 1.250,5
        return typed.replace(" ", "").replace(".", "").replace(",", ".") if "," in typed else typed.replace(" ", "")
    return typed
