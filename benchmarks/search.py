"""Measure the search: building, asking, following, and what one would take otherwise.

    python benchmarks/search.py                      # Whoosh, 10,000 datasets
    python benchmarks/search.py --sizes 10000 100000 --engines whoosh tantivy \\
        --baselines stock fts5 --markdown figures.md

Entries are made first (``entries.py``) and told apart; each part then has a process of its
own, one after the other.  Milliseconds are of the wall clock, one thread asking, and the
file cache of the system is warm.  Every question wants the total, the first twenty and the
counts of ten facets over all hits.

*First* is a question whose terms nobody has asked this engine before: the engine was opened
anew and has answered one question about everything, so that its facets are laid out.
*Warm* is the same question again.  An index keeps answers and counts as long as it stays as
it is; they are thrown away before every question, for a kept answer is not what is measured.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import pickle
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from baselines import BASELINES
from entries import Entries, profile, renamed
from questions import EACH, TYPED, classes, judged

from catalogue.profile import Profile
from catalogue.search.engine import Reader, Request, SearchEngine
from catalogue.search.entry import Entry, fields_of
from catalogue.search.finder import Finder
from catalogue.search.query import Query
from catalogue.search.searched import datasets
from catalogue.search.thesaurus import Thesaurus
from catalogue.search.tree import Term

_SAMPLE = 10_000
_WARM_PASSES = 3
_UPDATES, _SECONDS, _EVERY = 200, 15.0, 0.25
#: Stock Whoosh is asked at this size only, and baselines fewer questions a class.
_MOST_FOR_STOCK, _FEWER = 10_000, 15
_AIMS = {  # p95 in ms: warm, first
    ("whoosh", 10_000): (4, None),
    ("whoosh", 100_000): (10, 60),
    ("whoosh", 300_000): (25, None),
    ("tantivy", 100_000): (45, None),
    ("tantivy", 1_000_000): (350, None),
}


@dataclass
class Plan:
    """What a part needs to know; goes from process to process."""

    engine: str
    size: int
    folder: Path
    entries: Path
    each: int


def opened(name: str, folder: Path, used: Profile) -> SearchEngine:
    """An engine over the index in a folder."""
    if name == "tantivy":
        from catalogue.search.tantivy import TantivyEngine

        return TantivyEngine(folder, fields_of(used))
    from catalogue.search.whoosh import WhooshEngine

    return WhooshEngine(folder, fields_of(used))


def percentile(times: Sequence[float], share: float) -> float:
    """The time that so many of the times are not above."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def told(times: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    return f"{percentile(times, 0.5) * 1000:.1f} / {percentile(times, 0.95) * 1000:.1f}"


class Seconds(float):
    """Seconds by the wall clock; ``cpu`` are those that the thread worked."""

    def __new__(cls, wall: float, cpu: float) -> Seconds:
        """One measured run."""
        self = super().__new__(cls, wall)
        self.cpu = cpu
        return self

    def __reduce__(self) -> tuple[type, tuple[float, float]]:
        """How it goes from process to process."""
        return Seconds, (float(self), self.cpu)


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def resident() -> float:
    """The memory this process holds, in MB; files that are mapped count as far as they are read."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def on_disk(folder: Path) -> float:
    """How large the files of a folder are, in MB."""
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6


# parts; each runs in a process of its own ------------------------------------------------


def build(plan: Plan) -> dict[str, Any]:
    """Write the index beside an empty one and take it over, as a rebuild does."""
    entries = Entries(plan.entries, plan.size)
    engine = opened(plan.engine, plan.folder, profile())
    before = resident()
    begin, cpu = time.perf_counter(), time.process_time()
    beside = engine.beside()
    beside.update(entries.first(plan.size), (), plan.size)
    engine.take_over(beside)
    wall = time.perf_counter() - begin - entries.reading
    spent = time.process_time() - cpu - entries.reading
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {
        "seconds": wall,
        "cpu": spent,
        "rate": plan.size / wall,
        "peak": peak - before,
        "disk": on_disk(plan.folder),
    }


def ask(plan: Plan) -> dict[str, Any]:
    """Every class of questions, first and warm; and what they hold in memory."""
    used = profile()
    engine = opened(plan.engine, plan.folder, used)
    empty = resident()
    everything = Request(None, facets=tuple(used.facets)[:10], limit=20)
    openings, rows, totals = [], {}, {}
    for name, questions in _questions(plan).items():
        engine.close()
        engine = opened(plan.engine, plan.folder, used)
        openings.append(timed(partial(_answered, engine, everything)))
        reader = engine.reader()
        first = [_anew(reader, partial(reader.find, one)) for one in questions]
        warm = [
            _anew(reader, partial(reader.find, one))
            for _ in range(_WARM_PASSES)
            for one in questions
        ]
        rows[name] = (first, warm)
        totals[name] = [_outcome(reader.find(one)) for one in questions]
    engine.close()
    return {
        "openings": openings,
        "rows": rows,
        "totals": totals,
        "empty": empty,
        "after": resident(),
    }


def _anew(reader: Reader, work: Callable[[], object]) -> Seconds:
    """Seconds of one run, without the answers and counts that the state has kept."""
    reader.forget()  # type: ignore[attr-defined]  # both engines can, though nobody else asks
    cpu = time.thread_time()
    return Seconds(timed(work), time.thread_time() - cpu)


def _answered(engine: SearchEngine, request: Request) -> object:
    return engine.reader().find(request)


def _outcome(found: Any) -> tuple[int, int]:
    """The total, and all counts in one number."""
    counts = ((f, v, n) for f, values in found.counts.items() for v, n in values.items() if n)
    return found.total, hash(tuple(sorted(counts)))


def find(plan: Plan) -> dict[str, Any]:
    """The whole finding: reading what was typed, widening it, asking, all facets and ranges."""
    used = profile()
    engine = opened(plan.engine, plan.folder, used)
    finder = Finder(engine, datasets(used), Thesaurus(used.vocabularies))
    opening = timed(lambda: finder.find(Query("warm")))
    reader = finder.engine.reader()
    rows, relaxed = {}, {}
    for name, texts in (("typed", TYPED), ("judged", tuple(judged()))):
        texts = texts if plan.each >= EACH else texts[: plan.each]
        first = [_anew(reader, partial(finder.find, Query(text))) for text in texts]
        warm = [
            _anew(reader, partial(finder.find, Query(text, size=size)))  # the finder keeps too
            for size in range(21, 21 + _WARM_PASSES)
            for text in texts
        ]
        rows[name] = (first, warm)
        answers = [finder.find(Query(text)) for text in texts]
        relaxed[name] = sum(one.relaxed or not one.total for one in answers) / len(answers)
    return {"opening": opening, "rows": rows, "relaxed": relaxed, "memory": resident()}


def follow(plan: Plan) -> dict[str, Any]:
    """Single updates: until a reader here sees one, and one in another process."""
    entries = list(Entries(plan.entries, plan.size).first(_UPDATES))
    engine = opened(plan.engine, plan.folder, profile())
    engine.reader().find(Request(None))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    watcher = context.Process(target=_watch, args=(plan, theirs), daemon=True)
    watcher.start()
    ours.recv()
    here, there, began = [], [], []
    for number, entry in enumerate(entries):
        time.sleep(0.02)
        begin = time.perf_counter()
        changed = renamed(entry, entry.record - 1, f"vizible{_letters(number)}")
        engine.update([changed], (), plan.size + number)
        assert engine.reader().find(Request(_seen(number))).total == 1
        here.append(time.perf_counter() - begin)
        began.append(begin)
        there.append(ours.recv() - begin)
    watcher.join(10)
    return {"here": here, "there": there}


def _letters(number: int) -> str:
    return "".join("bcdfghjkmp"[int(digit)] for digit in f"{number:04d}")


def _seen(number: int) -> Term:
    from catalogue.search.analysis import terms

    return Term(terms(f"vizible{_letters(number)}")[0])


def _watch(plan: Plan, connection: Any) -> None:
    """Look every millisecond whether the next update is to be seen; tell when it was."""
    engine = opened(plan.engine, plan.folder, profile())
    engine.reader().find(Request(None))
    connection.send(0.0)
    for number in range(_UPDATES):
        request = Request(_seen(number))
        while not engine.reader().find(request).total:
            time.sleep(0.001)
        connection.send(time.perf_counter())


def contend(plan: Plan) -> dict[str, Any]:
    """One reader, alone and beside a process that commits every quarter of a second."""
    engine = opened(plan.engine, plan.folder, profile())
    mixed = [one for some in _questions(plan).values() for one in some]
    mixed = [mixed[(n * 37) % len(mixed)] for n in range(len(mixed))]
    for one in mixed:
        engine.reader().find(one)
    alone = _asked(engine, mixed, _SECONDS)
    context = multiprocessing.get_context("spawn")
    done, commits = context.Event(), context.Queue()
    writer = context.Process(target=_write, args=(plan, done, commits), daemon=True)
    writer.start()
    commits.get()
    beside = _asked(engine, mixed, _SECONDS)
    done.set()
    times = commits.get()
    writer.join(30)
    return {"alone": alone, "beside": beside, "commits": times}


def _asked(engine: SearchEngine, mixed: Sequence[Request], seconds: float) -> list[float]:
    """Ask for some seconds, one question after the other; what is kept is thrown away first."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    for one in itertools.cycle(mixed):
        times.append(_anew(engine.reader(), lambda one=one: engine.reader().find(one)))
        if time.perf_counter() > end:
            return times
    raise AssertionError


def _write(plan: Plan, done: Any, commits: Any) -> None:
    entries = list(Entries(plan.entries, plan.size).first(500))
    engine = opened(plan.engine, plan.folder, profile())
    engine.reader().find(Request(None))
    commits.put(0)
    times: list[float] = []
    while not done.is_set():
        entry, position = entries[len(times) % len(entries)], plan.size + _UPDATES + len(times)
        times.append(timed(partial(engine.update, [entry], (), position)))
        done.wait(max(0, _EVERY - times[-1]))
    commits.put(times)


def baseline(plan: Plan) -> dict[str, Any]:
    """Build and ask one of the others; the first of two passes is not told."""
    used = profile()
    entries = Entries(plan.entries, plan.size)
    other = BASELINES[plan.engine](plan.folder, fields_of(used), tuple(used.facets)[:10])
    wall = timed(lambda: other.build(entries.first(plan.size))) - entries.reading
    rows, totals = {}, {}
    for name, questions in _questions(plan).items():
        some = questions[:_FEWER]
        totals[name] = [_told(other.find(q)) for q in some[:_FEWER]]
        rows[name] = [timed(partial(other.find, one)) for one in some]
    return {"seconds": wall, "rows": rows, "totals": totals, "disk": on_disk(plan.folder)}


def _told(outcome: Any) -> tuple[int, int]:
    total, counts = outcome
    said = ((f, v, n) for f, values in counts.items() for v, n in values.items() if n)
    return total, hash(tuple(sorted(said)))


def _questions(plan: Plan) -> dict[str, list[Request]]:
    found: dict[str, list[Request]] = pickle.loads(
        plan.entries.with_suffix(".questions").read_bytes()
    )
    return {name: some[: plan.each] for name, some in found.items()}


# the report ------------------------------------------------------------------------------


class Report:
    """Lines of Markdown, printed and kept as they come."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        if file:
            file.write_text("", encoding="utf-8")

    def __call__(self, *lines: str) -> None:
        for line in lines:
            print(line, flush=True)
        if self._file:
            with self._file.open("a", encoding="utf-8") as out:
                out.write("".join(f"{line}\n" for line in lines))


def apart(work: Callable[[Plan], dict[str, Any]], plan: Plan) -> dict[str, Any]:
    """Run a part in a new process; strings hash there as they do here."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, plan).result()


def measure(plan: Plan, report: Report, known: dict[int, Any]) -> None:
    """Everything of one engine at one size."""
    title = f"{plan.engine}, {plan.size:,}"
    built = apart(build, plan)
    report(
        "",
        f"**{title}** (load {os.getloadavg()[0]:.2f})",
        "",
        f"Build: {built['seconds']:.1f} s wall, {built['cpu']:.1f} s CPU, "
        f"{built['rate']:,.0f} entries/s, peak +{built['peak']:.0f} MB; "
        f"{built['disk']:.0f} MB on the disk.",
    )
    asked = apart(ask, plan)
    known.setdefault(plan.size, {})[plan.engine] = asked["totals"]
    warm_aim, first_aim = _AIMS.get((plan.engine, plan.size), (None, None))
    report(
        f"Opening and the first question: {told(asked['openings'])} ms. Memory: "
        f"{asked['empty']:.0f} MB opened, {asked['after']:.0f} MB after the questions. "
        f"Aims (p95): {warm_aim or 'none'} ms warm, {first_aim or 'none'} first.",
        "",
        "| ms, p50 / p95 | first | warm |",
        "| --- | ---: | ---: |",
    )
    for name, (first, warm) in asked["rows"].items():
        report(f"| {name} | {told(first)} | {told(warm)} |")
    every_first = [one for first, _ in asked["rows"].values() for one in first]
    every_warm = [one for _, warm in asked["rows"].values() for one in warm]
    report(f"| all classes | {told(every_first)} | {told(every_warm)} |")
    cpu = [[one.cpu for one in some] for some in (every_first, every_warm)]
    report(f"| all classes, CPU | {told(cpu[0])} | {told(cpu[1])} |")
    found = apart(find, plan)
    for name, (first, warm) in found["rows"].items():
        report(f"| whole search, {name} | {told(first)} | {told(warm)} |")
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found["relaxed"].items())
    report(
        "",
        f"Whole search: first one {found['opening'] * 1000:.0f} ms, {found['memory']:.0f} MB "
        f"after all; relaxed or nothing found: {shares}.",
    )
    seen = apart(follow, plan)
    for name, where in (("here", "the same process"), ("there", "another process")):
        report(
            f"Update to visibility in {where}: {told(seen[name])} ms, "
            f"longest {max(seen[name]) * 1000:.0f}."
        )
    beside = apart(contend, plan)
    for name, said in (("alone", "no writer"), ("beside", "a commit every 250 ms")):
        times = beside[name]
        report(
            f"One reader, {said}: {len(times) / sum(times):,.0f} questions/s, {told(times)} ms, "
            f"longest {max(times) * 1000:.0f}."
        )
    commits = beside["commits"]
    report(f"Commits meanwhile: {len(commits)} in {_SECONDS:.0f} s, {told(commits)} ms each.")


def compare(plan: Plan, report: Report, known: dict[int, Any]) -> None:
    """One of the others at one size."""
    made = apart(baseline, plan)
    report(
        "",
        f"**{BASELINES[plan.engine].name}, {plan.size:,}** (load {os.getloadavg()[0]:.2f})",
        "",
        f"Build: {made['seconds']:.1f} s, {plan.size / made['seconds']:,.0f} entries/s; "
        f"{made['disk']:.0f} MB on the disk.",
        "",
        "| ms, p50 / p95 | warm |",
        "| --- | ---: |",
    )
    for name, times in made["rows"].items():
        report(f"| {name} | {told(times)} |")
    known.setdefault(plan.size, {})[plan.engine] = made["totals"]


def agreement(known: dict[int, Any]) -> Iterator[str]:
    """How many answers of two engines differ: totals, and counts where both leave out the same."""
    for size, by_engine in known.items():
        names = list(by_engine)
        for other in names[1:]:
            totals = counts = number = 0
            for name, mine in by_engine[names[0]].items():
                for one, two in zip(mine, by_engine[other][name], strict=False):
                    number += 1
                    totals += one[0] != two[0]
                    counts += one[1] != two[1] and name != "filter + range"
            yield (
                f"{size:,}: of {number} answers of {names[0]} and {other}, {totals} totals and "
                f"{counts} counts differ."
            )


def main() -> None:
    """Read the options, make the entries, measure one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--engines", nargs="*", default=["whoosh"], choices=["whoosh", "tantivy"])
    parser.add_argument("--baselines", nargs="*", default=[], choices=list(BASELINES))
    parser.add_argument("--each", type=int, default=EACH, help="questions a class")
    parser.add_argument("--markdown", type=Path, help="a file to write the figures into")
    parser.add_argument("--keep", type=Path, help="a folder for entries, to be used again")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")  # counts are compared between processes
    report = Report(options.markdown)
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.keep or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        used = profile()
        report(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the start.")
        entries = _entries(kept, max(options.sizes), used)
        made = f"made in {entries.making:.0f} s" if entries.making > 1 else "read from a file"
        report(f"{entries.distinct:,} distinct entries, {made}.")
        known: dict[int, Any] = {}
        for size in options.sizes:
            for name in options.engines:
                folder = Path(scratch, f"{name}-{size}")
                plan = Plan(name, size, folder, kept / "entries", options.each)
                measure(plan, report, known)
            for name in options.baselines:
                if name != "stock" or size <= _MOST_FOR_STOCK:
                    folder = Path(scratch, f"{name}-{size}")
                    plan = Plan(name, size, folder, kept / "entries", options.each)
                    compare(plan, report, known)
        report("", *agreement(known))


def _entries(kept: Path, most: int, used: Profile) -> Entries:
    """The entries in a file, and beside it the questions that fit their words."""
    entries = Entries(kept / "entries", most)
    questions = kept / "entries.questions"
    if not questions.exists():
        sample: Iterable[Entry] = entries.first(min(_SAMPLE, entries.distinct))
        questions.write_bytes(pickle.dumps(classes(used, sample)))
    return entries


if __name__ == "__main__":
    main()
