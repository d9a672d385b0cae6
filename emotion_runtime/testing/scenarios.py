"""Owns running scenarios: start values, what happens when, and every line of `then` watched along the way."""

from __future__ import annotations

import re
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotion_runtime.errors import EmotionRuntimeError
from emotion_runtime.leaps.watches import Watch
from emotion_runtime.scene.diagnostics import Diagnostic, Place, render
from emotion_runtime.scene.find import find_scene
from emotion_runtime.scene.quantities import QuantityError, duration
from emotion_runtime.scene.resolved import TRAITS
from emotion_runtime.testing.conditions import Condition
from emotion_runtime.testing.errors import ScenarioError
from emotion_runtime.testing.quantities import shown
from emotion_runtime.testing.reading import Given, Scenario, ScenarioFile, Then, When, as_metres, read_scenarios
from emotion_runtime.testing.sim import Sim

AFTER_S = 1.0
"""Seconds a scenario goes on after the last thing that happens, when no line of `then` asks for more."""

_TIMED = re.compile(r"(?P<what>.+?)\s+(?P<word>within|at|throughout)\s+(?P<time>[0-9.]+\s*(?:ms|s|min))\s*")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one scenario. `failures`: a text each, with file:line:col; empty when all held."""

    file: Path
    name: str
    place: Place
    failures: tuple[str, ...]
    seed: int
    digest: str
    simulated: float
    seconds: float


@dataclass(slots=True)
class _Check:
    """A line of `then`: `within` and `at` have a moment of their own; `never` and `throughout` hold along the way."""

    then: Then
    condition: Condition
    word: str
    until: float
    done: bool = False
    failure: str = ""

    def look(self, now: float, ending: bool) -> None:
        if self.done:
            return
        holds = self.condition.holds()
        if self.word == "within":
            self.done = holds
            if not holds and now >= self.until - 1e-9:
                self._fail()
        elif self.word == "at":
            if now >= self.until - 1e-9:
                self.done = True
                if not holds:
                    self._fail()
        elif holds is (self.word == "never"):
            self._fail()
        elif now >= self.until - 1e-9 or ending:
            self.done = True

    def _fail(self) -> None:
        self.done = True
        place = self.then.place
        story = self.condition.story(f"{self.then.text}").replace("\n", "\n  ")
        self.failure = f"{place.file}:{place.line}:{place.col}: not so: {self.then.text}\n  {story}"


def run_file(path: Path, *, only: str | None = None, watch: Any = None) -> Iterator[Outcome]:
    """Run all scenarios of a file, or the one called `only`. A file that cannot be read gives one failed outcome."""
    file = read_scenarios(path)
    if file.report.broken:
        text = render(file.report.sorted(), file.report.sources)
        yield Outcome(path, path.name, Place(path.as_posix(), 1, 1), (text,), file.seed, "", 0.0, 0.0)
        return
    for scenario in file.scenarios:
        for suffix, extra in _variants(scenario):
            if only is None or scenario.name + suffix == only:
                yield run_scenario(file, scenario, suffix, extra, watch)


def names(file: ScenarioFile) -> list[tuple[str, Place]]:
    """The name of every run in a file, and where its scenario stands."""
    return [(each.name + suffix, each.place) for each in file.scenarios for suffix, _ in _variants(each)]


def _variants(scenario: Scenario) -> list[tuple[str, list[Given]]]:
    if not scenario.variants:
        return [("", [])]
    return [(f" [{', '.join(f'{g.name}={g.value}' for g in extra)}]", extra) for extra in scenario.variants]


def run_scenario(file: ScenarioFile, scenario: Scenario, suffix: str, extra: list[Given], watch: Any = None) -> Outcome:
    """Run one scenario with one set of further start values."""
    began = clock.perf_counter()
    failures: list[str] = []
    sim: Sim | None = None
    try:
        path = file.path.parent / file.scene
        sim = Sim(path if path.is_file() else find_scene(file.scene), seed=file.seed, tick=file.tick)
        if watch is not None:
            watch(sim)
        for given in sorted([*scenario.given, *extra], key=lambda each: not _is_trait(each)):
            _at_place(file, given.place, failures, _give, sim, given)
        checks = [
            check for then in scenario.then if (check := _at_place(file, then.place, failures, _check, sim, then))
        ]
        if not failures:
            _play(file, sim, scenario, checks, failures)
    except EmotionRuntimeError as error:
        failures.append(_fault(file, scenario.place, error))
    digest, simulated = (sim.digest.hex(), sim.time) if sim else ("", 0.0)
    if sim is not None:
        sim.close()
    spent = clock.perf_counter() - began
    name = scenario.name + suffix
    return Outcome(file.path, name, scenario.place, tuple(failures), file.seed, digest, simulated, spent)


def _play(file: ScenarioFile, sim: Sim, scenario: Scenario, checks: list[_Check], failures: list[str]) -> None:
    steps = sorted(scenario.when, key=lambda step: step.at)
    end = max([*(step.at + AFTER_S for step in steps), *(c.until for c in checks if c.until < float("inf")), AFTER_S])
    watch, open_checks = Watch(), -1
    while True:
        while steps and steps[0].at <= sim.time + 1e-9:
            step = steps.pop(0)
            _at_place(file, step.place, failures, _do, sim, step)
        ending = sim.time >= end - 1e-9
        if sim.simulation.tick > 0:
            for check in checks:
                check.look(sim.time, ending)
        if ending or failures:
            break
        going = [check for check in checks if not check.done]
        if len(going) != open_checks:
            watch, open_checks = _watch(going), len(going)
        sim.ahead(min([end, *(step.at for step in steps[:1]), *(check.until for check in going)]), watch=watch)
    failures += [check.failure for check in checks if check.failure]


def _watch(checks: list[_Check]) -> Watch:
    """What can decide a check before its time is up."""
    watch = Watch()
    for check in checks:
        if check.word != "at":
            check.condition.watched(watch, check.word in ("within", "never"))
    return watch


def _at_place(file: ScenarioFile, place: Place, failures: list[str], do: Any, *arguments: Any) -> Any:
    """Do something that may be refused; a refusal becomes a failure with its place."""
    try:
        return do(*arguments)
    except EmotionRuntimeError as error:
        failures.append(_fault(file, place, error))
    except QuantityError as fault:
        failures.append(_fault(file, place, ScenarioError(fault.message, fault.remedy)))
    return None


def _fault(file: ScenarioFile, place: Place, error: EmotionRuntimeError) -> str:
    item = Diagnostic(
        "error", error.code.replace("_", "-"), place.file, place.line, place.col, place.width, error.message,
        remedy=error.remedy,
    )  # fmt: skip
    return render([item], file.report.sources)


def _is_trait(given: Given) -> bool:
    return given.name.rpartition(".")[2] in TRAITS


def _give(sim: Sim, given: Given) -> None:
    owner, _, rest = given.name.partition(".")
    if rest == "at" and isinstance(given.value, list):
        sim.move(owner, to=given.value)
    elif isinstance(given.value, list):
        raise ScenarioError(f"`{given.name}` is not a place", f"{owner}.at: [1, 4]")
    elif rest in TRAITS:
        sim.personality(owner, **{rest: _value(given.value)})
    else:
        sim.set(given.name, _value(given.value))


def _value(text: str) -> float:
    if text in ("true", "false"):
        return float(text == "true")
    try:
        return float(text.removesuffix("s").removesuffix("m").strip())
    except ValueError:
        raise ScenarioError(f"`{text}` is no value", "0.8, or true") from None


def _do(sim: Sim, step: When) -> None:
    options = step.options
    match step.word:
        case "say" | "hear":
            heard = options.get("heard")
            sim.say(
                step.subject,
                str(options.get("text", "")),
                _text(options, "to"),
                heard=heard if isinstance(heard, dict) else None,
            )
        case "event":
            strength = _value(str(options.get("strength", "1")))
            sim.event(step.subject, cause=_text(options, "cause"), target=_text(options, "target"), strength=strength)
        case "move":
            to = options.get("to")
            distance = as_metres(str(options.get("distance", "1 m")))
            sim.move(
                step.subject, to=to if isinstance(to, list) else None, near=_text(options, "near"), distance=distance
            )
        case "set":
            sim.set(step.subject, _value(str(options.get("value", ""))), because=_text(options, "because"))
        case word:
            who, _, rule = step.subject.partition(" ")
            sim.simulation.character(who)
            if rule.strip() not in sim.scene.rules:
                raise ScenarioError(f"there is no rule `{rule.strip()}`", f"{word}: guard patrol")
            getattr(sim.engine, word)(who, rule.strip())


def _text(options: dict[str, Any], key: str) -> str | None:
    value = options.get(key)
    return value if isinstance(value, str) else None


def _check(sim: Sim, then: Then) -> _Check:
    text = then.text.strip()
    never = text.startswith("never ")
    if never:
        text = text.removeprefix("never ").strip()
    found = _TIMED.fullmatch(text)
    if found is None:
        return _Check(then, Condition(text, sim, None), "never" if never else "at", float("inf") if never else 0.0)
    until = duration(found["time"], "a time", zero=True)
    word = "never" if never else found["word"]
    if never and found["word"] not in ("throughout", "within"):
        raise ScenarioError(
            f"`{then.text}`: `never` goes with `throughout`", f"never {found['what']} throughout {shown(until)}"
        )
    return _Check(then, Condition(found["what"], sim, None), word, until)
