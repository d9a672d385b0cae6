"""Owns running formulas and looking by them: the numba form of `Triggers.look` and `Conditions.look`. Needs numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from behaviors.compiled.jit import Bytes, Ints, jit
from behaviors.leaping.tables import Holding, Looks

Floats = NDArray[np.float64]


@jit
def truth(rows: Ints, first: int, last: int, values: Floats, me: int, them: int, cell: int, stack: Floats) -> bool:
    """Whether the formula of rows `first` to `last` holds. `cell` is the pair's place in a table of all pairs."""
    top, p = -1, first
    while p < last:
        op, a = rows[p, 0], rows[p, 1]
        p += 1
        if op <= 3:
            top += 1
            place = a + (0 if op == 0 else me if op == 1 else them if op == 2 else cell)
            stack[top] = values[place]
        elif op <= 15:
            y = stack[top]
            top -= 1
            x = stack[top]
            if op <= 7:
                stack[top] = x + y if op == 4 else x - y if op == 5 else x * y if op == 6 else x / y
            elif op == 8:
                stack[top] = 1.0 if x < y else 0.0
            elif op == 9:
                stack[top] = 1.0 if x <= y else 0.0
            elif op == 10:
                stack[top] = 1.0 if x > y else 0.0
            elif op == 11:
                stack[top] = 1.0 if x >= y else 0.0
            elif op == 12:
                stack[top] = 1.0 if x == y else 0.0
            elif op == 13:
                stack[top] = 1.0 if x != y else 0.0
            elif op == 14:
                stack[top] = min(x, y)
            else:
                stack[top] = max(x, y)
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
    return stack[0] != 0.0


@jit
def fits(looks: Looks, formula: int, values: Floats, rule: int, me: int, subject: int, stack: Floats) -> bool:
    """Whether a formula of a rule holds for a pair, within the rule's reach."""
    if subject < 0 or (subject >= looks.count and looks.people[rule]):
        return False
    cell = me * looks.subjects + subject
    if not values[looks.metres + cell] <= looks.within[rule]:
        return False
    them = subject if subject < looks.count else 0
    return truth(looks.rows, looks.starts[formula], looks.starts[formula + 1], values, me, them, cell, stack)


@jit
def goes_on(looks: Looks, values: Floats, rule: int, me: int, subject: int, stack: Floats) -> bool:
    """Whether a running action may go on with this bearer."""
    release = looks.release[rule]
    if release < 0:
        return fits(looks, looks.trigger[rule], values, rule, me, subject, stack)
    if subject < 0 or (subject >= looks.count and looks.people[rule]):
        return False
    cell = me * looks.subjects + subject
    if not values[looks.metres + cell] <= looks.within[rule]:
        return False
    them = subject if subject < looks.count else 0
    return not truth(looks.rows, looks.starts[release], looks.starts[release + 1], values, me, them, cell, stack)


@jit
def choose(
    looks: Looks, values: Floats, slot: int, rule: int, me: int, chosen: Ints, reach: Floats, stack: Floats
) -> bool:
    """Find the nearest candidate of a rule with `nearest` or `all`; `reach` gets the metres of all that fit."""
    alone = looks.alone[rule]
    if alone >= 0 and not truth(
        looks.rows, looks.starts[alone], looks.starts[alone + 1], values, me, 0, me * looks.subjects, stack
    ):
        return False
    row = looks.row[slot]
    best, found = np.inf, -1
    for place in range(looks.first[rule], looks.first[rule + 1]):
        subject = looks.candidate[place]
        metres = np.inf
        if subject != me and fits(looks, looks.trigger[rule], values, rule, me, subject, stack):
            metres = values[looks.metres + me * looks.subjects + subject]
        if row >= 0:
            reach[row, place - looks.first[rule]] = metres
        if metres < best:
            best, found = metres, subject
    if found >= 0:
        chosen[slot] = found
    return found >= 0


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
    for slot in range(len(running)):
        rule, me = looks.rule[slot], looks.character[slot]
        who = looks.who[rule]
        may, on = False, False
        if running[slot]:
            if who == 5:
                for place in range(holding.first[slot], holding.first[slot + 1]):
                    if goes_on(looks, values, rule, me, holding.several[place], stack):
                        on = True
                        break
            elif who <= 1:
                on = goes_on(looks, values, rule, me, me if who == 0 else looks.named[rule], stack)
            else:
                on = goes_on(looks, values, rule, me, holding.bearer[slot], stack)
        elif who <= 1:
            subject = me if who == 0 else looks.named[rule]
            chosen[slot] = subject
            may = fits(looks, looks.trigger[rule], values, rule, me, subject, stack)
        elif who >= 5:
            may = choose(looks, values, slot, rule, me, chosen, reach, stack)
        else:
            if who == 2:
                subject = pointed[looks.named[rule], me]
            elif who == 3:
                subject = speaker[me]
            else:
                subject = target[me]
            chosen[slot] = subject
            may = fits(looks, looks.trigger[rule], values, rule, me, subject, stack)
        ready[slot] = 1 if may else 0
        holds[slot] = 1 if on else 0


@jit
def examine(looks: Looks, values: Floats, holds: Bytes, stack: Floats) -> None:
    """Fill `holds` (C,) as `Conditions.look`."""
    for row in range(len(holds)):
        formula = looks.condition[row]
        me = looks.owner[row]
        holds[row] = truth(looks.rows, looks.starts[formula], looks.starts[formula + 1], values, me, 0, 0, stack)
