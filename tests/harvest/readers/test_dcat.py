"""Reading DCAT from files, feeds and trees of documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pyoxigraph as ox
import pytest
from conftest import free_port, served
from harvest.readers.feeds import (
    BASE,
    PREFIXES,
    dataset,
    datasets,
    iri,
    names,
    page,
    said,
    trouble,
    violations,
    walk,
)
from harvest.sites import Reply, Request, Site
from readers.conftest import COUNT, SIZE, key_of, network

from catalogue.config import Settings
from catalogue.harvest.readers import agenda, hydra, links
from catalogue.harvest.reading import Reader
from catalogue.instance import Catalogue

Opened = Callable[..., Reader]
FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}
ALL = [iri(1), iri(2), iri(3), iri(4), iri(5)]


def written(turtle: str, suffix: str) -> bytes:
    """Turtle in another format."""
    quads = ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=BASE)
    content = ox.serialize(quads, format=FORMATS[suffix][1])
    assert content is not None
    return content


# files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_says_the_same_in_every_serialisation(
    suffix: str, site: Site, opened: Opened
) -> None:
    plain = site.put("/plain.ttl", page([1, 2]))
    other = site.put(f"/catalog.{suffix}", written(page([1, 2]), suffix), FORMATS[suffix][0])

    one, two = walk(opened("dcat", plain)), walk(opened("dcat", other))

    assert names(two) == [iri(1), iri(2)]
    assert {r.id: r.hash for r in datasets(one)} == {r.id: r.hash for r in datasets(two)}
    assert [p.whole for p in two] == [True]


def test_a_file_that_describes_nothing_says_so(site: Site, opened: Opened) -> None:
    address = site.put("/people.ttl", PREFIXES + '<https://a.example/> foaf:nick "Ada" .')

    pages = walk(opened("dcat", address))

    assert names(pages) == []
    assert "describes no dataset" in said(pages)


# feeds -----------------------------------------------------------------------------------

NEW = """<{here}> a hydra:PartialCollectionView ; hydra:next {next} .
<https://registry.example/catalog> a hydra:Collection ; hydra:totalItems 5 ; hydra:view <{here}> ."""
OLD = "<{here}> a hydra:PagedCollection ; hydra:totalItems 5 ; hydra:nextPage {next} ."
BOTH = (
    "<{here}> a hydra:PagedCollection, hydra:PartialCollectionView ; hydra:totalItems 5 ; "
    "hydra:nextPage {next} ; hydra:next {next} ."
)
BLANK = "[] a hydra:Collection ; hydra:totalItems 5 ; hydra:view [ hydra:next {next} ] ."
UNTYPED = "<{here}> hydra:next {next} . <https://registry.example/catalog> hydra:totalItems 5 ."
NEIGHBOURS = """
<{third}> a hydra:PartialCollectionView ; hydra:previous <{second}> ; hydra:next <{first}> .
<{first}> a hydra:PartialCollectionView ; hydra:next <{second}> .
<{second}> a hydra:PartialCollectionView ; hydra:next <{third}> .
<{here}> a hydra:PartialCollectionView ; hydra:next {next} ; hydra:totalItems 5 .
"""


def feed(
    site: Site,
    paging: str,
    following: str = "<{address}?page={number}>",
    total: str = "5",
    **headers: str,
) -> str:
    """Five datasets, two to a page; ``paging`` and ``following`` say how pages are chained."""
    address = site.address + "/catalog.ttl"

    def answer(request: Request) -> Reply:
        number = int(request.query.get("page", "1"))
        numbers = [one for one in (2 * number - 1, 2 * number) if one <= 5]
        places = {
            "here": f"{address}?page={number}",
            "first": f"{address}?page=1",
            "second": f"{address}?page=2",
            "third": f"{address}?page=3",
            "address": address,
            "number": str(number + 1),
        }
        told = ""
        if number < 3:
            told = paging.format(**places, next=following.format(**places))
        told = told.replace("totalItems 5", f"totalItems {total}")
        sent = {k: v.format(**places) for k, v in headers.items() if number < 3}
        return Reply(page(numbers, told), headers=sent)

    return site.put("/catalog.ttl", answer)


@pytest.mark.parametrize("paging", [NEW, OLD, BOTH, BLANK, UNTYPED, NEIGHBOURS])
@pytest.mark.parametrize(
    "following",
    [
        "<{address}?page={number}>",
        '"{address}?page={number}"',
        '"?page={number}"',
        "<?page={number}>",
    ],
)
def test_a_feed_is_read_to_its_end_however_it_says_what_comes_next(
    paging: str, following: str, site: Site, opened: Opened
) -> None:
    # Which of several pages this is, only its address tells.
    start = "?page=1" if paging is NEIGHBOURS else ""

    pages = walk(opened("dcat", feed(site, paging, following) + start))

    assert names(pages) == ALL
    assert len(pages) == 3
    assert pages[0].total == 5
    assert all(one.whole for one in pages)


def test_a_feed_may_say_it_in_a_header_only(site: Site, opened: Opened) -> None:
    links = '<?page=1>; rel="first", <?page={number}>; rel="next"; type="text/turtle"'

    pages = walk(opened("dcat", feed(site, "", Link=links)))

    assert names(pages) == ALL


@pytest.mark.parametrize(
    ("total", "meant"),
    [('"5"', 5), ('"5"^^xsd:integer', 5), ("5.0", 5), ('"many"', None), ('"-5"', None)],
)
def test_totals_come_as_numbers_and_as_text(
    total: str, meant: int | None, site: Site, opened: Opened
) -> None:
    assert walk(opened("dcat", feed(site, NEW, total=total)))[0].total == meant


def test_the_whole_catalogue_counts_and_not_a_collection_within_it(
    site: Site, opened: Opened
) -> None:
    other = "<https://registry.example/ehden> a hydra:Collection ; hydra:totalItems 2 ."

    assert walk(opened("dcat", feed(site, NEW + other)))[0].total == 5


def test_a_feed_that_takes_itself_for_localhost_is_read_where_it_is() -> None:
    here = "https://registry.example/catalog.ttl"

    mended, told = hydra.reached("http://localhost:5000/catalog.ttl?page=2", here)

    assert mended == here + "?page=2"
    assert "localhost:5000, which nobody can reach" in told[0]


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (
            "http://registry.example/catalog.ttl?page=2",
            "https://registry.example/catalog.ttl?page=2",
        ),
        ("http://registry.example:80/c?page=2", "https://registry.example/c?page=2"),
        ("http://registry.example:8080/c?page=2", "http://registry.example:8080/c?page=2"),
        ("http://other.example/c?page=2", "http://other.example/c?page=2"),
    ],
)
def test_a_feed_behind_a_proxy_keeps_the_scheme_of_its_source(target: str, reached: str) -> None:
    assert hydra.reached(target, "https://registry.example/catalog.ttl") == (reached, ())


def test_a_page_that_names_itself_as_the_next_ends_the_feed_and_is_told(
    site: Site, opened: Opened
) -> None:
    address = site.put("/c.ttl", "")
    site.put("/c.ttl", page([1, 2], f"<{address}> a hydra:PartialCollectionView ; hydra:next <> ."))

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1), iri(2)]
    assert not pages[0].whole
    assert "the next page is this page itself" in said(pages)


def test_a_last_page_that_names_itself_as_the_next_is_the_last(site: Site, opened: Opened) -> None:
    view = "<> a hydra:PartialCollectionView ; hydra:next <> ; hydra:last <> ."

    pages = walk(opened("dcat", site.put("/c.ttl", page([1, 2], view))))

    assert [one.whole for one in pages] == [True]


def test_a_feed_that_goes_round_says_the_same_place_again(site: Site, opened: Opened) -> None:
    first = site.put(
        "/a.ttl", page([1], "<> a hydra:PartialCollectionView ; hydra:next </b.ttl> .")
    )
    site.put("/b.ttl", page([2], "<> a hydra:PartialCollectionView ; hydra:next </c.ttl> ."))
    site.put("/c.ttl", page([3], "<> a hydra:PartialCollectionView ; hydra:next </b.ttl> ."))
    reader = opened("dcat", first)

    one = reader.page(None)
    two = reader.page(one.next)
    three = reader.page(two.next)

    # That is what runs know it by.
    assert three.next == one.next
    assert reader.page(three.next).digest == two.digest


@pytest.mark.parametrize("status", [500, 200])
def test_a_bad_page_is_passed_over_where_its_address_tells_the_next(
    status: int, site: Site, opened: Opened
) -> None:
    feed(site, NEW)
    address = site.address + "/catalog.ttl?page=1"
    site.put("/catalog.ttl?page=2", "<<< this is { no RDF", status=status)
    reader = opened("dcat", address)

    error = trouble(reader, reader.page(None).next)

    assert error.after is not None
    assert names([reader.page(error.after)]) == [iri(5)]


def test_a_bad_page_is_passed_over_where_its_header_tells_the_next(
    site: Site, opened: Opened
) -> None:
    address = site.put("/a.ttl", "<<< { no RDF", headers={"Link": '</b.ttl>; rel="next"'})
    site.put("/b.ttl", page([3]))
    reader = opened("dcat", address)

    error = trouble(reader)

    assert address in str(error)
    assert names([reader.page(error.after)]) == [iri(3)]


def test_a_bad_page_that_tells_nothing_ends_the_walk(site: Site, opened: Opened) -> None:
    error = trouble(opened("dcat", site.put("/a.ttl?after=1a", "<<< { no RDF")))

    assert error.after is None


def test_a_source_that_is_not_there_is_not_asked_for_its_second_page(
    site: Site, opened: Opened
) -> None:
    error = trouble(opened("dcat", site.address + "/nothing?page=1"))

    assert error.after is None
    assert "404" in str(error)


# what is listed and not described --------------------------------------------------------


def test_datasets_that_are_only_listed_are_fetched_by_their_names(
    site: Site, opened: Opened
) -> None:
    base = site.address + "/"
    for number in range(1, 46):
        site.put(f"/dataset/{number}", PREFIXES + dataset(number, base))
    members = ", ".join(f"<{iri(number, base)}>" for number in range(1, 46))
    address = site.put("/catalog", PREFIXES + f"<> a dcat:Catalog ; dcat:dataset {members} .")

    pages = walk(opened("dcat", address))

    assert sorted(names(pages)) == sorted(iri(number, base) for number in range(1, 46))
    assert [len(names([one])) for one in pages] == [0, 20, 20, 5]
    assert all(site.count(f"/dataset/{number}") == 1 for number in range(1, 46))


def test_one_that_cannot_be_had_is_told_of_and_the_others_are_read(
    site: Site, opened: Opened
) -> None:
    base = site.address + "/"
    site.put("/dataset/1", PREFIXES + dataset(1, base))
    site.put("/dataset/2", "broken", status=500)
    site.put("/dataset/3", "<<< { no RDF")
    site.put("/dataset/4", "gone", status=410)
    site.put("/dataset/5", "<p>Welcome to our registry</p>", "text/html")
    members = ", ".join(f"<{iri(number, base)}>" for number in range(1, 6))
    address = site.put("/catalog", PREFIXES + f"<> a dcat:Catalog ; dcat:dataset {members} .")

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1, base)]
    failed = {one.id: violations(one) for one in datasets(pages) if violations(one)}
    assert list(failed) == [iri(2, base), iri(3, base), iri(5, base)] or set(failed) == {
        iri(2, base),
        iri(3, base),
        iri(5, base),
    }
    assert "500" in failed[iri(2, base)][0]
    assert "is a web page" in failed[iri(5, base)][0]
    assert [one for page_ in pages for one in page_.deleted] == [iri(4, base)]
    assert all(one.whole for one in pages)


def test_datasets_of_other_hosts_are_only_named(site: Site, opened: Opened) -> None:
    address = site.put(
        "/catalog",
        PREFIXES + f"<> a dcat:Catalog ; dcat:dataset <{iri(1)}>, <{iri(2)}> ." + dataset(1),
    )

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1)]
    assert list(pages[0].named) == [iri(2)]
    assert pages[0].next is None


def test_what_one_page_of_a_feed_leaves_out_is_named_for_another_may_have_it(
    site: Site, opened: Opened
) -> None:
    base = site.address + "/"
    listed = f"<{base}catalog> dcat:dataset <{iri(9, base)}> ."
    first = site.put(
        "/catalog.ttl",
        page([1], listed + "<> a hydra:PartialCollectionView ; hydra:next <?page=2> .", base),
    )
    site.put("/catalog.ttl?page=2", page([2], listed, base))
    site.put("/dataset/9", PREFIXES + dataset(9, base))

    pages = walk(opened("dcat", first))

    assert list(pages[0].named) == [iri(9, base)]
    assert site.count("/dataset/9") <= 1


# trees -----------------------------------------------------------------------------------


def contains(parent: str, children: list[str], relation: str, member: bool = True) -> str:
    """A container as a FAIR Data Point has it."""
    told = f"<{parent}container> a ldp:DirectContainer ; ldp:membershipResource <{parent}> ; "
    told += f"ldp:hasMemberRelation {relation} . "
    for child in children:
        told += f"<{parent}container> ldp:contains <{child}> . "
        if member:
            told += f"<{parent}> {relation} <{child}> . "
    return told


def point(site: Site, *, members: bool = True) -> str:
    """A FAIR Data Point: two catalogues of 12 and 23 datasets, each with two distributions."""
    root = site.address + "/fdp"
    catalogues = [f"{root}/catalog/{one}" for one in ("hearts", "brains")]
    fdp = "<https://w3id.org/fdp/fdp-o#metadataCatalog>"
    kind = "<http://www.re3data.org/schema/3-0#Repository>"
    site.put(
        "/fdp",
        PREFIXES + f'<{root}> a {kind} ; dct:title "Point" . ' + contains(root, catalogues, fdp),
    )
    number = 0
    for catalogue, size in zip(catalogues, (12, 23), strict=True):
        children = [f"{root}/dataset/{number + one}" for one in range(size)]
        number += size
        about = f'<{catalogue}> a dcat:Catalog ; dct:title "Catalogue"@en . '
        site.put(
            catalogue.removeprefix(site.address),
            PREFIXES + about + contains(catalogue, children, "dcat:dataset", members),
        )
        for child in children:
            parts = [f"{child}/distribution/{one}" for one in ("csv", "fhir")]
            links = contains(child, parts, "dcat:distribution")
            about = (
                f'<{child}> a dcat:Dataset ; dct:title "Cohort"@en ; dct:isPartOf <{catalogue}> . '
            )
            site.put(child.removeprefix(site.address), PREFIXES + about + links)
            for part in parts:
                about = f'<{part}> a dcat:Distribution ; dct:title "Title of {part}" .'
                site.put(part.removeprefix(site.address), PREFIXES + about)
    return root


@pytest.mark.parametrize("members", [True, False])
def test_a_fair_data_point_is_walked_and_each_document_fetched_once(
    members: bool, site: Site, opened: Opened
) -> None:
    root = point(site, members=members)

    pages = walk(opened("dcat", root))

    assert sorted(names(pages)) == sorted(f"{root}/dataset/{one}" for one in range(35))
    asked = [one.path for one in site.asked]
    assert len(asked) == len(set(asked)) == 1 + 2 + 35 * 3
    assert all(one.headers["accept"].startswith("text/turtle") for one in site.asked)
    assert all(one.total is None and one.whole for one in pages)


def test_distributions_in_documents_of_their_own_are_read_with_their_dataset(
    site: Site, opened: Opened
) -> None:
    root = point(site)

    found = {one.id: one for one in datasets(walk(opened("dcat", root)))}

    raw = found[f"{root}/dataset/7"].raw.decode()
    for part in ("csv", "fhir"):
        assert f'"Title of {root}/dataset/7/distribution/{part}"' in raw


def test_blank_nodes_of_two_documents_are_not_one(site: Site, opened: Opened) -> None:
    root = point(site)
    spdx = "http://spdx.org/rdf/terms#"
    for name in ("csv", "fhir"):
        part = f"{root}/dataset/3/distribution/{name}"
        site.put(
            part.removeprefix(site.address),
            f"<{part}> a <http://www.w3.org/ns/dcat#Distribution> ; <{spdx}checksum> _:b0 .\n"
            f'_:b0 a <{spdx}Checksum> ; <{spdx}checksumValue> "{name}" .',
        )

    found = {one.id: one for one in datasets(walk(opened("dcat", root)))}

    graph = ox.Store()
    graph.load(found[f"{root}/dataset/3"].raw, format=ox.RdfFormat.N_TRIPLES)
    query = f"SELECT ?d ?v {{ ?d <{spdx}checksum>/<{spdx}checksumValue> ?v }}"
    told = {(row["d"].value.rpartition("/")[2], row["v"].value) for row in graph.query(query)}
    assert told == {("csv", "csv"), ("fhir", "fhir")}


def test_a_distribution_that_is_gone_is_a_warning_and_one_that_fails_keeps_the_dataset_as_it_is(
    site: Site, opened: Opened
) -> None:
    root = point(site)
    site.put("/fdp/dataset/1/distribution/csv", "gone", status=404)
    site.put("/fdp/dataset/2/distribution/csv", "overloaded", status=500)

    found = {one.id: one for one in datasets(walk(opened("dcat", root)))}

    one, two = found[f"{root}/dataset/1"], found[f"{root}/dataset/2"]
    assert [problem.severity for problem in one.problems] == ["warning"]
    assert "500" in violations(two)[0]


def test_a_container_in_pages_is_read_to_its_end(site: Site, opened: Opened) -> None:
    base = site.address + "/"
    for number in range(1, 6):
        site.put(f"/dataset/{number}", PREFIXES + dataset(number, base))

    def answer(request: Request) -> Reply:
        number = int(request.query.get("page", "0"))
        children = [iri(one, base) for one in (2 * number + 1, 2 * number + 2) if one <= 5]
        link = {"Link": f'<?page={number + 1}>; rel="next"'} if number < 2 else {}
        told = contains(f"{base}catalog", children, "dcat:dataset")
        return Reply(PREFIXES + f"<{base}catalog> a dcat:Catalog . {told}", headers=link)

    pages = walk(opened("dcat", site.put("/catalog", answer)))

    assert sorted(names(pages)) == [iri(one, base) for one in range(1, 6)]


def test_what_a_feed_says_in_ldp_beside_hydra_is_not_walked_too(site: Site, opened: Opened) -> None:
    base = site.address + "/"
    both = f"""<> a hydra:PartialCollectionView, ldp:DirectContainer ; hydra:next <?page=2> ;
        ldp:contains <?page=2>, <{base}about>, <{iri(1, base)}> ."""
    first = site.put("/catalog.ttl", PREFIXES + dataset(1, base) + both)
    site.put("/catalog.ttl?page=2", PREFIXES + dataset(2, base))

    pages = walk(opened("dcat", first))

    assert names(pages) == [iri(1, base), iri(2, base)]
    assert [one.path for one in site.asked] == ["/catalog.ttl", "/catalog.ttl"]


def test_containers_that_contain_each_other_end(site: Site, opened: Opened) -> None:
    a, b = site.address + "/a", site.address + "/b"
    site.put(
        "/a", PREFIXES + f'<> a ldp:BasicContainer ; dct:title "A" ; ldp:contains <{b}>, <{a}> .'
    )
    site.put("/b", PREFIXES + f'<> a ldp:BasicContainer ; dct:title "B" ; ldp:contains <{a}> .')

    walk(opened("dcat", a), most=5)

    assert site.count("/a") <= 2


def test_a_catalogue_that_cannot_be_had_does_not_keep_the_others_away(
    site: Site, opened: Opened
) -> None:
    root = point(site)
    site.put("/fdp/catalog/brains", "broken", status=500)
    reader = opened("dcat", root)
    pages, place = [reader.page(None)], None
    error = trouble(reader, pages[0].next)
    place = error.after
    while place:
        pages.append(reader.page(place))
        place = pages[-1].next

    assert sorted(names(pages)) == sorted(f"{root}/dataset/{one}" for one in range(12))


def test_the_place_in_a_walk_stays_small_and_every_document_is_met_once() -> None:
    addresses = [f"https://point.example/dataset/{number:05}" for number in range(2_345)]
    walked, met, lists = agenda.Agenda(lists=(agenda.Listing("https://point.example/c"),)), [], 0
    largest = 0
    while (place := walked.place) is not None:
        largest = max(largest, len(json.dumps(place)))
        walked = agenda.Agenda.at(json.loads(json.dumps(place)))
        if walked.documents:
            batch, walked = walked.batch()
            met += batch
        else:
            listing, walked = walked.first()
            walked = walked.listed(listing, addresses)
            lists += 1

    assert met == addresses
    assert lists == 3
    assert largest < 50_000


# servers that would rather show a web page -----------------------------------------------

WELCOME = "<!DOCTYPE html><html><head>{head}</head><body><h1>Our registry</h1></body></html>"


def test_a_page_leads_to_its_rdf_by_a_header(site: Site, opened: Opened) -> None:
    site.put("/feed", page([1]))
    link = '</feed>; rel="alternate"; type="text/turtle", </x>; rel="alternate"; type="text/css"'
    address = site.put("/data", WELCOME.format(head=""), "text/html", headers={"Link": link})

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1)]
    assert f"{site.address}/feed was read instead" in said(pages)


def test_a_page_leads_to_its_rdf_by_a_link_in_it(site: Site, opened: Opened) -> None:
    site.put("/api/feed", page([1]))
    head = '<base href="/api/"><link rel="alternate" type="text/turtle" href="feed">'
    address = site.put("/data", WELCOME.format(head=head), "text/html")

    assert names(walk(opened("dcat", address))) == [iri(1)]


@pytest.mark.parametrize("path", ["/data.ttl", "/data.jsonld", "/catalog.ttl"])
def test_the_usual_addresses_are_tried_beside_a_page(path: str, site: Site, opened: Opened) -> None:
    suffix = path.rpartition(".")[2]
    site.put(path, written(page([1]), suffix), FORMATS[suffix][0])
    address = site.put("/data", WELCOME.format(head=""), "text/html")

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1)]
    assert f"{site.address}{path} was read instead" in said(pages)


def test_json_ld_in_a_page_is_read(site: Site, opened: Opened) -> None:
    embedded = written(page([1]), "jsonld").decode()
    head = f'<script type="application/ld+json">{embedded}</script>'
    address = site.put("/data", WELCOME.format(head=head), "text/html")

    assert names(walk(opened("dcat", address))) == [iri(1)]


def test_a_page_with_nothing_behind_it_says_what_to_do(site: Site, opened: Opened) -> None:
    error = trouble(opened("dcat", site.put("/data", WELCOME.format(head=""), "text/html")))

    assert "is a web page, and no RDF was found behind it" in str(error)
    assert "Give the address of the feed" in str(error)


def test_rdf_that_says_to_be_a_web_page_is_rdf(site: Site, opened: Opened) -> None:
    assert names(walk(opened("dcat", site.put("/data", page([1]), "text/html")))) == [iri(1)]


def test_a_server_that_cannot_give_what_was_asked_for_is_asked_for_anything(
    site: Site, opened: Opened
) -> None:
    def answer(request: Request) -> Reply:
        return (
            Reply(page([1]), "text/turtle")
            if request.headers["accept"] == "*/*"
            else Reply(status=406)
        )

    assert names(walk(opened("dcat", site.put("/data", answer)))) == [iri(1)]


HOSTILE = (
    "http://[half",
    "http://registry.example:99999/page",
    "http://:80/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://registry.example/",
)


@pytest.mark.parametrize("target", HOSTILE)
def test_a_next_page_that_is_no_web_address_is_not_followed(
    target: str, site: Site, opened: Opened
) -> None:
    view = f'<> a hydra:PartialCollectionView ; hydra:next "{target}" .'
    address = site.put("/c.ttl", page([1], view), headers={"Link": f'<{target}>; rel="next"'})

    pages = walk(opened("dcat", address))

    assert names(pages) == [iri(1)]
    assert len(site.asked) == 1


def test_addresses_without_sense_do_not_keep_the_others_away(site: Site, opened: Opened) -> None:
    listed = " ".join(f"<{BASE}catalog> dcat:dataset <{target}> ." for target in HOSTILE)

    pages = walk(opened("dcat", site.put("/c.ttl", page([1, 2], listed))))

    assert [iri(1), iri(2)] == names(pages)


def test_headers_and_pages_made_to_keep_us_busy_are_read_at_once() -> None:
    header = "<a>;b" + " " * 50_000 + '<next>; rel="next"'

    assert links.following({"link": header}, BASE + "c") == BASE + "next"
    assert not links.is_page(b"<!---->" * 500 + b"<x>", "text/plain")
    assert links.is_page(b"<!---->" * 500 + b"<html>", "text/plain")


# our own product -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a second catalogue of ours: a network of two catalogues in many pages."""
    port = free_port()
    settings = Settings(
        public_address=f"http://127.0.0.1:{port}/",
        instance=str(tmp_path_factory.mktemp("another")),
        feed_page_size=SIZE,
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    network(catalogue)
    catalogue.close()
    with served(settings, port) as address:
        yield address


@pytest.mark.slow
def test_our_own_feeds_are_read_whole(another: str, opened: Opened) -> None:
    there = {number for number in range(1, COUNT + 1) if number != 5}  # which was withdrawn
    expected = {f"{another}id/dataset/{key_of(number)}" for number in there}
    hashes = []
    for path in ("catalogue.ttl", "catalogue.rdf", "catalogue.jsonld", "catalogue.nt"):
        pages = walk(opened("dcat", another + path))
        assert sorted(names(pages)) == sorted(expected), path
        assert pages[0].total == len(expected) + 2  # a series and a service are listed too
        assert len(pages) > 5
        assert all(one.whole and not one.named for one in pages), said(pages)
        hashes.append({one.id: one.hash for one in datasets(pages)})
    assert hashes.count(hashes[0]) == 4


@pytest.mark.slow
@pytest.mark.parametrize("path", ["fdp", ""])
def test_we_are_read_as_a_fair_data_point(path: str, another: str, opened: Opened) -> None:
    pages = walk(opened("dcat", another + path))

    numbers = {number for number in range(1, COUNT + 1) if number != 5}
    assert set(names(pages)) == {f"{another}id/dataset/{key_of(number)}" for number in numbers}
    assert all(one.whole for one in pages), said(pages)
    # The pages of the feeds were followed; no dataset was asked for by itself as well.
    assert len(pages) < 30


@pytest.mark.slow
def test_one_catalogue_of_ours_is_read_by_its_own_feed(another: str, opened: Opened) -> None:
    pages = walk(opened("dcat", another + "catalogues/ehden/feed.ttl"))

    odd = {number for number in range(1, COUNT + 1, 2) if number != 5}
    assert set(names(pages)) == {f"{another}id/dataset/{key_of(number)}" for number in odd}
