"""Owns handing a checked scene to a sidecar that runs: a request for a reload, from an editor's connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emotion_runtime.errors import EmotionRuntimeError

PATIENCE_S = 5.0


def pusher(port: int, token_file: Path | None) -> Callable[[Path], str]:
    """What hands a scene over to the sidecar at `port` of this machine, and tells in one line how that went."""

    def push(scene: Path) -> str:
        from unity_bridge.client import EngineClient

        try:
            with EngineClient.connect(
                port=port, name="check", owns=(), timeout=PATIENCE_S, token_file=token_file, role="editor"
            ) as client:
                reply = client.request("reload", path=str(scene.resolve()), patience=PATIENCE_S)
        except EmotionRuntimeError as error:
            remedy = f" ({error.remedy})" if error.remedy else ""
            return f"not pushed to port {port}: {error.message.strip()}{remedy}"
        return f"pushed to port {port}: in effect from tick {reply.tick} on"

    return push
