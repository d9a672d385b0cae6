"""The Unity package is whole: it installs by a git URL, its assemblies compile alone, its assets keep their guids."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.engines.unity import meta_files
from tests.engines.unity.mono import CORE, HERE, PACKAGE, compile_cs, run

MOST_LINES = 350
MOST_COLUMNS = 130


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each asmdef as an assembly of its own, that sees only what its asmdef names."""
    folder = tmp_path_factory.mktemp("assemblies")
    core = compile_cs(folder / "EmotionRuntime.Core.dll", [CORE])
    engine = compile_cs(folder / "UnityEngine.dll", [HERE / "stub"])
    unity = compile_cs(
        folder / "EmotionRuntime.Unity.dll", [PACKAGE / "Runtime" / "Unity"], references=[core, engine], ignore="649"
    )
    editor = compile_cs(folder / "UnityEditor.dll", [HERE / "stub_editor"], references=[engine])
    known = [core, engine, unity]
    compile_cs(folder / "EmotionRuntime.Editor.dll", [PACKAGE / "Editor"], references=[*known, editor])
    compile_cs(folder / "EmotionRuntime.Samples.dll", [PACKAGE / "Samples~"], references=known)
    tests = compile_cs(folder / "EmotionRuntime.Tests.dll", [PACKAGE / "Tests"], references=[*known, editor])
    compile_cs(folder / "tests.exe", [HERE / "nunit"], references=[*known, editor, tests])
    return folder


def test_every_assembly_compiles_with_warnings_as_errors(assemblies: Path) -> None:
    asmdefs = {json.loads(path.read_text("utf-8"))["name"] for path in PACKAGE.rglob("*.asmdef")}
    assert {f"{name}.dll" for name in asmdefs} <= {path.name for path in assemblies.iterdir()}


def test_the_package_s_own_tests_pass(assemblies: Path) -> None:
    lines = run(assemblies / "tests.exe")
    assert lines[-1].endswith(" 0 failed"), "\n".join(lines)
    assert int(lines[-1].split()[0]) == (PACKAGE / "Tests/Runtime/CoreTests.cs").read_text("utf-8").count("[Test]")


def test_the_core_needs_no_engine_and_no_reflection() -> None:
    asmdef = json.loads((CORE / "EmotionRuntime.Core.asmdef").read_text("utf-8"))
    assert asmdef["noEngineReferences"] is True
    assert asmdef["references"] == []
    for path in (PACKAGE / "Runtime").rglob("*.cs"):
        text = path.read_text("utf-8")
        assert "System.Reflection" not in text, path
        assert "Activator" not in text, path
        assert ".GetType().GetM" not in text, path
        assert "dynamic " not in text, path


def test_every_asset_has_its_guid_and_none_twice() -> None:
    paths = list(meta_files.imported())
    for path in paths:
        meta = meta_files.meta_of(path)
        assert meta.is_file(), f"{path.name}: run python -m tests.engines.unity.meta_files --write"
        assert meta.read_text("utf-8") == meta_files.text_of(path)
    assert len({meta_files.guid_of(path) for path in paths}) == len(paths)
    assert meta_files.stray() == []


def test_the_manifest_says_what_a_git_url_needs() -> None:
    manifest = json.loads((PACKAGE / "package.json").read_text("utf-8"))
    assert manifest["name"] == PACKAGE.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert all(name.startswith("com.unity.modules.") for name in manifest["dependencies"])
    for sample in manifest["samples"]:
        assert (PACKAGE / sample["path"] / "README.md").is_file()
    for name in ("README.md", "CHANGELOG.md", "LICENSE.md"):
        assert (PACKAGE / name).is_file()
    assert f"## {manifest['version']}" in (PACKAGE / "CHANGELOG.md").read_text("utf-8")


def test_every_source_says_what_it_owns_and_is_short() -> None:
    for path in (*PACKAGE.rglob("*.cs"), *HERE.rglob("*.cs")):
        lines = path.read_text("utf-8").splitlines()
        assert lines[0].startswith("// Owns "), path
        assert len(lines) <= MOST_LINES, f"{path}: {len(lines)} lines"
        assert max(map(len, lines)) <= MOST_COLUMNS, path
