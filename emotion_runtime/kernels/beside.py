"""Owns a second thread that does one thing at a time beside its owner: two locks, half the hand-over of a pool."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class _Desk:
    """What the two threads share; the thread holds this and not its owner, so that a forgotten owner can go."""

    def __init__(self) -> None:
        self.begin, self.done = threading.Lock(), threading.Lock()
        self.begin.acquire()
        self.done.acquire()
        self.job: Callable[[], Any] | None = None
        self.result: Any = None
        self.fault: BaseException | None = None
        self.finished = 0

    def serve(self) -> None:
        """The life of the thread: until there is no job when it is woken."""
        while True:
            self.begin.acquire()
            job, self.job = self.job, None
            if job is None:
                return
            try:
                self.result = job()
            except BaseException as error:  # whatever it is, the owner has to know
                self.fault = error
            del job
            self.finished += 1
            if self.done.locked():
                self.done.release()


class SecondThread:
    """Used by one thread only, its owner. Ends with `close`, or when nobody has it any more."""

    def __init__(self, name: str) -> None:
        self._desk = _Desk()
        self._thread = threading.Thread(target=self._desk.serve, name=name, daemon=True)
        self._thread.start()

    def both(self, first: Callable[[], S], second: Callable[[], T]) -> tuple[S, T]:
        """Do `first` here and `second` beside it. Waits for both, also when one raises; raises what that raised."""
        desk = self._desk
        number = desk.finished + 1
        desk.job = second
        desk.begin.release()
        try:
            mine = first()
        finally:
            self._wait_for(number)
            theirs, fault, desk.result, desk.fault = desk.result, desk.fault, None, None
        if fault is not None:
            raise fault
        return mine, theirs

    def _wait_for(self, number: int) -> None:
        """Until so many jobs are done. An interruption (Ctrl-C) waits too: the other thread works on what is ours."""
        desk, interrupted = self._desk, None
        waiting = True
        while waiting:
            try:
                while desk.finished != number:
                    desk.done.acquire()  # may be left open by a job before, and then does not wait
                waiting = False
            except BaseException as error:
                interrupted = error
        if interrupted is not None:
            raise interrupted

    def close(self) -> None:
        """End the thread. A second call does nothing."""
        if self._thread.is_alive():
            self._desk.begin.release()
            self._thread.join()

    def __del__(self) -> None:
        if hasattr(self, "_thread") and self._thread.is_alive():
            self._desk.begin.release()
