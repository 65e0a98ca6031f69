"""The words that questions are asked in, beside the names of concepts: ``words.csv``.

A row gives words a ``role`` and what they mean in it.  The same words may have several roles;
which one counts is seen from what stands beside them (``reading.py``).

``compare``        before a number: least, most, exact, each, from, until, between
``compare-after``  behind a number; ``compare-age``: of ages
``number``         a number in words; ``times``: what the number before it is multiplied with
``time``           a unit of time, in months; ``unit``: people, percent, items
``to``, ``of``     between two numbers
``about``          what a number is about: a kind of criterion, or a qualifier
``interval``       how often, in months
``full``           what share of a set; ``joins``: stands between the words for a set
``means``          a criterion or qualifier as it is written in an address
``needs``          names of that kind are heeded only where one of these words is said
``never``          names that everyday words are, too: not heeded alone
``prefer``         of a name in several lists that kind is meant, in this order
``either``         kinds of which several are alternatives, also with *and*
``or``, ``and``, ``with``, ``not``  between names; *not* before one
``recent``         a time up to now, which no question can ask for
``filler``         words that every question has
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalogue.errors import FaultyTable
from catalogue.outcomes.understanding.tokens import Token, tokens

_FILE = Path(__file__).with_name("words.csv")
_ROLES = frozenset(
    (
        *("compare", "compare-after", "compare-age", "number", "times", "time", "unit", "to", "of"),
        *("about", "interval", "full", "joins", "recent", "or", "and", "not", "with", "filler"),
        *("means", "needs", "never", "prefer", "either"),
    )
)

#: What some words mean, by the role they mean it in.
Roles = Mapping[str, Sequence[str]]


class Sayings:
    """The phrases of the table; the longest one wins."""

    def __init__(self, file: Path = _FILE) -> None:
        self._phrases: dict[tuple[str, ...], dict[str, list[str]]] = {}
        #: The rows of roles that say something of kinds and not of sentences.
        self.prefer: list[str] = []
        self.either: frozenset[str] = frozenset()
        self.needs: dict[str, set[tuple[str, ...]]] = {}
        with file.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                if row["role"] not in _ROLES:
                    raise FaultyTable(f'{file}:{number}: role is "{row["role"]}"')
                self._learn(row["role"], row["means"], row["words"].split("|"))
        self._longest = max(map(len, self._phrases))

    def _learn(self, role: str, means: str, words: Sequence[str]) -> None:
        if role == "prefer":
            self.prefer.append(means)
        elif role == "either":
            self.either = frozenset(words)
        elif role == "needs":
            self.needs[means] = {folded(one) for one in words}
        else:
            for one in words:
                phrase = folded(one) or (one,)  # a hyphen is no token but between numbers
                self._phrases.setdefault(phrase, {}).setdefault(role, []).append(means)

    def at(self, said: Sequence[Token], start: int) -> tuple[int, Roles]:
        """The longest phrase that begins at a token: how many tokens, and its roles."""
        for length in range(min(self._longest, len(said) - start), 0, -1):
            phrase = tuple(one.folded for one in said[start : start + length])
            if found := self._phrases.get(phrase):
                return length, found
        return 0, {}

    def knows(self, word: Token) -> bool:
        """Whether a word alone is in the table."""
        return (word.folded,) in self._phrases

    def means(self) -> list[str]:
        """Every criterion and qualifier that words may mean."""
        found = (means for roles in self._phrases.values() for means in roles.get("means", ()))
        return list(dict.fromkeys(found))


def folded(phrase: str) -> tuple[str, ...]:
    """A phrase as the tokens of a sentence are compared."""
    return tuple(one.folded for one in tokens(phrase))
