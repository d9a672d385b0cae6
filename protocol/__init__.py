"""The wire: bytes <-> messages, with limits and typed errors. Imports nothing of ours; `docs/protocol.md` is normative.

A frame in, a message or a `ProtocolError` out:

    message = decode(frame, allowed=(Hello, Observations, Ack, Bye))
    frame = encode(Ack(seq=message.seq, credit=1))

The stream carries ticks as columns: `TickView.of(parse_stream_frame(frame), roster).emotion` is a numpy array.
"""

from __future__ import annotations

from protocol.codec import MESSAGE_TYPES, decode, encode
from protocol.columns import f32, pack_f32, pack_open_unit, pack_u16, pack_u32, u16, u32
from protocol.digest import schema_digest
from protocol.errors import (
    BadColumnError,
    BadValueError,
    MalformedError,
    ProtocolError,
    StaleEpochError,
    TooLargeError,
    UnknownMessageError,
    WrongVersionError,
)
from protocol.faces import FacesView, faces_topic, parse_faces_frame
from protocol.ids import CAPABILITIES, ERROR_CODES, OPERATIONS, PROTOCOL, STOP_REASONS
from protocol.messages import (
    Ack,
    AnyMessage,
    Bye,
    Capture,
    Command,
    Event,
    Faces,
    Fault,
    Hello,
    Message,
    Move,
    Notice,
    Observation,
    Observations,
    Owned,
    Part,
    Perception,
    Positions,
    Refused,
    Reply,
    Request,
    Result,
    Roster,
    Running,
    Snapshot,
    Start,
    Stop,
    Tick,
    Utterance,
    Variable,
    Variables,
    Welcome,
)
from protocol.views import TickView, parse_stream_frame, read_positions, stream_frame

__all__ = [
    "CAPABILITIES",
    "ERROR_CODES",
    "MESSAGE_TYPES",
    "OPERATIONS",
    "PROTOCOL",
    "STOP_REASONS",
    "Ack",
    "AnyMessage",
    "BadColumnError",
    "BadValueError",
    "Bye",
    "Capture",
    "Command",
    "Event",
    "Faces",
    "FacesView",
    "Fault",
    "Hello",
    "MalformedError",
    "Message",
    "Move",
    "Notice",
    "Observation",
    "Observations",
    "Owned",
    "Part",
    "Perception",
    "Positions",
    "ProtocolError",
    "Refused",
    "Reply",
    "Request",
    "Result",
    "Roster",
    "Running",
    "Snapshot",
    "StaleEpochError",
    "Start",
    "Stop",
    "Tick",
    "TickView",
    "TooLargeError",
    "UnknownMessageError",
    "Utterance",
    "Variable",
    "Variables",
    "Welcome",
    "WrongVersionError",
    "decode",
    "encode",
    "f32",
    "faces_topic",
    "pack_f32",
    "pack_open_unit",
    "pack_u16",
    "pack_u32",
    "parse_faces_frame",
    "parse_stream_frame",
    "read_positions",
    "schema_digest",
    "stream_frame",
    "u16",
    "u32",
]
