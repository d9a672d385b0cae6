"""Owns the list of every limit a peer or a file can run into, and the table of it in docs/security.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from behaviors.expressions import parser
from behaviors.forms import MAX_DEPTH as MOST_TREE_LEVELS
from emotion_runtime import intake
from emotion_runtime.journal import disk
from emotion_runtime.journal.writer import LATE_SEGMENTS, SEGMENT_BYTES
from emotion_runtime.monitor import tape
from emotion_runtime.perception import conversation, manifest, model_folder, onnx_structure, service
from emotion_runtime.scene import diagnostics, files, sharing, sketches, yaml_reader
from emotion_runtime.scene.build import MOST_CHARACTERS, MOST_OBJECTS, MOST_RULES
from protocol import ids
from unity_bridge import control, link, observation_queue, watch
from unity_bridge.config import BridgeConfig
from unity_bridge.monitor import desk, guard, talk

PAGE = Path(__file__).parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- limits: python -m unity_bridge.limits --write -->", "<!-- end of limits -->"


@dataclass(frozen=True, slots=True)
class Limit:
    """What is limited, to how much, and what becomes of more."""

    what: str
    value: int
    unit: str
    beyond: str

    def amount(self) -> str:
        """The value for people: MiB and KiB where they are whole."""
        if self.unit == "bytes":
            for size, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
                if self.value % size == 0:
                    return f"{self.value // size} {name}"
        return f"{self.value:,} {self.unit}".rstrip()


def limits() -> Iterator[Limit]:
    """Every limit, grouped as in the docs: connections, messages, work, scenes, models."""
    config = BridgeConfig()
    yield Limit("connections to all three sockets", config.max_connections, "", "closed at once")
    yield Limit("silence in a handshake", config.handshake_ms, "ms", "closed")
    yield Limit("silence of a connection", config.heartbeat_timeout_ms, "ms", "closed")
    yield Limit("sessions", config.max_sessions, "", "`too_many_sessions`")
    yield Limit("a frame on the link", config.max_link_bytes, "bytes", "closed")
    yield Limit("a frame on control", config.max_control_bytes, "bytes", "closed")
    yield Limit("a subscription", config.max_subscription_bytes, "bytes", "closed")
    yield Limit("subscriptions of one connection", watch.STREAM_BYTES, "bytes", "closed")
    begun = config.max_link_bytes + watch.UNREAD_BYTES
    yield Limit("bytes of a connection without a whole message", begun, "bytes", "closed")
    yield Limit("such bytes of all connections", watch.TOGETHER * begun, "bytes", "the largest is closed")
    yield Limit("messages read of one socket in a turn", config.drain, "", "the next turn")
    yield Limit("batches under way of one engine", config.credit, "", "`no_credit`")
    yield Limit("messages an engine may be behind", config.window, "", "`slow_client`")
    yield Limit("refusals that wait for strangers", link.STRAY_ANSWERS, "", "counted and dropped")
    yield Limit("notices to one engine in a tick", config.notices_per_tick, "", "summed up in one more")
    yield Limit("nesting of a message", ids.MAX_DEPTH, "levels", "`malformed`")
    yield Limit("values in a message", ids.MAX_VALUES, "", "`malformed`")
    yield Limit("an id", ids.MAX_ID_CHARS, "characters", "`too_large`")
    yield Limit("a name", ids.MAX_NAME_CHARS, "characters", "`too_large`")
    yield Limit("a text", ids.MAX_TEXT_CHARS, "characters", "`too_large`")
    yield Limit("observations in a batch", ids.MAX_OBSERVATIONS, "", "`too_large`")
    yield Limit("events that wait in a client", observation_queue.MAX_WAITING_EVENTS, "", "an error in the game")
    yield Limit("observations that wait for a tick", intake.MAX_QUEUED, "", "an eighth of the states is dropped")
    yield Limit("utterances that wait for the model", service.MAX_WAITING, "", "`perception_shed`, the oldest first")
    yield Limit("conversations remembered", conversation.MAX_CONVERSATIONS, "", "the oldest is forgotten")
    yield Limit("replies kept for retries", control.KEPT_REPLIES, "", "the oldest is forgotten")
    yield Limit("steps that wait", control.WAITING_STEPS, "", "`timeout`")
    yield Limit("ticks of one step", control.MAX_STEPS, "", "`bad_value`")
    yield Limit("live pages at once", guard.MOST_PAGES, "", "closed")
    yield Limit("a message of a live page", guard.LARGEST_QUESTION, "bytes", "closed")
    yield Limit("frames a live page may be behind", talk.MOST_BEHIND, "", "it jumps to the newest, and is told")
    yield Limit("wishes of editors' pages that wait", desk.MOST_WAITING, "", "`too_large`")
    yield Limit("frames kept for live pages", tape.FRAME_BYTES, "bytes", "the oldest are forgotten")
    yield Limit("reasons kept for live pages", tape.MOMENT_BYTES, "bytes", "the oldest are forgotten")
    yield Limit("parts of a journal in its folder", disk.KEPT_SEGMENTS, "", "the oldest are removed")
    most = LATE_SEGMENTS * SEGMENT_BYTES
    yield Limit("a part of a journal, or four times its state", most, "bytes", "the next one begins")
    yield Limit("characters", MOST_CHARACTERS, "", "`too-large`")
    yield Limit("smart objects", MOST_OBJECTS, "", "`too-large`")
    yield Limit("rules", MOST_RULES, "", "`too-large`")
    yield Limit("a scene file", files.LARGEST_FILE, "bytes", "`too-large`")
    yield Limit("files of a scene", files.MOST_FILES, "", "`too-large`")
    yield Limit("keys and values in a scene file", yaml_reader.MOST_NODES, "", "`too-large`")
    yield Limit("nesting of a scene file", yaml_reader.DEEPEST, "levels", "`too-large`")
    yield Limit("nodes of a tree", sketches.MOST_NODES, "", "`too-large`")
    yield Limit("different uses of trees with parameters", sharing.MOST_USES, "", "`too-large`")
    yield Limit("levels of a tree", MOST_TREE_LEVELS, "", "`too-large`")
    yield Limit("a trigger", parser.MAX_CHARS, "characters", "refused, with the place")
    yield Limit("terms of a trigger", parser.MAX_NODES, "", "refused, with the place")
    yield Limit("nesting of a trigger", parser.MAX_DEPTH, "levels", "refused, with the place")
    yield Limit("faults told of a scene", diagnostics.MOST_FAULTS, "", "the rest is not shown")
    for name, value in manifest.MAX_BYTES.items():
        yield Limit(f"`{name}` of a model", value, "bytes", "`model_too_large`, unread")
    yield Limit("labels of a model", model_folder.MAX_LABELS, "", "`broken_labels`")
    yield Limit("nesting of an ONNX file", onnx_structure.MAX_DEPTH, "levels", "`broken_model`")


def table() -> str:
    """The limits as a Markdown table."""
    rows = (f"| {each.what} | {each.amount()} | {each.beyond} |\n" for each in limits())
    return "| limit | | beyond it |\n| --- | --- | --- |\n" + "".join(rows)


def write(page: Path = PAGE) -> None:
    """Put the table into the page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN + "\n")
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table()}{END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        sys.stdout.write(table())
