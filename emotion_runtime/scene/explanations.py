"""Owns the long text behind each slug: what is wrong, why it matters, and a wrong and a right example."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from emotion_runtime.scene.slugs import PROVED, SLUGS

EXAMPLES: Final = MappingProxyType(
    {
        "file-missing": ("include: [poeple.yaml]", "include: [people.yaml]"),
        "not-utf8": ("a file saved as Latin-1", "the same file saved as UTF-8"),
        "too-large": ("a file of more than 4 MiB", "two files, one of which includes the other"),
        "empty-file": ("an empty file", "language: 1"),
        "not-yaml": ("trigger: !fear > 0.6", "trigger: not fear > 0.6"),
        "one-document": ("--- between two halves of a file", "two files, or no ---"),
        "no-anchors": ("tree: *shared", "trees: {shared: ...}, and tree: shared"),
        "no-tags": ("trigger: !fear", "trigger: not world.night and fear > 0.2"),
        "comma-in-braces": ("{trigger: max(fear, anger) > 0.5}", "{trigger: 'max(fear, anger) > 0.5'}"),
        "duplicate-key": ("lasts: 2 s, and again lasts: 3 s", "lasts: 3 s"),
        "include-outside": ("include: [../people.yaml]", "include: [shared/people.yaml]"),
        "include-cycle": ("people.yaml includes tavern.yaml, which includes people.yaml", "one of the two includes"),
        "not-in-include": ("scene: people, in an included file", "scene: in the main file only"),
        "unknown-key": ("bearer: self, triger: fear > 0.6", "bearer: self, trigger: fear > 0.6"),
        "missing-key": (
            "hum: {bearer: self, trigger: joy > 0.3}",
            "hum: {bearer: self, trigger: joy > 0.3, lasts: 5 s}",
        ),
        "missing-value": ("aim:", "aim: {joy: +0.1}"),
        "wrong-shape": ("can: flee", "can: [flee]"),
        "tree-form": ("{selector: [flee], sequence: [chat]}", "{selector: [flee, {sequence: [chat]}]}"),
        "modifier": ("with: [cooldwn 3 s]", "with: [cooldown 3 s]"),
        "not-a-quantity": ("lasts: a while", "lasts: 4 s"),
        "wrong-unit": ("lasts: 4", "lasts: 4 s"),
        "missing-sign": ("aim: {joy: 0.1}", "aim: {joy: +0.1}"),
        "out-of-range": ("personality: {openness: 3}", "personality: {openness: 1}"),
        "variable-range": ("heat: 0.5", "heat: 0.5 in 0..1"),
        "not-a-word": ("fade: smooth", "fade: linear"),
        "selector": ("bearer: all(person)", "bearer: all(person) within 5 m"),
        "syntax": ("trigger: fear > 0.6 && joy < 0.2", "trigger: fear > 0.6 and joy < 0.2"),
        "too-long": ("a trigger of more than 2,000 characters", "two rules"),
        "too-deep": ("more than 32 brackets inside each other", "a flatter trigger"),
        "wrong-type": ("trigger: fear", "trigger: fear > 0.5"),
        "not-linear": ("trigger: joy * fear > 0.3", "trigger: joy > 0.5 and fear > 0.5"),
        "division-by-zero": ("trigger: joy / 0 > 0.3", "trigger: joy / 2 > 0.3"),
        "trigger-without-mood": ("trigger: distance < 3 m", "trigger: distance < 3 m and fear > 0.2"),
        "face-file": ("elf.yaml: joy: {shapes: {mouthGrin: 1}}", "elf.yaml: joy: {shapes: {mouthSmile: 1}}"),
        "unknown-name": ("trigger: feer > 0.6", "trigger: fear > 0.6"),
        "bad-name": ("characters: {The Guard: ...}", "characters: {the_guard: ...}"),
        "name-reserved": ("rules: {joy: ...}", "rules: {rejoice: ...}"),
        "name-clash": ("a rule and an area called hall", "a rule called enter_hall"),
        "defined-twice": ("flee in two files", "flee in one of them"),
        "listed-twice": ("can: [flee, flee]", "can: [flee]"),
        "archetype-cycle": ("person: {is: person}", "person: {is: creature}"),
        "tree-recursion": ("life: {selector: [flee, life]}", "life: {repeat: flee, times: forever}"),
        "likes-ambiguous": (
            "likes: {kin: 0.3, old: -0.4}, of somebody who is both",
            "likes: {kin: 0.3, old: -0.4, ben: 0.1}",
        ),
        "object-cannot-feel": ("bearer: music_box, aim: {joy: +0.1}", "bearer: music_box, aim: {self.joy: +0.1}"),
        "sets-needs-object": ("bearer: nearest(person), sets: {lit: false}", "bearer: campfire, sets: {lit: false}"),
        "parallel-opposed": ("parallel: [smile, weep]", "selector: [smile, weep]"),
        "cannot-do": ("tree: life (which uses dance), can: [flee]", "can: [flee, dance]"),
        "rule-not-in-tree": ("can: [dance], and no dance in the tree", "dance as a leaf of the tree"),
        "rule-unused": ("a rule in nobody's can", "can: [that_rule], or allow: [rule-unused]"),
        "tree-unused": ("a tree no character names", "tree: that_tree, or allow: [tree-unused]"),
        "event-unused": ("events: [bang], and no row for it", "appraisal: [{event: bang, feels: {fear: +0.3}}]"),
        "timeout-too-short": ("lasts: 4 s, timeout: 2 s", "lasts: 4 s, timeout: 10 s"),
        "allow-unused": ("allow: [rule-unused], of a rule that is used", "no allow"),
        "trigger-never-true": ("trigger: fear > 0.9 and joy + fear < 0.8", "trigger: fear > 0.9 and joy < 0.1"),
        "trigger-always-true": ("trigger: fear < 1.5", "trigger: fear < 0.5"),
        "release-overlaps-trigger": (
            "trigger: anger > 0.5, release: anger < 0.6",
            "trigger: anger > 0.5, release: anger < 0.3",
        ),
        "same-trigger": ("selector: [hum, sing], both for joy > 0.3", "sing for joy > 0.6, to the left of hum"),
        "branch-shadowed": ("selector: [hum for joy > 0.3, sing for joy > 0.6]", "selector: [sing, hum]"),
        "trigger-unreachable": ("trigger: mood.dominance > 0.99", "trigger: mood.dominance > 0.3"),
        "step-cannot-follow": (
            "sequence: [vent with aim {self.anger: -0.6}, hit for anger > 0.5]",
            "hit with release: anger < 0.1",
        ),
        "aim-defeats-trigger": (
            "trigger: fear > 0.6, aim: {fear: -0.5/s}, lasts: 5 s",
            "trigger: fear > 0.6, release: fear < 0.1, aim: {fear: -0.1/s}, lasts: 5 s",
        ),
        "aim-flickers": ("trigger: sadness > 0.4, aim: {sadness: -0.02/s}", "the same with release: sadness < 0.2"),
        "aim-feeds-trigger": (
            "trigger: sadness > 0.5, aim: {sadness: +0.5}, lasts: 5 s",
            "modify: brood, with: [cooldown 60 s]",
        ),
        "rules-feed-each-other": ("guard shouts at the thief, who shouts back", "a calming aim in one of the two"),
        "rules-feed-for-ever": ("shout and shout_back with aim {anger: +0.4}", "{anger: +0.1}, or a cooldown"),
        "contagion-never-dies": ("contagion: {fear: 0.5/s within 4 m}", "contagion: {fear: 0.015/s within 4 m}"),
        "out-of-reach": ("a fire 5 m from the only area, for all within 3 m", "within 6 m"),
        "appraisal-shadowed": ("{heard: joy, ...} above {heard: joy, from: liked, ...}", "the narrower row first"),
        "paper-trigger": ("trigger: fear > 0.6 and distance < 3 m", "trigger: fear > 0.6"),
        "undecided": ("a trigger of dozens of or-ed sums", "the same in two rules"),
    }
)
"""Slug: what raises it, and what does not."""

WHY: Final = MappingProxyType(
    {
        "trigger-never-true": (
            "An exact solver looked for a state (all emotions in 0..1, moods in -1..1, variables in their "
            "ranges, this character's traits) that makes the trigger true, and there is none: the rule is dead "
            "text."
        ),
        "trigger-always-true": (
            "No state makes it false, so it guards nothing; more often a threshold is on the wrong side."
        ),
        "release-overlaps-trigger": (
            "Where both hold, the action starts, is released one tick later, starts again: the engine would see"
            " a start and a stop every other tick."
        ),
        "same-trigger": (
            "Both triggers are true in exactly the same states, so the right one has its turn only when the "
            "left one cannot run for another reason (a cooldown, a failure). It is a note: that may be meant."
        ),
        "branch-shadowed": (
            "A selector takes the first branch that does not fail. In every state in which this branch could "
            "start, one to its left is chosen. The one exception: an engine that reports a failure makes room "
            "until the rule has rested."
        ),
        "trigger-unreachable": (
            "The trigger can be true on paper, but not here: limits of every emotion were computed from all "
            "that can raise it (appraisal, objects in reach, aims, contagion), and moods follow emotions only "
            "so far. With --closed, what is said to characters counts only through the appraisal table."
        ),
        "step-cannot-follow": (
            "A sequence starts the next step in the tick in which the step before succeeds; then the aim of "
            "that step acts, and one tick later the next step is examined again: it cannot hold, so it is "
            "stopped every time."
        ),
        "aim-defeats-trigger": (
            "While it runs, the action lowers the emotion that keeps it running. Even from 1 it falls below the"
            " limit before `lasts` is over, so the action is aborted every time and its impulses never come."
        ),
        "aim-flickers": (
            "Without `release` the action stops as soon as the emotion is just below the trigger, and anything "
            "that raises it a little starts it again. A rule of thumb, not a proof."
        ),
        "aim-feeds-trigger": (
            "Repeated with its cooldown, the action keeps its own trigger true: the low point of the emotion "
            "between two runs is (b (1 - q) + q s) / (1 - q (1 - s)) with q = exp(-k T), and that is above the "
            "limit."
        ),
        "rules-feed-each-other": (
            "Each rule of the circle moves something the next one waits for. That they really keep each other "
            "going is not said; `check --simulate` looks for it. No circle at all is a proof that there is no "
            "such loop."
        ),
        "rules-feed-for-ever": (
            "From the start shown the real simulation was run for 240 s with nobody acting from outside, and "
            "the circle was still going. None of these rules runs among calm characters."
        ),
        "contagion-never-dies": (
            "With everybody in reach the spectral radius of gain over decay is above 1, the epidemic threshold:"
            " a crowd goes on feeling with no cause left."
        ),
        "out-of-reach": (
            "The range is shorter than the distance from the nearest point of any area that its bearers roam."
        ),
        "appraisal-shadowed": (
            "The first row that fits wins. For every listener and source there are, a row above takes the turn."
        ),
        "paper-trigger": (
            "Section 2.3.2 of the paper rests every autonomous trigger on emotion and mood. The scene language also "
            "lets distance, relations and variables refine it; `check --paper` refuses even those."
        ),
        "undecided": (
            "The search was given up after its budget of steps. Nothing is claimed about this trigger, neither way."
        ),
    }
)
"""Why it matters, where the meaning alone does not say it."""


def explain(slug: str) -> str:
    """The long text of a slug. Raises KeyError for one that does not exist."""
    meaning = {**SLUGS, **PROVED}[slug]
    lines = [f"{slug}: {meaning}."]
    if slug in WHY:
        lines += ["", WHY[slug]]
    wrong, right = EXAMPLES[slug]
    lines += ["", f"  wrong: {wrong}", f"  right: {right}"]
    lines += ["", f"More: docs/{'checking' if slug in PROVED else 'scenes'}.md"]
    return "\n".join(lines) + "\n"
