"""JSON-LD without what it would have fetched, and without what would end the process.

A context that is somewhere else is never fetched: whoever writes a document could have this
program ask any address, and could change what the document means from one day to the next.
Source: JSON-LD 1.1, sections 3.1 and 4.1.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

#: How deep a document may be nested; 5,000 levels end the process that parses it.
_DEEPEST = 200
#: Where a catalogue of this program keeps its context.
_OURS = "profile/context.jsonld"
_SCRIPT = re.compile(
    rb"""<script\b[^>]*\btype\s*=\s*["']?application/ld\+json\b[^>]*>(.*?)</script\s*>""",
    re.I | re.S,
)
_SHOWN = 120


class Unusable(ValueError):
    """The document cannot be read; ``remote`` if only because of a context elsewhere."""

    def __init__(self, said: str, remote: str = "") -> None:
        super().__init__(said)
        self.remote = remote


def prepared(text: bytes, address: str, ours: Mapping[str, Any]) -> bytes:
    """A JSON-LD document with all its contexts in it.  Raises :class:`Unusable`.

    ``ours`` is what stands for the context of a catalogue of this program.
    """
    content = _loaded(text)
    plain = text.count(b'"@context"') == 1 and isinstance(content, dict)
    if plain and isinstance(content.get("@context"), dict) and b'"@import"' not in text:
        return text
    if b"@context" not in text and b"\\u" not in text:
        return text
    for holder in _holders(content):
        holder["@context"] = _inlined(holder["@context"], address, ours)
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def _loaded(text: bytes) -> Any:
    """The JSON; Python's own parser keeps count of the depth."""
    usual, depth = sys.getrecursionlimit(), _depth()
    try:
        sys.setrecursionlimit(depth + _DEEPEST)
        return json.loads(text)
    except RecursionError:
        raise Unusable(f"It is nested deeper than {_DEEPEST} levels.") from None
    except ValueError as error:
        raise Unusable(f"It is not JSON: {error}") from None
    finally:
        sys.setrecursionlimit(usual)


def _depth() -> int:
    """How deep this process is in its own calls."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    return depth + 10


def _holders(content: Any) -> Iterator[dict[str, Any]]:
    """Every object with a context, those inside contexts included."""
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "@import" in one:
                raise Unusable(_refusal(str(one["@import"])), str(one["@import"]))
            if "@context" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _inlined(context: Any, address: str, ours: Mapping[str, Any]) -> Any:
    if isinstance(context, list):
        return [_inlined(one, address, ours) for one in context]
    if not isinstance(context, str):
        return context
    if urljoin(address, context).endswith(_OURS) and ours:
        return dict(ours)
    raise Unusable(_refusal(context), context)


def _refusal(context: str) -> str:
    return (
        f"Its context {context[:_SHOWN]} is kept elsewhere, and contexts are not fetched; have "
        "the source write it into the document."
    )


def scripts(html: bytes) -> list[bytes]:
    """The JSON-LD in a web page."""
    return [found[1].strip() for found in _SCRIPT.finditer(html)]
