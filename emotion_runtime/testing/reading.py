"""Owns reading scenario files: what is given, what happens when, and what then holds, with places for every fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from emotion_runtime.scene.diagnostics import Place, Report, did_you_mean
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar
from emotion_runtime.scene.quantities import QuantityError, duration, length, quantity
from emotion_runtime.scene.yaml_reader import parse

SUFFIX = ".scenario.yaml"

STEPS = {
    "say": ("to", "text", "heard"),
    "hear": ("to", "heard"),
    "event": ("cause", "target", "strength"),
    "move": ("to", "near", "distance"),
    "set": ("value", "because"),
    "fail": (),
    "succeed": (),
    "never_answer": (),
}
"""What can happen, and the keys that go with it; `at` goes with all."""


@dataclass(frozen=True, slots=True)
class Given:
    """A start value: `guard.at`, `child.fear`, `world.night`, `child.neuroticism`."""

    name: str
    value: str | list[float]
    place: Place


@dataclass(frozen=True, slots=True)
class When:
    """Something that happens at a time in seconds."""

    at: float
    word: str
    subject: str
    options: dict[str, str | list[float] | dict[str, float]]
    place: Place


@dataclass(frozen=True, slots=True)
class Then:
    """A line of `then`, as written."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario; it is run once for each of `variants` (start values that are added), or once."""

    name: str
    place: Place
    given: list[Given]
    when: list[When]
    then: list[Then]
    variants: list[list[Given]]


@dataclass(slots=True)
class ScenarioFile:
    """A whole file; `scene` is the path of its scene. Faults are in `report`."""

    path: Path
    scene: str = ""
    seed: int = 0
    tick: float = 0.05
    scenarios: list[Scenario] = field(default_factory=list)
    report: Report = field(default_factory=Report)


def read_scenarios(path: Path) -> ScenarioFile:
    """Read a file; all faults at once in its report."""
    file = ScenarioFile(path)
    shown = path.as_posix()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        file.report.error("file-missing", Place(shown, 1, 1), f"`{shown}` cannot be read: {error}")
        return file
    file.report.sources[shown] = text
    root = parse(text, shown, file.report)
    if root is not None:
        _Reader(file).read(root)
    return file


class _Reader:
    def __init__(self, file: ScenarioFile) -> None:
        self.file = file
        self.report = file.report

    def read(self, root: Map) -> None:
        self.keys(root, ("scene", "scenarios", "seed", "tick"), ("scene", "scenarios"))
        scene = root.get("scene")
        if isinstance(scene, Scalar):
            self.file.scene = scene.text
        self.file.seed = int(self.number(root, "seed", 0.0))
        self.file.tick = self.time(root, "tick", 0.05)
        scenarios = root.map("scenarios")
        if scenarios is None:
            if "scenarios" in root.entries:
                self.shape(root.entries["scenarios"], "scenarios", "a map of scenarios by their names")
            return
        for name, node in scenarios.entries.items():
            if isinstance(node, Map):
                self.file.scenarios.append(self.scenario(name, scenarios.key_place(name), node))
            else:
                self.shape(node, name, "a map with `when` and `then`")

    def scenario(self, name: str, place: Place, node: Map) -> Scenario:
        self.keys(node, ("given", "when", "then", "with"), ("then",))
        variants = [self.given(each) for each in self.items(node, "with") if isinstance(each, Map)]
        given = node.map("given")
        return Scenario(
            name,
            place,
            self.given(given) if given else [],
            [step for each in self.items(node, "when") if (step := self.step(each)) is not None],
            [Then(each.text, each.place) for each in self.items(node, "then") if isinstance(each, Scalar)],
            variants,
        )

    def given(self, node: Map) -> list[Given]:
        found = []
        for name, value in node.entries.items():
            if isinstance(value, Scalar):
                found.append(Given(name, value.text, value.place))
            elif isinstance(value, Items):
                found.append(Given(name, self.place_of(value), value.place))
            else:
                self.shape(value, name, "one value or a place")
        return found

    def step(self, node: Node) -> When | None:
        if not isinstance(node, Map):
            self.shape(node, "when", "a list of maps such as {at: 0 s, event: bang}")
            return None
        words = [word for word in node.entries if word in STEPS]
        if len(words) != 1:
            message = "a step of `when` needs exactly one of: " + ", ".join(STEPS)
            key = next((each for each in node.entries if each != "at"), "")
            remedy = did_you_mean(key, STEPS) if key else "event: bang"
            self.report.error("missing-key", node.key_place(key), message, remedy=remedy)
            return None
        word = words[0]
        self.keys(node, ("at", word, *STEPS[word]), ())
        subject = node.entries[word]
        options: dict[str, str | list[float] | dict[str, float]] = {}
        for key in STEPS[word]:
            value = node.get(key)
            if isinstance(value, Scalar):
                options[key] = value.text
            elif isinstance(value, Items):
                options[key] = self.place_of(value)
            elif isinstance(value, Map):
                options[key] = {label: self.number(value, label, 0.0) for label in value.entries}
        name = subject.text if isinstance(subject, Scalar) else ""
        return When(self.time(node, "at", 0.0), word, name, options, node.key_place(word))

    # ---------------------------------------------------------------------------------------------------- values
    def keys(self, node: Map, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
        for key in node.entries:
            if key not in known:
                message = f"there is no `{key}` here"
                self.report.error("unknown-key", node.key_place(key), message, remedy=did_you_mean(key, known))
        for key in needed:
            if key not in node.entries:
                self.report.error("missing-key", node.place, f"`{key}` is missing", remedy=f"{key}: ...")

    def items(self, node: Map, key: str) -> list[Node]:
        value = node.get(key)
        if value is None:
            return []
        if not isinstance(value, Items):
            self.shape(value, key, "a list")
            return []
        return value.items

    def shape(self, node: Node, name: str, wanted: str) -> None:
        self.report.error("wrong-shape", node.place, f"`{name}` must be {wanted}")

    def number(self, node: Map, key: str, default: float) -> float:
        value = node.get(key)
        if value is None:
            return default
        return self.read_number(value, f"`{key}`", default)

    def read_number(self, value: Node, what: str, default: float) -> float:
        if not isinstance(value, Scalar):
            self.shape(value, what.strip("`"), "a number")
            return default
        try:
            return quantity(value.text, what, "number").value
        except QuantityError as fault:
            self.report.error(fault.slug, value.place, fault.message, remedy=fault.remedy)
            return default

    def time(self, node: Map, key: str, default: float) -> float:
        value = node.get(key)
        if not isinstance(value, Scalar):
            return default
        try:
            return duration(value.text, f"`{key}`", zero=key == "at")
        except QuantityError as fault:
            self.report.error(fault.slug, value.place, fault.message, remedy=fault.remedy)
            return default

    def place_of(self, node: Items) -> list[float]:
        return [self.read_number(each, "a coordinate", 0.0) for each in node.items]


def as_metres(text: str) -> float:
    """A length in metres. Raises QuantityError."""
    return length(text, "`distance`", zero=True)
