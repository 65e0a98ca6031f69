"""The vocabularies: complete, consistent, their sources stated; faulty files named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalogue.errors import FaultyTable
from catalogue.vocabulary import Vocabularies

ROOT = Path(__file__).parents[1]
EU = "http://publications.europa.eu/resource/authority/"
HDEU = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"


def test_every_list_states_source_version_and_licence(vocabularies):
    for one in vocabularies.values():
        assert one.title, one.name
        assert one.description, one.name
        own = one.iri.startswith("https://w3id.org/outcome-catalogue/")
        assert one.source or own, one.name
        assert one.licence or one.rights, one.name
        header = (ROOT / f"vocabularies/{one.name}.ttl").read_text(encoding="utf-8")
        assert header.startswith("#"), one.name
        assert "icen" in header.split("@prefix")[0], f"{one.name}: no word on the licence"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("access-right", 3),
        ("data-theme", 14),
        ("frequency", 38),
        ("country", 336),
        ("planned-availability", 5),
        ("distribution-status", 4),
        ("dataset-type", 26),
        ("health-category", 17),
        ("health-theme", 20),
        ("coding-system", 32),
        ("standard", 25),
        ("health-activity", 34),
        ("publisher-type", 36),
        ("personal-data", 206),
    ],
)
def test_the_lists_have_the_size_their_source_has(vocabularies, name, size):
    assert len(vocabularies[name].concepts) == size


def test_comet_has_38_domains_in_five_core_areas(vocabularies):
    comet = vocabularies["comet-domain"]
    domains = [c for c in comet.concepts.values() if c.code.isdigit()]
    assert len(domains) == 38
    assert len(comet.concepts) - len(domains) == 5
    assert all(list(comet.above(c.iri)) for c in domains)


def test_every_reference_leads_to_a_concept(vocabularies):
    for one in vocabularies.values():
        for concept in (*one.concepts.values(), *one.collections.values()):
            assert "en" in concept.labels, concept.iri
            for target in (*concept.broader, *concept.members):
                assert vocabularies.concept(target), (concept.iri, target)
            for note in ("measuredWith", "outcome", "condition", "notFor"):
                for target in concept.notes.get(note, ()):
                    assert vocabularies.concept(target), (concept.iri, note, target)


def test_what_makes_no_sense_beside_a_concept_does_not_speak_of_it(vocabularies):
    trial = vocabularies["source-type"].by_code["trial"].iri
    assert not [
        one for one in vocabularies.mentions.get(trial, ()) if one.scheme == "health-activity"
    ]


def test_codes_are_unique_in_their_list(vocabularies):
    for one in vocabularies.values():
        assert len(one.by_code) == len(one.concepts), one.name


def test_there_are_sixteen_core_outcome_sets_and_unchecked_items_say_so(vocabularies):
    sets = vocabularies["core-outcome-set"]
    assert len(sets.collections) == 16
    items = list(sets.concepts.values())
    assert len(items) == 146
    assert sum(c.checked for c in items) <= 102
    for item in items:
        assert len(item.notes["outcome"]) == 1, item.code


def test_diseases_have_synonyms_abbreviations_and_broader_ones(vocabularies):
    conditions = vocabularies["condition"]
    aml = conditions.by_label["acute myeloid leukaemia"]
    assert "AML" in aml.notes["abbreviation"]
    assert conditions.by_label["aml"] is aml
    assert "haematologic" in " ".join(c.label().lower() for c in conditions.above(aml.iri))
    assert conditions.by_label["herzinsuffizienz"] is conditions.by_label["heart failure"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "http://healthdataportal.eu/resource/authority/health-theme/HEALTH_SYSTEMS",
            HDEU + "health-theme/HEALTH_SYSTEMS",
        ),
        (
            "http://13.81.34.152:1101/resource/authority/healthcategories/EHRS",
            HDEU + "healthcategories/EHRS",
        ),
        ("http://purl.org/adms/status/Completed", EU + "distribution-status/COMPLETED"),
        ("https://w3id.org/dpv/pd#Age", "https://w3id.org/dpv/dpv-pd#Age"),
        (EU + "data-theme/HEALTH", EU + "data-theme/HEAL"),
        ("https://publications.europa.eu/resource/authority/country/BEL", EU + "country/BEL"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_old_addresses_lead_to_the_right_ones(vocabularies, old, new):
    assert vocabularies.aliases.follow(old) == new


def test_no_alias_leads_to_something_undefined(vocabularies):
    for new in vocabularies.aliases.exact.values():
        assert vocabularies.concept(new), new


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n<a> <b",
            ":3: not valid Turtle",
        ),
        ("", "one skos:ConceptScheme is needed"),
        (
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
            "<https://a.example/s> a skos:ConceptScheme .\n<https://a.example/s/x> a skos:Concept .",
            ":3: https://a.example/s/x has no skos:prefLabel",
        ),
    ],
)
def test_a_faulty_file_is_named_with_its_line(tmp_path, content, said):
    folder = Path(shutil.copytree(ROOT / "vocabularies", tmp_path / "v"))
    (folder / "frequency.ttl").write_text(content)
    with pytest.raises(FaultyTable, match=r"frequency\.ttl") as raised:
        Vocabularies.read(folder)
    assert said in str(raised.value)


def test_a_faulty_alias_is_named_with_its_line(tmp_path):
    folder = Path(shutil.copytree(ROOT / "vocabularies", tmp_path / "v"))
    (folder / "aliases.csv").write_text("from,to,match,note\nhttps://a/,https://b/,roughly,\n")
    with pytest.raises(FaultyTable, match=r"aliases\.csv:2: .*exact or prefix"):
        Vocabularies.read(folder)
