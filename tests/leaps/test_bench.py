"""The benchmark of headless runs: it measures equal work only, and says what leaps gain."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from emotion_runtime.cli import app


def test_leaps_are_many_times_faster_than_single_ticks() -> None:
    asked = ["bench", "headless", "--seconds", "40", "--ticks", "0.25", "--json"]
    ran = CliRunner().invoke(app, asked)
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout.splitlines()[-1])
    assert all(commands > 0 for commands in told["equal_work"].values())
    assert {row["story"] for row in told["rows"]} == {"quiet", "busy"}
    assert all(row["characters"] == 10 for row in told["rows"])
    assert all(row["leaps_cpu"] > 2.0 * row["steps_cpu"] for row in told["rows"])
