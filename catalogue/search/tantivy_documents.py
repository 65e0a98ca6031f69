"""What of a record goes into Tantivy, field by field::

    record kind order modified    which record it is, and what hits are sorted by
    words/PROPERTY                our terms at our places
    terms names spellings holds   every term once; whole names; readable words; its properties
    facet/FACET                   the values, or ``\\0`` where nothing is stated
    low/RANGE high/RANGE          the bounds
    class/RANGE/EDGES             the classes that it overlaps, and one more: any range

Tokens are made by us and not by Tantivy, so that a stop word keeps its place and an
acronym stands at the place of its word.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from catalogue.profile.ranges import Interval
from catalogue.search.entry import Entry, Fields

#: The package, which is an extra; None if it is not installed.
tantivy: Any = import_module("tantivy") if find_spec("tantivy") else None

#: Said of every record; the value of a facet of which a record states nothing.
ANY, MISSING = "*", "\0"
#: The number of the record that is none, and tells how far the change log was read.
POSITION = -1
_LONGEST_NAME, _LONGEST_TITLE = 1_000, 2_000


def words_field(name: str) -> str:
    """The field of the words of a property."""
    return f"words/{name}"


def facet_field(name: str) -> str:
    """The field of the values of a facet."""
    return f"facet/{name}"


def class_field(name: str, edges: Sequence[float]) -> str:
    """The field of the classes of a range; with other edges it is another field."""
    return f"class/{name}/{hashlib.sha256(repr(tuple(edges)).encode()).hexdigest()[:8]}"


def schema(fields: Fields) -> Any:
    """The fields as Tantivy keeps them."""
    found = tantivy.SchemaBuilder()
    found.add_integer_field("record", indexed=True, fast=True)
    found.add_integer_field("position", fast=True)
    found.add_float_field("modified", fast=True)
    found.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    found.add_text_field("terms", tokenizer_name="whitespace", index_option="basic")
    for name in ("kind", "names", "spellings", "holds"):
        found.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in fields.boosts:
        found.add_text_field(words_field(name), tokenizer_name="raw", index_option="position")
    for name in fields.facets:
        found.add_text_field(
            facet_field(name), fast=True, tokenizer_name="raw", index_option="basic"
        )
    for name, edges in fields.ranges.items():
        found.add_float_field(f"low/{name}", fast=True)
        found.add_float_field(f"high/{name}", fast=True)
        found.add_unsigned_field(class_field(name, edges), fast=True)
    return found.build()


def document(entry: Entry, fields: Fields) -> Any:
    """An entry as a document."""
    found = tantivy.Document()
    found.add_integer("record", entry.record)
    found.add_text("kind", entry.kind)
    # Titles sort as Python sorts them, and the number makes every key another one.
    title = clean(entry.title.casefold())[:_LONGEST_TITLE]
    found.add_text("order", f"{title}\0{entry.record:020}")
    found.add_float("modified", entry.modified.timestamp())
    words, terms = _words(entry, fields)
    for name, tokens in words.items():
        text = tantivy.PreTokenizedString("", tokens)
        found.add_pre_tokenized_text(words_field(name), text)
    found.add_text("terms", " ".join(terms))
    for field, values in (
        ("holds", (*words, ANY)),
        ("names", {name_key(name) for name in entry.names}),
        ("spellings", {f"{entry.kind} {word}" for word in entry.spellings}),
        *((facet_field(name), entry.facets.get(name) or (MISSING,)) for name in fields.facets),
    ):
        for value in values:
            found.add_text(field, clean(value))
    for name, edges in fields.ranges.items():
        _add_range(found, name, edges, entry.ranges.get(name))
    return found


def position_document(position: int) -> Any:
    """What tells how far the change log was read."""
    found = tantivy.Document()
    found.add_integer("record", POSITION)
    found.add_integer("position", position)
    return found


def clean(text: str) -> str:
    """A text without halves of characters, which Tantivy does not take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def name_key(terms: Sequence[str]) -> str:
    """What a whole name is indexed as; Tantivy drops very long ones."""
    name = " ".join(terms)
    return name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()


def _words(entry: Entry, fields: Fields) -> tuple[dict[str, list[Any]], set[str]]:
    """The tokens of every property, and all terms."""
    words: dict[str, list[Any]] = {}
    terms: set[str] = set()
    token = tantivy.Token
    for name, place, term, exact in entry.occurrences():
        if name in fields.boosts:
            tokens = words.setdefault(name, [])
            for one in (term, exact):
                if one:
                    tokens.append(token(one, place, 0))
                    terms.add(one)
    return words, terms


def _add_range(found: Any, name: str, edges: Sequence[float], interval: Interval | None) -> None:
    """Add bounds and classes; what states none is sorted as the lowest."""
    if interval is None:
        found.add_float(f"high/{name}", -math.inf)
        return
    low, high = interval
    found.add_float(f"low/{name}", low)
    found.add_float(f"high/{name}", high)
    field = class_field(name, edges)
    for number, (begin, end) in enumerate(zip(edges, (*edges[1:], math.inf), strict=True)):
        if high >= begin and low < end:
            found.add_unsigned(field, number)
    found.add_unsigned(field, len(edges))
