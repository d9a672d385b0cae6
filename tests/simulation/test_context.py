"""Rules of context: what was said before is handed to perception, as its speaker knows it, across reload and save."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from emotion_runtime.hearing import MOST_CONTEXT
from emotion_runtime.inputs import Move, Utterance
from emotion_runtime.perception import InlineService, Line
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation

TAVERN = load_scene(bundled_scene("tavern"))
ONE, OTHER, *_ = (character.id for character in TAVERN.characters)
FAR = 1e5


class Reader:
    """Neutral, always; it remembers the context of every line it was asked."""

    labels = TAVERN.labels

    def __init__(self) -> None:
        self.asked: dict[str, tuple[Line, ...]] = {}

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        self.asked[text] = tuple(context)
        return tuple(1.0 / len(TAVERN.labels) for _ in TAVERN.labels)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def sim(reader: Reader) -> Simulation:
    sim = Simulation(TAVERN, perception=InlineService(lambda: reader), rate=20.0)
    sim.apply(Move(OTHER, (0.0, 0.0, 0.0)))
    sim.apply(Move(ONE, (0.0, 0.0, 0.0)))
    return sim


def talk(sim: Simulation, *lines: tuple[str, str], conversation: str = "") -> None:
    for speaker, text in lines:
        sim.apply(Utterance(speaker, text, conversation=conversation))
        sim.step()


def test_the_context_is_the_newest_lines_of_the_conversation_oldest_first(sim: Simulation, reader: Reader) -> None:
    talk(sim, *((ONE if at % 2 else OTHER, f"line {at}") for at in range(7)))
    assert reader.asked["line 0"] == ()
    assert reader.asked["line 2"] == (Line("line 0", True), Line("line 1", False))
    assert [line.text for line in reader.asked["line 6"]] == [f"line {at}" for at in range(6 - MOST_CONTEXT, 6)]


def test_who_did_not_hear_a_line_knows_only_their_own(sim: Simulation, reader: Reader) -> None:
    talk(sim, (ONE, "here"))
    sim.apply(Move(OTHER, (FAR, 0.0, 0.0)))
    talk(sim, (ONE, "unheard"), (OTHER, "far"), (ONE, "near"))
    assert reader.asked["far"] == (Line("here", False),)
    assert reader.asked["near"] == (Line("here", True), Line("unheard", True))


def test_another_conversation_is_no_context(sim: Simulation, reader: Reader) -> None:
    talk(sim, (ONE, "first"), conversation="a")
    talk(sim, (OTHER, "second"), conversation="b")
    talk(sim, (ONE, "third"), conversation="b")
    assert reader.asked["second"] == ()
    assert reader.asked["third"] == (Line("second", False),)


def test_context_survives_a_save(sim: Simulation, reader: Reader) -> None:
    talk(sim, (ONE, "first"), (OTHER, "second"))
    saved = sim.save()
    talk(sim, (ONE, "third"))
    before = reader.asked.pop("third")
    sim.restore(saved)
    talk(sim, (ONE, "third"))
    assert reader.asked["third"] == before == (Line("first", True), Line("second", False))


def test_lines_nobody_remembers_are_forgotten(sim: Simulation) -> None:
    talk(sim, *((ONE if at % 2 else OTHER, f"line {at}") for at in range(2000)))
    assert len(sim._ticker.hearing._lines) <= 3 * MOST_CONTEXT * len(TAVERN.characters) + 512
