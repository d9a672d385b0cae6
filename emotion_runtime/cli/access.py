"""Owns who may connect to `serve`, from its options, and `emotion-runtime keygen`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emotion_runtime.errors import UsageError

if TYPE_CHECKING:
    from unity_bridge.access import Access


class RoleName(StrEnum):
    """What a peer may do; the table is in docs/security.md."""

    VIEWER = "viewer"
    ENGINE = "engine"
    EDITOR = "editor"


def access(token_file: Path | None, curve: Path | None) -> Access:
    """Make tokens, not yet written, or read keys, as asked. Raises UsageError when both are, or a file is unusable."""
    from unity_bridge.access import Access, new_tokens
    from unity_bridge.access.keys import read_sidecar_keys

    if token_file is not None and curve is not None:
        raise UsageError("bad_credentials", "--token-file and --curve exclude each other", "keys prove more: --curve")
    if curve is not None:
        return Access(keys=read_sidecar_keys(curve))
    return Access() if token_file is None else Access(tokens=new_tokens(token_file))


def keygen(
    folder: Annotated[Path, typer.Argument(help="Where the keys are, or are to be.")],
    client: Annotated[str, typer.Option(help="Make keys for a client of this name.")] = "game",
    role: Annotated[RoleName, typer.Option(help="What that client may do.")] = RoleName.ENGINE,
    as_json: Annotated[bool, typer.Option("--json", help="One object on the last line.")] = False,
) -> None:
    """Make CURVE keys: the sidecar's, once, and a client's. Secret keys are in files that only you can read."""
    from unity_bridge.access.keys import SIDECAR_FILE, add_client, make_sidecar_keys

    sidecar = make_sidecar_keys(folder)
    file, public = add_client(folder, client, role.value)
    if as_json:
        told = {"folder": str(folder), "sidecar": sidecar, "client": public, "role": role.value, "file": str(file)}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(
        f"sidecar  {sidecar}  ({folder / SIDECAR_FILE}; stays here)\n"
        f"{role.value}   {public}  ({file}; carry it to the machine of {client}, by a way that nobody else reads)\n"
        f"now: emotion-runtime serve SCENE --host 0.0.0.0 --curve {folder}\n"
    )
