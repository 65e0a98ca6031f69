"""The form of one criterion: concepts by boxes or by their names, numbers, what goes beside.

It is drawn from the kind: a short list is boxes, of a long one names are typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.errors import Problem
from catalogue.outcomes.questions import MOST_VALUES, Criterion, among
from catalogue.profile.criteria import LEAST, CriterionKind
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web.current import catalogue

#: A list of so many entries is shown as boxes; so many names are offered for one not known.
_BOXES, _MOST_OFFERED = 16, 4
#: How many names of one thing are read, and how long each may be.
_MOST_TYPED, _LONGEST = MOST_VALUES + 1, 200
#: Qualifiers as the form asks for them, with the unit of a number.
_BESIDE = {
    "stage": ("Stage", ""),
    "persons": ("At least so many people with it", "people"),
    "instrument": ("Measured with", ""),
    "timing": ("Measured when", ""),
    "completeness_percent": ("At least so complete", "%"),
    LEAST: ("At least so many items", "items"),
}
_SPACES = re.compile(r"(?<=\d)[\s,'’](?=\d{3}(?:\D|$))")


@dataclass(frozen=True)
class Option:
    """One entry of a list."""

    code: str
    label: str
    chosen: bool


@dataclass
class Input:
    """One thing that is asked: entries of a list, or a number.

    ``typed`` are names as they were typed; ``fault`` is what is wrong with them.
    """

    name: str
    label: str
    unit: str = ""
    vocabulary: Vocabulary | None = None
    options: list[Option] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    fault: str = ""

    @property
    def boxes(self) -> bool:
        """Whether every entry is a box; else those that are chosen, and names are typed."""
        return len(self.options) <= _BOXES

    @property
    def chosen(self) -> list[Option]:
        """The entries that are chosen."""
        return [one for one in self.options if one.chosen]

    @property
    def value(self) -> str:
        """A number as it was typed."""
        return self.typed[0] if self.typed else ""


class Form:
    """What is asked of one kind of criterion, empty, filled in, or as it was sent."""

    def __init__(
        self, kind: CriterionKind, place: int = 0, said: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.kind, self.place = kind, place
        said = said or {}
        self.problems: list[Problem] = []
        self.inputs: list[Input] = list(self._subject(said))
        for name, vocabulary in kind.qualifiers.items():
            label, unit = _BESIDE.get(name, (name.replace("_", " ").capitalize(), ""))
            self.inputs.append(_input(f"beside.{name}", label, unit, vocabulary, said))

    def _subject(self, said: Mapping[str, Sequence[str]]) -> Iterator[Input]:
        kind, unit = self.kind, self.kind.unit
        if kind.vocabulary is not None:
            entries = [one for one in among(kind, kind.vocabulary) if _can_be_asked(kind, one)]
            yield _input("value", kind.label, "", kind.vocabulary, said, entries)
            return
        if kind.test != "most":
            yield _input("low", "At least" if kind.test == "least" else "From", unit, None, said)
        if kind.test != "least":
            yield _input("high", "At most" if kind.test == "most" else "To", unit, None, said)

    @classmethod
    def of(cls, criterion: Criterion, place: int) -> Form:
        """The form filled in with a criterion; ``place`` is where it stands in the question."""
        kind = catalogue.questions.kinds[criterion.kind]
        said: dict[str, Sequence[str]] = {"value": _codes(criterion.values)}
        low, high = criterion.span or (None, None)
        said["low"], said["high"] = _shown(low), _shown(high)
        for name, asked in criterion.qualifiers:
            number = isinstance(asked, int | float)
            said[f"beside.{name}"] = _shown(asked) if number else _codes(asked)  # type: ignore[arg-type]
        return cls(kind, place, said)

    def written(self) -> str:
        """What was sent as a criterion is written; faults stand at the inputs afterwards."""
        parts: list[str] = []
        ends: dict[str, str] = {}
        for one in self.inputs:
            name = one.name.removeprefix("beside.")
            if one.vocabulary is not None:
                codes = ",".join(self._resolved(one))
                if name == "value":
                    parts.insert(0, codes)
                elif codes:
                    parts.append(f"{name}={codes}")
            else:
                number = _SPACES.sub("", one.value.strip())
                if number and not _is_number(number):
                    self._wrong(one, f"“{number[:40]}” is not a number; write it like 5000.")
                elif name in ("low", "high"):
                    ends[name] = number
                elif number:
                    parts.append(f"{name}={number}..")
        if ends:
            low, high = ends.get("low", ""), ends.get("high", "")
            parts.insert(0, f"{low}..{high}" if low or high else "")
        first = self.inputs[0]
        if not self.problems and not (parts and parts[0]):
            chosen = self.kind.vocabulary is not None
            self._wrong(first, "Choose or type something." if chosen else "Write a number.")
        return ";".join(parts)

    def _resolved(self, one: Input) -> Iterator[str]:
        """The codes of what was chosen and typed."""
        yield from (option.code for option in one.chosen)
        kept: list[str] = []
        for text in one.typed:
            found = self._named(one, text)
            if found is None:
                kept.append(text)
            else:
                yield found.code
        one.typed = kept

    def _named(self, one: Input, text: str) -> Concept | None:
        vocabulary = one.vocabulary
        assert vocabulary is not None
        picker = vocabulary.picker
        exact = picker.exactly(text)
        if len(exact) == 1:
            return vocabulary.concepts[exact[0]]
        near = [vocabulary.concepts[iri].label() for iri, _ in picker.like(text, _MOST_OFFERED)]
        offered = f" Did you mean {' or '.join(near)}?"
        said = f"There is no “{text[:60]}” in the list “{vocabulary.title}”."
        self._wrong(one, said + (offered if near else ""))
        return None

    def _wrong(self, one: Input, message: str) -> None:
        one.fault = message
        self.problems.append(Problem((self.kind.name,), message))

    @property
    def general(self) -> list[Problem]:
        """The problems that belong to no single input."""
        told = {one.fault for one in self.inputs}
        return [one for one in self.problems if one.message not in told]


def _input(
    name: str,
    label: str,
    unit: str,
    vocabulary: Vocabulary | None,
    said: Mapping[str, Sequence[str]],
    entries: Iterable[Concept] | None = None,
) -> Input:
    given = [one.strip()[:_LONGEST] for one in said.get(name, ()) if one.strip()][:_MOST_TYPED]
    if vocabulary is None:
        return Input(name, label, unit, typed=given[:1])
    every = vocabulary.concepts.values() if entries is None else entries
    kept = [one for one in every if not one.deprecated]
    codes = {one.code for one in kept}
    return Input(
        name,
        label,
        unit,
        vocabulary,
        [Option(one.code, one.label(), one.code in given) for one in kept],
        [one for one in given if one not in codes],
    )


def _can_be_asked(kind: CriterionKind, one: Concept) -> bool:
    """Whether an entry can be asked for: the coverage of a set of nothing cannot."""
    return bool(one.members) or kind.test != "coverage"


def _codes(values: Iterable[str]) -> list[str]:
    return [catalogue.vocabularies.code(value) for value in values]


def _shown(number: float | None) -> list[str]:
    return [] if number is None else [f"{number:.10g}"]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,12}(\.\d{1,4})?", text) is not None
