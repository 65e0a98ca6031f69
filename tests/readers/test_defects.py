"""What harvesters complain of in the feeds of other catalogues, and that ours does not do it.

The complaints are collected from issue trackers of harvesters and portals; the right column
names the test.  What other tests prove already is named with its module.

| defect | test |
| --- | --- |
| datasets or distributions as blank nodes; names that change | ``test_no_node_is_blank``, ``test_the_same_pages_come_out_of_every_process`` |
| no ``dct:identifier``, several, an IRI, or the same twice | ``test_every_dataset_has_one_identifier_of_its_own`` |
| catalogue without publisher or description | ``test_each_page_describes_the_catalogue`` |
| text where a node is due, a node where text is due; wrong datatypes (``byteSize`` a decimal, numbers as integers, booleans as text) | ``test_every_value_is_what_its_row_says`` |
| dates without a type, or in the manner of a country | the same, and ``test_every_date_is_typed_and_in_the_calendar`` |
| ``localhost``, the host of the request, http behind a proxy | ``test_pages_name_the_public_address_whatever_host_is_asked`` |
| one invalid IRI breaks the page | ``test_one_bad_value_breaks_no_page`` |
| relative IRIs | ``wire.Reply.quads`` reads without a base |
| next page wrong, endless, by another path, missing total | ``test_readers.py``; ``test_there_is_one_view_and_it_is_complete`` |
| several views, ``hydra:PagedCollection`` by half | ``test_there_is_one_view_and_it_is_complete`` |
| stubs of datasets become packages | ``test_only_what_a_page_describes_is_typed`` |
| ``foaf:Organization`` or ``vcard:Organization`` alone | ``test_agents_and_contacts_have_the_class_that_is_looked_for`` |
| two geometries on a place; geometry without datatype | ``test_a_place_has_one_geometry_of_the_right_type`` |
| language as text, or two letters | ``test_languages_are_those_of_the_authority_list`` |
| licence of the dataset, or not typed | ``test_licences_are_on_distributions_and_typed`` |
| themes nobody defined | ``test_concepts_are_in_their_lists`` |
| legislation on the dataset only | ``test_the_regulation_is_named_where_the_profile_wants_it`` |
| misspelt namespaces | ``test_namespaces_are_spelt_as_their_owners_spell_them`` |
| statements twice in the text | ``test_every_format_and_reader_gives_the_same_graph`` |
| formats that say different things, or lose something | the same |
| text without language, or two texts in one language | ``test_texts_have_a_language_and_one_value_in_each`` |
| catalogue record without date, or with the name of the dataset | ``test_each_dataset_has_a_record_of_its_own_with_dates`` |
| columns as RDF lists | ``test_nothing_is_a_list`` |
| HEAD refused or different from GET | ``test_head_tells_what_get_tells`` |
| wrong ``Content-Type``; redirects at feed addresses; HTML for ``*/*`` | ``test_a_feed_answers_at_once_in_the_right_type`` |
| gzip missing, or sent unasked | ``test_pages_are_packed_for_whoever_can_unpack_them`` |
| pages too large (50 MB in CKAN) | ``test_pages_are_far_below_what_readers_take`` |
| everything changed every night | ``test_what_did_not_change_looks_unchanged``, ``test_the_same_pages_come_out_of_every_process`` |
| drafts in containers | ``test_whatever_a_container_holds_can_be_had``; ``tests/test_nothing_leaks.py`` |
| withdrawn records look lost | 410: ``tests/export/test_addresses.py``; half a feed: ``test_readers.py`` |
| ``dct:identifier`` an IRI: one violation for each dataset; profile violations | ``tests/conformance``, ``tests/profile/test_shacl.py`` |
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping

import pyoxigraph as ox
import pytest
import rdflib
from conftest import ADDRESS, ROOT
from factories import dataset, plant
from flask import Flask
from readers import piveau
from readers.conftest import described, key_of
from readers.wire import DCAT, DCT, HYDRA, LDP, RDF_TYPE, Reply, Wire
from sqlalchemy import update

from catalogue.app import create_app
from catalogue.profile import Profile
from catalogue.profile.dates import fault_of_date
from catalogue.profile.places import WKT_LITERAL
from catalogue.profile.values import (
    ConceptValue,
    Date,
    Geometry,
    Nested,
    Node,
    Text,
    Typed,
)
from catalogue.rdf.formats import FORMATS
from catalogue.records.models import Record
from catalogue.terms import XSD

FOAF, VCARD = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2006/vcard/ns#"
EHDS = ox.NamedNode("http://data.europa.eu/eli/reg/2025/327/oj")
Graph = Mapping[str, Mapping[str, list]]

pytestmark = pytest.mark.readers


def walk(app: Flask, path: str, **headers: str) -> list[Reply]:
    """Every page of a feed, by ``hydra:next``."""
    wire, url, replies = Wire(app), ADDRESS + path, []
    while url:
        reply = wire.ask(url, **headers)
        assert reply.status == 200
        replies.append(reply)
        url = piveau.next_page(reply.quads(), ADDRESS + path)
    return replies


@pytest.fixture(scope="module")
def pages(app: Flask) -> list[Reply]:
    """The pages of the demonstration catalogue, in N-Triples."""
    return walk(app, "catalogue.nt")


@pytest.fixture(scope="module")
def quads(pages: list[Reply]) -> list[ox.Quad]:
    """All they say."""
    return list(dict.fromkeys(quad for page in pages for quad in page.quads()))


@pytest.fixture(scope="module")
def about(quads: list[ox.Quad]) -> Graph:
    """What is said, by subject and predicate."""
    return told(quads)


def told(quads: list[ox.Quad]) -> Graph:
    found: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        found[quad.subject.value][quad.predicate.value].append(quad.object)
    return found


def of_class(about: Graph, class_: str) -> list[str]:
    node = ox.NamedNode(class_)
    return [subject for subject, said in about.items() if node in said.get(RDF_TYPE.value, ())]


def test_no_node_is_blank(quads):
    assert not [q for q in quads if ox.BlankNode in (type(q.subject), type(q.object))]


def test_every_dataset_has_one_identifier_of_its_own(about):
    datasets = of_class(about, DCAT + "Dataset")
    identifiers = [about[one][DCT + "identifier"] for one in datasets]
    assert len(datasets) > 100
    assert {len(one) for one in identifiers} == {1}
    assert {type(value) for one in identifiers for value in one} == {ox.Literal}
    assert len({one[0].value for one in identifiers}) == len(datasets)


def test_each_page_describes_the_catalogue(pages, catalogue):
    for page in pages:
        said = told(page.quads())
        node = said[catalogue.graphs.network]
        assert ox.NamedNode(DCAT + "Catalog") in node[RDF_TYPE.value]
        for name in ("title", "description", "publisher", "language", "modified"):
            assert node[DCT + name], name
        assert node[DCAT + "themeTaxonomy"]
        (publisher,) = node[DCT + "publisher"]
        assert said[publisher.value][FOAF + "name"]
        members = set(map(str, node[DCAT + "dataset"]))
        described = {f"<{one}>" for one in of_class(said, DCAT + "Dataset")}
        assert described <= members, "the catalogue lists what its page describes"


def expectations(profile: Profile) -> dict[str, set[object]]:
    """By predicate what its values may be, as the rows of the table say: a class, a datatype."""
    found: dict[str, set[object]] = defaultdict(set)
    for name in profile:
        for one in profile[name]:
            value = one.value
            if isinstance(value, Node | Nested):
                kind: set[object] = {"node"}
            elif isinstance(value, Typed):
                kind = {XSD + value.datatype}
            elif isinstance(value, Date):
                kind = {XSD + name for name in ("gYear", "gYearMonth", "date", "dateTime")}
            elif isinstance(value, Geometry):
                kind = {WKT_LITERAL}
            elif isinstance(value, Text):
                kind = {"text"}
            else:
                kind = {XSD + "string"}
            found[one.predicate.strip("<>")] |= kind
    return found


def test_every_value_is_what_its_row_says(quads, profile):
    expected = expectations(profile)
    wrong = []
    for quad in quads:
        if quad.predicate == RDF_TYPE or quad.predicate.value not in expected:
            continue
        value = quad.object
        if isinstance(value, ox.NamedNode):
            kind = "node"
        else:
            kind = "text" if value.language else value.datatype.value
            if "text" in expected[quad.predicate.value] and kind == XSD + "string":
                kind = "text"  # nobody stated the language
        if kind not in expected[quad.predicate.value]:
            wrong.append((str(quad.predicate), str(value), kind))
    assert wrong == []
    seen = {quad.predicate.value for quad in quads} & expected.keys()
    assert len(seen) > 90, "the demonstration catalogue shows most of the table"


def test_every_predicate_is_known(quads, profile):
    """Nothing is written that no row, and no vocabulary of paging, accounts for."""
    known = expectations(profile).keys() | {RDF_TYPE.value}
    strange = {q.predicate.value for q in quads if q.predicate.value not in known}
    assert all(one.startswith((HYDRA, LDP)) for one in strange), strange


def test_every_date_is_typed_and_in_the_calendar(quads, profile):
    dates = {
        one.predicate.strip("<>")
        for name in profile
        for one in profile[name]
        if isinstance(one.value, Date)
    }
    values = [q.object for q in quads if q.predicate.value in dates]
    assert len(values) > 500
    assert not [v for v in values if not isinstance(v, ox.Literal) or fault_of_date(v.value)]


@pytest.mark.parametrize("suffix", FORMATS)
def test_pages_name_the_public_address_whatever_host_is_asked(still, suffix):
    asked = {"Host": "evil.example:8080", "X-Forwarded-Host": "evil.example"}
    forwarded = {"X-Forwarded-Proto": "http", "Forwarded": "host=evil.example;proto=http"}
    plain = Wire(still).ask(f"{ADDRESS}catalogue.{suffix}")
    reply = Wire(still).ask(f"{ADDRESS}catalogue.{suffix}", **asked, **forwarded)
    assert reply.content == plain.content
    assert reply.headers["Link"] == plain.headers["Link"]
    assert not re.search(rb"evil|localhost|127\.0\.0\.1", reply.content)
    own = {term.value for q in reply.quads() for term in (q.subject, q.object)}
    assert not [one for one in own if one.startswith("http://catalogue.example")]


BAD = [
    "https://a.example/x y",
    "https://a.example/|",
    'https://a.example/"',
    "https://a.example/{x}",
    "https://a.example/\n",
    "https://[a.example/",
    "https://a.example/<>",
    "https://a.example/\\",
    "mailto:",
    "not an address",
    "",
    "https://a.example/" + "x" * 10_000,
]


def test_one_bad_value_breaks_no_page(new_catalogue):
    """Past every check, as a restored database might bring it."""
    catalogue = new_catalogue(feed_page_size=3)
    plant(catalogue, *(dataset(title={"en": f"T{n}"}, identifier=[f"i{n}"]) for n in range(13)))
    with catalogue.database.write() as session:
        for number, bad in enumerate(BAD, start=2):
            document = dataset(
                title={"en": f"T{number}"},
                identifier=[f"i{number}"],
                landing_page=[bad],
                documentation=["https://good.example/"],
            )
            document = catalogue.profile["Dataset"].identify(document)
            key = f"hf-{number}"
            session.execute(update(Record).where(Record.key == key).values(document=document))
    for follower in catalogue.followers.values():
        catalogue.follow.rebuild(follower)
    app = create_app(catalogue=catalogue)
    graphs = {}
    for suffix in FORMATS:
        replies = walk(app, f"catalogue.{suffix}")
        graphs[suffix] = {q for one in replies for q in one.quads() if HYDRA not in str(q)}
        for reply in replies:
            reply.graph()
    datasets = of_class(told(list(graphs["ttl"])), DCAT + "Dataset")
    assert len(datasets) == 13, "the record is there, without the value"
    documentation = [q for q in graphs["ttl"] if q.predicate.value == FOAF + "page"]
    assert len(documentation) == len(BAD)
    titles = [{q for q in graph if "terms/title" in str(q)} for graph in graphs.values()]
    assert all(one == titles[0] for one in titles)


def test_only_what_a_page_describes_is_typed(still):
    """Series, sources and versions of a dataset are named and not typed, unless on the page."""
    stubs = 0
    for reply in walk(still, "catalogue.ttl"):
        said = told(reply.quads())
        for class_ in ("Dataset", "DatasetSeries", "DataService", "Catalog", "Distribution"):
            for node in of_class(said, DCAT + class_):
                assert said[node].get(DCT + "title"), f"{node} is a stub of a {class_}"
        named = {o.value for s in said.values() for p in ("source",) for o in s.get(DCT + p, ())}
        stubs += len(named - said.keys())
    assert stubs, "some page names a dataset of another page"


@pytest.mark.parametrize(
    "path", ["catalogue", "catalogues/ehden/feed", "organisations/leuven/feed"]
)
def test_there_is_one_view_and_it_is_complete(still, path):
    replies = walk(still, f"{path}.ttl")
    addresses = [reply.url for reply in replies]
    for number, reply in enumerate(replies):
        said = told(reply.quads())
        assert of_class(said, HYDRA + "PagedCollection") == []
        assert of_class(said, HYDRA + "PartialCollectionView") == [reply.url]
        (collection,) = of_class(said, HYDRA + "Collection")
        assert ox.NamedNode(DCAT + "Catalog") in said[collection][RDF_TYPE.value]
        (view,) = said[collection][HYDRA + "view"]
        assert view.value == reply.url
        (total,) = said[collection][HYDRA + "totalItems"]
        assert total.datatype.value == XSD + "integer"
        steps = {
            name: [o.value for o in said[reply.url].get(HYDRA + name, ())]
            for name in ("first", "previous", "next", "last")
        }
        later, earlier = addresses[number + 1 : number + 2], addresses[max(0, number - 1) : number]
        assert steps == {
            "first": addresses[:1],
            "previous": earlier,
            "next": later,
            "last": addresses[-1:],
        }
        links = reply.headers["Link"]
        assert (f'<{later[0]}>; rel="next"' in links) if later else ('rel="next"' not in links)


def test_agents_and_contacts_have_the_class_that_is_looked_for(about, profile):
    for predicate, class_ in (
        (DCT + "publisher", FOAF + "Agent"),
        (DCT + "creator", FOAF + "Agent"),
        (profile["Dataset"]["hdab"].predicate.strip("<>"), FOAF + "Agent"),
        (DCAT + "contactPoint", VCARD + "Kind"),
    ):
        named = {o.value for said in about.values() for o in said.get(predicate, ())}
        assert named, predicate
        for node in named:
            assert ox.NamedNode(class_) in about[node][RDF_TYPE.value], f"{node} is no {class_}"


def test_a_place_has_one_geometry_of_the_right_type(about, quads):
    places = [one for one in about if about[one].get(DCAT + "bbox")]
    for place in places:
        assert len(about[place][DCAT + "bbox"]) == 1
        assert not about[place].get("http://www.w3.org/ns/locn#geometry")


def test_languages_are_those_of_the_authority_list(quads):
    languages = {str(q.object) for q in quads if q.predicate.value == DCT + "language"}
    form = r"<http://publications\.europa\.eu/resource/authority/language/[A-Z]{3}>"
    assert languages
    assert all(re.fullmatch(form, one) for one in languages)


def test_licences_are_on_distributions_and_typed(about):
    places = set()
    for subject, said in about.items():
        for licence in said.get(DCT + "license", ()):
            kinds = about[licence.value][RDF_TYPE.value]
            assert ox.NamedNode(DCT + "LicenseDocument") in kinds
            places |= {kind.value.removeprefix(DCAT) for kind in about[subject][RDF_TYPE.value]}
    assert places
    assert "Dataset" not in places


def test_concepts_are_in_their_lists(quads, profile):
    """Where every row of a predicate takes its values from lists, each value is on one of them."""
    rows = defaultdict(list)
    for name in profile:
        for one in profile[name]:
            rows[one.predicate.strip("<>")].append(one.value)
    checked = 0
    for quad in quads:
        values = rows.get(quad.predicate.value, [])
        if values and all(isinstance(value, ConceptValue) for value in values):
            checked += 1
            lists = [value.vocabulary for value in values]
            assert any(one.accepts(quad.object.value) for one in lists), str(quad)
    assert checked > 1000


def test_the_regulation_is_named_where_the_profile_wants_it(about):
    law = "http://data.europa.eu/r5r/applicableLegislation"
    for class_ in ("Dataset", "Distribution", "Catalog", "DatasetSeries"):
        for node in of_class(about, DCAT + class_):
            assert EHDS in about[node].get(law, ()), f"{node}: {class_}"


def test_namespaces_are_spelt_as_their_owners_spell_them(quads, profile):
    assert profile.prefixes["time"] == "http://www.w3.org/2006/time#"
    assert profile.prefixes["dcatap"] == "http://data.europa.eu/r5r/"
    assert profile.prefixes["healthdcatap"] == "http://healthdataportal.eu/ns/health#"
    known = {*profile.prefixes.values(), HYDRA, LDP}
    used = {re.sub(r"[^/#]*$", "", q.predicate.value) for q in quads}
    used |= {re.sub(r"[^/#]*$", "", q.object.value) for q in quads if q.predicate == RDF_TYPE}
    assert used <= known


def canonical(graph: rdflib.Graph) -> set[tuple[str, ...]]:
    return {tuple(term.n3() for term in triple) for triple in graph}


def test_every_format_and_reader_gives_the_same_graph(app):
    """pyoxigraph and rdflib, four formats: the same statements, each once in the text."""
    path = "catalogue"
    graphs = []
    for suffix in FORMATS:
        everything: set[tuple[str, ...]] = set()
        for reply in walk(app, f"{path}.{suffix}"):
            quads = reply.quads()
            assert len(quads) == len(set(quads)), f"a statement is twice in {reply.url}"
            by_rdflib = reply.graph()
            lines = "\n".join(f"{q.triple} ." for q in quads)
            assert canonical(by_rdflib) == canonical(rdflib.Graph().parse(data=lines, format="nt"))
            everything |= {one for one in canonical(by_rdflib) if HYDRA not in one[1]}
        graphs.append({one for one in everything if f"{ADDRESS}{path}." not in str(one)})
    assert len(graphs[0]) > 1000
    assert all(graph == graphs[0] for graph in graphs)


def test_texts_have_a_language_and_one_value_in_each(about, profile):
    shape = profile["Dataset"]
    single = [one for one in shape if isinstance(one.value, Text) and not one.repeatable]
    for node in of_class(about, DCAT + "Dataset"):
        for one in single:
            values = about[node].get(one.predicate.strip("<>"), [])
            tags = Counter(value.language for value in values)
            assert all(number == 1 for number in tags.values()), f"{node} {one.name} {tags}"
            assert "_" not in "".join(filter(None, tags))


def test_each_dataset_has_a_record_of_its_own_with_dates(about):
    records = of_class(about, DCAT + "CatalogRecord")
    topics = Counter()
    for record in records:
        (topic,) = about[record][FOAF + "primaryTopic"]
        assert topic.value != record
        topics[topic.value] += 1
        for name in ("issued", "modified"):
            (moment,) = about[record][DCT + name]
            assert moment.datatype.value == XSD + "dateTime"
    assert max(topics.values()) == 1
    assert set(of_class(about, DCAT + "Dataset")) <= topics.keys()


def test_nothing_is_a_list(quads):
    rdf = RDF_TYPE.value.removesuffix("type")
    assert not [q for q in quads if q.predicate.value in (rdf + "first", rdf + "rest")]


ADDRESSES = ["catalogue", "catalogues/ehden/feed", "organisations/leuven/feed"]
#: What changes from answer to answer and says nothing of the document.
PASSING = {"X-Request-Id", "Date"}


@pytest.mark.parametrize("suffix", ["", *(f".{one}" for one in FORMATS)])
@pytest.mark.parametrize("path", ADDRESSES)
def test_head_tells_what_get_tells(still, path, suffix):
    got, headed = (
        Wire(still).ask(f"{ADDRESS}{path}{suffix}", method) for method in ("GET", "HEAD")
    )
    assert headed.status == got.status == 200
    assert headed.content == b""
    one, other = (
        {name: value for name, value in reply.headers.items() if name not in PASSING}
        for reply in (got, headed)
    )
    assert one == other
    assert one["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_feed_answers_at_once_in_the_right_type(still, path):
    types = {
        ".ttl": "text/turtle; charset=utf-8",
        ".jsonld": "application/ld+json",
        ".rdf": "application/rdf+xml; charset=utf-8",
        ".nt": "application/n-triples; charset=utf-8",
    }
    wire = Wire(still)
    for suffix, content_type in types.items():
        for accept in (None, "*/*", "text/html", "application/json"):
            reply = wire.ask(f"{ADDRESS}{path}{suffix}", accept=accept)
            assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
        media_type = content_type.partition(";")[0]
        reply = wire.ask(ADDRESS + path, accept=media_type)
        assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
        assert "Accept" in reply.headers["Vary"]
    for accept in (None, "*/*"):
        reply = wire.ask(ADDRESS + path, accept=accept)
        assert (reply.status, reply.headers["Content-Type"]) == (200, types[".ttl"])


def test_pages_are_packed_for_whoever_can_unpack_them(still):
    plain = Wire(still).ask(f"{ADDRESS}catalogue.ttl")
    packed = Wire(still).ask(f"{ADDRESS}catalogue.ttl", **{"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2
    for reply in (plain, packed):
        assert "Accept-Encoding" in reply.headers["Vary"]
    refused = Wire(still).ask(
        f"{ADDRESS}catalogue.ttl", **{"Accept-Encoding": "gzip;q=0, identity"}
    )
    assert refused.content == plain.content


def test_pages_are_far_below_what_readers_take(app):
    """CKAN takes 50 MB; a page of a hundred rich descriptions is about one."""
    for suffix in FORMATS:
        assert max(len(one.content) for one in walk(app, f"catalogue.{suffix}")) < 5_000_000


def test_what_did_not_change_looks_unchanged(moving):
    """piveau compares a hash of all that can be reached from a dataset."""

    def fingerprints() -> dict[str, str]:
        found = {}
        for reply in walk(moving, "catalogue.ttl"):
            quads = reply.quads()
            for item in piveau.datasets(quads):
                reached = piveau.extract(quads, item.iri)
                assert not [t for t in reached if t.predicate.value.startswith((HYDRA, LDP))]
                assert not [t for t in reached if t.predicate.value == DCAT + "dataset"]
                found[item.iri] = piveau.fingerprint(quads, item.iri)
        return found

    catalogue = moving.extensions["catalogue"]
    before = fingerprints()
    assert before == fingerprints()
    with catalogue.changing() as session:
        put, get = catalogue.records.put, catalogue.records.get
        put(session, "dataset", described(4, version="2"), key=key_of(4), author="test")
        put(session, "dataset", described(61), key="new", author="test")
        catalogue.records.withdraw(session, get(session, "dataset", key_of(9)), author="test")
    after = fingerprints()
    changed = {iri.rsplit("/", 1)[-1] for iri in before if before[iri] != after.get(iri)}
    assert changed == {key_of(4), key_of(9)}
    assert after.keys() - before.keys() == {f"{ADDRESS}id/dataset/new"}


_PRINT = """
import hashlib, sys
from catalogue.app import create_app
from catalogue.config import Settings
settings = Settings(public_address=sys.argv[1], instance=sys.argv[2], feed_page_size=7)
client = create_app(settings).test_client()
for suffix in ("ttl", "rdf", "jsonld", "nt"):
    for path in ("catalogue", "catalogues/ehden/feed"):
        response = client.get(f"/{path}.{suffix}")
        assert response.status_code == 200
        print(path, suffix, response.headers["ETag"], hashlib.sha256(response.data).hexdigest())
"""


def test_the_same_pages_come_out_of_every_process(still):
    """Whatever order sets and hashes have in it."""
    settings = still.extensions["catalogue"].settings
    said = [
        subprocess.run(
            [sys.executable, "-c", _PRINT, ADDRESS, settings.instance],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 8


def test_unchanged_data_is_exported_the_same_to_the_byte(still):
    for suffix in FORMATS:
        first, second = (walk(still, f"catalogue.{suffix}") for _ in range(2))
        assert [hashlib.sha256(one.content).digest() for one in first] == [
            hashlib.sha256(one.content).digest() for one in second
        ]
        assert [one.headers["ETag"] for one in first] == [one.headers["ETag"] for one in second]


def test_whatever_a_container_holds_can_be_had(still):
    held = set()
    for reply in walk(still, "catalogue.ttl"):
        said = told(reply.quads())
        for container in of_class(said, LDP + "DirectContainer"):
            assert said[container][LDP + "hasMemberRelation"]
            assert said[container][LDP + "membershipResource"]
            held |= {one.value for one in said[container].get(LDP + "contains", ())}
    assert len(held) > 20
    wire = Wire(still)
    for address in held:
        reply = wire.ask(address, accept="text/turtle", redirects=1)
        assert reply.status == 200, address
        assert reply.media_type == "text/turtle"
