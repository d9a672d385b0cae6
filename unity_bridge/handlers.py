"""Owns what an engine client calls: a function of the game for each kind of update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from protocol import messages
from protocol.faces import FacesView
from protocol.views import TickView

Update: TypeAlias = (
    TickView
    | messages.Snapshot
    | messages.Roster
    | messages.Start
    | messages.Stop
    | messages.Perception
    | messages.Variables
    | messages.Owned
    | messages.Notice
    | messages.Refused
    | messages.Bye
    | FacesView
)
"""What `poll` returns. A second Snapshot means: another world, forget everything."""


class Handlers:
    """`on_...` functions; None: nobody is called. `poll` returns every update anyway."""

    def __init__(self) -> None:
        self.on_start: Callable[[messages.Start], None] | None = None
        self.on_stop: Callable[[messages.Stop], None] | None = None
        self.on_perception: Callable[[messages.Perception], None] | None = None
        self.on_frame: Callable[[TickView], None] | None = None
        self.on_variables: Callable[[messages.Variables], None] | None = None
        self.on_owned: Callable[[messages.Owned], None] | None = None
        self.on_notice: Callable[[messages.Notice], None] | None = None
        self.on_snapshot: Callable[[messages.Snapshot], None] | None = None
        self.on_faces: Callable[[FacesView], None] | None = None

    def _dispatch(self, update: Update) -> None:
        call: Callable[[Any], None] | None = None
        match update:
            case messages.Start():
                call = self.on_start
            case messages.Stop():
                call = self.on_stop
            case messages.Perception():
                call = self.on_perception
            case messages.Variables():
                call = self.on_variables
            case messages.Owned():
                call = self.on_owned
            case messages.Notice():
                call = self.on_notice
            case messages.Snapshot():
                call = self.on_snapshot
            case TickView():
                call = self.on_frame
            case FacesView():
                call = self.on_faces
        if call is not None:
            call(update)
