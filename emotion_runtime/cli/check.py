"""Owns `emotion-runtime check`: every fault of a scene, with its place and a remedy."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from emotion_runtime.scene.find import find_scene


def check(
    scenes: Annotated[list[str], typer.Argument(metavar="SCENE...", help="Scene files, or names of bundled scenes.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
) -> None:
    """List every fault of a scene, all at once. Exit code 0: clean, 1: faults, 2: no such file."""
    from emotion_runtime.scene import scene_report

    found = []
    failed = False
    for named in scenes:
        path = find_scene(named)
        scene, report = scene_report(path)
        diagnostics = report.sorted()
        found.append(
            {
                "scene": str(path),
                "characters": len(scene.characters) if scene else 0,
                "diagnostics": [fault.as_json() for fault in diagnostics],
            }
        )
        levels = [fault.level for fault in diagnostics]
        failed |= "error" in levels or (strict and "warning" in levels)
        if not as_json:
            text = report.text()
            errors, warnings = levels.count("error"), levels.count("warning")
            sys.stdout.write(f"{text}{path}: {errors} errors, {warnings} warnings\n")
    if as_json:
        sys.stdout.write(json.dumps({"type": "check", "ok": not failed, "scenes": found}, ensure_ascii=False) + "\n")
    raise typer.Exit(1 if failed else 0)
