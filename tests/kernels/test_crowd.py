"""A whole crowd: the same digests in every form, on every processor, in any number of threads; no growing garbage."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from emotion_runtime.bench.crowd import Wandering, crowd
from emotion_runtime.bench.tick import check_equal_work
from emotion_runtime.errors import InputError
from emotion_runtime.inputs import Positions
from emotion_runtime.kernels.choice import COMPILER, Kernels
from emotion_runtime.simulation import Simulation
from unity_bridge.streaming import Stream

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


@pytest.mark.parametrize(("people", "seen"), [(600, 16), (8200, 1)])
def test_a_difference_in_one_action_or_cause_shows_in_the_digest_within_sixteen_ticks(people: int, seen: int) -> None:
    chance = np.random.default_rng(1)
    with Simulation(crowd(people, 10), kernels="numpy") as sim:
        sim.step()
        ticker = sim._ticker
        actions, ledger = ticker.behaving.actions, ticker.world.ledger.columns

        def digests_to_come() -> list[bytes]:
            found = []
            for tick in range(100, 116):
                ticker.tick = tick
                found.append(ticker.digest())
            return found

        before = digests_to_come()
        columns = actions.action, actions.bearer, actions.started_us, actions.rest_until_us, ledger.amount, ledger.other
        for column in columns:
            for end in (0, 1, -1):
                place = chance.integers(column.size) if end == 1 else end
                column.reshape(-1)[place] += 1
                after = digests_to_come()
                assert sum(mine != other for mine, other in zip(before, after, strict=True)) == seen
                column.reshape(-1)[place] -= 1
        assert digests_to_come() == before


@needs_numba
def test_the_benchmark_compares_equal_work() -> None:
    assert len(set(check_equal_work(300))) > 1


@needs_numba
@pytest.mark.parametrize("threads", [1, 2])
def test_a_steady_tick_with_its_frame_allocates_nothing_that_grows_with_the_crowd(threads: int) -> None:
    """From everybody's new place to the stream's frame; nobody begins or ends anything, which takes words."""
    most = []
    for people in (2048, 8000):
        scene = crowd(people, 100)
        walking = Wandering(scene)
        walks = [walking.walk(1 / 60) for _ in range(18)]
        with Simulation(scene, kernels="numba", threads=threads) as sim:
            stream, peaks = Stream(_Nowhere()), []  # type: ignore[arg-type]
            for tick, places in enumerate(walks):
                if tick == 12:
                    tracemalloc.start()
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                sim.apply(Positions(walking.index, places))
                result = sim.step(wait=False)
                stream.send(stream.frame(sim, 1, result.digest, paused=False, sent=1.0))
                if tick >= 12:
                    assert not result.commands, "the crowd has come to rest"
                    peaks.append(tracemalloc.get_traced_memory()[1] - before)
            tracemalloc.stop()
            most.append(sorted(peaks)[len(peaks) // 2])
    assert most[1] < most[0] + 4096, most


@needs_numba
@pytest.mark.parametrize("count", [5, 700])
def test_places_that_cannot_be_are_refused_however_many_there_are(count: int) -> None:
    COMPILER.wait()
    index, xyz = np.arange(count, dtype=np.uint32), np.ones((count, 3), np.float32)
    Positions(index, xyz)
    read_only = np.frombuffer(xyz.tobytes(), np.float32).reshape(-1, 3)
    Positions(np.frombuffer(index.tobytes(), np.uint32), read_only)
    Positions(index[::-1][::-1], np.asfortranarray(xyz))
    for wrong in (np.nan, np.inf, -np.inf):
        bad = xyz.copy()
        bad[count - 2, 1] = wrong
        with pytest.raises(InputError, match="finite"):
            Positions(index, bad)
    for row in (count - 2, 0):
        twice = index.copy()
        twice[count - 1] = row
        with pytest.raises(InputError, match="ascending"):
            Positions(twice, xyz)


class _Nowhere:
    """A socket that takes everything at once."""

    def send(self, *_: object, **__: object) -> None: ...


def test_who_acts_out_what_is_followed_through_every_tick() -> None:
    scene = crowd(400, 200)
    with Simulation(scene, kernels="numpy") as sim:
        behaving, several = sim._ticker.behaving, 0
        for _ in range(40):
            sim.step(0.1)
            actions, slots = behaving.actions, behaving.forest.slots
            wanted = np.zeros(len(scene.characters), np.uint16)
            for slot in np.flatnonzero(actions.running).tolist():  # the last of several stays
                wanted[slots.character[slot]] = slots.rule[slot] + 1
            assert behaving.column().tolist() == wanted.tolist()
            several += bool(actions.running.sum() > 12)
        assert several


@needs_numba
def test_places_are_taken_alike_however_they_lie_in_memory() -> None:
    """The kernel that looks at them trusts what it is given: only what lies plainly may reach it."""
    COMPILER.wait()
    scene = crowd(700, 10)
    walking = Wandering(scene)
    xyz, index = walking.walk(1 / 60), walking.index
    several = (
        xyz.astype(np.float64),
        xyz.astype(">f4"),
        np.repeat(xyz, 2, axis=0)[::2],
        np.asfortranarray(xyz),
        np.frombuffer(xyz.tobytes(), np.float32).reshape(-1, 3),
        np.frombuffer(b"x" + xyz.tobytes(), np.float32, offset=1).reshape(-1, 3),
    )
    with Simulation(scene, kernels="numba") as sim:
        for places in several:
            sim.world.position[:700] = 0.0
            sim.apply(Positions(index, places))  # type: ignore[arg-type]
            sim.step()
            assert np.array_equal(sim.world.position[:700], xyz)
        sim.apply(Positions(index.astype(np.int64), xyz))
        sim.step()
