"""The law of leaps: a life in leaps and a life tick by tick are the same to the bit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from behaviors.errors import FormError
from emotion_runtime import driving
from emotion_runtime.affect import stimuli
from emotion_runtime.leaps.compiling import Loop
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation
from emotion_runtime.testing.acting import Act
from emotion_runtime.testing.playing import acts
from tests.leaps.worlds import TAVERN, lived, scenes

ROOT = Path(__file__).parents[2]
TUTORIAL = sorted(path for path in (ROOT / "docs" / "tutorial").glob("0*.yaml") if "scenario" not in path.name)
ticks = st.sampled_from((0.05, 0.1, 0.25, 1 / 60))
engines = st.sampled_from(("succeed", "succeed", "fail", "never_answer"))
lives = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def compare(scene: Scene, several: list[Act], tick: float, engine: str) -> None:
    leaping, stepping = (lived(scene, several, tick, leaps=each, engine=engine) for each in (True, False))
    assert not stepping.pop("leapt")
    leaping.pop("leapt")
    for what, seen in stepping.items():
        assert leaping[what] == seen, what


@lives
@given(st.lists(acts(TAVERN), min_size=1, max_size=5), ticks, engines)
def test_the_tavern_lives_the_same_life_in_leaps(several: list[Act], tick: float, engine: str) -> None:
    compare(TAVERN, several, tick, engine)


@settings(lives, max_examples=40)
@given(scenes(), st.lists(acts(TAVERN), min_size=1, max_size=3), st.sampled_from((0.1, 0.25)), engines)
def test_any_scene_lives_the_same_life_in_leaps(scene: Scene, several: list[Act], tick: float, engine: str) -> None:
    try:
        Simulation(scene).close()
    except FormError:  # a parallel of opposed orientations is no scene
        return
    compare(scene, several, tick, engine)


@settings(lives, max_examples=15)
@given(scenes(), st.lists(acts(TAVERN), min_size=1, max_size=3), engines)
def test_a_handful_in_plain_numbers_lives_the_same_life_as_in_arrays(
    scene: Scene, several: list[Act], engine: str
) -> None:
    try:
        numbers = lived(scene, several, 0.25, leaps=False, engine=engine)
    except FormError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stimuli, "FEW", -1)
        patch.setattr(driving, "FEW", -1)
        assert lived(scene, several, 0.25, leaps=False, engine=engine) == numbers


@pytest.mark.parametrize("path", TUTORIAL, ids=lambda path: path.stem)
def test_every_scene_of_the_tutorial_lives_the_same_life_in_leaps(path: Path) -> None:
    scene = load_scene(path)
    anybody, label = scene.characters[0].id, next(each for each in scene.labels if each != "neutral")
    several = [Act(6.0, "say", (anybody, label, 0.9, None)), Act(8.0, "say", (anybody, "joy", 0.8, None))]
    compare(scene, several, 0.1, engine="succeed")


def test_whoever_leaps_takes_many_ticks_in_few_calls(loop: Loop) -> None:
    assert lived(TAVERN, [Act(5.0, "say", ("guard", "joy", 0.1, None))], 0.05, leaps=True)["leapt"]
    with Simulation(TAVERN, rate=20.0) as simulation:
        calls, end = 0, simulation.ticks_to(30.0)
        while (left := end - simulation.tick) > 0:
            assert simulation.leap(left).ticks <= left
            calls += 1
        assert simulation.tick == end == 600
        assert calls < end / 8


def test_all_leaps_share_one_compiled_form(loop: Loop) -> None:
    lived(TAVERN, [Act(1.0, "say", ("guard", "joy", 0.1, None))], 0.05, leaps=True)
    assert len(loop.signatures) == 1  # type: ignore[attr-defined]  # numba's dispatcher
