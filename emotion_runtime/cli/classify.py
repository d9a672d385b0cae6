"""Owns `emotion-runtime classify`: the emotion in lines from arguments, standard input or a CSV file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import UsageError


def classify(
    text: Annotated[list[str] | None, typer.Argument(help="Lines; without any, standard input is read.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="A dialogue in MELD's columns; with Emotion, scores are added.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="A model folder; without one, the bundled model.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Recognise the emotion in each line. Lines given together are not each other's context; those of a CSV are."""
    from rich.console import Console
    from rich.progress import track

    from emotion_runtime.perception import TextJob, load_text_model
    from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue
    from emotion_runtime.perception.scores import score

    if csv is not None and text:
        raise UsageError("two_sources", "give lines or --csv, not both", "leave one away")
    if model is not None and not model.is_dir():
        raise UsageError("model_missing", f"there is no folder {model}", "give the folder that holds model.onnx")
    classifier = load_text_model(model)
    labels = classifier.labels
    truth: list[str] = []
    if csv is not None:
        lines = read_dialogue(csv, labels)
        jobs: Sequence[TextJob] = list(dialogue_jobs(lines))
        truth = [line.emotion for line in lines]
    else:
        jobs = [TextJob(ticket, line) for ticket, line in enumerate(_given(text))]

    console = Console(stderr=True)
    shown = track(
        jobs, "classifying", console=console, disable=len(jobs) < 50 or not console.is_terminal, transient=True
    )
    answers = []
    for job in shown:
        probabilities = classifier.classify(job.text, job.context)
        answers.append(dict(zip(labels, probabilities, strict=True)))
        if not as_json and csv is None:
            _draw(job.text, answers[-1])
    best = [max(answer, key=answer.__getitem__) for answer in answers]
    summary: dict[str, object] = {"type": "classify", "lines": len(jobs)}
    if csv is None:
        summary["answers"] = [
            {"text": job.text, "label": label, "probabilities": {k: round(v, 6) for k, v in answer.items()}}
            for job, label, answer in zip(jobs, best, answers, strict=True)
        ]
    known = [(stated, said) for stated, said in zip(truth, best, strict=bool(truth)) if stated]
    if known:
        scores = score(labels, [stated for stated, _ in known], [said for _, said in known])
        summary |= {
            "scored": len(known),
            "weighted_f1": round(100.0 * scores.weighted_f1, 2),
            "macro_f1": round(100.0 * scores.macro_f1, 2),
            "accuracy": round(100.0 * scores.accuracy, 2),
            "f1": {label: round(100.0 * value, 2) for label, value in scores.f1_by_label.items()},
        }
    counts = {label: best.count(label) for label in labels}
    if csv is not None:
        summary["counts"] = counts
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    elif csv is not None:
        _table(summary, counts)


def _given(text: Sequence[str] | None) -> Iterator[str]:
    if text:
        yield from text
        return
    if sys.stdin.isatty():
        raise UsageError("nothing_to_classify", "there is no line to classify", "give one as an argument")
    for line in sys.stdin:
        if line.strip():
            yield line.rstrip("\r\n")


def _draw(text: str, answer: dict[str, float]) -> None:
    from rich.console import Console
    from rich.text import Text

    from emotion_runtime.cli.bars import meter

    console = Console(highlight=False)
    console.print(Text(text, style="bold"))
    for label, value in sorted(answer.items(), key=lambda item: -item[1]):
        if value >= 0.01:
            console.print(Text(f"  {label:9} {value:5.1%} ") + meter(label, value, 30))


def _table(summary: dict[str, object], counts: dict[str, int]) -> None:
    f1 = summary.get("f1")
    scores: dict[str, float] = f1 if isinstance(f1, dict) else {}
    for label, count in counts.items():
        sys.stdout.write(f"{label:9} {count:6}  {'F1 ' + format(scores[label], '.2f') if label in scores else ''}\n")
    if scores:
        sys.stdout.write(
            f"{summary['lines']} lines: weighted F1 {summary['weighted_f1']}, macro F1 {summary['macro_f1']}, "
            f"accuracy {summary['accuracy']}\n"
        )
