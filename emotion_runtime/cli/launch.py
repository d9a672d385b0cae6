"""Owns the sidecar as a child process: started with a scene, found by its first line, ended without leftovers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from emotion_runtime.errors import UsageError

START_PATIENCE_S: Final = 60.0
STOP_PATIENCE_S: Final = 3.0
"""Seconds a child gets to end by itself after its stdin closed; then it is terminated."""


class Sidecar:
    """`emotion-runtime serve` as a child. Its life hangs on our end of its stdin: when we die, it ends."""

    def __init__(self, scene: Path, arguments: Sequence[str] = ()) -> None:
        # in a bundle the executable is the command itself, and there is no other interpreter
        module = [] if getattr(sys, "frozen", False) else ["-m", "emotion_runtime"]
        command = [sys.executable, *module, "serve", str(scene), "--port", "0", "--json"]
        # Ctrl-C at a terminal goes to a whole group of processes; the child is to end when we say so
        self.complaints = ""
        """What the child wrote to standard error, once it has ended."""
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        # a file, not a pipe: nobody reads it while the child runs, and a full pipe would stop the child
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in stop
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, "--until-stdin-closes", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
        try:
            self.listening = self._first_line()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def _first_line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(START_PATIENCE_S, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            self._process.wait()
            said = self._said()
            raise UsageError(
                "sidecar_not_started", said or "the sidecar ended before it listened", "run `serve` itself"
            )
        listening: dict[str, Any] = json.loads(line)
        return listening

    def _said(self) -> str:
        self._complaints.seek(0)
        return self._complaints.read().strip()

    def stop(self) -> int:
        """End the child: by closing its stdin, by force where that is not enough. Returns its exit code."""
        process = self._process
        if self._complaints.closed:
            return process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        for force in (None, process.terminate, process.kill):
            if force is not None:
                force()
            try:
                code = process.wait(timeout=STOP_PATIENCE_S)
                break
            except subprocess.TimeoutExpired:
                continue
        else:  # pragma: no cover - a killed child always ends
            code = process.wait()
        self.complaints = self._said()
        self._complaints.close()
        return code

    def __enter__(self) -> Sidecar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
