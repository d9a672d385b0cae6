"""The compiled digest is that of `xxhash`, however the bytes are cut into arrays, and that of a tick in any form."""

from __future__ import annotations

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.bench.crowd import crowd
from emotion_runtime.kernels.choice import COMPILER
from emotion_runtime.player import NominalPlayer
from emotion_runtime.simulation import Simulation
from tests.kernels.test_crowd import needs_numba

borders = st.sampled_from((0, 1, 8, 63, 64, 65, 127, 128, 960, 1023, 1024, 1025, 1087, 2048, 4096))
sizes = st.lists(st.one_of(borders, st.integers(0, 5000)), min_size=1, max_size=12)


@needs_numba
@given(st.binary(max_size=40), sizes, st.integers(0, 2**32 - 1))
def test_the_compiled_digest_is_that_of_xxhash_wherever_arrays_begin(
    header: bytes, lengths: list[int], seed: int
) -> None:
    COMPILER.wait()
    from emotion_runtime.kernels.compiled_digest import SHORTEST, hash128

    chance = np.random.default_rng(seed)
    columns = [chance.integers(0, 256, length, np.uint8) for length in [*lengths, SHORTEST]]
    stated = xxhash.xxh3_128(header)
    for column in columns:
        stated.update(column.data)
    assert hash128(header, columns) == stated.digest()


@needs_numba
@pytest.mark.parametrize("threads", [1, 2])
def test_a_digest_taken_beside_the_commands_is_the_digest_of_the_state(threads: int) -> None:
    with Simulation(crowd(1500, 100), kernels="numba", threads=threads, player=NominalPlayer()) as simulation:
        first = simulation.step()
        assert len(first.commands) > 1000, "nearly everybody begins something"
        assert first.digest == simulation.digest
        assert simulation.step().digest == simulation.digest
