"""The bundle on a machine without Python: it starts, plays, recognises, weighs little and names every licence."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from emotion_runtime.errors import MissingExtraError, SceneError, UsageError
from emotion_runtime.shipping import build_bundle
from emotion_runtime.shipping.sizes import KERNELS, MODEL, size_table
from tests.shipping.conftest import Built, bare, bundle_command, need

pytestmark = pytest.mark.timeout(300)

LARGEST_BYTES = 250_000_000
CROWD_PARTS = ("llvmlite", "numba", KERNELS)


def test_the_demo_plays_with_an_empty_environment(built: Built) -> None:
    done = built.run("demo", "--seconds", "3", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["faults"] == []
    assert summary["frames_received"] > 60
    assert summary["perceptions_received"] == summary["utterances_sent"] > 0


@pytest.mark.skipif(not Path("/proc/self/exe").exists(), reason="reads /proc")
def test_the_demos_sidecar_is_the_bundle_itself(built: Built) -> None:
    with subprocess.Popen([built.program, "demo", "--seconds", "30"], stdout=subprocess.DEVNULL, env=bare()) as demo:
        try:
            until = time.monotonic() + 20.0
            found: set[Path] = set()
            while not found and time.monotonic() < until and demo.poll() is None:
                found = {exe for pid in children(demo.pid) if (exe := executable(pid)) is not None}
            assert found == {built.program.resolve()}
        finally:
            demo.terminate()


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def executable(pid: int) -> Path | None:
    """Of a process that is done starting; while it is a copy of its parent it tells nothing."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return Path(f"/proc/{pid}/exe").readlink() if b"serve" in arguments else None
    except OSError:
        return None


def test_a_scene_of_several_files_is_found_by_its_name(built: Built) -> None:
    assert built.told["scenes"] == ["tavern", "yard"]
    assert set(built.told["start_s"]) == {"tavern", "yard"}
    assert built.run("check", "yard").returncode in (0, 1), "found, and read with what it includes"
    assert "0 errors" in built.run("check", "yard").stdout
    missing = built.run("check", "elsewhere")
    assert missing.returncode == 2
    assert "unknown_scene" in missing.stderr


def test_the_model_recognises_what_it_recognises_elsewhere(built: Built) -> None:
    done = built.run("classify", "--json", "I am so happy to see you!")
    assert done.returncode == 0, done.stderr[-2000:]
    assert '"joy"' in done.stdout


def test_it_weighs_less_than_a_quarter_of_a_gigabyte_and_says_what_of(built: Built) -> None:
    real = sum(path.stat().st_size for path in built.folder.rglob("*") if path.is_file() and not path.is_symlink())
    parts: dict[str, int] = built.told["parts"]
    manifest = (built.folder / "bundle.json").stat().st_size
    assert sum(parts.values()) == built.told["bytes"] == real - manifest
    assert real <= LARGEST_BYTES
    assert parts[MODEL] > 1_000_000
    table = size_table(parts)
    assert table.splitlines()[-1].startswith("together")
    assert list(parts.values()) == sorted(parts.values(), reverse=True)


def test_nothing_of_the_workshop_travels(built: Built) -> None:
    names = {path.name.lower() for path in built.folder.rglob("*")}
    for unwanted in ("numba", "llvmlite", "torch", "z3", "pytest", "hypothesis", "mypy", "direct_url.json"):
        assert unwanted not in names
    for unwanted in ("libespeak", "libreadline", "libflite", "libtk"):
        assert not [name for name in names if name.startswith(unwanted)], "GPL, or of no use without a window"


def test_every_part_comes_with_its_licence(built: Built) -> None:
    text = (built.folder / "LICENSES.txt").read_text(encoding="utf-8")
    for part in (
        "Python",
        "numpy",
        "onnxruntime",
        "pyzmq",
        "tokenizers",
        "PyYAML",
        "bundled text model",
        "bundled speech model",
    ):
        assert part in built.told["components"], part
    for words in (
        "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
        "Mozilla Public License",  # libzmq
        "ISC License",  # libsodium
        "Apache License",
        "Bootloader Exception",
        "THIRD PARTY SOFTWARE NOTICES",  # onnxruntime
    ):
        assert words.lower() in text.lower(), words
    if shutil.which("dpkg-query"):  # elsewhere the machine's own libraries are named without their texts
        assert built.told["without_license_text"] == []


def test_the_papers_name_no_path_of_the_machine_it_was_built_on(built: Built) -> None:
    home = str(built.folder.parents[1])
    project = str(Path(__file__).resolve().parents[2])
    for path in (*built.folder.glob("*.txt"), *built.folder.glob("*.json"), *built.folder.rglob("METADATA")):
        text = path.read_text(encoding="utf-8")
        assert home not in text
        assert project not in text


def test_with_kernels_they_are_loaded_and_never_compiled_on_a_players_machine(tmp_path: Path) -> None:
    need("PyInstaller", "bundle")
    need("numba", "fast")
    asked = bundle_command("--output", str(tmp_path / "built"), "--kernels", "--json")
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kernels"] is True
    assert sum(size for part, size in told["parts"].items() if part not in CROWD_PARTS) <= LARGEST_BYTES
    moved = shutil.move(tmp_path / "built", tmp_path / "a game")
    program = Path(moved) / Path(told["program"]).name
    with program.open("ab") as executable:
        executable.write(b"signed")  # as code signing does: it must not cost the kernels
    kernels = program.parent / "_internal" / "kernels"
    before = {path: path.stat().st_mtime_ns for path in kernels.rglob("*")}
    assert {path.name for path in kernels.iterdir()} >= {
        "behaviors.compiled.kernel",
        "emotion_runtime.kernels.compiled",
    }
    warm = subprocess.run([program, "warmup", "--json"], capture_output=True, encoding="utf-8", env=bare(), check=False)
    assert warm.returncode == 0, warm.stderr[-2000:]
    assert json.loads(warm.stdout)["state"] == "ready"
    assert {path: path.stat().st_mtime_ns for path in kernels.rglob("*")} == before


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller")
    (tmp_path / "save.dat").write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        build_bundle(tmp_path)
    assert caught.value.code == "output_not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["save.dat"]


def test_a_broken_scene_is_reported_before_anything_is_built(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller")
    scene = tmp_path / "broken.yaml"
    scene.write_text("scene: broken\nrules: 3\n", encoding="utf-8")
    with pytest.raises(SceneError):
        build_bundle(tmp_path / "out", [str(scene)])
    with pytest.raises(UsageError):
        build_bundle(tmp_path / "out", ["tavern", "tavern"])
    assert not (tmp_path / "out").exists()


def test_without_pyinstaller_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        build_bundle(tmp_path / "out")
    assert "emotion-runtime[cpu,bundle]" in caught.value.remedy


def test_a_bundle_says_that_it_builds_no_bundles(built: Built) -> None:
    done = built.run("bundle", "--output", str(built.folder.parent / "another"))
    assert done.returncode == 2
    assert "not_in_a_bundle" in done.stderr
    assert bundle_command()[-1] == "bundle"
