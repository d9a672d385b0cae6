"""Owns a comparison: models fitted with several seeds on one corpus, judged on dev and test, as entries of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from emotion_runtime.training.baselines.dialogues import DialogueOptions
from emotion_runtime.training.baselines.fusion import EarlyFusion, LateFusion
from emotion_runtime.training.baselines.interface import Compared, Corpus
from emotion_runtime.training.baselines.paper import PaperNetwork, ablations
from emotion_runtime.training.baselines.recurrent import BcLstm, DialogueRnn
from emotion_runtime.training.baselines.simple import Majority, Ngrams
from emotion_runtime.training.evaluation.tables import Entry, entry

Report = Callable[[str, int, int], None]
Factory = Callable[[], Compared]


@dataclass(frozen=True, slots=True)
class Parts:
    """Train, dev and test of one corpus."""

    train: Corpus
    dev: Corpus
    test: Corpus


def compared() -> list[Factory]:
    """The models of one table, each made anew for each seed."""
    return [Majority, Ngrams, EarlyFusion, LateFusion, BcLstm, DialogueRnn, PaperNetwork]


def ablated() -> list[Factory]:
    """The paper's network and what is left of it without its parts."""
    return [partial(_ablation, at) for at in range(len(ablations()))]


def _ablation(number: int) -> PaperNetwork:
    return ablations()[number]


def compare(
    factories: Sequence[Factory],
    parts: Parts,
    labels: Sequence[str],
    seeds: Sequence[int],
    report: Report = lambda name, done, all_: None,
) -> list[Entry]:
    """Fits each model once for each seed and judges its answers on test. Nothing is chosen there."""
    entries = []
    for number, factory in enumerate(factories):
        tables = []
        for at, seed in enumerate(seeds):
            model = factory()
            report(model.name, number * len(seeds) + at, len(factories) * len(seeds))
            model.fit(parts.train, parts.dev, seed)
            tables.append(model.probabilities(parts.test))
        entries.append(entry(model.name, labels, parts.test.labels, tables, model.sees_future))
    report("", len(factories) * len(seeds), len(factories) * len(seeds))
    return entries


def single_modalities(
    parts: Parts,
    labels: Sequence[str],
    seeds: Sequence[int],
    report: Report = lambda name, done, all_: None,
    options: DialogueOptions | None = None,
) -> list[Entry]:
    """The paper's network on each modality alone, where there are several."""
    entries = []
    names = sorted(parts.train.features)
    for name in names if len(names) > 1 else ():
        alone = Parts(parts.train.only(name), parts.dev.only(name), parts.test.only(name))
        factory = partial(PaperNetwork, f"proposed, {name} only", options)
        entries += compare([factory], alone, labels, seeds, report)
    return entries


def best_single(entries: Sequence[Entry]) -> float:
    """The largest mean weighted F1 among entries, 0..1."""
    return float(max(np.mean(found.weighted) for found in entries))
