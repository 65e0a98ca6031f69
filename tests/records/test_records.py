"""Records: drafts, publication, revisions, withdrawal; nothing half-written."""

from __future__ import annotations

import pytest
from factories import agent, dataset, plant
from sqlalchemy import func, select

from catalogue import changes
from catalogue.errors import Conflict, Gone, Invalid, NotFound
from catalogue.records import revisions
from catalogue.records.models import Record, Revision
from catalogue.search.query import Query


def test_a_draft_accepts_anything_well_typed_and_publication_asks_for_the_obligations(empty):
    with empty.database.write() as session:
        record = empty.records.save(session, "dataset", {"title": {"en": "A"}}, author="ann")
        assert (record.state, record.revision) == ("draft", 1)
        with pytest.raises(Invalid) as raised:
            empty.records.publish(session, record, author="ann")
    lacking = {problem.path[0] for problem in raised.value.problems}
    assert {"description", "identifier", "hdab", "distribution"} <= lacking


def test_a_published_record_is_found_read_and_counted(empty):
    (record,) = plant(empty)
    assert (record.state, record.revision, record.slug) == ("published", 1, "hf")
    assert record.title == "Heart failure registry of Ghent"
    assert empty.finder.find(Query("heart failure")).total == 1


def test_the_working_copy_of_a_published_record_is_not_public(empty):
    plant(empty)
    with empty.changing() as session:
        empty.records.save(
            session, "dataset", dataset(title={"en": "Zebra"}), key="hf", author="ann"
        )
    with empty.database.read() as session:
        shown = empty.records.by_slug(session, "dataset", "hf")
        assert shown.document["title"] == {"en": "Heart failure registry of Ghent"}
        assert shown.draft["title"] == {"en": "Zebra"}
        assert shown.title == "Heart failure registry of Ghent"
        assert b"Zebra" not in b"".join(_rdf(empty, session))
    assert empty.finder.find(Query("zebra")).total == 0


def _rdf(catalogue, session):
    from catalogue.rdf.dumps import dump
    from catalogue.rdf.formats import N_TRIPLES

    return dump(session, N_TRIPLES, catalogue.profile.prefixes)


def test_the_same_document_again_writes_nothing(empty):
    plant(empty)
    with empty.database.read() as session:
        before = changes.head(session)
    plant(empty)
    with empty.database.read() as session:
        assert changes.head(session) == before


def test_every_change_is_a_revision_and_any_can_be_restored(empty):
    plant(empty)
    with empty.changing() as session:
        changed = dataset(keyword={"en": ["cardiology"]})
        record = empty.records.put(
            session, "dataset", changed, key="hf", author="ann", note="Other words"
        )
        assert record.revision == 2
        empty.records.revert(session, record, 1, author="bob")
        empty.records.publish(session, record, author="bob", note="Back")
        history = revisions.of(session, record)
    assert [(r.number, r.author, r.note) for r in history] == [
        (4, "bob", "Back"),
        (3, "bob", "As in revision 1"),
        (2, "ann", "Other words"),
        (1, "test", ""),
    ]
    assert history[0].document["keyword"] == {"en": ["heart failure", "registry"]}


def test_a_withdrawn_record_is_gone_everywhere_and_can_come_back(empty):
    plant(empty)
    with empty.changing() as session:
        record = empty.records.get(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="ann")
    with empty.database.read() as session:
        with pytest.raises(Gone):
            empty.records.by_slug(session, "dataset", "hf")
        assert b"Heart failure registry" not in b"".join(_rdf(empty, session))
    assert empty.finder.find(Query()).total == 0
    with empty.changing() as session:
        record = empty.records.get(session, "dataset", "hf")
        empty.records.restore(session, record, author="ann")
    assert empty.finder.find(Query()).total == 1


def test_who_began_from_an_older_revision_is_told(empty):
    plant(empty)
    with empty.database.write() as session, pytest.raises(Conflict, match="you began from 7"):
        empty.records.save(session, "dataset", dataset(), key="hf", author="ann", expected=7)


def test_a_refused_record_leaves_nothing_behind(empty):
    plant(empty)
    with empty.database.write() as session:
        before = _counts(session)
        with pytest.raises(Invalid):
            empty.records.put(session, "dataset", dataset(title=None), key="new", author="ann")
        with pytest.raises(Invalid):
            empty.records.put(session, "dataset", dataset(title=None), key="hf", author="ann")
    with empty.database.read() as session:
        assert _counts(session) == before
        assert empty.records.by_slug(session, "dataset", "hf").document["title"]


def _counts(session):
    return [
        session.scalar(select(func.count()).select_from(t))
        for t in (Record, Revision, changes.Change)
    ]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"title": {"en": ""}}, ("title", "en")),
        ({"title": {"en": "a\x00b"}}, ("title", "en")),
        ({"title": {"en": "a\ud800b"}}, ("title", "en")),
        ({"title": {"english language": "x"}}, ("title", "english language")),
        ({"title": {"en": "A", "EN": "B"}}, ("title",)),
        ({"title": "Registry"}, ("title",)),
        ({"landing_page": ["https://a.example/x y"]}, ("landing_page", 0)),
        ({"landing_page": ["javascript:alert(1)"]}, ("landing_page", 0)),
        ({"landing_page": ["www.example.org"]}, ("landing_page", 0)),
        ({"landing_page": ["https://<script>"]}, ("landing_page", 0)),
        ({"landing_page": ["http://[::1"]}, ("landing_page", 0)),
        ({"issued": "15/01/2024"}, ("issued",)),
        ({"issued": "2024-02-30"}, ("issued",)),
        ({"number_of_records": -1}, ("number_of_records",)),
        ({"number_of_records": True}, ("number_of_records",)),
        ({"number_of_records": "12"}, ("number_of_records",)),
        ({"coverage_percent": 101}, ("coverage_percent",)),
        ({"coverage_percent": float("nan")}, ("coverage_percent",)),
        ({"structured_data": "yes"}, ("structured_data",)),
        ({"temporal_resolution": "daily"}, ("temporal_resolution",)),
        ({"theme": ["Wellness"]}, ("theme", 0)),
        ({"location": [{"bbox": "POLYGON((0 0, 1 1))"}]}, ("location", 0, "bbox")),
        ({"location": [{"centroid": "POINT(50 181)"}]}, ("location", 0, "centroid")),
        ({"contact_point": [{"email": "mailto:a@b.org"}]}, ("contact_point", 0, "email")),
        (
            {"distribution": [{"checksum": {"checksum_value": "xyz"}}]},
            ("distribution", 0, "checksum", "checksum_value"),
        ),
        ({"no_such_property": 1}, ("no_such_property",)),
        ({"record": ["https://a.example/"]}, ("record",)),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(empty, changed, path):
    with empty.database.write() as session, pytest.raises(Invalid) as raised:
        empty.records.save(session, "dataset", dataset(**changed), author="ann")
    assert path in {problem.path for problem in raised.value.problems}


def test_codes_labels_and_old_addresses_become_the_right_concept(empty):
    with empty.database.write() as session:
        record = empty.records.save(
            session,
            "dataset",
            {
                "theme": [
                    "HEAL",
                    "http://publications.europa.eu/resource/authority/data-theme/HEALTH",
                ],
                "language": ["English"],
                "health_category": [
                    "http://healthdataportal.eu/resource/authority/healthcategories/EHRS"
                ],
            },
            author="ann",
        )
    heal = "http://publications.europa.eu/resource/authority/data-theme/HEAL"
    assert record.draft["theme"] == [heal, heal]
    assert record.draft["language"] == [
        "http://publications.europa.eu/resource/authority/language/ENG"
    ]
    assert record.draft["health_category"][0].startswith("https://hdeu-dcat.data.health.europa.eu/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"publisher": "id/agent/nobody"}, "there is no record id/agent/nobody"),
        ({"publisher": "id/dataset/other"}, "is of the kind dataset; organisation is needed"),
        ({"hdab": "id/agent/silent"}, "“How to reach it” is needed there"),
        ({"not_stated": [{"field": "title", "reason": "unknown"}]}, "takes no reason"),
        ({"not_stated": [{"field": "temporal", "reason": "unknown"}]}, "a value and a reason"),
        ({"theme": ["SOCI"]}, "“Health” must be among"),
    ],
)
def test_publication_looks_beyond_the_types(empty, changed, said):
    plant(empty, dataset(), dataset(title={"en": "Other"}))
    with empty.database.write() as session:
        empty.records.put(session, "dataset", dataset(), key="other", author="t")
        empty.records.put(session, "agent", {"name": {"en": "Silent"}}, key="silent", author="t")
        with pytest.raises(Invalid, match=said):
            empty.records.put(session, "dataset", dataset(**changed), key="x", author="t")


def test_two_parts_of_one_name_that_differ_are_refused(empty):
    parts = [{"id": "#d-1", "title": {"en": title}} for title in ("A", "B")]
    with empty.database.write() as session, pytest.raises(Invalid, match="two different parts"):
        empty.records.save(session, "dataset", {"distribution": parts}, author="ann")


def test_parts_keep_their_names_and_new_ones_get_numbers_never_used_in_the_document(empty):
    with empty.database.write() as session:
        first = empty.records.save(
            session,
            "dataset",
            {"distribution": [{"title": {"en": "A"}}, {"title": {"en": "B"}}]},
            key="d",
            author="ann",
        )
        kept = [first.draft["distribution"][1], {"title": {"en": "C"}}]
        second = empty.records.save(
            session, "dataset", {"distribution": kept}, key="d", author="ann"
        )
    assert [part["id"] for part in second.draft["distribution"]] == [
        "#distribution-2",
        "#distribution-3",
    ]


def test_slugs_are_readable_and_unique(empty):
    with empty.database.write() as session:
        slugs = [
            empty.records.save(session, "dataset", {"title": {"sv": title}}, author="a").slug
            for title in ("Läkemedelsregistret", "Läkemedelsregistret", "日本", "日本")
        ]
    assert slugs == ["lakemedelsregistret", "lakemedelsregistret-2", "record", "record-2"]


def test_a_withheld_holder_is_named_nowhere(empty):
    secret = agent("Clinique Secrète")
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="t")
        empty.records.put(session, "agent", secret, key="secret", author="t")
        empty.records.put(
            session,
            "dataset",
            dataset(
                holder_withheld=True,
                publisher="id/agent/secret",
                custodian="id/agent/secret",
                landing_page=["https://secret.example/"],
                contact_point=[{"email": "doctor@secret.example"}],
            ),
            key="hf",
            author="t",
        )
    with empty.database.read() as session:
        record = empty.records.by_slug(session, "dataset", "hf")
        said = repr(empty.graphs.fragment(record)) + repr(
            empty.graphs.self_contained(session, record)
        )
    assert "secret" not in said
    assert empty.finder.find(Query("secrete")).total == 0
    found = empty.finder.find(Query())
    assert "publisher" not in found.counts


def test_an_unknown_kind_or_key_is_named(empty):
    with empty.database.read() as session:
        with pytest.raises(NotFound, match="no kind of record"):
            empty.records.get(session, "biobank", "x")
        with pytest.raises(NotFound, match='no dataset "x"'):
            empty.records.by_slug(session, "dataset", "x")


def test_what_is_published_for_the_first_time_is_created_and_later_updated(empty):
    """To the moment: a description that nobody changed is not told to have been updated."""
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(), key="ghent", author="t")
        record = empty.records.put(session, "dataset", dataset(), key="hf", author="t")
        assert record.issued == record.modified
        assert empty.graphs._record_document(record)["status"].endswith("created")
        empty.records.put(session, "dataset", dataset(version="2"), key="hf", author="t")
        assert record.issued < record.modified
