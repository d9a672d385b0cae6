"""Owns the Python engine client: sockets around `ClientSession`, blocking only where a timeout is given, no threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeAlias

from protocol import ids, messages
from protocol.errors import ProtocolError
from protocol.views import TickView
from unity_bridge.access.credentials import Credentials
from unity_bridge.access.roles import Role
from unity_bridge.asking import Asking
from unity_bridge.client_session import ClientSession
from unity_bridge.client_sockets import ClientSockets
from unity_bridge.errors import ConnectTimeoutError, RefusedError
from unity_bridge.frames import Frames
from unity_bridge.handlers import Handlers, Update
from unity_bridge.telling import Telling, require_sendable
from unity_bridge.trouble import START_REMEDY, Trouble

State: TypeAlias = Literal["connecting", "live", "paused", "stale", "lost", "refused"]

STALE_S = 0.25
SILENT_S = ids.HEARTBEAT_TIMEOUT_MS / 1000
CONNECTING_S = 0.05
"""Between tries to say hello while there is no connection; a new one wakes the client anyway."""
ASK_AGAIN_S = 1.0
"""Between hellos while our name is taken: by a game that crashed, or one that has just ended. It will be free soon."""


class EngineClient(Telling, Asking, Handlers):
    """A game engine's end of the bridge. Make one with `connect`; use it in one thread; call `poll` every frame."""

    def __init__(
        self,
        endpoints: tuple[str, str, str],
        name: str,
        *,
        owns: Iterable[str] | None = None,
        lockstep: bool = False,
        conflate: bool = True,
        clock: Callable[[], float] = time.monotonic,
        credentials: Credentials | None = None,
        remembered: bytes | None = None,
    ) -> None:
        self.frames = Frames()
        Telling.__init__(self)
        Asking.__init__(self)
        self.session = ClientSession(name, None if owns is None else tuple(owns), lockstep=lockstep)
        Handlers.__init__(self)
        self._clock = clock
        self._lockstep = lockstep
        self._endpoints = endpoints
        self._updates: list[Update] = []
        self._heard = clock()
        self._ask_again_at: float | None = None
        # In lock-step every tick comes over the link; the stream could only overtake it.
        self._sockets = ClientSockets(endpoints, conflate=conflate, watch=not lockstep, credentials=credentials)
        self._trouble: Trouble | None = None
        if remembered is not None:
            self._utterances = self.session.recall(remembered)
            if (snapshot := self.session.snapshot) is not None:
                self.frames.begin(snapshot.session, snapshot.roster, snapshot.state)

    @classmethod
    def connect(
        cls,
        host: str = ids.DEFAULT_HOST,
        port: int = ids.DEFAULT_PORT,
        *,
        endpoints: tuple[str, str, str] | None = None,
        name: str = "my-game",
        owns: Iterable[str] | None = None,
        lockstep: bool = False,
        conflate: bool = True,
        timeout: float = 5.0,
        token: str | None = None,
        token_file: str | Path | None = None,
        curve: str | Path | None = None,
        role: Role = "engine",
        remembered: bytes | None = None,
    ) -> EngineClient:
        """Connect and wait for the snapshot.

        `endpoints` (stream, link, control) wins over `host` and `port`. `owns` None: all characters nobody owns.
        `conflate` False: every frame is delivered, not just the latest. `token_file` is the file of `serve
        --token-file`, out of which `role` takes its token; `curve` is the file that `keygen` made for this client.
        `remembered`: what `remember` gave before this engine was restarted, or b"" at its first start.
        Raises RefusedError, ConnectTimeoutError (`not_started`, `wrong_port`, `timeout`), or UsageError for a file.
        """
        credentials = Credentials(role=role, token=token, token_file=token_file, curve=curve)
        row = endpoints or (f"tcp://{host}:{port}", f"tcp://{host}:{port + 1}", f"tcp://{host}:{port + 2}")
        client = cls(
            row, name, owns=owns, lockstep=lockstep, conflate=conflate, credentials=credentials, remembered=remembered
        )
        try:
            client.wait_live(timeout)
        except BaseException:
            client.close()
            raise
        return client

    def wait_live(self, timeout: float = 5.0) -> None:
        """Wait until welcomed and whole. Raises RefusedError or ConnectTimeoutError.

        While an engine of our name is connected it is asked again each second until `timeout`.
        """
        self._pump(timeout, lambda: self._live() or (self.session.state == "refused" and not self._name_is_taken()))
        refusal = self.session.refusal
        if refusal is not None:
            raise RefusedError(refusal.code, refusal.message, refusal.remedy)
        if not self._live():
            what = f"no answer from {self._endpoints[1]} in {timeout:g} s ({self.session.reason})"
            trouble = self._trouble or Trouble("timeout", "", START_REMEDY)
            raise ConnectTimeoutError(trouble.code, what, trouble.remedy)

    def close(self) -> None:
        """Say goodbye and close everything; safe to call twice."""
        if self._sockets.closed:
            return
        if self.session.state == "live":
            self._sockets.send(self.session.goodbye())
        self._sockets.close()

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What is known.
    @property
    def roster(self) -> messages.Roster:
        """Characters, labels and actions. Raises ConnectTimeoutError before the first snapshot."""
        return self.snapshot.roster

    @property
    def snapshot(self) -> messages.Snapshot:
        """The snapshot this client started from."""
        if self.session.snapshot is None:
            raise ConnectTimeoutError("not_welcome", "there is no snapshot yet", "wait_live() first")
        return self.session.snapshot

    @property
    def owns(self) -> tuple[str, ...]:
        """Characters whose commands come to this client."""
        return self.session.owns

    @property
    def variables(self) -> dict[str, float]:
        """The scene's variables as of the snapshot and what rules have set since; what engines set is not told."""
        return self.snapshot.variables

    @property
    def latest(self) -> TickView | None:
        """The newest state: arrays with a row per character. None before the snapshot."""
        return self.frames.latest

    @property
    def state(self) -> State:
        """How things stand, as of the last `poll`; `reason` says why in words."""
        return self._state()[0]

    @property
    def reason(self) -> str:
        """Why `state` is what it is; empty when all is well."""
        return self._state()[1]

    # What goes and comes.
    def flush(self) -> int:
        """Send what waits as one batch, if the sidecar's credit allows; returns how many observations it holds."""
        count = self.session.flush()
        self._send_all()
        return count

    def poll(self, timeout: float = 0.0) -> list[Update]:
        """Send what waits, then return what came, waiting at most `timeout` seconds for something.

        Calls the `on_...` function of each update too, where there is one.
        """
        self._pump(timeout, lambda: bool(self._updates))
        updates, self._updates = self._updates, []
        self.session.hand_over()
        for update in updates:
            self._dispatch(update)
        return updates

    def step(self, n: int = 1, *, dt: float | None = None, patience: float = 10.0) -> messages.Reply:
        """Send what waits and have the sidecar do `n` ticks (lock-step or paused); their updates wait in `poll`.

        The reply's `result["digest"]` is the state after the last one, in hex. Raises as `request` does.
        """
        self.flush()
        args: dict[str, Any] = {"n": n, "after": {self.session.client: self.session.outbox.last}}
        if dt is not None:
            args["dt"] = dt
        reply = self.request("step", patience=patience, **args)
        if self._lockstep:
            self._pump(patience, lambda: self.latest is not None and self.latest.tick >= reply.tick)
        return reply

    def remember(self) -> bytes:
        """Return what this engine needs to go on after a restart of its own, as if it had only been away.

        For an engine connected with `remembered`. Store it together with what you did with the updates of `poll`, in
        one write, once a frame: nothing is sent or confirmed that is not in it, so nothing is lost or done twice.
        """
        return self.session.remember(self._utterances)

    def reconnect(self) -> None:
        """Drop the connection without a word and come back over a new one; nothing is lost by it."""
        self._sockets.renew_link()
        self.session.lost("reconnecting")

    # Inside.
    def _tell(self, observation: messages.Observation) -> None:
        require_sendable(observation)
        self.session.queue.put(observation)

    def _epoch(self) -> int:
        return self.roster.epoch

    def _live(self) -> bool:
        return self.session.state == "live" and self.session.snapshot is not None

    def _state(self) -> tuple[State, str]:
        session, now = self.session, self._clock()
        if session.state == "refused":
            return "refused", session.reason
        if session.state == "connecting" or session.snapshot is None:
            return ("lost" if session.snapshot else "connecting"), session.reason
        if now - self._heard > SILENT_S:
            return "lost", f"nothing was heard for {now - self._heard:.1f} s"
        if self.latest is not None and self.latest.paused:
            return "paused", "the sidecar's clock stands"
        if not self._lockstep and now - self.frames.heard > STALE_S:
            return "stale", f"no frame came for {now - self.frames.heard:.2f} s"
        return "live", ""

    def _name_is_taken(self) -> bool:
        refusal = self.session.refusal
        return refusal is not None and refusal.code == "already_connected"

    def _ask_again(self, now: float) -> None:
        if not self._name_is_taken():
            self._ask_again_at = None
        elif self._ask_again_at is None:
            self._ask_again_at = now + ASK_AGAIN_S
        elif now >= self._ask_again_at:
            self._ask_again_at = None
            self.session.try_again()

    def _pump(self, timeout: float, done: Callable[[], bool]) -> None:
        """Send and receive until `done()` or `timeout` seconds have passed."""
        deadline = self._clock() + timeout
        while True:
            self._receive_all()
            self._ask_for_faces()
            self.session.flush()
            self._ask_again(self._clock())
            self._send_all()
            now = self._clock()
            if done() or now >= deadline:
                return
            due = self.session.due_at() if self.session.state == "live" else now + CONNECTING_S
            self._sockets.wait(min(deadline, max(due, now)) - now)

    def _send_all(self) -> None:
        now = self._clock()
        while (frame := self.session.next_frame(now)) is not None:
            if not self._sockets.send(frame):
                return
            self.session.frame_sent(now)

    def _receive_all(self) -> None:
        now = self._clock()
        for stands in self._sockets.changes():
            self._trouble = stands if isinstance(stands, Trouble) else None
            if stands is True:
                self.session.connected()
            elif stands is False:
                self.session.lost("the connection was lost")
            elif not stands.final:
                self.session.lost(stands.message)
            elif not self._sockets.renew_credentials():
                self.session.refuse(stands.code, stands.message, stands.remedy)
        for frame in self._sockets.link_frames():
            self._heard = now
            self._take(frame, now)
        for frame in self._sockets.stream_frames():
            view = self.frames.take(frame, now)
            if view is not None:
                self._updates.append(view)

        self._updates.extend(self._answers())

    def _take(self, frame: bytes, now: float) -> None:
        for update in self.session.receive(frame):
            try:
                if isinstance(update, messages.Snapshot):
                    self.frames.begin(update.session, update.roster, update.state)
                    self.frames.heard = now
                if isinstance(update, messages.Roster):
                    self.frames.renew(update)
                if isinstance(update, messages.Tick):
                    view = self.frames.take_tick(update, now)
                    if view is not None:
                        self._updates.append(view)
                elif isinstance(update, messages.Command):
                    self._updates.extend(update.commands)
                else:
                    self._updates.append(update)
            except ProtocolError as error:
                self.session.counts[error.code] += 1
