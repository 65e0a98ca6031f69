"""Every property in every view, over documents that Hypothesis draws from the table."""

from __future__ import annotations

import json
import sys
from collections import Counter

import pyoxigraph as ox
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import any_record, values_of

from catalogue.profile import Names, Profile
from catalogue.rdf.formats import FORMATS, read, write
from catalogue.terms import Statements

NAMES = Names("https://catalogue.example.org/", "id/dataset/x")


def prepared(shape, document):
    loaded, problems = shape.load(document)
    assert problems == []
    return shape.identify(loaded)


@given(st.data())
def test_what_is_written_out_is_read_back_the_same(profile: Profile, data):
    shape, document = data.draw(any_record(profile))
    document = prepared(shape, document)
    statements = Statements(shape.describe(document, NAMES))
    again = shape.interpret(statements, f"<{NAMES.absolute(NAMES.record)}>", NAMES)
    assert shape.canonical(again) == shape.canonical(document)


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=25)
@given(data=st.data())
def test_every_format_carries_every_document(profile: Profile, suffix, data):
    shape, document = data.draw(any_record(profile))
    document = prepared(shape, document)
    format = FORMATS[suffix]
    source = write(shape.describe(document, NAMES), format, profile.prefixes)
    statements = read(source, format, NAMES.base)
    again = shape.interpret(statements, f"<{NAMES.absolute(NAMES.record)}>", NAMES)
    assert shape.canonical(again) == shape.canonical(document)


@given(st.data())
def test_a_loaded_document_loads_again_unchanged(profile: Profile, data):
    shape, document = data.draw(any_record(profile))
    document = prepared(shape, document)
    assert prepared(shape, json.loads(json.dumps(document))) == document


@settings(max_examples=40)
@given(st.data())
def test_the_json_of_a_record_is_the_same_rdf_under_the_context(profile: Profile, data):
    shape, document = data.draw(any_record(profile))
    document = prepared(shape, document)
    linked = {"@context": profile.context(), **shape.linked(document, NAMES)}
    quads = ox.parse(json.dumps(linked), format=ox.RdfFormat.JSON_LD, base_iri=NAMES.base)
    from_json = {(str(q.subject), str(q.predicate), str(q.object)) for q in quads}
    assert from_json == set(shape.describe(document, NAMES))


@settings(max_examples=5)
@given(data=st.data())
def test_every_single_property_survives_by_itself(profile: Profile, data):
    for shape in profile.records.values():
        for one in shape.stored:
            if one.name == "not_stated":
                continue
            document = prepared(shape, {one.name: data.draw(values_of(one, 1), label=one.name)})
            statements = Statements(shape.describe(document, NAMES))
            again = shape.interpret(statements, f"<{NAMES.absolute(NAMES.record)}>", NAMES)
            assert shape.canonical(again) == shape.canonical(document), one.name


def test_a_document_is_read_once_however_many_profiles_are_open(vocabularies):
    for _ in range(2):
        profile = Profile.read(ROOT / "schemas", "outcome-ap", vocabularies)
        _, problems = profile.records["dataset"].load({"title": {"en": "Heart"}})
        assert not problems
    calls: Counter[str] = Counter()
    sys.setprofile(lambda frame, event, _: calls.update([frame.f_code.co_name] * (event == "call")))
    try:
        document, _ = profile.records["dataset"].load(
            {"title": {"en": "Heart"}, "keyword": {}, "temporal": [{"start_date": "2001"}] * 3}
        )
    finally:
        sys.setprofile(None)
    assert "keyword" not in document
    assert calls["_drop_nothing"] == 1 + 3  # the dataset, and its three periods
