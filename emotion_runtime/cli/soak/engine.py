"""Owns one engine of the soak as a process: it talks, plays, stalls, and writes its books after each poll.

Started as `python -m emotion_runtime.cli.soak.engine ORDERS`; ORDERS is a JSON object, see `Orders`. It says `live`
when it is; a line on its standard input makes it finish: it tells nothing more, and says `settled` once everything told
was answered. When its input ends it leaves.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec

from emotion_runtime.cli.soak.books import Kind, Shelf
from emotion_runtime.cli.soak.mischief import Mischief
from protocol import messages
from protocol.views import TickView
from unity_bridge import EngineClient
from unity_bridge.errors import BridgeError

LABELS: Final = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
FRAME_S: Final = 0.02
QUIET_S: Final = 0.5
"""An engine leaves once nothing has come for so long."""
CONNECT_S: Final = 60.0


class Orders(msgspec.Struct):
    """What an engine is to do. Rates are observations a second."""

    name: str
    endpoints: tuple[str, str, str]
    folder: str
    seed: int
    owns: list[str]
    rate: float = 250.0
    burst: float = 10.0
    """How many times the rate for a second now and then."""
    mischief: float = 0.01
    stalls: float = 0.02
    """Stalls a second of up to a second."""
    cuts: float = 0.1
    """Connections a second that are dropped without a word."""


class Engine:
    """The life of one process of an engine."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.shelf = Shelf(Path(orders.folder), orders.name)
        self.books = self.shelf.open()
        self.books.starts_of_process += 1
        self.rng = random.Random(f"{orders.seed} {orders.name} {self.books.starts_of_process}")
        self._before = Counter(self.books.counts)
        self.counts: Counter[str] = Counter()
        self.entries: list[tuple[int, Kind]] = []
        self.finishing = threading.Event()
        self.leaving = threading.Event()
        self.client = EngineClient(orders.endpoints, orders.name, owns=orders.owns, remembered=self.books.blob)
        self.client._sockets = Mischief(self.client._sockets, self.rng, orders.mischief, self.counts)  # type: ignore[assignment]

    def run(self) -> None:
        """Play until told to finish, then listen until told to leave. Raises RuntimeError when it is refused."""
        threading.Thread(target=self._await_order, daemon=True).start()
        # what can be remembered before the welcome is remembered: an engine may be killed at once
        self._write()
        self.client.wait_live(CONNECT_S)
        self._say("live")
        due = time.monotonic()
        told_settled = False
        quiet_since = due
        while True:
            came = self._frame(FRAME_S)
            if self.client.state == "refused":
                raise RuntimeError(f"refused: {self.client.reason}")
            now = time.monotonic()
            quiet_since = now if came else quiet_since
            if self.leaving.is_set() and now - quiet_since > QUIET_S:
                break
            if self.finishing.is_set():
                if not told_settled and not self._unsettled():
                    told_settled = True
                    self._say("settled")
                continue
            if now >= due:
                burst = self.orders.burst if int(now) % 20 == 7 else 1.0
                late = min(1.0, now - due + FRAME_S)
                self._tell(max(1, round(self.orders.rate * burst * late)))
                due = now + FRAME_S
            self._play()
            self._misbehave()
        self._write()
        self.client.close()
        self.shelf.close()

    def _frame(self, wait: float) -> bool:
        """Poll, act, write the books; returns whether anything but a frame came."""
        updates = [each for each in self.client.poll(wait) if not isinstance(each, TickView)]
        for update in updates:
            self._take(update)
        self._write()
        return bool(updates)

    def _unsettled(self) -> str:
        session = self.client.session
        waiting = len(session.outbox) + len(session.queue)
        unheard = self.books.utterances - self.books.perceived
        return f"{waiting} batches, {unheard} perceptions" if waiting or unheard else ""

    def _take(self, update: object) -> None:
        books = self.books
        match update:
            case messages.Start():
                taken = update.why == "handed over"
                self.entries.append((update.action, "taken" if taken else "start"))
                if not taken:
                    if update.action <= books.last_started:
                        self._fault(f"action {update.action} started after {books.last_started}")
                    books.last_started = max(books.last_started, update.action)
                latest = self.client.latest
                books.running[update.action] = (latest.time if latest else 0.0) + update.lasts
            case messages.Stop():
                self.entries.append((update.action, "handed_over" if update.reason == "handed_over" else "stop"))
                if books.running.pop(update.action, None) is None:
                    self._fault(f"action {update.action} stopped, which did not run")
            case messages.Perception():
                if update.utterance != books.perceived + 1:
                    self._fault(f"perception {update.utterance} after {books.perceived}")
                books.perceived = update.utterance
                self.counts["perceptions_failed"] += bool(update.failed)
            case messages.Notice():
                self.counts[f"notice_{update.code}"] += 1
            case messages.Bye():
                self.counts[f"bye_{update.reason}"] += 1
            case messages.Snapshot():
                self.counts["snapshots"] += 1

    def _fault(self, text: str) -> None:
        if len(self.books.faults) < 100:
            self.books.faults.append(text)
        self.counts["faults"] += 1

    def _play(self) -> None:
        latest = self.client.latest
        now = latest.time if latest is not None else 0.0
        for action, due in list(self.books.running.items()):
            if due <= now:
                # the stop that answers takes it out; until then it is not reported again
                self.books.running[action] = float("inf")
                if self.rng.random() < 0.9:
                    self.client.succeed(action)
                else:
                    self.client.fail(action, "the soak says so")
                self.books.observations += 1

    def _tell(self, count: int) -> None:
        client, rng, names = self.client, self.rng, self.client.roster.characters
        if len(client.session.queue) > 500:
            self.counts["told_later"] += count
            return
        # the last character changes hands at any moment: what is told of it may come too late, and be refused
        mine = [each for each in client.owns if each != names[-1]]
        for _ in range(count):
            match rng.randrange(8):
                case 0 if mine:
                    heard = {rng.choice(LABELS): rng.random()}
                    client.say(rng.choice(mine), "...", heard=heard)
                    self.books.utterances += 1
                case 1:
                    client.event(rng.choice(("glass_breaks", "theft_seen")), strength=rng.random())
                case 2:
                    client.set("baby.crying", rng.random())
                case 3:
                    client.set("world.brawl", rng.random())
                case _ if mine:
                    who = rng.choice(mine)
                    client.move(who, rng.uniform(0, 14), 0.0, rng.uniform(0, 9))
                case _:
                    client.set("campfire.heat", rng.random())
            self.books.observations += 1

    def _misbehave(self) -> None:
        frames = 1.0 / FRAME_S
        if self.rng.random() < self.orders.stalls / frames:
            self.counts["stalls"] += 1
            time.sleep(self.rng.random())
        if self.rng.random() < self.orders.cuts / frames:
            self.counts["cuts"] += 1
            self.client.reconnect()

    def _write(self) -> None:
        books = self.books
        books.blob = self.client.remember()
        session = self.client.session
        here = self.counts + Counter({f"session_{k}": v for k, v in session.counts.items()})
        here["coalesced"] = session.queue.coalesced
        books.counts = dict(self._before + here)
        self.shelf.write(books, self.entries)
        self.entries = []

    def _say(self, word: str) -> None:
        sys.stdout.write(word + "\n")
        sys.stdout.flush()

    def _await_order(self) -> None:
        sys.stdin.readline()
        self.finishing.set()
        sys.stdin.read()
        self.leaving.set()


def main(arguments: list[str]) -> int:
    """Run one engine. Exit code 1: it could not settle, or the sidecar refused it; standard error says why."""
    engine = Engine(msgspec.json.decode(arguments[0], type=Orders))
    try:
        engine.run()
    except (BridgeError, RuntimeError) as error:
        sys.stderr.write(f"{engine.orders.name}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
