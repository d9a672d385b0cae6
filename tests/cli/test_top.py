"""`top` looks at a running sidecar and touches nothing."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import EmotionRuntimeError
from tests.endtoend.conftest import Serve, endpoints, serve
from unity_bridge import EngineClient

__all__ = ["serve"]


def test_top_shows_the_strongest_first_and_who_is_connected(serve: Serve) -> None:
    sidecar = serve("--no-model")
    port = sidecar.listening["stream"].rsplit(":", 1)[1]
    with EngineClient.connect(endpoints=endpoints(sidecar), name="game") as game:
        owned = game.owns
        done = CliRunner().invoke(app, ["top", "--port", port, "--json"], catch_exceptions=False)
        told = json.loads(done.output.splitlines()[-1])
        plain = CliRunner().invoke(app, ["top", "--port", port, "--rows", "2"], catch_exceptions=False)
    assert done.exit_code == 0
    assert told["scene"] == "tavern"
    assert told["characters"] == 4
    strengths = [each["strength"] for each in told["top"]]
    assert strengths == sorted(strengths, reverse=True)
    sessions = {each["client"]: each for each in told["sessions"]}
    assert sessions["game"]["owns"] == len(owned) == 4, "looking takes nobody's characters"
    assert all(one["owns"] == 0 for name, one in sessions.items() if name.startswith("top-"))
    assert "and 2 more" in plain.output


def test_top_without_a_sidecar_says_so() -> None:
    with pytest.raises(EmotionRuntimeError, match=r"127\.0\.0\.1"):
        CliRunner().invoke(app, ["top", "--port", "1"], catch_exceptions=False)
