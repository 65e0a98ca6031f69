"""XML as text: whatever a record says, what comes out is well formed.

Source: XML 1.0, productions 2 (the characters there are) and 14, https://www.w3.org/TR/xml/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_INSTEAD = "\ufffd"
_NONE: Mapping[str, str] = {}


def said(text: object) -> str:
    """A text as the content of an element; what XML cannot carry becomes U+FFFD."""
    return escape(_ILLEGAL.sub(_INSTEAD, str(text)))


def element(
    name: str, content: str | Iterable[str] = "", attributes: Mapping[str, str] = _NONE
) -> str:
    """An element with content that is XML already; an empty attribute is left out."""
    given = "".join(
        f" {key}={quoteattr(_ILLEGAL.sub(_INSTEAD, value))}"
        for key, value in attributes.items()
        if value
    )
    within = content if isinstance(content, str) else "".join(content)
    return f"<{name}{given}>{within}</{name}>" if within else f"<{name}{given}/>"


def text(name: str, content: object, attributes: Mapping[str, str] = _NONE) -> str:
    """An element that holds a text."""
    return element(name, said(content), attributes)
