"""Owns a sidecar that records, as its own process: the scene, the model, the bridge, and a recorder between them."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from emotion_runtime.perception import PerceptionService, load_text_model
from emotion_runtime.record import Recorder
from emotion_runtime.scene import bundled_scene, load_scene
from emotion_runtime.simulation import Simulation
from unity_bridge import Bridge, BridgeConfig


def main(path: Path) -> None:
    """Serve the tavern until standard input ends."""
    simulation = Simulation(load_scene(bundled_scene("tavern")), perception=PerceptionService(load_text_model))
    with Recorder(simulation, path) as world, Bridge(world, BridgeConfig(port=0)) as bridge:
        threading.Thread(target=_stop_with_stdin, args=(bridge,), daemon=True).start()
        sys.stdout.write(json.dumps(bridge.endpoints()) + "\n")
        sys.stdout.flush()
        bridge.run()
        status = bridge.status()
    sys.stdout.write(json.dumps({"tick": status["tick"], "recording": status["world"]["recording"]}) + "\n")


def _stop_with_stdin(bridge: Bridge) -> None:
    while os.read(0, 4096):
        pass
    bridge.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
