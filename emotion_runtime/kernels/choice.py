"""Owns which form of the kernels runs: numpy at once, numba as soon as it is compiled, and how work is split."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias, TypeVar

from emotion_runtime.errors import UsageError
from emotion_runtime.kernels import pages, plain
from emotion_runtime.kernels.beside import SecondThread
from emotion_runtime.kernels.tables import REFRESHED_TOGETHER, blocks

Wanted: TypeAlias = Literal["auto", "numpy", "numba"]
State: TypeAlias = Literal["off", "not_installed", "compiling", "ready", "failed"]

T = TypeVar("T")

COMPILED_FROM: Final = 512
"""`auto` compiles for casts of at least so many characters: below, numba would cost more memory than it saves time."""

TWO_THREADS_FROM: Final = 20_480
"""From so many characters on the second half of the blocks runs in a second thread."""


SETTLED_AFTER: Final = 60
"""Ticks after which a crowd has touched all the memory that it works on: then large pages are asked for. Not where two
threads need both cores: it brings nothing there, numpy asks for columns of such a size by itself."""


@dataclass(frozen=True, slots=True)
class KernelHealth:
    """`form` is what runs now; `state` that of the compiled form, `seconds` its compilation took, `why` it failed."""

    form: str
    state: State
    seconds: float = 0.0
    why: str = ""


class Compiler:
    """Compiles the numba form once for the whole process, in a background thread."""

    def __init__(self) -> None:
        self.state: State = "off" if find_spec("numba") is not None else "not_installed"
        self.seconds = 0.0
        self.why = ""
        self.form: ModuleType | None = None
        self._lock = threading.Lock()
        self._done = threading.Event()

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Begin, unless it has begun before. `tell` gets the name of each kernel as it is ready."""
        with self._lock:
            if self.state != "off":
                return
            self.state = "compiling"
        threading.Thread(target=self._compile, args=(tell,), name="kernels", daemon=True).start()

    def wait(self) -> None:
        """Until it is ready or has failed. Raises UsageError when there is no compiled form."""
        if self.state == "not_installed":
            raise UsageError("no_numba", "numba is not installed", "pip install 'emotion-runtime[fast]'")
        self.start()
        self._done.wait()
        if self.form is None:
            raise UsageError("no_numba", f"the kernels could not be compiled: {self.why}", "use the numpy form")

    def _compile(self, tell: Callable[[str], None]) -> None:
        began = time.perf_counter()
        try:
            from emotion_runtime.kernels import rehearsal  # noqa: PLC0415 - brings numba with it

            form = rehearsal.compiled(tell)
        except Exception as error:  # whatever breaks in a compiler: the numpy form goes on
            self.why = f"{type(error).__name__}: {error}"[:500]
            self.state = "failed"
        else:
            self.seconds = time.perf_counter() - began
            self.form = form
            self.state = "ready"
        self._done.set()


COMPILER: Final = Compiler()


class Kernels:
    """The kernels of one simulation. Which form runs changes only in `begin_tick`; both give the same bytes."""

    def __init__(self, n: int, wanted: Wanted = "auto", threads: int | None = None) -> None:
        """`numba` waits until it is compiled; `auto` compiles in the background for crowds."""
        self.threads = threads or (2 if n >= TWO_THREADS_FROM else 1)
        self.wanted: Final = wanted
        self.form: ModuleType = plain
        self._blocks = blocks(n)
        self._wants = wanted == "numba" or (wanted == "auto" and n >= COMPILED_FROM)
        self._second: SecondThread | None = None
        self._unsettled = SETTLED_AFTER if REFRESHED_TOGETHER < n < TWO_THREADS_FROM else 0
        if self._wants and wanted == "numba":
            COMPILER.wait()
        elif self._wants:
            COMPILER.start()

    @property
    def is_compiled(self) -> bool:
        """Whether the numba form runs."""
        return self.form is not plain

    def begin_tick(self) -> None:
        """Take over the compiled form if it has become ready; once a crowd has settled, ask for large pages."""
        if self._wants and COMPILER.form is not None:
            self.form = COMPILER.form
            self._wants = False
        if self._unsettled:
            self._unsettled -= 1
            if not self._unsettled:
                pages.enlarge_beside()

    def split(self, kernel: Callable[..., Any], *arguments: Any, works: tuple[Any, Any] | None = None) -> list[Any]:
        """Run a kernel over all blocks, as `kernel(first, last, *arguments[, work])`, in one thread or two halves.

        The numpy form always runs in one thread: it holds the interpreter most of the time.
        """
        own = () if works is None else (works[0],)
        if self.threads == 1 or self._blocks < 2 or not self.is_compiled:
            return [kernel(0, self._blocks, *arguments, *own)]
        middle = self._blocks // 2
        others = () if works is None else (works[1],)
        first = partial(kernel, 0, middle, *arguments, *own)
        return [*self._beside().both(first, partial(kernel, middle, self._blocks, *arguments, *others))]

    def both(self, first: Callable[[], Any], second: Callable[[], T]) -> T:
        """Do both; side by side where there are two threads. Returns what the second does; neither may need both."""
        if self.threads == 1 or not self.is_compiled:
            first()
            return second()
        return self._beside().both(first, second)[1]

    def _beside(self) -> SecondThread:
        if self._second is None:
            self._second = SecondThread("kernels")
        return self._second

    def health(self) -> KernelHealth:
        """What runs, and what became of the compiled form."""
        form = "numba" if self.is_compiled else "numpy"
        return KernelHealth(form, COMPILER.state, round(COMPILER.seconds, 3), COMPILER.why)

    def close(self) -> None:
        """End the second thread."""
        if self._second is not None:
            self._second.close()
            self._second = None
