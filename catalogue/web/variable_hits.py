"""Variables as pages show them: hits with the words marked, and those of datasets found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import select

from catalogue.outcomes.wording import SILENT
from catalogue.records.models import Record
from catalogue.search.entry import Called
from catalogue.search.explain import WORDS, Explainer, Piece, pieces
from catalogue.search.finder import Answer
from catalogue.search.plan import Criterion
from catalogue.search.query import NOT_STATED, Query
from catalogue.variables.describing import FACETS, VARIABLE, Described, Variable, tables_of
from catalogue.variables.models import VariableRow, record_of
from catalogue.web import words
from catalogue.web.current import catalogue, session
from catalogue.web.names import Target, remember, target
from catalogue.web.paths import path
from catalogue.web.results import Choice, Panel

#: So many matching variables stand below a dataset; so many hits are looked through for them.
_BELOW, _LOOKED_THROUGH = 3, 400
#: How many values of a facet are shown at most.
_MOST = 40
_PROSE = frozenset({"description"})


@dataclass(frozen=True)
class Hit:
    """One variable: what it says, whose it is, and the words that were looked for in it."""

    variable: Variable
    dataset: Target
    iri: str = ""
    terms: frozenset[str] = frozenset()
    reasons: Sequence[str] = ()

    @property
    def said(self) -> Mapping[str, Any]:
        """What the description of the dataset says of it."""
        return self.variable.said

    def marked(self, name: str) -> list[Piece]:
        """A text of it with the words that were looked for marked."""
        text = words.phrase(self.said.get(name)).text if name != "column_name" else self.name
        return pieces(text, self.terms) if self.terms else [Piece(text)]

    @property
    def name(self) -> str:
        """Its technical name."""
        return self.variable.name

    @property
    def language(self) -> str:
        """The language of its label, where that is not the page's own."""
        return words.phrase(self.said.get("column_title")).language

    @property
    def description(self) -> words.Phrase:
        """What it means, unless that is its label again."""
        found = words.phrase(self.said.get("description"))
        same = found.text in (self.variable.label, self.name)
        return words.Phrase("") if same else found

    @property
    def table(self) -> words.Phrase:
        """The title of its table."""
        return words.phrase(self.said.get("table"))

    @property
    def datatype(self) -> str:
        """Its type in words."""
        return type_label(str(self.said.get("datatype", "")))

    @property
    def codes(self) -> Sequence[str]:
        """Its codes."""
        return [str(one) for one in self.said.get("codes", ())]

    @property
    def concept(self) -> str:
        """The address of what it means."""
        return str(self.said.get("property_url", ""))

    @property
    def address(self) -> str:
        """Where it stands on the pages of its dataset."""
        return f"{self.dataset.path}/variables?{urlencode({'q': self.name})}"


def hits(numbers: Sequence[int], criteria: Sequence[Criterion] = ()) -> list[Hit]:
    """Some variables in the order of their numbers, each with why it is a hit."""
    if not numbers:
        return []
    rows = select(VariableRow.id, VariableRow.said).where(VariableRow.id.in_(numbers))
    known = {row.id: row.said for row in session.execute(rows)}
    records = set(map(record_of, known))
    named = session.execute(select(Record.id, Record.iri).where(Record.id.in_(records)))
    iris = {row.id: row.iri for row in named}
    remember(iris.values())
    explainer = Explainer(criteria, _PROSE) if criteria else None
    called = Called(catalogue.records, session)
    found = []
    for number in numbers:
        iri = iris.get(record_of(number))
        if number not in known or iri is None or not (dataset := target(iri)).path:
            continue  # withdrawn since the index was read
        one = Variable(number, known[number])
        if explainer is None:
            found.append(Hit(one, dataset, iri))
            continue
        why = explainer.why(Described(one, catalogue.vocabularies, iri), called)
        ways = dict.fromkeys(f"“{r.by}” ({r.kind})" for r in why.reasons if r.kind != WORDS)
        found.append(Hit(one, dataset, iri, why.terms, list(ways)))
    return found


def type_label(datatype: str) -> str:
    """A type in words."""
    known = catalogue.vocabularies["csvw-datatype"].by_code.get(datatype)
    return known.label() if known else datatype


def counts(document: Mapping[str, Any]) -> str:
    """How many variables and tables a document describes, in words."""
    numbers = [len(table.get("column", ())) for table in tables_of(document)]
    said = f"{sum(numbers):,} variable{'' if sum(numbers) == 1 else 's'}"
    return said if len(numbers) < 2 else f"{said} in {len(numbers):,} tables"


# facets -----------------------------------------------------------------------------


def panel(query: Query, answer: Answer) -> Iterator[Panel]:
    """The facets that can narrow the variables found, or already do."""
    for name, one in FACETS.items():
        chosen = query.chosen.get(name, frozenset())
        counts = {**dict.fromkeys(chosen - {NOT_STATED}, 0), **answer.counts.get(name, {})}
        if not counts:
            continue
        best = sorted(counts.items(), key=lambda pair: (pair[0] not in chosen, -pair[1], pair[0]))
        if name == "dataset":
            remember(value for value, _ in best[:_MOST])
        yield Panel.of(
            name,
            one.label,
            [
                Choice(value, value_label(name, value), count, value in chosen)
                for value, count in best[:_MOST]
            ],
            max(0, len(best) - _MOST),
            open=bool(chosen) or name in ("dataset", "outcome", "key_variable"),
        )


def value_label(name: str, value: str) -> str:
    """A value of a facet as people read it."""
    if value == NOT_STATED:
        return SILENT
    if name == "dataset":
        return target(value).title.text or value
    return type_label(value) if name == "datatype" else catalogue.vocabularies.label(value)


# below datasets ---------------------------------------------------------------------


@dataclass(frozen=True)
class Below:
    """The variables of a dataset that a search for datasets finds: some, and how many more."""

    hits: Sequence[Hit]
    more: int
    address: str


def below(records: Sequence[int], query: Query) -> dict[str, Below]:
    """The matching variables of some datasets, by the path of the dataset."""
    if not query.text or not records:
        return {}
    rows = select(Record.id, Record.iri, Record.slug).where(Record.id.in_(records))
    known = {one.iri: (one.id, one.slug) for one in session.execute(rows)}
    text = Query(
        text=query.text,
        kind=VARIABLE,
        chosen={"dataset": frozenset(known)},
        size=_LOOKED_THROUGH,
        expand=query.expand,
        without=query.without,
        meaning=query.meaning,
    )
    matching = catalogue.variables.matching(text, facets=("dataset",))
    found, criteria = matching.found, matching.criteria
    if not found.total:
        return {}
    numbers = {iri: _first_of(found.records, id) for iri, (id, _) in known.items()}
    counts = found.counts.get("dataset", {})
    for iri in known:
        if counts.get(iri) and not numbers[iri]:  # others have crowded it out
            alone = replace(text, chosen={"dataset": frozenset({iri})}, size=_BELOW)
            numbers[iri] = list(catalogue.variables.matching(alone).found.records)
    shown = hits([number for some in numbers.values() for number in some], criteria)
    by_record: dict[int, list[Hit]] = {}
    for one in shown:
        by_record.setdefault(record_of(one.variable.number), []).append(one)
    answer = {}
    for iri, (id, slug) in known.items():
        if some := by_record.get(id):
            more = max(0, counts.get(iri, 0) - len(some))
            address = url_for("variables.of_dataset", slug=slug, q=query.text)
            answer[path("dataset", slug)] = Below(some, more, address)
    return answer


def _first_of(numbers: Iterable[int], record: int) -> list[int]:
    found = [number for number in numbers if record_of(number) == record]
    return found[:_BELOW]
