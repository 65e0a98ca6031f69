"""The profile to read: as a DCTAP table, and our own terms as an ontology.

Source: DCMI Tabular Application Profiles, https://www.dublincore.org/specifications/dctap/
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from catalogue.profile.profile import Profile
from catalogue.profile.shape import Property
from catalogue.profile.values import Nested, Node, Reference
from catalogue.terms import literal

_DCTAP = (
    "shapeID",
    "shapeLabel",
    "propertyID",
    "propertyLabel",
    "mandatory",
    "repeatable",
    "valueNodeType",
    "valueDataType",
    "valueConstraint",
    "valueConstraintType",
    "valueShape",
    "note",
)


def dctap(profile: Profile) -> str:
    """The profile as a DCTAP table."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_DCTAP)
    for shape in profile.values():
        for one in shape:
            list_of = getattr(one.value, "vocabulary", None)
            datatype = getattr(one.value, "datatype", "")
            table.writerow(
                (
                    shape.name,
                    shape.label,
                    one.property_id,
                    one.label,
                    "true" if one.obligation == "mandatory" else "false",
                    "true" if one.repeatable else "false",
                    "iri" if isinstance(one.value, Node | Nested) else "literal",
                    f"xsd:{datatype}" if datatype else "",
                    list_of.iri if list_of else "",
                    "IRIstem" if list_of else "",
                    one.value.values if isinstance(one.value, Nested | Reference) else "",
                    one.note,
                )
            )
    return text.getvalue()


def own_properties(profile: Profile) -> Iterator[Property]:
    """The properties in our own namespace, each once."""
    seen: set[str] = set()
    for shape in profile.values():
        for one in shape:
            if one.predicate.startswith("<" + profile.own) and one.predicate not in seen:
                seen.add(one.predicate)
                yield one


def own_terms(profile: Profile) -> str:
    """Our own terms in Turtle: what each class and property means."""
    prefixes = ("rdf", "rdfs", "owl", "outcome")
    lines = [f"@prefix {p}: <{profile.prefixes[p]}> ." for p in prefixes]
    lines += [
        "",
        f"<{profile.own}> a owl:Ontology ;",
        f"    rdfs:label {literal(profile.header, language='en')} .",
        "",
    ]
    for shape in profile.values():
        if shape.class_.startswith(profile.own):
            lines.append(_term(shape.class_, "rdfs:Class", shape.label, shape.note, profile))
    for one in own_properties(profile):
        lines.append(_term(one.predicate[1:-1], "rdf:Property", one.label, one.note, profile))
    return "\n".join(lines)


def _term(term: str, kind: str, label: str, note: str, profile: Profile) -> str:
    return (
        f"<{term}> a {kind} ;\n    rdfs:label {literal(label, language='en')} ;\n"
        f"    rdfs:comment {literal(note, language='en')} ;\n"
        f"    rdfs:isDefinedBy <{profile.own}> .\n"
    )
