"""Owns the golden vectors: bytes and session sequences that every client, in any language, must treat alike.

`python -m protocol.vectors.generate --write` renews the JSON files; `docs/protocol.md` says how a runner uses them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
FILES: Final = ("messages", "columns", "malformed", "session")


def load(name: str) -> dict[str, Any]:
    """Return one of `FILES` as it is on disk; numbers and bytes still in their JSON form."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document
