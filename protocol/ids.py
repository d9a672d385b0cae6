"""Owns the fixed names and numbers of the wire: protocol number, capabilities, topics, codes, operations, limits."""

from __future__ import annotations

from typing import Final

PROTOCOL: Final = 1
"""Protocol N talks to N only. Additions are capabilities; a removal or a change of meaning makes N + 1."""

TOPIC_TICK: Final = b"tick"
"""First four bytes of every stream frame; the msgpack message follows in the same frame."""

TOPIC_FACES: Final = b"face"
"""First four bytes of a frame of faces; then the wish's number as 8 hexadecimal digits, then the message."""

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 5570
"""Stream on this port, link on the next, control on the one after."""

CAPABILITIES: Final = (
    "columns.f32",
    "credit",
    "faces.arkit52",
    "faces.vrm",
    "faces.wishes",
    "lips",
    "lockstep",
    "ownership",
    "parts",
    "perception.face",
    "perception.text",
    "perception.voice",
    "performers",
    "resume",
    "save",
    "sight",
    "variables",
)
"""What this sidecar can do, by name."""

OPERATIONS: Final = (
    "ping", "status", "why", "pause", "resume", "step", "own", "reload", "save", "restore", "subscribe_faces",
    "shutdown",
)  # fmt: skip
"""What a request may ask."""

STOP_REASONS: Final = (
    "success",
    "engine_failure",
    "timeout",
    "trigger_lost",
    "outranked",
    "parent_ended",
    "reload",
    "handed_over",
)

ERROR_CODES: Final = {
    "malformed": "the bytes are not a message of this protocol",
    "too_large": "a message, text or column is longer than its limit",
    "wrong_version": "the peer speaks another protocol number",
    "unknown_message": "a message type this side does not know; skipped",
    "bad_value": "a value is out of range or not finite",
    "bad_column": "a column's length does not fit its row count",
    "stale_epoch": "the rows belong to an older roster",
    "not_welcome": "a message arrived before a hello was welcomed",
    "already_owned": "another engine owns that character",
    "already_connected": "that client name is connected already",
    "too_many_sessions": "the sidecar serves as many engines as it may",
    "unknown_character": "the scene has no such character",
    "unknown_subject": "the scene has no such character or object",
    "unknown_event": "the scene declares no such event",
    "unknown_variable": "the scene declares no such variable",
    "unknown_label": "the scene has no such emotion",
    "unknown_action": "no action with that number is running; it may have been stopped meanwhile",
    "unknown_shape": "ARKit has no blendshape of that name",
    "bad_timing": "what a speech service told about a voice cannot be read",
    "bad_track": "what the lips do when overlaps, or is too long",
    "bad_audio": "a voice is no mono audio of 4 to 384 kHz",
    "bad_capture": "a captured face is not one",
    "too_many_wishes": "the sidecar serves as many wishes for faces as it may",
    "unknown_operation": "no such request",
    "not_owner": "the character belongs to another engine",
    "not_allowed": "the peer's role may not do that",
    "gap": "an observation batch is missing before this one",
    "no_credit": "more batches in flight than the credit allows",
    "slow_client": "the engine did not take its commands in time",
    "behind": "the engine was slow: older values and notices were left out, newer ones took their place",
    "perception_failed": "the model gave no usable result",
    "perception_shed": "too many utterances at once; the oldest waiting one was given up",
    "perception_unavailable": "there is no model that answers; status says why",
    "perception_closed": "the sidecar ended before the utterance was understood",
    "perception_stale": "the utterance waited so long that nobody cares, or a newer one took its place",
    "perception_lost": "the sidecar came back while a voice was under way, and its sound is gone",
    "schema_differs": "the peer was built with another schema; unknown fields are skipped",
    "timeout": "it took too long",
    "restored": "the simulation went on from a saved state: a new world, say hello again",
    "no_save": "the bytes are not a saved state",
    "bad_save": "the saved state is damaged, or of a later version",
    "journal_stopped": "the sidecar cannot keep its journal any more: a new world, say hello again",
    "shutting_down": "the sidecar is ending",
    "internal": "a fault in the sidecar itself; please report it",
}
"""Every code that can appear in refused, notice, bye, reply and perception, with its meaning."""

HEARTBEAT_INTERVAL_MS: Final = 1000
HEARTBEAT_TIMEOUT_MS: Final = 3000
OBSERVATION_CREDIT: Final = 8
COMMAND_WINDOW: Final = 512
"""Reliable messages an engine may be behind before the session ends with `slow_client`."""

MAX_ID_CHARS: Final = 128
MAX_NAME_CHARS: Final = 256
MAX_TEXT_CHARS: Final = 4096
MAX_VOICE_BYTES: Final = 192_000
"""Sound in one observation: two seconds at 48,000 samples a second."""
MAX_OBSERVATIONS: Final = 4096
"""Observations in one batch."""
MAX_CHARACTERS: Final = 131_072
MAX_LINK_BYTES: Final = 4 * 1024 * 1024
MAX_CONTROL_BYTES: Final = 4 * 1024 * 1024
MAX_STATE_BYTES: Final = 64 * 1024 * 1024
"""A stream frame or a snapshot: the largest world with faces is 33 MiB."""
PART_BYTES: Final = 256 * 1024
"""A snapshot longer than this goes in parts, so that no frame holds up the heartbeats."""
MAX_PARTS: Final = 256
"""Parts of one message; together at most MAX_STATE_BYTES."""
MAX_SUBSCRIPTION_BYTES: Final = 1024
MAX_SESSIONS: Final = 64
CONNECTIONS_EACH: Final = 4
"""TCP connections of one client: link, control, stream, and the stream once more for the faces it wishes for."""
MAX_CONNECTIONS: Final = 320
"""TCP connections to all three sockets: room for all sessions, and for old ones that still have to die."""
MAX_WISHES: Final = 64
"""Different wishes for faces at a time."""
MAX_DEPTH: Final = 16
"""Nesting of maps and arrays in a message; the message itself is level 1."""
MAX_VALUES: Final = 1_048_576
"""Values in a message, map keys included."""
MAX_COUNT: Final = 2**63 - 1
"""Largest integer: what a signed 64-bit engine integer holds."""
MAX_FLOAT: Final = 3.4028234663852886e38
"""Largest magnitude of a number: every number on the wire fits a float32. NaN and infinities never do."""
DIGEST_BYTES: Final = 16
"""Length of `tick.digest`, when it is there."""
