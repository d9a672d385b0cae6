"""Owns the classifier and its training: small networks of one hidden layer, in numpy, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is trained. `variants` of the corpus beside the recordings; `orders` of each speaker's clips."""

    hidden: int = 64
    drop_input: float = 0.3
    drop_hidden: float = 0.4
    decay: float = 0.01
    smoothing: float = 0.1
    epochs: int = 25
    rate: float = 2e-3
    batch: int = 64
    orders: int = 4
    variants: tuple[int, ...] = ()


RECIPES: Final = (
    Recipe(),
    Recipe(orders=2, variants=(1, 2)),
    Recipe(drop_input=0.5, drop_hidden=0.5),
)
"""What the inner folds choose from."""


@dataclass(frozen=True, slots=True)
class Network:
    """softmax(relu(x W + b) V + c): W (features, hidden), b (hidden,), V (hidden, labels), c (labels,)."""

    first: Singles
    first_bias: Singles
    second: Singles
    second_bias: Singles

    def logits(self, rows: NDArray[np.floating]) -> Singles:
        """(n, labels) of (n, features)."""
        hidden = np.maximum(rows.astype(np.float32) @ self.first + self.first_bias, 0.0)
        return np.asarray(hidden @ self.second + self.second_bias, np.float32)


def train(rows: Floats, truth: NDArray[np.int64], labels: int, recipe: Recipe, seed: int) -> Network:
    """Adam on cross entropy: inverse-frequency weights, label smoothing, dropout on inputs and hidden units.

    Equal weights to all labels, because the figure asked for is the unweighted mean of recalls.
    """
    chance = np.random.default_rng(seed)
    inputs: Singles = rows.astype(np.float32)
    count, size = inputs.shape
    batch = min(recipe.batch, count)
    weight = np.sqrt(2.0 / size), np.sqrt(1.0 / recipe.hidden)
    values: list[Singles] = [
        chance.standard_normal((size, recipe.hidden), np.float32) * np.float32(weight[0]),
        np.zeros(recipe.hidden, np.float32),
        chance.standard_normal((recipe.hidden, labels), np.float32) * np.float32(weight[1]),
        np.zeros(labels, np.float32),
    ]
    first_moment = [np.zeros_like(value) for value in values]
    second_moment = [np.zeros_like(value) for value in values]
    share = (count / labels / np.maximum(np.bincount(truth, minlength=labels), 1)).astype(np.float32)
    wanted = np.full((count, labels), recipe.smoothing / labels, np.float32)
    wanted[np.arange(count), truth] += np.float32(1.0 - recipe.smoothing)
    steps = recipe.epochs * (count // batch)
    for step in range(1, steps + 1):
        place = (step - 1) % (count // batch)
        if place == 0:
            order = chance.permutation(count)
        chosen = order[place * batch : (place + 1) * batch]
        gradients = _gradients(values, inputs[chosen], wanted[chosen], share[truth[chosen]], recipe, chance)
        rate = recipe.rate * (1.0 - step / (steps + 1)) * min(1.0, step / 50.0)
        for k, gradient in enumerate(gradients):
            first_moment[k] = 0.9 * first_moment[k] + 0.1 * gradient
            second_moment[k] = 0.99 * second_moment[k] + 0.01 * gradient * gradient
            size_of = np.sqrt(second_moment[k] / (1.0 - 0.99**step)) + 1e-8
            moved = first_moment[k] / (1.0 - 0.9**step) / size_of
            if values[k].ndim == 2:
                moved = moved + recipe.decay * values[k]
            values[k] = (values[k] - rate * moved).astype(np.float32)
    return Network(*values)


def _gradients(
    values: list[Singles], rows: Singles, wanted: Singles, share: Singles, recipe: Recipe, chance: np.random.Generator
) -> tuple[Singles, Singles, Singles, Singles]:
    first, first_bias, second, second_bias = values

    def kept(shape: tuple[int, ...], drop: float) -> Singles:
        return np.asarray((chance.random(shape, np.float32) >= drop) / np.float32(1.0 - drop), np.float32)

    rows = rows * kept(rows.shape, recipe.drop_input)
    mask = kept((len(rows), len(first_bias)), recipe.drop_hidden)
    hidden = np.maximum(rows @ first + first_bias, 0.0) * mask
    off = (softmax(hidden @ second + second_bias) - wanted) * share[:, None] / np.float32(len(rows))
    back = (off @ second.T) * mask * (hidden > 0.0)
    return rows.T @ back, back.sum(axis=0), hidden.T @ off, off.sum(axis=0)


def softmax(logits: NDArray[np.floating]) -> Singles:
    """Rows that sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def together(networks: list[Network], rows: NDArray[np.floating], temperature: float = 1.0) -> Floats:
    """The mean of the networks' logits over the temperature, as probabilities (n, labels)."""
    mean = sum(network.logits(rows).astype(np.float64) for network in networks) / len(networks)
    return softmax(np.asarray(mean) / temperature).astype(np.float64)


def best_temperature(logits: Floats, truth: NDArray[np.int64]) -> float:
    """The temperature of 0.3 to 3 with the least negative log-likelihood, in steps of three per cent."""
    choices = 0.3 * 1.03 ** np.arange(79)
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(logits / each)[rows, truth] + 1e-9).mean() for each in choices]
    return float(choices[int(np.argmin(losses))])
