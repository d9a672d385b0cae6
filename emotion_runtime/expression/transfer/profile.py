"""Owns the transfer profile: what a target character does with a face that comes from somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.recipe import read_yaml
from emotion_runtime.expression.shapes import REGIONS, sides

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Gain = Annotated[float, Field(ge=0.0, le=4.0)]
HalfLife = Annotated[float, Field(ge=0.0, le=10.0)]

UPPER: Final = ("brows", "eyes", "cheeks")
LOWER: Final = ("mouth", "jaw")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _known_shapes(shapes: dict[str, Any]) -> dict[str, Any]:
    for name in shapes:
        try:
            sides(name)
        except KeyError:
            raise ValueError(f"'{name}' is no ARKit shape") from None
    return shapes


class Knobs(_Strict):
    """Eight knobs for designers. Each one's default changes nothing."""

    intensity: Gain = 1.0
    """Everything, x this."""
    upper: Gain = 1.0
    """Brows, eyes and cheeks."""
    lower: Gain = 1.0
    """Mouth and jaw."""
    exaggeration: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    """Above 0 weak expressions get stronger, below 0 weaker: the power is 2 ** -exaggeration."""
    asymmetry: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0
    """Above 0 the right side leads, below 0 the left: left x (1 - a), right x (1 + a)."""
    snap: HalfLife = 0.0
    """Half-life in seconds of a rising expression; 0 is at once."""
    linger: HalfLife = 0.0
    """Half-life in seconds of a falling one."""
    clarity: Annotated[float, Field(ge=0.0, le=2.0)] = 1.0
    """How clearly lips and jaw move while speaking: the gain of mouth and jaw, in frames that are speech."""


class Profile(_Strict):
    """A target character. Weights are ARKit's, 0..1; a shape without a side means both sides."""

    version: Literal[1] = 1
    knobs: Knobs = Knobs()
    neutral: dict[str, Unit] = {}
    """What the *source* face shows at rest: taken away first. Capture it; do not take it from the clip itself."""
    reach: dict[str, Annotated[float, Field(gt=0.0, le=1.0)]] = {}
    """The largest weight the source can make: that becomes 1."""
    regions: dict[Literal["brows", "eyes", "cheeks", "mouth", "jaw"], Gain] = {}
    emotions: dict[str, Gain] = {}
    """Gain of each emotion's part of the face, where the source says which emotions it shows."""
    lead: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    """Seconds by which the upper face runs ahead of the lower one."""
    rest: dict[str, Unit] = {}
    """The target's own resting face: movement is added to it."""
    available: tuple[str, ...] | None = None
    """Shapes the target has; None is all of them."""
    fallback: dict[str, dict[str, Gain]] = {}
    """Missing shape -> shapes that stand in for it."""

    @field_validator("neutral", "reach", "rest", "fallback")
    @classmethod
    def _shapes(cls, shapes: dict[str, Any]) -> dict[str, Any]:
        return _known_shapes(shapes)

    @field_validator("fallback")
    @classmethod
    def _targets(cls, fallback: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for targets in fallback.values():
            _known_shapes(targets)
        return fallback

    @field_validator("available")
    @classmethod
    def _names(cls, available: tuple[str, ...] | None) -> tuple[str, ...] | None:
        _known_shapes(dict.fromkeys(available or ()))
        return available

    def region_gains(self) -> dict[str, float]:
        """Gain of each region: its own, x upper or lower, x intensity."""
        gains = {}
        for name in REGIONS:
            half = self.knobs.upper if name in UPPER else self.knobs.lower
            gains[name] = self.regions.get(name, 1.0) * half * self.knobs.intensity
        return gains


def read_profile(path: str | Path) -> Profile:
    """A profile from a YAML file. Raises UsageError `bad_profile` with the place of the first fault."""
    return checked_profile(read_yaml(path), str(path))


def checked_profile(data: dict[str, Any], where: str) -> Profile:
    """A profile from plain values; `where` names them in errors."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UsageError("bad_profile", f"{where}: {place}: {fault['msg']}", "see docs/expression.md") from None


def expanded(shapes: dict[str, float]) -> dict[str, float]:
    """Weight by full ARKit name; a name with its side wins over the one for both."""
    wide = {each: weight for name, weight in shapes.items() for each in sides(name) if each != name}
    return wide | {name: weight for name, weight in shapes.items() if sides(name) == (name,)}
