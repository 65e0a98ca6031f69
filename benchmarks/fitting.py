"""Measure how fast all datasets are held against questions of ten criteria.

    python benchmarks/fitting.py --size 10000
    python benchmarks/fitting.py --size 100000 --keep /var/tmp/fitting-100000

Records are written as a load would leave them, without the checks of publishing; only the
``facts`` view follows.  Every question has ten criteria of ten kinds, no words, and wants the
first fifty datasets with their evidence: what a page of results takes before it is drawn.

*First* is a question whose criteria nobody asked before, *again* the same one.  *Changed* is
a new question after a record changed.  The plain way reads every document from SQL and holds
it against each criterion by itself (``tests/outcomes/oracle.py``); its counts must be the same.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feeding import _write
from records import _rank, agents, described
from rich.console import Console
from rich.table import Table
from search import on_disk, percentile, timed, told
from serving import settings
from sqlalchemy import select

from catalogue.changes import append
from catalogue.instance import Catalogue
from catalogue.outcomes.fit import State
from catalogue.outcomes.questions import Criterion, Question, among
from catalogue.profile import Profile
from catalogue.profile.criteria import LEAST, CriterionKind
from catalogue.records.models import Record

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from outcomes.oracle import Oracle

_BATCH, _CRITERIA, _PAGE = 1_000, 10, 50
_CHANGES, _PLAIN = 30, 3
#: What the numbers of datasets are asked for: about half of them have it.
_NUMBERS = {
    "number_of_unique_individuals": (1_000, 100_000),
    "follow_up_median_years": (2, 12),
    "access_time_months": (3, 12),
    "lag_months": (2, 12),
    "frequency": (1, 24),
    "typical_age": (20, 60),
    "year": (1990, 2020),
}
_AIM = 300


def prepared(folder: Path, size: int) -> Catalogue:
    """An instance with so many published datasets; one that is there is used."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue(settings(folder, "whoosh"))
    catalogue.database.migrate()
    made = folder / "complete"
    if made.exists():
        return catalogue
    pending: list[tuple[str, str, dict[str, object]]] = []
    with catalogue.database.write() as session:
        _write(catalogue, session, [("agent", key, one) for key, one in agents()])
    for key, document in _documents(catalogue.profile, size):
        pending.append(("dataset", key, document))
        if len(pending) == _BATCH:
            with catalogue.database.write() as session:
                _write(catalogue, session, pending)
            pending = []
    if pending:
        with catalogue.database.write() as session:
            _write(catalogue, session, pending)
    made.touch()
    return catalogue


def _documents(profile: Profile, size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The datasets that searches are measured with, and what only questions ask."""
    random_ = random.Random(11)
    lists = {
        name: list(profile["Dataset"][name].value.vocabulary.concepts)  # type: ignore[attr-defined]
        for name in ("treatment", "key_variable")
    }
    items = list(profile.vocabularies["core-outcome-set"].concepts)
    for key, document in described(profile, size):
        for name, concepts in lists.items():
            if random_.random() < 0.4:
                document[name] = sorted(set(random_.choices(concepts, k=random_.randint(1, 3))))
        for part in document["outcome_statement"]:
            if random_.random() < 0.5:
                part["set_item"] = [random_.choice(items)]
        yield key, document


def asked(profile: Profile, number: int, seed: int) -> list[Question]:
    """Questions of ten criteria, each of another kind."""
    random_ = random.Random(seed)
    kinds = list(profile.criteria.values())
    return [
        Question(tuple(_criterion(one, random_) for one in random_.sample(kinds, _CRITERIA)))
        for _ in range(number)
    ]


def _criterion(kind: CriterionKind, random_: random.Random) -> Criterion:
    if kind.vocabulary is None:
        least, most = _NUMBERS[kind.name]
        number = float(random_.randint(least, most))
        low, high = (None, number) if kind.test == "most" else (number, None)
        if kind.test in ("covers", "overlaps"):
            low, high = number, number + random_.randint(0, 5)
        return Criterion(kind.name, (), (low, high))
    known = [getattr(one, "iri", one) for one in among(kind, kind.vocabulary)]
    values = {known[_rank(random_, len(known))] for _ in range(random_.randint(1, 2))}
    beside: list[tuple[str, tuple[str, ...] | float]] = []
    for name, vocabulary in kind.qualifiers.items():
        if random_.random() < 0.5:
            if vocabulary is None:
                least = {LEAST: 3, "persons": 5_000}.get(name, 60)
                beside.append((name, float(random_.randint(1, least))))
            else:
                concepts = list(vocabulary.concepts)
                beside.append((name, (concepts[_rank(random_, len(concepts))],)))
    return Criterion(kind.name, tuple(sorted(values)), None, tuple(beside))


def measure(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """Questions never asked before, again, and after changes."""
    profile = catalogue.profile
    questions = asked(profile, number, 5)

    def fitted(question: Question) -> object:
        with catalogue.database.read() as session:
            return catalogue.fitter.fit(session, question, 0, _PAGE)

    found: dict[str, Any] = {"opening": timed(lambda: fitted(questions[0]))}
    found["first"] = [timed(lambda one=one: fitted(one)) for one in questions[1:]]
    found["again"] = [timed(lambda one=one: fitted(one)) for one in questions[-20:] * 3]
    changed = []
    for place, question in enumerate(asked(profile, _CHANGES, 6)):
        _touch(catalogue, place)
        changed.append(timed(lambda one=question: fitted(one)))
    found["changed"] = changed
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return found


def _touch(catalogue: Catalogue, place: int) -> None:
    """Change one dataset, as an editor would."""
    with catalogue.database.write() as session:
        record = session.scalars(
            select(Record).where(Record.kind == "dataset").order_by(Record.id).offset(place * 7)
        ).first()
        assert record is not None
        assert record.document is not None
        record.document = {**record.document, "follow_up_median_years": 3.5}
        append(session, record, "updated", datetime.now(UTC))
    catalogue.follow(catalogue.followers["facts"])


def plain(catalogue: Catalogue, question: Question) -> tuple[float, list[Counter[int]]]:
    """The same question by reading every document; its seconds and counts."""
    oracle, begin = Oracle(catalogue.profile), time.perf_counter()
    counts: list[Counter[int]] = [Counter() for _ in question.criteria]
    with catalogue.database.read() as session:
        rows = session.execute(
            select(Record.document)
            .where(Record.kind == "dataset", Record.state == "published")
            .execution_options(yield_per=500)
        )
        for (document,) in rows:
            for place, criterion in enumerate(question.criteria):
                counts[place][oracle.answer(document, criterion)] += 1
    return time.perf_counter() - begin, counts


def compared(catalogue: Catalogue, number: int) -> list[float]:
    """The seconds of the plain way; raises if it counts otherwise."""
    seconds = []
    for question in asked(catalogue.profile, number, 8):
        spent, counts = plain(catalogue, question)
        seconds.append(spent)
        with catalogue.database.read() as session:
            fitted = catalogue.fitter.fit(session, question, 0, 1)
        for criterion, ours, theirs in zip(question.criteria, fitted.states, counts, strict=True):
            told = (ours[State.UNMET], ours[State.UNKNOWN], ours[State.MET])
            if told != (theirs[0], theirs[1], theirs[2]):
                raise SystemExit(f"{criterion}: {told} but plainly {theirs}")
    return seconds


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--plain", type=int, default=_PLAIN)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        catalogue = prepared(folder, options.size)
        following = timed(lambda: catalogue.follow(catalogue.followers["facts"]))
        with catalogue.database.read() as session:
            reading = timed(lambda: catalogue.facts.table(session))
        catalogue.close()
        catalogue = Catalogue(settings(folder, "whoosh"))
        _ = catalogue.finder
        found = measure(catalogue, options.questions)
        spent = compared(catalogue, options.plain)
        disk = on_disk(catalogue.settings.instance_folder / "facts")
        catalogue.close()
    table = Table(f"{options.size:,} datasets, {_CRITERIA} criteria", "ms, p50 / p95")
    for name in ("first", "again", "changed"):
        table.add_row(name, told(found[name]))
    table.add_row("the first one of a new process", f"{found['opening'] * 1000:.0f}")
    table.add_row("the plain way", f"{percentile(spent, 0.5) * 1000:,.0f}" if spent else "")
    console.print(table)
    console.print(
        f"view followed in {following:.1f} s; arrays made in {reading:.2f} s, {disk:.1f} MB; "
        f"process {found['memory']:.0f} MB"
    )
    late = percentile(found["first"], 0.95) * 1000
    console.print(
        f"aim: p95 of a first question ≤ {_AIM} ms: {'met' if late <= _AIM else 'MISSED'}"
    )


if __name__ == "__main__":
    main()
