"""Conditions as other engines write them (JUEL, FEEL, Java), put into our language where they mean the same there."""

from __future__ import annotations

import re

from bpmn.errors import InvalidExpressionError
from bpmn.expressions import MAX_LENGTH, compile_expression

_TOKENS = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"|(&&|\|\||==|!=|<=|>=|!|[A-Za-z_][A-Za-z0-9_]*|\S|\s+)")
_WRAPPED = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_WORDS = {
    "&&": " and ", "||": " or ", "==": "=", "!": " not ", "eq": "=", "ne": "!=", "lt": "<", "gt": ">", "le": "<=",
    "ge": ">=", "True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def translate(text: str) -> str | None:
    """Return a condition in our language, or None when it has no counterpart there. Evaluates nothing."""
    inner = text.strip()
    if len(inner) > MAX_LENGTH * 2:
        return None
    if _fits(inner):
        return inner
    inner = _unwrapped(inner)
    found = []
    at = 0
    while at < len(inner):
        token = _TOKENS.match(inner, at)
        if token is None:
            return None
        at = token.end()
        single, double, plain = token.groups()
        found.append(_word(plain) if plain is not None else f'"{single if single is not None else double}"')
    translated = " ".join("".join(found).split()) if '"' not in inner and "'" not in inner else "".join(found).strip()
    return translated if _fits(translated) else None


def _unwrapped(text: str) -> str:
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped is not None:
        return wrapped.group(1).strip()
    if text.startswith("="):
        return text[1:].strip()
    if text.startswith("return ") and text.endswith(";") and text.count(";") == 1:
        return text.removeprefix("return ").removesuffix(";").strip()
    return text


def _word(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    return _HUMP.sub("_", word).lower() if _NAME.fullmatch(word) else word


def _fits(text: str) -> bool:
    try:
        compile_expression(text)
    except InvalidExpressionError:
        return False
    return True


def negates(one: str, other: str) -> bool:
    """Tell whether one of two conditions is plainly the other's opposite, so that exactly one of them is true."""
    return _opposite(one, other) or _opposite(other, one)


def _opposite(plain: str, negated: str) -> bool:
    first, second = " ".join(plain.split()), " ".join(negated.split())
    if second in (f"not ({first})", f"not({first})") or (second == f"not {first}" and _NAME.fullmatch(first)):
        return True
    for sign, against in ((" = ", " != "), (" >= ", " < "), (" <= ", " > "), (" = true", " = false")):
        if first.count(sign) == 1 and second == first.replace(sign, against):
            return not (" and " in first or " or " in first)
    spaced = re.sub(r"\s*(!=|<=|>=|=|<|>)\s*", r" \1 ", first)
    again = re.sub(r"\s*(!=|<=|>=|=|<|>)\s*", r" \1 ", second)
    return (spaced, again) != (first, second) and _opposite(spaced, again)
