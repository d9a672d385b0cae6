"""Owns the files of a study: the page with its clips, the key that tells what was meant, and people's answers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xxhash

from emotion_runtime.errors import UsageError
from emotion_runtime.expression.study.clips import FRAMES_PER_SECOND, Clip

MAX_ANSWER_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """What a report needs to know of a study: its number, its labels, and clip -> emotion meant."""

    study: str
    labels: tuple[str, ...]
    truth: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One person about one clip; ratings 0..100."""

    person: int
    clip: str
    label: str
    overall: float
    most: str
    most_score: float
    least: str
    least_score: float


def write_study(folder: str | Path, clips: Sequence[Clip], labels: Sequence[str], seed: int) -> Key:
    """`index.html`, which needs no network, and `key.json`, into a folder that is made if it is not there."""
    shown = [{"name": clip.name, "truth": clip.truth, "frames": clip.frames} for clip in clips]
    study = xxhash.xxh3_64_hexdigest(json.dumps([seed, shown], sort_keys=True).encode())
    data = {"study": study, "seed": seed, "rate": FRAMES_PER_SECOND, "labels": list(labels), "clips": shown}
    page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    embedded = json.dumps(data).replace("</", "<\\/")
    (target / "index.html").write_text(page.replace("@DATA@", embedded), encoding="utf-8")
    key = {"study": study, "labels": list(labels), "truth": {clip.name: clip.truth for clip in clips}}
    (target / "key.json").write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")
    return Key(study, tuple(labels), key["truth"])  # type: ignore[arg-type]


def read_key(path: str | Path) -> Key:
    """The key of a study. Raises UsageError `bad_study`."""
    data = _json(path)
    labels, truth = data.get("labels"), data.get("truth")
    if not isinstance(labels, list) or not isinstance(truth, dict) or not set(truth.values()) <= set(labels):
        raise UsageError("bad_study", f"{path} is no key of a study", "it is the key.json beside the page")
    return Key(str(data.get("study", "")), tuple(map(str, labels)), {str(k): str(v) for k, v in truth.items()})


def read_answers(paths: Sequence[str | Path], key: Key) -> list[Answer]:
    """All answers of all files. Raises UsageError `bad_study` with file and answer for anything that does not fit."""
    answers: list[Answer] = []
    seen: dict[tuple[int, str], str] = {}
    for path in paths:
        data = _json(path)
        person = data.get("person")
        if data.get("study") != key.study:
            raise UsageError("bad_study", f"{path} belongs to another study than the key")
        if not isinstance(person, int) or not isinstance(data.get("answers"), list):
            raise UsageError("bad_study", f"{path} holds no answers of a person")
        for number, row in enumerate(data["answers"]):
            answer = _answer(row, person, key, f"{path}: answers[{number}]")
            before = seen.setdefault((person, answer.clip), str(path))
            if before != str(path) or any(a.person == person and a.clip == answer.clip for a in answers):
                raise UsageError("bad_study", f"{path}: person {person} judged {answer.clip} twice")
            answers.append(answer)
    if not answers:
        raise UsageError("bad_study", "there are no answers")
    return answers


def _answer(row: Any, person: int, key: Key, where: str) -> Answer:
    if not isinstance(row, dict) or row.get("clip") not in key.truth:
        raise UsageError("bad_study", f"{where}: no such clip")
    named = [row.get(name) for name in ("label", "most", "least")]
    scores = [row.get(name) for name in ("overall", "most_score", "least_score")]
    if not all(name in key.labels for name in named):
        raise UsageError("bad_study", f"{where}: a label is not one of {', '.join(key.labels)}")
    numbers = [float(s) for s in scores if isinstance(s, int | float) and math.isfinite(s) and 0 <= s <= 100]
    if len(numbers) != len(scores):
        raise UsageError("bad_study", f"{where}: a rating is not in 0..100")
    label, most, least = (str(name) for name in named)
    return Answer(person, str(row["clip"]), label, numbers[0], most, numbers[1], least, numbers[2])


def _json(path: str | Path) -> dict[str, Any]:
    try:
        if Path(path).stat().st_size > MAX_ANSWER_BYTES:
            raise UsageError("bad_study", f"{path} is over {MAX_ANSWER_BYTES} bytes")
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError("no_such_file", f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError("bad_study", f"{path} is no JSON") from None
    if not isinstance(data, dict):
        raise UsageError("bad_study", f"{path} is no JSON object")
    return data
