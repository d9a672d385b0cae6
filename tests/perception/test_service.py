"""Rules of the queue: order, shedding, failures, closing; nothing blocks and nothing disappears."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.errors import ModelError
from emotion_runtime.perception import InlineService, PerceptionService, TextService
from emotion_runtime.perception.bundled import load_text_model
from emotion_runtime.perception.onnx_text import OnnxTextModel
from emotion_runtime.perception.results import Line, TextJob, TextModel, TextResult

SOON = 30.0
"""Seconds after which a wait in a test has gone wrong."""

Services = Callable[[Callable[[], TextModel]], TextService]


class Scripted:
    """A model that does what a test tells it: waits at a gate, raises, answers anything."""

    labels = ("calm", "angry")

    def __init__(self, answers: Callable[[str], object] = lambda text: (0.25, 0.75), *, gated: bool = False) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.reached = threading.Event()
        if not gated:
            self.gate.set()

    def classify(self, text: str, context: Sequence[Line] = ()) -> tuple[float, ...]:
        self.asked.append(text)
        self.reached.set()
        assert self.gate.wait(SOON)
        return self.answers(text)  # type: ignore[return-value]


def raising(error: BaseException, times: int = 10**9) -> Callable[[str], object]:
    left = [times]

    def answers(text: str) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return (0.5, 0.5)

    return answers


def jobs(count: int, first: int = 0) -> list[TextJob]:
    return [TextJob(ticket, f"line {ticket}") for ticket in range(first, first + count)]


def outcome(results: Sequence[TextResult]) -> list[tuple[int, str]]:
    return [(result.ticket, result.failed) for result in results]


@pytest.fixture(params=[PerceptionService, InlineService])
def services(request: pytest.FixtureRequest) -> Services:
    kind: Services = request.param
    return kind


def test_results_come_in_the_order_of_submission(services: Services) -> None:
    service = services(Scripted)
    assert all(service.submit(job) for job in jobs(50))
    assert outcome(service.wait(timeout=SOON)) == [(ticket, "") for ticket in range(50)]
    assert service.collect() == []
    service.close()


def test_every_service_gives_the_answers_of_the_model_itself(services: Services, model: OnnxTextModel) -> None:
    asked = [
        TextJob(9, "You stole my purse!"),
        TextJob(4, "I did not.", (Line("You stole my purse!", same_speaker=False),)),
        TextJob(9, "You stole my purse!"),
    ]
    service = services(load_text_model)
    for job in asked:
        service.submit(job)
    results = service.wait(timeout=SOON)
    service.close()
    assert [one.ticket for one in results] == [9, 4, 9]
    assert [one.probabilities for one in results] == [model.classify(job.text, job.context) for job in asked]
    assert all(one.seconds > 0.0 for one in results)


@pytest.mark.parametrize(
    "answers",
    [
        raising(ValueError("bad")),
        raising(SystemExit(3)),
        raising(MemoryError()),
        raising(BaseException("a panic in native code")),
        lambda text: (float("nan"), 0.5),
        lambda text: (0.5, 0.4),
        lambda text: (1.5, -0.5),
        lambda text: (1.0,),
        lambda text: None,
        lambda text: ("much", "little"),
    ],
)
def test_a_line_the_model_fails_on_is_tried_twice_and_comes_back_failed(
    services: Services, answers: Callable[[str], object]
) -> None:
    model = Scripted(lambda text: answers(text) if text == "line 1" else (0.5, 0.5))
    service = services(lambda: model)
    for job in jobs(3):
        service.submit(job)
    assert outcome(service.wait(timeout=SOON)) == [(0, ""), (1, "perception_failed"), (2, "")]
    assert model.asked == ["line 0", "line 1", "line 1", "line 2"]
    health = service.health()
    assert (health.submitted, health.answered, health.failed, health.shed) == (3, 2, 1, 0)
    assert health.trouble
    service.close()


def test_a_failure_that_passes_is_not_seen(services: Services) -> None:
    service = services(lambda: Scripted(raising(ValueError("once"), times=1)))
    service.submit(TextJob(1, "hm"))
    assert outcome(service.wait(timeout=SOON)) == [(1, "")]
    assert service.health().trouble == "ValueError: once"
    service.close()


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (ModelError("model_damaged", "model.onnx: broken", "fetch it"), "model_damaged: model.onnx: broken (fetch it)"),
        (SystemExit(1), "SystemExit: 1"),
    ],
)
def test_without_a_model_every_line_comes_back_failed_and_health_says_why(
    services: Services, error: BaseException, trouble: str
) -> None:
    def load() -> TextModel:
        raise error

    service = services(load)
    for job in jobs(3):
        service.submit(job)
    assert {failed for _, failed in outcome(service.wait(timeout=SOON))} == {"perception_unavailable"}
    health = service.health()
    assert (health.state, health.failed, health.trouble) == ("unavailable", 3, trouble)
    service.close()


def test_ctrl_c_in_the_callers_own_thread_reaches_the_caller() -> None:
    service = InlineService(lambda: Scripted(raising(KeyboardInterrupt())))
    with pytest.raises(KeyboardInterrupt):
        service.submit(TextJob(1, "hm"))


def test_the_model_is_loaded_in_the_worker_and_submit_does_not_wait_for_it() -> None:
    may_load = threading.Event()
    loader: list[threading.Thread] = []

    def load() -> TextModel:
        loader.append(threading.current_thread())
        assert may_load.wait(SOON)
        return Scripted()

    service = PerceptionService(load)
    assert service.submit(TextJob(1, "hm"))
    assert service.collect() == []
    assert (service.health().state, service.health().labels) == ("loading", ())
    may_load.set()
    assert outcome(service.wait(timeout=SOON)) == [(1, "")]
    assert (service.health().state, service.health().labels) == ("ready", ("calm", "angry"))
    assert loader != [threading.main_thread()]
    service.close()


def test_when_too_many_wait_the_oldest_is_given_up_and_counted() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model, max_waiting=2)
    service.submit(TextJob(0, "under way"))
    assert model.reached.wait(SOON)
    for job in jobs(4, first=1):
        assert service.submit(job)
    assert outcome(service.collect()) == [(1, "perception_shed"), (2, "perception_shed")]
    model.gate.set()
    assert outcome(service.wait(timeout=SOON)) == [(0, ""), (3, ""), (4, "")]
    health = service.health()
    assert (health.submitted, health.answered, health.shed) == (5, 3, 2)
    service.close()


def test_one_who_never_collects_is_refused_in_the_end() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model, max_waiting=2)
    taken = [service.submit(job) for job in jobs(20)]
    assert taken == [True] * 8 + [False] * 12
    assert service.health().refused == 12
    service.collect()
    assert service.submit(TextJob(99, "again"))
    model.gate.set()
    service.close()


def test_waiting_can_be_for_some_and_gives_up_in_time() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model)
    for job in jobs(2):
        service.submit(job)
    assert service.wait(timeout=0.0) == []
    model.gate.set()
    assert len(service.wait(1, timeout=SOON)) >= 1
    service.wait(timeout=SOON)
    assert service.wait(5, timeout=None) == []
    service.close()


def test_closing_gives_up_what_waits_and_ends_the_worker() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model)
    for job in jobs(3):
        service.submit(job)
    assert model.reached.wait(SOON)
    closing = threading.Thread(target=service.close)
    closing.start()
    assert outcome(service.wait(2, timeout=SOON)) == [(1, "perception_closed"), (2, "perception_closed")]
    model.gate.set()
    closing.join(SOON)
    assert outcome(service.wait(timeout=SOON)) == [(0, "")]
    assert not service._worker.is_alive()
    assert not service.submit(TextJob(7, "too late"))
    service.close()
    assert (service.health().state, service.health().refused) == ("closed", 1)


def test_a_model_that_hangs_does_not_hold_up_closing() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model)
    service.submit(TextJob(0, "hm"))
    assert model.reached.wait(SOON)
    service.close(timeout=0.0)
    assert outcome(service.collect()) == [(0, "perception_closed")]
    model.gate.set()
    service._worker.join(SOON)
    assert service.collect() == []


def test_an_idle_service_closes() -> None:
    service = PerceptionService(Scripted)
    service.close(timeout=SOON)
    assert not service._worker.is_alive()


@given(st.lists(st.sampled_from("sscw"), max_size=40), st.integers(1, 4))
def test_every_job_taken_comes_back_exactly_once(steps: list[str], room: int) -> None:
    service = PerceptionService(Scripted, max_waiting=room)
    taken: list[int] = []
    back: list[TextResult] = []
    for ticket, step in enumerate(steps):
        if step == "s":
            taken += [ticket] * service.submit(TextJob(ticket, str(ticket)))
        else:
            back += service.collect() if step == "c" else service.wait(1, timeout=SOON)
    service.close(timeout=SOON)
    back += service.collect()
    assert sorted(result.ticket for result in back) == taken
    health = service.health()
    assert health.submitted == health.answered + health.failed + health.shed == len(taken)


def test_addressed_lines_come_first_and_overheard_ones_are_given_up_first() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model, max_waiting=3)
    service.submit(TextJob(0, "first"))
    assert model.reached.wait(SOON)
    for ticket, addressed in ((1, False), (2, True), (3, False), (4, True)):
        service.submit(TextJob(ticket, f"line {ticket}", addressed=addressed))
    assert outcome(service.collect()) == [(1, "perception_shed")]
    model.gate.set()
    service.wait(timeout=SOON)
    service.close()
    assert model.asked == ["first", "line 2", "line 4", "line 3"]


def test_a_line_called_off_comes_back_stale_and_one_under_way_is_answered() -> None:
    model = Scripted(gated=True)
    service = PerceptionService(lambda: model)
    for job in jobs(3):
        service.submit(job)
    assert model.reached.wait(SOON)
    for ticket in (0, 2, 77):
        service.cancel(ticket)
    model.gate.set()
    assert outcome(service.wait(timeout=SOON)) == [(0, ""), (1, ""), (2, "perception_stale")]
    assert service.health().shed == 1
    service.close()


def test_lines_that_waited_too_long_come_back_stale() -> None:
    model, now = Scripted(gated=True), [0.0]
    service = PerceptionService(lambda: model, stale_after=5.0, clock=lambda: now[0])
    service.submit(TextJob(0, "under way"))
    assert model.reached.wait(SOON)
    service.submit(TextJob(1, "old"))
    now[0] = 6.0
    service.submit(TextJob(2, "new"))
    model.gate.set()
    assert outcome(service.wait(timeout=SOON)) == [(0, ""), (1, "perception_stale"), (2, "")]
    service.close()


class Batching(Scripted):
    """A model that answers up to four lines in one run."""

    max_batch = 4

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__(gated=True)
        self.broken = broken
        self.sizes: list[int] = []

    def ask_all(self, together: Sequence[TextJob]) -> list[tuple[float, ...]]:
        self.sizes.append(len(together))
        if self.broken:
            raise RuntimeError("no batches today")
        return [(float("nan"), 0.0) if job.text == "line 3" else (0.5, 0.5) for job in together]


def test_a_model_that_takes_batches_gets_all_that_wait() -> None:
    model = Batching()
    service = PerceptionService(lambda: model)
    service.submit(TextJob(0, "line 0"))
    assert model.reached.wait(SOON)
    for job in jobs(6, 1):
        service.submit(job)
    model.gate.set()
    assert outcome(service.wait(timeout=SOON)) == [(ticket, "") for ticket in range(7)]
    assert model.sizes == [4, 2]
    assert model.asked == ["line 0", "line 3"], "a bad row is asked again, alone"
    service.close()


def test_one_bad_batch_does_not_take_its_lines_with_it() -> None:
    model = Batching(broken=True)
    service = PerceptionService(lambda: model, max_delay=0.01)
    for job in jobs(5):
        service.submit(job)
    model.gate.set()
    assert outcome(service.wait(timeout=SOON)) == [(ticket, "") for ticket in range(5)]
    assert "no batches today" in service.health().trouble
    service.close()
