"""Owns a live performer: datagrams of a captured face in, one character's face out, its own emotion showing through."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.affect.exponential import one_minus_exp
from emotion_runtime.errors import InputError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.transfer.apply import Transfer, coloured
from emotion_runtime.expression.transfer.takes import parse_datagram

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SILENT_AFTER: Final = 0.5
"""Seconds without a datagram after which the character gets its own face back."""
HAND_OVER: Final = 0.15
"""Half-life in seconds of taking over and of giving back."""
MOST_AT_ONCE: Final = 64
DATAGRAM_BYTES: Final = 2048
LN2: Final = 0.6931471805599453


@dataclass(frozen=True, slots=True, eq=False)
class PerformerState:
    """What a save has to keep: the face held (52,), seconds since it came, presence 0..1, and what still moves."""

    held: Floats32
    since: float
    presence: float
    moving: Floats | None


class Performer:
    """Drives one character. No clock and no socket inside: datagrams and seconds are handed in."""

    def __init__(self, transfer: Transfer, share: float = 0.35) -> None:
        """`share` 0..1: how much of the character's own face shows through while it is driven."""
        self._transfer = transfer
        self._share = share
        self._held: Floats32 = np.zeros(len(ARKIT), dtype=np.float32)
        self._since = float("inf")
        self._presence = 0.0
        self.refused = 0
        """Datagrams that were no captured face."""

    def receive(self, datagram: bytes) -> None:
        """One datagram of Live Link Face; the latest one counts. A faulty one is counted and changes nothing."""
        try:
            _, self._held = parse_datagram(datagram)
        except InputError:
            self.refused += 1
            return
        self._since = 0.0

    def show(self, weights: Floats32) -> None:
        """The performer's face (52,) is this from now on, until half a second passed without another."""
        self._held = weights
        self._since = 0.0

    def leave(self) -> None:
        """The performer is gone: the character gets its own face back."""
        self._since = max(self._since, SILENT_AFTER)

    @property
    def gone(self) -> bool:
        """Whether nothing of the performer is left in the face."""
        return self._since > SILENT_AFTER and self._presence == 0.0

    def gain_of(self, labels: Sequence[str], strengths: Floats32) -> float:
        """What the target makes of the emotions (1, k) that the source shows."""
        return float(self._transfer.emotion_gains(labels, strengths)[0])

    def save(self) -> PerformerState:
        """Everything that `restore` needs."""
        return PerformerState(self._held.copy(), self._since, self._presence, self._transfer.moving)

    def restore(self, state: PerformerState) -> None:
        """Go on from a saved state."""
        self._held, self._since, self._presence = state.held.copy(), state.since, state.presence
        self._transfer.moving = state.moving

    def step(self, own: Floats32, dt: float, *, speaking: bool = False, emotion_gain: float = 1.0) -> Floats32:
        """The character's face (52,) after `dt` more seconds, from its own face (52,)."""
        self._since += dt
        there = 1.0 if self._since <= SILENT_AFTER else 0.0
        part = float(one_minus_exp(np.array([dt * LN2 / HAND_OVER]))[0][0])
        self._presence += (there - self._presence) * part
        if there == 0.0 and self._presence < 1e-4:
            self._presence = 0.0
            self._transfer.reset()
            return own.copy()
        moved = self._transfer.step(self._held, dt, speaking=speaking, emotion_gain=emotion_gain)
        driven = coloured(moved, own, self._share)
        return own + np.float32(self._presence) * (driven - own)


def drain(receiver: socket.socket, performer: Performer) -> int:
    """Hand what waits at a non-blocking UDP socket to a performer, at most MOST_AT_ONCE. Returns how many."""
    for count in range(MOST_AT_ONCE):
        try:
            datagram = receiver.recv(DATAGRAM_BYTES)
        except (BlockingIOError, InterruptedError):
            return count
        except ConnectionError:
            continue
        performer.receive(datagram)
    return MOST_AT_ONCE
