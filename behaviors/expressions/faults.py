"""Owns the one way in which an expression can be wrong: a fault with its place and its remedy."""

from __future__ import annotations


class ExpressionFault(Exception):  # noqa: N818 - a fault of the text, not of the program
    """One fault in one expression.

    `slug` is stable: `syntax`, `too-long`, `too-deep`, `unknown-name`, `wrong-type`, `wrong-unit`, `not-linear`,
    `division-by-zero`. `offset` and `width` are characters of the expression's text, from 0. `remedy` may be empty.
    """

    def __init__(self, slug: str, message: str, offset: int, width: int = 1, remedy: str = "") -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        self.offset = offset
        self.width = max(1, width)
        self.remedy = remedy

    def __repr__(self) -> str:
        return f"ExpressionFault({self.slug!r}, {self.message!r}, {self.offset}, {self.width}, {self.remedy!r})"
