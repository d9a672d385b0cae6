"""Owns `emotion-runtime replay`: run a recording again, compare it tick by tick, and show what is different."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emotion_runtime.cli.showing import Show, paced, show, write
from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.record import Outcome, Replay

Text = Callable[[str], object]

LONGEST_LINE = 1000
PROGRESS_EVERY = 64
"""Ticks between two looks at the progress bar."""


def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="A recording (.emr).")],
    until: Annotated[int | None, typer.Option(help="End after this tick.", min=1)] = None,
    begin: Annotated[
        int | None, typer.Option("--from", help="Begin before this tick, at the latest whole state.", min=1)
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(help="1: as fast as it happened; else as fast as it can, or 1 with --serve.", min=0.01),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Show it to engines, viewers and the live page.")] = False,
    port: Annotated[int, typer.Option(help="With --serve: stream; link and control are the next two.")] = 5570,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="With --serve: begin before anybody watches.")] = False,
    monitor: Annotated[bool, typer.Option("--monitor", help="Serve the live page too; see docs/monitor.md.")] = False,
    monitor_port: Annotated[int, typer.Option(help="Port of the live page. 0: a free one.", min=0, max=65535)] = 5573,
    dump: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="At a difference, the whole states go here as JSON.")
    ] = None,
    no_dump: Annotated[bool, typer.Option("--no-dump", help="Write no states at a difference.")] = False,
    export_mcap: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write what happens as MCAP, for Foxglove.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Run a recording again and compare every tick. Exit code 0: equal, 1: different, 2: not readable to its end."""
    from emotion_runtime.record import Replay
    from emotion_runtime.record.export import McapExport

    if export_mcap is not None and export_mcap.exists() and export_mcap.samefile(recording):
        raise UsageError("same_file", "the export would overwrite the recording", "name another file")
    if begin is not None and until is not None and until < begin:
        raise UsageError("bad_range", f"tick {until} is before tick {begin}", "name a later --until")
    with Replay(recording) as run:
        if begin is not None:
            run.go_to(begin - 1)
        if serve or monitor:
            if export_mcap is not None:
                raise UsageError("serve_and_export", "what is served is not exported", "do one after the other")
            how = Show(port, speed or 1.0, not no_wait, monitor, monitor_port)
            outcome = _served(run, until, how)
        elif export_mcap is None:
            outcome = _watched(run, begin or 0, until, speed)
        else:
            with McapExport(export_mcap, run) as export:
                outcome = _watched(run, begin or 0, until, speed, export)
        last = run.simulation.tick
    if begin is not None and last < begin and outcome.equal:
        raise UsageError("bad_range", f"{recording} ends at tick {last}, before tick {begin}", "name an earlier --from")
    folder = dump or recording.with_name(recording.name + ".difference")
    files = _dump(folder, outcome) if outcome.difference is not None and not no_dump else []
    if as_json:
        sys.stdout.write(json.dumps(_summary(outcome, files), ensure_ascii=False) + "\n")
    else:
        _tell(outcome, files)
    damaged = outcome.fault is not None and outcome.fault.kind == "damaged"
    raise typer.Exit(1 if not outcome.equal else 2 if damaged else 0)


@contextmanager
def _bar(run: Replay) -> Iterator[Callable[[], None]]:
    """A progress bar, where somebody can see one: to be called now and then."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("replaying", total=1.0)
        yield lambda: bar.update(task, completed=run.progress)


def _watched(run: Replay, begin: int, until: int | None, speed: float | None, export: Any = None) -> Outcome:
    with _bar(run) as show_progress:
        wait = None

        def each(result: Any) -> None:
            nonlocal wait
            if result.tick % PROGRESS_EVERY == 0:
                show_progress()
            if result.tick < begin:
                return
            if export is not None:
                export.ticked(result)
            if speed is not None:
                wait = wait or paced(speed, run.header.rate)
                wait()

        def hear(told: Any) -> None:
            if export is not None and run.simulation.tick + 1 >= begin:
                export.heard(told)

        return run.run(until, each=each, hear=hear)


def _served(run: Replay, until: int | None, how: Show) -> Outcome:
    shown = 0

    def tell() -> None:
        nonlocal shown
        if run.simulation.tick >= shown + PROGRESS_EVERY:
            shown = run.simulation.tick
            show_progress()

    with _bar(run) as show_progress:
        show(run, until, how, tell, write)
    return run.outcome()


def _summary(outcome: Outcome, files: list[str]) -> dict[str, Any]:
    difference = outcome.difference
    return {
        "type": "replay",
        "equal": outcome.equal,
        "begun": outcome.begun,
        "ticks": outcome.ticks,
        "inputs": outcome.inputs,
        "answers": outcome.answers,
        "seconds": outcome.seconds,
        "digest": outcome.digest,
        "difference": None if difference is None else asdict(difference),
        "fault": None if outcome.fault is None else asdict(outcome.fault),
        "ended": outcome.ended,
        "whole": outcome.is_whole,
        "warnings": list(outcome.warnings),
        "dumps": files,
    }


def _tell(outcome: Outcome, files: list[str]) -> None:
    say: Text = _say
    for warning in outcome.warnings:
        say(f"warning: {warning}\n")
    if outcome.fault is not None:
        fault = outcome.fault
        say(f"{fault.kind} at byte {fault.offset}: {fault.message}; nothing from there on was used\n")
    elif outcome.is_whole and not outcome.ended:
        say("the recording was not ended: what its process had not written when it was stopped is missing\n")
    elif outcome.ended not in ("", "closed"):
        say(f"the recording ended because {outcome.ended}\n")
    counted = f"{outcome.inputs} inputs, {outcome.answers} answers of perception"
    which = f"ticks {outcome.begun + 1} to {outcome.ticks}" if outcome.begun else f"{outcome.ticks} ticks"
    say(f"{which} ({outcome.seconds:.1f} s simulated, {counted}) are as recorded: {outcome.digest}\n")
    if outcome.difference is not None:
        _tell_difference(outcome, say)
    for file in files:
        say(f"wrote {file}\n")


def _say(line: str) -> None:
    """Write a line. What comes from a file must not steer the terminal, or fill it."""
    shown = "".join(each if each.isprintable() else "?" for each in line[:-1])
    sys.stdout.write((shown if len(shown) <= LONGEST_LINE else shown[:LONGEST_LINE] + "...") + "\n")


def _tell_difference(outcome: Outcome, say: Text) -> None:
    difference = outcome.difference
    assert difference is not None
    say(f"tick {difference.tick} is different ({difference.kind})\n")
    say(f"  recorded: {difference.recorded}\n")
    say(f"  replayed: {difference.replayed}\n")
    if difference.groups:
        say(f"  differs: {', '.join(difference.groups)}; first written by the stage {difference.stage or 'unknown'}\n")
    if difference.characters:
        say(f"  characters: {', '.join(difference.characters)}\n")
    if difference.values:
        say(f"  values after tick {difference.values_tick}, recorded and replayed:\n")
        for value in difference.values:
            name = " ".join(each for each in (value.column, value.who, value.what) if each)
            say(f"    {name}: {value.recorded!r} {value.replayed!r}\n")


def _readable(content: Any, levels: int = 3) -> str:
    """JSON with a line for each value of the first levels, and short lists in one."""
    if isinstance(content, dict) and levels and content:
        pad = " " * (4 - levels)
        lines = (f"{pad}{json.dumps(key)}: {_readable(value, levels - 1)}" for key, value in content.items())
        return "{\n" + ",\n".join(lines) + "\n" + pad[1:] + "}"
    return json.dumps(content, ensure_ascii=False)


def _dump(folder: Path, outcome: Outcome) -> list[str]:
    """Write the whole states; returns the files' paths."""
    assert outcome.difference is not None
    written = []
    for name, content in {"difference": asdict(outcome.difference), **outcome.dumps}.items():
        path = folder / f"{name}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(_readable(content), encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError("dump_unwritable", f"{path} cannot be written: {reason}", "name another folder") from error
        written.append(str(path))
    return written
