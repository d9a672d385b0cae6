"""Owns the names of blendshapes: Apple's 52, their sides and regions, and the expressions of VRM 1.0."""

from __future__ import annotations

from typing import Final

ARKIT: Final = tuple(
    "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft "
    "noseSneerRight tongueOut".split()
)
"""Apple's 52 names, alphabetical: the order of the face column."""

COLUMN: Final = {name: column for column, name in enumerate(ARKIT)}
"""Name -> column."""

VRM: Final = tuple(
    "happy angry sad relaxed surprised neutral aa ih ou ee oh blink blinkLeft blinkRight "
    "lookUp lookDown lookLeft lookRight fear disgust".split()
)
"""The 18 presets of VRM 1.0 in the order of its specification, then two custom expressions it has no preset for."""

REGIONS: Final = ("brows", "eyes", "cheeks", "mouth", "jaw")
"""Cheeks include the nose, the mouth the tongue."""

_PREFIX: Final = {"brow": "brows", "eye": "eyes", "cheek": "cheeks", "nose": "cheeks", "mouth": "mouth", "jaw": "jaw"}


def region(shape: str) -> str:
    """The region of an ARKit shape, one of `REGIONS`."""
    for prefix, name in _PREFIX.items():
        if shape.startswith(prefix):
            return name
    return "mouth"


def sides(shape: str) -> tuple[str, ...]:
    """The columns meant by a name: `mouthSmile` is both sides, `mouthSmileLeft` and `jawOpen` themselves.

    Raises KeyError for a name that is no ARKit shape.
    """
    if shape in COLUMN:
        return (shape,)
    both = (f"{shape}Left", f"{shape}Right")
    if both[0] not in COLUMN:
        raise KeyError(shape)
    return both


def mirrored(shape: str) -> str:
    """The same shape on the other side of the face; a shape without a side is its own mirror image."""
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if shape.endswith(side):
            return shape.removesuffix(side) + other
    return shape


LOWER: Final = tuple(name for name in ARKIT if region(name) in ("mouth", "jaw"))
"""The shapes that speech and emotion share: those of mouth and jaw."""
