"""Owns the shape of every message on the wire: msgspec structs, tagged by `type`, forward compatible."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field

from protocol.fields import Count, Id, Name, Number, Point, Seconds, Seq, Text, Unit, Values
from protocol.ids import MAX_CHARACTERS, MAX_FLOAT, MAX_OBSERVATIONS, MAX_PARTS, PROTOCOL
from protocol.observations import (
    Capture,
    Event,
    Face,
    Move,
    Observation,
    Positions,
    Result,
    Sight,
    Utterance,
    Variable,
    Voice,
)

__all__ = [
    "Ack", "AnyMessage", "Bye", "Capture", "Command", "Count", "Event", "Face", "Faces", "Fault", "Hello", "Id",
    "Message", "Move", "Name", "Notice", "Number", "Observation", "Observations", "Owned", "Part", "Perception",
    "Point", "Positions", "Refused", "Reply", "Request", "Result", "Roster", "Running", "Seconds", "Seq", "Sight",
    "Snapshot", "Start", "Stop", "Text", "Tick", "Unit", "Utterance", "Values", "Variable", "Variables", "Voice",
    "Welcome",
]  # fmt: skip
"""Also the types of fields and the observations, which have files of their own."""


def _protocol() -> int:
    """Default of `v`. A factory, because `omit_defaults` would leave a plain default out of the bytes."""
    return PROTOCOL


class Message(Struct, tag_field="type", kw_only=True, omit_defaults=True):
    """What every message carries: `type` (its tag) and `v`, the protocol number it was written for."""

    v: int = field(default_factory=_protocol)


# handshake (link)
class Hello(Message, tag="hello"):
    """Engine -> sidecar, first on the link. Resumes when `session` and `client` are those of an earlier welcome."""

    client: Id
    """A name the engine keeps across reconnects: owner of its characters."""
    package: Name = ""
    """Version of the client's package, for people; never compared."""
    capabilities: tuple[Name, ...] = ()
    schema: Name = ""
    """Digest of the schema the client was built with; a difference is reported as a notice, not refused."""
    owns: tuple[Id, ...] | None = None
    """Characters whose commands this engine plays; None = all that nobody owns yet; empty = a viewer."""
    session: Count = 0
    """The sidecar session this client was welcomed to before, or 0."""
    received: Count = 0
    """Highest `seq` this client received in that session; the sidecar resends what follows."""
    lockstep: bool = False
    """True: tick frames also arrive on the link, reliably, and `step` waits for this client's observations."""


class Welcome(Message, tag="welcome"):
    """Sidecar -> engine: accepted. A snapshot follows at once; after a resume, the missed messages do."""

    session: Count
    """Random per sidecar start, 1..2^53-1. Another number than before means: forget everything, a new world."""
    package: Name
    capabilities: tuple[Name, ...]
    schema: Name
    credit: Count
    """Observation batches the client may have in flight, not yet acknowledged."""
    observed: Count
    """Highest observation `seq` the sidecar has from this client: resend what follows, drop the rest."""
    owns: tuple[Id, ...]
    resumed: bool = False
    stream: Name = ""
    control: Name = ""


class Refused(Message, tag="refused"):
    """Sidecar -> engine: not accepted. `code` is stable, `message` says what is wrong, `remedy` what to do."""

    code: Name
    message: Text
    remedy: Text = ""


class Bye(Message, tag="bye"):
    """Either side: the session ends on purpose. `reason` is one of the codes in `protocol.ids`."""

    reason: Name = ""


# sidecar state
class Roster(Message, tag="roster"):
    """What the numbers in a tick mean. `epoch` rises when it changes; a tick of another epoch is not applied."""

    epoch: Count
    scene: Name
    characters: Annotated[tuple[Id, ...], Meta(max_length=MAX_CHARACTERS)]
    """Row i of every column is characters[i]."""
    labels: tuple[Name, ...]
    """Column j of `emotion` is labels[j]."""
    actions: tuple[Name, ...]
    """Entry a of the `action` column is actions[a]; actions[0] is empty: no action."""
    objects: tuple[Id, ...] = ()
    shapes: tuple[Name, ...] = ()
    """Column k of `face` is the blendshape shapes[k]; empty when no faces are streamed."""
    rate: Annotated[float, Meta(gt=0.0, le=MAX_FLOAT)] = 60.0
    """Ticks a second."""
    seq: Count = 0


class Tick(Message, tag="tick"):
    """The state after one tick: complete, so that the latest one is all a client needs. Columns: little-endian."""

    session: Count
    tick: Count
    time: Seconds
    """Simulated seconds since the start."""
    epoch: Count
    n: Annotated[int, Meta(ge=0, le=MAX_CHARACTERS)]
    """Characters, the rows of every column."""
    emotion: bytes
    """float32, n rows of len(roster.labels), strictly inside (0, 1)."""
    mood: bytes
    """float32, n rows of 3: pleasure, arousal, dominance, each in -1..1."""
    action: bytes
    """uint16, n entries into roster.actions."""
    digest: bytes = b""
    """16 bytes over the whole state: equal digests, equal worlds."""
    face: bytes = b""
    """float32, n rows of len(roster.shapes), each in 0..1; empty when no faces are streamed."""
    paused: bool = False
    sent: Number = 0.0
    """Sidecar's monotonic clock in seconds when the frame left; only differences mean anything."""
    seq: Count = 0
    """On the link in lock-step; 0 on the stream."""


class Faces(Message, tag="faces"):
    """The faces that were asked for with `subscribe_faces`, on a topic of their own: complete, the latest is enough."""

    session: Count
    tick: Count
    epoch: Count
    form: Name
    """`arkit52` or `vrm`; the columns' names are in the reply to `subscribe_faces`."""
    n: Annotated[int, Meta(ge=0, le=MAX_CHARACTERS)]
    """Rows of `weights`."""
    weights: bytes
    """n rows of one weight a column in 0..1: float32, or with `u8` bytes of weight x 255."""
    index: bytes = b""
    """uint32, the roster's row of each row here, strictly ascending; empty: row i is character i."""
    u8: bool = False


class Running(Struct, kw_only=True, omit_defaults=True):
    """One action under way, as a late joiner must know it."""

    action: Count
    character: Id
    rule: Name
    bearers: tuple[Id, ...] = ()
    lasts: Seconds = 0.0
    elapsed: Seconds = 0.0
    payload: Values = {}


class Snapshot(Message, tag="snapshot"):
    """Everything a late joiner needs: stream frames with `tick` <= this tick's are to be dropped."""

    session: Count
    roster: Roster
    state: Tick
    running: tuple[Running, ...] = ()
    variables: dict[str, Number] = {}
    """`object.name` and `world.name`; booleans are 0 and 1."""


class Part(Message, tag="part"):
    """A piece of a message too long for one frame: `count` of them in a row, put together, are that message."""

    index: Annotated[int, Meta(ge=0, le=MAX_PARTS - 1)]
    """0, 1, 2 ... `count` - 1; 0 begins anew."""
    count: Annotated[int, Meta(ge=1, le=MAX_PARTS)]
    data: bytes


# reliable, sidecar -> engine (link)
class Start(Struct, tag_field="kind", tag="start", kw_only=True, omit_defaults=True):
    """Begin to play an action, and report its result under the number `action`."""

    action: Count
    character: Id
    rule: Name
    bearers: tuple[Id, ...] = ()
    """Subjects it is aimed at, nearest first; the inflicter itself for `bearer: self`."""
    lasts: Seconds = 0.0
    """Nominal seconds."""
    why: Text = ""
    payload: Values = {}


class Stop(Struct, tag_field="kind", tag="stop", kw_only=True, omit_defaults=True):
    """Stop playing an action now. Also closes an action that the engine itself reported as ended."""

    action: Count
    character: Id
    rule: Name
    reason: Name
    """One of `protocol.ids.STOP_REASONS`."""


class Command(Message, tag="command"):
    """All commands of one tick to one engine: stops first, then starts, each exactly once."""

    seq: Seq
    tick: Count
    commands: tuple[Start | Stop, ...]


class Perception(Message, tag="perception"):
    """What the sidecar made of one utterance."""

    seq: Seq
    tick: Count
    """The tick whose emotions it entered."""
    utterance: Count
    """The number the client gave the utterance."""
    character: Id
    labels: tuple[Name, ...]
    probabilities: tuple[Unit, ...]
    """Sum to 1, in the order of `labels`."""
    label: Name = ""
    """The most probable one."""
    latency: Seconds = 0.0
    """Wall seconds from taking the utterance in to the result."""
    failed: Name = ""
    """An error code when no result could be made; probabilities are then empty."""
    modality: Name = "text"
    """`text`, `voice` or `face`, or several joined by `+`, the weightiest first."""
    partial: bool = False
    """Only to be shown: a voice that goes on, or a face. It moves nobody."""
    confidence: Unit = 0.0
    """How far it is to be trusted; 0 when it came with the utterance, or failed."""
    age: Seconds = 0.0
    """Simulated seconds since the oldest part of what was understood."""


class Variables(Message, tag="variables"):
    """Variables that rules have set since the last of these. A value that a newer one overtook is left out."""

    seq: Seq
    tick: Count
    values: dict[str, Number]
    """By `object.name` or `world.name`; booleans are 0 and 1."""


class Owned(Message, tag="owned"):
    """The engine's characters are others now: some were handed over. Stops or starts of their actions follow."""

    seq: Seq
    tick: Count
    owns: tuple[Id, ...]
    """All characters it owns from now on."""


class Notice(Message, tag="notice"):
    """Something the client's maker should know: a refused observation, a dropped one, a schema difference."""

    code: Name
    message: Text
    seq: Count = 0
    batch: Count = 0
    """`seq` of the observation batch it is about, or 0."""
    item: Count = 0
    """Index of the observation in that batch."""


# reliable, engine -> sidecar (link)
class Observations(Message, tag="observations"):
    """What happened in the engine since its last batch, in order. One batch a frame at most."""

    seq: Seq
    """1, 2, 3 ... within a session; a number already seen is ignored, a gap is an error."""
    items: Annotated[tuple[Observation, ...], Meta(max_length=MAX_OBSERVATIONS)]
    received: Count = 0
    """Cumulative ack: highest `seq` this client received."""


class Ack(Message, tag="ack"):
    """Cumulative: everything up to and including `seq` arrived. Either side; also sent when nothing else was."""

    seq: Count
    credit: Count = 0
    """From the sidecar: batches that may be in flight beyond `seq`. Unused in the other direction."""


# control (request, reply)
class Request(Message, tag="request"):
    """Ask the sidecar for something. The same `id` from the same `client` within 60 s gets the same reply."""

    client: Id
    id: Count
    op: Name
    """One of `protocol.ids.OPERATIONS`."""
    args: Values = {}


class Fault(Struct, kw_only=True, omit_defaults=True):
    """Why a request failed."""

    code: Name
    message: Text
    where: Text = ""
    remedy: Text = ""


class Reply(Message, tag="reply"):
    """The answer to the request with this `id`, naming the tick at which it took effect."""

    id: Count
    tick: Count = 0
    result: Values = {}
    error: Fault | None = None


AnyMessage: TypeAlias = (
    Hello | Welcome | Refused | Bye | Roster | Tick | Faces | Snapshot | Part | Command | Perception | Variables | Owned
    | Notice | Observations | Ack | Request | Reply
)  # fmt: skip
