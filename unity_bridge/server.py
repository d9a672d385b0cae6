"""Owns the loop of the sidecar: one thread that holds all sockets, keeps the time, ticks the world and publishes."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import zmq

from emotion_runtime.errors import EmotionRuntimeError, InputError
from emotion_runtime.outputs import TickResult
from emotion_runtime.saving import Restored
from protocol import ids, messages
from unity_bridge import translate
from unity_bridge.config import BridgeConfig
from unity_bridge.control import Control
from unity_bridge.faces import Wishes, read_wish
from unity_bridge.histogram import Histogram
from unity_bridge.incoming import Incoming
from unity_bridge.keeping import Keeper, Keeps, Kept
from unity_bridge.link import Link
from unity_bridge.outgoing import Outgoing, send
from unity_bridge.pace import Pace
from unity_bridge.registry import Registry, any_session
from unity_bridge.requests import Arguments, FaultError, served_file
from unity_bridge.sockets import Socket, Sockets
from unity_bridge.streaming import Stream
from unity_bridge.world import World

LONGEST_WAIT_S = 0.1
"""The loop looks at its stop flag at least this often: Ctrl-C does not wake a waiting socket on Windows."""
LEAST_PACED_RATE = 20.0
"""From this rate on the loop sleeps until the next tick and reads everything then: one wake-up a tick."""
STEP_BUDGET_S = 0.02
"""Ticks of one `step` are done for this long before the loop reads its sockets again."""
PAUSED_FRAME_S = 0.5
"""While the clock stands a frame is repeated this often, so that viewers tell paused from stale."""
FAREWELL_MS = 100


class Bridge:
    """Serves one world to many engines. Construct (binds), `run` (blocks), `close`. All but `stop` on one thread."""

    def __init__(
        self,
        world: World,
        config: BridgeConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        session: int | None = None,
        journal: Keeps | None = None,
    ) -> None:
        """Bind the sockets; raises UsageError when a port is in use. `clock` is monotonic, in seconds.

        `journal`: what is told of all that happens before anybody else hears of it.
        """
        self.config = config or BridgeConfig()
        self.session = session if session is not None else any_session()
        """Random per start and restore, below 2**53 so that any engine's numbers can hold it."""
        self._world = world
        self._clock = clock
        self._sockets = Sockets(self.config)
        self._poller = zmq.Poller()
        for socket in (self._sockets.zap, self._sockets.link, self._sockets.control, self._sockets.stream):
            self._poller.register(socket, zmq.POLLIN)
        self.counts: Counter[str] = Counter()
        """Frames published, frames not taken by a connection, frames that are no message of ours."""
        self._outgoing = Outgoing(self._sockets.link, self._sockets.control, self.counts, self.config.link_silence)
        self._registry = Registry(self.session, world.characters, self.config)
        self._link = Link(
            world,
            self._registry,
            self.config,
            snapshot=self._snapshot,
            alive=self._outgoing.probe,
            endpoints=self._sockets.endpoints(),
        )
        self._control = Control(self, self.config.max_control_bytes)
        self._wishes = Wishes()
        self._stream = Stream(self._sockets.stream)
        takes = (self._link.receive, self._control.receive, self._wishes.subscription)
        self._incoming = Incoming(self._sockets, self.config, self.counts, *takes)
        self._keeper = Keeper(journal, self._registry, self._control) if journal is not None else None
        self._started = clock()
        self._pace = Pace(world.rate, self._started)
        self._paused = False
        self._stood = False
        self._digest = b""
        self._published = -math.inf
        self._step_seconds = 0.0
        self._ending = threading.Event()
        self._closed = False
        self.on_frame: Callable[[bytes], None] | None = None
        """Called with each frame of the stream, in the thread of `run`: for a viewer in this process."""
        self.tick_times = Histogram()
        self.bridge_times = Histogram()
        self.lateness = Histogram()
        """Seconds from the moment a tick was due to the moment it began."""

    # The view requests have of the bridge (unity_bridge.requests.House).
    @property
    def tick(self) -> int:
        """Ticks done."""
        return self._world.tick

    @property
    def stands(self) -> bool:
        """True while no tick comes by itself: paused, or in lock-step."""
        return self._paused or self.config.lockstep or bool(self._registry.lockstep())

    def pause(self, paused: bool) -> None:
        """Stop or start the clock; viewers are told at once."""
        if paused != self._paused:
            self._paused = paused
            self._publish(self._clock())

    def observed(self, client: str) -> int:
        """Highest observation batch taken from an engine; 0 when it is unknown."""
        session = self._registry.named(client)
        return session.inbox.received if session else 0

    def room(self) -> bool:
        """True when every lock-step engine can be told of one more tick and its commands."""
        # A tick brings one state, at most one command message, and perceptions and notices now and then.
        return all(s.outbox.room > min(64, self.config.window // 2) for s in self._registry.lockstep())

    def advance(self, dt: float | None) -> bytes:
        """Do one tick, waiting for perceptions; `dt` seconds or the scene's own. Returns the digest."""
        return self._tick(dt or 1.0 / self._world.rate, wait=True).digest

    def why(self, character: str) -> dict[str, Any] | None:
        """Causes of a character's state; None when there is no such character."""
        return dict(self._world.why(character)) if character in self._world.characters else None

    def own(self, characters: tuple[str, ...], engine: str) -> None:
        """Hand characters over to an engine, or to nobody. Raises FaultError; then nothing has changed."""
        try:
            self._link.own(characters, engine)
        except InputError as error:
            raise FaultError(error.code, error.message, where="$.args", remedy=error.remedy) from None

    def reload(self, path: str) -> None:
        """Go on in a scene of the served scene's folder. Raises FaultError; then nothing has changed."""
        try:
            self._world.reload(served_file(self._world.scene_path, path))
        except EmotionRuntimeError as error:
            report = getattr(error, "report", "") or error.message
            raise FaultError("bad_value", report, where="$.args.path", remedy=error.remedy) from None
        self._link.reloaded()
        self._publish(self._clock())

    def save(self) -> bytes:
        """The whole state. Raises FaultError."""
        try:
            return self._world.save()
        except EmotionRuntimeError as error:
            raise FaultError("bad_save", error.message, remedy=error.remedy) from None

    def restore(self, data: bytes) -> Restored:
        """Go on from a saved state. For engines it is a new world, as after a new start. Raises FaultError."""
        try:
            restored = self._world.restore(data, sources=False)
        except EmotionRuntimeError as error:
            code = error.code if error.code in ids.ERROR_CODES else "bad_save"
            raise FaultError(code, error.message, where="$.args.data", remedy=error.remedy) from None
        self._renew("restored")
        return restored

    def subscribe_faces(self, arguments: Arguments) -> dict[str, Any]:
        """Take a wish for faces; returns its topic and its columns. Raises FaultError."""
        return self._wishes.ask(read_wish(arguments), self._world, self._clock())

    def shutdown(self) -> None:
        """End soon; the reply still goes out."""
        self._ending.set()

    def status(self) -> dict[str, Any]:
        """Everything countable, as plain values."""
        return {
            "scene": self._world.scene_name,
            "tick": self._world.tick,
            "time": self._world.time,
            "rate": self._world.rate,
            "paused": self._paused,
            "stands": self.stands,
            "uptime": round(self._clock() - self._started, 3),
            "tick_ms": self.tick_times.summary_ms(),
            "bridge_ms": self.bridge_times.summary_ms(),
            "late_ms": self.lateness.summary_ms(),
            "deadlines_missed": self._pace.missed,
            "engines": [s.report() for s in self._registry],
            "sessions": dict(self._registry.counts),
            "link": dict(self._link.counts),
            "control": dict(self._control.counts),
            "sockets": dict(self.counts),
            "connections": {"open": len(self._incoming.guard), **self._incoming.guard.counts},
            "access": {"mechanism": self.config.access.mechanism, **self.config.access.counts},
            "faces": {"wishes": len(self._wishes), **self._wishes.counts},
            "world": dict(self._world.health()),
        }

    # The life of the bridge.
    def endpoints(self) -> tuple[str, str, str]:
        """Addresses of stream, link and control."""
        return self._sockets.endpoints()

    def ports(self) -> tuple[int, int, int]:
        """Port numbers of stream, link and control."""
        return self._sockets.ports()

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Serve until `stop`, a shutdown request, `until()` or Ctrl-C (KeyboardInterrupt passes on)."""
        self._pace.restart(self._clock())
        if self._keeper is not None:
            self._keeper.begin(self._paused)
        try:
            while not (self._ending.is_set() or until()):
                self._turn()
        finally:
            self._farewell()

    def stop(self) -> None:
        """End `run` within a tenth of a second; may be called from any thread, and from a signal handler."""
        self._ending.set()

    def close(self) -> None:
        """Unbind. The world is not closed: it belongs to the caller."""
        if not self._closed:
            self._closed = True
            self._incoming.close()
            self._sockets.close(FAREWELL_MS)

    def __enter__(self) -> Bridge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The loop.
    def _turn(self) -> None:
        ready = self._wait()
        began = self._clock()
        self._incoming.drain(ready, began)
        self._control.advance(began, self._clock, STEP_BUDGET_S)
        ticked = self._keep_time(began)
        self._link.sweep(began)
        self._flush(began)
        if ticked is not None:
            self.bridge_times.add(self._clock() - began - ticked)

    def _keep_time(self, now: float) -> float | None:
        """Tick if it is time to; returns how long the world took for it, or None."""
        if self.stands:
            self._stood = True
            if now - self._published >= PAUSED_FRAME_S:
                self._publish(now, stands=True)
            return None
        if self._stood:
            self._stood = False
            self._pace.restart(now)
        due = self._pace.deadline
        if not self._pace.due(now):
            return None
        self.lateness.add(now - due)
        self._tick(self._pace.period, wait=False)
        return self._step_seconds

    def _wait(self) -> list[Socket]:
        """Sleep until there is something to do; returns the sockets with something to read."""
        now = self._clock()
        if self.stands:
            wait = 0.0 if self._control.ready() else min(LONGEST_WAIT_S, self._control.deadline() - now)
        else:
            wait = min(LONGEST_WAIT_S, self._pace.deadline - now)
            if self._world.rate >= LEAST_PACED_RATE:
                if wait > 0:
                    # Not a wait on an event or a socket: those count in steps of 16 ms on Windows.
                    time.sleep(wait)
                wait = 0.0
        return [socket for socket, _ in self._poller.poll(max(0, math.ceil(wait * 1000)))]

    def _tick(self, dt: float, *, wait: bool) -> TickResult:
        began = self._clock()
        result = self._world.step(dt, wait=wait)
        now = self._clock()
        self._step_seconds = now - began
        self.tick_times.add(self._step_seconds)
        self._digest = result.digest
        self._publish(now, result=result)
        if wait:
            self._flush(now)
        return result

    def _publish(self, now: float, *, stands: bool = False, result: TickResult | None = None) -> None:
        """Send the state to whoever watches; the `result` of a tick to its engines first, so both are kept together."""
        self._published = now
        shown, paused = (self._world, self.session, self._digest), self._paused or stands
        if result is not None:
            told = any(session.lockstep for session in self._registry)
            self._link.deliver(result, translate.tick(*shown, paused=paused, sent=now) if told else None)
        self._commit()
        frame = self._stream.frame(*shown, paused=paused, sent=now)
        self.counts["frames_published" if self._stream.send(frame) == "sent" else "frames_dropped"] += 1
        if self.on_frame is not None:
            self.on_frame(bytes(frame))
        for faces in self._wishes.frames(self._world, self.session, now):
            self.counts[f"faces_{send(self._sockets.stream, [faces])}"] += 1

    def _snapshot(self) -> messages.Snapshot:
        return translate.snapshot(self._world, self.session, self._digest, paused=self._paused, sent=self._clock())

    def _flush(self, now: float) -> None:
        self._commit()
        self._outgoing.flush(self._link, self._control, self._registry, now)

    def _commit(self) -> None:
        """Nothing leaves before it is in the journal; where that fails, engines begin anew."""
        if self._keeper is not None and self._keeper.commit(self._paused):
            self._keeper = None
            self._renew("journal_stopped")

    def adopt(self, kept: Kept, digest: bytes) -> None:
        """Go on with the sessions of a sidecar that was killed at `digest`. To be called before `run`."""
        self.session = self._registry.session = kept.session
        self._paused, self._digest = kept.paused, digest
        kept.adopt(self._registry, self._control, self.config, self._clock(), digest)
        self._link.adopted()

    def _renew(self, reason: str) -> None:
        """From now on this is another world to all engines."""
        self.session = any_session()
        self._link.restarted(self.session, reason)
        self._digest = b""
        self._publish(self._clock())

    def _farewell(self) -> None:
        self._flush(self._clock())
        self._link.farewell()
        self._flush(self._clock())
        # A connection that closes takes unread words with it: wait for those who answer the goodbye.
        until = self._clock() + FAREWELL_MS / 1000
        while self._registry.attached() and (now := self._clock()) < until:
            ready = [socket for socket, _ in self._poller.poll(max(1, int((until - now) * 1000)))]
            self._incoming.drain(ready, now)
