"""The same bytes with other instructions, restored in between, and under load; the long form is a command."""

from __future__ import annotations

from tests.simulation.same_bytes import compare, parted, run


def test_extensions_restores_and_load_change_no_byte() -> None:
    found = compare("tavern", 400, ["numpy", "numpy without extensions", "restored every 97 ticks", "under load"])
    assert len({each.chain for each in found.values()}) == 1


def test_extensions_change_no_byte_of_a_crowd() -> None:
    found = compare("crowd", 20, ["numpy", "numpy without extensions"])
    assert len({each.chain for each in found.values()}) == 1


def test_chains_that_part_say_where() -> None:
    one = run("five", 400, "numpy")
    other = run("five", 400, "numpy")
    assert one.chain == other.chain
    assert parted(one, other) is None
    other.chains = {tick: chain if tick < 300 else "other" for tick, chain in other.chains.items()}
    assert parted(one, other) == 300
