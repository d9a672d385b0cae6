"""Owns the way of an older save into the present format: one step for each format there was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

FORMAT: Final = 1
"""What is written. Raised when something is renamed, removed or changes its meaning; a new field with a default
that means what its absence meant needs no new number."""

STEPS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""From format n to n + 1, on plain values."""


def upgraded(version: int, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a save of format `version` as format `FORMAT` has them. Raises KeyError for what never was."""
    for number in range(version, FORMAT):
        values = STEPS[number](values)
    return values
