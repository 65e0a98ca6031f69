"""What one asks the catalogue, as an address and back.

``/datasets?q="heart failure" registry&condition=…&condition=…&year=2005..&sort=title&page=2``:
every part of the state is in the address, so an address is a search.  A facet may have
several values, which are alternatives; the value ``not-stated`` finds the records that say
nothing.  A range is written ``100..5000``, ``100..`` or ``..5000``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, urlencode

from catalogue.errors import BadRequest
from catalogue.search.engine import MODIFIED, RELEVANCE, TITLE, Filter
from catalogue.search.language import span_of

#: How long a query may be, and how many values may be chosen, before it is refused.
LONGEST_QUERY, MOST_CHOICES, LONGEST_VALUE = 2_000, 100, 500
#: The furthest a page of results may be; nobody reads on, and machines have the feed.
DEEPEST = 10_000
#: The value of a facet or range for records that state nothing.
NOT_STATED = "not-stated"

SORTS: Mapping[str, str] = {
    RELEVANCE: "Best match",
    TITLE: "Title",
    MODIFIED: "Newest description",
    "number_of_unique_individuals": "Most people",
}
#: The parameters that are neither facets nor ranges.
_SINGLE, _MANY = ("q", "sort", "page", "expand"), ("without", "meaning")


@dataclass(frozen=True)
class Query:
    """One search: words, chosen values of facets and ranges, order, page.

    ``expand`` is false where words mean only themselves; ``without`` are expansions that
    were taken away, ``meaning`` the concepts chosen for acronyms that mean several things.
    """

    text: str = ""
    kind: str = "dataset"
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: str = RELEVANCE
    page: int = 1
    size: int = 20
    expand: bool = True
    without: frozenset[str] = frozenset()
    meaning: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        return hash((self.text, self.kind, frozenset(self.chosen.items()), self.sort, self.page))

    @property
    def offset(self) -> int:
        """How many hits come before this page."""
        return (self.page - 1) * self.size

    @property
    def deepest(self) -> int:
        """The last page that may be asked for, however many hits there are."""
        return DEEPEST // self.size

    def filters(self, ranges: Collection[str]) -> dict[str, Filter]:
        """The choices as conditions for an engine."""
        return {
            name: Filter(
                values=frozenset() if name in ranges else values - {NOT_STATED},
                spans=frozenset(span for value in values if (span := span_of(value)))
                if name in ranges
                else frozenset(),
                missing=NOT_STATED in values,
            )
            for name, values in self.chosen.items()
        }

    def parameters(self) -> list[tuple[str, str]]:
        """The query as the parameters of an address."""
        return [*self._what(), *self._how()]

    def _what(self) -> list[tuple[str, str]]:
        found = [("q", self.text)] if self.text else []
        for facet, values in self.chosen.items():
            found += [(facet, value) for value in sorted(values)]
        return found

    def _how(self) -> list[tuple[str, str]]:
        found = [("without", text) for text in sorted(self.without)]
        found += [("meaning", concept) for concept in sorted(self.meaning)]
        if not self.expand:
            found.append(("expand", "no"))
        if self.sort != RELEVANCE:
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

    def choosing(self, facet: str, path: str) -> Callable[[str], str]:
        """By value, the address of the query with one more value of a facet, or without it.

        A map of Europe asks for hundreds; what is the same in all of them is written once.
        """
        if facet in self.chosen:
            return lambda value: self.toggled(facet, value).address(path)
        first = self.turned(1)
        begin, end = urlencode(first._what()), urlencode(first._how())
        start, rest = f"{path}?{begin}{'&' if begin else ''}{facet}=", f"&{end}" if end else ""
        return lambda value: f"{start}{quote_plus(value)}{rest}"

    def without_choices(self, facet: str = "") -> Query:
        """The same query without the choices of one facet; of all if none is named."""
        chosen = {f: v for f, v in self.chosen.items() if facet and f != facet}
        return replace(self, chosen=chosen, page=1)

    def with_text(self, text: str = "") -> Query:
        """The same choices with other words."""
        return replace(
            self, text=text, page=1, without=frozenset(), meaning=frozenset(), expand=True
        )

    def expanded(self, expand: bool = True) -> Query:
        """The same query with all expansions, or with none."""
        return replace(self, expand=expand, without=frozenset(), page=1)

    def less(self, expansion: str) -> Query:
        """The same query without one expansion, or with it again."""
        return replace(self, without=self.without ^ {expansion}, page=1)

    def meaning_only(self, concept: str, others: Collection[str] = ()) -> Query:
        """The same query with a meaning chosen, in place of some others."""
        return replace(self, meaning=self.meaning - set(others) | {concept}, page=1)

    def no_meaning(self, concepts: Collection[str]) -> Query:
        """The same query without a meaning chosen among some concepts."""
        return replace(self, meaning=self.meaning - set(concepts), page=1)


def parse(
    parameters: Iterable[tuple[str, str]],
    facets: Collection[str],
    ranges: Collection[str],
    size: int,
    also: Collection[str] = (),
    kind: str = "dataset",
) -> Query:
    """The query of an address; raises :class:`BadRequest` that says what cannot be understood.

    A form without scripts sends the ends of a range apart (``year.from``, ``year.to``).
    Parameters named in ``also`` are left to the caller.
    """
    chosen: dict[str, set[str]] = {}
    ends: dict[str, dict[str, str]] = {}
    single: dict[str, str] = {}
    many: dict[str, set[str]] = {name: set() for name in _MANY}
    for name, value in parameters:
        range_, dot, end = name.partition(".")
        if name in also:
            continue
        if name in _SINGLE:
            single[name] = value
        elif name in _MANY:
            many[name].add(value[:LONGEST_VALUE])
        elif name in facets or name in ranges:
            if value.strip():
                chosen.setdefault(name, set()).add(_value(name, value.strip(), ranges))
        elif dot and range_ in ranges and end in ("from", "to"):
            ends.setdefault(range_, {})[end] = value.strip()
        else:
            raise BadRequest(
                f'"{name[:60]}" is not something to search by; there are '
                + ", ".join((*_SINGLE, *_MANY, *facets, *ranges))
                + "."
            )
    for name, said in ends.items():
        if any(said.values()):
            span = f"{said.get('from', '')}..{said.get('to', '')}"
            chosen.setdefault(name, set()).add(_value(name, span, ranges))
    text = " ".join("".join(c if c.isprintable() else " " for c in single.get("q", "")).split())
    if len(text) > LONGEST_QUERY:
        raise BadRequest(f"The search is longer than {LONGEST_QUERY} characters; use fewer words.")
    if sum(map(len, (*chosen.values(), *many.values()))) > MOST_CHOICES:
        raise BadRequest(f"More than {MOST_CHOICES} values are chosen; choose fewer.")
    sort = single.get("sort") or RELEVANCE
    if sort not in SORTS:
        raise BadRequest(f'"{sort[:60]}" is not an order; there are {", ".join(SORTS)}.')
    page = place_in(single.get("page") or "1", DEEPEST // size)
    if page is None:
        raise BadRequest(f"The page must be a number from 1 to {DEEPEST // size}.")
    expand = single.get("expand") or "yes"
    if expand not in ("yes", "no"):
        raise BadRequest(f'expand is "{expand[:20]}"; it must be yes or no.')
    return Query(
        text=text,
        kind=kind,
        chosen={n: frozenset(chosen[n]) for n in (*facets, *ranges) if n in chosen},
        sort=sort,
        page=page,
        size=size,
        expand=expand == "yes",
        without=frozenset(many["without"]),
        meaning=frozenset(many["meaning"]),
    )


def place_in(text: str, most: int) -> int | None:
    """The number from 1 to ``most`` that a text is; None if it is none."""
    # Zeros before a number say nothing; what is long without them is not worth counting.
    plain = text.lstrip("0")[: len(str(most)) + 1]
    if not (text.isascii() and text.isdigit()) or not 1 <= int(plain or 0) <= most:
        return None
    return int(plain)


def _value(name: str, value: str, ranges: Collection[str]) -> str:
    if len(value) > LONGEST_VALUE:
        raise BadRequest(f'A value of "{name}" is longer than {LONGEST_VALUE} characters.')
    if name in ranges and value != NOT_STATED and span_of(value) is None:
        raise BadRequest(
            f'"{value[:60]}" is not a range of {name}; write it like 100..5000, 100.. or ..5000.'
        )
    return value
