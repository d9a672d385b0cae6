"""The documentation is true: its code runs, its links lead somewhere, and the tests it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.endtoend.conftest import Serve, serve
from unity_bridge import EngineClient

__all__ = ["serve"]

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_readmes_first_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = blocks(ROOT / "README.md", "python")
    exec(compile(first, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "guard said anger" in printed


def test_the_readmes_second_program_runs_against_a_real_sidecar(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, second = blocks(ROOT / "README.md", "python")
    port = int(serve().listening["stream"].rsplit(":", 1)[1])
    connect = EngineClient.connect
    monkeypatch.setattr(EngineClient, "connect", lambda **given: connect(**{**given, "port": port}))
    exec(compile(second, "README.md", "exec"), {})
    assert "TickView" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8")))
    known: set[str] = set()
    for file in (ROOT / "tests").rglob("*.py"):
        known.update(re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8")))
        known.add(file.stem)
    assert named <= known, named - known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_no_source_file_is_longer_than_it_should_be() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for package in ("protocol", "behaviors", "emotion_runtime", "unity_bridge")
        for file in (ROOT / package).rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert not long


def test_every_source_file_says_first_what_it_owns() -> None:
    for package in ("protocol", "behaviors", "emotion_runtime", "unity_bridge"):
        for file in (ROOT / package).rglob("*.py"):
            first = file.read_text(encoding="utf-8").split("\n", 1)[0]
            assert first.startswith('"""'), file
