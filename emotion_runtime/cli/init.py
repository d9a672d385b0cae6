"""Owns `emotion-runtime init` and `schema`: a folder to start from, with what editors need to help."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import UsageError


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; it is made if it is not there.")] = Path(),
    name: Annotated[str, typer.Option("--name", help="The name of the scene.")] = "my_scene",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write a starter scene, a first test of it, and settings for VS Code. Files that are there are left alone."""
    from emotion_runtime.cli.starter import FOLDER, files
    from emotion_runtime.scene import scene_report
    from emotion_runtime.scene.definitions import NAME
    from emotion_runtime.scene.schema import NAMES_FILE, names_schema

    if not NAME.fullmatch(name):
        raise UsageError("bad_name", f"`{name}` is not a name: small letters, digits and _, a letter first", "my_scene")
    texts = files(name)
    there = [path for path in texts if (folder / path).exists()]
    if f"{name}.yaml" in there and not force:
        raise UsageError("file_exists", f"{folder / f'{name}.yaml'} is already there", "--name another, or --force")
    for path, text in texts.items():
        if path in there and not force:
            sys.stdout.write(f"kept  {folder / path}\n")
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {folder / path}\n")
    scene, _ = scene_report(folder / f"{name}.yaml")
    names = json.dumps(names_schema(scene), indent=2) + "\n"
    (folder / FOLDER / NAMES_FILE).write_text(names, encoding="utf-8")
    sys.stdout.write(f"next: emotion-runtime check {folder / f'{name}.yaml'} --watch\n")


def schema(
    scene: Annotated[
        str | None, typer.Argument(metavar="[SCENE]", help="Give the names of this scene instead of the language.")
    ] = None,
) -> None:
    """Print the JSON Schema of scene files, or the one that completes the names of a scene."""
    from emotion_runtime.scene import load_scene
    from emotion_runtime.scene.find import find_scene
    from emotion_runtime.scene.schema import names_schema, scene_schema

    shown = scene_schema() if scene is None else names_schema(load_scene(find_scene(scene)))
    sys.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
