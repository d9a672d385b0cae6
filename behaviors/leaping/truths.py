"""Owns running formulas and looking by them: the numba form of `Triggers.look` and `Conditions.look`. Needs numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.jit import Bytes, Ints, jit
from behaviors.leaping.tables import Holding, Looks

Floats = NDArray[np.float64]


@jit
def compared(which: int, x: float, y: float) -> bool:
    """A comparison, in the order of the operations."""
    if which == 0:
        return x < y
    if which == 1:
        return x <= y
    if which == 2:
        return x > y
    if which == 3:
        return x >= y
    return x == y if which == 4 else x != y


@jit
def truth(rows: Ints, first: int, last: int, values: Floats, me: int, them: int, cell: int, stack: Floats) -> bool:
    """Whether the formula of rows `first` to `last` holds. `cell` is the pair's place in a table of all pairs."""
    top, p = -1, first
    while p < last:
        op, a = rows[p, 0], rows[p, 1]
        if op >= 32:
            load = (op - 32) >> 3
            place = a + (0 if load == 0 else me if load == 1 else them if load == 2 else cell)
            top += 1
            stack[top] = 1.0 if compared((op - 32) & 7, values[place], values[rows[p, 2]]) else 0.0
            p += 1
            continue
        p += 1
        if op <= 3:
            top += 1
            stack[top] = values[a + (0 if op == 0 else me if op == 1 else them if op == 2 else cell)]
        elif op <= 15:
            y = stack[top]
            top -= 1
            x = stack[top]
            if op <= 7:
                stack[top] = x + y if op == 4 else x - y if op == 5 else x * y if op == 6 else x / y
            elif op <= 13:
                stack[top] = 1.0 if compared(op - 8, x, y) else 0.0
            else:
                stack[top] = min(x, y) if op == 14 else max(x, y)
        elif op == 16:
            stack[top] = -stack[top]
        elif op == 17:
            stack[top] = 1.0 if stack[top] == 0.0 else 0.0
        elif op == 18:
            stack[top] = abs(stack[top])
        elif op == 19:
            stack[top] = 0.0 if stack[top] == 0.0 else 1.0
        elif op == 20:
            if stack[top] == 0.0:
                p = a
            else:
                top -= 1
        elif stack[top] != 0.0:
            stack[top] = 1.0
            p = a
        else:
            top -= 1
    return bool(stack[0] != 0.0)


@jit
def held(
    rows: Ints, plan: Ints, slot: int, within: float, values: Floats, me: int, subject: int, on: bool, stack: Floats
) -> bool:
    """Whether a slot's trigger holds for a pair in reach; `on`: whether a running action may go on, by its release."""
    count, subjects, metres = plan[slot, 11], plan[slot, 12], plan[slot, 13]
    if subject < 0 or (subject >= count and plan[slot, 3]):
        return False
    cell = me * subjects + subject
    if not values[metres + cell] <= within:
        return False
    them = subject if subject < count else 0
    if on and plan[slot, 6] < plan[slot, 7]:
        return not truth(rows, plan[slot, 6], plan[slot, 7], values, me, them, cell, stack)
    return truth(rows, plan[slot, 4], plan[slot, 5], values, me, them, cell, stack)


@jit
def choose(
    rows: Ints,
    plan: Ints,
    slot: int,
    within: float,
    values: Floats,
    me: int,
    candidate: Ints,
    first: int,
    last: int,
    reach: Floats,
    stack: Floats,
) -> int:
    """The nearest candidate that fits, the first of equals, or -1; for `all`, `reach` gets the metres of each."""
    if plan[slot, 8] < plan[slot, 9] and not truth(rows, plan[slot, 8], plan[slot, 9], values, me, 0, 0, stack):
        return -1
    # a trigger that asks nothing of the bearer has been answered
    answered = plan[slot, 8] == plan[slot, 4] and plan[slot, 9] == plan[slot, 5]
    row = plan[slot, 10]
    metres_of = plan[slot, 13] + me * plan[slot, 12]
    best, found = np.inf, -1
    for place in range(first, last):
        subject = candidate[place]
        metres = values[metres_of + subject]
        if row >= 0:
            fits = subject != me and held(rows, plan, slot, within, values, me, subject, False, stack)
            metres = metres if fits else np.inf
            reach[row, place - first] = metres
            if metres < best:
                best, found = metres, subject
        elif (
            metres < best
            and metres <= within
            and subject != me
            and (answered or held(rows, plan, slot, within, values, me, subject, False, stack))
        ):
            best, found = metres, subject
    return found


@jit
def look(
    looks: Looks,
    values: Floats,
    pointed: Ints,
    speaker: Ints,
    target: Ints,
    running: Bytes,
    holding: Holding,
    ready: Bytes,
    holds: Bytes,
    chosen: Ints,
    reach: Floats,
    stack: Floats,
) -> None:
    """Fill `ready`, `holds`, `chosen` (S,) as `Triggers.look`. `pointed` (c + 1, n) who gave most of each emotion."""
    # unpacked once: every use of a table's array would count its references
    rows, plan, within = looks.rows, looks.plan, looks.within
    first, candidate = looks.first, looks.candidate
    bearer, start, several = holding.bearer, holding.first, holding.several
    for slot in range(len(running)):
        me, who, named = plan[slot, 0], plan[slot, 1], plan[slot, 2]
        may, on = False, False
        if running[slot]:
            if who == 5:
                for place in range(start[slot], start[slot + 1]):
                    if held(rows, plan, slot, within[slot], values, me, several[place], True, stack):
                        on = True
                        break
            else:
                subject = me if who == 0 else named if who == 1 else bearer[slot]
                on = held(rows, plan, slot, within[slot], values, me, subject, True, stack)
        elif who >= 5:
            low, high = first[slot], first[slot + 1]
            found = choose(rows, plan, slot, within[slot], values, me, candidate, low, high, reach, stack)
            may = found >= 0
            chosen[slot] = found
        else:
            subject = me
            if who == 1:
                subject = named
            elif who == 2:
                subject = pointed[named, me]
            elif who == 3:
                subject = speaker[me]
            elif who == 4:
                subject = target[me]
            chosen[slot] = subject
            may = held(rows, plan, slot, within[slot], values, me, subject, False, stack)
        ready[slot] = 1 if may else 0
        holds[slot] = 1 if on else 0


@jit
def examine(looks: Looks, values: Floats, holds: Bytes, stack: Floats) -> None:
    """Fill `holds` (C,) as `Conditions.look`."""
    rows, asked = looks.rows, looks.asked
    for row in range(len(holds)):
        holds[row] = truth(rows, asked[row, 1], asked[row, 2], values, asked[row, 0], 0, 0, stack)
