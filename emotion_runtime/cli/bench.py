"""Owns `emotion-runtime bench`: the benchmarks, each of which checks first that equal work is compared."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

bench = typer.Typer(
    name="bench", help="Measure, after checking that all contenders do the same work.", no_args_is_help=True
)


@bench.callback()
def _bench() -> None:
    """Measure, after checking that all contenders do the same work."""


@bench.command("behaviors")
def behaviors(
    counts: Annotated[str, typer.Option(help="Characters, by commas.")] = "100,1000,10000,100000",
    cycles: Annotated[int, typer.Option(help="Rounds in which everyone has a turn.", min=1)] = 5,
    ticks: Annotated[int, typer.Option(help="Ticks a turn.", min=1)] = 6,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Behavior trees: py_trees, behaviortreepy, bonsai-bt and ours on one 12-node tree, from floats to events."""
    from emotion_runtime.bench.behaviors import check_equal_work, measure

    equal = check_equal_work()
    if not as_json:
        sys.stdout.write("equal work: " + ", ".join(f"{name} {flee}" for name, (flee, _) in equal.items()) + "\n")
        sys.stdout.write(
            f"{'characters':>10} {'contender':>15} {'ns/char-tick':>13} {'us/tick':>10}   times as fast as\n"
        )
    rows = []
    for count in (int(each) for each in counts.split(",")):
        for row in measure(count, cycles, ticks):
            rows.append(row)
            if not as_json:
                than = [f"{peer} {m:,.1f} [{low:,.1f}-{high:,.1f}]" for peer, (m, low, high) in row.faster.items()]
                cost = f"{row.nanoseconds:>13,.1f} {row.microseconds:>10,.1f}"
                sys.stdout.write(f"{count:>10,} {row.contender:>15} {cost}   {'  '.join(than)}".rstrip() + "\n")
    if as_json:
        sys.stdout.write(json.dumps({"equal_work": equal, "rows": [asdict(row) for row in rows]}) + "\n")


@bench.command("tick")
def tick(
    characters: Annotated[str, typer.Option(help="Sizes of the crowd, by commas.")] = "1000,10000,100000",
    objects: Annotated[int, typer.Option(help="Smart objects, at most half as many as characters.", min=0)] = 5000,
    seconds: Annotated[float, typer.Option(help="Wall seconds of each run.", min=0.1)] = 5.0,
    paced: Annotated[bool, typer.Option("--paced", help="60 ticks a second instead of a tight loop.")] = False,
    kernels: Annotated[str, typer.Option(help="numpy, numba, or both by a comma.")] = "numba",
    threads: Annotated[int, typer.Option(help="1 or 2; 0: by the size of the crowd.", min=0, max=2)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """A whole tick of a crowd: positions in, affect, objects, trees, commands, and the frame in another process."""
    from emotion_runtime.bench.tick import check_equal_work, measure, table

    forms = kernels.split(",")
    sizes = [int(each) for each in characters.split(",")]
    digests = check_equal_work(max(sizes))
    if not as_json:
        sys.stdout.write(f"numpy and numba give the same bytes for {len(digests)} ticks: {digests[-1].hex()}\n")
    rows = []
    for size in sizes:
        for form in forms:
            run = measure(size, objects, seconds, paced=paced, kernels=form, threads=threads or None)  # type: ignore[arg-type]
            rows.append(run.summary())
            if not as_json:
                sys.stdout.write("\n" + table(rows[-1]) + "\n")
    if as_json:
        sys.stdout.write(json.dumps({"digest": digests[-1].hex(), "runs": rows}) + "\n")


@bench.command("headless")
def headless(
    scene: Annotated[str, typer.Option(help="A scene file or a bundled scene.")] = "tavern",
    characters: Annotated[int, typer.Option(help="People, the scene's own and copies of them.", min=1, max=64)] = 10,
    ticks: Annotated[str, typer.Option(help="Tick lengths in seconds, by commas.")] = "0.05,0.1,0.25,1/60",
    seconds: Annotated[float, typer.Option(help="Simulated seconds of each round.", min=40.0)] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How much faster than real time tests of scenes run, in leaps and tick by tick, left alone and talked to."""
    from fractions import Fraction

    from emotion_runtime.bench.headless import STORIES, cast_of, check_equal_work, measure
    from emotion_runtime.leaps.compiling import LOOP

    LOOP.wait()
    cast = cast_of(scene, characters)
    rows, equal = [], {}
    if not as_json:
        sys.stdout.write("simulated seconds for a second of wall time (of processor time), best of three\n")
        sys.stdout.write(f"{'story':>6} {'tick s':>8} {'commands':>9} {'leaps':>17} {'single ticks':>15}\n")
    for tick in (float(Fraction(each.strip())) for each in ticks.split(",")):
        for story in STORIES:
            equal[f"{story} {tick:.4f}"] = check_equal_work(cast, story, tick)
            row = measure(cast, story, tick, seconds)
            rows.append(row)
            if not as_json:
                faster = f"{row.leaps:>7,.0f} ({row.leaps_cpu:>7,.0f}) {row.steps:>7,.0f} ({row.steps_cpu:>5,.0f})"
                sys.stdout.write(f"{story:>6} {tick:>8.4f} {row.commands:>9,} {faster}\n")
    if as_json:
        sys.stdout.write(json.dumps({"equal_work": equal, "rows": [asdict(row) for row in rows]}) + "\n")


@bench.command("perception")
def perception(
    csv: Annotated[Path, typer.Option(help="Lines in MELD's columns.")],
    reference: Annotated[
        str, typer.Option(help="A model folder, or an encoder to be exported in fp32 (needs [train]).")
    ],
    model: Annotated[Path | None, typer.Option(help="A model folder; without one, the bundled model.")] = None,
    lines: Annotated[int, typer.Option(help="How many of the lines, spread over the file.", min=1)] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Text: time per line, tokenising included, one thread, beside a reference such as MiniLM-L6 in fp32."""
    from emotion_runtime.bench.perception import measure
    from emotion_runtime.cli.train import stages
    from emotion_runtime.perception import load_text_model
    from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue

    measured = load_text_model(model, cached_lines=0)
    with reference_folder(reference, measured.max_tokens, measured.context_lines) as folder, stages() as report:
        models = {"reference": load_text_model(folder, cached_lines=0), "model": measured}
        jobs = list(dialogue_jobs(read_dialogue(csv), measured.context_lines))
        picked = jobs[:: max(1, len(jobs) // lines)][:lines]
        rows = measure(models, picked, lambda done, all_: report("lines", done, all_))
    if as_json:
        sys.stdout.write(json.dumps({"lines": len(picked), "rows": [asdict(row) for row in rows]}) + "\n")
        return
    for row in rows:
        sys.stdout.write(f"{row.name:10} median {row.median:6.2f} ms  95 % {row.high:6.2f} ms  ratio {row.ratio:.2f}\n")


@contextmanager
def reference_folder(reference: str, max_tokens: int, context_lines: int) -> Iterator[Path]:
    """A model folder as it is; an encoder as one in fp32 with an untrained head, for the time being.

    The encoder reads as much of a dialogue as the model beside it: the same tokens go through both.
    """
    if (Path(reference) / "manifest.json").is_file():
        yield Path(reference)
        return
    from emotion_runtime.training import require_training

    require_training("transformers", "onnx")
    from emotion_runtime.training.text.export import ExportNames, export_text
    from emotion_runtime.training.text.finish import tokenizer_text
    from emotion_runtime.training.text.recipe import new_network

    with tempfile.TemporaryDirectory() as held:
        export_text(
            new_network(reference, attention="eager"),
            tokenizer_text(reference),
            Path(held),
            ExportNames("reference in fp32"),
            max_tokens=max_tokens,
            context_lines=context_lines,
            int8=False,
        )
        yield Path(held)


@bench.command("load")
def load(
    characters: Annotated[int, typer.Option(help="Size of the crowd.", min=1)] = 10_000,
    rate: Annotated[float, typer.Option(help="Utterances offered a second.", min=0.0)] = 500.0,
    seconds: Annotated[float, typer.Option(help="For so long.", min=0.5)] = 60.0,
    kernels: Annotated[str, typer.Option(help="numpy, numba or auto.")] = "numba",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """More talk than the model can take: are ticks on time, and what is given up? Commands never are."""
    from emotion_runtime.cli.load import measure
    from emotion_runtime.cli.load import text as in_words

    found = measure(characters, rate, seconds, kernels=kernels)
    sys.stdout.write(json.dumps(found) + "\n" if as_json else in_words(found))
