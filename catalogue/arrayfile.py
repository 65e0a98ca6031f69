"""Arrays in a file that is written whole or not at all, and mapped into memory when read.

Such a file is always a cache: who reads one that is missing, damaged or of another kind gets
an ``OSError``, ``ValueError`` or ``KeyError``, and makes the arrays again.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def save(file: Path, magic: bytes, arrays: Mapping[str, Array], header: Mapping[str, Any]) -> None:
    """Write a file whole or not at all; ``magic`` are eight bytes that tell its kind."""
    places, at = {}, 0
    for name, array in arrays.items():
        places[name] = [array.dtype.str, array.shape, at]
        at += -array.nbytes // 8 * -8
    said = json.dumps({**header, "arrays": places}).encode()
    said += b" " * (-len(said) % 8)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with unfinished.open("wb") as out:
        out.write(magic + len(said).to_bytes(8, "little") + said)
        for array in arrays.values():
            out.write(array.tobytes() + b"\0" * (-array.nbytes % 8))
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)


def load(file: Path, magic: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of a file, and its header."""
    with file.open("rb") as opened:
        whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if whole[:8] != magic:
        raise ValueError("not a file of this kind")
    size = int.from_bytes(whole[8:16], "little")
    header = json.loads(whole[16 : 16 + size])
    arrays = {}
    for name, (dtype, shape, at) in header.pop("arrays").items():
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(whole, dtype, count, 16 + size + at).reshape(shape)
    return arrays, header


def checksum(arrays: Mapping[str, Array]) -> int:
    """Tells arrays from others: for a header, where a damaged value would not be noticed."""
    found = 0
    for array in arrays.values():
        found = zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data, found)
    return found
