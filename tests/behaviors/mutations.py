"""Faults put into the compiler and the operations one at a time: the comparison with py_trees must notice each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import reduce
from unittest.mock import patch

from behaviors.chance import bounds
from behaviors.compiled import CompiledExecutor, compiler
from behaviors.compiled.compiler import Twig, _condition, _started_timer, _through, _timer, visit
from behaviors.compiled.emitter import Emitter
from behaviors.compiled.program import ALL, ZERO, F, Op, R, S, plane
from behaviors.compiled.statement import Statement
from behaviors.forms import span_of
from behaviors.trees import Modifier, Modify, Repeat
from tests.behaviors.equality import compare_many

Fault = Callable[[ExitStack], object]


def form(name: str, replacement: Callable[..., None]) -> Fault:
    return lambda stack: stack.enter_context(patch.object(compiler, name, replacement))


def modifier(which: Modifier, replacement: Callable[..., None]) -> Fault:
    return lambda stack: stack.enter_context(patch.dict(compiler.MODIFIERS, {which: replacement}))


def without(op: Op) -> Fault:
    emit = Emitter.emit
    return lambda stack: stack.enter_context(
        patch.object(Emitter, "emit", lambda self, which, *rest: None if which is op else emit(self, which, *rest))
    )


def forgetful_sequence(out: Emitter, twig: Twig, m: int) -> None:
    reached = m
    for child in twig.below:
        visit(out, child, reached)
        reached = plane(child.row, S)
    failed = reduce(out.either, [plane(child.row, F) for child in twig.below])
    out.emit(Op.FINISH_F, twig.row, m, reached, failed)


def selector_that_ignores_the_last(out: Emitter, twig: Twig, m: int) -> None:
    reached = m
    for child in twig.below:
        visit(out, child, reached)
        reached = plane(child.row, F)
    out.emit(Op.FINISH_F, twig.row, m, plane(twig.below[0].row, S), reached)


def guard_examined_always(out: Emitter, twig: Twig, m: int, _: float) -> None:
    _through(out, twig, m, out.both(m, _condition(out, twig)))


def deaf_filter(out: Emitter, twig: Twig, m: int, open_: int) -> None:
    child = twig.below[0]
    visit(out, child, out.both(m, out.either(open_, plane(child.row, R))))
    out.emit(Op.FINISH_R, twig.row, m, plane(child.row, S), plane(child.row, R))


def repeat_one_more(out: Emitter, twig: Twig, shape: Repeat, m: int) -> None:
    more = None if shape.times is None else shape.times + 1
    _repeat(out, twig, Repeat(shape.child, more, shape.until), m)


def repeat_until_either(out: Emitter, twig: Twig, shape: Repeat, m: int) -> None:
    _repeat(out, twig, Repeat(shape.child, shape.times, shape.until and "success"), m)


_repeat = compiler._repeat


def retry_counts_successes(out: Emitter, twig: Twig, m: int, times: float) -> None:
    child = twig.below[0]
    fresh = out.but(m, plane(twig.row, R))
    visit(out, child, m)
    full = out.count(twig.row, int(times), plane(child.row, S), fresh)
    out.emit(Op.FINISH_F, twig.row, m, plane(child.row, S), out.both(plane(child.row, F), full))


def timeout_that_kills_the_child_only(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    timer = _started_timer(out, twig, m)
    visit(out, child, m)
    up = out.value(Op.DUE, timer, out.both(plane(child.row, R), plane(twig.row, R)))
    out.emit(Op.KILL, child.row, child.row + 1, up)
    out.emit(Op.FINISH_R, twig.row, m, plane(child.row, S), plane(child.row, R))


def cooldown_after_success_only(out: Emitter, twig: Twig, m: int, _: float) -> None:
    timer = _timer(out, twig)
    ran = out.value(Op.COPY, plane(twig.row, R))
    _through(out, twig, m, out.either(out.value(Op.DUE, timer, out.but(m, ran)), out.both(m, ran)))
    out.emit(Op.SET, timer, plane(twig.row, S), twig.row)


def delay_that_waits_once(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    timer = _timer(out, twig)
    out.emit(Op.SET, timer, out.but(m, plane(twig.row, R)), twig.row)
    visit(out, child, out.value(Op.DUE, timer, m))
    out.emit(Op.FINISH_R, twig.row, m, plane(child.row, S), plane(child.row, R))


def once_again_and_again(out: Emitter, twig: Twig, m: int, _: float) -> None:
    out.counter(twig.row, 1)
    _through(out, twig, m, m)


def choice_drawn_every_tick(out: Emitter, twig: Twig, m: int, weights: tuple[float, ...]) -> None:
    low = out.constant(0)
    for child, end in zip(twig.below, bounds(weights), strict=True):
        high = out.constant(end)
        visit(out, child, out.value(Op.DRAW, twig.row, m, low, high))
        low = high
    succeeded = reduce(out.either, [plane(child.row, S) for child in twig.below])
    failed = reduce(out.either, [plane(child.row, F) for child in twig.below])
    out.emit(Op.FINISH_F, twig.row, m, succeeded, failed)


def choice_without_weights(out: Emitter, twig: Twig, m: int, weights: tuple[float, ...]) -> None:
    _choose(out, twig, m, (1.0,) * len(weights))


_choose = compiler._choose


def steady_timers(out: Emitter, twig: Twig) -> int:
    assert isinstance(twig.form, Modify)
    return out.timer(twig.row, (span_of(twig.form)[0], 0))


def invert_failure_only(out: Emitter, twig: Twig, m: int, _: float) -> None:
    child = twig.below[0]
    visit(out, child, m)
    out.emit(Op.FINISH_F, twig.row, m, out.either(plane(child.row, F), plane(child.row, S)), ZERO)


def parallel_with(succeed: Callable[[str | int], str | int]) -> Fault:
    parallel = compiler._parallel

    def replaced(out: Emitter, twig: Twig, m: int, policy: str | int) -> None:
        parallel(out, twig, m, succeed(policy))

    return form("_parallel", replaced)


def unsynchronised(stack: ExitStack) -> None:
    emit = Emitter.emit

    def replaced(self: Emitter, op: Op, *columns: int) -> None:
        held = op is Op.OR and len(columns) == 3 and columns[0] == columns[1] and columns[0] < 0
        emit(self, op, *(columns if not held else (columns[0], columns[1], ZERO)))

    stack.enter_context(patch.object(Emitter, "emit", replaced))


def no_own_end(stack: ExitStack) -> None:
    tick = Statement.tick

    def replaced(self: Statement, now: int) -> None:
        tick(self, now)
        self.scratch[2 + 3 :: 5] = 0

    stack.enter_context(patch.object(Statement, "tick", replaced))


FAULTS: dict[str, Fault] = {
    "a sequence forgets its place": form("_sequence", forgetful_sequence),
    "a selector hears its first child only": form("_selector", selector_that_ignores_the_last),
    "a filter is examined on entry only": form("_through", deaf_filter),
    "a guard is examined every tick": modifier(Modifier.GUARD, guard_examined_always),
    "a parallel does not remember who is done": unsynchronised,
    "a parallel of all ends with one": parallel_with(lambda policy: "one" if policy == "all" else policy),
    "a parallel stops nobody": without(Op.KILL),
    "a repeat does one more": form("_repeat", repeat_one_more),
    "a repeat until failure waits for success": form("_repeat", repeat_until_either),
    "a retry counts successes": modifier(Modifier.RETRY, retry_counts_successes),
    "a counter is not emptied": without(Op.KEEP),
    "a timeout stops its child but not what is below": modifier(Modifier.TIMEOUT, timeout_that_kills_the_child_only),
    "a deadline is not emptied": without(Op.CLEAR),
    "a cooldown starts with success only": modifier(Modifier.COOLDOWN, cooldown_after_success_only),
    "a delay never waits again": modifier(Modifier.DELAY, delay_that_waits_once),
    "once is again and again": modifier(Modifier.ONCE, once_again_and_again),
    "a choice is drawn every tick": form("_choose", choice_drawn_every_tick),
    "a choice does not heed weights": form("_choose", choice_without_weights),
    "a time is never drawn": lambda stack: stack.enter_context(patch.object(compiler, "_timer", steady_timers)),
    "invert makes all of it success": modifier(Modifier.INVERT, invert_failure_only),
    "a lost trigger is told as the parent's end": no_own_end,
}
QUICK = (
    "a sequence forgets its place",
    "a parallel does not remember who is done",
    "a timeout stops its child but not what is below",
    "a cooldown starts with success only",
)
assert ALL == 1


@contextmanager
def mutated(fault: Fault) -> Iterator[None]:
    with ExitStack() as stack:
        fault(stack)
        yield


def caught(name: str, cases: int = 600) -> bool:
    """Whether the comparison notices the fault within so many random casts."""
    with mutated(FAULTS[name]):
        try:
            compare_many(cases, lambda forest: CompiledExecutor(forest, "numpy"), shrink=False)
        except AssertionError:
            return True
    return False
