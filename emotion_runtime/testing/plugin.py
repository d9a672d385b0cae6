"""Owns the pytest plugin: the marker `scene`, the fixture `sim`, `*.scenario.yaml` as tests, and scene coverage."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emotion_runtime.testing.reading import SUFFIX

if TYPE_CHECKING:
    from emotion_runtime.testing.coverage import Coverage
    from emotion_runtime.testing.sim import Sim

MARKER = "scene(path, seed=0, tick='50 ms', perception=None): the scene that the fixture `sim` runs"
_KEY = pytest.StashKey["_Covered"]()
_SIM = pytest.StashKey["Sim"]()


class _Covered:
    """Coverage of all scenes in this session, when asked for."""

    def __init__(self, limits: dict[str, float]) -> None:
        self.limits = limits
        self.scenes: dict[str, Coverage] = {}

    def watch(self, sim: Sim) -> None:
        """Count what this world does."""
        from emotion_runtime.testing.coverage import Coverage  # noqa: PLC0415 - only when asked for

        known = self.scenes.setdefault(sim.scene.name, Coverage(sim.scene))
        known.watch(sim)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of scene coverage."""
    group = parser.getgroup("emotion-runtime")
    group.addoption("--scene-cov", action="store_true", help="report what tests have touched of their scenes")
    group.addoption(
        "--scene-cov-fail-under", default="", metavar="KIND:PERCENT,...", help="fail below, as in rules:90,branches:80"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and start counting when coverage is asked for."""
    config.addinivalue_line("markers", MARKER)
    limits = config.getoption("--scene-cov-fail-under")
    if config.getoption("--scene-cov") or limits:
        from emotion_runtime.testing.coverage import read_limits  # noqa: PLC0415 - only when asked for

        try:
            config.stash[_KEY] = _Covered(read_limits(limits) if limits else {})
        except ValueError as error:
            raise pytest.UsageError(f"--scene-cov-fail-under: {error}") from None


@pytest.fixture
def sim(request: pytest.FixtureRequest) -> Iterator[Sim]:
    """The world of a test marked with `scene`."""
    from emotion_runtime.testing.sim import Sim  # noqa: PLC0415 - a session without scenes loads nothing

    marker = request.node.get_closest_marker("scene")
    if marker is None or not marker.args:
        raise pytest.UsageError("the fixture `sim` needs a scene: @pytest.mark.scene('scenes/tavern.yaml', seed=7)")
    with Sim(_found(marker.args[0], request), **marker.kwargs) as world:
        request.node.stash[_SIM] = world
        covered = request.config.stash.get(_KEY, None)
        if covered is not None:
            covered.watch(world)
        yield world


def _found(named: str | Path, request: pytest.FixtureRequest) -> str | Path:
    """A scene beside the test, else in the root folder, else a bundled one."""
    for folder in (request.path.parent, request.config.rootpath):
        if (folder / named).is_file():
            return folder / named
    return named


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a test with a world fails, write what it was told as a scenario and say where."""
    report = yield
    if report.when == "call" and report.failed:
        world = item.stash.get(_SIM, None)
        playing = sys.modules.get("emotion_runtime.testing.playing")
        if world is None and playing is not None:
            world = playing.last_played
        if world is not None and world.told():
            path, recording = _save(world, item)
            text = f"{path}\nrun it: emotion-runtime test {path}\n"
            if recording is not None:
                text += f"{recording}\nreplay it: emotion-runtime replay {recording}\n"
            report.sections.append(("what the world was told", text))
    return report


def _save(world: Sim, item: pytest.Item) -> tuple[Path, Path | None]:
    from emotion_runtime.testing.recording import save_recording  # noqa: PLC0415 - only on failure
    from emotion_runtime.testing.writing import save_scenario  # noqa: PLC0415

    cache = item.config.cache
    folder = Path(str(cache.mkdir("emotion-runtime"))) if cache is not None else Path(".emotion")
    return save_scenario(world, folder, item.nodeid), save_recording(world, folder, item.nodeid)


# ------------------------------------------------------------------------------------------------- scenario files
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files are tests."""
    if file_path.name.endswith(SUFFIX):
        return ScenarioModule.from_parent(parent, path=file_path)
    return None


class ScenarioModule(pytest.File):
    """One scenario file."""

    def collect(self) -> Iterable[pytest.Item]:
        """One test for each scenario and each of its variants."""
        from emotion_runtime.scene.diagnostics import render  # noqa: PLC0415 - only where there are scenario files
        from emotion_runtime.testing.reading import read_scenarios  # noqa: PLC0415
        from emotion_runtime.testing.scenarios import names  # noqa: PLC0415

        file = read_scenarios(self.path)
        if file.report.broken:
            raise self.CollectError(render(file.report.sorted(), file.report.sources))
        for name, place in names(file):
            item = ScenarioItem.from_parent(self, name=name)
            item.line = place.line
            yield item


class ScenarioFailure(Exception):  # noqa: N818 - the word pytest users know
    """What did not hold."""


class ScenarioItem(pytest.Item):
    """One run of one scenario."""

    line = 1

    def runtest(self) -> None:
        """Run it."""
        from emotion_runtime.testing.scenarios import run_file  # noqa: PLC0415

        covered = self.config.stash.get(_KEY, None)
        for outcome in run_file(self.path, only=self.name, watch=covered.watch if covered else None):
            self.user_properties += [("seed", outcome.seed), ("digest", outcome.digest)]
            if outcome.failures:
                raise ScenarioFailure("\n".join(outcome.failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story only."""
        if isinstance(excinfo.value, ScenarioFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line and name."""
        return self.path, self.line - 1, self.name


# ------------------------------------------------------------------------------------------------- coverage
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The coverage table."""
    covered = config.stash.get(_KEY, None)
    if covered is not None:
        for coverage in covered.scenes.values():
            terminalreporter.write(coverage.text())
        for line in _short(covered):
            terminalreporter.write_line(line, red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session when a scene is covered too little."""
    covered = session.config.stash.get(_KEY, None)
    if covered is not None and session.exitstatus == 0 and _short(covered):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _short(covered: _Covered) -> list[str]:
    from emotion_runtime.testing.coverage import below  # noqa: PLC0415 - only when asked for

    return [line for coverage in covered.scenes.values() for line in below(coverage, covered.limits)]
