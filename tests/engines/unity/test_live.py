"""The C# client in a game of its own process, against the real sidecar: what arrives, and what is reported."""

from __future__ import annotations

import re
import time
from pathlib import Path

from emotion_runtime.cli.launch import Sidecar
from emotion_runtime.scene import bundled_scene
from tests.endtoend.conftest import endpoints
from tests.engines.unity.mono import PATIENCE_S, Game, run

Places = tuple[str, str, str]


def test_an_insult_makes_the_child_flee_and_the_result_closes_the_action(runner: Path, places: Places) -> None:
    with Game(runner, places) as game:
        snapshot = game.wait("snapshot")
        assert snapshot.split()[1:3] == ["tavern", "child,guard,merchant,thief"]
        game.wait("status live")
        game.order("quiet", "move guard|8|0|4.5")
        assert game.ask("say guard|You idiot! Get out! I'm so angry with you!|child", "said") == "said 1"
        assert game.wait("perceived") == "perceived 1 guard anger"
        action = game.find("started", where=lambda line: " child flee guard" in line).split()[1]
        game.order(f"succeed {action}")
        assert game.find(f"stopped {action} ") == f"stopped {action} child flee success"
        shown = game.ask("show child", "shown")
        fear = re.search(r"fear=([0-9.]+)", shown)
        assert fear is not None
        assert float(fear[1]) > 0.3
        assert "guard said anger" in game.ask("why child", "why")
        assert game.ask("ask dance", "answer") == "answer unknown_operation"


def test_faces_and_emotions_stream_every_tick(runner: Path, places: Places) -> None:
    with Game(runner, places) as game:
        ticks = [int(game.wait("frame").split()[1]) for _ in range(60)]
        assert ticks == sorted(set(ticks))
        shown = game.ask("show guard", "shown").split()
        assert shown[-8] == "52" or "52" in shown
        assert sum("=" in word for word in shown) == 7
        assert game.counters()["frames_malformed"] == 0


def test_what_is_refused_is_told_and_changes_nothing_else(runner: Path, places: Places) -> None:
    with Game(runner, places) as game:
        game.wait("status live")
        game.order("quiet", "say nobody|Hello?", "event earthquake", "succeed 4711", "set campfire.heat|9")
        codes = [game.wait("notice").split()[1] for _ in range(4)]
        assert codes == ["unknown_character", "unknown_event", "unknown_action", "bad_value"]
        game.order("positions 0,2|1|0|2|3|0|4", "set campfire.lit|false", "fail 0")
        assert game.wait("notice") == "notice unknown_action"


def test_a_slow_game_wakes_to_the_latest_frame_and_stays_live(runner: Path, places: Places) -> None:
    with Game(runner, places) as game:
        before = int(game.wait("frame").split()[1])
        game.ask("freeze 1500", "awake")
        after = int(game.wait("frame").split()[1])
        assert after >= before + 60
        assert not [line for line in game.seen if line.startswith(("status lost", "status refused"))]
        counters = game.counters()
        assert counters["ticks_skipped"] >= 50
        assert counters.get("reconnects", 0) == 0


def test_a_killed_and_restarted_sidecar_is_survived(runner: Path) -> None:
    with Sidecar(bundled_scene("tavern"), ("--no-model",)) as first:
        places = endpoints(first)
        game = Game(runner, places)
        with game:
            game.wait("status live")
            game.order("quiet")
            first.stop()
            game.wait("status lost")
            port = places[0].rpartition(":")[2]
            with Sidecar(bundled_scene("tavern"), ("--no-model", "--port", port)):
                game.wait("snapshot")
                game.wait("status live")
                assert game.counters()["restarts"] == 1
                game.order("event glass_breaks", "move guard|8|0|4.5")
                assert game.ask("ask ping", "answer") == "answer ok"


def test_lockstep_ticks_come_over_the_link(runner: Path) -> None:
    with Sidecar(bundled_scene("tavern"), ("--no-model", "--lockstep", "--seed", "5")) as sidecar:
        digests = []
        for _ in range(2):
            with Game(runner, endpoints(sidecar), "lockstep") as game:
                game.wait("snapshot")
                game.order("step 3")
                frames = [int(game.wait("frame").split()[1]) for _ in range(3)]
                assert frames == list(range(frames[0], frames[0] + 3))
                digests.append(game.find("stepped").split()[2])
        assert len(set(digests)) == 2
        assert all(re.fullmatch("[0-9a-f]{32}", digest) for digest in digests)


def test_fifty_starts_and_stops_leave_no_thread_and_no_socket(runner: Path, places: Places) -> None:
    [line] = run(runner, "cycles", *places, "50")
    _, threads, threads_after, _, sockets, sockets_after, _, longest = line.split()
    assert int(threads_after) <= int(threads)
    assert int(sockets_after) <= int(sockets)
    assert int(longest) < 1000, "Stop must be prompt: a thread that hangs is given up after a second"


def test_fifty_starts_and_stops_without_a_sidecar_leave_nothing_either(runner: Path) -> None:
    [line] = run(runner, "cycles", *(f"tcp://127.0.0.1:{port}" for port in (1, 2, 3)), "50", "unanswered")
    _, threads, threads_after, _, sockets, sockets_after, _, longest = line.split()
    assert int(threads_after) <= int(threads)
    assert int(sockets_after) <= int(sockets)
    assert int(longest) < 1000


def test_a_name_that_is_taken_is_told_and_asked_for_again(runner: Path, places: Places) -> None:
    with Game(runner, places, "name=twin") as first:
        first.wait("status live")
        with Game(runner, places, "name=twin") as second:
            second.wait("status refused")
            first.close()
            second.wait("status live")


def test_restarting_in_one_process_begins_a_new_session(runner: Path, places: Places) -> None:
    with Game(runner, places) as game:
        deadline = time.monotonic() + PATIENCE_S
        for _ in range(3):
            game.wait("status live")
            assert game.ask("restart", "ended") == "ended True"
            assert time.monotonic() < deadline
        game.wait("snapshot")
