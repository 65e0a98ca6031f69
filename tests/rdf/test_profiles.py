"""The same records under narrower profiles: nothing said twice, nothing left dangling."""

from __future__ import annotations

import pytest
from conftest import ADDRESS, ROOT
from factories import dataset, plant
from sqlalchemy import select

from catalogue.errors import FaultyTable, Unavailable
from catalogue.profile import Profile
from catalogue.profile.tables import names_below, read_tables
from catalogue.records.models import Record
from catalogue.terms import RDF_TYPE, Statements, iri

TOKENS = ["outcome-ap", "healthdcat-ap", "dcat-ap", "dcat"]
DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
HEALTH = "http://healthdataportal.eu/ns/health#"
#: Namespaces that are no part of plain DCAT 3.
RICHER = (
    HEALTH,
    "http://data.europa.eu/r5r/",
    "http://data.europa.eu/m8g/",
    "http://data.europa.eu/930/",
    "http://data.europa.eu/eli/ontology#",
    "http://www.w3.org/ns/csvw#",
    "http://www.w3.org/ns/dqv#",
    "http://www.w3.org/ns/oa#",
    "https://w3id.org/dpv",
    "https://w3id.org/outcome-catalogue/ns#",
    "https://schema.org/",
)


def terms_of(statements) -> set[str]:
    """The properties and classes that statements use."""
    return {p[1:-1] for _, p, _ in statements} | {
        o[1:-1] for _, p, o in statements if p == RDF_TYPE
    }


@pytest.fixture(scope="module")
def told(catalogue):
    """Every demonstration record under every profile, self-contained and bare."""
    found = {}
    with catalogue.database.read() as session:
        for record in session.scalars(select(Record).order_by(Record.id)):
            for token, graphs in catalogue.profiles.items():
                for whole in (True, False):
                    key = (token, record.iri, whole)
                    found[key] = graphs.document(session, record, self_contained=whole)
    return found


def test_what_the_profile_in_force_extends_or_narrows_is_offered(catalogue):
    assert list(catalogue.profiles) == TOKENS
    assert [one.is_narrower for one in catalogue.profiles.values()] == [False, True, True, True]
    assert catalogue.profiles.in_force is catalogue.graphs


@pytest.mark.parametrize(
    ("token", "none_of"),
    [
        ("healthdcat-ap", RICHER[-2:]),
        ("dcat-ap", (HEALTH, *RICHER[5:])),
        ("dcat", RICHER),
    ],
)
def test_a_narrower_profile_uses_none_of_the_richer_ones_terms(told, token, none_of):
    for (of, name, _), statements in told.items():
        if of == token:
            assert [t for t in terms_of(statements) if t.startswith(none_of)] == [], name


@pytest.mark.parametrize("token", TOKENS)
def test_every_part_has_an_owner_and_every_link_within_a_record_leads_somewhere(told, token):
    for (of, name, _), statements in told.items():
        if of != token:
            continue
        own = f"<{ADDRESS}{name}#"
        subjects = {s for s, _, _ in statements if s.startswith(own)}
        objects = {o for _, _, o in statements if o.startswith(own)}
        assert objects <= subjects, name
        assert subjects <= objects | {f"{own}record>"}, name


@pytest.mark.parametrize("token", TOKENS)
def test_a_part_of_which_the_profile_has_nothing_to_say_is_not_there(told, token):
    for (of, name, whole), statements in told.items():
        if of == token and not whole:
            said = Statements(statements)
            for subject in {s for s, _, _ in statements if s.startswith(f"<{ADDRESS}{name}#")}:
                assert len(list(said.predicates(subject))) > 1, (name, subject)


def test_a_narrower_profile_says_less_and_nothing_else(told, catalogue):
    """But for the name of the profile in the catalogue record."""
    for (token, name, whole), statements in told.items():
        if token != "outcome-ap" and not whole:
            more = set(statements) - set(told["outcome-ap", name, False])
            assert {p for _, p, _ in more} <= {iri(DCT + "conformsTo")}, (token, name)
            # A toolkit is of a class that only the whole profile has.
            assert set(statements) - more or (not statements and "/asset/" in f"/{name}")


def test_the_catalogue_record_names_the_profile_it_follows(told, catalogue):
    for token in TOKENS[1:]:
        record = iri(f"{ADDRESS}id/dataset/sidiap#record")
        said = Statements(told[token, "id/dataset/sidiap", True])
        followed = said.objects(record, iri(DCT + "conformsTo"))
        assert followed == [iri(catalogue.profiles[token].profile.iri)]


def test_membership_is_told_under_every_profile(told):
    for token in TOKENS:
        said = told[token, "id/dataset/sidiap", False]
        assert [s for s, p, _ in said if p == iri(DCAT + "dataset")], token
        # of a catalogue only what follows from the record: no record's IRI as a date
        assert [o for s, p, o in said if p == iri(DCT + "modified") and o.startswith("<")] == []


def test_an_own_part_that_says_nothing_more_goes_and_a_foreign_one_stays_a_link(empty):
    """The kind of activity and the kinds of licence are words of other profiles."""
    activity = empty.vocabularies["health-activity"].by_code
    kind = next(iter(activity.values())).iri
    licence = "https://creativecommons.org/licenses/by/4.0/"
    distribution = {**dataset()["distribution"][0], "licence": {"id": licence}}
    plant(empty, dataset(was_generated_by=[{"activity_type": kind}], distribution=[distribution]))
    with empty.database.read() as session:
        record = empty.records.get(session, "dataset", "hf")
        for token in ("healthdcat-ap", "dcat-ap"):
            said = empty.profiles[token].fragment(record)
            has_activity = any("wasGeneratedBy" in p for _, p, _ in said)
            assert has_activity is (token == "healthdcat-ap")
            assert iri(licence) in {o for _, p, o in said if p == iri(DCT + "license")}


def test_who_may_see_what_does_not_hang_on_the_profile(empty):
    """Withholding and restricting are properties of the richest profile; they hold under all."""
    members = empty.vocabularies["audience"].by_code["members"].iri
    withheld = dataset(
        holder_withheld=True,
        alternative={"en": ["quokka"]},
        restricted=[{"field": "alternative", "audience": members}],
        contact_point=[{"contact_name": "Aye-aye", "email": "desk@hospital.example"}],
    )
    plant(empty, withheld)
    with empty.database.read() as session:
        record = empty.records.get(session, "dataset", "hf")
        for token, graphs in empty.profiles.items():
            for said in (
                graphs.fragment(record),
                graphs.self_contained(session, record),
                graphs.together(session, [record]),
            ):
                assert said
                assert "quokka" not in repr(said), token
                assert "Aye-aye" not in repr(said), token
                assert iri(DCT + "publisher") not in {p for _, p, _ in said}, token


@pytest.mark.parametrize("token", TOKENS)
def test_several_records_in_one_document_say_each_thing_once(catalogue, token):
    graphs = catalogue.profiles[token]
    with catalogue.database.read() as session:
        datasets = session.scalars(select(Record).where(Record.kind == "dataset")).all()
        said = graphs.together(session, datasets)
        assert len(said) == len(set(said))
        bare = {s for record in datasets for s in graphs.fragment(record)}
        assert bare == set(graphs.together(session, datasets, self_contained=False))
        assert bare < set(said)
        # what a reader needs: each organisation named is told, with its name
        agents = {o for _, p, o in said if p == iri(DCT + "publisher")}
        names = {s for s, p, _ in said if p == "<http://xmlns.com/foaf/0.1/name>"}
        assert agents
        assert agents <= names
        alone = set(graphs.self_contained(session, datasets[0]))
    assert {s for s in alone if s[0] in agents} <= set(said)


def test_a_dataset_that_is_only_linked_is_not_typed(empty):
    """A harvester makes an entry of whatever is typed, and takes the first one for the whole."""
    plant(empty, dataset(), dataset(has_version=["id/dataset/hf", "https://x.example/d"]))
    with empty.database.read() as session:
        record = empty.records.get(session, "dataset", "hf-2")
        typed = [
            {s for s, p, o in said if p == RDF_TYPE and o == iri(DCAT + "Dataset")}
            for said in (
                empty.graphs.together(session, [record]),
                empty.graphs.self_contained(session, record),
            )
        ]
    own = iri(f"{ADDRESS}id/dataset/hf-2")
    assert typed == [{own}, {own}]


def test_a_damaged_record_is_left_out_of_many_and_refused_alone(empty):
    plant(empty, dataset(), dataset())
    with empty.database.write() as session:
        record = empty.records.get(session, "dataset", "hf")
        record.document = {**record.document, "contact_point": ["not a part"]}
    with empty.database.read() as session:
        both = [empty.records.get(session, "dataset", key) for key in ("hf", "hf-2")]
        for graphs in empty.profiles.values():
            subjects = {s for s, _, _ in graphs.together(session, both)}
            assert iri(f"{ADDRESS}id/dataset/hf-2") in subjects
            assert iri(f"{ADDRESS}id/dataset/hf") not in subjects
            for whole in (True, False):
                with pytest.raises(Unavailable):
                    graphs.document(session, both[0], self_contained=whole)


@pytest.mark.parametrize(
    ("accept", "token"),
    [
        ("", "outcome-ap"),
        ("<https://semiceu.github.io/DCAT-AP/releases/3.0.1/>", "dcat-ap"),
        ("<http://data.europa.eu/r5r/>", "dcat-ap"),
        ("<https://nobody.example/profile>", "outcome-ap"),
        ("<https://nobody.example/profile>, <http://www.w3.org/ns/dcat#>;q=0.1", "dcat"),
        ("<http://www.w3.org/ns/dcat#>;q=0.2, <http://data.europa.eu/r5r/> ; q = 0.9", "dcat-ap"),
        ("<http://www.w3.org/ns/dcat#>;q=0", "outcome-ap"),
        ("<http://www.w3.org/ns/dcat#>;q=1e999;x=y , ;;,<", "dcat"),
        ('"healthdcat-ap"', "healthdcat-ap"),
        ("dcat", "dcat"),
        ("<" * 5000 + "," * 5000, "outcome-ap"),
    ],
)
def test_a_header_chooses_by_weight_and_what_is_unknown_gets_the_default(catalogue, accept, token):
    assert catalogue.profiles.negotiate(accept).profile.name == token


def test_a_profile_that_narrows_says_what_it_keeps(tmp_path, vocabularies):
    import shutil

    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    file = tmp_path / "schemas/dcat/profile.toml"
    file.write_text(file.read_text().replace('"adms", ', '"adms", "nonsense", '))
    with pytest.raises(FaultyTable, match="nonsense"):
        Profile.read(tmp_path / "schemas", "dcat", vocabularies)


def test_what_is_below_hangs_on_the_profile_in_force(tmp_path, vocabularies):
    import shutil

    def below(name):
        return names_below(folder, read_tables(folder, name))

    folder = tmp_path / "schemas"
    shutil.copytree(ROOT / "schemas", folder)
    assert below("healthdcat-ap") == ["dcat-ap", "dcat"]
    assert below("dcat-ap") == ["dcat"]
    assert below("dcat") == []
    (folder / "dcat/profile.toml").write_text("title = ")
    with pytest.raises(FaultyTable, match=r"dcat/profile.toml:1: not valid TOML"):
        below("outcome-ap")


def test_plain_dcat_follows_from_the_rows_of_dcat_ap(vocabularies):
    plain = Profile.read(ROOT / "schemas", "dcat", vocabularies)
    richer = Profile.read(ROOT / "schemas", "dcat-ap", vocabularies)
    assert plain.conforms_to == ("https://www.w3.org/TR/vocab-dcat-3/",)
    left_out = {
        one.property_id
        for shape in richer.values()
        for one in shape
        if one.name not in plain[shape.name].properties
    }
    assert left_out == {"dcatap:applicableLegislation", "dcatap:availability"}
    assert "outcome" not in plain.prefixes
