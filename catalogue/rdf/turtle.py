"""Statements as text: N-Triples, and Turtle that people can read.

Both are deterministic: the same statements give the same bytes, so caches and hashes hold.
Source: RDF 1.1 Turtle, https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from catalogue.terms import RDF_TYPE, XSD, Statement, iri_of, is_iri, parts_of

# A local name that needs no escaping in Turtle: the safe part of PN_LOCAL.
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SPLIT = re.compile(r"(.*[/#])([^/#]*)\Z")


def ntriples(statements: Iterable[Statement]) -> str:
    """N-Triples in order, each statement once."""
    lines = dict.fromkeys(f"{s} {p} {o} ." for s, p, o in statements)
    return "\n".join(lines) + "\n" if lines else ""


def header(prefixes: Mapping[str, str]) -> str:
    """The prefix lines before fragments."""
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes.items()) + "\n"


class Turtle:
    """Writes Turtle without prefix lines, so that its pieces can be put together."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._names = {namespace: prefix for prefix, namespace in prefixes.items()}
        self._short: dict[str, str] = {}

    def write(self, statements: Iterable[Statement]) -> str:
        """The statements, grouped by subject in the order they come."""
        subjects: dict[str, dict[str, dict[str, None]]] = {}
        for subject, predicate, object_ in statements:
            subjects.setdefault(subject, {}).setdefault(predicate, {})[object_] = None
        return "".join(self._subject(subject, about) for subject, about in subjects.items())

    def _subject(self, subject: str, about: Mapping[str, Mapping[str, None]]) -> str:
        lines = []
        for predicate, objects in about.items():
            verb = "a" if predicate == RDF_TYPE else self.term(predicate)
            lines.append(f"{verb} " + " , ".join(self.term(object_) for object_ in objects))
        return f"{self.term(subject)} " + " ;\n    ".join(lines) + " .\n\n"

    def term(self, term: str) -> str:
        """A term, shortened by a prefix where that is safe."""
        if is_iri(term):
            short = self._short.get(term)
            if short is None:
                short = self._shorten(term)
                if len(self._short) < 20_000:  # predicates and concepts come again and again
                    self._short[term] = short
            return short
        if term.startswith('"') and term.endswith(">"):
            text, datatype, _ = parts_of(term)
            if datatype == XSD + "boolean" and text in ("true", "false"):
                return text
            return term[: term.rindex("^^") + 2] + self.term(f"<{datatype}>")
        return term

    def _shorten(self, term: str) -> str:
        if match := _SPLIT.match(iri_of(term)):
            prefix = self._names.get(match[1])
            if prefix is not None and _LOCAL.match(match[2]):
                return f"{prefix}:{match[2]}"
        return term
