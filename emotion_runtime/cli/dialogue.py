"""Owns the stage for a dialogue from a file: a scene in which every speaker is a character within hearing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from emotion_runtime.perception.dialogue import DialogueLine

SPACING_M: Final = 0.3
IN_A_ROW: Final = 20
HEARING_M: Final = 1000


def character_names(lines: Iterable[DialogueLine]) -> dict[str, str]:
    """Speaker as written -> a character name the scene language takes; speakers that clean up alike stay apart."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for line in lines:
        if line.speaker in names:
            continue
        plain = re.sub(r"[^a-z0-9]+", "_", line.speaker.lower()).strip("_")
        base = name = f"s_{plain}"[:60]
        count = 2
        while name in taken:
            name, count = f"{base}_{count}", count + 1
        names[line.speaker] = name
        taken.add(name)
    return names


def dialogue_scene(name: str, characters: Sequence[str]) -> str:
    """A scene (YAML text) with these characters close together, all of them hearing everything."""
    out = [
        f"# Made by `emotion-runtime demo --dialogue` from {name}",
        "scene: dialogue",
        "language: 1",
        "archetypes:",
        f"  talker: {{hearing: {HEARING_M} m}}",
        "characters:",
    ]
    for number, character in enumerate(characters):
        x, z = SPACING_M * (number % IN_A_ROW), SPACING_M * (number // IN_A_ROW)
        out.append(f"  {character}: {{is: talker, at: [{x:.1f}, {z:.1f}]}}")
    out += [
        "appraisal:",
        "  - {heard: joy, feels: {joy: +0.2}}",
        "  - {heard: anger, addressed: true, feels: {fear: +0.2, anger: +0.2}}",
        "  - {heard: sadness, feels: {sadness: +0.2}}",
    ]
    return "\n".join(out) + "\n"


def write_dialogue_scene(folder: Path, source: Path, lines: Sequence[DialogueLine]) -> tuple[Path, dict[str, str]]:
    """Write the scene for `lines` into `folder`. Returns its path, and speaker -> character."""
    names = character_names(lines)
    path = folder / "dialogue.yaml"
    path.write_text(dialogue_scene(source.name, list(names.values())), encoding="utf-8")
    return path, names
