"""Vocabularies: the lists, their concepts, and which datasets use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request

from catalogue.profile.shape import Property, Shape
from catalogue.profile.values import ConceptValue
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web import counts
from catalogue.web.current import catalogue
from catalogue.web.views import Paged, missing, page, page_number, pages

blueprint = pages("vocabularies", __name__)
#: How many concepts, with all below them, are on a page; and how deep a page goes.
_SIZE, _DEEPEST = 200, 12
_MOST_COUNTS = 5_000
#: How many datasets a set names as those that have most of it.
_BEST = 15


@blueprint.get("/vocabularies")
def every() -> Response:
    """Every vocabulary: those of datasets' facets first, for they are what people search by."""
    searched = {name for name in catalogue.vocabularies if counts.facets_on(name)}
    found = sorted(catalogue.vocabularies.values(), key=lambda v: v.title.casefold())
    return page(
        "vocabularies/list.html",
        searched=[one for one in found if one.name in searched or one.collections],
        others=[one for one in found if one.name not in searched and not one.collections],
    )


@blueprint.get("/vocabularies/<slug:name>")
def show(name: str) -> Response:
    """One vocabulary: its concepts as a tree, or those that hold some words."""
    vocabulary = _vocabulary(name)
    words = " ".join(request.args.get("q", "")[:200].split())
    facets = counts.facets_on(name)
    found = list(_found(vocabulary, words)) if words else list(_tree(vocabulary))
    number = page_number()
    return page(
        "vocabularies/show.html",
        vocabulary=vocabulary,
        words=words,
        paged=Paged(found[(number - 1) * _SIZE : number * _SIZE], len(found), number, _SIZE),
        used=dict(counts.of_values([one.name for one in facets], _MOST_COUNTS)) if facets else {},
        facets=facets,
        properties=list(_asking(name)),
        sets=sorted(vocabulary.collections.values(), key=lambda one: one.label().casefold()),
    )


@blueprint.get("/vocabularies/<slug:name>/<path:code>")
def concept(name: str, code: str) -> Response:
    """One concept, or one collection of concepts, and the datasets that use it."""
    vocabulary = _vocabulary(name)
    if (collection := _collection(vocabulary, code)) is not None:
        return _set(vocabulary, collection)
    one = vocabulary.by_code.get(code) or vocabulary.concepts.get(code)
    if one is None:
        raise missing(f'There is no concept "{code[:80]}" in the list “{vocabulary.title}”.')
    facets = counts.facets_on(name)
    return page(
        "vocabularies/concept.html",
        vocabulary=vocabulary,
        concept=one,
        narrower=_sorted(_narrower(one)),
        sets=[s for s in _collections() if one.iri in s.members],
        facets=facets,
        paged=counts.having(one.iri, [f.name for f in facets], page_number()) if facets else None,
    )


def _vocabulary(name: str) -> Vocabulary:
    try:
        return catalogue.vocabularies[name]
    except KeyError:
        raise missing(f'There is no vocabulary "{name[:80]}".') from None


def _collection(vocabulary: Vocabulary, code: str) -> Concept | None:
    return next((one for one in vocabulary.collections.values() if one.code == code), None)


def _collections() -> Iterator[Concept]:
    for vocabulary in catalogue.vocabularies.values():
        yield from vocabulary.collections.values()


def _narrower(one: Concept) -> Iterator[Concept]:
    """The concepts directly below one, in whichever vocabulary they are."""
    for vocabulary in catalogue.vocabularies.values():
        for below in vocabulary.narrower.get(one.iri, ()):
            yield vocabulary.concepts[below]


def _asking(name: str) -> Iterator[tuple[Shape, Property]]:
    """The properties whose values come from a vocabulary."""
    for shape in catalogue.profile.values():
        for one in shape:
            if getattr(getattr(one.value, "vocabulary", None), "name", "") == name:
                yield shape, one


# lists ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One concept of a list with its depth in the tree, and the heading it begins."""

    concept: Concept
    depth: int = 0
    heading: Concept | None = None


def _found(vocabulary: Vocabulary, words: str) -> Iterator[Entry]:
    """The concepts one of whose names holds the words, or whose code is them."""
    wanted = words.casefold()
    for one in _sorted(vocabulary.concepts.values()):
        if wanted == one.code.casefold() or any(wanted in text.casefold() for text in one.texts()):
            yield Entry(one)


def _tree(vocabulary: Vocabulary) -> Iterator[Entry]:
    """Every concept, broader ones before those below them.

    Where a list hangs below the concepts of another list, those are its headings; so are
    the sets of a list of sets.
    """
    if vocabulary.collections:
        yield from _by_set(vocabulary)
        return
    roots: dict[str, list[Concept]] = {}
    for one in vocabulary.concepts.values():
        if not any(above in vocabulary.concepts for above in one.broader):
            outside = next((a for a in (*one.broader, *one.related) if _is_outside(a, one)), "")
            roots.setdefault(outside, []).append(one)
    seen: set[str] = set()
    for outside in sorted(roots, key=lambda iri: (not iri, catalogue.vocabularies.label(iri))):
        heading = catalogue.vocabularies.concept(outside)
        for root in _sorted(roots[outside]):
            for entry in _below(vocabulary, root, 0, seen):
                yield Entry(entry.concept, entry.depth, heading)
                heading = None
    for one in _sorted(vocabulary.concepts.values()):  # rings have no root
        if one.iri not in seen:
            yield Entry(one)


def _is_outside(value: str, one: Concept) -> bool:
    found = catalogue.vocabularies.concept(value)
    return found is not None and found.scheme != one.scheme


def _by_set(vocabulary: Vocabulary) -> Iterator[Entry]:
    """The members of each set in its order, then what is in none."""
    left = dict(vocabulary.concepts)
    for one in _sorted(vocabulary.collections.values()):
        heading: Concept | None = one
        for member in one.members:
            if member in vocabulary.concepts:
                yield Entry(vocabulary.concepts[member], 0, heading)
                left.pop(member, None)
                heading = None
    for concept in _sorted(left.values()):
        yield Entry(concept)


def _below(vocabulary: Vocabulary, one: Concept, depth: int, seen: set[str]) -> Iterator[Entry]:
    if one.iri in seen or depth > _DEEPEST:
        return
    seen.add(one.iri)
    yield Entry(one, depth)
    below = [vocabulary.concepts[iri] for iri in vocabulary.narrower.get(one.iri, ())]
    for narrower in _sorted(below):
        yield from _below(vocabulary, narrower, depth + 1, seen)


def _sorted(concepts: Iterable[Concept]) -> list[Concept]:
    return sorted(concepts, key=lambda one: one.label().casefold())


# sets -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One member of a set: what it says of other concepts, by the name of the relation.

    ``subjects`` are the concepts by which datasets can be found for it.
    """

    concept: Concept
    related: Mapping[str, Sequence[Concept]]
    domains: Sequence[Concept]
    subjects: Sequence[str]


def _set(vocabulary: Vocabulary, collection: Concept) -> Response:
    """A set with its members, and the datasets that have most of them."""
    facet = _answer_to(vocabulary.name)
    found = [catalogue.vocabularies.concept(value) for value in collection.members]
    members = [_member(one, facet) for one in found if one is not None]
    subjects = sorted({value for one in members for value in one.subjects})
    names = [facet.name] if facet else []
    return page(
        "vocabularies/set.html",
        vocabulary=vocabulary,
        concept=collection,
        members=members,
        relations=list(dict.fromkeys(name for one in members for name in one.related)),
        facet=facet,
        used=counts.of_these(subjects, names),
        best=counts.having_most(subjects, names, _BEST),
        subjects=len(subjects),
    )


def _answer_to(name: str) -> Property | None:
    """The facet that says what a part answering an item of this list is about."""
    for shape, _ in _asking(name):
        for one in shape.stored:
            if one.facet and one.obligation == "mandatory" and isinstance(one.value, ConceptValue):
                return one
    return None


def _member(one: Concept, facet: Property | None) -> Member:
    known = catalogue.vocabularies.concept
    related: dict[str, list[Concept]] = {}
    for name, values in one.notes.items():
        if concepts := [found for value in values if (found := known(value))]:
            related[name] = concepts
    subjects = [
        found for some in related.values() for found in some if found.iri in _members(facet)
    ]
    own = {one.scheme, *(subject.scheme for subject in subjects)}
    above = dict.fromkeys(
        iri for about in (one, *subjects) for iri in (*about.broader, *about.related)
    )
    return Member(
        one,
        related,
        [found for iri in above if (found := known(iri)) and found.scheme not in own],
        [subject.iri for subject in subjects],
    )


def _members(facet: Property | None) -> Mapping[str, Concept]:
    """The concepts a facet may have."""
    value = facet.value if facet else None
    return value.vocabulary.concepts if isinstance(value, ConceptValue) else {}
