"""Personality: the published formula with the right sign, and tables that stay in range."""

import itertools

from emotion_runtime.affect.labels import LABELS
from emotion_runtime.affect.mood import Mood
from emotion_runtime.affect.personality import baseline, channels, default_mood, temperament
from emotion_runtime.scene.resolved import TRAITS


def test_the_default_mood_is_mehrabians_with_stability_as_minus_neuroticism() -> None:
    traits: dict[str, float] = dict(zip(TRAITS, (0.4, 0.8, 0.6, 0.3, 0.4), strict=True))
    pleasure, arousal, dominance = default_mood(traits)
    assert abs(pleasure - 0.227) < 5e-4
    assert abs(arousal - 0.378) < 5e-4
    assert abs(dominance - 0.500) < 5e-4


def test_baselines_stay_inside_and_temperament_stays_positive_for_every_personality() -> None:
    for corner in itertools.product((-1.0, 0.0, 1.0), repeat=5):
        traits: dict[str, float] = dict(zip(TRAITS, corner, strict=True))
        for label in channels(LABELS):
            assert 0.0 < baseline(label, traits) < 0.5
            assert 0.5 < temperament(label, traits) < 1.5
        assert all(-1.0 <= value <= 1.0 for value in default_mood(traits))


def test_moods_have_the_names_of_their_octants() -> None:
    assert Mood(0.0, 0.0, 0.0).name == "calm"
    assert Mood(0.3, 0.2, 0.1).name == "slightly exuberant"
    assert Mood(-0.6, 0.6, -0.3).name == "anxious"
    assert Mood(-0.9, 0.9, 0.9).name == "fully hostile"
