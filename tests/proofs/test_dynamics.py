"""Checks of what emotions can do: how far they go, aims on one's own trigger, and contagion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.player import NominalPlayer
from emotion_runtime.proofs import Proving
from emotion_runtime.proofs.aims import lowest
from emotion_runtime.proofs.bounds import Reach, reach
from emotion_runtime.proofs.confirm import run_on
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene import bundled_scene, scene_report
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.checks import Subject
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.simulation import Simulation
from emotion_runtime.steering import push_to
from tests.proofs.scenes import prove, scene

CLOSED = Proving(speech=False)
GAG = "gag: {bearer: self, trigger: ‸disgust > 0.5, lasts: 2 s}"
SMELL = "smell: {trigger: lit, bearer: all(person) within 4 m, effect: {disgust: +0.1/s}}"


def test_what_nothing_drives_is_unreachable_when_speech_does_not_count(tmp_path: Path) -> None:
    fault = prove(tmp_path, scene(GAG), CLOSED).at_mark("trigger-unreachable")
    assert fault.level == "error"
    assert "disgust at most 0.03" in fault.notes[0]


def test_speech_can_drive_every_emotion(tmp_path: Path) -> None:
    assert "trigger-unreachable" not in prove(tmp_path, scene(GAG)).slugs


@pytest.mark.parametrize(
    "more",
    [
        {"rows": "  - {event: bang, feels: {disgust: +0.1}}"},
        {"fire": SMELL},
        {"ben": "can: [spit], tree: rude"},
        {"archetype": "contagion: {disgust: 0.5/s within 4 m}", "fire": SMELL},
    ],
)
def test_an_appraisal_row_an_object_or_an_aim_makes_it_reachable(tmp_path: Path, more: dict[str, str]) -> None:
    text = scene(GAG.replace("‸", ""), **more)
    if "ben" in more:
        text = text.replace(
            "rules:\n  gag",
            "rules:\n  spit: {bearer: anna, trigger: joy > 0.1, aim: {disgust: +0.3}, lasts: 1 s}\n  gag",
        )
        text = text.replace("trees:\n", "trees:\n  rude: {selector: [spit]}\n")
    assert "trigger-unreachable" not in prove(tmp_path, text, CLOSED).slugs


def test_an_aim_of_a_rule_that_never_starts_drives_nothing(tmp_path: Path) -> None:
    rules = GAG + "\nspit: {bearer: self, trigger: surprise > 0.5, aim: {disgust: +0.3}, lasts: 1 s}"
    prove(tmp_path, scene(rules), CLOSED).at_mark("trigger-unreachable")


def test_an_object_too_weak_or_too_far_does_not_reach_it(tmp_path: Path) -> None:
    weak = SMELL.replace("+0.1/s", "+0.01/s")
    prove(tmp_path, scene(GAG, fire=weak), CLOSED).at_mark("trigger-unreachable")
    far = prove(tmp_path, scene(GAG, fire=SMELL, fire_at="[40, 40]"), CLOSED)
    far.at_mark("trigger-unreachable")


def test_moods_have_limits_even_where_everything_can_be_said(tmp_path: Path) -> None:
    proud = "boast: {bearer: self, trigger: ‸mood.dominance > 0.9, lasts: 2 s}"
    fault = prove(tmp_path, scene(proud)).at_mark("trigger-unreachable")
    assert "mood.dominance at most" in fault.notes[0]
    assert "trigger-unreachable" not in prove(tmp_path, scene(proud.replace("0.9", "0.6"))).slugs


def bounds_of(path: Path, speech: bool) -> tuple[Scene, Reach]:
    found: list[tuple[Scene, Reach]] = []

    def look(made: Scene, subject: Subject, allowances: Allowances, report: Report) -> frozenset[str]:
        found.append((made, reach(Study(made, subject, allowances, report, speech))))
        return frozenset()

    scene_report(path, look)
    return found[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_run_ever_goes_above_a_limit(seed: int) -> None:
    made, limits = bounds_of(bundled_scene(), speech=False)
    dice = np.random.default_rng(seed)
    simulation = Simulation(made, rate=4.0)
    for _ in range(400):
        if dice.random() < 0.2:
            simulation.event(str(dice.choice(made.events)), strength=float(dice.random()))
        if dice.random() < 0.2:
            person = made.characters[int(dice.integers(len(made.characters)))]
            roamed = str(dice.choice(person.roams))
            area = next(each for each in made.areas if each.name == roamed)
            simulation.move(
                person.id, dice.uniform(area.low[0], area.high[0]), 0.0, dice.uniform(area.low[1], area.high[1])
            )
        if dice.random() < 0.1:
            simulation.set("campfire.heat", float(dice.random()))
        simulation.step()
        for name in simulation.characters:
            for label, value in simulation[name].emotion.items():
                assert label == "neutral" or value <= limits.highest[name, label] + 1e-6


RUN = "run: {bearer: self, trigger: fear > 0.6, release: fear < 0.5, aim: {fear: ‸RATE/s}, lasts: 5 s}"


def test_an_aim_that_always_stops_its_own_action_is_an_error(tmp_path: Path) -> None:
    fault = prove(tmp_path, scene(RUN.replace("RATE", "-0.50"))).at_mark("aim-defeats-trigger")
    assert fault.level == "error"
    assert "falls to 0.5 in 1.3 s" in fault.message


def test_an_aim_weak_enough_lets_its_action_succeed(tmp_path: Path) -> None:
    weak = scene(RUN.replace("RATE", "-0.05").replace("‸", ""))
    assert not {"aim-defeats-trigger", "aim-flickers"} & set(prove(tmp_path, weak).slugs)
    allowed = RUN.replace("RATE", "-0.50").replace("‸", "").replace("lasts", "allow: [aim-defeats-trigger], lasts")
    assert not {"aim-defeats-trigger", "allow-unused"} & set(prove(tmp_path, scene(allowed)).slugs)


@pytest.mark.parametrize(("rate", "succeeds"), [(-0.5, False), (-0.05, True)])
def test_the_simulation_agrees_on_what_defeats_itself(tmp_path: Path, rate: float, succeeds: bool) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(scene(RUN.replace("RATE", f"{rate:+g}").replace("‸", "")), encoding="utf-8")
    made = scene_report(path)[0] or pytest.fail("the scene has errors")
    simulation = Simulation(made, rate=20.0, player=NominalPlayer())
    simulation.apply(push_to("anna", "fear", simulation["anna"].emotion["fear"], 0.9))
    reasons = [getattr(each, "reason", "") for each in simulation.run(6.0)]
    assert ("success" in reasons) is succeeds
    assert ("trigger_lost" in reasons) is not succeeds


def test_an_aim_that_lowers_its_trigger_without_a_release_flickers(tmp_path: Path) -> None:
    sulk = "sulk: {bearer: self, trigger: sadness > 0.4, aim: {sadness: ‸-0.02/s}, lasts: 5 s}"
    fault = prove(tmp_path, scene(sulk)).at_mark("aim-flickers")
    assert fault.remedy == "add `release: sadness < 0.24`"
    for fine in ("release: sadness < 0.2, lasts", "allow: [aim-flickers], lasts"):
        found = prove(tmp_path, scene(sulk.replace("‸", "").replace("lasts", fine)))
        assert not {"aim-flickers", "allow-unused"} & set(found.slugs)
    other = sulk.replace("{sadness: ‸-0.02/s}", "{fear: -0.02/s}")
    assert "aim-flickers" not in prove(tmp_path, scene(other)).slugs


BROOD = "brood: {bearer: self, trigger: sadness > 0.5, aim: {sadness: ‸+0.50}, lasts: 5 s}"


def test_an_aim_that_feeds_its_own_trigger_is_a_warning(tmp_path: Path) -> None:
    fault = prove(tmp_path, scene(BROOD)).at_mark("aim-feeds-trigger")
    assert "never falls below" in fault.message
    rate = "stew: {bearer: self, trigger: anger > 0.5, aim: {anger: ‸+0.10/s}, lasts: 5 s}"
    prove(tmp_path, scene(rate)).at_mark("aim-feeds-trigger")


@pytest.mark.parametrize("tree", ["{modify: brood, with: [cooldown 60 s]}", "{modify: brood, with: [once]}"])
def test_a_cooldown_lets_it_die_down(tmp_path: Path, tree: str) -> None:
    assert "aim-feeds-trigger" not in prove(tmp_path, scene(BROOD.replace("‸", ""), tree)).slugs
    weak = BROOD.replace("‸+0.50", "+0.02")
    assert "aim-feeds-trigger" not in prove(tmp_path, scene(weak)).slugs


@pytest.mark.parametrize(("impulse", "every"), [(0.1, 2.0), (0.5, 5.0), (0.3, 40.0)])
def test_the_low_point_of_the_limit_cycle_is_where_iteration_ends(impulse: float, every: float) -> None:
    calm, decay, value = 0.08, 0.03, 0.99
    for _ in range(4000):
        value = calm + (value - calm) * float(np.exp(-decay * every))
        low, value = value, 1.0 - (1.0 - value) * (1.0 - impulse)
    # the action succeeds at the low point, so it is reached just before each impulse
    assert lowest(calm, decay, impulse, every) == pytest.approx(low, abs=1e-9)


def test_contagion_above_its_threshold_is_a_warning(tmp_path: Path) -> None:
    hop = "hop: {bearer: self, trigger: fear > 0.5, lasts: 2 s}"
    strong = scene(hop, archetype="contagion: {fear: ‸0.1/s within 4 m}")
    assert "contagion gain is 1.73" in prove(tmp_path, strong).at_mark("contagion-never-dies").message
    weak = scene(hop, archetype="contagion: {fear: 0.05/s within 4 m}")
    assert "contagion-never-dies" not in prove(tmp_path, weak).slugs


def test_contagion_between_those_who_never_meet_does_not_count(tmp_path: Path) -> None:
    hop = "hop: {bearer: self, trigger: fear > 0.5, lasts: 2 s}"
    text = scene(hop, archetype="contagion: {fear: 0.1/s within 4 m}", ben="roams: [attic]")
    apart = text.replace("  hall: {from", "  attic: {from: [0, 20], to: [5, 25]}\n  hall: {from")
    assert "contagion-never-dies" not in prove(tmp_path, apart).slugs


@pytest.mark.parametrize(("gain", "alive"), [(0.1, True), (0.05, False)])
def test_the_simulation_agrees_on_contagion_that_never_dies(tmp_path: Path, gain: float, alive: bool) -> None:
    path = tmp_path / "main.yaml"
    hop = "hop: {bearer: self, trigger: fear > 0.99, lasts: 2 s}"
    path.write_text(scene(hop, archetype=f"contagion: {{fear: {gain}/s within 4 m}}"), encoding="utf-8")
    made = scene_report(path)[0]
    assert made is not None
    simulation = Simulation(made, rate=4.0)
    for name in simulation.characters:
        simulation.apply(push_to(name, "fear", simulation[name].emotion["fear"], 0.8))
    simulation.run(600.0)
    assert (simulation["anna"].emotion["fear"] > 0.3) is alive


def test_what_runs_late_has_started() -> None:
    made = bounds_of(bundled_scene(), speech=True)[0]
    run = run_on(made, {"child": {"fear": 0.8}}, 5.0, 5.0)
    assert run.started
    assert run.late <= run.started


def test_a_push_sets_an_emotion_whatever_the_temperament() -> None:
    simulation = Simulation(bounds_of(bundled_scene(), speech=True)[0], rate=1000.0)
    for wanted in (0.8, 0.95, 0.1, 0.0):
        simulation.apply(push_to("child", "fear", simulation["child"].emotion["fear"], wanted, "guard"))
        simulation.step()
        assert simulation["child"].emotion["fear"] == pytest.approx(wanted, abs=1e-3)
    simulation.apply(push_to("child", "fear", simulation["child"].emotion["fear"], 0.9, "guard"))
    simulation.step()
    top = simulation["child"].why("fear").top
    assert top is not None
    assert top.subject == "guard"
