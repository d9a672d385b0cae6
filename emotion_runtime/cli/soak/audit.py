"""Owns the ledger at the end of a soak: what was sent, applied, commanded and executed must balance to the last one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotion_runtime.cli.soak.books import Books, Kind, Shelf
from emotion_runtime.cli.soak.figures import not_once, slope
from emotion_runtime.cli.soak.supervisor import Plan, Readings
from emotion_runtime.record import Replay

_OF_OBSERVATIONS = (
    "unknown_action", "not_owner", "bad_value", "unknown_subject", "unknown_character", "unknown_event",
    "unknown_variable", "stale_epoch", "too_large", "not_allowed",
)  # fmt: skip
"""Codes by which one observation is refused; other counts are of frames."""
WARM_UP = 0.3
"""Share of a life's readings that is left out of its slope: caches fill, kernels load."""


@dataclass(slots=True)
class Ledger:
    """The balance; `faults` says what does not add up."""

    told: int = 0
    coalesced: int = 0
    refused: int = 0
    applied: int | None = None
    utterances: int = 0
    perceived: int = 0
    started: int = 0
    stopped: int = 0
    running: int = 0
    lost: int = 0
    doubled: int = 0
    replayed_ticks: int | None = None
    faults: list[str] = field(default_factory=list)


def balance(plan: Plan, seen: Readings, shelves: list[tuple[Books, Shelf]], recording: Path | None) -> Ledger:
    """Compare all books. `recording` is replayed, which takes about as long as the soak took."""
    ledger = Ledger(faults=list(seen.faults))
    actions: list[tuple[int, Kind]] = []
    for books, shelf in shelves:
        ledger.told += books.observations
        ledger.coalesced += books.counts.get("coalesced", 0)
        ledger.utterances += books.utterances
        ledger.perceived += books.perceived
        ledger.faults += [f"{shelf.log_path.stem}: {fault}" for fault in books.faults]
        for name in ("session_restarts", "bye_slow_client", "session_observations_forgotten"):
            if books.counts.get(name):
                ledger.faults.append(f"{shelf.log_path.stem}: {name} {books.counts[name]}")
        actions += shelf.entries(books)
    ledger.refused = sum(seen.refused.get(code, 0) for code in _OF_OBSERVATIONS)
    _commands(ledger, actions, seen.running)
    if ledger.perceived != ledger.utterances:
        ledger.faults.append(f"{ledger.utterances} utterances, {ledger.perceived} perceptions")
        ledger.lost += ledger.utterances - ledger.perceived
    if recording is not None:
        _replay(ledger, recording)
    if plan.engines and not ledger.told:
        ledger.faults.append("nothing was told")
    return ledger


def _commands(ledger: Ledger, actions: list[tuple[int, Kind]], running: list[int]) -> None:
    by_kind: dict[Kind, list[int]] = {"start": [], "taken": [], "stop": [], "handed_over": []}
    for action, kind in actions:
        by_kind[kind].append(action)
    missing, doubled = not_once(by_kind["start"])
    if missing:
        ledger.faults.append(f"never started: {missing}")
    if doubled:
        ledger.faults.append(f"started twice: {doubled}")
    ended = Counter(by_kind["stop"])
    doubled_stops = [action for action, count in ended.items() if count > 1]
    open_ends = sorted(set(by_kind["start"]) - set(ended) - set(running))
    if doubled_stops:
        ledger.faults.append(f"stopped twice: {doubled_stops[:20]}")
    if open_ends:
        ledger.faults.append(f"never stopped, and not running: {open_ends[:20]}")
    if Counter(by_kind["taken"]) != Counter(by_kind["handed_over"]):
        ledger.faults.append(
            f"{len(by_kind['handed_over'])} actions were handed over, {len(by_kind['taken'])} were taken"
        )
    ledger.started, ledger.stopped, ledger.running = len(by_kind["start"]), len(by_kind["stop"]), len(running)
    ledger.lost += len(missing) + len(open_ends)
    ledger.doubled += len(doubled) + len(doubled_stops)


def _replay(ledger: Ledger, recording: Path) -> None:
    with Replay(recording) as run:
        outcome = run.run()
    ledger.replayed_ticks = outcome.ticks
    ledger.applied = outcome.inputs
    if not outcome.equal:
        ledger.faults.append(f"the replay differs at tick {outcome.difference.tick if outcome.difference else '?'}")
    if not outcome.is_whole:
        ledger.faults.append(f"the recording is not whole: {outcome.fault}")
    wanted = ledger.told - ledger.coalesced - ledger.refused
    if ledger.applied != wanted:
        ledger.faults.append(f"{wanted:,} observations sent and not refused, {ledger.applied:,} applied")
        ledger.lost += max(0, wanted - ledger.applied)
        ledger.doubled += max(0, ledger.applied - wanted)


def growth(samples: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Slopes over the longest life of the sidecar: MiB, threads and files an hour, with confidence intervals."""
    if not samples:
        return {}
    life = max(samples.values(), key=len)
    life = life[int(len(life) * WARM_UP) :]
    times = [each["time"] for each in life]
    found: dict[str, Any] = {"readings": len(life)}
    for name in ("rss_mib", "threads", "files"):
        values = [each[name] for each in life]
        line = slope(times, values)
        found[name] = {"first": values[0], "last": values[-1]} if values else {}
        if line is not None:
            found[name]["per_hour"] = [round(3600 * each, 3) for each in line]
    return found
