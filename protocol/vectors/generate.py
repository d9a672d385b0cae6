"""Owns the writing of the vector files: `python -m protocol.vectors.generate --write`."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from protocol.vectors import FOLDER, column_cases, malformed_cases, message_cases, session_cases

_BUILDERS: Final = {
    "messages": message_cases.build,
    "columns": column_cases.build,
    "malformed": malformed_cases.build,
    "session": session_cases.build,
}


def text_of(name: str) -> str:
    """Return the text of one vector file, one vector a line."""
    return _dump(_BUILDERS[name](), 0) + "\n"


def _dump(value: Any, level: int) -> str:
    """Write the outer four levels one item a line and what lies deeper compactly, so that a diff shows vectors."""
    if level == 4 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    pad = " " * (level + 1)
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {_dump(item, level + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(pad + item for item in items) + "\n" + " " * level + "}"
    return "[\n" + ",\n".join(pad + _dump(item, level + 1) for item in value) + "\n" + " " * level + "]"


def main(arguments: list[str]) -> int:
    """Write all vector files (`--write`). Returns the exit code."""
    if arguments != ["--write"]:
        sys.stderr.write("usage: python -m protocol.vectors.generate --write\n")
        return 2
    for name in _BUILDERS:
        (FOLDER / f"{name}.json").write_text(text_of(name), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
