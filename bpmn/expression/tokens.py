"""The words of the expression language: numbers, texts, names, keywords and signs, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bpmn.errors import InvalidExpressionError

MAX_LENGTH = 500
MAX_DIGITS = 15  # before the point, and as many behind it
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
KEYWORDS = frozenset({"and", "or", "not", "in", "if", "then", "else", "true", "false", "null"})
# How models published before the language had keywords of its own write three of them.
_OLD_SPELLING = {"True": "true", "False": "false", "None": "null"}
_ESCAPES = {'"': '"', "'": "'", "\\": "\\"}

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)(?![A-Za-z_0-9])
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<sign>==|!=|<=|>=|\.\.|[=<>()\[\],+*/-])
    """,
    re.VERBOSE | re.DOTALL,
)


class Kind(StrEnum):
    """What a token is; `END` follows the last one."""

    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    KEYWORD = "keyword"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `text` as the grammar knows it, `value` of a number or text, `at` its place counted from 1."""

    kind: Kind
    text: str
    at: int
    value: Decimal | str | None = None


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the words of an expression, the last of them of kind END.

    Raises: InvalidExpressionError naming the place of what is no word, or when the text is longer than 500 characters.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise InvalidExpressionError(f"An expression is a text of at most {MAX_LENGTH} characters.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidExpressionError(_stranger(text, at))
        if match.lastgroup != "blank":
            found.append(_token(match, at + 1))
        at = match.end()
    return (*found, Token(Kind.END, "the end", at + 1))


def _token(match: re.Match[str], at: int) -> Token:
    said = match.group()
    match match.lastgroup:
        case "number":
            return Token(Kind.NUMBER, said, at, _number(said, at))
        case "text":
            return Token(Kind.TEXT, said, at, _text(said[1:-1], at))
        case "word":
            return _word(said, at)
        case _:
            return Token(Kind.SIGN, "=" if said == "==" else said, at)


def _number(said: str, at: int) -> Decimal:
    whole, _, fraction = said.partition(".")
    if len(whole) > MAX_DIGITS or len(fraction) > MAX_DIGITS:
        raise InvalidExpressionError(f"Position {at}: a number has at most {MAX_DIGITS} digits on either side.")
    return Decimal(said)


def _text(inner: str, at: int) -> str:
    def plain(match: re.Match[str]) -> str:
        if match.group(1) not in _ESCAPES:
            raise InvalidExpressionError(f"Position {at}: in a text, `\\` stands before a quote or another `\\` only.")
        return _ESCAPES[match.group(1)]

    said = re.sub(r"\\(.)", plain, inner, flags=re.DOTALL)
    if any(unicodedata.category(character)[0] == "C" for character in said):
        raise InvalidExpressionError(f"Position {at}: a text has no line breaks, control or invisible characters.")
    return unicodedata.normalize("NFC", said)


def _word(said: str, at: int) -> Token:
    word = _OLD_SPELLING.get(said, said)
    if word in KEYWORDS:
        return Token(Kind.KEYWORD, word, at)
    if not NAME.fullmatch(word):
        message = f"Position {at}: `{said[:60]}` is no name: small letters, digits and `_`, at most 40, a letter first."
        raise InvalidExpressionError(message)
    return Token(Kind.NAME, word, at)


def _stranger(text: str, at: int) -> str:
    """Say what stands at a place where no word begins."""
    character = text[at]
    if character in "\"'":
        return f"Position {at + 1}: the text that begins here has no closing quote."
    if character.isdigit() and character.isascii():
        return f"Position {at + 1}: a number is written with digits and a point, e.g. 1.5, and a blank after it."
    hint = {".": "names have no parts", "“": 'texts stand in straight quotes, "…"', "”": 'texts stand in "…"'}
    why = hint.get(character, "names are written without accents, texts in quotes" if character.isalpha() else "")
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"Position {at + 1}: `{shown}` is not part of the language{': ' + why if why else ''}."
