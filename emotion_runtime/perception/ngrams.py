"""Owns the second opinion beside the network: a linear model over hashed character and word n-grams of the line."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.errors import ModelError
from emotion_runtime.perception.text_cleanup import clean_text

LENGTHS: Final = (2, 3, 4, 5)
"""Characters in a character n-gram. None reaches over a space; a space may stand at either end."""
MOST_CHARACTERS: Final = 512
"""A longer line is cut here: its network sees no more either, and the cost must stay bounded."""
MOST_KEYS: Final = 1 << 22
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_SPACE: Final = 32
_WORD: Final = re.compile(r"\w+(?:'\w+)*|[^\w\s]+")


class Grams(NamedTuple):
    """The different n-grams of a line as 32-bit hashes, ascending, and how often each occurs."""

    keys: NDArray[np.uint32]
    counts: NDArray[np.int64]


def character_grams(text: str) -> Grams:
    """Hashes of the n-grams of 2 to 5 characters inside the words of a cleaned, lower-case line, spaces at the ends.

    The hash is a polynomial in the code points modulo 2^64, of which the upper half is kept.
    """
    if not text:
        return _count(np.zeros(0, dtype=np.uint32))
    padded = f" {text[:MOST_CHARACTERS]} "
    points = np.frombuffer(padded.encode("utf-32-le", errors="replace"), dtype="<u4")
    spaces = np.concatenate(([0], np.cumsum(points == _SPACE)))
    values = points.astype(np.uint64) + np.uint64(1)
    rolling = values
    found = []
    for length in LENGTHS:
        if len(values) < length:
            break
        rolling = (rolling[:-1] + np.uint64(length)) * _PRIME + values[length - 1 :]
        starts = len(rolling)
        inside = spaces[length - 1 : length - 1 + starts] - spaces[1 : 1 + starts]
        found.append(rolling[inside == 0])
    mixed = np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _PRIME
    return _count((mixed >> np.uint64(32)).astype(np.uint32))


def word_grams(text: str) -> Grams:
    """CRC-32 of the words and pairs of neighbouring words of a cleaned, lower-case line; a run of marks is a word."""
    words = _WORD.findall(text[:MOST_CHARACTERS])
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    keys = [zlib.crc32(part.encode("utf-8", errors="replace")) for part in (*words, *pairs)]
    return _count(np.array(keys, dtype=np.uint32))


class NgramModel:
    """Scores s = sum over both kinds of n-grams of W v / |v| + b, with v the tf-idf values of the line's n-grams.

    v = (1 + ln count) idf; |v| is the Euclidean length over the n-grams that are known. W is stored in int8 with one
    scale per label. Frequencies of n-grams follow Salton and Buckley 1988 ("ltc").
    """

    def __init__(
        self,
        keys: NDArray[np.uint32],
        idf: NDArray[np.float32],
        weights: NDArray[np.int8],
        scales: NDArray[np.float32],
        bias: NDArray[np.float32],
        words: int,
    ) -> None:
        """`keys` (n,), of which the first `words` are of words; each part ascending. `weights` (n, k), `bias` (k,)."""
        self._keys = (keys[words:], keys[:words])
        self._idf = (idf[words:], idf[:words])
        self._weights = (weights[words:], weights[:words])
        self._scales = scales.astype(np.float64)
        self._bias = bias.astype(np.float64)

    def scores(self, text: str) -> NDArray[np.float64]:
        """The (k,) logits of one line; those of a line without a known n-gram are the bias."""
        line = clean_text(text).lower()
        total = np.zeros(len(self._bias))
        for part, grams in enumerate((character_grams(line), word_grams(line))):
            keys = self._keys[part]
            if not len(keys) or not len(grams.keys):
                continue
            places = np.minimum(np.searchsorted(keys, grams.keys), len(keys) - 1)
            known = keys[places] == grams.keys
            places = places[known]
            values = (1.0 + np.log(grams.counts[known])) * self._idf[part][places]
            length = float(np.sqrt((values * values).sum()))
            if length > 0.0:
                total += (values[:, None] * self._weights[part][places]).sum(axis=0) / length
        return np.asarray(total * self._scales + self._bias, dtype=np.float64)


def write_ngrams(path: Path, **arrays: NDArray[np.generic]) -> None:
    """Writes the six arrays of `NgramModel` as an uncompressed .npz, the same bytes for the same arrays."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in sorted(arrays.items()):
            held = io.BytesIO()
            np.lib.format.write_array(held, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), held.getvalue())


def read_ngrams(data: bytes, source: Path, labels: int) -> NgramModel:
    """The model in the bytes of an .npz file. Nothing in it is unpickled. Raises ModelError `broken_ngrams`."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            held = {name: archive[name] for name in ("keys", "idf", "weights", "scales", "bias", "words")}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise _broken(source, str(error)[:200]) from error
    count = len(held["keys"]) if held["keys"].ndim == 1 else -1
    forms = {
        "keys": (np.uint32, (count,)),
        "idf": (np.float32, (count,)),
        "weights": (np.int8, (count, labels)),
        "scales": (np.float32, (labels,)),
        "bias": (np.float32, (labels,)),
        "words": (np.int64, ()),
    }
    for name, (kind, shape) in forms.items():
        if held[name].dtype != kind or held[name].shape != shape:
            raise _broken(source, f"{name} is {held[name].dtype} {held[name].shape}, wanted {np.dtype(kind)} {shape}")
    words = int(held["words"])
    if not 0 <= words <= count <= MOST_KEYS:
        raise _broken(source, f"{words} words among {count} n-grams")
    parts = (held["keys"][:words], held["keys"][words:])
    if any((part[1:] <= part[:-1]).any() for part in parts):
        raise _broken(source, "the n-grams are not in ascending order")
    if not all(np.isfinite(held[name]).all() for name in ("idf", "scales", "bias")):
        raise _broken(source, "it holds numbers that are not finite")
    return NgramModel(held["keys"], held["idf"], held["weights"], held["scales"], held["bias"], words)


def _count(keys: NDArray[np.uint32]) -> Grams:
    different, counts = np.unique(keys, return_counts=True)
    return Grams(different, counts.astype(np.int64))


def _broken(source: Path, what: str) -> ModelError:
    return ModelError("broken_ngrams", f"{source}: is no n-gram model: {what}", "export the model again")
