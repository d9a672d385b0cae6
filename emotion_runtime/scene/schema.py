"""Owns the JSON Schema of scene files, for editors: generated from the models, and completed by a scene's own names."""

from __future__ import annotations

from typing import Any, Final

from behaviors.trees import Modifier
from emotion_runtime.scene.model import FORMS, FileForm
from emotion_runtime.scene.resolved import TRAITS, Scene
from emotion_runtime.scene.trees import KEYS, SEVERAL

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""What the YAML language server understands best."""
SCHEMA_FILE: Final = "scene-1.schema.json"
NAMES_FILE: Final = "names.schema.json"

_NAMED: Final = {"is": "archetype", "can": "rule", "roams": "area", "tree": "tree", "event": "event", "tags": "tag"}
"""Fields whose values are names of the scene."""
_EXAMPLES: Final = {
    "succeed": "all, one, or the name of the child that decides",
    "while": "looked at every tick; when it fails the child is stopped",
    "times": "how often: a number, or forever",
    "until": "success or failure",
    "order": "listed, or priority: the rules with the highest `priority` first",
    "weights": "how often each child is drawn, one number for each",
    "takes": "parameters of this tree: `level`, or `level = 0.6` with a value for when none is given",
    "given": "values for the parameters of the tree",
    "with": "outermost first: " + ", ".join(each.value for each in Modifier),
    "allow": "warnings that are meant",
}
_FORMS: Final = {
    "sequence": "left to right until one fails",
    "selector": "the first that does not fail; one further up interrupts those below",
    "choose": "one child, drawn on entry, as often as its weight says",
    "parallel": "all at once",
    "filter": "a child that runs only while a condition holds",
    "repeat": "a child again and again",
    "modify": "a child with a cooldown, a timeout, a guard and so on",
    "use": "a tree that takes parameters",
}


def scene_schema() -> dict[str, Any]:
    """The schema of language 1. Names of a scene are completed from a second file beside it, `names.schema.json`."""
    schema: dict[str, Any] = FileForm.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    for form in (schema, *definitions.values()):
        _tidy(form)
    for form in FORMS:
        definition = schema if form is FileForm else definitions.get(form.__name__)
        if definition is not None and form.REQUIRED:
            definition["required"] = list(form.REQUIRED)
    definitions["Tree"] = _tree()
    schema["properties"]["trees"]["additionalProperties"] = {"$ref": "#/$defs/Tree"}
    schema["properties"]["trees"]["type"] = "object"
    schema["properties"]["language"]["enum"] = [1, "1"]
    for form in definitions.values():
        _complete(form)
    return {
        "$schema": DRAFT,
        "$id": SCHEMA_FILE,
        "title": "emotion-runtime scene, language 1",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def names_schema(scene: Scene | None) -> dict[str, Any]:
    """The names of a scene as enumerations; empty ones for None."""
    people = scene.characters if scene else ()
    known = {
        "archetype": sorted({name for person in people for name in person.archetypes}),
        "rule": sorted(scene.rules) if scene else [],
        "area": [area.name for area in scene.areas] if scene else [],
        "tree": sorted(scene.trees) if scene else [],
        "event": list(scene.events) if scene else [],
        "tag": sorted({tag for person in people for tag in person.tags}),
    }
    known["leaf"] = sorted([*known["rule"], *known["tree"]])
    definitions = {name: {"enum": values} if values else {"type": "string"} for name, values in known.items()}
    return {"$schema": DRAFT, "$id": NAMES_FILE, "$defs": definitions}


def _tidy(form: Any) -> None:
    """Drop what only Python needs: titles, and `null` for fields that were not given."""
    if isinstance(form, list):
        for each in form:
            _tidy(each)
        return
    if not isinstance(form, dict):
        return
    form.pop("default", None)
    if isinstance(form.get("title"), str):
        form.pop("title")
    choices = form.get("anyOf")
    if isinstance(choices, list):
        kept = [each for each in choices if each != {"type": "null"}]
        if len(kept) == 1:
            form.pop("anyOf")
            form.update({key: value for key, value in kept[0].items() if key not in form})
        else:
            form["anyOf"] = kept
    if "description" in form and isinstance(form.get("examples"), list):
        form["markdownDescription"] = f"{form['description']}\n\nExample: `{form['examples'][0]}`"
    form.pop("examples", None)
    for each in list(form.values()):
        _tidy(each)


def _tree() -> dict[str, Any]:
    """A tree node: the name of a rule or tree, or a map with exactly one form word."""
    node = {"$ref": "#/$defs/Tree"}
    choices: list[dict[str, Any]] = [_or_text("leaf")]
    for word, options in KEYS.items():
        several = word in SEVERAL
        below: dict[str, Any] = {"type": "array", "items": node, "minItems": 1} if several else dict(node)
        if word == "use":
            below = _or_text("tree")
        properties: dict[str, Any] = {word: below if several else {"allOf": [below], "description": _FORMS[word]}}
        if several:
            below["description"] = _FORMS[word]
        for key in (*options, "takes", "allow"):
            properties[key] = {
                **_option(word, key),
                "description": _EXAMPLES["given" if (word, key) == ("use", "with") else key],
            }
        choices.append({"type": "object", "required": [word], "properties": properties, "additionalProperties": False})
    return {"description": "A behavior tree, or a part of one.", "anyOf": choices}


def _option(word: str, key: str) -> dict[str, Any]:
    if key in ("takes", "allow") or (key == "with" and word == "modify"):
        return {"type": "array", "items": {"type": "string"}}
    if key == "weights":
        return {"type": "array", "items": {"type": ["number", "string"]}}
    if key == "with":
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
    return {"type": ["string", "integer", "boolean"]}


def _complete(form: dict[str, Any]) -> None:
    """Names of the scene are offered, and any text is accepted: the checker says what is wrong."""
    properties = form.get("properties")
    if not isinstance(properties, dict):
        return
    for key, name in _NAMED.items():
        field = properties.get(key)
        if not isinstance(field, dict):
            continue
        if field.get("type") == "array":
            field["items"] = _or_text(name)
        else:
            field.pop("type", None)
            field["anyOf"] = _or_text(name)["anyOf"]
    for key in ("sets", "payload"):
        if isinstance(properties.get(key), dict):
            properties[key]["additionalProperties"] = {"type": ["string", "number", "boolean"]}
    personality = properties.get("personality")
    if isinstance(personality, dict):
        number = personality.get("additionalProperties", {})
        personality["properties"] = {trait: dict(number) for trait in TRAITS}
        personality["additionalProperties"] = False


def _or_text(name: str) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"{NAMES_FILE}#/$defs/{name}"}, {"type": "string"}]}
