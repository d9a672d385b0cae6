"""Owns how the process of a command ends: in order, or at once where a model still holds a thread."""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Ends the process with `code`; everything that is to be closed has been.

    A model that is still loading or hangs keeps its thread inside ONNX Runtime. An interpreter that ends under such a
    thread is aborted as soon as the thread comes back (signal 6, "terminate called without an active exception": Python
    unwinds it through C++ that may not throw), so then nothing more is done than writing out what was printed.
    """
    service = sys.modules.get("emotion_runtime.perception.service")
    if service is not None and any(thread.name == service.WORKER for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)
