"""Owns how two halves of a large crowd are worked on: one after the other, or side by side if a thread is lent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

HALVED_CHARACTERS = 20_480
"""From so many characters of one kind on they are worked on in two halves."""

Both: TypeAlias = Callable[[Callable[[], Any], Callable[[], Any]], object]


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """The plain way to do both."""
    first()
    second()
