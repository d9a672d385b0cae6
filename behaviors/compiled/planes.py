"""Owns the memory of a group of characters with trees of one shape: planes of bits, timers, and their plain form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.compiler import compile_tree
from behaviors.compiled.program import A, Keeper, Program
from behaviors.forest import Forest
from behaviors.rules import State
from behaviors.senses import Ints

Words = NDArray[np.uint64]
WORD = 64


def packed_bits(flags: NDArray[np.bool_]) -> Words:
    """Booleans as words, the first in the lowest bit; the last axis, a multiple of 64 long."""
    return np.packbits(flags, axis=-1, bitorder="little").view(np.uint64)


class Block:
    """Planes (P, W) of 64 characters a word, and deadlines (K, 64 W) in microseconds.

    `characters` (n,) ascending rows of the forest; `slot`, `condition`, `node` (n,) where each one's own begin. All but
    the shape of the tree is data: who has which rules does not matter here.
    """

    def __init__(self, forest: Forest, program: Program, characters: Ints) -> None:
        self.program = program
        self.characters = characters
        self.count = len(characters)
        self.words = -(-self.count // WORD)
        self.slot = forest.slot_start[characters].astype(np.int32)
        self.condition = forest.condition_start[characters].astype(np.int32)
        self.node = forest.node_start[characters]
        self.planes: Words = np.zeros((program.planes, self.words), np.uint64)
        self.deadlines = np.zeros((len(program.spans), self.words * WORD), np.int64)
        self.everyone: Words = packed_bits(np.arange(self.words * WORD) < self.count)

    @property
    def solid(self) -> bool:
        """Whether the characters follow each other in the forest with nothing between them."""
        return bool(self.slot[-1] - self.slot[0] == (self.count - 1) * len(self.program.leaves)) and bool(
            self.condition[-1] - self.condition[0] == (self.count - 1) * self.program.conditions
        )

    def bits(self, rows: Words) -> NDArray[np.uint8]:
        """Planes (..., W) as numbers 0 and 1 (..., n)."""
        loose = np.unpackbits(np.ascontiguousarray(rows).view(np.uint8), axis=-1, bitorder="little")
        return loose[..., : self.count]

    def words_of(self, flags: NDArray[np.bool_]) -> Words:
        """The reverse of `bits`."""
        padded = np.zeros((*flags.shape[:-1], self.words * WORD), np.bool_)
        padded[..., : self.count] = flags
        return packed_bits(padded)

    def write(self, status: NDArray[np.uint8], counter: NDArray[np.int64], deadline: NDArray[np.int64]) -> None:
        """Fill this group's rows of the plain columns of all nodes (`ExecutorState`)."""
        nodes = self.program.nodes
        rows = self.node[:, None] + np.arange(nodes)
        four = self.bits(self.planes[: 4 * nodes]).reshape(nodes, 4, self.count)
        codes = four[:, 0] | four[:, 1] << np.uint8(1) | four[:, 2] * np.uint8(3) | four[:, 3] << np.uint8(2)
        status[rows] = codes.T
        for keeper in self.program.keepers:
            (counter if keeper.bits else deadline)[self.node + keeper.node] = self._kept(keeper)

    def _kept(self, keeper: Keeper) -> NDArray[np.int64]:
        if not keeper.bits:
            return self.deadlines[keeper.plane, : self.count]
        bits = self.bits(self.planes[keeper.plane : keeper.plane + keeper.bits]).astype(np.int64)
        total: NDArray[np.int64] = np.zeros(self.count, np.int64)
        for place, row in enumerate(bits):
            total += row << place
        return total

    def read(self, status: NDArray[np.uint8], counter: NDArray[np.int64], deadline: NDArray[np.int64]) -> None:
        """Take this group's rows of the plain columns over: the reverse of `write`."""
        nodes = self.program.nodes
        codes = status[self.node[:, None] + np.arange(nodes)].T
        for which, state in enumerate((State.RUNNING, State.SUCCESS, State.FAILURE, State.ABORTED)):
            self.planes[which : 4 * nodes : 4] = self.words_of(codes == state)
        assert which == A
        for keeper in self.program.keepers:
            if keeper.bits:
                value = counter[self.node + keeper.node]
                for place in range(keeper.bits):
                    self.planes[keeper.plane + place] = self.words_of((value >> place & 1).astype(np.bool_))
            else:
                self.deadlines[keeper.plane, : self.count] = deadline[self.node + keeper.node]


def grouped(forest: Forest) -> list[Block]:
    """A block for each shape of tree, in the order in which they appear; characters without a tree are in none."""
    programs: dict[int, Program] = {}
    groups: dict[tuple[bytes, ...], tuple[Program, list[int]]] = {}
    for character, tree in enumerate(forest.trees):
        if tree is not None:
            if id(tree) not in programs:
                programs[id(tree)] = compile_tree(tree.root)
            program = programs[id(tree)]
            groups.setdefault(program.key, (program, []))[1].append(character)
    return [Block(forest, program, np.array(several, np.int32)) for program, several in groups.values()]


def compact(blocks: list[Block]) -> list[NDArray[np.generic]]:
    """The arrays of `Executor.columns` for a large cast."""
    return [array for block in blocks for array in (block.planes, block.deadlines)]
