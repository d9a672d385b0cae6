"""Owns the paper's equations 1 to 18 in plain numpy: no masks, no batches, one line a formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sigmoid(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())


def gru(x: Floats, w: Floats, u: Floats, b: Floats) -> Floats:
    """Equations 1 to 4 over x (T, d): the states (T, h)."""
    w_z, w_r, w_c = np.split(w, 3)
    u_z, u_r, u_c = np.split(u, 3)
    b_z, b_r, b_c = np.split(b, 3)
    h = np.zeros(u.shape[1])
    states = []
    for x_t in x:
        z = sigmoid(w_z @ x_t + u_z @ h + b_z)
        r = sigmoid(w_r @ x_t + u_r @ h + b_r)
        proposed = np.tanh(w_c @ x_t + u_c @ (r * h) + b_c)
        h = (1.0 - z) * h + z * proposed
        states.append(h)
    return np.array(states)


def matching(u: Floats) -> Floats:
    """Equations 7 and 10, with the time steps of U (T, d) as rows."""
    return np.asarray(u @ u.T)


def correlation(e: Floats) -> Floats:
    """Equations 8 and 11: each row of E through the softmax."""
    return np.array([softmax(row) for row in e])


def reorganised(text: Floats, visual: Floats, acoustic: Floats) -> Floats:
    """F = [S_l^t; S_v^t; S_a^t : t <= T], (3T, d)."""
    return np.array([row for step in zip(text, visual, acoustic, strict=True) for row in step])


def lstm(x: Floats, w: Floats, u: Floats, b: Floats) -> Floats:
    """One direction of the BiLSTM over x (T, d): the outputs (T, h). Gates in torch's order: in, forget, cell, out."""
    h, c = np.zeros(u.shape[1]), np.zeros(u.shape[1])
    outputs = []
    for x_t in x:
        i, f, g, o = np.split(w @ x_t + u @ h + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def attention_head(last: Floats, outputs: Floats, w_q: Floats, w_k: Floats, w_v: Floats) -> tuple[Floats, Floats]:
    """Equations 16 and 17 for one head: its text vector and its weights over the words."""
    q = w_q @ last
    e = np.array([q @ (w_k @ o_t) / np.sqrt(len(q)) for o_t in outputs])
    a = softmax(e)
    return np.asarray(sum(a_t * (w_v @ o_t) for a_t, o_t in zip(a, outputs, strict=True))), a
