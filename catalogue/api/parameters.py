"""What one may ask with: every parameter once, for reading, for refusing and for the documents.

A parameter nobody knows is refused with the known ones; whoever misspells a criterion would
otherwise take everything for the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request

from catalogue.errors import BadRequest, Problem
from catalogue.profile import Profile, Property
from catalogue.profile.ranges import Range
from catalogue.profile.values import ConceptValue
from catalogue.search.query import LONGEST_QUERY, NOT_STATED, SORTS, place_in

#: How many items an answer has, unless another number up to the most is asked for.
SIZE, MOST = 20, 100
#: The groups of parameters that depend on the profile.
FACETS, RANGES = "Facets", "Ranges"
#: How many values of a facet are told, the commonest ones: of each where all facets are
#: asked for, and of those that are asked for by name.
MOST_OF_ALL, MOST_OF_NAMED = 25, 1_000
#: What items have only if it is asked for.
INCLUDED = ("why", "document")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query, of a path or in a header.

    ``many`` tells that it may be repeated, ``commas`` that its values stand in one text.
    """

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    many: bool = False
    commas: bool = False
    place: str = "query"
    group: str = ""
    required: bool = False


def path(name: str, description: str, **schema: Any) -> Parameter:
    """A parameter of a path; a text, unless the schema says otherwise."""
    schema = {"type": "string", **schema}
    return Parameter(name, description, schema, place="path", required=True)


def flag(name: str, description: str) -> Parameter:
    """A parameter that says yes or no."""
    return Parameter(name, description, {"type": "string", "enum": ["true", "false"]})


def sorted_by(orders: Iterable[str]) -> Parameter:
    """The parameter of an order; the first one is that of a request without."""
    names = list(orders)
    return Parameter(
        "sort", "The order of the items.", {"type": "string", "enum": names, "default": names[0]}
    )


EXPAND = Parameter(
    "expand",
    "`no` lets words mean only themselves.",
    {"type": "string", "enum": ["yes", "no"], "default": "yes"},
)
#: The record of a path.
SLUG = path("slug", "The readable part of the address of its page, `slug` of an item.")
PAGING = (
    Parameter(
        "size",
        f"How many items an answer has: 1 to {MOST}.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE},
    ),
    Parameter(
        "cursor",
        "Where to go on; taken from `next` of the answer before, never made up.",
        {"type": "string", "maxLength": 2_000},
    ),
)


def refuse(name: str, message: str) -> BadRequest:
    """The error that names a parameter, the rule it breaks and the way out."""
    return BadRequest([Problem((name,), message, rule="parameter")])


def check_bytes() -> None:
    """Refuse addresses that are not text: broken UTF-8, or a NUL that databases choke on."""
    raw = request.environ.get("PATH_INFO", "").encode("latin-1", "replace")
    for what, sent in (("path", raw), ("query", unquote_to_bytes(request.query_string))):
        try:
            text = sent.decode("utf-8")
        except UnicodeDecodeError:
            raise BadRequest(f"The {what} of the address is not UTF-8; encode it anew.") from None
        if "\0" in text:
            raise BadRequest(f"The {what} of the address holds a NUL character; leave it out.")


def given(known: Iterable[Parameter], also: Collection[str] = ()) -> list[tuple[str, str]]:
    """The parameters of the request; raises :class:`BadRequest` for an unknown or repeated one."""
    by_name = {one.name: one for one in known if one.place == "query"}
    found = list(request.args.items(multi=True))
    seen: set[str] = set()
    for name, _ in found:
        if name not in by_name and name not in also:
            known_names = ", ".join((*by_name,))
            raise refuse(
                name[:60], f"There is no such parameter; there are {known_names or 'none here'}."
            )
        if name in seen and (name in also or not by_name[name].many):
            raise refuse(name, "This may be given once only.")
        seen.add(name)
    return found


def size(parameters: Sequence[tuple[str, str]]) -> int:
    """How many items are asked for."""
    text = dict(parameters).get("size", str(SIZE))
    found = place_in(text, MOST)
    if found is None:
        raise refuse("size", f'"{text[:20]}" is not a number from 1 to {MOST}.')
    return found


def is_set(name: str, parameters: Sequence[tuple[str, str]]) -> bool:
    """Whether a flag is set."""
    said = dict(parameters).get(name, "false")
    if said not in ("true", "false"):
        raise refuse(name, f'"{said[:20]}" is neither true nor false.')
    return said == "true"


def choice(name: str, parameters: Sequence[tuple[str, str]], known: Sequence[str]) -> str:
    """One of some words; the first of them if nothing is said."""
    said = dict(parameters).get(name, known[0])
    if said not in known:
        raise refuse(name, f'"{said[:60]}" is not one of {", ".join(filter(None, known))}.')
    return said


def words(parameters: Sequence[tuple[str, str]], most: int = 200) -> str:
    """The words asked for, in one line."""
    text = dict(parameters).get("q", "")
    if len(text) > most:
        raise refuse("q", f"This is longer than {most} characters; use fewer words.")
    return " ".join(text.split())


def some_of(name: str, parameters: Sequence[tuple[str, str]], known: Collection[str]) -> list[str]:
    """The names of a comma list; raises :class:`BadRequest` for one that is unknown."""
    said = [one.strip() for one in dict(parameters).get(name, "").split(",") if one.strip()]
    for one in said:
        if one not in known:
            raise refuse(name, f'"{one[:60]}" is not one of {", ".join(known)}.')
    return said


# searching --------------------------------------------------------------------------


def of_search(profile: Profile) -> list[Parameter]:
    """The parameters of a search: those of the page of results, with their facets and ranges."""
    return [
        Parameter(
            "q",
            'What to look for. Words must all be there; `"exact words"`, `-not`, `OR`, `begin*` '
            "and `property:value` work. Synonyms and narrower terms are looked for as well.",
            {"type": "string", "maxLength": LONGEST_QUERY},
        ),
        *(_of_facet(one) for one in profile.facets.values()),
        *(_of_range(one) for one in profile.ranges.values()),
        sorted_by(SORTS),
        EXPAND,
        Parameter("without", "The `key` of an expansion that is not wanted.", many=True),
        Parameter("meaning", "The IRI of what an acronym is to mean, from `choices`.", many=True),
        *PAGING,
        Parameter(
            "facets",
            "What to count over all hits, with commas between: `all`, `none`, or names of facets "
            f"and ranges. Of all, the {MOST_OF_ALL} commonest values are told each; of those named, "
            f"up to {MOST_OF_NAMED:,}. Answers without counts are faster.",
            {"type": "string", "enum": ["all", "none", *profile.facets, *profile.ranges]},
            commas=True,
        ),
        Parameter(
            "include",
            "What else to tell of each item, with commas between: `why` it is a hit, its whole "
            "`document` as JSON-LD. Both take time.",
            {"type": "string", "enum": list(INCLUDED)},
            commas=True,
        ),
    ]


def _of_facet(one: Property) -> Parameter:
    value = one.value
    if value.kind == "boolean":
        schema: dict[str, Any] = {"type": "string", "enum": ["true", "false", NOT_STATED]}
        return Parameter(one.name, f"{one.label}. {one.note}", schema, many=True, group=FACETS)
    if isinstance(value, ConceptValue):
        how = f"A code, label or IRI of the list “{value.vocabulary.title}” (`{value.vocabulary.name}`)"
    else:
        how = "The slug or IRI of a record"
    said = f"{one.label}. {one.note} {how}, or `{NOT_STATED}`."
    return Parameter(one.name, said, {"type": "string", "maxLength": 500}, many=True, group=FACETS)


def _of_range(one: Range) -> Parameter:
    unit = f", in {one.unit}" if one.unit else ""
    said = (
        f"{one.label}{unit}. {one.note} Written `{one.edges[1]:.10g}..{one.edges[-1]:.10g}`, "
        f"`{one.edges[1]:.10g}..` or `..{one.edges[-1]:.10g}`, or `{NOT_STATED}`."
    )
    return Parameter(one.name, said, {"type": "string", "maxLength": 500}, many=True, group=RANGES)
