"""Owns the long proof that the same inputs give the same bytes: processes with other threads, forms and processors.

    python -m tests.simulation.same_bytes --ticks 1000000

Each variation runs the same play in a process of its own and prints a chain of all its ticks' digests; the chains are
compared. One variation is saved and restored now and then; one runs beside processes that keep all cores busy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any, Final

import numpy as np
import xxhash

from emotion_runtime import Simulation
from emotion_runtime.bench.crowd import Wandering, crowd
from emotion_runtime.inputs import Positions
from emotion_runtime.player import NominalPlayer
from tests.record.plays import TAVERN

FOUND: Final = " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", ()))

PLAIN: Final = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NPY_DISABLE_CPU_FEATURES": FOUND}
"""No vector instruction beyond the least that the machine's kind has."""

VARIATIONS: Final[dict[str, tuple[dict[str, str], dict[str, Any]]]] = {
    "numpy": ({}, {"kernels": "numpy"}),
    "numpy without extensions": ({"NPY_DISABLE_CPU_FEATURES": FOUND}, {"kernels": "numpy"}),
    "restored every 97 ticks": ({}, {"kernels": "numpy", "restore": 97}),
    "under load": ({}, {"kernels": "numpy", "load": 2}),
    "numba": ({}, {"kernels": "numba"}),
    "numba, two threads": ({}, {"kernels": "numba", "threads": 2}),
    "numba for a generic processor": (PLAIN, {"kernels": "numba"}),
}
"""Name: environment, and options of `chain`."""


def chain(what: str, ticks: int, kernels: str, threads: int = 1, restore: int = 0, load: int = 0) -> str:
    """Play `tavern` or `crowd`; returns 32 hexadecimal digits over the digests of all ticks, in order."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(load)]
    try:
        return _play(what, ticks, kernels, threads, restore)
    finally:
        for each in busy:
            each.kill()
            each.wait()


def _play(what: str, ticks: int, kernels: str, threads: int, restore: int) -> str:
    scene = TAVERN if what == "tavern" else crowd(3000, 300)
    names = [person.id for person in scene.characters]
    labels = [label for label in scene.labels if label != "neutral"]
    walking = Wandering(scene) if what == "crowd" else None
    seen = xxhash.xxh3_128()
    player = NominalPlayer()
    with Simulation(scene, kernels=kernels, threads=threads, player=player) as sim:  # type: ignore[arg-type]
        for tick in range(ticks):
            if tick % 41 == 0:
                who = names[tick // 41 * 7 % len(names)]
                sim.say(who, "...", heard={labels[tick // 41 % len(labels)]: 0.2 + tick % 8 / 10})
            if walking is not None:
                sim.apply(Positions(walking.index, walking.walk(1 / 60)))
            elif tick % 23 == 0:
                sim.move(names[tick % len(names)], tick * 13 % 140 / 10, 0.0, tick * 7 % 90 / 10)
            seen.update(sim.step(1 / 60).digest)
            if restore and tick % restore == restore - 1:
                sim.restore(sim.save())
    return seen.hexdigest()


def compare(what: str, ticks: int, variations: list[str]) -> dict[str, dict[str, Any]]:
    """Run variations, one after the other; returns chain and seconds of each by name."""
    found: dict[str, dict[str, Any]] = {}
    for name in variations:
        environment, options = VARIATIONS[name]
        program = f"from tests.simulation.same_bytes import chain; print(chain({what!r}, {ticks}, **{options!r}))"
        began = time.perf_counter()
        command, around = [sys.executable, "-c", program], {**os.environ, **environment}
        ran = subprocess.run(command, env=around, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"{name}: {ran.stderr[-2000:]}")
        found[name] = {"chain": ran.stdout.split()[-1], "seconds": round(time.perf_counter() - began, 1)}
    return found


def main() -> None:
    """Compare all variations and print a line for each; exit code 1 where any differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--scene", choices=["tavern", "crowd"], default="tavern")
    parser.add_argument("--only", nargs="*", default=list(VARIATIONS))
    asked = parser.parse_args()
    equal = True
    first = ""
    for name in asked.only:
        result = compare(asked.scene, asked.ticks, [name])[name]
        first = first or result["chain"]
        equal &= result["chain"] == first
        sys.stdout.write(json.dumps({"scene": asked.scene, "ticks": asked.ticks, "variation": name, **result}) + "\n")
        sys.stdout.flush()
    sys.stdout.write(json.dumps({"equal": equal}) + "\n")
    raise SystemExit(0 if equal else 1)


if __name__ == "__main__":
    main()
