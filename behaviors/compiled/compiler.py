"""Owns the compiler: the meaning of each form as operations, a node in terms of its children.

`visit(out, twig, m)` ticks a node where m; then the answer is in the node's planes. Until then these are the last
tick's: the plane R of a node that is not finished yet says where it ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from behaviors import trees
from behaviors.chance import bounds
from behaviors.compiled.emitter import Emitter, packed
from behaviors.compiled.program import ALL, ZERO, F, Op, Program, R, S, leaf_row, plane
from behaviors.errors import FormError
from behaviors.forms import condition_of, span_of
from behaviors.trees import Modifier


@dataclass(slots=True)
class Twig:
    """A node on its way into the program: its form, its row, and the row after its sub-tree."""

    form: trees.Node
    row: int
    end: int
    leaf: int
    condition: int
    below: list[Twig]


def number(root: trees.Node) -> list[Twig]:
    """All nodes in pre-order, with their leaves and conditions counted."""
    twigs: list[Twig] = []
    leaves, conditions = 0, 0

    def grow(form: trees.Node) -> Twig:
        nonlocal leaves, conditions
        twig = Twig(form, len(twigs), 0, -1, -1, [])
        twigs.append(twig)
        if isinstance(form, trees.Leaf):
            twig.leaf, leaves = leaves, leaves + 1
        if condition_of(form) is not None:
            twig.condition, conditions = conditions, conditions + 1
        twig.below = [grow(child) for child in trees.children(form)]
        twig.end = len(twigs)
        return twig

    grow(root)
    return twigs


def compile_tree(root: trees.Node) -> Program:
    """The program of a checked tree. The same tree gives the same program."""
    twigs = number(root)
    leaves = [twig.row for twig in twigs if twig.leaf >= 0]
    conditions = sum(1 for twig in twigs if twig.condition >= 0)
    out = Emitter(len(leaves), conditions, 4 * len(twigs))
    visit(out, twigs[0], ALL)
    out.close()
    scratch, ops = packed(out)
    return Program(
        ops=ops,
        constants=np.array(out.constants, np.int64),
        spans=np.array(out.spans, np.int64).reshape(-1, 2),
        leaves=np.array(leaves, np.int32),
        nodes=len(twigs),
        conditions=conditions,
        planes=out.planes,
        scratch=scratch,
        keepers=tuple(out.keepers),
    )


def visit(out: Emitter, twig: Twig, m: int) -> None:
    """Add the operations of a node and all below it."""
    match twig.form:
        case trees.Foreign(name=name):
            raise FormError("foreign", f"`{name}` is a py_trees behaviour, not ours", "use the reference executor")
        case trees.Leaf():
            out.emit(Op.LEAF, twig.row, twig.leaf, m)
        case trees.Sequence():
            _sequence(out, twig, m)
        case trees.Selector():
            _selector(out, twig, m)
        case trees.Choose(weights=weights):
            _choose(out, twig, m, weights)
        case trees.Filter():
            _through(out, twig, m, out.both(m, _condition(out, twig)))
        case trees.Parallel(succeed=succeed):
            _parallel(out, twig, m, succeed)
        case trees.Repeat():
            _repeat(out, twig, twig.form, m)
        case trees.Modify():
            MODIFIERS[twig.form.modifier](out, twig, m, twig.form.value)


def _condition(out: Emitter, twig: Twig) -> int:
    return leaf_row(out.leaves, 0) + twig.condition


def _through(out: Emitter, twig: Twig, m: int, open_: int) -> None:
    """The child's answer where `open_`, FAILURE elsewhere."""
    child = twig.below[0]
    visit(out, child, open_)
    out.emit(Op.FINISH_R, twig.row, m, plane(child.row, S), plane(child.row, R))


def _sequence(out: Emitter, twig: Twig, m: int) -> None:
    reached = out.but(m, plane(twig.row, R))
    for child in twig.below:
        visit(out, child, out.either(reached, out.both(m, plane(child.row, R))))
        reached = plane(child.row, S)
    failed = reduce(out.either, [plane(child.row, F) for child in twig.below])
    out.emit(Op.FINISH_F, twig.row, m, reached, failed)


def _selector(out: Emitter, twig: Twig, m: int) -> None:
    reached = m
    for child in twig.below:
        visit(out, child, reached)
        reached = plane(child.row, F)
    succeeded = reduce(out.either, [plane(child.row, S) for child in twig.below])
    out.emit(Op.FINISH_F, twig.row, m, succeeded, reached)


def _choose(out: Emitter, twig: Twig, m: int, weights: tuple[float, ...]) -> None:
    fresh = out.but(m, plane(twig.row, R))
    low = out.constant(0)
    for child, end in zip(twig.below, bounds(weights), strict=True):
        high = out.constant(end)
        chosen = out.value(Op.DRAW, twig.row, fresh, low, high)
        visit(out, child, out.either(chosen, out.both(m, plane(child.row, R))))
        low = high
    succeeded = reduce(out.either, [plane(child.row, S) for child in twig.below])
    failed = reduce(out.either, [plane(child.row, F) for child in twig.below])
    out.emit(Op.FINISH_F, twig.row, m, succeeded, failed)


def _parallel(out: Emitter, twig: Twig, m: int, succeed: str | int) -> None:
    below = twig.below
    ran = ZERO if succeed == "one" else out.both(m, plane(twig.row, R))
    for child in below:
        done = out.both(ran, plane(child.row, S))
        visit(out, child, out.but(m, done))
        if done != ZERO:
            out.emit(Op.OR, plane(child.row, S), plane(child.row, S), done)
    failed = reduce(out.either, [plane(child.row, F) for child in below])
    if isinstance(succeed, int):
        enough = plane(below[succeed].row, S)
    else:
        enough = reduce(out.both if succeed == "all" else out.either, [plane(child.row, S) for child in below])
    succeeded = out.but(enough, failed)
    over = out.either(succeeded, failed)
    for child in below:
        out.emit(Op.KILL, child.row, child.end, out.both(over, plane(child.row, R)))
    out.emit(Op.FINISH_F, twig.row, m, succeeded, failed)


def _repeat(out: Emitter, twig: Twig, form: trees.Repeat, m: int) -> None:
    child = twig.below[0]
    succeeded, failed = plane(child.row, S), plane(child.row, F)
    fresh = out.but(m, plane(twig.row, R)) if form.times is not None else ZERO
    visit(out, child, m)
    if form.until is not None:
        out.emit(Op.FINISH_F, twig.row, m, succeeded if form.until == "success" else failed, ZERO)
    elif form.times is None:
        out.emit(Op.FINISH_F, twig.row, m, ZERO, failed)
    else:
        full = out.count(twig.row, form.times, succeeded, fresh)
        out.emit(Op.FINISH_F, twig.row, m, out.both(succeeded, full), failed)


def _invert(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    visit(out, child, m)
    out.emit(Op.FINISH_F, twig.row, m, plane(child.row, F), plane(child.row, S))


def _force_success(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    visit(out, child, m)
    out.emit(Op.FINISH_F, twig.row, m, out.but(m, plane(child.row, R)), ZERO)


def _force_failure(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    visit(out, child, m)
    out.emit(Op.FINISH_R, twig.row, m, ZERO, plane(child.row, R))


def _retry(out: Emitter, twig: Twig, m: int, times: float) -> None:
    child = twig.below[0]
    fresh = out.but(m, plane(twig.row, R))
    visit(out, child, m)
    full = out.count(twig.row, int(times), plane(child.row, F), fresh)
    out.emit(Op.FINISH_F, twig.row, m, plane(child.row, S), out.both(plane(child.row, F), full))


def _once(out: Emitter, twig: Twig, m: int, _: float) -> None:
    first, _bits = out.counter(twig.row, 1)
    _through(out, twig, m, out.but(m, ~first))
    out.emit(Op.OR, ~first, ~first, plane(twig.row, S))


def _guard(out: Emitter, twig: Twig, m: int, _: float) -> None:
    _through(out, twig, m, out.both(m, out.either(_condition(out, twig), plane(twig.row, R))))


def _timer(out: Emitter, twig: Twig) -> int:
    assert isinstance(twig.form, trees.Modify)
    return out.timer(twig.row, span_of(twig.form))


def _started_timer(out: Emitter, twig: Twig, m: int) -> int:
    """A timer that starts when the node is entered, and is there as long as it runs."""
    timer = _timer(out, twig)
    ran = out.value(Op.COPY, plane(twig.row, R))
    fresh = out.but(m, ran)
    out.emit(Op.SET, timer, fresh, twig.row)
    out.timed.append((timer, twig.row, out.either(ran, fresh)))
    return timer


def _timeout(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    timer = _started_timer(out, twig, m)
    visit(out, child, m)
    up = out.value(Op.DUE, timer, out.both(plane(child.row, R), plane(twig.row, R)))
    out.emit(Op.KILL, child.row, child.end, up)
    out.emit(Op.FINISH_R, twig.row, m, plane(child.row, S), plane(child.row, R))


def _cooldown(out: Emitter, twig: Twig, m: int, _: float) -> None:
    timer = _timer(out, twig)
    ran = out.value(Op.COPY, plane(twig.row, R))
    rested = out.value(Op.DUE, timer, out.but(m, ran))
    _through(out, twig, m, out.either(rested, out.both(m, ran)))
    succeeded = out.value(Op.COPY, plane(twig.row, S))
    out.cooling.append((timer, twig.row, ran, succeeded))


def _delay(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    timer = _started_timer(out, twig, m)
    visit(out, child, out.value(Op.DUE, timer, out.both(m, plane(twig.row, R))))
    out.emit(Op.FINISH_F, twig.row, m, plane(child.row, S), plane(child.row, F))


MODIFIERS = {
    Modifier.INVERT: _invert,
    Modifier.FORCE_SUCCESS: _force_success,
    Modifier.FORCE_FAILURE: _force_failure,
    Modifier.RETRY: _retry,
    Modifier.ONCE: _once,
    Modifier.GUARD: _guard,
    Modifier.TIMEOUT: _timeout,
    Modifier.COOLDOWN: _cooldown,
    Modifier.DELAY: _delay,
}
