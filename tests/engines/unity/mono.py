"""Owns the C# of the Unity package under Mono: compiled once a test run, and driven as a game that obeys lines."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "unity_bridge" / "unity" / "com.emotionruntime.sidecar"
CORE = PACKAGE / "Runtime" / "Core"
HERE = Path(__file__).resolve().parent
PATIENCE_S = 20.0
"""Far more than anything takes: passing it is a failure, not slowness."""
_COMPILER = ("mcs", "-langversion:7.2", "-warnaserror", "-warn:4", "-nologo")


def need(*programs: str) -> None:
    """Skip without these programs; fail where EMOTION_RUNTIME_CI is set."""
    missing = [name for name in programs if shutil.which(name) is None]
    if not missing:
        return
    reason = f"needs {' and '.join(missing)} on PATH (Debian: mono-mcs, mono-runtime)"
    if os.environ.get("EMOTION_RUNTIME_CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def compile_cs(output: Path, sources: Iterable[Path], *, references: Sequence[Path] = (), ignore: str = "") -> Path:
    """Compile folders and files of C# with warnings as errors, into a program or, by its name, a library.

    `ignore`: numbers of warnings that Unity itself suppresses, such as 649 for serialized fields.
    """
    need("mcs")
    files = [str(file) for each in sources for file in (sorted(each.rglob("*.cs")) if each.is_dir() else [each])]
    kind = "library" if output.suffix == ".dll" else "exe"
    command = [*_COMPILER, f"-target:{kind}", f"-out:{output}", *(f"-r:{path}" for path in references)]
    command += [f"-nowarn:{ignore}"] if ignore else []
    done = subprocess.run(
        [*command, *files], check=False, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return output


def run(program: Path, *arguments: str) -> list[str]:
    """Run to its end and return the lines it printed; it must succeed."""
    need("mono")
    done = subprocess.run(
        ["mono", str(program), *arguments], check=False, capture_output=True, text=True, encoding="utf-8", timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


class Game:
    """The runner as a game: `order` tells it what to do, `wait` reads what it sees until something holds."""

    def __init__(self, runner: Path, endpoints: Sequence[str], *options: str) -> None:
        need("mono")
        self._process = subprocess.Popen(
            ["mono", str(runner), "play", *endpoints, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.seen: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="game output")
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def order(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines))
        self._process.stdin.flush()

    def line(self) -> str:
        """The next line it prints."""
        line = self._lines.get(timeout=PATIENCE_S)
        assert line is not None, "the game ended:\n" + "\n".join(self.seen[-20:])
        self.seen.append(line)
        return line

    def wait(self, start: str, *, where: Callable[[str], bool] = lambda _: True) -> str:
        """The next line that begins with `start` and fits; what comes before it goes to `seen`."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                line = self.line()
            except queue.Empty:
                line = ""
            if line.startswith(start) and where(line):
                return line
            assert time.monotonic() < deadline, f"no {start!r} after:\n" + "\n".join(self.seen[-20:])

    def find(self, start: str, *, where: Callable[[str], bool] = lambda _: True) -> str:
        """As `wait`, but a line that came before will do: the order of a tick's messages is not promised."""
        for line in self.seen:
            if line.startswith(start) and where(line):
                return line
        return self.wait(start, where=where)

    def ask(self, order: str, start: str) -> str:
        self.order(order)
        return self.wait(start)

    def counters(self) -> dict[str, int]:
        words = self.ask("counters", "counters")[len("counters {") : -1].split()
        return {name: int(value) for name, _, value in (word.partition("=") for word in words)}

    def close(self) -> None:
        """Let it quit, which must join its threads. Safe to call twice."""
        if not self._reader.is_alive() and self._process.poll() is not None:
            return
        if self._process.poll() is None:
            self.order("quit")
        try:
            code = self._process.wait(PATIENCE_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                pipe.close()
        while (line := self._lines.get()) is not None:
            self.seen.append(line)
        assert code == 0, "\n".join(self.seen[-30:])
        assert "ended True" in self.seen

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def __enter__(self) -> Game:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
