"""CKAN, OAI-PMH, CSW and tables from the address to the record: found out, taken in, and quiet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from harvest.sites import Reply, Request, Site
from sqlalchemy import func, select

from catalogue import changes
from catalogue.accounts.viewer import Viewer
from catalogue.harvest.models import FINISHED, Item, Run, Source
from catalogue.instance import Catalogue
from catalogue.records.models import Record

ADMINISTRATOR = Viewer(user=1, name="Ada", role="administrator")
GMD = "http://www.isotc211.org/2005/gmd"
GCO = "http://www.isotc211.org/2005/gco"


@pytest.fixture
def here(new_catalogue: Callable[..., Catalogue]) -> Iterator[Catalogue]:
    """Our catalogue, which may read sites on this machine."""
    return new_catalogue(harvest_allow="127.0.0.1")


def ckan(site: Site) -> str:
    package = {
        "id": "p-1",
        "title": "Heart failure registry",
        "notes": "Everybody treated for heart failure.",
        "organization": {"id": "org-1", "title": "UZ Gent"},
        "maintainer_email": "data@uzgent.example",
        "tags": [{"name": "cardiology"}],
        "resources": [{"id": "r-1", "url": "https://uzgent.example/apply", "format": "CSV"}],
    }
    said = {"success": True, "result": {"count": 1, "results": [package]}}
    site.put("/api/3/action/package_search", json.dumps(said), "application/json")
    status = {"success": True, "help": "", "result": {"ckan_version": "2.11.0"}}
    site.put("/api/3/action/status_show", json.dumps(status), "application/json")
    return site.put("/", "<!DOCTYPE html><html><body>Data</body></html>", "text/html")


def oai(site: Site) -> str:
    def answer(request: Request) -> Reply:
        inner = {
            "Identify": "<Identify><repositoryName>R</repositoryName></Identify>",
            "ListMetadataFormats": "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc"
            "</metadataPrefix></metadataFormat></ListMetadataFormats>",
            "ListRecords": "<ListRecords><record><header><identifier>oai:r.example:1</identifier>"
            "<datestamp>2024-01-01</datestamp></header><metadata><oai_dc:dc xmlns:oai_dc="
            '"http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/'
            'elements/1.1/"><dc:title>Heart failure registry</dc:title><dc:publisher>UZ Gent'
            "</dc:publisher><dc:description>Everybody.</dc:description></oai_dc:dc></metadata>"
            "</record></ListRecords>",
        }[request.query["verb"]]
        return Reply(
            '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>'
            f"2024-01-01T00:00:00Z</responseDate><request/>{inner}</OAI-PMH>",
            "text/xml",
        )

    return site.put("/oai", answer) + "?verb=Identify"


def csw(site: Site) -> str:
    def text(name: str, said: str) -> str:
        return f"<gmd:{name}><gco:CharacterString>{said}</gco:CharacterString></gmd:{name}>"

    record = (
        f'<gmd:MD_Metadata xmlns:gmd="{GMD}" xmlns:gco="{GCO}">{text("fileIdentifier", "csw-1")}'
        "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>"
        f"{text('title', 'Heart failure registry')}</gmd:CI_Citation></gmd:citation>"
        f"{text('abstract', 'Everybody treated for heart failure.')}"
        "<gmd:pointOfContact><gmd:CI_ResponsibleParty>"
        f"{text('organisationName', 'UZ Gent')}<gmd:role><gmd:CI_RoleCode "
        'codeListValue="publisher"/></gmd:role></gmd:CI_ResponsibleParty></gmd:pointOfContact>'
        "</gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
    )

    def answer(request: Request) -> Reply:
        if request.method == "GET":
            capabilities = (
                '<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
                'version="2.0.2"/>'
            )
            return Reply(capabilities, "application/xml")
        return Reply(
            '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
            '<csw:SearchResults numberOfRecordsMatched="1" numberOfRecordsReturned="1" '
            f'nextRecord="0">{record}</csw:SearchResults></csw:GetRecordsResponse>',
            "application/xml",
        )

    return site.put("/csw", answer) + "?service=CSW&request=GetCapabilities"


def table(site: Site) -> str:
    rows = (
        "identifier;Title (en);description@en;contact_point.email\r\n"
        "hf;Heart failure registry;Everybody treated for heart failure.;data@uzgent.example\r\n"
    )
    return site.put("/datasets.csv", rows, "text/csv")


def run(catalogue: Catalogue, source: int) -> Run:
    """Ask for a run and let a worker work; what became of it."""
    with catalogue.database.write() as session:
        asked = catalogue.sources.ask(session, ADMINISTRATOR, session.get_one(Source, source)).id
    catalogue.tenders["harvest"](lambda: False)
    with catalogue.database.read() as session:
        return session.get_one(Run, asked)


@pytest.mark.parametrize("protocol", ["auto", "stated"])
@pytest.mark.parametrize(
    ("name", "put", "remote_id"),
    [
        ("ckan", ckan, "p-1"),
        ("oai-pmh", oai, "oai:r.example:1"),
        ("csw", csw, "csw-1"),
        ("table", table, "hf"),
    ],
)
def test_a_description_becomes_a_record_once_and_a_second_run_writes_nothing(
    here, site, protocol, name, put, remote_id
):
    said = {
        "title": "Elsewhere",
        "address": put(site),
        "protocol": "auto" if protocol == "auto" else name,
        "incomplete": "publish",
    }
    with here.database.write() as session:
        source = here.sources.add(session, ADMINISTRATOR, said).id
    first = run(here, source)
    assert (first.state, first.protocol, first.complete) == (FINISHED, name, True), first.error
    with here.database.read() as session:
        item = session.scalars(select(Item).where(Item.kind == "dataset")).one()
        assert item.remote_id == remote_id
        record = session.get_one(Record, item.record_id)
        assert "Heart failure registry" in record.document["title"].values()
        if name != "table":
            publisher = session.scalars(select(Record).where(Record.kind == "agent")).one()
            assert record.document["publisher"] == publisher.iri
            assert publisher.title == "UZ Gent"
        number = session.scalar(select(func.count()).select_from(Record))
        head = changes.head(session)
    second = run(here, source)
    assert second.state == FINISHED
    assert set(second.counts) == {"unchanged"}
    with here.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == number
        assert changes.head(session) == head
