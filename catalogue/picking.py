"""Things by the names people type: whole names, beginnings of words, small slips.

Case, accents and punctuation do not matter.  A picker is built once for what it holds;
a question looks only at the names that share the beginning of a word with it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from rapidfuzz import fuzz, process

T = TypeVar("T", bound=Hashable)

#: How many letters of a word its names are kept under; how alike a slip must be, of 100.
_START, _ALIKE = 2, 80
_LONGEST = 200


class _Name(NamedTuple):
    words: tuple[str, ...]
    text: str
    place: int  # the earlier a name was given, the better it is known


class Picker(Generic[T]):
    """Finds things by their names; the first name of a thing is the one it is shown by."""

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        self._whole: dict[str, list[T]] = {}
        self._starts: dict[str, list[tuple[_Name, T]]] = {}
        self._all: list[tuple[str, _Name, T]] = []
        for place, (text, thing) in enumerate(names):
            words = words_of(text)
            folded = " ".join(words)
            if not words:
                continue
            known = self._whole.setdefault(folded, [])
            if thing not in known:
                known.append(thing)
            name = _Name(words, text, place)
            self._all.append((folded, name, thing))
            for start in {word[:_START] for word in words}:
                self._starts.setdefault(start, []).append((name, thing))

    def exactly(self, text: str) -> list[T]:
        """The things of that very name; several if it is not unique."""
        return self._whole.get(" ".join(words_of(text)), [])

    def like(self, text: str, most: int) -> list[tuple[T, str]]:
        """The things whose names fit, each with the name that did, the likeliest first."""
        typed = words_of(text)
        if not typed:
            return []
        found: dict[T, str] = dict.fromkeys(self.exactly(text), text)
        for name, thing in sorted(self._beginning(typed), key=lambda pair: _rank(pair[0], typed)):
            found.setdefault(thing, name.text)
        if not found:
            found = dict(self._near(" ".join(typed), most))
        return list(found.items())[:most]

    def _beginning(self, typed: tuple[str, ...]) -> Iterator[tuple[_Name, T]]:
        """The names in which each word typed begins a word."""
        start = max(typed, key=len)[:_START]
        for name, thing in self._starts.get(start, ()):
            if all(any(word.startswith(one) for word in name.words) for one in typed):
                yield name, thing

    def _near(self, folded: str, most: int) -> Iterator[tuple[T, str]]:
        """The names that differ by a slip."""
        choices = [name for name, _, _ in self._all]
        for _, _, at in process.extract(
            folded, choices, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=most
        ):
            _, name, thing = self._all[at]
            yield thing, name.text


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and punctuation."""
    bare = unicodedata.normalize("NFKD", text[:_LONGEST]).casefold()
    kept = "".join(
        one if one.isalnum() else "" if unicodedata.combining(one) or one in "'’" else " "
        for one in bare
    )
    return tuple(kept.split())


def _rank(name: _Name, typed: tuple[str, ...]) -> tuple[bool, int, int]:
    return (not name.words[0].startswith(typed[0]), len(name.words), name.place)
