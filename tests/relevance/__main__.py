"""Measure how well the search finds the demonstration records.

    python tests/relevance                      # the figures, by kind and by what is hard
    python tests/relevance --worst 20           # and what came instead
    python tests/relevance --about typo german  # of some queries only
    python tests/relevance --engine tantivy     # with another engine

A new instance in a temporary folder is measured, never the one that is served.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from typing import Any

from asking import QUERIES, SEEDS, search_of
from measures import GOOD, KINDS, Answer, Judged, mean, measure, read, worst
from rich.console import Console
from rich.table import Table

from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.seed import seed

_COLUMNS = ("success@1", "success@5", "MRR", "nDCG@10")
_SHOWN = 5


@contextmanager
def seeded(engine: str) -> Iterator[Catalogue]:
    """The demonstration records in a new instance."""
    chosen: dict[str, Any] = {"search_engine": engine} if engine else {}
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue(Settings(instance=folder, log_level="ERROR", **chosen))
        try:
            catalogue.database.migrate()
            seed(catalogue, SEEDS)
            catalogue.catch_up()
            yield catalogue
        finally:
            catalogue.close()


def figures_of(answers: Sequence[Answer], title: str) -> Table:
    """Mean figures by kind, then by what the queries are about."""
    table = Table(title=title)
    table.add_column("kind")
    table.add_column("about")
    for name in ("queries", *_COLUMNS):
        table.add_column(name, justify="right")
    for kind in KINDS:
        of_kind = [one for one in answers if one.judged.kind == kind]
        for about in ("", *sorted({tag for one in of_kind for tag in one.judged.about})):
            chosen = [one for one in of_kind if not about or about in one.judged.about]
            if chosen:
                means = (f"{figure:.3f}" for figure in astuple(mean(chosen)))
                row = (kind, about or "all", str(len(chosen)), *means)
                table.add_row(*row, style="" if about else "bold")
        table.add_section()
    return table


def worst_of(answers: Sequence[Answer], number: int) -> Table:
    """The worst answers: what came, with its grade, and what was missed."""
    table = Table(title=f"The worst {number}", show_lines=True)
    for name in ("id", "query", "about", "nDCG@10", "came", "wanted and not there"):
        table.add_column(name)
    for answer in worst(answers, number):
        judged = answer.judged
        came = [f"{key}:{judged.relevant.get(key, 0)}" for key in answer.ranking[:_SHOWN]]
        missed = [
            f"{key}:{grade}"
            for key, grade in judged.relevant.items()
            if grade >= GOOD and key not in answer.ranking[:10]
        ]
        table.add_row(
            judged.id,
            judged.query,
            " ".join(judged.about),
            f"{answer.figures.ndcg_at_10:.2f}",
            " ".join(came) or "nothing",
            " ".join(missed[:_SHOWN]) + (" …" if len(missed) > _SHOWN else ""),
        )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python tests/relevance", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the worst N too")
    parser.add_argument("--about", nargs="+", default=[], metavar="TAG", help="only queries so")
    parser.add_argument("--engine", default="", help="the search engine (CATALOGUE_SEARCH_ENGINE)")
    options = parser.parse_args()
    if options.engine and "search_engine" not in {one.name for one in fields(Settings)}:
        parser.error("the settings know no search_engine; there is one engine only")
    with QUERIES.open(encoding="utf-8", newline="") as lines:
        queries: list[Judged] = read(lines)
    wanted = set(options.about)
    if wanted:
        queries = [one for one in queries if wanted & set(one.about)]
    if not queries:
        parser.error(f"no query is about {' or '.join(options.about)}")
    with seeded(options.engine) as catalogue:
        search = search_of(catalogue)
        began = time.perf_counter()
        answers = measure(search, queries)
        took = time.perf_counter() - began
    console = Console()
    title = f"{len(answers)} queries, {1000 * took / len(answers):.1f} ms each"
    console.print(figures_of(answers, title))
    for answer in answers:
        if answer.ranking and answer.ranking[0] in answer.judged.unwanted:
            console.print(f"{answer.judged.id}: {answer.ranking[0]} must not come first")
    if options.worst:
        console.print(worst_of(answers, options.worst))


if __name__ == "__main__":
    main()
