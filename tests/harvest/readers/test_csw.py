"""CSW: ISO 19139 as a description, and catalogues that count wrongly."""

from __future__ import annotations

import re

import pytest
from harvest.sites import Reply
from harvested import ADDRESS, all_of, document_of, messages, reading, walk
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvest.iso19139 import Metadata
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers.csw import make
from catalogue.harvest.reading import Unreadable
from catalogue.harvest.telling import told
from catalogue.harvest.xml import parsed

EU = "http://publications.europa.eu/resource/authority/"
ROWS = 50
NAMESPACES = (
    'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" '
    'xmlns:gmx="http://www.isotc211.org/2005/gmx" xmlns:srv="http://www.isotc211.org/2005/srv" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def text(name: str, value: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{value}</gco:CharacterString></gmd:{name}>"


def code(name: str, list_: str, value: str) -> str:
    return f'<gmd:{name}><gmd:{list_} codeList="x" codeListValue="{value}"/></gmd:{name}>'


def party(role: str, name: str, email: str = "", page: str = "") -> str:
    address = (
        f"<gmd:address><gmd:CI_Address>{text('electronicMailAddress', email)}</gmd:CI_Address></gmd:address>"
        if email
        else ""
    )
    online = (
        "<gmd:onlineResource><gmd:CI_OnlineResource><gmd:linkage>"
        f"<gmd:URL>{page}</gmd:URL></gmd:linkage></gmd:CI_OnlineResource></gmd:onlineResource>"
        if page
        else ""
    )
    return (
        f"<gmd:CI_ResponsibleParty>{text('organisationName', name)}<gmd:contactInfo>"
        f"<gmd:CI_Contact>{address}{online}</gmd:CI_Contact></gmd:contactInfo>"
        f"{code('role', 'CI_RoleCode', role)}</gmd:CI_ResponsibleParty>"
    )


def date(kind: str, value: str) -> str:
    return (
        f"<gmd:date><gmd:CI_Date><gmd:date><gco:Date>{value}</gco:Date></gmd:date>"
        f"{code('dateType', 'CI_DateTypeCode', kind)}</gmd:CI_Date></gmd:date>"
    )


def metadata(
    id_: str,
    *,
    title: str = "",
    citation: str = "",
    about: str = "",
    before: str = "",
    after: str = "",
    level: str = "dataset",
    kind: str = "gmd:MD_DataIdentification",
) -> str:
    return (
        f"<gmd:MD_Metadata {NAMESPACES}>{text('fileIdentifier', id_) if id_ else ''}"
        f"{code('language', 'LanguageCode', 'ger')}{before}"
        f"{code('hierarchyLevel', 'MD_ScopeCode', level)}<gmd:identificationInfo><{kind}>"
        f"<gmd:citation><gmd:CI_Citation>{text('title', title or f'Krebsregister {id_}')}{citation}"
        f"</gmd:CI_Citation></gmd:citation>{about}</{kind}></gmd:identificationInfo>{after}"
        "</gmd:MD_Metadata>"
    )


def results(records: list[str], matched: int | str, *, next_: int = 0, returned=None) -> str:
    returned = len(records) if returned is None else returned
    return (
        '<?xml version="1.0"?><csw:GetRecordsResponse '
        'xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchStatus/>'
        f'<csw:SearchResults numberOfRecordsMatched="{matched}" nextRecord="{next_}" '
        f'numberOfRecordsReturned="{returned}" elementSet="full">{"".join(records)}'
        "</csw:SearchResults></csw:GetRecordsResponse>"
    )


EXCEPTION = (
    '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"><ows:Exception '
    'exceptionCode="InvalidParameterValue"><ows:ExceptionText>No POST here</ows:ExceptionText>'
    "</ows:Exception></ows:ExceptionReport>"
)


class Service:
    """A catalogue service over some records; ``wrong`` spoils the number of the next one."""

    def __init__(self, site, records, *, wrong=lambda next_: next_, post=True, lose=()):
        self.site, self.records, self.wrong, self.post, self.lose = site, records, wrong, post, lose
        self.asked: list[tuple[str, int, str]] = []
        self.address = site.put("/csw", self.answer)

    def answer(self, request):
        if request.method == "POST":
            body = request.body.decode()
            start = int(re.search(r'startPosition="(\d+)"', body)[1])
            self.asked.append(("POST", start, body))
            if not self.post:
                return Reply(EXCEPTION, "text/xml", 200)
        else:
            start = int(request.query["startPosition"])
            self.asked.append(("GET", start, request.query.get("constraint", "")))
        found = self.records[start - 1 : start - 1 + ROWS]
        after = start + len(found)
        next_ = self.wrong(after if after <= len(self.records) else 0)
        returned = len(found)
        found = [one for n, one in enumerate(found, start=start) if n not in self.lose]
        page = results(found, len(self.records), next_=next_, returned=returned)
        return Reply(page, "application/xml")


@pytest.fixture
def service(site):
    return lambda records, **more: Service(site, records, **more)


def read_one(profile, service, record: str, kind: str = "dataset"):
    with reading(make, service([record]).address, profile) as reader:
        page = reader.page(None)
    [remote] = all_of([page], kind).values()
    return remote, document_of(profile, remote)


# pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        lambda next_: next_,
        lambda next_: next_ + 1 if next_ else 0,
        lambda next_: max(next_ - 1, 0),
        lambda next_: 1,
        lambda next_: 0,
    ],
)
def test_all_records_come_once_however_wrongly_the_next_one_is_counted(profile, service, wrong):
    source = service([metadata(f"id-{n:03}") for n in range(1, 121)], wrong=wrong)
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert list(all_of(pages)) == [f"id-{n:03}" for n in range(1, 121)]
    assert [start for _, start, _ in source.asked] == [1, 51, 101]
    assert {page.total for page in pages} == {120}
    assert all(page.whole for page in pages)


def test_a_catalogue_that_returns_fewer_than_it_says_is_told_of(profile, service):
    source = service([metadata(f"id-{n:03}") for n in range(1, 61)], lose=(7, 60))
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 58
    assert [page.whole for page in pages] == [False, False]
    assert "says that it returned 50 records from 1 on, and returned 49" in pages[0].problems[0]


def test_a_catalogue_that_counts_more_than_it_gives_is_not_read_for_ever(profile, site):
    address = site.put(
        "/csw",
        lambda request: results([] if b'startPosition="2"' in request.body else [metadata("a")], 9),
        "text/xml",
    )
    with reading(make, address, profile) as reader:
        pages = walk(reader)
    assert [page.whole for page in pages] == [True, False]
    assert "counts 9 records but gives none from 2 on" in pages[1].problems[0]


def test_a_catalogue_without_post_is_asked_by_address(profile, service):
    source = service([metadata(f"id-{n:03}") for n in range(1, 61)], post=False)
    with reading(make, source.address + "?service=CSW&request=GetCapabilities", profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 60
    assert [way for way, _, _ in source.asked] == ["POST", "GET", "GET"]


def test_a_constraint_goes_along_in_both_ways_of_asking(profile, service):
    wanted = "subject = 'Health' AND title <> 'A & B'"
    source = service([metadata("a")])
    with reading(make, source.address, profile, constraint=wanted) as reader:
        reader.page(None)
        reader.page({"start": 1, "way": "get", "total": 1})
    assert "title &lt;&gt; 'A &amp; B'</csw:CqlText>" in source.asked[0][2]
    assert source.asked[1][2] == wanted


def test_what_the_catalogue_says_against_being_asked_is_told(profile, site):
    address = site.put("/csw", EXCEPTION, "text/xml", 400)
    with (
        reading(make, address, profile) as reader,
        pytest.raises(Unreadable, match="No POST here"),
    ):
        reader.page(None)


def test_a_page_that_fails_is_passed_over_if_there_is_more_behind_it(profile, service):
    source = service([metadata(f"id-{n:03}") for n in range(1, 121)])
    with reading(make, source.address, profile) as reader:
        first = reader.page(None)
        source.site.put("/csw", EXCEPTION, "text/xml", 500)
        with pytest.raises(Unreadable) as refused:
            reader.page(first.next)
        assert refused.value.after == {"start": 101, "way": "post", "total": 120}
        with pytest.raises(Unreadable) as last:
            reader.page(refused.value.after)
    assert last.value.after is None


def test_records_without_an_identifier_or_in_another_form_are_told_of(profile, site):
    other = '<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>'
    page = results([metadata("a"), metadata(""), other], 3)
    with reading(make, site.put("/csw", page, "text/xml"), profile) as reader:
        read = reader.page(None)
    assert list(all_of([read])) == ["a"]
    assert not read.whole
    assert "1 records have no fileIdentifier" in " ".join(read.problems)
    assert "not in ISO 19139" in " ".join(read.problems)


# ISO 19139 --------------------------------------------------------------------------------


def whole_record() -> str:
    """A record with everything in it."""
    return metadata(
        "de-cancer-1",
        title="Krebsregister Saarland",
        before=(
            '<gmd:locale><gmd:PT_Locale id="EN"><gmd:languageCode><gmd:LanguageCode '
            'codeList="x" codeListValue="eng"/></gmd:languageCode></gmd:PT_Locale></gmd:locale>'
            f"<gmd:contact>{party('pointOfContact', 'Metadata desk', 'meta@register.example')}</gmd:contact>"
        ),
        citation=(
            text("alternateTitle", "KRS")
            + date("creation", "1967-01-01")
            + date("publication", "2001")
            + date("revision", "2023-05-01")
            + date("revision", "2024-06-30")
            + "<gmd:identifier><gmd:MD_Identifier><gmd:code><gmx:Anchor "
            'xlink:href="https://register.example/id/krs">krs</gmx:Anchor></gmd:code>'
            "</gmd:MD_Identifier></gmd:identifier>"
        ),
        about=(
            "<gmd:abstract><gco:CharacterString>Alle Krebsfälle.</gco:CharacterString>"
            "<gmd:PT_FreeText><gmd:textGroup><gmd:LocalisedCharacterString locale='#EN'>"
            "All cancers.</gmd:LocalisedCharacterString></gmd:textGroup></gmd:PT_FreeText></gmd:abstract>"
            f"<gmd:pointOfContact>{party('pointOfContact', 'Register', 'info@register.example')}</gmd:pointOfContact>"
            f"<gmd:pointOfContact>{party('publisher', 'Land Saarland')}</gmd:pointOfContact>"
            f"<gmd:pointOfContact>{party('custodian', 'Ministerium', 'post@saar.example')}</gmd:pointOfContact>"
            f"<gmd:pointOfContact>{party('author', 'Register')}</gmd:pointOfContact>"
            f"<gmd:pointOfContact>{party('processor', 'Rechenzentrum')}</gmd:pointOfContact>"
            "<gmd:resourceMaintenance><gmd:MD_MaintenanceInformation>"
            + code("maintenanceAndUpdateFrequency", "MD_MaintenanceFrequencyCode", "annually")
            + "</gmd:MD_MaintenanceInformation></gmd:resourceMaintenance>"
            f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{text('keyword', 'Krebs')}</gmd:MD_Keywords></gmd:descriptiveKeywords>"
            "<gmd:resourceConstraints><gmd:MD_LegalConstraints>"
            + text("useLimitation", "Nur auf Antrag")
            + "<gmd:otherConstraints><gmx:Anchor "
            f'xlink:href="{EU}access-right/RESTRICTED">restricted</gmx:Anchor></gmd:otherConstraints>'
            "</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
            + code("language", "LanguageCode", "ger")
            + "<gmd:topicCategory><gmd:MD_TopicCategoryCode>health</gmd:MD_TopicCategoryCode></gmd:topicCategory>"
            "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
            + "".join(
                f"<gmd:{side}><gco:Decimal>{value}</gco:Decimal></gmd:{side}>"
                for side, value in (
                    ("westBoundLongitude", "6.35"),
                    ("eastBoundLongitude", "7.40"),
                    ("southBoundLatitude", "49.11"),
                    ("northBoundLatitude", "49.64"),
                )
            )
            + "</gmd:EX_GeographicBoundingBox></gmd:geographicElement><gmd:geographicElement>"
            "<gmd:EX_GeographicDescription><gmd:geographicIdentifier><gmd:MD_Identifier>"
            + text("code", "DE")
            + "</gmd:MD_Identifier></gmd:geographicIdentifier></gmd:EX_GeographicDescription>"
            "</gmd:geographicElement><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent>"
            "<gml:TimePeriod><gml:beginPosition>1967-01-01</gml:beginPosition>"
            '<gml:endPosition indeterminatePosition="now"/></gml:TimePeriod></gmd:extent>'
            "</gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
        ),
        after=(
            "<gmd:distributionInfo><gmd:MD_Distribution><gmd:distributionFormat><gmd:MD_Format>"
            + text("name", "CSV")
            + "</gmd:MD_Format></gmd:distributionFormat><gmd:transferOptions>"
            "<gmd:MD_DigitalTransferOptions><gmd:onLine><gmd:CI_OnlineResource><gmd:linkage>"
            "<gmd:URL>https://register.example/antrag</gmd:URL></gmd:linkage>"
            + text("name", "Antrag")
            + "</gmd:CI_OnlineResource></gmd:onLine><gmd:onLine><gmd:CI_OnlineResource><gmd:linkage>"
            "<gmd:URL>https://register.example/handbuch</gmd:URL></gmd:linkage>"
            + code("function", "CI_OnLineFunctionCode", "information")
            + "</gmd:CI_OnlineResource></gmd:onLine></gmd:MD_DigitalTransferOptions>"
            "</gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
            "<gmd:dataQualityInfo><gmd:DQ_DataQuality><gmd:lineage><gmd:LI_Lineage>"
            + text("statement", "Meldungen der Kliniken")
            + "</gmd:LI_Lineage></gmd:lineage></gmd:DQ_DataQuality></gmd:dataQualityInfo>"
        ),
    )


def test_a_whole_record_becomes_a_description(profile, service):
    remote, found = read_one(profile, service, whole_record())
    assert messages(remote) == ""
    assert remote.id == "de-cancer-1"
    assert remote.iri == "https://register.example/id/krs"
    assert found["title"] == {"de": "Krebsregister Saarland"}
    assert found["alternative"] == {"de": ["KRS"]}
    assert found["description"] == {"de": "Alle Krebsfälle.", "en": "All cancers."}
    assert found["identifier"] == ["https://register.example/id/krs"]
    assert (found["issued"], found["modified"]) == ("2001", "2024-06-30")
    assert found["keyword"] == {"de": ["Krebs"]}
    assert found["theme"] == [EU + "data-theme/HEAL"]
    assert found["language"] == [EU + "language/DEU"]
    assert found["frequency"] == EU + "frequency/ANNUAL"
    assert found["access_rights"] == EU + "access-right/RESTRICTED"
    assert found["spatial"] == [EU + "country/DEU"]
    assert found["location"][0]["bbox"] == (
        "POLYGON((6.35 49.11, 7.4 49.11, 7.4 49.64, 6.35 49.64, 6.35 49.11))"
    )
    assert found["temporal"][0]["start_date"] == "1967-01-01"
    assert "end_date" not in found["temporal"][0]
    assert found["provenance"][0]["label"] == {"de": "Meldungen der Kliniken"}
    assert [one["email"] for one in found["contact_point"]] == ["info@register.example"]
    assert found["publisher"]
    assert found["custodian"]
    assert found["creator"]
    assert found["qualified_attribution"][0]["had_role"][0].endswith("processor")
    assert found["documentation"] == ["https://register.example/handbuch"]
    [distribution] = found["distribution"]
    assert distribution["access_url"] == ["https://register.example/antrag"]
    assert distribution["title"] == {"de": "Antrag"}
    assert distribution["format"] == EU + "file-type/CSV"
    assert distribution["rights"][0]["label"] == {"de": "Nur auf Antrag"}


def test_what_is_nil_says_nothing(profile, service):
    remote, found = read_one(
        profile,
        service,
        metadata(
            "a",
            about='<gmd:abstract gco:nilReason="missing"><gco:CharacterString>none'
            "</gco:CharacterString></gmd:abstract>"
            '<gmd:pointOfContact gco:nilReason="unknown"/>',
        ),
    )
    assert "description" not in found
    assert messages(remote) == ""


def test_a_record_without_an_address_of_its_own_is_known_by_where_it_can_be_had(profile, service):
    remote, found = read_one(profile, service, metadata("{AB-12}"))
    assert "request=GetRecordById" in remote.iri
    assert "%7BAB-12%7D" in remote.iri
    assert found["identifier"] == ["{AB-12}"]


def test_series_and_services_are_told_apart_and_other_things_left_out(profile, site):
    service_ = metadata(
        "wms",
        level="service",
        kind="srv:SV_ServiceIdentification",
        about=(
            "<srv:containsOperations><srv:SV_OperationMetadata><srv:connectPoint>"
            "<gmd:CI_OnlineResource><gmd:linkage><gmd:URL>https://register.example/wms</gmd:URL>"
            "</gmd:linkage></gmd:CI_OnlineResource></srv:connectPoint></srv:SV_OperationMetadata>"
            '</srv:containsOperations><srv:operatesOn xlink:href="https://register.example/id/krs"/>'
        ),
    )
    records = [metadata("s", level="series"), service_, metadata("app", level="application")]
    with reading(make, site.put("/csw", results(records, 3), "text/xml"), profile) as reader:
        page = reader.page(None)
    assert [one.id for one in page.found if one.kind == "series"] == ["s"]
    [one] = all_of([page], "service").values()
    found = document_of(profile, one)
    assert found["endpoint_url"] == ["https://register.example/wms"]
    assert found["serves_dataset"] == ["https://register.example/id/krs"]
    assert "“application”" in messages(all_of([page])["app"])


def test_values_that_cannot_be_understood_are_told_and_the_rest_is_taken(profile, service):
    box = "".join(
        f"<gmd:{side}><gco:Decimal>east of here</gco:Decimal></gmd:{side}>"
        for side in ("westBoundLongitude", "eastBoundLongitude")
    )
    remote, found = read_one(
        profile,
        service,
        metadata(
            "a",
            citation=date("publication", "last spring"),
            about=(
                "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
                f"{box}</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>"
            ),
        ),
    )
    assert found["title"] == {"de": "Krebsregister a"}
    assert "issued" not in found
    assert "“last spring” is not a date" in messages(remote)
    assert "is not four numbers" in messages(remote)
    assert {one.severity for one in remote.problems} == {"warning"}


@given(st.data())
def test_no_record_however_odd_stops_a_reading(profile, data):
    root = parsed(whole_record().encode()).root
    parser = Parser(profile, ADDRESS, "elsewhere")
    elements = list(root.iter())[3:]
    plain = st.characters(min_codepoint=32, max_codepoint=0xD7FF)
    for element in data.draw(st.lists(st.sampled_from(elements), min_size=1, max_size=8)):
        match data.draw(st.sampled_from(("text", "attribute", "empty", "gone"))):
            case "text":
                element.text = data.draw(st.text(plain, max_size=8))
            case "attribute":
                for name in element.attrib:
                    element.set(name, data.draw(st.text(plain, max_size=8)))
            case "empty":
                for child in list(element):
                    element.remove(child)
            case "gone" if element.getparent() is not None:
                element.getparent().remove(element)
    metadata_ = Metadata(profile, root)
    found = told(parser, metadata_.telling("https://csw.example/?id=1"), metadata_.id, "")
    assert [one.id for one in found if one.kind == "dataset"] == [metadata_.id]
    for one in found:
        if one.raw:
            document_of(profile, one)
