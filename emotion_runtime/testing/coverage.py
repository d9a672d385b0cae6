"""Owns scene coverage: which rules, branches, comparisons, appraisal rows, objects and moods tests have touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from behaviors.expressions import Expression, Program
from behaviors.expressions.syntax import Comparison, Name, walk
from behaviors.trees import children, leaves
from behaviors.trees import walk as nodes
from emotion_runtime.affect.mood import FLAT, OCTANTS
from emotion_runtime.inputs import Event, Utterance
from emotion_runtime.outputs import Start, Stop, TickResult
from emotion_runtime.proofs.table import occasions
from emotion_runtime.scene.resolved import TRAITS, Scene
from emotion_runtime.testing.sim import Sim

KINDS = ("rules", "endings", "branches", "comparisons", "appraisal", "objects", "moods")
MOST_PAIRED = 64
"""Characters up to which comparisons that read a bearer are looked at."""
FAINT = 0.05
MOODS = ("mood.pleasure", "mood.arousal", "mood.dominance")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Comparing:
    """One comparison of one rule; `users`: rows of the characters that have the rule."""

    name: str
    program: Program
    paired: bool
    users: list[int]


@dataclass(slots=True)
class Coverage:
    """What was seen of one scene, over any number of worlds. Keys of `seen` and `wanted`: kinds; values: names."""

    scene: Scene
    wanted: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)
    _open: list[_Comparing] = field(default_factory=list)
    """Comparisons of which one truth is still to be seen."""
    _places: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wanted = {kind: set() for kind in KINDS}
        self.seen = {kind: set() for kind in KINDS}
        self._places = list(_branches(self.scene))
        for rule, users in _used(self.scene).items():
            self.wanted["rules"].add(rule)
            self.wanted["endings"] |= {f"{rule} succeeded", f"{rule} was stopped"}
            for expression in (self.scene.rules[rule].trigger, self.scene.rules[rule].release):
                for text, program, paired in _comparisons(expression):
                    name = f"{rule}: {text}"
                    self._open.append(_Comparing(name, program, paired, users))
                    self.wanted["comparisons"] |= {f"{name} is true", f"{name} is false"}
        self.wanted["branches"] = {f"{person}: {branch}" for person, branch, _ in self._places}
        self.wanted["appraisal"] = {row.where for row in self.scene.appraisal if occasions(self.scene, row)}
        self.wanted["objects"] = {f"{t.id}.{rule.name}" for t in self.scene.objects for rule in t.rules}
        self.wanted["moods"] = {f"{p.id}: {name}" for p in self.scene.characters for name in OCTANTS.values()}

    def watch(self, sim: Sim) -> None:
        """Look at every tick of a world from now on."""
        sim.watchers.append(self._look)

    def _look(self, sim: Sim, result: TickResult) -> None:
        for command in result.commands:
            self._command(command)
        self._told(sim, result.tick - 1)
        if self._open:
            columns = _Columns(sim)
            self._open = [each for each in self._open if not self._compare(each, columns)]
        self._objects(sim)
        for name in sim.simulation.characters:
            mood = sim.simulation[name].mood
            if max(map(abs, mood)) >= FLAT:
                octant = OCTANTS[mood.pleasure > 0.0, mood.arousal > 0.0, mood.dominance > 0.0]
                self.seen["moods"].add(f"{name}: {octant}")

    def _compare(self, each: _Comparing, columns: _Columns) -> bool:
        """Look at one comparison for those who have the rule; True when there is nothing more to see."""
        if each.paired and columns.count > MOST_PAIRED:
            return True
        truth = each.program(columns)
        if truth.ndim == 2:
            mine = np.broadcast_to(truth, (columns.count, truth.shape[1]))[each.users]
            truth = mine[~columns.oneself[each.users]] if truth.shape[1] > 1 else mine
        seen = self.seen["comparisons"]
        if truth.any():
            seen.add(f"{each.name} is true")
        if not truth.all():
            seen.add(f"{each.name} is false")
        return {f"{each.name} is true", f"{each.name} is false"} <= seen

    def _command(self, command: Start | Stop) -> None:
        rule = command.rule
        if isinstance(command, Start):
            self.seen["rules"].add(rule)
            for person, branch, inside in self._places:
                if person == command.character and rule in inside:
                    self.seen["branches"].add(f"{person}: {branch}")
        else:
            ending = "succeeded" if command.reason == "success" else "was stopped"
            self.seen["endings"].add(f"{rule} {ending}")

    def _told(self, sim: Sim, tick: int) -> None:
        for _, told in sim.told(since=tick):
            if isinstance(told, Utterance):
                for label, level in (told.heard or {}).items():
                    if level >= FAINT:
                        self._felt(sim, ("heard", label), told.speaker, told.to)
            elif isinstance(told, Event):
                self._felt(sim, ("event", told.name), told.cause, None)

    def _felt(self, sim: Sim, topic: tuple[str, str], source: str | None, addressed: str | None) -> None:
        """Mark the row each listener in hearing feels by: the first that fits."""
        kind, name = topic
        rows = [row for row in self.scene.appraisal if (row.heard if kind == "heard" else row.event) == name]
        for person in self.scene.characters:
            if kind == "heard" and source is not None and _metres(sim, person.id, source) >= person.hearing:
                continue
            here = (person.id, source or "", kind == "heard" and addressed == person.id)
            fitting = next((row for row in rows if here in occasions(self.scene, row)), None)
            if fitting is not None:
                self.seen["appraisal"].add(fitting.where)

    def _objects(self, sim: Sim) -> None:
        variables = sim.simulation.variables()
        for thing in self.scene.objects:
            for rule in thing.rules:
                name = f"{thing.id}.{rule.name}"
                if name in self.seen["objects"]:
                    continue
                own = {f"{variable.name}": variables[f"{thing.id}.{variable.name}"] for variable in thing.variables}
                if not Program(rule.trigger)((variables | own).__getitem__):
                    continue
                near = [p.id for p in self.scene.characters if rule.bearer.name in p.tags]
                if any(_metres(sim, who, thing.id) <= rule.bearer.within for who in near):
                    self.seen["objects"].add(name)

    # ---------------------------------------------------------------------------------------------------- reports
    def share(self, kind: str) -> float:
        """Part of a kind that was seen, 0..1; 1 where there is nothing of it."""
        wanted = self.wanted[kind]
        return len(wanted & self.seen[kind]) / len(wanted) if wanted else 1.0

    def missing(self, kind: str) -> list[str]:
        """What was not seen, in order."""
        return sorted(self.wanted[kind] - self.seen[kind])

    def unseen(self, rule: str) -> list[str]:
        """What was not seen of a rule: its endings, and which way each of its comparisons never went."""
        found = [name.removeprefix(f"{rule} ") for name in self.missing("endings") if name.startswith(f"{rule} ")]
        return found + [
            name.removeprefix(f"{rule}: ") for name in self.missing("comparisons") if name.startswith(f"{rule}: ")
        ]

    def text(self, longest: int = 8) -> str:
        """A table for the terminal."""
        lines = [f"scene coverage of {self.scene.name}"]
        for kind in KINDS:
            wanted, missing = self.wanted[kind], self.missing(kind)
            lines.append(f"  {kind:<12} {len(wanted) - len(missing):>4} of {len(wanted):<4} {self.share(kind):>4.0%}")
            more = f", and {len(missing) - longest} more" if len(missing) > longest else ""
            lines += [f"    not seen: {', '.join(missing[:longest])}{more}"] if missing else []
        return "\n".join(lines) + "\n"

    def merge(self, other: Coverage) -> None:
        """Add what another has seen of the same scene."""
        for kind in KINDS:
            self.seen[kind] |= other.seen[kind]


def below(coverage: Coverage, limits: Mapping[str, float]) -> list[str]:
    """A line for each kind that is covered less than its limit (per cent)."""
    return [
        f"scene coverage of {coverage.scene.name}: {kind} {coverage.share(kind):.0%} is below {limit:g}%"
        for kind, limit in limits.items()
        if coverage.share(kind) * 100.0 < limit - 1e-9
    ]


def read_limits(text: str) -> dict[str, float]:
    """`rules:90,branches:80` as a map. Raises ValueError for anything else."""
    limits = {}
    for part in text.split(","):
        kind, _, limit = part.strip().partition(":")
        if kind not in KINDS:
            raise ValueError(f"`{kind}` is none of {', '.join(KINDS)}")
        limits[kind] = float(limit)
    return limits


def _used(scene: Scene) -> dict[str, list[int]]:
    """Every rule in some character's tree, and the rows of those characters."""
    users: dict[str, list[int]] = {}
    for row, person in enumerate(scene.characters):
        for rule in {leaf.rule for leaf in leaves(scene.trees[person.tree].root)} if person.tree else ():
            users.setdefault(rule, []).append(row)
    return dict(sorted(users.items()))


def _comparisons(expression: Expression | None) -> Iterator[tuple[str, Program, bool]]:
    if expression is None:
        return
    for node in walk(expression.root):
        if isinstance(node, Comparison):
            text = expression.text[node.offset : node.offset + node.width]
            read = [each.name for each in walk(node) if isinstance(each, Name)]
            paired = any(name.startswith("bearer.") or name in ("distance", "likes") for name in read)
            yield text, Program(Expression(text, node)), paired


def _branches(scene: Scene) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every child of every composite of every character's tree, with the rules below it."""
    for person in scene.characters:
        if person.tree is None:
            continue
        for number, node in enumerate(nodes(scene.trees[person.tree].root)):
            below_it = children(node)
            if len(below_it) < 2:
                continue
            for place, child in enumerate(below_it, 1):
                inside = frozenset(leaf.rule for leaf in leaves(child))
                name = ", ".join(sorted(inside))
                yield person.id, f"{person.tree} node {number} branch {place} ({name})", inside


def _metres(sim: Sim, one: str, other: str) -> float:
    a, b = sim.position(one), sim.position(other)
    return float(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5)


class _Columns:
    """Names as columns: one's own as rows (n, 1), a bearer's as columns (1, n)."""

    def __init__(self, sim: Sim) -> None:
        simulation = sim.simulation
        self.sim = sim
        self.labels = simulation.labels
        now = simulation.columns()
        self.emotion: Floats = now.emotion.astype(np.float64)
        self.mood: Floats = now.mood.astype(np.float64)
        self.count = len(simulation.characters)
        people = sim.scene.characters
        self.traits: Floats = np.array([[p.personality[t] for t in TRAITS] for p in people])
        self.likes: Floats = np.array([[p.likes.get(o.id, 0.0) for o in people] for p in people])
        place: Floats = np.array([sim.position(p.id) for p in people])
        gap = place[:, None, :] - place[None, :, :]
        self.metres: Floats = np.sqrt((gap * gap).sum(axis=2))
        self.variables = simulation.variables()
        self.oneself = np.eye(self.count, dtype=np.bool_)

    def __call__(self, name: str) -> Floats | float:
        if name == "distance":
            return self.metres
        if name == "likes":
            return self.likes
        if name in self.variables:
            return self.variables[name]
        own = self._feeling(name.removeprefix("bearer."))
        if own is None:
            rest = name.removeprefix("bearer.")
            return next(value for full, value in self.variables.items() if full.endswith(f".{rest}"))
        return own[None, :] if name.startswith("bearer.") else own[:, None]

    def _feeling(self, name: str) -> Floats | None:
        if name in self.labels:
            return self.emotion[:, self.labels.index(name)]
        if name in MOODS:
            return self.mood[:, MOODS.index(name)]
        if name in TRAITS:
            return self.traits[:, TRAITS.index(name)]
        return None


def total(found: Iterable[Coverage]) -> dict[str, Coverage]:
    """Coverage by scene name."""
    merged: dict[str, Coverage] = {}
    for each in found:
        if each.scene.name in merged:
            merged[each.scene.name].merge(each)
        else:
            merged[each.scene.name] = each
    return merged
