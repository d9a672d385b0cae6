"""The second thread: side by side, one thing after the other, and no fault is lost."""

from __future__ import annotations

import gc
import signal
import threading
from functools import partial

import pytest

from emotion_runtime.kernels.beside import SecondThread


def refuse() -> None:
    raise ValueError("no")


def test_both_are_done_at_the_same_time_and_return_what_they_found() -> None:
    second, met = SecondThread("second"), threading.Barrier(2)

    def meet(name: str) -> str:
        met.wait(10)
        return name + ("" if threading.current_thread() is threading.main_thread() else " beside")

    for _ in range(50):
        assert second.both(lambda: meet("mine"), lambda: meet("theirs")) == ("mine", "theirs beside")
    second.close()
    second.close()


def test_a_fault_of_either_is_raised_after_both_have_ended() -> None:
    second, ended = SecondThread("second"), []
    with pytest.raises(ValueError, match="no"):
        second.both(refuse, lambda: ended.append(1))
    with pytest.raises(ValueError, match="no"):
        second.both(lambda: ended.append(2), refuse)
    assert ended == [1, 2]
    assert second.both(lambda: 3, lambda: 4) == (3, 4), "it goes on"
    second.close()


def test_a_thread_that_nobody_has_any_more_ends() -> None:
    second = SecondThread("forgotten")
    second.both(int, int)
    thread = next(each for each in threading.enumerate() if each.name == "forgotten")
    del second
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system sends no signals after a time")
def test_an_interruption_waits_for_the_other_thread_and_loses_no_turn() -> None:
    second, free = SecondThread("second"), threading.Event()

    def interrupt(_number: int, _frame: object) -> None:
        free.set()
        raise KeyboardInterrupt

    def wait(done: list[bool]) -> None:
        done.append(free.wait(10))

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(20):
            free.clear()
            done: list[bool] = []
            alarm = partial(signal.setitimer, signal.ITIMER_REAL, 0.005)
            with pytest.raises(KeyboardInterrupt):
                second.both(alarm, partial(wait, done))
            assert done == [True], "it had ended when the interruption came through"
            assert second.both(lambda: 1, lambda: 2) == (1, 2)
    finally:
        signal.signal(signal.SIGALRM, before)
    second.close()
