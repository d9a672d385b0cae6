"""Owns the paper's rule tuples (equations 20 and 21) as immutable data: who does what to whom, when and why."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from behaviors.expressions import Expression
from behaviors.expressions.syntax import number_text

DEFAULT_REST_S = 1.0
"""Seconds a rule rests after it failed in the engine, so that a failing action cannot be commanded every tick."""


class State(enum.IntEnum):
    """The state of one behavior of one inflicter, the last part of both tuples."""

    IDLE = 0
    RUNNING = 1
    SUCCESS = 2
    FAILURE = 3
    ABORTED = 4


class Who(enum.Enum):
    """How a rule finds its bearer (the paper's `suf`, the one who suffers the behavior)."""

    SELF = "self"
    NAMED = "named"
    NEAREST = "nearest"
    ALL = "all"
    CAUSE = "cause"
    SPEAKER = "speaker"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer selector.

    `name` is a character or object id (NAMED), a tag (NEAREST, ALL), an emotion label (CAUSE), else empty.
    `within` is the greatest distance in metres (NEAREST, ALL); infinite when the scene states none.
    """

    who: Who
    name: str = ""
    within: float = inf

    def __str__(self) -> str:
        reach = "" if self.within == inf else f" within {number_text(self.within)} m"
        match self.who:
            case Who.NAMED:
                return self.name
            case Who.NEAREST | Who.ALL | Who.CAUSE:
                return f"{self.who.value}({self.name}){reach}"
            case _:
                return str(self.who.value)


@dataclass(frozen=True, slots=True)
class Change:
    """One signed effect on one emotion.

    `amount` is in -1..1 for an impulse, per second for a rate. `on_self` is True where the inflicter itself is
    changed (`self.joy: +0.1`), False where the bearer is.
    """

    label: str
    amount: float
    per_second: bool = False
    on_self: bool = False

    def __str__(self) -> str:
        sign = "-" if self.amount < 0 else "+"
        rate = "/s" if self.per_second else ""
        return f"{'self.' if self.on_self else ''}{self.label}: {sign}{number_text(abs(self.amount))}{rate}"


@dataclass(frozen=True, slots=True)
class AutonomousRule:
    """Equation 20: action = <inflicter, bearer, trigger(mood), aim(mood), state>.

    The inflicter is every character whose sub-list holds the rule; the state lives in the executor. Bare names in
    `trigger` and `release` are the inflicter's. The action stops when `release` holds; without one, when `trigger`
    no longer does. `lasts`, `timeout` and `rest` are seconds; `lasts` is what an engine is told to take.
    `sets` are variables of the bearer (an object) written on success. `orientation` is the emotion the behavior
    embodies. `payload` travels to the engine untouched. `priority`: in a selector that asks for this order, the rule
    with the highest is the first (`behaviors.library.ranked`).
    """

    name: str
    bearer: Bearer
    trigger: Expression
    lasts: float
    release: Expression | None = None
    aim: tuple[Change, ...] = ()
    sets: tuple[tuple[str, float], ...] = ()
    timeout: float = inf
    rest: float = DEFAULT_REST_S
    orientation: str = "neutral"
    payload: Mapping[str, str | float | bool] = field(default_factory=dict)
    priority: int = 0

    def shown(self, inflicter: str = "each", state: State = State.IDLE) -> str:
        """Equation 20 as text, all five parts visible."""
        aim = "{" + ", ".join(str(change) for change in self.aim) + "}"
        return f"<{inflicter}, {self.bearer}, {self.trigger}, {aim}, {state.name.lower()}>"

    def __str__(self) -> str:
        return self.whole()

    def whole(self, inflicter: str = "each") -> str:
        """The tuple, and behind it every part that is not what it would be anyway."""
        sets = "{" + ", ".join(f"{name}: {number_text(value)}" for name, value in self.sets) + "}"
        payload = "{" + ", ".join(f"{name}: {value}" for name, value in sorted(self.payload.items())) + "}"
        parts = (
            ("release", str(self.release), self.release is not None),
            ("priority", str(self.priority), self.priority != 0),
            ("orientation", self.orientation, self.orientation != "neutral"),
            ("lasts", f"{number_text(self.lasts)} s", self.lasts > 0),
            ("timeout", f"{number_text(self.timeout) if self.timeout < inf else inf} s", self.timeout < inf),
            ("rest", f"{number_text(self.rest)} s", self.rest != DEFAULT_REST_S),
            ("sets", sets, bool(self.sets)),
            ("payload", payload, bool(self.payload)),
        )
        said = ", ".join(f"{name} {text}" for name, text, wanted in parts if wanted)
        return f"{self.shown(inflicter)}{' with ' + said if said else ''}"


class Fade(enum.Enum):
    """How an object's effect falls with distance r inside its range R: 1, 1 - r/R, or 1/(1 + (2r/R)^2).

    CURVE: as `InteractiveRule.curve` says.
    """

    NONE = "none"
    LINEAR = "linear"
    INVERSE_SQUARE = "inverse_square"
    CURVE = "curve"


@dataclass(frozen=True, slots=True)
class InteractiveRule:
    """Equation 21: action' = <inflicter, bearer, trigger(condition), state>.

    The inflicter is the smart object `inflicter`; bare names in `trigger` are its variables. While the trigger
    holds, every change in `effect` (all of them rates) acts without a break on all bearers in range.

    `curve` (fade CURVE): points (metres, share 0..1), metres rising, straight lines between them, level outside.
    `in_sight`: only on those that see the object, by `Senses.sees`. `capacity`: only on so many, the nearest; 0 = all.
    `claims`: who has one of these places keeps it as long as the effect reaches it, however near others come.
    """

    name: str
    inflicter: str
    bearer: Bearer
    trigger: Expression
    effect: tuple[Change, ...]
    fade: Fade = Fade.NONE
    curve: tuple[tuple[float, float], ...] = ()
    in_sight: bool = False
    capacity: int = 0
    claims: bool = False

    def shown(self, state: State = State.IDLE) -> str:
        """Equation 21 as text, all four parts visible."""
        return f"<{self.inflicter}, {self.bearer}, {self.trigger}, {state.name.lower()}>"

    def __str__(self) -> str:
        """The tuple, and behind it every part that is not what it would be anyway."""
        effect = "{" + ", ".join(str(change) for change in self.effect) + "}"
        curve = "{" + ", ".join(f"{number_text(at)} m: {number_text(share)}" for at, share in self.curve) + "}"
        parts = (
            ("effect", effect, bool(self.effect)),
            ("fade", curve if self.curve else self.fade.value, self.fade is not Fade.NONE),
            ("in_sight", "true", self.in_sight),
            ("capacity", str(self.capacity), self.capacity > 0),
            ("claims", "true", self.claims),
        )
        said = ", ".join(f"{name} {text}" for name, text, wanted in parts if wanted)
        return f"{self.shown()}{' with ' + said if said else ''}"
