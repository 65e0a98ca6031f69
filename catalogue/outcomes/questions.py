"""Questions: a list of typed criteria that every dataset is held against, as an address and back.

``/questions?condition=prostate-cancer;stage=localised;persons=5000..&omop_status=mapped``:
every parameter is one criterion, and one kind may be asked several times.  Values of one
criterion are alternatives, separated by commas; what stands behind a semicolon is asked of the
same part of the description: the same people, the same statement.  A number is written as a
range is (``5000..``, ``..12``, ``2010..2020``).  Concepts go by their codes.

Which kinds there are is said by ``criteria.csv`` (:class:`~catalogue.profile.criteria`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from catalogue.errors import BadRequest, Problem
from catalogue.profile import Profile
from catalogue.profile.criteria import LEAST, CriterionKind
from catalogue.search.language import span_of
from catalogue.vocabulary import Concept, Vocabulary

#: How many criteria a question may have, and how many alternatives one criterion.
MOST_CRITERIA, MOST_VALUES = 20, 20
LONGEST_TEXT, _LONGEST_CRITERION = 500, 1_000
#: What is a year: a collection that goes on covers none of the far future.
_FIRST_YEAR, _LAST_YEAR = 1000, 2999

#: Where questions are asked.
PATH = "/questions"

Span = tuple[float | None, float | None]


@dataclass(frozen=True)
class Criterion:
    """One thing asked of every dataset.

    ``values`` are IRIs of concepts, any of which is enough; ``span`` is the number or interval
    asked for, None being without bound.  ``qualifiers`` are asked of the same part: IRIs of
    concepts (any is enough), or the least number (one ``float``).
    """

    kind: str
    values: tuple[str, ...] = ()
    span: Span | None = None
    qualifiers: tuple[tuple[str, tuple[str, ...] | float], ...] = ()


@dataclass(frozen=True)
class Question:
    """Criteria, in the order in which they were asked, and free words that only rank."""

    criteria: tuple[Criterion, ...] = ()
    text: str = ""

    def without(self, place: int) -> Question:
        """The same question without one criterion."""
        return Question(self.criteria[:place] + self.criteria[place + 1 :], self.text)

    def and_(self, *more: Criterion) -> Question:
        """The same question with more criteria; one that is asked already is not asked twice."""
        return Question(tuple(dict.fromkeys((*self.criteria, *more))), self.text)


@dataclass(frozen=True)
class Faulty:
    """A parameter that is no criterion: as it was written, and what is wrong with it."""

    name: str
    value: str
    problems: tuple[Problem, ...]


class Questions:
    """Reads and writes the questions that a profile can answer."""

    def __init__(self, profile: Profile) -> None:
        self.kinds: Mapping[str, CriterionKind] = profile.criteria
        self._vocabularies = profile.vocabularies

    # as an address -------------------------------------------------------------------

    def parameters(self, question: Question) -> list[tuple[str, str]]:
        """A question as the parameters of an address."""
        found = [("q", question.text)] if question.text else []
        return [*found, *((one.kind, self.written(one)) for one in question.criteria)]

    def address(self, question: Question, path: str = PATH) -> str:
        """The address of a question below a path."""
        said = urlencode(self.parameters(question), safe=";,:.=")
        return f"{path}?{said}" if said else path

    def code(self, value: str) -> str:
        """The code of a concept, by which addresses call it."""
        return self._vocabularies.code(value)

    def written(self, criterion: Criterion) -> str:
        """A criterion as the value of a parameter."""
        vocabularies = self._vocabularies
        subject = (
            _span_text(criterion.span)
            if criterion.span is not None
            else ",".join(vocabularies.code(value) for value in criterion.values)
        )
        parts = [subject]
        for name, asked in criterion.qualifiers:
            said = (
                _number_text(asked) + ".."
                if isinstance(asked, int | float)
                else ",".join(map(vocabularies.code, asked))
            )
            parts.append(f"{name}={said}")
        return ";".join(parts)

    def parse(self, parameters: Iterable[tuple[str, str]], also: Iterable[str] = ()) -> Question:
        """The question of an address.  Parameters named in ``also`` are left to the caller.

        Raises :class:`BadRequest` that names every criterion that cannot be understood.
        """
        question, faults = self.read(parameters, also)
        if faults:
            raise BadRequest([one for fault in faults for one in fault.problems][:MOST_CRITERIA])
        return question

    def asked(self, parameters: Iterable[tuple[str, str]], also: Iterable[str] = ()) -> Question:
        """As :meth:`parse`, of an address that must ask for something."""
        question = self.parse(parameters, also)
        if not question.criteria:
            raise BadRequest("The question asks for nothing; add a criterion.")
        return question

    def read(
        self, parameters: Iterable[tuple[str, str]], also: Iterable[str] = ()
    ) -> tuple[Question, list[Faulty]]:
        """The question of an address as far as it is right, and what of it is not."""
        left, text = frozenset(also), ""
        criteria: list[Criterion] = []
        faults: list[Faulty] = []
        for name, value in parameters:
            if name in left or not value.strip():
                continue
            problems: list[Problem] = []
            if name == "q":
                text = " ".join(value.split())
                if len(text) > LONGEST_TEXT:
                    problems = [Problem(("q",), f"is longer than {LONGEST_TEXT} characters")]
                    text = text[:LONGEST_TEXT].rstrip()
            elif name not in self.kinds:
                known = ", ".join(self.kinds)
                problems = [Problem((name[:60],), f"is not a criterion; there are {known}")]
            else:
                try:
                    criteria.append(self.criterion(name, value))
                except BadRequest as error:
                    problems = error.problems
            if problems and len(faults) < MOST_CRITERIA:
                faults.append(Faulty(name, value, tuple(problems)))
        criteria = list(dict.fromkeys(criteria))
        if len(criteria) > MOST_CRITERIA:
            said = f"A question has at most {MOST_CRITERIA} criteria; leave some out."
            faults.insert(0, Faulty("", "", (Problem((), said),)))
        return Question(tuple(criteria[:MOST_CRITERIA]), text), faults

    def criterion(self, name: str, text: str) -> Criterion:
        """One criterion as it is written; raises :class:`BadRequest` that says what is wrong."""
        kind = self.kinds[name]
        if len(text) > _LONGEST_CRITERION:
            raise _wrong(name, f"is longer than {_LONGEST_CRITERION} characters")
        subject, *parts = text.split(";")
        values: tuple[str, ...] = ()
        span: Span | None = None
        if kind.vocabulary is None:
            span = self._span(kind, subject)
        else:
            values = tuple(self._concepts(kind, kind.vocabulary, subject))
        qualifiers = dict(self._qualifier(kind, part) for part in parts if part.strip())
        if LEAST in qualifiers:
            asked = qualifiers[LEAST]
            if isinstance(asked, int | float) and asked < 1:  # which every dataset has
                raise _wrong(kind.name, f"{LEAST} is {_number_text(asked)}; it must be 1 or more")
        return Criterion(
            name,
            values,
            span,
            tuple((q, qualifiers[q]) for q in kind.qualifiers if q in qualifiers),
        )

    def _span(self, kind: CriterionKind, text: str) -> Span:
        span = span_of(text)
        if span is None:
            raise _wrong(
                kind.name, f'"{text[:60]}" is not a range; write it like 100..5000, 100.. or ..5000'
            )
        low, high = span
        first = span_of(text.partition("..")[0] + "..") if ".." in text else None
        if first and first[0] is not None and low is not None and first[0] > low:
            raise _wrong(kind.name, f'"{text[:60]}" is turned round; write the smaller one first')
        if kind.test == "least":
            if ".." in text and (low is None or high is not None):
                raise _wrong(
                    kind.name, f'at least so much can be asked; write "{_least(low, high)}"'
                )
            return (low, None)
        if kind.test == "most":
            if ".." in text and (high is None or low):
                raise _wrong(kind.name, f'at most so much can be asked; write "{_most(low, high)}"')
            return (None, high)
        if kind.range is not None and kind.range.is_year:
            ends = [one for one in span if one is not None]
            if not all(_FIRST_YEAR <= one <= _LAST_YEAR and one == int(one) for one in ends):
                raise _wrong(
                    kind.name, f'"{text[:60]}" is no year; write four figures, like 2010..2020'
                )
        return span

    def _qualifier(self, kind: CriterionKind, part: str) -> tuple[str, tuple[str, ...] | float]:
        name, _, text = part.partition("=")
        name = name.strip()
        if name not in kind.qualifiers:
            known = ", ".join(kind.qualifiers) or "nothing"
            raise _wrong(kind.name, f'"{name[:60]}" cannot be asked beside it; {known} can')
        vocabulary = kind.qualifiers[name]
        if vocabulary is not None:
            return name, tuple(self._concepts(kind, vocabulary, text))
        span = span_of(text)
        number = None if span is None or (".." in text and span[1] is not None) else span[0]
        if number is None or number < 0:
            raise _wrong(kind.name, f'{name} is "{text[:40]}"; write the least number, like 5000..')
        return name, number

    def _concepts(self, kind: CriterionKind, vocabulary: Vocabulary, text: str) -> Iterator[str]:
        said = list(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
        if not said:
            raise _wrong(kind.name, "nothing is chosen")
        if len(said) > MOST_VALUES:
            raise _wrong(kind.name, f"more than {MOST_VALUES} alternatives are chosen")
        known = {one.code: one for one in among(kind, vocabulary)}
        for one in said:
            found = known.get(one) or self._vocabularies.concept(
                self._vocabularies.resolve(vocabulary.name, one)
            )
            if found is None or known.get(found.code) is not found:
                raise _wrong(
                    kind.name,
                    f'there is no "{one[:60]}" in the list “{vocabulary.title}” '
                    f"(/vocabularies/{vocabulary.name})",
                )
            yield found.iri


def among(kind: CriterionKind, vocabulary: Vocabulary) -> Iterable[Concept]:
    """What may be chosen from a list: its sets where coverage is asked for, else its concepts."""
    if kind.test == "coverage" and vocabulary is kind.vocabulary:
        return vocabulary.collections.values()
    return vocabulary.concepts.values()


def least_of(criterion: Criterion) -> float:
    """How many items of a set are asked for; one where nothing is said."""
    found = dict(criterion.qualifiers).get(LEAST, 1)
    return found if isinstance(found, int | float) else 1


def _wrong(name: str, said: str) -> BadRequest:
    return BadRequest([Problem((name,), said)])


def _least(low: float | None, high: float | None) -> str:
    """At least the lower of two ends, or the only one."""
    return f"{_number_text(low if low is not None else high or 0)}.."


def _most(low: float | None, high: float | None) -> str:
    """At most the upper of two ends, or the only one."""
    return f"..{_number_text(high if high is not None else low or 0)}"


def _span_text(span: Span) -> str:
    low, high = span
    if low is not None and low == high:
        return _number_text(low)
    return (
        f"{'' if low is None else _number_text(low)}..{'' if high is None else _number_text(high)}"
    )


def _number_text(number: float) -> str:
    return f"{number:.10g}" if abs(number) < 1e10 else f"{number:.0f}"
