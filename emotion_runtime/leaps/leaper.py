"""Owns one ticker's leaps: its tables, filled in before the loop runs, and what follows from the loop's last tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from behaviors.chance import streams_of
from behaviors.compiled import CompiledExecutor
from behaviors.executor import Reported
from behaviors.leaping.formulas import Formulas
from behaviors.leaping.grove import grove_of
from behaviors.leaping.tables import Holding, Layout, Looks, looks_of
from behaviors.senses import Ints
from emotion_runtime.kernels import plain
from emotion_runtime.kernels.tables import PART
from emotion_runtime.leaps.tables import Acting, Kept, Spreading, Watching
from emotion_runtime.leaps.watches import NOTHING_WATCHED, SPARE, Watch
from emotion_runtime.outputs import TickResult
from emotion_runtime.tick import Ticker

MOST_CHARACTERS: Final = 64
"""Trees of up to so many characters are one word wide, which is what the loop knows."""
MOST_TICKS: Final = 512
"""Ticks of one call of the loop: its history stays small."""
LARGEST: Final = float(np.float32(1.0 - 2.0**-24))

Loop = Callable[..., int]
Results = Mapping[int, tuple[float, bool]]
"""By the number of an action: when an engine will report on it (simulated seconds), and whether it ended well."""


class Leapt(NamedTuple):
    """`ticks` were done; nothing happened in all but the last, whose `result` has no digest (ask for it).

    `emotion` (ticks, n, L): the published emotions after each; empty unless wanted.
    """

    ticks: int
    result: TickResult
    emotion: NDArray[np.float32]


class _Glance:
    """What the last tick of a leap saw of the triggers, for the actions that begin in it."""

    __slots__ = ("_looks", "_reach", "bearer")

    def __init__(self, bearer: Ints, looks: Looks, reach: NDArray[np.float64]) -> None:
        self.bearer = bearer
        self._looks = looks
        self._reach = reach

    def all_bearers(self, slot: int) -> Ints:
        """Those that fit, nearest first."""
        first, last = self._looks.first[slot], self._looks.first[slot + 1]
        row = int(self._looks.plan[slot, 10])
        if row < 0:
            return self.bearer[slot : slot + 1].copy()
        metres = self._reach[row, : last - first]
        order = np.argsort(metres, kind="stable")
        return self._looks.candidate[first:last][order[metres[order] < np.inf]]


class Leaper:
    """Takes many ticks at once. Bound to one ticker; the trees are compiled ones from then on, in the same state."""

    def __init__(self, ticker: Ticker, loop: Loop) -> None:
        world, behaving = ticker.world, ticker.behaving
        self.ticker = ticker
        self._loop = loop
        forest = behaving.forest
        streams = behaving.streams if len(behaving.streams) else streams_of(len(forest.trees))
        executor = CompiledExecutor(forest, "numba", behaving.streams if len(behaving.streams) else None)
        executor.restore(behaving.executor.state())
        behaving.executor = executor
        self._executor = executor
        self.layout = Layout(world.cast)
        formulas = Formulas(self.layout.constants)
        self._looks = looks_of(world.cast, forest, self.layout, formulas)
        _, _, constants = formulas.tables()
        likes = world.attitudes.matrix()
        self._values = self.layout.column(world.traits, likes, np.concatenate([constants, np.zeros(SPARE)]))
        self._spare = self.layout.constants + len(constants)
        self._work = np.zeros((3 * len(world.channels) + 7, PART))
        self._places = b""
        self._able = np.ones(len(forest.slots), np.uint8)
        self._able[behaving._unable] = 0
        self._acting = self._room(formulas.deepest, len(executor.blocks))
        self._grove = grove_of(executor, np.array(streams))
        size = len(forest.slots)
        self._alone = Holding(np.zeros(0, np.int32), np.zeros(size + 1, np.int32), np.zeros(0, np.int32))
        self._spreading: Spreading | None = None
        self._glance = _Glance(self._acting.chosen, self._looks, self._acting.reach)
        shape = (0, world.n, len(world.labels))
        self._mood = np.zeros((world.n, 3), np.float32)
        self._unkept = Kept(np.zeros(shape, np.float32), self._mood, world.columns, LARGEST)

    def _room(self, deepest: int, groups: int) -> Acting:
        size, conditions = len(self._able), len(self._looks.asked)
        tables = self.ticker.behaving.actions.lend()
        running, ended, begun, over, sizes = self._executor.lend()
        several = int(self._looks.plan[:, 10].max(initial=-1)) + 1
        widest = int(np.diff(self._looks.first).max(initial=0))
        return Acting(
            running=tables.running.view(np.uint8),
            playing=running,
            able=self._able,
            started_us=tables.started_us,
            timeout_us=tables.timeout_us,
            rest_until_us=tables.rest_until_us,
            reported=tables.reported,
            ends=np.full(size, np.inf),
            outcome=np.zeros(size, np.uint8),
            codes=np.zeros(size, np.uint8),
            ready=np.zeros(size, np.uint8),
            holds=np.zeros(size, np.uint8),
            examined=np.zeros(conditions, np.uint8),
            before=np.zeros((3, size), np.uint8),
            examined_before=np.zeros(conditions, np.uint8),
            chosen=np.full(size, -1, np.int32),
            reach=np.zeros((several, widest)),
            wake=np.zeros(groups, np.int64),
            ended=ended,
            begun=begun,
            over=over,
            sizes=sizes,
            stack=np.zeros(max(deepest, 1) + SPARE),
        )

    def leap(
        self,
        span_us: int,
        most: int,
        *,
        results: Results,
        slack: float = 0.0,
        watch: Watch | None = None,
        keep: bool = False,
    ) -> Leapt:
        """Up to `most` ticks of `span_us`: fewer when something happens, or when a watched formula comes out."""
        ticker, world = self.ticker, self.ticker.world
        ticker.tick += 1
        ticker.now_us += span_us
        texts, voices, understood = ticker.open()
        if ticker.is_waiting or texts or voices or understood:
            most = 1
        watching = NOTHING_WATCHED if watch is None else self._watching(watch)
        most = 1 if watching is None else min(most, MOST_TICKS)
        drives = ticker.influence.joined(ticker.behaving.drives())
        kept = self._unkept
        if keep:
            room = np.empty((most, world.n, len(world.labels)), np.float32)
            kept = kept._replace(emotion=room)
        before_us = ticker.now_us - span_us
        holding, first_timeout = self._bind(before_us)
        if self._acting.reported.any():
            most = 1
        dt = span_us * 1e-6
        ticks: int = self._loop(
            most,
            before_us,
            span_us,
            slack,
            self._expect(results),
            first_timeout,
            dt,
            world.feelings,
            world.fixed,
            world.constants.mood_gone(dt),
            ticker.influence.hits,
            ticker.influence.active,
            drives,
            self._spread(),
            world.ledger.columns,
            self._work,
            self._values,
            self._looks,
            holding,
            world.speaker,
            world.target,
            self._acting,
            self._grove,
            watching or NOTHING_WATCHED,
            kept,
        )
        ticker.tick += ticks - 1
        ticker.now_us += (ticks - 1) * span_us
        outcomes = self._executor.lent()
        result = ticker.shut(outcomes, self._glance, texts, voices, understood)
        if keep and len(outcomes.over):  # what succeeded has moved emotions once more
            plain.publish(0, 1, world.feelings, world.columns, kept.emotion[ticks - 1], self._mood, LARGEST)
        return Leapt(ticks, result, kept.emotion[:ticks])

    def _expect(self, results: Results) -> float:
        """Note when an engine reports on which action; returns the first of these moments."""
        acting, actions = self._acting, self.ticker.behaving.actions
        acting.ends.fill(np.inf)
        first = np.inf
        for action, (end, ok) in results.items():
            slot = actions.slot_of(action)
            if slot < 0:
                continue
            acting.ends[slot], acting.outcome[slot] = end, Reported.SUCCESS if ok else Reported.FAILURE
            first = min(first, end)
        return float(first)

    def _bind(self, now_us: int) -> tuple[Holding, int]:
        """Columns that were replaced, or that change between leaps; the bearers of running actions."""
        world, actions, acting = self.ticker.world, self.ticker.behaving.actions, self._acting
        self._executor.lend()
        tables = actions.lend()
        if tables.running.base is not acting.running and acting.started_us is not tables.started_us:
            self._acting = acting._replace(
                running=tables.running.view(np.uint8),
                started_us=tables.started_us,
                rest_until_us=tables.rest_until_us,
                reported=tables.reported,
            )
        layout, values = self.layout, self._values
        values[layout.variables : layout.metres] = world.variables
        places = world.position.tobytes()
        if places != self._places:
            self._places = places
            gap = world.position[: world.n, None, :] - world.position
            x, y, z = gap[..., 0], gap[..., 1], gap[..., 2]
            values[layout.metres : layout.likes] = np.sqrt(x * x + y * y + z * z).reshape(-1)
            self._spreading = None
        if not actions.sets:
            return self._alone._replace(bearer=tables.bearer), tables.first_timeout_us
        first, several = np.zeros(len(self._able) + 1, np.int32), []
        for slot, bearers in sorted(actions.sets.items()):
            first[slot + 1] = len(bearers)
            several.append(bearers)
        holding = Holding(tables.bearer, np.cumsum(first, dtype=np.int32), np.concatenate(several))
        return holding, tables.first_timeout_us

    def _spread(self) -> Spreading:
        if self._spreading is None:
            on, due, reaches, attitude, grid = self.ticker.contagion.lend()
            self._spreading = Spreading(int(on), due, reaches, attitude, grid, self.ticker.contagion.caught)
        return self._spreading

    def _watching(self, watch: Watch) -> Watching | None:
        found = watch.tables(self._spare)
        if found is None:
            return None
        tables, constants = found
        self._values[self._spare : self._spare + len(constants)] = constants
        return tables
