"""Owns the processes of the soak: the sidecar and the engines, started, killed and measured by their ids."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from emotion_runtime.cli.soak.engine import Orders
from emotion_runtime.errors import UsageError

START_S = 180.0


class Child:
    """A process of ours with a line of output that says it is ready; what it complains about is kept."""

    def __init__(self, module: str, arguments: Sequence[str], kind: str) -> None:
        self.kind = kind
        self.began = time.monotonic()
        self.ready_at: float | None = None
        self.first_line = self.last_line = ""
        self._complaints: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in `ended`
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.ready_at = time.monotonic()
        self._ready.set()
        for line in self.process.stdout:
            self.last_line = line.strip()

    def wait_ready(self) -> None:
        """Wait for its first line; raises UsageError with what it said when it ended instead."""
        self._ready.wait(START_S)
        if not self.first_line:
            self.kill()
            raise UsageError(
                "soak_child", f"the {self.kind} did not start: {self.complaints()[-800:]}", "see its own words"
            )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait()

    def order(self) -> None:
        """Tell it to finish."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write("finish\n")
            self.process.stdin.flush()

    def dismiss(self) -> None:
        """Tell it to leave."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.close()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; returns its exit code, or None."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def complaints(self) -> str:
        """What it wrote to standard error."""
        self._complaints.seek(0)
        return self._complaints.read()

    def close(self) -> None:
        """Kill it if it runs, and give back its pipes."""
        if self.alive:
            self.kill()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self._complaints):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(OSError):
                    pipe.close()

    def figures(self) -> dict[str, float] | None:
        """Resident MiB, threads and open files or handles; None where psutil is missing or the process is gone."""
        try:
            import psutil
        except ImportError:
            return None
        try:
            process = psutil.Process(self.process.pid)
            count = getattr(process, "num_fds", None) or process.num_handles  # type: ignore[attr-defined]
            files = int(count())
            return {
                "rss_mib": process.memory_info().rss / 2**20,
                "threads": float(process.num_threads()),
                "files": float(files),
            }
        except psutil.Error:
            return None


def start_engine(orders: Orders) -> Child:
    """An engine of the soak."""
    return Child("emotion_runtime.cli.soak.engine", [msgspec.json.encode(orders).decode()], f"engine {orders.name}")


def start_sidecar(scene: Path, port: int, *, slow: bool, arguments: Sequence[str]) -> Child:
    """The sidecar, ticking by request only; `slow` on a disk that takes little at once and late."""
    module = "emotion_runtime.cli.soak.slow_disk" if slow else "emotion_runtime"
    fixed = ["serve", str(scene), "--port", str(port), "--json", "--lockstep", "--no-model", "--until-stdin-closes"]
    fixed += ["--faces", "none"]
    return Child(module, [*fixed, *arguments], "sidecar")


def endpoints_of(sidecar: Child) -> tuple[str, str, str]:
    """Where it listens, as its first line says."""
    said: dict[str, Any] = msgspec.json.decode(sidecar.first_line)
    return said["stream"], said["link"], said["control"]
