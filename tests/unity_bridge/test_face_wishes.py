"""Wishes for faces: equal ones are one, what nobody reads is not computed, and what cannot be is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emotion_runtime.expression.shapes import ARKIT, VRM
from protocol import ids
from protocol.faces import FacesView, faces_topic, parse_faces_frame
from protocol.messages import Roster
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge.faces import UNREAD_S, Wishes, read_wish
from unity_bridge.requests import Arguments, FaultError

WORLD = LedgerWorld()
ROSTER = Roster(epoch=1, scene="ledger", characters=WORLD.characters, labels=WORLD.labels, actions=WORLD.actions)


def ask(wishes: Wishes, now: float = 0.0, **args: Any) -> dict[str, Any]:
    return wishes.ask(read_wish(Arguments({"form": "arkit52", **args})), WORLD, now)


def test_equal_wishes_have_one_topic_and_others_another() -> None:
    wishes = Wishes()
    first = ask(wishes, u8=True)
    assert first["columns"] == list(ARKIT)
    assert ask(wishes, u8=True)["topic"] == first["topic"]
    other = ask(wishes, form="vrm", characters=["bob"])
    assert other["topic"] != first["topic"] and other["columns"] == list(VRM)
    assert not other["topic"].startswith(first["topic"]) and len(wishes) == 2


def test_only_what_is_read_is_computed() -> None:
    wishes = Wishes()
    topic = ask(wishes, characters=["cid", "ann"])["topic"].encode()
    assert list(wishes.frames(WORLD, 7, 0.0)) == []
    wishes.subscription(b"\x01" + topic, 1.0)
    [frame] = wishes.frames(WORLD, 7, 1.0)
    number, faces = parse_faces_frame(frame)
    assert faces_topic(number) == topic
    view = FacesView.of(faces, ROSTER, ARKIT)
    assert view.rows.tolist() == [0, 2] and view.weights.shape == (2, 52)
    wishes.subscription(b"\x00" + topic, 2.0)
    assert list(wishes.frames(WORLD, 7, 2.0)) == []


def test_a_wish_is_forgotten_when_nobody_reads_it() -> None:
    wishes = Wishes()
    topic = ask(wishes)["topic"].encode()
    wishes.subscription(b"\x01" + topic, 1.0)
    assert len(list(wishes.frames(WORLD, 7, 1000.0))) == 1
    wishes.subscription(b"\x00" + topic, 1000.0)
    list(wishes.frames(WORLD, 7, 1000.0 + UNREAD_S))
    assert len(wishes) == 1
    list(wishes.frames(WORLD, 7, 1000.1 + UNREAD_S))
    assert len(wishes) == 0


def test_there_are_so_many_wishes_and_no_more() -> None:
    wishes = Wishes()
    for radius in range(1, ids.MAX_WISHES + 1):
        ask(wishes, near="ann", radius=radius)
    with pytest.raises(FaultError) as caught:
        ask(wishes, near="bob", radius=1)
    assert caught.value.fault.code == "too_many_wishes"
    ask(wishes, now=UNREAD_S + 1.0, near="bob", radius=1)
    assert len(wishes) == 1


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"form": "flame"}, "bad_value"),
        ({"form": "none"}, "bad_value"),
        ({"form": 3}, "bad_value"),
        ({"u8": 1}, "bad_value"),
        ({"characters": ["eve"]}, "unknown_character"),
        ({"characters": ["campfire"]}, "unknown_character"),
        ({"characters": "ann"}, "bad_value"),
        ({"near": "nowhere", "radius": 2}, "unknown_subject"),
        ({"near": "campfire"}, "bad_value"),
        ({"radius": 3}, "bad_value"),
        ({"around": [0, 0], "radius": 3}, "bad_value"),
        ({"around": [0, 0, float("nan")], "radius": 3}, "bad_value"),
        ({"around": [0, 0, 0], "near": "ann", "radius": 3}, "bad_value"),
        ({"whose": "ann"}, "bad_value"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_leaves_nothing(args: dict[str, Any], code: str) -> None:
    wishes = Wishes()
    with pytest.raises(FaultError) as caught:
        ask(wishes, **args)
    assert caught.value.fault.code == code
    assert len(wishes) == 0


def test_a_subscription_to_what_was_never_wished_for_is_nothing() -> None:
    wishes = Wishes()
    for topic in (b"tick", b"face", faces_topic(9), b"", b"face" + bytes(99)):
        wishes.subscription(b"\x01" + topic, 0.0)
    assert list(wishes.frames(WORLD, 7, 0.0)) == []


def test_bytes_are_a_quarter_of_floats() -> None:
    wishes = Wishes()
    sizes = []
    for u8 in (False, True):
        topic = ask(wishes, u8=u8)["topic"].encode()
        wishes.subscription(b"\x01" + topic, 0.0)
    for frame in wishes.frames(WORLD, 7, 0.0):
        faces = parse_faces_frame(frame)[1]
        sizes.append(len(faces.weights))
        assert np.isfinite(FacesView.of(faces, ROSTER, ARKIT).weights).all()
    assert sizes == [4 * 52 * 4, 4 * 52]
