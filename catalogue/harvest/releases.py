"""Old releases of the profiles, turned into today's before a description is interpreted.

``schemas/releases.csv`` says what was renamed, moved or written otherwise in earlier releases
of HealthDCAT-AP and DCAT-AP, and in what people made of them; ``moves.py`` knows the ways of
moving that a row can name.  What is of today's release passes unchanged.  The IRIs of values
that moved are not here: ``vocabularies/aliases.csv`` has them wherever values are read.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from catalogue.errors import FaultyTable
from catalogue.harvest.moves import AGENTS, WAYS, Move, Told
from catalogue.terms import (
    RDF_TYPE,
    Statement,
    iri,
    iri_of,
    is_iri,
    is_node,
    literal,
    parts_of,
)

#: The columns of the table; ``schemas/README.md`` explains each.
COLUMNS = {
    "rule": "namespace, class, property or value: what was another one",
    "release": "the release that wrote it so; any is a mistake people make in all of them",
    "of": "the classes it is said of; empty is any",
    "old": "the namespace, class or property of old; of a value the property",
    "value": "literal, node or a pattern that the object must match; of a value the old one",
    "way": "how it gets to where it belongs now; empty is a change of name alone",
    "new": "the prefix, class, property or value of today",
    "note": "the reason, in words for people",
}
_RULES = ("namespace", "class", "property", "value")
#: Nothing was renamed more often than this.
_MOST_ROUNDS = 5
#: Changes when the ways change.
_VERSION = "1"
_LOCAL_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z")
_CURIE = re.compile(r"([a-z][a-z0-9-]*):([A-Za-z][\w-]*)\Z")


@dataclass(frozen=True)
class Rule:
    """One row of the table, with the terms it speaks of."""

    release: str
    of: frozenset[str]
    old: str
    value: str
    way: str
    new: str
    note: str
    said: str
    move: Move

    def matches(self, object_: str) -> bool:
        """Whether the object of a statement is such as the row speaks of."""
        match self.value:
            case "":
                return True
            case "literal":
                return not is_node(object_)
            case "node":
                return is_node(object_)
        return is_iri(object_) and fnmatchcase(iri_of(object_), self.value)


class Releases:
    """The table, ready to be applied; ``version`` changes with whatever it would do."""

    def __init__(self, version: str = "") -> None:
        self.version = version
        self.namespaces: list[tuple[str, str, str]] = []
        self.classes: dict[str, Rule] = {}
        self.properties: dict[str, list[Rule]] = {}
        self.values: dict[tuple[str, str], Rule] = {}
        #: The properties that a row has something to say of.
        self.touched: frozenset[str] = frozenset()
        self._predicates: dict[str, tuple[str, str]] = {}

    @classmethod
    def read(cls, folder: Path, prefixes: Mapping[str, str]) -> Releases:
        """Read the table of a folder of profiles; raises :class:`FaultyTable` with every fault."""
        file = folder / "releases.csv"
        if not file.exists():
            return cls(_VERSION)
        content = file.read_bytes()
        releases = cls(hashlib.sha256(content + _VERSION.encode()).hexdigest()[:16])
        faults: list[str] = []
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines())
        if unknown := set(reader.fieldnames or ()) ^ set(COLUMNS):
            raise FaultyTable(f"{file}:1: the columns are {', '.join(COLUMNS)}; see {unknown}")
        for row in reader:
            if fault := releases._add(row, prefixes):
                faults.append(f"{file}:{reader.line_num}: {fault}")
        if faults:
            raise FaultyTable(faults)
        releases.touched = frozenset((*releases.properties, *(key[0] for key in releases.values)))
        releases.namespaces.sort(key=lambda one: -len(one[0]))
        return releases

    def _add(self, row: Mapping[str, str], prefixes: Mapping[str, str]) -> str:
        """Take in a row; what is wrong with it, empty if nothing is."""
        rule, old, new = row["rule"], row["old"], row["new"]
        if rule not in _RULES:
            return f'rule "{rule}"; one of {", ".join(_RULES)}'
        if rule == "namespace":
            if new not in prefixes:
                return f'unknown prefix "{new}"; add it to prefixes.csv'
            said = f"namespace {old}{_of(row['release'])} read as {new}:"
            self.namespaces.append((old, prefixes[new], said))
            return ""
        if row["way"] not in WAYS:
            return f'unknown way "{row["way"]}"; one of {", ".join(filter(None, WAYS))}'
        try:
            made = _rule(row, prefixes)
        except KeyError as error:
            return f"unknown prefix {error}; add it to prefixes.csv"
        if rule == "class":
            self.classes[made.old] = made
        elif rule == "property":
            self.properties.setdefault(made.old, []).append(made)
        else:
            self.values[made.old, row["value"]] = made
        return ""

    def modern(self, statements: Iterable[Statement]) -> tuple[list[Statement], list[str]]:
        """The statements as today's release has them, and in words what was read as what."""
        notes: dict[str, None] = {}
        given = list(statements)
        named = [self._named(one, notes) for one in given]
        told = Told(named)
        if not self._moved_all(told, notes):
            return named if notes else given, list(notes)
        return list(told), list(notes)

    def _moved_all(self, told: Told, notes: dict[str, None]) -> bool:
        """Apply the rows until none has anything to say; whether one had."""
        moved = False
        for _ in range(_MOST_ROUNDS):
            before = [one for one in told if one[1] in self.touched]
            changed = [one for one in before if self._moved(one, told, notes)]
            if not changed:
                break
            moved = True
        return moved

    def _named(self, statement: Statement, notes: dict[str, None]) -> Statement:
        """A statement under today's namespaces and class names."""
        subject, predicate, object_ = statement
        new, said = self._renamed(predicate)
        if said:
            notes[said] = None
        if predicate == RDF_TYPE and is_iri(object_):
            object_, said = self._renamed(object_)
            if said:
                notes[said] = None
            if (rule := self.classes.get(object_)) is not None:
                object_, _ = rule.new, notes.setdefault(rule.said)
        return subject, new, object_

    def _renamed(self, term: str) -> tuple[str, str]:
        """A property or class under today's namespace, with what is to be said of it."""
        if (known := self._predicates.get(term)) is None:
            known = self._in_namespace(term)
            if len(self._predicates) < 10_000:  # a feed may invent as many as it likes
                self._predicates[term] = known
        return known

    def _in_namespace(self, term: str) -> tuple[str, str]:
        name = iri_of(term)
        for old, new, said in self.namespaces:
            if name.startswith(old) and _LOCAL_NAME.match(name[len(old) :]):
                return iri(new + name[len(old) :]), said
        return term, ""

    def _moved(self, statement: Statement, told: Told, notes: dict[str, None]) -> bool:
        """Apply the first row that has something to say of a statement; whether one had."""
        if statement not in told:
            return False
        if (rule := self._revalued(statement)) is not None:
            told.replace(statement, (statement[0], statement[1], rule.new))
            notes[rule.said] = None
            return True
        for rule in self.properties.get(statement[1], ()):
            if not rule.matches(statement[2]):
                continue
            if rule.of and rule.of.isdisjoint(told.classes_of(statement[0])):
                continue
            if rule.move(told, statement, rule.new):
                notes[rule.said] = None
                return True
        return False

    def _revalued(self, statement: Statement) -> Rule | None:
        """The row that has another value for that of a statement."""
        _, predicate, object_ = statement
        text = parts_of(object_)[0]
        for key in (text, text.casefold()):
            rule = self.values.get((predicate, key))
            if rule is not None and rule.new != object_:
                return rule
        return None


def _rule(row: Mapping[str, str], prefixes: Mapping[str, str]) -> Rule:
    def term(text: str) -> str:
        """The term of a name with a prefix or of an address; of any other text a literal."""
        if match := _CURIE.match(text):
            return iri(prefixes[match[1]] + match[2])
        return iri(text) if ":" in text else literal(text)

    of = {term(one) for one in row["of"].split()}
    return Rule(
        release=row["release"],
        of=frozenset(of | (AGENTS if of & AGENTS else set())),
        old=term(row["old"]),
        value=row["value"],
        way=row["way"],
        new=" ".join(map(term, row["new"].split())) if row["way"] == "node" else term(row["new"]),
        note=row["note"],
        said=_said(row),
        move=WAYS[row["way"]].move,
    )


def _said(row: Mapping[str, str]) -> str:
    """What a row does, in words."""
    old, new = row["old"] + _of(row["release"]), row["new"]
    if row["rule"] == "value":
        return f"{row['old']} “{row['value']}”{_of(row['release'])} read as {new}"
    if row["old"] == new or row["way"] in ("node", "list"):
        return f"{old}: {row['note'] or 'written as it is today'}"
    return f"{old} read as {new}{WAYS[row['way']].said}"


def _of(release: str) -> str:
    return "" if release == "any" else f" ({release})"
