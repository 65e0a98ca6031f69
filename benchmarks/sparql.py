"""Measure SPARQL: building, bringing up to date, questions, and hostile queries.

    python benchmarks/sparql.py                    # 10,000 datasets
    python benchmarks/sparql.py --size 100000 --folder /tmp/sparql-100000

Everything goes through the child processes that answer in production.  With ``--folder`` the
records and the store are kept and used again.  Wall milliseconds unless it says otherwise.
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import pickle
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core import Peak, cpu
from records import agents, catalogues, described
from rich.console import Console
from rich.table import Table

from catalogue.config import Settings
from catalogue.errors import CatalogueError
from catalogue.instance import Catalogue
from catalogue.rdf.formats import N_TRIPLES, write
from catalogue.records.models import Record
from catalogue.sparql.embedded import EmbeddedStore
from catalogue.sparql.request import checked
from catalogue.sparql.results import JSON
from catalogue.sparql.store import Graph, Limits, State

ADDRESS = "https://catalogue.example.org/"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
TIMES = 40
LIMIT = 10.0
#: What people look up, count and join; {n} is the number of a dataset, {c} a country.
QUESTIONS = {
    "look up: one dataset": "SELECT ?p ?o { <id/dataset/d-{n}> ?p ?o }",
    "look up: title and publisher": """SELECT ?t ?name {{ <id/dataset/d-{n}> dct:title ?t ;
        dct:publisher/foaf:name ?name }}""",
    "look up: describe": "DESCRIBE <id/dataset/d-{n}>",
    "look up: 20 datasets of a country": """SELECT ?d ?t {{ ?d dct:spatial <{c}> ; a dcat:Dataset ;
        dct:title ?t }} LIMIT 20""",
    "count: every dataset": "SELECT (COUNT(?d) AS ?n) { ?d a dcat:Dataset }",
    "count: datasets of a country": """SELECT (COUNT(?d) AS ?n) {{ ?d dct:spatial <{c}> ;
        a dcat:Dataset }}""",
    "count: collect an outcome": """SELECT (COUNT(DISTINCT ?d) AS ?n) {{
        ?s schema:propertyID <{o}> ; outcome:state <{collected}> . ?d schema:variableMeasured ?s }}""",
    "grouped: datasets by country": """SELECT ?c (COUNT(?d) AS ?n) { ?d a dcat:Dataset ;
        dct:spatial ?c } GROUP BY ?c ORDER BY DESC(?n)""",
    "grouped: datasets by catalogue": """SELECT ?c (COUNT(?d) AS ?n) { ?c dcat:dataset ?d }
        GROUP BY ?c ORDER BY DESC(?n)""",
    "join: labels of one dataset": """SELECT ?p ?label {{ <id/dataset/d-{n}> ?p ?o .
        ?o skos:prefLabel ?label FILTER(LANG(?label) = "en") }}""",
    "join: countries with labels": """SELECT ?label (COUNT(?d) AS ?n) { ?c skos:inScheme
        <http://publications.europa.eu/resource/authority/country> ; skos:prefLabel ?label
        FILTER(LANG(?label) = "en") ?d dct:spatial ?c } GROUP BY ?label""",
}
HOSTILE = {
    "cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f",
    "(p|!p)*": "SELECT (COUNT(*) AS ?n) { ?a (dct:title|!dct:title)* ?b }",
    "growing REPLACE": "SELECT (STRLEN(?x14) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{n}, 'a', 'aaaaaaaa') AS ?x{n + 1})" for n in range(14))
    + "}",
    "300 patterns": "SELECT * {" + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(300)) + "}",
    "5,000 brackets": "SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "15,000 times !": "SELECT * { FILTER(" + "!" * 15_000 + "true) }",
    "SERVICE to loopback": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "everything, sorted": "SELECT * { ?s ?p ?o } ORDER BY ?o",
    "everything, unsorted": "SELECT * { ?s ?p ?o }",
}


def fragments(catalogue: Catalogue, count: int, file: Path) -> None:
    """Write the fragments of records that were never saved, as their follower would make them."""
    now = datetime.now(UTC)

    def every() -> Iterator[tuple[str, str, dict]]:
        for kind, some in (
            ("agent", agents()),
            ("catalogue", catalogues()),
            ("dataset", described(catalogue.profile, count)),
        ):
            for key, document in some:
                yield kind, key, document

    unfinished = file.with_suffix(".unfinished")
    with unfinished.open("wb") as out:
        for number, (kind, key, said) in enumerate(every(), start=1):
            shape = catalogue.records.shape(kind)
            document, problems = shape.load(said)
            assert not problems
            shape.identify(document)
            record = Record(
                id=number, kind=kind, key=key, iri=f"id/{kind}/{key}", state="published",
                revision=1, document=document, issued=now, created=now, modified=now,
            )  # fmt: skip
            text = write(catalogue.graphs.fragment(record), N_TRIPLES, {})
            pickle.dump((ADDRESS + record.iri, gzip.compress(text, compresslevel=1)), out)
    unfinished.replace(file)


def kept(file: Path) -> Iterator[Graph]:
    """The fragments that were written."""
    with file.open("rb") as lines:
        while True:
            try:
                name, content = pickle.load(lines)
            except EOFError:
                return
            yield Graph(name, gzip.decompress(content))


def build(catalogue: Catalogue, store: EmbeddedStore, file: Path, table: Table, count: int) -> None:
    """Build the store as the service does."""

    def everything() -> Iterator[Graph]:
        yield from catalogue.sparql._contents.fixed()
        yield from kept(file)

    begun = time.perf_counter()
    with Peak() as peak:

        def work() -> None:
            with store.beside() as new:
                new.load(everything())
                with store.alone(1):
                    new.take_over(State("benchmark", 1, ""))

        spent = cpu(work)
    took = time.perf_counter() - begun
    table.add_row("build", f"{took:.0f} s wall, {spent:.0f} s CPU, +{peak.added:.0f} MB", "")
    size = sum(one.stat().st_size for one in store.folder.path.rglob("*") if one.is_file())
    inodes = {one.stat().st_ino: one.stat().st_size for one in store.folder.path.rglob("*.sst")}
    table.add_row("on disk", f"{sum(inodes.values()) / 1e6:,.0f} MB ({size / 1e6:,.0f} linked)", "")


def bring_up_to_date(store: EmbeddedStore, file: Path, table: Table) -> None:
    """Change some records and show the change, as before the next query."""
    for many in (1, 20, 500):
        some = []
        for number, graph in enumerate(kept(file)):
            if number >= 600 + many:
                break
            if number >= 600:
                mark = f"{many}-{time.time_ns()}".encode()
                some.append(Graph(graph.name, (graph.ntriples or b"").replace(b"registry", mark)))
        begun = time.perf_counter()
        with store.alone(5):
            store.replace(some, State("benchmark", 1, ""))
        table.add_row(f"take in {many} changes", f"{(time.perf_counter() - begun) * 1000:,.0f}", "")


def questions(catalogue: Catalogue, store: EmbeddedStore, table: Table, count: int) -> None:
    """Each question many times with other datasets, countries and outcomes."""
    random_ = random.Random(5)
    countries = list(catalogue.vocabularies["country"].concepts)
    outcomes = list(catalogue.vocabularies["outcome"].concepts)
    collected = catalogue.vocabularies["outcome-state"].by_code["collected"].iri
    for name, pattern in QUESTIONS.items():
        times, rows = [], 0
        for _ in range(TIMES if not name.startswith("grouped") else TIMES // 4):
            text = pattern.replace("{{", "{").replace("}}", "}")
            for mark, value in (
                ("{n}", str(random_.randrange(count))),
                ("{c}", random_.choice(countries)),
                ("{o}", random_.choice(outcomes)),
                ("{collected}", collected),
            ):
                text = text.replace(mark, value)
            question = checked(text, catalogue.profile.prefixes)
            wanted = "text/turtle" if question.form == "DESCRIBE" else JSON
            begun = time.perf_counter()
            try:
                rows = store.query(question, wanted, Limits(seconds=60)).count
            except CatalogueError as error:
                times, rows = [math.inf], 0
                print(name, error)
                break
            times.append((time.perf_counter() - begun) * 1000)
        times.sort()
        table.add_row(
            name,
            f"{statistics.median(times):,.1f}",
            f"{times[int(len(times) * 0.95)]:,.1f}" + f"   ({rows} rows)",
        )


def hostile(catalogue: Catalogue, store: EmbeddedStore, table: Table) -> None:
    """Each hostile query; how it ended, and how long the next look-up took."""
    look_up = checked(QUESTIONS["look up: one dataset"].replace("{n}", "7"), {})
    for name, text in HOSTILE.items():
        begun = time.perf_counter()
        try:
            question = checked(text, catalogue.profile.prefixes)
            answer = store.query(question, JSON, Limits(seconds=LIMIT))
            ended = f"{answer.count:,} rows{', cut' if answer.truncated else ''}"
        except CatalogueError as error:
            ended = f"{type(error).__name__}: {str(error)[:48]}"
        took = time.perf_counter() - begun
        begun = time.perf_counter()
        assert store.query(look_up, JSON, Limits()).count
        after = (time.perf_counter() - begun) * 1000
        table.add_row(f"hostile: {name}", f"{took * 1000:,.0f}", f"next: {after:.0f}   {ended}")


def beside_each_other(store: EmbeddedStore, table: Table) -> None:
    """Look-ups while one child is busy with something hopeless."""
    hopeless = checked(HOSTILE["cross product"], {})
    look_up = checked(QUESTIONS["look up: one dataset"].replace("{n}", "7"), {})

    def waste() -> None:
        with suppress(CatalogueError):
            store.query(hopeless, JSON, Limits(seconds=5))

    thread = threading.Thread(target=waste)
    thread.start()
    time.sleep(0.5)
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        store.query(look_up, JSON, Limits())
        times.append((time.perf_counter() - begun) * 1000)
    thread.join()
    times.sort()
    table.add_row(
        "look up beside a hostile query",
        f"{statistics.median(times):,.1f}",
        f"{times[int(len(times) * 0.95)]:,.1f}",
    )


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where records and store are kept")
    options = parser.parse_args()
    table = Table("what", "median or figure", "p95", box=None, header_style="bold")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        catalogue = Catalogue(Settings(public_address=ADDRESS, instance=str(folder / "instance")))
        store = EmbeddedStore(folder / "sparql", ADDRESS, catalogue.profile.prefixes)
        file = folder / f"fragments-{options.size}"
        if not file.exists():
            fragments(catalogue, options.size, file)
        load = os.getloadavg()[0]
        if store.state is None:
            build(catalogue, store, file, table, options.size)
        bring_up_to_date(store, file, table)
        questions(catalogue, store, table, options.size)
        beside_each_other(store, table)
        hostile(catalogue, store, table)
        table.add_row(
            "load of the machine", f"{load:.1f} before", f"{os.getloadavg()[0]:.1f} after"
        )
        store.close()
        catalogue.close()
    Console(width=130).print(f"{options.size:,} datasets", table)


if __name__ == "__main__":
    main()
