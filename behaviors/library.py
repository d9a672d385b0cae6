"""Owns the behavior library: every atomic behavior of a scene, and the sub-list of each character and object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from behaviors.errors import RuleError
from behaviors.expressions import names
from behaviors.rules import AutonomousRule, Change, InteractiveRule, State, Who
from behaviors.trees import Node, leaves


class Library:
    """A queryable, immutable store of rules.

    The autonomous part maps rule names to rules; the interactive part maps `object.rule` to rules. `can` gives each
    character's sub-list; an object's is what it inflicts. Raises `RuleError` for a sub-list that names no rule.
    """

    __slots__ = ("autonomous", "can", "interactive")

    def __init__(
        self,
        autonomous: Mapping[str, AutonomousRule],
        interactive: Iterable[InteractiveRule] = (),
        can: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.autonomous = MappingProxyType(dict(autonomous))
        self.interactive = MappingProxyType({f"{rule.inflicter}.{rule.name}": rule for rule in interactive})
        lists = {who: tuple(several) for who, several in (can or {}).items()}
        for who, several in lists.items():
            for name in several:
                if name not in self.autonomous:
                    raise RuleError("unknown_rule", f"there is no rule `{name}`", "define it", where=who)
        self.can = MappingProxyType(lists)

    def __len__(self) -> int:
        return len(self.autonomous) + len(self.interactive)

    def __iter__(self) -> Iterator[AutonomousRule | InteractiveRule]:
        yield from self.autonomous.values()
        yield from self.interactive.values()

    def of(self, owner: str) -> tuple[AutonomousRule | InteractiveRule, ...]:
        """The sub-list of a character or an object, in the order of the scene; empty for one without rules."""
        if owner in self.can:
            return tuple(self.autonomous[name] for name in self.can[owner])
        return tuple(rule for rule in self.interactive.values() if rule.inflicter == owner)

    def owners(self, rule: str) -> tuple[str, ...]:
        """Who holds a rule: the characters that can do it, or the object of `object.rule`."""
        if rule in self.interactive:
            return (self.interactive[rule].inflicter,)
        return tuple(who for who, several in self.can.items() if rule in several)

    def find(
        self,
        *,
        orientation: str | None = None,
        reads: str | None = None,
        changes: str | None = None,
        bearer: Who | None = None,
    ) -> tuple[AutonomousRule | InteractiveRule, ...]:
        """Rules that match every given part.

        `orientation` is the emotion embodied (autonomous rules only), `reads` a name used in trigger or release,
        `changes` a label in aim or effect, `bearer` a kind of selector.
        """
        return tuple(
            rule
            for rule in self
            if (orientation is None or (isinstance(rule, AutonomousRule) and rule.orientation == orientation))
            and (reads is None or reads in _reads(rule))
            and (changes is None or changes in {change.label for change in _changes(rule)})
            and (bearer is None or rule.bearer.who is bearer)
        )

    def shown(self, owner: str, states: Mapping[str, State] | None = None) -> tuple[str, ...]:
        """The sub-list as tuples with their states: `<inflicter, bearer, trigger, aim, state>`."""
        states = states or {}
        return tuple(
            rule.shown(owner, states.get(rule.name, State.IDLE))
            if isinstance(rule, AutonomousRule)
            else rule.shown(states.get(rule.name, State.IDLE))
            for rule in self.of(owner)
        )


def ranked(children: Iterable[Node], rules: Mapping[str, AutonomousRule]) -> tuple[Node, ...]:
    """The children of a selector by the priority of their rules, the highest first; equals stay as they stand.

    A child's priority is the highest among the rules below it.
    """

    def highest(node: Node) -> int:
        return max((rules[leaf.rule].priority for leaf in leaves(node)), default=0)

    return tuple(sorted(children, key=highest, reverse=True))


def _reads(rule: AutonomousRule | InteractiveRule) -> frozenset[str]:
    used = [name for name, _, _ in names(rule.trigger)]
    if isinstance(rule, AutonomousRule) and rule.release is not None:
        used += [name for name, _, _ in names(rule.release)]
    return frozenset(used)


def _changes(rule: AutonomousRule | InteractiveRule) -> tuple[Change, ...]:
    return rule.aim if isinstance(rule, AutonomousRule) else rule.effect


def paper_faults(rules: Iterable[AutonomousRule]) -> tuple[tuple[str, str], ...]:
    """Rules that the paper would not allow, each with a name it may not read, in the order of the rules.

    Point 1 of its section 2.3.2, taken strictly: an autonomous trigger rests on emotion and mood, and on nothing else:
    no distance, no relation, no variable. Personality, on which mood rests, is allowed. Names are the scene's own
    (`fear`, `self.fear`, `bearer.mood.arousal`); names with any other dot are variables.
    """
    return tuple((rule.name, name) for rule in rules for name in sorted(_reads(rule)) if not _inner(name))


def _inner(name: str) -> bool:
    """Whether a name is an emotion, mood or trait: not a relation, and not a variable of an object or the world."""
    bare = name.removeprefix("self.").removeprefix("bearer.")
    return bare not in ("distance", "likes") and ("." not in bare or bare.startswith("mood."))
