"""Owns why a client's connection does not come about, in words: what libzmq tells of a handshake, and what to do."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Literal, TypeAlias

import zmq

Mechanism: TypeAlias = Literal["NULL", "PLAIN", "CURVE"]

EVENTS = (
    zmq.EVENT_CONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_DISCONNECTED
)
MECHANISM_MISMATCH = zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
PORT_REMEDY = "use the port that the sidecar's first line of output tells; the link is the next one"
START_REMEDY = "start the sidecar with `emotion-runtime serve SCENE`, and check the port"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of the likely faults; `timeout` is that of a sidecar that took the connection and says nothing."""

    code: Literal["not_started", "wrong_port", "wrong_token", "timeout"]
    message: str
    remedy: str

    @property
    def final(self) -> bool:
        """Whether trying again with the same credentials is in vain."""
        return self.code == "wrong_token"


class Listener:
    """Follows one connection's monitor events; `heard` says what each one means for its owner."""

    def __init__(self, endpoint: str, mechanism: Mechanism) -> None:
        self._where = endpoint
        self._mechanism = mechanism
        self._up = False
        self._told = False

    def heard(self, event: int, value: int) -> bool | Trouble | None:
        """True: a connection stands. False: it is lost. A Trouble: none came about, and why. None: nothing new."""
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._up = True
            return True
        if event == zmq.EVENT_DISCONNECTED and (self._up or self._told):
            lost, self._up = self._up, False
            return False if lost else None
        self._told = event != zmq.EVENT_CONNECTED
        if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return self._not_accepted(value)
        if event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL and value == MECHANISM_MISMATCH:
            return self._mismatch()
        if event == zmq.EVENT_CLOSED:
            return Trouble("not_started", f"nothing listens on {self._where}", START_REMEDY)
        if event == zmq.EVENT_CONNECTED:
            return Trouble("wrong_port", f"what listens on {self._where} says nothing", PORT_REMEDY)
        if event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL and value == errno.EPIPE and self._mechanism == "CURVE":
            what = f"what listens on {self._where} hung up: another program, or a sidecar with another key"
            return Trouble("wrong_port", what, f"{PORT_REMEDY}; the file of keys must come from that sidecar's folder")
        return Trouble("wrong_port", f"what listens on {self._where} is no sidecar's endpoint for this", PORT_REMEDY)

    def _not_accepted(self, status: int) -> Trouble:
        if self._mechanism == "CURVE":
            what, remedy = "key", "add this client with `emotion-runtime keygen`, and start the sidecar anew"
        else:
            what, remedy = "token", "use the token of this start: `serve --token-file` writes new ones at every start"
        return Trouble("wrong_token", f"the sidecar on {self._where} does not take our {what} ({status})", remedy)

    def _mismatch(self) -> Trouble:
        if self._mechanism == "NULL":
            what = f"the sidecar on {self._where} asks for a token or keys, and none are given"
            return Trouble(
                "wrong_token", what, "connect with token_file= (serve --token-file) or curve= (serve --curve)"
            )
        given = "a token" if self._mechanism == "PLAIN" else "keys"
        what = f"{given} given, but the sidecar on {self._where} was not started for that"
        return Trouble("wrong_token", what, "leave them out, or start it with --token-file or --curve")
