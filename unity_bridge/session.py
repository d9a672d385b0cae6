"""Owns one engine's side of the link, without sockets: what it was told, what it told us, what goes out next."""

from __future__ import annotations

from collections import deque
from typing import Literal, TypeAlias

from protocol import codec
from protocol.messages import Ack, Command, Notice, Owned, Perception, Tick, Variables
from unity_bridge.access.roles import Role
from unity_bridge.behind import Behind, State
from unity_bridge.outbox import Inbox, Outbox, WindowFullError

Reliable: TypeAlias = Command | Perception | Owned | Tick | State
Verdict: TypeAlias = Literal["new", "seen", "gap", "no_credit"]


class Session:
    """One engine from its welcome to its end; its connection may come and go meanwhile.

    `number` is what the world knows it by. Frames leave through `next_frame` and `frame_sent`, one at a time, so
    the owner of the socket decides how many it can take.
    """

    def __init__(
        self,
        number: int,
        client: str,
        owns: tuple[str, ...],
        *,
        lockstep: bool,
        window: int,
        credit: int,
        takes_all: bool = False,
        role: Role = "editor",
        capabilities: frozenset[str] = frozenset(),
    ) -> None:
        self.number = number
        self.client = client
        self.owns = owns
        self.takes_all = takes_all
        """It asked for every character that nobody else owns, whichever they are."""
        self.lockstep = lockstep
        self.role: Role = role
        self.capabilities = capabilities
        """What the engine said it understands."""
        self.credit = credit
        self.outbox = Outbox(window)
        self.inbox = Inbox()
        self.behind = Behind()
        self.route: bytes | None = None
        """Routing id of the present connection, or None while it is away."""
        self.heard = 0.0
        self.detached_at = 0.0
        self.resumes = 0
        self.failed = ""
        """A code once the session cannot go on: it ends at the next occasion."""
        self._spoke = 0.0
        self._granted = 0
        self._greeting: deque[bytes] = deque()
        self._ack_due = False
        self._notices = 0
        self._unsaid = 0

    def attach(self, route: bytes, now: float, *greeting: bytes) -> None:
        """Go on over the connection `route`; `greeting` leaves before anything numbered."""
        if route != self.route:
            self._greeting.clear()
        self._greeting.extend(greeting)
        self.route = route
        self.heard = self._spoke = now
        self._granted = self.inbox.received
        self._ack_due = False

    def resume(self, received: int) -> bool:
        """Make ready to resend what follows `received`; False when that is not possible."""
        if not self.outbox.resume(received):
            return False
        self.resumes += 1
        return True

    def detach(self, now: float) -> None:
        """The connection is gone; everything numbered waits for the next one."""
        self.route = None
        self.detached_at = now
        self._greeting.clear()

    def take(self, seq: int) -> Verdict:
        """Judge an observation batch by its number: only "new" is to be applied."""
        if seq > self.inbox.received and seq > self._granted + self.credit:
            return "no_credit"
        verdict = self.inbox.take(seq)
        if verdict == "seen" and seq <= self._granted:
            self._ack_due = True
        return verdict

    def ack(self, seq: int) -> bool:
        """The engine has everything up to `seq`; False for a number it was never sent."""
        known = self.outbox.ack(seq)
        if len(self.behind) and self._has_room_for_state():
            self._catch_up()
        while self.behind.perceptions and self._has_room_for_state():
            self._push(self.behind.next_perception())
        return known

    def settle(self) -> None:
        """A tick took in all that arrived: acknowledge it, which returns the credit, and count notices anew."""
        if self._granted < self.inbox.received:
            self._granted = self.inbox.received
            self._ack_due = True
        unsaid, self._unsaid, self._notices = self._unsaid, 0, 0
        if unsaid:
            self.tell(Notice(code="bad_value", message=f"{unsaid} more faults since the last tick"))

    def tell(self, message: Reliable) -> None:
        """Number a message and keep it until the engine has it; nothing overtakes anything.

        State and perceptions take at most half of the window. Past that only the newest of each state is kept and told
        later, and perceptions wait, in their order. Anything else past the window ends the session: `slow_client`.
        """
        if self.failed or not self._understands(message):
            return
        if isinstance(message, Perception):
            if self.behind.perceptions or not self._has_room_for_state():
                self.behind.put_perception(message)
                return
        elif isinstance(message, State):
            if len(self.behind) or not self._has_room_for_state():
                self.behind.put(message)
                return
        else:
            self._catch_up()
        self._push(message)

    def _understands(self, message: Reliable) -> bool:
        """A message that an engine skips would leave a gap in its numbers."""
        if isinstance(message, Variables):
            return "variables" in self.capabilities
        return not isinstance(message, Owned) or "ownership" in self.capabilities

    def _has_room_for_state(self) -> bool:
        return self.outbox.room > self.outbox.window // 2

    def _catch_up(self) -> None:
        """What waited because the engine was behind comes before what follows."""
        for message in self.behind.take() if len(self.behind) else ():
            self._push(message)

    def _push(self, message: Reliable) -> None:
        message.seq = self.outbox.next_seq
        try:
            self.outbox.push(codec.encode(message))
        except WindowFullError:
            self.failed = "slow_client"

    def notice(self, code: str, message: str, *, batch: int = 0, item: int = 0, limit: int = 16) -> None:
        """Tell the engine of a fault; past `limit` in one tick only their number is told."""
        self._notices += 1
        if self._notices > limit:
            self._unsaid += 1
        else:
            self.tell(Notice(code=code, message=message[:1000], batch=batch, item=item))

    def next_frame(self, now: float, silence: float) -> bytes | None:
        """Return what is to be sent next, or None; the same until `frame_sent`."""
        if self._greeting:
            return self._greeting[0]
        frame = self.outbox.peek()
        if frame is not None:
            return frame
        if self._ack_due or now - self._spoke >= silence:
            return codec.encode(Ack(seq=self._granted, credit=self.credit))
        return None

    def frame_sent(self, now: float) -> None:
        """The connection took the frame of `next_frame`."""
        self._spoke = now
        if self._greeting:
            self._greeting.popleft()
        elif self.outbox.peek() is not None:
            self.outbox.sent()
        else:
            self._ack_due = False

    def report(self) -> dict[str, object]:
        """Figures for `status`."""
        return {
            "client": self.client,
            "role": self.role,
            "connected": self.route is not None,
            "owns": len(self.owns),
            "lockstep": self.lockstep,
            "sent": self.outbox.last,
            "acked": self.outbox.acked,
            "resent": self.outbox.resent,
            "observed": self.inbox.received,
            "repeated": self.inbox.repeated,
            "resumes": self.resumes,
            "waiting": len(self.outbox) + len(self.behind.perceptions),
            "failed": self.failed,
            "left_out": dict(self.behind.counts),
        }
