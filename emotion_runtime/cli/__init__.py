"""Owns the `emotion-runtime` command: its sub-commands, and how a failure is shown (one line, exit code 2)."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from emotion_runtime.cli.access import keygen
from emotion_runtime.cli.bake import bake
from emotion_runtime.cli.bench import bench
from emotion_runtime.cli.bundle import bundle
from emotion_runtime.cli.check import check
from emotion_runtime.cli.classify import classify
from emotion_runtime.cli.demo import demo
from emotion_runtime.cli.doctor import doctor
from emotion_runtime.cli.draw import draw
from emotion_runtime.cli.emodb import evaluate_emodb
from emotion_runtime.cli.ending import leave
from emotion_runtime.cli.explain import explain
from emotion_runtime.cli.expression import evaluate_app, face_sheet, study_app, transfer
from emotion_runtime.cli.init import init, schema
from emotion_runtime.cli.meld import evaluate_meld
from emotion_runtime.cli.monitor import monitor
from emotion_runtime.cli.play import play
from emotion_runtime.cli.replay import replay
from emotion_runtime.cli.serve import serve
from emotion_runtime.cli.soak import soak
from emotion_runtime.cli.sweep import sweep
from emotion_runtime.cli.test_scenes import test
from emotion_runtime.cli.top import top
from emotion_runtime.cli.train import export_app, train_app
from emotion_runtime.cli.train_multimodal import export_multimodal, train_multimodal
from emotion_runtime.cli.train_speech import train_speech
from emotion_runtime.cli.warmup import warmup
from emotion_runtime.errors import EmotionRuntimeError

app = typer.Typer(
    name="emotion-runtime",
    help="Gives the characters of a game an inner life.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demo)
app.command()(serve)
app.command()(keygen)
app.command()(check)
app.command()(explain)
app.command()(init)
app.command()(schema)
app.command()(draw)
app.command()(play)
app.command("test")(test)
app.command()(sweep)
app.command()(classify)
app.command()(bake)
app.command()(doctor)
app.command()(replay)
app.command()(monitor)
app.command()(top)
app.command("face-sheet")(face_sheet)
app.command()(transfer)
evaluate_app.command("meld")(evaluate_meld)
evaluate_app.command("emodb")(evaluate_emodb)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(study_app, name="study")
app.command()(soak)
train_app.command("speech")(train_speech)
train_app.command("multimodal")(train_multimodal)
export_app.command("multimodal")(export_multimodal)
app.add_typer(train_app, name="train")
app.add_typer(export_app, name="export")
app.command()(warmup)
app.command()(bundle)
app.add_typer(bench)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"emotion-runtime {version('emotion-runtime')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. Faults of ours and of the caller's are one line on standard error and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    leave(_run())


def _run() -> int:
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except EmotionRuntimeError as error:
        report = getattr(error, "report", "")
        if report:
            sys.stderr.write(report.rstrip() + "\n")
        remedy = f" ({error.remedy})" if error.remedy else ""
        sys.stderr.write(f"emotion-runtime: {error.message}{remedy} [{error.code}]\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
