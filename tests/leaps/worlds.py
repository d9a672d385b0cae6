"""Random scenes and what happens in them: the tavern's people and things with other rules, releases and trees."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

from behaviors.rules import AutonomousRule, Fade, InteractiveRule
from behaviors.trees import Leaf, Node, Selector, Tree
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.testing.acting import Act, perform
from emotion_runtime.testing.sim import Sim
from tests.behaviors.growth import grown
from tests.behaviors.stage import rule

TAVERN = load_scene(bundled_scene("tavern"))
ALONE = (
    "fear > 0.3", "fear < 0.6 - 0.2 * neuroticism", "anger > 0.2 and not fear > 0.5", "joy > 0.2 or world.night",
    "neutral > 0.4", "mood.dominance > 0.05", "max(fear, anger, joy) > 0.25", "0.1 < joy <= 0.5", "world.brawl < 0.5",
)  # fmt: skip
PAIRED = ("bearer.fear + bearer.sadness > 0.2", "distance < 4 m and joy > 0.1", "likes > 0.05", "bearer.neutral > 0.6")
SELECTORS = (
    ("self", False), ("cause(fear)", True), ("cause(anger)", True), ("speaker", True), ("target", True),
    ("nearest(person) within 4 m", True), ("nearest(small)", True), ("all(person) within 6 m", True), ("guard", True),
    ("baby", False),
)  # fmt: skip
RELEASES = (None, None, "fear < 0.2", "neutral > 0.9", "anger < 0.1 or joy > 0.6")
AIMS = ("", "fear: -0.3", "anger: +0.4", "self.joy: +0.2", "self.fear: -0.1/s", "sadness: +0.05/s", "fear: -0.2/s")
NAMES = tuple("abcdef")

leaves: st.SearchStrategy[Node] = st.sampled_from(NAMES).map(Leaf)
roots = grown(st.one_of(leaves, grown(st.one_of(leaves, grown(leaves)))))


@st.composite
def rules(draw: st.DrawFn, name: str) -> AutonomousRule:
    who, paired = draw(st.sampled_from(SELECTORS))
    trigger = draw(st.sampled_from(ALONE))
    if paired and draw(st.booleans()):
        trigger = f"{trigger} and {draw(st.sampled_from(PAIRED))}"
    if who == "baby":
        trigger = f"{trigger} and bearer.crying > 0.3"
    aim = draw(st.sampled_from(AIMS))
    made = rule(name, who, trigger, draw(st.sampled_from(RELEASES)), aim if who != "baby" else "")
    return dataclasses.replace(
        made,
        lasts=draw(st.sampled_from((0.0, 0.4, 1.0, 3.0))),
        timeout=draw(st.sampled_from((float("inf"), 0.7, 2.0))),
        rest=draw(st.sampled_from((0.5, 1.0))),
        sets=(("crying", 0.0),) if who == "baby" else (),
    )


@st.composite
def effects(draw: st.DrawFn, rule: InteractiveRule) -> InteractiveRule:
    """A thing's rule, perhaps with a place for two only, in sight only, or fading by a curve."""
    kind = draw(st.sampled_from(("as it is", "as it is", "two", "two who stay", "seen", "curve")))
    if kind == "curve":
        return dataclasses.replace(rule, fade=Fade.CURVE, curve=((0.0, 1.0), (3.0, 0.25)))
    return dataclasses.replace(
        rule, capacity=2 if "two" in kind else 0, claims=kind == "two who stay", in_sight=kind == "seen"
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """The tavern with random rules and trees; some share a tree, and somebody may have none."""
    made = {name: draw(rules(name)) for name in NAMES}
    several = draw(st.lists(roots, min_size=1, max_size=3))
    trees = {f"tree_{place}": Tree(f"tree_{place}", root) for place, root in enumerate(several)}
    trees["wide"] = Tree("wide", Selector((*map(Leaf, NAMES),)))
    names = st.one_of(st.none(), st.sampled_from(sorted(trees)))
    things = [
        dataclasses.replace(each, rules=tuple(draw(effects(rule)) for rule in each.rules)) for each in TAVERN.objects
    ]
    people = [dataclasses.replace(each, tree=draw(names), can=NAMES) for each in TAVERN.characters]
    return dataclasses.replace(TAVERN, rules=made, trees=trees, characters=tuple(people), objects=tuple(things))


def lived(scene: Scene, acts: list[Act], tick: float, *, leaps: bool, engine: str = "succeed") -> dict[str, Any]:
    """All that can be seen of a life: every command, digests at each pause, and the emotions after every tick."""
    with Sim(scene, tick=tick, seed=5, leaps=leaps) as sim:
        for name in scene.rules if engine != "succeed" else ():
            for person in scene.characters:
                getattr(sim.engine, engine)(person.id, name)
        digests, states = [], []
        for act in acts:
            perform(sim, act)
            sim.run(max(act.gap, tick))
            digests.append(sim.digest)
            states.append({name: [part.tobytes() for part in parts] for name, parts in sim.simulation.state().items()})
        return {
            "commands": [(each.time, each.command) for each in sim.happened],
            "states": states,
            "digests": digests,
            "past": [(time, emotion.tobytes()) for time, emotion in sim.past],
            "variables": sim.simulation.variables(),
            "leapt": sim.simulation.has_leapt,
        }
