"""Owns asking Linux for large pages beneath the memory of a process that runs a crowd.

A tick begins after milliseconds of sleep, in which others have had the caches. Where memory lies in pages of 4 KiB it
then also looks up thousands of places anew. Only memory that is nearly all in use is asked for, so that the process
grows by next to nothing, and only where the administrator has not turned large pages off.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SMALL: Final = 4096
LARGE: Final = 1 << 21
"""Bytes of a page, and of a large one."""
IN_USE: Final = 0.9
"""The share of its pages that memory must have in use to be worth a large one."""
PAUSE_S: Final = 0.02
"""Between two of them: while one is made, which takes milliseconds, whoever wants to read what it holds must wait."""
PRESENT: Final = 0x80
"""The highest bit of an entry's highest byte says that the page is there."""
MADV_HUGEPAGE: Final = 14
MADV_COLLAPSE: Final = 25  # since Linux 6.1; before it the system does it by itself, in its own time

ALLOWED: Final = Path("/sys/kernel/mm/transparent_hugepage/enabled")
MAPS, ENTRIES = Path("/proc/self/maps"), Path("/proc/self/pagemap")

_busy = threading.Lock()


def can_ask() -> bool:
    """Whether this is a Linux that has large pages, of this size, not turned off."""
    try:
        return sys.platform == "linux" and "[never]" not in ALLOWED.read_text() and _page_size() == SMALL
    except OSError:
        return False


def enlarge(pause: float = 0.0) -> int:
    """Ask for large pages wherever memory is nearly full; returns how many were made or were there before."""
    if not can_ask():
        return 0
    advise = ctypes.CDLL(None, use_errno=True).madvise
    advise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    made = 0
    try:
        for start in _full():  # little by little too: to look takes the interpreter from the ticks
            advise(start, LARGE, MADV_HUGEPAGE)
            made += advise(start, LARGE, MADV_COLLAPSE) == 0
            time.sleep(pause)
            if not threading.main_thread().is_alive():
                break
    except OSError:  # no such file in a sandbox: it is only advice
        return made
    return made


def enlarge_beside() -> None:
    """The same in a thread of its own, a little at a time; not twice at once. Changes no byte of anybody's memory."""
    if can_ask() and _busy.acquire(blocking=False):
        threading.Thread(target=_enlarge_and_tell, name="pages").start()


def _enlarge_and_tell() -> None:
    try:
        enlarge(PAUSE_S)
    finally:
        _busy.release()


def _page_size() -> int:
    import resource  # noqa: PLC0415 - there is none on Windows

    return resource.getpagesize()


def _full() -> Iterator[int]:
    """Where a large page would fit beneath memory of our own that is nearly all in use."""
    entries = LARGE // SMALL
    with ENTRIES.open("rb", buffering=0) as table:
        for start, end in _own():
            for place in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
                table.seek(place // SMALL * 8)
                there = sum(byte >= PRESENT for byte in table.read(8 * entries)[7::8])
                if there >= IN_USE * entries:
                    yield place


def _own() -> Iterator[tuple[int, int]]:
    """The stretches of memory that belong to no file, may be written and are not shared."""
    for line in MAPS.read_text().splitlines():
        stretch, rights, _, _, node, *name = line.split(maxsplit=5)
        if rights == "rw-p" and node == "0" and (not name or name[0] == "[heap]"):
            start, end = (int(each, 16) for each in stretch.split("-"))
            yield start, end
