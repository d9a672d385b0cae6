"""Owns the recipe table: how each emotion looks and moves, read from YAML, checked, and overridden per archetype."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.shapes import sides

VERSION: Final = 1
"""The version of the table's form. A table of another version is refused, never guessed at."""

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
HalfLife = Annotated[float, Field(ge=0.0, le=60.0)]
MAX_FILE_BYTES: Final = 1 << 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class EmotionRecipe(_Strict):
    """One emotion's face. `shapes`: ARKit name (without a side: both) -> weight at full strength."""

    shapes: dict[str, Unit]
    gamma: Annotated[float, Field(ge=0.1, le=10.0)] = 1.0
    """Strength shown = strength ** gamma; below 1, mild emotions already show."""
    onset: HalfLife = 0.12
    """Half-life in seconds towards a stronger expression; 0 is at once."""
    release: HalfLife = 0.4
    """Half-life in seconds towards a weaker one."""
    speaking: Unit = 0.5
    """The part of its mouth shapes that stays while the character speaks."""

    @field_validator("shapes")
    @classmethod
    def _known(cls, shapes: dict[str, float]) -> dict[str, float]:
        for name in shapes:
            try:
                sides(name)
            except KeyError:
                raise ValueError(f"'{name}' is no ARKit shape") from None
        return shapes

    def by_column_name(self) -> dict[str, float]:
        """Weight by full ARKit name. A name with its side wins over the name for both."""
        wide = {each: weight for name, weight in self.shapes.items() for each in sides(name) if each != name}
        return wide | {name: weight for name, weight in self.shapes.items() if sides(name) == (name,)}


class RecipeTable(_Strict):
    """The faces of all emotions of one archetype."""

    version: Literal[1]
    emotions: dict[str, EmotionRecipe]
    contrast: Annotated[int, Field(ge=0, le=4)] = 1
    """How far the strongest emotion covers the others: strength x (strength / strongest) ^ contrast is shown."""

    def override(self, changes: Mapping[str, Any]) -> RecipeTable:
        """The same table with changes merged in, checked as a whole.

        `changes` has the table's own form, but only what differs: `{"emotions": {"joy": {"shapes": {"jawOpen": 0.3,
        "cheekSquint": None}}}}`. A shape or an emotion set to None is taken out. Raises UsageError `bad_recipe`.
        """
        return _checked(_merged(self.model_dump(), changes), "the override")


def read_recipes(path: str | Path) -> RecipeTable:
    """A table, or an override of the default one (`based_on: default`), from a YAML file.

    Raises UsageError `bad_recipe` with the path of the first fault, or `no_such_file`.
    """
    return _checked(completed(read_yaml(path)), str(path))


def completed(data: dict[str, Any]) -> dict[str, Any]:
    """The whole table that a file's map stands for: with `based_on: default` the default one with its changes."""
    if data.get("based_on") != "default":
        return data
    return _merged(default_recipes().model_dump(), {key: value for key, value in data.items() if key != "based_on"})


@cache
def default_recipes() -> RecipeTable:
    """The table that ships with the package."""
    return _checked(read_yaml(Path(__file__).with_name("recipes.yaml")), "recipes.yaml")


def read_yaml(path: str | Path) -> dict[str, Any]:
    """A YAML file holding a map, at most 1 MiB. Raises UsageError `no_such_file`, `bad_yaml`."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError("bad_yaml", f"{path} is over {MAX_FILE_BYTES} bytes")
    try:
        data = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UsageError("bad_yaml", f"{path} is no YAML: {error}") from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise UsageError("bad_yaml", f"{path} does not hold a map of names")
    return data


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key, {}), Mapping):
            result[key] = _merged(result.get(key, {}), value)
        else:
            result[key] = value
    return result


def _checked(data: Mapping[str, Any], where: str) -> RecipeTable:
    try:
        return RecipeTable.model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        remedy = f"this program reads version {VERSION}" if place == "version" else "see docs/expression.md"
        raise UsageError("bad_recipe", f"{where}: {place}: {fault['msg']}", remedy) from None
