"""Owns values with units and signs: text such as `5 m`, `250 ms`, `+0.3/s` or `0.6 in 0..1` to numbers, or a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST = 1e6
"""Greatest length in metres and time in seconds."""
SMALLEST = 1e-3
"""Smallest length in metres and time in seconds that is not 0."""
FASTEST = 100.0
"""Greatest rate per second."""
LONGEST = 100
"""Characters of one value; a longer one is refused unread."""

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?|\.[0-9]{1,12}"
_SIGNED = re.compile(rf"([+-]?)\s*({_NUMBER})\s*(/s|[a-z%/]+)?")
_VARIABLE = re.compile(r"(?P<initial>.+?)\s+in\s+(?P<low>.+?)\s*\.\.\s*(?P<high>.+)")
_BETWEEN = re.compile(r"(?P<low>.+?)\s*\.\.\s*(?P<high>.+)")
_SPREAD = re.compile(r"(?P<gain>.+?)\s+within\s+(?P<within>.+)")

_UNITS = {
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "s": ("time", 1.0),
    "ms": ("time", 0.001),
    "min": ("time", 60.0),
    "/s": ("rate", 1.0),
    "": ("number", 1.0),
}
_BASE = {"length": "m", "time": "s", "number": "", "rate": "/s"}
_CALLED = {"length": "a length", "time": "a time", "number": "a number without a unit", "rate": "a rate (`/s`)"}
_EXAMPLE = {"length": "5 m", "time": "8 s", "number": "0.5", "rate": "0.02/s"}


class QuantityError(Exception):
    """A value that cannot be read: `offset` and `width` (None = the rest) say which part of the text."""

    def __init__(self, slug: str, message: str, remedy: str = "", offset: int = 0, width: int | None = None) -> None:
        super().__init__(message)
        self.slug, self.message, self.remedy, self.offset, self.width = slug, message, remedy, offset, width


@dataclass(frozen=True, slots=True)
class Quantity:
    """A signed number in base units (metres, seconds, per second); `kind` is number, length, time or rate."""

    value: float
    kind: str
    signed: bool


def quantity(text: str, what: str, wanted: str) -> Quantity:
    """Read any quantity. `wanted` (a kind) only shapes the remedies."""
    example = _EXAMPLE[wanted]
    found = _SIGNED.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        hint = re.sub(r"([0-9]),([0-9])", r"\1.\2", text[:LONGEST])
        remedy = hint if hint != text and _SIGNED.fullmatch(hint) else example
        raise QuantityError("not-a-quantity", f"{what} needs {_CALLED[wanted]}, not `{text[:40]}`", remedy)
    sign, digits, unit = found[1], found[2], found[3] or ""
    if unit not in _UNITS:
        remedy = f"{float(digits) / 100:g}" if unit == "%" else f"{sign}{digits}{_unit(wanted)}"
        raise QuantityError(
            "wrong-unit", f"`{unit}` is not a unit of the scene language", remedy, found.start(3), len(unit)
        )
    kind, factor = _UNITS[unit]
    value = float(digits) * factor
    return Quantity(-value if sign == "-" else value, kind, bool(sign))


def _unit(kind: str) -> str:
    return _BASE[kind] if kind in ("rate", "number") else " " + _BASE[kind]


def _of_kind(text: str, what: str, kind: str) -> float:
    found = quantity(text, what, kind)
    if found.kind != kind:
        bare = _SIGNED.fullmatch(text)
        assert bare is not None
        fixed = f"{bare[1]}{bare[2]}{_unit(kind)}"
        raise QuantityError("wrong-unit", f"{what} needs {_CALLED[kind]}", fixed)
    return found.value


def number(text: str, what: str, low: float, high: float) -> float:
    """A plain number in low..high."""
    value = _of_kind(text, what, "number")
    if not low <= value <= high:
        raise QuantityError("out-of-range", f"{what} runs from {low:g} to {high:g}", f"{min(max(value, low), high):g}")
    return value


def _positive(text: str, what: str, kind: str, zero: bool) -> float:
    value = _of_kind(text, what, kind)
    if not (SMALLEST <= value <= LARGEST or (zero and value == 0.0)):
        unit = _BASE[kind]
        low = f"0 or from {SMALLEST:g} {unit}" if zero else f"from {SMALLEST:g} {unit}"
        raise QuantityError("out-of-range", f"{what} runs {low} to {LARGEST:g} {unit}", _EXAMPLE[kind])
    return value


def length(text: str, what: str, *, zero: bool = False) -> float:
    """A length in metres, above 0 unless `zero` is allowed."""
    return _positive(text, what, "length", zero)


def duration(text: str, what: str, *, zero: bool = False) -> float:
    """A time in seconds, above 0 unless `zero` is allowed."""
    return _positive(text, what, "time", zero)


def time_or_range(text: str, what: str) -> tuple[float, float]:
    """A time, or `8..12 s` (or `500 ms..2 s`), drawn from between: the least and the most, which is 0 for one time."""
    found = _BETWEEN.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return duration(text, what), 0.0
    low = found["low"]
    bare = _SIGNED.fullmatch(found["high"])
    if bare is not None and re.fullmatch(_NUMBER, low):
        low = f"{low} {bare[3] or ''}".strip()
    least, most = duration(low, what), duration(found["high"], what)
    if not least < most:
        raise QuantityError("out-of-range", f"{what} is drawn from less to more", f"{most:g}..{least:g} s")
    return least, most


def change(text: str, what: str, *, rate: bool | None = None) -> tuple[float, bool]:
    """A signed change and whether it is per second. `rate`: True = must be, False = must not be, None = either."""
    found = quantity(text, what, "rate" if rate else "number")
    if found.kind not in ("number", "rate"):
        bare = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        raise QuantityError("wrong-unit", f"{what} has no unit but `/s`", f"{bare}/s" if rate else bare)
    per_second = found.kind == "rate"
    if not found.signed:
        raise QuantityError(
            "missing-sign", f"{what} is a change, so it needs a sign", f"+{text} to raise it, -{text} to lower it"
        )
    if rate is True and not per_second:
        raise QuantityError("wrong-unit", f"{what} acts all the time, so it needs a rate", f"{text}/s")
    if rate is False and per_second:
        raise QuantityError("wrong-unit", f"{what} acts once, so it has no `/s`", text.replace("/s", "").strip())
    limit = FASTEST if per_second else 1.0
    if abs(found.value) > limit:
        raise QuantityError("out-of-range", f"{what} is at most {limit:g}{'/s' if per_second else ''} either way")
    return found.value, per_second


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable's start value and range; booleans are 0 and 1. `unit` is "", "s" or "m"."""

    initial: float
    low: float
    high: float
    boolean: bool = False
    unit: str = ""


def variable(text: str, what: str) -> Declared:
    """A declaration: `true`, `false`, or `start in low..high`."""
    if text in ("true", "false"):
        return Declared(float(text == "true"), 0.0, 1.0, True)
    found = _VARIABLE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        try:
            start = quantity(text, what, "number")
        except QuantityError:
            word = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower())
            remedy = word or "0.5 in 0..1, or true / false"
        else:
            unit = _unit(start.kind)
            remedy = f"{text} in 0..{max(1.0, abs(start.value)):g}{unit}, or true / false"
        raise QuantityError("variable-range", f"{what} needs a start value and a range", remedy)
    parts = {}
    for part in ("initial", "low", "high"):
        try:
            parts[part] = quantity(found[part], what, "number")
        except QuantityError as fault:
            fault.offset += found.start(part)
            fault.width = len(found[part]) if fault.width is None else fault.width
            raise
    initial, low, high = parts["initial"], parts["low"], parts["high"]
    unit = _BASE[high.kind]
    if high.kind == "rate" or initial.kind != high.kind or low.kind not in (high.kind, "number"):
        kinds = [each.kind for each in (initial, high, low) if each.kind in ("length", "time")]
        unit = _unit(kinds[0]) if kinds else ""
        fixed = f"{initial.value:g}{unit} in {low.value:g}..{high.value:g}{unit}"
        raise QuantityError("wrong-unit", f"the numbers of {what} have different units", fixed)
    if low.kind == "number" and high.kind != "number" and low.value != 0.0:
        # `2..60 s` reads as `2 s..60 s`, in the unit of the upper end.
        scale = _UNITS[(_SIGNED.fullmatch(found["high"]) or found)[3] or ""][1]
        low = Quantity(low.value * scale, high.kind, low.signed)
    if not low.value < high.value:
        raise QuantityError("variable-range", f"the range of {what} is empty", f"{high.value:g}..{low.value:g}{unit}")
    if max(abs(low.value), abs(high.value)) > LARGEST:
        raise QuantityError("out-of-range", f"{what} may hold at most {LARGEST:g}")
    if not low.value <= initial.value <= high.value:
        raise QuantityError(
            "out-of-range", f"the start value of {what} is outside its range", f"{low.value:g} to {high.value:g}{unit}"
        )
    return Declared(initial.value, low.value, high.value, False, unit)


def spread(text: str, what: str) -> tuple[float, float]:
    """A contagion: `0.015/s within 4 m` to gain per second and metres."""
    found = _SPREAD.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise QuantityError("not-a-quantity", f"{what} needs a rate and a range", "0.015/s within 4 m")
    gain = _of_kind(found["gain"], what, "rate")
    if not 0.0 < gain <= FASTEST:
        raise QuantityError(
            "out-of-range", f"{what} must be more than 0/s and at most {FASTEST:g}/s", "0.015/s", 0, len(found["gain"])
        )
    try:
        return gain, length(found["within"], what)
    except QuantityError as fault:
        fault.offset += found.start("within")
        raise


def truth(text: str, what: str) -> bool:
    """`true` or `false`, and no other spelling."""
    if text not in ("true", "false"):
        raise QuantityError("not-a-word", f"{what} is `true` or `false`", "true")
    return text == "true"


def whole(text: str, what: str, low: int, high: int) -> int:
    """A whole number in low..high."""
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise QuantityError("not-a-quantity", f"{what} needs a whole number", str(max(low, 1)))
    if not low <= int(text) <= high:
        raise QuantityError("out-of-range", f"{what} runs from {low} to {high}", str(min(max(int(text), low), high)))
    return int(text)


def count(text: str, what: str) -> int:
    """A whole number from 1 to 1000."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 1000:
        raise QuantityError("not-a-quantity", f"{what} needs a whole number from 1 to 1000", "3")
    return int(text)
