"""Owns the browser of the page's tests: Debian's Chromium without a window, and the page built beforehand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from emotion_runtime import Simulation
from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.record import Recorder
from emotion_runtime.scene import bundled_scene
from tests.endtoend.conftest import Serve, serve
from unity_bridge.monitor.loading import load
from unity_bridge.monitor.serving import ASSETS, MonitorServer
from unity_bridge.monitor.talk import Talk

__all__ = ["Serve", "serve"]

Open = Callable[[str], Page]


def _need(there: object, what: str) -> None:
    if not there:
        if os.environ.get("EMOTION_RUNTIME_CI"):
            pytest.fail(what)
        pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium. Absent, or the page not built: skipped, and failed in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    _need(path, "needs chromium on the PATH")
    _need((ASSETS / "page.js").is_file(), "needs the page: run `make monitor`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Open]:
    """Open an address in a fresh browser context; errors of the page's script fail the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    errors: list[str] = []

    def opened(address: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
        page.goto(address)
        return page

    yield opened
    context.close()
    assert not errors


@pytest.fixture(scope="module")
def live() -> Iterator[Sidecar]:
    """A sidecar with a page, for tests that only look."""
    with Sidecar(bundled_scene("tavern"), ["--no-model", "--monitor", "--monitor-port", "0"]) as sidecar:
        yield sidecar


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two recordings of the tavern, ten seconds each, which part at tick 301: only in the first a glass breaks."""
    folder = tmp_path_factory.mktemp("recordings")
    files = folder / "one.emr", folder / "two.emr"
    for file in files:
        with Recorder(Simulation.from_scene("tavern", perception=None), file) as sim:
            for tick in range(600):
                if tick == 60:
                    sim.say("guard", "Stop, thief!", to="thief", heard={"anger": 0.9})
                if tick == 300 and file is files[0]:
                    sim.event("glass_breaks", cause="thief")
                sim.step()
    return files


@pytest.fixture(scope="module")
def replayed(recordings: tuple[Path, Path]) -> Iterator[str]:
    """The address of a page with the first recording, compared with the second."""
    runs = {"a": load(recordings[0]), "b": load(recordings[1])}
    about = {"runs": {"a": "one.emr", "b": "two.emr"}, "parts": runs["a"].parts_from(runs["b"])}
    with MonitorServer(
        {name: partial(Talk, run.tape, live=False, about=about) for name, run in runs.items()}
    ) as server:
        yield server.url
