"""From a typed sentence to a question, to be confirmed by whoever typed it.

*Which databases hold more than 5,000 men with localised prostate cancer, PSA at diagnosis and
urinary-function PROMs, in OMOP, with five years of follow-up?* becomes five criteria.  Concepts
are found by the names the thesaurus knows, everything else by the table ``words.csv``; numbers
go to what they speak of.  Nothing is dropped in silence: each piece of the sentence says what
it was taken for, and what is left over are free words that only rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from catalogue.errors import BadRequest, Problem
from catalogue.outcomes.questions import LONGEST_TEXT, MOST_CRITERIA, Question, Questions
from catalogue.outcomes.understanding.counting import Counting
from catalogue.outcomes.understanding.drafts import EXCLUDED, Draft, Drafts
from catalogue.outcomes.understanding.names import Names
from catalogue.outcomes.understanding.naming import Naming
from catalogue.outcomes.understanding.reading import Read, Unit, read
from catalogue.outcomes.understanding.sayings import Sayings
from catalogue.outcomes.understanding.sets import Sets
from catalogue.profile import Profile

#: How long a sentence may be.
LONGEST_SENTENCE = 1_000

Role = Literal["criterion", "words", "passed over", "excluded"]


@dataclass(frozen=True)
class Piece:
    """Some words of the sentence, and what they were taken for.

    ``criterion`` is the place of the criterion they belong to, ``begin`` and ``end`` where they
    stand in the sentence.
    """

    text: str
    begin: int
    end: int
    role: Role
    criterion: int | None = None


@dataclass(frozen=True)
class Meaning:
    """One thing that words may mean, and the sentence that says so."""

    label: str
    list: str
    sentence: str
    taken: bool


@dataclass(frozen=True)
class Unclear:
    """Words that mean several things."""

    said: str
    meanings: Sequence[Meaning]

    @property
    def taken(self) -> str:
        """What they were taken to mean; empty for nothing yet."""
        return next((one.label for one in self.meanings if one.taken), "")


@dataclass(frozen=True)
class Understood:
    """What a sentence was taken to ask, and what is left over of it."""

    sentence: str
    question: Question
    pieces: Sequence[Piece] = ()
    choices: Sequence[Unclear] = ()
    notes: Sequence[str] = ()

    @property
    def left(self) -> str:
        """The words that no criterion was made of."""
        return self.question.text

    def words_of(self, place: int) -> list[str]:
        """The words that a criterion was made of."""
        return [one.text for one in self.pieces if one.criterion == place]


class Understanding:
    """Understands sentences with the lists of a profile.  Safe between threads."""

    def __init__(self, profile: Profile, questions: Questions) -> None:
        self._questions, self._vocabularies = questions, profile.vocabularies
        self._sayings = Sayings()
        self._names = Names(profile.vocabularies, profile.criteria)
        self._sets = Sets(profile.criteria, self._names)
        self._qualifiers = {name: [*kind.qualifiers] for name, kind in profile.criteria.items()}

    def of(self, sentence: str) -> Understood:
        """What a sentence asks; raises :class:`BadRequest` for one that is too long."""
        sentence = _plain(sentence)
        if len(sentence) > LONGEST_SENTENCE:
            raise BadRequest(
                [
                    Problem(
                        ("text",),
                        f"is longer than {LONGEST_SENTENCE:,} characters; ask in fewer words",
                    )
                ]
            )
        found = read(sentence, self._names, self._sayings)
        all_ = Drafts(found)
        Naming(all_, self._names, self._sayings, self._sets, self._questions)
        Counting(all_, self._questions)
        all_.finish()
        drafts, notes = all_.drafts, list(all_.notes)
        if len(drafts) > MOST_CRITERIA:
            notes.append(f"Only the first {MOST_CRITERIA} criteria were taken.")
            drafts = drafts[:MOST_CRITERIA]
        pieces = list(_pieces(found, drafts))
        left = " ".join(one.text for one in pieces if one.role == "words")
        if len(left) > LONGEST_TEXT:
            notes.append("Not all of what is left over was kept; it is too long.")
            left = left[:LONGEST_TEXT].rpartition(" ")[0]
        question = Question(tuple(one.criterion(self._qualifiers) for one in drafts), left)
        return Understood(sentence, question, pieces, list(self._choices(found)), notes)

    def _choices(self, found: Read) -> Iterator[Unclear]:
        """The acronyms that mean several things, each with the sentence that says which."""
        seen: set[str] = set()
        for unit in found.units:
            said = found.text(unit.begin, unit.end)
            if not unit.meant or said in seen:
                continue
            seen.add(said)
            taken = next(iter(unit.named.values()), None) if unit.use is not None else None
            begin, end = found.tokens[unit.begin].begin, found.tokens[unit.end - 1].end
            meanings: dict[str, Meaning] = {}
            for one in unit.meant:
                label = one.label()
                before, after = found.sentence[:begin], found.sentence[end:]
                meanings.setdefault(
                    label.casefold(),
                    Meaning(
                        label,
                        self._vocabularies[one.scheme].title,
                        f"{before}{label}{after}",
                        taken is not None and taken.label().casefold() == label.casefold(),
                    ),
                )
            yield Unclear(said, list(meanings.values()))


def _plain(sentence: str) -> str:
    """A sentence in one line, without what cannot be printed."""
    return " ".join("".join(one if one.isprintable() else " " for one in sentence).split())


def _pieces(found: Read, drafts: Sequence[Draft]) -> Iterator[Piece]:
    """The pieces of a sentence in order; neighbours with one fate are one piece."""
    run: list[Unit] = []
    fate: tuple[Role, int | None] | None = None
    for at, unit in enumerate(found.units):
        new = _fate(found, at, drafts)
        if run and new != fate:
            yield _piece(found, run, fate)
            run = []
        run.append(unit)
        fate = new
    if run:
        yield _piece(found, run, fate)


def _fate(found: Read, at: int, drafts: Sequence[Draft]) -> tuple[Role, int | None]:
    unit = found.units[at]
    if unit.use is EXCLUDED:
        return "excluded", None
    if isinstance(unit.use, Draft):
        return ("criterion", drafts.index(unit.use)) if unit.use in drafts else ("words", None)
    return ("passed over" if unit.passes else "words"), None


def _piece(found: Read, run: Sequence[Unit], fate: tuple[Role, int | None] | None) -> Piece:
    assert fate is not None
    begin, end = found.tokens[run[0].begin].begin, found.tokens[run[-1].end - 1].end
    return Piece(found.sentence[begin:end], begin, end, *fate)
