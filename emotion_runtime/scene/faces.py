"""Owns how characters' faces are stated: `face` merged along archetypes, and the files it names, read with places."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.recipe import RecipeTable, completed
from emotion_runtime.expression.speech.voice_profile import profile_of
from emotion_runtime.expression.transfer.profile import Profile
from emotion_runtime.scene.diagnostics import Report
from emotion_runtime.scene.files import MOST_FILES, beside, text_of
from emotion_runtime.scene.model import ArchetypeForm
from emotion_runtime.scene.nodes import Items, Map, Node, Scalar, place_at
from emotion_runtime.scene.resolved import FaceStyle
from emotion_runtime.scene.yaml_reader import parse

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORDS: Final[dict[str, Any]] = {"": None, "null": None, "~": None, "true": True, "false": False}
_T = TypeVar("_T")
DEFAULTS: Final = FaceStyle()


class FaceReader:
    """Reads each named file once. Faults go to the report, at their place in that file."""

    def __init__(self, main: Path, shown_folder: str, report: Report) -> None:
        """`shown_folder`: the main file's folder as messages show it, with a `/` at its end, or empty."""
        self._folder, self._shown_folder, self._report = main.parent, shown_folder, report
        self._known: dict[tuple[str, str], Any] = {}

    def style(self, forms: list[ArchetypeForm]) -> FaceStyle | None:
        """The style that these forms state, the nearest last: what a nearer one leaves out stays as it was."""
        stated = [form.face for form in forms if form.face is not None]
        if not stated:
            return None
        recipes, transfer, voice = None, None, None
        jaw, lips, own = DEFAULTS.jaw, DEFAULTS.lips, DEFAULTS.own
        for face in stated:
            recipes = self._file(face.recipes, "recipes", _recipes) if face.recipes else recipes
            transfer = self._file(face.transfer, "transfer", Profile.model_validate) if face.transfer else transfer
            voice = self._file(face.voice, "voice", profile_of) if face.voice else voice
            jaw = face.jaw.value if face.jaw else jaw
            lips = face.lips.value if face.lips else lips
            own = face.own.value if face.own else own
        return FaceStyle(recipes, transfer, voice, jaw, lips, own)

    def _file(self, word: Scalar, kind: str, made_of: Callable[[Any], _T]) -> _T | None:
        found = beside(word, word.place.file.removeprefix(self._shown_folder), self._folder, self._report)
        if found is None:
            return None
        path, short = found
        if (kind, short) not in self._known:
            self._known[kind, short] = self._read(word, path, short, made_of)
        known: _T | None = self._known[kind, short]
        return known

    def _read(self, word: Scalar, path: Path, short: str, made_of: Callable[[Any], _T]) -> _T | None:
        shown, report = self._shown_folder + short, self._report
        if shown not in report.sources and len(report.sources) >= MOST_FILES:
            report.error("too-large", word.place, f"a scene has at most {MOST_FILES} files", remedy="join some of them")
            return None
        text = text_of(path, word.place, word.text, report)
        if text is None:
            return None
        report.sources[shown] = text
        node = parse(text, shown, report)
        if node is None:
            return None
        try:
            return made_of(_plain(node))
        except ValidationError as error:
            for each in error.errors(include_url=False):
                place, _ = place_at(node, each["loc"])
                what = ".".join(str(step) for step in each["loc"])
                message = each["msg"].removeprefix("Value error, ")
                report.error("face-file", place, f"`{what}`: {message}" if what else message)
        except UsageError as error:
            report.error("face-file", node.place, error.message)
        return None


def _recipes(data: dict[str, Any]) -> RecipeTable:
    return RecipeTable.model_validate(completed(data))


def _plain(node: Node) -> Any:
    if isinstance(node, Map):
        return {key: _plain(each) for key, each in node.entries.items()}
    if isinstance(node, Items):
        return [_plain(each) for each in node.items]
    if not node.plain:
        return node.text
    if node.text in _WORDS:
        return _WORDS[node.text]
    if _NUMBER.fullmatch(node.text):
        return float(node.text) if set(node.text) & set(".eE") else int(node.text)
    return node.text
