"""Owns `emotion-runtime warmup`: compiles the fast kernels ahead, so that no session waits for them."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer


def warmup(as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Compile the fast kernels (needs the extra `fast`) and keep them for later starts."""
    from emotion_runtime.kernels.choice import COMPILER
    from emotion_runtime.leaps.compiling import LOOP

    began = time.perf_counter()
    shows = sys.stderr.isatty() and not as_json

    def tell(name: str) -> None:
        if shows:
            sys.stderr.write(f"\r\x1b[Kcompiling: {name} ready, {time.perf_counter() - began:.1f} s")
            sys.stderr.flush()

    COMPILER.start(tell)
    COMPILER.wait()
    LOOP.wait()
    tell("leaps")
    spent = time.perf_counter() - began
    if shows:
        sys.stderr.write("\r\x1b[K")
    if as_json:
        sys.stdout.write(json.dumps({"state": COMPILER.state, "seconds": round(spent, 2)}) + "\n")
    else:
        sys.stdout.write(f"kernels ready after {spent:.1f} s; later starts load them\n")
