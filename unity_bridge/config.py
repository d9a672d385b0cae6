"""Owns where the sidecar listens and every limit and socket option of the bridge, each with its reason."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from emotion_runtime.errors import UsageError
from protocol import ids
from unity_bridge.access.zap import Access


def checked_host(host: str, access: Access) -> str:
    """Return `host` as a numeric address; raises UsageError for one that others reach, unless keys are asked for."""
    if host == "localhost":
        return ids.DEFAULT_HOST
    try:
        here: bool | None = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = None
    if here or (here is False and access.keys is not None):
        return host
    if access.keys is not None:
        raise UsageError("bad_host", f"{host!r} is no numeric address", "use one such as 192.168.1.4, or 0.0.0.0")
    raise UsageError(
        "not_loopback",
        f"on {host!r} any machine of the network could connect, unencrypted and without proof of who it is",
        f"emotion-runtime keygen keys; emotion-runtime serve SCENE --host {host or 'ADDRESS'} --curve keys",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeConfig:
    """Endpoints, limits and socket options. The defaults are what was measured to work; tests make some smaller."""

    host: str = ids.DEFAULT_HOST
    port: int = ids.DEFAULT_PORT
    """Stream here, link on the next port, control on the one after. 0: free ones, consecutive where possible."""

    access: Access = field(default_factory=Access)
    """Who may connect; by default everybody on this machine."""

    lockstep: bool = False
    """True: the clock never runs by itself, ticks come from `step` only. (A lock-step engine has the same effect
    for as long as it is connected.)"""

    max_sessions: int = ids.MAX_SESSIONS
    credit: int = ids.OBSERVATION_CREDIT
    window: int = ids.COMMAND_WINDOW
    resume_for: float = 60.0
    """Seconds a session waits for its engine to come back: a domain reload takes up to half of that."""

    drain: int = 256
    """Messages read from one socket before the loop looks at its clock again: a flood cannot stop the ticks."""
    notices_per_tick: int = 16
    """To one engine; the rest is counted and summed up in one more, so that faults cannot fill the window."""
    link_silence: float = ids.HEARTBEAT_INTERVAL_MS / 1000
    """Seconds without a frame to an engine after which an ack is sent: finds dead peers and shows we live."""

    stream_sndhwm: int = 64
    """Under 64 a PUB loses frames even in lock-step (readers return credit in batches); more only adds age."""
    stream_sndbuf: int = 256 * 1024
    """Kernel buffers hold stale frames for a stalled reader: keep them small."""
    link_sndhwm: int = 1024
    """Twice the command window: never the reason why a send waits."""
    link_rcvhwm: int = 256
    """More than the credit ever lets in; back-pressure for those who ignore it."""
    link_rcvbuf: int = 256 * 1024
    """What the kernel holds is counted as unread: the less, the sooner a message without an end is seen."""
    max_connections: int = ids.MAX_CONNECTIONS
    handshake_ms: int = 2000
    """A peer that connects and stays silent holds a slot for 30 s by default."""
    heartbeat_ms: int = ids.HEARTBEAT_INTERVAL_MS
    heartbeat_timeout_ms: int = ids.HEARTBEAT_TIMEOUT_MS
    max_subscription_bytes: int = ids.MAX_SUBSCRIPTION_BYTES
    """Only subscriptions come in on the stream."""
    max_link_bytes: int = ids.MAX_LINK_BYTES
    """libzmq has no limit of its own: four peers that announced 1 GiB took 200 MB before this was set."""
    max_control_bytes: int = ids.MAX_CONTROL_BYTES

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", checked_host(self.host, self.access))
        if not (self.port == 0 or 1 <= self.port <= 65533):
            raise UsageError(
                "bad_port",
                f"port {self.port} cannot be used: three ports in a row are needed",
                "choose one in 1..65533, or 0 for free ones",
            )

    def endpoint(self, port: int | str) -> str:
        """ZeroMQ address of a port on the configured host."""
        return f"tcp://[{self.host}]:{port}" if ":" in self.host else f"tcp://{self.host}:{port}"
