"""The examples of the page: a file each, tested against the demonstration records.

A file begins with ``# title:`` and may go on with ``# about:``; the rest is the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "examples"
_HEAD = re.compile(r"# (title|about): (.*)\n")


@dataclass(frozen=True)
class Example:
    """A query that somebody may begin from."""

    name: str
    title: str
    about: str
    query: str


@cache
def examples() -> Mapping[str, Example]:
    """Every example by its name, in the order of the files."""
    found = {}
    for file in sorted(_FOLDER.glob("*.rq")):
        text = file.read_text(encoding="utf-8")
        head = dict(_HEAD.findall(text))
        name = file.stem.partition("-")[2]
        query = _HEAD.sub("", text).strip() + "\n"
        found[name] = Example(name, head["title"], head.get("about", ""), query)
    return found
