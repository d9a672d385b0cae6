"""A saved state goes on as if nothing had happened: same inputs, same digests, wherever it was cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from emotion_runtime import InputError, Simulation
from emotion_runtime.bench.crowd import Wandering, crowd
from emotion_runtime.inputs import Event, Positions, SetVariable, Utterance
from emotion_runtime.outputs import Start
from emotion_runtime.player import NominalPlayer
from emotion_runtime.saving import SaveError, decode
from tests.record.plays import TAVERN, Turn, a_play, plays
from tests.saving.plays import PlainListener, held, tavern, tell

CACHES = (
    r"\._spent|\._clock|kernels\._?(pool|form|wants)",  # wall time, threads
    r"influence\.(_variables|_values|_places|_standing|_on|active|_raster|hits|_due|_special|_frame|_rules)",
    r"contagion\.(_grid|_place|_whole|_order|_cells|_due|caught)",  # a small cast looks anew, a crowd's are saved
    r"\._work|_felt|_senses\.mood|constants\._slow",  # overwritten before it is read, or a table of a pure function
    r"\.behaving\.(_driving|_triggers|_conditions)",  # built anew, or lent from look to look
    r"\.behaving\.executor",  # what it means for the future is in its state: in the save
    r"\.behaving\.actions\.(_first_timeout_us|_rests_until_us)",  # bounds that are looked at again
    r"\.hearing\.(_service|_answered|_lines)",  # others' memory; answers come again; lines nobody remembers
)
"""Of all that a ticker holds, what a restored one may have otherwise, since no result depends on it."""


@settings(deadline=None, max_examples=30, phases=(Phase.explicit, Phase.generate))
@given(plays, st.integers(0, 12), st.booleans(), st.booleans())
@example(a_play(12), 7, True, True)
def test_after_a_restore_the_same_inputs_give_the_same_digests(
    play: list[Turn], cut: int, player: bool, in_place: bool
) -> None:
    first, hears = tavern(player=player)
    twin, listens = tavern(player=player)
    with first, twin:
        saved = None
        for number, turn in enumerate(play):
            tell(first, turn)
            if number == min(cut, len(play) - 1):
                saved = first.save()
                if in_place:
                    twin.say("thief", "of another life", heard={"fear": 1.0})
                    twin.say("guard", "nobody will know")
                    twin.step()
                restored = twin.restore(saved)
                assert restored.exact
                assert not restored.unplaced
                assert twin.save() == saved
                assert twin.digest == first.digest
            elif saved is not None:
                tell(twin, turn)
            hears.arriving = listens.arriving = turn.arrive
            result = first.step(turn.dt, wait=turn.wait)
            if saved is not None:
                again = twin.step(turn.dt, wait=turn.wait)
                assert again.digest == result.digest
                assert again.commands == result.commands
                assert again.perceptions == result.perceptions


def test_a_restored_ticker_holds_what_the_saved_one_held() -> None:
    first, hears = tavern()
    twin, _ = tavern()
    hears.arriving = 0
    with first, twin:
        for number, turn in enumerate(a_play(90)):
            tell(first, turn)
            first.step(turn.dt, wait=number % 3 == 0)
        first.say("guard", "Who is there?")
        twin.restore(first.save())
        known = re.compile("|".join(CACHES))
        before = {path: value for path, value in held(first._ticker) if not known.search(path)}
        after = {path: value for path, value in held(twin._ticker) if not known.search(path)}
        assert len(before) > 200
        assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == set()


@pytest.mark.parametrize("kernels", ["numpy", "numba"])
@pytest.mark.parametrize(("people", "cut"), [(70, 3), (700, 5), (4500, 8), (4500, 13)])
def test_a_crowd_goes_on_with_what_it_keeps_for_several_ticks(people: int, cut: int, kernels: str) -> None:
    scene = crowd(people, 400)
    first, twin = (Simulation(scene, kernels=kernels, player=NominalPlayer()) for _ in "12")  # type: ignore[arg-type]
    with first, twin:
        walk = Wandering(scene)
        for tick in range(cut + 14):
            told: list[object] = [Positions(walk.index, walk.walk(0.05))]
            if tick % 3 == 1:
                told.append(Utterance("p000003", "ha", heard={"anger": 0.9, "fear": 0.8}))
                told.append(SetVariable("o00001.on", float(tick % 2)))
            if tick % 5 == 2:
                told.append(Event("bang", at=(20.0, 0.0, 20.0)))
            for each in told:
                first.apply(each)  # type: ignore[arg-type]
                if tick > cut:
                    twin.apply(each)  # type: ignore[arg-type]
            if tick == cut:
                assert twin.restore(first.save()).exact
            result = first.step(0.05)
            assert tick < cut or twin.step(0.05) == _of(result, twin)


def _of(result: object, twin: Simulation) -> object:
    """The same result but for the wall seconds of its stages."""
    from dataclasses import replace

    return replace(result, stage_seconds=twin._ticker._spent)  # type: ignore[type-var]


def test_actions_go_on_with_their_numbers_and_end_when_they_would_have() -> None:
    first, _ = tavern()
    with first:
        first.say("guard", "Out!", to="child", heard={"anger": 0.9})
        starts = [each for each in first.run(0.6) if isinstance(each, Start)]
        assert starts
        twin, _ = tavern()
        with twin:
            twin.restore(first.save())
            assert twin.running() == first.running()
            assert twin.run(20.0) == first.run(20.0)


def test_what_the_service_still_owes_to_a_state_that_was_left_is_nobodys_answer() -> None:
    sim, listener = tavern()
    with sim:
        saved = sim.save()
        sim.say("thief", "aaa")
        sim.step(wait=False)
        sim.restore(saved)
        sim.say("guard", "bbb bbb")
        listener.arriving = 1
        assert sim.step(wait=False).perceptions == ()
        (perceived,) = sim.step(wait=True).perceptions
        assert (perceived.character, perceived.ticket) == ("guard", 1)
        alone = PlainListener(TAVERN.labels)
        with Simulation(TAVERN, perception=alone) as other:
            other.say("guard", "bbb bbb")
            assert other.step().perceptions[0].probabilities == perceived.probabilities


def test_a_push_that_waits_keeps_who_it_is_on_account_of() -> None:
    (first, _), (twin, _) = tavern(player=False), tavern(player=False)
    with first, twin:
        first.push("child", "fear", 0.6, "guard")
        twin.restore(first.save())
        for each in (first, twin):
            each.step()
        assert twin.digest == first.digest
        top = twin["child"].why("fear").top
        assert top is not None
        assert top.subject == "guard"


def test_a_reload_that_has_not_shown_yet_is_saved_with_its_stops() -> None:
    sim, _ = tavern()
    with sim:
        sim._ticker.stops.clear()
        from emotion_runtime.outputs import Stop

        sim._ticker.stops.append(Stop(7, "guard", "patrol", "reload"))
        twin, _ = tavern()
        with twin:
            twin.restore(sim.save())
            assert twin.step().commands == sim.step().commands


def test_the_counter_of_utterances_and_the_seed_are_part_of_the_state() -> None:
    sim, _ = tavern()
    with sim, Simulation(TAVERN, seed=77) as twin:
        sim.say("guard", "x", heard={})
        twin.restore(sim.save())
        assert twin.say("guard", "y", heard={}) == 2
        assert twin.seed == sim.seed
        with pytest.raises(InputError):
            twin.say("nobody", "z", heard={})


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_damaged_bytes_are_refused_and_change_nothing(data: st.DataObject) -> None:
    sim, _ = tavern()
    with sim:
        sim.run(0.2)
        before = sim.save()
        bad = bytearray(before)
        at = data.draw(st.integers(0, len(bad) - 1))
        bad[at] ^= data.draw(st.integers(1, 255))
        with pytest.raises(SaveError):
            sim.restore(bytes(bad))
        with pytest.raises(SaveError):
            sim.restore(before[:at])
        assert sim.save() == before


def test_a_save_holds_names_and_says_which_format_it_has() -> None:
    sim, _ = tavern()
    with sim:
        data = sim.save()
        assert decode(data).origin.characters == sim.characters
        later = data[:8] + (99).to_bytes(4, "little") + data[12:]
        with pytest.raises(SaveError) as caught:
            sim.restore(later)
        assert caught.value.code == "unknown_save_format"
