"""The vocabularies: which there are, their concepts, and one concept with all that is known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, url_for

from catalogue.api import cursors
from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.labels import of_concept, of_iri
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import PAGING, Parameter, given, path, size, words
from catalogue.profile import Profile
from catalogue.vocabulary import Concept, Vocabulary
from catalogue.web import counts
from catalogue.web.current import catalogue, last_change
from catalogue.web.views import missing

_NAME = path("name", "The `name` of a vocabulary.")
_CODE = path("code", "The `code` of a concept.")


def _of_list(_: Profile) -> Sequence[Parameter]:
    q = Parameter(
        "q", "Words in one of the names, or the code.", {"type": "string", "maxLength": 200}
    )
    return (_NAME, q, *PAGING)


def _first() -> Mapping[str, str]:
    """The vocabulary that shows most: one whose names searches understand."""
    found = (one.name for one in catalogue.vocabularies.values() if one.expands and one.concepts)
    return {"name": next(found, next(iter(catalogue.vocabularies)))}


def _concept_of_first() -> Mapping[str, str]:
    vocabulary = catalogue.vocabularies[_first()["name"]]
    return {"name": vocabulary.name, "code": next(iter(vocabulary.concepts.values())).code}


@get(
    "/vocabularies",
    Operation("list_vocabularies", "Vocabularies", "List the vocabularies", "Vocabularies"),
)
def every() -> Response:
    """Every vocabulary with its source, version and licence, and the facets it gives values to."""
    given(())
    return answer(
        lambda: {
            "total": len(catalogue.vocabularies),
            "items": [_header(one) for one in catalogue.vocabularies.values()],
            "links": {
                "self": _address(),
                "page": absolute(url_for("vocabularies.every")),
            },
        },
        "vocabularies",
    )


@get(
    "/vocabularies/<slug:name>",
    Operation(
        "read_vocabulary",
        "Vocabularies",
        "Read a vocabulary",
        "Vocabulary",
        _of_list,
        lambda: [Example("", _first(), [("size", "5")])],
        missing=True,
    ),
)
def one(name: str) -> Response:
    """One vocabulary with its concepts by label, all or those with some words in a name."""
    parameters = given(_of_list(catalogue.profile))
    vocabulary = _vocabulary(name)
    wanted, most = words(parameters).casefold(), size(parameters)
    list_ = ("vocabulary", name, wanted)
    place = cursors.read(list_, dict(parameters).get("cursor", ""))
    asked = [pair for pair in parameters if pair[0] != "cursor"]

    def content() -> dict[str, Any]:
        found = sorted(_having(vocabulary.concepts.values(), wanted), key=_key)
        begin = bisect_right(found, tuple(place), key=_key) if place else 0
        some = found[begin : begin + most]
        next_ = None
        if begin + most < len(found):
            cursor = cursors.written(list_, _key(some[-1]))
            next_ = with_query(_address(name), [*asked, ("cursor", cursor)])
        return {
            **_header(vocabulary),
            "total": len(found),
            "items": [_concept(one) for one in some],
            "next": next_,
        }

    return answer(content, list_, most, place)


@get(
    "/vocabularies/<slug:name>/<path:code>",
    Operation(
        "read_concept",
        "Vocabularies",
        "Read a concept",
        "Concept",
        lambda profile: (_NAME, _CODE),
        lambda: [Example("", _concept_of_first())],
        missing=True,
    ),
)
def concept(name: str, code: str) -> Response:
    """One concept in every language, with its neighbours and how many datasets state it."""
    given(())
    vocabulary = _vocabulary(name)
    sets = {one.code: one for one in vocabulary.collections.values()}
    found = sets.get(code) or vocabulary.by_code.get(code) or vocabulary.concepts.get(code)
    if found is None:
        raise missing(f'There is no concept "{code[:80]}" in the list “{vocabulary.title}”.')
    return answer(lambda: _whole(found), "concept", found.iri, last_change())


def _vocabulary(name: str) -> Vocabulary:
    if name not in catalogue.vocabularies:
        raise missing(f'There is no vocabulary "{name[:80]}"; {_address()} lists those there are.')
    return catalogue.vocabularies[name]


def _address(*steps: str) -> str:
    return absolute("/".join((f"{PREFIX}/vocabularies", *steps)))


def _having(concepts: Iterable[Concept], wanted: str) -> Iterable[Concept]:
    for one in concepts:
        if (
            not wanted
            or wanted == one.code.casefold()
            or any(wanted in text.casefold() for text in one.texts())
        ):
            yield one


def _key(one: Concept) -> tuple[str, str]:
    return one.label().casefold(), one.iri


def _header(one: Vocabulary) -> dict[str, Any]:
    page = absolute(url_for("vocabularies.show", name=one.name))
    return {
        "name": one.name,
        "iri": one.iri,
        "title": one.title,
        "description": one.description,
        "source": list(one.source),
        "version": one.version,
        "licence": one.licence,
        "rights": one.rights,
        "complete": one.complete,
        "unchecked": one.unchecked,
        "expands": one.expands,
        "concepts": len(one.concepts),
        "collections": [of_concept(some) for some in one.collections.values()],
        "facets": [facet.name for facet in counts.facets_on(one.name)],
        "links": {"self": _address(one.name), "page": page, "ttl": page + ".ttl"},
    }


def _concept(one: Concept) -> dict[str, Any]:
    """A concept in a list: what it is called, what is above it."""
    page = absolute(url_for("vocabularies.concept", name=one.scheme, code=one.code))
    return {
        **of_concept(one),
        "alternates": {language: list(texts) for language, texts in one.alternates.items()},
        "broader": [of_iri(value) for value in one.broader],
        "checked": one.checked,
        "deprecated": one.deprecated,
        "links": {
            "self": absolute(url_for("api.read_concept", name=one.scheme, code=one.code)),
            "page": page,
        },
    }


def _whole(one: Concept) -> dict[str, Any]:
    """Everything known of a concept."""
    narrower = (
        value
        for some in catalogue.vocabularies.values()
        for value in some.narrower.get(one.iri, ())
    )
    facets = counts.facets_on(one.scheme)
    stated = {facet.name: counts.of_these([one.iri], [facet.name]) for facet in facets}
    return {
        **_concept(one),
        "scheme": one.scheme,
        "labels": dict(one.labels),
        "definition": dict(one.definition),
        "note": dict(one.note),
        "narrower": [of_iri(value) for value in narrower],
        "related": [of_iri(value) for value in one.related],
        "members": [of_iri(value) for value in one.members],
        "facts": {name: list(values) for name, values in one.notes.items()},
        "sources": list(one.sources),
        "citations": list(one.citations),
        "issued": one.issued,
        "datasets": {
            name: {
                "count": count.get(one.iri, 0),
                "url": with_query(absolute(f"{PREFIX}/datasets"), [(name, one.iri)]),
            }
            for name, count in stated.items()
        },
    }
