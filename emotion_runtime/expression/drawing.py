"""Owns the drawing of a face as SVG from 52 weights: our basis gives the lines, a few shapes lines of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.landmarks import own_basis
from emotion_runtime.expression.shapes import ARKIT, COLUMN

Floats = NDArray[np.float64]

SCALE: Final = 100.0
"""SVG units between the eye centres."""
WIDTH: Final = 320
HEIGHT: Final = 360
CENTRE: Final = (160.0, 150.0)
"""Where the middle between the eyes lies in a picture of WIDTH x HEIGHT."""

SKIN: Final = "#f2d3bd"
LINE: Final = "#4a3328"
HAIR: Final = "#6b4a37"
SHADE: Final = "#c98f74"
LIP: Final = "#c0645f"
DARK: Final = "#5b2426"


def face_svg(weights: NDArray[np.floating]) -> str:
    """The elements of one face, weights (52,) as `ARKIT`, in a box of WIDTH x HEIGHT: to be put into an <svg>."""
    points = own_basis().landmarks(weights)
    xy = np.stack([CENTRE[0] + points[:, 0] * SCALE, CENTRE[1] - points[:, 1] * SCALE], axis=1)
    w = {name: float(weights[COLUMN[name]]) for name in ARKIT}
    parts = [
        _head(xy, points - own_basis().neutral),
        *_cheeks(xy, w),
        *_eye(xy, w, 36, "Right", 1.0),
        *_eye(xy, w, 42, "Left", -1.0),
    ]
    parts += [_brow(xy[[17, 18, 19, 20, 21]]), _brow(xy[[26, 25, 24, 23, 22]]), *_nose(xy, w), *_mouth(xy, w)]
    return "".join(parts)


def svg(body: str, width: float, height: float) -> str:
    """A whole SVG file around elements."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="#fbfaf8"/>{body}</svg>\n'
    )


def text(x: float, y: float, content: str, size: float = 15, anchor: str = "middle", fill: str = "#333") -> str:
    """One line of text; the content is escaped."""
    safe = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{fill}">{safe}</text>'


def placed(body: str, x: float, y: float, scale: float) -> str:
    """Elements moved and scaled."""
    return f'<g transform="translate({_n(x)} {_n(y)}) scale({_n(scale)})">{body}</g>'


def _head(xy: Floats, moved: Floats) -> str:
    """The contour follows the chin with a smooth falloff: single landmarks would dent it."""
    chin = xy[0:17] - moved[0:17] * (SCALE, -SCALE)
    away = 1.0 - (np.abs(np.arange(17) - 8) / 7.0) ** 2
    chin += np.maximum(away, 0.0)[:, None] ** 1.5 * moved[8] * (SCALE, -SCALE)
    (left, y0), (right, y1) = chin[0], chin[16]
    crown = CENTRE[1] - 1.15 * SCALE
    skull = f"C{_n(right + 4)} {_n(crown)} {_n(left - 4)} {_n(crown)} {_n(left)} {_n(y0)}Z"
    ears = "".join(
        f'<ellipse cx="{_n(x)}" cy="{_n(y + 22)}" rx="12" ry="24" fill="{SKIN}" stroke="{LINE}" stroke-width="2"/>'
        for x, y in ((left, y0), (right, y1))
    )
    hair = (
        f'<path d="M{_n(left - 3)} {_n(y0 + 8)}C{_n(left - 22)} {_n(crown - 40)} {_n(right + 22)} {_n(crown - 40)} '
        f"{_n(right + 3)} {_n(y1 + 8)}C{_n(right - 6)} {_n(y1 - 70)} {_n(right - 60)} {_n(y1 - 82)} "
        f"{_n(CENTRE[0])} {_n(y0 - 80)}C{_n(left + 60)} {_n(y0 - 82)} {_n(left + 6)} {_n(y0 - 70)} "
        f'{_n(left - 3)} {_n(y0 + 8)}Z" fill="{HAIR}" stroke="{LINE}" stroke-width="2"/>'
    )
    return f'{ears}<path d="{_curve(chin)}{skull}" fill="{SKIN}" stroke="{LINE}" stroke-width="2.5"/>{hair}'


def _cheeks(xy: Floats, w: dict[str, float]) -> list[str]:
    parts = []
    for side, lid, outward in (("Right", 41, -1.0), ("Left", 46, 1.0)):
        squint = max(w[f"cheekSquint{side}"], 0.6 * w[f"eyeSquint{side}"])
        if squint > 0.02:
            x, y = xy[lid]
            d = f"M{_n(x - 14)} {_n(y + 7)}Q{_n(x)} {_n(y + 13 - 3 * squint)} {_n(x + 14)} {_n(y + 7)}"
            parts.append(_stroke(d, SHADE, 2.0, squint))
        fold = max(w[f"mouthSmile{side}"], w[f"noseSneer{side}"], w[f"mouthUpperUp{side}"])
        if fold > 0.02:
            (nx, ny), (cx, cy) = xy[35 if outward > 0 else 31], xy[54 if outward > 0 else 48]
            end = (cx + 11 * outward, cy - 4)
            bend = (nx + 26 * outward, (ny + cy) / 2 - 6)
            parts.append(_stroke(f"M{_n(nx + 9 * outward)} {_n(ny - 4)}Q{_two(bend)} {_two(end)}", SHADE, 2.2, fold))
        puff = w["cheekPuff"]
        if puff > 0.02:
            x, y = xy[54 if outward > 0 else 48]
            circle = f'<circle cx="{_n(x + 26 * outward)}" cy="{_n(y - 14)}" r="20" fill="{SHADE}" '
            parts.append(f'{circle}opacity="{_n(0.4 * puff)}"/>')
    return parts


def _eye(xy: Floats, w: dict[str, float], first: int, side: str, inward: float) -> list[str]:
    eye = xy[first : first + 6]
    upper, lower = eye[[0, 1, 2, 3]], eye[[3, 4, 5, 0]]
    gap = float(eye[[4, 5], 1].mean() - eye[[1, 2], 1].mean())
    parts = []
    if gap > 2.5:
        path = _curve(upper) + _curve(lower).replace("M", "L", 1)
        clip = f"eye{abs(hash_points(eye)):x}"
        x, y = (eye[0] + eye[3]) / 2.0 - (0.0, 1.5)
        x += 9.0 * inward * (w[f"eyeLookIn{side}"] - w[f"eyeLookOut{side}"])
        y += 6.0 * (w[f"eyeLookDown{side}"] - w[f"eyeLookUp{side}"])
        parts += [
            f'<clipPath id="{clip}"><path d="{path}Z"/></clipPath><path d="{path}Z" fill="#fff"/>',
            f'<g clip-path="url(#{clip})"><circle cx="{_n(x)}" cy="{_n(y)}" r="8.6" fill="#5a7a58"/>',
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4" fill="#1c1c1c"/>',
            f'<circle cx="{_n(x + 2.5)}" cy="{_n(y - 2.5)}" r="1.6" fill="#fff"/></g>',
        ]
    parts.append(_stroke(_curve(upper), LINE, 3.2, 1.0))
    parts.append(_stroke(_curve(lower), LINE, 1.5, 0.8))
    crease = upper - (0.0, 6.0 + 2.0 * w[f"eyeWide{side}"])
    parts.append(_stroke(_curve(crease), SHADE, 1.5, 0.7))
    return parts


def _brow(points: Floats) -> str:
    return _stroke(_curve(points), LINE, 6.0, 0.95)


def _nose(xy: Floats, w: dict[str, float]) -> list[str]:
    base = xy[[31, 32, 33, 34, 35]]
    parts = [_stroke(_curve(base), LINE, 2.0, 0.8)]
    for wing, outward in ((31, -1.0), (35, 1.0)):
        x, y = xy[wing]
        bend = f"Q{_n(x + 7 * outward)} {_n(y - 6)} {_n(x + 1 * outward)} {_n(y - 13)}"
        parts.append(_stroke(f"M{_n(x)} {_n(y)}{bend}", LINE, 2.0, 0.8))
    wrinkle = (w["noseSneerLeft"] + w["noseSneerRight"]) / 2
    frown = (w["browDownLeft"] + w["browDownRight"]) / 2
    for much, y in ((wrinkle, 4.0), (wrinkle, 12.0)):
        if much > 0.02:
            d = f"M{_n(CENTRE[0] - 11)} {_n(CENTRE[1] + y)}q11 -6 22 0"
            parts.append(_stroke(d, SHADE, 2.0, much))
    if frown > 0.02:
        for x in (-7.0, 7.0):
            y = float(xy[[21, 22], 1].mean())
            parts.append(_stroke(f"M{_n(CENTRE[0] + x)} {_n(y - 8)}l{_n(-x / 4)} 15", SHADE, 2.0, frown))
    inner = w["browInnerUp"]
    if inner > 0.02:
        for y in (-26.0, -36.0):
            y0 = float(xy[[20, 23], 1].mean()) + y + 6
            parts.append(_stroke(f"M{_n(CENTRE[0] - 28)} {_n(y0)}q28 -7 56 0", SHADE, 1.8, inner * 0.8))
    return parts


def _mouth(xy: Floats, w: dict[str, float]) -> list[str]:
    upper, lower = xy[[48, 49, 50, 51, 52, 53, 54]], xy[[54, 55, 56, 57, 58, 59, 48]]
    inner_up, inner_low = xy[[60, 61, 62, 63, 64]].copy(), xy[[64, 65, 66, 67, 60]].copy()
    middle = (inner_up[1:4, 1] + inner_low[[3, 2, 1], 1]) / 2
    inner_up[1:4, 1] = np.minimum(inner_up[1:4, 1], middle)
    inner_low[[3, 2, 1], 1] = np.maximum(inner_low[[3, 2, 1], 1], middle)
    outer = _curve(upper) + _curve(lower).replace("M", "L", 1)
    hole = _curve(inner_up) + _curve(inner_low).replace("M", "L", 1)
    gap = float((inner_low[2] - inner_up[2])[1])
    parts = [f'<path d="{outer}Z" fill="{LIP}" stroke="{LINE}" stroke-width="1.4"/>']
    if gap > 2.0:
        clip = f"lip{abs(hash_points(inner_up)) ^ abs(hash_points(inner_low)):x}"
        x0, x1 = inner_up[0, 0], inner_up[4, 0]
        y0 = float(inner_up[:, 1].min())
        y1 = float(inner_low[:, 1].max())
        parts += [
            f'<clipPath id="{clip}"><path d="{hole}Z"/></clipPath><path d="{hole}Z" fill="{DARK}"/>',
            f'<g clip-path="url(#{clip})"><rect x="{_n(x0 + 8)}" y="{_n(y0 - 8)}" width="{_n(x1 - x0 - 16)}" '
            f'height="{_n(8 + min(9.0, 0.35 * gap + 2))}" rx="4" fill="#fff"/>',
            f'<ellipse cx="{_n((x0 + x1) / 2)}" cy="{_n(y1 + 3)}" rx="{_n((x1 - x0) / 3.2)}" '
            f'ry="{_n(0.35 * gap)}" fill="#b5504f"/></g>',
        ]
    parts.append(f'<path d="{hole}Z" fill="none" stroke="{LINE}" stroke-width="{_n(2.2 if gap <= 2 else 1.2)}"/>')
    if w["tongueOut"] > 0.02:
        x, y = xy[[62, 66]].mean(0)
        long = 6 + 26 * w["tongueOut"]
        tongue = f'<ellipse cx="{_n(x)}" cy="{_n(y + long / 2)}" rx="13" ry="{_n(long / 2)}" fill="#d0706c" '
        parts.append(f'{tongue}stroke="{LINE}" stroke-width="1.2"/>')
    chin = w["mouthShrugLower"]
    if chin > 0.02:
        x, y = xy[57]
        parts.append(_stroke(f"M{_n(x - 14)} {_n(y + 16)}q14 -8 28 0", SHADE, 2.0, chin))
    return parts


def hash_points(points: Floats) -> int:
    """A number that names a drawing's clip path: alike for alike points, on every run."""
    number = 0
    for value in np.rint(points.ravel() * 100).astype(int).tolist():
        number = (number * 1000003 + value) % (1 << 48)
    return number


def _curve(points: Floats | Sequence[Sequence[float]]) -> str:
    """A smooth path through points: Catmull-Rom as cubic Bezier pieces."""
    p = np.asarray(points, dtype=np.float64)
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    text = "M" + _two(p[0])
    for i in range(1, len(padded) - 2):
        a = padded[i] + (padded[i + 1] - padded[i - 1]) / 6.0
        b = padded[i + 1] - (padded[i + 2] - padded[i]) / 6.0
        text += f"C{_two(a)} {_two(b)} {_two(padded[i + 1])}"
    return text


def _stroke(d: str, colour: str, width: float, opacity: float) -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{_n(width)}" stroke-linecap="round" '
        f'opacity="{_n(min(1.0, opacity))}"/>'
    )


def _two(point: Sequence[float] | Floats) -> str:
    return f"{_n(float(point[0]))} {_n(float(point[1]))}"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
