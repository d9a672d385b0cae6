"""Owns requests: which there are, what they need, and that a repeated one gets the same reply without being redone."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from protocol import codec, ids, messages
from protocol.errors import BadValueError, ProtocolError
from unity_bridge.access.roles import Role, may, needed
from unity_bridge.requests import HANDLERS, Arguments, FaultError, House

KEPT_S = 60.0
"""How long a reply is kept for the retries of its request."""
KEPT_REPLIES = 1024
CHANGING = ("own", "reload", "restore", "pause", "resume")
"""Besides `step`: requests that would change something if they were done twice."""
KEPT_BYTES = 16 * 1024 * 1024
"""Of all kept replies together: a saved state may have 4 MiB."""
WAITING_STEPS = 16
STEP_TIMEOUT_S = 5.0
MAX_STEP_TIMEOUT_S = 600.0
MAX_STEPS = 1_000_000
MAX_DT_S = 1.0


@dataclass(slots=True)
class StepJob:
    """A `step` under way: ticks are done when the observations it waits for are there and engines keep up."""

    key: tuple[str, int]
    route: tuple[bytes, ...]
    remaining: int
    after: dict[str, int]
    dt: float | None
    timeout: float
    deadline: float = 0.0
    digest: bytes = b""
    done: int = 0


@dataclass(slots=True)
class _Kept:
    reply: bytes
    until: float


@dataclass(slots=True)
class Control:
    """The request table. Replies wait in `replies` as (envelope, frame) for whoever owns the socket."""

    house: House
    limit: int
    replies: deque[tuple[tuple[bytes, ...], bytes]] = field(default_factory=deque)
    counts: Counter[str] = field(default_factory=Counter)
    """Requests by operation, repeated ones, and faults by code."""
    _kept: OrderedDict[tuple[str, int], _Kept] = field(default_factory=OrderedDict)
    _kept_bytes: int = 0
    log: list[tuple[str, int]] | None = None
    """Where there is a journal: whose replies to requests that change something were given since it was looked at."""
    _steps: deque[StepJob] = field(default_factory=deque)

    def receive(self, envelope: tuple[bytes, ...], payload: bytes, now: float, role: Role = "editor") -> None:
        """Take one request of a peer of `role`; `envelope` is in front of it, and goes back in front of the reply."""
        try:
            request = codec.decode(payload, limit=self.limit, allowed=(messages.Request,))
        except ProtocolError as error:
            self.counts[error.code] += 1
            fault = messages.Fault(
                code=error.code, message=error.message[:1000], where=error.where[:1000], remedy=error.remedy
            )
            self._answer(envelope, codec.encode(messages.Reply(id=0, tick=self.house.tick, error=fault)))
            return
        assert isinstance(request, messages.Request)
        # with the role in it: nobody is given a reply that another role asked for
        key = (f"{role} {request.client}", request.id)
        self._forget(now)
        kept = self._kept.get(key)
        waiting = next((job for job in self._steps if job.key == key), None)
        if kept is not None:
            self.counts["repeated"] += 1
            self._answer(envelope, kept.reply)
        elif waiting is not None:
            self.counts["repeated"] += 1
            waiting.route = envelope
        else:
            self._begin(request, key, envelope, now, role)

    def ready(self) -> bool:
        """True when a step under way can go on at once."""
        return bool(self._steps) and self._ready(self._steps[0])

    def deadline(self) -> float:
        """Clock reading at which the step under way gives up; infinite when there is none."""
        return self._steps[0].deadline if self._steps else math.inf

    def advance(self, now: float, clock: Callable[[], float], budget: float) -> None:
        """Go on with the step under way, for at most about `budget` seconds."""
        until = now + budget
        while self._steps:
            job = self._steps[0]
            if not self._ready(job):
                if clock() < job.deadline:
                    return
                self._finish(job, now, _late(job, self.house.observed))
                continue
            if job.remaining:
                # before the tick, which a journal keeps together with what is left to do
                job.remaining -= 1
                job.done += 1
                job.digest = self.house.advance(job.dt)
            job.deadline = clock() + job.timeout
            if not job.remaining:
                self._finish(job, now, None)
            if clock() >= until:
                return

    def _ready(self, job: StepJob) -> bool:
        if not self.house.room():
            return False
        if job.after and all(self.house.observed(client) >= seq for client, seq in job.after.items()):
            job.after = {}
        return not job.after

    def _finish(self, job: StepJob, now: float, fault: messages.Fault | None) -> None:
        self._steps.remove(job)
        if self._steps:
            self._steps[0].deadline = now + self._steps[0].timeout
        result = {"ticks": job.done, "digest": job.digest.hex()}
        self._reply(job.key, job.route, result, fault, now)
        self._note(job.key)

    def _begin(
        self, request: messages.Request, key: tuple[str, int], envelope: tuple[bytes, ...], now: float, role: Role
    ) -> None:
        handler = HANDLERS.get(request.op)
        try:
            if handler is None and request.op != "step":
                known = ", ".join(ids.OPERATIONS)
                raise FaultError(
                    "unknown_operation", f"no request is called {request.op!r}", remedy=f"use one of {known}"
                )
            if not may(role, request.op):
                what = f"the role {role} may not ask for `{request.op}`"
                raise FaultError(
                    "not_allowed", what, where="$.op", remedy=f"use the token or key of an {needed(request.op)}"
                )
            self.counts[request.op] += 1
            if request.op == "step":
                self._queue_step(request, key, envelope, now)
                return
            assert handler is not None
            result = handler(self.house, Arguments(request.args))
        except FaultError as error:
            self._reply(key, envelope, {}, error.fault, now)
        else:
            self._reply(key, envelope, result, None, now)
            if request.op in CHANGING:
                self._note(key)

    @property
    def steps(self) -> tuple[StepJob, ...]:
        """Steps under way and waiting."""
        return tuple(self._steps)

    def given(self) -> list[tuple[str, int, bytes]]:
        """Take out the log: client, number and reply."""
        given = [(*key, self._kept[key].reply) for key in self.log or () if key in self._kept]
        if self.log is not None:
            self.log.clear()
        return given

    def go_on(self, job: StepJob) -> None:
        """A step that was under way in a sidecar that was killed."""
        self._steps.append(job)

    def keep(self, key: tuple[str, int], frame: bytes, now: float) -> None:
        """A reply for whoever repeats its request."""
        self._kept[key] = _Kept(frame, now + KEPT_S)
        self._kept_bytes += len(frame)

    def _note(self, key: tuple[str, int]) -> None:
        if self.log is not None:
            self.log.append(key)

    def _queue_step(
        self, request: messages.Request, key: tuple[str, int], envelope: tuple[bytes, ...], now: float
    ) -> None:
        arguments = Arguments(request.args)
        job = StepJob(
            key=key,
            route=envelope,
            remaining=arguments.integer("n", 1, 1, MAX_STEPS),
            after=arguments.counts("after"),
            dt=arguments.number("dt", None, 1e-6, MAX_DT_S),
            timeout=arguments.number("timeout", STEP_TIMEOUT_S, 0.0, MAX_STEP_TIMEOUT_S) or 0.0,
        )
        arguments.done()
        if not self.house.stands:
            raise FaultError(
                "bad_value", "the clock runs by itself", where="$.op", remedy="pause first, or use lock-step"
            )
        if len(self._steps) >= WAITING_STEPS:
            raise FaultError("timeout", f"{WAITING_STEPS} steps are waiting already", remedy="wait for their replies")
        job.deadline = now + job.timeout
        self._steps.append(job)

    def _reply(
        self,
        key: tuple[str, int],
        envelope: tuple[bytes, ...],
        result: dict[str, Any],
        fault: messages.Fault | None,
        now: float,
    ) -> None:
        if fault is not None:
            self.counts[fault.code] += 1
        tick = self.house.tick
        try:
            frame = codec.encode(messages.Reply(id=key[1], tick=tick, result=result, error=fault))
        except BadValueError as error:
            self.counts["internal"] += 1
            broken = messages.Fault(code="internal", message=f"the result cannot be sent: {error.message}"[:1000])
            frame = codec.encode(messages.Reply(id=key[1], tick=tick, error=broken))
        self.keep(key, frame, now)
        self._answer(envelope, frame)

    def _answer(self, envelope: tuple[bytes, ...], frame: bytes) -> None:
        if envelope:  # nobody waits for a step of a sidecar that was killed, until its request is repeated
            self.replies.append((envelope, frame))

    def _forget(self, now: float) -> None:
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if oldest.until > now and len(self._kept) < KEPT_REPLIES and self._kept_bytes <= KEPT_BYTES:
                return
            self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.reply)


def _late(job: StepJob, observed: Callable[[str], int]) -> messages.Fault:
    for client, seq in job.after.items():
        if observed(client) < seq:
            what = f"batch {seq} of engine {client!r} did not arrive ({observed(client)} did)"
            return messages.Fault(
                code="timeout", message=what[:1000], where="$.args.after", remedy="send it, then retry"
            )
    what = "a lock-step engine does not acknowledge its ticks"
    return messages.Fault(code="timeout", message=what, remedy="read the link while stepping")
