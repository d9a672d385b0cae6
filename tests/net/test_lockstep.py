"""Lock-step and control over real sockets: ticks come by request, in step with the engine, and nothing is lost."""

from __future__ import annotations

import pytest
import zmq

from emotion_runtime.inputs import Event
from emotion_runtime.outputs import Start
from emotion_runtime.player import NominalPlayer
from protocol import codec, messages
from protocol.views import TickView
from tests.net.serving import PATIENCE_MS, PATIENCE_S, collect, poll_until, serving
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import EngineClient
from unity_bridge.errors import RequestFailedError


def test_lock_step_through_sockets_loses_nothing_and_equals_the_world_alone() -> None:
    alone = LedgerWorld()
    expected = []
    player = NominalPlayer()
    for tick in range(120):
        if tick % 7 == 0:
            alone.apply(Event(name="go", target="ann", strength=tick / 1000))
        result = alone.step(1 / 60, wait=True)
        for command in result.commands:
            if isinstance(command, Start):
                player.start(command, result.time)
        expected.append(result.digest.hex())
    with serving(lockstep=True) as served, served.client(lockstep=True) as client:
        digests, frames = [], []
        for tick in range(120):
            if tick % 7 == 0:
                client.event("go", target="ann", strength=tick / 1000)
            digests.append(client.step().result["digest"])
            frames += [u for u in client.poll() if isinstance(u, TickView)]
        assert digests == expected
        assert [frame.tick for frame in frames] == list(range(1, 121))
        assert [frame.digest.hex() for frame in frames] == expected
        assert client.frames.skipped == 0


def test_many_ticks_in_one_step_all_arrive_though_the_window_is_smaller() -> None:
    with serving(lockstep=True, window=64) as served, served.client(lockstep=True) as client:
        reply = client.step(1000)
        frames = [u.tick for u in client.poll() if isinstance(u, TickView)]
        assert reply.tick == 1000
        assert frames == list(range(1, 1001))


def test_a_step_waits_for_the_observations_it_names() -> None:
    with serving(lockstep=True) as served, served.client(lockstep=True) as client:
        ask = messages.Request(client="tester", id=1, op="step", args={"after": {"game": 1}, "timeout": 15.0})
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.connect(served.endpoints[2])
        try:
            dealer.send(codec.encode(ask))
            dealer.send(codec.encode(messages.Request(client="tester", id=2, op="ping")))
            assert dealer.poll(PATIENCE_MS)
            ping = codec.decode(dealer.recv())
            assert isinstance(ping, messages.Reply)
            assert (ping.id, ping.tick) == (2, 0)
            client.event("go", target="ann")
            client.flush()
            poll_until(client, lambda: bool(dealer.poll(0)), "the step's reply")
            reply = codec.decode(dealer.recv())
        finally:
            context.destroy(linger=0)
        assert isinstance(reply, messages.Reply)
        assert (reply.id, reply.tick, reply.error) == (1, 1, None)
        assert len(served.world.applied) == 1


def test_a_step_gives_up_on_observations_that_never_come() -> None:
    with serving(lockstep=True) as served, served.client(lockstep=True) as client:
        with pytest.raises(RequestFailedError) as error:
            client.request("step", after={"game": 5}, timeout=0.05)
        assert error.value.code == "timeout"
        assert "batch 5" in error.value.message
        assert client.step().tick == 1


def test_a_repeated_request_is_done_once_and_answered_alike() -> None:
    with serving(lockstep=True) as served:
        context = zmq.Context()
        frame = codec.encode(messages.Request(client="tester", id=9, op="step", args={"n": 3}))
        replies = []
        try:
            for _ in range(4):
                dealer = context.socket(zmq.DEALER)
                dealer.connect(served.endpoints[2])
                dealer.send(frame)
                assert dealer.poll(PATIENCE_MS)
                replies.append(dealer.recv())
                dealer.close(linger=0)
        finally:
            context.destroy(linger=0)
        assert len(set(replies)) == 1
        assert served.world.tick == 3


def test_a_req_socket_can_ask_too() -> None:
    with serving(lockstep=True) as served:
        context = zmq.Context()
        req = context.socket(zmq.REQ)
        try:
            req.connect(served.endpoints[2])
            req.send(codec.encode(messages.Request(client="script", id=1, op="status")))
            assert req.poll(PATIENCE_MS)
            reply = codec.decode(req.recv())
        finally:
            context.destroy(linger=0)
        assert isinstance(reply, messages.Reply)
        assert reply.result["scene"] == "ledger"


def test_a_viewer_sees_a_standing_clock_as_paused_and_every_step_as_a_frame() -> None:
    with serving(lockstep=True) as served, served.client("viewer", owns=()) as viewer:
        poll_until(viewer, lambda: viewer.state == "paused", "paused")
        with served.client("driver", lockstep=True) as driver:
            driver.step(5)
            poll_until(viewer, lambda: viewer.latest is not None and viewer.latest.tick == 5, "tick 5")


def test_the_clock_runs_again_when_the_lock_step_engine_has_left() -> None:
    with serving() as served, served.client("viewer", owns=()) as viewer:
        with served.client("driver", lockstep=True) as driver:
            stood = driver.request("ping").tick
            assert driver.step(2).tick == stood + 2
        poll_until(viewer, lambda: served.world.tick > stood + 2, "the clock")


def test_actions_are_played_and_reported_until_all_are_closed() -> None:
    with serving(LedgerWorld(lasts=0.05), lockstep=True) as served, served.client(lockstep=True) as client:
        player, stopped, started = NominalPlayer(), [], []
        for tick in range(90):
            if tick % 30 == 0:
                client.event("go")
            client.step()
            for update in client.poll():
                if isinstance(update, messages.Start):
                    started.append(update.action)
                    player.start(update, served.world.time)
                elif isinstance(update, messages.Stop):
                    stopped.append((update.action, update.reason))
                    player.stop(update)
            for action in player.due(served.world.time):
                client.succeed(action)
        assert started == list(range(1, 13))
        assert stopped == [(action, "success") for action in started]
        assert len(player) == 0


def test_the_lock_step_engine_may_lose_its_connection_between_ticks() -> None:
    with serving(lockstep=True) as served, served.client(lockstep=True) as client:
        ticks: list[int] = []
        for _ in range(25):
            client.event("go", target="ann")
            client.reconnect()
            client.wait_live(PATIENCE_S)
            client.step(2)
            ticks += [u.tick for u in client.poll() if isinstance(u, TickView)]
        assert ticks == list(range(1, 51))
        assert len(served.world.applied) == 25


def test_without_conflation_every_frame_counts_and_none_is_missed() -> None:
    with serving() as served, EngineClient.connect(endpoints=served.endpoints, conflate=False) as client:
        collect(client, TickView, 60)
        assert client.frames.malformed == 0
        assert client.frames.skipped <= client.frames.received
