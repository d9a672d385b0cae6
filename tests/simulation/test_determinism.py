"""Same scene, same inputs, same bytes: the law that tests, replay and lock-step rest on."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emotion_runtime import InputError, Simulation

NAMES = ("child", "guard", "merchant", "thief")
LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
names = st.sampled_from(NAMES)
metres = st.floats(-20.0, 20.0)
unit = st.floats(0.0, 1.0)

actions = st.one_of(
    st.tuples(
        st.just("say"), names, st.one_of(st.none(), names), st.dictionaries(st.sampled_from(LABELS), unit, max_size=3)
    ),
    st.tuples(st.just("event"), st.sampled_from(("theft_seen", "glass_breaks")), st.one_of(st.none(), names), unit),
    st.tuples(st.just("move"), st.sampled_from((*NAMES, "campfire", "baby")), metres, metres),
    st.tuples(st.just("set"), st.sampled_from(("campfire.heat", "baby.crying", "world.brawl")), unit),
    st.tuples(st.just("step"), st.sampled_from((1 / 60, 0.05, 0.5, 5.0))),
    st.tuples(st.just("fail")),
)


def play(script: list[tuple[Any, ...]]) -> list[bytes]:
    digests = []
    with Simulation.from_scene("tavern", seed=1, perception=None) as sim:
        for what, *arguments in script:
            if what == "say":
                speaker, to, heard = arguments
                sim.say(speaker, "...", to=to, heard=heard)
            elif what == "event":
                name, cause, strength = arguments
                sim.event(name, cause=cause, strength=strength)
            elif what == "move":
                name, x, z = arguments
                sim.move(name, x, 0.0, z)
            elif what == "set":
                sim.set(*arguments)
            elif what == "fail":
                for action in sim.running():
                    sim.fail(action.action)
            else:
                digests.append(sim.step(arguments[0]).digest)
                columns = sim.columns()
                assert (columns.emotion > 0.0).all()
                assert (columns.emotion < 1.0).all()
                assert all(len(set(seen)) == len(seen) for seen in [[each.action for each in sim.running()]])
    return digests


@settings(max_examples=40, deadline=None)
@given(st.lists(actions, min_size=1, max_size=40))
def test_the_same_inputs_give_the_same_digests(script: list[tuple[Any, ...]]) -> None:
    script = [*script, ("step", 1 / 60), ("step", 1 / 60)]
    assert play(script) == play(script)


def test_another_input_gives_another_digest() -> None:
    assert play([("step", 0.05)]) != play([("move", "guard", 1.0, 1.0), ("step", 0.05)])


def test_the_bundled_models_answers_are_the_same_on_every_run() -> None:
    digests = []
    for _ in range(2):
        with Simulation.from_scene("tavern", seed=3) as sim:
            for speaker, line in (("guard", "Stop right there!"), ("thief", "Oh no."), ("child", "I am so happy!")):
                sim.say(speaker, line)
            digests.append([sim.step().digest for _ in range(5)])
    assert digests[0] == digests[1]


def test_a_tick_of_no_length_or_too_long_is_refused() -> None:
    with Simulation.from_scene("tavern", perception=None) as sim:
        for dt in (0.0, -1.0, float("inf"), float("nan"), 1e9):
            try:
                sim.step(dt)
            except InputError as error:
                assert error.code == "bad_value"
            else:
                raise AssertionError(dt)
        assert sim.tick == 0
