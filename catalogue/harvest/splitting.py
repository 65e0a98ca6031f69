"""A document of statements, split into one description for each record.

A description is what is said of a record, and of the nodes that it leads to and that are no
records themselves: its distributions, contacts, periods.  It comes out the same whatever the
order, syntax or blank node labels of the document, so that its digest tells whether a source
says anything new.

All is done with lines of N-Triples as they are: it has to keep up with 100,000 datasets.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from catalogue.errors import Problem
from catalogue.harvest.canonical import canonical
from catalogue.harvest.misspelt import corrected, meant
from catalogue.harvest.naming import IDENTIFIER, Naming, Place
from catalogue.harvest.reading import Remote
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.sheet import AGENT, CATALOGUE, DATASET, DCT, LISTING, PAGING, Sheet
from catalogue.networks import is_public
from catalogue.terms import RDF_TYPE, Statement, iri_of, is_blank

#: The most that one description may hold; a dataset of 8,000 distributions is real.
MOST_STATEMENTS, MOST_BYTES = 200_000, 16_000_000
#: So much is told of one description, and of one document.
_MOST_PROBLEMS = 20
_LONGEST_SHOWN = 120
_MODIFIED = f"<{DCT}modified>"
#: Nothing but this is said of a record that is described elsewhere.
_BARE = frozenset((RDF_TYPE, IDENTIFIER))
_OF_A_HOUSE = ("localhost", ".localhost", ".local", ".internal", ".lan", ".localdomain")


@dataclass(frozen=True)
class Defect:
    """What had to be put right, or left out, in what is said of a node."""

    node: str
    said: str


@dataclass
class Split:
    """What a document came to; ``mentioned`` are datasets that are described elsewhere."""

    found: list[Remote] = field(default_factory=list)
    paging: list[Statement] = field(default_factory=list)
    mentioned: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def split(
    lines: Iterable[str], rules: Rulebook, place: Place, defects: Sequence[Defect] = ()
) -> Split:
    """The descriptions in lines of N-Triples, each ``subject predicate object .``."""
    sheet, problems = _sheet(list(lines), rules)
    described = _Descriptions(sheet, place, defects)
    found = Split(paging=sheet.paging, problems=problems)
    for term, nodes in described.nodes.items():
        kind = sheet.kinds[nodes[0]]
        if nodes[0] in described.naming.nameless:
            if kind not in (AGENT, CATALOGUE):
                found.found.append(described.unnamed(nodes[0], kind))
        elif not described.is_stub(term, nodes, kind):
            found.found.append(described.remote(term, nodes, kind))
        elif kind != AGENT and not described.is_list(nodes, kind):
            found.mentioned.append(iri_of(term))
    found.found, again = _once(found.found)
    found.problems += again
    return found


def _sheet(lines: list[str], rules: Rulebook) -> tuple[Sheet, list[str]]:
    """The sheet of some lines, with the terms that their author meant to use."""
    told: dict[str, str] = {}
    while True:
        sheet = Sheet(lines, rules)
        wrong = meant(sheet.vocabulary, rules.spellings)
        if not wrong or not wrong.keys() - told.keys():
            break
        told.update(wrong)
        lines = list(corrected(lines, wrong))
    shown = [f"{iri_of(was)} was read as {rules.shrink(is_)}" for was, is_ in sorted(told.items())]
    return sheet, [f"{one}." for one in shown[:_MOST_PROBLEMS]]


class _Descriptions:
    """Puts together what is said of each record."""

    def __init__(self, sheet: Sheet, place: Place, defects: Sequence[Defect]) -> None:
        self._sheet, self._rules, self._place = sheet, sheet.rules, place
        self.naming = Naming(sheet, place)
        #: By what a record is called, the nodes that are it: two blank ones may be the same.
        self.nodes: dict[str, list[str]] = defaultdict(list)
        for node in sheet.kinds:
            self.nodes[self.naming.term(node)].append(node)
        self._defects: dict[str, list[str]] = defaultdict(list)
        for defect in defects:
            self._defects[defect.node].append(defect.said)
        self._listed_in = self._listings()
        self._shared = self._shared_identifiers()
        #: Records without a name that others lead to, which then would lead nowhere.
        self._lost = self.naming.nameless
        self._unfinished = frozenset((*self._being_read(), *place.lost))
        self._host = urlsplit(place.address).netloc.lower() if place.address else ""

    def remote(self, term: str, nodes: Sequence[str], kind: str) -> Remote:
        """The description of a record."""
        closure = list(dict.fromkeys(one for node in nodes for one in self._sheet.closure(node)))
        lines = [*self._lines(closure, nodes, kind), *self._added(term, nodes, kind)]
        problems = list(self._problems(term, nodes, kind, closure))
        raw, fault = b"", self._too_large(lines, closure)
        if not fault:
            raw = ("\n".join(canonical(lines)) + "\n").encode("utf-8", "replace")
            if len(raw) > MOST_BYTES:
                fault = f"is {len(raw) / 1e6:.1f} MB long; the most is {MOST_BYTES / 1e6:.0f} MB"
        digest = hashlib.sha256(raw).hexdigest()
        if fault:
            digest = hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "replace")).hexdigest()
            problems, raw = [Problem((), f"The description {fault}.", rule="too-large")], b""
        return Remote(
            id=self.naming.id(term),
            kind=kind,
            iri=iri_of(term),
            raw=raw,
            hash=digest,
            title=self._title(nodes, kind),
            problems=tuple(problems[:_MOST_PROBLEMS]),
        )

    def unnamed(self, node: str, kind: str) -> Remote:
        """A record that could not be known again at the next reading."""
        digest = self.naming.content(node)
        fault = (
            "It has neither an address nor an identifier: it would be another one at each "
            "reading. Have the source give it a dct:identifier."
        )
        return Remote(
            id=f"blank:{digest}",
            kind=kind,
            iri="",
            raw=b"",
            hash=digest,
            title=self._title([node], kind),
            problems=(Problem((), fault, rule="identity"),),
        )

    def is_stub(self, term: str, nodes: Sequence[str], kind: str) -> bool:
        """Whether a record is only named here, and described elsewhere."""
        if is_blank(nodes[0]) or self._title(nodes, kind):
            return False
        if all(said[0] in _BARE for node in nodes for said in self._sheet.about[node]):
            return True
        if self.is_list(nodes, kind):
            return True
        if kind in (AGENT, CATALOGUE) or term in self._listed_in:
            return False
        return any(object_ in nodes for _, _, object_ in self._sheet.references)

    def is_list(self, nodes: Sequence[str], kind: str) -> bool:
        """Whether a catalogue only lists others, and says nothing of itself: it is no entry."""
        said = [one for node in nodes for one in self._sheet.about[node] if one[0] not in _BARE]
        return kind == CATALOGUE and bool(said) and all(self._is_listing(p, o) for p, o, _ in said)

    def _title(self, nodes: Iterable[str], kind: str) -> str:
        by = self._rules.names if kind == AGENT else self._rules.titles
        for names in (by, self._rules.names):
            for node in nodes:
                if found := self._sheet.called(node, names):
                    return found
        return ""

    def _listings(self) -> dict[str, list[tuple[str, str]]]:
        """The catalogues that list each record, and the predicates they do it by."""
        listed: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for node, kind in self._sheet.kinds.items():
            if kind == CATALOGUE and not is_blank(node):
                for predicate, object_, _ in self._sheet.about[node]:
                    if predicate in self._rules.members and object_ in self._sheet.kinds:
                        listed[self.naming.term(object_)].append((node, predicate))
        return listed

    def _shared_identifiers(self) -> dict[str, str]:
        """The identifiers that several datasets say to have, by dataset."""
        owners: dict[str, list[str]] = defaultdict(list)
        for node, kind in self._sheet.kinds.items():
            if kind == DATASET and not is_blank(node):
                for identifier in self._sheet.texts(node, IDENTIFIER):
                    owners[identifier].append(node)
        return {
            node: identifier
            for identifier, nodes in owners.items()
            if len(nodes) > 1
            for node in nodes
        }

    # statements ---------------------------------------------------------------------

    def _lines(self, closure: Sequence[str], nodes: Collection[str], kind: str) -> Iterator[str]:
        """What a description says, blank records by their new names."""
        terms, lost = self.naming.terms, self._lost
        for node in closure:
            own = kind == CATALOGUE and node in nodes
            for predicate, object_, line in self._sheet.about[node]:
                if own and self._is_listing(predicate, object_):
                    continue
                if lost and object_ in lost:
                    continue
                if terms and (node in terms or object_ in terms):
                    line = f"{terms.get(node, node)} {predicate} {terms.get(object_, object_)} ."
                yield line

    def _is_listing(self, predicate: str, object_: str) -> bool:
        """Whether a statement of a catalogue is another one on each of its pages."""
        return (
            predicate in LISTING
            or predicate in self._rules.members
            or predicate == _MODIFIED
            or predicate.startswith(PAGING)
            or (predicate == RDF_TYPE and object_.startswith(PAGING))
        )

    def _added(self, term: str, nodes: Sequence[str], kind: str) -> Iterator[str]:
        """What is said of a record elsewhere in the document, or follows from how it is used."""
        if not any(self._sheet.is_typed(node, kind) for node in nodes):
            yield f"{term} {RDF_TYPE} {self._rules.class_of[kind]} ."
        for catalogue, predicate in self._listed_in.get(term, ()):
            yield f"{catalogue} {RDF_TYPE} {self._rules.class_of[CATALOGUE]} ."
            yield f"{catalogue} {predicate} {term} ."

    def _too_large(self, lines: Sequence[str], closure: Sequence[str]) -> str:
        """Why a description is more than is taken in; "" if it is not."""
        if len(lines) > MOST_STATEMENTS:
            return f"has {len(lines):,} statements; the most is {MOST_STATEMENTS:,}"
        if len(lines) <= self._rules.most:
            return ""
        said = Counter((node, one[0]) for node in closure for one in self._sheet.about[node])
        (_, predicate), number = said.most_common(1)[0]
        if number <= self._rules.most:
            return ""
        name = self._rules.shrink(predicate)
        return f"states {name} {number:,} times; the most is {self._rules.most:,}"

    # problems -----------------------------------------------------------------------

    def _problems(
        self, term: str, nodes: Sequence[str], kind: str, closure: Sequence[str]
    ) -> Iterator[Problem]:
        if self._place.broken and (fault := self._broken(closure)):
            yield Problem((), fault, "violation", "broken-off")
        for node in closure:
            for said in self._defects.get(node, ()):
                yield Problem((), said, "warning", "mended")
        if self._lost:
            yield from self._left_out(closure)
        if identifier := self._shared.get(term):
            shown = identifier[:_LONGEST_SHOWN]
            yield Problem(
                (), f"Another dataset has the identifier “{shown}” too.", "warning", "identifier"
            )
        if _is_of_machine(iri_of(term), self._host) and not iri_of(term).startswith(
            self._place.base
        ):
            yield Problem(
                (),
                f"{iri_of(term)[:_LONGEST_SHOWN]} is an address of the machine itself, which "
                "nobody else can follow. Have the source set its public address.",
                "warning",
                "address",
            )

    def _left_out(self, closure: Sequence[str]) -> Iterator[Problem]:
        """What led to something that has no name."""
        for node in closure:
            for predicate, object_, _ in self._sheet.about[node]:
                if object_ in self._lost and self._sheet.kinds[object_] != CATALOGUE:
                    what = "organisation" if self._sheet.kinds[object_] == AGENT else "thing"
                    yield Problem(
                        (),
                        f"{self._rules.shrink(predicate)}: the {what} named there has neither an "
                        "address nor a name, and was left out.",
                        "warning",
                        "nameless",
                    )

    def _is_promised(self, node: str, predicate: str, object_: str) -> bool:
        """Whether what a statement leads to should be described in the document."""
        if predicate in self._rules.distributions or is_blank(object_):
            return True
        # What comes after the end may be any part, but is from the same place.
        beside = object_.split("/", 3)[:3] == node.split("/", 3)[:3]
        return self._place.early and predicate in self._rules.parts and beside

    def _is_link(self, predicate: str, object_: str) -> bool:
        """Whether a statement leads to another record, whatever is known of that."""
        return object_ in self._sheet.kinds or predicate in self._rules.references

    def _being_read(self) -> Iterator[str]:
        """The nodes that may lack something: back from the last one to a record that holds it."""
        for node in self._place.last:
            yield node
            if self._sheet.kinds.get(node, AGENT) != AGENT:
                return

    def _broken(self, closure: Sequence[str]) -> str:
        """What is missing of a description in a document that broke off; "" if nothing is."""
        whole = "it is taken in when all of the document can be read."
        if not self._unfinished.isdisjoint(closure):
            return f"The document breaks off within it; {whole}"
        for node in closure:
            for predicate, object_, _ in self._sheet.about[node]:
                promised = self._is_promised(node, predicate, object_)
                lost = object_ in self._place.lost and not self._is_link(predicate, object_)
                if lost or (promised and object_ not in self._sheet.about):
                    name = self._rules.shrink(predicate)
                    return f"What {name} leads to is in a part that cannot be read; {whole}"
        return ""


def _once(found: Sequence[Remote]) -> tuple[list[Remote], list[str]]:
    """Each id once: what comes second would take the place of the first."""
    first: dict[str, Remote] = {}
    problems = []
    for one in found:
        if first.setdefault(one.id, one) is not one:
            problems.append(f"{one.id[:_LONGEST_SHOWN]} is described twice; the first one counts.")
    return list(first.values()), problems


def _is_of_machine(address: str, own: str) -> bool:
    """Whether an address leads nowhere but on the machine, or in the house, that wrote it."""
    if not address.startswith(("http://", "https://")):
        return False
    return _leads_nowhere(address.split("/", 3)[2].lower(), own)


@lru_cache(maxsize=1024)
def _leads_nowhere(authority: str, own: str) -> bool:
    if authority == own:  # it is where the document itself was had
        return False
    try:
        host = (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return True
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith(_OF_A_HOUSE)
