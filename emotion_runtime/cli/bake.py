"""Owns `emotion-runtime bake`: annotates authored lines ahead of time, and says which a human should see."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def bake(
    script: Annotated[Path, typer.Argument(help="A CSV with a column `text`, or in MELD's columns.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The baked file to write.")] = Path("baked.msgpack"),
    model: Annotated[
        str, typer.Option(help="Text model: `bundled`, a folder, or a Hugging Face classifier (owner/model).")
    ] = "bundled",
    overrides: Annotated[Path | None, typer.Option(help="A CSV with `text` and `label`: what a human decided.")] = None,
    uncertain: Annotated[
        Path | None, typer.Option(help="Write the least certain lines here, to be labelled and given to --overrides.")
    ] = None,
    least: Annotated[int, typer.Option(help="How many of the least certain lines.", min=0)] = 20,
    processes: Annotated[int, typer.Option(help="Processes that work side by side.", min=1, max=256)] = 1,
    ray: Annotated[bool, typer.Option("--ray", help="Spread the work over a Ray cluster.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Annotate all lines of a script, for `serve --baked`. An interrupted run goes on where it stopped."""
    from rich.console import Console
    from rich.progress import track

    from emotion_runtime.perception.baked import SCALE, key
    from emotion_runtime.perception.baking import (
        Progressing,
        pieces,
        read_overrides,
        read_script,
        run_pieces,
        write_baked,
    )
    from emotion_runtime.perception.bundled import bundled_model_folder
    from emotion_runtime.perception.hub import model_folder
    from emotion_runtime.perception.manifest import MANIFEST, MODEL, read_manifest
    from emotion_runtime.perception.model_folder import open_model_folder

    folder = bundled_model_folder() if model == "bundled" else model_folder(model)
    mark = read_manifest(folder).files[MODEL].sha256
    opened = open_model_folder(folder)
    labels = tuple(dict.fromkeys(opened.manifest.meanings)) or opened.labels
    lines = read_script(script, context_lines=opened.manifest.context_lines)
    decided = {} if overrides is None else read_overrides(overrides, labels)
    whole = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    progress = Progressing(output.with_name(output.name + ".progress"), whole)
    resumed = len(progress.done)
    left = [line for line in lines if key(line.text, line.context) not in progress.done]
    work = pieces(left)
    console = Console(stderr=True)
    where = "" if model == "bundled" else str(folder.resolve())
    for answers in track(
        run_pieces(work, where, processes, ray=ray),
        "annotating",
        total=len(work),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ):
        progress.add(answers)
    known = {key(line.text, line.context): line for line in lines}
    baked = {each: progress.done[each] for each in known}
    corrected = 0
    for each, line in known.items():
        plain = key(line.text)
        if plain in decided:
            baked[each] = decided[plain]
            corrected += 1
    write_baked(output, mark, labels, baked, opened.manifest.context_lines)
    progress.finish()

    counts = dict.fromkeys(labels, 0)
    for row in baked.values():
        counts[labels[row.index(max(row))]] += 1
    doubtful = sorted((max(row), known[each].row, known[each].text, each) for each, row in baked.items())[:least]
    asked = [
        {"row": row, "text": text, "label": labels[baked[each].index(max(baked[each]))], "share": round(top / SCALE, 4)}
        for top, row, text, each in doubtful
    ]
    if uncertain is not None:
        with uncertain.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "label", "guess", "share"))
            writer.writerows((each["text"], "", each["label"], each["share"]) for each in asked)
    if as_json:
        summary = {
            "type": "bake",
            "lines": len(baked),
            "resumed": resumed,
            "overridden": corrected,
            "bytes": output.stat().st_size,
            "counts": counts,
            "least_certain": asked,
        }
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
        return
    _report(output, len(baked), corrected, counts, asked)


def _report(output: Path, lines: int, corrected: int, counts: dict[str, int], asked: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.text import Text

    from emotion_runtime.cli.bars import meter

    console = Console(highlight=False)
    for label, count in counts.items():
        console.print(Text(f"{label:9} {count:7} {count / lines:6.1%} ") + meter(label, count / lines, 30))
    if asked:
        console.print("least certain:")
        for each in asked:
            console.print(Text(f"  {each['share']:.2f} {each['label']:9} {each['row']:>6}  {each['text']}"))
    console.print(f"{lines} lines, {corrected} of them decided by overrides; written to {output}")
