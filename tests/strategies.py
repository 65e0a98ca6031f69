"""Hypothesis strategies built from the profile: documents of every class, every property."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from catalogue.profile import Document, Profile, Property, Shape
from catalogue.profile.values import ConceptValue, DecimalNumber, Nested, Reference, Text, Value

_CHARACTERS = st.characters(
    min_codepoint=32,
    max_codepoint=0x1F9FF,
    exclude_categories=("Cs", "Cc", "Cn"),
    include_characters='\n\t"\\',
)
TEXTS = st.text(_CHARACTERS, min_size=1, max_size=40).filter(str.strip)
LANGUAGES = st.sampled_from(["en", "de", "fr", "pt-BR", "zh-Hant", "@none"])
IRIS = st.builds(
    "https://{}.example/{}{}".format,
    st.sampled_from(["a", "registry-9", "xn--bcher-kva"]),
    st.text("abcXYZ019-._~()é", max_size=12),
    st.sampled_from(["", "?q=1&r=ä", "#part", "/%20x"]),
)
_POINTS = st.tuples(st.integers(-179, 179), st.integers(-89, 89)).map(
    lambda p: f"POINT({p[0]} {p[1]})"
)
DATES = st.one_of(
    st.dates().map(lambda d: f"{d:%Y}".zfill(4)),
    st.dates().map(lambda d: d.isoformat()[:7]),
    st.dates().map(lambda d: d.isoformat()),
    st.datetimes().map(lambda d: d.replace(microsecond=0).isoformat() + "Z"),
)
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(0, 10**12),
    "boolean": st.booleans(),
    "duration": st.sampled_from(["P1D", "P1Y6M", "PT12H", "P2W".replace("2W", "14D")]),
    "hex": st.binary(min_size=1, max_size=32).map(bytes.hex),
    "geometry": st.one_of(_POINTS, st.just("POLYGON((2 49, 6 49, 6 51, 2 51, 2 49))")),
    "iri": IRIS,
    "email": st.builds(
        "{}@{}.example.org".format,
        st.text("abc.d+e", min_size=1, max_size=8).filter(
            lambda t: not t.startswith(".") and not t.endswith(".") and ".." not in t
        ),
        st.sampled_from(["mail", "a-b"]),
    ),
    "telephone": st.sampled_from(["+32 2 555 01 01", "0049-30-1234", "+1 (555) 010"]).map(
        lambda t: t.replace("(", "").replace(")", "")
    ),
}


def one_value(value: Value, depth: int) -> st.SearchStrategy[Any]:
    """Single values of a kind."""
    if isinstance(value, Text):
        texts = st.lists(TEXTS, min_size=1, max_size=3, unique=True) if value.repeatable else TEXTS
        return st.dictionaries(LANGUAGES, texts, min_size=1, max_size=3)
    if value.kind == "string":
        if value.values == "email":
            return _PLAIN["email"]
        return TEXTS
    if isinstance(value, DecimalNumber):
        most = value.units[value.values]
        return st.floats(0, min(most, 10**9), allow_nan=False).map(
            lambda x: int(x) if x == int(x) else x
        )
    if value.kind == "date":
        if value.values == "day":
            return st.dates().map(lambda d: d.isoformat())
        if value.values == "instant":
            return st.datetimes().map(lambda d: d.replace(microsecond=0).isoformat() + "Z")
        return DATES
    if isinstance(value, ConceptValue):
        return st.sampled_from(sorted(value.vocabulary.concepts))
    if value.kind == "code":
        return st.sampled_from(sorted(value.vocabulary.by_code))
    if isinstance(value, Reference):
        kinds = {
            "Agent": "agent",
            "Catalogue": "catalogue",
            "Dataset": "dataset",
            "DatasetSeries": "series",
            "DataService": "service",
        }
        return st.one_of(
            st.builds(f"id/{kinds[value.targets[0]]}/{{}}".format, st.sampled_from(["a", "b-2"])),
            IRIS,
        )
    if isinstance(value, Nested):
        return documents(value.shape, depth - 1).filter(bool)
    return _PLAIN[value.kind]


def values_of(one: Property, depth: int) -> st.SearchStrategy[Any]:
    """What a document may hold for a property."""
    single = one_value(one.value, depth)
    if one.repeatable and not one.value.gathers:
        return st.lists(single, min_size=1, max_size=3, unique_by=repr)
    return single


@st.composite
def documents(draw: st.DrawFn, shape: Shape, depth: int = 2) -> Document:
    """Well-typed documents of a class with some of its properties, parts included."""
    possible = [
        one
        for one in shape.stored
        if one.name != "not_stated" and (depth > 0 or not isinstance(one.value, Nested))
    ]
    chosen = draw(st.lists(st.sampled_from(possible), max_size=8, unique_by=lambda p: p.name))
    document = {one.name: draw(values_of(one, depth)) for one in chosen}
    if "location" in document:
        # A place without coordinates is a name, and names are told by `spatial`.
        document["location"] = [place for place in document["location"] if place]
    return {key: value for key, value in document.items() if value not in ([], {}, None)}


def any_record(profile: Profile) -> st.SearchStrategy[tuple[Shape, Document]]:
    """A class kept as a record, with a document of it."""
    return st.sampled_from(sorted(profile.records)).flatmap(
        lambda kind: st.tuples(st.just(profile.records[kind]), documents(profile.records[kind]))
    )
