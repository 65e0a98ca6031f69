"""Outcomes, conditions and core outcome sets side by side, one line for each of them.

What is stated in parts is not compared part by part: the same outcome of two datasets stands
on one line, in the state that each states; a condition with the number of people who have it;
a core outcome set with how much of it is collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from catalogue.outcomes.sets import Answers, Member, Share
from catalogue.outcomes.states import ItemState
from catalogue.outcomes.wording import amount
from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.values import ConceptValue, Nested
from catalogue.vocabulary import Concept
from catalogue.web import words
from catalogue.web.current import catalogue
from catalogue.web.sections import BROKEN
from catalogue.web.sides import Side, silent_side

#: A line as it is made: its name, its label, its sides, what it is one of, its concept.
_Made = tuple[str, str, list[Side], str, str]
#: The part that tells of conditions, and in it the condition and the number of people.
_CONDITIONS, _CONDITION, _PERSONS = "studied_condition", "condition", "persons"
_COUNTED_ON, _STAGE = "persons_counted_on", "stage"
#: How many sets that nobody names are told, those first of which most is collected.
_MOST_BY_CHANCE = 3


def matched(shape: Shape, documents: Sequence[Document]) -> Mapping[str, list[_Made]]:
    """The lines that stand in place of properties, by the name of each property."""
    found: dict[str, list[_Made]] = {}
    if _CONDITIONS in shape.properties:
        found[_CONDITIONS] = list(_conditions(shape[_CONDITIONS], documents))
    for name, answers in catalogue.sets.lists.items():
        lines = found.setdefault(answers.part.name, [])
        lines += _sets(catalogue.vocabularies[name].collections.values(), answers, documents)
        if not any(one[3] == "outcome" for one in lines):
            lines += _outcomes(answers, documents)
    return found


# conditions -----------------------------------------------------------------------------


def _conditions(one: Property, documents: Sequence[Document]) -> Iterator[_Made]:
    parts = [_by_concept(one.values(document), _CONDITION) for document in documents]
    label = catalogue.vocabularies.label
    if not any(parts):
        yield one.name, one.label, [_silent(one, document) for document in documents], "", ""
    for concept in sorted({iri for some in parts for iri in some}, key=label):
        sides = [
            _condition(some[concept]) if concept in some else _silent(one, document)
            for some, document in zip(parts, documents, strict=True)
        ]
        yield one.name, label(concept), sides, "condition", concept


def _condition(parts: Sequence[Mapping[str, Any]]) -> Side:
    said = []
    for part in parts:
        persons, on = part.get(_PERSONS), part.get(_COUNTED_ON)
        text = (
            amount(persons, "people") + (f", counted on {words.date(on)}" if on else "")
            if isinstance(persons, int)
            else "Studied; how many people is not stated"
        )
        if stages := _labels(part.get(_STAGE)):
            text += f" ({stages})"
        said.append(text)
    return Side(tuple(sorted(said)), said, values=parts)


# outcomes -------------------------------------------------------------------------------


def _outcomes(answers: Answers, documents: Sequence[Document]) -> Iterator[_Made]:
    one, subject = answers.part, answers.facet.name
    parts = [_by_concept(one.values(document), subject) for document in documents]
    label = catalogue.vocabularies.label
    if not any(parts):
        yield one.name, one.label, [_silent(one, document) for document in documents], "", ""

    def place(concept: str) -> tuple[str, str]:
        return ", ".join(domain.label() for domain in catalogue.sets.domains_of(concept)), label(
            concept
        )

    for concept in sorted({iri for some in parts for iri in some}, key=place):
        sides = [
            _outcome(some[concept], answers) if concept in some else _silent(one, document)
            for some, document in zip(parts, documents, strict=True)
        ]
        yield one.name, label(concept), sides, "outcome", concept


def _outcome(parts: Sequence[Mapping[str, Any]], answers: Answers) -> Side:
    """What is stated of one outcome: that it is collected, if any statement says so."""
    best = next((part for part in parts if answers.is_met(part)), parts[0])
    state = best.get(answers.state, "")
    text = catalogue.vocabularies.label(state) if state else "Stated"
    shape = answers.part.value.shape if isinstance(answers.part.value, Nested) else None
    more = []
    if shape is not None and answers.is_met(best):
        met = [part for part in parts if answers.is_met(part)]
        for one in shape.stored:
            if one.name in (answers.facet.name, answers.item.name, answers.state):
                continue
            if isinstance(one.value, ConceptValue):
                values = dict.fromkeys(v for part in met for v in one.values(part))
                if values:
                    more.append(_labels(list(values)))
    said = f"{text}: {'; '.join(more)}" if more else text
    return Side((state, said), [said], values=parts, state=catalogue.vocabularies.code(state))


# core outcome sets ----------------------------------------------------------------------


def _sets(
    every: Iterable[Concept], answers: Answers, documents: Sequence[Document]
) -> Iterator[_Made]:
    known: list[tuple[Concept, list[Share | None]]] = []
    for one in every:
        among = catalogue.sets.members(one)
        shares = [_share(one, among, answers, document) for document in documents]
        if any(share and share.met for share in shares):
            known.append((one, shares))
    known.sort(key=lambda pair: (not _is_named(pair[1]), -_most(pair[1]), pair[0].label()))
    by_chance = sum(not _is_named(shares) for _, shares in known)
    if by_chance > _MOST_BY_CHANCE:
        known = known[: len(known) - by_chance + _MOST_BY_CHANCE]
    for one, shares in known:
        yield answers.part.name, one.label(), [_covered(each) for each in shares], "set", one.iri


def _share(
    one: Concept, among: Sequence[Member], answers: Answers, document: Document
) -> Share | None:
    try:
        return Share(one, catalogue.sets.cells(document, among, answers))
    except BROKEN:
        return None


def _is_named(shares: Sequence[Share | None]) -> bool:
    return any(share is not None and share.named for share in shares)


def _most(shares: Sequence[Share | None]) -> float:
    return max((share.met / len(share.cells) for share in shares if share), default=0)


def _covered(share: Share | None) -> Side:
    """How much of a set is collected, of the items that apply; the rest by its states."""
    if share is None:
        return silent_side()
    if share.unknown == len(share.cells):
        return silent_side()
    states = [cell.state for cell in share.cells]
    said = [f"{share.met} of {share.applicable} collected"]
    said += [
        f"{number} {state.said}"
        for state in (ItemState.NOT_COLLECTED, ItemState.NOT_APPLICABLE)
        if (number := states.count(state))
    ]
    if share.unknown:
        said.append(f"{share.unknown} not stated")
    text = ", ".join(said)
    return Side(text, [text])


# shared ---------------------------------------------------------------------------------


def _by_concept(parts: Sequence[Any], name: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        if isinstance(part, Mapping) and isinstance(part.get(name), str):
            found.setdefault(part[name], []).append(part)
    return found


def _silent(one: Property, document: Document) -> Side:
    reason = reasons_in(document).get(one.name, "")
    if not reason:
        return silent_side()
    said = words.sentence(catalogue.vocabularies.label(reason))
    return silent_side(f"Not stated: {said}", reason)


def _labels(values: Any) -> str:
    some = values if isinstance(values, list) else [values] if values else []
    return ", ".join(catalogue.vocabularies.label(one) for one in some)
