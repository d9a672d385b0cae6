"""Owns `bench load`: a crowd on a served bridge, more talk than a model can take, and ticks that must be on time."""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any, Final

from protocol import messages
from unity_bridge import EngineClient
from unity_bridge.errors import ObservationOverflowError

LINES: Final = (
    "Get out of my sight!", "I love this place.", "What was that noise?", "They are all gone.", "This is disgusting.",
    "You did it, my friend!", "Leave her alone.", "I do not want to talk about it.", "Look at that!", "Fine.",
)  # fmt: skip
FRAME_S: Final = 0.02
LAST_WORDS_S: Final = 5.0


def measure(characters: int, per_second: float, seconds: float, *, kernels: str = "numba") -> dict[str, Any]:
    """Serve a crowd at 60 ticks a second to an engine that offers so many utterances; returns the figures."""
    from emotion_runtime.bench.crowd import crowd
    from emotion_runtime.perception import PerceptionService, load_text_model
    from emotion_runtime.perception.service import MAX_WAITING
    from emotion_runtime.simulation import Simulation
    from unity_bridge import Bridge, BridgeConfig

    service = PerceptionService(load_text_model, max_waiting=MAX_WAITING, stale_after=10.0)
    with (
        Simulation(crowd(characters), perception=service, kernels=kernels) as sim,  # type: ignore[arg-type]
        Bridge(sim, BridgeConfig(port=0)) as bridge,
    ):
        orders = {"endpoints": bridge.endpoints(), "rate": per_second, "seconds": seconds}
        talker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "emotion_runtime.cli.load", json.dumps(orders)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            gc.collect()
            gc.freeze()  # as `serve` does
            bridge.run(until=lambda: talker.poll() is not None)
            assert talker.stdout is not None
            said = json.loads(talker.stdout.read().splitlines()[-1])
        finally:
            talker.kill()
            talker.wait()
            if talker.stdout is not None:
                talker.stdout.close()
        status = bridge.status()
    return {
        "type": "load",
        "characters": characters,
        "offered_per_second": per_second,
        "seconds": seconds,
        "late_ms": status["late_ms"],
        "tick_ms": status["tick_ms"],
        "ticks": status["tick"],
        "deadlines_missed": status["deadlines_missed"],
        **said,
    }


def text(found: dict[str, Any]) -> str:
    """The figures in words."""
    late, tick = found["late_ms"], found["tick_ms"]
    codes = ", ".join(f"{count:,} {code}" for code, count in found["failed"].items()) or "none"
    return (
        f"{found['characters']:,} characters, {found['offered']:,} utterances offered in {found['seconds']:g} s\n"
        f"answered {found['answered']:,}, given up: {codes}; without any answer {found['unanswered']:,}\n"
        f"commands {found['commands']:,}, missing {found['commands_missing']:,}\n"
        f"ticks late by p50 {late['p50']:.2f} ms, p99 {late['p99']:.2f} ms; a tick takes p50 {tick['p50']:.2f} ms, "
        f"p99 {tick['p99']:.2f} ms; {found['deadlines_missed']:,} of {found['ticks']:,} deadlines missed\n"
    )


def talk(orders: dict[str, Any]) -> dict[str, Any]:
    """Be the engine: talk at the rate for the time, take what comes, and count it."""
    rng = random.Random(1)
    failed: Counter[str] = Counter()
    offered = answered = commands = 0
    with EngineClient.connect(endpoints=tuple(orders["endpoints"]), name="talker", timeout=60.0) as engine:
        names = engine.roster.characters
        # what was commanded before anybody was there to play it
        nobodys = _unowned(engine)
        began = time.monotonic()
        while (now := time.monotonic() - began) < orders["seconds"] + LAST_WORDS_S:
            if now >= orders["seconds"] and answered + sum(failed.values()) >= offered >= orders["rate"]:
                break
            due = int(min(now, orders["seconds"]) * orders["rate"]) - offered
            for _ in range(min(due, 500)):
                offered += 1
                try:
                    engine.say(rng.choice(names), rng.choice(LINES), to=rng.choice((None, rng.choice(names))))
                except ObservationOverflowError:
                    # the sidecar gives no credit: the game is told so, and drops the line itself
                    failed["no_credit"] += 1
            for update in engine.poll(FRAME_S):
                if isinstance(update, messages.Perception):
                    answered += not update.failed
                    failed[update.failed] += bool(update.failed)
                elif isinstance(update, messages.Start | messages.Stop):
                    commands += 1
        restarts, gaps = engine.session.counts["restarts"], engine.session.counts["gap"]
        owed = _unowned(engine) - nobodys
    return {
        "offered": offered,
        "answered": answered,
        "failed": {code: count for code, count in failed.items() if code},
        "unanswered": offered - answered - sum(failed.values()),
        "commands": commands,
        "commands_missing": owed + gaps + restarts,
    }


def _unowned(engine: EngineClient) -> int:
    found: int = engine.request("status", patience=20.0).result["link"].get("commands_unowned", 0)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(talk(json.loads(sys.argv[1]))) + "\n")
