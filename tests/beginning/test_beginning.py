"""A description begins with what is said elsewhere, and every answer waits to be confirmed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator

import pytest
from conftest import signed_in
from factories import OWN, dataset, plant
from flask import Flask
from flask.testing import FlaskClient
from harvest.sites import Site
from sqlalchemy import select

from catalogue.beginning.citations import document_of, doi_in
from catalogue.beginning.models import Prefilled, Tray
from catalogue.errors import BadRequest
from catalogue.harvest.fetch import Fetcher, Limits, TooMuch
from catalogue.instance import Catalogue
from catalogue.records.models import Record

TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://portal.example/dataset/7> a dcat:Dataset ;
    dct:title "Stroke registry of Flanders"@en , "Beroerteregister Vlaanderen"@nl ;
    dct:description "Every stroke unit since 2014."@en ;
    dcat:keyword "stroke"@en ;
    dct:publisher <https://portal.example/org/1> ;
    <https://portal.example/ns#colour> "blue" .
<https://portal.example/dataset/8> a dcat:Dataset ; dct:title "Falls register"@en .
"""
CITATION = {
    "type": "dataset",
    "title": "Heidelberg sepsis cohort",
    "abstract": "<jats:p>Adults with <b>sepsis</b>, 2012 to 2020.</jats:p>",
    "DOI": "10.1234/sepsis.1",
    "issued": {"date-parts": [[2021, 3]]},
    "categories": ["sepsis", "intensive care"],
}


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def app(new_catalogue: Callable[..., Catalogue], site: Site) -> Flask:
    from catalogue.app import create_app

    return create_app(
        catalogue=new_catalogue(
            mail="memory", harvest_allow=site.host, doi_resolver=site.address + "/doi/"
        )
    )


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app, "ann@ghent.example", organisations={"ghent": "editor"})


def look(client: FlaskClient, way: str, **said: object) -> str:
    """The page of what was found."""
    answer = client.post("/workspace/begin", data={"way": way, **said})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def begun(app: Flask) -> list[Record]:
    catalogue: Catalogue = app.extensions["catalogue"]
    with catalogue.database.read() as session:
        return list(session.scalars(select(Record).where(Record.kind == "dataset")))


def test_another_portals_address_becomes_a_draft_to_be_confirmed(
    app: Flask, owner: FlaskClient, site: Site
) -> None:
    address = look(owner, "address", address=site.put("/catalog.ttl", TURTLE))
    page = owner.get(address).text
    assert "2 descriptions" in page
    assert "Stroke registry of Flanders" in page
    assert "https://portal.example/ns#colour: no field here takes it" in page
    assert "https://portal.example/org/1" in page  # its publisher is not here, and that is said
    assert begun(app) == []
    answer = owner.post(address, data={"chosen": "0"})
    assert answer.status_code == 303
    [record] = begun(app)
    document = record.working_copy
    assert document["title"]["nl"] == "Beroerteregister Vlaanderen"
    assert document["publisher"].startswith("id/agent/")  # of the organisation that describes it
    assert record.state == "draft"
    form = owner.get(answer.headers["Location"]).text
    assert f"From {site.host}, please confirm" in form


def test_a_field_is_confirmed_by_a_tick_by_writing_it_anew_or_with_its_whole_section(
    app: Flask, owner: FlaskClient, site: Site
) -> None:
    address = look(owner, "address", address=site.put("/catalog.ttl", TURTLE))
    owner.post(address, data={"chosen": "0"})
    [record] = begun(app)
    path = f"/workspace/dataset/{record.key}"
    waiting = set(waits(app))
    assert {"title", "description", "keyword"} <= waiting
    owner.post(f"{path}/about", data={"confirm-title": "yes"})
    assert "title" not in waits(app)
    owner.post(f"{path}/subject", data={"do": "sure"})
    assert "keyword" not in waits(app)
    assert "To be confirmed" in owner.get(path).text
    form = owner.get(f"{path}/about?tier=outcome-rich").text
    was = re.search(r'name="was-description" value="([^"]*)"', form)
    assert was
    owner.post(
        f"{path}/about?tier=outcome-rich",
        data={"description-en": "Every stroke unit since 2013.", "was-description": was[1]},
    )
    assert waits(app) == []
    assert "To be confirmed" not in owner.get(path).text


def waits(app: Flask) -> list[str]:
    catalogue: Catalogue = app.extensions["catalogue"]
    with catalogue.database.read() as session:
        return list(session.scalars(select(Prefilled.field)))


def test_a_doi_of_a_dataset_gives_its_title_abstract_words_and_identifier(
    app: Flask, owner: FlaskClient, site: Site
) -> None:
    site.put("/doi/10.1234/sepsis.1", json.dumps(CITATION), "application/json")
    page = owner.get(look(owner, "doi", doi="https://doi.org/10.1234/sepsis.1")).text
    assert "Heidelberg sepsis cohort" in page
    assert "Adults with sepsis, 2012 to 2020." in page
    assert "10.1234/sepsis.1" in page


def test_an_article_is_what_tells_of_the_data_and_not_the_data() -> None:
    said = document_of("10.1/x", json.dumps({**CITATION, "type": "article-journal"}).encode())
    assert said["is_referenced_by"] == ["https://doi.org/10.1/x"]
    assert "identifier" not in said
    assert "issued" not in said


@pytest.mark.parametrize("text", ["", "10.12", "see my paper", "https://doi.org/"])
def test_what_holds_no_doi_is_told_how_one_looks(text: str) -> None:
    with pytest.raises(BadRequest, match="looks like"):
        doi_in(text)


def test_a_doi_that_nobody_knows_is_told_at_its_field(owner: FlaskClient) -> None:
    answer = owner.post("/workspace/begin", data={"way": "doi", "doi": "10.9999/none"})
    assert answer.status_code == 422
    assert "10.9999/none cannot be looked up" in answer.text
    assert 'value="10.9999/none"' in answer.text


def test_a_table_begins_many_drafts_and_names_row_and_column_of_what_is_wrong(
    app: Flask, owner: FlaskClient
) -> None:
    table = (
        "title,number_of_unique_individuals,spatial,colour\n"
        "Asthma cohort,1200,Belgium,blue\n"
        "Gout cohort,many,Atlantis,red\n"
    )
    address = look(owner, "file", file=(io.BytesIO(table.encode()), "ours.csv"))
    page = owner.get(address).text
    assert "row 3, column B" in page
    assert "row 3, column C" in page
    assert "colour" in page  # a column that is not known is told
    owner.post(address, data={"chosen": ["0", "1"]})
    titles = {one.working_copy["title"]["en"] for one in begun(app)}
    assert titles == {"Asthma cohort", "Gout cohort"}
    gout = next(one for one in begun(app) if one.working_copy["title"]["en"] == "Gout cohort")
    assert "number_of_unique_individuals" not in gout.working_copy


def test_the_template_is_read_as_it_is_filled_in(app: Flask, owner: FlaskClient) -> None:
    head = owner.get("/workspace/begin/template.csv").text.strip()
    columns = head.split(",")
    cells = {"title": "Lupus cohort", "studied_condition.persons": "120"}
    row = ",".join(cells.get(name, "") for name in columns)
    address = look(owner, "file", file=(io.BytesIO(f"{head}\n{row}\n".encode()), "datasets.csv"))
    page = owner.get(address).text
    assert "is not known" not in page
    assert "Lupus cohort" in page


def test_an_rdf_file_may_be_broken_or_empty_and_is_told_so(owner: FlaskClient) -> None:
    for content, name in ((b"", "a.ttl"), (b"<<<", "a.ttl"), (b"\x00\xff", "a.csv")):
        answer = owner.post(
            "/workspace/begin", data={"way": "file", "file": (io.BytesIO(content), name)}
        )
        assert answer.status_code == 422, name


def test_a_copy_leaves_out_what_is_the_records_own(app: Flask, owner: FlaskClient) -> None:
    catalogue: Catalogue = app.extensions["catalogue"]
    plant(catalogue, dataset(last_confirmed="2026-01-01"))
    with catalogue.database.write() as session:
        organisation = catalogue.accounts.organisations.get(session, "ghent")
        for record in session.scalars(select(Record)):
            record.organisation = organisation.id
    assert "Heart failure registry of Ghent" in owner.get("/workspace/begin?copy=hf").text
    address = look(owner, "copy", copy="hf")
    owner.post(address, data={"chosen": "0"})
    copy = next(one for one in begun(app) if one.key != "hf")
    assert copy.working_copy["title"] == {"en": "Heart failure registry of Ghent"}
    assert copy.working_copy.get("identifier") != ["ghent-hf"]
    assert "last_confirmed" not in copy.working_copy


def test_an_address_of_ones_own_network_is_refused_with_what_an_owner_can_do(
    owner: FlaskClient,
) -> None:
    for address in ("http://169.254.169.254/latest", "http://10.1.2.3/dcat.ttl"):
        answer = owner.post("/workspace/begin", data={"way": "address", "address": address})
        assert answer.status_code == 422
        assert "is not asked" in answer.text
        assert "upload the file instead, or have whoever runs this catalogue" in answer.text
        assert "CATALOGUE_" not in answer.text  # owners set no variables


def test_what_was_found_is_seen_by_its_finder_only(
    app: Flask, owner: FlaskClient, site: Site
) -> None:
    address = look(owner, "address", address=site.put("/catalog.ttl", TURTLE))
    other = signed_in(app, "bob@ghent.example", organisations={"ghent": "editor"})
    assert other.get(address).status_code == 404
    assert "/sign-in" in app.test_client().get(address).headers["Location"]
    catalogue: Catalogue = app.extensions["catalogue"]
    with catalogue.database.read() as session:
        assert session.scalar(select(Tray.key)) is not None


def test_nothing_chosen_begins_nothing(app: Flask, owner: FlaskClient, site: Site) -> None:
    address = look(owner, "address", address=site.put("/catalog.ttl", TURTLE))
    for chosen in ([], ["9"], ["x"]):
        assert owner.post(address, data={"chosen": chosen}).status_code == 400
    assert begun(app) == []


@pytest.mark.parametrize("row", ["1e400", "5", "99999999999999999999"])
def test_a_number_of_a_row_that_no_form_sends_is_refused(
    app: Flask, owner: FlaskClient, site: Site, row: str
) -> None:
    address = look(owner, "address", address=site.put("/catalog.ttl", TURTLE))
    assert owner.post(address, data={"chosen": row}).status_code == 400
    assert owner.post(address, data={"chosen": "9" * 5_000}).status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        "[" * 200_000,
        '{"title": "Half a \\ud800 character", "type": "dataset"}',
        '{"title": "T", "type": "dataset", "issued": {"date-parts": [[1e400, NaN]]}}',
        '{"title": [[["T"]]], "categories": {"a": 1}, "language": [], "issued": 7}',
    ],
)
def test_what_stands_behind_a_doi_may_be_anything(
    owner: FlaskClient, site: Site, said: str
) -> None:
    site.put("/doi/10.1234/odd", said, "application/json")
    answer = owner.post("/workspace/begin", data={"way": "doi", "doi": "10.1234/odd"})
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        assert owner.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "cells",
    [
        "nan",
        "1e999",
        "-inf",
        "9" * 5_000,
        "\x00",
        "<script>alert(1)</script>",
        "=1+1",
        "javascript:x",
    ],
)
def test_what_stands_in_a_table_may_be_anything(owner: FlaskClient, cells: str) -> None:
    fields = "number_of_unique_individuals,issued,landing_page,spatial,temporal,keyword,latitude"
    table = f"title,{fields},mapping_coverage\nA,{','.join([cells] * 8)}\n".encode()
    sent = {"way": "file", "file": (io.BytesIO(table), "ours.csv")}
    answer = owner.post("/workspace/begin", data=sent)
    assert answer.status_code in (303, 422), answer.text
    if answer.status_code == 303:
        page = owner.get(answer.headers["Location"])
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert 'href="javascript:' not in page.text
        assert owner.post(answer.headers["Location"], data={"chosen": "0"}).status_code == 303
        assert owner.get("/workspace").status_code == 200


def test_a_copy_leaves_out_what_not_everybody_may_see(app: Flask, owner: FlaskClient) -> None:
    catalogue: Catalogue = app.extensions["catalogue"]
    restriction = {"field": "number_of_unique_individuals", "audience": f"{OWN}audience/curators"}
    plant(catalogue, dataset(number_of_unique_individuals=4_321, restricted=[restriction]))
    with catalogue.database.write() as session:
        organisation = catalogue.accounts.organisations.get(session, "ghent")
        for record in session.scalars(select(Record)):
            record.organisation = organisation.id
    address = look(owner, "copy", copy="hf")
    assert "so it is not copied" in owner.get(address).text
    owner.post(address, data={"chosen": "0"})
    copy = next(one for one in begun(app) if one.key != "hf")
    assert "number_of_unique_individuals" not in copy.working_copy


def test_all_requests_to_an_address_together_take_so_long_and_no_longer(site: Site) -> None:
    address = site.put("/a.ttl", TURTLE)
    patient = Fetcher([site.host], limits=Limits(altogether=60))
    assert patient.get(address).status == 200
    patient.close()
    hasty = Fetcher([site.host], limits=Limits(altogether=0))
    with pytest.raises(TooMuch, match="went by already"):
        hasty.get(address)
    hasty.close()
