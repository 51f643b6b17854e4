"""The grammar of expressions and of the tests in a decision table's cells, read by recursive descent.

    expression = "if" expression "then" expression "else" expression | either
    either     = all {"or" all}
    all        = fact {"and" fact}
    fact       = "not" fact | sum [comparison sum | "in" (interval | "(" test {"," test} ")")]
    comparison = "=" | "!=" | "<" | "<=" | ">" | ">="
    sum        = product {("+" | "-") product}
    product    = factor {("*" | "/") factor}
    factor     = "-" factor | number | text | "true" | "false" | "null" | name | function "(" … ")" | "(" expression ")"
    cell       = "-" | "not" "(" test {"," test} ")" | test {"," test}
    test       = interval | [comparison] sum
    interval   = ("[" | "]" | "(") sum ".." sum ("]" | "[" | ")")

Nothing calls itself without going through `_nested`, which counts; chains are loops. So the stack is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from bpmn.errors import InvalidExpressionError
from bpmn.expression.tokens import Kind, Token, tokens_of
from bpmn.expression.tree import (
    ANYTHING,
    COMPARISONS,
    FUNCTIONS,
    Arithmetic,
    Bound,
    Call,
    Choice,
    Comparison,
    Interval,
    Literal,
    Logic,
    Member,
    Minus,
    Name,
    Node,
    Not,
    UnaryTests,
)

MAX_PARTS = 100
MAX_DEPTH = 20
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


_Made = TypeVar("_Made")


def parse_expression(text: str) -> Node:
    """Return the tree of an expression.

    Raises: InvalidExpressionError naming the place, or the bound that is passed.
    """
    return _Parser(text).whole_expression()


def parse_cell(text: str) -> UnaryTests:
    """Return the tests of a cell of a decision table; an empty cell asks nothing.

    Raises: InvalidExpressionError as above.
    """
    return _Parser(text).whole_cell()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.at = 0
        self.parts = 0
        self.depth = 0

    # --- the rules, loosest first ---------------------------------------------------------------------------------

    def whole_expression(self) -> Node:
        node = self._expression()
        self._finish()
        return node

    def whole_cell(self) -> UnaryTests:
        if self._now.kind is Kind.END or [token.text for token in self.tokens[:-1]] == ["-"]:
            return ANYTHING
        negated = self._take("not")
        tests = self._tests_in_brackets() if negated else self._tests()
        made = UnaryTests(tests, negated)
        self._finish()
        return made

    def _expression(self) -> Node:
        if not self._take("if"):
            return self._either()
        condition = self._nested(self._expression)
        self._need("then")
        yes = self._nested(self._expression)
        self._need("else")
        return self._made(Choice(condition, yes, self._nested(self._expression)))

    def _either(self) -> Node:
        return self._chain("or", self._all)

    def _all(self) -> Node:
        return self._chain("and", self._fact)

    def _chain(self, word: str, rule: Callable[[], Node]) -> Node:
        parts = [rule()]
        while self._take(word):
            parts.append(rule())
        return parts[0] if len(parts) == 1 else self._made(Logic(word, tuple(parts)))

    def _fact(self) -> Node:
        if self._take("not"):
            return self._made(Not(self._nested(self._fact)))
        left = self._sum()
        if self._take("in"):
            return self._made(Member(left, UnaryTests(self._members())))
        sign = self._now.text
        if not self._at_sign(COMPARISONS):
            return left
        self.at += 1
        return self._made(Comparison(sign, left, self._sum()))

    def _sum(self) -> Node:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._arithmetic(("*", "/"), self._factor)

    def _arithmetic(self, signs: tuple[str, str], rule: Callable[[], Node]) -> Node:
        left = rule()
        while self._at_sign(signs):
            sign = self._now.text
            self.at += 1
            left = self._made(Arithmetic(sign, left, rule()))
        return left

    def _factor(self) -> Node:
        if self._take("-"):
            inner = self._nested(self._factor)
            if isinstance(inner, Literal) and isinstance(inner.value, Decimal):
                return Literal(inner.value.copy_negate())
            return self._made(Minus(inner))
        if self._take("("):
            inner = self._nested(self._expression)
            self._need(")")
            return inner
        token = self._now
        self.at += 1
        if token.kind in (Kind.NUMBER, Kind.TEXT):
            return self._made(Literal(token.value))
        if token.kind is Kind.KEYWORD and token.text in _CONSTANTS:
            return self._made(Literal(_CONSTANTS[token.text]))
        if token.kind is not Kind.NAME:
            self.at -= 1
            raise self._unexpected("a value or a name")
        return self._call(token) if self._take("(") else self._made(Name(token.text))

    def _call(self, token: Token) -> Node:
        if token.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise InvalidExpressionError(f"Position {token.at}: `{token.text}` is no function; there are {known}.")
        arguments = [self._nested(self._expression)]
        while self._take(","):
            arguments.append(self._nested(self._expression))
        self._need(")")
        fewest, most = FUNCTIONS[token.text]
        if not fewest <= len(arguments) <= most:
            message = f"Position {token.at}: `{token.text}` takes {fewest} to {most} values, not {len(arguments)}."
            raise InvalidExpressionError(message)
        return self._made(Call(token.text, tuple(arguments)))

    # --- tests ----------------------------------------------------------------------------------------------------

    def _members(self) -> tuple[Bound | Interval, ...]:
        if self._interval_ahead():
            return (self._interval(),)
        return self._tests_in_brackets()

    def _tests_in_brackets(self) -> tuple[Bound | Interval, ...]:
        self._need("(")
        tests = self._tests()
        self._need(")")
        return tests

    def _tests(self) -> tuple[Bound | Interval, ...]:
        tests = [self._nested(self._test)]
        while self._take(","):
            tests.append(self._nested(self._test))
        return tuple(tests)

    def _test(self) -> Bound | Interval:
        if self._interval_ahead():
            return self._interval()
        sign = "="
        if self._at_sign(COMPARISONS):
            sign = self._now.text
            self.at += 1
        at = self._now.at
        of = self._sum()
        if sign not in ("=", "!=") and isinstance(of, Literal) and (of.value is None or isinstance(of.value, bool)):
            raise InvalidExpressionError(f"Position {at}: `{sign}` stands before a number or a text.")
        return self._made(Bound(sign, of))

    def _interval_ahead(self) -> bool:
        """Tell whether an interval begins here; a round bracket may also begin a list or a sum."""
        if self._at_sign(("[", "]")):
            return True
        depth = 0
        for token in self.tokens[self.at :]:
            if token.kind is Kind.SIGN:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 1 and token.kind is Kind.SIGN and token.text in ("..", ",", "[", "]"):
                return token.text == ".."
            if depth == 0:
                return False
        return False

    def _interval(self) -> Interval:
        opening = self._now
        self.at += 1
        low = self._nested(self._sum)
        self._need("..")
        high = self._nested(self._sum)
        closing = self._now.text
        if not self._at_sign(("]", "[", ")")):
            raise self._unexpected("`]`, `[` or `)`")
        self.at += 1
        made = self._made(Interval(low, high, opening.text == "[", closing == "]"))
        if isinstance(low, Literal) and isinstance(high, Literal):
            _check_ends(low.value, high.value, opening.at)
        return made

    # --- tokens ---------------------------------------------------------------------------------------------------

    @property
    def _now(self) -> Token:
        return self.tokens[self.at]

    def _at_sign(self, signs: tuple[str, ...] | frozenset[str]) -> bool:
        return self._now.kind is Kind.SIGN and self._now.text in signs

    def _take(self, text: str) -> bool:
        taken = self._now.kind in (Kind.SIGN, Kind.KEYWORD) and self._now.text == text
        self.at += taken
        return taken

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected(f"`{text}`")

    def _finish(self) -> None:
        if self._now.kind is not Kind.END:
            raise self._unexpected("the end")

    def _unexpected(self, wanted: str) -> InvalidExpressionError:
        found = self._now.text if self._now.kind is Kind.END else f"`{self._now.text[:60]}`"
        return InvalidExpressionError(f"Position {self._now.at}: {wanted} is expected here, not {found}.")

    def _nested(self, rule: Callable[[], _Made]) -> _Made:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InvalidExpressionError(f"The expression is nested deeper than {MAX_DEPTH}.")
        made = rule()
        self.depth -= 1
        return made

    def _made(self, node: _Made) -> _Made:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise InvalidExpressionError(f"The expression has more than {MAX_PARTS} parts.")
        return node


def _check_ends(low: object, high: object, at: int) -> None:
    for kind in (Decimal, str):
        if isinstance(low, kind) and isinstance(high, kind):
            if low > high:  # type: ignore[operator]  # both of one kind, which has an order
                raise InvalidExpressionError(f"Position {at}: the interval ends before it begins.")
            return
    raise InvalidExpressionError(f"Position {at}: an interval lies between two numbers or two texts.")
