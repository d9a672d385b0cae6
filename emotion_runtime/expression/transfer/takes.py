"""Owns captured faces on disk and on the wire: Live Link Face CSV read by column name, and its UDP datagrams."""

from __future__ import annotations

import csv
import io
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.shapes import ARKIT

Floats32 = NDArray[np.float32]

MAX_FRAMES: Final = 1_000_000
MAX_BYTES: Final = 512 << 20
DEFAULT_RATE: Final = 60.0

UDP_ORDER: Final = tuple(
    "eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft eyeBlinkRight "
    "eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight jawForward jawLeft "
    "jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight mouthSmileLeft mouthSmileRight "
    "mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft mouthStretchRight mouthRollLower "
    "mouthRollUpper mouthShrugLower mouthShrugUpper mouthPressLeft mouthPressRight mouthLowerDownLeft "
    "mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight browDownLeft browDownRight browInnerUp browOuterUpLeft "
    "browOuterUpRight cheekPuff cheekSquintLeft cheekSquintRight noseSneerLeft noseSneerRight tongueOut".split()
)
"""Order of the floats in a datagram: ARKit's. The CSV has jawRight and mouthRight first, so it is read by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """`weights` (f, 52) float32 as `ARKIT`, `seconds` (f,) from the first frame; other columns are kept."""

    weights: Floats32
    seconds: NDArray[np.float64]
    timecodes: tuple[str, ...]
    extra_names: tuple[str, ...]
    extra: Floats32
    missing: tuple[str, ...]
    """Shapes the file does not have: 0 in `weights`."""


def read_take(path: str | Path) -> Take:
    """A Live Link Face CSV. Columns are found by name, whatever their order and case.

    Times come from the column `Timecode` (HH:MM:SS:FF.fff, frame rate found from the frames themselves) or `seconds`;
    without either 60 frames a second are meant. Raises UsageError `bad_take` with the line, or `no_such_file`.
    """
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise UsageError("bad_take", f"{path} is over {MAX_BYTES} bytes")
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError("bad_take", f"{path} is no text in UTF-8") from None
    return parse_take(text, str(path))


def parse_take(text: str, where: str = "the take") -> Take:
    """The same from text; `where` names it in errors."""
    rows = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(rows, [])]
    place = {name.lower(): index for index, name in enumerate(header)}
    columns = [place.get(name.lower()) for name in ARKIT]
    if all(column is None for column in columns):
        raise UsageError("bad_take", f"{where} has no column of an ARKit shape in its first line")
    known = {column for column in columns if column is not None} | {
        place[name] for name in ("timecode", "seconds", "blendshapecount") if name in place
    }
    other = [index for index in range(len(header)) if index not in known and header[index]]
    weights: list[list[float]] = []
    extra: list[list[float]] = []
    times: list[float] = []
    codes: list[str] = []
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(weights) >= MAX_FRAMES:
            raise UsageError("bad_take", f"{where} has over {MAX_FRAMES} frames")
        weights.append([_cell(row, column, header, where, line) for column in columns])
        extra.append([_cell(row, column, header, where, line) for column in other])
        codes.append(row[place["timecode"]].strip() if "timecode" in place and len(row) > place["timecode"] else "")
        if "seconds" in place:
            times.append(_cell(row, place["seconds"], header, where, line))
    seconds = np.array(times) if times else _seconds(codes, where)
    return Take(
        np.clip(np.array(weights, dtype=np.float32).reshape(len(weights), len(ARKIT)), 0.0, 1.0),
        seconds - (seconds[0] if len(seconds) else 0.0),
        tuple(codes),
        tuple(header[index] for index in other),
        np.array(extra, dtype=np.float32).reshape(len(extra), len(other)),
        tuple(name for name, column in zip(ARKIT, columns, strict=True) if column is None),
    )


def write_take(path: str | Path, take: Take, weights: Floats32) -> None:
    """A take with other weights, as CSV in Live Link Face's form: names in its spelling, extra columns kept.

    float32 values are written so that reading them back gives the same bits.
    """
    names = [name[0].upper() + name[1:] for name in ARKIT]
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        timed = any(take.timecodes)
        writer.writerow([*(["Timecode"] if timed else ["seconds"]), "BlendshapeCount", *names, *take.extra_names])
        for row, (frame, more) in enumerate(zip(weights, take.extra, strict=True)):
            at = take.timecodes[row] if timed else repr(float(take.seconds[row]))
            cells = [str(value) for value in frame] + [str(value) for value in more]
            writer.writerow([at, len(ARKIT) + len(take.extra_names), *cells])


def parse_datagram(data: bytes) -> tuple[str, Floats32]:
    """Subject name and weights (52,) of one Live Link Face datagram (version 6). Raises InputError `bad_capture`.

    Little-endian int32 version, 37 bytes of device id, then big-endian: int32 length and name, int32 frame, float32 sub
    frame, int32 rate, int32 denominator, uint8 count, float32 weights. As public decoders of the format read it.
    """
    try:
        (version,) = struct.unpack_from("<i", data, 0)
        (length,) = struct.unpack_from("!i", data, 41)
        if version != 6 or not 0 <= length <= 256:
            raise InputError("bad_capture", f"a datagram of version {version} is not known")
        name = data[45 : 45 + length].decode("utf-8", "replace")
        (count,) = struct.unpack_from("!B", data, 45 + length + 16)
        values = struct.unpack_from(f"!{count}f", data, 45 + length + 17)
    except struct.error:
        raise InputError("bad_capture", f"a datagram of {len(data)} bytes is too short") from None
    if count < len(UDP_ORDER) - 1 or not all(math.isfinite(value) for value in values):
        raise InputError("bad_capture", f"a datagram with {count} weights, or with weights that are no numbers")
    by_name = dict(zip(UDP_ORDER, values, strict=False))
    row = np.array([by_name.get(name_, 0.0) for name_ in ARKIT], dtype=np.float32)
    return name, np.clip(row, np.float32(0.0), np.float32(1.0))


def _cell(row: list[str], column: int | None, header: list[str], where: str, line: int) -> float:
    if column is None:
        return 0.0
    try:
        value = float(row[column])
    except (IndexError, ValueError):
        raise UsageError("bad_take", f"{where}:{line}: no number in column '{header[column]}'") from None
    if not math.isfinite(value):
        raise UsageError("bad_take", f"{where}:{line}: '{header[column]}' is not finite")
    return value


def _seconds(codes: list[str], where: str) -> NDArray[np.float64]:
    """Timecodes are irregular: frames are dropped and doubled. Seconds + frame / rate, never falling."""
    if not codes or not all(codes):
        return np.arange(len(codes)) / DEFAULT_RATE
    parsed = []
    for line, code in enumerate(codes, start=2):
        parts = code.replace(";", ":").split(":")
        try:
            hours, minutes, whole, frame = (float(part) for part in parts)
        except ValueError:
            raise UsageError("bad_take", f"{where}:{line}: '{code}' is no timecode HH:MM:SS:FF") from None
        parsed.append((hours * 3600.0 + minutes * 60.0 + whole, frame))
    highest = max(frame for _, frame in parsed)
    rate = next((rate for rate in (24.0, 25.0, 30.0, 50.0, 60.0) if highest < rate), highest + 1.0)
    seconds = np.array([second + frame / rate for second, frame in parsed])
    return np.asarray(np.maximum.accumulate(seconds))
