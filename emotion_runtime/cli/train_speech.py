"""Owns `emotion-runtime train speech`: trains the speech model, measures it on speakers left out, writes its folder."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import MissingExtraError


def train_speech(
    data: Annotated[Path, typer.Argument(help="The folder of EMO-DB's WAV files.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to write.")] = Path("speech_model"),
    seeds: Annotated[int, typer.Option(help="Repeats of the whole experiment.", min=1, max=20)] = 3,
    networks: Annotated[int, typer.Option(help="Networks whose answers are averaged.", min=1, max=32)] = 6,
    cache: Annotated[Path, typer.Option(help="Where summaries of clips are kept between runs.")] = Path(".cache"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Train the speech model and measure it, leaving one speaker out; the model written is trained on all of them."""
    if importlib.util.find_spec("onnx") is None:
        raise MissingExtraError(
            "missing_extra", "onnx is not installed, and training needs it", 'pip install "emotion-runtime[train]"'
        )
    import numpy as np
    from rich.console import Console
    from rich.progress import Progress

    from emotion_runtime.training.speech.assembly import Trained
    from emotion_runtime.training.speech.corpus import read_emodb
    from emotion_runtime.training.speech.experiment import choose, figures, fit, leave_one_out, ship
    from emotion_runtime.training.speech.network import RECIPES

    begun = time.perf_counter()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        clips = progress.add_task("summaries", total=len(list(data.glob("*.wav"))))
        corpus = read_emodb(data, cache, lambda: progress.advance(clips))
        folds = progress.add_task("speakers left out", total=seeds * len(np.unique(corpus.speaker)))

        def tell(line: str) -> None:
            progress.advance(folds)
            console.print(line, highlight=False)

        with tempfile.TemporaryDirectory(prefix="emotion-runtime-") as work:
            outcomes = [leave_one_out(corpus, seed, networks, Path(work), tell) for seed in range(seeds)]
        measured = figures(corpus, outcomes)
        everybody = np.arange(len(corpus.truth))
        number, temperature = choose(corpus, everybody, 0)
        trained = fit(corpus, everybody, RECIPES[number], range(networks))
        reliability = float(str(measured["accuracy"])) / 100.0
        ship(
            Trained(trained.mean, trained.spread, trained.networks, temperature),
            output,
            "emotion-runtime speech 1",
            reliability,
        )
    summary = {
        "type": "train speech",
        **measured,
        "recipe": number,
        "bytes": (output / "model.onnx").stat().st_size,
        "seconds": round(time.perf_counter() - begun, 1),
    }
    if as_json:
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    sys.stdout.write(
        f"{measured['clips']} clips, speakers left out in turn, {seeds} seeds: mean recall {measured['uar_mean']} "
        f"(sd {measured['uar_sd']}), calibration error {measured['ece_mean']}; written to {output}\n"
    )
