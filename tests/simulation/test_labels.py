"""A scene with emotions of its own, and a model that knows only the usual seven."""

from __future__ import annotations

from pathlib import Path

from emotion_runtime import Simulation

OWN = """\
scene: temple
language: 1
emotions:
  awe: {pleasure: 0.4, arousal: 0.3, dominance: -0.3, half_life: 20 s}
  joy: {pleasure: 0.76, arousal: 0.48, dominance: 0.35, half_life: 20 s}
characters:
  monk: {at: [0, 0]}
"""


def test_what_the_model_puts_on_labels_the_scene_lacks_counts_as_neutral(tmp_path: Path) -> None:
    path = tmp_path / "temple.yaml"
    path.write_text(OWN, encoding="utf-8")
    with Simulation.from_scene(path) as sim:
        assert sim.labels == ("awe", "joy", "neutral")
        sim.say("monk", "You idiot! Get out!")
        sim.say("monk", "That is wonderful! Thank you so much!")
        angry, joyful = sim.step().perceptions
        assert angry.label == "neutral"
        assert joyful.label == "joy"
        for perceived in (angry, joyful):
            assert abs(sum(perceived.probabilities) - 1.0) < 1e-9


def test_a_leaf_that_its_character_cannot_do_fails(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(
        "scene: two\nlanguage: 1\ncharacters:\n"
        "  able: {at: [0, 0], can: [rest], tree: idle}\n  unable: {at: [1, 0], can: [], tree: idle}\n"
        "rules:\n  rest: {bearer: self, trigger: joy > 0.01, lasts: 5 s}\n"
        "trees:\n  idle: {sequence: [rest]}\n",
        encoding="utf-8",
    )
    with Simulation.from_scene(path, perception=None) as sim:
        assert [command.character for command in sim.run(1.0)] == ["able"]
