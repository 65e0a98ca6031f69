"""Statements that no format can carry, found and left out.

Records are checked when stored; this isolates what came in by another way, such as a
database restored from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from catalogue.rdf.writers import NTriples
from catalogue.terms import (
    Statement,
    fault_of_iri,
    fault_of_text,
    iri_of,
    is_iri,
    parts_of,
)


def sound(statements: Sequence[Statement]) -> tuple[Sequence[Statement], str]:
    """The statements every format can carry, and what is wrong with the others."""
    if _is_sound(NTriples({}).piece(statements)):
        return statements, ""
    faults = {statement: fault_of(statement) for statement in statements}
    kept = [statement for statement in statements if not faults[statement]]
    return kept, "; ".join(f"{s[1]}: {why}" for s, why in faults.items() if why)


def _is_sound(source: str) -> bool:
    """One quick look at all of it, for nearly always nothing is wrong."""
    if fault_of_text(source):
        return False
    try:
        return all(True for _ in ox.parse(source, format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError:
        return False


def fault_of(statement: Statement) -> str:
    """Why a statement cannot be serialised; empty if it can."""
    for term in statement:
        if is_iri(term) and (fault := fault_of_iri(iri_of(term))):
            return f"{iri_of(term)!r} {fault}"
        if term.startswith('"') and (fault := fault_of_text(parts_of(term)[0])):
            return f"{parts_of(term)[0]!r} {fault}"
    return ""
