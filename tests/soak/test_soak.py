"""A soak of a few seconds with real processes: engines killed, characters handed over, a slow disk, and a ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def soak(*arguments: str) -> tuple[int, dict[str, object], str]:
    command = [sys.executable, "-m", "emotion_runtime", "soak", "--json", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=150, env=environment)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.timeout(180)
def test_a_short_soak_loses_nothing_and_does_nothing_twice() -> None:
    code, found, said = soak("--minutes", "0.05", "--engines", "2", "--kill-every", "0.3", "--engine-kills", "1")
    assert found["faults"] == [], said
    assert code == 0
    assert (found["lost"], found["doubled"]) == (0, 0)
    ledger = found["ledger"]
    assert isinstance(ledger, dict)
    assert ledger["applied"] == ledger["told"] - ledger["coalesced"] - ledger["refused"] > 100
    assert ledger["replayed_ticks"] == found["ticks"]
    assert found["engine_kills"] >= 1  # type: ignore[operator]
