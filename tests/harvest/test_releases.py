"""Old releases read as today's: each old form ends at the right property, nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import EU, HDEU, dataset
from sqlalchemy import select

from catalogue.errors import FaultyTable
from catalogue.harvest.releases import COLUMNS, Releases
from catalogue.profile import Names
from catalogue.rdf.formats import TURTLE, read
from catalogue.rdf.graph import Graphs, records_in, unread
from catalogue.records.models import Record
from catalogue.terms import RDF_TYPE, Statements

ROOT = Path(__file__).parents[2]
NAMES = Names("https://c.example/")
OWN = "@prefix : <https://old.example/> .\n"


@pytest.fixture(scope="module")
def releases(profile):
    return Releases.read(ROOT / "schemas", profile.prefixes)


def parsed(profile, turtle):
    """The statements of Turtle in which every prefix of ours may be used."""
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in profile.prefixes.items())
    return list(read((head + OWN + turtle).encode(), TURTLE, "https://old.example/"))


def understood(profile, releases, turtle):
    """The records in a graph by kind, the properties without a row, and the words about it."""
    statements, notes = releases.modern(parsed(profile, turtle))
    found = records_in(profile, Statements(statements), NAMES)
    rows = {one.predicate for shape in profile.values() for one in shape} | {RDF_TYPE}
    left = {p for _, p, _ in unread(profile, Statements(statements), found, NAMES)} - rows
    return {one.kind: one.document for one in found}, left, notes


def without_ids(value):
    if isinstance(value, dict):
        return {key: without_ids(one) for key, one in value.items() if key != "id"}
    return [without_ids(one) for one in value] if isinstance(value, list) else value


D = ":d a dcat:Dataset ; dct:title 'Stroke registry'@en ; "
P = D + "dct:publisher :a . :a a foaf:Agent ; foaf:name 'Hospital'@en ; "
R = D + "dcat:distribution :r . :r a dcat:Distribution ; dcat:accessURL <https://h.example/> ; "
TABLES = [
    {
        "title": {"en": "Stroke registry"},
        "table": [
            {
                "title": {"en": "Stays"},
                "column": [{"column_name": "nihss", "datatype": "integer"}],
            }
        ],
    }
]
STAYS = " [ a csvw:Table ; dct:title 'Stays'@en ; csvw:column [ csvw:name 'nihss' ; csvw:datatype 'integer' ] ] "
SCHEMA = " [ a csvw:Schema ; csvw:column [ csvw:name 'nihss' ; csvw:datatype 'integer' ] ] "
ONE_TABLE = [
    {
        "title": {"en": "Stroke registry"},
        "table": [
            {
                "title": {"en": "Stroke registry"},
                "column": [{"column_name": "nihss", "datatype": "integer"}],
            }
        ],
    }
]
PERIOD = [{"start_date": "2009-01-01", "end_date": "2019-12-31"}]

#: What is written in some release; which kind of record has it; at which property; as what.
OLD = {
    # agents
    "type of a publisher, on it": (
        P + "healthdcatap:publisherType <http://healthdataportal.eu/resource/authority/publisher-type/university> .",
        "agent", "agent_type", HDEU + "publisher-type/university",
    ),
    "type of a publisher, on the dataset": (
        P + "foaf:homepage <https://h.example/> . :d healthdcatap:publishertype <" + HDEU + "publisher-type/biobank> .",
        "agent", "agent_type", HDEU + "publisher-type/biobank",
    ),
    "ADMS type of a publisher": (
        P + "healthdcatap:publishertype <http://purl.org/adms/publishertype/Company> .",
        "agent", "catalogue_agent_type", "http://purl.org/adms/publishertype/Company",
    ),
    "type on the dataset, camel case": (
        P + "foaf:name 'Hôpital'@fr . :d healthdcatap:publisherType <" + HDEU + "publisher-type/biobank> .",
        "agent", "agent_type", HDEU + "publisher-type/biobank",
    ),
    "note about a publisher, on it": (
        P + "healthdcatap:publisherNote 'A teaching hospital.'@en .",
        "agent", "description", {"en": "A teaching hospital."},
    ),
    "note in lower case": (
        P + "healthdcatap:publishernote 'A teaching hospital.'@en .",
        "agent", "description", {"en": "A teaching hospital."},
    ),
    "note about a publisher, on the dataset": (
        P + "foaf:name 'Hôpital'@fr . :d healthdcatap:publisherNote 'A teaching hospital.'@en .",
        "agent", "description", {"en": "A teaching hospital."},
    ),
    "note on the dataset in lower case": (
        P + "foaf:name 'Hôpital'@fr . :d healthdcatap:publishernote 'A teaching hospital.'@en .",
        "agent", "description", {"en": "A teaching hospital."},
    ),
    "trusted holder misspelt": (
        P + "healthdcatap:trusteddataholder true .", "agent", "trusted_data_holder", True,
    ),
    "trusted holder misspelt on the dataset": (
        P + "foaf:name 'Hôpital'@fr . :d healthdcatap:trusteddataholder false .",
        "agent", "trusted_data_holder", False,
    ),
    "trusted holder on the dataset": (
        P + "foaf:name 'Hôpital'@fr . :d healthdcatap:trustedDataHolder true .",
        "agent", "trusted_data_holder", True,
    ),
    "vCard of an agent": (
        P + "dcat:contactPoint [ a vcard:Kind ; vcard:fn 'Desk' ; vcard:hasEmail <mailto:desk@h.example> ;"
        " vcard:hasURL <https://h.example/contact> ; vcard:hasTelephone <tel:+32-2-555> ] .",
        "agent", "contact_details",
        {"contact_email": "desk@h.example", "contact_page": "https://h.example/contact", "contact_telephone": "+32-2-555"},
    ),
    "mail box of an agent": (
        P + "foaf:mbox <mailto:desk@h.example> ; foaf:phone <tel:+3225550101> .",
        "agent", "contact_details",
        {"contact_email": "desk@h.example", "contact_telephone": "+3225550101"},
    ),
    "mail address as text of schema.org": (
        P + "schema:email 'desk@h.example' .",
        "agent", "contact_details", {"contact_email": "desk@h.example"},
    ),
    "vCard properties on an agent": (
        D + "healthdcatap:hdab :a . :a a foaf:Organization ; foaf:name 'Hospital'@en ;"
        " vcard:hasEmail <mailto:desk@h.example> ; vcard:hasURL <https://h.example/c> ; vcard:hasTelephone <tel:112> .",
        "agent", "contact_details",
        {"contact_email": "desk@h.example", "contact_page": "https://h.example/c", "contact_telephone": "112"},
    ),
    # codes, themes
    "code values as concepts": (
        D + "healthdcatap:hasCodeValues <https://icd.who.int/browse10/2019/en#/I63> , :c . :c a skos:Concept ; skos:notation 'I64' .",
        "dataset", "code_values", ["I63", "I64"],
    ),
    "coding system among the code values": (
        D + "healthdcatap:hasCodeValues <https://www.wikidata.org/entity/P494> .",
        "dataset", "coding_system", [HDEU + "coding-system/ICD-10"],
    ),
    "code value of Wikidata": (
        D + "healthdcatap:hasCodeValues <http://www.wikidata.org/entity/Q12125> .",
        "dataset", "code_values", ["http://www.wikidata.org/entity/Q12125"],
    ),
    "coding system of Wikidata": (
        D + "healthdcatap:hasCodingSystem <http://www.wikidata.org/entity/P4229> .",
        "dataset", "coding_system", [HDEU + "coding-system/ICD-10-NAT"],
    ),
    "coding system among the standards": (
        D + "dct:conformsTo <http://healthdataportal.eu/resource/authority/coding-system/LOINC> .",
        "dataset", "coding_system", [HDEU + "coding-system/LOINC"],
    ),
    "coding system of Wikidata among the standards": (
        D + "dct:conformsTo <http://www.wikidata.org/entity/P267> .",
        "dataset", "coding_system", [HDEU + "coding-system/ATC"],
    ),
    "standard among the coding systems": (
        D + "healthdcatap:hasCodingSystem <https://hdeu-dcat.acceptance.data.health.europa.eu/resource/authority/standard/OMOP-CDM> .",
        "dataset", "conforms_to", [HDEU + "standard/OMOP-CDM"],
    ),
    "health theme of Wikidata": (
        D + "healthdcatap:healthTheme <http://www.wikidata.org/entity/Q12202> ."
        " <http://www.wikidata.org/entity/Q12202> a skos:Concept ; skos:prefLabel 'stroke'@en .",
        "dataset", "keyword", {"en": ["stroke"]},
    ),
    "theme of Wikidata": (
        D + "dcat:theme <http://www.wikidata.org/entity/Q12202> . <http://www.wikidata.org/entity/Q12202> rdfs:label 'stroke'@en .",
        "dataset", "keyword", {"en": ["stroke"]},
    ),
    "quality annotation": (
        D + "healthdcatap:qualityAnnotation [ a dqv:QualityAnnotation ; oa:hasBody <https://q.example/> ] .",
        "dataset", "quality_annotation", [{"body": ["https://q.example/"]}],
    ),
    "typical ages in long": (
        D + "healthdcatap:minimumTypicalAge 18 ; healthdcatap:maximumTypicalAge 99 .",
        "dataset", "min_typical_age", 18,
    ),
    "personal data of early DPV": (
        D + "<http://www.w3.org/ns/dpv#hasPersonalDataCategory> <https://w3id.org/dpv/pd#Age> .",
        "dataset", "personal_data", ["https://w3id.org/dpv/dpv-pd#Age"],
    ),
    # variables
    "group of tables on a distribution": (
        R + "csvw:tableGroup [ a csvw:TableGroup ; dct:title 'Stroke registry'@en ; csvw:table" + STAYS + "] .",
        "dataset", "variables", TABLES,
    ),
    "variables on a distribution": (
        R + "healthdcatap:hasVariables [ a csvw:TableGroup ; csvw:table" + STAYS + "] .",
        "dataset", "variables", TABLES,
    ),
    "table on a sample": (
        D + "adms:sample [ a dcat:Distribution ; dcat:accessURL <https://h.example/> ; csvw:table" + STAYS + "] .",
        "dataset", "variables", TABLES,
    ),
    "schema on a distribution": (R + "csvw:tableSchema" + SCHEMA + ".", "dataset", "variables", ONE_TABLE),
    "columns on a distribution": (
        R + "csvw:column [ csvw:name 'nihss' ; csvw:datatype 'Integer' ] .", "dataset", "variables", ONE_TABLE,
    ),
    "tables on the dataset": (D + "csvw:table" + STAYS + ".", "dataset", "variables", TABLES),
    "group on the dataset": (
        D + "csvw:tableGroup [ a csvw:TableGroup ; csvw:table" + STAYS + "] .", "dataset", "variables", TABLES,
    ),
    "a table for a group": (D + "healthdcatap:hasVariables" + STAYS + ".", "dataset", "variables", TABLES),
    "schema of a table, columns as a list, type as IRI": (
        D + "healthdcatap:hasVariables [ a csvw:TableGroup ; csvw:table ( [ a csvw:Table ; dct:title 'Stays'@en ;"
        " csvw:tableSchema [ csvw:column ( [ csvw:name 'nihss' ; csvw:datatype xsd:integer ] ) ] ] ) ] .",
        "dataset", "variables", TABLES,
    ),
    "titles of a column": (
        D + "healthdcatap:hasVariables [ a csvw:TableGroup ; dct:title 'G'@en ; csvw:table [ a csvw:Table ;"
        " csvw:column [ csvw:titles 'Severity'@en ] ] ] .",
        "dataset", "variables", [{"title": {"en": "G"}, "table": [{"column": [{"column_title": {"en": "Severity"}}]}]}],
    ),
    # DCAT-AP
    "owl:versionInfo": (D + "owl:versionInfo '2.1' .", "dataset", "version", "2.1"),
    "adms:versionInfo": (D + "adms:versionInfo '2.1' .", "dataset", "version", "2.1"),
    "adms:version": (D + "adms:version '2.1' .", "dataset", "version", "2.1"),
    "version as a text": (D + "dct:hasVersion '2.1' .", "dataset", "version", "2.1"),
    "version as a dataset": (D + "dct:hasVersion :d2 .", "dataset", "has_version", ["https://old.example/d2"]),
    "version of": (D + "dct:isVersionOf :d0 .", "dataset", "relation", ["https://old.example/d0"]),
    "version of in DCAT 3": (D + "dcat:isVersionOf :d0 .", "dataset", "relation", ["https://old.example/d0"]),
    "period in schema.org": (
        D + "dct:temporal [ a dct:PeriodOfTime ; <http://schema.org/startDate> '2009-01-01'^^xsd:date ;"
        " schema:endDate '2019-12-31'^^xsd:date ] .",
        "dataset", "temporal", PERIOD,
    ),
    "instant without zone": (
        D + "dct:temporal [ a dct:PeriodOfTime ; <http://www.w3.org/2006/timehasBeginning>"
        " [ a time:Instant ; time:inXSDDateTime '2009-01-01T00:00:00'^^xsd:dateTime ] ] .",
        "dataset", "temporal", [{"beginning": {"in_date_time": "2009-01-01T00:00:00"}}],
    ),
    "contact of ADMS": (
        D + "adms:contactPoint [ a vcard:Kind ; vcard:email <mailto:desk@h.example> ; vcard:url <https://h.example/> ;"
        " vcard:tel <tel:112> ; vcard:organization-name 'Desk' ] .",
        "dataset", "contact_point",
        [{"contact_name": "Desk", "email": "desk@h.example", "url": "https://h.example/", "telephone": "112"}],
    ),
    "contact with values below": (
        D + "dcat:contactPoint [ a vcard:Organization, vcard:Kind ; vcard:hasFN 'Desk' ; vcard:hasEmail [ vcard:hasValue <mailto:desk@h.example> ] ;"
        " vcard:hasTelephone [ vcard:hasValue <tel:112> ] ; vcard:hasURL [ vcard:hasValue <https://h.example/> ] ] .",
        "dataset", "contact_point",
        [{"contact_name": "Desk", "email": "desk@h.example", "url": "https://h.example/", "telephone": "112"}],
    ),
    "contact of the draft": (
        D + "dcat:contactPoint [ a vcard:Kind ; vcard:hasName 'Desk' ] .",
        "dataset", "contact_point", [{"contact_name": "Desk"}],
    ),
    "contact of the draft by organisation": (
        D + "dcat:contactPoint [ a vcard:Kind ; vcard:organisationName 'Desk' ] .",
        "dataset", "contact_point", [{"contact_name": "Desk"}],
    ),
    "status of a dataset": (
        R + "dct:title 'On demand'@en . :d adms:status <http://purl.org/adms/status/1.0/Completed> .",
        "dataset", "distribution",
        [{"title": {"en": "On demand"}, "access_url": ["https://h.example/"], "status": EU + "distribution-status/COMPLETED"}],
    ),
    "licence of a dataset": (
        R + "dct:title 'All'@en . :d dct:license <https://l.example/> .",
        "dataset", "distribution",
        [{"title": {"en": "All"}, "access_url": ["https://h.example/"], "licence": {}}],
    ),
    "home page of a dataset": (D + "foaf:homepage <https://h.example/> .", "dataset", "landing_page", ["https://h.example/"]),
    "data dictionary": (D + "dcat:dataDictionary <https://h.example/> .", "dataset", "documentation", ["https://h.example/"]),
    "bytes": (R + "dcat:bytes 12 .", "dataset", "distribution", [{"access_url": ["https://h.example/"], "byte_size": 12}]),
    "size": (R + "dcat:size 12 .", "dataset", "distribution", [{"access_url": ["https://h.example/"], "byte_size": 12}]),
    "bytesSize": (R + "dcat:bytesSize 12 .", "dataset", "distribution", [{"access_url": ["https://h.example/"], "byte_size": 12}]),
    "misspelt addresses": (
        D + "dcat:distribution [ a dcat:Download ; dcat:accessUrl <https://h.example/> ; dcat:downloadUrl <https://h.example/d> ; dct:licence 'Ask us'@en ] .",
        "dataset", "distribution",
        [{"access_url": ["https://h.example/"], "download_url": ["https://h.example/d"], "licence": {"title": {"en": "Ask us"}}}],
    ),
    "outline as a node": (
        D + "dct:spatial [ a dct:Location ; locn:geometry [ a locn:Geometry ; geosparql:asWKT 'POINT(4 51)'^^geosparql:wktLiteral ] ] .",
        "dataset", "location", [{"geometry": "POINT(4 51)"}],
    ),
    "outline of GeoSPARQL": (
        D + "dct:spatial [ a dct:Location ; geosparql:hasGeometry [ geosparql:asWKT 'POINT(4 51)'^^geosparql:wktLiteral ] ] .",
        "dataset", "location", [{"geometry": "POINT(4 51)"}],
    ),
    "outline on the place": (
        D + "dct:spatial [ a dct:Location ; geosparql:asWKT 'POINT(4 51)'^^geosparql:wktLiteral ] .",
        "dataset", "location", [{"geometry": "POINT(4 51)"}],
    ),
    "place by name": (
        D + "dct:spatial [ a dct:Location ; skos:prefLabel 'Belgium'@en ] .", "dataset", "spatial", [EU + "country/BEL"],
    ),
    "place by unit": (
        D + "dct:spatial [ a dct:Location ; locn:adminUnitL1 '" + EU + "country/AUT' ; dcat:centroid 'POINT(14 47)'^^geosparql:wktLiteral ] .",
        "dataset", "spatial", [EU + "country/AUT"],
    ),
    "country as text": (D + "dct:spatial 'BE' .", "dataset", "spatial", [EU + "country/BEL"]),
    "language as text": (D + "dct:language 'nl_BE' .", "dataset", "language", [EU + "language/NLD"]),
    # nodes
    "provenance as text": (
        D + "dct:provenance 'From notes.'@en, 'Uit nota’s.'@nl .",
        "dataset", "provenance", [{"label": {"en": "From notes.", "nl": "Uit nota’s."}}],
    ),
    "rights and licence as text": (
        R + "dct:rights 'Ask us.'@en ; dct:license 'https://l.example/' .",
        "dataset", "distribution",
        [{"access_url": ["https://h.example/"], "rights": [{"label": {"en": "Ask us."}}], "licence": {}}],
    ),
    "purpose as text": (D + "dpv:hasPurpose 'Care'@en .", "dataset", "purpose", [{"description": {"en": "Care"}}]),
    "legal basis as text": (
        D + "dpv:hasLegalBasis 'Consent'@en .", "dataset", "legal_basis", [{"description": {"en": "Consent"}}],
    ),
    "other identifiers as text": (
        D + "adms:identifier 'https://doi.org/10.5/a', 'hf-2' .",
        "dataset", "other_identifier", [{"notation": "https://doi.org/10.5/a"}, {"notation": "hf-2"}],
    ),
    # values
    "level of the draft": (D + "dct:accessRights 'Sensitive' .", "dataset", "access_rights", EU + "access-right/NON_PUBLIC"),
    "namespace of the draft": (
        D + "<https://healthdcat-ap.eu/ns#healthCategory> <http://13.81.34.152:1101/resource/authority/healthcategories/EHRS> .",
        "dataset", "health_category", [HDEU + "healthcategories/EHRS"],
    ),
    "prefix that a context does not know": (
        D + "<healthdcatap:numberOfRecords> 12 .", "dataset", "number_of_records", 12,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("turtle", "kind", "name", "value"), OLD.values(), ids=OLD.keys())
def test_an_old_form_ends_at_the_property_of_today(profile, releases, turtle, kind, name, value):
    documents, left, notes = understood(profile, releases, turtle)
    document = documents[kind]
    assert without_ids(document.get(name)) == value, document
    assert left == set()
    assert notes


def test_every_row_about_a_property_has_an_example_here(profile, releases):
    seen: set[str] = set()
    for turtle, *_ in OLD.values():
        seen |= set(releases.modern(parsed(profile, turtle))[1])
    rows = {rule.said for rules in releases.properties.values() for rule in rules}
    assert rows <= seen, rows - seen


def test_every_row_about_a_name_or_value_turns_it_into_what_is_read_today(profile, releases):
    known = set(profile.prefixes.values())
    for old, new, said in releases.namespaces:
        assert new in known
        moved, notes = releases.modern([("<https://d.example/>", f"<{old}title>", '"x"')])
        assert moved == [("<https://d.example/>", f"<{new}title>", '"x"')]
        assert notes == [said]
    for (predicate, value), rule in releases.values.items():
        term = f"<{value}>" if ":" in value else f'"{value}"'
        moved, _ = releases.modern([("<https://d.example/>", predicate, term)])
        assert moved == [("<https://d.example/>", predicate, rule.new)]
        one = next(one for shape in profile.values() for one in shape if one.predicate == predicate)
        assert one.value.claims(rule.new, Statements(), NAMES), rule


def test_the_demonstration_records_pass_unchanged(catalogue, releases):
    graphs = Graphs(catalogue.records, "https://c.example/", "network")
    with catalogue.database.read() as session:
        count = 0
        for record in session.scalars(select(Record)):
            for made in (graphs.fragment(record), graphs.document(session, record)):
                assert releases.modern(made) == (made, [])
                count += len(made)
    assert count > 10_000


def test_what_is_of_todays_release_keeps_its_order(profile, releases):
    document = profile["Dataset"].identify(profile["Dataset"].load(dataset())[0])
    statements = list(profile["Dataset"].describe(document, NAMES.of("id/dataset/hf")))
    statements.sort(key=lambda one: one[2])
    assert releases.modern(statements) == (statements, [])


def test_the_words_say_what_was_read_as_what(profile, releases):
    turtle = OLD["note about a publisher, on the dataset"][0]
    _, notes = releases.modern(parsed(profile, turtle))
    assert notes == [
        "healthdcatap:publisherNote (HealthDCAT-AP 2024/25 draft) read as dct:description"
        " of the publisher"
    ]


def test_a_note_without_publisher_stays_and_is_told_as_unread(profile, releases):
    _, left, notes = understood(profile, releases, D + "healthdcatap:publisherNote 'Note'@en .")
    assert [one.rpartition("#")[2] for one in left] == ["publisherNote>"]
    assert notes == []


def test_a_contact_point_of_today_is_not_overruled(profile, releases):
    turtle = P + "cv:contactPoint [ a cv:ContactPoint ; cv:email 'new@h.example' ] ;"
    documents, _, _ = understood(profile, releases, turtle + " foaf:mbox <mailto:old@h.example> .")
    assert without_ids(documents["agent"]["contact_details"]) == {"contact_email": "new@h.example"}


def test_a_licence_of_a_distribution_is_not_overruled(profile, releases):
    turtle = R + "dct:license <https://own.example/> . :d dct:license <https://all.example/> ."
    documents, _, _ = understood(profile, releases, turtle)
    (distribution,) = documents["dataset"]["distribution"]
    assert distribution["licence"] == {"id": "https://own.example/"}


def test_the_same_graph_is_always_read_the_same(profile, releases):
    """Nodes that are made have names that follow from what they are made for."""
    for turtle, *_ in OLD.values():
        statements = sorted(parsed(profile, turtle))
        assert releases.modern(statements) == releases.modern(statements)
        once, _ = releases.modern(statements)
        assert set(releases.modern(once)[0]) == set(once)


def test_lists_and_places_that_go_round_come_to_an_end(profile, releases):
    turtle = (
        D + "csvw:column _:l ; dct:spatial _:p . _:l rdf:first _:l ; rdf:rest _:l ."
        " _:p skos:prefLabel 'Here' ; skos:exactMatch _:p ."
    )
    releases.modern(parsed(profile, turtle))


def test_the_version_follows_the_table(profile, releases, tmp_path):
    table = (ROOT / "schemas" / "releases.csv").read_text()
    (tmp_path / "releases.csv").write_text(table + "class,any,,dcat:Thing,,,dcat:Resource,\n")
    other = Releases.read(tmp_path, profile.prefixes)
    assert other.version != releases.version
    assert Releases.read(ROOT / "schemas", profile.prefixes).version == releases.version


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("thing,any,,dcat:a,,,dcat:b,", 'rule "thing"'),
        ("property,any,,dcat:a,,sideways,dcat:b,", 'unknown way "sideways"'),
        ("property,any,,nowhere:a,,,dcat:b,", "unknown prefix 'nowhere'"),
        ("namespace,any,,https://old.example/,,,nowhere,", 'unknown prefix "nowhere"'),
    ],
)
def test_a_faulty_row_is_told_with_its_line(profile, tmp_path, row, fault):
    (tmp_path / "releases.csv").write_text(",".join(COLUMNS) + "\n" + row + "\n")
    with pytest.raises(FaultyTable, match=rf"releases\.csv:2: {fault}"):
        Releases.read(tmp_path, profile.prefixes)


def test_the_reference_names_every_column():
    readme = (ROOT / "schemas" / "README.md").read_text()
    for name, meaning in COLUMNS.items():
        assert f"| `{name}` | {meaning} |" in readme
