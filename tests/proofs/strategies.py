"""Owns random triggers: the mix a designer might write (bounds, sums, max/min/abs/clamp/neutral), as checked text."""

from __future__ import annotations

import random
from fractions import Fraction

from behaviors.expressions import Expression, parse
from emotion_runtime.proofs.decide import Box, interval
from emotion_runtime.proofs.formulas import Flag
from emotion_runtime.proofs.terms import Term, largest, number, variable

LABELS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
MOODS = ("mood.pleasure", "mood.arousal", "mood.dominance")
TRAITS = {"neuroticism": Fraction(3, 5), "extraversion": Fraction(-1, 4)}
FLAGS = ("world.night", "box.playing")


def meaning(name: str) -> Term | Flag:
    """What the names of a random trigger stand for."""
    if name in FLAGS:
        return Flag(name, True)
    if name == "neutral":
        return number(Fraction(1)).minus(largest([variable(label) for label in LABELS]))
    return number(TRAITS[name]) if name in TRAITS else variable(name)


BOX: Box = {label: interval(Fraction(0), Fraction(1), open_ends=True) for label in LABELS} | {
    mood: interval(Fraction(-1), Fraction(1)) for mood in MOODS
}


def trigger(dice: random.Random, most_atoms: int) -> Expression:
    """A random trigger with 1 to `most_atoms` comparisons or flags."""
    return parse(_condition(dice, dice.randint(1, most_atoms)))


def _condition(dice: random.Random, atoms: int) -> str:
    if atoms == 1:
        text = _atom(dice)
        return f"(not {text})" if dice.random() < 0.2 else text
    left = dice.randint((atoms + 3) // 4, (3 * atoms) // 4)  # balanced: brackets go 32 deep at most
    word = dice.choice(("and", "and", "or"))
    text = f"({_condition(dice, left)} {word} {_condition(dice, atoms - left)})"
    return f"(not {text})" if dice.random() < 0.1 else text


def _atom(dice: random.Random) -> str:
    kind = dice.random()
    op = dice.choice(("<", "<=", ">", ">=", "<", ">", "==", "!="))
    limit = f"{dice.randint(0, 20) * 0.05:.2f}"
    if kind < 0.08:
        return dice.choice(FLAGS)
    if kind < 0.60:
        return f"{dice.choice((*LABELS, *MOODS))} {op} {limit}"
    if kind < 0.84:
        return f"{_sum(dice)} {op} {limit}"
    first, second = (dice.choice((*LABELS, *MOODS)) for _ in range(2))
    shape = dice.choice(("max({0}, {1})", "min({0}, {1})", "abs({0} - {1})", "clamp({0} + {1}, 0.2, 0.8)", "neutral"))
    return f"{shape.format(first, second)} {op} {limit}"


def _sum(dice: random.Random) -> str:
    parts = [
        f"{dice.randint(1, 30) / 10:.1f} * {dice.choice((*LABELS, *MOODS, *TRAITS))}" for _ in range(dice.randint(2, 3))
    ]
    text = parts[0]
    for part in parts[1:]:
        text += f" {dice.choice('+-')} {part}"
    return text
