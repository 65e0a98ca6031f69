"""The form follows from the table: what is asked, when, in how many questions, with what help."""

from __future__ import annotations

import warnings

import pytest
from factories import EU, MINIMUM, OWN, PLACES, agent, answered
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from reports import problems_in
from strategies import documents

from catalogue.errors import FaultyTable
from catalogue.profile import Names, Profile
from catalogue.profile.defaults import Default, Places
from catalogue.profile.form import ASKED_TIERS, fields_of, form, is_asked, progress
from catalogue.profile.inputs import ADD, DO, FOR, KEEP, NEW, PICK, REASON, THEIRS, WAS
from catalogue.profile.shacl import shapes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyshacl import validate

SOURCE = OWN + "source-type/"
OMOP = OWN + "omop-status/"


@pytest.fixture(scope="module")
def shape(profile: Profile):
    return profile["Dataset"]


def names(sections):
    return {one.name for section in sections for one in section.fields}


def test_the_publishable_minimum_is_twelve_questions(shape):
    sections = form(shape, "minimum", {"access_rights": MINIMUM["access_rights"]})
    assert names(sections) == set(MINIMUM)
    assert sum(len(section.fields) for section in sections) == 12


@pytest.mark.parametrize("level", ["NON_PUBLIC", "RESTRICTED", "PUBLIC"])
def test_the_minimum_and_the_defaults_are_published(shape, empty, level):
    answers = {**MINIMUM, "access_rights": EU + "access-right/" + level}
    document = answered(shape, answers)
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="test")
        problems = empty.records.check(session, "dataset", document, "id/dataset/hf")
        assert [str(one) for one in problems if one.severity == "violation"] == []
        record = empty.records.put(session, "dataset", document, key="hf", author="test")
        statements = list(empty.graphs.self_contained(session, record))
    data = Graph().parse(data="\n".join(" ".join(s) + " ." for s in statements), format="nt")
    _, report, _ = validate(
        data, shacl_graph=Graph().parse(data=shapes(empty.profile), format="turtle")
    )
    assert [str(one) for one in problems_in(report) if one.severity == "violation"] == []


@pytest.mark.parametrize("kind", ["agent", "catalogue", "series", "service"])
def test_the_minimum_of_every_other_kind_is_published_too(profile, empty, kind):
    shape = profile.records[kind]
    said = {
        "name": {"en": "Hospital of Ghent"},
        "title": {"en": "A title"},
        "description": {"en": "A description."},
        "homepage": "https://hospital.example/",
        "endpoint_url": ["https://hospital.example/api"],
        "contact_details": {"contact_email": "desk@hospital.example"},
        "contact_point": [{"email": "desk@hospital.example"}],
        "keyword": {"en": ["heart failure"]},
        "alternative": {"en": ["HG"]},
        "spatial": [EU + "country/BEL"],
    }
    questions = names(form(shape, "minimum", {}))
    assert len(questions) <= 6
    document = answered(shape, {name: said[name] for name in questions})
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="test")
        empty.records.put(session, kind, document, key="x", author="test")


@settings(max_examples=12)
@given(st.data())
def test_what_the_form_publishes_the_shapes_accept(profile, shape, data):
    """Whatever else somebody answers: generate, submit, validate."""
    drawn = shape.load(data.draw(documents(shape)))[0]
    more = {one.name: drawn[one.name] for one in fields_of(shape) if one.name in drawn}
    document = answered(shape, {**more, **MINIMUM})
    assume_published = [
        one
        for one in shape.problems(document)
        if one.severity == "violation"
        # SHACL Core compares no numbers of different nodes.
        and not (one.rule == "orders" and len(one.path) > 1)
    ]
    graph = Graph().parse(
        data="\n".join(
            " ".join(s) + " ."
            for s in shape.describe(document, Names("https://c.example/", "id/dataset/hf"))
        ),
        format="nt",
    )
    _, report, _ = validate(
        graph, shacl_graph=Graph().parse(data=shapes(profile), format="turtle"), inference="none"
    )
    found = [one for one in problems_in(report) if one.severity == "violation"]
    assert bool(found) == bool(assume_published)


def test_every_question_says_what_is_meant_and_gives_an_example(profile):
    for shape in profile.values():
        for field in fields_of(shape):
            assert field.help.endswith("."), (shape.name, field.name)
            assert field.example, (shape.name, field.name)


def test_examples_of_pick_lists_are_entries_of_the_list(profile):
    for shape in profile.values():
        for field in fields_of(shape):
            vocabulary = getattr(field.property.value, "vocabulary", None)
            for example in field.example.split(";") if vocabulary else ():
                assert vocabulary.by_label.get(example.strip().casefold()) or (
                    example.strip() in vocabulary.by_code
                ), (shape.name, field.name, example)


def test_a_trial_is_not_asked_what_only_routine_care_has(shape):
    routine = {"frequency", "lag_months", "coverage_percent", "active_individuals"}
    registry = {"source_type": [SOURCE + "registry"]}
    trial = {"source_type": [SOURCE + "registry", SOURCE + "trial"]}
    assert routine <= names(form(shape, "outcome-rich", registry))
    assert not routine & names(form(shape, "outcome-rich", trial))
    # What is there already is always shown, and so is a reason.
    told = {**trial, "lag_months": 3}
    assert "lag_months" in names(form(shape, "outcome-rich", told))
    told = {**trial, "not_stated": [{"field": "lag_months", "reason": "x"}]}
    assert "lag_months" in names(form(shape, "outcome-rich", told))


def test_questions_follow_the_answers_before_them(shape):
    def asked(document):
        return names(form(shape, "outcome-rich", document))

    assert "omop_cdm_version" not in asked({})
    assert "omop_cdm_version" not in asked({"omop_status": OMOP + "no"})
    assert "omop_cdm_version" in asked({"omop_status": OMOP + "in-progress"})
    assert "variables" not in asked({"structured_data": False})
    assert "variables" in asked({"structured_data": True})
    assert "retention_period" not in asked({"access_rights": EU + "access-right/PUBLIC"})
    # HealthDCAT-AP demands an access body of public data too.
    assert "hdab" in asked({"access_rights": EU + "access-right/PUBLIC"})


def test_nothing_that_is_needed_is_hidden_without_a_default(profile, shape):
    documents = [
        {},
        {"access_rights": EU + "access-right/PUBLIC"},
        {**MINIMUM, "source_type": [SOURCE + "trial"]},
        {"structured_data": True},
    ]
    for document in documents:
        for one in shape.stored:
            if one.obligation_in(document, profile) == "mandatory":
                assert is_asked(one, document, shape), one.name


def test_longer_forms_hold_the_shorter_ones(profile):
    for shape in profile.records.values():
        asked = [names(form(shape, tier)) for tier in ASKED_TIERS]
        assert asked[0] < asked[1] <= asked[2]
        assert asked[2] == {one.name for one in fields_of(shape)}


def test_a_section_has_the_questions_above_the_tier_too(shape):
    about = next(one for one in form(shape, "minimum", {}) if one.slug == "about")
    assert "version" not in {one.name for one in about.every}
    assert {"title", "description"} <= {one.name for one in about.fields}
    assert "alternative" in {one.name for one in about.more}


def test_progress_counts_an_honest_reason_as_an_answer(shape):
    def people(document):
        return next(
            one for one in progress(shape, document, "minimum") if one.section.slug == "people"
        )

    assert (people({}).answered, people({}).asked, people({}).done) == (0, 1, False)
    reason = {"not_stated": [{"field": "number_of_unique_individuals", "reason": "x"}]}
    assert people(reason).done
    assert people({"number_of_unique_individuals": 0}).done


# defaults ----------------------------------------------------------------------------


def test_a_record_begins_with_sound_defaults(shape):
    document = shape.begun(PLACES)
    assert document["identifier"] == ["https://c.example/id/dataset/hf"]
    assert document["publisher"] == document["custodian"] == "id/agent/ghent"
    assert document["structured_data"] is False
    assert document["theme"] == [EU + "data-theme/HEAL"]
    assert document["distribution"][0]["access_url"] == ["id/dataset/hf"]
    assert "dataset_type" not in document
    assert "publisher" not in shape.begun(Places(record="id/dataset/hf"))


def test_a_conditional_default_comes_and_goes_with_its_condition(shape):
    personal = [EU + "dataset-type/PERSONAL_DATA"]
    closed = {"access_rights": EU + "access-right/NON_PUBLIC"}
    opened = {"access_rights": EU + "access-right/PUBLIC"}
    assert shape.settled({}, closed, PLACES)["dataset_type"] == personal
    assert "dataset_type" not in shape.settled({}, opened, PLACES)
    settled = {**opened, "dataset_type": personal}
    assert "dataset_type" not in shape.settled(
        {**closed, "dataset_type": personal}, settled, PLACES
    )
    said = {**opened, "dataset_type": [EU + "dataset-type/STATISTICAL"]}
    assert shape.settled(closed, said, PLACES) == said
    # Nothing comes back that somebody took out while the condition went on.
    assert "dataset_type" not in shape.settled(closed, closed, PLACES)


def test_a_default_is_read_by_its_kind(profile):
    def read(name, cell, shape="Dataset"):
        return Default.parse(cell, profile[shape][name].value).value

    assert read("title", "Registry") == {"en": "Registry"}
    assert read("keyword", "a; b") == {"en": ["a", "b"]}
    assert read("structured_data", "true") is True
    assert read("number_of_records", "12") == 12
    assert read("lag_months", "1.5") == 1.5
    assert read("spatial", "BEL; FRA") == ["BEL", "FRA"]
    assert read("title", '{"de": "Register"}') == {"de": "Register"}
    with pytest.raises(FaultyTable, match="not valid JSON"):
        read("distribution", "[{")


def test_no_property_is_called_what_the_form_calls_its_own_inputs(profile):
    reserved = {WAS, REASON, ADD, PICK, FOR, NEW, KEEP, THEIRS, DO}
    for shape in profile.records.values():
        assert not reserved & {field.name for field in fields_of(shape)}
