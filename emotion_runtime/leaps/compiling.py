"""Owns whether the loop is there: loaded in the background when long runs ask for it, compiled by `warmup`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from behaviors.compiled import warm
from behaviors.leaping.grove import Grove
from behaviors.leaping.tables import Holding, Looks
from emotion_runtime.errors import UsageError
from emotion_runtime.kernels.tables import (
    NOBODY,
    SLOTS,
    Accounts,
    Active,
    Attitude,
    Caught,
    Drives,
    Feelings,
    Fixed,
    Grid,
    Hits,
    Reaches,
)
from emotion_runtime.leaps.tables import Acting, Kept, Spreading
from emotion_runtime.leaps.watches import NOTHING_WATCHED

State: TypeAlias = Literal["off", "not_installed", "loading", "not_compiled", "ready", "failed"]
Loop: TypeAlias = Callable[..., int]

ASKED_UP_TO: Final = 2000
"""Ticks that a process takes one by one before the loop is loaded: that costs as much time as these."""


class LoopLoader:
    """Loads the loop once for the whole process. Only `wait` compiles; what runs meanwhile steps tick by tick."""

    def __init__(self) -> None:
        self.state: State = "off" if find_spec("numba") is not None else "not_installed"
        self.why = ""
        self.loop: Loop | None = None
        self._asked = 0
        self._lock = threading.Lock()

    def ask(self, ticks: int = 1) -> Loop | None:
        """The loop, if it is there. `ticks` that somebody would have leapt count towards loading it."""
        if self.state == "off":
            self._asked += ticks
            if self._asked >= ASKED_UP_TO:
                self.state = "loading"
                threading.Thread(target=self._load, args=(False,), name="leaps", daemon=True).start()
        return self.loop

    def wait(self) -> Loop:
        """Compile the loop, if need be: half a minute the first time. Raises UsageError when it cannot be had."""
        self._load(True)
        if self.loop is None:
            what = "numba is not installed" if self.state == "not_installed" else f"the loop is not there: {self.why}"
            raise UsageError("no_numba", what, "pip install 'emotion-runtime[fast]', or run without leaps")
        return self.loop

    def _load(self, compiles: bool) -> None:
        with self._lock:
            if self.state in ("ready", "failed", "not_installed") or (self.state == "not_compiled" and not compiles):
                return
            self.state = "loading"
            try:
                loop = import_module("emotion_runtime.leaps.loop").leap
                if not compiles and not _is_kept(loop):
                    self.state = "not_compiled"
                    return
                warm()
                rehearse(loop)
            except Exception as error:  # whatever breaks in a compiler: one tick at a time goes on
                self.why = f"{type(error).__name__}: {error}"[:500]
                self.state = "failed"
            else:
                self.loop = loop
                self.state = "ready"


LOOP: Final = LoopLoader()


def _is_kept(loop: Any) -> bool:
    """Whether numba has the loop on disk."""
    try:
        return bool(loop._cache._cache_file._load_index())
    except Exception:  # numba's own, and another version may keep it elsewhere: then `warmup` is waited for
        return False


def rehearse(loop: Loop) -> None:
    """Call the loop once with nobody, no tick and the types of a real call."""
    work = np.zeros((10, 0))
    feelings = Feelings(np.zeros((2, 0)), np.zeros((3, 0)))
    fixed = Fixed(np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((3, 0)), np.zeros(0), np.zeros((1, 3)), 1.0)
    ledger = Accounts(
        cause=np.full((1, 0, SLOTS), NOBODY, np.int32),
        amount=np.zeros((1, 0, SLOTS)),
        other=np.zeros((1, 0)),
        scale=np.zeros((1, 0)),
        strongest=_ints(2, 0),
        asked=_bytes(1),
        width=1,
    )
    active = Active(np.zeros((0, 4)), _bytes(0), _ints(0), _ints(0), _ints(1), _ints(0), np.zeros(0), _ints(0))
    hits = Hits(_ints(1, 8), _ints(1, 8), np.zeros((1, 8)), _ints(1))
    drives = Drives(_ints(0), _ints(0), np.zeros(0), _ints(0), _ints(2))
    spreading = Spreading(
        0,
        _bytes(1),
        Reaches(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0), _ints(0)),
        Attitude(_longs(1), _ints(0), np.zeros(0)),
        Grid(0.0, 0.0, 0.0, 2, 2, _ints(5), _ints(0), np.zeros((0, 3))),
        Caught(_ints(0), _ints(0), np.zeros((0, 0)), _ints(0, 0)),
    )
    looks = Looks(_ints(0, 3), _ints(0, 14), np.zeros(0), _ints(1), _ints(0), _ints(0, 3))
    holding = Holding(_ints(0), _ints(1), _ints(0))
    kept = Kept(np.zeros((0, 0, 1), np.float32), np.zeros((0, 3), np.float32), _ints(2), 1.0)
    loop(
        0, 0, 1, 0.0, 0.0, 0, 0.05, feelings, fixed, np.zeros(0), hits, active, drives, spreading, ledger, work,
        np.zeros(1), looks, holding, _ints(0), _ints(0), _nothing_acted(), _no_trees(), NOTHING_WATCHED, kept,
    )  # fmt: skip


def _nothing_acted() -> Acting:
    return Acting(
        running=_bytes(0),
        playing=_bytes(0),
        able=_bytes(0),
        started_us=_longs(0),
        timeout_us=_longs(0),
        rest_until_us=_longs(0),
        reported=_bytes(0),
        ends=np.zeros(0),
        outcome=_bytes(0),
        codes=_bytes(0),
        ready=_bytes(0),
        holds=_bytes(0),
        examined=_bytes(0),
        before=_bytes(3, 0),
        examined_before=_bytes(0),
        chosen=_ints(0),
        reach=np.zeros((0, 0)),
        wake=_longs(0),
        ended=_bytes(0),
        begun=_ints(0),
        over=_ints(0),
        sizes=_longs(2),
        stack=np.zeros(1),
    )


def _no_trees() -> Grove:
    return Grove(
        start=_ints(1, 6),
        ops=_ints(0, 7),
        constants=_longs(0),
        spans=_longs(0, 2),
        leaves=_ints(0),
        conditions=_ints(0),
        planes=np.zeros((0, 1), np.uint64),
        deadlines=_longs(0, 64),
        everyone=np.zeros(0, np.uint64),
        slot=_ints(0),
        condition=_ints(0),
        who=_ints(0),
        streams=np.zeros(0, np.uint64),
        scratch=np.zeros((2, 1), np.uint64),
        room=np.zeros(0, np.uint64),
        restless=_bytes(0),
    )


def _ints(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.zeros(shape, np.int32)


def _longs(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.zeros(shape, np.int64)


def _bytes(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.zeros(shape, np.uint8)
