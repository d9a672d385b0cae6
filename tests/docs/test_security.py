"""docs/security.md is true: its limits are those of the code, and the packages hold nothing that runs foreign code."""

from __future__ import annotations

import ast
from pathlib import Path

from unity_bridge.access import ALLOWED
from unity_bridge.access.roles import PLAY
from unity_bridge.limits import BEGIN, END, limits, table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PACKAGES = ("protocol", "behaviors", "emotion_runtime", "unity_bridge")
NEVER = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "joblib"}


def test_the_page_lists_every_limit_as_it_is() -> None:
    shown = PAGE.partition(BEGIN + "\n")[2].partition(END)[0]
    assert shown == table(), "run python -m unity_bridge.limits --write"
    names = [each.what for each in limits()]
    assert len(set(names)) == len(names)
    assert all(each.value > 0 for each in limits())


def test_the_page_tells_the_table_of_roles() -> None:
    rows = [line for line in PAGE.splitlines() if line.endswith(("| yes |", "yes | yes |"))]
    told: dict[str, set[str]] = {"viewer": set(), "engine": set(), "editor": set()}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        operations = set(cells[0].split("`")[1::2]) | ({PLAY} if "own characters" in cells[0] else set())
        for role, cell in zip(told, cells[1:], strict=True):
            if cell == "yes":
                told[role] |= operations
    assert {role: set(allowed) for role, allowed in ALLOWED.items()} == told


def test_no_module_evaluates_unpickles_or_starts_a_shell() -> None:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names: set[str] = set()
                if isinstance(node, ast.Import):
                    names = {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    names = {(node.module or "").partition(".")[0]}
                elif isinstance(node, ast.Call):
                    where = node.func
                    called = where.id if isinstance(where, ast.Name) else ""
                    assert called not in {"eval", "exec", "__import__"}, (file, node.lineno)
                    if isinstance(where, ast.Attribute) and isinstance(where.value, ast.Name):
                        assert (where.value.id, where.attr) not in {("os", "system"), ("os", "popen")}, file
                    shells = [k.value for k in node.keywords if k.arg == "shell"]
                    assert not any(isinstance(v, ast.Constant) and v.value for v in shells), (file, node.lineno)
                assert not names & NEVER, (file, names)
