"""Owns the exception tree of the bridge and its Python client.

EmotionRuntimeError (emotion_runtime.errors)
  x BridgeError                anything the client raises
    + RefusedError             the sidecar does not accept this engine; the code says why
    + ConnectTimeoutError      no sidecar answered in time
    + RequestFailedError       the sidecar answered a request with a fault
    + RequestTimeoutError      no answer to a request, after all retries
    + ObservationOverflowError more events are waiting than may wait; the newest was not taken
"""

from __future__ import annotations

from emotion_runtime.errors import EmotionRuntimeError


class BridgeError(EmotionRuntimeError):
    """Base of all errors of the engine client."""


class RefusedError(BridgeError):
    """The sidecar refused the hello; `code` is one of the wire's codes."""


class ConnectTimeoutError(BridgeError):
    """No sidecar welcomed this client in time."""


class RequestFailedError(BridgeError):
    """A request was answered with a fault; `code`, `message` and `remedy` are the sidecar's."""


class RequestTimeoutError(BridgeError):
    """A request was not answered, after all retries."""


class ObservationOverflowError(BridgeError):
    """Too many events wait for the sidecar's credit; the one just given was not taken."""
