"""Unpacking what was sent, a piece at a time, so that a bomb goes off at the limit.

Sources: RFC 9110, 8.4.1 (content codings); RFC 1950, 1951, 1952.
"""

from __future__ import annotations

import zlib
from typing import Protocol

GZIP_MAGIC = b"\x1f\x8b\x08"
_PIECE = 1 << 16
#: So many codings over each other; nobody means more.
_MOST_CODINGS = 3


class Unpackable(ValueError):
    """It is not what it is said to be, or ends in the middle."""


class Unpacked(Protocol):
    """Takes in pieces and gives what they come to."""

    def take(self, piece: bytes) -> bytes:
        """What a piece comes to, perhaps nothing yet."""

    def end(self) -> None:
        """Raises :class:`Unpackable` if more should have come."""


class Plain:
    """What is not packed."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, piece: bytes) -> bytes:
        """The piece itself."""
        self._left -= len(piece)
        if self._left < 0:
            raise OverflowError
        return piece

    def end(self) -> None:
        """Nothing is lacking."""


class Inflated:
    """What is packed by gzip or deflate; raises :class:`OverflowError` at the limit."""

    def __init__(self, window: int, most: int) -> None:
        self._window, self._left = window, most
        self._inner = zlib.decompressobj(window)
        self._began = False

    def take(self, piece: bytes) -> bytes:
        """What the piece comes to."""
        parts: list[bytes] = []
        while piece:
            if self._inner.eof:  # a gzip file may be several, one after the other
                if self._window != _GZIP or not piece.strip(b"\0"):
                    break
                self._inner = zlib.decompressobj(self._window)
            parts.append(self._some(piece))
            piece = self._inner.unconsumed_tail or self._inner.unused_data
        return b"".join(parts)

    def _some(self, piece: bytes) -> bytes:
        try:
            part = self._inner.decompress(piece, _PIECE)
        except zlib.error as error:
            if self._began or self._window != _ZLIB:
                raise Unpackable(str(error)) from None
            # Half of the world takes "deflate" for the bare algorithm.
            self._window, self._inner = _RAW, zlib.decompressobj(_RAW)
            part = self._inner.decompress(piece, _PIECE)
        self._began = True
        self._left -= len(part)
        if self._left < 0:
            raise OverflowError
        return part

    def end(self) -> None:
        """Raises :class:`Unpackable` if it ended in the middle."""
        if self._began and not self._inner.eof:
            raise Unpackable("it ends in the middle")


_GZIP, _ZLIB, _RAW = 31, 15, -15
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
#: What is asked for.
CODINGS = "gzip, deflate"


def unpackers(codings: str, most: int) -> list[Unpacked]:
    """What undoes the codings of a ``Content-Encoding``, in the order it has to be done."""
    said = [one.strip().lower() for one in codings.split(",")]
    named = [one for one in said if one not in ("", "identity")]
    if strange := [one for one in named if one not in _WINDOWS]:
        raise Unpackable(f"the coding {strange[0][:40]!r} is not known here; {CODINGS} are")
    if len(named) > _MOST_CODINGS:
        raise Unpackable("it is packed again and again")
    return [Plain(most), *(Inflated(_WINDOWS[one], most) for one in reversed(named))]


def unpacked(content: bytes, most: int) -> bytes:
    """What is in a gzip file."""
    inner = Inflated(_GZIP, most)
    parts = [inner.take(content[at : at + _PIECE]) for at in range(0, len(content), _PIECE)]
    inner.end()
    return b"".join(parts)
