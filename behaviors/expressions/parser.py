"""Owns reading: text to syntax tree, with the place and the remedy of whatever cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NoReturn, TypeAlias

from behaviors.expressions.faults import ExpressionFault
from behaviors.expressions.syntax import Binary, Call, Comparison, Expression, Name, Node, Number, Truth, Unary, walk

MAX_CHARS: Final = 2000
MAX_DEPTH: Final = 32
"""Brackets, signs and `not` inside each other."""
MAX_NODES: Final = 200
MAX_DIGITS: Final = 30
"""Characters of one number: far more than a float can tell apart."""

UNITS: Final = {
    "m": ("m", Fraction(1)),
    "cm": ("m", Fraction(1, 100)),
    "s": ("s", Fraction(1)),
    "ms": ("s", Fraction(1, 1000)),
    "min": ("s", Fraction(60)),
}
FUNCTIONS: Final = {"min": (2, 9), "max": (2, 9), "abs": (1, 1), "clamp": (3, 3)}
COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")
WORDS: Final = ("and", "or", "not")

TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]+\.[0-9]+|[0-9]+|\.[0-9]+)"
    r"|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)"
    r"|(?P<op>(?:<=|>=|==|!=)(?![=<>])|<(?![>=])|>(?!=)|\*(?!\*)|[-+/(),])"
    r"|(?P<bad>&&|\|\||=>|=<|<>|\*\*|[A-Za-z_][A-Za-z0-9_]*|\S))"
)
REMEDIES: Final = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "=": "write `==`",
    "=>": "write `>=`",
    "≥": "write `>=`",
    "=<": "write `<=`",
    "≤": "write `<=`",
    "<>": "write `!=`",
    "≠": "write `!=`",
    "%": "percentages are written as fractions: 0.6",
    "[": "brackets are round: `(`",
    "{": "brackets are round: `(`",
    '"': "there are no texts in this language: compare numbers, or name a true-or-false variable",
    "'": "there are no texts in this language: compare numbers, or name a true-or-false variable",
}

_Level: TypeAlias = Callable[[], Node]


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `kind` is number, name, op or end."""

    kind: str
    text: str
    offset: int

    @property
    def width(self) -> int:
        """Characters to mark in a message."""
        return max(1, len(self.text))


def parse(text: str) -> Expression:
    """Read an expression, or raise `ExpressionFault` for the first thing that cannot be read."""
    if len(text) > MAX_CHARS:
        raise ExpressionFault(
            "too-long", f"an expression has at most {MAX_CHARS} characters", MAX_CHARS, 1, "split the rule in two"
        )
    reader = _Reader(_tokens(text))
    root = reader.whole()
    surplus = next((each for place, each in enumerate(walk(root)) if place >= MAX_NODES), None)
    if surplus is not None:
        raise ExpressionFault(
            "too-long",
            f"an expression has at most {MAX_NODES} parts",
            surplus.offset,
            surplus.width,
            "split the rule in two",
        )
    return Expression(text, root)


def _tokens(text: str) -> list[Token]:
    tokens = []
    place = 0
    while found := TOKEN.match(text, place):
        kind = str(found.lastgroup)
        token = Token(kind, found.group(kind), found.start(kind))
        if kind == "bad":
            _refuse(token)
        if kind == "name" and token.text.count(".") > 2:
            raise ExpressionFault(
                "syntax",
                f"`{token.text}` has too many dots",
                token.offset,
                token.width,
                "at most `bearer.mood.dominance`",
            )
        tokens.append(token)
        place = found.end()
    tokens.append(Token("end", "", len(text)))
    return tokens


def _refuse(token: Token) -> NoReturn:
    remedy = REMEDIES.get(token.text, "")
    if token.text[0].isalpha() or token.text[0] == "_":
        remedy = f"names are lower case: `{token.text.lower().strip('_')}`"
    shown = token.text[0] if token.text in ("&&", "||") else token.text
    raise ExpressionFault("syntax", f"`{shown}` is not part of the trigger language", token.offset, token.width, remedy)


class _Reader:
    """Recursive descent, one method a level of the grammar, loosest first."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.now
        self.place += token.kind != "end"
        return token

    def at(self, *texts: str) -> bool:
        return self.now.kind != "end" and self.now.text in texts

    def whole(self) -> Node:
        root = self.either()
        if self.now.kind == "end":
            return root
        extra = self.now
        remedy = "two comparisons are joined with `and` or `or`" if extra.kind != "op" else ""
        if extra.text == ")":
            remedy = "a `(` is missing, or this `)` is one too many"
        raise ExpressionFault("syntax", f"unexpected `{extra.text}`", extra.offset, extra.width, remedy)

    def either(self) -> Node:
        left = self.both()
        while self.at("or"):
            self.take()
            left = _pair("or", left, self.both())
        return left

    def both(self) -> Node:
        left = self.negation()
        while self.at("and"):
            self.take()
            left = _pair("and", left, self.negation())
        return left

    def negation(self) -> Node:
        if not self.at("not"):
            return self.comparison()
        word = self.take()
        operand = self.deeper(word, self.negation)
        return Unary("not", operand, offset=word.offset, width=_end(operand) - word.offset)

    def comparison(self) -> Node:
        operands = [self.total()]
        ops = []
        while self.at(*COMPARISONS):
            ops.append(self.take().text)
            operands.append(self.total())
        if not ops:
            return operands[0]
        first = operands[0].offset
        return Comparison(tuple(ops), tuple(operands), offset=first, width=_end(operands[-1]) - first)

    def total(self) -> Node:
        left = self.product()
        while self.at("+", "-"):
            op = self.take().text
            left = _pair(op, left, self.product())
        return left

    def product(self) -> Node:
        left = self.signed()
        while self.at("*", "/"):
            op = self.take().text
            left = _pair(op, left, self.signed())
        return left

    def signed(self) -> Node:
        if not self.at("-"):
            return self.atom()
        sign = self.take()
        operand = self.deeper(sign, self.signed)
        return Unary("-", operand, offset=sign.offset, width=_end(operand) - sign.offset)

    def atom(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.text == "(":
            inner = self.deeper(token, self.either)
            self.close(token, "this bracket is never closed")
            return inner
        if token.kind == "name":
            return self.word(token)
        if token.kind == "end" or token.text == ")":
            raise ExpressionFault("syntax", "a value is missing here", token.offset, 1)
        remedy = "leave the `+` out" if token.text == "+" else "a value is missing before it"
        raise ExpressionFault("syntax", f"unexpected `{token.text}`", token.offset, token.width, remedy)

    def number(self, token: Token) -> Node:
        if token.width > MAX_DIGITS:
            raise ExpressionFault(
                "too-long", f"a number has at most {MAX_DIGITS} characters", token.offset, token.width, "round it"
            )
        value = Fraction(token.text)
        follower = self.now
        if follower.kind == "number":
            raise ExpressionFault(
                "syntax", f"unexpected `{follower.text}`", follower.offset, follower.width, "an operator is missing"
            )
        if follower.kind != "name" or follower.text in WORDS:
            return Number(float(value), offset=token.offset, width=token.width)
        if follower.text not in UNITS:
            raise ExpressionFault(
                "syntax",
                f"`{follower.text}` is not a unit",
                follower.offset,
                follower.width,
                "units are m, cm, s, ms, min; to multiply write `*`; there are no exponents",
            )
        self.take()
        unit, scale = UNITS[follower.text]
        end = follower.offset + follower.width
        return Number(float(value * scale), unit, offset=token.offset, width=end - token.offset)

    def word(self, token: Token) -> Node:
        if token.text in ("true", "false"):
            return Truth(token.text == "true", offset=token.offset, width=token.width)
        if token.text in WORDS:
            if token.text == "not":
                raise ExpressionFault("syntax", "`not` needs brackets here", token.offset, 3, "write `(not ...)`")
            raise ExpressionFault("syntax", f"`{token.text}` needs something on both sides", token.offset, token.width)
        if token.text in FUNCTIONS:
            return self.call(token)
        if self.at("("):
            raise ExpressionFault(
                "syntax", f"`{token.text}` is not a function", token.offset, token.width, "min, max, abs and clamp are"
            )
        return Name(token.text, offset=token.offset, width=token.width)

    def call(self, token: Token) -> Node:
        if not self.at("("):
            raise ExpressionFault(
                "syntax", f"`{token.text}` is a function", token.offset, token.width, f"write {token.text}(...)"
            )
        self.take()
        arguments = [self.deeper(token, self.either)]
        while self.at(","):
            self.take()
            arguments.append(self.deeper(token, self.either))
        closing = self.close(
            token,
            f"the bracket of `{token.text}(` is never closed",
            "inside { } a comma ends the value: put the trigger on its own line or in quotes",
        )
        fewest, most = FUNCTIONS[token.text]
        if not fewest <= len(arguments) <= most:
            count = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionFault(
                "syntax", f"`{token.text}` takes {count} values, not {len(arguments)}", token.offset, token.width
            )
        return Call(token.text, tuple(arguments), offset=token.offset, width=closing + 1 - token.offset)

    def close(self, opening: Token, message: str, remedy: str = "write the missing `)`") -> int:
        if not self.at(")"):
            if self.now.kind != "end" and self.now.text != ",":
                raise ExpressionFault("syntax", f"unexpected `{self.now.text}`", self.now.offset, self.now.width)
            raise ExpressionFault("syntax", message, opening.offset, opening.width, remedy)
        return self.take().offset

    def deeper(self, token: Token, level: _Level) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionFault(
                "too-deep", f"more than {MAX_DEPTH} brackets inside each other", token.offset, token.width
            )
        node = level()
        self.depth -= 1
        return node


def _end(node: Node) -> int:
    return node.offset + node.width


def _pair(op: str, left: Node, right: Node) -> Binary:
    return Binary(op, left, right, offset=left.offset, width=_end(right) - left.offset)
