"""A client meets a sidecar over real sockets."""

from __future__ import annotations

import numpy as np
import pytest

from emotion_runtime.errors import InputError, UsageError
from protocol import messages
from protocol.views import TickView
from tests.net.serving import collect, poll_until, serving
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import Bridge, BridgeConfig, EngineClient
from unity_bridge.errors import ConnectTimeoutError, RefusedError, RequestFailedError


def test_a_client_is_whole_after_one_snapshot() -> None:
    with serving() as served, served.client() as client:
        assert client.roster.characters == served.world.characters
        assert client.owns == served.world.characters
        assert client.latest is not None
        assert client.latest.emotion.shape == (4, 3)


def test_frames_come_and_are_newer_than_the_snapshot() -> None:
    with serving() as served, served.client(conflate=False) as client:
        frames = collect(client, TickView, 10)
        ticks = [frame.tick for frame in frames]
        assert ticks == sorted(set(ticks))
        assert ticks[0] > client.snapshot.state.tick
        assert client.state == "live"
        assert client.frames.received == len(frames)
        assert client.frames.skipped == ticks[-1] - client.snapshot.state.tick - len(frames)


def test_words_and_events_go_in_and_perceptions_and_commands_come_out() -> None:
    with serving() as served, served.client() as client:
        number = client.say("ann", "hello there", to="bob")
        client.event("go", target="bob")
        updates = collect(client, messages.Perception | messages.Start, 2)
        perception, start = sorted(updates, key=lambda u: isinstance(u, messages.Start))
        assert perception.utterance == number
        assert abs(sum(perception.probabilities) - 1) < 1e-9
        assert (start.character, start.payload) == ("bob", {"hand": "left"})
        client.succeed(start.action)
        [stop] = collect(client, messages.Stop, 1)
        assert (stop.action, stop.reason) == (start.action, "success")


def test_a_late_joiner_knows_what_is_running_and_set() -> None:
    with serving(LedgerWorld(lasts=60.0)) as served, served.client("first") as first:
        first.event("go", target="cid")
        first.set("campfire.lit", True)
        [start] = collect(first, messages.Start, 1)
        with served.client("second", owns=()) as second:
            assert second.owns == ()
            [running] = second.snapshot.running
            assert (running.action, running.character) == (start.action, "cid")
            assert second.snapshot.variables == {"campfire.lit": 1.0}
            assert second.latest is not None
            assert second.latest.action.tolist() == [0, 0, 1, 0]


def test_a_second_owner_is_refused_and_the_first_goes_on() -> None:
    with serving() as served, served.client("first", owns=["ann"]) as first:
        with pytest.raises(RefusedError) as refused:
            served.client("second", owns=["bob", "ann"])
        assert refused.value.code == "already_owned"
        assert "first" in refused.value.message
        with served.client("third") as third:
            assert third.owns == ("bob", "cid", "dan")
        assert first.request("ping").tick >= 0


def test_a_second_engine_of_the_same_name_is_refused() -> None:
    with serving() as served, served.client("game"):
        with pytest.raises(RefusedError) as refused:
            EngineClient.connect(endpoints=served.endpoints, name="game", timeout=0.2)
        assert refused.value.code == "already_connected"


def test_an_engine_that_died_and_started_again_is_let_in() -> None:
    with serving(LedgerWorld(lasts=60.0)) as served:
        first = served.client("game")
        first.event("go", target="ann")
        collect(first, messages.Start, 1)
        first._sockets.close()  # killed: no goodbye
        with served.client("game") as second:
            assert second.owns == served.world.characters
            assert len(second.snapshot.running) == 1


def test_an_unknown_character_is_refused() -> None:
    with serving() as served, pytest.raises(RefusedError) as refused:
        served.client(owns=["zoe"])
    assert refused.value.code == "unknown_character"
    assert "ann" in refused.value.remedy


def test_a_refused_observation_is_told_with_its_place_and_changes_nothing() -> None:
    with serving() as served, served.client() as client:
        client.move("ann", 1, 2, 3)
        client.move("nobody", 1, 2, 3)
        client.event("late")
        client.succeed(99)
        notices = collect(client, messages.Notice, 3)
        assert {(n.code, n.batch, n.item) for n in notices} == {
            ("unknown_subject", 1, 1),
            ("bad_value", 1, 2),
            ("unknown_action", 1, 3),
        }
        assert "did you mean" in next(n.message for n in notices if n.code == "unknown_subject")
        counted = client.request("status").result["link"]
        assert counted["unknown_subject"] == counted["bad_value"] == counted["unknown_action"] == 1


def test_another_engines_characters_are_not_ones_own() -> None:
    world = LedgerWorld(lasts=60.0)
    with serving(world) as served, served.client("one", owns=["ann"]) as one, served.client("two") as two:
        one.event("go", target="ann")
        [start] = collect(one, messages.Start, 1)
        two.succeed(start.action)
        two.move("ann", 0, 0, 0)
        two.positions([0, 1], np.zeros((2, 3)))
        two.positions([1, 2], np.ones((2, 3)))
        codes = [n.code for n in collect(two, messages.Notice, 3)]
        assert codes == ["not_owner"] * 3
        assert not [u for u in one.poll() if isinstance(u, messages.Stop)]


def test_positions_of_another_roster_or_out_of_range_are_refused() -> None:
    with serving() as served, served.client() as client:
        client._tell(messages.Positions(epoch=7, index=b"", xyz=b""))
        client._tell(messages.Positions(epoch=1, index=b"\0\0\0\0", xyz=b""))
        client.positions([9], [[0, 0, 0]])
        codes = [n.code for n in collect(client, messages.Notice, 3)]
        assert codes == ["stale_epoch", "bad_column", "bad_value"]


def test_what_could_not_be_read_is_refused_before_it_spoils_a_batch() -> None:
    with serving() as served, served.client() as client:
        for bad in (
            lambda: client.event("go", strength=1.5),
            lambda: client.move("ann", float("nan"), 0, 0),
            lambda: client.say("", "who is there?"),
            lambda: client.say("ann", "x" * 5000),
            lambda: client.set("campfire.lit", float("inf")),
            lambda: client.succeed(-1),
            lambda: client.positions([0], [[0, float("nan"), 0]]),
        ):
            with pytest.raises(InputError):
                bad()
        client.event("go", target="ann")
        collect(client, messages.Start, 1)
        assert len(served.world.applied) == 1


def test_the_port_in_use_is_named_with_what_to_do() -> None:
    with serving() as served:
        port = served.ports[0]
        with pytest.raises(UsageError) as error:
            Bridge(LedgerWorld(), BridgeConfig(port=port))
        assert error.value.code == "port_in_use"
        assert str(port) in error.value.message
        assert "--port" in error.value.remedy


def test_ports_follow_each_other_even_when_chosen_freely() -> None:
    with serving() as served:
        stream, link, control = served.ports
        assert (link, control) == (stream + 1, stream + 2)
        with EngineClient.connect(port=stream) as client:
            assert client.state in ("live", "stale")


def test_nobody_there_is_said_in_time() -> None:
    with serving() as served:
        endpoints = served.endpoints
    with pytest.raises(ConnectTimeoutError) as error:
        EngineClient.connect(endpoints=endpoints, timeout=0.3)
    assert "emotion-runtime serve" in error.value.remedy


def test_pause_and_resume_are_seen_by_the_engine() -> None:
    with serving() as served, served.client() as client:
        reply = client.request("pause")
        poll_until(client, lambda: client.state == "paused", "paused")
        assert served.world.tick == reply.tick
        client.request("resume")
        poll_until(client, lambda: client.latest is not None and client.latest.tick > reply.tick, "a tick")
        assert client.state == "live"


def test_a_fault_in_a_request_is_typed() -> None:
    with serving() as served, served.client() as client:
        for op, args, code in (
            ("dance", {}, "unknown_operation"),
            ("why", {"character": "zoe"}, "unknown_character"),
            ("why", {}, "bad_value"),
            ("ping", {"loud": True}, "bad_value"),
            ("step", {}, "bad_value"),
            ("step", {"n": -1}, "bad_value"),
        ):
            with pytest.raises(RequestFailedError) as error:
                client.request(op, **args)
            assert error.value.code == code, op
        assert client.request("why", character="ann").result["character"] == "ann"


def test_shutdown_answers_and_says_goodbye() -> None:
    with serving() as served, served.client() as client:
        client.request("shutdown")
        [bye] = collect(client, messages.Bye, 1)
        assert bye.reason == "shutting_down"
        assert client.state == "lost"
