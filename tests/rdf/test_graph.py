"""Records read out of what others write: blank nodes, cycles, wrong kinds, shared parts."""

from __future__ import annotations

import pytest
from factories import EHDS, agent, dataset

from catalogue.profile import Names
from catalogue.rdf.formats import FORMATS, TURTLE, read, write
from catalogue.rdf.graph import records_in, unread
from catalogue.terms import Statements

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @base <https://x.example/> .
@prefix health: <http://healthdataportal.eu/ns/health#> .
"""
NAMES = Names("https://c.example/")
STRANGE = {
    "a part that is the record": "<d> a dcat:Dataset ; dct:title 'T'@en ; dcat:distribution <d> .",
    "a part of itself": "<d> a dcat:Dataset ; dcat:distribution <r> . "
    "<r> dct:rights <r> ; dcat:accessURL 'https://a.example/', 'not an address', [] .",
    "a longer circle": "<d> a dcat:Dataset ; health:hasVariables <g> . <g> csvw:table <t> . "
    "<t> csvw:column <g> ; csvw:table <g> .",
    "two kinds at once": "<d> a dcat:Dataset, dcat:Catalog ; dct:title 'T'@en .",
    "values of every wrong kind": "<d> a dcat:Dataset ; dct:title 5, <i>, 'x'^^<http://odd.example/> ;"
    " dct:issued '2020-13-45'^^xsd:date, 'abc' ; health:numberOfRecords '12.5', -5 ;"
    " health:hasStructuredData 'TRUE' ; dct:language 'en', 'Klingon' ; dct:spatial 'Belgium', <w>,"
    " [ dcat:bbox 'POLYGON((0 0,1 1,1 0,0 0))' ], [ dcat:bbox 'here' ] ;"
    " dct:publisher 'A hospital' ; dct:provenance 'text' .",
    "blank contacts": "<d> a dcat:Dataset ; dcat:contactPoint [ vcard:hasEmail 'mailto:a@b.org' ],"
    " [ vcard:hasEmail <mailto:c@d.org> ], <k>, 'text', [] .",
    "blank and shared": "<d> a dcat:Dataset ; dcat:distribution <x>, <y> . <x> dct:rights _:r ."
    " <y> dct:rights _:r . _:r rdfs:label 'R'@en .",
}


@pytest.mark.parametrize("source", STRANGE.values(), ids=STRANGE.keys())
def test_whatever_is_read_can_be_kept_and_written_again(profile, source):
    statements = read((PREFIXES + source).encode(), TURTLE, "https://x.example/")
    found = records_in(profile, statements, NAMES)
    assert found
    for one in found:
        shape, names = profile.records[one.kind], NAMES.of(one.iri)
        document, problems = shape.load(one.document)
        assert problems == []
        shape.identify(document)
        written = list(shape.describe(document, names))
        for format in FORMATS.values():
            write(written, format, profile.prefixes)
        node = f"<{names.absolute(one.iri)}>"
        again = shape.interpret(Statements(written), node, names)
        assert shape.canonical(again) == shape.canonical(document)
        assert "_:" not in repr(document)
    unread(profile, statements, found, NAMES)


def test_what_a_blank_node_says_is_read_and_not_reported_as_unread(profile):
    source = "<d> a dcat:Dataset ; dcat:contactPoint [ a vcard:Kind ; vcard:fn 'Desk' ; <p> 'q' ] ."
    statements = read((PREFIXES + source).encode(), TURTLE, "https://x.example/")
    found = records_in(profile, statements, NAMES)
    assert found[0].document["contact_point"][0]["contact_name"] == "Desk"
    left = unread(profile, statements, found, NAMES)
    assert [predicate for _, predicate, _ in left] == ["<https://x.example/p>"]


def test_a_shared_blank_node_stays_shared(profile):
    source = STRANGE["blank and shared"]
    statements = read((PREFIXES + source).encode(), TURTLE, "https://x.example/")
    (one,) = records_in(profile, statements, NAMES)
    document, _ = profile["Dataset"].load(one.document)
    parts = profile["Dataset"].identify(document)["distribution"]
    assert [part["rights"][0]["id"] for part in parts] == ["#rights-1", "#rights-1"]


def test_what_a_catalogue_lists_is_listed_in_it(profile):
    """Most catalogues say so only from their side; so do our own pages and dumps."""
    source = (
        "<c> a dcat:Catalog ; dct:title 'C'@en ; dcat:dataset <d>, <e> ."
        " <d> a dcat:Dataset ; dct:title 'D'@en ; dct:isPartOf <b>, <c> ."
    )
    statements = read((PREFIXES + source).encode(), TURTLE, "https://x.example/")
    found = {one.iri: one.document for one in records_in(profile, statements, NAMES)}
    assert found["https://x.example/d"]["listed_in"] == [
        "https://x.example/b",
        "https://x.example/c",
    ]
    left = unread(profile, statements, records_in(profile, statements, NAMES), NAMES)
    assert [object_ for _, _, object_ in left] == ["<https://x.example/e>"]


def test_a_record_named_by_another_is_told_without_becoming_a_dataset_of_the_document(empty):
    with empty.changing() as session:
        put = empty.records.put
        put(session, "agent", agent(), key="ghent", author="test")
        series = {
            "title": {"en": "Series"},
            "description": {"en": "What belongs together."},
            "applicable_legislation": [EHDS],
        }
        put(session, "series", series, key="s", author="test")
        put(session, "dataset", dataset(title={"en": "Source"}), key="source", author="test")
        named = {
            "in_series": ["id/series/s"],
            "source": ["id/dataset/source", "https://elsewhere.example/dataset"],
        }
        record = put(session, "dataset", dataset(**named), key="hf", author="test")
        found = Statements(empty.graphs.self_contained(session, record))
    base = empty.settings.public_address
    assert found.of_type("<http://www.w3.org/ns/dcat#Dataset>") == [f"<{base}id/dataset/hf>"]
    title = "<http://purl.org/dc/terms/title>"
    assert found.objects(f"<{base}id/dataset/source>", title) == ['"Source"@en']
    told = set(found.predicates(f"<{base}id/series/s>"))
    assert "<http://purl.org/dc/terms/description>" in told
    assert "<http://data.europa.eu/r5r/applicableLegislation>" in told
