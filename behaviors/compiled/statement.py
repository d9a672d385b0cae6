"""Owns the numpy form of the operations: the plain statement of what a program does, one call an operation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from behaviors.chance import all_drawn
from behaviors.compiled.planes import Block, packed_bits
from behaviors.compiled.program import GO, OK, OLD, OWN, PER_LEAF, READY, A, F, Op, R, S, leaf_row

Words = NDArray[np.uint64]
Step = Callable[[int], None]


class Statement:
    """A program bound to the planes of one group of characters: `tick` does all operations, whole planes at a time."""

    def __init__(self, block: Block, streams: Words) -> None:
        program = block.program
        self.block = block
        self.streams = streams
        self.scratch = np.zeros((program.scratch, block.words), np.uint64)
        self.scratch[1] = block.everyone
        leaves = program.leaves
        self.old = self.scratch[leaf_row(0, OLD) : leaf_row(len(leaves), 0) : PER_LEAF]
        self.running = 4 * leaves + R
        self.spare = np.zeros((2, block.words), np.uint64)
        self.steps: list[Step] = [self._step(row) for row in program.ops.tolist()]

    def tick(self, now: int) -> None:
        """All operations at `now` microseconds. The inputs are in the scratch rows."""
        self.old[:] = self.block.planes[self.running]
        for step in self.steps:
            step(now)

    def _at(self, address: int) -> Words:
        rows = self.scratch if address >= 0 else self.block.planes
        row: Words = rows[address if address >= 0 else ~address]
        return row

    def _step(self, row: list[int]) -> Step:
        match Op(row[0]):
            case Op.AND:
                return _bound(np.bitwise_and, self._at(row[2]), self._at(row[3]), self._at(row[1]))
            case Op.OR:
                return _bound(np.bitwise_or, self._at(row[2]), self._at(row[3]), self._at(row[1]))
            case Op.AND_NOT:
                return self._and_not(self._at(row[1]), self._at(row[2]), self._at(row[3]))
            case Op.COPY:
                to, a = self._at(row[1]), self._at(row[2])
                return lambda _now: np.copyto(to, a)
            case Op.LEAF:
                return self._leaf(row[1], row[2], self._at(row[3]))
            case Op.FINISH_F:
                return self._finish(row[1], self._at(row[2]), self._at(row[3]), self._at(row[4]), S, F, R)
            case Op.FINISH_R:
                return self._finish(row[1], self._at(row[2]), self._at(row[3]), self._at(row[4]), S, R, F)
            case Op.KILL:
                return self._kill(row[1], row[2], self._at(row[3]))
            case Op.COUNT:
                return self._count(row)
            case Op.SET:
                return self._set(row[1], self._at(row[2]), row[3])
            case Op.CLEAR:
                return self._clear(row[1], self._at(row[2]))
            case Op.KEEP:
                planes, runs = self.block.planes[row[1] : row[2]], self.block.planes[4 * row[3] + R]
                return _bound(np.bitwise_and, planes, runs, planes)
            case Op.DRAW:
                return self._draw(self._at(row[1]), row[2], self._at(row[3]), row[4], row[5])
            case Op.DUE:
                return self._due(self._at(row[1]), row[2], self._at(row[3]))

    def _and_not(self, to: Words, a: Words, b: Words) -> Step:
        spare = self.spare[0]

        def step(_now: int) -> None:
            np.bitwise_not(b, spare)
            np.bitwise_and(a, spare, to)

        return step

    def _leaf(self, node: int, leaf: int, m: Words) -> Step:
        ready, go, ok, own = (self.scratch[leaf_row(leaf, which)] for which in (READY, GO, OK, OWN))
        runs, succeeds, fails, aborts = self.block.planes[4 * node : 4 * node + 4]
        goes_on, fresh = self.spare

        def step(_now: int) -> None:
            # what is a part of m leaves the rest of it by exclusive or: one call less than by and not
            np.bitwise_and(runs, m, own)
            np.bitwise_xor(runs, own, aborts)
            np.bitwise_xor(m, own, fresh)
            np.bitwise_and(fresh, ready, fresh)
            np.bitwise_and(own, ok, succeeds)
            np.bitwise_and(own, go, goes_on)
            np.bitwise_xor(own, goes_on, own)
            np.bitwise_or(fresh, goes_on, runs)
            np.bitwise_or(runs, succeeds, fresh)
            np.bitwise_xor(m, fresh, fails)

        return step

    def _finish(self, node: int, m: Words, s: Words, other: Words, one: int, two: int, rest: int) -> Step:
        rows = self.block.planes[4 * node : 4 * node + 4]
        runs, aborts, first, second, third = rows[R], rows[A], rows[one], rows[two], rows[rest]
        spare = self.spare[0]

        def step(_now: int) -> None:
            np.bitwise_not(m, spare)
            np.bitwise_and(runs, spare, aborts)
            np.bitwise_or(s, other, spare)
            np.copyto(first, s)
            np.copyto(second, other)
            np.bitwise_not(spare, spare)
            np.bitwise_and(m, spare, third)

        return step

    def _kill(self, first: int, last: int, m: Words) -> Step:
        rows = self.block.planes[4 * first : 4 * last].reshape(last - first, 4, -1)

        def step(_now: int) -> None:
            if m.any():
                rows[:, A] |= (rows[:, R] | rows[:, S] | rows[:, F]) & m
                rows[:, :A] &= ~m

        return step

    def _count(self, row: list[int]) -> Step:
        _, to, first, bits, inc, zero, k = row
        target = int(self.block.program.constants[k])
        planes = self.block.planes[~first : ~first + bits]
        full, carry, fresh = self._at(to), self._at(inc), self._at(zero)
        wanted = np.array([(target >> bit) & 1 for bit in range(bits)], np.bool_)

        def step(_now: int) -> None:
            if fresh.any():
                np.bitwise_and(planes, ~fresh, planes)
            if not carry.any():
                full[:] = 0
                return
            over = carry.copy()
            for counted in planes:
                over, counted[:] = over & counted, over ^ counted
            full[:] = np.bitwise_and.reduce(np.where(wanted[:, None], planes, ~planes), axis=0)

        return step

    def _set(self, timer: int, m: Words, node: int) -> Step:
        deadline = self.block.deadlines[timer]
        least, extra = self.block.program.spans[timer].tolist()

        def step(now: int) -> None:
            if not m.any():
                return
            places = np.flatnonzero(np.unpackbits(m.view(np.uint8), bitorder="little"))
            deadline[places] = now + least
            if extra:
                deadline[places] += (self._drawn(places, node, now) % np.uint64(extra + 1)).astype(np.int64)

        return step

    def _drawn(self, places: NDArray[np.int64], node: int, now: int) -> Words:
        return all_drawn(self.streams[self.block.characters[places]], node, now)

    def _draw(self, to: Words, node: int, m: Words, low: int, high: int) -> Step:
        ends = self.block.program.constants
        first, last = np.uint64(ends[low]), np.uint64(ends[high])

        def step(now: int) -> None:
            to[:] = 0
            if not m.any():
                return
            flags = np.unpackbits(m.view(np.uint8), bitorder="little").view(np.bool_)
            places = np.flatnonzero(flags)
            share = self._drawn(places, node, now) >> np.uint64(32)
            flags[places] = (share >= first) & (share < last)
            to[:] = packed_bits(flags)

        return step

    def _clear(self, timer: int, m: Words) -> Step:
        deadline = self.block.deadlines[timer]

        def step(_now: int) -> None:
            if m.any():
                deadline[np.unpackbits(m.view(np.uint8), bitorder="little").view(np.bool_)] = 0

        return step

    def _due(self, to: Words, timer: int, m: Words) -> Step:
        deadline = self.block.deadlines[timer]

        def step(now: int) -> None:
            np.bitwise_and(packed_bits(deadline <= now), m, to)

        return step


def _bound(call: Callable[..., object], a: Words, b: Words, to: Words) -> Step:
    def step(_now: int) -> None:
        call(a, b, to)

    return step
