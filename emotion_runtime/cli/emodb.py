"""Owns `emotion-runtime evaluate emodb`: the speech model's features and the running comparison beside baselines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import MissingExtraError, UsageError

BASELINES = ("opensmile",)


def evaluate_emodb(
    data: Annotated[Path, typer.Argument(help="The folder of EMO-DB's WAV files.")],
    baseline: Annotated[
        list[str] | None, typer.Option(help="`opensmile`: eGeMAPS functionals, for research only.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Repeats with other orders and networks.", min=1, max=20)] = 3,
    networks: Annotated[int, typer.Option(help="Networks whose answers are averaged.", min=1, max=32)] = 2,
    cache: Annotated[Path, typer.Option(help="Where summaries of clips are kept between runs.")] = Path(".cache"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Compare feature sets on EMO-DB, speakers left out in turn: the same small networks on each, nothing chosen."""
    import importlib.util

    if importlib.util.find_spec("onnx") is None:
        raise MissingExtraError(
            "missing_extra", "onnx is not installed, and the features need it", 'pip install "emotion-runtime[train]"'
        )
    unknown = [name for name in baseline or () if name not in BASELINES]
    if unknown:
        raise UsageError("unknown_baseline", f"there is no baseline `{unknown[0]}`", f"use {', '.join(BASELINES)}")
    import numpy as np
    from rich.console import Console
    from rich.progress import Progress

    from emotion_runtime.training.speech.baselines import (
        compared,
        mean_recalls,
        require_opensmile,
        with_opensmile,
    )
    from emotion_runtime.training.speech.corpus import read_emodb

    if baseline:
        require_opensmile()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        clips = progress.add_task("our features", total=len(list(data.glob("*.wav"))))
        ours = read_emodb(data, cache, lambda: progress.advance(clips))
        corpora = {"ours": ours}
        if baseline:
            smiles = progress.add_task("openSMILE", total=len(ours.files))
            corpora["opensmile"] = with_opensmile(ours, cache, lambda: progress.advance(smiles))
        folds = progress.add_task("folds", total=2 * len(corpora) * seeds * len(np.unique(ours.speaker)))
        found = compared(corpora, range(seeds), networks, lambda line: progress.advance(folds))
    rows = []
    for row, outcomes in found:
        recalls = mean_recalls(outcomes, ours.truth)
        hits = [float((each.probabilities.argmax(axis=1) == ours.truth).mean()) for each in outcomes]
        rows.append(
            {
                "model": row.name,
                "uar_mean": round(float(np.mean(recalls)), 2),
                "uar_sd": round(float(np.std(recalls, ddof=1)) if seeds > 1 else 0.0, 2),
                "uar": [round(each, 2) for each in recalls],
                "accuracy": round(100.0 * float(np.mean(hits)), 2),
            }
        )
    if as_json:
        summary = {"type": "evaluate emodb", "clips": len(ours.truth), "seeds": seeds, "models": rows}
        sys.stdout.write(json.dumps(summary) + "\n")
        return
    width = max(len(str(each["model"])) for each in rows)
    sys.stdout.write(f"{'':{width}}  uar mean    sd  accuracy\n")
    for each in rows:
        sys.stdout.write(
            f"{each['model']:{width}}  {each['uar_mean']:8.2f}  {each['uar_sd']:4.2f}  {each['accuracy']:8.2f}\n"
        )
