"""The six forms in plain Python, written from the tables of docs/behaviors.md and from nothing else: the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field

from behaviors import chance
from behaviors.trees import (
    Choose,
    Filter,
    Foreign,
    Leaf,
    Modifier,
    Modify,
    Node,
    Parallel,
    Repeat,
    Selector,
    Sequence,
    children,
    walk,
)

IDLE, RUNNING, SUCCESS, FAILURE, ABORTED = range(5)
NOTHING, REPORTED_SUCCESS = 0, 1
NONE, END_SUCCESS, ENGINE_FAILURE, TIMEOUT, TRIGGER_LOST, OUTRANKED, PARENT_ENDED = range(7)


@dataclass
class Inputs:
    """One tick's inputs of one tree, indexed by leaf and by condition."""

    now: int
    ready: list[bool]
    holds: list[bool]
    reported: list[int]
    conditions: list[bool]


@dataclass
class Twig:
    """One node with its state. `ran`: RUNNING after the last tick."""

    form: Node
    children: list[Twig]
    leaf: int
    condition: int
    row: int
    status: int = IDLE
    ran: bool = False
    counter: int = 0
    deadline: int = 0
    done: bool = False
    own_end: int = NONE
    all: list[Twig] = field(default_factory=list)


class Model:
    """Ticks one tree by the tables."""

    def __init__(self, root: Node, stream: int = 0) -> None:
        self.stream = stream
        self.twigs: list[Twig] = []
        self.leaves: list[Twig] = []
        self.conditions = 0
        self.root = self._grow(root)
        assert len(self.twigs) == len(list(walk(root)))

    def _grow(self, form: Node) -> Twig:
        twig = Twig(form, [], -1, -1, len(self.twigs))
        self.twigs.append(twig)
        if isinstance(form, Leaf):
            twig.leaf = len(self.leaves)
            self.leaves.append(twig)
        if isinstance(form, Filter) or (isinstance(form, Modify) and form.modifier is Modifier.GUARD):
            twig.condition = self.conditions
            self.conditions += 1
        twig.children = [self._grow(child) for child in children(form)]
        return twig

    def tick(self, inputs: Inputs) -> tuple[list[bool], list[int]]:
        """One tick: which leaves run after it, and why those that ended did."""
        for twig in self.twigs:
            twig.ran = twig.status == RUNNING
            twig.status = IDLE
            twig.own_end = NONE
        self.visit(self.root, inputs)
        for twig in self.twigs:
            if twig.ran and twig.status == IDLE:
                twig.status = ABORTED
            self.close(twig, inputs.now)
        running = [twig.status == RUNNING for twig in self.leaves]
        ended = []
        started = False
        for twig, runs in zip(self.leaves, running, strict=True):
            reason = NONE
            if twig.ran and not runs:
                reason = inputs.reported[twig.leaf] or twig.own_end or (OUTRANKED if started else PARENT_ENDED)
            started = started or (runs and not twig.ran)
            ended.append(reason)
        return running, ended

    def bits(self, twig: Twig, now: int) -> int:
        """What chance says to a node at this time."""
        return chance.drawn(self.stream, twig.row, now)

    def span(self, twig: Twig, now: int) -> int:
        """The microseconds of a timed modifier that starts now."""
        form = twig.form
        assert isinstance(form, Modify)
        low, high = round(form.value * 1e6), round(form.most * 1e6)
        return low + self.bits(twig, now) % (high - low + 1) if high > low else low

    def close(self, twig: Twig, now: int) -> None:
        """What a node remembers after the tick."""
        form = twig.form
        if isinstance(form, Modify) and form.modifier is Modifier.COOLDOWN:
            if twig.ran and twig.status != RUNNING:
                twig.deadline = now + self.span(twig, now)
        elif isinstance(form, Modify) and form.modifier is Modifier.ONCE:
            pass
        elif twig.status != RUNNING:
            twig.counter = twig.deadline = 0

    def stop(self, twig: Twig) -> None:
        """A parent stops a node: whatever of it ran, or was ticked in this tick, is aborted."""
        if twig.ran or twig.status != IDLE:
            twig.status = ABORTED
        for child in twig.children:
            self.stop(child)

    def visit(self, twig: Twig, inputs: Inputs) -> int:
        twig.status = self.answer(twig, inputs)
        return twig.status

    def answer(self, twig: Twig, inputs: Inputs) -> int:
        match twig.form:
            case Foreign():
                raise AssertionError(twig.form)
            case Leaf():
                return self.leaf(twig, inputs)
            case Sequence():
                first = next((place for place, child in enumerate(twig.children) if twig.ran and child.ran), 0)
                for child in twig.children[first:]:
                    if (status := self.visit(child, inputs)) != SUCCESS:
                        return status
                return SUCCESS
            case Selector():
                for place, child in enumerate(twig.children):
                    if (status := self.visit(child, inputs)) != FAILURE:
                        for right in twig.children[place + 1 :]:
                            self.stop(right)
                        return status
                return FAILURE
            case Choose(weights=weights):
                running = [child for child in twig.children if twig.ran and child.ran]
                share = (self.bits(twig, inputs.now) >> 32) / 2.0**32 * sum(weights)
                ends = [sum(weights[: place + 1]) for place in range(len(weights))]
                drawn = next(child for child, end in zip(twig.children, ends, strict=True) if share < end)
                return self.visit(running[0] if running else drawn, inputs)
            case Filter():
                if not inputs.conditions[twig.condition]:
                    self.stop(twig.children[0])
                    return FAILURE
                return self.visit(twig.children[0], inputs)
            case Parallel(succeed=succeed):
                return self.parallel(twig, succeed, inputs)
            case Repeat():
                return self.repeat(twig, twig.form, inputs)
            case Modify():
                return self.modify(twig, twig.form, inputs)

    def leaf(self, twig: Twig, inputs: Inputs) -> int:
        if not twig.ran:
            return RUNNING if inputs.ready[twig.leaf] else FAILURE
        reported = inputs.reported[twig.leaf]
        if reported != NOTHING:
            return SUCCESS if reported == REPORTED_SUCCESS else FAILURE
        if inputs.holds[twig.leaf]:
            return RUNNING
        twig.own_end = TRIGGER_LOST
        return FAILURE

    def parallel(self, twig: Twig, succeed: object, inputs: Inputs) -> int:
        found = []
        for child in twig.children:
            child.done = child.done and twig.ran
            if child.done:
                child.status = SUCCESS
            found.append(SUCCESS if child.done else self.visit(child, inputs))
            child.done = found[-1] == SUCCESS
        if succeed == "all":
            enough = all(status == SUCCESS for status in found)
        else:
            enough = SUCCESS in found if succeed == "one" else found[int(str(succeed))] == SUCCESS
        status = FAILURE if FAILURE in found else SUCCESS if enough else RUNNING
        if status != RUNNING:
            for child in twig.children:
                if child.status == RUNNING:
                    self.stop(child)
        return status

    def repeat(self, twig: Twig, form: Repeat, inputs: Inputs) -> int:
        if not twig.ran:
            twig.counter = 0
        status = self.visit(twig.children[0], inputs)
        if form.until is not None:
            return SUCCESS if status == (SUCCESS if form.until == "success" else FAILURE) else RUNNING
        if status == FAILURE:
            return FAILURE
        if status == SUCCESS and form.times is not None:
            twig.counter += 1
            if twig.counter == form.times:
                return SUCCESS
        return RUNNING

    def modify(self, twig: Twig, form: Modify, inputs: Inputs) -> int:
        child = twig.children[0]
        match form.modifier:
            case Modifier.INVERT:
                return {SUCCESS: FAILURE, FAILURE: SUCCESS}.get(self.visit(child, inputs), RUNNING)
            case Modifier.FORCE_SUCCESS:
                return SUCCESS if self.visit(child, inputs) != RUNNING else RUNNING
            case Modifier.FORCE_FAILURE:
                return FAILURE if self.visit(child, inputs) != RUNNING else RUNNING
            case Modifier.RETRY:
                if not twig.ran:
                    twig.counter = 0
                status = self.visit(child, inputs)
                twig.counter += status == FAILURE
                return RUNNING if status == FAILURE and twig.counter < form.value else status
            case Modifier.TIMEOUT:
                if not twig.ran:
                    twig.deadline = inputs.now + self.span(twig, inputs.now)
                status = self.visit(child, inputs)
                if status == RUNNING and inputs.now >= twig.deadline:
                    self.stop(child)
                    return FAILURE
                return status
            case Modifier.COOLDOWN:
                if not twig.ran and inputs.now < twig.deadline:
                    return FAILURE
                status = self.visit(child, inputs)
                if status == SUCCESS:
                    twig.deadline = inputs.now + self.span(twig, inputs.now)
                return status
            case Modifier.DELAY:
                if not twig.ran:
                    twig.deadline = inputs.now + self.span(twig, inputs.now)
                return RUNNING if inputs.now < twig.deadline else self.visit(child, inputs)
            case Modifier.ONCE:
                if twig.counter:
                    return FAILURE
                status = self.visit(child, inputs)
                twig.counter = int(status == SUCCESS)
                return status
            case Modifier.GUARD:
                closed = not twig.ran and not inputs.conditions[twig.condition]
                return FAILURE if closed else self.visit(child, inputs)
