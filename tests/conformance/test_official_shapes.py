"""The official shapes and examples, which are not part of the project (see ``official.py``)."""

from __future__ import annotations

import pytest
from factories import MINIMUM, agent, answered
from official import LEVELS, SHAPES, STANDARDS, load_shapes, violations
from rdflib import Graph
from sqlalchemy import select

from catalogue.errors import Invalid
from catalogue.profile import Names
from catalogue.rdf.formats import TURTLE, read, write
from catalogue.rdf.graph import records_in, unread
from catalogue.records.models import Record
from catalogue.terms import Statements

EXAMPLE = STANDARDS / "examples/healthdcat-ap-r8/example-healthdcat-dataset.ttl"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not SHAPES.is_dir(), reason=f"the official shapes are not at {STANDARDS}"),
]


@pytest.fixture(scope="module")
def official() -> dict[str, Graph]:
    return {"": load_shapes()} | {code: load_shapes(level) for code, level in LEVELS.items()}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
def test_every_demonstration_dataset_has_no_violation_of_its_level(catalogue, official, part):
    with catalogue.database.read() as session:
        records = session.scalars(
            select(Record).where(Record.kind == "dataset").order_by(Record.key)
        ).all()
        assert len(records) == 107
        for record in records[part::6]:
            code = record.access_rights.rsplit("/", 1)[-1]
            source = write(
                catalogue.graphs.self_contained(session, record),
                TURTLE,
                catalogue.profile.prefixes,
            )
            assert violations(source, official[code]) == [], record.key


def told(catalogue, session, record, profile: str) -> bytes:
    graphs = catalogue.profiles[profile]
    return write(graphs.document(session, record), TURTLE, graphs.profile.prefixes)


#: The narrower profiles that have official shapes.
NARROWER = ("healthdcat-ap", "dcat-ap")


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(6))
@pytest.mark.parametrize("profile", NARROWER)
def test_every_demonstration_dataset_has_no_violation_under_a_narrower_profile(
    catalogue, official, profile, part
):
    with catalogue.database.read() as session:
        datasets = select(Record).where(Record.kind == "dataset").order_by(Record.key)
        for record in session.scalars(datasets).all()[part::6]:
            code = record.access_rights.rsplit("/", 1)[-1] if profile == "healthdcat-ap" else ""
            source = told(catalogue, session, record, profile)
            assert violations(source, official[code]) == [], record.key


@pytest.mark.parametrize(
    ("profile", "kind"),
    [("healthdcat-ap", "dataset"), ("dcat-ap", "dataset"), ("dcat-ap", "catalogue")],
)
def test_a_sample_has_no_violation_under_a_narrower_profile(catalogue, official, profile, kind):
    with catalogue.database.read() as session:
        records = session.scalars(select(Record).where(Record.kind == kind).order_by(Record.key))
        for record in records.all()[::40]:
            code = record.access_rights.rsplit("/", 1)[-1] if profile == "healthdcat-ap" else ""
            source = told(catalogue, session, record, profile)
            assert violations(source, official[code]) == [], record.key


def test_the_shapes_of_dcat_ap_find_what_is_wrong(catalogue, official):
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "sidiap")
        source = told(catalogue, session, record, "dcat-ap")
    assert violations(source.replace(b"dct:title", b"dct:alternative"), official[""])


@pytest.mark.parametrize("level", LEVELS)
def test_the_shortest_form_has_no_violation_of_its_level(empty, official, level):
    """The defaults and twelve answers are enough for the official shapes as well."""
    rights = MINIMUM["access_rights"].rpartition("/")[0]
    document = answered(empty.profile["Dataset"], {**MINIMUM, "access_rights": f"{rights}/{level}"})
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="test")
        record = empty.records.put(session, "dataset", document, key="hf", author="test")
        statements = list(empty.graphs.self_contained(session, record))
    source = write(statements, TURTLE, empty.profile.prefixes)
    assert violations(source, official[level]) == []


def test_the_shapes_find_what_is_wrong(catalogue, official):
    """The check above can fail: a dataset without its title, or with a date as plain text."""
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "sidiap")
        statements = catalogue.graphs.self_contained(session, record)
    code = record.access_rights.rsplit("/", 1)[-1]
    subject = f"<{catalogue.settings.public_address}id/dataset/sidiap>"
    without = [s for s in statements if s[:2] != (subject, "<http://purl.org/dc/terms/title>")]
    assert violations(write(without, TURTLE, {}), official[code])
    dated = [*statements, (subject, "<http://purl.org/dc/terms/issued>", '"last year"')]
    assert violations(write(dated, TURTLE, {}), official[code])


@pytest.mark.parametrize("code", LEVELS)
def test_a_rich_dataset_has_no_violation_of_any_level(catalogue, official, code):
    """No demonstration dataset is public; so one is made so, to try the shapes of each level."""
    with catalogue.database.read() as session:
        record = catalogue.records.by_slug(session, "dataset", "geras")
        session.expunge(record)
        rights = catalogue.vocabularies["access-right"].by_code[code].iri
        record.document = {**record.document, "access_rights": rights}
        statements = catalogue.graphs.self_contained(session, record)
    source = write(statements, TURTLE, catalogue.profile.prefixes)
    assert f"access-right/{code}>".encode() in source
    assert violations(source, official[code]) == []


#: What of the official example does not come out again, and why.
LOST = {
    # a licence type of the example's own, described as if it were in the ADMS list: a foreign
    # list's concepts are not ours to describe; the link to it survives
    "https://healthdcat-ap.example.org/release-7/example/license-type-permit": 3,
    # pages that nothing in the example refers to
    "https://icd.who.int/browse10/2019/en": 1,
    "https://www.snomed.org/snomed-ct": 1,
    "https://ohdsi.github.io/CommonDataModel/": 1,
}


def test_the_official_example_reads_in_and_comes_out_equivalent(profile):
    names = Names("https://catalogue.example.org/")
    statements = read(EXAMPLE.read_bytes(), TURTLE, names.base)
    found = records_in(profile, statements, names)
    assert sorted(one.kind for one in found) == ["agent"] * 5 + ["dataset"]
    lost: dict[str, int] = {}
    for subject, _, _ in unread(profile, statements, found, names):
        lost[subject[1:-1]] = lost.get(subject[1:-1], 0) + 1
    assert lost == LOST
    # nothing is added but what follows: classes of pages and concepts, labels and schemes
    written = [
        s
        for one in found
        for s in profile.records[one.kind].describe(one.document, names.of(one.iri))
    ]
    assert [s for s in written if s not in statements] == []


#: Published examples with syntax errors of their own.
BROKEN = {
    "example-bee-population-dataset-series-api",
    "example-bee-population-dataset-series-combined",
}


@pytest.mark.parametrize("folder", ["dcat-ap-3.0.1", "health-ri-v2", "healthdcat-ap-draft-2025-04"])
def test_other_examples_read_in_without_an_error(profile, folder):
    names = Names("https://catalogue.example.org/")
    read_in = 0
    for file in sorted((STANDARDS / "examples" / folder).glob("*.ttl")):
        if file.stem in BROKEN:
            with pytest.raises(Invalid, match="not valid Turtle"):
                read(file.read_bytes(), TURTLE, "https://elsewhere.example/")
            continue
        statements = read(file.read_bytes(), TURTLE, "https://elsewhere.example/")
        for one in records_in(profile, statements, names):
            shape = profile.records[one.kind]
            document, problems = shape.load(one.document)
            assert problems == [], (file, one.iri)
            again = Statements(shape.describe(shape.identify(document), names.of(one.iri)))
            node = f"<{names.absolute(one.iri)}>"
            assert shape.canonical(shape.interpret(again, node, names.of(one.iri))) == (
                shape.canonical(document)
            )
            read_in += 1
    assert read_in
