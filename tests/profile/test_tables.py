"""The property table: one line adds a property everywhere; a faulty line is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalogue.errors import FaultyTable
from catalogue.profile import Names, Profile
from catalogue.profile.form import form
from catalogue.profile.reference import dctap, own_terms
from catalogue.profile.shacl import shapes
from catalogue.search.entry import entry_of, fields_of
from catalogue.search.query import Query
from catalogue.terms import Statements

ROOT = Path(__file__).parents[2]
DATASET = "outcome-ap/dataset.csv"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the profiles, to be changed."""
    return Path(shutil.copytree(ROOT / "schemas", tmp_path / "schemas"))


def add(schemas: Path, line: str, file: str = DATASET) -> str:
    """Add a line to a table; returns its place as a message would name it."""
    path = schemas / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text + line + "\n", encoding="utf-8")
    return f"{path}:{text.count(chr(10)) + 1}"


LINE = (
    "funding_scheme,outcome:fundingScheme,Funding scheme,recommended,,,no,concept,answer,"
    "Who,yes,2,,compliant,yes,,yes,Whether a public scheme pays for the data."
)


def test_tables_in_another_folder_are_the_same_version(schemas, profile, vocabularies):
    """Or else every view would be rebuilt when the program is installed anew."""
    assert Profile.read(schemas, "outcome-ap", vocabularies).version == profile.version


def test_one_line_adds_a_property_to_every_view(schemas, new_catalogue):
    add(schemas, LINE)
    catalogue = new_catalogue(schemas=str(schemas))
    profile = catalogue.profile
    shape = profile["Dataset"]
    yes = "https://w3id.org/outcome-catalogue/answer/yes"

    # JSON: a code becomes the concept; draft and publication know it
    document, problems = shape.load({"title": {"en": "A"}, "funding_scheme": "yes"})
    assert problems == []
    assert document["funding_scheme"] == yes
    assert any(
        p.path == ("funding_scheme",) and p.severity == "warning" for p in shape.problems({})
    )
    # RDF out and in
    names = Names("https://c.example/", "id/dataset/a")
    statement = (
        "<https://c.example/id/dataset/a>",
        "<https://w3id.org/outcome-catalogue/ns#fundingScheme>",
        f"<{yes}>",
    )
    assert statement in Statements(shape.describe(document, names))
    assert shape.interpret(Statements([statement]), statement[0], names) == {"funding_scheme": yes}
    # JSON-LD context and SHACL
    assert profile.context()["funding_scheme"]["@id"].endswith("ns#fundingScheme")
    assert "ns#fundingScheme> ; sh:nodeKind sh:IRI" in shapes(profile)
    # form
    who = next(section for section in form(shape) if section.title == "Who")
    field = next(field for field in who.fields if field.name == "funding_scheme")
    assert (field.label, field.widget, field.example) == ("Funding scheme", "concept", "yes")
    assert (yes, "Yes") in field.choices
    # reference
    assert "outcome:fundingScheme,Funding scheme" in dctap(profile)
    assert "ns#fundingScheme> a rdf:Property" in own_terms(profile)
    # full text with its boost, facets
    assert fields_of(profile).boosts["funding_scheme"] == 2
    assert "funding_scheme" in profile.facets
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", {"name": {"en": "B"}}, key="b", author="t")
        record = catalogue.records.save(
            session, "dataset", {"title": {"en": "A"}, "funding_scheme": "yes"}, key="a", author="t"
        )
        record.document, record.state = record.draft, "published"
        entry = entry_of(catalogue.records, session, record)
    assert entry.facets["funding_scheme"] == [yes]
    assert "Yes" in entry.texts["funding_scheme"]
    assert catalogue.finder.find(Query()).total == 1


def test_an_sql_column_follows_the_table(schemas, new_catalogue):
    line = LINE.replace("yes,2,,compliant", "yes,2,access_rights,compliant")
    add(schemas, line)
    catalogue = new_catalogue(schemas=str(schemas))
    with catalogue.database.write() as session:
        record = catalogue.records.save(
            session, "dataset", {"title": {"en": "A"}, "funding_scheme": "no"}, author="t"
        )
    assert record.access_rights.endswith("answer/no")


def test_a_later_profile_replaces_only_the_cells_it_fills(profile: Profile):
    theme = profile["Dataset"]["theme"]
    assert theme.obligation == "mandatory"  # HealthDCAT-AP
    assert theme.property_id == "dcat:theme"  # DCAT-AP


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x,dct:x,X,optional,,,no,txt,,About", 'unknown type "txt"; one of '),
        ("x,foo:x,X,optional,,,no,string,,About", 'unknown prefix in "foo:x"'),
        ("x,dct:x,X,perhaps,,,no,string,,About", 'unknown obligation "perhaps"'),
        ("x,dct:x,X,optional,,,no,concept,colours,About", 'unknown vocabulary "colours"'),
        ("x,dct:x,X,optional,,,no,nested,Nothing,About", 'unknown shape "Nothing"'),
        ("x,dct:x,X,optional,,,no,reference,Contact,About", "not a class that is kept as a record"),
        ("x,dct:x,X,optional,,,maybe,string,,About", 'unknown repeatable "maybe"'),
        ("x,dct:x,X,optional,,,no,decimal,furlongs,About", 'unknown unit "furlongs"'),
        ("x,dct:x,X,optional,mandatory when y,,no,string,,About", "cannot read"),
        ("x,dct:x,X,optional,mandatory if y is true,,no,string,,About", '"y", which this class'),
        ("X-1,dct:x,X,optional,,,no,string,,About", 'name "X-1"'),
        ("title,dct:x,X,optional,,,no,text,,About", '"title" means dct:'),
        ("source_type,dct:x,X,optional,,,no,text,,About", "stands already at"),
        ("x,dct:x,X,optional,,,no,string,,About,,heavy,,minimum", 'boost "heavy" is not a number'),
        ("x,dct:x,X,optional,,,no,string,,About,,1,,minimum,,everyone", "unknown visibility"),
        ("x,dct:x,X,optional,,,no,concept,data-theme including SPACE,About", 'no concept "SPACE"'),
        (
            'x,dct:x,X,optional,,,no,string,,About,,,,minimum,,,a,b.,"title is huge",',
            '"huge", which title cannot be',
        ),
        (
            "x,dct:x,X,optional,,,no,string,,About,,,,minimum,,,a,b.,colour is red,",
            '"colour", which this class does not have',
        ),
        (
            "x,dct:x,X,optional,,,no,string,,About,,,,minimum,,,a,b.,when it rains,",
            "cannot read the condition",
        ),
        (
            "x,dct:x,X,optional,,,no,integer,,About,,,,minimum,,,a,b.,,many",
            "the default cannot be used: is not a whole number",
        ),
        (
            "x,dct:x,X,optional,,,no,concept,country,About,,,,minimum,,,a,b.,,Atlantis",
            "the default cannot be used: “Atlantis” is not in the list",
        ),
        (
            "x,dct:x,X,optional,,,no,concept,country,About,,,,minimum,,,a,b.,,BEL if colour is red",
            '"colour", which this class does not have',
        ),
        (
            'x,dct:x,X,optional,,,no,nested,Contact,About,,,,minimum,,,a,b.,,"{""name"": 1}"',
            "the default cannot be used",
        ),
        ("x" + ",y" * 30, "31 cells for 20 columns"),
    ],
)
def test_a_faulty_row_is_named_with_file_and_line(schemas, vocabularies, line, said):
    if line.count(",") < 13:
        line += "," * (13 - line.count(",")) + "minimum"
    where = add(schemas, line)
    with pytest.raises(FaultyTable) as raised:
        Profile.read(schemas, "outcome-ap", vocabularies)
    assert any(fault.startswith(where) and said in fault for fault in raised.value.faults), (
        raised.value.faults
    )


def test_every_fault_is_told_at_once(schemas, vocabularies):
    first = add(schemas, "a,dct:a,A,optional,,,no,txt,,About,,,,minimum")
    second = add(schemas, "b,dct:b,B,optional,,,no,list,,About,,,,minimum")
    with pytest.raises(FaultyTable) as raised:
        Profile.read(schemas, "outcome-ap", vocabularies)
    assert [fault.split(": ")[0] for fault in raised.value.faults] == [first, second]


def test_a_missing_profile_a_circle_and_a_stray_file_are_named(schemas, vocabularies):
    with pytest.raises(FaultyTable, match="there is no such profile"):
        Profile.read(schemas, "no-ap", vocabularies)
    toml = schemas / "dcat-ap/profile.toml"
    toml.write_text(toml.read_text().replace("extends = []", 'extends = ["outcome-ap"]'))
    with pytest.raises(FaultyTable, match="extends itself"):
        Profile.read(schemas, "outcome-ap", vocabularies)
    (schemas / "dcat-ap/profile.toml").write_text("title = ")
    with pytest.raises(FaultyTable, match="not valid TOML"):
        Profile.read(schemas, "outcome-ap", vocabularies)


def test_the_profiles_are_complete(profile: Profile):
    health = {row["name"] for row in _rows("healthdcat-ap/dataset.csv")}
    dcat = {row["name"] for row in _rows("dcat-ap/dataset.csv")}
    # `location` is a second row for dct:spatial: places by coordinates.
    assert len((health | dcat) - {"location"}) == 57
    for name in (
        "Catalogue",
        "CatalogueRecord",
        "Dataset",
        "DatasetSeries",
        "Distribution",
        "DataService",
        "Agent",
        "Contact",
        "ContactPoint",
        "PeriodOfTime",
        "Location",
        "Checksum",
        "Identifier",
        "Relationship",
        "Attribution",
        "Activity",
    ):
        assert profile[name].properties


def _rows(file: str):
    import csv

    with (ROOT / "schemas" / file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
