"""A worker that dies or hangs: its lines are tried once more, then failed; nobody waits for it, and health tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from emotion_runtime.outputs import Perceived
from emotion_runtime.perception import PerceptionService
from emotion_runtime.perception.results import Line, TextJob, TextResult
from emotion_runtime.perception.service import MOST_ABANDONED
from emotion_runtime.scene import load_scene
from emotion_runtime.scene.find import find_scene
from emotion_runtime.simulation import Simulation

SOON = 30.0


class Hanging:
    """A model that hangs on some lines until the gate opens."""

    labels = ("calm", "angry")

    def __init__(self, on: Callable[[str], bool]) -> None:
        self.on = on
        self.gate = threading.Event()
        self.asked: list[str] = []
        self.reached = threading.Semaphore(0)

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        self.asked.append(text)
        self.reached.release()
        if self.on(text):
            self.gate.wait(SOON)
        return (0.25, 0.75)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_line_the_model_hangs_on_is_tried_once_more_by_another_worker_then_failed_and_the_next_is_answered() -> None:
    model, clock = Hanging(lambda text: text == "hang"), Clock()
    service = PerceptionService(lambda: model, patience=10.0, clock=clock)
    for ticket, text in enumerate(("hang", "one", "two")):
        assert service.submit(TextJob(ticket, text))
    back: list[TextResult] = []
    for _ in range(2):
        assert model.reached.acquire(timeout=SOON)
        assert service.collect() == []
        clock.now += 10.5
        back += service.collect()
    back += service.wait(3 - len(back), timeout=SOON)
    assert [(each.ticket, each.failed) for each in back] == [(0, "perception_failed"), (1, ""), (2, "")]
    assert model.asked.count("hang") == 2
    health = service.health()
    assert (health.state, health.restarts, health.failed, health.answered) == ("ready", 2, 1, 2)
    assert "no answer within 10 s" in health.trouble
    model.gate.set()
    service.close()
    assert service.collect() == []


def test_a_hang_that_passes_costs_no_line() -> None:
    hangs = [True]
    model, clock = Hanging(lambda text: hangs.pop() if hangs else False), Clock()
    service = PerceptionService(lambda: model, patience=10.0, clock=clock)
    service.submit(TextJob(7, "hm"))
    assert model.reached.acquire(timeout=SOON)
    clock.now += 11.0
    assert [(each.ticket, each.failed) for each in service.wait(1, timeout=SOON)] == [(7, "")]
    model.gate.set()
    service.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_died_is_replaced_and_its_line_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Hanging(lambda text: False)
    service = PerceptionService(lambda: model)
    service.submit(TextJob(0, "before"))
    assert len(service.wait(1, timeout=SOON)) == 1
    first = service._worker

    def die(jobs: Sequence[TextJob]) -> list[TextResult]:
        raise SystemExit  # past everything that catches, as a fault in native code would

    monkeypatch.setattr(service._answerer, "answer_all", die)
    service.submit(TextJob(1, "under way"))
    assert [(each.ticket, each.failed) for each in service.wait(1, timeout=SOON)] == [(1, "")]
    assert not first.is_alive()
    assert service.health().restarts == 1
    service.close()


def test_when_too_many_workers_hang_lines_fail_at_once_until_one_comes_back() -> None:
    model, clock = Hanging(lambda text: text != "fine"), Clock()
    service = PerceptionService(lambda: model, patience=10.0, clock=clock)
    for ticket in range(2):
        service.submit(TextJob(ticket, "hang"))
    failed: list[str] = []
    for _ in range(MOST_ABANDONED):
        assert model.reached.acquire(timeout=SOON)
        clock.now += 11.0
        failed += [each.failed for each in service.collect()]
    assert failed == ["perception_failed", "perception_unavailable"]
    assert service.submit(TextJob(5, "now"))
    assert [each.failed for each in service.collect()] == ["perception_unavailable"]
    assert service.health().state == "unavailable"
    assert "hang in the model" in service.health().trouble
    model.gate.set()
    until(lambda: not any(each.is_alive() for each in service._abandoned))
    assert service.submit(TextJob(6, "fine"))
    assert [(each.ticket, each.failed) for each in service.wait(1, timeout=SOON)] == [(6, "")]
    assert service.health().state == "ready"
    service.close()


def test_the_ticks_go_on_while_the_model_hangs_and_the_line_is_told_as_failed() -> None:
    model, clock = Hanging(lambda text: True), Clock()
    service = PerceptionService(lambda: model, patience=1.0, clock=clock)
    with Simulation(load_scene(find_scene("tavern")), kernels="numpy", perception=service) as sim:
        sim.say("guard", "Out, now!")
        told: list[Perceived] = []
        for _ in range(2000):
            told += sim.step(wait=False).perceptions
            if model.reached.acquire(blocking=False):
                clock.now += 1.5
            if told:
                break
        assert [(each.character, each.failed) for each in told] == [("guard", "perception_failed")]
        assert sim.health()["perception"]["restarts"] == 2
        model.gate.set()
