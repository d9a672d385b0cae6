"""Owns `contagion-never-dies`: a feeling that neighbours catch from each other and that never fades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.dynamics import LN2
from emotion_runtime.affect.personality import channels
from emotion_runtime.proofs.geometry import nearest_meeting
from emotion_runtime.proofs.study import Study, number
from emotion_runtime.scene.diagnostics import Place
from emotion_runtime.scene.values import Spread

Floats = NDArray[np.float64]


def check_contagion(study: Study) -> None:
    """Exact for the worst place everybody can stand in, if all were in reach of each other at once.

    Near calm the deviations obey x' = (W - K) x, W the gains and K the decay rates: they die when, and only when, the
    spectral radius of W / K is below 1 (the SIS threshold: Lajmanovich and Yorke, Math. Biosci. 28, 1976).
    """
    for label in channels(study.scene.labels):
        gains, decay = _matrix(study, label)
        if not gains.any():
            continue
        gain = float(np.abs(np.linalg.eigvals(gains / decay[:, None])).max())
        if gain <= 1.0:
            continue
        place = _place(study, label)
        count = int((gains.any(axis=0) | gains.any(axis=1)).sum())
        study.tell(
            "warning", "contagion-never-dies", place,
            f"{label} keeps itself alive: with all {count} characters in reach the contagion gain is {number(gain)}"
            " (must be below 1)",
            notes=["spectral radius of contagion over decay; above 1 a crowd feels on with no cause"],
            remedy=f"at most {float(gains.max()) * 0.95 / gain:.4f}/s, a shorter half-life, or a shorter range",
        )  # fmt: skip


def _matrix(study: Study, label: str) -> tuple[Floats, Floats]:
    """(n, n) gain of each row from each column, where the two can be in reach; (n,) decay per second."""
    people = study.scene.characters
    gains = np.zeros((len(people), len(people)))
    kinds = {person.roams: person for person in people}
    for row, person in enumerate(people):
        for each in person.contagion:
            if each.label == label:
                near = {
                    roams for roams, one in kinds.items() if nearest_meeting(study.scene, person, one) <= each.within
                }
                gains[row] = [each.gain if other.roams in near else 0.0 for other in people]
                gains[row, row] = 0.0
    return gains, np.array([LN2 / person.half_life[label] for person in people])


def _place(study: Study, label: str) -> Place:
    """Where the contagion of a label is written: at the first character, or at one of its archetypes."""
    defined = study.subject.defined
    for person in study.scene.characters:
        if any(each.label == label for each in person.contagion):
            for name in (person.id, *person.archetypes):
                form = defined.characters[name].form if name in defined.characters else defined.archetypes[name].form
                spread: Spread | None = (form.contagion or {}).get(label) if form else None
                if spread is not None:
                    return spread.at.place
    raise LookupError(label)
