"""Vocabularies: the lists, their concepts, and which datasets use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request

from catalogue.profile.shape import Property, Shape
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web import counts, coverage
from catalogue.web.current import catalogue
from catalogue.web.views import Paged, missing, page, page_number, pages

blueprint = pages("vocabularies", __name__)
#: How many concepts, with all below them, are on a page; and how deep a page goes.
_SIZE, _DEEPEST = 200, 12
_MOST_COUNTS = 5_000


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
        return coverage.page_of_set(vocabulary, collection)
    one = vocabulary.by_code.get(code) or vocabulary.concepts.get(code)
    if one is None:
        raise missing(f'There is no concept "{code[:80]}" in the list “{vocabulary.title}”.')
    facets = counts.facets_on(name)
    narrower, elsewhere = _sorted(_narrower(one)), list(_elsewhere(one))
    states, in_state = coverage.states_of(vocabulary, one)
    told = [found for some in one.notes.values() for v in some if (found := _known(v))]
    return page(
        "vocabularies/concept.html",
        vocabulary=vocabulary,
        concept=one,
        narrower=narrower,
        elsewhere=elsewhere,
        properties=list(_asking(name)),
        facets=facets,
        states=states,
        paged=in_state
        or (counts.having(one.iri, [f.name for f in facets], page_number()) if facets else None),
        used=_used([*narrower, *told, *(s.concept for _, some in elsewhere for s in some)]),
    )


@blueprint.get("/vocabularies/<slug:name>/<slug:code>/coverage.<any(csv,json):suffix>")
def coverage_of_set(name: str, code: str, suffix: str) -> Response:
    """What every dataset that answers any item of a set states of each: whole, or in pages."""
    vocabulary = _vocabulary(name)
    collection = _collection(vocabulary, code)
    if collection is None or catalogue.sets.answers_to(name) is None:
        raise missing(f'There is no set "{code[:80]}" in the list “{vocabulary.title}”.')
    return coverage.document(collection, suffix)


def _vocabulary(name: str) -> Vocabulary:
    try:
        return catalogue.vocabularies[name]
    except KeyError:
        raise missing(f'There is no vocabulary "{name[:80]}".') from None


def _collection(vocabulary: Vocabulary, code: str) -> Concept | None:
    return next((one for one in vocabulary.collections.values() if one.code == code), None)


def _narrower(one: Concept) -> Iterator[Concept]:
    """The concepts directly below one, in whichever vocabulary they are."""
    for vocabulary in catalogue.vocabularies.values():
        for below in vocabulary.narrower.get(one.iri, ()):
            yield vocabulary.concepts[below]


@dataclass(frozen=True)
class Other:
    """A concept that speaks of another, with the sets it is in."""

    concept: Concept
    sets: Sequence[Concept]


def _elsewhere(one: Concept) -> Iterator[tuple[Vocabulary, Sequence[Other]]]:
    """What other lists say of a concept, and which sets it is in: lists of facets first."""
    speakers = catalogue.vocabularies.mentions.get(one.iri, ())
    for vocabulary in sorted(
        catalogue.vocabularies.values(), key=lambda v: not counts.facets_on(v.name)
    ):
        found = _sorted(s for s in speakers if s.scheme == vocabulary.name and s.iri != one.iri)
        if found:
            yield (
                vocabulary,
                [
                    Other(s, [c for c in vocabulary.collections.values() if s.iri in c.members])
                    for s in found
                ],
            )


def _known(value: str) -> Concept | None:
    return catalogue.vocabularies.concept(value)


def _used(concepts: Iterable[Concept]) -> Mapping[str, int]:
    """How many datasets have each of some concepts, of whichever lists."""
    values = {one.iri: one.scheme for one in concepts}
    fields = [f.name for scheme in {*values.values()} for f in counts.facets_on(scheme)]
    return counts.of_these([*values], fields) if fields else {}


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
