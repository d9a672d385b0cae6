"""Faces on request over real sockets: every reader gets its own wish, across reconnects and restarts."""

from __future__ import annotations

from protocol import ids
from protocol.faces import FacesView
from protocol.messages import Notice
from tests.net.serving import collect, poll_until, serving
from unity_bridge import Bridge, BridgeConfig, EngineClient


def test_each_reader_gets_the_faces_it_wished_for() -> None:
    with serving() as served, served.client("one") as one, served.client("two", owns=()) as two:
        one.want_faces("arkit52", characters=["bob"])
        two.want_faces("vrm", u8=False, near="campfire", radius=5.0)
        [mine] = collect(one, FacesView, 1)
        [theirs] = collect(two, FacesView, 1)
        assert (mine.form, mine.rows.tolist(), mine.weights.shape) == ("arkit52", [1], (1, 52))
        assert (theirs.form, theirs.rows.tolist(), theirs.weights.shape) == ("vrm", [0, 1, 2, 3], (4, 20))
        assert mine.columns[0] == "browDownLeft" and theirs.columns[0] == "happy"
        assert one.latest is not None, "ticks go on beside the faces"


def test_faces_are_those_of_their_tick_and_never_go_back() -> None:
    with serving() as served, served.client() as client:
        client.want_faces("arkit52", u8=False)
        ticks = [view.tick for view in collect(client, FacesView, 10)]
        assert ticks == sorted(set(ticks))
        assert client.faces is not None
        assert client.faces.weights[0, 0] == client.faces.tick % 256 / 255


def test_a_refused_wish_is_told_and_a_new_one_is_taken() -> None:
    with serving() as served, served.client() as client:
        client.want_faces(characters=["eve"])
        [notice] = collect(client, Notice, 1)
        assert notice.code == "unknown_character"
        client.want_faces(characters=["ann"])
        assert collect(client, FacesView, 1)[0].rows.tolist() == [0]


def test_no_more_faces_come_when_none_are_wished_for() -> None:
    with serving() as served, served.client() as client:
        client.want_faces()
        collect(client, FacesView, 1)
        client.want_faces("none")
        poll_until(client, lambda: not served.bridge._wishes._wishes[1].read, "the unsubscription")
        assert client.faces is None


def test_a_restarted_sidecar_is_asked_again() -> None:
    with serving() as served, served.client() as client:
        client.want_faces("vrm")
        first = collect(client, FacesView, 1)[0].session
        stream, _, _ = served.ports
        served.stop()
        with serving(port=stream) as again:
            assert again.bridge.session != first
            poll_until(client, lambda: client.faces is not None and client.faces.session != first, "faces")


def test_a_bridge_without_wishes_asks_no_world_for_faces() -> None:
    from tests.unity_bridge.ledger_world import LedgerWorld

    world = LedgerWorld()
    asked: list[object] = []
    world.face_block = lambda *each, **more: asked.append(each)  # type: ignore[method-assign,assignment]
    with Bridge(world, BridgeConfig(port=0)) as bridge:
        bridge.run(until=lambda: world.tick > 3)
    assert asked == []


def test_a_client_with_faces_has_the_connections_that_the_limit_leaves_room_for() -> None:
    with serving() as served, served.client() as client:
        client.want_faces("arkit52")
        collect(client, FacesView, 1)
        # one of them is still being noticed as long as the sidecar has not looked
        assert poll_until(client, lambda: _open(client) == ids.CONNECTIONS_EACH)
        assert _open(client) * ids.MAX_SESSIONS < ids.MAX_CONNECTIONS


def _open(client: EngineClient) -> int:
    found: int = client.request("status").result["connections"]["open"]
    return found
