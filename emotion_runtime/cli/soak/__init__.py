"""Owns `emotion-runtime soak`: hours of faults on purpose, and at the end a ledger that must balance."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from emotion_runtime.cli.soak.audit import Ledger
    from emotion_runtime.cli.soak.supervisor import Plan, Readings


def soak(
    scene: Annotated[str, typer.Argument(help="A scene file, or the name of a bundled scene.")] = "tavern",
    minutes: Annotated[float, typer.Option(help="At least so long.", min=0.0)] = 5.0,
    engines: Annotated[int, typer.Option(help="Engines, each a process.", min=1, max=32)] = 4,
    ticks: Annotated[int, typer.Option(help="At least so many ticks.", min=0)] = 0,
    observations: Annotated[int, typer.Option(help="At least so many observations.", min=0)] = 0,
    engine_kills: Annotated[int, typer.Option(help="At least so many killed engines.", min=0)] = 0,
    sidecar_kills: Annotated[int, typer.Option(help="So many killed sidecars, each to go on from its journal.")] = 0,
    kill_every: Annotated[float, typer.Option(help="Seconds between two faults, on average.", min=0.05)] = 2.0,
    rate: Annotated[float, typer.Option(help="Observations a second and engine; ten times that in bursts.")] = 250.0,
    slow_disk: Annotated[bool, typer.Option(help="Record to a disk that takes little at once, and late.")] = True,
    seed: Annotated[int, typer.Option(help="Seed of the plan.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Keep books and recording here, in a new folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")] = False,
) -> None:
    """Break engines and a sidecar on a seeded plan, and check that nothing was lost and nothing done twice."""
    from emotion_runtime.cli.soak.audit import balance, growth
    from emotion_runtime.cli.soak.supervisor import Plan, Supervisor
    from emotion_runtime.scene.find import find_scene

    with tempfile.TemporaryDirectory(prefix="emotion-soak-", ignore_cleanup_errors=True) as scratch:
        where = folder or Path(scratch)
        where.mkdir(parents=True, exist_ok=True)
        plan = Plan(
            scene=find_scene(scene),
            folder=where,
            seconds=60 * minutes,
            engines=engines,
            ticks=ticks,
            observations=observations,
            engine_kills=engine_kills,
            sidecar_kills=sidecar_kills,
            kill_every=kill_every,
            rate=rate,
            slow_disk=slow_disk,
            seed=seed,
        )
        with _Progress(plan) as progress, Supervisor(plan, progress.show) as supervisor:
            seen = supervisor.run()
            progress.note("reading the books, replaying the recording")
            ledger = balance(plan, seen, supervisor.books(), supervisor.recording)
    summary = _summary(seen, ledger, growth(seen.samples))
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_text(summary))
    raise typer.Exit(1 if ledger.faults else 0)


class _Progress:
    """A line that says how far it is, where somebody can see one."""

    def __init__(self, plan: Plan) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        columns = SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._bar.add_task("starting", total=None)
        self._plan = plan
        self._shown = 0.0

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, seen: Readings) -> None:
        """Show figures, once a second."""
        if time.monotonic() - self._shown < 0.9:
            return
        self._shown = time.monotonic()
        self.note(
            f"{seen.ticks:,} ticks, {seen.observations:,} observations, {seen.engine_kills} engines and "
            f"{seen.sidecar_kills} sidecars killed, {len(seen.faults)} faults"
        )

    def note(self, text: str) -> None:
        """Say what goes on."""
        self._bar.update(self._task, description=text)


def _summary(seen: Readings, ledger: Ledger, grown: dict[str, Any]) -> dict[str, Any]:
    tick = seen.status.get("tick_ms", {})
    return {
        "type": "soak",
        "seconds": round(seen.seconds, 1),
        "ticks": seen.ticks,
        "observations": ledger.told,
        "engine_kills": seen.engine_kills,
        "sidecar_kills": seen.sidecar_kills,
        "handed_over": seen.handed_over,
        "worst_engine_recovery_s": round(max(seen.engine_recoveries, default=0.0), 3),
        "worst_sidecar_recovery_s": round(max(seen.sidecar_recoveries, default=0.0), 3),
        "tick_p50_ms": tick.get("p50"),
        "tick_p99_ms": tick.get("p99"),
        "growth": grown,
        "ledger": asdict(ledger),
        "lost": ledger.lost,
        "doubled": ledger.doubled,
        "faults": ledger.faults,
    }


def _text(summary: dict[str, Any]) -> str:
    ledger = summary["ledger"]
    lines = [
        f"{summary['seconds']:,.0f} s, {summary['ticks']:,} ticks, {summary['observations']:,} observations",
        f"killed: {summary['engine_kills']} engines (worst recovery {summary['worst_engine_recovery_s']:.2f} s), "
        f"{summary['sidecar_kills']} sidecars (worst {summary['worst_sidecar_recovery_s']:.2f} s)",
        f"handed over: {summary['handed_over']} characters",
        f"observations: {ledger['told']:,} told - {ledger['coalesced']:,} overtaken by newer states - "
        f"{ledger['refused']:,} refused = {ledger['applied'] if ledger['applied'] is not None else '?'} applied",
        f"utterances: {ledger['utterances']:,} said, {ledger['perceived']:,} answered once each and in order",
        f"commands: {ledger['started']:,} started, {ledger['stopped']:,} stopped, {ledger['running']} running",
        f"replay: {ledger['replayed_ticks'] if ledger['replayed_ticks'] is not None else 'none'} ticks equal",
    ]
    for name, unit in (("rss_mib", "MiB"), ("threads", "threads"), ("files", "files")):
        each = summary["growth"].get(name)
        if each and "per_hour" in each:
            value, low, high = each["per_hour"]
            lines.append(f"growth: {value:+.2f} {unit} an hour (95 %: {low:+.2f} to {high:+.2f})")
    lines.append(f"lost: {summary['lost']}, doubled: {summary['doubled']}")
    lines += [f"FAULT: {fault}" for fault in summary["faults"]] or ["everything adds up"]
    return "\n".join(lines) + "\n"
