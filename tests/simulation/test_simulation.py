"""The facade on the bundled tavern, without sockets: what is told, felt, done, and why."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from emotion_runtime import InputError, Simulation, Start, Stop

ANGRY = {"anger": 0.9}
JOYFUL = {"joy": 0.9}


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with Simulation.from_scene("tavern", seed=7, perception=None) as made:
        yield made


def test_what_is_heard_is_not_what_is_felt(sim: Simulation) -> None:
    sim.move("guard", 8.0, 0.0, 4.0)
    sim.move("thief", 300.0, 0.0, 300.0)
    before = {name: sim[name].emotion for name in sim.characters}
    sim.say("guard", "Out!", to="child", heard=ANGRY)
    sim.step()
    assert sim["guard"].emotion["anger"] > before["guard"]["anger"] + 0.2
    assert sim["child"].emotion["fear"] > before["child"]["fear"] + 0.2
    assert abs(sim["child"].emotion["anger"] - before["child"]["anger"]) < 0.01
    assert abs(sim["thief"].emotion["fear"] - before["thief"]["fear"]) < 1e-6


def test_a_frightened_child_flees_from_whoever_frightened_it(sim: Simulation) -> None:
    sim.move("guard", 8.0, 0.0, 4.5)
    sim.say("guard", "Out, now!", to="child", heard=ANGRY)
    started = [command for command in sim.step().commands if command.character == "child"]
    assert [(command.rule, command.bearers) for command in started if isinstance(command, Start)] == [
        ("flee", ("guard",))
    ]
    why = sim["child"].why("fear")
    assert why.top is not None
    assert (why.top.cause, why.top.subject) == ("guard said anger", "guard")


def test_reasons_add_up_to_the_emotion(sim: Simulation) -> None:
    sim.say("thief", "Ha!", heard=JOYFUL)
    sim.say("guard", "Out!", to="child", heard=ANGRY)
    sim.run(3.0)
    for name in sim.characters:
        for label in sim.world.channels:
            why = sim[name].why(label)
            assert abs(why.value - why.baseline - sum(reason.amount for reason in why.reasons)) < 1e-5


def test_an_action_that_plays_to_its_end_reaches_its_aim(sim: Simulation) -> None:
    sim.set("baby.crying", 0.8)
    commands = sim.run(8.0)
    rocking = [command for command in commands if command.rule == "rock_baby"]
    assert [type(command) for command in rocking[:2]] == [Start, Stop]
    assert isinstance(rocking[1], Stop)
    assert rocking[1].reason == "success"
    assert sim.variables()["baby.crying"] == 0.0


def test_a_failed_action_rests_before_it_starts_again() -> None:
    with Simulation.from_scene("tavern", perception=None, player=None) as sim:
        starts, when = 0, 0.0
        for _ in range(240):
            for command in sim.step().commands:
                if isinstance(command, Start) and command.rule == "patrol":
                    assert starts == 0 or sim.time - when >= 1.0
                    starts, when = starts + 1, sim.time
                    sim.fail(command.action)
        assert starts >= 3


def test_an_action_nobody_plays_times_out() -> None:
    with Simulation.from_scene("tavern", perception=None, player=None) as sim:
        reasons = {command.reason for command in sim.run(70.0) if isinstance(command, Stop)}
    assert "timeout" in reasons
    assert "success" not in reasons


def test_every_start_has_one_stop_and_stops_come_first(sim: Simulation) -> None:
    running: dict[int, str] = {}
    sim.say("guard", "Out!", to="child", heard=ANGRY)
    for tick in range(1200):
        if tick == 300:
            sim.event("theft_seen", cause="thief")
        seen_start = False
        for command in sim.step().commands:
            if isinstance(command, Start):
                seen_start = True
                assert command.action not in running
                running[command.action] = command.character
            else:
                assert not seen_start
                assert running.pop(command.action) == command.character
    assert {action.action for action in sim.running()} == set(running)


def test_an_object_moves_only_those_in_range(sim: Simulation) -> None:
    sim.set("baby.crying", 0.0)
    sim.move("corpse", 500.0, 0.0, 500.0)
    sim.move("guard", 501.0, 0.0, 500.0)
    sim.run(2.0)
    assert sim["guard"].emotion["disgust"] > 0.2
    assert sim["merchant"].emotion["disgust"] < 0.05
    top = sim["guard"].why("disgust").top
    assert top is not None
    assert top.cause == "corpse.horror"


def test_fear_is_caught_from_a_neighbour_and_not_from_afar(sim: Simulation) -> None:
    sim.move("child", 8.0, 0.0, 4.0)
    sim.move("merchant", 9.0, 0.0, 4.0)
    sim.move("guard", 200.0, 0.0, 4.0)
    sim.world.emotion[sim.world.subject["child"], sim.world.channel["fear"]] = 0.95
    sim.run(2.0)
    near = [reason.kind for reason in sim["merchant"].why("fear").reasons]
    far = [reason.kind for reason in sim["guard"].why("fear").reasons]
    assert "contagion" in near
    assert "contagion" not in far


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda sim: sim.say("gaurd", "Hi"), "unknown_character"),
        (lambda sim: sim.say("campfire", "Hi"), "unknown_character"),
        (lambda sim: sim.say("guard", "Hi", heard={"glee": 0.5}), "unknown_label"),
        (lambda sim: sim.say("guard", "Hi", heard={"joy": float("nan")}), "bad_value"),
        (lambda sim: sim.event("earthquake"), "unknown_event"),
        (lambda sim: sim.event("theft_seen", strength=2.0), "bad_value"),
        (lambda sim: sim.move("guard", float("inf"), 0.0, 0.0), "bad_value"),
        (lambda sim: sim.move("nobody", 0.0, 0.0, 0.0), "unknown_subject"),
        (lambda sim: sim.set("campfire.colour", 1.0), "unknown_variable"),
        (lambda sim: sim.set("campfire.heat", 7.0), "bad_value"),
        (lambda sim: sim.set("campfire.lit", 0.5), "bad_value"),
        (lambda sim: sim.succeed(99), "unknown_action"),
        (lambda sim: sim.step(float("nan")), "bad_value"),
        (lambda sim: sim.step(-1.0), "bad_value"),
        (lambda sim: sim.character("gaurd"), "unknown_character"),
    ],
)
def test_a_refused_input_changes_nothing(sim: Simulation, call: object, code: str) -> None:
    before = sim.digest
    with pytest.raises(InputError) as caught:
        call(sim)  # type: ignore[operator]
    assert caught.value.code == code
    assert sim.digest == before
    with Simulation.from_scene("tavern", seed=7, perception=None) as twin:
        assert sim.step().digest == twin.step().digest


def test_a_near_miss_is_named(sim: Simulation) -> None:
    with pytest.raises(InputError) as caught:
        sim.say("gaurd", "Hi")
    assert caught.value.remedy == "did you mean `guard`?"


def test_published_columns_are_whole_float32_rows_strictly_inside(sim: Simulation) -> None:
    for _ in range(5):
        for name in sim.characters:
            sim.say(name, "!", heard={"joy": 1.0, "fear": 1.0})
        sim.step()
    sim.stream_faces()
    columns = sim.columns()
    assert columns.emotion.dtype == columns.mood.dtype == columns.face.dtype == np.float32
    assert columns.emotion.shape == (len(sim.characters), len(sim.labels))
    assert columns.emotion.flags.c_contiguous
    assert (columns.emotion > 0.0).all()
    assert (columns.emotion < 1.0).all()
    assert (np.abs(columns.mood) <= 1.0).all()
    assert columns.face.shape == (len(sim.characters), len(sim.shapes))
    assert ((columns.face >= 0.0) & (columns.face <= 1.0)).all()


def test_a_line_without_model_or_heard_is_answered_as_failed(sim: Simulation) -> None:
    number = sim.say("guard", "Hello?")
    (perceived,) = sim.step().perceptions
    assert (perceived.utterance, perceived.failed, perceived.probabilities) == (number, "perception_failed", ())


def test_the_bundled_model_hears_anger_in_an_angry_line() -> None:
    with Simulation.from_scene("tavern") as sim:
        sim.say("guard", "Get out of here! I hate you! You make me so angry!", to="thief")
        (perceived,) = sim.step().perceptions
        assert perceived.label == "anger"
        assert abs(sum(perceived.probabilities) - 1.0) < 1e-6
        assert sim["guard"].emotion["anger"] > 0.2


def test_an_event_reaches_those_its_appraisal_names(sim: Simulation) -> None:
    sim.event("theft_seen", cause="thief")
    sim.step()
    assert sim["guard"].emotion["anger"] > 0.4
    assert sim["child"].emotion["anger"] < 0.2
    top = sim["guard"].why("anger").top
    assert top is not None
    assert top.subject == "thief"


def test_why_is_plain_values_with_every_cause(sim: Simulation) -> None:
    sim.say("guard", "Out!", to="child", heard=ANGRY)
    sim.step()
    answer = sim.why("child")
    assert answer["character"] == "child"
    assert answer["emotions"]["fear"]["causes"][0]["cause"] == "guard said anger"
    assert answer["mood"]["name"]
    assert answer["actions"][0]["rule"] == "flee"
