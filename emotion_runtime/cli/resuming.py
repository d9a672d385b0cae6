"""Owns `serve --journal`: what a folder holds is brought back before anything is served, and said in words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emotion_runtime.journal import Journal
    from emotion_runtime.simulation import Simulation
    from unity_bridge.keeping import Kept


@dataclass(frozen=True, slots=True)
class Resumed:
    """`kept`: the bridge's sessions of before, or None where engines begin anew."""

    journal: Journal
    kept: Kept | None


def resumed(
    simulation: Simulation, folder: Path, stack: ExitStack, *, alone: bool, tell: Callable[[str], None]
) -> Resumed:
    """Lock the folder, restore what it holds, and go on writing. Raises UsageError or JournalError.

    `tell` gets one sentence for everything found; `stack` closes journal and lock.
    """
    from emotion_runtime.errors import UsageError
    from emotion_runtime.journal import FolderLock, Journal, recover
    from unity_bridge.keeping import Kept

    if not alone:
        raise UsageError("journal_and_record", "a recording begins at the first tick", "use --record or --journal")
    stack.callback(FolderLock(folder).close)
    found = recover(folder, simulation.scene)
    kept = None
    number = 1
    if found is not None:
        number = found.number
        for remark in found.remarks:
            tell(remark)
        restored = simulation.restore(found.save)
        for each in restored.unplaced:
            tell(f"{each.kind} {each.name}: {each.why}")
        exact = found.exact and restored.exact
        try:
            kept = Kept(found.bridge) if exact else None
        except ValueError as error:
            tell(str(error))
        whom = "engines go on" if kept is not None else "engines begin anew"
        again = f"{found.ticks} ticks and {found.inputs} inputs done again"
        tell(f"went on from tick {found.tick} in {folder}: {again}; {whom}")
    journal = Journal(simulation, folder, number=number, tell=tell)
    stack.callback(journal.close)
    return Resumed(journal, kept)
