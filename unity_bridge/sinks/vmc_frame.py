"""Owns one frame of the VMC protocol as an OSC bundle: which names are sent, and their numbers put into place."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from emotion_runtime.errors import MissingExtraError
from emotion_runtime.expression.shapes import ARKIT
from emotion_runtime.expression.vrm import PRESETS

OK: Final = "/VMC/Ext/OK"
TIME: Final = "/VMC/Ext/T"
VALUE: Final = "/VMC/Ext/Blend/Val"
APPLY: Final = "/VMC/Ext/Blend/Apply"

VRM0: Final[Mapping[str, str]] = {
    "happy": "Joy", "angry": "Angry", "sad": "Sorrow", "relaxed": "Fun", "surprised": "Surprised", "neutral": "Neutral",
    "aa": "A", "ih": "I", "ou": "U", "ee": "E", "oh": "O", "blink": "Blink", "blinkLeft": "Blink_L",
    "blinkRight": "Blink_R", "lookUp": "LookUp", "lookDown": "LookDown", "lookLeft": "LookLeft",
    "lookRight": "LookRight",
}  # fmt: skip
"""VRM 1.0 -> VRM 0.x, as in the protocol's own table. VRM 0.x has no surprise: `Surprised` is the name of the custom
clip in models of VRoid Studio; others ignore it."""


class VmcNames(StrEnum):
    """The names a receiver's model has. Names are case-sensitive, though most receivers forgive."""

    VRM0 = "vrm0"
    """Presets of VRM 0.x: what every receiver knows, also for models of VRM 1.0."""
    VRM1 = "vrm1"
    """Presets of VRM 1.0."""
    ARKIT = "arkit"
    """Apple's 52, spelled as Apple does."""
    PERFECT_SYNC = "perfect-sync"
    """Apple's 52 with a capital first letter, as VRM models with "perfect sync" name their clips."""


def columns(names: VmcNames) -> tuple[str, ...]:
    """The names as sent, in the order of `ARKIT` or of the 18 presets."""
    if names is VmcNames.ARKIT:
        return ARKIT
    if names is VmcNames.PERFECT_SYNC:
        return tuple(name[0].upper() + name[1:] for name in ARKIT)
    return PRESETS if names is VmcNames.VRM1 else tuple(VRM0[name] for name in PRESETS)


class VmcFrame:
    """A bundle that is built once; then only its numbers change, as they all have a fixed size.

    Order: OK (1), one Val a name, Apply, T (seconds). One bundle a frame: receivers apply all of it or nothing.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Raises MissingExtraError without python-osc."""
        builder, bundle, immediately = _osc()
        messages = [_message(builder, OK, ("i", 1))]
        messages += [_message(builder, VALUE, ("s", name), ("f", 0.0)) for name in names]
        messages += [_message(builder, APPLY), _message(builder, TIME, ("f", 0.0))]
        whole = bundle(immediately)
        for message in messages:
            whole.add_content(message)
        self._bytes = bytearray(whole.build().dgram)
        # "#bundle" and a time take 16 bytes; each message has its size before it and its last argument at its end
        end, ends = 16, []
        for message in messages:
            end += 4 + message.size
            ends.append(end)
        self._ok, *self._values = (place - 4 for place in ends[: 1 + len(names)])
        self._time = ends[-1] - 4

    def fill(self, weights: Sequence[float], seconds: float, *, loaded: bool = True) -> bytearray:
        """The datagram of these weights (one a name, 0..1). Borrowed until the next call."""
        struct.pack_into(">i", self._bytes, self._ok, int(loaded))
        for place, weight in zip(self._values, weights, strict=True):
            struct.pack_into(">f", self._bytes, place, weight)
        struct.pack_into(">f", self._bytes, self._time, seconds)
        return self._bytes


def _message(builder: Any, address: str, *arguments: tuple[str, Any]) -> Any:
    made = builder(address=address)
    for kind, value in arguments:
        made.add_arg(value, kind)
    return made.build()


def _osc() -> tuple[Any, Any, Any]:
    try:
        from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder  # noqa: PLC0415 - an optional extra
        from pythonosc.osc_message_builder import OscMessageBuilder  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "missing_extra",
            "python-osc is not installed, and VMC output needs it",
            'pip install "emotion-runtime[vmc]"',
        ) from error
    return OscMessageBuilder, OscBundleBuilder, IMMEDIATELY
