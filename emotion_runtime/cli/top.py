"""Owns `emotion-runtime top`: a running sidecar in the terminal: who feels most, tick times, sessions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Group

    from unity_bridge import EngineClient

BAR = 20


def top(
    host: Annotated[str, typer.Option(help="Where the sidecar listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The sidecar's stream; link and control are the next two.")] = 5570,
    rows: Annotated[int, typer.Option(help="Characters shown, the strongest emotion first.", min=1, max=1000)] = 20,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.1, max=60.0)] = 1.0,
    token_file: Annotated[Path | None, typer.Option(help="The token file of `serve --token-file`.")] = None,
    curve: Annotated[Path | None, typer.Option(help="The file that `keygen` made for this viewer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, and end.")] = False,
) -> None:
    """Watch a running sidecar. It only looks: it owns nobody and changes nothing."""
    from rich.console import Console
    from rich.live import Live

    from unity_bridge import EngineClient

    name = f"top-{os.getpid()}"
    with EngineClient.connect(
        host, port, name=name, owns=(), token_file=token_file, curve=curve, role="viewer"
    ) as client:
        seen = look(client, rows)
        console = Console()
        if as_json:
            sys.stdout.write(json.dumps(seen, ensure_ascii=False) + "\n")
        elif not console.is_terminal:
            console.print(_shown(seen))
        else:
            with Live(_shown(seen), console=console, screen=True, auto_refresh=False) as screen:
                while True:
                    _rest(client, every)
                    screen.update(_shown(look(client, rows)), refresh=True)


def look(client: EngineClient, rows: int) -> dict[str, Any]:
    """What there is to see now, as plain values: the `rows` characters whose strongest emotion is strongest."""
    client.poll()
    status = dict(client.request("status").result)
    view, roster = client.latest, client.roster
    people: list[dict[str, Any]] = []
    if view is not None:
        felt = [place for place, label in enumerate(roster.labels) if label != "neutral"]
        strongest = view.emotion[:, felt].max(axis=1)
        for row in (-strongest).argsort(kind="stable")[:rows].tolist():
            label = felt[int(view.emotion[row, felt].argmax())]
            people.append(
                {
                    "character": roster.characters[row],
                    "emotion": roster.labels[label],
                    "strength": round(float(view.emotion[row, label]), 4),
                    "action": roster.actions[int(view.action[row])],
                    "mood": [round(value, 3) for value in view.mood[row].tolist()],
                }
            )
    kept = ("scene", "tick", "time", "rate", "paused", "uptime", "tick_ms", "bridge_ms", "deadlines_missed")
    return {
        **{name: status[name] for name in kept},
        "characters": len(roster.characters),
        "top": people,
        "sessions": status["engines"],
        "frames": {"received": client.frames.received, "skipped": client.frames.skipped},
    }


def _rest(client: EngineClient, seconds: float) -> None:
    """Let the time pass while the link is kept alive."""
    import time

    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        client.poll(min(left, 0.1))


def _shown(seen: dict[str, Any]) -> Group:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from emotion_runtime.drawing.svg import colour

    tick, state = seen["tick_ms"], "paused" if seen["paused"] else "live"
    head = Text.assemble(
        (f"{seen['scene']}", "bold"),
        f"  {state}  tick {seen['tick']}  {seen['time']:.1f} s at {seen['rate']:g}/s",
        f"   tick p50 {tick['p50']} ms  p99 {tick['p99']} ms   missed {seen['deadlines_missed']}",
    )
    people = Table(box=None, padding=(0, 2, 0, 0), title_justify="left")
    for name in ("character", "emotion", "", "action"):
        people.add_column(name, no_wrap=True)
    for each in seen["top"]:
        shade = colour(each["emotion"])
        bar = Text("█" * max(1, round(each["strength"] * BAR)), shade)
        emotion = Text(f"{each['emotion']} {each['strength']:.2f}", shade)
        people.add_row(each["character"], emotion, bar, each["action"])
    more = seen["characters"] - len(seen["top"])
    sessions = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("session", "owns", "sent", "unacknowledged", "observed", "connected"):
        sessions.add_column(name)
    for one in seen["sessions"]:
        waits = one["sent"] - one["acked"]
        row = (one["client"], one["owns"], one["sent"], waits, one["observed"], "yes" if one["connected"] else "away")
        sessions.add_row(*map(str, row))
    return Group(head, Text(), people, Text(f"and {more} more" if more > 0 else ""), Text(), sessions)
