"""Owns the exception tree of the wire: what was wrong, where, and what to do, each with a stable code.

ProtocolError
  x MalformedError        malformed        the bytes are not a message of this protocol
  x TooLargeError         too_large        a message, text, list or column is longer than its limit
  x WrongVersionError     wrong_version    the peer speaks another protocol number
  x UnknownMessageError   unknown_message  a type this side does not know, or does not take here; skip it
  x BadValueError         bad_value        a value is of the wrong type, out of range or not finite
  x BadColumnError        bad_column       a column's length does not fit its row count
  x StaleEpochError       stale_epoch      the rows belong to another roster

Every code is a key of `protocol.ids.ERROR_CODES`. `UnknownMessageError` is the one to ignore (and count):
peers with more capabilities may send types that are not known here.
"""

from __future__ import annotations

from typing import ClassVar


class ProtocolError(Exception):
    """Base of all. `where` is a path such as `$.items[0].at`, or "" when the frame as a whole is at fault.

    `kind` and `seq` are the frame's own message type and number as far as they could be read ("" and 0 if not), so
    that a session can answer for a numbered message that it had to refuse.
    """

    code: ClassVar[str] = "malformed"

    def __init__(self, message: str, *, where: str = "", remedy: str = "", kind: str = "", seq: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy
        self.kind = kind
        self.seq = seq

    def __str__(self) -> str:
        """Give one line: code, where, what, remedy."""
        place = f" at `{self.where}`" if self.where else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.code}{place}: {self.message}{remedy}"


class MalformedError(ProtocolError):
    """The bytes are not one msgpack map with a text `type`, or are nested too deep, or hold invalid UTF-8."""

    code = "malformed"


class TooLargeError(ProtocolError):
    """A frame, text, list or column is longer than its limit in `protocol.ids`."""

    code = "too_large"


class WrongVersionError(ProtocolError):
    """The peer's protocol number `theirs` is not `ours`; None when it named none."""

    code = "wrong_version"

    def __init__(self, theirs: int | None, ours: int, *, kind: str = "") -> None:
        if theirs is None:
            message = f"the message names no protocol number; this side speaks protocol {ours}"
            remedy = f"send `v`: {ours} in every message"
        else:
            message = f"the peer speaks protocol {theirs}, this side protocol {ours}"
            older = "peer" if theirs < ours else "side that reports this"
            remedy = f"update the {older} to a version that speaks protocol {max(theirs, ours)}"
        super().__init__(message, where="$.v", remedy=remedy, kind=kind)
        self.theirs = theirs
        self.ours = ours


class UnknownMessageError(ProtocolError):
    """The message's type or topic is not known, or not taken at this place. Nothing else is wrong with it."""

    code = "unknown_message"


class BadValueError(ProtocolError):
    """A field is missing, of the wrong type, out of range or not finite."""

    code = "bad_value"


class BadColumnError(ProtocolError):
    """A column's byte length does not fit the rows and columns announced for it."""

    code = "bad_column"


class StaleEpochError(ProtocolError):
    """Columns refer to another roster than the one at hand."""

    code = "stale_epoch"
