"""The long fuzzing: `python -m tests.fuzz --inputs 10000000`, guided by coverage where atheris is installed."""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.fuzz.mutate import inputs
from tests.fuzz.targets import targets

RSS_LIMIT_MB = 1024
HANG_S = 20
PACKAGES = ("protocol", "unity_bridge", "emotion_runtime.scene", "emotion_runtime.perception", "behaviors")


def one(name: str, runs: int, seed: int, folder: Path, tell: Callable[[int], None]) -> None:
    """Run one target in this process, unguided; an exception is a finding."""
    target = targets(folder)[name]
    for number, data in enumerate(inputs(target.seeds, target.longest, runs, seed), start=1):
        try:
            target.run(data)
        except BaseException:
            sys.stderr.write(f"{name}: input {number} of seed {seed}: {data.hex()}\n")
            raise
        if number % 1000 == 0:
            tell(number)


def guided(name: str, runs: int, seed: int, folder: Path) -> None:
    """Run one target under libFuzzer, which ends this process."""
    import atheris

    with atheris.instrument_imports(include=list(PACKAGES)):
        from tests.fuzz import targets as fuzzed

        target = fuzzed.targets(folder)[name]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(target.seeds):
        (corpus / f"seed{number}").write_bytes(data)
    options = [f"-runs={runs}", f"-seed={seed}", f"-max_len={target.longest}"]
    options += [f"-rss_limit_mb={RSS_LIMIT_MB}", f"-timeout={HANG_S}", f"-artifact_prefix={folder}/crash-"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.run)
    atheris.Fuzz()


def child(name: str, runs: int, options: argparse.Namespace, tell: Callable[[int], None]) -> tuple[int, str]:
    """Run one target in a process of its own; returns how many inputs it took, and its last words if it failed."""
    command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--inputs", str(runs), "--seed", str(options.seed)]
    command += ["--unguided"] if options.unguided else []
    done, said = 0, ""
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace") as process:
        assert process.stderr is not None
        for line in process.stderr:
            said = (said + line)[-4000:]
            found = re.match(r"(?:#|Done )(\d+)", line)
            if found:
                done = int(found[1])
                tell(done)
    return done, said if process.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Feed hostile bytes to everything that reads what others wrote.")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unguided", action="store_true", help="without atheris")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.unguided = options.unguided or importlib.util.find_spec("atheris") is None
    with tempfile.TemporaryDirectory() as folder:
        if not options.one:
            return everything(options, Path(folder))
        if not options.unguided:
            guided(options.one, options.inputs, options.seed, Path(folder))
        one(options.one, options.inputs, options.seed, Path(folder), _tell)
        _tell(options.inputs)
    return 0


def _tell(count: int) -> None:
    print(f"#{count}", file=sys.stderr, flush=True)


def everything(options: argparse.Namespace, folder: Path) -> int:
    """Run all targets, each with its share, and report."""
    chosen = targets(folder)
    whole = sum(each.weight for each in chosen.values())
    begun = time.perf_counter()
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=options.json) as progress:
        for name, target in chosen.items():
            runs = max(1, options.inputs * target.weight // whole)
            task = progress.add_task(name, total=runs)
            done[name], said = child(name, runs, options, lambda n, task=task: progress.update(task, completed=n))  # type: ignore[misc]
            if said:
                failed[name] = said
                sys.stderr.write(f"{name}:\n{said}\n")
    took = time.perf_counter() - begun
    total = sum(done.values())
    report = {
        "inputs": total,
        "seconds": round(took, 1),
        "guided": not options.unguided,
        "by_target": done,
        "failed": sorted(failed),
    }
    if options.json:
        print(json.dumps(report))
    else:
        print(f"{total} inputs in {took:.0f} s, {total / took:.0f} a second; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
