"""Owns the jobs that wait for a model: who is next, who is given up first, who waited too long."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from emotion_runtime.perception.results import Job

J = TypeVar("J", bound=Job)


class Waiting(Generic[J]):
    """Two queues: jobs that somebody is addressed by come first, what is only overheard after them.

    Each entry carries its number of submission and the time it came. Not thread-safe: the owner holds a lock.
    """

    def __init__(self) -> None:
        self._lanes: tuple[deque[tuple[int, J, float]], deque[tuple[int, J, float]]] = (deque(), deque())

    def __len__(self) -> int:
        return sum(map(len, self._lanes))

    def put(self, number: int, job: J, now: float) -> None:
        """A job came at `now` seconds."""
        self._lanes[not job.addressed].append((number, job, now))

    def take(self, most: int) -> list[tuple[int, J]]:
        """The next jobs, `most` at most: addressed before overheard, older before newer."""
        taken: list[tuple[int, J]] = []
        for lane in self._lanes:
            while lane and len(taken) < most:
                number, job, _ = lane.popleft()
                taken.append((number, job))
        return taken

    def oldest(self) -> tuple[int, J]:
        """Takes out the one that is missed least: the oldest overheard, or else the oldest. Raises IndexError."""
        number, job, _ = (self._lanes[1] or self._lanes[0]).popleft()
        return number, job

    def stale(self, before: float) -> list[tuple[int, J]]:
        """Takes out all that came earlier than `before`."""
        gone: list[tuple[int, J]] = []
        for lane in self._lanes:
            while lane and lane[0][2] < before:
                number, job, _ = lane.popleft()
                gone.append((number, job))
        return gone

    def remove(self, ticket: int) -> list[tuple[int, J]]:
        """Takes out the jobs with this ticket."""
        gone: list[tuple[int, J]] = []
        for lane in self._lanes:
            found = [entry for entry in lane if entry[1].ticket == ticket]
            for entry in found:
                lane.remove(entry)
                gone.append(entry[:2])
        return gone
