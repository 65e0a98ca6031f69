"""What Oxigraph says of a query that it cannot read, in words for who wrote it."""

from __future__ import annotations

import re

from catalogue.sparql.store import Malformed

_SAID = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
#: Among the tokens that a grammar expected, which mislead more than they help, stand reasons.
_REASON = re.compile(r"(?:^|, )([A-Z][\w' ]* [a-z]{3}[^,\[\]\"|]*)")


def malformed(said: str, text: str, shift: int = 0) -> Malformed:
    """The fault of a query with its place; ``shift`` is what was put before its first line."""
    match = _SAID.match(said)
    if match is None:
        return Malformed(said[:500])
    line, column = int(match[1]), int(match[2])
    column = max(1, column - shift) if line == 1 else column
    reason = _REASON.search(match[3])
    if reason is None:
        return Malformed("The query cannot be read from here on.", line, column)
    if reason[1].startswith("Prefix not found"):
        word = _before(text, line, column)
        begin = max(1, column - len(word))
        return Malformed(f"The prefix of {word} is not declared.", line, begin)
    return Malformed(reason[1].strip() + ".", line, column)


def _before(text: str, line: int, column: int) -> str:
    """The word that ends at a place."""
    lines = text.split("\n")
    written = lines[line - 1][: column - 1] if line <= len(lines) else ""
    words = written.split()
    return words[-1][-80:] if words else "the name"
