"""A dictionary taken into a document: its tables, and what somebody confirmed of them.

What is there is never overwritten by a guess: a statement about an outcome stays as it is, but
for an instrument that it lacks.  Parts keep their names where a table or variable is the same,
so links to them go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from catalogue.dictionary.suggesting import (
    INSTRUMENT,
    KEY_VARIABLE,
    OUTCOME,
    Suggestion,
    first_of,
)
from catalogue.profile import Document
from catalogue.variables.describing import tables_of
from catalogue.vocabulary import Concept, Vocabularies

REPLACE, ADD = "replace", "add"
_COLLECTED = "collected"
_THERE = "Stated already"
#: How many variables a statement names as its evidence.
_NAMED = 5


@dataclass(frozen=True)
class Offer:
    """Something that may be stated because of a dictionary, to be confirmed.

    ``value`` is what a tick box sends.  ``stated`` tells why there is nothing to confirm.
    """

    value: str
    kind: str
    label: str
    reason: str
    concept: Concept
    instrument: Concept | None
    variables: tuple[str, ...]
    stated: str = ""


@dataclass(frozen=True)
class Difference:
    """How many variables are new, changed, the same, and no longer there."""

    new: int
    changed: int
    same: int
    gone: int


def offers(
    suggestions: Iterable[Suggestion], document: Document, vocabularies: Vocabularies
) -> list[Offer]:
    """What suggestions come to in a document; an instrument is one offer an outcome."""
    statements = {one.get("outcome"): one for one in document.get("outcome_statement", ())}
    known = set(document.get("key_variable", ()))
    found: list[Offer] = []
    for one in suggestions:
        concept = one.concept
        if one.kind == INSTRUMENT:
            found += _by_outcome(one, statements, vocabularies)
            continue
        if one.kind == KEY_VARIABLE:
            stated = _THERE if concept.iri in known else ""
        else:
            stated = _stated(statements.get(concept.iri), None, vocabularies)
        value, label = f"{one.kind} {concept.code}", concept.label()
        found.append(
            Offer(value, one.kind, label, one.reason, concept, None, one.variables, stated)
        )
    return found


def _by_outcome(
    one: Suggestion, statements: Mapping[Any, Mapping[str, Any]], vocabularies: Vocabularies
) -> Iterator[Offer]:
    """An instrument as the outcomes that are measured with it."""
    concept, label = one.concept, one.concept.label()
    for outcome in one.outcomes:
        yield Offer(
            f"{INSTRUMENT} {concept.code} {outcome.code}",
            one.kind,
            f"{outcome.label()}, measured with {label}",
            one.reason,
            outcome,
            concept,
            one.variables,
            _stated(statements.get(outcome.iri), concept, vocabularies),
        )
    if not one.outcomes:
        said = "No outcome is known that it measures: add the statement in the form"
        yield Offer("", one.kind, label, one.reason, concept, None, one.variables, said)


def _stated(
    statement: Mapping[str, Any] | None, instrument: Concept | None, vocabularies: Vocabularies
) -> str:
    """Why an outcome need not be stated; empty if it may be."""
    if statement is None:
        return ""
    state = vocabularies.code(statement.get("state", ""))
    if state != _COLLECTED:
        label = vocabularies.label(statement.get("state", "")).lower()
        return f"You state “{label or 'nothing'}”; change that in the form if it is collected"
    if instrument is None or instrument.iri in statement.get("instrument", ()):
        return _THERE
    return ""


def taken(
    document: Document,
    tables: Sequence[Mapping[str, Any]],
    confirmed: Sequence[Offer],
    vocabularies: Vocabularies,
    *,
    way: str = REPLACE,
) -> Document:
    """The document with the tables, and with what was confirmed."""
    new = deepcopy(dict(document))
    concepts = {
        name: one.concept.iri
        for one in reversed(confirmed)
        if one.kind in (OUTCOME, KEY_VARIABLE)
        for name in one.variables
    }
    groups = new.get("variables", [])
    before = _known(document)
    drawn = [_drawn(table, before, concepts) for table in tables]
    if way == ADD and groups:
        titles = {_title(table) for table in drawn}
        for group in groups:
            group["table"] = [one for one in group.get("table", ()) if _title(one) not in titles]
        groups[0]["table"] += drawn
        new["variables"] = [one for one in groups if one["table"]]
    else:
        first = groups[0] if groups else {}
        new["variables"] = [{"title": {"en": "Data dictionary"}, **first, "table": drawn}]
    new["structured_data"] = True
    _state_it(new, confirmed, vocabularies)
    return new


def difference(document: Document, changed: Document) -> Difference:
    """What becomes of the variables of a document."""
    old = {key: _plain(one) for key, one in _columns(document).items()}
    new = {key: _plain(one) for key, one in _columns(changed).items()}
    both = old.keys() & new.keys()
    same = sum(1 for key in both if old[key] == new[key])
    return Difference(len(new) - len(both), len(both) - same, same, len(old) - len(both))


def _drawn(
    table: Mapping[str, Any],
    before: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]],
    concepts: Mapping[str, str],
) -> dict[str, Any]:
    """A table as a part, under the names its parts had."""
    was, columns = before.get(_title(table), ({}, {}))
    drawn = []
    for column in table["column"]:
        name = column["column_name"]
        old = columns.get(name, {})
        concept = column.get("property_url") or old.get("property_url") or concepts.get(name)
        one = {**({"id": old["id"]} if old.get("id") else {}), **column}
        drawn.append({**one, "property_url": concept} if concept else one)
    kept = {key: was[key] for key in ("id", "table_url", "keyword") if was.get(key)}
    return {**kept, "title": was.get("title") or table["title"], "column": drawn}


def _known(
    document: Document,
) -> dict[str, tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]]:
    """The tables of a document with their variables, by title and name."""
    return {
        _title(table): (table, {one.get("column_name", ""): one for one in table.get("column", ())})
        for table in tables_of(document)
    }


def _columns(document: Document) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (title, name): column
        for title, (_, columns) in _known(document).items()
        for name, column in columns.items()
    }


def _title(table: Mapping[str, Any]) -> str:
    return next(iter((table.get("title") or {}).values()), "").casefold()


def _plain(column: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in column.items() if key != "id"}


def _state_it(document: Document, confirmed: Sequence[Offer], vocabularies: Vocabularies) -> None:
    """State what was confirmed, beside what is stated."""
    state = vocabularies["outcome-state"].by_code[_COLLECTED].iri
    statements = document.get("outcome_statement", [])
    by_outcome = {one.get("outcome"): one for one in statements}
    for one in confirmed:
        if one.stated or not one.value:
            continue
        if one.kind == KEY_VARIABLE:
            known = document.setdefault("key_variable", [])
            if one.concept.iri not in known:
                known.append(one.concept.iri)
            continue
        statement = by_outcome.get(one.concept.iri)
        if statement is None:
            statement = {
                "outcome": one.concept.iri,
                "state": state,
                "statement_note": {"en": f"Variables: {first_of(one.variables, _NAMED)}"},
            }
            by_outcome[one.concept.iri] = statement
            statements.append(statement)
        if one.instrument is not None and one.instrument.iri not in statement.get("instrument", ()):
            statement["instrument"] = [*statement.get("instrument", ()), one.instrument.iri]
    if statements:
        document["outcome_statement"] = statements
