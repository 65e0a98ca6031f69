"""Who sees which part of a record; what is hidden says “not disclosed”, never no."""

from __future__ import annotations

import pytest
from factories import dataset, plant

from catalogue.accounts.viewer import ANYBODY, Viewer
from catalogue.errors import Invalid
from catalogue.records.visibility import public, visible

MEMBER = Viewer(user=1, roles={7: "reader"})
CURATOR = Viewer(user=2, roles={1: "reader"})
REVIEWER = Viewer(user=3, role="reviewer")


def hidden(catalogue, **fields):
    audiences = catalogue.vocabularies["audience"].by_code
    return [{"field": name, "audience": audiences[code].iri} for name, code in fields.items()]


@pytest.fixture
def record(empty):
    wishes = hidden(
        empty, number_of_unique_individuals="members", spatial="curators", landing_page="curators"
    )
    (record,) = plant(
        empty, dataset(restricted=wishes, landing_page=["https://hospital.example/hf"])
    )
    record.organisation = 1
    return record


def test_restricted_fields_are_shown_to_their_audience_only(empty, record):
    shape = empty.records.shape("dataset")
    fields = {"number_of_unique_individuals", "spatial", "landing_page"}
    seen = {
        name: fields & visible(shape, record, viewer).keys()
        for name, viewer in {
            "anybody": ANYBODY,
            "member": MEMBER,
            "curator": CURATOR,
            "reviewer": REVIEWER,
        }.items()
    }
    assert seen == {
        "anybody": set(),
        "member": {"number_of_unique_individuals"},
        "curator": fields,
        "reviewer": fields,
    }
    assert public(shape, record) == visible(shape, record, ANYBODY)


def test_a_hidden_field_says_not_disclosed_where_the_table_takes_reasons(empty, record):
    shape = empty.records.shape("dataset")
    reasons = {
        one["field"]: empty.vocabularies.code(one["reason"])
        for one in public(shape, record)["not_stated"]
    }
    assert reasons == {"number_of_unique_individuals": "not-disclosed"}
    assert "restricted" not in public(shape, record)


def test_what_every_portal_needs_cannot_be_hidden(empty):
    with pytest.raises(Invalid, match="must be shown to everybody"):
        plant(empty, dataset(restricted=hidden(empty, title="members")))


def test_a_withheld_holder_is_seen_by_those_who_look_after_the_record(empty):
    (record,) = plant(empty, dataset(holder_withheld=True))
    record.organisation = 1
    shape = empty.records.shape("dataset")
    assert "contact_point" not in visible(shape, record, MEMBER)
    assert "contact_point" in visible(shape, record, CURATOR)


def test_a_hidden_field_is_not_searched_counted_or_exported(empty):
    from catalogue.rdf.dumps import dump
    from catalogue.rdf.formats import N_TRIPLES
    from catalogue.search.query import Query

    plant(empty, dataset(restricted=hidden(empty, spatial="members", keyword="curators")[:1]))
    assert empty.finder.find(Query("Belgium")).total == 0
    with empty.database.read() as session:
        told = b"".join(dump(session, N_TRIPLES, empty.profile.prefixes))
    assert b"country/BEL" not in told
