"""Owns the proofs about a scene: what its rules, trees and numbers can never do, or would do for ever."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from emotion_runtime.proofs.aims import check_aims
from emotion_runtime.proofs.bounds import reach
from emotion_runtime.proofs.contagion import check_contagion
from emotion_runtime.proofs.decide import BUDGET
from emotion_runtime.proofs.geometry import check_reach
from emotion_runtime.proofs.influence import Influence, Node, circles, influence
from emotion_runtime.proofs.livelock import Witness, simulate
from emotion_runtime.proofs.paper import check_paper
from emotion_runtime.proofs.reachable import check_reachable
from emotion_runtime.proofs.shadow import check_shadows
from emotion_runtime.proofs.steps import check_steps
from emotion_runtime.proofs.study import Study
from emotion_runtime.proofs.table import check_table
from emotion_runtime.proofs.triggers import check_triggers
from emotion_runtime.scene import scene_report
from emotion_runtime.scene.allowances import Allowances
from emotion_runtime.scene.checks import Subject
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.resolved import Scene
from emotion_runtime.scene.slugs import PROVED

__all__ = ["Proving", "proved_report"]


@dataclass(slots=True)
class Proving:
    """How a scene is examined. Use it as the `proofs` of `scene_report`.

    `speech`: whatever is said may push every emotion (False: only declared stimuli count). `simulating`: look for
    starts from which rules keep each other going. `budget`: nodes of one search before it is given up as undecided.
    `paper`: refuse triggers that read more than emotion and mood.
    """

    speech: bool = True
    simulating: bool = False
    seed: int = 1
    budget: int = BUDGET
    witnesses: Sequence[Witness] = ()
    paper: bool = False

    def __call__(self, scene: Scene, subject: Subject, allowances: Allowances, report: Report) -> frozenset[str]:
        """Run all checks; returns the slugs looked for."""
        study = Study(scene, subject, allowances, report, self.speech, self.budget)
        check_triggers(study)
        if self.paper:
            check_paper(study)
        idle = check_shadows(study)
        found = reach(study)
        check_reachable(study, found)
        check_steps(study)
        check_aims(study)
        check_contagion(study)
        check_reach(study)
        check_table(study)
        graph = influence(study, found, idle)
        self._circles(study, graph)
        for place in study.undecided:
            message = f"a question about this was not answered within {self.budget} steps, so nothing is claimed"
            study.tell("note", "undecided", place, message, remedy="a simpler trigger")
        return frozenset(PROVED) - {"rules-feed-each-other" if self.simulating else "rules-feed-for-ever"}

    def _circles(self, study: Study, graph: Influence) -> None:
        if self.simulating:
            self.witnesses = simulate(study, graph, self.seed)
            for witness in self.witnesses:
                _for_ever(study, graph, list(witness.circle), witness)
            return
        for circle in circles(graph.edges):
            _candidate(study, graph, circle)


def proved_report(path: str | os.PathLike[str], proving: Proving | None = None) -> tuple[Scene | None, Report]:
    """Read and check a scene, and prove what can be proved about it."""
    return scene_report(path, proving or Proving())


def _shown(circle: list[Node]) -> str:
    return " -> ".join(f"{who} {rule}" for who, rule in [*circle, circle[0]])


def _candidate(study: Study, graph: Influence, circle: list[Node]) -> None:
    change = graph.edges[circle[0]][circle[1]]
    use = next(u for u in study.uses if (u.character.id, u.rule.name) == circle[0])
    if study.allows("rules-feed-each-other", use):
        return
    rule = circle[0][1]
    place = study.trigger_place(rule) if change is None else study.aim_place(rule, change.label, change.on_self)
    study.tell(
        "note", "rules-feed-each-other", place, f"these rules can set each other off: {_shown(circle)}",
        notes=["a candidate from the influence graph; `check --simulate` looks for a start that never settles"],
    )  # fmt: skip


def _for_ever(study: Study, graph: Influence, circle: list[Node], witness: Witness) -> None:
    use = next(u for u in study.uses if (u.character.id, u.rule.name) == circle[0])
    if study.allows("rules-feed-for-ever", use):
        return
    change = graph.edges[circle[0]][circle[1]]
    rule = circle[0][1]
    place = study.trigger_place(rule) if change is None else study.aim_place(rule, change.label, change.on_self)
    study.tell(
        "warning", "rules-feed-for-ever", place, f"these rules keep each other going for ever: {_shown(circle)}",
        notes=[witness.text()], remedy=f"a weaker aim, or `modify: {rule}` with `cooldown 20 s`",
    )  # fmt: skip
