"""Owns the influence graph of rules: who can push whose trigger towards true, and the circles in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from behaviors.rules import Change
from emotion_runtime.affect.dynamics import EPSILON
from emotion_runtime.affect.personality import baseline, channels, default_mood
from emotion_runtime.proofs.bounds import Reach, narrowed_box
from emotion_runtime.proofs.decide import interval
from emotion_runtime.proofs.formulas import Bound, Flag, Formula, atoms, both, names
from emotion_runtime.proofs.meaning import MOODS
from emotion_runtime.proofs.reading import exact
from emotion_runtime.proofs.simplex import Range
from emotion_runtime.proofs.study import Study, Use
from emotion_runtime.scene.resolved import Character

Node = tuple[str, str]
"""A character and a rule."""
Push = tuple[str, str, int]
"""Whose variable, which one, and which way (+1 up, -1 down)."""

MOST_NODES = 600
"""Rules of characters in one graph; a larger cast is looked at through one character of each tree."""


@dataclass(slots=True)
class Influence:
    """`edges[a][b]`: the change of rule a that can push rule b's trigger towards true; None: a variable it sets."""

    edges: dict[Node, dict[Node, Change | None]] = field(default_factory=dict)
    partial: bool = False
    """True when not every character was looked at."""


def influence(study: Study, found: Reach, idle: frozenset[Node] = frozenset()) -> Influence:
    """The graph over all live rules that rest while everybody is calm. It may have too many edges, never too few.

    A rule that a calm character does anyway needs nobody to set it off, so it closes no circle. `idle`: what is known
    never to start.
    """
    calm = {person.id: _calm(study, person) for person in study.scene.characters}
    live = found.live - idle
    uses = [use for use in study.uses if (use.character.id, use.rule.name) in live and not _restless(study, use, calm)]
    partial = len(uses) > MOST_NODES
    if partial:
        first: dict[str | None, str] = {}
        for use in uses:
            first.setdefault(use.character.tree, use.character.id)
        uses = [use for use in uses if use.character.id == first[use.character.tree]]
    wanted: dict[Push, list[Use]] = {}
    for use in uses:
        for push in _wants(study, use):
            wanted.setdefault(push, []).append(use)
    graph = Influence({(use.character.id, use.rule.name): {} for use in uses}, partial)
    for use in uses:
        here = graph.edges[use.character.id, use.rule.name]
        for change, push in _gives(study, use):
            for other in wanted.get(push, ()):
                here.setdefault((other.character.id, other.rule.name), change)
    return graph


def _calm(study: Study, person: Character) -> dict[str, Range]:
    """A calm character's own feelings: each one value."""
    box = {label: _point(max(EPSILON, baseline(label, person.personality))) for label in channels(study.scene.labels)}
    return box | {name: _point(each) for name, each in zip(MOODS, default_mood(person.personality), strict=True)}


def _point(value: float) -> Range:
    return interval(exact(value), exact(value))


def _restless(study: Study, use: Use, calm: Mapping[str, Mapping[str, Range]]) -> bool:
    """Whether the rule may start while everybody is calm and all variables are as at the beginning."""
    narrowed = narrowed_box(study, use, calm)
    narrowed |= {f"world.{v.name}": _point(v.initial) for v in study.scene.world if not v.boolean}
    flags: list[Formula] = [Flag(f"world.{v.name}", v.initial != 0.0) for v in study.scene.world if v.boolean]
    for thing in study.scene.objects:
        for variable in thing.variables:
            full = f"{thing.id}.{variable.name}"
            if variable.boolean:
                flags.append(Flag(full, variable.initial != 0.0))
            else:
                narrowed[full] = _point(variable.initial)
    starts = study.reading(use).starts
    read = names(starts)
    known = [flag for flag in flags if isinstance(flag, Flag) and flag.name in read]
    return study.possible(both([starts, *known]), study.trigger_place(use.rule.name), narrowed) is not False


def _wants(study: Study, use: Use) -> Iterator[Push]:
    """Every variable that pushes the trigger towards true when it moves that way."""
    reading = study.reading(use)
    others = [each.id for each in study.meanings.bearers(use.character, use.rule)]
    for atom in atoms(reading.starts):
        if isinstance(atom, Flag):
            yield ("", atom.name, 1 if atom.holds else -1)
            continue
        for name, weight in atom.terms if isinstance(atom, Bound) else ():
            way = -1 if weight > 0 else 1
            rest = name[len(reading.bearer) :] if reading.bearer and name.startswith(reading.bearer) else None
            if rest is not None and (rest in study.scene.labels or rest in MOODS):
                yield from ((other, rest, way) for other in others)
            elif name in study.scene.labels or name in MOODS:
                yield (use.character.id, name, way)
            else:
                yield ("", name, way)


def _gives(study: Study, use: Use) -> Iterator[tuple[Change | None, Push]]:
    """Every variable an action moves: emotions, what others catch of them, the moods they pull, and what it sets."""
    for change in use.rule.aim:
        targets = [use.character] if change.on_self else study.meanings.bearers(use.character, use.rule)
        way = 1 if change.amount > 0 else -1
        for target in _and_those_who_catch_it(study, targets, change.label):
            yield change, (target.id, change.label, way)
            for axis, mood in enumerate(MOODS):
                weight = study.scene.pad[change.label][axis]
                if weight:
                    yield change, (target.id, mood, way if weight > 0 else -way)
    for name, value in use.rule.sets:
        full = f"{use.rule.bearer.name}.{name}"
        low, high = study.meanings.box.get(full, ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(0))))
        if low is None or exact(value) > low[0]:
            yield None, ("", full, 1)
        if high is None or exact(value) < high[0]:
            yield None, ("", full, -1)


def _and_those_who_catch_it(study: Study, targets: list[Character], label: str) -> list[Character]:
    catching = [each for each in study.scene.characters if any(c.label == label for c in each.contagion)]
    return list({each.id: each for each in (*targets, *catching)}.values()) if targets else []


def circles(edges: Mapping[Node, Mapping[Node, object]]) -> list[list[Node]]:
    """For each strongly connected part of two or more rules, a shortest circle in it, the same on every run."""
    found = []
    for part in parts(edges):
        inside = {node: [each for each in sorted(edges[node]) if each in part] for node in part}
        ways = [way for node in sorted(part) if (way := _way_back(inside, node)) is not None]
        found.append(min(ways, key=len))
    return sorted(found)


def within(edges: Mapping[Node, Mapping[Node, object]], nodes: Collection[Node]) -> dict[Node, dict[Node, object]]:
    """The graph with these nodes only."""
    return {node: {to: why for to, why in edges[node].items() if to in nodes} for node in edges if node in nodes}


def parts(edges: Mapping[Node, Mapping[Node, object]]) -> list[set[Node]]:
    """Strongly connected parts of two or more rules: each can set off each other, directly or not."""
    return [part for part in _parts(edges) if len(part) > 1]


def _way_back(edges: Mapping[Node, list[Node]], start: Node) -> list[Node] | None:
    """A shortest circle through a node that is not that node alone (breadth first)."""
    came: dict[Node, Node] = {}
    line = [start]
    while line:
        following = []
        for node in line:
            for other in edges[node]:
                if other == start and node != start:
                    way = [node]
                    while way[-1] != start:
                        way.append(came[way[-1]])
                    return way[::-1]
                if other != start and other not in came:
                    came[other] = node
                    following.append(other)
        line = following
    return None


def _parts(edges: Mapping[Node, Mapping[Node, object]]) -> list[set[Node]]:
    """Strongly connected parts (Tarjan), without recursion."""
    order: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    found: list[set[Node]] = []
    for root in sorted(edges):
        if root in order:
            continue
        work = [(root, iter(sorted(edges[root])))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            fresh = next((each for each in following if each not in order or each in on_stack), None)
            if fresh is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    part: set[Node] = set()
                    while node not in part:
                        part.add(stack.pop())
                    on_stack -= part
                    found.append(part)
            elif fresh in order:
                low[node] = min(low[node], order[fresh])
            else:
                order[fresh] = low[fresh] = len(order)
                stack.append(fresh)
                on_stack.add(fresh)
                work.append((fresh, iter(sorted(edges[fresh]))))
    return found
