"""`emotion-runtime replay`: its exit codes, its words, its dumps, and its export."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from emotion_runtime.cli.replay import replay
from emotion_runtime.errors import MissingExtraError, UsageError
from emotion_runtime.record import RecordingError
from emotion_runtime.record.format import Ticked
from tests.record.plays import NAMES, a_play, borders, record_play, records, write

APP = typer.Typer()
APP.command()(replay)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "play.emr"
    record_play(path, a_play(30), keyframe_seconds=0.2)
    return path


def run(*arguments: str | Path) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(APP, [str(each) for each in arguments])
    return result.exit_code, result.stdout, result.exception


def summary(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, output, _ = run(*arguments, "--json")
    return code, json.loads(output.splitlines()[-1])


def changed(path: Path, tick: int) -> Path:
    """The recording with another length of one tick."""
    header, rest = records(path)
    rest = [
        msgspec.structs.replace(r, dt_us=r.dt_us + 1) if isinstance(r, Ticked) and r.tick == tick else r for r in rest
    ]
    other = path.with_name("other.emr")
    write(other, header, rest)
    return other


def test_equal_is_exit_code_0(recorded: Path) -> None:
    code, output, _ = run(recorded)
    assert code == 0
    assert "30 ticks" in output
    assert "are as recorded" in output
    code, found = summary(recorded, "--until", "7")
    assert (code, found["equal"], found["ticks"], found["whole"]) == (0, True, 7, False)


def test_different_is_exit_code_1_and_names_the_tick(recorded: Path, tmp_path: Path) -> None:
    other = changed(recorded, 13)
    code, output, _ = run(other)
    assert code == 1
    assert "tick 13 is different (state)" in output
    assert "12 ticks" in output
    beside = other.with_name(other.name + ".difference")
    assert {file.name for file in beside.iterdir()} >= {"difference.json", "tick-13-replayed.json"}
    code, output, _ = run(recorded, "--no-dump")
    assert code == 0
    code, found = summary(other, "--dump", tmp_path / "dumps")
    assert code == 1
    assert found["difference"]["tick"] == 13
    told, replayed, theirs, mine = (json.loads(Path(file).read_text(encoding="utf-8")) for file in found["dumps"])
    assert (told["tick"], told["kind"], told["stage"]) == (13, "state", found["difference"]["stage"])
    assert [*replayed["characters"]] == list(NAMES)
    assert 0.0 < replayed["characters"]["guard"]["emotion"]["anger"] < 1.0
    assert theirs["tick"] == mine["tick"] == found["difference"]["values_tick"]
    assert theirs.keys() == mine.keys()
    assert theirs["digest"] != mine["digest"]
    assert all(Path(file).parent == tmp_path / "dumps" for file in found["dumps"])


def test_a_cut_file_is_equal_as_far_as_it_goes_and_says_where(recorded: Path) -> None:
    data = recorded.read_bytes()
    recorded.write_bytes(data[: len(data) - 40])
    code, output, _ = run(recorded)
    assert code == 0
    assert "torn at byte" in output
    recorded.write_bytes(data[: list(borders(data))[-2]])
    code, output, _ = run(recorded)
    assert code == 0
    assert "was not ended" in output


def test_a_damaged_file_is_exit_code_2_and_says_where(recorded: Path) -> None:
    data = bytearray(recorded.read_bytes())
    at = list(borders(bytes(data)))[12]
    data[at + 10] ^= 1
    recorded.write_bytes(bytes(data))
    code, output, _ = run(recorded)
    assert code == 2
    assert f"damaged at byte {at}" in output


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.emr"
    path.write_bytes(b"no recording")
    assert isinstance(run(path)[2], RecordingError)
    assert isinstance(run(tmp_path / "none.emr")[2], RecordingError)


def test_the_export_can_be_read_by_mcap(recorded: Path, tmp_path: Path) -> None:
    if not os.environ.get("EMOTION_RUNTIME_CI"):
        pytest.importorskip("mcap")
    from mcap.reader import make_reader

    out = tmp_path / "play.mcap"
    code, _, _ = run(recorded, "--export-mcap", out)
    assert code == 0
    seen: dict[str, list[dict[str, Any]]] = {}
    with out.open("rb") as file:
        for _, channel, message in make_reader(file).iter_messages():
            seen.setdefault(channel.topic, []).append(json.loads(message.data))
    assert len(seen["/ticks"]) == 30
    assert len(seen[f"/characters/{NAMES[0]}"]) == 30
    digests = [r.digest.hex() for r in records(recorded)[1] if isinstance(r, Ticked)]
    assert [each["digest"] for each in seen["/ticks"]] == digests
    assert len(seen["/inputs"]) == sum(len(r.inputs) for r in records(recorded)[1] if isinstance(r, Ticked))
    assert {each["kind"] for each in seen["/commands"]} <= {"start", "stop"}
    assert set(seen["/characters/guard"][0]["emotion"]) >= {"anger", "joy", "neutral"}


def test_without_mcap_the_export_says_what_to_install(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("emotion_runtime.record.export.importlib.import_module", missing)
    error = run(recorded, "--export-mcap", recorded.with_name("x.mcap"))[2]
    assert isinstance(error, MissingExtraError)
    assert "emotion-runtime[export]" in error.remedy


def test_the_export_never_overwrites_the_recording(recorded: Path) -> None:
    assert isinstance(run(recorded, "--export-mcap", recorded)[2], UsageError)
    assert run(recorded)[0] == 0
