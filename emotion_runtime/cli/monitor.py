"""Owns `emotion-runtime monitor`: a recording on the page, to scrub through and to compare with another one."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from unity_bridge.monitor.loading import Loaded


def monitor(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording (.emr).")],
    compare: Annotated[
        Path | None, typer.Option("--with", metavar="OTHER", help="A second recording, drawn behind the first.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page. 0: a free one.", min=0, max=65535)] = 5573,
    as_json: Annotated[bool, typer.Option("--json", help="First line: one JSON object with the address.")] = False,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End when standard input ends.")
    ] = False,
) -> None:
    """Replay a recording and serve it as a page on this machine, until Ctrl-C."""
    from unity_bridge.monitor.guard import require_monitor

    require_monitor()
    from emotion_runtime.cli.monitor_live import given_key
    from emotion_runtime.cli.serve import _wait_for_end_of_stdin
    from unity_bridge.monitor.serving import MonitorServer
    from unity_bridge.monitor.talk import Talk

    runs = {"a": _load(recording, quiet=as_json)}
    if compare is not None:
        runs["b"] = _load(compare, quiet=as_json)
    parts = runs["a"].parts_from(runs["b"]) if compare is not None else None
    notes = {name: _note(run) for name, run in runs.items()}
    names = {"a": recording.name, **({"b": compare.name} if compare is not None else {})}
    talks = {
        name: lambda name=name: Talk(
            runs[name].tape, live=False, about={"runs": names, "run": name, "parts": parts, "note": notes[name]}
        )
        for name in runs
    }
    over = threading.Event()
    with MonitorServer(talks, port=port, key=given_key()) as server:
        _say(server.url, runs, names, parts, as_json=as_json)
        if until_stdin_closes:
            threading.Thread(target=_wait_for_end_of_stdin, args=(over.set,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            while not over.wait(0.2):  # in steps: Ctrl-C does not wake an endless wait on Windows
                pass


def _load(path: Path, *, quiet: bool) -> Loaded:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from unity_bridge.monitor.loading import load

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(f"replaying {path.name}", total=1.0)
        return load(path, progress=lambda share: bar.update(task, completed=share))


def _note(run: Loaded) -> str:
    """What a viewer has to know about a replay that is not the whole recording; empty when it is."""
    difference, fault = run.outcome.difference, run.outcome.fault
    if difference is not None:
        return f"the replay differs from the recording at tick {difference.tick}: what follows is not shown"
    if fault is not None:
        return f"the recording is {fault.kind} after tick {run.outcome.ticks}: what follows is not shown"
    return ""


def _say(url: str, runs: dict[str, Loaded], names: dict[str, str], parts: int | None, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"type": "listening", "monitor": url, "ticks": runs["a"].outcome.ticks}
        sys.stdout.write(json.dumps({**told, "runs": names, "parts": parts}) + "\n")
    else:
        for name, run in runs.items():
            sys.stdout.write(f"{names[name]}: {run.outcome.ticks} ticks, {run.outcome.seconds:.1f} s\n")
        if len(runs) > 1:
            where = "one is the beginning of the other" if parts is None else f"they part at tick {parts}"
            sys.stdout.write(f"{where}\n")
        sys.stdout.write(f"live page: {url}  Ctrl-C ends.\n")
    sys.stdout.flush()
