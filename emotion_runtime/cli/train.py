"""Owns `emotion-runtime train` and `export`: the text model, RoBERTa-MEN, the multimodal network; needs `[train]`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    pass

train_app = typer.Typer(help="Train models; needs the extra [train].", no_args_is_help=True)
export_app = typer.Typer(help="Write trained models as the runtime reads them.", no_args_is_help=True)

Base = Annotated[str, typer.Option(help="An encoder: folder or hub id (all-MiniLM-L6-v2 for the bundled model).")]
Meld = Annotated[Path, typer.Option(help="Folder with meld_train.csv, meld_dev.csv and meld_test.csv.")]
Work = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for checkpoints and results; go on where it stopped.")
]
Threads = Annotated[int, typer.Option(help="Threads of torch.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]

NAME = "MiniLM-L6 with n-grams, on GoEmotions and MELD, int8"
LICENSE = "see MODEL_CARD.md: base Apache-2.0; GoEmotions Apache-2.0; MELD, research use"


@train_app.callback()
def _train() -> None:
    """Train models; needs the extra [train]."""


@export_app.callback()
def _export() -> None:
    """Write trained models as the runtime reads them."""


@train_app.command("text")
def train_text(
    base: Base,
    meld: Meld,
    goemotions: Annotated[Path, typer.Option(help="Folder with goemotions_ekman_train.tsv.")],
    output: Work,
    seeds: Annotated[
        str, typer.Option(help="Seeds of the MELD stage, by commas; their weights are averaged.")
    ] = "1,2,3",
    layers: Annotated[int, typer.Option(help="Keep the encoder's first layers only; 0: all.", min=0)] = 0,
    steps: Annotated[int, typer.Option(help="End the GoEmotions stage after so many; -1: leave it out.")] = 650,
    teacher: Annotated[
        str, typer.Option(help="A larger encoder, folder or hub id, that is trained on MELD too and then teaches.")
    ] = "",
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Train the bundled text model: GoEmotions, MELD with several seeds, their average, int8, n-grams, dev figures."""
    from emotion_runtime.training import require_training

    require_training("transformers", "onnx")
    import torch

    from emotion_runtime.training.text.fit import FitOptions
    from emotion_runtime.training.text.recipe import Recipe, Workshop, teacher_recipe, write_record
    from emotion_runtime.training.text.taught import School, Taught

    torch.set_num_threads(threads)
    first = FitOptions(epochs=1, most_steps=steps)
    recipe = Recipe(base, meld, goemotions, numbers(seeds, "--seeds"), layers, first)
    began = time.monotonic()
    with stages() as report:
        workshop = Workshop(recipe, output, lambda name, step, steps, loss: report(f"{name} {loss:.3f}", step, steps))
        if teacher:
            trained = Taught(workshop, School(teacher_recipe(teacher, meld))).train()
        else:
            trained = workshop.train()
    record = {
        "type": "train text",
        "dev_weighted_f1": {name: round(100.0 * value, 2) for name, value in trained.dev.items()},
        "wall_seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(trained.seconds, 1),
    }
    record |= _finish(workshop, trained.average, output / "model", trained.chooser)
    write_record(output / "record.json", record)
    tell_record(record, as_json)


@train_app.command("men")
def train_men(
    base: Base,
    meld: Meld,
    output: Work,
    start: Annotated[Path | None, typer.Option(help="A stage of `train text` whose encoder is taken.")] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 2,
    seed: Annotated[int, typer.Option()] = 1,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Train the paper's RoBERTa-MEN on MELD."""
    from emotion_runtime.training import require_training

    require_training("transformers")
    import torch

    from emotion_runtime.training.text.corpus import labels_of, read_meld
    from emotion_runtime.training.text.fit import FitOptions
    from emotion_runtime.training.text.men import MenModel, MenSettings
    from emotion_runtime.training.text.recipe import weighted_f1

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    model = MenModel(MenSettings(base, str(start or "")))
    train, dev = (read_meld(meld / f"meld_{part}.csv") for part in ("train", "dev"))
    output.mkdir(parents=True, exist_ok=True)
    with stages() as report:
        model.fit(
            train,
            FitOptions(epochs=epochs, seed=seed),
            checkpoint=output / "men.checkpoint",
            report=lambda step, steps, loss: report(f"RoBERTa-MEN {loss:.3f}", step, steps),
        )
    model.save(output)
    found = weighted_f1(model.probabilities(dev), labels_of(dev))
    tell_record({"type": "train men", "folder": str(output), "dev_weighted_f1": round(100.0 * found, 2)}, as_json)


@export_app.command("text")
def export_text(
    base: Base,
    meld: Meld,
    work: Annotated[Path, typer.Argument(help="The folder of `train text`.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to write.")],
    seed: Annotated[int, typer.Option(help="One seed's weights; 0: the average.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write a trained text model as a sealed folder: ONNX in int8, tokenizer, n-grams, manifest."""
    from emotion_runtime.training import require_training

    require_training("transformers", "onnx")
    import torch

    from emotion_runtime.training.text.recipe import Recipe, Workshop, average_weights

    def held(generation: str) -> dict[str, Any] | None:
        found = {int(path.stem.rpartition("-")[2]): path for path in sorted(work.glob(f"{generation}meld-*.pt"))}
        if not found or (seed and seed not in found):
            return None
        return average_weights([torch.load(path, weights_only=True) for at, path in found.items() if seed in {0, at}])

    taught, last = held("taught-"), held("last-")
    weights = last or taught or held("")
    if weights is None:
        raise UsageError("not_trained", f"{work}: has no weights of seed {seed or 'any'}", "run `train text` first")
    chooser = taught if last else None
    tell_record(_finish(Workshop(Recipe(base, meld, meld), work), weights, output, chooser), as_json)


def _finish(
    workshop: Any, weights: dict[str, Any], folder: Path, chooser: dict[str, Any] | None = None
) -> dict[str, Any]:
    from emotion_runtime.training.text.export import ExportNames
    from emotion_runtime.training.text.finish import finish

    names = ExportNames(NAME, "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)", LICENSE)
    with stages() as report:
        chosen = finish(
            workshop,
            weights,
            folder,
            names,
            chooser=chooser,
            progress=lambda done, all_: report("int8 on dev", done, all_),
        )
    size = sum(path.stat().st_size for path in folder.iterdir() if path.suffix in {".onnx", ".json", ".npz"})
    return {
        "folder": str(folder),
        "bytes": size,
        "ngram_weight": chosen.ngram_weight,
        "temperature": chosen.temperature,
        "dev_int8_weighted_f1": round(100.0 * chosen.weighted_f1, 2),
        "dev_int8_ece": round(chosen.ece, 4),
    }


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error that shows one stage at a time; silent where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:28}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        shown = progress.add_task("", total=None)
        yield lambda name, done, all_: progress.update(shown, description=name[:28], completed=done, total=all_)


def numbers(text: str, option: str) -> tuple[int, ...]:
    """Whole numbers by commas. Raises UsageError `bad_option`."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError("bad_option", f"{option}: '{text}' is no list of whole numbers", "such as 1,2,3") from None


def tell_record(record: dict[str, Any], as_json: bool) -> None:
    """The record as one JSON object, or a line for each figure."""
    if as_json:
        sys.stdout.write(json.dumps(record) + "\n")
        return
    for name, value in record.items():
        if name != "type":
            sys.stdout.write(f"{name.replace('_', ' ')}: {value}\n")
