"""More talk than the model can take: everything offered is answered or given up by name, and no command is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.timeout(120)
def test_what_is_offered_is_answered_or_given_up_by_name_and_no_command_is_missing() -> None:
    command = [sys.executable, "-m", "emotion_runtime", "bench", "load", "--json", "--kernels", "numpy"]
    command += ["--characters", "40", "--rate", "200", "--seconds", "1"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["offered"] == 200
    assert found["answered"] > 0
    assert set(found["failed"]) <= {"perception_shed", "perception_stale"}
    assert found["commands_missing"] == 0
    assert {"p50", "p99"} <= found["late_ms"].keys()
