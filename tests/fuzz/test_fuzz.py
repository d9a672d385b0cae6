"""Fifty thousand hostile inputs in every test run: no crash, no hang, no change by a refused message."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.mutate import inputs
from tests.fuzz.targets import targets

INPUTS = 50_000
SHARES = {"codec": 40, "link": 25, "client": 20, "control": 6, "zap": 3, "onnx": 4, "manifest": 1, "scene": 1}


@pytest.mark.parametrize("name", SHARES)
def test_hostile_bytes_do_no_harm(name: str, tmp_path: Path) -> None:
    target = targets(tmp_path)[name]
    assert target.weight == SHARES[name]
    for number, data in enumerate(inputs(target.seeds, target.longest, INPUTS * target.weight // 100, seed=7)):
        try:
            target.run(data)
        except Exception as error:
            raise AssertionError(f"input {number}: {data.hex()}") from error


def test_the_shares_are_of_all_targets_and_make_a_whole(tmp_path: Path) -> None:
    assert {name: each.weight for name, each in targets(tmp_path).items()} == SHARES
    assert sum(SHARES.values()) == 100


def test_the_same_seed_gives_the_same_inputs() -> None:
    seeds = (b"abc", b"a longer one")
    assert list(inputs(seeds, 512, 50, 1)) == list(inputs(seeds, 512, 50, 1))
