"""A recording made by an earlier version of this package still replays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from emotion_runtime.cli import app
from emotion_runtime.errors import UsageError
from emotion_runtime.record import RecordReader, Replay
from emotion_runtime.record.format import AnyRecord, Column, Snapshot, Ticked
from emotion_runtime.record.profile import here
from tests.record.golden import GOLDEN, MAIN, PEOPLE, make

FORMAT_1 = GOLDEN.with_name("golden-1.emr")


def _without_state(record: AnyRecord) -> AnyRecord:
    return msgspec.structs.replace(record, data=b"") if isinstance(record, Snapshot) else record


@pytest.mark.parametrize("path", [GOLDEN, FORMAT_1], ids=["format 2", "format 1"])
def test_the_golden_recording_still_replays(path: Path) -> None:
    with Replay(path) as replay:
        assert replay.header.format == (1 if path is FORMAT_1 else 2)
        outcome = replay.run()
    assert outcome.difference is None, (
        f"{outcome.difference}; if digests were changed on purpose: python -m tests.record.golden"
    )
    assert outcome.fault is None
    assert (outcome.ticks, outcome.ended) == (120, "closed")


def test_it_replays_with_every_vector_instruction_of_numpy_switched_off() -> None:
    features = here().simd
    program = (
        "import sys; from emotion_runtime.record import Replay; from emotion_runtime.record.profile import here\n"
        "with Replay(sys.argv[1]) as replay: outcome = replay.run()\n"
        "print(outcome.equal, outcome.ticks, here().simd)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(GOLDEN)],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": features},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "True 120", done.stdout + done.stderr


def test_the_golden_recording_is_small_and_holds_its_scene() -> None:
    assert GOLDEN.stat().st_size < 20_000
    with RecordReader(GOLDEN) as reader:
        assert reader.header.files == {"yard.yaml": MAIN, "people.yaml": PEOPLE}
        assert (reader.header.seed, reader.header.rate, reader.header.player) == (11, 20.0, True)
        kinds = {type(record) for record in reader}
    assert kinds >= {Ticked, Snapshot}
    with RecordReader(FORMAT_1) as reader:
        assert {type(record) for record in reader} >= {Ticked, Column}


def test_the_same_play_is_recorded_to_the_same_bytes_but_for_the_machine(tmp_path: Path) -> None:
    again = tmp_path / "again.emr"
    make(again)
    with RecordReader(GOLDEN) as old, RecordReader(again) as new:
        # a whole state names the version of the package that made it
        assert list(map(_without_state, old)) == list(map(_without_state, new))
        assert old.header.compiled == new.header.compiled


def test_to_begin_after_the_end_is_refused() -> None:
    with pytest.raises(UsageError, match="ends at tick 120") as caught:
        CliRunner().invoke(app, ["replay", str(GOLDEN), "--from", "121"], catch_exceptions=False)
    assert caught.value.code == "bad_range"
    assert CliRunner().invoke(app, ["replay", str(GOLDEN), "--from", "120"]).exit_code == 0
