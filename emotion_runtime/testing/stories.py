"""Owns the story of a failure: what was wanted, the best seen and when, a curve, what ran, and the top causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emotion_runtime.affect.labels import NEUTRAL
from emotion_runtime.outputs import Start
from emotion_runtime.testing.quantities import shown

if TYPE_CHECKING:
    from emotion_runtime.testing.sim import Sim

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 40
"""Columns of a curve."""
SHOWN_COMMANDS = 6


def tell(sim: Sim, wanted: str, who: str | None = None, label: str | None = None, *, since: float = 0.0) -> str:
    """The story, about one emotion of one character where there is one."""
    lines = [f"wanted: {wanted}"]
    if who is not None:
        if label is not None and label != NEUTRAL and label in sim.simulation.labels:
            lines += _seen(sim, who, label, since)
        lines.append(f"doing:  {_doing(sim, who)}")
        if label is not None and label in sim.simulation.labels:
            lines.append(f"why:    {_why(sim, who, label)}")
        lines.append(f"so far: {_commands(sim, who)}")
    lines.append(f"at {shown(sim.time)}, seed {sim.seed}, tick {shown(sim.tick_s)}, digest {sim.digest.hex()[:12]}")
    return "\n".join(lines)


def curve(values: list[float], width: int = WIDTH) -> str:
    """A line of blocks, one a column, over 0..1; each column shows its largest value."""
    if not values:
        return ""
    columns = min(width, len(values))
    parts = [values[len(values) * i // columns : max(1, len(values) * (i + 1) // columns)] for i in range(columns)]
    return "".join(BLOCKS[min(len(BLOCKS) - 1, int(max(part) * len(BLOCKS)))] for part in parts if part)


def _seen(sim: Sim, who: str, label: str, since: float) -> list[str]:
    row = sim.simulation.characters.index(who)
    column = sim.simulation.labels.index(label)
    past = [(time, float(emotion[row, column])) for time, emotion in sim.past if time >= since]
    now = sim.simulation[who].emotion[label]
    if not past:
        return [f"seen:   {who}.{label} is {now:.2f}; no time has passed"]
    most, least = max(past, key=lambda each: each[1]), min(past, key=lambda each: each[1])
    span = f"{shown(past[0][0])} to {shown(past[-1][0])}"
    return [
        f"seen:   {who}.{label} is {now:.2f}; most {most[1]:.2f} at {shown(most[0])}, "
        f"least {least[1]:.2f} at {shown(least[0])}",
        f"curve:  {curve([value for _, value in past])} {span}",
    ]


def _doing(sim: Sim, who: str) -> str:
    actions = [f"{each.rule} for {shown(each.elapsed)}" for each in sim.simulation[who].actions]
    return ", ".join(actions) or "nothing"


def _why(sim: Sim, who: str, label: str) -> str:
    reasons = sim.why(who, label).reasons[:3]
    return ", ".join(f"{each.cause} {each.share:.0%}" for each in reasons) or f"{label} is at rest"


def _commands(sim: Sim, who: str) -> str:
    mine = [each for each in sim.happened if each.command.character == who]
    texts = [
        f"{each} at {shown(each.time)}" + ("" if isinstance(each.command, Start) else f" ({each.command.reason})")
        for each in mine[-SHOWN_COMMANDS:]
    ]
    before = len(mine) - len(texts)
    return (f"... {before} more, " if before > 0 else "") + (", ".join(texts) or "no command")
