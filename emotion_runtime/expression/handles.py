"""Owns our own small face: 68 landmarks moved by 26 handles, and how far each ARKit shape moves each handle.

Unit: the distance between the eye centres (IOD). x grows towards the character's left (right in a picture), y up, the
middle between the eyes is the origin; frontal, two-dimensional. Landmark numbers are the 68 of Multi-PIE.
"""

from __future__ import annotations

from typing import Final

NEUTRAL_HALF: Final = (
    # the contour from the ear to the chin: 16, 15 .. 8
    (16, 1.10, 0.05), (15, 1.09, -0.28), (14, 1.05, -0.58), (13, 0.98, -0.87), (12, 0.85, -1.16), (11, 0.66, -1.41),
    (10, 0.46, -1.57), (9, 0.24, -1.66), (8, 0.0, -1.69),
    # brow from the outside in
    (26, 0.88, 0.27), (25, 0.75, 0.37), (24, 0.57, 0.41), (23, 0.37, 0.40), (22, 0.19, 0.35),
    # nose
    (27, 0.0, 0.05), (28, 0.0, -0.13), (29, 0.0, -0.30), (30, 0.0, -0.46), (33, 0.0, -0.69), (34, 0.09, -0.68),
    (35, 0.18, -0.66),
    # eye
    (42, 0.29, -0.02), (43, 0.42, 0.10), (44, 0.58, 0.10), (45, 0.70, 0.0), (46, 0.58, -0.08), (47, 0.42, -0.07),
    # outer lips
    (54, 0.38, -1.07), (53, 0.25, -0.96), (52, 0.10, -0.91), (51, 0.0, -0.93), (55, 0.27, -1.15), (56, 0.14, -1.20),
    (57, 0.0, -1.21),
    # inner lips
    (64, 0.33, -1.06), (63, 0.15, -1.04), (62, 0.0, -1.045), (65, 0.15, -1.05), (66, 0.0, -1.055),
)  # fmt: skip
"""The character's left half of the resting face, and the middle: landmark, x, y. The right half is its mirror image."""

MIRROR: Final = {
    16: 0, 15: 1, 14: 2, 13: 3, 12: 4, 11: 5, 10: 6, 9: 7, 8: 8, 26: 17, 25: 18, 24: 19, 23: 20, 22: 21, 27: 27, 28: 28,
    29: 29, 30: 30, 33: 33, 34: 32, 35: 31, 42: 39, 43: 38, 44: 37, 45: 36, 46: 41, 47: 40, 54: 48, 53: 49, 52: 50,
    51: 51, 55: 59, 56: 58, 57: 57, 64: 60, 63: 61, 62: 62, 65: 67, 66: 66,
}  # fmt: skip
"""Landmark of the left half -> the one across."""

HANDLES: Final = {
    "browOut": ((25, 1.0), (26, 0.9)),
    "browMid": ((24, 1.0),),
    "browIn": ((22, 1.0), (23, 1.0)),
    "lidUp": ((43, 1.0), (44, 1.0)),
    "lidLow": ((46, 1.0), (47, 1.0)),
    "ala": ((34, 0.6), (35, 1.0)),
    "corner": ((54, 1.0), (64, 1.0)),
    "lipUp": ((53, 1.0), (52, 0.9), (63, 0.75)),
    "lipLow": ((55, 0.9), (56, 1.0), (65, 0.95)),
    "jaw": ((10, 1.0), (11, 0.6), (12, 0.3)),
    "nose": ((30, 1.0), (33, 1.0)),
    "lipUpMid": ((51, 1.0),),
    "lipLowMid": ((57, 1.0),),
    "lipUpIn": ((62, 1.0),),
    "lipLowIn": ((66, 1.0),),
    "chin": ((8, 1.0), (9, 1.0)),
}
"""Ten handles that exist on both sides and six in the middle: 26. Each moves 1 to 4 landmarks of a half, by a share.

The chin's landmark 9 has its counterpart 7; the other middle handles move what lies on the middle line.
"""

PAIRED: Final = ("browOut", "browMid", "browIn", "lidUp", "lidLow", "ala", "corner", "lipUp", "lipLow", "jaw")

MOVES: Final = {
    # brows
    "browDownLeft": "browOut -.03 -.03 browMid -.06 -.06 browIn -.05 -.07",
    "browInnerUp": "browOut 0 .01 browMid 0 .04 browIn .01 .09",
    "browOuterUpLeft": "browOut .02 .11 browMid .03 .11 browIn .01 .05",
    # eyes
    "eyeBlinkLeft": "lidUp -.01 -.15 lidLow -.01 .02",
    "eyeLookDownLeft": "lidUp 0 -.08 lidLow 0 -.02",
    "eyeLookInLeft": "lidUp -.02 0 lidLow -.02 0",
    "eyeLookOutLeft": "lidUp .02 0 lidLow .02 0",
    "eyeLookUpLeft": "lidUp 0 .05 lidLow 0 .02",
    "eyeSquintLeft": "lidUp 0 -.01 lidLow 0 .035",
    "eyeWideLeft": "lidUp 0 .055 lidLow 0 -.005",
    # cheeks and nose
    "cheekPuff": "corner -.03 .02 lipUp -.03 .02 lipLow -.03 0 jaw .03 .02 chin 0 .02",
    "cheekSquintLeft": "lidLow -.01 .03 browMid 0 -.015 browOut 0 -.015 corner .01 .015 lipUp .01 .01 jaw .01 .01",
    "noseSneerLeft": "ala .01 .07 nose 0 .025 browIn -.01 -.04 browMid -.01 -.02 lipUp .01 .10 lipUpMid 0 .06 "
    "lipUpIn 0 .05 corner -.01 .07 lidLow 0 .015",
    # jaw
    "jawForward": "chin 0 -.03 lipLow .01 -.015 lipLowMid 0 -.02 lipLowIn 0 -.02 corner .01 -.005 jaw .01 -.01",
    "jawLeft": "chin .13 0 jaw .08 .01 lipLow .12 .01 lipLowMid .12 0 lipLowIn .11 0 corner .07 .01 lipUp .03 0 "
    "lipUpMid .03 0 lipUpIn .02 0",
    "jawOpen": "chin 0 -.43 jaw 0 -.17 corner -.04 -.2 lipUp 0 -.05 lipUpMid 0 -.03 lipUpIn 0 -.03 lipLow 0 -.46 "
    "lipLowMid 0 -.53 lipLowIn 0 -.53",
    # mouth
    "mouthClose": "corner .02 .22 lipUp 0 .01 lipLow .01 .48 lipLowMid 0 .48 lipLowIn 0 .55 chin 0 .05 jaw 0 .02",
    "mouthFunnel": "corner -.06 0 lipUp -.02 .06 lipUpMid 0 .09 lipUpIn 0 .08 lipLow -.02 -.10 lipLowMid 0 -.13 "
    "lipLowIn 0 -.12 chin 0 -.04",
    "mouthPucker": "corner -.10 .02 lipUp -.05 .03 lipUpMid 0 .05 lipLow -.05 0 lipLowMid 0 -.03 jaw -.01 .02",
    "mouthLeft": "corner .10 .05 lipUp .18 .03 lipLow .17 .03 lipUpMid .23 .01 lipLowMid .22 .01 lipUpIn .22 0 "
    "lipLowIn .21 0 nose .05 .01 ala .06 .02 chin .04 0",
    "mouthSmileLeft": "corner .12 .15 lipUp .06 .06 lipUpMid 0 .03 lipUpIn 0 .03 lipLow .06 .08 lipLowMid 0 .03 "
    "lipLowIn 0 .03 ala .02 .02 jaw .02 .04 chin 0 .02",
    "mouthFrownLeft": "corner .03 -.08 lipUp .01 -.02 lipLow .01 -.02 lipUpMid 0 -.01",
    "mouthDimpleLeft": "corner .03 .03 lipUp .02 0 lipLow .03 .03",
    "mouthStretchLeft": "corner .11 -.05 lipUp .04 -.015 lipLow .05 -.01 jaw .02 0",
    "mouthRollLower": "lipLow 0 .09 lipLowMid 0 .13 lipLowIn 0 .05",
    "mouthRollUpper": "lipUp 0 -.05 lipUpMid 0 -.08 lipUpIn 0 .02 ala 0 -.03",
    "mouthShrugLower": "chin 0 .11 lipLow .01 .10 lipLowMid 0 .12 lipLowIn 0 .11 corner .01 .03 jaw 0 .02",
    "mouthShrugUpper": "lipUp 0 .06 lipUpMid 0 .09 lipUpIn 0 .08 ala 0 .02",
    "mouthPressLeft": "lipUp 0 -.01 lipUpMid 0 -.01 lipLow 0 .04 lipLowMid 0 .02 lipLowIn 0 .01 corner 0 .02 "
    "chin 0 .04",
    "mouthLowerDownLeft": "lipLow .015 -.07 lipLowMid 0 -.05 lipLowIn 0 -.05 corner 0 -.02 chin 0 -.03",
    "mouthUpperUpLeft": "lipUp .02 .11 lipUpMid 0 .06 lipUpIn 0 .06 ala .02 .05 corner 0 .06",
    "tongueOut": "",
}
"""Shape at weight 1 -> handle, dx, dy, ... in IOD. A `...Left` shape moves the left half and the middle.

A shape without a side is symmetric: left handles are given, their right counterparts mirrored. `jawLeft` and
`mouthLeft` push both halves the same way. `...Right` shapes are the mirror images of `...Left`. Ours: written from what
each FACS unit does, compared with a scanned face afterwards; `evaluate expression` prints how well they agree.
"""

PUSHES: Final = ("jawLeft", "mouthLeft")
"""Shapes that move the whole mouth sideways."""
