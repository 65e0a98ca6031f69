"""Properties and classes whose namespace is misspelt: https for http, a ``#`` or ``/`` amiss.

``http://www.w3.org/ns/dcatDataset`` is nobody's class, and what it is meant to be is plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from catalogue.harvest.canonical import parts
from catalogue.terms import RDF_TYPE

_HYDRA, _LDP = "<http://www.w3.org/ns/hydra/core#", "<http://www.w3.org/ns/ldp#"
_SKOS, _DCAT = "<http://www.w3.org/2004/02/skos/core#", "<http://www.w3.org/ns/dcat#"
#: What is read beside the profile.
_BESIDE = (
    RDF_TYPE,
    *(f"{_SKOS}{one}>" for one in ("Concept", "ConceptScheme", "prefLabel", "inScheme")),
    *(f"{_DCAT}{one}>" for one in ("CatalogRecord", "record", "dataset", "service", "catalog")),
    *(f"{_LDP}{one}>" for one in ("contains", "DirectContainer", "BasicContainer", "member")),
    *(
        f"{_HYDRA}{one}>"
        for one in (
            *("PagedCollection", "PartialCollectionView", "Collection", "view", "next", "first"),
            *("nextPage", "lastPage", "firstPage", "previousPage", "last", "previous"),
            *("totalItems", "itemsPerPage", "member"),
        )
    ),
)


def spellings(vocabulary: Iterable[str]) -> dict[str, str]:
    """The terms that are known, by what is left of them when all that goes wrong is taken away."""
    return {_bare(term): term for term in (*_BESIDE, *vocabulary)}


def meant(terms: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """What misspelt terms are meant to be."""
    found = ((term, known.get(_bare(term), term)) for term in terms)
    return {term: right for term, right in found if right != term}


def corrected(lines: Iterable[str], wrong: Mapping[str, str]) -> Iterator[str]:
    """Lines with the right terms."""
    for line in lines:
        if line:
            subject, predicate, object_ = parts(line)
            right = wrong.get(predicate, predicate)
            class_ = wrong.get(object_, object_) if right == RDF_TYPE else object_
            yield f"{subject} {right} {class_} ."


def _bare(term: str) -> str:
    return term.partition("://")[2].replace("#", "").replace("/", "")
