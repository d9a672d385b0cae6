"""Owns the fast way of looking: expressions over a character's own columns, compiled, for characters in a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from behaviors.columns import as_slice
from behaviors.compiled import warming
from behaviors.compiled.lowering import Lowering, NotOwnError
from behaviors.compiled.side import HALVED_CHARACTERS, Both, one_after_the_other
from behaviors.expressions import Expression
from behaviors.senses import Cast, Flags, Ints, Senses

PART = 256
"""Characters that the compiled form works on at once."""


class Looker:
    """Groups of rows, each with its expression; `take` them all, then `look` once a tick.

    Every value is that of the numpy form, so it does not matter which of both looks.
    """

    def __init__(self, cast: Cast) -> None:
        self.both: Both = one_after_the_other
        """How two halves of a large crowd are looked at; side by side, if somebody lends a thread."""
        self.compiled = True
        """Whether the compiled form may be used where it is there."""
        self._lowering = Lowering(cast)
        self._groups: list[tuple[int, ...]] = []
        self._count = len(cast.characters)
        self._call: Callable[..., None] | None = None
        self._tables: tuple[NDArray[Any], ...] = ()
        self._registers: NDArray[np.float64] = np.zeros((0, 0, 0))
        self._truths = np.zeros((2, 2 * PART), np.uint8)

    def __len__(self) -> int:
        return len(self._groups)

    def take(self, expression: Expression, release: Expression | None, characters: Ints, places: Ints) -> bool:
        """Take a group of triggers: `characters` (k,) and their `places` in the outputs. False: not of this kind."""
        return self._take((expression,) if release is None else (expression, release), characters, places, 0)

    def take_condition(self, expression: Expression, characters: Ints, places: Ints) -> bool:
        """Take a group of conditions."""
        return self._take((expression,), characters, places, 1)

    def _take(self, expressions: tuple[Expression, ...], characters: Ints, places: Ints, kind: int) -> bool:
        who, where = as_slice(characters), as_slice(places)
        if not isinstance(who, slice) or not isinstance(where, slice) or not len(characters):
            return False
        if len(characters) > 1 and who.step != 1:
            return False
        try:
            rows = [self._lowering.add(each) for each in expressions]
        except NotOwnError:
            return False
        rows.append((0, 0))
        first = int(characters[0])
        self._groups.append(
            (first, first + len(characters), int(places[0]), where.step or 1, *rows[0], *rows[1], kind),
        )
        return True

    def look(self, senses: Senses, running: Flags, ready: Flags, holds: Flags) -> bool:
        """Fill in `ready` and `holds` for all groups taken. False, and nothing done: the compiled form is not there."""
        call = warming.looking() if self.compiled else None
        columns = senses.emotion.T, senses.mood.T, senses.traits.T
        if call is None or not self._groups or not all(each.flags.c_contiguous for each in columns):
            return False
        if self._call is None:
            self._prepare()
        self._call = call
        rows, constants, groups = self._tables
        if self._lowering.shared:
            constants[len(constants) - len(senses.variables) :] = senses.variables
        common = (rows, constants, groups, *columns)
        outputs = running.view(np.uint8), ready.view(np.uint8), holds.view(np.uint8)
        n, mine, theirs = self._count, *zip(self._registers, self._truths, strict=True)
        middle = n // (2 * PART) * PART if n >= HALVED_CHARACTERS else n
        if middle == n:
            call(0, n, *common, *mine, *outputs)
        else:
            self.both(
                partial(call, 0, middle, *common, *mine, *outputs),
                partial(call, middle, n, *common, *theirs, *outputs),
            )
        return True

    def _prepare(self) -> None:
        lowering = self._lowering
        groups = np.array(self._groups, np.int32)
        self._tables = lowering.table(), lowering.constants(), groups
        self._registers = np.zeros((2, lowering.registers, PART))
