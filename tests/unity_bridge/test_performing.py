"""A performer's datagrams become captures: the latest of a turn, by name, and nothing of a faulty one."""

from __future__ import annotations

import socket
import struct

import pytest

from emotion_runtime.errors import InputError, UsageError
from emotion_runtime.expression.transfer.takes import UDP_ORDER
from emotion_runtime.inputs import Capture
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge.performing import DEFAULT_PORT, PerformerPort, parse_performer


def datagram(**weights: float) -> bytes:
    name = b"phone"
    head = struct.pack("<i", 6) + b"$" + bytes(36) + struct.pack("!i", len(name)) + name
    head += struct.pack("!ifii", 1, 0.0, 60, 1) + struct.pack("!B", len(UDP_ORDER))
    return head + struct.pack(f"!{len(UDP_ORDER)}f", *(weights.get(shape, 0.0) for shape in UDP_ORDER))


def sent(port: PerformerPort, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        for each in datagrams:
            phone.sendto(each, ("127.0.0.1", port.port))
    before = sum(port.counts.values())
    while sum(port.counts.values()) < before + len(datagrams):
        assert port.turn() is False


def test_the_latest_face_of_a_turn_drives_the_character() -> None:
    world = LedgerWorld()
    with PerformerPort(world, "bob", "127.0.0.1", 0) as port:
        sent(port, datagram(jawOpen=0.5, mouthSmileLeft=0.25), b"no face", datagram(jawRight=1.0))
        world.step(1 / 60, wait=True)
    captures = [told for _, _, told in world.applied if isinstance(told, Capture)]
    assert captures[-1] == Capture("bob", {"jawRight": 1.0})
    assert port.counts["bad_capture"] == 1


def test_a_face_at_rest_is_a_face_too() -> None:
    world = LedgerWorld()
    with PerformerPort(world, "bob", "127.0.0.1", 0) as port:
        sent(port, datagram())
        world.step(1 / 60, wait=True)
    [(_, _, told)] = world.applied
    assert isinstance(told, Capture)
    assert told.weights, "without weights it would let the character go"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("guard", ("guard", "127.0.0.1", DEFAULT_PORT)),
        ("guard=5000", ("guard", "127.0.0.1", 5000)),
        ("guard=0.0.0.0:5000", ("guard", "0.0.0.0", 5000)),
        ("guard=[::1]:5000", ("guard", "::1", 5000)),
    ],
)
def test_a_performer_is_a_character_and_a_port(text: str, found: tuple[str, str, int]) -> None:
    assert parse_performer(text) == found


@pytest.mark.parametrize("text", ["", "=5000", "guard=", "guard=port", "guard=99999"])
def test_what_is_no_performer_is_refused(text: str) -> None:
    if text == "guard=":
        assert parse_performer(text)[2] == DEFAULT_PORT
        return
    with pytest.raises(UsageError):
        parse_performer(text)


def test_a_port_in_use_and_an_unknown_character_are_told() -> None:
    world = LedgerWorld()
    with PerformerPort(world, "bob", "127.0.0.1", 0) as port, pytest.raises(UsageError, match="cannot listen"):
        PerformerPort(world, "ann", "127.0.0.1", port.port)
    with pytest.raises(InputError, match="eve"):
        PerformerPort(world, "eve", "127.0.0.1", 0)
