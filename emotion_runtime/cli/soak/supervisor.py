"""Owns the course of a soak: it lets time pass by requests, breaks things on a seeded plan, and takes readings."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emotion_runtime.cli.soak.books import Books, Shelf
from emotion_runtime.cli.soak.engine import Orders
from emotion_runtime.cli.soak.processes import Child, endpoints_of, start_engine, start_sidecar
from emotion_runtime.errors import UsageError
from unity_bridge import EngineClient
from unity_bridge.errors import BridgeError

READ_EVERY_S: Final = 1.0
FINISH_S: Final = 90.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a soak is to be: it lasts until every number is reached. `ticks_per_step`: ticks of one request."""

    scene: Path
    folder: Path
    seconds: float
    engines: int = 4
    ticks: int = 0
    observations: int = 0
    engine_kills: int = 0
    sidecar_kills: int = 0
    kill_every: float = 2.0
    rate: float = 250.0
    slow_disk: bool = True
    seed: int = 0
    ticks_per_step: int = 200


@dataclass(slots=True)
class Readings:
    """What was seen on the way."""

    seconds: float = 0.0
    ticks: int = 0
    observations: int = 0
    engine_kills: int = 0
    sidecar_kills: int = 0
    handed_over: int = 0
    engine_recoveries: list[float] = field(default_factory=list)
    sidecar_recoveries: list[float] = field(default_factory=list)
    samples: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    """By life of a process, since figures of different ones are no series."""
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    running: list[int] = field(default_factory=list)


class Supervisor:
    """Owns all processes of a soak. Use as a context manager: whatever happens, none is left behind."""

    def __init__(self, plan: Plan, tell: Callable[[Readings], None] = lambda _: None) -> None:
        self.plan = plan
        self.readings = Readings()
        self._tell = tell
        self._rng = random.Random(plan.seed)
        self._lives = 0
        self._began = time.monotonic()
        self._read_at = 0.0
        self._engines: dict[str, Child] = {}
        self._ready: set[str] = set()
        self._orders: dict[str, Orders] = {}
        self.sidecar = self._serve(0)
        self.endpoints = endpoints_of(self.sidecar)
        self._client = EngineClient(self.endpoints, "supervisor", owns=())
        self._client.wait_live(20.0)
        self.characters = self._client.roster.characters

    @property
    def recording(self) -> Path | None:
        """Where all that happens is recorded; None where a journal is kept instead."""
        return None if self.plan.sidecar_kills else self.plan.folder / "soak.emr"

    def _serve(self, port: int) -> Child:
        self._lives += 1
        if self.recording is not None:
            arguments = ["--record", str(self.recording)]
        else:
            arguments = ["--journal", str(self.plan.folder / "journal")]
        child = start_sidecar(self.plan.scene, port, slow=self.plan.slow_disk, arguments=arguments)
        child.wait_ready()
        return child

    def run(self) -> Readings:
        """All of it."""
        self._start_engines()
        kill_at = time.monotonic() + self.plan.kill_every
        while not self._enough():
            self._step()
            now = time.monotonic()
            if now >= kill_at:
                kill_at = now + self.plan.kill_every * self._rng.uniform(0.5, 1.5)
                self._break_something()
            self._look(now)
        self._finish()
        self.readings.seconds = time.monotonic() - self._began
        return self.readings

    def _enough(self) -> bool:
        plan, seen = self.plan, self.readings
        return (
            time.monotonic() - self._began >= plan.seconds
            and seen.ticks >= plan.ticks
            and seen.observations >= plan.observations
            and seen.engine_kills >= plan.engine_kills
            and seen.sidecar_kills >= plan.sidecar_kills
        )

    def _start_engines(self) -> None:
        for number in range(self.plan.engines):
            name = f"engine-{number}"
            orders = Orders(
                name=name,
                endpoints=self.endpoints,
                folder=str(self.plan.folder / "books"),
                seed=self.plan.seed,
                owns=list(self.characters[number :: self.plan.engines]),
                rate=self.plan.rate,
            )
            self._orders[name] = orders
            self._engines[name] = start_engine(orders)
        # a command that is given while its character has no engine is nobody's
        for child in self._engines.values():
            child.wait_ready()

    def _step(self) -> None:
        try:
            reply = self._client.request("step", n=self.plan.ticks_per_step, patience=10.0, retries=2)
        except BridgeError as error:
            if not self.sidecar.alive:
                raise UsageError(
                    "soak_sidecar", f"the sidecar ended by itself: {self.sidecar.complaints()[-800:]}", ""
                ) from None
            self.readings.faults.append(f"a step failed: {error.message}")
            return
        self.readings.ticks = reply.tick
        self._client.poll()

    def _break_something(self) -> None:
        plan, seen = self.plan, self.readings
        choices = ["own"]
        if seen.engine_kills < plan.engine_kills or not plan.sidecar_kills:
            choices += ["engine"] * 3
        if seen.sidecar_kills < plan.sidecar_kills:
            choices += ["sidecar"] * 3
        match self._rng.choice(choices):
            case "engine":
                self._kill_engine()
            case "sidecar":
                self._kill_sidecar()
            case _:
                self._hand_over()

    def _kill_engine(self) -> None:
        settled = [name for name in self._engines if name in self._ready]
        if not settled:
            return
        name = self._rng.choice(settled)
        self._ready.discard(name)
        self._engines[name].close()
        self._engines[name] = start_engine(self._orders[name])
        self.readings.engine_kills += 1

    def _kill_sidecar(self) -> None:
        port = int(self.endpoints[0].rpartition(":")[2])
        began = time.monotonic()
        self.sidecar.close()
        self.readings.sidecar_kills += 1
        self.sidecar = self._serve(port)
        ticks = self.readings.ticks
        self._step()
        if self.readings.ticks <= ticks - self.plan.ticks_per_step:
            self.readings.faults.append(f"tick {ticks} was answered, but it went on at {self.readings.ticks}")
        self.readings.sidecar_recoveries.append(time.monotonic() - began)

    def _hand_over(self) -> None:
        character, engine = self.characters[-1], self._rng.choice(list(self._engines))
        with contextlib.suppress(BridgeError):
            self._client.own(character, engine=engine)
            self.readings.handed_over += 1

    def _look(self, now: float) -> None:
        for name, child in self._engines.items():
            if name not in self._ready and child.first_line and child.ready_at is not None:
                self._ready.add(name)
                self.readings.engine_recoveries.append(child.ready_at - child.began)
            if not child.alive:
                raise UsageError("soak_engine", f"{name} ended by itself: {child.complaints()[-800:]}", "")
        if now < self._read_at:
            return
        self._read_at = now + READ_EVERY_S
        figures = self.sidecar.figures()
        if figures is not None:
            figures["time"] = now - self._began
            figures["ticks"] = float(self.readings.ticks)
            self.readings.samples.setdefault(f"sidecar {self._lives}", []).append(figures)
        self.readings.observations = sum(books.observations for books, _ in self.books())
        self.readings.seconds = now - self._began
        self._tell(self.readings)

    def books(self) -> list[tuple[Books, Shelf]]:
        """The books of every engine, as they were last written."""
        shelves = [Shelf(Path(orders.folder), name) for name, orders in self._orders.items()]
        return [(shelf.read(), shelf) for shelf in shelves]

    def _finish(self) -> None:
        """Let everything come to rest: engines end when all they told was answered."""
        for child in self._engines.values():
            child.order()
        until = time.monotonic() + FINISH_S
        while any(child.last_line != "settled" for child in self._engines.values()):
            self._step()
            time.sleep(0.01)
            unsettled = [name for name, child in self._engines.items() if child.last_line != "settled"]
            if time.monotonic() > until:
                self.readings.faults.append(f"not settled after {FINISH_S:g} s: {', '.join(unsettled)}")
                break
        # no more ticks: what runs now runs at the end, and every engine hears of all that happened before it leaves
        with EngineClient.connect(endpoints=self.endpoints, name="auditor", owns=(), timeout=20.0) as auditor:
            self.readings.running = [each.action for each in auditor.snapshot.running]
        for child in self._engines.values():
            child.dismiss()
        for name, child in self._engines.items():
            code = child.wait(10.0)
            if code != 0:
                self.readings.faults.append(f"{name} ended with {code}: {child.complaints()[-400:]}")
        self.readings.observations = sum(books.observations for books, _ in self.books())
        self.readings.status = self._client.request("status").result
        self.readings.refused = Counter(self.readings.status["link"])
        with contextlib.suppress(BridgeError):
            self._client.request("shutdown")
        self.sidecar.wait(10.0)

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        for child in (*self._engines.values(), self.sidecar):
            child.close()
