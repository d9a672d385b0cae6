"""Owns the long proof that the same inputs give the same bytes: processes with other threads, forms and processors.

    python -m tests.simulation.same_bytes --ticks 1000000 --jobs 2

Each variation runs the same play in a process of its own, which tells a chain of all its ticks' digests at every
hundredth of the way; the chains are compared. The play is one of five people with two objects, who walk, are spoken
to, frightened and pushed throughout; `--scene tavern` is the bundled scene (three times the time), `crowd` one of
3,000. One variation is saved and restored now and then; one runs beside processes that keep all cores busy. Five
people are one block of characters, which one thread does alone: for `two threads` blocks are made of two, so that
threads meet in every tick.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

LOOKS: Final = 100
"""A chain is told at every hundredth of the way."""
PEOPLE: Final = 5


@dataclass(frozen=True, slots=True)
class Variation:
    """How a process runs the play. `block`: characters of a block, 0 for as many as usual; `load`: busy neighbours."""

    kernels: str = "numba"
    threads: int = 1
    block: int = 0
    restore: int = 0
    load: int = 0
    plain_numpy: bool = False
    plain_processor: bool = False

    def environment(self) -> dict[str, str]:
        """Variables that switch extensions off: none beyond the least that the machine's kind has."""
        found = {"NPY_DISABLE_CPU_FEATURES": extensions()} if self.plain_numpy or self.plain_processor else {}
        if self.plain_processor:
            found |= {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
        return found


VARIATIONS: Final = {
    "numpy": Variation("numpy"),
    "numpy without extensions": Variation("numpy", plain_numpy=True),
    "restored every 97 ticks": Variation("numpy", restore=97),
    "under load": Variation("numpy", load=2),
    "numba": Variation(),
    "numba, two threads": Variation(threads=2, block=2),
    "numba for a generic processor": Variation(plain_processor=True),
}


@dataclass(slots=True)
class Ran:
    """What came of a variation: `chains` by tick, of which the last is over all of them."""

    name: str
    chains: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def chain(self) -> str:
        """32 hexadecimal digits over the digests of all ticks, in order."""
        return self.chains[max(self.chains)]


def extensions() -> str:
    """The extensions of this processor that numpy uses and can do without."""
    import numpy as np

    return " ".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", ()))


def play(what: str, ticks: int, kernels: str, threads: int = 1, restore: int = 0) -> None:
    """Play `five`, `tavern` or `crowd`, and write `tick chain cpu-seconds` at every hundredth of the way."""
    import xxhash

    from emotion_runtime import Simulation
    from emotion_runtime.bench.crowd import Wandering, crowd
    from emotion_runtime.inputs import Positions
    from emotion_runtime.player import NominalPlayer
    from emotion_runtime.scene import bundled_scene, load_scene

    sizes = {"five": (PEOPLE, 2), "crowd": (3000, 300)}
    scene = crowd(*sizes[what]) if what in sizes else load_scene(bundled_scene("tavern"))
    names = [person.id for person in scene.characters]
    labels = [label for label in scene.labels if label != "neutral"]
    walking = Wandering(scene) if what in sizes else None
    seen = xxhash.xxh3_128()
    looks = {ticks * look // LOOKS for look in range(1, LOOKS + 1)}
    player = NominalPlayer()
    with Simulation(scene, kernels=kernels, threads=threads, player=player) as sim:  # type: ignore[arg-type]
        for tick in range(ticks):
            if tick % 41 == 0:
                who = names[tick // 41 * 7 % len(names)]
                sim.say(who, "...", heard={labels[tick // 41 % len(labels)]: 0.2 + tick % 8 / 10})
            if tick % 173 == 5:
                sim.event(scene.events[tick % len(scene.events)], cause=names[tick % len(names)], strength=0.7)
            if tick % 211 == 9:
                sim.push(names[tick % len(names)], labels[tick % len(labels)], tick % 7 / 10 - 0.3)
            if walking is not None:
                sim.apply(Positions(walking.index, walking.walk(1 / 60)))
            elif tick % 23 == 0:
                sim.move(names[tick % len(names)], tick * 13 % 140 / 10, 0.0, tick * 7 % 90 / 10)
            seen.update(sim.step(1 / 60).digest)
            if tick + 1 in looks:
                sys.stdout.write(f"{tick + 1} {seen.hexdigest()} {time.process_time():.1f}\n")
                sys.stdout.flush()
            if restore and tick % restore == restore - 1:
                sim.restore(sim.save())


def run(what: str, ticks: int, name: str, tell: Callable[[str, int], None] = lambda *_: None) -> Ran:
    """Run one variation in a process of its own; `tell` gets its name and the ticks done. Raises SystemExit."""
    how = VARIATIONS[name]
    program = f"from tests.simulation.small_blocks import use; use({how.block})\n" if how.block else ""
    program += f"from tests.simulation.same_bytes import play; play({what!r}, {ticks}, {how.kernels!r}, "
    program += f"{how.threads}, {how.restore})"
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(how.load)]
    ran, began = Ran(name), time.perf_counter()
    environment = {**os.environ, **how.environment()}
    cache = tempfile.TemporaryDirectory(prefix="same-bytes-", ignore_cleanup_errors=True)
    if how.block:
        # what numba compiled before holds blocks of the usual size
        environment["NUMBA_CACHE_DIR"] = cache.name
    try:
        with subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, encoding="utf-8"
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                tick, chain, spent = line.split()
                ran.chains[int(tick)], ran.cpu_seconds = chain, float(spent)
                tell(name, int(tick))
    finally:
        cache.cleanup()
        for each in busy:
            each.kill()
            each.wait()
    if child.returncode or ticks not in ran.chains:
        raise SystemExit(f"{name}: ended with {child.returncode} after tick {max(ran.chains, default=0)}")
    ran.seconds = time.perf_counter() - began
    return ran


def compare(what: str, ticks: int, variations: list[str]) -> dict[str, Ran]:
    """Run variations, one after the other."""
    return {name: run(what, ticks, name) for name in variations}


def parted(one: Ran, other: Ran) -> int | None:
    """The first look at which two chains differ, as its tick; None where they are equal throughout."""
    return next((tick for tick in sorted(one.chains) if one.chains[tick] != other.chains.get(tick)), None)


def main() -> None:
    """Compare all variations and print a line for each; exit code 1 where any differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--scene", choices=["five", "tavern", "crowd"], default="five")
    parser.add_argument("--only", nargs="*", default=list(VARIATIONS), metavar="VARIATION")
    parser.add_argument("--jobs", type=int, default=1, help="variations at a time")
    asked = parser.parse_args()
    first: Ran | None = None
    equal = True
    with ThreadPoolExecutor(asked.jobs) as pool:
        for ran in pool.map(lambda name: run(asked.scene, asked.ticks, name, _progress), asked.only):
            first = first or ran
            apart = parted(first, ran)
            equal &= apart is None
            where = {} if apart is None else {"parted": apart}
            figures = {"seconds": round(ran.seconds, 1), "cpu_seconds": ran.cpu_seconds}
            _print(scene=asked.scene, ticks=asked.ticks, variation=ran.name, chain=ran.chain, **figures, **where)
    _print(equal=equal)
    raise SystemExit(0 if equal else 1)


def _print(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _progress(name: str, tick: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{name}: {tick:,} ticks\033[K")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
