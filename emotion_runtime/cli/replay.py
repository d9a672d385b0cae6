"""Owns `emotion-runtime replay`: run a recording again, compare it tick by tick, and show what is different."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    dump: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="At a difference, write the whole states here as JSON.")
    ] = None,
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
    with Replay(recording) as run:
        if export_mcap is None:
            outcome = _watched(run, until)
        else:
            with McapExport(export_mcap, run) as export:
                outcome = _watched(run, until, export)
    files = _dump(dump, outcome) if dump is not None else []
    if as_json:
        sys.stdout.write(json.dumps(_summary(outcome, files), ensure_ascii=False) + "\n")
    else:
        _tell(outcome, files, dump is not None)
    damaged = outcome.fault is not None and outcome.fault.kind == "damaged"
    raise typer.Exit(1 if not outcome.equal else 2 if damaged else 0)


def _watched(run: Replay, until: int | None, export: Any = None) -> Outcome:
    """Run it behind a progress bar, where somebody can see one."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("replaying", total=1.0)

        def each(result: Any) -> None:
            if export is not None:
                export.ticked(result)
            if result.tick % PROGRESS_EVERY == 0:
                bar.update(task, completed=result.tick / until if until is not None else run.progress)

        return run.run(until, each=each, hear=None if export is None else export.heard)


def _summary(outcome: Outcome, files: list[str]) -> dict[str, Any]:
    difference = outcome.difference
    return {
        "type": "replay",
        "equal": outcome.equal,
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


def _tell(outcome: Outcome, files: list[str], dumped: bool) -> None:
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
    say(f"{outcome.ticks} ticks ({outcome.seconds:.1f} s simulated, {counted}) are as recorded: {outcome.digest}\n")
    if outcome.difference is not None:
        _tell_difference(outcome, say)
        if not dumped:
            say("with --dump FOLDER the whole states are written there\n")
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


def _dump(folder: Path, outcome: Outcome) -> list[str]:
    """Write the whole states; returns the files' paths."""
    written = []
    for name, content in outcome.dumps.items():
        path = folder / f"tick-{content['tick']}-{name}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError("dump_unwritable", f"{path} cannot be written: {reason}", "name another folder") from error
        written.append(str(path))
    return written
