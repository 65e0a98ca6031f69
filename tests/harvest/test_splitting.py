"""Documents split into one description for each record."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvest import splitting
from catalogue.harvest.canonical import canonical
from catalogue.harvest.naming import Place
from catalogue.harvest.parsing import rulebook_of
from catalogue.harvest.reading import Remote
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.splitting import Defect, Split, split
from catalogue.profile import Profile

BASE = "https://catalogue.example.org/"
PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geodcatap: <http://data.europa.eu/930/> .
@prefix health: <http://healthdataportal.eu/ns/health#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix ldp: <http://www.w3.org/ns/ldp#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://registry.example.org/> .
"""
_NS = "https://registry.example.org/"
TITLE, PUBLISHER = "<http://purl.org/dc/terms/title>", "<http://purl.org/dc/terms/publisher>"


@pytest.fixture(scope="session")
def rules(profile: Profile) -> Rulebook:
    """The rules of the project's profile, as a process is told them."""
    return Rulebook.read(rulebook_of(profile).json())


@pytest.fixture(scope="session")
def splits(rules: Rulebook) -> Callable[..., Split]:
    """Splits some Turtle; the prefixes are there already."""

    def splits(turtle: str, defects: Iterable[Defect] = (), **place: object) -> Split:
        given = {"base": BASE, "salt": "registry", "address": "https://registry.example.org/feed"}
        return split(lines(turtle), rules, Place(**{**given, **place}), tuple(defects))  # type: ignore[arg-type]

    return splits


def lines(turtle: str) -> list[str]:
    found = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    return (ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"").decode().splitlines()


def only(found: Split, kind: str = "dataset") -> Remote:
    [one] = [one for one in found.found if one.kind == kind]
    return one


def said(one: Remote) -> str:
    return one.raw.decode()


def words(one: Remote) -> str:
    return " ".join(problem.message for problem in one.problems)


COHORT = """
:cohort a dcat:Dataset ; dct:title "Kohorte"@de , "Cohort"@en ; dct:identifier "c-1" ;
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Desk" ] ;
    dct:temporal [ dcat:startDate "2010-01-01"^^xsd:date ] , [ dcat:startDate "2020"^^xsd:gYear ] ;
    dct:publisher :hospital ; dcat:theme :heart ;
    dcat:distribution :csv , [ a dcat:Distribution ; dct:title "Excel" ] .
:csv a dcat:Distribution ; dct:title "CSV" ; dcat:accessService :api .
:hospital a foaf:Organization ; foaf:name "University Hospital" .
:heart a skos:Concept ; skos:prefLabel "Heart" .
:api a dcat:DataService ; dct:title "API" .
"""


def test_a_dataset_comes_with_its_parts_and_without_other_records(splits):
    one = only(splits(COHORT))
    assert (one.id, one.iri, one.title) == (_NS + "cohort", _NS + "cohort", "Cohort")
    for part in ('"Desk"', '"2010-01-01"', '"2020"', '"CSV"', '"Excel"'):
        assert part in said(one)
    for other in ("University Hospital", '"Heart"', '"API"'):
        assert other not in said(one)
    assert f"{PUBLISHER} <{_NS}hospital> ." in said(one)


def test_every_kind_of_record_is_found(splits):
    found = splits(
        COHORT
        + ':series a dcat:DatasetSeries, dcat:Dataset ; dct:title "S" .'
        + ':catalogue a dcat:Catalog , dcat:Dataset ; dct:title "C" .'
    )
    assert sorted((one.kind, one.id.removeprefix(_NS)) for one in found.found) == [
        ("agent", "hospital"),
        ("catalogue", "catalogue"),
        ("dataset", "cohort"),
        ("series", "series"),
        ("service", "api"),
    ]


def test_a_part_of_two_datasets_goes_into_both(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dcat:distribution :file .'
        ':b a dcat:Dataset ; dct:title "B" ; dcat:distribution :file .'
        ':file dct:title "The file" .'
    )
    assert ['"The file"' in said(one) for one in found.found] == [True, True]


def test_parts_that_lead_round_end(splits):
    one = only(
        splits(':a a dcat:Dataset ; dct:title "A" ; dct:relation :x . :x dct:relation :a, :x .')
    )
    assert said(one).count("\n") == 5


def test_a_concept_without_address_is_kept_where_it_is_said(splits):
    one = only(
        splits(
            ':a a dcat:Dataset ; dct:title "A" ; '
            'dcat:theme [ a skos:Concept ; skos:prefLabel "Diabetes"@en ] .'
        )
    )
    assert '"Diabetes"@en' in said(one)


# the same again -------------------------------------------------------------------------


def test_a_description_is_the_same_in_any_order_and_under_any_labels(splits, rules):
    first = splits(COHORT)
    place = Place(BASE, "registry", "https://registry.example.org/feed")
    for seed in range(20):
        shuffled = lines(COHORT)  # blank nodes have other labels each time
        random.Random(seed).shuffle(shuffled)
        again = split(shuffled, rules, place)
        assert {(one.id, one.hash, one.raw) for one in again.found} == {
            (one.id, one.hash, one.raw) for one in first.found
        }


def test_a_change_anywhere_in_a_description_is_seen(splits):
    before, after = only(splits(COHORT)), only(splits(COHORT.replace('"Desk"', '"Help desk"')))
    assert before.hash != after.hash
    others = only(splits(COHORT.replace("University Hospital", "Hospital")))
    assert others.hash == before.hash


def test_blank_nodes_that_differ_in_their_neighbours_only_are_told_apart():
    text = [
        "<x:a> <x:p> _:{0} .",
        "<x:b> <x:p> _:{1} .",
        "<x:a> <x:q> _:{2} .",
        "_:{2} <x:r> _:{0} .",
        '_:{0} <x:n> "same" .',
        '_:{1} <x:n> "same" .',
    ]
    forms = set()
    for names in (("k", "l", "m"), ("m", "k", "l"), ("l", "m", "k")):
        for order in (text, text[::-1]):
            forms.add(tuple(canonical(one.format(*names) for one in order)))
    assert len(forms) == 1


def test_twins_keep_what_hangs_on_each_together():
    pairs = (("<x:a>", "_:a"), ("_:a", "_:b"), ("<x:a>", "_:c"), ("_:c", "_:d"))
    forms = set()
    for number in range(40):  # the order in which they come follows from what they are called
        lines = [f"{about} <x:part> {node} ." for about, node in pairs]
        forms.add(tuple(canonical(line.replace("_:", f"_:n{number}") for line in lines)))
    assert len(forms) == 1


@given(st.data())
def test_the_canonical_form_of_trees_does_not_depend_on_order_or_labels(data):
    number = data.draw(st.integers(1, 7))
    statements = []
    for node in range(number):
        parent = data.draw(st.integers(-1, node - 1))
        about = "<x:root>" if parent < 0 else f"_:n{parent}"
        statements.append((about, f"<x:p{data.draw(st.integers(0, 1))}>", f"_:n{node}"))
        statements.append((f"_:n{node}", "<x:name>", f'"{data.draw(st.integers(0, 1))}"'))
    names = data.draw(st.permutations(range(number)))
    order = data.draw(st.permutations(statements))
    renamed = [
        " ".join((*(f"_:z{names[int(t[3:])]}" if t.startswith("_:n") else t for t in one), "."))
        for one in order
    ]
    assert canonical(renamed) == canonical(" ".join((*one, ".")) for one in statements)


def test_a_long_chain_of_blank_nodes_is_no_danger(splits):
    values = " ".join(f'"{n}"' for n in range(20_000))
    one = only(splits(f':a a dcat:Dataset ; dct:title "A" ; dct:description ( {values} ) .'))
    assert said(one).count("rdf-syntax-ns#first") == 20_000


def test_a_text_that_looks_like_a_blank_node_is_a_text(splits):
    one = only(splits(':a a dcat:Dataset ; dct:title "about _:b0 here" .'))
    assert '"about _:b0 here"' in said(one)


# organisations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said_of_it",
    [
        'a vcard:Organization ; vcard:fn "Hospital"',
        'a foaf:Organization ; foaf:name "Hospital"',
        'a schema:Organization ; schema:name "Hospital"',
        'a org:Organization ; skos:prefLabel "Hospital"',
        'a prov:Agent ; foaf:name "Hospital"',
        'a skos:Concept ; skos:prefLabel "Hospital"',
        'foaf:name "Hospital"',
    ],
)
@pytest.mark.parametrize(
    "predicate", ["dct:publisher", "dct:creator", "health:hdab", "geodcatap:custodian"]
)
def test_who_publishes_is_an_organisation_whatever_it_is_typed(splits, predicate, said_of_it):
    found = splits(f':a a dcat:Dataset ; dct:title "A" ; {predicate} :h . :h {said_of_it} .')
    agent = only(found, "agent")
    assert (agent.id, agent.title) == (_NS + "h", "Hospital")
    typed = (
        f"<{_NS}h> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/"
    )
    assert typed in said(agent) or "prov#Agent" in said(agent) or "org#Organ" in said(agent)
    assert "Hospital" not in said(only(found))


def test_an_organisation_without_address_is_known_by_its_name(splits):
    def publisher(name: str, **place: str) -> tuple[Remote, Remote]:
        found = splits(
            f':a a dcat:Dataset ; dct:title "A" ; dct:publisher [ a foaf:Agent ; foaf:name "{name}" ] .',
            **place,
        )
        return only(found), only(found, "agent")

    dataset, agent = publisher("University Hospital")
    assert agent.iri.startswith(BASE + "id/agent/h")
    assert len(agent.iri.rpartition("/h")[2]) == 15
    assert f"{PUBLISHER} <{agent.iri}> ." in said(dataset)
    assert f'<{agent.iri}> <http://xmlns.com/foaf/0.1/name> "University Hospital"' in said(agent)
    assert publisher("  university   HOSPITAL ")[1].iri == agent.iri
    assert publisher("University Clinic")[1].iri != agent.iri
    assert publisher("University Hospital", salt="other")[1].iri != agent.iri


def test_the_same_unnamed_organisation_twice_is_one(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dct:publisher [ foaf:name "H" ] .'
        ':b a dcat:Dataset ; dct:title "B" ; dct:publisher [ foaf:name "H" ] .'
    )
    assert [one.kind for one in found.found] == ["dataset", "dataset", "agent"]


def test_an_organisation_without_address_and_name_is_left_out_and_told(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dct:publisher [ foaf:mbox <mailto:x@example.org> ] .'
    )
    one = only(found)
    assert len(found.found) == 1
    assert "mailto:x@example.org" not in said(one)
    assert "dct:publisher: the organisation named there has neither an address nor a name" in words(
        one
    )
    assert one.problems[0].severity == "warning"


def test_an_organisation_that_is_only_named_is_no_entry(splits):
    found = splits(':a a dcat:Dataset ; dct:title "A" ; dct:publisher :h . :h a foaf:Agent .')
    assert [one.kind for one in found.found] == ["dataset"]
    assert f"{PUBLISHER} <{_NS}h>" in said(only(found))


def test_publisher_and_contact_in_one_lose_nothing(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dct:publisher :h ; dcat:contactPoint :h .'
        ':h a vcard:Organization ; vcard:fn "Desk" ; vcard:hasEmail <mailto:desk@example.org> .'
    )
    assert "mailto:desk@example.org" in said(only(found))
    assert only(found, "agent").title == "Desk"


# identity -------------------------------------------------------------------------------


def test_a_dataset_without_address_is_known_by_its_identifier(splits):
    def dataset(identifiers: str, **place: str) -> Remote:
        text = f'[] a dcat:Dataset ; dct:title "A" ; dct:identifier {identifiers} .'
        return only(splits(text, **place))

    one = dataset('"EU-42", "EU-99"')
    assert one.id == "EU-42"
    assert one.iri.startswith(BASE + "id/dataset/h")
    assert f'<{one.iri}> {TITLE} "A" .' in said(one)
    assert dataset('"EU-42"').iri == one.iri
    assert dataset('"EU-43"').iri != one.iri
    assert dataset('"EU-42"', salt="other").iri != one.iri
    assert not one.problems


def test_a_dataset_without_address_and_identifier_is_told_and_not_taken_in(splits):
    one = only(splits('[] a dcat:Dataset ; dct:title "A" .'))
    assert one.id.startswith("blank:")
    assert (one.iri, one.raw, one.title) == ("", b"", "A")
    [problem] = one.problems
    assert problem.severity == "violation"
    assert "neither an address nor an identifier" in problem.message


def test_a_service_without_address_is_known_by_where_it_is_asked(splits):
    text = (
        ':a a dcat:Dataset ; dct:title "A" ; dcat:distribution [ dcat:accessService '
        '[ a dcat:DataService ; dct:title "%s" ; dcat:endpointURL <https://api.example.org/> ] ] .'
    )
    first, again = only(splits(text % "API"), "service"), only(splits(text % "New"), "service")
    assert first.iri == again.iri
    assert f"accessService> <{first.iri}>" in said(only(splits(text % "API")))


def test_the_protocol_knows_best_what_the_entry_is_called(splits):
    text = (
        ':other a dcat:Dataset . :a a dcat:Dataset ; dct:title "A" ; dct:source :other ;'
        ' dct:publisher :h . :h a foaf:Agent ; foaf:name "H" .'
    )
    one = only(splits(text, id="oai:registry:1"))
    assert (one.id, one.iri) == ("oai:registry:1", _NS + "a")
    blank = only(splits('[] a dcat:Dataset ; dct:title "A" .', id="oai:registry:2"))
    assert blank.id == "oai:registry:2"
    assert blank.iri.startswith(BASE + "id/dataset/h")
    assert not blank.problems


def test_the_same_identifier_on_two_datasets_is_told_on_both(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dct:identifier "1" .'
        ':b a dcat:Dataset ; dct:title "B" ; dct:identifier "1" , "2" .'
        ':c a dcat:Dataset ; dct:title "C" ; dct:identifier "2x" .'
    )
    assert [bool(one.problems) for one in found.found] == [True, True, False]
    assert "Another dataset has the identifier “1” too" in words(found.found[0])


def test_what_is_described_twice_under_one_name_counts_once(splits):
    found = splits(
        '[] a dcat:Dataset ; dct:title "A" ; dct:identifier "1" .'
        '[] a dcat:Dataset ; dct:title "B" ; dct:identifier "1" .'
    )
    one = only(found)
    assert '"A"' in said(one)
    assert '"B"' in said(one)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://localhost:5000/dataset/1", True),
        ("http://127.0.0.1/dataset/1", True),
        ("http://ckan:5000/dataset/1", True),
        ("http://10.2.3.4/dataset/1", True),
        ("https://data.hospital.local/1", True),
        ("http://[::1]/dataset/1", True),
        ("https://registry.example.org/1", False),
        ("http://193.99.144.80/1", False),
        ("urn:uuid:4f6f2a4e-0000-4000-8000-000000000000", False),
        (BASE + "id/dataset/x", False),
    ],
)
def test_an_address_that_leads_nowhere_is_told_but_taken_in(splits, address: str, told: bool):
    one = only(splits(f'<{address}> a dcat:Dataset ; dct:title "A" .'))
    assert one.raw
    assert ("an address of the machine itself" in words(one)) is told


def test_a_source_on_ones_own_network_may_have_its_own_addresses(splits):
    text = '<http://localhost:5000/dataset/1> a dcat:Dataset ; dct:title "A" .'
    assert not only(splits(text, address="http://localhost:5000/feed.ttl")).problems


def test_an_address_of_ours_is_passed_on(splits):
    one = only(splits(f'<{BASE}id/dataset/ours> a dcat:Dataset ; dct:title "A" .'))
    assert one.id == one.iri == BASE + "id/dataset/ours"


# catalogues -----------------------------------------------------------------------------

PAGE = """
:catalogue a dcat:Catalog , hydra:Collection ; dct:title "All" ; dct:modified "2026-11-28"^^xsd:date ;
    dct:publisher :h ; dcat:dataset :a , :elsewhere ; dcat:record :a-record ;
    hydra:view <https://registry.example.org/feed?page=1> ; hydra:totalItems 812 .
<https://registry.example.org/feed?page=1> a hydra:PartialCollectionView ;
    hydra:next <https://registry.example.org/feed?page=2> .
:a-record a dcat:CatalogRecord ; foaf:primaryTopic :a ; dct:modified "2026-11-28"^^xsd:date .
:a a dcat:Dataset ; dct:title "A" .
"""


def test_membership_is_said_by_the_member_and_not_by_the_catalogue(splits):
    found = splits(PAGE)
    assert f"<{_NS}catalogue> <http://www.w3.org/ns/dcat#dataset> <{_NS}a> ." in said(only(found))
    assert said(only(found, "catalogue")) == (
        f"<{_NS}catalogue> {PUBLISHER} <{_NS}h> .\n"
        f'<{_NS}catalogue> {TITLE} "All" .\n'
        f"<{_NS}catalogue> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<http://www.w3.org/ns/dcat#Catalog> .\n"
    )


def test_a_catalogue_is_the_same_on_each_of_its_pages(splits):
    other = (
        PAGE.replace("?page=1", "?page=7").replace("2026-11-28", "2026-11-29").replace(":a ", ":b ")
    )
    assert only(splits(other), "catalogue").hash == only(splits(PAGE), "catalogue").hash


def test_a_catalogue_that_only_lists_others_is_no_entry_and_what_it_lists_is(splits):
    found = splits("""
        :catalogue a dcat:Catalog, hydra:Collection ; dcat:dataset :strokes ; hydra:totalItems 1 .
        :strokes a dcat:Dataset ; dct:title "Strokes"@en .
    """)
    assert [one.id for one in found.found] == [_NS + "strokes"]
    assert found.mentioned == []
    assert f"<{_NS}catalogue> <http://www.w3.org/ns/dcat#dataset>" in only(found).raw.decode()

    found = splits(':catalogue a dcat:Catalog ; dct:title "Registries"@en ; dcat:dataset :a .')
    assert [one.kind for one in found.found] == ["catalogue"]


def test_what_is_said_of_pages_is_given_apart(splits):
    paging = set(splits(PAGE).paging)
    hydra = "http://www.w3.org/ns/hydra/core#"
    page = "<https://registry.example.org/feed?page=1>"
    assert (page, f"<{hydra}next>", "<https://registry.example.org/feed?page=2>") in paging
    assert (
        f"<{_NS}catalogue>",
        "<http://www.w3.org/ns/dcat#dataset>",
        f"<{_NS}elsewhere>",
    ) in paging
    assert any(one[1] == f"<{hydra}totalItems>" for one in paging)
    assert any(one[2] == f"<{hydra}PartialCollectionView>" for one in paging)
    assert any(one[1] == "<http://xmlns.com/foaf/0.1/primaryTopic>" for one in paging)
    assert all(TITLE not in one for one in paging)


def test_the_catalogue_record_is_not_part_of_the_dataset(splits):
    assert "2026-11-28" not in said(only(splits(PAGE)))


def test_a_dataset_that_is_only_mentioned_is_no_entry(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dct:source :b ; dcat:hasVersion :c ; dcat:inSeries :s .'
        ":b a dcat:Dataset . :c a dcat:Dataset ; dct:identifier '7' . :s a dcat:DatasetSeries ."
    )
    assert [one.id for one in found.found] == [_NS + "a"]
    assert sorted(found.mentioned) == [_NS + "b", _NS + "c", _NS + "s"]


def test_a_dataset_without_title_that_says_something_is_an_entry(splits):
    found = splits(
        ':c a dcat:Catalog ; dct:title "C" ; dcat:dataset :a . :a a dcat:Dataset ; dct:description "D" .'
    )
    assert only(found).id == _NS + "a"
    assert found.mentioned == []


# defects and limits ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        ("http://www.w3.org/ns/dcat#", "https://www.w3.org/ns/dcat#"),
        ("http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/dcat/"),
        ("http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/dcat"),
        ("http://purl.org/dc/terms/", "https://purl.org/dc/terms/"),
        ("http://purl.org/dc/terms/", "http://purl.org/dc/terms#"),
        ("http://xmlns.com/foaf/0.1/", "http://xmlns.com/foaf/0.1"),
        (
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "https://www.w3.org/1999/02/22-rdf-syntax-ns#",
        ),
        ("http://www.w3.org/ns/hydra/core#", "https://www.w3.org/ns/hydra/core#"),
    ],
)
def test_a_misspelt_namespace_is_put_right_and_told(splits, rules, was: str, is_: str):
    right = splits(PAGE + COHORT)
    wrong = [line.replace(f"<{was}", f"<{is_}") for line in lines(PAGE + COHORT)]
    found = split(wrong, rules, Place(BASE, "registry", "https://registry.example.org/feed"))
    assert {(one.id, one.hash) for one in found.found} == {
        (one.id, one.hash) for one in right.found
    }
    assert set(found.paging) == set(right.paging)
    assert f"{is_}" in " ".join(found.problems)


def test_time_and_availability_are_put_right(splits, rules):
    text = (
        '<https://registry.example.org/a> <http://purl.org/dc/terms/title> "A" .',
        "<https://registry.example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        "<http://www.w3.org/ns/dcat#Dataset> .",
        "<https://registry.example.org/a> <http://data.europa.eu/r5rapplicableLegislation> <x:l> .",
        "<https://registry.example.org/a> <http://purl.org/dc/terms/temporal> _:t .",
        "_:t <http://www.w3.org/2006/timehasBeginning> _:b .",
    )
    found = split(text, rules, Place(BASE, "registry"))
    assert "<http://data.europa.eu/r5r/applicableLegislation>" in said(only(found))


def test_what_was_put_right_is_told_where_it_was(splits):
    found = splits(
        COHORT, [Defect(f"<{_NS}csv>", "dcat:accessURL: “x y”"), Defect("<x:other>", "elsewhere")]
    )
    assert words(only(found)) == "dcat:accessURL: “x y”"
    assert only(found).problems[0].severity == "warning"
    assert not only(found, "agent").problems


def test_a_monster_is_told_and_costs_the_others_nothing(splits):
    many = " , ".join(f":file-{n}" for n in range(20_001))
    found = splits(
        f':monster a dcat:Dataset ; dct:title "Everything" ; dcat:distribution {many} .'
        ':a a dcat:Dataset ; dct:title "A" .'
    )
    monster, other = found.found
    assert (monster.raw, monster.title) == (b"", "Everything")
    assert "states dcat:distribution 20,001 times; the most is 20,000" in words(monster)
    assert monster.problems[0].severity == "violation"
    assert other.raw


def test_a_dataset_of_eight_thousand_distributions_is_taken_in(splits):
    parts = "".join(
        f':f{n} a dcat:Distribution ; dct:title "File {n}" ; dcat:accessURL :d{n} ; dct:format :csv .'
        for n in range(8_327)
    )
    many = " , ".join(f":f{n}" for n in range(8_327))
    one = only(splits(f':a a dcat:Dataset ; dct:title "A" ; dcat:distribution {many} . {parts}'))
    assert not one.problems
    assert said(one).count("\n") == 5 * 8_327 + 2


def test_a_description_that_is_too_long_is_told(splits, monkeypatch):
    monkeypatch.setattr(splitting, "MOST_BYTES", 1_000_000)
    text = "x" * 1_000_001
    one = only(splits(f':a a dcat:Dataset ; dct:title "A" ; dct:description "{text}" .'))
    assert one.raw == b""
    assert "is 1.0 MB long; the most is 1 MB" in words(one)
    changed = only(splits(f':a a dcat:Dataset ; dct:title "A" ; dct:description "{text}y" .'))
    assert changed.hash != one.hash


def test_what_was_being_read_when_a_document_broke_off_is_not_taken_in(splits):
    found = splits(
        ':a a dcat:Dataset ; dct:title "A" ; dcat:distribution :lost .'
        ':b a dcat:Dataset ; dct:title "B" .'
        ':c a dcat:Dataset ; dct:title "C" . :c-file a dcat:Distribution ; dct:title "F" .',
        broken=True,
        last=(f"<{_NS}c-file>", f"<{_NS}c>", f"<{_NS}b>"),
    )
    a, b, c = found.found
    assert "What dcat:distribution leads to is in a part that cannot be read" in words(a)
    assert not b.problems
    assert "breaks off within it" in words(c)
    assert {one.severity for one in (*a.problems, *c.problems)} == {"violation"}


def test_nothing_is_found_in_nothing(splits):
    assert splits("") == Split()
