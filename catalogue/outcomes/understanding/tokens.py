"""Sentences cut into words, numbers and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.search.analysis import fold
from catalogue.search.thesaurus import Typed, typed_of

_GROUPED = r"[,.'’ \u00a0\u202f]"
_TOKEN = re.compile(
    rf"""
    (?P<initials>(?<!\w)(?:[A-Za-z]\.){{2,}})
    | (?P<grouped>(?<![\w.,])\d{{1,3}}(?:{_GROUPED}\d{{3}})+(?!\w))
    | (?P<figure>(?<![\w.,])\d+(?:[.,]\d+)?(?=(?:k|K|M|m|mio|Mio|y|yr|yrs|mo)?\b)(?![.,]\d))
    | (?P<elided>(?<!\w)[cdjlmnstCDJLMNST]['’](?=\w\w))
    | (?P<word>[^\W_]+(?:['’][^\W_]+)*)
    | (?P<sign>>=|=>|<=|=<|[<>≥≤%+/&,;:?!().–—])
    | (?P<dash>(?<=\d)\s?-\s?(?=\d))
    """,
    re.X,
)
#: Greater numbers are a slip of a finger or an attack.
_GREATEST = 1e12
_PUNCTUATION = frozenset(",;:?!().–—")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign: where it stands, and what it is compared by.

    ``number`` is what it says in figures; ``split`` tells that it ends a clause.
    """

    text: str
    begin: int
    end: int
    folded: str
    typed: Typed
    number: float | None = None

    @property
    def splits(self) -> bool:
        """Whether it is punctuation."""
        return self.folded in _PUNCTUATION


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text; what is none of them (hyphens, quotation marks, d’) is passed over."""
    for match in _TOKEN.finditer(text):
        said, begin, end = match[0], match.start(), match.end()
        if match["elided"]:
            continue
        if match["grouped"] or match["figure"]:
            yield Token(said, begin, end, said, typed_of(said), _number(match))
        elif match["word"] or match["initials"]:
            yield Token(said, begin, end, fold(said), typed_of(said))
        else:
            said = "-" if match["dash"] else said
            yield Token(said, begin, end, said, Typed(said, ()))


def _number(match: re.Match[str]) -> float | None:
    """The number in figures: 5,000 and 5.000 and 5 000 are the same one."""
    if match["grouped"]:
        number = float(re.sub(r"\D", "", match["grouped"]))
    else:
        number = float(match[0].replace(",", "."))
    return number if number <= _GREATEST else None
