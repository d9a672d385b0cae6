"""The bridge between the simulation and game engines: the sidecar's sockets, and the Python engine client."""

from unity_bridge.client import EngineClient
from unity_bridge.config import BridgeConfig
from unity_bridge.server import Bridge

__all__ = ["Bridge", "BridgeConfig", "EngineClient"]
