"""Every reader reads every dataset exactly once, whatever happens while it reads.

The readers are test clients that follow the rules of piveau, udata, ckanext-dcat, GDI's
ckanext-fairdatapoint and the index of the FAIR Data Point; each says where its rules are from.
``test_real_ckan.py`` runs ckanext-dcat itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from readers import ckan, fair_data_point, piveau, udata
from readers.conftest import ADDRESS, COUNT, described, key_of
from readers.wire import Item, Wire
from sqlalchemy import update

from catalogue.changes import Position, head
from catalogue.records.models import Record

PAGED = {"piveau": piveau, "udata": udata, "ckan": ckan}
#: What may be harvested, and the numbers of the datasets in it; 5 is withdrawn.
SCOPES = {
    "catalogue": range(1, COUNT + 1),
    "catalogues/ehden/feed": range(1, COUNT + 1, 2),
    "organisations/leuven/feed": range(1, COUNT + 1, 2),
}
ROOT, ROUNDS = "fdp", 2

pytestmark = pytest.mark.readers


def iri_of(key: str) -> str:
    return f"{ADDRESS}id/dataset/{key}"


def iris_of(scope: str) -> set[str]:
    return {iri_of(key_of(number)) for number in SCOPES[scope] if number != 5}


def walks() -> Iterator[object]:
    """Reader, scope, and the address to begin at: each format by suffix, and without one."""
    for name, reader in PAGED.items():
        for scope in SCOPES:
            for suffix in (*(f".{one}" for one in reader.READS), ""):
                address = f"{ADDRESS}{scope}{suffix}"
                yield pytest.param(reader.walk, scope, address, id=f"{name}-{scope}{suffix}")
    for scope in SCOPES:
        address = f"{ADDRESS}{scope}.ttl"
        yield pytest.param(fair_data_point.walk, scope, address, id=f"gdi-{scope}")
    for scope, path in (
        ("catalogue", ROOT),
        ("catalogue", "id/catalogue/bd4bo"),
        ("catalogues/ehden/feed", "id/catalogue/ehden"),
    ):
        yield pytest.param(fair_data_point.walk, scope, ADDRESS + path, id=f"gdi-{path}")
    yield pytest.param(fair_data_point.index, "catalogue", ADDRESS + ROOT, id="fdp index")


@pytest.mark.parametrize(("walk", "scope", "address"), list(walks()))
def test_every_dataset_is_read_exactly_once(
    still: Flask, walk: Callable[..., Iterator[list[Item]]], scope: str, address: str
):
    documents = list(walk(Wire(still), address))
    items = [item for document in documents for item in document]
    assert Counter(item.iri for item in items) == Counter(iris_of(scope))
    assert len({item.identity for item in items}) == len(items)
    assert len(documents) > 2, "one page is no walk"


def test_no_walk_is_longer_than_its_pages(still: Flask):
    """So many requests and no more: the first page, each next one, and the end."""
    wire = Wire(still)
    pages = list(piveau.walk(wire, f"{ADDRESS}catalogue.ttl"))
    assert len(wire.asked) == len(pages) == len(set(wire.asked))
    assert all(url.partition("?")[0] == f"{ADDRESS}catalogue.ttl" for _, url in wire.asked)


class Disturbance:
    """Changes between the requests of a walk: edits everywhere, comings and goings."""

    def __init__(self, app: Flask, scope: str) -> None:
        self.catalogue = app.extensions["catalogue"]
        self.keys = [key_of(number) for number in SCOPES[scope] if number != 5]
        self.moved: set[str] = set()
        self.withdrawn: set[str] = set()
        self.round, self.first = 0, ""

    def happen(self, read: set[str]) -> None:
        """One more round of changes, given what has been read so far."""
        self.round += 1
        behind = [key for key in self.keys if iri_of(key) in read and key not in self.moved]
        ahead = [key for key in self.keys if iri_of(key) not in read and key not in self.moved]
        edited = {*behind[:1], *ahead[:1], *ahead[-1:]}
        with self.catalogue.changing() as session:
            for key in edited:
                number = int(key.removeprefix("d-"))
                changed = described(number, description={"en": f"As of round {self.round}."})
                self.catalogue.records.put(session, "dataset", changed, key=key, author="test")
            if self.round == 1:
                self.first = behind[0]
                self._withdraw(session, self.first)
                self._withdraw(session, ahead[-1])
                self._restore(session, "d-05")
            elif self.round == 2:
                self._restore(session, self.first)
                new = described(COUNT + 1)
                self.catalogue.records.put(session, "dataset", new, key="new", author="test")
                self.moved.add("new")

    def _withdraw(self, session, key: str) -> None:
        record = self.catalogue.records.get(session, "dataset", key)
        self.catalogue.records.withdraw(session, record, author="test")
        self.moved.add(key)
        self.withdrawn.add(key)

    def _restore(self, session, key: str) -> None:
        record = self.catalogue.records.get(session, "dataset", key)
        self.catalogue.records.restore(session, record, author="test")
        self.moved.add(key)
        self.withdrawn.discard(key)


def moving_walks() -> Iterator[object]:
    for name, reader in PAGED.items():
        for scope in SCOPES:
            address = f"{ADDRESS}{scope}.ttl"
            yield pytest.param(reader.walk, scope, address, id=f"{name}-{scope}")
    yield pytest.param(udata.walk, "catalogue", f"{ADDRESS}catalogue.jsonld", id="udata-jsonld")
    yield pytest.param(ckan.walk, "catalogue", f"{ADDRESS}catalogue.rdf", id="ckan-rdf")
    yield pytest.param(fair_data_point.walk, "catalogue", ADDRESS + ROOT, id="gdi")
    yield pytest.param(fair_data_point.index, "catalogue", ADDRESS + ROOT, id="fdp index")
    address = f"{ADDRESS}catalogues/ehden/feed.ttl"
    yield pytest.param(fair_data_point.walk, "catalogues/ehden/feed", address, id="gdi-ehden")


@pytest.mark.parametrize(("walk", "scope", "address"), list(moving_walks()))
def test_records_that_change_meanwhile_are_neither_lost_nor_read_twice(
    moving: Flask, walk: Callable[..., Iterator[list[Item]]], scope: str, address: str
):
    happening = Disturbance(moving, scope)
    read: list[str] = []
    gone_unread: set[str] = set()
    for document in walk(Wire(moving), address):
        read += [item.iri for item in document]
        if document and happening.round < ROUNDS:  # there is something behind and ahead
            before = set(read)
            happening.happen(before)
            gone_unread |= {iri_of(key) for key in happening.withdrawn} - before
            gone_unread -= {iri_of(key) for key in happening.moved - happening.withdrawn}
    assert happening.round == ROUNDS, "the walk was too short to be disturbed"
    times = Counter(read)
    assert max(times.values()) == 1, "a dataset was read twice"
    steady = {iri_of(key) for key in happening.keys if key not in happening.moved}
    assert steady <= times.keys(), "a dataset that was there all the time was not read"
    assert gone_unread
    assert not gone_unread & times.keys(), "a dataset was read after it was withdrawn"


@pytest.mark.parametrize("name", PAGED)
def test_whoever_narrows_the_feed_keeps_the_filter_on_every_page(moving: Flask, name: str):
    catalogue = moving.extensions["catalogue"]
    with catalogue.database.write() as session:  # as if nobody had touched them for years
        old = [key_of(number) for number in range(1, 8)]
        session.execute(
            update(Record)
            .where(Record.key.in_(old))
            .values(modified=datetime(2020, 1, 1, tzinfo=UTC))
        )
    address = f"{ADDRESS}catalogue.ttl?modified_since=2021-01-01T00:00:00Z"
    wire = Wire(moving)
    items = [item.iri for page in PAGED[name].walk(wire, address) for item in page]
    assert Counter(items) == Counter(iri_of(key_of(number)) for number in range(8, COUNT + 1))
    assert all("modified_since=2021" in url for _, url in wire.asked)
    assert len(wire.asked) > 2


def test_what_gdi_takes_for_the_dataset_is_that_dataset(still: Flask):
    """It takes the first ``dcat:Dataset`` of the document: there must be no other."""
    for iri in sorted(iris_of("catalogue")):
        taken, graph = fair_data_point.package(Wire(still), iri)
        assert taken == {iri}
        assert any("accessURL" in predicate for predicate in graph.predicates())


@pytest.mark.parametrize("address", ["", ROOT])
def test_the_index_of_fair_data_points_knows_the_catalogue_for_one(still: Flask, address: str):
    noted = fair_data_point.entry(Wire(still), ADDRESS + address)
    assert noted.keys() >= {"title", "description", "publisher", "publisherName"}


@pytest.mark.parametrize("reader", [piveau.walk, udata.walk, ckan.walk])
def test_when_a_page_cannot_be_had_the_walk_fails_and_nothing_looks_deleted(moving: Flask, reader):
    """Part of a feed with status 200 would look like deletions: the answer must be an error."""
    catalogue = moving.extensions["catalogue"]
    walk = reader(Wire(moving), f"{ADDRESS}catalogue.ttl")
    next(walk)
    with catalogue.database.write() as session:  # the view begins to be built anew
        catalogue.followers["rdf"].clear(session)
        session.execute(
            update(Position).where(Position.name == "rdf").values(seq=0, whole_from=head(session))
        )
    with pytest.raises((piveau.Broken, udata.Failed, ckan.Stopped), match="503"):
        list(walk)
