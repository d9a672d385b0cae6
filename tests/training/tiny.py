"""Owns small real things to train on: a small encoder, dialogues whose emotion a word gives away."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertModel

from emotion_runtime.training.baselines.interface import Corpus
from emotion_runtime.training.text.corpus import LABELS

TELLING = ("damn", "yuck", "help", "great", "so", "alas", "what")
FILLING = ("the", "king", "is", "here", "and", "ale", "!", "you", "me", ":", "?", ".")


def write_encoder(folder: Path) -> str:
    """A BERT of one layer with random weights and its tokenizer, as a folder."""
    words = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *TELLING, *FILLING, "\u4e2d"]
    words += list("abcdefghijklmnopqrstuvwxyz")
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    vocabulary = {word: at for at, word in enumerate(words)}
    special = [
        {"id": vocabulary[word], "content": word, "special": True} for word in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
    ]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [{**token, **flags} for token in special],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


def write_meld(folder: Path, rows: int = 120) -> Path:
    """meld_train.csv, meld_dev.csv and meld_test.csv: a word in each line tells its emotion."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, part in enumerate(("train", "dev", "test")):
        random = np.random.default_rng(seed)
        with (folder / f"meld_{part}.csv").open("w", encoding="utf-8", newline="") as file:
            written = csv.writer(file)
            written.writerow(["Sr No.", "Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID"])
            for row in range(rows if part == "train" else rows // 2):
                label = int(random.integers(len(LABELS)))
                fill = " ".join(random.choice(FILLING[:6], size=2))
                cells = [f"{TELLING[label]} {fill}", "AB"[row % 2], LABELS[label], row // 6, row % 6]
                written.writerow([row, *cells])
    return folder


def write_goemotions(folder: Path, rows: int = 64) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(9)
    lines = [f"{TELLING[at]} the ale\t{at}\tx{row}" for row, at in enumerate(random.integers(len(LABELS), size=rows))]
    (folder / "goemotions_ekman_train.tsv").write_text("\n".join([*lines, "two\t1,2\ty"]) + "\n", encoding="utf-8")
    return folder


def corpus(seed: int, count: int = 120, classes: int = 3) -> Corpus:
    """Dialogues of six lines. Text tells the class with much noise, voice with little, but half of it is missing."""
    random = np.random.default_rng(seed)
    labels = random.integers(classes, size=count)
    tell = np.eye(classes)[labels]
    there = random.random(count) < 0.5
    return Corpus(
        texts=tuple(f"{TELLING[label]} {random.choice(FILLING[:6])}" for label in labels),
        labels=labels,
        dialogues=tuple(str(at // 6) for at in range(count)),
        speakers=tuple("AB"[at % 2] for at in range(count)),
        features={
            "text": tell + random.normal(scale=0.7, size=(count, classes)),
            "acoustic": (tell + random.normal(scale=0.4, size=(count, classes))) * there[:, None],
        },
        there={"text": np.ones(count, dtype=np.bool_), "acoustic": there},
        classes=classes,
    )
