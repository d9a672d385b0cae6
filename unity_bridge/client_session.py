"""Owns the engine's side of the link, without sockets: the state machine that every engine client is written after."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

from msgspec import structs

from protocol import codec, ids, messages
from protocol.digest import schema_digest
from protocol.errors import ProtocolError, WrongVersionError
from unity_bridge.observation_queue import ObservationQueue
from unity_bridge.outbox import Inbox, Outbox
from unity_bridge.parts import Assembly
from unity_bridge.remembering import FORMAT, Remembered, packed, snapshot_of, unpacked

Numbered: TypeAlias = (
    messages.Command
    | messages.Perception
    | messages.Variables
    | messages.Owned
    | messages.Notice
    | messages.Tick
    | messages.Roster
)

Update: TypeAlias = (
    messages.Snapshot
    | messages.Roster
    | messages.Command
    | messages.Perception
    | messages.Variables
    | messages.Owned
    | messages.Notice
    | messages.Tick
    | messages.Refused
    | messages.Bye
)
"""What `receive` hands on: everything an engine has to act on, each once and in order."""

State: TypeAlias = Literal["connecting", "live", "refused"]

HELLO_AGAIN_S = 0.5
"""A hello without an answer is repeated after this long."""
_TAKEN = (
    messages.Welcome,
    messages.Refused,
    messages.Snapshot,
    messages.Part,
    messages.Roster,
    messages.Command,
    messages.Perception,
    messages.Variables,
    messages.Owned,
    messages.Notice,
    messages.Tick,
    messages.Ack,
    messages.Bye,
)


class ClientSession:
    """One engine over any number of connections. Time is handed in; frames leave by `next_frame`, `frame_sent`."""

    def __init__(
        self, client: str, owns: tuple[str, ...] | None = None, *, lockstep: bool = False, package: str = ""
    ) -> None:
        self.client = client
        self.state: State = "connecting"
        self.reason = "no sidecar has answered yet"
        self.queue = ObservationQueue()
        self.outbox = Outbox(ids.OBSERVATION_CREDIT)
        self.inbox = Inbox()
        self.snapshot: messages.Snapshot | None = None
        self.owns: tuple[str, ...] = ()
        self.refusal: messages.Refused | None = None
        self.counts: Counter[str] = Counter()
        self._wanted = owns
        self._lockstep = lockstep
        self._package = package
        self._session = 0
        self._hello_at: float | None = None
        self._spoke = 0.0
        self._acked = 0
        self._carried = (0, 0)
        self._parting = False
        self._credit_refused = False
        self._assembly = Assembly()
        self._handed = 0
        self._kept: tuple[int, int] | None = None
        """Of a session that is remembered: highest batch that may leave, highest number that may be confirmed."""

    @property
    def roster(self) -> messages.Roster | None:
        """What rows and columns mean; None before the first snapshot."""
        return self.snapshot.roster if self.snapshot else None

    @property
    def _received(self) -> int:
        """Highest number to be confirmed: what was received, or what is remembered too."""
        return self.inbox.received if self._kept is None else self._kept[1]

    def hand_over(self) -> None:
        """All updates so far are the game's now."""
        self._handed = self.inbox.received

    def remember(self, utterances: int) -> bytes:
        """Return what to keep, see `EngineClient.remember`. From now on nothing leaves that is not remembered."""
        self.flush()
        self._kept = (self.outbox.last, self._handed)
        waiting = self.queue.take()
        self.queue.put_back(waiting)
        snapshot = b"" if self.snapshot is None else codec.encode(self.snapshot)
        kept = self.outbox.frames(), waiting
        return packed(
            Remembered(FORMAT, self.client, self._session, self._handed, self.outbox.acked, *kept, utterances, snapshot)
        )

    def recall(self, blob: bytes) -> int:
        """Go on as a process that ended would have, after its last `remember`; returns its count of utterances."""
        self._kept = (0, 0)
        found = unpacked(blob, self.client)
        if found is None:
            return 0
        self.queue.put_back(found.waiting)
        self.snapshot = snapshot_of(found)
        if self.snapshot is None:
            return found.utterances
        self._session = found.session
        self.inbox.received = self._handed = found.received
        self.outbox = Outbox.of(ids.OBSERVATION_CREDIT, found.acked, found.batches)
        self._kept = (self.outbox.last, found.received)
        return found.utterances

    def connected(self) -> None:
        """A new connection stands: nothing is known to have arrived, so say hello on it."""
        self._parting = False
        self._assembly.clear()
        if self.state == "live":
            self.counts["reconnects"] += 1
        if self.state != "refused":
            self._again("the connection is new")

    def lost(self, reason: str) -> None:
        """The connection is gone."""
        if self.state != "refused":
            self.state, self.reason = "connecting", reason

    def refuse(self, code: str, message: str, remedy: str) -> None:
        """The handshake below failed for good: as if the sidecar had refused the hello."""
        self.state, self.reason = "refused", message
        self.refusal = messages.Refused(code=code, message=message[:1000], remedy=remedy[:1000])

    def try_again(self) -> None:
        """Forget a refusal and say hello again."""
        self.refusal = None
        self._again("asking again")

    def receive(self, payload: bytes) -> list[Update]:
        """Take one frame from the sidecar; whatever it holds, nothing is raised."""
        return self._take(payload, _TAKEN)

    def _take(self, payload: bytes, allowed: tuple[type[messages.Message], ...]) -> list[Update]:
        try:
            message = codec.decode(payload, limit=ids.MAX_STATE_BYTES, allowed=allowed)
        except ProtocolError as error:
            self.counts[error.code] += 1
            if isinstance(error, WrongVersionError):
                # not even its refusal can be read: it speaks another protocol in all it says
                told = messages.Refused(code=error.code, message=error.message[:1000], remedy=error.remedy[:1000])
                return self._refused(told)
            return []
        match message:
            case messages.Welcome():
                self._welcome(message)
            case messages.Refused():
                return self._refused(message)
            case messages.Bye():
                return self._bye(message)
            case messages.Ack():
                self.outbox.ack(message.seq)
                if self._credit_refused:
                    self._credit_refused = False
                    self.outbox.rewind()
            case messages.Snapshot():
                self.snapshot = message
                return [message]
            case messages.Part():
                whole = self._assembly.take(message)
                return [] if whole is None else self._take(whole, (messages.Snapshot,))
            case messages.Request() | messages.Reply() | messages.Hello() | messages.Observations() | messages.Faces():
                return []
            case _:
                return self._numbered(message)
        return []

    def flush(self) -> int:
        """Make a batch of what is queued, if the credit allows; returns how many observations it holds."""
        if self.state != "live" or not len(self.queue) or self.outbox.room <= 0:
            return 0
        if self._kept is not None and self.snapshot is None:
            # a session is remembered with its snapshot or not at all: before that nothing may be on its way
            return 0
        items = self.queue.take()
        while True:
            batch = messages.Observations(seq=self.outbox.next_seq, items=tuple(items), received=self._received)
            frame = codec.encode(batch)
            if len(frame) <= ids.MAX_LINK_BYTES or len(items) == 1:
                break
            half = len(items) // 2
            self.queue.put_back(items[half:])
            items = items[:half]
        self.outbox.push(frame)
        self._carried = (self.outbox.last, self._received)
        return len(items)

    def next_frame(self, now: float) -> bytes | None:
        """Return what is to be sent next, or None; the same until `frame_sent`."""
        if self.state == "refused":
            return None
        if self._parting:
            # The sidecar waits a moment for this before it closes the connection under its last words.
            return self.goodbye()
        if self.state == "connecting":
            due = self._hello_at is None or now - self._hello_at >= HELLO_AGAIN_S
            return self._hello() if due else None
        frame = self._peek()
        if frame is not None:
            return frame
        if self._acked < self._received or now - self._spoke >= ids.HEARTBEAT_INTERVAL_MS / 1000:
            return codec.encode(messages.Ack(seq=self._received))
        return None

    def _peek(self) -> bytes | None:
        held = self._kept is not None and self.outbox.cursor >= self._kept[0]
        return None if held else self.outbox.peek()

    def frame_sent(self, now: float) -> None:
        """The connection took the frame of `next_frame`."""
        self._spoke = now
        if self._parting:
            self._parting = False
            self._hello_at = now
        elif self.state == "connecting":
            self._hello_at = now
            self._acked = self._received
        elif self._peek() is not None:
            self.outbox.sent()
            # A new batch carries the ack; one that is resent carries an old one.
            if self.outbox.cursor == self._carried[0]:
                self._acked = max(self._acked, self._carried[1])
        else:
            self._acked = self._received

    def due_at(self) -> float:
        """Clock reading at which a live session has something to send even if nothing happens."""
        return self._spoke + ids.HEARTBEAT_INTERVAL_MS / 1000

    def goodbye(self) -> bytes:
        """Return the frame that ends the session on purpose."""
        return codec.encode(messages.Bye(reason=""))

    def _hello(self) -> bytes:
        return codec.encode(
            messages.Hello(
                client=self.client,
                package=self._package,
                capabilities=ids.CAPABILITIES,
                schema=schema_digest(),
                owns=self._wanted,
                session=self._session if self.snapshot else 0,
                received=self._received,
                lockstep=self._lockstep,
            )
        )

    def _welcome(self, welcome: messages.Welcome) -> None:
        self.state, self.reason = "live", ""
        self.owns = welcome.owns
        if welcome.resumed and welcome.session == self._session and self.outbox.resume(welcome.observed):
            self.counts["resumed"] += 1
            return
        if self._session:
            # Another world: what was meant for the old one has no meaning in it.
            self.counts["observations_forgotten"] += len(self.outbox) + self.queue.clear()
            self.counts["restarts"] += 1
        self._session = welcome.session
        self.snapshot = None
        self.outbox = Outbox(max(1, welcome.credit))
        self.inbox = Inbox()
        self._acked = self._handed = 0
        self._carried = (0, 0)
        self._kept = None if self._kept is None else (0, 0)

    def _refused(self, refused: messages.Refused) -> list[Update]:
        if refused.code == "not_welcome" or (refused.code == "already_connected" and self._session):
            # A connection was renewed below us, or the sidecar has not yet noticed that our old one is gone.
            self.counts[refused.code] += 1
            self._again(refused.message, at_once=refused.code == "not_welcome" and self.state == "live")
            return []
        self.state = "refused"
        self.refusal = refused
        self.reason = f"{refused.message}; {refused.remedy}" if refused.remedy else refused.message
        return [refused]

    def _bye(self, bye: messages.Bye) -> list[Update]:
        if bye.reason == "shutting_down":
            self.lost("the sidecar has ended")
            self._parting = True
        else:
            self._again(f"the sidecar ended the session: {ids.ERROR_CODES.get(bye.reason, bye.reason)}")
        return [bye]

    def _again(self, reason: str, *, at_once: bool = True) -> None:
        self.state, self.reason = "connecting", reason
        if at_once:
            self._hello_at = None

    def _numbered(self, message: Numbered) -> list[Update]:
        if self.snapshot is None:
            return []
        verdict = self.inbox.take(message.seq)
        if verdict == "gap":
            # The connection lost something: come back and have it resent.
            self.counts["gap"] += 1
            self._again("a message is missing")
        if verdict == "seen":
            # Our ack was lost, or the sidecar would not send it again.
            self._acked = min(self._acked, self._received - 1)
        elif verdict == "new" and isinstance(message, messages.Notice):
            if message.code == "gap":
                self.outbox.rewind()
            # Sending it again at once would be refused again: wait until a tick gives credit.
            self._credit_refused = self._credit_refused or message.code == "no_credit"
        elif verdict == "new" and isinstance(message, messages.Roster):
            self.snapshot = structs.replace(self.snapshot, roster=message)
        elif verdict == "new" and isinstance(message, messages.Variables):
            self.snapshot.variables.update(message.values)
        elif verdict == "new" and isinstance(message, messages.Owned):
            self._take_owned(message)
        return [message] if verdict == "new" else []

    def _take_owned(self, message: messages.Owned) -> None:
        self.owns = message.owns
        if self._wanted is not None:
            # A new session claims what is ours by now, not what was at the first hello.
            self._wanted = message.owns
