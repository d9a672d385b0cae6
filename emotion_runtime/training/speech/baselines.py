"""Owns what the speech model is compared with on EMO-DB: feature sets, normalisations and the most frequent class."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.perception.pcm import RATE, read_wav
from emotion_runtime.training.speech.corpus import LABELS, Corpus
from emotion_runtime.training.speech.experiment import Outcome, Tell, fit
from emotion_runtime.training.speech.network import RECIPES, Recipe, together
from emotion_runtime.training.speech.running import orderings, standard

FEATURE_SETS: Final = ("ours", "opensmile")


@dataclass(frozen=True, slots=True)
class Row:
    """A model of the table: `features` is a name of FEATURE_SETS, or '' for the most frequent class.

    `running`: with the running comparison with a speaker's earlier clips, or against the training set alone.
    """

    name: str
    features: str
    running: bool = True


ROWS: Final = (
    Row("majority", ""),
    Row("ours, training set's scale", "ours", running=False),
    Row("ours, running per speaker", "ours"),
    Row("eGeMAPS (openSMILE), training set's scale", "opensmile", running=False),
    Row("eGeMAPS (openSMILE), running per speaker", "opensmile"),
)


def require_opensmile() -> None:
    """Raises MissingExtraError without the package; its licence is for research only, so nothing else depends on it."""
    if importlib.util.find_spec("opensmile") is None:
        raise MissingExtraError(
            "missing_extra", "opensmile is not installed; it is free for research only", "pip install opensmile"
        )


def with_opensmile(corpus: Corpus, cache: Path, tick: Callable[[], None] = lambda: None) -> Corpus:
    """The same clips as eGeMAPSv02 functionals (88 numbers), without altered copies, kept in `cache`."""
    require_opensmile()
    digest = hashlib.sha256("\n".join(path.name for path in corpus.files).encode()).hexdigest()[:16]
    kept = cache / f"egemaps-{digest}.npy"
    if kept.exists():
        return replace(corpus, features=np.load(kept, allow_pickle=False))
    import opensmile  # noqa: PLC0415

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
    )
    rows = []
    for path in corpus.files:
        rows.append(smile.process_signal(read_wav(path), RATE).to_numpy(np.float32)[0])
        tick()
    features = np.array([rows], np.float32)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(kept, features, allow_pickle=False)
    return replace(corpus, features=features)


def judged(row: Row, corpus: Corpus, seed: int, networks: int, tell: Tell, recipe: Recipe = RECIPES[0]) -> Outcome:
    """Every speaker left out in turn, the same small networks on whatever features; nothing is chosen, no copies."""
    truth = corpus.truth
    probabilities = np.zeros((len(truth), len(LABELS)))
    place = np.zeros(len(truth), np.int64)
    for speaker in np.unique(corpus.speaker):
        out = np.flatnonzero(corpus.speaker == speaker)
        members = np.flatnonzero(corpus.speaker != speaker)
        if not row.features:
            probabilities[out] = np.bincount(truth[members], minlength=len(LABELS)) / len(members)
            continue
        trained = fit(corpus, members, recipe, range(1000 * seed, 1000 * seed + networks), running=row.running)
        rows = standard(corpus.features[0, out], trained.mean, trained.spread)
        heard = rows
        if row.running:
            heard, place[out] = orderings(rows, corpus.speaker[out], np.random.default_rng(100 + seed))
        probabilities[out] = together(trained.networks, heard)
        tell(f"{row.name}: speaker {speaker:02d} left out")
    return Outcome(seed, probabilities, (), (1.0,), place)


def compared(
    corpora: dict[str, Corpus], seeds: Sequence[int], networks: int, tell: Tell
) -> list[tuple[Row, list[Outcome]]]:
    """Each row of the table whose features are among `corpora`, with every seed."""
    some = next(iter(corpora.values()))
    rows = [row for row in ROWS if not row.features or row.features in corpora]
    return [
        (row, [judged(row, corpora.get(row.features, some), seed, networks, tell) for seed in seeds]) for row in rows
    ]


def mean_recalls(outcomes: Sequence[Outcome], truth: NDArray[np.int64]) -> list[float]:
    """Unweighted average recall of each seed over all labels, 0..100."""
    found = []
    for each in outcomes:
        said = each.probabilities.argmax(axis=1)
        found.append(100.0 * float(np.mean([np.mean(said[truth == label] == label) for label in np.unique(truth)])))
    return found
