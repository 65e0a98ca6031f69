"""Somebody who has not signed in walks every route, and sees nothing that is not public.

Every kind of secret holds a word of its own; the walk follows every link and calls every rule
of the address map with every record there is.  A rule added later is walked too.
"""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from urllib.parse import quote, urljoin, urlsplit

import pytest
from conftest import ADDRESS
from exports import written
from factories import agent, dataset
from werkzeug.routing import BuildError

from catalogue.accounts.models import Membership, Organisation, User
from catalogue.accounts.viewer import Viewer
from catalogue.app import create_app

#: A word for each kind of secret, that is nowhere else in the program or its vocabularies.
SECRETS = {
    "draft": "Aardwolf",
    "draft of an organisation": "Bandicoot",
    "working copy": "Capybara",
    "submitted": "Dugong",
    "withdrawn": "Echidna",
    "members only": "Fossa",
    "curators only": "Gerenuk",
    "withheld contact": "Hyrax",
    "withheld holder": "Indri",
    "note of a withheld holder": "Jerboa",
    "comment": "Kinkajou",
    "note of a draft": "Loris",
    "person": "Markhor",
    "address of a person": "numbat",
    "team": "Okapi",
    "draft of a fingerprint": "Pangolin",
    "fingerprint that was taken back": "Quokka",
}
EDITOR = Viewer(user=1, name=SECRETS["person"], roles={1: "manager"})
REVIEWER = Viewer(user=2, name=SECRETS["person"], role="reviewer")


@pytest.fixture
def told(empty):
    """A catalogue that holds one of each secret beside what is public."""
    audiences = empty.vocabularies["audience"].by_code
    now = datetime.now(UTC)
    with empty.changing() as session:
        session.add(
            User(
                id=1,
                email=f"{SECRETS['address of a person']}@example.org",
                email_folded=f"{SECRETS['address of a person']}@example.org",
                name=SECRETS["person"],
                stamp="x",
                created=now,
                confirmed=now,
            )
        )
        team = Organisation(
            id=1, key="team", name=SECRETS["team"], agent="id/agent/ghent", created=now
        )
        session.add(team)
        session.flush()
        session.add(Membership(user_id=1, organisation_id=1, role="manager"))
        records, workspace = empty.records, empty.workspace
        records.put(session, "agent", agent(), key="ghent", author="user:1")
        records.put(
            session, "agent", agent(SECRETS["withheld holder"]), key="hidden", author="user:1"
        ).organisation = 1
        records.save(
            session,
            "agent",
            agent(SECRETS["draft of an organisation"]),
            key="draft-agent",
            author="user:1",
            note=SECRETS["note of a draft"],
        )

        def begin(key: str, **changed):
            return workspace.create(session, EDITOR, "dataset", team, dataset(**changed), key=key)

        def publish(record) -> None:
            workspace.take(session, EDITOR, record, "submit", SECRETS["note of a draft"])
            workspace.take(session, REVIEWER, record, "publish")

        draft = begin("draft", title={"en": SECRETS["draft"]})
        workspace.comment(session, EDITOR, draft, "title", SECRETS["comment"])
        submitted = begin("submitted", title={"en": SECRETS["submitted"]})
        workspace.take(session, EDITOR, submitted, "submit", SECRETS["note of a draft"])
        published = begin("published")
        publish(published)
        workspace.save(
            session,
            EDITOR,
            published,
            dataset(description={"en": SECRETS["working copy"]}),
            note=SECRETS["note of a draft"],
        )
        keep_fingerprints(empty, session, published)
        withdrawn = begin("withdrawn", title={"en": SECRETS["withdrawn"]})
        publish(withdrawn)
        workspace.take(session, EDITOR, withdrawn, "withdraw", "It was moved")
        restricted = begin(
            "restricted",
            count_note={"en": SECRETS["members only"]},
            access_cost={"en": SECRETS["curators only"]},
            restricted=[
                {"field": "count_note", "audience": audiences["members"].iri},
                {"field": "access_cost", "audience": audiences["curators"].iri},
            ],
        )
        publish(restricted)
        withheld = begin(
            "withheld",
            holder_withheld=True,
            publisher="id/agent/hidden",
            contact_point=[
                {"contact_name": SECRETS["withheld contact"], "email": "desk@example.org"}
            ],
        )
        workspace.take(session, EDITOR, withheld, "submit")
        workspace.take(session, REVIEWER, withheld, "publish", SECRETS["note of a withheld holder"])
        # That the organisation exists is its own affair; here it is not public either.
        records.withdraw(
            session, records.get(session, "agent", "hidden"), author="user:1", note="Hidden"
        )
    # Reports of what portals would say are made in the background; here, of all there is.
    for reference in ("id/agent/ghent", "id/agent/hidden"):
        empty.preflight.ask(reference)
    empty.tenders["pre-flight"](lambda: False)
    return empty


def keep_fingerprints(catalogue, session, record) -> None:
    """One that was taken back, and a draft of another."""
    fingerprints, lines = catalogue.fingerprints, [[1, *[""] * 5, 5000, *[""] * 10]]
    for secret in ("fingerprint that was taken back", "draft of a fingerprint"):
        named = [400, 7, *[""] * 4, 900, *[""] * 9, SECRETS[secret]]
        made = fingerprints.made_of(session, record, written([*lines, named])).fingerprint
        assert SECRETS[secret] in str(made)
        after = fingerprints.release_of(session, record)
        fingerprints.keep(session, EDITOR, record, made, after)
        if not after:
            fingerprints.release(session, EDITOR, record)
            fingerprints.take_back(session, EDITOR, record)


@pytest.fixture
def app(told):
    app = create_app(catalogue=told)
    app.testing = False
    return app


def fillings(catalogue) -> dict[str, list[object]]:
    """What may stand in the places of a rule, by the name of the place."""
    with catalogue.database.read() as session:
        from sqlalchemy import select

        from catalogue.records.models import Record

        records = session.scalars(select(Record)).all()
        keys = sorted({one.key for one in records} | {one.slug for one in records})
    return {
        "slug": [*keys],
        "key": [*keys],
        "kind": ["dataset", "agent"],
        "path": ["datasets", "organisations"],
        "suffix": ["ttl", "jsonld", "rdf", "nt", "json", "ris", "bib", "csv", "xlsx"],
        "step": ["submit", "publish", "withdraw"],
        "act": ["release"],
        "section": ["about", "people"],
        "number": [1],
        "left": [1, 2],
        "right": [3],
        "user": [1],
        "invitation": [1],
        "token": ["guess"],
        "tray": ["guess"],
        "secret": ["guess"],
        "name": ["country", "Dataset"],
        "vocabulary": ["country"],
        "code": ["BEL"],
        "by": ["spatial"],
        "field": ["spatial"],
        "facet": ["spatial"],
        "filename": ["catalogue.css"],
        "shape": ["Dataset"],
    }


def addresses(app, catalogue) -> Iterator[str]:
    """Every GET rule of the address map, filled in every way."""
    known = fillings(catalogue)
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        places = [name for name in rule.arguments if name not in (rule.defaults or {})]
        missing = [name for name in places if name not in known]
        assert not missing, f"{rule.rule}: say in this test what {missing} may be"
        built = 0
        for filled in product(*(known[name] for name in places)):
            values = dict(zip(places, filled, strict=True)) | dict(rule.defaults or {})
            with suppress(BuildError, ValueError):  # a place that takes other values
                yield adapter.build(rule.endpoint, values)
                built += 1
        assert built, f"{rule.rule}: nothing this test knows fits"


def links_of(page: str, address: str) -> Iterator[str]:
    for link in re.findall(r'(?:href|src|action)="([^"]+)"', page):
        parts = urlsplit(urljoin(ADDRESS + address.lstrip("/"), html.unescape(link)))
        if f"{parts.scheme}://{parts.netloc}/" == ADDRESS:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def unpacked(response) -> bytes:
    body = response.get_data()
    return gzip.decompress(body) if response.mimetype == "application/gzip" else body


def leaks(response) -> list[str]:
    said = unpacked(response) + str(response.headers).encode()
    text = said.decode("utf-8", "replace").casefold()
    return [what for what, word in SECRETS.items() if word.casefold() in text]


MOST = 1_500
_QUERY = "CONSTRUCT { ?s ?p ?o } WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
#: Everything there is, as other portals take it; what is public must be in each.
IN_OTHER_FORMS = [
    *(f"/catalogue.{suffix}" for suffix in ("ttl", "rdf", "jsonld", "nt")),
    *(f"/catalogue.ttl?profile={name}" for name in ("dcat", "dcat-ap", "healthdcat-ap")),
    "/catalogue.ttl?self_contained=true",
    "/catalogue.ttl?modified_since=2020",
    "/organisations/ghent/feed.ttl",
    *(f"/ldes.{suffix}" for suffix in ("trig", "jsonld", "nq")),
    *(f"/dump.{suffix}{packed}" for suffix in ("nt", "nq", "ttl") for packed in ("", ".gz")),
    *(f"/oai?verb=ListRecords&metadataPrefix={name}" for name in ("oai_dc", "dcat_ap")),
    "/datasets.atom",
    "/changes?since=0",
    f"/sparql?format=nt&query={quote(_QUERY)}",
]


def test_an_anonymous_walk_over_every_route_meets_no_secret(app, told):
    client = app.test_client()
    waiting = list(dict.fromkeys(addresses(app, told)))
    # What only a question leads to: every secret is asked for by name.
    for word in SECRETS.values():
        waiting += [
            f"/datasets?q={word}",
            f"/datasets.atom?q={word}",
            f"/api/v1/datasets?q={word}",
            f"/api/v1/suggestions?q={word[:4]}",
            f"/workspace/pick/records/agent?q={word[:5]}",
        ]
    every = "&".join(f"dataset={key}" for key in fillings(told)["key"])
    waiting += [f"/compare{suffix}?{every}" for suffix in ("", ".csv", ".ris", ".bib")]
    waiting += [f"/api/v1/compare?dataset={key}" for key in fillings(told)["key"]]
    waiting += [f"/datasets/published{at}" for at in ("?at=2026", "?at=2100", ".ttl?at=2100")]
    waiting += IN_OTHER_FORMS
    seen, problems = set(waiting), []
    for number in range(MOST):
        if number >= len(waiting):
            break
        address = waiting[number]
        asked = re.search(r"q(?:=|%3D)(\w+)", address)
        response = client.get(address, headers={"Accept": "text/html, */*;q=0.1"})
        assert response.status_code < 500, address
        if address in IN_OTHER_FORMS:
            assert response.status_code == 200, (address, response.text[:300])
            assert (
                b"Heart failure registry" in unpacked(response) or address == "/changes?since=0"
            ), address
        found = leaks(response)
        if asked:  # a page repeats what was asked for
            found = [
                one for one in found if not SECRETS[one].casefold().startswith(asked[1].casefold())
            ]
        if found:
            problems.append((address, found))
        assert "Set-Cookie" not in response.headers or address.startswith(("/sign-in", "/register"))
        if response.mimetype == "text/html":
            for link in links_of(response.text, address):
                if link not in seen and "q=" not in link and "/compare" not in link:
                    seen.add(link)
                    waiting.append(link)
    assert problems == []
    assert number > 300


def test_a_search_for_a_withheld_holder_finds_nothing(app):
    client = app.test_client()
    for word in ("draft", "submitted", "withdrawn", "withheld holder", "withheld contact"):
        found = client.get(f"/api/v1/datasets?q={SECRETS[word]}").get_json()
        assert found["total"] == 0, word
        assert found["items"] == [], word


def test_changing_anything_asks_who_it_is(app, told):
    client = app.test_client()
    known = fillings(told)
    origin = {"Origin": ADDRESS.rstrip("/"), "Accept": "text/html"}
    adapter = app.url_map.bind("localhost")
    public = (
        "/sign-in",
        "/register",
        "/confirm",
        "/forgotten",
        "/reset",
        "/invitation",
        "/sign-out",
        "/oai",  # a harvester may ask by POST as by GET
        "/sparql",  # a question
        "/statements",  # made by anybody, of what everybody sees; deleting asks who it is
    )
    with told.database.read() as session:
        from sqlalchemy import func, select

        from catalogue.records.models import Revision

        before = session.scalar(select(func.count()).select_from(Revision))
    for rule in app.url_map.iter_rules():
        for method in {"POST", "PUT", "PATCH", "DELETE"} & set(rule.methods or ()):
            if rule.rule.startswith(public):
                continue
            values = {name: known[name][0] for name in rule.arguments if name in known}
            address = adapter.build(
                rule.endpoint, values | dict(rule.defaults or {}), method=method
            )
            response = client.open(address, method=method, headers=origin, data={})
            assert response.status_code in (401, 303, 403, 410), (
                method,
                address,
                response.status_code,
            )
            if response.status_code == 303:
                assert response.headers["Location"].startswith("/sign-in"), address
    with told.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == before
