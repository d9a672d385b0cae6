"""Owns `emotion-runtime explain`: the long text behind the slug of a fault, or the words a network looked at."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import UsageError


def explain(
    slug: Annotated[
        str, typer.Argument(metavar="SLUG", help="As in `error[unknown-name]`; `list` shows all. With --men: a line.")
    ],
    men: Annotated[
        Path | None, typer.Option(help="A folder of `train men`: show what it looks at in the line.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="With --men: write an SVG.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --men: one JSON object.")] = False,
) -> None:
    """Say what a fault means and show a wrong and a right example; or which words of a line a network looked at."""
    if men is not None:
        _explain_line(slug, men, output, as_json)
        return
    from emotion_runtime.scene import explanations
    from emotion_runtime.scene.diagnostics import did_you_mean
    from emotion_runtime.scene.slugs import PROVED, SLUGS

    known = {**SLUGS, **PROVED}
    if slug == "list":
        sys.stdout.writelines(f"{name}: {meaning}\n" for name, meaning in known.items())
        return
    if slug not in known:
        raise UsageError("unknown_slug", f"there is no fault `{slug}`", did_you_mean(slug, known))
    sys.stdout.write(explanations.explain(slug))


def _explain_line(text: str, men: Path, output: Path | None, as_json: bool) -> None:
    from emotion_runtime.training import require_training

    require_training("transformers")
    from emotion_runtime.training.evaluation.pictures import words_svg
    from emotion_runtime.training.text.corpus import LABELS
    from emotion_runtime.training.text.men import load_men

    found = load_men(men).explain(text)
    answer = dict(zip(LABELS, found.probabilities.tolist(), strict=True))
    best = max(answer, key=answer.__getitem__)
    mean = found.weights.mean(axis=0)
    if output is not None:
        try:
            output.write_text(words_svg(found.words, found.weights, f"{best} {answer[best]:.2f}"), encoding="utf-8")
        except OSError as error:
            raise UsageError("cannot_write", f"{output} cannot be written: {error.strerror}") from None
    if as_json:
        words = [{"word": word, "weight": weight} for word, weight in zip(found.words, mean.tolist(), strict=True)]
        sys.stdout.write(json.dumps({"type": "explain", "probabilities": answer, "words": words}) + "\n")
        return
    sys.stdout.write(f"{best} {answer[best]:.2f}\n")
    for word, weight in zip(found.words, mean.tolist(), strict=True):
        sys.stdout.write(f"{weight:6.3f}  {word}\n")
