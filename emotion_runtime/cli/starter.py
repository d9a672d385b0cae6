"""Owns what `emotion-runtime init` writes: a starter scene, a first scenario, and settings for editors."""

from __future__ import annotations

import json
from typing import Any, Final

from emotion_runtime.scene.schema import NAMES_FILE, SCHEMA_FILE, names_schema, scene_schema

FOLDER: Final = ".emotion"
"""Where schemas lie, beside the scene."""

SCENE: Final = """\
# yaml-language-server: $schema=./{folder}/{schema}
# Two people and a fire. Check it:  emotion-runtime check {name}.yaml
# Play it:                          emotion-runtime play {name}.yaml
# Test it:                          emotion-runtime test .
scene: {name}
language: 1

events: [bang]                     # the only events the game may send

characters:
  anna:
    is: people
    at: [1, 1]                     # x, z in metres
    personality: {{neuroticism: 0.6}}
    likes: {{ben: 0.5}}
    can: [flee, talk]
    tree: life
  ben:
    is: people
    at: [3, 1]
    personality: {{extraversion: 0.5}}
    can: [flee, talk]
    tree: life

objects:
  fire:
    at: [2, 3]
    vars: {{lit: true}}
    rules:
      warm:
        trigger: lit
        bearer: all(people) within 4 m
        effect: {{joy: +0.02/s}}

archetypes:
  people: {{hearing: 10 m}}         # what both share; the name is a tag too: `nearest(people)`

rules:
  flee:
    bearer: cause(fear)            # away from whoever gave me most of my fear
    trigger: fear > 0.5 - 0.2 * neuroticism
    release: fear < 0.2            # lower than the trigger, so that nobody starts and stops all the time
    aim: {{self.fear: -0.05/s}}
    lasts: 4 s
  talk:
    bearer: nearest(people) within 4 m
    trigger: joy > 0.1 and fear < 0.3
    aim: {{joy: +0.05}}
    lasts: 5 s

trees:
  life:
    selector: [flee, talk]         # the first that can

appraisal:                         # what is felt at what is heard or happens; the first row that fits wins
  - {{heard: anger, addressed: true, feels: {{fear: +0.5}}}}
  - {{heard: joy, feels: {{joy: +0.4}}}}
  - {{event: bang, feels: {{fear: +0.6, surprise: +0.5}}}}
"""

SCENARIO: Final = """\
scene: {name}.yaml
scenarios:
  a bang frightens the nervous one:
    when:
      - {{at: 1 s, event: bang, cause: ben}}
    then:
      - anna.fear > 0.5 within 2 s
      - anna does flee within 2 s
      - anna.fear < 0.5 at 40 s
"""

SNIPPETS: Final[dict[str, dict[str, Any]]] = {
    "rule": {
        "prefix": "rule",
        "body": ["${1:name}:", "  bearer: ${2|self,nearest(tag) within 5 m,cause(fear)|}", "  trigger: ${3:fear > 0.6}",
                 "  release: ${4:fear < 0.3}", "  aim: {${5:self.fear}: ${6:-0.1/s}}", "  lasts: ${7:4 s}"],
        "description": "what a character can do",
    },
    "object": {
        "prefix": "object",
        "body": ["${1:fire}:", "  at: [${2:0}, ${3:0}]", "  vars: {${4:lit}: true}", "  rules:", "    ${5:warm}:",
                 "      trigger: ${4:lit}", "      bearer: all(${6:people}) within ${7:4} m",
                 "      effect: {${8:joy}: +${9:0.02}/s}"],
        "description": "a thing that acts on those in range",
    },
    "character": {
        "prefix": "character",
        "body": ["${1:name}:", "  at: [${2:0}, ${3:0}]", "  personality: {${4:neuroticism}: ${5:0.5}}",
                 "  can: [${6:flee}]", "  tree: ${7:life}"],
        "description": "somebody",
    },
    "selector": {"prefix": "selector", "body": ["selector:", "  - ${1:flee}", "  - ${2:talk}"],
                 "description": "the first that does not fail"},
    "sequence": {"prefix": "sequence", "body": ["sequence: [${1:one}, ${2:another}]"],
                 "description": "one after another"},
    "filter": {"prefix": "filter", "body": ["filter: ${1:one}", "while: ${2:fear < 0.7}"],
               "description": "only while a condition holds"},
    "parallel": {"prefix": "parallel", "body": ["parallel: [${1:one}, ${2:another}]", "succeed: ${3|all,one|}"],
                 "description": "all at once"},
    "repeat": {"prefix": "repeat", "body": ["repeat: ${1:one}", "times: ${2:3}"], "description": "again and again"},
    "modify": {"prefix": "modify", "body": ["modify: ${1:one}", "with: [cooldown ${2:10} s]"],
               "description": "with a cooldown, a timeout, a guard"},
    "scenario": {
        "prefix": "scenario",
        "body": ["${1:what happens}:", "  when:", "    - {at: 0 s, event: ${2:bang}}", "  then:",
                 "    - ${3:anna}.${4:fear} > ${5:0.5} within ${6:1 s}"],
        "description": "a test without programming",
    },
}  # fmt: skip

TASKS: Final[dict[str, Any]] = {
    "version": "2.0.0",
    "tasks": [
        {
            "label": "emotion-runtime: check",
            "type": "process",
            "command": "emotion-runtime",
            "args": ["check", "${file}"],
            "group": "build",
            "presentation": {"reveal": "silent", "clear": True},
            "problemMatcher": {
                "owner": "emotion-runtime",
                "fileLocation": ["autoDetect", "${workspaceFolder}"],
                "pattern": {
                    "regexp": "^(.+?):(\\d+):(\\d+): (error|warning|note)\\[([a-z-]+)\\]: (.*)$",
                    "file": 1, "line": 2, "column": 3, "severity": 4, "code": 5, "message": 6,
                },
            },
        },
        {
            "label": "emotion-runtime: test",
            "type": "process",
            "command": "emotion-runtime",
            "args": ["test", "${workspaceFolder}"],
            "group": "test",
        },
    ],
}  # fmt: skip


def files(name: str) -> dict[str, str]:
    """Every file of a new project: relative path to text."""
    settings = {
        "yaml.schemas": {f"./{FOLDER}/{SCHEMA_FILE}": ["*.yaml", "!*.scenario.yaml"]},
        "editor.quickSuggestions": {"strings": True},
        "[yaml]": {"editor.tabSize": 2, "editor.insertSpaces": True},
    }
    snippets = {key: {"scope": "yaml", **each} for key, each in SNIPPETS.items()}
    return {
        f"{name}.yaml": SCENE.format(name=name, folder=FOLDER, schema=SCHEMA_FILE),
        f"{name}.scenario.yaml": SCENARIO.format(name=name),
        f"{FOLDER}/{SCHEMA_FILE}": _json(scene_schema()),
        f"{FOLDER}/{NAMES_FILE}": _json(names_schema(None)),
        ".vscode/settings.json": _json(settings),
        ".vscode/tasks.json": _json(TASKS),
        ".vscode/emotion.code-snippets": _json(snippets),
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
