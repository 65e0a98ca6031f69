"""What the engines are asked: eight classes of questions, and searches as people type them.

The terms are chosen by how many of the first records have them, so that a class means the
same at every size; within a class hardly any term comes twice.
"""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from records import described

from catalogue.profile import Profile
from catalogue.profile.values import ConceptValue
from catalogue.search.analysis import STOP
from catalogue.search.engine import MODIFIED, TITLE, Filter, Request
from catalogue.search.entry import Entry
from catalogue.search.tree import And, Node, Or, Phrase, Prefix, Term

#: So many questions a class.
EACH = 50
_JUDGED = Path(__file__).parents[1] / "tests" / "relevance" / "queries.csv"

TYPED = (
    "heart attack registry",
    "heart failure quality of life",
    "AML survival",
    "acute myeloid leukaemia registry",
    "breast cancer screening programme",
    "prostate cancer PSA",
    "dementia cohort with biosamples",
    "alzheimers cognition MMSE",
    "stroke outcomes claims database",
    "myocardial infarction hospital records",
    "multiple myeloma progression free survival",
    "diabetes primary care records",
    "EQ-5D in heart failure",
    "patient reported outcomes prostate",
    "caregiver burden dementia",
    "lymphoma trial archive",
    "hospital admission heart failure Sweden",
    "survey Leiden",
    "biobank Uppsala",
    "registry Norway OR Denmark",
    '"quality of life" registry',
    '"secure environment" dementia',
    "cancer -prostate",
    "leukaemia -trial",
    "card* registry",
    "haemat* biobank",
    "cohort year:2000..2010",
    "heart failure number_of_unique_individuals:10000..",
    "cancer registry spatial:France",
    "title:registry",
    "description:pseudonymised",
    "condition:dementia",
    "mortality",
    "death",
    "quality register",
    "everybody admitted since 1990",
    "linkage with hospital discharges",
    "ICPC-3 primary care",
    "OMOP mapped registry",
    "(stroke OR dementia) AND cohort",
    "hart failure",
    "leukemia regestry",
    "atrial fibrillation anticoagulants",
    "CLL remission",
    "ALL",
    "MDS registry",
    "coronary heart disease population cohort",
    "old people memory",
    "how long do patients live after a heart attack",
    "data about pain and fatigue in prostate cancer",
)


def classes(profile: Profile, sample: Iterable[Entry], seed: int = 5) -> dict[str, list[Request]]:
    """Every class of questions, each with ten facets, the total and the first twenty."""
    words = _Words(list(sample), random.Random(seed))
    facets = tuple(profile.facets)[:10]
    random_ = random.Random(seed + 1)

    def asked(nodes: Iterable[Node]) -> list[Request]:
        return [Request(node, facets=facets) for node in nodes]

    middling = iter(words.between(0.03, 0.5))
    narrowed = [
        Request(Term(term), filters=words.filters(profile, random_), facets=facets)
        for term in words.between(0.1, 0.95)[:EACH]
    ]
    return {
        "common term": asked(Term(one) for one in words.between(0.2, 0.95)[:EACH]),
        "rare term": asked(Term(one) for one in words.between(0.0002, 0.002)[:EACH]),
        "AND": asked(And((Term(next(middling)), Term(next(middling)))) for _ in range(EACH)),
        "OR": asked(
            Or((Term(next(middling)), Term(next(middling)), Term(next(middling))))
            for _ in range(EACH)
        ),
        "phrase": asked(Phrase(pair, (0, 1)) for pair in words.pairs[:EACH]),
        "prefix": asked(Prefix(start) for start in words.starts[:EACH]),
        "filter + range": narrowed,
        "everything": [
            Request(None, facets=facets, sort=sort, offset=20 * page)
            for page in range(EACH)
            for sort in ((TITLE, MODIFIED, "number_of_unique_individuals")[page % 3],)
        ],
    }


class _Words:
    """The terms of some entries by how many entries have them, in a random but settled order."""

    def __init__(self, entries: Sequence[Entry], random_: random.Random) -> None:
        self._size = len(entries)
        self._random = random_
        having: Counter[str] = Counter()
        beside: Counter[tuple[str, str]] = Counter()
        self._values: dict[str, Counter[str]] = {}
        for entry in entries:
            found: set[str] = set()
            pairs: set[tuple[str, str]] = set()
            last = ("", -1, "")
            for name, place, term, _ in entry.occurrences():
                if term and not term.isdigit():
                    found.add(term)
                    if last[:2] == (name, place - 1) and last[2]:
                        pairs.add((last[2], term))
                last = (name, place, term)
            having.update(found)
            beside.update(pairs)
            for facet, values in entry.facets.items():
                self._values.setdefault(facet, Counter()).update(values)
        self._having = having
        self.pairs = self._shuffled(
            pair
            for pair, number in beside.items()
            if number >= 5
            and pair[0] != pair[1]
            and all(having[t] >= 0.02 * self._size for t in pair)
        )
        self.starts = self._shuffled(
            {
                term[: 3 + number % 2]
                for number, term in enumerate(sorted(self.between(0.005, 0.5)))
                if len(term) > 4
            }
        )

    def _shuffled(self, some: Iterable[object]) -> list:  # type: ignore[type-arg]
        found = sorted(some)  # type: ignore[type-var]
        self._random.shuffle(found)
        return found

    def between(self, low: float, high: float) -> list[str]:
        """The terms that a share of the entries has."""
        return self._shuffled(
            term
            for term, number in self._having.items()
            if low * self._size <= number <= high * self._size
        )

    def filters(self, profile: Profile, random_: random.Random) -> Mapping[str, Filter]:
        """One or two values of a facet, and a span of a range."""
        facet = random_.choice(("source_type", "condition", "spatial", "outcome", "omop_status"))
        common = [value for value, _ in self._values[facet].most_common(12)]
        name, span = random_.choice(
            (
                ("year", (float(random_.randint(1975, 1995)), 2010.0)),
                ("number_of_unique_individuals", (float(10 ** random_.randint(3, 5)), None)),
                ("follow_up_median_years", (float(random_.randint(2, 8)), 15.0)),
            )
        )
        chosen = frozenset(random_.sample(common, random_.randint(1, 2)))
        return {facet: Filter(values=chosen), name: Filter(spans=frozenset({span}))}


def addresses(profile: Profile, seed: int = 5) -> dict[str, list[dict[str, str]]]:
    """The same classes as parameters of an address, in whole words as people type them."""
    random_ = random.Random(seed)
    having: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    documents = [one for _, one in described(profile, 2_000, seed=7)]
    for document in documents:
        text = f"{document['title']['en']}. {document['description']['en']}".lower()
        having.update({word for word in re.findall(r"[a-z]{3,}", text) if word not in STOP})
        pairs.update(set(re.findall(r"(?=\b([a-z]{4,} [a-z]{4,})\b)", text)))

    def shuffled(some: Iterable[str]) -> list[str]:
        found = sorted(some)
        random_.shuffle(found)
        return found

    def between(low: float, high: float) -> list[str]:
        size = len(documents)
        return shuffled(w for w, number in having.items() if low * size <= number <= high * size)

    some = iter(between(0.03, 0.5) * 2)
    starts = shuffled({word[: 4 + len(word) % 2] for word in between(0.01, 0.5) if len(word) > 6})
    phrases = shuffled(pair for pair, number in pairs.items() if number >= 20)
    sorts = ("title", "modified", "number_of_unique_individuals")
    spatial = profile["Dataset"]["spatial"].value
    assert isinstance(spatial, ConceptValue)
    places = list(spatial.vocabulary.concepts)[:12]
    return {
        "common word": [{"q": word} for word in between(0.15, 0.95)[:EACH]],
        "rare word": [{"q": word} for word in between(0.0015, 0.004)[:EACH]],
        "two words": [{"q": f"{next(some)} {next(some)}"} for _ in range(EACH)],
        "three alternatives": [
            {"q": f"{next(some)} OR {next(some)} OR {next(some)}"} for _ in range(EACH)
        ],
        "phrase": [{"q": f'"{pair}"'} for pair in phrases[:EACH]],
        "prefix": [{"q": f"{start}*"} for start in starts[:EACH]],
        "filter + range": [
            {
                "q": word,
                "spatial": random_.choice(places),
                "year": f"{random_.randint(1975, 1995)}..2010",
            }
            for word in between(0.1, 0.95)[:EACH]
        ],
        "everything": [{"sort": sorts[n % 3], "page": str(1 + 3 * n)} for n in range(EACH)],
        "typed": [{"q": text} for text in TYPED],
    }


def judged() -> Iterator[str]:
    """The queries of the relevance tests: about half name datasets that are not here."""
    with _JUDGED.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            yield row["query"]
