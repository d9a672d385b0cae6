"""Owns `emotion-runtime sweep`: a scene lived through thousands of times, and what came of it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from emotion_runtime.scene.resolved import Scene
    from emotion_runtime.sweep import Executor, Plan
    from emotion_runtime.sweep.life import Life

MOST_SEEDS = 10_000_000


def sweep(
    scene: Annotated[str, typer.Argument(help="A scene file, or the name of a bundled scene.")],
    seeds: Annotated[int, typer.Option(help="How many lives.", min=1, max=MOST_SEEDS)] = 1000,
    first: Annotated[int, typer.Option("--first", help="The first seed.", min=0)] = 0,
    seconds: Annotated[float, typer.Option("--time", help="Simulated seconds of each life.")] = 60.0,
    tick: Annotated[float, typer.Option("--tick", help="Simulated seconds of a tick.")] = 0.25,
    acts: Annotated[
        float, typer.Option("--acts", help="Things that happen from outside a minute, of those the scene declares.")
    ] = 6.0,
    spread: Annotated[float, typer.Option("--spread", help="How far traits vary around the scene's, 0 to 2.")] = 0.5,
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help='A condition to count, as in "child does flee"; repeatable.')
    ] = None,
    processes: Annotated[
        int, typer.Option("--processes", help="1: this one; 0: as many as there are cores.", min=0)
    ] = 0,
    ray: Annotated[
        str | None, typer.Option("--ray", help="On a Ray cluster: its address, or `local` for one of its own.")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", "-o", help="Draw the findings as SVG here.")] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Folder for scenario files of faults and of what is rare.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Live a scene through for many seeds and personalities. Exit code 1: a life broke a rule of all scenes."""
    from emotion_runtime.scene import load_scene
    from emotion_runtime.scene.find import find_scene
    from emotion_runtime.sweep import found, plan_of
    from emotion_runtime.sweep.picture import picture

    plan = plan_of(scene, seconds=seconds, tick=tick, acts=acts, spread=spread, outcomes=outcome or ())
    began = time.perf_counter()
    lives = _live(plan, range(first, first + seeds), _executor(processes, ray), quiet=as_json)
    spent = time.perf_counter() - began
    loaded = load_scene(find_scene(scene))
    findings = found(plan, loaded, lives)
    kept = _keep(plan, loaded, findings.faults, [each.seeds[0] for each in findings.rare()], keep) if keep else []
    if report is not None:
        report.write_text(picture(findings), encoding="utf-8")
    speed = findings.simulated_s / max(spent, 1e-9)
    if as_json:
        told = {**findings.plain(), "seconds": round(spent, 3), "times_real_time": round(speed, 1), "kept": kept}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(findings.text())
        sys.stdout.writelines(f"kept: {path}\n" for path in kept)
        sys.stdout.write(f"{spent:.1f} s, {speed:.0f} x real time\n")
    raise typer.Exit(1 if findings.faults else 0)


def _executor(count: int, address: str | None) -> Executor:
    from emotion_runtime.sweep import spread

    if address is not None:
        if count > 1:
            raise UsageError("bad_sweep", "--ray and --processes exclude each other", "leave one of them out")
        return spread.ray(None if address == "local" else address)
    count = count or os.cpu_count() or 1
    return spread.here if count == 1 else spread.processes(count)


def _live(plan: Plan, seeds: range, executor: Executor, quiet: bool) -> list[Life]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from emotion_runtime.sweep import sweep as run

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("lives", total=len(seeds))
        return run(plan, seeds, executor, lambda done: progress.update(task, completed=done))


def _keep(plan: Plan, scene: Scene, faults: tuple[tuple[int, str], ...], rare: list[int], folder: Path) -> list[str]:
    """Write the lives of these seeds down as scenario files, to be run and looked at."""
    from emotion_runtime.sweep.life import live
    from emotion_runtime.testing.sim import Sim
    from emotion_runtime.testing.writing import save_scenario

    paths = []
    for seed in sorted({seed for seed, _ in faults[:10]} | set(rare)):
        worlds: list[Sim] = []
        live(plan, seed, worlds, scene)
        paths.append(str(save_scenario(worlds[0], folder, f"seed {seed}")))
        worlds[0].close()
    return paths
