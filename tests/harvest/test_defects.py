"""What harvesters complain of in the feeds of others, and what ours makes of each.

The complaints are collected from issue trackers of harvesters and portals.  Each is a feed here,
harvested from the first request to the last record; what other tests prove is named with them.

| defect | test |
| --- | --- |
| datasets and distributions as blank nodes, other names at each export | ``test_nameless_datasets_and_distributions_stay_the_same`` |
| no ``dct:identifier``, or the same twice | ``test_one_identifier_on_two_datasets_is_told_and_makes_two_records``, ``test_runs.py`` (no identity at all) |
| catalogue without publisher, title or description | ``test_a_catalogue_that_says_nothing_of_itself_is_no_hindrance`` |
| text where a node is due, and a node where text is due | ``test_wrong_ranges_are_understood_or_told`` |
| dates without a type, or in the manner of a country | ``test_dates_of_any_kind_are_read_or_told`` |
| an invalid address, ``localhost``, http behind a proxy | ``test_an_address_with_a_space_costs_no_other``, ``test_an_address_of_the_machine_itself_is_told``, ``readers/test_dcat.py`` |
| next page wrong, endless | ``test_runs.py``, ``readers/test_dcat.py`` |
| two geometries in different datatypes | ``test_of_two_geometries_one_is_taken`` |
| themes nobody defined | ``test_an_undefined_theme_is_told_and_left_out`` |
| subclasses alone (``foaf:Organization``, ``vcard:Organization``) | ``test_an_organisation_may_be_typed_in_any_way`` |
| misspelt namespaces | ``test_a_misspelt_namespace_is_read`` |
| Hydra old and new, literal and relative ``next``, wrong media type, byte order mark | ``readers/test_dcat.py``, ``test_parsing.py`` |
| one page of another encoding | ``test_a_page_in_another_encoding_is_read`` |
| the same dataset 181 times; more in the catalogue than the job says | ``test_one_dataset_on_every_page_is_one_record``; unique rows in ``models.py`` |
| all ids change | ``test_runs.py`` |
| a queue that grows without end, jobs that never end | there is no queue; ``test_killed.py``, ``test_runs.py`` (stop, go on), ``test_a_run_that_takes_for_ever_is_stopped`` |
| clearing the log loses which dataset is which | ``test_forgetting_runs_loses_nothing_of_what_is_known`` |
| what is deleted there stays here, or all of it goes | ``test_runs.py`` (grace, brake, undo) |
| records of a source that is gone cannot be got rid of | ``test_runs.py`` (three ways) |
| 8,327 distributions; 34,866 keywords | ``test_a_monster_costs_no_other`` |
| no resume, everything anew each night | ``test_runs.py`` (nothing is written), ``benchmarks/harvesting.py`` |
| fewer than expected, one missing | ``test_what_is_listed_and_not_described_is_named`` |
| private addresses, redirects, bombs, entities, contexts, deep nesting | ``test_fetch.py``, ``test_parsing.py``, ``readers/`` |
| old releases | ``test_releases.py``, ``test_the_official_examples_are_taken_in`` |
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from harvest.portals import BASE, Portal
from harvest.sites import Reply, Site
from harvest.test_runs import ADMINISTRATOR, add, here, item, portal, record, run, titles, work
from official import STANDARDS
from sqlalchemy import delete, func, select

from catalogue.harvest.models import FINISHED, STOPPED, Find, Item, Page, Run, Source
from catalogue.harvest.run import LONGEST
from catalogue.instance import Catalogue
from catalogue.records.models import PUBLISHED, Record

__all__ = ["here", "portal"]  # fixtures

DCT, DCAT = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
_PREFIXES = f"""
@prefix dct: <{DCT}> . @prefix dcat: <{DCAT}> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix locn: <http://www.w3.org/ns/locn#> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix adms: <http://www.w3.org/ns/adms#> .
"""


@pytest.fixture
def feed(here: Catalogue, site: Site) -> Callable[[str], tuple[Run, int]]:
    """Harvests a document in Turtle as a source that may publish what is incomplete."""
    sources: list[int] = []

    def harvest(text: str) -> tuple[Run, int]:
        address = site.put("/feed.ttl", _PREFIXES + text)
        if not sources:
            values = {"title": "A feed", "address": address, "incomplete": "publish", "grace": 0}
            with here.database.write() as session:
                sources.append(here.sources.add(session, ADMINISTRATOR, values).id)
        return run(here, sources[0]), sources[0]

    return harvest


def documents(catalogue: Catalogue) -> list[dict[str, object]]:
    """What was published of datasets, by title."""
    with catalogue.database.read() as session:
        found = select(Record).where(Record.kind == "dataset", Record.state == PUBLISHED)
        return [one.document or {} for one in session.scalars(found.order_by(Record.title))]


def told(catalogue: Catalogue, run: Run) -> str:
    """Every problem of the finds of a run."""
    with catalogue.database.read() as session:
        return str(
            [find.problems for find in session.scalars(select(Find).where(Find.run_id == run.id))]
        )


# names ---------------------------------------------------------------------------------


def test_nameless_datasets_and_distributions_stay_the_same(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    text = """
    _:{0}d a dcat:Dataset ; dct:title "Stroke registry"@en ; dct:identifier "stroke-7" ;
      dcat:distribution _:{0}x, _:{0}y .
    _:{0}x a dcat:Distribution ; dct:title "As a table"@en ; dcat:accessURL <https://a.example/t> .
    _:{0}y a dcat:Distribution ; dct:title "As a graph"@en ; dcat:accessURL <https://a.example/g> .
    """
    feed(text.format("one"))
    before = documents(here)
    done, _ = feed(text.format("another"))
    assert done.counts == {"unchanged": 1}
    done, _ = feed(text.format("third").replace("As a graph", "As linked data"))
    assert done.counts == {"updated": 1}
    (now,), (then,) = documents(here), before
    names = {one["title"]["en"]: one["id"] for one in then["distribution"]}  # type: ignore[attr-defined]
    for one in now["distribution"]:  # type: ignore[attr-defined]
        title = one["title"]["en"].replace("As linked data", "As a graph")
        assert one["id"] == names[title]  # an edit of a distribution makes no new one


def test_one_identifier_on_two_datasets_is_told_and_makes_two_records(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    done, _ = feed("""
    <https://a.example/1> a dcat:Dataset ; dct:title "One"@en ; dct:identifier "same" .
    <https://a.example/2> a dcat:Dataset ; dct:title "Two"@en ; dct:identifier "same" .
    """)
    assert titles(here) == {"One", "Two"}
    assert "same" in told(here, done)


def test_one_dataset_on_every_page_is_one_record(here: Catalogue, portal: Portal) -> None:
    statements = portal.statements("dataset", "always", portal.datasets["cohort-0"])
    portal.more = [" ".join(one) + " ." for one in statements]
    source = add(here, portal)
    run(here, source)
    assert len(documents(here)) == 11
    assert "updated" not in run(here, source).counts


def test_a_catalogue_that_says_nothing_of_itself_is_no_hindrance(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    feed("""
    <https://a.example/c> a dcat:Catalog ; dcat:dataset <https://a.example/1> .
    [] a dcat:Catalog ; dcat:dataset <https://a.example/1> .
    <https://a.example/1> a dcat:Dataset ; dct:title "One"@en .
    """)
    assert titles(here) == {"One"}


# values --------------------------------------------------------------------------------


def test_wrong_ranges_are_understood_or_told(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    done, _ = feed("""
    <https://a.example/1> a dcat:Dataset ; dct:title "One"@en ; dct:publisher "Hospital of Ghent" ;
      dcat:landingPage "https://a.example/page" ; dct:language "ENG" ;
      dcat:contactPoint "desk@a.example" ; dcat:theme "HEAL" ; dcat:keyword <https://a.example/k> ;
      dct:accessRights "PUBLIC" .
    """)
    (one,) = documents(here)
    assert one["landing_page"] == ["https://a.example/page"]
    assert one["language"] == ["http://publications.europa.eu/resource/authority/language/ENG"]
    assert str(one["access_rights"]).endswith("/PUBLIC")
    assert done.counts.get("failed", 0) == 0


def test_dates_of_any_kind_are_read_or_told(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    feed("""
    <https://a.example/1> a dcat:Dataset ; dct:title "A"@en ; dct:issued "2020-05-01" ;
      dct:modified "2021-06-02T10:00:00Z"^^xsd:dateTime .
    <https://a.example/2> a dcat:Dataset ; dct:title "B"@en ; dct:issued "01.05.2020" ;
      dct:modified "last week" .
    """)
    first, second = documents(here)
    assert first["issued"] == "2020-05-01"
    assert str(first["modified"]).startswith("2021-06-02")
    assert "modified" not in second


def test_an_address_with_a_space_costs_no_other(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    done, _ = feed("""
    <https://a.example/1> a dcat:Dataset ; dct:title "A"@en ; dcat:landingPage <https://a.example/a b> ,
      <https://a.example/{x}> , <mailto:> .
    <https://a.example/2> a dcat:Dataset ; dct:title "B"@en .
    """)
    assert titles(here) == {"A", "B"}
    assert "landing" in told(here, done).casefold()


def test_an_address_of_the_machine_itself_is_told(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    done, _ = feed('<http://localhost:8080/1> a dcat:Dataset ; dct:title "A"@en .')
    assert titles(here) == {"A"}
    assert "localhost" in told(here, done)


def test_of_two_geometries_one_is_taken(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    feed("""
    <https://a.example/1> a dcat:Dataset ; dct:title "A"@en ; dct:spatial [ a dct:Location ;
      dcat:bbox "POLYGON((2 49,6 49,6 51,2 51,2 49))"^^geo:wktLiteral ,
        '{"type":"Polygon","coordinates":[[[2,49],[6,49],[6,51],[2,51],[2,49]]]}'^^<https://www.iana.org/assignments/media-types/application/vnd.geo+json> ] .
    """)
    (one,) = documents(here)
    assert len(one["location"]) == 1  # type: ignore[arg-type]


def test_an_undefined_theme_is_told_and_left_out(here: Catalogue, portal: Portal) -> None:
    portal.more = [
        f"<{portal.iri('cohort-1')}> <{DCAT}theme> <https://a.example/themes/nobody-knows> .",
    ]
    run(here, add(here, portal))
    one = record(here, "cohort-1")
    assert one.state == PUBLISHED
    assert "nobody-knows" not in str(one.document)
    assert "nobody-knows" in str(item(here, "cohort-1").problems)


@pytest.mark.parametrize(
    "class_", ["foaf:Organization", "vcard:Organization", "foaf:Agent", "foaf:Person", ""]
)
def test_an_organisation_may_be_typed_in_any_way(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]], class_: str
) -> None:
    typed = f"a {class_} ;" if class_ else ""
    feed(f"""
    <https://a.example/1> a dcat:Dataset ; dct:title "A"@en ; dct:publisher [ {typed} foaf:name "Ghent" ] .
    <https://a.example/2> a dcat:Dataset ; dct:title "B"@en ; dct:publisher [ {typed} foaf:name "Ghent" ] .
    """)
    first, second = documents(here)
    assert first["publisher"] == second["publisher"]
    with here.database.read() as session:
        (holder,) = session.scalars(select(Record).where(Record.kind == "agent"))
    assert (holder.title, holder.state) == ("Ghent", PUBLISHED)


def test_a_misspelt_namespace_is_read(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]]
) -> None:
    feed("""
    @prefix d: <https://www.w3.org/ns/dcat#> . @prefix t: <https://purl.org/dc/terms/> .
    <https://a.example/1> a d:Dataset ; t:title "A"@en ; d:keyword "stroke"@en .
    """)
    (one,) = documents(here)
    assert one["keyword"] == {"en": ["stroke"]}


# pages ---------------------------------------------------------------------------------


def test_a_page_in_another_encoding_is_read(here: Catalogue, portal: Portal) -> None:
    text = '<https://portal.example/fr> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "Étude générale"@fr .'
    portal.spoiled[2] = Reply(text.encode("latin-1"), "text/turtle")
    run(here, add(here, portal, incomplete="publish"))
    assert "Étude générale" in titles(here)


def test_what_is_listed_and_not_described_is_named(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    portal.datasets.pop("cohort-1")
    portal.more = [
        f"<{BASE}catalogue> <{DCAT}dataset> <{portal.iri('cohort-1')}> .",
    ]
    done = run(here, source)
    assert done.missing == [portal.iri("cohort-1")]
    assert not done.complete
    assert record(here, "cohort-1").state == PUBLISHED


@pytest.mark.parametrize(
    ("what", "number", "taken"),
    [("distribution", 8_327, True), ("keyword", 34_866, False)],
)
def test_a_monster_costs_no_other(
    here: Catalogue, feed: Callable[[str], tuple[Run, int]], what: str, number: int, taken: bool
) -> None:
    many = (
        " ; ".join(f'dcat:keyword "k{n}"@en' for n in range(number))
        if what == "keyword"
        else " ; ".join(
            f"dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://a.example/f{n}> ]"
            for n in range(number)
        )
    )
    done, _ = feed(f"""
    <https://a.example/1> a dcat:Dataset ; dct:title "Monster"@en ; {many} .
    <https://a.example/2> a dcat:Dataset ; dct:title "Small"@en .
    """)
    assert done.state == FINISHED
    assert titles(here) == ({"Monster", "Small"} if taken else {"Small"})
    if not taken:
        assert f"{number:,}" in told(here, done) or str(number) in told(here, done)


# runs ----------------------------------------------------------------------------------


def test_a_run_that_takes_for_ever_is_stopped(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    with here.database.write() as session:
        asked = here.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source))
        asked.began = asked.asked - LONGEST - timedelta(hours=1)
        number = asked.id
    done = work(here, number)
    assert done.state == STOPPED
    assert "hours" in done.error


def test_forgetting_runs_loses_nothing_of_what_is_known(here: Catalogue, portal: Portal) -> None:
    source = add(here, portal)
    run(here, source)
    with here.database.write() as session:
        for table in (Find, Page, Run):
            session.execute(delete(table))
    done = run(here, source)
    assert done.counts == {"unchanged": 12}
    with here.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 12
    assert len(titles(here)) == 10


# official examples ---------------------------------------------------------------------


def _examples() -> list[Path]:
    return sorted((STANDARDS / "examples").glob("*/*.ttl"))


@pytest.mark.skipif(not _examples(), reason="the official examples are not beside the project")
@pytest.mark.parametrize("file", _examples(), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_official_examples_are_taken_in(here: Catalogue, site: Site, file: Path) -> None:
    address = site.put("/example.ttl", file.read_bytes())
    values = {"title": file.name, "address": address, "incomplete": "publish"}
    with here.database.write() as session:
        source = here.sources.add(session, ADMINISTRATOR, values).id
    done = run(here, source)
    assert done.state == FINISHED, done.error
    if done.complete:  # two of them break off in the middle of a distribution
        assert done.counts.get("failed", 0) == 0, told(here, done)
    assert set(run(here, source).counts) <= {"unchanged", "failed"}
