"""Foreign RDF with every defect that is out there, read by a real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from catalogue.errors import Problem
from catalogue.harvest.fetch import Fetched
from catalogue.harvest.parsing import Parsed, Parser, SourceDocument
from catalogue.harvest.reading import Remote
from catalogue.profile import Profile
from catalogue.terms import RDF_TYPE, iri, literal

ROOT = Path(__file__).parent.parent.parent
BASE, FEED = "https://catalogue.example.org/", "https://registry.example.org/feed"
NS = "https://registry.example.org/"
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
PREFIXES = f"""@prefix dcat: <{DCAT}> .
@prefix dct: <{DCT}> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix : <{NS}> .
"""
TURTLE = (
    PREFIXES
    + """:catalogue a dcat:Catalog ; dct:title "Register"@en ; dcat:dataset :a , :b ; hydra:totalItems 2 .
:a a dcat:Dataset ; dct:title "Herzinsuffizienz – Kohorte ä"@de , "Cohort"@en ; dct:publisher :h ;
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Desk" ] ; dcat:landingPage <https://example.org/a> .
:b a dcat:Dataset ; dct:title "Registry" ; dct:publisher [ foaf:name "Institute" ] .
:h a foaf:Agent ; foaf:name "Hospital" .
"""
)
TYPES = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
}


@pytest.fixture(scope="module")
def parser(profile: Profile) -> Iterator[Parser]:
    """A parser for a source."""
    parser = Parser(profile, BASE, "registry")
    yield parser
    parser.close()


@pytest.fixture(scope="module")
def read(parser: Parser):
    """Reads one document."""

    def read(
        content: bytes | str, content_type: str = "text/turtle", address: str = FEED, **more: str
    ) -> Parsed:
        content = content.encode() if isinstance(content, str) else content
        [found] = parser.read([SourceDocument(content, content_type, address, **more)])
        return found

    return read


def written(form: str, turtle: str = TURTLE, graph: str = "") -> bytes:
    """The same in another syntax."""
    quads = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    if graph:
        quads = [ox.Quad(*one.triple, ox.NamedNode(graph)) for one in quads]
    content = ox.serialize(
        quads if form in ("jsonld", "nq", "trig") else [one.triple for one in quads],
        format=TYPES[form][1],
        prefixes={"dcat": DCAT, "dct": DCT} if form in ("ttl", "rdf", "trig") else None,
    )
    assert content is not None
    return content


def gist(found: Parsed) -> set[tuple[str, str, str, bytes]]:
    return {(one.kind, one.id, one.hash, one.raw) for one in found.found}


def only(found: Parsed, kind: str = "dataset") -> Remote:
    [one] = [one for one in found.found if one.kind == kind]
    return one


def by_id(found: Parsed, name: str) -> Remote:
    [one] = [one for one in found.found if one.id == NS + name]
    return one


def words(one: Remote | Parsed) -> str:
    return " ".join(getattr(problem, "message", problem) for problem in one.problems)


@pytest.fixture(scope="module")
def expected(read) -> set[tuple[str, str, str, bytes]]:
    found = read(TURTLE)
    assert (found.whole, found.problems) == (True, ())
    assert sorted(one.kind for one in found.found) == [
        *("agent", "agent", "catalogue", "dataset", "dataset")
    ]
    return gist(found)


# syntaxes -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
def test_a_description_is_the_same_in_every_syntax(read, expected, form: str):
    found = read(written(form), TYPES[form][0])
    assert gist(found) == expected
    assert found.whole
    assert not found.problems
    assert found.paging.objects(f"<{NS}catalogue>", f"<{DCAT}dataset>") == [f"<{NS}a>", f"<{NS}b>"]


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize(
    "said",
    [
        *("text/html", "text/plain", "application/octet-stream", "application/xml", ""),
        *("text/turtle", "application/rdf+xml", "application/json", "application/x-strange"),
    ],
)
def test_a_wrong_media_type_is_no_hindrance(read, expected, form: str, said: str):
    assert gist(read(written(form), said, NS + "feed")) == expected


@pytest.mark.parametrize("form", TYPES)
def test_a_wrong_suffix_is_no_hindrance(read, expected, form: str):
    for suffix in ("ttl", "rdf", "jsonld", "nt.gz"):
        assert gist(read(written(form), "", f"{NS}feed.{suffix}")) == expected


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld"])
def test_graphs_are_put_together(read, expected, form: str):
    found = read(written(form, graph=NS + "graph"), TYPES[form][0])
    assert gist(found) == expected


def test_comments_before_the_first_statement_hide_nothing(read, expected):
    assert gist(read(f"# the feed\n\n#\n{TURTLE}", "text/plain")) == expected


def test_relative_addresses_begin_at_the_document(read):
    text = f'<dataset/1> a <{DCAT}Dataset> ; <{DCT}title> "A" .'
    assert only(read(text, address="https://registry.example.org/feeds/all.ttl")).id == (
        NS + "feeds/dataset/1"
    )


def test_rdf_in_a_web_page_is_found(read, expected):
    page = (
        b"<!DOCTYPE html>\n<html><head><title>Register</title>"
        b'<script>var x = "<script>";</script>'
        b'<script type="application/ld+json">{"@context": "https://schema.org/", "@type": "Dataset",'
        b' "name": "A"}</script>'
        b"<SCRIPT data-x type='application/ld+json'>\n"
        + written("jsonld")
        + b"\n</SCRIPT></head></html>"
    )
    found = read(page, "text/html")
    assert gist(found) == expected
    assert (found.whole, found.problems) == (True, ())


def test_a_web_page_without_rdf_is_not_taken_for_an_empty_feed(read):
    for page in (
        "<html><body>Please log in</body></html>",
        "<!doctype html><p>Down for maintenance",
    ):
        found = read(page, "text/turtle")
        assert not found.found
        assert not found.whole
        assert "It is a web page, and holds no RDF that is read here." in words(found)


def test_xml_that_is_no_rdf_is_told(read):
    found = read('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>', "text/xml")
    assert not found.whole
    assert "It is XML, but not RDF" in words(found)


def test_an_empty_document_is_not_taken_for_an_empty_feed(read):
    assert not read("").whole
    assert not read(" \n").whole
    assert read(PREFIXES).whole


def test_what_is_no_rdf_at_all_is_told(read):
    found = read(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "text/turtle")
    assert not found.whole
    assert "It is no RDF that can be read." in words(found)


def test_the_whole_of_what_was_fetched_is_read(parser: Parser, expected):
    fetched = Fetched(FEED, 200, "text/turtle", {}, TURTLE.encode("latin-1", "replace"), "latin-1")
    document = SourceDocument.of(fetched, "oai:1")
    assert (document.id, document.charset, document.address) == ("oai:1", "latin-1", FEED)
    [found] = parser.read([document])
    assert by_id(found, "b")
    assert "oai:1" in [one.id for one in found.found if one.kind == "dataset"]


# encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ttl", "rdf", "jsonld", "nt"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_marks_and_wide_encodings_are_read(read, expected, form: str, encoding: str):
    text = written(form).decode().replace('<?xml version="1.0" encoding="UTF-8"?>', "")
    found = read(text.encode(encoding), TYPES[form][0])
    assert gist(found) == expected
    assert not found.problems


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "iso-8859-15"])
def test_a_declared_encoding_is_read(read, encoding: str):
    text = TURTLE.replace("–", "-")
    right = gist(read(text))
    xml = written("rdf", text).decode().split("?>", 1)[1]
    content = f"<?xml version='1.0' encoding='{encoding}'?>{xml}".encode(encoding)
    assert gist(read(content, "application/rdf+xml")) == right
    assert gist(read(text.encode(encoding), charset=encoding)) == right


def test_an_encoding_that_is_declared_wrongly_does_no_harm(read, expected):
    xml = written("rdf").decode().split("?>", 1)[1]
    content = f'<?xml version="1.0" encoding="ISO-8859-1"?>{xml}'.encode()
    assert gist(read(content, "application/rdf+xml")) == expected
    assert gist(read(TURTLE, charset="latin-1")) == expected


@pytest.mark.parametrize("form", ["ttl", "rdf", "jsonld", "nt"])
def test_undeclared_bytes_of_old_are_read_and_told(read, form: str, expected):
    content = written(form).replace("Kohorte ä".encode(), "Kohorte ä".encode("cp1252"))
    found = read(content, TYPES[form][0])
    assert gist(found) == expected  # the dash, which is in UTF-8, survives beside it
    assert "It is not in UTF-8, as it should be; what does not fit was read as windows-1252." in (
        words(found)
    )
    assert found.whole


def test_control_characters_are_left_out_and_told(read):
    for title in (
        "Heart\x00\x0b failure",
        "Heart\\u0001\\b\\f failure\\u007F",
        "Heart\\uFFFF failure",
    ):
        found = read(f'{PREFIXES}:a a dcat:Dataset ; dct:title "{title}" .')
        assert only(found).title == "Heart failure"
        assert "control characters" in words(found)
    kept = read(f'{PREFIXES}:a a dcat:Dataset ; dct:title "C:\\\\bin\\\\u0001" .')
    assert only(kept).title == "C:\\bin\\u0001"


# defects --------------------------------------------------------------------------------

BAD = {
    "a space": ("https://example.org/a b", "https://example.org/a%20b"),
    "a bar": ("https://example.org/a|b", "https://example.org/a%7Cb"),
    "a quote": ('https://example.org/a"b', "https://example.org/a%22b"),
    "braces": ("https://example.org/{id}", "https://example.org/%7Bid%7D"),
    "a less": ("https://example.org/a<b", "https://example.org/a%3Cb"),
    "a greater": ("https://example.org/a>b", "https://example.org/a%3Eb"),
    "a line break": ("https://example.org/a\n  b", "https://example.org/ab"),
    "a backslash": ("https://example.org\\a\\b", "https://example.org%5Ca%5Cb"),
    "a caret": ("https://example.org/a^b", "https://example.org/a%5Eb"),
    "a backtick": ("https://example.org/a`b", "https://example.org/a%60b"),
    "a bracket": ("https://example.org/?f[0]=b[", "https://example.org/?f%5B0%5D=b%5B"),
    "a bare percent": ("https://example.org/100%", "https://example.org/100%25"),
    "two fragments": ("https://example.org/#a#b", "https://example.org/#a%23b"),
    "spaces around": (" https://example.org/a ", "https://example.org/a"),
}
NONE = {
    "very long": "https://example.org/" + "x" * 10_000,
    "a bare mailto": "mailto:",
    "no host": "http://",
    "no host but a path": "http:///a",
    "a script": "javascript:alert(1)",
    "a file": "file:///C:/data/a.csv",
    "a port that is none": "http://example.org:port/",
    "a host that is none": "http://[example.org/",
}


def in_syntax(form: str, address: str) -> bytes:
    """Two datasets, one with an address as it is."""
    if form == "rdf":
        escaped = address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        escaped = escaped.replace("\n", "&#10;")
        return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="{DCAT}"
            xmlns:dct="{DCT}"><dcat:Dataset rdf:about="{NS}a"><dct:title>A</dct:title>
            <dcat:landingPage rdf:resource="{escaped}"/></dcat:Dataset>
            <dcat:Dataset rdf:about="{NS}b"><dct:title>B</dct:title></dcat:Dataset></rdf:RDF>""".encode()
    if form == "jsonld":
        context = {
            "landingPage": {"@id": DCAT + "landingPage", "@type": "@id"},
            "title": DCT + "title",
        }
        graph = [
            {"@id": NS + "a", "@type": DCAT + "Dataset", "title": "A", "landingPage": address},
            {"@id": NS + "b", "@type": DCAT + "Dataset", "title": "B"},
        ]
        return json.dumps({"@context": context, "@graph": graph}).encode()
    lines = [
        f"<{NS}a> {RDF_TYPE} <{DCAT}Dataset> .",
        f'<{NS}a> <{DCT}title> "A" .',
        f"<{NS}a> <{DCAT}landingPage> <{address}> .",
        f"<{NS}b> {RDF_TYPE} <{DCAT}Dataset> .",
        f'<{NS}b> <{DCT}title> "B" .',
    ]
    if form in ("nt", "nq"):
        return "\n".join(lines).encode()
    graph = "\n".join(lines)
    return (f"<{NS}g> {{\n{graph}\n}}" if form == "trig" else graph).encode()


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("defect", BAD)
def test_an_address_that_can_be_put_right_is(read, form: str, defect: str):
    wrong, right = BAD[defect]
    if form in ("nt", "nq") and "\n" in wrong:
        pytest.skip("a line of N-Triples ends there")
    found = read(in_syntax(form, wrong), TYPES[form][0])
    one, other = found.found
    assert f"<{DCAT}landingPage> <{right}> ." in one.raw.decode()
    [problem] = one.problems
    assert problem.severity == "warning"
    assert problem.message.startswith("dcat:landingPage: “")
    assert f"read as {right}" in problem.message
    assert other.raw
    assert not other.problems
    assert found.whole


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("defect", NONE)
def test_an_address_that_is_none_is_left_out_and_told(read, form: str, defect: str):
    found = read(in_syntax(form, NONE[defect]), TYPES[form][0])
    one, other = found.found
    assert "landingPage" not in one.raw.decode()
    [problem] = one.problems
    assert problem.severity == "warning"
    assert problem.message.startswith("dcat:landingPage: “")
    assert problem.message.endswith("was left out.")
    assert len(problem.message) < 300
    assert not other.problems
    assert found.whole


@pytest.mark.parametrize("form", ["ttl", "rdf", "jsonld"])
def test_the_address_of_a_dataset_itself_may_have_to_be_put_right(read, form: str):
    content = in_syntax(form, "https://example.org/x").replace(b"org/a", b"org/a b")
    found = read(content, TYPES[form][0])
    assert [one.id for one in found.found] == [NS + "a%20b", NS + "b"]
    assert "Its address “https://registry.example.org/a b” contains ' '" in words(found.found[0])


def test_what_is_said_of_nothing_is_left_out_and_counted(read):
    found = read(f'{PREFIXES}<http://[x> dct:title "A" , "B" . :b a dcat:Dataset ; dct:title "B" .')
    assert only(found).id == NS + "b"
    assert "2 statements are about something that has no proper address" in words(found)


def test_language_tags_are_put_right(read):
    found = read(
        f'{PREFIXES}:a a dcat:Dataset ; dct:title "A"@en_GB , "B"@pt-BR , "C"@english_and_so_on_for_ever .'
    )
    raw = only(found).raw.decode()
    assert ('"A"@en-gb' in raw, '"B"@pt-br' in raw, '"C" .' in raw or '"C"@' in raw) == (
        True,
        True,
        True,
    )


def test_texts_are_not_taken_for_addresses(read):
    """What looks like a defect inside a text is none, even where another one is put right."""
    title = 'a < b and c > d "x" # no comment <https://example.org/a b> @en_GB'
    text = (
        f"{PREFIXES}:a a dcat:Dataset ; dct:title {literal(title)} ; # <https://example.org/c d>\n"
        f"dct:description '''{title} ''' ; dcat:landingPage <https://example.org/a b> ."
    )
    one = only(read(text))
    assert one.title == title
    assert len(one.problems) == 1


@pytest.mark.parametrize("form", ["ttl", "jsonld", "nt"])
def test_half_characters_are_no_hindrance(read, form: str):
    content = in_syntax(form, "https://example.org/x").replace(
        b'"A"', b'"A \\ud83d\\ude00 \\ud83d"'
    )
    assert by_id(read(content, TYPES[form][0]), "a").title == "A 😀 \ufffd"


def test_prefixes_that_everybody_knows_need_not_be_declared(read):
    text = TURTLE.replace("@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n", "")
    found = read(text.replace("dct:title", "skos:prefLabel", 1))
    assert by_id(found, "a").raw == by_id(read(TURTLE), "a").raw
    assert found.whole


def test_ampersands_in_xml_are_no_hindrance(read):
    content = written("rdf").replace(b"Cohort<", b"Cohort &amp; caf&eacute; R&D &nbsp;&x &#228;<")
    assert (
        "Cohort & café R&D \xa0&x ä"
        in by_id(read(content, "application/rdf+xml"), "a").raw.decode()
    )


def test_a_misspelt_namespace_is_told_of_the_document(read, expected):
    found = read(TURTLE.replace("http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat#"))
    assert gist(found) == expected
    assert "https://www.w3.org/ns/dcat#Dataset was read as dcat:Dataset." in found.problems
    assert found.whole


# documents that break off ---------------------------------------------------------------


def fifty(then: str) -> str:
    many = "".join(f':d{n} a dcat:Dataset ;\n  dct:title "Dataset {n}" .\n' for n in range(50))
    return f"{PREFIXES}{many}{then}"


def test_what_comes_before_and_after_a_fault_is_read(read):
    found = read(
        fifty(':bad a dcat:Dataset ;\n  dct:title "Bad ;\n  dct:description "x" .\n\n')
        + ':last a dcat:Dataset ; dct:title "Last" .\n'
    )
    assert [one.id for one in found.found] == [*(f"{NS}d{n}" for n in range(50)), NS + "last"]
    assert not any(one.problems for one in found.found)
    assert not found.whole
    assert "Some of it cannot be read: Parser error at line 108" in words(found)


def test_a_document_that_ends_in_the_middle_keeps_what_it_has(read):
    found = read(fifty(':bad a dcat:Dataset ;\n  dct:title "Dataset 51" ;\n  dct:descr'))
    assert [one.id for one in found.found] == [f"{NS}d{n}" for n in range(50)]
    assert not found.whole


def test_a_part_that_would_have_come_after_the_end_is_missed(read):
    text = (
        f'{PREFIXES}:a a dcat:Dataset ; dct:title "A" ; dcat:contactPoint :desk .\n'
        ':b a dcat:Dataset ; dct:title "B" ; dcat:contactPoint <https://other.example.org/> .\n'
    )
    found = read(f'{text}:c dct:title "The end is miss')
    assert "What dcat:contactPoint leads to is in a part that cannot be read" in words(
        by_id(found, "a")
    )
    assert not by_id(found, "b").problems
    assert not any(one.problems for one in read(text).found)


def test_rdf_xml_that_ends_in_the_middle_keeps_what_is_whole(read):
    many = "".join(
        f'<dcat:Dataset rdf:about="{NS}d{n}"><dct:title>{n}</dct:title><dcat:distribution>'
        f'<dcat:Distribution rdf:about="{NS}f{n}"><dct:title>F</dct:title></dcat:Distribution>'
        "</dcat:distribution></dcat:Dataset>"
        for n in range(50)
    )
    whole = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:dcat="{DCAT}" xmlns:dct="{DCT}">{many}</rdf:RDF>'
    )
    assert read(whole, "application/rdf+xml").whole
    cut = whole[: whole.rindex("F</dct:title>")]
    found = read(cut, "application/rdf+xml")
    assert not found.whole
    assert "It breaks off" in words(found)
    # Of the last one, its distribution was being read: it must not replace what is there.
    assert [bool(one.problems) for one in found.found] == [*[False] * 49, True]
    assert found.found[-1].problems[0].severity == "violation"


def test_json_that_ends_in_the_middle_is_told(read):
    found = read(written("jsonld")[:-20], "application/ld+json")
    assert not found.whole
    assert "It is not JSON" in words(found)


def test_bad_lines_of_n_triples_are_passed_over(read):
    good = written("nt").decode()
    line = f'<{NS}a> <{DCT}description> "never closed .'
    found = read(f"{line}\n{good}", "application/n-triples")
    assert "Line 1 cannot be read" in words(found)
    assert found.whole  # it is known what is missing, and it is no class
    assert by_id(found, "a").raw == by_id(read(TURTLE), "a").raw
    assert "dct:description: its line cannot be read." in words(by_id(found, "a"))
    found = read(f"complete nonsense\n{good}", "application/n-triples")
    assert len(found.found) == 5
    assert not found.whole


def test_n_triples_that_end_in_the_middle_keep_what_is_whole(read):
    lines = sorted(written("nt").decode().splitlines(), key=lambda line: f"<{NS}a>" in line[:40])
    found = read("\n".join(lines)[:-10], "application/n-triples")
    assert not found.whole
    assert "breaks off within it" in words(by_id(found, "a"))
    assert not by_id(found, "b").problems


def test_a_property_that_is_no_address_may_be_any(read):
    """It may have been the one that said that something is a dataset: nothing counts as gone."""
    type_ = RDF_TYPE.replace("<http", "<http |")
    found = read(in_syntax("nt", "https://example.org/").decode().replace(RDF_TYPE, type_, 1))
    assert not found.whole


def test_a_part_in_a_statement_with_a_fault_is_missed_where_it_belongs(read):
    text = (
        f'{PREFIXES}:a a dcat:Dataset ; dct:title "A" ; dct:provenance :told ; dct:publisher :h .\n'
        ':b a dcat:Dataset ; dct:title "B" ; dct:publisher :h .\n'
        ':told dct:title "From records" ; dct:description "never closed .\n'
        ":h a foaf:Agent ; foaf:name .\n"
    )
    found = read(text)
    assert not found.whole
    assert "What dct:provenance leads to is in a part that cannot be read" in words(
        by_id(found, "a")
    )
    assert by_id(found, "a").problems[0].severity == "violation"
    assert not by_id(found, "b").problems  # whoever publishes it is another record


def test_so_many_bad_lines_are_not_told_one_by_one(read):
    found = read(b"nonsense\n" * 1_000 + written("nt"), "application/n-triples")
    assert len(found.problems) == 11
    assert "990 more lines cannot be read." in found.problems


# attacks --------------------------------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + ']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    + f'xmlns:dct="{DCT}"><rdf:Description rdf:about="{NS}a"><dct:title>&m;</dct:title>'
    + "</rdf:Description></rdf:RDF>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("said", ["application/rdf+xml", "text/turtle", "text/html"])
def test_entities_are_refused_in_every_encoding(read, encoding: str, said: str):
    found = read(BOMB.encode(encoding), said)
    assert not found.found
    assert not found.whole
    assert "It declares entities (DOCTYPE), which are not read" in words(found)


def test_no_file_of_ours_is_read_through_an_entity(read, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush")
    text = BOMB.replace('"aaaaaaaaaa"', f'SYSTEM "file://{secret}"').replace("&m;", "&a;")
    assert not read(text, "application/rdf+xml").found


@pytest.mark.parametrize("shape", ["[", '{"@graph":', '{"http://example.org/p":'])
def test_json_that_is_nested_without_end_is_told(read, shape: str):
    depth = 5_000
    end = {"[": "]"}.get(shape, "}") * depth
    found = read(f"{shape * depth}1{end}", "application/ld+json")
    assert "It is nested deeper than 200 levels." in words(found)
    assert not found.whole


def test_turtle_that_is_nested_without_end_does_no_harm(read, expected):
    text = f"{PREFIXES}:a dct:relation {'[ dct:relation ' * 100_000}"
    assert not read(text).whole
    assert gist(read(TURTLE)) == expected


@pytest.mark.parametrize(
    "context",
    [
        "https://evil.example.org/context.jsonld",
        ["https://evil.example.org/context.jsonld", {"a": "https://x.example.org/"}],
        {"@import": "https://evil.example.org/context.jsonld", "@version": 1.1},
        {
            "t": {
                "@id": "https://x.example.org/t",
                "@context": "https://evil.example.org/context.jsonld",
            }
        },
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_context_elsewhere_is_not_fetched_and_told(read, context: object):
    text = json.dumps({"@context": context, "@id": NS + "a", "@type": DCAT + "Dataset"})
    found = read(text, "application/ld+json")
    assert not found.whole
    assert "is kept elsewhere, and contexts are not fetched; have the source write it" in words(
        found
    )
    nested = json.dumps([{"@id": NS + "b"}, {"@id": NS + "a", DCT + "relation": json.loads(text)}])
    assert "is kept elsewhere" in words(read(nested, "application/ld+json"))
    escaped = text.replace('"@context"', '"\\u0040context"')
    assert "is kept elsewhere" in words(read(escaped, "application/ld+json"))


def test_the_context_of_another_catalogue_of_this_program_is_known(read):
    text = json.dumps(
        {
            "@context": "https://other.example.org/profile/context.jsonld",
            "id": "https://other.example.org/id/dataset/a",
            "type": DCAT + "Dataset",
            "title": {"en": "Cohort"},
            "identifier": "1",
        }
    )
    found = read(text, "application/ld+json", address="https://other.example.org/api/datasets/a")
    assert only(found).title == "Cohort"


def test_a_document_that_needs_all_memory_ends_without_us(profile: Profile, expected):
    parser = Parser(profile, BASE, "registry", memory=120_000_000)
    parts = ",".join(f'{{"@id":"{NS}{n}","{DCT}title":"{n}"}}' for n in range(300_000))
    wide = f'{{"@id":"{NS}x","{DCT}subject":[{parts}]}}'
    good = SourceDocument(TURTLE.encode(), "text/turtle", FEED)
    bad = SourceDocument(wide.encode(), "application/ld+json", FEED)
    first, monster, last = parser.read([good, bad, good])
    assert gist(first) == gist(last) == expected
    assert not monster.whole
    assert "It needs more than 120 MB of memory to read" in words(monster)
    parser.close()


def test_a_document_that_takes_for_ever_ends_without_us(profile: Profile, expected):
    parser = Parser(profile, BASE, "registry", seconds=0.3)
    many = "\n".join(f'<{NS}{n}> <{DCT}title> "never closed' for n in range(400_000))
    good = SourceDocument(TURTLE.encode(), "text/turtle", FEED)
    parser.read([good])  # started
    # So that the length of the document does not buy it time.
    import catalogue.harvest.parsing as parsing

    usual, parsing._SECONDS_EACH = parsing._SECONDS_EACH, 0.0
    try:
        slow, fine = parser.read(
            [SourceDocument(many.encode(), "application/n-triples", FEED), good]
        )
    finally:
        parsing._SECONDS_EACH = usual
    assert "seconds to read" in words(slow)
    assert not slow.whole
    assert gist(fine) == expected
    parser.close()


def test_a_process_that_was_killed_is_started_again(profile: Profile, expected):
    parser = Parser(profile, BASE, "registry")
    document = SourceDocument(TURTLE.encode(), "text/turtle", FEED)
    parser.read([document])
    assert parser._child is not None
    os.kill(parser._child._process.pid, signal.SIGKILL)
    parser._child._process.wait()
    [found] = parser.read([document])
    assert gist(found) == expected
    parser.close()
    assert gist(parser.read([document])[0]) == expected
    parser.close()


def test_the_process_imports_nothing_heavy_and_knows_no_secret(parser: Parser, read, monkeypatch):
    code = "import sys, catalogue.harvest.child; print(*sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert not loaded & {
        "flask",
        "sqlalchemy",
        "rdflib",
        "whoosh",
        "numpy",
        "marshmallow",
        "httpx2",
    }
    monkeypatch.setenv("CATALOGUE_SECRET_KEY", "hush")
    parser.close()
    read(TURTLE)
    assert parser._child is not None
    environment = Path(f"/proc/{parser._child._process.pid}/environ").read_bytes()
    assert b"hush" not in environment


# several, and our own -------------------------------------------------------------------


def test_many_documents_are_read_at_once_and_keep_their_order(parser: Parser):
    documents = [
        SourceDocument(
            f'<{NS}{n}> a <{DCAT}Dataset> ; <{DCT}title> "{n}" .'.encode(),
            "text/turtle",
            FEED,
            f"id-{n}",
        )
        for n in range(300)
    ]
    found = parser.read(documents)
    assert [only(one).id for one in found] == [f"id-{n}" for n in range(300)]
    assert [only(one).title for one in found] == [str(n) for n in range(300)]
    assert parser.read([]) == []


def test_statements_of_ours_come_out_like_a_document(parser: Parser, read):
    statements = [
        (iri(NS + "a"), RDF_TYPE, iri(DCAT + "Dataset")),
        (iri(NS + "a"), iri(DCT + "title"), literal('Cohort "A"\nof patients', language="en")),
        (iri(NS + "a"), iri(DCT + "publisher"), "_:p"),
        ("_:p", iri("http://xmlns.com/foaf/0.1/name"), literal("Institute")),
    ]
    ours = parser.remotes(statements)
    read_ = read("\n".join(f"{s} {p} {o} ." for s, p, o in statements), "application/n-triples")
    assert gist(ours) == gist(read_)
    assert only(parser.remotes(statements, id="ckan-1")).id == "ckan-1"
    assert ours.whole


def test_problems_come_through_as_they_were_told(read):
    one = only(read(f'{PREFIXES}[] a dcat:Dataset ; dct:title "A" .'))
    assert one.problems == (
        Problem(
            (),
            "It has neither an address nor an identifier: it would be another one at each reading. "
            "Have the source give it a dct:identifier.",
            "violation",
            "identity",
        ),
    )
