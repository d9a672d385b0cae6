"""Owns the commands about faces: `face-sheet`, `transfer`, `evaluate expression`, and `study`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emotion_runtime.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from emotion_runtime.expression.metrics import Distances

evaluate_app = typer.Typer(help="Measure how good the runtime is.", no_args_is_help=True)
study_app = typer.Typer(help="A study of faces with people.", no_args_is_help=True)


def face_sheet(
    output: Annotated[Path, typer.Option("--output", "-o", help="The SVG to write.")] = Path("faces.svg"),
    say: Annotated[str, typer.Option(help="A line to be drawn frame by frame, instead of the emotions.")] = "",
    feeling: Annotated[str, typer.Option(help="With --say: an emotion felt meanwhile, such as joy=0.7.")] = "",
    recipes: Annotated[Path | None, typer.Option(help="A recipe table or an override of it, in YAML.")] = None,
    frames: Annotated[int, typer.Option(min=2, max=200, help="With --say: how many frames.")] = 24,
) -> None:
    """Draw faces: seven emotions in three strengths, or a spoken line."""
    from emotion_runtime.expression.recipe import default_recipes, read_recipes
    from emotion_runtime.expression.sheet import emotion_sheet, spoken_sheet

    table = read_recipes(recipes) if recipes else default_recipes()
    if say:
        label, _, amount = feeling.partition("=")
        strength = _unit(amount or "1", "--feeling") if label else 0.0
        drawn = spoken_sheet(say, frames, table, label, strength)
    else:
        drawn = emotion_sheet(table)
    _write(output, drawn)
    sys.stdout.write(f"{output}\n")


def transfer(
    take: Annotated[Path, typer.Argument(help="A take: CSV of Live Link Face, or of this command.")],
    to: Annotated[Path, typer.Option("--to", help="The target character's transfer profile, in YAML.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The CSV to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Put a captured face onto another character, and say what that character cannot show."""
    from emotion_runtime.expression.transfer.apply import Transfer
    from emotion_runtime.expression.transfer.profile import read_profile
    from emotion_runtime.expression.transfer.takes import read_take, write_take

    source = read_take(take)
    moved = Transfer(read_profile(to))
    shown = moved.apply(source.weights, source.seconds)
    try:
        write_take(output, source, shown)
    except OSError as error:
        raise UsageError("cannot_write", f"{output} cannot be written: {error.strerror}") from None
    report = moved.report(source.weights, shown)
    found: dict[str, Any] = {
        "type": "transfer",
        "frames": len(shown),
        "missing_in_take": list(source.missing),
        "clamped": report.clamped,
        "lost_px": report.lost,
        "coverage": report.coverage,
    }
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    lines = [f"{len(shown)} frames -> {output}", f"{100.0 * report.clamped:.2f} % of the weights were over 1"]
    if source.missing:
        lines.append(f"not in the take, left at 0: {', '.join(source.missing)}")
    for shape, size in sorted(report.lost.items(), key=lambda item: -item[1]):
        lines.append(f"cannot be shown: {shape}, {size:.2f} px on average (64 px between the eyes)")
    reached = ", ".join(f"{name} {value:.2f}" for name, value in report.coverage.items())
    lines.append(f"largest weight reached: {reached}")
    sys.stdout.write("\n".join(lines) + "\n")


@evaluate_app.callback()
def _measure() -> None:
    """Measure how good the runtime is."""


@evaluate_app.command("expression")
def evaluate_expression(
    yardstick: Annotated[
        Path | None, typer.Option(help="A scanned basis (.npz: neutral, basis, names); default: the package's own.")
    ] = None,
    dictionary: Annotated[Path | None, typer.Option(help="A pronouncing dictionary in CMUdict's form.")] = None,
    shown: Annotated[Path | None, typer.Option(help="A take to compare with --truth.")] = None,
    truth: Annotated[Path | None, typer.Option(help="The take it should be.")] = None,
    seed: Annotated[int, typer.Option(help="Of the faces the reader is shown.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """L-LD, L-LVD, F-LD and F-LVD with their anchors, distinct emotions, agreement of bases, the machine reader."""
    from emotion_runtime.cli.expression_report import expression_report, take_report
    from emotion_runtime.expression.landmarks import own_basis, read_basis

    basis = read_basis(yardstick) if yardstick else own_basis()
    if (shown is None) != (truth is None):
        raise UsageError("bad_option", "--shown and --truth go together")
    if shown is not None and truth is not None:
        lines, found = take_report(shown, truth, basis)
    else:
        lines, found = expression_report(basis, dictionary, seed)
    sys.stdout.write(json.dumps(found) + "\n" if as_json else "\n".join(lines) + "\n")


@study_app.command("make")
def make_study(
    folder: Annotated[Path, typer.Argument(help="Where index.html and key.json go.")],
    clips: Annotated[int, typer.Option(min=1, max=210, help="How many clips.")] = 28,
    seed: Annotated[int, typer.Option(help="Of strengths, blinks and order.")] = 1,
) -> None:
    """Make a local page of silent clips that people judge; it saves a file of answers and sends nothing."""
    from emotion_runtime.expression.recipe import default_recipes
    from emotion_runtime.expression.study.clips import make_clips
    from emotion_runtime.expression.study.kit import write_study

    labels = sorted({*default_recipes().emotions, "neutral"})
    try:
        key = write_study(folder, make_clips(clips, seed), labels, seed)
    except OSError as error:
        raise UsageError("cannot_write", f"{folder} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{folder / 'index.html'}: {clips} clips, study {key.study}\n")


@study_app.command("report")
def report_study(
    key: Annotated[Path, typer.Argument(help="The study's key.json.")],
    answers: Annotated[list[Path], typer.Argument(help="People's answers.")],
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 1,
) -> None:
    """Print the confusion matrix, the affective index and their intervals."""
    from emotion_runtime.expression.study.kit import read_answers, read_key
    from emotion_runtime.expression.study.report import study_report

    known = read_key(key)
    sys.stdout.write(study_report(known, read_answers(answers, known), seed))


def _unit(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise UsageError("bad_option", f"{option}: '{text}' is not in 0..1")
    return value


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError("cannot_write", f"{path} cannot be written: {error.strerror}") from None


def voice_or_none() -> Any:
    """The synthetic voice, if the user installed one."""
    from emotion_runtime.expression.speech.espeak import Espeak

    try:
        return Espeak()
    except MissingExtraError:
        return None


def distances_line(name: str, distances: Distances) -> str:
    """One line of a table of distances: px, then % of the distance between the eyes."""
    values = (distances.lip, distances.lip_velocity, distances.face, distances.face_velocity)
    percent = "".join(f"{value:7.2f}" for value in distances.percent())
    return f"{name:<26}" + "".join(f"{value:7.2f}" for value in values) + "   " + percent
