"""Owns the compiled executor: characters grouped by the shape of their trees, each group one program on planes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from behaviors.chance import streams_of
from behaviors.compiled import warming
from behaviors.compiled.planes import WORD, Block, compact, grouped
from behaviors.compiled.program import GO, OK, OLD, OWN, PER_LEAF, READY, ROOM, R, leaf_row
from behaviors.compiled.seeing import Seer
from behaviors.compiled.side import HALVED_CHARACTERS, Both, one_after_the_other
from behaviors.compiled.statement import Statement
from behaviors.executor import NOBODY, SMALL_CAST, Codes, ExecutorState, Outcomes, Reported, checked_state, why_ended
from behaviors.forest import Forest
from behaviors.senses import Flags, Ints, Senses

CACHED_WORDS = 256
"""Words the kernel takes at a time: their scratch rows fit the second-level cache."""

NOTHING_SEEN = np.zeros((0, 0), np.uint64)


class _Half:
    """Room for what one of two halves works with and finds: slots begun and over, ascending; `sizes`: how many."""

    def __init__(self, slots: int) -> None:
        self.scratch: NDArray[np.uint64] = np.zeros((0, 0), np.uint64)
        self.room = np.zeros(ROOM, np.uint64)
        self.begun: Ints = np.zeros(slots, np.int32)
        self.over: Ints = np.zeros(slots, np.int32)
        self.sizes = np.zeros(2, np.int64)

    def append(self, other: _Half) -> None:
        """Take over what the other half found, after what this one did."""
        for mine, theirs, place in ((self.begun, other.begun, 0), (self.over, other.over, 1)):
            had, more = int(self.sizes[place]), int(other.sizes[place])
            mine[had : had + more] = theirs[:more]
            self.sizes[place] += more


class CompiledExecutor:
    """Ticks all trees at once; see `behaviors.executor.Executor`. Its `Outcomes` are lent until the next tick.

    `form`: `numpy`, `numba` (compiles first, if need be), or `auto`: numpy until `behaviors.compiled.warm` has
    finished somewhere in this process, numba from then on. All give the same bytes.
    """

    def __init__(
        self,
        forest: Forest,
        form: Literal["auto", "numpy", "numba"] = "auto",
        streams: NDArray[np.uint64] | None = None,
    ) -> None:
        """`streams` (n,): what chance each character has; lent."""
        self.forest = forest
        self.form = form
        self._streams = streams_of(len(forest.trees)) if streams is None else streams
        size = len(forest.slots)
        self.blocks = grouped(forest)
        self._running: Flags = np.zeros(size, np.bool_)
        self._ended: Codes = np.zeros(size, np.uint8)
        self._stopped: Ints = NOBODY
        self._half = _Half(size)
        self._other = _Half(0)
        self.both: Both = one_after_the_other
        """How two halves of a large crowd are ticked; side by side, if somebody lends a thread."""
        self.halved_from = HALVED_CHARACTERS
        self._ordered = _in_order(self.blocks)
        self.seer: Seer | None = None
        """Who looks at triggers and conditions, if not the caller; see `attend`."""
        self._kernel = warming.warm() if form == "numba" else None
        self._statements: list[Statement] | None = None
        self._tables: list[tuple[object, ...]] = []

    @property
    def running(self) -> Flags:
        """See `Executor.running`."""
        return self._running

    def attend(self, senses: Senses, wanted: int, barred: Ints = NOBODY) -> int:
        """See `Executor.attend`."""
        return 0 if self.seer is None or self.form == "numpy" else self.seer.attend(senses, wanted, barred)

    def tick(self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags) -> Outcomes:
        """See `Executor.tick`."""
        if self._kernel is None and self.form == "auto":
            self._kernel = warming.loaded()
        if len(self._stopped):
            self._ended.fill(0)
        if self._kernel is not None:
            begun, over = self._tick_numba(now_us, ready, holds, reported, conditions)
        else:
            begun, over = self._tick_numpy(now_us, ready, holds, reported, conditions)
        self._stopped = over
        return Outcomes(self._running, self._ended, begun, over)

    def _tick_numba(
        self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags
    ) -> tuple[Ints, Ints]:
        kernel = self._kernel
        assert kernel is not None
        if len(self._tables) != len(self.blocks):
            self._prepare()
        inputs = (now_us, ready.view(np.uint8), holds.view(np.uint8), reported, conditions.view(np.uint8))
        outputs = (self._running.view(np.uint8), self._ended)
        half, other, seer = self._half, self._other, self.seer
        sights = 0 if seer is None else seer.sights
        half.sizes[:] = 0

        def work(number: int, mine: _Half, first: int, last: int) -> None:
            seen = NOTHING_SEEN if seer is None else seer.seen[number]
            if seer is not None and sights:
                seer.look(number, first, last, int(mine is other))
            given = (first, last, *inputs, seen, sights, mine.room)
            kernel(*self._tables[number], mine.scratch, *given, *outputs, mine.begun, mine.over, mine.sizes)

        for number, block in enumerate(self.blocks):
            words = block.words
            middle = words // 2 if words * WORD >= self.halved_from else words
            if middle == words:
                work(number, half, 0, words)
                continue
            other.sizes[:] = 0
            self.both(partial(work, number, half, 0, middle), partial(work, number, other, middle, words))
            half.append(other)
        if seer is not None:
            seer.sights = 0
        return self._found()

    def _prepare(self) -> None:
        words = min(CACHED_WORDS, max((block.words for block in self.blocks), default=1))
        rows = max((block.program.scratch for block in self.blocks), default=2)
        self._half.scratch = np.zeros((rows, words), np.uint64)
        if any(block.words * WORD >= self.halved_from for block in self.blocks):
            self._other = _Half(len(self._running))
            self._other.scratch = np.zeros((rows, words), np.uint64)
        self._tables = [_table(block, self._streams) for block in self.blocks]

    def _tick_numpy(
        self, now_us: int, ready: Flags, holds: Flags, reported: Codes, conditions: Flags
    ) -> tuple[Ints, Ints]:
        if self._statements is None:
            self._statements = [Statement(block, self._streams) for block in self.blocks]
        go, ok = holds, None
        if reported.any():
            go, ok = holds & (reported == Reported.NOTHING), reported == Reported.SUCCESS
        changed: list[Ints] = []
        own: list[Flags] = []
        for statement in self._statements:
            _take_in(statement, ready, go, ok, conditions)
            statement.tick(now_us)
            found = _changed(statement)
            if found is not None:
                changed.append(found[0])
                own.append(found[1])
        if not changed:
            return NOBODY, NOBODY
        slots, themselves = np.concatenate(changed), np.concatenate(own)
        if not self._ordered:
            order = np.argsort(slots)
            slots, themselves = slots[order], themselves[order]
        ran = self._running[slots]
        begun, over = slots[~ran], slots[ran]
        self._ended[over] = why_ended(self.forest, begun, over, reported[over], themselves[ran])
        self._running[slots] = ~ran
        return begun, over

    def lend(self) -> tuple[NDArray[np.uint8], Codes, Ints, Ints, NDArray[np.int64]]:
        """For who calls the kernel by itself: `running`, `ended`, and room for `begun`, `over` and their sizes."""
        self._ended[self._stopped] = 0
        self._stopped = NOBODY
        self._tables = []  # whoever borrows may give the blocks other planes
        return self._running.view(np.uint8), self._ended, self._half.begun, self._half.over, self._half.sizes

    def lent(self) -> Outcomes:
        """What the kernel did with what was lent."""
        begun, over = self._found()
        self._stopped = over
        return Outcomes(self._running, self._ended, begun, over)

    def _found(self) -> tuple[Ints, Ints]:
        half = self._half
        begun, over = half.begun[: half.sizes[0]], half.over[: half.sizes[1]]
        if not self._ordered:
            begun.sort()
            over.sort()
        return begun, over

    def state(self) -> ExecutorState:
        """See `Executor.state`."""
        rows = int(self.forest.node_start[-1])
        state = ExecutorState(np.zeros(rows, np.uint8), np.zeros(rows, np.int64), np.zeros(rows, np.int64))
        for block in self.blocks:
            block.write(state.status, state.counter, state.deadline_us)
        return state

    def columns(self) -> Sequence[NDArray[np.generic]]:
        """See `Executor.columns`."""
        if len(self.forest.trees) <= SMALL_CAST:
            state = self.state()
            return state.status, state.counter, state.deadline_us
        return compact(self.blocks)

    def restore(self, state: ExecutorState) -> None:
        """See `Executor.restore`."""
        checked_state(self.forest, state)
        self._ended[:] = 0
        self._stopped = NOBODY
        for block in self.blocks:
            block.read(state.status, state.counter, state.deadline_us)
            leaves = block.program.leaves
            slots = block.slot[:, None] + np.arange(len(leaves))
            self._running[slots] = block.bits(block.planes[4 * leaves + R]).T

    @property
    def bytes_per_character(self) -> float:
        """State kept from tick to tick, the largest group's."""
        return max((block.program.state_bits / 8 for block in self.blocks), default=0.0)


def _in_order(blocks: list[Block]) -> bool:
    """Whether all slots of a group come before all of the next."""
    return all(left.slot[-1] < right.slot[0] for left, right in pairwise(blocks))


def _table(block: Block, streams: NDArray[np.uint64]) -> tuple[object, ...]:
    program = block.program
    return (
        program.ops,
        program.constants,
        program.spans,
        program.leaves,
        program.conditions,
        block.planes,
        block.deadlines,
        block.everyone,
        block.slot,
        block.condition,
        block.characters,
        streams,
    )


def _take_in(statement: Statement, ready: Flags, go: Flags, ok: Flags | None, conditions: Flags) -> None:
    block = statement.block
    leaves = len(block.program.leaves)
    rows = statement.scratch.view(np.uint8)
    for which, column in ((READY, ready), (GO, go), (OK, ok)):
        if column is None:
            statement.scratch[2 + which : 2 + PER_LEAF * leaves : PER_LEAF] = 0
            continue
        bits = _columns(column, block.slot, leaves, block.solid)
        rows[2 + which : 2 + PER_LEAF * leaves : PER_LEAF, : bits.shape[1]] = bits
    several = block.program.conditions
    if several:
        first = leaf_row(leaves, 0)
        bits = _columns(conditions, block.condition, several, block.solid)
        rows[first : first + several, : bits.shape[1]] = bits


def _columns(column: Flags, start: Ints, several: int, solid: bool) -> NDArray[np.uint8]:
    """Rows of `several` flags a character, as bits: one row a flag."""
    if solid:
        table = column[start[0] : start[0] + len(start) * several].reshape(len(start), several)
    else:
        table = column[start[:, None] + np.arange(several, dtype=np.int32)]
    return np.packbits(np.ascontiguousarray(table.T), axis=1, bitorder="little")  # packing along a stride is slow


def _changed(statement: Statement) -> tuple[Ints, Flags] | None:
    """Slots that run now and did not, or the reverse, ascending; and whether each ended by itself."""
    block, scratch = statement.block, statement.scratch
    leaves = block.program.leaves
    last = 2 + PER_LEAF * len(leaves)
    differ = block.planes[4 * leaves + R] ^ scratch[2 + OLD : last : PER_LEAF]
    if not differ.any():
        return None
    leaf, one = np.divmod(np.flatnonzero(block.bits(differ).view(np.bool_)), block.count)
    places = one * len(leaves) + leaf
    places.sort()
    one, leaf = np.divmod(places, len(leaves))
    words = scratch[2 + PER_LEAF * leaf + OWN, one >> 6]
    own = (words >> (one & 63).astype(np.uint64)) & np.uint64(1)
    return (block.slot[one] + leaf).astype(np.int32), own.astype(np.bool_)
