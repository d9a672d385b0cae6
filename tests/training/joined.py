"""Owns a small corpus of lines, sounds and faces laid out as MELD's download, in which no modality tells all."""

from __future__ import annotations

import csv
import wave
from pathlib import Path

import numpy as np

from emotion_runtime.training.text.corpus import LABELS
from tests.training.tiny import FILLING, TELLING

RATE = 16_000
FOLDERS = {"train": "train_splits", "dev": "dev_splits_complete", "test": "output_repeated_splits_test"}


def tone(label: int, seconds: float = 0.3, seed: int = 0) -> bytes:
    """PCM whose pitch tells whether the label is odd."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = (120.0, 260.0)[label % 2] * (1.0 + 0.05 * random.standard_normal())
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8)) * 0.2
    sound = sound + 0.01 * random.standard_normal(len(time))
    return np.asarray(sound * 20_000, "<i2").tobytes()


def word(label: int) -> str:
    """A word that tells a pair of labels: 0 or 1, 2 or 3, 4 or 5, 6."""
    return TELLING[label // 2]


def write(folder: Path, count: int = 84) -> Path:
    """The corpus. Every seventh clip is missing, and there is no face for every fifth."""
    for seed, (part, place) in enumerate(FOLDERS.items()):
        random = np.random.default_rng(seed)
        (folder / place).mkdir(parents=True)
        (folder / "faces" / place).mkdir(parents=True)
        with (folder / f"{part}_sent_emo.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["Sr No.", "Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID"])
            for at in range(count if part == "train" else count // 3):
                label = int(random.integers(len(LABELS)))
                line = f"{word(label)} {' '.join(random.choice(FILLING[:6], size=2))}"
                rows.writerow([at, line, "AB"[at % 2], LABELS[label], at // 6, at % 6])
                name = f"dia{at // 6}_utt{at % 6}"
                if at % 7:
                    with wave.open(str(folder / place / f"{name}.mp4"), "wb") as clip:
                        clip.setparams((1, 2, RATE, 0, "NONE", ""))
                        clip.writeframes(tone(label, seed=1000 * seed + at))
                if at % 5:
                    (folder / "faces" / place / f"{name}.csv").write_text(
                        f"Timecode,JawOpen,MouthSmileLeft\n0,0.1,{0.8 if label == 3 else 0.1}\n1,0.2,0.1\n",
                        encoding="utf-8",
                    )
    return folder
