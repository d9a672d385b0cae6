"""Owns looking straight into planes: triggers and conditions as bits for the compiled executor, with no bytes between.

Only where it is plain what each bit means: the characters of a group stand in a row, all play one rule in each leaf,
and every expression reads a character's own columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled import warming
from behaviors.compiled.lowering import Lowering, NotOwnError
from behaviors.compiled.planes import WORD, Block
from behaviors.executor import CONDITIONS_SEEN, NOBODY, TRIGGERS_SEEN
from behaviors.expressions import Expression
from behaviors.forest import Forest
from behaviors.rules import Who
from behaviors.senses import Cast, Ints, Senses

PART = 256
"""Characters that the kernel looks at at once."""
View = tuple[int, int, int, int]
"""A row of `seen`, the rows of an expression, and 1 if what counts is where it is false."""


class Seer:
    """What the triggers and the conditions of all groups say: `attend` to the senses, then `look` at each group.

    `sights` are those of the coming tick: `TRIGGERS_SEEN`, `CONDITIONS_SEEN`, both, or 0. `seen` has for each group the
    rows: for each leaf whether it may start, for each leaf whether it may go on, each condition. Whether a leaf runs is
    not asked: the kernel knows.
    """

    def __init__(self, cast: Cast, forest: Forest, blocks: Sequence[Block]) -> None:
        self._lowering = Lowering(cast)
        self._blocks = blocks
        triggers = [self._triggers(forest, block) for block in blocks]
        conditions = [self._conditions(forest, block) for block in blocks]
        self._sights = 0
        self._views: dict[int, list[Ints]] = {}
        for sight, several in ((TRIGGERS_SEEN, triggers), (CONDITIONS_SEEN, conditions)):
            found = [each for each in several if each is not None]
            if blocks and len(found) == len(blocks):
                self._views[sight] = [np.array(each, np.int32).reshape(-1, 4) for each in found]
                self._sights |= sight
        if len(self._views) > 1:
            self._views[self._sights] = [np.concatenate(each) for each in zip(*self._views.values(), strict=True)]
        size = [2 * len(block.program.leaves) + block.program.conditions if self._sights else 0 for block in blocks]
        self.seen = [np.zeros((rows, block.words), np.uint64) for rows, block in zip(size, blocks, strict=True)]
        self._rows, self._constants = self._lowering.table(), self._lowering.constants()
        self._registers = np.zeros((2, self._lowering.registers, PART))
        self._columns: tuple[NDArray[np.float64], ...] = ()
        self._barred = NOBODY
        self.sights = 0

    def attend(self, senses: Senses, wanted: int, barred: Ints = NOBODY) -> int:
        """Take the senses of the coming tick. Returns which of the `wanted` sights are in it: 0 without the kernel.

        `barred`: slots that may not start, whatever their triggers say.
        """
        columns = senses.emotion.T, senses.mood.T, senses.traits.T
        self.sights = wanted & self._sights
        if warming.seeing() is None or not all(each.flags.c_contiguous for each in columns):
            self.sights = 0
        if self._lowering.shared:
            self._constants[len(self._constants) - len(senses.variables) :] = senses.variables
        self._columns, self._barred = columns, barred
        return self.sights

    def look(self, number: int, first: int, last: int, half: int) -> None:
        """Fill in the words `first` to `last` of a group's `seen`; a half works with registers of its own."""
        see = warming.seeing()
        if see is not None and self.sights:
            block, views = self._blocks[number], self._views[self.sights][number]
            begin = int(block.characters[0])
            tables = (views, self._rows, self._constants, *self._columns, self._registers[half], self.seen[number])
            see(first, last, begin, block.count, *tables)
            if len(self._barred):
                self._bar(number, first, last)

    def _bar(self, number: int, first: int, last: int) -> None:
        block, leaves = self._blocks[number], len(self._blocks[number].program.leaves)
        low, high = int(block.slot[0]) + first * WORD * leaves, int(block.slot[-1]) + leaves
        mine = self._barred[(self._barred >= low) & (self._barred < min(high, low + (last - first) * WORD * leaves))]
        who, leaf = np.divmod(mine - int(block.slot[0]), leaves)
        bits = np.uint64(1) << (who % WORD).astype(np.uint64)
        np.bitwise_and.at(self.seen[number], (leaf, who // WORD), ~bits)

    def _triggers(self, forest: Forest, block: Block) -> list[View] | None:
        if not _in_a_row(block.characters):
            return None
        leaves, views = len(block.program.leaves), []
        for leaf in range(leaves):
            numbers = forest.slots.rule[block.slot + leaf]
            rule = forest.rules[int(numbers[0])]
            if (numbers != numbers[0]).any() or rule.bearer.who is not Who.SELF or not rule.bearer.within >= 0.0:
                return None
            begins = self._view(leaf, rule.trigger, 0)
            ends = self._view(leaves + leaf, rule.release or rule.trigger, 0 if rule.release is None else 1)
            if begins is None or ends is None:
                return None
            views += [begins, ends]
        return views

    def _conditions(self, forest: Forest, block: Block) -> list[View] | None:
        if not _in_a_row(block.characters):
            return None
        views = []
        for each in range(block.program.conditions):
            several = {id(forest.conditions[row][1]): forest.conditions[row][1] for row in (block.condition + each)}
            one, *others = several.values()
            view = None if others else self._view(2 * len(block.program.leaves) + each, one, 0)
            if view is None:
                return None
            views.append(view)
        return views

    def _view(self, row: int, expression: Expression, otherwise: int) -> View | None:
        try:
            return row, *self._lowering.add(expression), otherwise
        except NotOwnError:
            return None


def _in_a_row(characters: Ints) -> bool:
    return bool(characters[-1] - characters[0] == len(characters) - 1)
