"""What can be said of how a source is read beside its address, protocol by protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalogue.harvest.models import Run, Source


@dataclass(frozen=True)
class Option:
    """Something that can be said of how a protocol is read.

    ``kind`` is a line, a long text, or pairs: a mapping, written as lines of ``name = value``.
    """

    name: str
    label: str
    hint: str
    kind: Literal["line", "long", "pairs"] = "line"


#: What can be said beside the address, by protocol.
OPTIONS: Mapping[str, Sequence[Option]] = {
    "sitemap": (
        Option(
            "match",
            "Only addresses with this part",
            "For a sitemap that lists more than datasets, for example /dataset/",
        ),
    ),
    "ckan": (
        Option("organisation", "Only this organisation", "Its name in CKAN, as in its address."),
        Option("query", "Only what this search finds", "As in CKAN’s own search box."),
        Option("fq", "Only what this filter finds", "For example tags:health"),
    ),
    "oai-pmh": (
        Option("set", "Only this set", "Its setSpec, for example health. Empty: everything."),
        Option(
            "prefix",
            "Metadata prefix",
            "Empty: the richest that the source has, DCAT before Dublin Core.",
        ),
    ),
    "csw": (
        Option(
            "constraint",
            "Only what this constraint finds",
            "In CQL, for example AnyText like '%health%'. Empty: everything.",
        ),
    ),
    "sparql": (
        Option("graph", "Only this named graph", "Its IRI. Empty: the default graph."),
        Option("class", "What datasets are instances of", "An IRI. Empty: dcat:Dataset."),
        Option("batch", "So many at once", "Empty: 100. Fewer where the endpoint is slow."),
        Option(
            "query",
            "Query of your own",
            "A CONSTRUCT with $limit and $offset in it, or with $datasets in a VALUES clause. "
            "Empty: all that is said of each dataset.",
            kind="long",
        ),
    ),
    "table": (
        Option("sheet", "Sheet", "The name of the sheet in a workbook. Empty: the first."),
        Option(
            "identifier",
            "Column with the identifier",
            "Its heading. What stands there must never change, or the row counts as another one.",
        ),
        Option("language", "Language of the texts", "Where no heading says another, such as nl."),
        Option(
            "columns",
            "Columns that are called otherwise",
            "A line for each, its heading and the field: Number of patients = "
            "number_of_unique_individuals",
            kind="pairs",
        ),
    ),
}
#: The names of all of them; one that is not among them was said by a program.
ASKED_OPTIONS = frozenset(one.name for some in OPTIONS.values() for one in some)


def options_of(source: Source, run: Run | None) -> Mapping[str, str]:
    """What is said of how a source is read, as people call it."""
    protocol = run.protocol if run and source.protocol == "auto" else source.protocol
    labels = {one.name: one.label for one in OPTIONS.get(protocol, ())}
    return {labels.get(name, name): as_text(value) for name, value in source.options.items()}


def as_text(value: Any) -> str:
    """What was said of an option as somebody would type it."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name} = {said}" for name, said in value.items())
    return str(value)
