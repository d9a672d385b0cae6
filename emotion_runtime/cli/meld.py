"""Owns `emotion-runtime evaluate meld`: tables 1 to 4 of the paper on MELD, as text, Markdown and JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emotion_runtime.cli.train import numbers, stages
from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.training.evaluation.compare import Parts
    from emotion_runtime.training.evaluation.tables import Entry

PARTS = ("train", "dev", "test")


def evaluate_meld(
    meld: Annotated[Path | None, typer.Option(help="Folder with meld_train.csv, meld_dev.csv, meld_test.csv.")] = None,
    raw: Annotated[
        Path | None, typer.Option(help="The official download instead, unpacked: CSV files and clips.")
    ] = None,
    models: Annotated[
        list[Path] | None, typer.Option("--model", help="Model folders to judge; none: the bundled one.")
    ] = None,
    men: Annotated[list[Path] | None, typer.Option(help="Folders of `train men`.")] = None,
    base: Annotated[str, typer.Option(help="Encoder for utterance vectors; without it only models are judged.")] = "",
    weights: Annotated[Path | None, typer.Option(help="A stage of `train text` to put into the encoder.")] = None,
    ablation: Annotated[bool, typer.Option("--ablation", help="The paper's network without its parts, too.")] = False,
    openface: Annotated[Path | None, typer.Option(help="With --raw: OpenFace's CSV files of the clips.")] = None,
    face_model: Annotated[Path | None, typer.Option(help="With --raw: MediaPipe's face_landmarker.task.")] = None,
    cache: Annotated[Path, typer.Option(help="Folder for features.")] = Path("features-cache"),
    seeds: Annotated[str, typer.Option(help="Of the compared models, by commas.")] = "1,2,3",
    markdown: Annotated[Path | None, typer.Option(help="Write the tables as Markdown.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write the first row's confusion matrix as SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Judge text models, the paper's networks and baselines on MELD test; what is chosen is chosen on dev."""
    folder = raw or meld
    if folder is None or (raw is not None and meld is not None):
        raise UsageError("bad_option", "give either --meld or --raw", "the folder of the CSV files, or the download")
    if raw is None and (openface or face_model):
        raise UsageError("bad_option", "--openface and --face-model go with --raw", "clips are needed")
    entries = _judge(meld_table(folder, "test", raw is not None), models, men)
    if base:
        entries += _compare(folder, raw is not None, base, weights, cache, openface, face_model, ablation, seeds)
    _show(entries, markdown, picture, as_json)


def meld_table(folder: Path, part: str, raw: bool) -> Path:
    """The CSV file of a part, by the names of the download or ours. Raises UsageError."""
    names = (f"{part}_sent_emo.csv", f"meld_{part}.csv") if raw else (f"meld_{part}.csv", f"{part}_sent_emo.csv")
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise UsageError("meld_missing", f"{folder}: there is no {names[0]}", "give the folder of MELD's CSV files")
    return found


def _judge(test: Path, models: list[Path] | None, men: list[Path] | None) -> list[Entry]:
    """Model folders through the runtime, one line at a time, and RoBERTa-MEN."""
    import numpy as np

    from emotion_runtime.perception import load_text_model
    from emotion_runtime.perception.dialogue import dialogue_jobs, read_dialogue
    from emotion_runtime.training.evaluation.tables import entry

    entries = []
    for place in models or [None]:  # type: ignore[list-item]
        model = load_text_model(place, cached_lines=0)
        lines = read_dialogue(test, model.labels)
        truth = np.array([model.labels.index(line.emotion) for line in lines])
        rows = []
        with stages() as report:
            for job in dialogue_jobs(lines, model.context_lines):
                rows.append(model.classify(job.text, job.context))
                report("text model", len(rows), len(lines))
        name = place.name if place else "shipped text model, int8"
        entries.append(entry(name, model.labels, truth, [np.array(rows)]))
    if men:
        entries.append(_judge_men(test, men))
    return entries


def _judge_men(test: Path, men: list[Path]) -> Entry:
    from emotion_runtime.training import require_training

    require_training("transformers")
    from emotion_runtime.training.evaluation.tables import entry
    from emotion_runtime.training.text.corpus import LABELS, labels_of, read_meld
    from emotion_runtime.training.text.men import load_men

    examples = read_meld(test)
    tables = [load_men(place).probabilities(examples) for place in men]
    return entry("RoBERTa-MEN", LABELS, labels_of(examples), tables)


def _compare(
    folder: Path,
    raw: bool,
    base: str,
    weights: Path | None,
    cache: Path,
    openface: Path | None,
    face_model: Path | None,
    ablation: bool,
    seeds: str,
) -> list[Entry]:
    from emotion_runtime.training import require_training

    require_training("transformers")
    from emotion_runtime.training.evaluation.compare import ablated, compare, compared, single_modalities
    from emotion_runtime.training.text.corpus import LABELS

    parts = _corpora(folder, raw, base, weights, cache, openface, face_model)
    chosen = numbers(seeds, "--seeds")
    with stages() as report:
        entries = compare(compared(), parts, LABELS, chosen, report)
        if ablation:
            entries += compare(ablated()[1:], parts, LABELS, chosen, report)
            entries += single_modalities(parts, LABELS, chosen, report)
    return entries


def _corpora(
    folder: Path,
    raw: bool,
    base: str,
    weights: Path | None,
    cache: Path,
    openface: Path | None,
    face_model: Path | None,
) -> Parts:
    from emotion_runtime.training.evaluation.arkit import MediaPipeReader
    from emotion_runtime.training.evaluation.clips import OpenFaceReader, SpeechReader
    from emotion_runtime.training.evaluation.compare import Parts
    from emotion_runtime.training.evaluation.features import UtteranceVectors, text_corpus
    from emotion_runtime.training.evaluation.meld_raw import ClipReader, raw_corpus, read_raw_part
    from emotion_runtime.training.text.corpus import read_meld

    vectors = UtteranceVectors(base, weights, cache)
    made: dict[str, Any] = {}
    readers: dict[str, ClipReader] = {"acoustic": SpeechReader()} if raw else {}
    if openface is not None:
        readers["visual"] = OpenFaceReader(openface)
    elif face_model is not None:
        readers["visual"] = MediaPipeReader(face_model)
    with stages() as report:
        for part in PARTS:
            examples = read_meld(meld_table(folder, part, raw))
            text = vectors(examples, lambda done, all_, part=part: report(f"{part}: text", done, all_))  # type: ignore[misc]
            if not raw:
                made[part] = text_corpus(examples, text)
                continue
            held = read_raw_part(folder, part)
            if held.missing:
                sys.stderr.write(f"{part}: {held.missing} of {len(held.lines)} clips are missing\n")
            made[part] = raw_corpus(
                held,
                text,
                readers,
                cache,
                lambda name, done, all_, part=part: report(f"{part}: {name}", done, all_),  # type: ignore[misc]
            )
    return Parts(**made)


def _show(entries: list[Entry], markdown: Path | None, picture: Path | None, as_json: bool) -> None:
    from emotion_runtime.training.evaluation.pictures import confusion_svg
    from emotion_runtime.training.evaluation.tables import as_markdown, as_record, as_text, class_rows, measure_rows

    classes, measures = class_rows(entries), measure_rows(entries)
    try:
        if markdown is not None:
            markdown.write_text(as_markdown(*classes) + "\n\n" + as_markdown(*measures) + "\n", encoding="utf-8")
        if picture is not None:
            first = entries[0].scores[0]
            title = f"{entries[0].name} on MELD test"
            picture.write_text(confusion_svg(first.confusion, first.labels, title), encoding="utf-8")
    except OSError as error:
        raise UsageError("cannot_write", f"{error.filename} cannot be written: {error.strerror}") from None
    if as_json:
        sys.stdout.write(json.dumps({"type": "evaluate meld", "models": as_record(entries)}) + "\n")
        return
    sys.stdout.write(as_text(*classes) + "\n\n" + as_text(*measures) + "\n")
    if any(found.sees_future for found in entries):
        sys.stdout.write("* sees the whole dialogue, its future too; a game cannot\n")
