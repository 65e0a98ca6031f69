"""Sources, runs and items as the harvester leaves them, as rows: for the pages that show them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from factories import dataset, plant
from sqlalchemy.orm import Session

from catalogue.harvest.models import Find, Item, Page, Run, Source, Unread
from catalogue.instance import Catalogue

FEED = "https://data.uz-gent.example/catalog.ttl"
RAW = '<https://data.uz-gent.example/hf> <http://purl.org/dc/terms/title> "Hearts"@en .\n'


def name_of(remote_id: str) -> str:
    """The digest that items and finds go by."""
    return hashlib.sha256(remote_id.encode()).hexdigest()


def source(session: Session, key: str = "ghent", **said: Any) -> Source:
    """A source as an administrator would add it."""
    values: dict[str, Any] = {
        "title": "Ghent University Hospital",
        "address": FEED,
        "protocol": "dcat",
        "options": {},
        "schedule": "daily",
        "edits": "local",
        "fields": {},
        "incomplete": "hold",
        "created": datetime.now(UTC),
        "author": "user:1",
        "state": "active",
    }
    added = Source(key=key, **{**values, **said})
    session.add(added)
    session.flush()
    return added


def run(session: Session, of: Source, state: str = "finished", **said: Any) -> Run:
    """A full run of a source that ended an hour ago, or did not end."""
    began = datetime.now(UTC) - timedelta(hours=1, minutes=2)
    values: dict[str, Any] = {
        "mode": "full",
        "author": "",
        "asked": began,
        "began": began,
        "ended": began + timedelta(minutes=2) if state in ("finished", "failed") else None,
        "protocol": of.protocol,
        "counts": {},
        "kinds": {},
    }
    added = Run(source_id=of.id, state=state, **{**values, **said})
    session.add(added)
    session.flush()
    return added


def find(session: Session, of: Run, remote_id: str, **said: Any) -> Find:
    """Something that a run found, and took in."""
    values: dict[str, Any] = {"kind": "dataset", "rank": 4, "outcome": "created"}
    added = Find(run_id=of.id, name=name_of(remote_id), remote_id=remote_id, **{**values, **said})
    session.add(added)
    return added


def item(session: Session, of: Source, remote_id: str, **said: Any) -> Item:
    """Something that is remembered of a source."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "kind": "dataset",
        "iri": remote_id if remote_id.startswith("http") else "",
        "hash": "x",
        "raw": gzip.compress(RAW.encode()),
        "seen": 1,
        "first": now - timedelta(days=40),
        "changed": now - timedelta(days=3),
        "outcome": "unchanged",
    }
    added = Item(
        source_id=of.id, name=name_of(remote_id), remote_id=remote_id, **{**values, **said}
    )
    session.add(added)
    session.flush()
    return added


def ghent(catalogue: Catalogue) -> dict[str, int]:
    """A source that was read: 53 of 54 there, with what can come of an item; its numbers."""
    hearts, _, lungs = plant(
        catalogue,
        dataset(title={"en": "Heart failure registry"}),
        dataset(identifier=["b"], title={"en": "Stroke unit cohort"}),
        dataset(identifier=["c"], title={"en": "Lung biobank"}),
    )
    stem = "https://data.uz-gent.example/"
    with catalogue.database.write() as session:
        of = source(
            session,
            fields={"description": "source"},
            due=datetime.now(UTC) + timedelta(hours=5),
        )
        counts = {"created": 1, "updated": 1, "unchanged": 49, "kept": 1, "failed": 1}
        at = run(
            session,
            of,
            entries=53,
            stated=54,
            pages=6,
            kinds={"dataset": 53},
            counts=counts,
            missing=[f"{stem}sleep"],
            complete=False,
        )
        session.add(
            Page(
                run_id=at.id,
                number=3,
                place="3",
                content="c",
                address=f"{FEED}?page=3",
                found=9,
                at=datetime.now(UTC),
                problems=["Line 214: <http://exa mple/> is no IRI; the statement was left out."],
            )
        )
        find(session, at, f"{stem}lungs", title="Lung biobank", record_id=lungs.id)
        find(
            session,
            at,
            f"{stem}hf",
            title="Heart failure registry",
            outcome="kept",
            record_id=hearts.id,
        )
        wrong = [
            {"path": ["publisher"], "message": "names no organisation", "severity": "violation"}
        ]
        find(session, at, "=cmd|' /C calc'!A0", outcome="failed", problems=wrong)
        kept = item(
            session,
            of,
            f"{stem}hf",
            record_id=hearts.id,
            seen=at.id,
            outcome="kept",
            kept=["title", "number_of_unique_individuals"],
            said=dataset(title={"en": "Hearts"}, number_of_unique_individuals=9000),
        )
        item(session, of, f"{stem}lungs", record_id=lungs.id, seen=at.id, outcome="created")
        failed = item(
            session,
            of,
            "=cmd|' /C calc'!A0",
            seen=at.id,
            outcome="failed",
            problems=wrong,
            raw=None,
        )
        for predicate in (
            "http://www.w3.org/ns/dcat#qualifiedRelation",
            "https://uz-gent.example/ns#ward",
        ):
            session.add(Unread(source_id=of.id, predicate=predicate, item_id=kept.id))
        return {"run": at.id, "kept": kept.id, "failed": failed.id, "record": hearts.id}


def others(catalogue: Catalogue) -> dict[str, int]:
    """Sources in every other state; the numbers of their runs, by key."""
    with catalogue.database.write() as session:
        numbers = {}

        def add(key: str, title: str, state: str, said: dict[str, Any], /, **of: Any) -> None:
            made = source(session, key, title=title, address=f"https://{key}.example/", **of)
            numbers[key] = run(session, made, state, **said).id

        add(
            "health-ri",
            "Health-RI, National Health Data Catalogue of the Netherlands",
            "asking",
            {
                "entries": 600,
                "stated": 600,
                "kinds": {"dataset": 600},
                "counts": {"unchanged": 600},
                "question": {
                    "is": "withdraw",
                    "count": 212,
                    "of": 812,
                    "examples": ["Rotterdam Study", "Lifelines"],
                },
            },
            protocol="ckan",
            options={"fq": "tags:health", "later": 3},
        )
        add(
            "nivel",
            "Nivel",
            "asking",
            {
                "entries": 90,
                "kinds": {"dataset": 90},
                "question": {"is": "new-ids", "count": 88, "of": 90, "alike": 85},
            },
            protocol="oai-pmh",
        )
        add(
            "sciensano",
            "Sciensano",
            "reading",
            {"entries": 340, "stated": 812, "pages": 4, "kinds": {"dataset": 340}},
        )
        add("inserm", "Inserm", "reading", {"entries": 40, "pages": 1}, protocol="csw")
        add(
            "ehden",
            "EHDEN",
            "failed",
            {
                "error": "https://ehden.example/ does not answer: no route to it after 4 attempts. Look whether the address is right."
            },
        )
        add("thl", "THL", "waiting", {"began": None})
        add("left", "Charité", "finished", {"entries": 3}, state="leaving", leaving="withdraw")
        previewed = source(
            session, "biobanks", title="BBMRI-ERIC Directory", state="paused", schedule="weekly"
        )
        shown = run(
            session,
            previewed,
            mode="preview",
            entries=20,
            stated=3120,
            counts={"created": 19, "failed": 1},
            author="user:1",
        )
        for number in range(20):
            find(
                session,
                shown,
                f"bbmri-eric:ID:BE_{number:03}",
                title=f"Biobank {number}",
                outcome="created" if number else "failed",
                problems=None if number else ["It has no title."],
            )
        numbers["biobanks"] = shown.id
        source(
            session,
            "new-one",
            title="Never read",
            address="https://new.example/data.csv",
            protocol="table",
            options={"identifier": "Register id"},
        )
        return numbers


def every_page(numbers: dict[str, int], runs: dict[str, int]) -> Sequence[str]:
    """The addresses of all pages about these sources."""
    own = [
        "/harvest",
        "/harvest/new",
        "/harvest/ghent",
        "/harvest/ghent/change",
        "/harvest/ghent/give-up",
        *(f"/harvest/ghent/give-up?way={way}" for way in ("keep", "withdraw", "delete")),
        f"/harvest/ghent/runs/{numbers['run']}",
        f"/harvest/ghent/runs/{numbers['run']}?outcome=failed",
        f"/harvest/ghent/runs/{numbers['run']}/undo",
        "/harvest/ghent/items",
        "/harvest/ghent/items?outcome=problems",
        "/harvest/ghent/items?q=nothing",
        f"/harvest/ghent/items/{numbers['kept']}",
        f"/harvest/ghent/items/{numbers['failed']}",
    ]
    for key, number in runs.items():
        own += [f"/harvest/{key}", f"/harvest/{key}/runs/{number}"]
    return own + (["/harvest/new-one"] if runs else [])
