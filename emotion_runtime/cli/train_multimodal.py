"""Owns `train multimodal` and `export multimodal`: the cross-modal network of `serve --multimodal`; needs `[train]`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emotion_runtime.cli.meld import PARTS, meld_table
from emotion_runtime.cli.train import AsJson, Base, Threads, Work, numbers, stages, tell_record
from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.training.evaluation.compare import Parts

RECORD = "record.json"


def train_multimodal(
    raw: Annotated[
        Path, typer.Option(help="Lines and clips laid out as MELD's official download; see docs/training.md.")
    ],
    base: Base,
    output: Work,
    face_model: Annotated[Path | None, typer.Option(help="Faces by MediaPipe: its face_landmarker.task.")] = None,
    arkit: Annotated[
        Path | None, typer.Option(help="Faces by name: a folder of CSV files, one a clip, with ARKit's coefficients.")
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="A stage of `train text` to put into the encoder.")] = None,
    int8: Annotated[bool, typer.Option("--int8/--fp32", help="The text front end's arithmetic.")] = True,
    seeds: Annotated[str, typer.Option(help="By commas; the best on dev is kept.")] = "1,2,3",
    epochs: Annotated[int, typer.Option(help="At most, for each seed.", min=1)] = 12,
    batch: Annotated[int, typer.Option(help="Utterances in a step.", min=1)] = 64,
    patience: Annotated[int, typer.Option(help="Epochs without a better one on dev before it ends.", min=1)] = 3,
    cache: Annotated[Path, typer.Option(help="Folder for features.")] = Path("features-cache"),
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Train the paper's multimodal network on lines, sounds and faces as the sidecar has them."""
    from emotion_runtime.training import require_training

    require_training("transformers", "onnx")
    import torch

    from emotion_runtime.training.joint.export import FRONT
    from emotion_runtime.training.joint.fit import OPTIONS, WEIGHTS, save, train
    from emotion_runtime.training.joint.front_ends import write_sound_front_end, write_text_front_end

    torch.set_num_threads(threads)
    if face_model is not None and arkit is not None:
        raise UsageError("bad_option", "give --face-model or --arkit, not both", "faces come from one place")
    began = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    if not (output / FRONT / "done").is_file():
        write_text_front_end(base, output / FRONT, weights=weights, int8=int8)
        write_sound_front_end(output / FRONT)
        (output / FRONT / "done").write_text("", encoding="utf-8")
    parts = _corpora(raw, output / FRONT, cache, face_model, arkit)
    options = replace(OPTIONS, epochs=epochs, batch=batch, patience=patience)
    with stages() as report:
        trained, record = train(parts, numbers(seeds, "--seeds"), output, report, options)
    save(trained, output / WEIGHTS)
    record = {"type": "train multimodal", **record, "base": base, "seconds": round(time.monotonic() - began, 1)}
    (output / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    tell_record(record, as_json)


def export_multimodal(
    work: Annotated[Path, typer.Argument(help="The folder of `train multimodal`.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to write.")],
    name: Annotated[str, typer.Option(help="What the manifest calls it.")] = "multimodal sequence network",
    license: Annotated[str, typer.Option(help="The terms of what it was trained on.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the trained network as a sealed folder for `serve --multimodal`: network, front ends, labels, manifest."""
    from emotion_runtime.training import require_training

    require_training("onnx")
    from emotion_runtime.perception.joint_folder import open_joint_folder
    from emotion_runtime.perception.onnx_joint import OnnxJointModel
    from emotion_runtime.training.joint.export import export_joint
    from emotion_runtime.training.joint.fit import WEIGHTS, load

    trained = load(work / WEIGHTS)
    held = work / RECORD
    base = str(json.loads(held.read_text(encoding="utf-8"))["base"]) if held.is_file() else ""
    manifest = export_joint(trained, work, output, name=name, base=base, license=license)
    OnnxJointModel(open_joint_folder(output))  # loads it as the sidecar will, and asks it once
    record: dict[str, Any] = {
        "type": "export multimodal",
        "folder": str(output),
        "modalities": {each: manifest.modalities[each].size for each in manifest.names},  # type: ignore[index]
        "reliability": round(manifest.reliability, 4),
        "bytes": sum(entry.bytes for entry in manifest.files.values()),
    }
    tell_record(record, as_json)


def _corpora(raw: Path, front: Path, cache: Path, face_model: Path | None, arkit: Path | None) -> Parts:
    from emotion_runtime.training.evaluation.arkit import ArkitReader, MediaPipeReader
    from emotion_runtime.training.evaluation.compare import Parts
    from emotion_runtime.training.evaluation.meld_raw import ClipReader, raw_corpus, read_raw_part
    from emotion_runtime.training.joint.front_ends import LineReader, SoundReader
    from emotion_runtime.training.text.corpus import read_meld

    lines = LineReader(front, cache)
    readers: dict[str, ClipReader] = {"acoustic": SoundReader(front)}
    if face_model is not None:
        readers["visual"] = MediaPipeReader(face_model)
    elif arkit is not None:
        readers["visual"] = ArkitReader(arkit)
    made: dict[str, Any] = {}
    with stages() as report:
        for part in PARTS:
            texts = [example.text for example in read_meld(meld_table(raw, part, True))]
            held = read_raw_part(raw, part)
            if held.missing:
                sys.stderr.write(f"{part}: {held.missing} of {len(held.lines)} clips are missing\n")
            made[part] = raw_corpus(
                held,
                lines(texts, lambda done, all_, part=part: report(f"{part}: text", done, all_)),  # type: ignore[misc]
                readers,
                cache,
                lambda name, done, all_, part=part: report(f"{part}: {name}", done, all_),  # type: ignore[misc]
            )
    return Parts(**made)
