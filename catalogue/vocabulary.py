"""Concept schemes: labels in many languages, broader concepts, codes, old names.

Each file of ``vocabularies/`` is one scheme in SKOS Turtle whose header states its
source, version and licence.  ``aliases.csv`` beside them maps addresses that were
right once, or never were, to the right ones.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph

from catalogue.errors import FaultyTable
from catalogue.memory import Memory
from catalogue.picking import Picker
from catalogue.terms import RDF_TYPE, Statement, Statements, iri, iri_of, literal, parts_of

SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
OWL = "http://www.w3.org/2002/07/owl#"
#: Our own terms; to be registered at w3id.org.
OUTCOME = "https://w3id.org/outcome-catalogue/ns#"

#: The note that a concept makes no sense beside another one: no relation to be read backwards.
NOT_FOR = "notFor"
#: An address may have moved twice; a circle of aliases ends here.
_MOST_MOVES = 5

#: The lists that were read last, by folder and version.
_read_before = Memory(2)

Texts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept, or one collection of concepts (``members``).

    ``notes`` holds the annotations of our own namespace by their local names
    (``abbreviation``, ``icd10``, ``measuredWith`` …), each a tuple of texts or IRIs.
    ``checked`` is false where nobody has yet compared the fact with its source.
    """

    iri: str
    code: str
    scheme: str
    labels: Mapping[str, str]
    alternates: Texts = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    issued: str = ""
    notes: Texts = field(default_factory=dict)
    checked: bool = True
    deprecated: bool = False

    def label(self, *languages: str) -> str:
        """The label in the first language there is; English, then any, at last."""
        for language in (*languages, "en"):
            if language in self.labels:
                return self.labels[language]
        return next(iter(self.labels.values()), self.code)

    def texts(self) -> Iterator[str]:
        """Every label in every language, for the index."""
        yield from self.labels.values()
        for alternates in self.alternates.values():
            yield from alternates


@dataclass(frozen=True)
class Vocabulary:
    """One concept scheme.

    ``range`` is the class its members belong to when used as values (``dct:Frequency``);
    ``pattern`` tells which other IRIs an open list accepts.  ``unchecked`` says what of the
    whole list nobody has compared with a source yet; empty if nothing.  ``expands`` says
    that searches understand its synonyms, abbreviations, translations and narrower terms.
    """

    name: str
    iri: str
    title: str
    description: str
    source: tuple[str, ...]
    version: str
    licence: str
    rights: str
    range: str
    pattern: str
    complete: bool
    unchecked: str
    expands: bool
    concepts: Mapping[str, Concept]
    collections: Mapping[str, Concept]

    @cached_property
    def by_code(self) -> Mapping[str, Concept]:
        """The concepts by their codes."""
        return {concept.code: concept for concept in self.concepts.values()}

    @cached_property
    def by_label(self) -> Mapping[str, Concept]:
        """The concepts by every label, in lower case; the first one wins."""
        found: dict[str, Concept] = {}
        for concept in self.concepts.values():
            for text in concept.texts():
                found.setdefault(text.casefold(), concept)
        return found

    @cached_property
    def picker(self) -> Picker[str]:
        """The IRIs of the concepts in use by all their names: labels first, then codes."""
        kept = [one for one in self.concepts.values() if not one.deprecated]
        labels = [(one.label(), one.iri) for one in kept]
        codes = [(one.code, one.iri) for one in kept]
        others = [(text, one.iri) for one in kept for text in one.texts()]
        return Picker([*labels, *codes, *others])

    @cached_property
    def narrower(self) -> Mapping[str, tuple[str, ...]]:
        """The IRIs directly below each concept."""
        below: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for above in concept.broader:
                below.setdefault(above, []).append(concept.iri)
        return {above: tuple(found) for above, found in below.items()}

    def accepts(self, value: str) -> bool:
        """Whether an IRI is a member, or would be one of an open list."""
        return value in self.concepts or bool(self.pattern and re.match(self.pattern, value))

    @cached_property
    def _above(self) -> dict[str, tuple[str, ...]]:
        return {}

    def iris_above(self, value: str) -> tuple[str, ...]:
        """The IRIs of what is above a concept, nearest first, each once; worked out once."""
        if value not in self.concepts:
            return ()
        if (found := self._above.get(value)) is None:
            found = self._above[value] = tuple(one.iri for one in self._upwards(value))
        return found

    def above(self, value: str) -> Iterator[Concept]:
        """The concepts above a concept, nearest first, each once."""
        return map(self.concepts.__getitem__, self.iris_above(value))

    def _upwards(self, value: str) -> Iterator[Concept]:
        seen, queue = {value}, [value]
        while queue:
            concept = self.concepts.get(queue.pop(0))
            for parent in concept.broader if concept else ():
                if parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
                    if parent in self.concepts:
                        yield self.concepts[parent]

    def statements(self, value: str) -> Iterator[Statement]:
        """What a self-contained document must say of a concept it uses.

        Type, range class, labels and scheme: the official shapes look for the scheme in
        the document itself.
        """
        node = iri(value)
        if self.range:
            yield node, RDF_TYPE, iri(self.range)
        if (concept := self.concepts.get(value)) is None:
            return
        yield node, RDF_TYPE, iri(SKOS + "Concept")
        yield node, iri(SKOS + "inScheme"), iri(self.iri)
        for language, label in sorted(concept.labels.items()):
            yield node, iri(SKOS + "prefLabel"), literal(label, language=language)
        yield from self.header()

    def header(self) -> Iterator[Statement]:
        """What a self-contained document must say of the list itself."""
        yield iri(self.iri), RDF_TYPE, iri(SKOS + "ConceptScheme")
        yield iri(self.iri), iri(DCT + "title"), literal(self.title, language="en")


class Vocabularies(Mapping[str, Vocabulary]):
    """All concept schemes, by name, with the aliases; ``version`` changes with any file."""

    def __init__(
        self, vocabularies: Sequence[Vocabulary], aliases: Aliases, version: str = ""
    ) -> None:
        self.version = version
        self._vocabularies = {one.name: one for one in vocabularies}
        self._concepts = {
            concept.iri: concept
            for one in vocabularies
            for concept in (*one.concepts.values(), *one.collections.values())
        }
        self.by_iri = {one.iri: one for one in vocabularies}
        self.aliases = aliases

    @classmethod
    def read(cls, folder: Path) -> Vocabularies:
        """Read every scheme of a folder; raises :class:`FaultyTable` naming file and line.

        A process that opens several catalogues reads the same files once.
        """
        files = sorted((*folder.glob("*.ttl"), *folder.glob("aliases.csv")))
        version = hashlib.sha256(b"".join(map(_bytes, files))).hexdigest()[:16]
        return _read_before((folder, version), lambda: cls._read(folder, version))

    @classmethod
    def _read(cls, folder: Path, version: str) -> Vocabularies:
        faults: list[str] = []
        found: dict[str, Vocabulary] = {}
        for file in sorted(folder.glob("*.ttl")):
            try:
                vocabulary = read_vocabulary(file)
            except FaultyTable as error:
                faults += error.faults
                continue
            found[vocabulary.name] = vocabulary
        if not found and not faults:
            faults.append(f"{folder}: no vocabulary there; is CATALOGUE_VOCABULARIES right?")
        aliases = Aliases.read(folder / "aliases.csv", faults)
        if faults:
            raise FaultyTable(faults)
        return cls(list(found.values()), aliases, version)

    def __getitem__(self, name: str) -> Vocabulary:
        return self._vocabularies[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabularies)

    def __len__(self) -> int:
        return len(self._vocabularies)

    def concept(self, value: str) -> Concept | None:
        """The concept or collection of an IRI, whichever scheme it is in."""
        return self._concepts.get(value)

    def above(self, value: str) -> tuple[str, ...]:
        """The IRIs of what is above a concept, whichever scheme it is in, nearest first."""
        concept = self._concepts.get(value)
        return self._vocabularies[concept.scheme].iris_above(value) if concept else ()

    def label(self, value: str, *languages: str) -> str:
        """The label of a concept; the last part of the IRI if it is not ours."""
        concept = self._concepts.get(value)
        return concept.label(*languages) if concept else re.split(r"[#/]", value.rstrip("/"))[-1]

    def code(self, value: str) -> str:
        """The code of a concept; the last part of the IRI if it is not ours."""
        concept = self._concepts.get(value)
        return concept.code if concept else re.split(r"[#/]", value.rstrip("/"))[-1]

    @cached_property
    def mentions(self) -> Mapping[str, tuple[Concept, ...]]:
        """The concepts that speak of each concept, in whichever list: relations read backwards."""
        found: dict[str, list[Concept]] = {}
        for speaker in self._concepts.values():
            notes = (some for note, some in speaker.notes.items() if note != NOT_FOR)
            spoken = (speaker.related, speaker.members, *notes)
            for value in dict.fromkeys(one for some in spoken for one in some):
                if value in self._concepts:
                    found.setdefault(value, []).append(speaker)
        return {value: tuple(speakers) for value, speakers in found.items()}

    def resolve(self, name: str, value: str) -> str:
        """The IRI somebody means by an IRI (old ones too), a code or a label; empty if unknown."""
        vocabulary = self[name]
        value = self.aliases.follow(value.strip())
        if vocabulary.accepts(value):
            return value
        if concept := vocabulary.by_code.get(value):
            return concept.iri
        if concept := vocabulary.by_label.get(value.casefold()):
            return concept.iri
        return value if ":" in value and "/" in value else ""


class Aliases:
    """Addresses that were right once: old hosts, moved lists, codes that never existed."""

    def __init__(self, exact: Mapping[str, str], prefixes: Sequence[tuple[str, str]]) -> None:
        self.exact = exact
        self.prefixes = sorted(prefixes, key=lambda pair: -len(pair[0]))

    @classmethod
    def read(cls, file: Path, faults: list[str]) -> Aliases:
        """Read ``aliases.csv``; adds to ``faults`` what cannot be used."""
        exact: dict[str, str] = {}
        prefixes: list[tuple[str, str]] = []
        if not file.exists():
            return cls(exact, prefixes)
        with file.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                old, new, match = row.get("from"), row.get("to"), row.get("match")
                if not old or not new or match not in ("exact", "prefix"):
                    faults.append(f"{file}:{number}: needs from, to and match (exact or prefix)")
                elif match == "exact":
                    exact[old] = new
                else:
                    prefixes.append((old, new))
        return cls(exact, prefixes)

    def follow(self, value: str) -> str:
        """The right address for an old one; any other stays as it is."""
        for _ in range(_MOST_MOVES):
            moved = next(
                (new + value[len(old) :] for old, new in self.prefixes if value.startswith(old)),
                value,
            )
            if moved == value:
                break
            value = moved
        return self.exact.get(value, value)


def read_vocabulary(file: Path) -> Vocabulary:
    """Read one scheme; raises :class:`FaultyTable` with file and, if known, line."""
    try:
        statements = Statements(
            (str(quad.subject), str(quad.predicate), str(quad.object))
            for quad in pyoxigraph.parse(path=str(file), format=pyoxigraph.RdfFormat.TURTLE)
        )
    except SyntaxError as error:
        raise FaultyTable(f"{file}:{error.lineno or 1}: not valid Turtle: {error.msg}") from None
    except (OSError, ValueError) as error:
        raise FaultyTable(f"{file}:1: cannot be read: {error}") from None
    schemes = statements.of_type(iri(SKOS + "ConceptScheme"))
    if len(schemes) != 1:
        raise FaultyTable(f"{file}:1: one skos:ConceptScheme is needed, found {len(schemes)}")
    scheme = schemes[0]

    def text(predicate: str) -> str:
        return next((parts_of(o)[0] for o in statements.objects(scheme, iri(predicate))), "")

    name = text(OUTCOME + "name") or file.stem
    concepts, faults = {}, []
    for node in statements.of_type(iri(SKOS + "Concept")):
        concept = _concept(statements, node, name)
        concepts[concept.iri] = concept
        if not concept.labels:
            faults.append(f"{file}:{_line(file, concept.iri)}: {concept.iri} has no skos:prefLabel")
    collections = {}
    for node in statements.of_type(iri(SKOS + "Collection")):
        collection = _concept(statements, node, name)
        collections[collection.iri] = collection
    if name != file.stem:
        faults.append(f'{file}:1: outcome:name is "{name}"; it must be the name of the file')
    if faults:
        raise FaultyTable(faults)
    return Vocabulary(
        name=name,
        iri=iri_of(scheme),
        title=text(DCT + "title") or name,
        description=text(DCT + "description"),
        source=tuple(parts_of(o)[0] for o in statements.objects(scheme, iri(DCT + "source"))),
        version=text(OWL + "versionInfo"),
        licence=text(DCT + "license"),
        rights=text(DCT + "rights"),
        range=text(OUTCOME + "range"),
        pattern=text(OUTCOME + "pattern"),
        complete=text(OUTCOME + "complete") != "false",
        unchecked=text(OUTCOME + "unchecked"),
        expands=text(OUTCOME + "expands") == "true",
        concepts=concepts,
        collections=collections,
    )


def _concept(statements: Statements, node: str, scheme: str) -> Concept:
    def values(predicate: str) -> tuple[str, ...]:
        return tuple(parts_of(o)[0] for o in statements.objects(node, iri(predicate)))

    def by_language(predicate: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for term in statements.objects(node, iri(predicate)):
            text, _, language = parts_of(term)
            found[language or "en"] = (*found.get(language or "en", ()), text)
        return found

    def one_by_language(predicate: str) -> dict[str, str]:
        return {language: texts[0] for language, texts in by_language(predicate).items()}

    alternates = by_language(SKOS + "altLabel")
    for language, hidden in by_language(SKOS + "hiddenLabel").items():
        alternates[language] = (*alternates.get(language, ()), *hidden)
    value = iri_of(node)
    return Concept(
        iri=value,
        code=next(iter(values(SKOS + "notation")), re.split(r"[#/]", value)[-1]),
        scheme=scheme,
        labels=one_by_language(SKOS + "prefLabel"),
        alternates=alternates,
        definition=one_by_language(SKOS + "definition"),
        note={tag: " ".join(texts) for tag, texts in by_language(SKOS + "note").items()},
        broader=values(SKOS + "broader"),
        related=(*values(SKOS + "broadMatch"), *values(SKOS + "related")),
        members=values(SKOS + "member"),
        sources=values(DCT + "source"),
        citations=values(DCT + "bibliographicCitation"),
        issued=next(iter(values(DCT + "issued")), ""),
        notes={
            predicate[len(OUTCOME) + 1 : -1]: values(iri_of(predicate))
            for predicate in statements.predicates(node)
            if predicate.startswith("<" + OUTCOME)
        },
        checked="false" not in values(OUTCOME + "checked"),
        deprecated="true" in values(OWL + "deprecated"),
    )


def _bytes(file: Path) -> bytes:
    """What a file holds; nothing if it cannot be read, which reading it will say in words."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _line(file: Path, value: str) -> int:
    """The first line a value stands in, for messages; 1 if it is written in short."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if value in line:
            return number
    return 1
