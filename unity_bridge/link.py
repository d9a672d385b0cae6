"""Owns the link without its socket: frames of engines in, observations to the world, answers out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from emotion_runtime.errors import InputError
from emotion_runtime.outputs import Start, Stop, TickResult
from protocol import codec, ids, messages
from protocol.digest import schema_digest
from protocol.errors import ProtocolError, UnknownMessageError
from unity_bridge import translate
from unity_bridge.access.roles import PLAY, Role, may, needed
from unity_bridge.config import BridgeConfig
from unity_bridge.parts import in_parts
from unity_bridge.registry import Registry
from unity_bridge.session import Session
from unity_bridge.world import World

_TAKEN = (messages.Hello, messages.Observations, messages.Ack, messages.Bye)
STRAY_ANSWERS = 256
"""Refusals that wait for connections without a session; more are counted and dropped."""


class Link:
    """Everything engines say and are told. Frames for connections without a session wait in `stray`."""

    def __init__(
        self,
        world: World,
        registry: Registry,
        config: BridgeConfig,
        *,
        snapshot: Callable[[], messages.Snapshot],
        alive: Callable[[bytes], bool],
        endpoints: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        self.counts: Counter[str] = Counter()
        """Frames refused, by error code, and what could not be delivered."""
        self.stray: deque[tuple[bytes, bytes]] = deque(maxlen=STRAY_ANSWERS)
        self._world = world
        self._registry = registry
        self._config = config
        self._snapshot = snapshot
        self._alive = alive
        self._endpoints = endpoints
        self._schema = schema_digest()
        self._package = package_version()
        self._see_roster()
        self._acting: dict[int, str] = {}
        self._handed: list[tuple[int, int, int]] = []

    def receive(self, route: bytes, payload: bytes, now: float, role: Role = "editor") -> None:
        """Take one frame of one connection of a peer of `role`. Whatever it holds, nothing is raised."""
        session = self._registry.of(route)
        try:
            message = codec.decode(payload, limit=self._config.max_link_bytes, allowed=_TAKEN)
        except ProtocolError as error:
            self._bad_frame(route, session, error)
            return
        if isinstance(message, messages.Hello):
            self._hello(route, message, now, role)
        elif session is None:
            self.counts["not_welcome"] += 1
            self._refuse(route, "not_welcome", "say hello first on this connection", "send a hello")
        else:
            session.heard = now
            self._heard(session, message)

    def _heard(self, session: Session, message: messages.AnyMessage) -> None:
        if isinstance(message, messages.Observations):
            self._ack(session, message.received)
            self._observations(session, message)
        elif isinstance(message, messages.Ack):
            self._ack(session, message.seq)
        elif isinstance(message, messages.Bye):
            self._registry.end(session, "bye")

    def _ack(self, session: Session, seq: int) -> None:
        if not session.ack(seq):
            self._fault(session, "bad_value", f"message {seq} was acknowledged but never sent")

    def _observations(self, session: Session, batch: messages.Observations) -> None:
        if not self._take(session, batch.seq):
            return
        if not may(session.role, PLAY):
            what = f"a {session.role} sends no observations; the token or key of an {needed(PLAY)} does"
            self._fault(session, "not_allowed", what, batch=batch.seq)
            return
        for item, observation in enumerate(batch.items):
            try:
                self._check_owner(session, observation)
                known = translate.observation(observation, rows=len(self._row), epoch=self._world.epoch)
                self._world.apply(known, source=session.number, batch=batch.seq)
            except InputError as error:
                what = f"{error.message}; {error.remedy}" if error.remedy else error.message
                self._fault(session, error.code, what, batch=batch.seq, item=item)
            else:
                self._handed.append((session.number, batch.seq, item))

    def _take(self, session: Session, seq: int) -> bool:
        verdict = session.take(seq)
        if verdict == "gap":
            expected = session.inbox.received + 1
            self._fault(session, "gap", f"batch {seq} arrived, {expected} is missing: resend from there", batch=seq)
        elif verdict == "no_credit":
            self._fault(session, "no_credit", f"batch {seq} is more than {session.credit} in flight", batch=seq)
        return verdict == "new"

    def _check_owner(self, session: Session, item: messages.Observation) -> None:
        """Engines report results for their own characters, and do not move those of others."""
        match item:
            case messages.Result():
                character = self._acting.get(item.action)
                if character is None:
                    raise InputError(
                        "unknown_action", f"no action {item.action} is running; it may have been stopped meanwhile"
                    )
                if self._registry.owner(character) is not session:
                    raise InputError("not_owner", f"action {item.action} of {character!r} is not this engine's")
            case (
                messages.Move(id=subject)
                | messages.Utterance(speaker=subject)
                | messages.Voice(speaker=subject)
                | messages.Face(character=subject)
            ):
                if self._registry.owner(subject) not in (None, session):
                    raise InputError("not_owner", f"{subject!r} belongs to another engine")
            case messages.Positions() if len(self._registry) > 1:
                self._check_rows(session, item)
            case _:
                pass

    def _check_rows(self, session: Session, item: messages.Positions) -> None:
        others = [
            self._row[c] for other in self._registry if other is not session for c in other.owns if c in self._row
        ]
        rows = np.frombuffer(item.index[: len(item.index) // 4 * 4], dtype="<u4")
        foreign = rows[np.isin(rows, np.asarray(others, dtype=np.uint32))]
        if foreign.size:
            name = self._world.characters[int(foreign[0])]
            raise InputError("not_owner", f"positions include {name!r}, which belongs to another engine")

    def _hello(self, route: bytes, hello: messages.Hello, now: float, role: Role) -> None:
        answer = self._registry.hello(route, hello, now, self._alive, role)
        if isinstance(answer, messages.Refused):
            self.stray.append((route, codec.encode(answer)))
            return
        session = answer.session
        stream, _, control = self._endpoints
        welcome = messages.Welcome(
            session=self._registry.session,
            package=self._package,
            capabilities=ids.CAPABILITIES,
            schema=self._schema,
            credit=session.credit,
            observed=session.inbox.received,
            owns=session.owns,
            resumed=answer.resumed,
            stream=stream,
            control=control,
        )
        greeting = [codec.encode(welcome)]
        if not answer.resumed:
            whole = codec.encode(self._snapshot())
            greeting += in_parts(whole) if "parts" in session.capabilities else [whole]
        session.attach(route, now, *greeting)
        if hello.schema and hello.schema != self._schema:
            what = "the engine was built with another schema; unknown fields are skipped"
            self._fault(session, "schema_differs", what)

    def _bad_frame(self, route: bytes, session: Session | None, error: ProtocolError) -> None:
        self.counts[error.code] += 1
        what = f"{error.message} at {error.where}" if error.where else error.message
        if session is None:
            if not isinstance(error, UnknownMessageError):
                self._refuse(route, error.code, what, error.remedy)
            return
        batch = error.seq if error.kind == "observations" else 0
        # A batch that cannot be read still uses up its number: its engine would resend it for ever.
        if batch and not isinstance(error, UnknownMessageError) and not self._take(session, batch):
            return
        session.notice(error.code, what, batch=batch, limit=self._config.notices_per_tick)

    def _refuse(self, route: bytes, code: str, message: str, remedy: str) -> None:
        if len(self.stray) == STRAY_ANSWERS:
            self.counts["answers_dropped"] += 1
        refused = messages.Refused(code=code, message=message[:1000], remedy=remedy[:1000])
        self.stray.append((route, codec.encode(refused)))

    def _fault(self, session: Session, code: str, message: str, *, batch: int = 0, item: int = 0) -> None:
        self.counts[code] += 1
        session.notice(code, message, batch=batch, item=item, limit=self._config.notices_per_tick)

    def deliver(self, result: TickResult, state: messages.Tick | None) -> None:
        """Hand the outcome of one tick to the engines it concerns; `state` goes to those in lock-step, if any."""
        if self._world.epoch != self._epoch:
            # a replay comes to a reload by itself
            self.reloaded()
        handed, self._handed = self._handed, []
        self._commands(result)
        if result.changed:
            for each in self._registry:
                each.tell(messages.Variables(seq=1, tick=result.tick, values=dict(result.changed)))
        by_number = {s.number: s for s in self._registry} if result.perceptions or result.refusals else {}
        for perceived in result.perceptions:
            session = by_number.get(perceived.source)
            if session is None:
                self.counts["perceptions_unclaimed"] += 1
            else:
                session.tell(translate.perception(perceived, result.tick))
        for refusal in result.refusals:
            session = by_number.get(refusal.source)
            item = _item_of(refusal.item, refusal.source, refusal.batch, handed)
            if session is None:
                self.counts[refusal.code] += 1
            else:
                self._fault(session, refusal.code, refusal.message, batch=refusal.batch, item=item)
        for session in self._registry:
            if session.lockstep and state is not None:
                session.tell(state)
            session.settle()

    def _commands(self, result: TickResult) -> None:
        if not result.commands:
            return
        shares: dict[int, tuple[Session, list[messages.Start | messages.Stop]]] = {}
        for command in result.commands:
            self._follow(command)
            owner = self._registry.owner(command.character)
            if owner is None:
                self.counts["commands_unowned"] += 1
                continue
            shares.setdefault(owner.number, (owner, []))[1].append(translate.command(command))
        for owner, commands in shares.values():
            owner.tell(messages.Command(seq=0, tick=result.tick, commands=tuple(commands)))

    def _follow(self, command: Start | Stop) -> None:
        if isinstance(command, Start):
            self._acting[command.action] = command.character
        else:
            self._acting.pop(command.action, None)

    def own(self, characters: tuple[str, ...], client: str) -> None:
        """Hand characters over to an engine, or with an empty name to nobody. Raises InputError, changing nothing.

        An action under way goes on: who loses it is told to stop playing it, who gets it to start, under its number.
        """
        to = self._registry.named(client) if client else None
        if client and to is None:
            names = ", ".join(s.client for s in self._registry) or "none is connected"
            raise InputError("not_welcome", f"there is no engine {client!r}", f"engines: {names}"[:300])
        if to is not None and not may(to.role, PLAY):
            raise InputError("not_allowed", f"{client!r} is a {to.role}", f"only {needed(PLAY)} plays characters")
        for character in characters:
            if character not in self._row:
                raise InputError("unknown_character", f"there is no character {character!r}")
        had = set(to.owns) if to is not None else set()
        running = [a for a in self._world.running() if a.character in characters]
        tick = self._world.tick
        for loser, lost in self._registry.hand_over(characters, to).items():
            stops = tuple(translate.handed_over(a) for a in running if a.character in lost)
            self._tell_owned(loser, tick, stops)
        if to is not None:
            starts = tuple(translate.taken_over(a) for a in running if a.character not in had)
            self._tell_owned(to, tick, starts)

    def _tell_owned(self, session: Session, tick: int, commands: tuple[messages.Start | messages.Stop, ...]) -> None:
        session.tell(messages.Owned(seq=1, tick=tick, owns=session.owns))
        if commands:
            session.tell(messages.Command(seq=1, tick=tick, commands=commands))

    def reloaded(self) -> None:
        """The world has another roster: tell every engine, and go by the new names."""
        self._see_roster()
        self._registry.renew(self._world.characters)
        for session in self._registry:
            session.tell(translate.roster(self._world))

    def _see_roster(self) -> None:
        self._row = {name: row for row, name in enumerate(self._world.characters)}
        self._epoch = self._world.epoch

    def adopted(self) -> None:
        """The world is in the middle of things that this link did not see begin."""
        self._see_roster()
        self._acting = {each.action: each.character for each in self._world.running()}
        self._handed.clear()

    def restarted(self, session: int, reason: str) -> None:
        """It is another world now: whatever engines know or have under way belongs to another life."""
        self.adopted()
        bye = codec.encode(messages.Bye(reason=reason))
        self.stray.extend((s.route, bye) for s in self._registry.attached() if s.route is not None)
        self._registry.restart(session, self._world.characters)

    def sweep(self, now: float) -> None:
        """End the sessions that failed, telling them, and those whose engine stayed away too long."""
        for session in [s for s in self._registry if s.failed]:
            route = session.route
            self._registry.end(session, session.failed)
            if route is not None:
                self.stray.append((route, codec.encode(messages.Bye(reason=session.failed))))
        for session in self._registry.expired(now):
            self._registry.end(session, "expired")

    def farewell(self) -> None:
        """Tell everybody that the sidecar ends."""
        bye = codec.encode(messages.Bye(reason="shutting_down"))
        self.stray.extend((s.route, bye) for s in self._registry.attached() if s.route is not None)


def _item_of(ordinal: int, source: int, batch: int, handed: list[tuple[int, int, int]]) -> int:
    """Return the index within its batch of the observation that was the tick's `ordinal`-th."""
    if ordinal < len(handed) and handed[ordinal][:2] == (source, batch):
        return handed[ordinal][2]
    return 0


def package_version() -> str:
    """Return the version of this package, as engines are told it; never compared."""
    try:
        return version("emotion-runtime")
    except PackageNotFoundError:
        return "uninstalled"
