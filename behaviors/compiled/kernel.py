"""Owns the numba form of the operations: one kernel, the tree is data, a block of words that fits the cache at a time.

Import this module only through `behaviors.compiled.warming`: it needs numba. All kernels are strict, run without the
interpreter's lock, and write nothing but the arrays they are given.
"""

from __future__ import annotations

import numpy as np

from behaviors.compiled.clocks import draw, draw_longer, due, set_deadline
from behaviors.compiled.intake import take_conditions, take_in
from behaviors.compiled.intrinsics import lowest, ones
from behaviors.compiled.jit import NOTHING, ONE, WORD, Bytes, Ints, Longs, Words, jit, jit_within
from behaviors.compiled.program import GO, OK, OLD, OWN, PER_LEAF, READY
from behaviors.executor import Ended

TRIGGER_LOST, PARENT_ENDED = np.uint64(Ended.TRIGGER_LOST), np.uint64(Ended.PARENT_ENDED)


@jit
def leaf_form(planes: Words, node: int, scratch: Words, row: int, m: Words, lo: int, n: int) -> None:
    """The table of a leaf."""
    runs, succeeds, fails, aborts = planes[4 * node], planes[4 * node + 1], planes[4 * node + 2], planes[4 * node + 3]
    ready, go, ok, own = scratch[row + READY], scratch[row + GO], scratch[row + OK], scratch[row + OWN]
    for i in range(n):
        here = m[i]
        ran = runs[lo + i]
        stays = here & ran & go[i]
        good = here & ran & ok[i]
        after = stays | (here & ~ran & ready[i])
        runs[lo + i] = after
        succeeds[lo + i] = good
        fails[lo + i] = here & ~(after | good)
        aborts[lo + i] = ran & ~here
        own[i] = here & ran & ~stays


@jit
def finish(planes: Words, node: int, m: Words, s: Words, second: Words, fails: bool, lo: int, n: int) -> None:
    """FINISH_F if `fails`, else FINISH_R."""
    runs, one = planes[4 * node], planes[4 * node + 1]
    two = planes[4 * node + 2]
    aborts = planes[4 * node + 3]
    for i in range(n):
        here = m[i]
        ran = runs[lo + i]
        good = s[i]
        other = second[i]
        rest = here & ~(good | other)
        one[lo + i] = good
        two[lo + i] = other if fails else rest
        runs[lo + i] = rest if fails else other
        aborts[lo + i] = ran & ~here


@jit
def kill(planes: Words, first: int, last: int, m: Words, lo: int, n: int) -> None:
    """KILL."""
    some = NOTHING
    for i in range(n):
        some |= m[i]
    if some == NOTHING:
        return
    for node in range(first, last):
        runs, succeeds = planes[4 * node], planes[4 * node + 1]
        fails, aborts = planes[4 * node + 2], planes[4 * node + 3]
        for i in range(n):
            w = lo + i
            aborts[w] |= (runs[w] | succeeds[w] | fails[w]) & m[i]
            runs[w] &= ~m[i]
            succeeds[w] &= ~m[i]
            fails[w] &= ~m[i]


@jit
def count_up(
    planes: Words, first: int, bits: int, full: Words, inc: Words, zero: Words, target: int, lo: int, n: int
) -> None:
    """COUNT."""
    for i in range(n):
        over, fresh = inc[i], zero[i]
        if (over | fresh) == NOTHING:
            full[i] = NOTHING
            continue
        equal = ~NOTHING
        for bit in range(bits):
            counted = planes[first + bit, lo + i] & ~fresh
            now = counted ^ over
            over &= counted
            planes[first + bit, lo + i] = now
            equal &= now if (target >> bit) & 1 else ~now
        full[i] = equal


@jit
def operate(
    ops: Ints,
    constants: Longs,
    spans: Longs,
    planes: Words,
    deadlines: Longs,
    scratch: Words,
    who: Ints,
    streams: Words,
    now: int,
    lo: int,
    n: int,
) -> None:
    """All operations of a program on words lo to lo + n."""
    for p in range(ops.shape[0]):
        op = ops[p, 0]
        a, b, c, d, e = ops[p, 1], ops[p, 2], ops[p, 3], ops[p, 4], ops[p, 5]
        if op <= 3:
            to = scratch[a, :n] if a >= 0 else planes[~a, lo : lo + n]
            x = scratch[b, :n] if b >= 0 else planes[~b, lo : lo + n]
            if op == 3:
                for i in range(n):
                    to[i] = x[i]
                continue
            y = scratch[c, :n] if c >= 0 else planes[~c, lo : lo + n]
            if op == 0:
                for i in range(n):
                    to[i] = x[i] & y[i]
            elif op == 1:
                for i in range(n):
                    to[i] = x[i] | y[i]
            else:
                for i in range(n):
                    to[i] = x[i] & ~y[i]
        elif op == 4:
            leaf_form(planes, a, scratch, 2 + PER_LEAF * b, scratch[c] if c >= 0 else planes[~c, lo:], lo, n)
        elif op <= 6:
            finish(
                planes,
                a,
                scratch[b] if b >= 0 else planes[~b, lo:],
                scratch[c] if c >= 0 else planes[~c, lo:],
                scratch[d] if d >= 0 else planes[~d, lo:],
                op == 5,
                lo,
                n,
            )
        elif op == 7:
            kill(planes, a, b, scratch[c] if c >= 0 else planes[~c, lo:], lo, n)
        elif op == 8:
            inc = scratch[d] if d >= 0 else planes[~d, lo:]
            zero = scratch[e] if e >= 0 else planes[~e, lo:]
            count_up(planes, ~b, c, scratch[a], inc, zero, constants[ops[p, 6]], lo, n)
        elif op == 9:
            m = scratch[b] if b >= 0 else planes[~b, lo:]
            set_deadline(deadlines[a], m, now + spans[a, 0], lo, n)
            if spans[a, 1] > 0:
                draw_longer(deadlines[a], m, spans[a, 1], c, now, who, streams, lo, n)
        elif op == 10:
            set_deadline(deadlines[a], scratch[b] if b >= 0 else planes[~b, lo:], 0, lo, n)
        elif op == 12:
            for row in range(a, b):
                for i in range(lo, lo + n):
                    planes[row, i] &= planes[4 * c, i]
        elif op == 13:
            m = scratch[c] if c >= 0 else planes[~c, lo:]
            draw(scratch[a], b, m, constants[d], constants[e], now, who, streams, lo, n)
        else:
            due(scratch[a], deadlines[b], scratch[c] if c >= 0 else planes[~c, lo:], now, lo, n)


@jit_within
def stack(scratch: Words, which: int, to: int, i: int, leaves: int) -> int:
    """Lay the events of word i upon each other: the rows `to` of leaves 0, 1, ... become who has one, two, ... of them.

    Returns how many of these rows are not empty.
    """
    deep = 0
    for leaf in range(leaves):
        more = scratch[2 + PER_LEAF * leaf + which, i]
        level = 0
        while more != NOTHING:
            row = 2 + PER_LEAF * level + to
            if level == deep:
                scratch[row, i] = NOTHING
                deep += 1
            again = scratch[row, i] & more
            scratch[row, i] |= more
            more = again
            level += 1
    return deep


@jit_within
def rank(
    scratch: Words, which: int, to: int, deep: int, one: np.uint64, two: np.uint64, i: int, bit: np.uint64, leaf: int
) -> np.uint64:
    """How many events of word i come before that of a leaf of the character at `bit`, in the order of slots.

    `one`, `two`: who has that many at least, the first rows of `stack`.
    """
    below = (ONE << bit) - ONE
    total = ones(one & below)
    if deep > 1:
        total += ones(two & below)
        for level in range(2, deep):
            total += ones(scratch[2 + PER_LEAF * level + to, i] & below)
        if (two >> bit) & ONE:
            for each in range(leaf):
                total += (scratch[2 + PER_LEAF * each + which, i] >> bit) & ONE
    return total


@jit
def give_out(
    planes: Words,
    scratch: Words,
    leaves: Ints,
    slot: Ints,
    reported: Bytes,
    running: Bytes,
    ended: Bytes,
    begun: Ints,
    over: Ints,
    sizes: Longs,
    lo: int,
    n: int,
) -> None:
    """What changed in a block: slots begun and over, by character, and why. `sizes` are how many of each so far."""
    starts, stops = np.uint64(sizes[0]), np.uint64(sizes[1])
    for i in range(n):
        any_ = NOTHING
        for leaf in range(len(leaves)):
            row = 2 + PER_LEAF * leaf
            before, after = scratch[row + OLD, i], planes[4 * leaves[leaf], lo + i]
            scratch[row + READY, i] = after & ~before
            scratch[row + OLD, i] = before & ~after
            any_ |= before ^ after
        if any_ == NOTHING:
            continue
        low = np.uint64((lo + i) * WORD)
        started = NOTHING
        deep, deeper = stack(scratch, READY, GO, i, len(leaves)), stack(scratch, OLD, OK, i, len(leaves))
        one, two = scratch[2 + GO, i], scratch[2 + PER_LEAF + GO, i] if deep > 1 else NOTHING
        three, four = scratch[2 + OK, i], scratch[2 + PER_LEAF + OK, i] if deeper > 1 else NOTHING
        had_started, had_stopped = starts, stops
        for leaf in range(len(leaves)):
            row = 2 + PER_LEAF * leaf
            bits = scratch[row + READY, i]
            starts += ones(bits)
            while bits != NOTHING:
                bit = lowest(bits)
                bits &= bits - ONE
                place = np.uint64(slot[low + bit]) + np.uint64(leaf)
                begun[had_started + rank(scratch, READY, GO, deep, one, two, i, bit, leaf)] = place
                running[place] = 1
            bits, own = scratch[row + OLD, i], scratch[row + OWN, i]
            stops += ones(bits)
            while bits != NOTHING:
                bit = lowest(bits)
                bits &= bits - ONE
                place = np.uint64(slot[low + bit]) + np.uint64(leaf)
                over[had_stopped + rank(scratch, OLD, OK, deeper, three, four, i, bit, leaf)] = place
                running[place] = 0
                told, left = np.uint64(reported[place]), PARENT_ENDED - ((started >> bit) & ONE)
                left = TRIGGER_LOST if (own >> bit) & ONE != NOTHING else left
                ended[place] = told if told != NOTHING else left
            started |= scratch[row + READY, i]
    sizes[0], sizes[1] = starts, stops


@jit
def tick(
    ops: Ints,
    constants: Longs,
    spans: Longs,
    leaves: Ints,
    conditions: int,
    planes: Words,
    deadlines: Longs,
    everyone: Words,
    slot: Ints,
    condition: Ints,
    who: Ints,
    streams: Words,
    scratch: Words,
    first: int,
    last: int,
    now: int,
    ready: Bytes,
    holds: Bytes,
    reported: Bytes,
    examined: Bytes,
    seen: Words,
    sights: int,
    room: Words,
    running: Bytes,
    ended: Bytes,
    begun: Ints,
    over: Ints,
    sizes: Longs,
) -> None:
    """One tick of the characters of one program in the words `first` to `last`; `sizes` grow by what changed.

    `sights`: 1, what triggers say is in the rows of `seen` already, `ready` and `holds` are not read; 2, so is what
    conditions say, for `examined`. The rows are those of `seeing.Seer`.
    """
    step = scratch.shape[1]
    for lo in range(first, last, step):
        n = min(step, last - lo)
        for i in range(n):
            scratch[1, i] = everyone[lo + i]
        if sights & 1:
            for leaf in range(len(leaves)):
                for i in range(n):
                    scratch[2 + PER_LEAF * leaf + READY, i] = seen[leaf, lo + i]
                    scratch[2 + PER_LEAF * leaf + GO, i] = seen[len(leaves) + leaf, lo + i]
        take_in(scratch, lo, n, slot, len(leaves), sights & 1 != 0, ready, holds, reported, room)
        if sights & 2:
            for each in range(conditions):
                for i in range(n):
                    scratch[2 + PER_LEAF * len(leaves) + each, i] = seen[2 * len(leaves) + each, lo + i]
        else:
            take_conditions(scratch, 2 + PER_LEAF * len(leaves), lo, n, condition, conditions, examined, room)
        for leaf in range(len(leaves)):
            for i in range(n):
                scratch[2 + PER_LEAF * leaf + OLD, i] = planes[4 * leaves[leaf], lo + i]
        operate(ops, constants, spans, planes, deadlines, scratch, who, streams, now, lo, n)
        give_out(planes, scratch, leaves, slot, reported, running, ended, begun, over, sizes, lo, n)
