"""Owns `emotion-runtime bundle`: the sidecar as a folder for players, and a table of what it weighs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def bundle(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to make; an older bundle is replaced.")],
    scene: Annotated[
        list[str] | None, typer.Option(help="A scene file or bundled scene to take along; may be repeated.")
    ] = None,
    kernels: Annotated[
        bool, typer.Option("--kernels", help="With the compiled kernels for crowds (needs the extra `fast`).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
) -> None:
    """Build a folder that runs the sidecar on machines without Python (needs the extra `bundle`)."""
    from emotion_runtime.shipping import build_bundle
    from emotion_runtime.shipping.sizes import size_table

    if sys.stderr.isatty() and not as_json:
        sys.stderr.write(f"building; this takes {'two minutes' if kernels else 'half a minute'}\n")
    made = build_bundle(output, scene or ["tavern"], kernels=kernels)
    if as_json:
        told = {"folder": str(made.folder), "program": str(made.program), "start_s": made.start_seconds}
        sys.stdout.write(json.dumps({"type": "bundle", **told, **made.manifest}, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(size_table(made.sizes))
    for name, seconds in made.start_seconds.items():
        sys.stdout.write(f"{name}: listens after {seconds:.1f} s\n")
    bare = made.manifest["without_license_text"]
    if bare:
        sys.stdout.write(f"without a licence text: {', '.join(bare)}\n")
    sys.stdout.write(f"{made.program}\n")
