"""Owns calling a kernel without asking numba, each time, what types its arguments have. Needs numba.

A kernel gets some thirty arrays whose types never change. To find out anew that they have not costs more than to hand
them over, most of all in a tick that begins with cold caches. But nobody looks then: so with `CHECKED` set, as in all
tests, each call is looked at, and one with other types raises TypeError.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

CHECKED: Final = "EMOTION_RUNTIME_CHECKED_KERNELS"
"""An environment variable: set to anything, arguments are looked at."""


def quick(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """What a kernel that was called once is, for arguments of the same types; anything else as it is."""
    made = list(getattr(kernel, "overloads", {}).items())
    if len(made) != 1:
        return kernel
    wanted, compiled = made[0]
    entry: Callable[..., Any] = compiled.entry_point
    return _checked(kernel.__name__, wanted, entry) if CHECKED in os.environ else entry


def _checked(name: str, wanted: tuple[Any, ...], entry: Callable[..., Any]) -> Callable[..., Any]:
    typeof = import_module("numba").typeof

    def call(*arguments: Any) -> Any:
        given = tuple(typeof(each) for each in arguments)
        if len(given) != len(wanted):
            raise TypeError(f"{name} takes {len(wanted)} arguments, not {len(given)}")
        for place, (mine, theirs) in enumerate(zip(given, wanted, strict=True)):
            if not _fits(mine, theirs):
                raise TypeError(f"argument {place} of {name} is {mine}: it was compiled for {theirs}")
        return entry(*arguments)

    return call


def _fits(given: Any, wanted: Any) -> bool:
    """Whether memory of one type may be taken for that of another: it may be one that nobody writes to."""
    if given == wanted:
        return True
    types = import_module("numba").types
    if isinstance(given, types.Array) and isinstance(wanted, types.Array):
        return not wanted.mutable and given.copy(readonly=True) == wanted
    several = types.NamedTuple, types.NamedUniTuple
    if isinstance(given, several) and isinstance(wanted, several) and given.instance_class is wanted.instance_class:
        return all(map(_fits, given.types, wanted.types))
    return False
