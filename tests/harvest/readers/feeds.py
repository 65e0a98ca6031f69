"""What portals say in these tests, and how their pages are walked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from catalogue.harvest.reading import Page, Reader, Remote, Unreadable

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix ldp: <http://www.w3.org/ns/ldp#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BASE = "https://registry.example/"


def iri(number: int, base: str = BASE) -> str:
    """The IRI of a dataset."""
    return f"{base}dataset/{number}"


def dataset(number: int, base: str = BASE, more: str = "") -> str:
    """A dataset with a contact and a distribution."""
    return f"""
<{iri(number, base)}> a dcat:Dataset ;
    dct:title "Cohort {number} of heart failure"@en ;
    dct:description "Everybody admitted with heart failure."@en ;
    dct:identifier "cohort-{number}" ;
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Registry desk" ] ;
    dcat:distribution <{iri(number, base)}#csv> {more} .
<{iri(number, base)}#csv> a dcat:Distribution ; dct:title "Table" ;
    dcat:accessURL <https://registry.example/apply> .
"""


def page(numbers: Iterable[int], paging: str = "", base: str = BASE) -> str:
    """A page of a feed in Turtle."""
    numbers = list(numbers)
    members = "".join(f"<{base}catalog> dcat:dataset <{iri(one, base)}> .\n" for one in numbers)
    head = f'<{base}catalog> a dcat:Catalog ; dct:title "Registry"@en .\n{members}'
    return PREFIXES + head + "".join(dataset(one, base) for one in numbers) + paging


def walk(reader: Reader, most: int = 200) -> list[Page]:
    """The pages of a source, as a run reads them: a place is JSON between two of them."""
    pages: list[Page] = []
    place = None
    while True:
        assert len(pages) < most, "this walk does not end"
        pages.append(reader.page(place))
        if pages[-1].next is None:
            return pages
        place = json.loads(json.dumps(pages[-1].next))


def trouble(reader: Reader, place: object = None) -> Unreadable:
    """Why a page cannot be read."""
    try:
        read = reader.page(place)  # type: ignore[arg-type]
    except Unreadable as error:
        return error
    raise AssertionError(f"it can be read: {read}")


def datasets(pages: Sequence[Page]) -> list[Remote]:
    """The descriptions of datasets in some pages, with what is wrong with some."""
    return [one for page in pages for one in page.found if one.kind == "dataset"]


def names(pages: Sequence[Page]) -> list[str]:
    """The ids of the datasets that were described."""
    return [one.id for one in datasets(pages) if not violations(one)]


def violations(remote: Remote) -> list[str]:
    """What keeps a description out."""
    return [one.message for one in remote.problems if one.severity == "violation"]


def said(pages: Sequence[Page]) -> str:
    """Everything that pages say is wrong with them."""
    return "\n".join(problem for page in pages for problem in page.problems)
