"""The official shapes, which are not part of the project, and what they have against a document.

They are looked for in the folder that ``OFFICIAL_STANDARDS`` names, else in
``../shared/standards`` beside the checkout; without them the tests of conformance are skipped.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from rdflib import OWL, RDF, SH, BNode, Graph, URIRef
from reports import problems_in

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyshacl import validate

ROOT = Path(__file__).parents[1]
STANDARDS = Path(os.environ.get("OFFICIAL_STANDARDS", ROOT.parent / "shared/standards"))
SHAPES = STANDARDS / "shapes"
LEVELS = {"PUBLIC": "public", "RESTRICTED": "restricted", "NON_PUBLIC": "non-public"}


def load_shapes(level: str = "") -> Graph:
    """The shapes of DCAT-AP 3.0.1 and of one access level of Release 8, as pySHACL takes them.

    Without a level those of DCAT-AP alone, with its controlled vocabularies.  ``owl:imports`` would be fetched; ``sh:property`` without a path and the predicates
    ``sh:shape`` and ``sh:extends``, which no engine knows, become ``sh:node``: so dates are
    checked too.
    """
    r8, dcat_ap = SHAPES / "healthdcat-ap-r8", SHAPES / "dcat-ap-3.0.1"
    of_level = [
        r8 / "shapes/graph-guard.ttl",
        r8 / "ranges/range.ttl",
        r8 / f"shapes/{level}-shapes.ttl",
        r8 / "controlled-vocabularies/mdr-vocabularies.shape.ttl",
        r8 / f"recommended/{level}-shapes_recommended.ttl",
    ]
    files = [
        *(of_level if level else [dcat_ap / "mdr-vocabularies.shape.ttl"]),
        dcat_ap / "shapes.ttl",
        dcat_ap / "range.ttl",
        dcat_ap / "shapes_recommended.ttl",
    ]
    graph = Graph()
    for file in files:
        graph.parse(file, format="turtle")
    graph.remove((None, OWL.imports, None))
    for name in ("shape", "extends"):
        for subject, object_ in list(graph.subject_objects(URIRef(str(SH) + name))):
            graph.remove((subject, URIRef(str(SH) + name), object_))
            if (object_, None, None) in graph:
                graph.add((subject, SH.node, object_))
    for shape, constraint in list(graph.subject_objects(SH.property)):
        if (constraint, SH.path, None) not in graph:
            graph.remove((shape, SH.property, constraint))
            if isinstance(constraint, BNode):
                graph.add((shape, SH.node, constraint))
                graph.add((constraint, RDF.type, SH.NodeShape))
    return graph


def violations(source: bytes, shapes: Graph) -> list[str]:
    _, report, _ = validate(
        Graph().parse(data=source, format="turtle"),
        shacl_graph=shapes,
        inference="none",
        advanced=True,
        do_owl_imports=False,
    )
    return [str(p) for p in problems_in(report) if p.severity == "violation"]
