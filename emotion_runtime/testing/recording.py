"""Owns turning what a test's world was told into a recording: replayed and looked at like any other."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from emotion_runtime.record import Recorder
from emotion_runtime.simulation import Simulation
from emotion_runtime.testing.sim import Sim
from emotion_runtime.testing.writing import file_name


def save_recording(sim: Sim, folder: Path, name: str) -> Path | None:
    """Live a world through once more, recorded into `folder`; returns the file.

    None where no recording can be made: a scene that was not read from a file, or changed personalities, which the
    scene's text does not tell. Nothing is paid for this before it is asked for.
    """
    if sim.traits or not sim.scene.sources:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(name)}.emr"
    with Sim(sim.scene, seed=sim.seed, tick=sim.tick_s) as twin:
        recorder = Recorder(twin.simulation, path, overwrite=True)
        # a recorder can be told, stepped and read as the simulation it stands for
        twin.simulation = cast(Simulation, recorder)
        sim.relive(twin)
        recorder.close()
    return path
