"""Owns the words of `session.json`: its sequences are put together from these steps."""

from __future__ import annotations

from typing import Any

from protocol.vectors.samples import SESSION

V = {"v": 1}
LOST = {"disconnect": True}
BACK = {"connect": True}
SILENT = {"silent": True}
TICK = {"advance": 0.02}


def sequence(role: str, comment: str, *steps: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A sequence with the setting that most have."""
    setup = {"session": SESSION, "credit": 2, "window": 4, "characters": ["ann", "bob"], **given}
    return {"role": role, "comment": comment, "given": setup, "steps": list(steps)}


def receive(type: str, **fields: Any) -> dict[str, Any]:
    """A message arrives."""
    return {"receive": {"type": type, **fields, **V}}


def send(type: str, **fields: Any) -> dict[str, Any]:
    """A message leaves; only the fields given are compared."""
    return {"send": {"type": type, **fields}}


def hello(**fields: Any) -> dict[str, Any]:
    """An engine says hello."""
    return receive("hello", client="unity", **fields)


def batch(seq: int, *names: str, **fields: Any) -> dict[str, Any]:
    """A batch of events."""
    return {"type": "observations", "seq": seq, "items": [{"kind": "event", "name": n} for n in names], **fields, **V}


def unnumbered(*names: str) -> dict[str, Any]:
    """A batch before it has its number."""
    return {key: value for key, value in batch(1, *names).items() if key != "seq"}


def command(action: int, **fields: Any) -> dict[str, Any]:
    """A command that stops one action."""
    stop = {"kind": "stop", "action": action, "character": "ann", "rule": "r", "reason": "success"}
    return {"type": "command", "tick": 1, "commands": [stop], **fields}


def values(**values: float) -> dict[str, Any]:
    """Variables that rules have set."""
    return {"type": "variables", "tick": 1, "values": values}
