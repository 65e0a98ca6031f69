"""How texts and queries become terms: one analysis for every engine.

Two spellings of one word must give one term.  Case, diacritics, apostrophes, hyphens,
Greek letters and British or American spelling do not matter, and neither do endings
(Porter's stemmer).  A word is cut where letters meet digits, so that ``EQ-5D``, ``EQ 5D``
and ``EQ5D`` are the same three terms in a row.

An acronym gives a second term as it is written (``ALL`` beside the stop word ``all``,
``PCa`` beside ``pca``): capitals tell a leukaemia from a pronoun.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.porter import stem

#: Words that say nothing, in the languages that descriptions are written in.
STOP = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "can",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "many",
        "me",
        "my",
        "no",
        "nor",
        "not",
        "of",
        "on",
        "or",
        "our",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whose",
        "why",
        "will",
        "with",
        "you",
        "al",
        "das",
        "de",
        "dei",
        "del",
        "della",
        "dem",
        "den",
        "der",
        "des",
        "di",
        "du",
        "e",
        "een",
        "ein",
        "eine",
        "el",
        "en",
        "et",
        "fur",
        "het",
        "im",
        "la",
        "las",
        "le",
        "les",
        "lo",
        "los",
        "med",
        "mit",
        "och",
        "och",
        "pour",
        "sur",
        "te",
        "un",
        "una",
        "und",
        "une",
        "van",
        "voor",
        "von",
        "y",
        "zu",
        "zum",
        "zur",
    ]
)
#: The longest term; longer ones are noise or an attack, and are cut.
_LONGEST = 64
_MOST_REMEMBERED = 200_000

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
#: A word is cut where letters meet digits.
PIECE = re.compile(r"\d+|[^\W\d_]+")
_ELISION = re.compile(r"\A[cdjlmnst]['’](?=\w{2})", re.I)
_POSSESSIVE = re.compile(r"['’]s?\Z", re.I)
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "τ": "tau",
    "ω": "omega",
}
_SPECIAL = str.maketrans(
    {**_GREEK, "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "e", "œ": "e"}
)
#: British spelling made American, in this order, on words without accents.
_SPELLINGS = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"[ao]e", "e"),  # haematology, oedema, faecal, paediatric
        (r"(?<=[a-z]{2})our(?=(s|al|ally|ed|ing|able|ably|ism|ist|ite)?\Z)", "or"),
        (r"(?<=[a-z]{3})is(?=(e|ed|er|ers|es|ing|ation|ations|ational)\Z)", "iz"),
        (r"(?<=[a-z]{2})ys(?=(e|ed|er|ers|ing)\Z)", "yz"),
        (r"(?<=fib|ent|met|lit)re(?=s?\Z)", "er"),  # fibre, centre, metre, litre
        (r"mme(?=s?\Z)", "m"),
        (r"logue(?=s?\Z)", "log"),
        (r"(?<=[a-z]{3})ll(?=(ed|er|ers|ing|ment|ments)\Z)", "l"),
        (r"cence(?=s?\Z)", "cense"),
        (r"eing\Z", "ing"),  # ageing
    )
]


class Token(NamedTuple):
    """One term of a text: where it stands among the words, and among the characters.

    ``exact`` is the acronym as written, if the word is one.  ``term`` is empty for a stop
    word, which keeps its place.
    """

    term: str
    place: int
    start: int
    end: int
    exact: str = ""


_Pieces = tuple[tuple[str, int, int], ...]
_remembered: dict[str, tuple[_Pieces, str]] = {}


def tokens(text: str, only: Container[str] | None = None) -> Iterator[Token]:
    """The terms of a text in order; places count words, stop words included.

    ``only`` names the words whose terms are wanted; they keep their places.
    """
    place = 0
    shouting = text.isupper() and " " in text.strip()
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        pieces, exact = _read(word)
        if only is not None and word not in only:
            place += len(pieces)
            continue
        if shouting:
            exact = ""
        for term, begin, end in pieces:
            yield Token(term, place, start + begin, start + end, exact)
            exact = ""
            place += 1


class Wanted:
    """Terms and acronyms to be found in texts; one that ends in ``*`` is a beginning.

    Most texts hold none of them, and many (labels of concepts, names of holders) stand in
    several hits of a page.  Words and texts are judged once, so that a text without any
    wanted word is passed over at the cost of cutting it into words.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        every = frozenset(terms)
        self._starts = tuple(one[:-1] for one in every if one[-1] == "*")
        self._terms = every
        self._judged: set[str] = set()
        self._having: set[str] = set()
        self._texts: dict[str, list[Token]] = {}

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text that are wanted, with their places in the whole text."""
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._find(text)
        return known

    def _find(self, text: str) -> list[Token]:
        words = set(_WORD.findall(text))
        for word in words - self._judged:
            pieces, exact = _read(word)
            for term, _, _ in pieces:
                if self._is(term, exact):
                    self._having.add(word)
                    break
        self._judged |= words
        if self._having.isdisjoint(words):
            return []
        return [one for one in tokens(text, self._having) if self._is(one.term, one.exact)]

    def _is(self, term: str, exact: str) -> bool:
        return (
            term in self._terms
            or exact in self._terms
            or bool(self._starts and term.startswith(self._starts))
        )


def _read(word: str) -> tuple[_Pieces, str]:
    """The pieces of a word and the acronym it is, if it is one."""
    known = _remembered.get(word)
    if known is None:
        known = (_pieces(word), acronym(word))
        if len(_remembered) > _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[word] = known
    return known


def terms(text: str) -> tuple[str, ...]:
    """The terms of a text without stop words; of a text of stop words only, those."""
    found = tuple(token.term for token in tokens(text) if token.term)
    return found or tuple(fold(match[0])[:_LONGEST] for match in _WORD.finditer(text))


def acronym(word: str) -> str:
    """The word itself if it is written like an acronym (``AML``, ``PCa``), else nothing."""
    capitals = sum(map(str.isupper, word))
    return word if 2 <= len(word) <= 8 and capitals >= 2 and word.isalpha() else ""


@lru_cache(_MOST_REMEMBERED)
def fold(word: str) -> str:
    """A word in lower case, without accents, in American spelling; not stemmed."""
    word = word.lower().translate(_SPECIAL)
    if not word.isascii():
        bare = unicodedata.normalize("NFKD", word)
        word = "".join(c for c in bare if not unicodedata.combining(c))
    for pattern, to in _SPELLINGS:
        word = pattern.sub(to, word)
    return word


def _pieces(word: str) -> _Pieces:
    """The terms of a word, with where in it they stand; a stop word gives an empty one."""
    found = []
    begin = match.end() if (match := _ELISION.match(word)) else 0
    bare = _POSSESSIVE.sub("", word[begin:])
    # In a code no letter is a stop word: I50 would be any 50.
    stop: frozenset[str] = frozenset() if any(map(str.isdigit, bare)) else STOP
    for piece in PIECE.finditer(bare):
        folded = fold(piece[0])[:_LONGEST]
        term = "" if folded in stop else stem(folded) if len(folded) > 3 else folded
        found.append((term, begin + piece.start(), begin + piece.end()))
    return tuple(found)
