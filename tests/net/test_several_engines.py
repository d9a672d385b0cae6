"""Several engines and viewers at one sidecar: owners that change, late joiners, stalled readers, taken names."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import zmq

from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.simulation import Simulation
from protocol import codec, ids, messages
from protocol.ids import PART_BYTES, TOPIC_TICK
from protocol.views import TickView, parse_stream_frame
from tests.net.serving import PATIENCE_MS, PATIENCE_S, collect, poll_until, serving
from tests.unity_bridge.ledger_world import LedgerWorld
from unity_bridge import Bridge, BridgeConfig, EngineClient
from unity_bridge.errors import RefusedError, RequestFailedError


def test_a_character_changes_hands_with_the_action_it_is_in_the_middle_of() -> None:
    world = LedgerWorld(lasts=1000.0)
    with serving(world) as served, served.client("one", owns=["ann", "bob"]) as one:
        one.event("go", target="ann")
        [start] = collect(one, messages.Start, 1)
        with served.client("two", owns=["cid"]) as two, served.client("viewer", owns=()) as viewer:
            two.own("ann")
            [lost] = collect(one, messages.Stop, 1)
            [taken] = collect(two, messages.Start, 1)
            assert (lost.action, lost.reason) == (start.action, "handed_over")
            assert (taken.action, taken.character, taken.rule) == (start.action, "ann", start.rule)
            assert 0.0 < taken.lasts <= start.lasts
            assert (one.owns, two.owns, viewer.owns) == (("bob",), ("cid", "ann"), ())
            one.succeed(start.action)
            [notice] = collect(one, messages.Notice, 1)
            assert notice.code == "not_owner"
            two.succeed(start.action)
            [done] = collect(two, messages.Stop, 1)
            assert (done.action, done.reason) == (start.action, "success")


def test_characters_that_were_handed_over_are_claimed_again_by_their_new_owner() -> None:
    with serving() as served, served.client("one", owns=["ann"]) as one, served.client("two", owns=()) as two:
        two.own("ann")
        poll_until(one, lambda: one.owns == (), "the loss")
        poll_until(two, lambda: two.owns == ("ann",), "the gain")
        served.stop()
        with serving(port=served.ports[0]):
            for each in (one, two):
                poll_until(each, lambda: each.session.counts["restarts"] == 1, "a new sidecar")  # noqa: B023
            assert (one.owns, two.owns) == ((), ("ann",))


def test_a_handing_over_that_cannot_be_done_changes_nothing() -> None:
    with serving() as served, served.client("one", owns=["ann"]) as one:
        for characters, engine, code in (
            (["ann"], "nobody", "not_welcome"),
            (["bob", "zoe"], "one", "unknown_character"),
            ([], "one", "bad_value"),
        ):
            with pytest.raises(RequestFailedError) as failed:
                one.own(*characters, engine=engine)
            assert failed.value.code == code
        assert one.owns == ("ann",)
        one.own("ann", engine="")
        poll_until(one, lambda: one.owns == (), "nobody's")
        with served.client("two", owns=["ann"]) as two:
            assert two.owns == ("ann",)


def test_variables_that_rules_set_are_told_to_every_engine() -> None:
    with serving() as served, served.client("one") as one, served.client("viewer", owns=()) as viewer:
        for strength in (0.25, 0.5):
            one.event("burn", strength=strength)
            for each in (one, viewer):
                [told] = collect(each, messages.Variables, 1)
                assert told.values == {"campfire.lit": strength}
                assert each.variables == {"campfire.lit": strength}


def test_a_rule_of_the_tavern_that_quiets_the_baby_is_told() -> None:
    with Simulation(load_scene(find_scene("tavern")), kernels="numpy") as sim:
        sim.set("baby.crying", 0.8)
        seen: list[tuple[str, float]] = []
        for _ in range(60 * 30):
            result = sim.step()
            seen += result.changed
            for command in result.commands:
                if type(command).__name__ == "Start":
                    sim.succeed(command.action)
            if seen:
                break
        assert seen == [("baby.crying", 0.0)]
        assert sim.step().changed == ()


@pytest.mark.parametrize("count", [10_000])
def test_a_late_joiner_of_a_large_scene_is_whole_after_one_snapshot_in_parts(count: int) -> None:
    world = LedgerWorld(characters=tuple(f"villager-{n:05}" for n in range(count)), rate=10.0)
    with serving(world) as served, served.client("one") as one:
        one.event("go", target="villager-00007")
        [start] = collect(one, messages.Start, 1)
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.connect(served.endpoints[1])
        try:
            dealer.send(_hello("raw"))
            frames: list[bytes] = []
            while not frames or len(frames) < 2 or len(frames[-1]) > PART_BYTES:
                assert dealer.poll(PATIENCE_MS)
                frames.append(dealer.recv())
        finally:
            context.destroy(linger=0)
        assert max(map(len, frames)) < PART_BYTES + 100
        with served.client("late", owns=()) as late:
            assert len(late.roster.characters) == count
            assert [each.action for each in late.snapshot.running] == [start.action]
            assert late.latest is not None
            assert late.latest.action[7] == 1
            assert collect(late, TickView, 1)[0].emotion.shape == (count, 3)


def test_no_frame_of_a_crowd_is_torn_though_its_memory_is_used_again_and_readers_are_slow() -> None:
    count, frames = 20_000, 60
    world = LedgerWorld(characters=tuple(f"villager-{n:05}" for n in range(count)), rate=200.0)
    with serving(world) as served:
        context = zmq.Context()
        try:
            readers = [context.socket(zmq.SUB) for _ in range(3)]
            for each in readers:
                each.connect(served.endpoints[0])
                each.subscribe(TOPIC_TICK)
            for number in range(frames):
                for each in readers[: 1 + number % 3]:  # the last one reads a third of them
                    assert each.poll(PATIENCE_MS)
                    tick = parse_stream_frame(each.recv())
                    emotion = np.frombuffer(tick.emotion, "<f4").reshape(count, -1)
                    assert (emotion[:, 0] == np.float32(0.01 + (tick.tick % 97) / 100)).all()
                    assert (emotion[:, 1:] == 0.25).all()
                    assert tick.mood == bytes(12 * count)
                    assert tick.action == bytes(2 * count)
        finally:
            context.destroy(linger=0)


def test_a_stalled_reader_that_drains_or_conflates_wakes_to_a_frame_of_the_last_three_ticks() -> None:
    """Three ticks at 60 a second are 50 ms. Either way of reading is a real SUB that stood still for a second."""
    with serving() as served, served.client("watch", owns=()) as watch:
        context = zmq.Context()
        try:
            conflating, draining = context.socket(zmq.SUB), context.socket(zmq.SUB)
            conflating.setsockopt(zmq.CONFLATE, 1)
            for each in (conflating, draining):
                each.connect(served.endpoints[0])
                each.subscribe(TOPIC_TICK)
                # with CONFLATE even a poll takes a frame out of the slot: it must be read before one stands still
                assert each.poll(PATIENCE_MS)
                each.recv()
            stood_at = served.world.tick
            poll_until(watch, lambda: served.world.tick >= stood_at + 60, "a second of ticks")
            before = served.world.tick
            assert parse_stream_frame(conflating.recv()).tick >= before - 3
            before = served.world.tick
            newest = draining.recv()
            while draining.poll(0):
                newest = draining.recv()
            assert parse_stream_frame(newest).tick >= before - 3
        finally:
            context.destroy(linger=0)


def test_a_client_whose_name_is_taken_asks_again_until_it_is_free() -> None:
    with serving() as served:
        first = served.client("game")
        with pytest.raises(RefusedError) as refused:
            EngineClient.connect(endpoints=served.endpoints, name="game", timeout=0.3)
        assert refused.value.code == "already_connected"
        ending = threading.Timer(0.2, first.close)
        ending.start()
        with served.client("game") as second:
            assert second.owns == served.world.characters
        ending.join()


def test_the_bridge_serves_a_simulation_whose_rules_set_variables() -> None:
    with (
        Simulation(load_scene(find_scene("tavern")), kernels="numpy") as sim,
        Bridge(sim, BridgeConfig(port=0, lockstep=True)) as bridge,
    ):
        thread = threading.Thread(target=bridge.run)
        thread.start()
        try:
            endpoints = bridge.endpoints()
            with EngineClient.connect(endpoints=endpoints, lockstep=True, timeout=PATIENCE_S) as engine:
                engine.set("baby.crying", 0.8)
                for _ in range(200):
                    engine.step(10)
                    updates = engine.poll()
                    for update in updates:
                        if isinstance(update, messages.Start):
                            engine.succeed(update.action)
                    if any(isinstance(update, messages.Variables) for update in updates):
                        break
                assert engine.variables == dict(sim.variables())
        finally:
            bridge.stop()
            thread.join(PATIENCE_S)


def _hello(name: str) -> bytes:
    return codec.encode(messages.Hello(client=name, owns=(), capabilities=ids.CAPABILITIES))
