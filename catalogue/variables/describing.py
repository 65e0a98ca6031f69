"""The variables in a document, and what of each is searched."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from catalogue.profile import Document, Profile
from catalogue.profile.ranges import Interval
from catalogue.search.analysis import terms
from catalogue.search.entry import Called, Entry, Fields
from catalogue.search.searched import Faceted, Searched
from catalogue.variables.models import SPAN
from catalogue.vocabulary import Vocabularies

#: The kind of thing that a variable is to the search.
VARIABLE = "variable"
#: The texts of a variable with their weights, by the keys they have in a document.
BOOSTS: Mapping[str, float] = {
    "column_title": 3,
    "column_name": 3,
    "concept": 2,
    "description": 1,
    "table": 1,
    "unit": 1,
    "codes": 0.5,
}
#: By what variables are narrowed: the label, and the vocabulary of what ``property_url`` names.
FACETS: Mapping[str, Faceted] = {
    "dataset": Faceted("Dataset"),
    "outcome": Faceted("Outcome", "outcome"),
    "instrument": Faceted("Instrument", "instrument"),
    "key_variable": Faceted("Key variable", "variable"),
    "datatype": Faceted("Data type"),
}
#: A facet nobody sees: which description the variables of a dataset were last read from.
_STATE = "state"
_BY_SCHEME = {one.scheme: name for name, one in FACETS.items() if one.scheme}
_READABLE = re.compile(r"[^\W\d_]{4,40}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 500


@dataclass(frozen=True)
class Variable:
    """One variable of a document: ``said`` is its part, with ``table``, the title of its table."""

    number: int
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its technical name."""
        return str(self.said.get("column_name", ""))[:_LONGEST_NAME]

    @cached_property
    def label(self) -> str:
        """What it is called in words, in English where that is known."""
        return text_of(self.said.get("column_title")) or self.name


def variables_of(record: int, document: Document) -> list[Variable]:
    """The variables of a document, in their order."""
    found: list[Variable] = []
    for table in tables_of(document):
        for column in table.get("column", ()):
            if len(found) == SPAN:
                return found
            said = {**column, "table": table.get("title") or {}}
            found.append(Variable(record * SPAN + len(found), said))
    return found


def tables_of(document: Mapping[str, Any]) -> Iterator[Document]:
    """The tables that a document describes, in their order."""
    for group in document.get("variables", ()):
        yield from group.get("table", ())


def state_of(dataset: str, variables: Sequence[Variable]) -> str:
    """The name of what some variables say; another text is another name."""
    said = json.dumps([dataset, [one.said for one in variables]], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Described:
    """A variable as far as it is searched; explains hits as a record does."""

    def __init__(self, variable: Variable, vocabularies: Vocabularies, dataset: str) -> None:
        said = variable.said
        self._texts = {
            "column_title": _texts(said.get("column_title")),
            "column_name": list(dict.fromkeys((variable.name, apart(variable.name)))),
            "description": _texts(said.get("description")),
            "table": _texts(said.get("table")),
            "unit": _texts(said.get("unit")),
            "codes": _texts(said.get("codes")),
        }
        called = [*self._texts["column_title"], *self._texts["column_name"]]
        self.facets = {"dataset": [dataset]}
        self.ranges: Mapping[str, Interval] = {}
        self.names = frozenset(filter(None, map(terms, called)))
        self.readable = frozenset(
            word.lower() for text in called for word in _READABLE.findall(text)
        )
        if datatype := said.get("datatype"):
            self.facets["datatype"] = [str(datatype)]
        concept = vocabularies.concept(str(said.get("property_url", "")))
        if concept is not None and (facet := _BY_SCHEME.get(concept.scheme)):
            self.facets[facet] = [concept.iri, *vocabularies.above(concept.iri)]
            self._texts["concept"] = [concept.label()]

    def texts(self, called: Called | None = None) -> Mapping[str, list[str]]:
        """Its texts by field; it names no other records."""
        return {name: some for name, some in self._texts.items() if some}


def entry_of(
    variable: Variable, dataset: str, state: str, modified: datetime, vocabularies: Vocabularies
) -> Entry:
    """What of a variable goes into the index."""
    described = Described(variable, vocabularies, dataset)
    return Entry(
        variable.number,
        VARIABLE,
        variable.label,
        modified,
        described.texts(),
        {**described.facets, _STATE: [state]},
        names=described.names,
        spellings=described.readable,
    )


def fields() -> Fields:
    """What an index of variables holds."""
    return Fields(BOOSTS, (*FACETS, _STATE), {})


def searched(profile: Profile) -> Searched:
    """What variables can be searched by."""
    names, counted = frozenset({"column_title", "column_name"}), {VARIABLE: tuple(FACETS)}
    return Searched(
        VARIABLE, profile.vocabularies, BOOSTS, FACETS, (), names, counted, nearly=False
    )


def apart(name: str) -> str:
    """A technical name as words, where capitals tell them apart."""
    return _CAMEL.sub(" ", name)


def text_of(value: Any) -> str:
    """One text of a value, in English where there is one."""
    return next(filter(None, _every(value)), "")


def _texts(value: Any) -> list[str]:
    """Every text of a value, English first."""
    return list(_every(value))


def _every(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for _, text in sorted(value.items(), key=lambda pair: pair[0] != "en"):
            yield from _every(text)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _every(one)
