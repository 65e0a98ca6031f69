"""Probably the same dataset: what is a key, which pairs come of it, what a decision does."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from factories import agent, dataset
from harvest.portals import Portal
from sqlalchemy import func, select

from catalogue.accounts.models import Audit
from catalogue.accounts.viewer import Viewer
from catalogue.errors import Conflict, Forbidden, Invalid, NotFound
from catalogue.harvest.likeness import (
    Likeness,
    address_of,
    covered,
    doi_in,
    folded,
    identifier_of,
)
from catalogue.harvest.models import FINISHED, Item, Run, Source
from catalogue.harvest.pairs import DIFFERENT, MOST_SHARING, SAME, Decision, mark
from catalogue.records import revisions
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record

ADMINISTRATOR = Viewer(user=1, name="Ada", role="administrator")
REVIEWER = Viewer(user=2, name="Rae", role="reviewer")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "10.5281/zenodo.123",
        "doi:10.5281/Zenodo.123",
        "https://doi.org/10.5281/zenodo.123",
        "http://dx.doi.org/10.5281/ZENODO.123",
        "https://doi.org/10.5281%2Fzenodo.123",
        "Registry (10.5281/zenodo.123).",
        "https://zenodo.org/doi/10.5281/zenodo.123?lang=en",
    ],
)
def test_a_doi_is_the_same_however_it_is_written(text):
    assert doi_in(text) == "10.5281/zenodo.123"


@pytest.mark.parametrize("text", ["", "10.5/x", "version 10.1234", "110.5281/zenodo.1", "10.5281/"])
def test_what_is_no_doi_is_none(text):
    assert doi_in(text) == ""


def test_addresses_that_lead_to_the_same_place_are_one():
    same = {
        "https://Data.Hospital.example/dataset/1",
        "http://data.hospital.example/dataset/1/",
        "HTTPS://data.hospital.example:443/dataset/1",
    }
    assert {address_of(one) for one in same} == {"data.hospital.example/dataset/1"}
    assert address_of("https://h.example/d?id=1") != address_of("https://h.example/d?id=2")
    assert address_of("https://h.example/D") != address_of("https://h.example/d")
    assert [address_of(one) for one in ("mailto:a@b.org", "h.example", "http://[", "")] == [""] * 4


def test_identifiers_that_everybody_uses_are_no_key():
    assert identifier_of(" GHENT-HF  2024 ") == "ghent-hf 2024"
    uuid = "8f14e45f-ceea-467f-a8f2-1b1a1f0f0f0f"
    assert identifier_of(f"urn:uuid:{uuid.upper()}") == identifier_of(uuid) == uuid
    assert [identifier_of(one) for one in ("12345", "1234567", "ds-01", "", "12345678")] == [
        *([""] * 4),
        "12345678",
    ]


def test_titles_are_folded_over_case_accents_and_punctuation():
    assert folded("Registre «Cœur & Vaisseaux» — Liège") == folded(
        "registre cœur, vaisseaux; liege"
    )
    assert folded("Herzinsuffizienz-Register Straße") == "herzinsuffizienz register strasse"
    assert folded("Реєстр") != ""


def test_what_is_covered_reaches_from_the_first_day_to_the_last():
    two = {
        "temporal": [{"start_date": "2009", "end_date": "2010-06"}, {"start_date": "2015-02-03"}]
    }
    assert covered(two) == (datetime(2009, 1, 1).toordinal(), datetime.max.toordinal())
    assert covered({"temporal": [{"start_date": "soon"}, {}]}) == (None, None)


# keys -----------------------------------------------------------------------------------


def keys(catalogue, key):
    with catalogue.database.read() as session:
        number = catalogue.records.get(session, "dataset", key).id
        return set(session.scalars(select(Likeness.key).where(Likeness.record_id == number)))


def put(catalogue, key="hf", /, **changed):
    """Publish a dataset of the hospital; returns its number."""
    with catalogue.changing() as session:
        if not session.scalar(select(Record.id).where(Record.key == "ghent")):
            catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        document = dataset(**{"identifier": [f"own-{key}"], **changed})
        return catalogue.records.put(session, "dataset", document, key=key, author="test").id


def test_a_dataset_has_a_key_for_everything_it_may_be_known_by(empty):
    put(
        empty,
        title={"en": "Heart failure registry", "nl": "Hartfalenregister"},
        identifier=["https://doi.org/10.5281/zenodo.1", "GHENT-HF", "https://H.example/hf/"],
        other_identifier=[{"notation": "EGAD00001"}],
        landing_page=["https://doi.org/10.1000/other", "https://h.example/about"],
    )
    assert keys(empty, "hf") == {
        "doi:10.5281/zenodo.1",
        "doi:10.1000/other",
        "id:ghent-hf",
        "id:egad00001",
        "iri:h.example/hf",
        "iri:catalogue.example.org/id/dataset/hf",
        "title:heart failure registry | hospital of ghent",
        "title:hartfalenregister | hospital of ghent",
    }


def test_keys_follow_a_change_and_go_when_the_dataset_is_withdrawn(empty):
    put(empty)
    put(empty, identifier=["another-one"])
    assert "id:another-one" in keys(empty, "hf")
    assert "id:own-hf" not in keys(empty, "hf")
    with empty.changing() as session:
        record = empty.records.get(session, "dataset", "hf")
        empty.records.withdraw(session, record, author="test")
    assert keys(empty, "hf") == set()


def test_keys_follow_the_name_of_the_holder(empty):
    put(empty)
    with empty.changing() as session:
        empty.records.put(session, "agent", agent("Ghent UMC"), key="ghent", author="test")
    assert "title:heart failure registry of ghent | ghent umc" in keys(empty, "hf")


def test_what_is_not_for_everybody_is_no_key(empty):
    audience = empty.vocabularies["audience"].by_code["curators"].iri
    put(
        empty,
        holder_withheld=True,
        other_identifier=[{"notation": "EGAD00001"}],
        restricted=[{"field": "other_identifier", "audience": audience}],
    )
    assert keys(empty, "hf") == {"id:own-hf", "iri:catalogue.example.org/id/dataset/hf"}


def test_a_long_title_is_a_key_of_bounded_length(empty):
    put(empty, title={"en": "Registry of " + "very " * 100 + "rare diseases"})
    put(empty, "hf-2", title={"en": "Registry of " + "very " * 100 + "common diseases"})
    one, other = ({k for k in keys(empty, key) if k[:2] == "ti"} for key in ("hf", "hf-2"))
    assert len(one) == len(other) == 1
    assert one.isdisjoint(other)


def source(catalogue, key="portal"):
    with catalogue.database.write() as session:
        found = Source(
            key=key,
            title=f"The {key}",
            address=f"https://{key}.example/",
            protocol="dcat",
            options={},
            schedule="daily",
            fields={},
            created=NOW,
            author="test",
        )
        session.add(found)
        session.flush()
        return found.id


def item(catalogue, source_id, record_id, iri="https://portal.example/ds/1", raw=""):
    with catalogue.database.write() as session:
        session.add(
            Item(
                source_id=source_id,
                name=f"{source_id}-{record_id}",
                remote_id=iri,
                kind="dataset",
                iri=iri,
                record_id=record_id,
                hash="abc",
                raw=gzip.compress(raw.encode()),
                seen=1,
                first=NOW,
                changed=NOW,
            )
        )


def test_what_a_source_calls_the_same_is_a_key(empty):
    number = put(empty)
    subject = "https://portal.example/ds/1"
    said = (
        f"<{subject}> <http://www.w3.org/2002/07/owl#sameAs> <https://other.example/x> .\n"
        "<https://e.example/> <http://www.w3.org/2002/07/owl#sameAs> <https://no.example/> .\n"
        f"<{subject}> <https://schema.org/sameAs> <https://doi.org/10.5281/zenodo.9> .\n"
    )
    item(empty, source(empty), number, subject, said)
    put(empty, description={"en": "Another."})
    assert {"iri:portal.example/ds/1", "iri:other.example/x", "doi:10.5281/zenodo.9"} < keys(
        empty, "hf"
    )
    assert not any("no.example" in key for key in keys(empty, "hf"))


def test_built_anew_the_keys_are_the_same(empty):
    put(empty)
    put(empty, "hf-2")
    before = keys(empty, "hf"), keys(empty, "hf-2")
    empty.follow.rebuild(empty.followers["likeness"])
    assert (keys(empty, "hf"), keys(empty, "hf-2")) == before


def test_a_damaged_record_stops_nothing(empty):
    put(empty)
    number = put(empty, "hf-2")
    with empty.database.write() as session:
        session.get_one(Record, number).document = {"title": "no map", "identifier": 5}
    empty.follow.rebuild(empty.followers["likeness"])
    assert keys(empty, "hf-2") == set()
    assert keys(empty, "hf") != set()


# pairs ----------------------------------------------------------------------------------


def pairs(catalogue, page=1, size=20):
    with catalogue.database.read() as session:
        found, total = catalogue.pairs.open(session, page, size)
        said = [(one.left.key, one.right.key, list(one.reasons)) for one in found]
    return said, total


def test_two_with_one_doi_are_a_pair_and_it_is_said_why(empty):
    put(empty, identifier=["doi:10.5281/zenodo.1"], title={"en": "Heart registry"})
    put(empty, "b", landing_page=["https://doi.org/10.5281/zenodo.1"], title={"en": "Hearts"})
    put(empty, "c", title={"en": "Kidneys"})
    assert pairs(empty) == ([("hf", "b", ["the same DOI: 10.5281/zenodo.1"])], 1)


def test_the_best_evidence_stands_first(empty):
    titles = {n: {"en": f"Registry {n}"} for n in "abcd"}
    put(empty, "a1", title=titles["a"])
    put(empty, "a2", title=titles["a"])
    put(empty, "b1", title=titles["b"], identifier=["https://h.example/b"])
    put(empty, "b2", title={"en": "B"}, identifier=["http://h.example/b/"])
    put(empty, "c1", title=titles["c"], identifier=["EGAD00001"])
    put(empty, "c2", title={"en": "C"}, other_identifier=[{"notation": "egad00001"}])
    put(empty, "d1", title=titles["d"], identifier=["10.5281/zenodo.1"])
    put(empty, "d2", title={"en": "D"}, identifier=["doi:10.5281/zenodo.1"])
    found, total = pairs(empty)
    assert [one[:2] for one in found] == [("d1", "d2"), ("c1", "c2"), ("b1", "b2"), ("a1", "a2")]
    assert total == 4
    assert [one[0] for one in pairs(empty, 2, 3)[0]] == ["a1"]


@pytest.mark.parametrize(
    ("one", "other", "is_pair"),
    [
        (("2009", "2015"), ("2016", "2020"), False),
        (("2014", "2015"), ("2015", "2016"), True),
        (("2015", "2015"), ("2016", "2016"), False),
        (("2009", "2019"), ("2009", None), True),
        ((None, "2009"), ("2012", None), False),
        (("2009", "2019"), (None, None), True),
        (("2009-01-01", "2009-06-30"), ("2009-07-01", "2009-12-31"), False),
    ],
)
def test_of_the_same_title_periods_that_contradict_each_other_are_no_pair(
    empty, one, other, is_pair
):
    for key, (start, end) in (("a", one), ("b", other)):
        period = {"start_date": start, "end_date": end}
        said = {name: value for name, value in period.items() if value}
        put(empty, key, temporal=[said] if said else None)
    found, total = pairs(empty)
    assert total == len(found) == int(is_pair)
    with empty.database.read() as session:
        numbers = session.scalars(select(Record.id).where(Record.kind == "dataset")).all()
        assert bool(empty.pairs.pair(session, *numbers).reasons) == is_pair


def test_the_same_identifier_holds_whatever_the_periods(empty):
    put(empty, "a", identifier=["EGAD00001"], temporal=[{"end_date": "2001"}])
    put(empty, "b", identifier=["EGAD00001"], temporal=[{"start_date": "2005"}])
    assert pairs(empty)[0] == [("a", "b", ["the same identifier: egad00001"])]


def test_a_dataset_and_a_series_are_no_pair(empty):
    put(empty, "a", identifier=["https://h.example/1"])
    with empty.changing() as session:
        series = {"title": {"en": "Heart failure registry of Ghent"}, "publisher": "id/agent/ghent"}
        series |= {"description": {"en": "All."}, "contact_point": dataset()["contact_point"]}
        series |= {"applicable_legislation": dataset()["applicable_legislation"]}
        empty.records.put(session, "series", series, key="s", author="test")
    assert pairs(empty) == ([], 0)


def test_what_many_share_makes_no_pairs_but_is_told(empty):
    for number in range(MOST_SHARING + 1):
        put(empty, f"d{number}", title={"en": f"D{number}"}, identifier=["untitled"])
    assert pairs(empty) == ([], 0)
    with empty.database.read() as session:
        (crowd,) = empty.pairs.crowds(session)
    assert (crowd.words, crowd.number) == ("the same identifier: untitled", MOST_SHARING + 1)


# decisions ------------------------------------------------------------------------------


@pytest.fixture
def two(empty):
    """Two datasets with one identifier; the second one comes from two sources."""
    one = put(empty, "a", identifier=["EGAD00001"], title={"en": "Hearts of Ghent"})
    other = put(empty, "b", identifier=["egad00001"], title={"en": "Heart registry"})
    for key in ("portal", "network"):
        item(empty, source(empty, key), other, f"https://{key}.example/ds/1")
    return empty, one, other


def decide(catalogue, *said, viewer=ADMINISTRATOR, **more):
    with catalogue.changing() as session:
        return catalogue.pairs.decide(session, viewer, *said, **more).id


def undo(catalogue, one, other, viewer=ADMINISTRATOR):
    with catalogue.changing() as session:
        catalogue.pairs.undo(session, viewer, one, other)


def states(catalogue, *numbers):
    with catalogue.database.read() as session:
        return [session.get_one(Record, number).state for number in numbers]


def test_a_pair_tells_where_the_two_come_from(two):
    catalogue, one, other = two
    with catalogue.database.read() as session:
        pair = catalogue.pairs.pair(session, other, one)
        assert (pair.left.id, pair.right.id) == (one, other)
        assert [at.source.title for at in pair.of(pair.right)] == ["The portal", "The network"]
        assert pair.of(pair.left) == ()


def test_the_same_dataset_is_kept_once_and_remembered(two):
    catalogue, one, other = two
    decide(catalogue, other, one, SAME, one)
    assert states(catalogue, one, other) == [PUBLISHED, WITHDRAWN]
    assert pairs(catalogue) == ([], 0)
    with catalogue.database.read() as session:
        assert set(session.scalars(select(Item.same_as))) == {one}
        (done,), total = catalogue.pairs.decided(session, 1, 20)
        assert (done.decision.decision, done.decision.stays, total) == (SAME, one, 1)
        assert done.reasons == ["the same identifier: egad00001"]
        step = revisions.of(session, done.right)[0]
        assert step.note == "The same dataset as Hearts of Ghent (id/dataset/a), which stays"
        assert step.author == "user:1"
        assert session.scalars(select(Audit.action)).all() == ["pair-decided"]


def test_undone_it_is_there_again_and_its_sources_are_read_anew(two):
    catalogue, one, other = two
    decide(catalogue, one, other, SAME, one)
    undo(catalogue, one, other)
    assert states(catalogue, one, other) == [PUBLISHED, PUBLISHED]
    assert [found[:2] for found in pairs(catalogue)[0]] == [("a", "b")]
    with catalogue.database.read() as session:
        assert {tuple(row) for row in session.execute(select(Item.same_as, Item.hash))} == {
            (None, "")
        }
        assert catalogue.pairs.decided(session, 1, 20) == ([], 0)
        remembered = session.scalars(select(Decision)).one()
        assert (remembered.decision, remembered.undone_by) == (SAME, "user:1")
    decide(catalogue, one, other, SAME, other)
    assert states(catalogue, one, other) == [WITHDRAWN, PUBLISHED]


def test_different_datasets_are_not_proposed_again_until_that_is_undone(two):
    catalogue, one, other = two
    decide(catalogue, one, other, DIFFERENT)
    assert states(catalogue, one, other) == [PUBLISHED, PUBLISHED]
    assert pairs(catalogue) == ([], 0)
    put(catalogue, "a", identifier=["EGAD00001"], title={"en": "Heart registry"})
    catalogue.follow.rebuild(catalogue.followers["likeness"])
    assert pairs(catalogue) == ([], 0)
    undo(catalogue, one, other)
    assert pairs(catalogue)[1] == 1


def test_nothing_is_decided_twice(two):
    catalogue, one, other = two
    decide(catalogue, one, other, DIFFERENT)
    with pytest.raises(Conflict):
        decide(catalogue, one, other, SAME, one)
    undo(catalogue, one, other)
    with pytest.raises(NotFound):
        undo(catalogue, one, other)


def test_pairs_are_counted_anew_when_a_record_or_a_decision_changes(empty):
    def count():
        with empty.database.read() as session:
            return empty.pairs.count(session)

    assert count() == 0
    one, other = (put(empty, key, identifier=["EGAD00001"]) for key in "ab")
    assert count() == count() == 1
    decide(empty, one, other, DIFFERENT)
    assert count() == 0
    undo(empty, one, other)
    assert count() == 1
    decide(empty, one, other, DIFFERENT)
    assert count() == 0


def test_only_administrators_decide(two):
    catalogue, one, other = two
    for viewer in (REVIEWER, Viewer(), Viewer(user=3, role="administrator", reads_only=True)):
        with pytest.raises(Forbidden):
            decide(catalogue, one, other, DIFFERENT, viewer=viewer)
    decide(catalogue, one, other, DIFFERENT)
    with pytest.raises(Forbidden):
        undo(catalogue, one, other, viewer=REVIEWER)


def test_what_changed_meanwhile_is_looked_at_again(two):
    catalogue, one, other = two
    with catalogue.database.read() as session:
        seen = mark(catalogue.pairs.pair(session, one, other))
    put(catalogue, "a", identifier=["EGAD00001"], title={"en": "Something else"})
    with pytest.raises(Conflict):
        decide(catalogue, one, other, SAME, one, seen=seen)


def test_what_makes_no_sense_is_refused(two):
    catalogue, one, other = two
    with pytest.raises(Invalid):
        decide(catalogue, one, other, "maybe")
    with pytest.raises(Invalid):
        decide(catalogue, one, other, SAME)
    for a, b in ((one, one), (one, 999), (one, 1)):
        with pytest.raises(NotFound):
            decide(catalogue, a, b, DIFFERENT)
    with catalogue.changing() as session:
        catalogue.records.withdraw(session, session.get_one(Record, other), author="test")
    with pytest.raises(Conflict):
        decide(catalogue, one, other, SAME, one)
    with catalogue.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_a_pair_restored_by_hand_can_still_be_undone(two):
    catalogue, one, other = two
    decide(catalogue, one, other, SAME, one)
    with catalogue.changing() as session:
        catalogue.records.restore(session, session.get_one(Record, other), author="test")
    undo(catalogue, one, other)
    assert states(catalogue, one, other) == [PUBLISHED, PUBLISHED]


def test_what_was_published_though_it_lacks_something_comes_back_so(two):
    catalogue, one, other = two
    document = dataset(identifier=["egad00001"], title={"en": "Heart registry"}, keyword=None)
    del document["health_category"]
    document = catalogue.profile["Dataset"].identify(document)
    with catalogue.changing() as session:
        catalogue.records.adopt(
            session, "dataset", document, key="b", lacking=True, author="harvest:portal"
        )
    decide(catalogue, one, other, SAME, one)
    undo(catalogue, one, other)
    assert states(catalogue, one, other) == [PUBLISHED, PUBLISHED]


def test_a_decision_whose_kept_one_is_gone_asks_for_another_look(two):
    catalogue, one, other = two
    decide(catalogue, one, other, SAME, one)
    third = put(catalogue, "c", identifier=["EGAD00002"], title={"en": "C"})
    fourth = put(catalogue, "d", identifier=["EGAD00002"], title={"en": "D"})
    decide(catalogue, third, fourth, DIFFERENT)
    with catalogue.database.read() as session:
        found, total = catalogue.pairs.decided(session, 1, 20)
        assert ([at.left.key for at in found], total) == (["c", "a"], 2)
    with catalogue.changing() as session:
        catalogue.records.withdraw(session, session.get_one(Record, one), author="test")
    with catalogue.database.read() as session:
        found, _ = catalogue.pairs.decided(session, 1, 20)
        assert [at.left.key for at in found] == ["a", "c"]


# with runs ------------------------------------------------------------------------------


def read(catalogue, source):
    """Let a worker read a source; what became of its datasets."""
    with catalogue.database.write() as session:
        source = session.get_one(Source, source)
        number = catalogue.sources.ask(session, ADMINISTRATOR, source, "full").id
    catalogue.tenders["harvest"](lambda: False)
    catalogue.catch_up()
    with catalogue.database.read() as session:
        run = session.get_one(Run, number)
        assert (run.state, run.error) == (FINISHED, "")
        return run.counts


def test_what_was_decided_outlives_every_run(new_catalogue, new_site):
    """A later run changes nothing of what was withdrawn; undone, the next one brings it to date."""
    catalogue = new_catalogue(harvest_allow="127.0.0.1")
    portals = [
        Portal(new_site(), catalogue.profile, base=f"https://{name}.example/")
        for name in ("one", "two")
    ]
    for portal, title in zip(portals, ("Stroke registry", "Registry of strokes"), strict=True):
        portal.datasets["s"] = dataset(title={"en": title}, identifier=["10.5281/zenodo.7"])
    with catalogue.database.write() as session:
        sources = [
            catalogue.sources.add(
                session,
                ADMINISTRATOR,
                {"title": portal.base, "address": portal.address, "protocol": "dcat"},
            ).id
            for portal in portals
        ]
    for source in sources:
        read(catalogue, source)
    with catalogue.database.read() as session:
        (pair,), _ = catalogue.pairs.open(session, 1, 20)
        one, other = pair.left.id, pair.right.id
        assert pair.reasons[0] == "the same DOI: 10.5281/zenodo.7"
        assert pair.of(pair.right)[0].source.title == "https://two.example/"
    decide(catalogue, one, other, SAME, one)

    portals[1].datasets["s"]["title"] = {"en": "Registry of all strokes"}
    for source in (*sources, sources[1]):
        read(catalogue, source)
        assert states(catalogue, one, other) == [PUBLISHED, WITHDRAWN]
        assert pairs(catalogue) == ([], 0)

    undo(catalogue, one, other)
    read(catalogue, sources[1])
    assert states(catalogue, one, other) == [PUBLISHED, PUBLISHED]
    with catalogue.database.read() as session:
        assert session.get_one(Record, other).title == "Registry of all strokes"
    assert pairs(catalogue)[1] == 1
