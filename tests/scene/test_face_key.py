"""`face`: merged along archetypes, its files read beside the scene, and every fault told at its place in its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_runtime.expression.recipe import default_recipes
from emotion_runtime.expression.speech.mfcc import FEATURES
from emotion_runtime.expression.speech.voice_profile import VoiceProfile
from emotion_runtime.expression.visemes import VISEMES
from emotion_runtime.scene import check_scene, compiled_digest, load_scene
from emotion_runtime.scene.resolved import FaceStyle

SCENE = """\
scene: faces
language: 1
archetypes:
  elf: {face: {recipes: looks/elf.yaml, jaw: 0.5, lips: 1.5}}
  stern: {is: elf, face: {transfer: stern.yaml, own: 0.1}}
characters:
  ann: {is: stern, at: [1, 1], face: {jaw: 2}}
  bob: {at: [2, 1]}
"""
ELF = "based_on: default\nemotions:\n  joy: {gamma: 1.0, shapes: {mouthSmile: 0.5, cheekSquint: null}}\n"
STERN = "knobs: {intensity: 0.5}\n"


def write(folder: Path, text: str = SCENE, elf: str = ELF, stern: str = STERN) -> Path:
    (folder / "looks").mkdir(exist_ok=True)
    (folder / "looks" / "elf.yaml").write_text(elf, encoding="utf-8")
    (folder / "stern.yaml").write_text(stern, encoding="utf-8")
    (folder / "faces.yaml").write_text(text, encoding="utf-8")
    return folder / "faces.yaml"


def test_a_nearer_face_wins_key_by_key(tmp_path: Path) -> None:
    ann, bob = load_scene(write(tmp_path)).characters
    assert bob.face is None
    assert ann.face is not None and ann.face.recipes is not None and ann.face.transfer is not None
    assert (ann.face.jaw, ann.face.lips, ann.face.own) == (2.0, 1.5, 0.1)
    joy = ann.face.recipes.emotions["joy"]
    assert joy.gamma == 1.0 and joy.shapes["mouthSmile"] == 0.5 and "cheekSquint" not in joy.shapes
    assert ann.face.recipes.emotions["anger"] == default_recipes().emotions["anger"]
    assert ann.face.transfer.knobs.intensity == 0.5


def test_a_voices_profile_is_read_from_its_json(tmp_path: Path) -> None:
    path = write(tmp_path, SCENE.replace("own: 0.1", "own: 0.1, voice: ann.json"))
    weights = np.random.default_rng(1).normal(size=(len(VISEMES), FEATURES))
    VoiceProfile(weights, weights[:, 0]).save(tmp_path / "ann.json")
    face = load_scene(path).characters[0].face
    assert face is not None and face.voice is not None
    assert (face.voice.weights == weights).all()
    (tmp_path / "ann.json").write_text('{"format": 1, "weights": [[1]], "bias": []}', encoding="utf-8")
    (fault,) = check_scene(path)[1]
    assert (fault.slug, Path(fault.file).name) == ("face-file", "ann.json")


@pytest.mark.parametrize(
    ("elf", "line", "col", "says"),
    [
        (ELF.replace("mouthSmile", "mouthGrin"), 3, 33, "mouthGrin"),
        (ELF.replace("0.5", "1.5"), 3, 46, "less than or equal to 1"),
        (ELF.replace("gamma: 1.0", "gama: 1.0"), 3, 15, "gama"),
        ("version: 2\nemotions: {}\n", 1, 10, "version"),
    ],
)
def test_a_fault_in_a_recipe_is_told_where_it_stands(tmp_path: Path, elf: str, line: int, col: int, says: str) -> None:
    scene, faults = check_scene(write(tmp_path, elf=elf))
    assert scene is None
    fault = faults[0]
    assert (fault.slug, Path(fault.file).name, fault.line) == ("face-file", "elf.yaml", line)
    assert says in fault.message
    assert 1 <= fault.col <= col


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ("looks/elf.yaml", "looks/elves.yaml", "file-missing"),
        ("looks/elf.yaml", "../elf.yaml", "include-outside"),
        ("jaw: 0.5", "jaw: 2.5", "out-of-range"),
        ("jaw: 0.5", "jaws: 0.5", "unknown-key"),
        ("stern.yaml", "''", "include-outside"),
    ],
)
def test_a_face_that_cannot_be_is_a_diagnostic(tmp_path: Path, old: str, new: str, slug: str) -> None:
    faults = check_scene(write(tmp_path, SCENE.replace(old, new)))[1]
    assert [each.slug for each in faults] == [slug]


def test_a_faulty_file_of_two_characters_is_told_once(tmp_path: Path) -> None:
    text = SCENE + "  cid: {is: elf, at: [3, 1]}\n"
    assert len(check_scene(write(tmp_path, text, elf=ELF.replace("1.0", "99")))[1]) == 1


def test_the_files_of_faces_belong_to_the_scenes_text_and_meaning(tmp_path: Path) -> None:
    scene = load_scene(write(tmp_path))
    assert sorted(Path(name).name for name in scene.sources) == ["elf.yaml", "faces.yaml", "stern.yaml"]
    other = load_scene(write(tmp_path, elf=ELF.replace("0.5", "0.6")))
    assert compiled_digest(other) != compiled_digest(scene)


def test_a_scene_without_faces_means_what_it_meant_before_there_were_any(tmp_path: Path) -> None:
    assert FaceStyle() == FaceStyle(None, None, None, 1.0, 1.0, 0.35)
    plain = "scene: faces\nlanguage: 1\ncharacters:\n  ann: {at: [1, 1]}\n"
    assert compiled_digest(load_scene(write(tmp_path, plain))) == "426bc968a75d0a1a99a737636d191754"
