"""Owns the schema digest that peers exchange: read from the generated schema, so no library version changes it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

SCHEMA_FILE: Final = Path(__file__).parent / "schema" / "messages.schema.json"


@cache
def schema_digest() -> str:
    """Return the digest that goes into `hello.schema` and `welcome.schema`: 16 hex digits."""
    return str(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["digest"])
