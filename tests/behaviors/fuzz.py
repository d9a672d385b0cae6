"""The long comparison of all executors: `python -m tests.behaviors.fuzz --trees 2000`."""

from __future__ import annotations

import argparse
import sys
import time

from behaviors.compiled import CompiledExecutor, available
from behaviors.forest import Forest
from tests.behaviors.equality import Maker, compare_many
from tests.behaviors.mutations import FAULTS, caught


def in_numpy(forest: Forest) -> CompiledExecutor:
    return CompiledExecutor(forest, "numpy")


def in_numba(forest: Forest) -> CompiledExecutor:
    return CompiledExecutor(forest, "numba")


def forms() -> list[Maker]:
    """Those that can be compared on this machine."""
    return [in_numpy, in_numba] if available() else [in_numpy]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare all executors on random trees.")
    parser.add_argument("--trees", type=int, default=2000)
    parser.add_argument("--no-faults", action="store_true", help="compare only")
    options = parser.parse_args()
    begun = time.perf_counter()
    ticks = compare_many(options.trees, *forms())
    took = time.perf_counter() - begun
    names = ", ".join(each.__name__.removeprefix("in_") for each in forms())
    print(f"{options.trees} random casts, {ticks} ticks: reference = {names} ({took:.0f} s)")
    missed = [] if options.no_faults else [name for name in FAULTS if not caught(name)]
    if not options.no_faults:
        print(f"{len(FAULTS) - len(missed)} of {len(FAULTS)} faults caught")
    for name in missed:
        print(f"not caught: {name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
