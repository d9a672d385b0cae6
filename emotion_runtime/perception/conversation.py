"""Owns the memory of what was said before in each conversation: the context that a line is understood in."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from emotion_runtime.perception.results import Line

MAX_CONVERSATIONS: Final = 4096
"""When more are open, the one that has been silent longest is forgotten."""


class Conversations:
    """The last `keep` lines of every conversation. Plain and deterministic: same calls, same answers."""

    def __init__(self, keep: int = 1, *, most: int = MAX_CONVERSATIONS) -> None:
        """`keep`: lines remembered per conversation, at least 0; `most`: conversations remembered, at least 1."""
        if keep < 0 or most < 1:
            raise ValueError(f"keep must be at least 0 and most at least 1, not {keep} and {most}")
        self._keep = keep
        self._most = most
        self._said: OrderedDict[str, deque[tuple[str, str]]] = OrderedDict()

    def context(self, conversation: str, speaker: str) -> tuple[Line, ...]:
        """What was said before, oldest first, as `speaker` sees it."""
        return tuple(Line(text, same_speaker=who == speaker) for who, text in self._said.get(conversation, ()))

    def say(self, conversation: str, speaker: str, text: str) -> tuple[Line, ...]:
        """The context of this line; afterwards the line is itself part of the conversation."""
        context = self.context(conversation, speaker)
        said = self._said.setdefault(conversation, deque(maxlen=self._keep))
        self._said.move_to_end(conversation)
        said.append((speaker, text))
        if len(self._said) > self._most:
            self._said.popitem(last=False)
        return context

    def forget(self, conversation: str) -> None:
        """Ends a conversation."""
        self._said.pop(conversation, None)
