"""Entries by the hundred thousand, as an index takes them in, without a database.

At most ``DISTINCT`` of them are made from documents; beyond that the same ones come again
with another id, number in the title, date and sizes.  So the largest indexes have as many
records, postings and facet values as they should, but words that are rare among the first
records are as many times commoner as the records were repeated.
"""

from __future__ import annotations

import pickle
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from records import agents, catalogues, described

from catalogue.folders import folder
from catalogue.profile import Profile
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.records import Records
from catalogue.search.analysis import terms
from catalogue.search.entry import Called, Entry, entry_of
from catalogue.vocabulary import Vocabularies

DISTINCT = 50_000
_CHUNK = 1_000
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def profile() -> Profile:
    """The profile of the project."""
    vocabularies = Vocabularies.read(folder("vocabularies"))
    return Profile.read(folder("schemas"), "outcome-ap", vocabularies)


class _CalledSo(Called):
    """What organisations and catalogues are called, from a dictionary."""

    def __init__(self) -> None:
        self._names = {f"id/agent/{key}": [told["name"]["en"]] for key, told in agents()}
        for key, told in catalogues():
            self._names[f"id/catalogue/{key}"] = [told["title"]["en"]]

    def __call__(self, references: Iterable[str]) -> Mapping[str, list[str]]:
        return self._names


def made(count: int, seed: int = 7) -> Iterator[Entry]:
    """Entries of documents that are stored nowhere."""
    used = profile()
    records, called = Records(used), _CalledSo()
    for number, (key, document) in enumerate(described(used, count, seed), start=1):
        record = Record(
            id=number,
            kind="dataset",
            key=key,
            iri=f"id/dataset/{key}",
            slug=key,
            state=PUBLISHED,
            revision=1,
            document=document,
            modified=_BEGINNING + timedelta(minutes=number),
        )
        # No session is asked for anything: the names are known.
        entry = entry_of(records, None, record, called)  # type: ignore[arg-type]
        assert entry is not None
        yield entry


def renamed(entry: Entry, number: int, addition: str = "") -> Entry:
    """The same entry with another number at the end of its title, and perhaps another word."""
    words, _, _ = entry.title.rpartition(" ")
    title = f"{words} {addition} {number}" if addition else f"{words} {number}"
    return replace(
        entry,
        title=title,
        texts={**entry.texts, "title": [title], "identifier": [f"d-{number}"]},
        names=frozenset({terms(title), terms(f"d-{number}")}),
    )


def _again(entry: Entry, number: int) -> Entry:
    """An entry as another record of the same kind: id, title, date and sizes differ."""
    random_ = random.Random(number)
    factor = random_.uniform(0.5, 2)
    sizes = {
        name: (round(low * factor), round(high * factor))
        for name, (low, high) in entry.ranges.items()
        if name in ("number_of_unique_individuals", "persons")
    }
    other = renamed(entry, number - 1)
    modified = _BEGINNING + timedelta(minutes=number)
    return replace(other, record=number, modified=modified, ranges={**entry.ranges, **sizes})


class Entries:
    """Entries in a file: made once, read in chunks by every process that measures.

    ``making`` are the seconds that making took, ``reading`` those of reading so far; what
    an engine takes is told without either.
    """

    def __init__(self, file: Path, most: int) -> None:
        self._file, self.reading = file, 0.0
        begin = time.perf_counter()
        self.distinct = min(most, DISTINCT)
        if not file.exists():
            with file.open("wb") as out:
                chunk: list[Entry] = []
                for entry in made(self.distinct):
                    chunk.append(entry)
                    if len(chunk) == _CHUNK:
                        pickle.dump(chunk, out, pickle.HIGHEST_PROTOCOL)
                        chunk = []
                pickle.dump(chunk, out, pickle.HIGHEST_PROTOCOL)
        self.making = time.perf_counter() - begin

    def first(self, count: int) -> Iterator[Entry]:
        """So many entries; the same for the same number."""
        given = 0
        while given < count:
            before = given
            for chunk in self._chunks():
                begin = time.perf_counter()
                wanted = chunk[: count - given]
                if before:
                    wanted = [_again(one, given + n) for n, one in enumerate(wanted, start=1)]
                given += len(wanted)
                self.reading += time.perf_counter() - begin
                yield from wanted
                if given == count:
                    return

    def _chunks(self) -> Iterator[list[Entry]]:
        with self._file.open("rb") as opened:
            while True:
                begin = time.perf_counter()
                try:
                    chunk = pickle.load(opened)
                except EOFError:
                    return
                self.reading += time.perf_counter() - begin
                yield chunk
