"""Owns the numba form of the operations: one kernel, the tree is data, a block of words that fits the cache at a time.

Import this module only through `behaviors.compiled.warming`: it needs numba. All kernels are strict, run without the
interpreter's lock, and write nothing but the arrays they are given.
"""

from __future__ import annotations

import numpy as np

from behaviors.compiled.clocks import draw, draw_longer, due, set_deadline
from behaviors.compiled.intake import take_conditions, take_in
from behaviors.compiled.intrinsics import lowest, ones
from behaviors.compiled.jit import NOTHING, ONE, WORD, Bytes, Ints, Longs, Words, jit
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


@jit
def rank(scratch: Words, which: int, i: int, bit: np.uint64, leaf: int, leaves: int) -> int:
    """How many events of word i come before that of a leaf of the character at `bit`, in the order of slots."""
    below = (ONE << bit) - ONE
    so_far = below | (ONE << bit)
    total = NOTHING
    for each in range(leaves):
        total += ones(scratch[2 + PER_LEAF * each + which, i] & (so_far if each < leaf else below))
    return int(total)


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
        low = (lo + i) * WORD
        started = NOTHING
        for leaf in range(len(leaves)):
            row = 2 + PER_LEAF * leaf
            bits = scratch[row + READY, i]
            while bits != NOTHING:
                bit = lowest(bits)
                bits &= bits - ONE
                place = slot[low + np.int64(bit)] + leaf
                begun[sizes[0] + rank(scratch, READY, i, bit, leaf, len(leaves))] = place
                running[place] = 1
            bits = scratch[row + OLD, i]
            while bits != NOTHING:
                bit = lowest(bits)
                bits &= bits - ONE
                place = slot[low + np.int64(bit)] + leaf
                over[sizes[1] + rank(scratch, OLD, i, bit, leaf, len(leaves))] = place
                running[place] = 0
                code = np.uint64(reported[place])
                if code == NOTHING:
                    left = PARENT_ENDED - ((started >> bit) & ONE)
                    code = TRIGGER_LOST if (scratch[row + OWN, i] >> bit) & ONE else left
                ended[place] = code
            started |= scratch[row + READY, i]
        for leaf in range(len(leaves)):
            sizes[0] += np.int64(ones(scratch[2 + PER_LEAF * leaf + READY, i]))
            sizes[1] += np.int64(ones(scratch[2 + PER_LEAF * leaf + OLD, i]))


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
    running: Bytes,
    ended: Bytes,
    begun: Ints,
    over: Ints,
    sizes: Longs,
) -> None:
    """One tick of the characters of one program in the words `first` to `last`; `sizes` grow by what changed."""
    step = scratch.shape[1]
    for lo in range(first, last, step):
        n = min(step, last - lo)
        for i in range(n):
            scratch[1, i] = everyone[lo + i]
        take_in(scratch, lo, n, slot, len(leaves), ready, holds, reported)
        take_conditions(scratch, 2 + PER_LEAF * len(leaves), lo, n, condition, conditions, examined)
        for leaf in range(len(leaves)):
            for i in range(n):
                scratch[2 + PER_LEAF * leaf + OLD, i] = planes[4 * leaves[leaf], lo + i]
        operate(ops, constants, spans, planes, deadlines, scratch, who, streams, now, lo, n)
        give_out(planes, scratch, leaves, slot, reported, running, ended, begun, over, sizes, lo, n)
