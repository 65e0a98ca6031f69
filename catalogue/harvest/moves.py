"""How statements of an old release get to where they belong now.

Each way is a function of what is told, the statement and the new name; it changes what is told
and says whether it did.  A way that finds no place for a statement leaves it where it is: it
is then reported as unread rather than lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from catalogue.terms import (
    RDF_TYPE,
    Statement,
    fault_of_iri,
    iri,
    iri_of,
    is_blank,
    is_iri,
    is_node,
    literal,
    parts_of,
)

_DCAT, _DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
_FOAF, _CV = "http://xmlns.com/foaf/0.1/", "http://data.europa.eu/m8g/"
_VCARD, _CSVW = "http://www.w3.org/2006/vcard/ns#", "http://www.w3.org/ns/csvw#"
_LOCN, _SKOS = "http://www.w3.org/ns/locn#", "http://www.w3.org/2004/02/skos/core#"
_RDF, _RDFS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"
_HEALTH, _GEO = "http://healthdataportal.eu/ns/health#", "http://www.opengis.net/ont/geosparql#"
_ADMS, _PROV = "http://www.w3.org/ns/adms#", "http://www.w3.org/ns/prov#"
_TIME, _ORG = "http://www.w3.org/2006/time#", "http://www.w3.org/ns/org#"

AGENT, DATASET, DISTRIBUTION = (
    iri(_FOAF + "Agent"),
    iri(_DCAT + "Dataset"),
    iri(_DCAT + "Distribution"),
)
KIND, TABLE = iri(_VCARD + "Kind"), iri(_CSVW + "Table")
#: Whatever is one of these is an agent.
AGENTS = frozenset(
    map(iri, (_FOAF + "Agent", _FOAF + "Organization", _FOAF + "Person", _ORG + "Organization"))
) | {iri(_PROV + "Agent")}

_PUBLISHER, _TITLE = iri(_DCT + "publisher"), iri(_DCT + "title")
_DISTRIBUTION = iri(_DCAT + "distribution")
_FORMS = (_DISTRIBUTION, iri(_ADMS + "sample"), iri(_HEALTH + "analytics"))
_CONTACT_POINT = iri(_CV + "contactPoint")
_VARIABLES, _TABLE, _COLUMN = (
    iri(_HEALTH + "hasVariables"),
    iri(_CSVW + "table"),
    iri(_CSVW + "column"),
)
_SCHEMA = iri(_CSVW + "tableSchema")
_FIRST, _REST, _NIL = iri(_RDF + "first"), iri(_RDF + "rest"), iri(_RDF + "nil")
_LABELS = (iri(_SKOS + "prefLabel"), iri(_RDFS + "label"), _TITLE)
_NOTATION = iri(_SKOS + "notation")
_GEOMETRIES = (iri(_DCAT + "bbox"), iri(_DCAT + "centroid"), iri(_LOCN + "geometry"))
_PLACE_NAMES = (
    iri(_LOCN + "adminUnitL1"),
    iri(_SKOS + "exactMatch"),
    iri(_LOCN + "geographicName"),
    *_LABELS,
)
_INNER = (iri(_VCARD + "hasValue"), iri(_GEO + "asWKT"), iri(_RDF + "value"))
#: What a vCard says of an agent, by the property of a cv:ContactPoint.
_DETAILS = {
    iri(_CV + "email"): ("hasEmail", "email"),
    iri(_CV + "contactPage"): ("hasURL", "url"),
    iri(_CV + "telephone"): ("hasTelephone", "tel"),
}
#: What a node is because of what points to it, where nobody says its class.
_ROLES = {
    _PUBLISHER: AGENT,
    iri(_DCT + "creator"): AGENT,
    iri(_HEALTH + "hdab"): AGENT,
    iri(_HEALTH + "hdabCoordinator"): AGENT,
    iri("http://data.europa.eu/930/custodian"): AGENT,
    iri(_PROV + "agent"): AGENT,
    **dict.fromkeys(_FORMS, DISTRIBUTION),
    iri(_DCT + "temporal"): iri(_DCT + "PeriodOfTime"),
    iri(_HEALTH + "retentionPeriod"): iri(_DCT + "PeriodOfTime"),
    iri(_DCT + "spatial"): iri(_DCT + "Location"),
    iri(_DCAT + "contactPoint"): KIND,
    _TABLE: TABLE,
}


class Told:
    """The statements of a description while they are moved."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._about: dict[str, dict[Statement, None]] = {}
        self._classes: dict[str, set[str]] = {}
        for one in statements:
            self.put(*one)

    def __iter__(self) -> Iterator[Statement]:
        for statements in self._about.values():
            yield from statements

    def __contains__(self, statement: Statement) -> bool:
        return statement in self._about.get(statement[0], ())

    def put(self, subject: str, predicate: str, object_: str) -> None:
        """Take in a statement."""
        self._about.setdefault(subject, {})[subject, predicate, object_] = None
        if predicate == RDF_TYPE:
            self._classes.setdefault(subject, set()).add(object_)
        elif (role := _ROLES.get(predicate)) is not None and is_node(object_):
            self._classes.setdefault(object_, set()).add(role)

    def drop(self, statement: Statement) -> None:
        """Take a statement out."""
        self._about.get(statement[0], {}).pop(statement, None)

    def replace(self, statement: Statement, *others: Statement) -> bool:
        """Say it otherwise."""
        self.drop(statement)
        for one in others:
            self.put(*one)
        return True

    def objects(self, subject: str, *predicates: str) -> list[str]:
        """The objects of a subject, by predicate in the order asked for."""
        about = self._about.get(subject, ())
        return [o for wanted in predicates for _, predicate, o in about if predicate == wanted]

    def subjects(self, object_: str, *predicates: str) -> list[str]:
        """What points to a node by one of some predicates."""
        return [s for s, p, o in self if o == object_ and p in predicates]

    def classes_of(self, node: str) -> set[str]:
        """The classes of a node, stated or by its role."""
        return self._classes.get(node, set())

    def forget(self, node: str) -> None:
        """Leave out what is said of a node that nothing points to any more."""
        if not any(o == node for _, _, o in self):
            below = [o for _, _, o in self._about.pop(node, ()) if is_blank(o)]
            for one in below:
                self.forget(one)


def new_node(*of: str) -> str:
    """A blank node whose name follows from what it is made for, so that it is always the same."""
    return "_:r" + hashlib.sha256("\0".join(of).encode()).hexdigest()[:24]


Move = Callable[[Told, Statement, str], bool]


@dataclass(frozen=True)
class Way:
    """A way of moving, and the words that follow the new name."""

    move: Move
    said: str = ""


def _rename(told: Told, statement: Statement, new: str) -> bool:
    subject, predicate, object_ = statement
    return new != predicate and told.replace(statement, (subject, new, object_))


def _if_missing(told: Told, statement: Statement, new: str) -> bool:
    return not told.objects(statement[0], new) and _rename(told, statement, new)


def _to_publisher(told: Told, statement: Statement, new: str) -> bool:
    subject, _, object_ = statement
    publishers = list(filter(is_node, told.objects(subject, _PUBLISHER)))
    return bool(publishers) and told.replace(statement, *((p, new, object_) for p in publishers))


def _to_distributions(told: Told, statement: Statement, new: str) -> bool:
    subject, _, object_ = statement
    forms = list(filter(is_node, told.objects(subject, _DISTRIBUTION)))
    lacking = [one for one in forms if not told.objects(one, new)]
    return bool(forms) and told.replace(statement, *((one, new, object_) for one in lacking))


def _contact_of(told: Told, agent: str) -> str:
    """The contact point of an agent; a new one if it has none."""
    found = next(iter(told.objects(agent, _CONTACT_POINT)), new_node(agent, _CONTACT_POINT))
    told.put(agent, _CONTACT_POINT, found)
    told.put(found, RDF_TYPE, iri(_CV + "ContactPoint"))
    return found


def _to_detail(told: Told, statement: Statement, new: str) -> bool:
    """What is said of an agent becomes a detail of its contact point."""
    agent, _, object_ = statement
    held = told.objects(next(iter(told.objects(agent, _CONTACT_POINT)), ""), new)
    detail = _detail(told, object_, new)
    if not detail or (held and detail not in held):
        return False
    return told.replace(statement, (_contact_of(told, agent), new, detail))


def _to_contact(told: Told, statement: Statement, new: str) -> bool:
    """The vCard of an agent becomes its contact point."""
    agent, _, card = statement
    details = [
        (name, detail)
        for name, old in _DETAILS.items()
        for one in told.objects(card, *(iri(_VCARD + local) for local in old))[:1]
        if (detail := _detail(told, one, name))
    ]
    if not details:
        return False
    contact = _contact_of(told, agent)
    lacking = [(contact, name, one) for name, one in details if not told.objects(contact, name)]
    told.replace(statement, *lacking)
    told.forget(card)
    return True


def _detail(told: Told, object_: str, name: str) -> str:
    """A literal without scheme, but for a page, which is an address."""
    inner = told.objects(object_, *_INNER)
    text = parts_of(inner[0] if inner else object_)[0].strip()
    if is_blank(object_) and not inner:
        return ""
    if name == iri(_CV + "contactPage"):
        return "" if fault_of_iri(text) else iri(text)
    return literal(re.sub(r"(?i)\A(mailto|tel):", "", text)) if text else ""


def _as_code(told: Told, statement: Statement, new: str) -> bool:
    """A concept becomes the literal of its code: its notation, or where its address ends."""
    subject, _, node = statement
    notations = told.objects(node, _NOTATION) or (
        told.objects(node, *_LABELS) if is_blank(node) else []
    )
    code = parts_of(notations[0])[0] if notations else ""
    if not code and is_iri(node):
        code = re.split(r"[#/]", iri_of(node).rstrip("#/"))[-1]
    if not code:
        return False
    told.replace(statement, (subject, new, literal(code)))
    told.forget(node)
    return True


def _as_address(told: Told, statement: Statement, new: str) -> bool:
    subject, _, node = statement
    return is_iri(node) and told.replace(statement, (subject, new, literal(iri_of(node))))


def _as_label(told: Told, statement: Statement, new: str) -> bool:
    subject, _, node = statement
    labels = told.objects(node, *_LABELS)
    if not labels:
        return False
    told.replace(statement, *((subject, new, one) for one in labels))
    told.forget(node)
    return True


def _as_inner(told: Told, statement: Statement, new: str) -> bool:
    """The value that a node stands round."""
    subject, _, node = statement
    inner = told.objects(node, *_INNER)
    if not inner:
        return False
    told.replace(statement, (subject, new, inner[0]))
    told.forget(node)
    return True


def _as_node(told: Told, statement: Statement, new: str) -> bool:
    """A text becomes a node of a class that has the text; ``new`` are class and property."""
    subject, predicate, text = statement
    class_, name = new.split()
    address = parts_of(text)[0].strip()
    if name != _NOTATION and re.match("https?://", address) and not fault_of_iri(address):
        return told.replace(
            statement, (subject, predicate, iri(address)), (iri(address), RDF_TYPE, class_)
        )
    # Texts in several languages are one statement, an identifier is one for itself.
    node = new_node(subject, predicate, text if name == _NOTATION else "")
    return told.replace(
        statement, (subject, predicate, node), (node, RDF_TYPE, class_), (node, name, text)
    )


def _in_list(told: Told, statement: Statement, new: str) -> bool:
    """A short code as text becomes the entry of an official list; ``new`` is where it is."""
    subject, predicate, text = statement
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{2,4})?", parts_of(text)[0].strip())
    if match is None:
        return False
    return told.replace(statement, (subject, predicate, iri(iri_of(new) + match[1].upper())))


def _as_place(told: Told, statement: Statement, new: str) -> bool:
    """A nameless node with the name of a place becomes the name."""
    subject, _, node = statement
    named = told.objects(node, *_PLACE_NAMES) if is_blank(node) else []
    if not named:
        return False
    for name in _PLACE_NAMES:
        for one in told.objects(node, name):
            told.drop((node, name, one))
    for one in named:
        text = parts_of(one)[0]
        told.put(subject, new, one if is_iri(one) or fault_of_iri(text) else iri(text))
    if not told.objects(node, *_GEOMETRIES):
        told.drop(statement)
        told.forget(node)
    return True


def _members(told: Told, statement: Statement, new: str) -> bool:
    """Each member of a list, in the list's order."""
    subject, _, head = statement
    members: list[str] = []
    cells: list[str] = []
    while head != _NIL and head not in cells and (first := told.objects(head, _FIRST)):
        cells.append(head)
        members += first[:1]
        head = next(iter(told.objects(head, _REST)), _NIL)
    if not cells:
        return False
    told.replace(statement, *((subject, new, one) for one in members))
    for cell in cells:
        told.forget(cell)
    return True


def _columns(told: Told, statement: Statement, new: str) -> bool:
    """The columns of a schema are those of its table."""
    subject, _, schema = statement
    columns = told.objects(schema, _COLUMN)
    if not columns:
        return False
    told.replace(statement, *((subject, new, one) for one in columns))
    told.forget(schema)
    return True


def _to_variables(told: Told, statement: Statement, new: str) -> bool:
    """Tables of a distribution become variables of its dataset."""
    subject, predicate, node = statement
    datasets = [subject] if DATASET in told.classes_of(subject) else told.subjects(subject, *_FORMS)
    if not datasets or (predicate == _SCHEMA and not told.objects(node, _COLUMN)):
        return False
    for dataset in datasets:
        if predicate not in (_TABLE, _SCHEMA, _COLUMN):
            told.put(dataset, new, node)
            continue
        table = node
        if predicate != _TABLE:
            table = _titled(told, new_node(subject, _TABLE), TABLE, subject, dataset)
            for one in told.objects(node, _COLUMN) if predicate == _SCHEMA else [node]:
                told.put(table, _COLUMN, one)
        group = _group(told, dataset)
        told.put(group, _TABLE, table)
    told.drop(statement)
    told.forget(node)
    return True


def _in_group(told: Told, statement: Statement, new: str) -> bool:
    """A table said to be the variables of a dataset gets a group, a group without title one."""
    dataset, _, node = statement
    if TABLE in told.classes_of(node) or told.objects(node, _COLUMN):
        group = _group(told, dataset)
        return told.replace(statement, (dataset, new, group), (group, _TABLE, node))
    if not told.objects(node, _TABLE) or told.objects(node, _TITLE):
        return False
    titles = told.objects(dataset, _TITLE)
    for one in titles:
        told.put(node, _TITLE, one)
    return bool(titles)


def _group(told: Told, dataset: str) -> str:
    group = new_node(dataset, _VARIABLES)
    told.put(dataset, _VARIABLES, group)
    return _titled(told, group, iri(_CSVW + "TableGroup"), dataset)


def _titled(told: Told, node: str, class_: str, *titled: str) -> str:
    """A node of ours with the title of the first thing that has one."""
    told.put(node, RDF_TYPE, class_)
    titles = next(filter(None, (told.objects(one, _TITLE) for one in titled)), [])
    for one in titles:
        told.put(node, _TITLE, one)
    return node


#: The ways by the word the table has for them.
WAYS: dict[str, Way] = {
    "": Way(_rename),
    "if missing": Way(_if_missing),
    "publisher": Way(_to_publisher, " of the publisher"),
    "distributions": Way(_to_distributions, " of the distributions"),
    "contact": Way(_to_contact),
    "detail": Way(_to_detail, " of the contact point"),
    "code": Way(_as_code),
    "address": Way(_as_address),
    "label": Way(_as_label),
    "inner": Way(_as_inner),
    "node": Way(_as_node),
    "list": Way(_in_list),
    "place": Way(_as_place),
    "members": Way(_members),
    "columns": Way(_columns),
    "variables": Way(_to_variables, " of the dataset"),
    "group": Way(_in_group),
}
