"""Owns `Protocol.g.cs`: the fixed names, numbers and limits of the wire as C# constants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from protocol import ids
from protocol.codegen import GENERATED, pascal
from protocol.digest import schema_digest

PACKAGE: Final = "unity_bridge/unity/com.emotionruntime.sidecar"
PATH: Final = f"{PACKAGE}/Runtime/Core/Wire/Protocol.g.cs"

_NUMBERS: Final = {
    "DefaultPort": ("DEFAULT_PORT", "Stream on this port, link on the next, control on the one after."),
    "HeartbeatIntervalMs": ("HEARTBEAT_INTERVAL_MS", "Between pings, and between acknowledgements when all is quiet."),
    "HeartbeatTimeoutMs": ("HEARTBEAT_TIMEOUT_MS", "A connection silent for longer is lost."),
    "ObservationCredit": ("OBSERVATION_CREDIT", "Batches in flight before a welcome says otherwise."),
    "MaxIdChars": ("MAX_ID_CHARS", "Characters of an id."),
    "MaxTextChars": ("MAX_TEXT_CHARS", "Characters of an utterance."),
    "MaxObservations": ("MAX_OBSERVATIONS", "Observations in one batch."),
    "MaxLinkBytes": ("MAX_LINK_BYTES", "A frame to the sidecar."),
    "MaxStateBytes": ("MAX_STATE_BYTES", "A frame from the sidecar."),
    "MaxDepth": ("MAX_DEPTH", "Nesting of maps and arrays; the message itself is level 1."),
    "MaxValues": ("MAX_VALUES", "Values in a message, map keys included."),
    "DigestBytes": ("DIGEST_BYTES", "Length of a tick's digest, when it is there."),
}


def render() -> str:
    """Return the text of the file."""
    lines = [
        f"// Owns the fixed names and numbers of the wire. {GENERATED}",
        "namespace EmotionRuntime",
        "{",
        "    /// <summary>Protocol number, limits and names, as in docs/protocol.md.</summary>",
        "    public static class Protocol",
        "    {",
        *_constant("long", "Number", str(ids.PROTOCOL), "Protocol N talks to N only."),
        *_constant("string", "SchemaDigest", f'"{schema_digest()}"', "Schema this client was built with."),
        *_constant("string", "TopicTick", f'"{ids.TOPIC_TICK.decode()}"', "First bytes of a tick on the stream."),
        *_constant("string", "TopicFaces", f'"{ids.TOPIC_FACES.decode()}"', "First bytes of faces on the stream."),
        *_constant("string", "DefaultHost", f'"{ids.DEFAULT_HOST}"', "Where the sidecar listens."),
    ]
    for name, (source, meaning) in _NUMBERS.items():
        lines += _constant("int", name, str(getattr(ids, source)), meaning)
    lines += [
        "        /// <summary>What this client can do, by name.</summary>",
        "        public static readonly string[] Capabilities =",
        "        {",
        *(f'            "{name}",' for name in ids.CAPABILITIES),
        "        };",
        "    }",
        "",
        *_names("Codes", "Stable codes of refusals, notices and faults.", ids.ERROR_CODES.items()),
        "",
        *_names("Operations", "What a request may ask.", ((name, "") for name in ids.OPERATIONS)),
        "",
        *_names("StopReasons", "Why an action was stopped.", ((name, "") for name in ids.STOP_REASONS)),
        "}",
        "",
    ]
    return "\n".join(lines)


def _constant(kind: str, name: str, value: str, meaning: str) -> list[str]:
    return [f"        /// <summary>{meaning}</summary>", f"        public const {kind} {name} = {value};", ""]


def _names(name: str, meaning: str, entries: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f"    /// <summary>{meaning}</summary>", f"    public static class {name}", "    {"]
    for value, explanation in entries:
        said = explanation or f"On the wire: {value}."
        lines += [f"        /// <summary>{said}</summary>", f'        public const string {pascal(value)} = "{value}";']
    return [*lines, "    }"]
