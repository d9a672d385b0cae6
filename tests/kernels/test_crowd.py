"""A whole crowd: the same digests in every form, on every processor, in any number of threads; no growing garbage."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc

import pytest

from emotion_runtime.bench.crowd import Wandering, crowd
from emotion_runtime.bench.tick import check_equal_work
from emotion_runtime.inputs import Positions
from emotion_runtime.kernels.choice import COMPILER, Kernels
from emotion_runtime.simulation import Simulation

PEOPLE, TICKS = 2500, 8
GOLDEN = "861114924d76f7803aff42d84fc18599"
"""The last digest of `digests`: + - * / and square roots, which every x86-64 machine rounds alike."""

needs_numba = pytest.mark.skipif(
    COMPILER.state == "not_installed" and "EMOTION_RUNTIME_CI" not in os.environ,
    reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'",
)


def digests(kernels: str, threads: int = 1) -> list[str]:
    scene = crowd(PEOPLE, 400)
    walking = Wandering(scene)
    with Simulation(scene, kernels=kernels, threads=threads) as sim:  # type: ignore[arg-type]
        seen = []
        for _ in range(TICKS):
            sim.apply(Positions(walking.index, walking.walk(1 / 60)))
            seen.append(sim.step().digest.hex())
        return seen


def test_the_numpy_form_gives_the_golden_digest() -> None:
    assert digests("numpy")[-1] == GOLDEN


@needs_numba
@pytest.mark.parametrize("threads", [1, 2])
def test_the_compiled_form_gives_the_golden_digest_in_any_number_of_threads(threads: int) -> None:
    assert digests("numba", threads)[-1] == GOLDEN


@needs_numba
@pytest.mark.skipif("EMOTION_RUNTIME_CI" not in os.environ, reason="compiles everything anew for another processor")
def test_a_processor_without_any_extension_gives_the_golden_digest(tmp_path: object) -> None:
    program = "from tests.kernels.test_crowd import digests; print(digests('numba')[-1])"
    environment = {
        **os.environ,
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == GOLDEN, ran.stderr


@needs_numba
def test_the_switch_at_a_tick_border_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    COMPILER.wait()
    scene = crowd(600, 100)
    ready = Kernels.begin_tick
    runs = []
    for switched_at in (0, 4, 99):
        with Simulation(scene) as sim:
            seen = []
            for tick in range(8):
                monkeypatch.setattr(Kernels, "begin_tick", ready if tick >= switched_at else lambda _self: None)
                seen.append(sim.step().digest)
            assert sim.health()["kernels"]["form"] == ("numba" if switched_at < 8 else "numpy")
            runs.append(seen)
    assert runs[0] == runs[1] == runs[2]


@needs_numba
def test_the_benchmark_compares_equal_work() -> None:
    assert len(set(check_equal_work(300))) > 1


@needs_numba
def test_a_steady_tick_allocates_nothing_that_grows_with_the_crowd() -> None:
    most = []
    for people in (2048, 8000):
        with Simulation(crowd(people, 100), kernels="numba", threads=1) as sim:
            ticker = sim._ticker
            for _ in range(5):
                sim.step()
            drives = ticker.behaving.drives()
            tracemalloc.start()
            ticker.influence.look(ticker.tick)
            ticker.contagion.spread(ticker.tick)
            ticker._flow(drives, round(1e6 / 60) * 1e-6)
            ticker.digest()
            most.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert most[1] < most[0] + 16_384
