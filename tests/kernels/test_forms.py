"""One meaning, several forms: numpy, plain numbers for a few, numba in one thread or two - the same bytes."""

from __future__ import annotations

import os
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime.kernels import few, neighbours, plain
from emotion_runtime.kernels.neighbours import ATTENTION, grid_shape
from emotion_runtime.kernels.tables import BLOCK, NOBODY, Grid
from tests.kernels.crowds import CHANNELS, Crowd, crowd

seeds = st.integers(0, 10_000)
lengths = st.sampled_from((1 / 60, 0.5, 10.0, 3600.0))


@pytest.fixture(scope="module")
def compiled() -> ModuleType:
    if "EMOTION_RUNTIME_CI" not in os.environ:
        pytest.importorskip("numba", reason="the compiled form needs numba: pip install 'emotion-runtime[fast]'")
    from emotion_runtime.kernels import rehearsal

    return rehearsal.compiled()


def grid_of(form: ModuleType, people: Crowd) -> Grid:
    here = people.position[: people.n]
    widest = float(np.sqrt(max(people.reaches.widest.max(), 0.0)))
    left, near = float(here[:, 0].min()), float(here[:, 2].min())
    width, depth = float(here[:, 0].max()) - left, float(here[:, 2].max()) - near
    size, columns, rows = grid_shape(width, depth, widest, people.n)
    room = people.room()
    grid = Grid(left, near, 1.0 / size, columns, rows, np.zeros(columns * rows + 1, np.int32), room.order, room.place)
    form.fill_grid(grid, here, np.zeros(people.n, np.int32))
    return grid


def step(form: ModuleType, people: Crowd, dt: float, ticks: int = 3, halves: int = 1) -> list[bytes]:
    due, work = np.ones(people.count, np.uint8), np.zeros((3 * CHANNELS + 7, BLOCK))
    bounds = np.linspace(0, people.count, halves + 1).astype(int).tolist()
    chance = np.random.default_rng(1)
    for _ in range(ticks):
        people.position[: people.n, ::2] += chance.uniform(-0.5, 0.5, (people.n, 2))
        grid = grid_of(form, people)
        for part in reversed(range(halves)):
            first, last = bounds[part], bounds[part + 1]
            form.gather(
                first, last, due, people.position, people.member, people.active, people.raster, people.hits, people.n
            )
            form.catch(first, last, due, people.feelings.emotion, people.reaches, people.attitude, grid, people.caught)
        for part in reversed(range(halves)):
            form.advance(
                bounds[part], bounds[part + 1], dt, people.feelings, people.fixed, people.gone, people.hits,
                people.active, people.drives, people.caught, people.ledger, work,
            )  # fmt: skip
    return [*people.bytes(), people.caught.rate.tobytes(), people.caught.source.tobytes()]


@settings(max_examples=15, deadline=None)
@given(seeds, st.integers(1, 90), st.integers(0, 30), lengths)
def test_numpy_and_numba_give_the_same_bytes(compiled: ModuleType, seed: int, n: int, rules: int, dt: float) -> None:
    assert step(plain, crowd(seed, n, rules, dt=dt), dt) == step(compiled, crowd(seed, n, rules, dt=dt), dt)


@pytest.mark.parametrize("dt", [1 / 60, 20.0])
def test_a_crowd_of_several_blocks_gives_the_same_bytes_in_any_split(compiled: ModuleType, dt: float) -> None:
    runs = [
        step(form, crowd(5, 3 * BLOCK + 77, 200, side=150.0, dt=dt), dt, halves=halves)
        for form, halves in ((plain, 1), (compiled, 1), (compiled, 2), (compiled, 4))
    ]
    assert all(run == runs[0] for run in runs[1:])


@settings(max_examples=15, deadline=None)
@given(seeds, st.integers(1, 10), st.integers(0, 6), lengths)
def test_numbers_for_a_few_give_the_bytes_of_arrays(seed: int, n: int, rules: int, dt: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few, "FEW_PAIRS", -1)
        patch.setattr(few, "FEW", 0)
        patch.setattr(few, "FEW_ROWS", -1)
        arrays = step(plain, crowd(seed, n, rules, side=6.0, dt=dt), dt)
    assert step(plain, crowd(seed, n, rules, side=6.0, dt=dt), dt) == arrays


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(1, 60), st.integers(1, 60))
def test_the_raster_finds_what_looking_at_every_pair_finds(seed: int, n: int, rules: int) -> None:
    people = crowd(seed, n, rules, side=60.0)
    found = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few, "FEW_PAIRS", -1)
        patch.setattr(plain, "DENSE", -1)
        plain.gather(
            0, 1, np.ones(1, np.uint8), people.position, people.member, people.active, people.raster, people.hits, n
        )
    count = people.hits.filled[0]
    for i, change in zip(
        people.hits.character[0, :count].tolist(), people.hits.change[0, :count].tolist(), strict=True
    ):
        found.add((i, change))
    wanted = set()
    for i in range(n):
        for rule in range(rules):
            x, y, z = people.position[i] - people.active.place[rule, :3]
            only = people.active.only[rule]
            if (
                np.sqrt(x * x + y * y + z * z) <= people.active.place[rule, 3]
                and people.member[people.active.tag[rule], i]
                and only in (NOBODY, i)
            ):
                wanted |= {(i, change) for change in range(people.active.start[rule], people.active.start[rule + 1])}
    assert found == wanted
    assert len(found) == count


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(2, 90))
def test_contagion_is_the_sum_over_the_nearest_within_reach(seed: int, n: int) -> None:
    people = crowd(seed, n, 1, side=8.0)
    plain.catch(
        0,
        1,
        np.ones(1, np.uint8),
        people.feelings.emotion,
        people.reaches,
        people.attitude,
        grid_of(plain, people),
        people.caught,
    )
    place, start = people.position[:n], people.attitude.start
    for i in range(n):
        gap = place[i] - place
        squared = gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] + gap[:, 2] * gap[:, 2]
        order = [
            j for j in np.lexsort((np.arange(n), squared)).tolist() if j != i and squared[j] <= people.reaches.widest[i]
        ]
        likes = dict(
            zip(people.attitude.who[start[i] : start[i + 1]].tolist(), people.attitude.value[start[i] :], strict=False)
        )
        for number, channel in enumerate(people.reaches.channel.tolist()):
            total = 0.0
            for j in sorted(order[:ATTENTION]):
                if squared[j] <= people.reaches.reach[number, i]:
                    total += (1.0 + few.RELATION * likes.get(j, 0.0)) * people.feelings.emotion[channel, j]
            assert people.caught.rate[number, i] == people.reaches.gain[number, i] * total


def test_a_character_attends_to_no_more_than_the_nearest() -> None:
    people = crowd(3, 60, 1, side=1.0)
    people.reaches.reach[:] = people.reaches.widest[:] = 1e6
    people.reaches.gain[:] = 1.0
    people.feelings.emotion[:] = 0.5
    nobody = people.attitude._replace(
        start=np.zeros(61, np.int64), who=people.attitude.who[:0], value=people.attitude.value[:0]
    )
    plain.catch(
        0,
        1,
        np.ones(1, np.uint8),
        people.feelings.emotion,
        people.reaches,
        nobody,
        grid_of(plain, people),
        people.caught,
    )
    assert (people.caught.rate == 0.5 * ATTENTION).all()


def test_neighbours_agree_on_publishing_and_hearing(compiled: ModuleType) -> None:
    people = crowd(9, 1500, 4)
    people.feelings.emotion[0, :5] = 1.0 - 2.0**-30
    people.feelings.mood[:, :3] = [[-3.0], [2.0], [0.1]]
    columns = np.array([1, 0, 3, 2], np.int32)
    seen = []
    for form in (plain, compiled):
        emotion, mood = np.zeros((people.n, 4), np.float32), np.zeros((people.n, 3), np.float32)
        form.publish(0, people.count, people.feelings, columns, emotion, mood, 1.0 - 2.0**-24)
        near = form.near(people.position, 1.0, 0.0, 2.0, people.reaches.widest)
        seen.append((emotion.tobytes(), mood.tobytes(), near.tobytes()))
        assert (emotion < 1.0).all()
        assert (np.abs(mood) <= 1.0).all()
    assert seen[0] == seen[1]
    assert neighbours.DENSE >= few.FEW


@given(seed=seeds, n=st.integers(1, 90))
@settings(max_examples=40)
def test_what_moves_somebody_most_is_found_alike(compiled: ModuleType, seed: int, n: int) -> None:
    chance = np.random.default_rng(seed)
    people = crowd(seed, n, 3)
    people.ledger.cause[chance.random(people.ledger.cause.shape) < 0.5] = NOBODY
    people.ledger.amount[:] = chance.integers(-2, 3, people.ledger.amount.shape) * 0.25  # many are equal
    characters = chance.integers(0, n, 20).astype(np.int32)
    channel = chance.integers(-1, CHANNELS, 20).astype(np.int32)
    answers = []
    for form in (plain, compiled):
        found, sums = np.zeros((2, 20), np.int32), np.zeros((3, 20))
        form.reasons(characters, channel, people.feelings.emotion, people.fixed.baseline, people.ledger, found, sums)
        answers.append((found.tobytes(), sums.tobytes()))
    assert answers[0] == answers[1]
