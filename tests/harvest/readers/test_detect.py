"""Finding out how a source is read."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
import pytest
from harvest.readers.feeds import page
from harvest.sites import Reply, Request, Site

from catalogue.harvest.fetch import Fetcher
from catalogue.harvest.models import PROTOCOLS
from catalogue.harvest.readers import READERS, detect
from catalogue.harvest.reading import Asked, Unreadable

HTML = "<!doctype html><html><head>{}</head><body>Welcome</body></html>"
IDENTIFY = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><Identify/></OAI-PMH>'
CAPABILITIES = '<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>'
STATUS = '{"help": "", "success": true, "result": {"ckan_version": "2.11.0"}}'
URLSET = '<?xml version="1.0"?><!-- made by hand --><urlset><url><loc>/a</loc></url></urlset>'

Detected = Callable[[str], str]


@pytest.fixture
def detected(fetcher: Fetcher) -> Detected:
    return lambda address: detect(Asked(address), fetcher)


def by_question(
    question: str, body: str, content_type: str = "text/xml"
) -> Callable[[Request], Reply]:
    """Answers to one question; to anything else it is a web page."""

    def answer(request: Request) -> Reply:
        name, _, value = question.partition("=")
        if request.query.get(name) == value:
            return Reply(body, content_type)
        return Reply(HTML.format(""), "text/html")

    return answer


def endpoint(request: Request) -> Reply:
    """A SPARQL endpoint that shows a form to people."""
    query = request.query.get("query") or request.body.decode()
    if "ASK" in query:
        return Reply('{"head": {}, "boolean": true}', "application/sparql-results+json")
    return Reply(HTML.format(""), "text/html")


def test_there_is_a_reader_for_every_protocol() -> None:
    assert set(READERS) == set(PROTOCOLS) - {"auto"}


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/catalog.ttl", "dcat"),
        ("/catalog.rdf?page=1", "dcat"),
        ("/dump.nt.gz", "dcat"),
        ("/datasets.csv", "table"),
        ("/Datasets.XLSX", "table"),
        ("/sitemap.xml", "sitemap"),
        ("/sitemap_index.xml.gz", "sitemap"),
    ],
)
def test_the_name_of_a_file_says_it(
    path: str, protocol: str, site: Site, detected: Detected
) -> None:
    assert detected(site.address + path) == protocol
    assert site.asked == []


@pytest.mark.parametrize("path", ["/oai", "/repository/request"])
def test_oai_pmh_is_found(path: str, site: Site, detected: Detected) -> None:
    address = site.put(path, by_question("verb=Identify", IDENTIFY))

    assert detected(address) == "oai-pmh"
    assert detected(address + "?verb=ListRecords&metadataPrefix=dcat_ap") == "oai-pmh"


@pytest.mark.parametrize("path", ["/csw", "/geonetwork/srv/eng/catalogue"])
def test_csw_is_found(path: str, site: Site, detected: Detected) -> None:
    address = site.put(path, by_question("request=GetCapabilities", CAPABILITIES))

    assert detected(address) == "csw"


@pytest.mark.parametrize("path", ["/", "/api/3/action/package_search"])
def test_ckan_is_found(path: str, site: Site, detected: Detected) -> None:
    site.put("/", HTML.format(""), "text/html")
    site.put("/api/3/action/status_show", STATUS, "application/json")

    assert detected(site.address + path) == "ckan"


@pytest.mark.parametrize("path", ["/sparql", "/virtuoso"])
def test_sparql_is_found(path: str, site: Site, detected: Detected) -> None:
    assert detected(site.put(path, endpoint)) == "sparql"


@pytest.mark.parametrize(
    ("content", "content_type", "protocol"),
    [
        (page([1]), "text/turtle", "dcat"),
        (page([1]), "text/plain", "dcat"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "text/xml", "dcat"),
        ('{"@context": {}, "@graph": []}', "application/json", "dcat"),
        ('{"help": "x", "success": true, "result": {}}', "application/json", "ckan"),
        (URLSET, "text/xml", "sitemap"),
        (IDENTIFY, "text/xml", "oai-pmh"),
        (CAPABILITIES, "application/xml", "csw"),
        ("title;description\nHeart failure;Cohort\n", "text/csv", "table"),
        (
            HTML.format('<link rel="alternate" type="text/turtle" href="/feed">'),
            "text/html",
            "dcat",
        ),
    ],
)
def test_what_is_there_says_it(
    content: str, content_type: str, protocol: str, site: Site, detected: Detected
) -> None:
    site.put("/feed", page([1]))

    assert detected(site.put("/data", content, content_type)) == protocol
    assert len(site.asked) <= 2


def test_a_feed_beside_a_page_is_found_last(site: Site, detected: Detected) -> None:
    content = ox.serialize(ox.parse(page([1]), ox.RdfFormat.TURTLE), format=ox.RdfFormat.RDF_XML)
    site.put("/portal.rdf", content or b"", "application/rdf+xml")

    assert detected(site.put("/portal", HTML.format(""), "text/html")) == "dcat"


def test_who_finds_nothing_says_what_was_tried_and_what_to_do(
    site: Site, detected: Detected
) -> None:
    address = site.put("/portal", HTML.format(""), "text/html")

    with pytest.raises(Unreadable) as caught:
        detected(address)

    told = str(caught.value)
    assert "Choose how the source is read" in told
    assert "OAI-PMH: " in told
    assert "CKAN API: " in told
    assert "answered 404" in told
    assert "is a web page" in told


@pytest.mark.parametrize("status", [403, 404])
def test_where_everything_is_refused_one_refusal_is_told(
    status: int, site: Site, detected: Detected
) -> None:
    address = site.put("/portal", "No.", "text/plain", status)

    with pytest.raises(Unreadable, match=f"{address} answered {status}") as caught:
        detected(address)

    assert "Tried" not in str(caught.value)


def test_a_host_that_does_not_answer_is_asked_once(detected: Detected) -> None:
    with pytest.raises(Unreadable, match="cannot be reached"):
        detected("http://127.0.0.1:9/catalog")
