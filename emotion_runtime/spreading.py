"""Owns how work is spread: one function over many pieces, in several processes here or on a Ray cluster."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import connection
from typing import Any, Final, TypeVar

from emotion_runtime.errors import MissingExtraError

AHEAD: Final = 2
"""Pieces handed out for each worker; further ones wait here, so that memory stays bounded."""

P = TypeVar("P")
R = TypeVar("R")


def in_processes(task: Callable[[P], R], pieces: Iterable[P], count: int) -> Iterator[R]:
    """The result of each piece as they are done, by `count` processes. Task and pieces are pickled: plain ones only."""
    # spawn: the same on every system, and no half-copied threads
    with ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        waiting: set[Future[R]] = set()
        todo = iter(pieces)
        while True:
            for piece in todo:
                waiting.add(pool.submit(task, piece))
                if len(waiting) >= AHEAD * count:
                    break
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in done:
                yield each.result()


def _end_with_parent() -> None:
    """In a worker: ends it when the process that asked is gone, killed perhaps; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent.sentinel,), name="parent", daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def require_ray() -> None:
    """Raises MissingExtraError without Ray; does not load it."""
    if find_spec("ray") is None:
        raise MissingExtraError("missing_extra", "a cluster needs Ray", 'pip install "emotion-runtime[ray]"')


def on_ray(task: Callable[[P], R], pieces: Iterable[P], address: str | None = None) -> Iterator[R]:
    """The same on a Ray cluster: of this address, of the environment's, or a new one on this machine.

    Every machine needs this package in this version, and the files that the task names. Raises MissingExtraError.
    """
    require_ray()
    cluster: Any = import_module("ray")
    own = not cluster.is_initialized()
    if own:
        cluster.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="error")
    try:
        remote, shared = cluster.remote(_call), cluster.put(task)
        most = AHEAD * max(1, int(cluster.cluster_resources().get("CPU", 1)))
        waiting: list[Any] = []
        todo = iter(pieces)
        while True:
            for piece in todo:
                waiting.append(remote.remote(shared, piece))
                if len(waiting) >= most:
                    break
            if not waiting:
                return
            done, waiting = cluster.wait(waiting, num_returns=1)
            for each in done:
                yield cluster.get(each)
    finally:
        if own:
            cluster.shutdown()


def _call(task: Callable[[Any], Any], piece: Any) -> Any:
    return task(piece)
