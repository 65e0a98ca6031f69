"""What somebody asked the catalogue, a search or a question, kept as its address.

Statements, saved searches and digests treat both alike: an address that can be asked again,
and the records that answer it now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.orm import Session

from catalogue.errors import BadRequest
from catalogue.outcomes.fit import Fitter
from catalogue.outcomes.questions import PATH, Question, Questions
from catalogue.search.finder import Finder
from catalogue.search.given import Given
from catalogue.search.query import Query

#: The most records of one answer that are kept or compared.
MOST_HITS = 10_000
SEARCH, QUESTION = "/datasets", PATH
#: The longest address that is read, and so kept.
LONGEST_ADDRESS = 8_000


class Asked(Protocol):
    """A search or a question."""

    @property
    def address(self) -> str:
        """Its address below the catalogue's, in one way of writing."""

    @property
    def words(self) -> str:
        """The free words in it; empty if there are none."""

    def hits(self, session: Session) -> Mapping[int, str]:
        """The records that answer it now, best first, each with how it fits; both may be kept.

        Of a search every hit; of a question those that meet all criteria, or all but one.
        Raises :class:`BadRequest` if there are more than :data:`MOST_HITS`.
        """


@dataclass(frozen=True)
class AskedSearch:
    """A search for datasets."""

    query: Query
    finder: Finder

    @property
    def address(self) -> str:
        """Its address, from the first page on."""
        return self.query.turned(1).address(SEARCH)

    @property
    def words(self) -> str:
        """What was typed."""
        return self.query.text

    def hits(self, session: Session) -> Mapping[int, str]:
        """Every hit; none where the words had to be relaxed to find any."""
        answer = self.finder.find(replace(self.query, page=1, size=MOST_HITS), counting=False)
        if answer.relaxed:
            return {}
        _not_too_many(answer.total)
        return dict.fromkeys(answer.records, "")


@dataclass(frozen=True)
class AskedQuestion:
    """A question."""

    question: Question
    questions: Questions
    fitter: Fitter

    @property
    def address(self) -> str:
        """Its address."""
        return self.questions.address(self.question)

    @property
    def words(self) -> str:
        """The words that rank."""
        return self.question.text

    def hits(self, session: Session) -> Mapping[int, str]:
        """The datasets that meet all criteria or all but one, as “4 of 5, 1 not stated”."""
        number = len(self.question.criteria)
        listed = self.fitter.listed(session, self.question)
        _not_too_many(len(listed))
        return {
            record: f"{met} of {number}" + (f", {unknown} not stated" if unknown else "")
            for record, (met, unknown) in listed.items()
        }


class Asking:
    """Reads addresses of searches and questions."""

    def __init__(self, given: Given, finder: Finder, questions: Questions, fitter: Fitter) -> None:
        self._given, self._finder = given, finder
        self._questions, self._fitter = questions, fitter

    def read(self, address: str) -> Asked:
        """What an address asks (``/datasets?…``, ``/questions?…``); raises :class:`BadRequest`."""
        asked = self._read(*parted(address))
        _not_too_long(asked.address)  # what is kept must be read again
        return asked

    def _read(self, path: str, said: Sequence[tuple[str, str]]) -> Asked:
        if path == QUESTION:
            question = self._questions.asked(said, also=("page",))
            return AskedQuestion(question, self._questions, self._fitter)
        return AskedSearch(self._given.query(said, 20), self._finder)


def parted(address: str) -> tuple[str, list[tuple[str, str]]]:
    """Whether an address asks a search or a question, and its parameters.

    Raises :class:`BadRequest` if it is neither, or too long.
    """
    _not_too_long(address)
    try:
        parts = urlsplit(address)
    except ValueError:  # such as half an address of IPv6
        parts = urlsplit("")
    if parts.scheme or parts.netloc or parts.path not in (SEARCH, QUESTION):
        raise BadRequest(
            f'"{address[:80]}" is neither a search ({SEARCH}?…) nor a question ({QUESTION}?…).'
        )
    return parts.path, parse_qsl(parts.query, keep_blank_values=True)


def _not_too_long(address: str) -> None:
    if len(address) > LONGEST_ADDRESS:
        raise BadRequest(f"The address is too long: longer than {LONGEST_ADDRESS:,} characters.")


def _not_too_many(number: int) -> None:
    if number > MOST_HITS:
        raise BadRequest(
            f"{number:,} datasets answer this; at most {MOST_HITS:,} can be kept. Narrow it down."
        )
