"""Owns `emotion-runtime explain`: the long text behind the slug of a fault."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from emotion_runtime.errors import UsageError


def explain(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="As in `error[unknown-name]`; `list` shows all.")],
) -> None:
    """Say what a fault means, why it matters, and show a wrong and a right example."""
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
