"""Owns what of the bridge outlives a kill: sessions with what they owe their engines, steps under way, kept replies."""

from __future__ import annotations

from typing import Annotated, Final, Protocol, TypeAlias

import msgspec
from msgspec import Meta

from protocol import codec
from protocol.messages import Notice, Perception, Roster, Variables
from unity_bridge.access.roles import Role
from unity_bridge.behind import State
from unity_bridge.config import BridgeConfig
from unity_bridge.control import Control, StepJob
from unity_bridge.registry import Registry
from unity_bridge.session import Session

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Keeps(Protocol):
    """What a journal is to the bridge; `emotion_runtime.journal.Journal` is one."""

    @property
    def is_due(self) -> bool:
        """Whether it is time to begin anew with the whole state."""
        ...

    @property
    def trouble(self) -> str:
        """Why nothing more is kept; '' while all is well."""
        ...

    def commit(self, bridge: bytes) -> None:
        """Keep what happened since the last time, and these changes (empty: none)."""
        ...

    def begin(self, bridge: bytes) -> None:
        """Keep the whole state, and this of the bridge."""
        ...


class Who(msgspec.Struct, array_like=True, frozen=True):
    """What does not change of a session, but for its characters."""

    number: Count
    client: str
    owns: tuple[str, ...]
    takes_all: bool
    lockstep: bool
    role: Role
    capabilities: tuple[str, ...]


class Owed(msgspec.Struct, array_like=True, frozen=True):
    """What moved in a session: its numbers, frames it was told since, and what waits for room (None: as before)."""

    number: Count
    acked: Count
    received: Count
    frames: tuple[bytes, ...]
    behind: tuple[bytes, ...] | None


class Step(msgspec.Struct, array_like=True, frozen=True):
    """A `step` under way."""

    client: str
    id: Count
    remaining: Count
    done: Count
    after: dict[str, int]
    dt: float | None
    timeout: float


class Changes(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changed since the last time; in the first of a segment, everything. None: as before."""

    session: Count | None = None
    numbers: Count | None = None
    paused: bool | None = None
    sessions: tuple[Who, ...] | None = None
    owed: tuple[Owed, ...] = ()
    steps: tuple[Step, ...] | None = None
    replies: tuple[tuple[str, Count, bytes], ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Changes)
_NOTHING = Changes()


class Keeper:
    """Tells a journal what changed in the bridge, before anything leaves."""

    def __init__(self, journal: Keeps, registry: Registry, control: Control) -> None:
        self._journal = journal
        self._registry = registry
        self._control = control
        control.log = []
        self._given: list[tuple[str, int, bytes]] = []
        self._forget()

    def begin(self, paused: bool) -> None:
        """A segment with everything."""
        self._forget()
        changes = self._changes(paused)
        self._journal.begin(_ENCODER.encode(msgspec.structs.replace(changes, replies=tuple(self._given))))

    def commit(self, paused: bool) -> str:
        """Everything since the last time; begins a new segment when it is time to. Returns the journal's trouble."""
        changes = self._changes(paused)
        self._journal.commit(b"" if changes == _NOTHING else _ENCODER.encode(changes))
        if self._journal.is_due:
            self.begin(paused)
        return self._journal.trouble

    def _forget(self) -> None:
        self._session = self._numbers = -1
        self._paused: bool | None = None
        self._who: list[tuple[Session, tuple[str, ...]]] | None = None
        self._owed: dict[int, tuple[int, int, int, int]] = {}
        self._steps: tuple[Step, ...] = ()

    def _changes(self, paused: bool) -> Changes:
        registry, control = self._registry, self._control
        session = registry.session if registry.session != self._session else None
        numbers = registry.numbers if registry.numbers != self._numbers else None
        self._session, self._numbers = registry.session, registry.numbers
        paused_now = paused if paused != self._paused else None
        self._paused = paused
        here = [(each, each.owns) for each in registry]
        before = self._who
        same = before is not None and len(before) == len(here)
        same = same and all(a is c and b is d for (a, b), (c, d) in zip(here, before or (), strict=False))
        self._who = here
        steps = tuple(_step(job) for job in control.steps)
        steps_now = steps if steps != self._steps or before is None else None
        self._steps = steps
        replies = tuple(control.given())
        self._given = [*self._given, *replies][-MOST_REPLIES:] if replies else self._given
        return Changes(
            session=session,
            numbers=numbers,
            paused=paused_now,
            sessions=None if same else tuple(_who(each) for each, _ in here),
            owed=tuple(owed for each, _ in here if (owed := self._owing(each)) is not None),
            steps=steps_now,
            replies=replies,
        )

    def _owing(self, session: Session) -> Owed | None:
        outbox = session.outbox
        now = outbox.acked, session.inbox.received, outbox.last, session.behind.version
        known = self._owed.get(session.number)
        if known == now:
            return None
        self._owed[session.number] = now
        frames = tuple(outbox.since(known[2] if known is not None else outbox.acked))
        behind = None
        if known is None or known[3] != now[3]:
            behind = tuple(codec.encode(_numbered(message)) for message in session.behind.waiting())
        return Owed(session.number, outbox.acked, session.inbox.received, frames, behind)


class Kept:
    """The bridge as a journal left it: folded from the beginning of a segment and all changes since."""

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        """Raises ValueError for bytes that are no changes of a bridge."""
        self.session = 0
        self.numbers = 0
        self.paused = False
        self.steps: tuple[Step, ...] = ()
        self.replies: dict[tuple[str, int], bytes] = {}
        self._who: dict[int, Who] = {}
        self._owed: dict[int, Owed] = {}
        for part in parts:
            if part:
                try:
                    self._fold(_DECODER.decode(part))
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    raise ValueError(f"the state of the bridge cannot be understood: {error}") from error

    def adopt(self, registry: Registry, control: Control, config: BridgeConfig, now: float, digest: bytes) -> None:
        """Go on with these sessions: their engines are away, and may come back."""
        sessions = []
        for number, who in self._who.items():
            session = Session(
                number,
                who.client,
                who.owns,
                lockstep=who.lockstep,
                takes_all=who.takes_all,
                window=config.window,
                credit=config.credit,
                role=who.role,
                capabilities=frozenset(who.capabilities),
            )
            session.detached_at = now
            owed = self._owed.get(number)
            if owed is not None:
                session.outbox.restore(owed.acked, owed.frames)
                session.inbox.received = owed.received
                for frame in owed.behind or ():
                    message = codec.decode(frame, allowed=(Variables, Roster, Notice, Perception))
                    if isinstance(message, Perception):
                        session.behind.put_perception(message)
                    elif isinstance(message, Variables | Roster | Notice):
                        session.behind.put(message)
            sessions.append(session)
        registry.adopt(sessions, self.numbers)
        for step in self.steps:
            key, until = (step.client, step.id), now + step.timeout
            control.go_on(StepJob(key, (), step.remaining, step.after, step.dt, step.timeout, until, digest, step.done))
        for (client, number), frame in self.replies.items():
            control.keep((client, number), frame, now)

    def _fold(self, changes: Changes) -> None:
        self.session = changes.session if changes.session is not None else self.session
        self.numbers = changes.numbers if changes.numbers is not None else self.numbers
        self.paused = changes.paused if changes.paused is not None else self.paused
        self.steps = changes.steps if changes.steps is not None else self.steps
        if changes.sessions is not None:
            self._who = {each.number: each for each in changes.sessions}
            self._owed = {number: owed for number, owed in self._owed.items() if number in self._who}
        for client, number, frame in changes.replies:
            self.replies.pop((client, number), None)
            self.replies[client, number] = frame
            if len(self.replies) > MOST_REPLIES:
                del self.replies[next(iter(self.replies))]
        for owed in changes.owed:
            before = self._owed.get(owed.number)
            frames = owed.frames
            if before is not None:
                frames = (*before.frames[owed.acked - before.acked :], *frames)
            behind = before.behind if before is not None and owed.behind is None else owed.behind
            self._owed[owed.number] = Owed(owed.number, owed.acked, owed.received, frames, behind)


MOST_REPLIES: Final = 64
"""Kept over a kill: an engine waits for one at a time."""


def _who(session: Session) -> Who:
    return Who(
        session.number,
        session.client,
        session.owns,
        session.takes_all,
        session.lockstep,
        session.role,
        tuple(sorted(session.capabilities)),
    )


def _numbered(message: State | Perception) -> State | Perception:
    """With a number that can be read again; it gets its own when it is sent."""
    return msgspec.structs.replace(message, seq=1) if isinstance(message, Perception) else message


def _step(job: StepJob) -> Step:
    client, number = job.key
    return Step(client, number, job.remaining, job.done, dict(job.after), job.dt, job.timeout)
