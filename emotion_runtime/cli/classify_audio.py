"""Owns `classify --audio`: the emotion in sound files, as partial results second by second and as a whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path


def classify_audio(files: Sequence[Path], model: str, *, as_json: bool) -> None:
    """Recognise the emotion in each file. Files given together are one speaker's, in the order heard."""
    from rich.console import Console
    from rich.text import Text

    from emotion_runtime.cli.bars import meter
    from emotion_runtime.perception import load_voice_model
    from emotion_runtime.perception.pcm import RATE, read_wav

    listener = load_voice_model(None if model == "bundled" else Path(model))
    console = Console(highlight=False)
    known = None
    answers = []
    for path in files:
        sound = read_wav(path)
        parts = [listener.listen(sound[: second * RATE], known)[0] for second in range(1, -(-len(sound) // RATE))]
        probabilities, known = listener.listen(sound, known)
        answer = dict(zip(listener.labels, probabilities, strict=True))
        so_far = [listener.labels[max(range(len(part)), key=part.__getitem__)] for part in parts]
        answers.append(
            {
                "file": str(path),
                "seconds": round(len(sound) / RATE, 3),
                "label": max(answer, key=answer.__getitem__),
                "probabilities": {label: round(value, 6) for label, value in answer.items()},
                "partial": so_far,
            }
        )
        if not as_json:
            title = f"{path}, {len(sound) / RATE:.1f} s" + (f"; so far: {', '.join(so_far)}" if so_far else "")
            console.print(Text(title, style="bold"))
            for label, value in sorted(answer.items(), key=lambda item: -item[1]):
                if value >= 0.01:
                    console.print(Text(f"  {label:9} {value:5.1%} ") + meter(label, value, 30))
    if as_json:
        sys.stdout.write(json.dumps({"type": "classify", "files": len(answers), "answers": answers}) + "\n")
