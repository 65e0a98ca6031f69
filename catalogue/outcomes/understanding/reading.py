"""A sentence cut into units: names, numbers, and words with a role in a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from catalogue.outcomes.understanding.names import Names
from catalogue.outcomes.understanding.sayings import Roles, Sayings
from catalogue.outcomes.understanding.tokens import Token, tokens
from catalogue.search.analysis import terms
from catalogue.search.thesaurus import typed_of
from catalogue.vocabulary import Concept

#: Roles that give way to a name of the same length.
_WEAK = frozenset({"filler", "and", "or", "with", "to", "of", "joins", "never"})
#: How many words are guessed at together, how often in a sentence, and of how many letters each
#: must be, with others and alone.
_MOST_GUESSED, _MOST_TRIED, _SHORTEST, _SHORTEST_ALONE = 3, 40, 4, 6
#: From so many words on, capitals throughout are a manner of writing.
_SHOUTED = 6


@dataclass(eq=False)
class Unit:
    """Words that are one thing: a name, a number, words of the table, or just a word.

    ``named`` are the kinds of criteria and qualifiers that the name may be, with its concepts;
    ``meant`` everything the name means, where it is to be told apart.  ``use`` says what
    became of it in the end; None: nothing.
    """

    begin: int
    end: int
    roles: Roles = field(default_factory=dict)
    named: dict[str, Concept] = field(default_factory=dict)
    meant: tuple[Concept, ...] = ()
    stages: tuple[Concept, ...] = ()
    number: float | None = None
    splits: bool = False
    use: object = None
    #: Looked at and given up: a word like any other.
    plain: bool = False
    #: The name it is probably meant to be.
    guess: str = ""

    def has(self, role: str, means: str | None = None) -> bool:
        """Whether it has a role, and means that in it."""
        found = self.roles.get(role)
        return found is not None and (means is None or means in found)

    @property
    def is_name(self) -> bool:
        """Whether it may become a criterion by itself."""
        return bool(self.named or self.stages or self.has("means")) and not self.plain

    @property
    def is_word(self) -> bool:
        """Whether it is a word that nothing is known of."""
        said = self.roles or self.named or self.meant or self.stages or self.splits
        return not said and self.number is None

    @property
    def passes(self) -> bool:
        """Whether it says nothing of its own: a filler or a sign."""
        said = self.has("filler") or self.has("unit", "people") or self.has("about", "year")
        return self.splits or said


@dataclass(frozen=True)
class Read:
    """A sentence, its tokens and units."""

    sentence: str
    tokens: Sequence[Token]
    units: Sequence[Unit]

    def text(self, begin: int, end: int) -> str:
        """The words from one token to before another, as typed."""
        return self.sentence[self.tokens[begin].begin : self.tokens[end - 1].end]


def read(sentence: str, names: Names, sayings: Sayings) -> Read:
    """Cut a sentence into units; at each word the longest thing that begins there."""
    shouting = sentence.isupper() and len(sentence.split()) >= _SHOUTED
    said = list(tokens(sentence))
    heeded = _heeded(said, sayings)
    typed = [
        typed_of(one.text.lower()) if shouting and sayings.knows(one) else one.typed for one in said
    ]
    units: list[Unit] = []
    at = 0
    while at < len(said):
        length, roles = sayings.at(said, at)
        unit = Unit(at, at + max(length, 1), roles)
        if said[at].number is not None and length < 2:
            unit = Unit(at, at + 1, number=said[at].number)
        elif length and (values := roles.get("number")):
            unit.number = float(values[0])
        elif said[at].splits:
            unit.splits = True
        strong = bool(roles) and not roles.keys() <= _WEAK
        match = names.name_at(typed, at)
        if match is not None and roles and not match.as_written:
            match = None
        if match is not None and (match.end - at, not strong) > (max(length, 1), False):
            words = tuple(term for one in typed[at : match.end] for term in one.terms)
            named = (
                _named(match.concepts, names, sayings, heeded, words) if match.as_written else {}
            )
            never = "never" in roles and match.end - at == length
            if (named or len(match.concepts) > 1 or not match.as_written) and not never:
                told = match.concepts if match.ambiguous or not match.as_written else ()
                if named or told:
                    unit = Unit(at, match.end, named=named, meant=told)
        added, stages = names.added_at(said, at)
        if added > unit.end - at or (added == unit.end - at and not strong and not unit.named):
            unit = Unit(at, at + added, stages=stages)
        units.append(unit)
        at = unit.end
    return Read(sentence, said, list(_guessed(said, units, names, sayings, heeded)))


def _guessed(
    said: Sequence[Token],
    units: Sequence[Unit],
    names: Names,
    sayings: Sayings,
    heeded: frozenset[str],
) -> Iterator[Unit]:
    """The units; words that are a part of one name, or nearly a name, are taken for it."""
    at, tried = 0, 0
    while at < len(units):
        run = at
        while run < len(units) and run - at < _MOST_GUESSED and units[run].is_word:
            run += 1
        for end in range(run, at, -1):
            words = [one.text for one in said[units[at].begin : units[end - 1].end]]
            tried += 1
            shortest = _SHORTEST if len(words) > 1 else _SHORTEST_ALONE
            if tried > _MOST_TRIED or min(map(len, words)) < shortest:
                continue
            found = names.guessed(words)
            if named := _named(found, names, sayings, heeded):
                guess = next(iter(named.values())).label()
                yield Unit(units[at].begin, units[end - 1].end, named=named, guess=guess)
                at = end
                break
        else:
            yield units[at]
            at += 1


def _heeded(said: Sequence[Token], sayings: Sayings) -> frozenset[str]:
    """The kinds whose names are heeded in a sentence only for a word it has not."""
    words = [one.folded for one in said]
    return frozenset(
        kind for kind, some in sayings.needs.items() if not any(_in(one, words) for one in some)
    )


def _in(phrase: tuple[str, ...], words: Sequence[str]) -> bool:
    return any(
        tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1)
    )


def _named(
    concepts: Sequence[Concept],
    names: Names,
    sayings: Sayings,
    unheeded: frozenset[str],
    words: tuple[str, ...] = (),
) -> dict[str, Concept]:
    """The kinds that concepts of one name may be, the likeliest first.

    Of those that are commonly asked for, first what is called so before all else.
    """
    found: dict[str, Concept] = {}
    for one in concepts:
        for kind in names.kinds.get(one.scheme, ()):
            if kind not in unheeded:
                found.setdefault(kind, one)
    order = {kind: place for place, kind in enumerate(sayings.prefer)}

    def rank(pair: tuple[str, Concept]) -> tuple[bool, bool, int]:
        kind, concept = pair
        return kind not in order, terms(concept.label()) != words, order.get(kind, 0)

    return dict(sorted(found.items(), key=rank))
