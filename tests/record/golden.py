"""Owns the committed recording: `python -m tests.record.golden` makes it anew, when digests change on purpose."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from emotion_runtime.player import NominalPlayer
from emotion_runtime.record import Recorder
from emotion_runtime.scene import load_scene
from emotion_runtime.simulation import Simulation
from tests.record.plays import SlowListener, records, write

GOLDEN = Path(__file__).with_name("golden.emr")

MAIN = """\
scene: yard
language: 1
include: [people.yaml]
areas:
  yard: {from: [0, 0], to: [10, 8]}
world:
  night: false
events: [bang]
characters:
  anna: {is: person, at: [1, 1], personality: {neuroticism: 0.5}, likes: {ben: 0.3}, tree: life}
  ben: {is: person, at: [2, 2], personality: {extraversion: 0.4}, tree: life}
  cleo: {is: person, at: [6, 5], likes: {anna: -0.6}, tree: life}
objects:
  fire:
    at: [3, 3]
    vars: {lit: true, heat: 0.5 in 0..1}
    rules:
      warm: {trigger: lit, bearer: all(person) within 4 m, effect: {joy: +0.2/s}}
"""

PEOPLE = """\
language: 1
archetypes:
  person: {can: [flee, wave], contagion: {joy: 0.2/s within 3 m}}
rules:
  flee: {bearer: cause(fear), trigger: fear > 0.4, release: fear < 0.3, lasts: 2 s}
  wave: {bearer: nearest(person), trigger: joy > 0.3, aim: {joy: +0.1}, lasts: 1 s}
trees:
  life:
    selector: [flee, wave]
appraisal:
  - {event: bang, feels: {fear: +0.5}}
  - {heard: anger, feels: {fear: +0.3}}
  - {heard: joy, feels: {joy: +0.4}}
"""


def make(path: Path) -> None:
    """Six simulated seconds with everything that can be told."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "yard.yaml"
        main.write_bytes(MAIN.encode())
        (Path(folder) / "people.yaml").write_bytes(PEOPLE.encode())
        scene = load_scene(main)
    listener = SlowListener(scene.labels)
    simulation = Simulation(scene, seed=11, rate=20.0, perception=listener, player=NominalPlayer())
    with Recorder(simulation, path, overwrite=True, keyframe_seconds=5.0) as recorder:
        for tick in range(120):
            listener.arriving = tick % 3
            if tick % 15 == 1:
                recorder.say("cleo", f"Enough, for the {tick}th time!", to="anna")
            if tick % 40 == 7:
                recorder.event("bang", cause="ben", at=(4.0, 0.0, 4.0), strength=0.75)
            if tick % 25 == 3:
                recorder.move("cleo", 6.0 - tick / 40, 0.0, 5.0)
            if tick == 90:
                recorder.set("fire.lit", False)
                recorder.say("ben", "Well", heard={"joy": 0.75})
            recorder.step(wait=tick % 50 == 0)
    # whose machine it was is nobody's business, and would be a warning everywhere else
    header, rest = records(path)
    profile = msgspec.structs.replace(header.profile, cpu="", simd="")
    write(path, msgspec.structs.replace(header, profile=profile), rest)


if __name__ == "__main__":
    make(GOLDEN)
    sys.stdout.write(f"{GOLDEN}: {GOLDEN.stat().st_size} bytes\n")
