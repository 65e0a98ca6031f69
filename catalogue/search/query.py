"""What one asks the catalogue, as an address and back.

``/datasets?q="heart failure" registry&condition=…&condition=…&sort=title&page=2``:
every part of the state is in the address, so an address is a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from catalogue.errors import BadRequest

#: How long a query may be, and how many values may be chosen, before it is refused.
LONGEST_QUERY, MOST_CHOICES = 2_000, 100
#: The furthest a page of results may be; nobody reads on, and machines have the feed.
DEEPEST = 10_000

SORTS: Mapping[str, str] = {
    "relevance": "Best match",
    "title": "Title",
    "modified": "Newest description",
}


@dataclass(frozen=True)
class Query:
    """One search: words, chosen facet values, order, page."""

    text: str = ""
    kind: str = "dataset"
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    size: int = 20

    def __hash__(self) -> int:
        return hash((self.text, self.kind, frozenset(self.chosen.items()), self.sort, self.page))

    @property
    def offset(self) -> int:
        """How many hits come before this page."""
        return (self.page - 1) * self.size

    def parameters(self) -> list[tuple[str, str]]:
        """The query as the parameters of an address."""
        found = [("q", self.text)] if self.text else []
        for facet, values in self.chosen.items():
            found += [(facet, value) for value in sorted(values)]
        if self.sort != "relevance":
            found.append(("sort", self.sort))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def address(self, path: str) -> str:
        """The address of the query below a path."""
        parameters = urlencode(self.parameters())
        return f"{path}?{parameters}" if parameters else path

    def turned(self, page: int) -> Query:
        """The same query at another page."""
        return replace(self, page=page)

    def sorted_by(self, sort: str) -> Query:
        """The same query in another order, from its first page."""
        return replace(self, sort=sort, page=1)

    def toggled(self, facet: str, value: str) -> Query:
        """The same query with one more facet value, or without it."""
        values = self.chosen.get(facet, frozenset()) ^ {value}
        chosen = {**self.chosen, facet: values}
        return replace(self, chosen={f: v for f, v in chosen.items() if v}, page=1)

    def without(self, facet: str = "") -> Query:
        """The same query without the choices of one facet; of all if none is named."""
        chosen = {f: v for f, v in self.chosen.items() if facet and f != facet}
        return replace(self, chosen=chosen, page=1)

    def without_text(self) -> Query:
        """The same choices without words."""
        return replace(self, text="", page=1)


def parse(parameters: Iterable[tuple[str, str]], facets: Sequence[str], size: int) -> Query:
    """The query of an address; raises :class:`BadRequest` that says what cannot be understood."""
    chosen: dict[str, set[str]] = {}
    single: dict[str, str] = {}
    for name, value in parameters:
        if name in ("q", "sort", "page"):
            single[name] = value
        elif name in facets:
            chosen.setdefault(name, set()).add(value)
        else:
            raise BadRequest(
                f'"{name[:60]}" is not something to search by; there are q, sort, page, '
                + ", ".join(facets)
                + "."
            )
    text = " ".join("".join(c if c.isprintable() else " " for c in single.get("q", "")).split())
    if len(text) > LONGEST_QUERY:
        raise BadRequest(f"The search is longer than {LONGEST_QUERY} characters; use fewer words.")
    if sum(map(len, chosen.values())) > MOST_CHOICES:
        raise BadRequest(f"More than {MOST_CHOICES} facet values are chosen; choose fewer.")
    sort = single.get("sort") or "relevance"
    if sort not in SORTS:
        raise BadRequest(f'"{sort[:60]}" is not an order; there are {", ".join(SORTS)}.')
    page = single.get("page") or "1"
    if not (page.isascii() and page.isdigit()) or not 1 <= int(page[:9]) <= DEEPEST // size:
        raise BadRequest(f"The page must be a number from 1 to {DEEPEST // size}.")
    return Query(
        text=text,
        chosen={facet: frozenset(chosen[facet]) for facet in facets if facet in chosen},
        sort=sort,
        page=int(page),
        size=size,
    )


@dataclass(frozen=True)
class Results:
    """What a query found: how many, which records on this page, and the facet counts.

    ``counts`` maps a facet to its values and how many hits have each; where values of a
    facet are chosen, its counts leave that choice out, so that one sees what one may add.
    ``relaxed`` tells that no hit holds all words, and some of them were enough.
    """

    total: int
    records: Sequence[int]
    counts: Mapping[str, Mapping[str, int]]
    relaxed: bool = False
