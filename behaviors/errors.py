"""Owns the exception tree of the package.

BehaviorError        a behavior, tree or report cannot be used: `code`, `message`, `remedy`
  x FormError        a tree breaks a rule of its form; `where` is the path to the node
  x FrozenError      somebody tried to change a forest that is running
  x RuleError        a rule reads a name or picks a bearer that is not there
  x ReportError      the engine reported on an action that is not running
  x StateError       a saved state does not fit this forest
"""

from __future__ import annotations


class BehaviorError(Exception):
    """Base of all: `code` is stable, `message` says what is wrong, `where` in what, `remedy` what to do."""

    def __init__(self, code: str, message: str, remedy: str = "", where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.where = where


class FormError(BehaviorError):
    """A tree breaks a rule of one of the six forms."""


class FrozenError(BehaviorError, AttributeError):
    """A running forest was about to be changed."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "frozen",
            f"{what} is frozen: trees are complete before the first tick and never change afterwards",
            "build a new forest from the changed scene and swap it in between two ticks",
        )


class RuleError(BehaviorError):
    """A rule names something its scene does not have, or something that makes no sense there."""


class ReportError(BehaviorError):
    """A result came for an action that is not running; nothing was changed."""


class StateError(BehaviorError):
    """A saved state does not fit: other shapes, or values outside their range. Nothing was changed."""
