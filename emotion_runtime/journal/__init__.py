"""Owns the public surface of the journal: what happened is on disk before anybody hears of it."""

from __future__ import annotations

from emotion_runtime.journal.format import JournalError
from emotion_runtime.journal.lock import FolderLock
from emotion_runtime.journal.recovery import Recovered, recover
from emotion_runtime.journal.writer import Journal

__all__ = ["FolderLock", "Journal", "JournalError", "Recovered", "recover"]
