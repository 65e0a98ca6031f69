"""The statements of a document by subject, and which of its nodes are records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from catalogue.harvest.rulebook import Rulebook
from catalogue.terms import RDF_TYPE, Statement, is_blank, parts_of

AGENT, CATALOGUE, DATASET, SERVICE = "agent", "catalogue", "dataset", "service"
DCT, DCAT = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
_SKOS, _FOAF = "http://www.w3.org/2004/02/skos/core#", "http://xmlns.com/foaf/0.1/"
_CATALOGUE_RECORD = f"<{DCAT}CatalogRecord>"
_APART = (f"<{_SKOS}Concept>", f"<{_SKOS}ConceptScheme>", _CATALOGUE_RECORD)
#: The vocabularies of pages and members.
PAGING = (
    "<http://www.w3.org/ns/hydra/core#",
    "<http://www.w3.org/ns/ldp#",
    "<http://rdfs.org/ns/void#",
)
#: What else says which things belong to a catalogue or document.
LISTING = frozenset(
    (
        *(f"<{DCAT}{one}>" for one in ("dataset", "service", "catalog", "record")),
        f"<{DCT}hasPart>",
        f"<{_FOAF}topic>",
        f"<{_FOAF}primaryTopic>",
    )
)
#: A node of several kinds is of the first: a series is a dataset, a catalogue too (DCAT 3).
_RANK = {"catalogue": 0, "series": 1, "service": 2, "dataset": 3, "agent": 4}


class Sheet:
    """What a document says.

    ``about`` holds, by subject, the predicate, object and whole line of each statement;
    ``kinds`` the kind of each node that is a record, in the order they come in; ``references``
    the statements whose object should be a record; ``paging`` those of pages and members;
    ``vocabulary`` every property and class that is used.
    """

    def __init__(self, lines: Iterable[str], rules: Rulebook) -> None:
        self.rules = rules
        self.about: dict[str, list[tuple[str, str, str]]] = {}
        self.kinds: dict[str, str] = {}
        self.references: list[Statement] = []
        self.paging: list[Statement] = []
        self.vocabulary: set[str] = set()
        self._types: dict[str, list[str]] = defaultdict(list)
        self._apart: set[str] = set()
        self._read(lines)
        self._sort_out()

    def _read(self, lines: Iterable[str]) -> None:
        about, types, references = self.about, self._types, self.rules.references
        is_paging: dict[str, bool] = {RDF_TYPE: False}
        for line in dict.fromkeys(lines):
            if not line:
                continue
            subject, predicate, object_ = line.split(" ", 2)
            object_ = object_[:-2]
            said = about.get(subject)
            if said is None:
                said = about[subject] = []
            said.append((predicate, object_, line))
            if predicate in references:
                self.references.append((subject, predicate, object_))
            pages = is_paging.get(predicate)
            if pages is None:
                pages = predicate in LISTING or predicate.startswith(PAGING)
                is_paging[predicate] = pages
            if predicate == RDF_TYPE:
                types[subject].append(object_)
                pages = object_.startswith(PAGING)
            if pages:
                self.paging.append((subject, predicate, object_))
        self.vocabulary.update(is_paging, *types.values())

    def _sort_out(self) -> None:
        """Which nodes are records, and which belong to no description."""
        classes = self.rules.classes
        for node, types in self._types.items():
            kinds = {classes[one] for one in types if one in classes}
            if kinds:
                self.kinds[node] = min(kinds, key=lambda kind: _RANK.get(kind, 9))
            elif any(one in _APART or one.startswith(PAGING) for one in types) and (
                # What is said of a concept without an address is said nowhere else.
                not is_blank(node) or _CATALOGUE_RECORD in types
            ):
                self._apart.add(node)
        for _, predicate, object_ in self.references:
            if object_ not in self.kinds and object_ in self.about:
                kind = self.rules.references[predicate]
                if kind == AGENT or (kind in ("series", SERVICE) and object_ not in self._types):
                    self.kinds[object_] = kind
                    self._apart.discard(object_)

    def closure(self, node: str) -> Iterator[str]:
        """A record's node and those that belong to its description, each once."""
        seen, waiting = {node}, [node]
        while waiting:
            one = waiting.pop()
            yield one
            for predicate, object_, _ in self.about.get(one, ()):
                # Most objects are literals, which are long: do not hash them.
                if object_[0] != '"' and object_ not in seen and self._belongs(predicate, object_):
                    seen.add(object_)
                    waiting.append(object_)

    def _belongs(self, predicate: str, node: str) -> bool:
        """Whether the description of a record goes on into a node."""
        if node not in self.about or node in self._apart:
            return False
        if (kind := self.kinds.get(node)) is None:
            return predicate not in LISTING
        # An organisation may be somebody's publisher and contact at once.
        return kind == AGENT and predicate in self.rules.parts

    def is_typed(self, node: str, kind: str) -> bool:
        """Whether a node has a class of a kind."""
        return any(self.rules.classes.get(one) == kind for one in self._types.get(node, ()))

    def texts(self, node: str, predicate: str) -> list[str]:
        """The texts of a property, sorted."""
        terms = (object_ for p, object_, _ in self.about[node] if p == predicate)
        texts = (parts_of(term)[0].strip() for term in terms if not is_blank(term))
        return sorted(set(filter(None, texts)))

    def called(self, node: str, by: Collection[str]) -> str:
        """What a node is called, in English if it is; "" if nothing says."""
        names = [
            (not language.lower().startswith("en"), text.strip())
            for text, _, language in (
                parts_of(object_)
                for predicate, object_, _ in self.about[node]
                if predicate in by and object_[0] == '"'
            )
            if text.strip()
        ]
        return min(names)[1] if names else ""
