"""What goes wrong between two processes, over real sockets: nothing numbered is lost, nothing bad is kept."""

from __future__ import annotations

import os
import random
import socket
import struct
import time

import psutil
import pytest
import zmq

from emotion_runtime.inputs import Event
from protocol import codec, messages
from protocol.views import TickView
from tests.net.proxy import Proxy
from tests.net.serving import PATIENCE_MS, PATIENCE_S, collect, poll_until, serving
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import EngineClient

READY = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)


def test_nothing_is_lost_doubled_or_reordered_through_many_cuts() -> None:
    world = LedgerWorld(lasts=1000.0, rate=200.0)
    rng = random.Random(7)
    with serving(world) as served, Proxy(served.ports[1]) as proxy:
        through = (served.endpoints[0], f"tcp://127.0.0.1:{proxy.port}", served.endpoints[2])
        with EngineClient.connect(endpoints=through, timeout=PATIENCE_S) as client:
            started: list[int] = []
            sent = cuts = mark = 0
            deadline = time.monotonic() + PATIENCE_S * 2
            while cuts < 24 or len(started) < sent:
                if sent - len(started) < 40 and cuts < 24:
                    for _ in range(rng.randrange(1, 12)):
                        client.event("go", target="ann", strength=sent / 10_000)
                        sent += 1
                started += [u.action for u in client.poll(0.01) if isinstance(u, messages.Start)]
                if cuts < 24 and len(started) > mark and client.session.state == "live":
                    proxy.cut()
                    mark = len(started)
                    cuts += 1
                assert time.monotonic() < deadline, f"{len(started)} of {sent}, {client.reason}"
            applied = [round(item.strength * 10_000) for _, _, item in world.applied if isinstance(item, Event)]
            assert proxy.connections >= 20
            assert applied == list(range(sent))
            assert started == list(range(1, sent + 1))
            assert client.session.counts["resumed"] >= 20


def test_a_connection_dropped_by_the_engine_is_resumed() -> None:
    world = LedgerWorld(lasts=1000.0)
    with serving(world) as served, served.client() as client:
        actions: list[int] = []
        for _ in range(20):
            client.event("go", target="bob")
            client.flush()
            client.reconnect()
            actions += [s.action for s in collect(client, messages.Start, 1)]
        assert actions == list(range(1, 21))
        assert len(world.applied) == 20


def test_a_stalled_reader_wakes_to_the_latest_frame() -> None:
    with serving() as served, served.client("editor") as editor, served.client("watch", owns=()) as watch:
        collect(editor, TickView, 2)
        stood_at = served.world.tick
        poll_until(watch, lambda: served.world.tick >= stood_at + 60, "a second of ticks")
        before = served.world.tick
        [first] = [u for u in editor.poll(1.0) if isinstance(u, TickView)]
        assert first.tick >= before - 6
        assert editor.frames.skipped >= 50


def test_an_engine_that_never_reads_is_let_go_and_the_others_are_not_disturbed() -> None:
    world = LedgerWorld(lasts=1000.0, rate=200.0)
    with serving(world, window=16) as served, served.client("good", owns=["ann"]) as good:
        slow = served.client("slow", owns=["bob"])
        for _ in range(30):
            good.event("go", target="bob")
            tick = served.world.tick
            poll_until(good, lambda: served.world.tick > tick, "a tick")  # noqa: B023
        status = good.request("status").result
        assert status["sessions"]["ended_slow_client"] == 1
        assert [engine["client"] for engine in status["engines"]] == ["good"]
        updates = slow.poll()
        updates += poll_until(slow, lambda: slow.session.counts["restarts"] == 1, "another welcome")
        updates += slow.poll()
        assert any(isinstance(u, messages.Bye) and u.reason == "slow_client" for u in updates)
        slow.close()


def test_an_engine_outlives_the_sidecar_and_starts_anew_with_the_next_one() -> None:
    with serving() as served, served.client() as client:
        served.stop()
        poll_until(client, lambda: client.state == "lost", "lost")
        with serving(port=served.ports[0]) as again:
            updates = poll_until(client, lambda: client.state == "live", "live")
            assert client.session.counts["restarts"] == 1
            assert any(isinstance(u, messages.Snapshot) for u in updates)
            client.event("go", target="ann")
            collect(client, messages.Start, 1)
            assert len(again.world.applied) == 1


@pytest.mark.parametrize("place", [0, 1, 2], ids=["stream", "link", "control"])
def test_noise_on_a_port_changes_nothing(place: int) -> None:
    rng = random.Random(place)
    with serving() as served, served.client() as client:
        for kind in range(12):
            noise = rng.randbytes(rng.randrange(1, 4000))
            raw = socket.create_connection(("127.0.0.1", served.ports[place]))
            raw.sendall(noise if kind % 2 else READY + noise)
            if kind % 3:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.close()
        client.event("go", target="ann")
        collect(client, messages.Start, 1)
        collect(client, TickView, 2)
        assert client.request("ping").error is None
        assert len(served.world.applied) == 1


def test_frames_that_are_no_messages_are_counted_and_answered() -> None:
    rng = random.Random(3)
    with serving() as served, served.client() as client:
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.connect(served.endpoints[1])
        asker = context.socket(zmq.DEALER)
        asker.connect(served.endpoints[2])
        viewer = context.socket(zmq.XSUB)
        viewer.connect(served.endpoints[0])
        try:
            for _ in range(50):
                dealer.send(rng.randbytes(rng.randrange(0, 200)))
                asker.send(rng.randbytes(rng.randrange(0, 200)))
                viewer.send(b"\x07" + rng.randbytes(20))
            dealer.send_multipart([b"one", b"two", b"three"])
            dealer.send(codec.encode(messages.Hello(client="old", v=99)))
            dealer.send(codec.encode(messages.Ack(seq=1)))
            codes = set()
            while "not_welcome" not in codes:
                assert dealer.poll(PATIENCE_MS)
                refused = codec.decode(dealer.recv())
                assert isinstance(refused, messages.Refused)
                codes.add(refused.code)
            assert asker.poll(PATIENCE_MS)
            reply = codec.decode(asker.recv())
        finally:
            context.destroy(linger=0)
        assert {"malformed", "wrong_version"} <= codes
        assert isinstance(reply, messages.Reply)
        assert reply.error is not None
        status = client.request("status").result
        assert status["link"]["malformed"] >= 1
        assert status["link"]["wrong_version"] >= 1
        assert status["link"]["not_welcome"] == 1
        assert status["control"]["malformed"] >= 1
        assert status["sockets"]["not_two_frames"] == 1
        assert status["sockets"]["not_a_subscription"] >= 1
        assert len(status["engines"]) == 1


def test_a_malformed_batch_is_told_and_the_next_one_is_taken() -> None:
    with serving() as served, served.client() as client:
        session = client.session
        bad = messages.Observations(seq=1, items=(messages.Event(name="go", strength=7.0),))
        session.outbox.push(codec.encode(bad))
        client.event("go", target="ann")
        updates = poll_until(client, lambda: len(served.world.applied) == 1, "the good batch")
        while not any(isinstance(u, messages.Notice) for u in updates):
            updates += client.poll(0.1)
        [notice] = [u for u in updates if isinstance(u, messages.Notice)]
        assert (notice.code, notice.batch) == ("bad_value", 1)


def test_announced_giants_do_not_take_memory() -> None:
    process = psutil.Process(os.getpid())
    with serving() as served, served.client() as client:
        before = process.memory_info().rss
        for port in served.ports:
            for _ in range(3):
                raw = socket.create_connection(("127.0.0.1", port))
                raw.settimeout(5)
                try:
                    raw.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31))
                    raw.sendall(b"\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00")
                    raw.sendall(b"\x02" + struct.pack(">Q", 1 << 30))
                    for _ in range(100):
                        raw.sendall(bytes(1 << 18))
                except OSError:
                    pass
                raw.close()
        client.request("ping")
        assert process.memory_info().rss - before < 60 * 1024 * 1024


def test_stop_is_quick_even_with_engines_that_do_not_answer() -> None:
    with serving() as served:
        clients = [served.client(f"engine{k}", owns=()) for k in range(3)]
        began = time.monotonic()
        served.bridge.stop()
        for client in clients:
            poll_until(client, lambda: client.state == "lost", "goodbye")  # noqa: B023
        assert time.monotonic() - began < PATIENCE_S
        for client in clients:
            client.close()
