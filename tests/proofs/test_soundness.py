"""The proofs against the real simulation on random scenes: nothing that is proved impossible ever happens."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotion_runtime.outputs import Start
from emotion_runtime.player import NominalPlayer
from emotion_runtime.proofs import Proving, proved_report
from emotion_runtime.proofs.bounds import reach
from emotion_runtime.proofs.shadow import check_shadows
from emotion_runtime.proofs.study import Study
from emotion_runtime.scene import bundled_scene, scene_report
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.checks import Subject
from emotion_runtime.scene.diagnostics import Place, Report, split_lines
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.scene.slugs import PROVED, SLUGS
from emotion_runtime.simulation import Simulation
from emotion_runtime.steering import push_to
from tests.proofs.scenes import scene
from tests.scene.test_broken_input import PEOPLE, TAVERN, mutated

EXAMPLES = int(os.environ.get("EMOTION_RUNTIME_FUZZ", "60"))
common = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

TRIGGERS = (
    "fear > 0.5", "fear > 0.3", "fear < 0.6", "anger > 0.4", "anger > 0.4 and fear < 0.5", "joy > 0.2 or fear > 0.4",
    "fear > 0.9 and joy + fear < 0.8", "neutral > 0.5", "not (fear > 0.3 or joy > 0.3)", "mood.dominance > 0.1",
    "max(fear, anger) > 0.4", "fear > 0.3 and world.night", "fear - 0.3 * neuroticism > 0.4", "mood.pleasure > 1.5",
    "fear > 0.2 and world.noise > 0.5",
)  # fmt: skip
AIMS = ("", "fear: -0.3", "fear: +0.4", "anger: +0.3", "self.joy: +0.2", "fear: -0.1/s", "anger: +0.05/s")
WRAPS = (
    "cooldown 1 s",
    "retry 2",
    "once",
    "timeout 2 s",
    "invert",
    "force success",
    "guard fear < 0.5",
    "delay 300 ms",
)
NAMES = ("one_rule", "two_rule", "three_rule", "four_rule")


def trees() -> st.SearchStrategy[str]:
    def grow(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        several = st.lists(below, min_size=1, max_size=3).map(", ".join)
        return st.one_of(
            several.map(lambda inside: f"{{selector: [{inside}]}}"),
            several.map(lambda inside: f"{{selector: [{inside}]}}"),
            several.map(lambda inside: f"{{sequence: [{inside}]}}"),
            st.tuples(below, st.sampled_from(TRIGGERS)).map(lambda n: f"{{filter: {n[0]}, while: '{n[1]}'}}"),
            st.tuples(below, st.sampled_from(("times: 2", "times: forever", "until: failure", "until: success"))).map(
                lambda n: f"{{repeat: {n[0]}, {n[1]}}}"
            ),
            st.tuples(below, st.lists(st.sampled_from(WRAPS), min_size=1, max_size=2)).map(
                lambda n: f"{{modify: {n[0]}, with: [{', '.join(n[1])}]}}"
            ),
        )

    inner = st.recursive(st.sampled_from(NAMES), grow, max_leaves=8)
    return st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"{{selector: [{', '.join(parts)}]}}")


@st.composite
def scenes(draw: st.DrawFn) -> str:
    rules = []
    for name in NAMES:
        bearer = draw(st.sampled_from(("self", "self", "ben", "nearest(person) within 4 m")))
        aim = draw(st.sampled_from(AIMS))
        lasts = draw(st.sampled_from(("500 ms", "1 s", "3 s")))
        trigger = draw(st.sampled_from(TRIGGERS))
        if bearer == "self":
            aim = aim.removeprefix("self.")
        rules.append(f"{name}: {{bearer: {bearer}, trigger: '{trigger}', aim: {{{aim}}}, lasts: {lasts}}}")
    anna = f"personality: {{neuroticism: {draw(st.sampled_from(('-0.5', '0', '0.8')))}}}"
    return scene("\n".join(rules), draw(trees()), anna=anna)


def study(text: str) -> tuple[Scene, frozenset[tuple[str, str]], set[tuple[str, str]]] | None:
    """The scene, what never starts by its tree, and what may start; None when it cannot be loaded."""
    found: list[tuple[frozenset[tuple[str, str]], set[tuple[str, str]]]] = []

    def look(made: Scene, subject: Subject, allowances: Allowances, report: Report) -> frozenset[str]:
        seen = Study(made, subject, allowances, Report())
        found.append((check_shadows(seen), reach(seen).live))
        return frozenset()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.yaml"
        path.write_text(text, encoding="utf-8")
        made, _ = scene_report(path, look)
    return None if made is None else (made, *found[0])


@common
@given(scenes(), st.integers(0, 2**32))
def test_what_is_proved_unreachable_never_starts(text: str, seed: int) -> None:
    known = study(text)
    if known is None:
        return
    made, idle, live = known
    dice = random.Random(seed)
    simulation = Simulation(made, rate=5.0, player=NominalPlayer())
    for _ in range(60):
        if dice.random() < 0.3:
            name, label = dice.choice(("anna", "ben")), dice.choice(("fear", "anger", "joy"))
            now = simulation[name].emotion[label]
            simulation.apply(push_to(name, label, now, dice.random()))
        if dice.random() < 0.1:
            simulation.set("world.night", dice.random() < 0.5)
            simulation.set("world.noise", dice.random())
        for command in simulation.step().commands:
            if isinstance(command, Start):
                node = (command.character, command.rule)
                assert node not in idle, f"{node} started, though it is always shadowed, in\n{text}"
                assert node in live, f"{node} started, though its trigger is unreachable, in\n{text}"


@common
@given(mutated(TAVERN), st.booleans())
def test_the_proofs_of_any_scene_end_in_diagnostics(text: str, speech: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.yaml"
        path.write_bytes(text.encode("utf-8", "replace"))
        (Path(folder) / "people.yaml").write_text(PEOPLE, encoding="utf-8")
        _, report = proved_report(path, Proving(speech=speech))
    lines = {file: split_lines(source) for file, source in report.sources.items()}
    for fault in report.sorted():
        assert fault.slug in SLUGS or fault.slug in PROVED
        own = Place(fault.file, fault.line, fault.col)
        for place in (own, *fault.see):
            if place.file in lines:
                assert 1 <= place.line <= len(lines[place.file])
                assert 1 <= place.col <= len(lines[place.file][place.line - 1]) + 1


@pytest.mark.parametrize("line", [line for line in TAVERN.splitlines() if "trigger:" in line])
def test_the_tavern_without_one_trigger_line_is_a_fault_with_a_place(tmp_path: Path, line: str) -> None:
    (tmp_path / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    path = tmp_path / "main.yaml"
    path.write_text(TAVERN.replace(line + "\n", "", 1), encoding="utf-8")
    made, report = proved_report(path)
    assert made is None
    assert any(fault.slug == "missing-key" for fault in report.sorted())


def test_the_bundled_scene_is_what_these_tests_mutate() -> None:
    assert bundled_scene().read_text(encoding="utf-8") == TAVERN
