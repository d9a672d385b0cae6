"""Owns `emotion-runtime play`: a scene in the terminal, one typed line at a time, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def play(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or a bundled scene.")] = "tavern",
    tick: Annotated[str, typer.Option("--tick", help="Simulated time of one tick.")] = "50 ms",
    model: Annotated[bool, typer.Option("--model/--no-model", help="Understand lines with the bundled model.")] = True,
    save: Annotated[Path | None, typer.Option("--save", help="At the end, write the session to this file.")] = None,
) -> None:
    """Play a scene by hand: type what is said and what happens, and see who feels and does what, and why."""
    from emotion_runtime.cli.session import Session
    from emotion_runtime.testing.sim import Sim

    with Sim(scene, tick=tick, perception="bundled" if model else None) as sim:
        session = Session(sim)
        sys.stdout.write(f"{sim.scene.name}: {', '.join(sim.simulation.characters)}. `help` lists what you can type.\n")
        for line in _lines():
            for text in session.answer(line):
                sys.stdout.write(f"{text}\n")
            if session.over:
                break
        if save is not None:
            sys.stdout.write(f"{session.save(save)}\n")


def _lines() -> Iterator[str]:
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            return
        yield line.rstrip("\n")
