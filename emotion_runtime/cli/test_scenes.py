"""Owns `emotion-runtime test`: scenario files run without pytest, with a story for each failure and a JUnit report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from emotion_runtime.errors import UsageError


def test(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Scenario files, or folders of them.")],
    report: Annotated[Path | None, typer.Option("--junit", help="Write a JUnit XML report to this file.")] = None,
    only: Annotated[str | None, typer.Option("--only", help="The name of one scenario.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say what of the scenes was touched.")] = False,
    fail_under: Annotated[str, typer.Option("--fail-under", help="Least coverage, as in rules:90,branches:80.")] = "",
) -> None:
    """Run scenarios (`*.scenario.yaml`). Exit code 0: all hold, 1: some do not, 2: nothing to run."""
    from emotion_runtime.testing.coverage import Coverage, below, read_limits
    from emotion_runtime.testing.junit import junit
    from emotion_runtime.testing.scenarios import run_file
    from emotion_runtime.testing.sim import Sim

    try:
        limits = read_limits(fail_under) if fail_under else {}
    except ValueError as error:
        raise UsageError("bad_limit", str(error), "--fail-under rules:90") from None
    covered: dict[str, Coverage] = {}

    def watch(sim: Sim) -> None:
        covered.setdefault(sim.scene.name, Coverage(sim.scene)).watch(sim)

    outcomes = []
    for path in _files(paths):
        for outcome in run_file(path, only=only, watch=watch if coverage or limits else None):
            outcomes.append(outcome)
            sys.stdout.write(f"{'FAILED' if outcome.failures else 'ok':<6} {path}: {outcome.name}\n")
            sys.stdout.writelines(f"{failure}\n" for failure in outcome.failures)
    if not outcomes:
        raise UsageError("no_scenarios", "there is no such scenario", "scenario files end in .scenario.yaml")
    failed = sum(bool(each.failures) for each in outcomes)
    simulated = sum(each.simulated for each in outcomes)
    spent = sum(each.seconds for each in outcomes)
    if coverage:
        sys.stdout.writelines(each.text() for each in covered.values())
    short = [line for each in covered.values() for line in below(each, limits)]
    sys.stdout.writelines(f"{line}\n" for line in short)
    sys.stdout.write(
        f"{len(outcomes)} scenarios, {failed} failed; {simulated:.1f} simulated seconds in {spent:.2f} s"
        f" ({simulated / max(spent, 1e-9):.0f} x real time)\n"
    )
    if report is not None:
        report.write_text(junit(outcomes), encoding="utf-8")
    raise typer.Exit(1 if failed or short else 0)


def _files(paths: list[Path]) -> Iterator[Path]:
    from emotion_runtime.testing.reading import SUFFIX

    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob(f"*{SUFFIX}"))
        elif path.is_file():
            yield path
        else:
            raise UsageError("file_missing", f"there is no {path}", "give scenario files, or a folder of them")
