"""Owns what `evaluate expression` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotion_runtime.cli.expression import distances_line, voice_or_none
from emotion_runtime.errors import UsageError
from emotion_runtime.expression.evaluation import Reading, distinctness, lip_distances, read_by_machine
from emotion_runtime.expression.landmarks import Basis, own_basis
from emotion_runtime.expression.metrics import Distances, agreement, compare
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.speech.pronounce import installed_dictionary, read_dictionary
from emotion_runtime.expression.transfer.takes import Take, read_take

HEAD: Final = f"{'':<26}{'L-LD':>7}{'L-LVD':>7}{'F-LD':>7}{'F-LVD':>7}   " + "".join(
    f"{name:>7}" for name in ("L-LD%", "L-LVD%", "F-LD%", "F-LVD%")
)
UNITS: Final = (
    "px at 64 px between the eye centres, then % of that distance; LVD per frame at 25 fps; no registration: one rig, "
    "the head does not move"
)

Found = dict[str, Any]


def expression_report(basis: Basis, dictionary: Path | None, seed: int) -> tuple[list[str], Found]:
    """Lines for people, and the same as plain values."""
    lines = [f"basis: {basis.name}, {basis.neutral.shape[1]}-D", ""]
    found: Found = {"type": "evaluate_expression", "basis": basis.name, "dimensions": basis.neutral.shape[1]}
    if basis is not own_basis():
        alike = agreement(own_basis(), basis, ARKIT)
        worst = sorted(alike.cosine.items(), key=lambda item: item[1])[:4]
        lines += [
            f"our 26 handles against it, frontal: median cosine {alike.median_cosine:.2f}, "
            f"median length ratio {alike.median_ratio:.2f}; least alike "
            + ", ".join(f"{shape} {value:.2f}" for shape, value in worst),
            "",
        ]
        found["agreement"] = {"cosine": dict(alike.cosine), "ratio": dict(alike.ratio)}
    apart = distinctness(basis)
    near = sorted(apart.pairs.items(), key=lambda item: item[1])
    lines += ["emotions at full strength, px from neutral (all 68 landmarks):"]
    lines += ["  " + ", ".join(f"{label} {value:.2f}" for label, value in apart.from_neutral.items())]
    lines += [f"  closest pairs: {', '.join(f'{a}-{b} {value:.2f}' for (a, b), value in near[:3])}", ""]
    found["from_neutral"] = dict(apart.from_neutral)
    found["closest_pair"] = {"pair": list(near[0][0]), "px": near[0][1]}
    lips = _lips(basis, dictionary)
    lines += ["lips against the true times of a synthetic voice, mean over 20 lines:"]
    lines += ["  not measured: libespeak-ng is not installed"] if lips is None else [HEAD, *_table(lips), UNITS]
    found["lips"] = None if lips is None else {name: asdict(value) for name, value in lips.items()}
    lines.append("")
    for speaking in (False, True):
        reading = read_by_machine(basis, seed, speaking=speaking)
        lines += _reading(reading, "while speaking" if speaking else "silent")
        found["reader_speaking" if speaking else "reader_silent"] = reading.accuracy
    lines.append("The reader is a program, not a person: `study` is the kit for asking people.")
    return lines, found


def take_report(shown: Path, truth: Path, basis: Basis) -> tuple[list[str], Found]:
    """Two takes compared, the shown one resampled to the frames of the true one."""
    one, other = read_take(shown), read_take(truth)
    if len(other.seconds) < 2 or other.seconds[-1] <= 0.0 or not len(one.seconds):
        raise UsageError("bad_take", f"{truth} and {shown} must hold frames at different times")
    rate = (len(other.seconds) - 1) / float(other.seconds[-1])
    even = np.arange(len(other.seconds)) / rate
    result = compare(_resampled(one, even), _resampled(other, even), rate, basis)
    table = {"measured": result.measured} | {f"anchor: {name}": value for name, value in result.anchors.items()}
    lines = [f"basis: {basis.name}, {basis.neutral.shape[1]}-D; {len(even)} frames at {rate:.2f} a second", ""]
    lines += [
        HEAD,
        *_table(table),
        UNITS,
        f"comes {1000.0 * result.lag:.0f} ms late, moves {result.gain:.2f} times as far",
    ]
    found: Found = {"type": "evaluate_expression", "lag": result.lag, "gain": result.gain}
    found["distances"] = {name: asdict(value) for name, value in table.items()}
    return lines, found


def _resampled(take: Take, seconds: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.stack([np.interp(seconds, take.seconds, column) for column in take.weights.T], axis=1)


def _lips(basis: Basis, dictionary: Path | None) -> dict[str, Distances] | None:
    voice = voice_or_none()
    if voice is None:
        return None
    known = read_dictionary(dictionary) if dictionary else installed_dictionary()
    return lip_distances(basis, voice, known)


def _table(distances: Mapping[str, Distances]) -> list[str]:
    return [distances_line(name, value) for name, value in distances.items()]


def _reading(reading: Reading, what: str) -> list[str]:
    lines = [
        f"machine reader, {what}: {100.0 * reading.accuracy:.1f} % of {int(reading.counts.sum())} faces read right"
    ]
    lines.append(f"  {'shown / read':<14}" + "".join(f"{label[:8]:>9}" for label in reading.labels))
    for label, row in zip(reading.labels, reading.counts.tolist(), strict=True):
        lines.append(f"  {label:<14}" + "".join(f"{count:9d}" for count in row))
    return [*lines, ""]
