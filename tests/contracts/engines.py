"""The engines under contract, by name; run as a program it is a second process.

``python -m contracts.engines NAME FOLDER COMMAND`` takes one of these:

    steps FIRST    make the updates of a long series from a number on, for ever
    total          say how many records there are
    watch          say how many records there are after each line read
    cramped        try a large update where no file may be large, then a small one
    swap           build another index beside, of one entry, and let it take over
"""

from __future__ import annotations

import resource
import sys
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from contracts.entries import FIELDS, entries, step

from catalogue.search.engine import Request, SearchEngine
from catalogue.search.entry import Fields

NAMES = ("whoosh", "tantivy")


def is_installed(name: str) -> bool:
    """Whether the package of an engine is there."""
    return find_spec(name) is not None


def engine(name: str, folder: Path, fields: Fields = FIELDS) -> SearchEngine:
    """Open the index in a folder."""
    if name == "tantivy":
        from catalogue.search.tantivy import TantivyEngine

        return TantivyEngine(folder, fields)
    from catalogue.search.whoosh import WhooshEngine

    return WhooshEngine(folder, fields)


def main(name: str, folder: str, command: str, first: str = "1") -> None:
    """Do one command."""
    opened = engine(name, Path(folder))
    if command == "steps":
        for number in count(int(first)):
            opened.update(*step(number), number)
            print(number, flush=True)
    elif command == "total":
        print(opened.reader().find(Request()).total, opened.position, flush=True)
    elif command == "watch":
        opened.reader()
        print("ready", flush=True)
        for _ in sys.stdin:
            print(opened.reader().find(Request()).total, opened.position, flush=True)
    elif command == "cramped":
        opened.update(*step(1), 1)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            opened.update(entries(300), [], 2)
        except (OSError, ValueError):
            print("failed", flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        print(opened.reader().find(Request()).total, opened.position, flush=True)
        opened.update(*step(2), 2)
        print(opened.reader().find(Request()).total, opened.position, flush=True)
    elif command == "swap":
        beside = opened.beside()
        beside.update([one for one in entries(20) if one.kind == "dataset"][:1], [], 99)
        opened.take_over(beside)


if __name__ == "__main__":
    main(*sys.argv[1:])
