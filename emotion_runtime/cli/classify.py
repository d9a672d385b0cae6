"""Owns `emotion-runtime classify`: the emotion in lines from arguments, standard input or CSV, and in sounds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.perception.explaining import WordWeight


def classify(
    text: Annotated[list[str] | None, typer.Argument(help="Lines; without any, standard input is read.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="A dialogue in MELD's columns; with Emotion, scores are added.")
    ] = None,
    audio: Annotated[
        list[Path] | None, typer.Option(help="A WAV file; several are one speaker's, in the order heard.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="`bundled`, a model folder, or a Hugging Face classifier (owner/model).")
    ] = "bundled",
    label: Annotated[
        list[str] | None, typer.Option(help="NAME=LABEL: what a label of a Hugging Face model means.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, tensorrt or auto.")] = "cpu",
    explain: Annotated[bool, typer.Option("--explain", help="Show the words that mattered.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Recognise the emotion in each line. Lines given together are not each other's context; those of a CSV are."""
    from rich.console import Console
    from rich.progress import track

    from emotion_runtime.perception import TextJob, load_text_model
    from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue
    from emotion_runtime.perception.explaining import words_that_mattered
    from emotion_runtime.perception.hub import model_folder
    from emotion_runtime.perception.providers import parse_device
    from emotion_runtime.perception.scores import score

    if sum((csv is not None, bool(text), bool(audio))) > 1:
        raise UsageError("two_sources", "give lines, --csv or --audio, only one of them", "leave the others away")
    if audio:
        from emotion_runtime.cli.classify_audio import classify_audio

        classify_audio(audio, model, as_json=as_json)
        return
    folder = None if model == "bundled" else model_folder(model, labels=_meanings(label))
    classifier = load_text_model(folder, device=parse_device(device))
    if classifier.notice:
        sys.stderr.write(f"emotion-runtime: {classifier.notice}\n")
    labels = classifier.labels
    truth: list[str] = []
    if csv is not None:
        lines = read_dialogue(csv, labels)
        jobs: Sequence[TextJob] = list(dialogue_jobs(lines, classifier.context_lines))
        truth = [line.emotion for line in lines]
    else:
        jobs = [TextJob(ticket, line) for ticket, line in enumerate(_given(text))]

    console = Console(stderr=True)
    shown = track(
        jobs, "classifying", console=console, disable=len(jobs) < 50 or not console.is_terminal, transient=True
    )
    answers = []
    reasons: list[tuple[WordWeight, ...]] = []
    for job in shown:
        probabilities = classifier.classify(job.text, job.context)
        answers.append(dict(zip(labels, probabilities, strict=True)))
        if explain and csv is None:
            reasons.append(words_that_mattered(classifier, job.text, job.context)[1])
        if not as_json and csv is None:
            _draw(job.text, answers[-1])
            if explain:
                _draw_words(max(answers[-1], key=answers[-1].__getitem__), reasons[-1])
    best = [max(answer, key=answer.__getitem__) for answer in answers]
    summary: dict[str, object] = {"type": "classify", "lines": len(jobs)}
    if csv is None:
        summary["answers"] = [
            {"text": job.text, "label": label, "probabilities": {k: round(v, 6) for k, v in answer.items()}}
            for job, label, answer in zip(jobs, best, answers, strict=True)
        ]
        if explain:
            summary["words"] = [
                [{"word": each.word, "weight": round(each.weight, 6)} for each in words] for words in reasons
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


def _draw_words(label: str, words: Sequence[WordWeight]) -> None:
    """Each word with a bar as long as what it adds to the label; what speaks against it in brackets."""
    from rich.console import Console
    from rich.text import Text

    from emotion_runtime.cli.bars import meter

    console = Console(highlight=False)
    most = max((abs(each.weight) for each in words), default=0.0) or 1.0
    width = max((len(each.word) for each in words), default=0)
    for each in words:
        shown = each.word if each.weight >= 0 else f"({each.word})"
        console.print(Text(f"  {shown:{width + 2}} {each.weight:+.3f} ") + meter(label, abs(each.weight) / most, 20))


def _meanings(pairs: Sequence[str] | None) -> dict[str, str]:
    chosen = {}
    for pair in pairs or ():
        name, equals, meaning = pair.partition("=")
        if not equals or not name or not meaning:
            raise UsageError("bad_label", f"`{pair}` is no NAME=LABEL", "write it like LABEL_0=anger")
        chosen[name] = meaning
    return chosen


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
