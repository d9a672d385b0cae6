"""The page in a real browser: it shows the stream's numbers, keeps one playhead, and comes back with the sidecar."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.expression.drawing import face_svg
from emotion_runtime.expression.face import ARKIT
from protocol.views import TickView
from tests.endtoend.conftest import Serve, endpoints
from tests.monitor.conftest import Open
from unity_bridge import EngineClient
from unity_bridge.monitor.guard import KEY_VARIABLE

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LIVE = "monitor.state.link === 'open' && monitor.run.frames.length > 30"


@contextmanager
def monitor(*arguments: str) -> Iterator[dict[str, Any]]:
    """`emotion-runtime monitor` as a child; gives what it says first."""
    command = [sys.executable, "-m", "emotion_runtime", "monitor", *arguments, "--port", "0", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--until-stdin-closes"], stdin=pipe, stdout=pipe, encoding="utf-8") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.stdin.close()
            child.wait(timeout=20)


def until(page: Page, holds: str) -> None:
    """Wait until a condition holds in the page. Playwright's own way needs the `eval` that the page forbids."""
    late = time.monotonic() + 60.0
    while not page.evaluate(holds):
        assert time.monotonic() < late, holds
        page.wait_for_timeout(30)


def opened(browse: Open, address: str) -> Page:
    """A page with the whole recording on it."""
    page = browse(address)
    until(page, "monitor.run.frames.length === 600")
    return page


def numbers(svg: str) -> list[float]:
    """All numbers of a drawing, without the names of its clip paths and colours."""
    bare = re.sub(r'(id="[^"]*"|url\(#[^)]*\)|#[0-9a-f]{3,6})', "", svg)
    return [float(each) for each in NUMBER.findall(bare)]


def test_it_opens_and_shows_the_numbers_of_the_stream(live: Sidecar, browse: Open) -> None:
    page = browse(live.listening["monitor"])
    until(page, LIVE)
    seen: dict[int, TickView] = {}
    with EngineClient.connect(endpoints=endpoints(live), name="eye", owns=(), conflate=False) as client:
        while len(seen) < 60:
            seen.update({each.tick: each for each in client.poll(0.05) if isinstance(each, TickView)})
        roster = client.roster
    tick = sorted(seen)[30]
    until(page, f"monitor.run.last > {tick}")
    shown = page.evaluate(
        f"Object.fromEntries(Object.entries(monitor.run.at({tick})).map(([k, v]) => [k, v.length ? Array.from(v) : v]))"
    )
    assert shown["tick"] == tick
    assert shown["digest"] == list(seen[tick].digest.hex())
    for column in ("emotion", "mood", "face", "action"):
        values: np.ndarray[Any, Any] | None = getattr(seen[tick], column)
        assert values is not None
        assert shown[column] == values.astype(np.float64).ravel().tolist(), column
    page.click("[data-character=guard]")
    page.evaluate(f"monitor.act.seek({tick})")
    page.wait_for_selector(f"#tick[data-tick='{tick}']")
    row = roster.characters.index("guard")
    for label in set(roster.labels) - {"neutral"}:
        value = float(seen[tick].emotion[row, roster.labels.index(label)])
        assert page.inner_text(f"[data-emotion={label}] b") == f"{value:.2f}", label


def test_nothing_is_asked_of_anybody_else(live: Sidecar, browse: Open) -> None:
    address = live.listening["monitor"]
    page = browse("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(address)
    until(page, LIVE)
    home = address.split("/#")[0].removeprefix("http://")
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {home}
    assert not any(address.split("#")[1] in url for url in asked if url != address), "the key stays in the fragment"


def test_a_face_is_drawn_with_the_lines_that_the_package_draws(live: Sidecar, browse: Open) -> None:
    page = browse(live.listening["monitor"])
    until(page, LIVE)
    random = np.random.default_rng(7)
    for weights in [np.zeros(len(ARKIT)), *(random.random((6, len(ARKIT))) * random.random((6, 1)))]:
        here = numbers(page.evaluate("w => monitor.faceSvg(monitor.run.stage.face, w)", weights.tolist()))
        there = numbers(face_svg(weights))
        assert len(here) == len(there)
        assert np.abs(np.subtract(here, there)).max() <= 0.11, "both round to a tenth"


def test_scrubbing_a_recording_shows_what_was_then(replayed: str, browse: Open) -> None:
    page = opened(browse, replayed)
    page.click("[data-character=child]")
    before = _anger(page, 60)
    assert _anger(page, 62) == before, "the child is not angry: the guard is"
    page.click("[data-character=guard]")
    assert _anger(page, 61) > _anger(page, 60) + 0.2
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#tick[data-tick='59']")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector("#tick[data-tick='69']")
    box = page.locator("#scrub canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, "Math.abs(monitor.player.tick - 300) < 6")


def _anger(page: Page, tick: int) -> float:
    page.evaluate(f"monitor.act.seek({tick})")
    page.wait_for_selector(f"#tick[data-tick='{tick}']")
    return float(page.inner_text("[data-emotion=anger] b"))


def test_a_moodlet_goes_to_where_its_cause_began(replayed: str, browse: Open) -> None:
    page = opened(browse, replayed)
    page.click("[data-character=guard]")
    page.evaluate("monitor.act.seek(500)")
    page.click("[data-emotion=anger]")
    page.click("text=guard said anger")
    page.wait_for_selector("#tick[data-tick='61']")


def test_the_tree_and_its_lanes_are_those_of_the_tick(replayed: str, browse: Open) -> None:
    page = opened(browse, replayed)
    page.click("[data-character=child]")
    for tick in (30, 62, 330, 599):
        page.evaluate(f"monitor.act.seek({tick})")
        page.wait_for_selector(f"#tick[data-tick='{tick}']")
        frame = page.evaluate(f"monitor.run.stage.actions[monitor.run.at({tick}).action[monitor.run.row.get('child')]]")
        running = page.locator(".node.running:has-text('" + frame + "')")
        assert running.count() >= 1, (tick, frame)


def test_two_runs_are_compared_at_the_tick_where_they_part(replayed: str, browse: Open) -> None:
    page = opened(browse, replayed)
    until(page, "monitor.other.frames.length === 600")
    page.click("#parts")
    page.wait_for_selector("#tick[data-tick='301']")
    same, other = page.evaluate("[300, 301].map(t => monitor.run.at(t).digest === monitor.other.at(t).digest)")
    assert same
    assert not other


def test_the_command_serves_a_recording_until_it_is_ended(recordings: tuple[Path, Path], browse: Open) -> None:
    with monitor(str(recordings[0]), "--with", str(recordings[1])) as told:
        assert (told["ticks"], told["parts"]) == (600, 301)
        opened(browse, told["monitor"])


def test_a_bookmark_is_kept_over_a_reload_of_the_page(replayed: str, browse: Open) -> None:
    page = opened(browse, replayed)
    page.evaluate("monitor.act.seek(123)")
    page.keyboard.press("b")
    page.reload()
    until(page, "monitor.player.marks.length === 1 && monitor.player.marks[0] === 123")


def test_an_editors_slider_pushes_and_a_button_fires(serve: Serve, browse: Open) -> None:
    sidecar = serve("--no-model", "--monitor-edit", "--monitor-port", "0")
    page = browse(sidecar.listening["monitor"])
    until(page, LIVE)
    page.click("[data-character=guard]")
    page.wait_for_selector("h2:text-is('Try it on guard')")
    slider = page.locator("[data-push=fear]")
    slider.evaluate("e => { e.value = 0.5; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    slider.evaluate("e => e.dispatchEvent(new Event('change', {bubbles: true}))")
    page.click("[data-event=glass_breaks]")
    until(page, "monitor.run.log.some(line => line.kind === 'push' && line.what === 'fear')")
    until(page, "monitor.run.log.some(line => line.kind === 'event' && line.what === 'glass_breaks')")
    until(page, "[...document.querySelectorAll('.moodlet b')].some(e => e.textContent === 'pushed by an editor: fear')")


def test_a_page_that_only_looks_on_has_no_sliders_and_is_refused(live: Sidecar, browse: Open) -> None:
    page = browse(live.listening["monitor"])
    until(page, LIVE)
    assert page.locator("[data-push]").count() == 0
    page.evaluate("monitor.line.ask({type: 'edit', do: 'push', character: 'guard', label: 'fear', amount: 0.5})")
    until(page, "monitor.state.trouble.includes('--monitor-edit')")
    assert not page.evaluate("monitor.run.log.some(line => line.kind === 'push')")


def test_it_comes_back_when_the_sidecar_does(serve: Serve, browse: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a-key-for-this-test-only")
    first = serve("--no-model", "--monitor", "--monitor-port", "0")
    address = first.listening["monitor"]
    page = browse(address)
    until(page, LIVE)
    session = page.evaluate("monitor.run.about.session")
    first.stop()
    page.wait_for_selector("#link.lost")
    port = address.split("/#")[0].rsplit(":", 1)[1]
    serve("--no-model", "--monitor", "--monitor-port", port)
    page.wait_for_selector("#link.live")
    until(page, LIVE)
    assert page.evaluate("monitor.run.about.session") != session


def test_a_wrong_key_is_told_what_to_do(live: Sidecar, browse: Open) -> None:
    page = browse(live.listening["monitor"].split("#")[0] + "#another-key-altogether")
    page.wait_for_selector("#link.refused")
    assert "Open the address it printed" in page.inner_text("main")
    assert page.evaluate("monitor.run.received") == 0


CROWD = """
scene: crowd
language: 1
events: [glass_breaks]
archetypes:
  person:
    hearing: 12 m
    can: [cower, stroll]
rules:
  cower: {bearer: self, trigger: fear > 0.3, release: fear < 0.15, lasts: 3 s}
  stroll: {bearer: self, trigger: fear < 0.3, lasts: 5 s}
trees:
  crowd: {selector: [cower, stroll]}
appraisal:
  - {event: glass_breaks, feels: {surprise: +0.6, fear: +0.4}}
characters:
"""


def test_a_thousand_characters_do_not_make_it_fall_behind(serve: Serve, browse: Open, tmp_path: Path) -> None:
    scene = tmp_path / "crowd.yaml"
    people = [f"  c{k:04}: {{is: person, at: [{k % 40}, {k // 40}], tree: crowd}}\n" for k in range(1000)]
    scene.write_text(CROWD + "".join(people), encoding="utf-8")
    sidecar = serve("--no-model", "--monitor", "--monitor-port", "0", "--rate", "60", scene=scene)
    page = browse(sidecar.listening["monitor"])
    until(page, LIVE)
    with EngineClient.connect(endpoints=endpoints(sidecar), name="eye", owns=()) as client:
        client.event("glass_breaks")
        began, behind = _progress(page, client), []
        for _ in range(8):
            pause = time.monotonic() + 0.5
            while time.monotonic() < pause:
                client.poll(0.05)
            now = _progress(page, client)
            behind.append(now["published"] - now["last"])
        end = _progress(page, client)
    published = end["published"] - began["published"]
    assert published > 0, "the sidecar itself stood still"
    assert end["skipped"] == 0
    assert end["received"] - began["received"] >= 0.9 * published - 20
    assert min(behind[4:]) < 60, "what queues up is caught up with"
    assert end["last"] - end["tick"] < 60, "the page draws what has come"
    assert end["drawn"] > began["drawn"]
    assert page.locator(".person").count() <= 60, "of a crowd only the rows in sight are made"


def _progress(page: Page, client: EngineClient) -> dict[str, int]:
    shown: dict[str, int] = page.evaluate(
        "({received: monitor.run.received, last: monitor.run.last, tick: monitor.player.tick,"
        " skipped: monitor.run.skipped, drawn: monitor.state.drawn})"
    )
    client.poll()
    return {**shown, "published": int(client.request("status", patience=20.0).result["tick"])}
