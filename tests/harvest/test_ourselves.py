"""A second instance of ourselves: ours is harvested into another, and compared graph by graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT, free_port, served
from sqlalchemy import select

from catalogue.accounts.viewer import Viewer
from catalogue.harvest.models import FINISHED, Run, Source
from catalogue.instance import Catalogue
from catalogue.records.models import PUBLISHED, WITHDRAWN, Record
from catalogue.seed import seed
from catalogue.terms import Statement

ADMINISTRATOR = Viewer(user=1, name="Ada", role="administrator")


@pytest.fixture
def there(new_catalogue: Callable[..., Catalogue], tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with all demonstration records, served at its own address."""
    port = free_port()
    catalogue = new_catalogue("there", public_address=f"http://127.0.0.1:{port}/")
    seed(catalogue, ROOT / "seed_data")
    catalogue.catch_up()
    with served(catalogue.settings, port, tmp_path / "log"):
        yield catalogue


@pytest.fixture
def here(new_catalogue: Callable[..., Catalogue]) -> Catalogue:
    """An empty catalogue that may read it."""
    return new_catalogue("here", harvest_allow="127.0.0.1")


def run(here: Catalogue, there: Catalogue, path: str, **said: object) -> Run:
    """One run over a feed; the source is added at the first one."""
    address = there.settings.public_address + path
    with here.database.write() as session:
        source = session.scalar(select(Source).where(Source.address == address))
        if source is None:
            values = {"title": f"The other one: {path}", "address": address, "grace": 0, **said}
            source = here.sources.add(session, ADMINISTRATOR, values)
        number = here.sources.ask(session, ADMINISTRATOR, source).id
    here.tenders["harvest"](lambda: False)
    with here.database.read() as session:
        done = session.get_one(Run, number)
    assert done.state == FINISHED, (done.state, done.error)
    return done


def graphs(catalogue: Catalogue, base: str) -> dict[str, set[Statement]]:
    """What a catalogue says of each record whose address begins so, besides its own record of it."""
    said = {}
    with catalogue.database.read() as session:
        for record in session.scalars(select(Record).where(Record.state == PUBLISHED)):
            iri = catalogue.settings.public_address + record.iri
            iri = record.iri if record.iri.startswith("http") else iri
            if iri.startswith(base):
                statements = catalogue.graphs.fragment(record)
                said[iri] = {s for s in statements if "#record>" not in s[0] + s[2]}
    return said


def head(catalogue: Catalogue) -> int:
    """The number of the last change."""
    with catalogue.database.read() as session:
        return catalogue.whole(session, "facets")


@pytest.mark.parametrize("suffix", ["ttl", "rdf", "jsonld", "nt"])
def test_every_graph_arrives_as_it_is(here: Catalogue, there: Catalogue, suffix: str) -> None:
    done = run(here, there, f"catalogue.{suffix}")
    assert done.complete, done.missing
    base = there.settings.public_address
    ours, theirs = graphs(here, base), graphs(there, base)
    datasets = {iri for iri in theirs if "/id/dataset/" in iri}
    assert len(datasets) == 107
    assert datasets <= ours.keys()
    for iri in ours:
        assert ours[iri] == theirs[iri], iri


def test_what_changes_there_changes_here_and_nothing_else(
    here: Catalogue, there: Catalogue
) -> None:
    run(here, there, "catalogue.ttl")
    before = head(here)
    assert set(run(here, there, "catalogue.ttl").counts) == {"unchanged"}
    assert head(here) == before
    with there.database.write() as session:
        first, second = session.scalars(
            select(Record).where(Record.kind == "dataset").order_by(Record.id).limit(2)
        )
        said = {**(first.document or {}), "title": {"en": "Under another title"}}
        there.records.put(session, "dataset", said, key=first.key, author="user:1")
        there.records.withdraw(session, second, author="user:1")
    there.catch_up()
    done = run(here, there, "catalogue.ttl")
    assert done.counts["withdrawn"] == 1
    # The catalogue itself says when it changed; that is not a change of what it describes.
    assert done.counts["updated"] == 1
    base = there.settings.public_address
    assert graphs(here, base)[base + first.iri] == graphs(there, base)[base + first.iri]
    with here.database.read() as session:
        gone = session.scalars(select(Record).where(Record.iri == base + second.iri)).one()
        assert gone.state == WITHDRAWN


@pytest.mark.parametrize("path", ["fdp", "oai", "sitemap.xml"])
def test_our_other_ways_out_lead_to_the_same_records(
    here: Catalogue, there: Catalogue, path: str
) -> None:
    done = run(here, there, path, protocol="auto", incomplete="publish")
    base = there.settings.public_address
    ours, theirs = graphs(here, base), graphs(there, base)
    datasets = {iri for iri in theirs if "/id/dataset/" in iri}
    assert datasets <= ours.keys(), (done.counts, done.missing)
