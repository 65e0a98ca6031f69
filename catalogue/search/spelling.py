"""Did you mean: the nearest word that descriptions or vocabularies hold.

Distance counts letters left out, added, changed or swapped (optimal string alignment);
among equally near words the commonest is meant.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalogue.search.analysis import STOP, fold
from catalogue.search.thesaurus import Typed, typed_of

#: Words of fewer letters are not corrected: nearly every one is near another.
_SHORTEST = 4
#: From so many letters on, two mistakes may be put right.
_LONG, _LONGEST = 8, 40
_MOST = 50


class Spelling:
    """The readable words of one state of the index, and of the vocabularies."""

    def __init__(self, words: Callable[[], Mapping[str, int]], also: Iterable[str]) -> None:
        self._words, self._also = words, also

    @cached_property
    def _common(self) -> Mapping[str, tuple[int, str]]:
        """The words by their folded forms: how common each is, and how it is written.

        Worked out when first needed: most searches hold no unknown word, and every change
        of the index makes a new spelling.
        """
        common: dict[str, tuple[int, str]] = {}
        for word, number in (*self._words().items(), *((word, 0) for word in self._also)):
            folded = fold(word)
            if len(folded) >= _SHORTEST and folded not in STOP:
                before, shown = common.get(folded, (0, word))
                common[folded] = (before + number, shown if before >= number else word)
        return common

    @cached_property
    def _folded(self) -> Sequence[str]:
        return sorted(self._common)

    def nearest(self, word: str, most: int = 2) -> str:
        """The word that was probably meant, at most so many mistakes away; empty if none is.

        Two mistakes are believed in long words only, and with the right first letter.
        """
        folded = fold("".join(c for c in word if c.isalpha()))
        if not _SHORTEST <= len(folded) <= _LONGEST:
            return ""
        most = most if len(folded) >= _LONG else 1
        near = process.extract(
            folded, self._folded, scorer=OSA.distance, score_cutoff=most, limit=_MOST
        )
        near = [one for one in near if one[1] < 2 or one[0][0] == folded[0]]
        if not near:
            return ""
        best = min(near, key=lambda one: (one[1], one[0][0] != folded[0], -self._common[one[0]][0]))
        return self._common[best[0]][1]

    def split(self, word: str, known: Callable[[Typed], bool]) -> str:
        """Two words that were written as one (``childcare``); empty if they are none."""
        if not word.isalpha() or not 5 <= len(word) <= _LONGEST:
            return ""
        for at in sorted(range(1, len(word) - 1), key=lambda n: abs(n - len(word) / 2)):
            first, second = word[:at], word[at:]
            if at == 1 and first.lower() != "e":  # ePrescriptions
                continue
            if known(typed_of(first)) and known(typed_of(second)):
                return f"{first} {second}"
        return ""

    def completions(self, start: str, most: int) -> list[str]:
        """The commonest words that begin so, as they are written."""
        folded = fold(start)
        found = sorted(self._beginning(folded), key=lambda word: (-self._common[word][0], word))
        return [self._common[word][1] for word in found[:most]]

    def _beginning(self, start: str) -> Sequence[str]:
        begin = bisect_left(self._folded, start)
        return self._folded[begin : bisect_left(self._folded, start + "\U0010ffff")]
