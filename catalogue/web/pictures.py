"""What of the records can be drawn: their documents and counts, made ready for the pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import url_for

from catalogue.profile import Document
from catalogue.profile.shape import reasons_in
from catalogue.search.query import NOT_STATED, Query
from catalogue.web import charts, maps, timelines, words
from catalogue.web.current import catalogue
from catalogue.web.names import label_of

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")
#: The property of a dataset's size, also the name of its range, and the range of its years.
_SIZE, _YEAR = "number_of_unique_individuals", "year"
#: An end so far ahead means that there is none.
_FAR = 50


@dataclass(frozen=True)
class Drawing:
    """A picture of one fact; where there is none, ``silence`` says so, and why if that is known."""

    picture: Any = None
    silence: str = ""


def coverage(document: Document) -> Drawing:
    """The periods a dataset covers, on the years up to today."""
    today = _this_year()
    found = list(_periods(document.get("temporal"), today))
    if not found:
        return Drawing(silence=_silence(document, "temporal"))
    return Drawing(timelines.timeline(found, *timelines.frame(found, today)))


def size(document: Document, among: Sequence[charts.Bucket] = ()) -> Drawing:
    """How many people a dataset holds, among powers of ten and the sizes of all datasets."""
    value = document.get(_SIZE)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < math.inf:
        return Drawing(silence=_silence(document, _SIZE))
    return Drawing(charts.scale(value, among))


def coverages(documents: Sequence[tuple[str, str, Document]]) -> timelines.Timeline | None:
    """The periods of some datasets, given by title, path and document, below each other."""
    today = _this_year()
    rows = [(name, at, list(_periods(one.get("temporal"), today))) for name, at, one in documents]
    periods = [period for _, _, found in rows for period in found]
    return timelines.timelines(rows, *timelines.frame(periods, today)) if periods else None


def places(counts: Mapping[str, int]) -> maps.CountryMap:
    """The map of where datasets are from; each place leads to its datasets."""
    return _map(counts, Query())


def places_of(counts: Mapping[str, int], query: Query) -> maps.CountryMap:
    """The map of a search's hits; each place narrows the search, or lets go of that."""
    return _map(counts, query, query.chosen.get("spatial", ()))


def of_all() -> Mapping[str, Sequence[charts.Bucket]]:
    """How large all datasets are and which years they cover, as the index counts them."""
    found = catalogue.finder.find(Query(size=1))
    return {
        name: buckets(name, classes, found.missing.get(name, 0))
        for name, classes in found.classes.items()
        if name in (_SIZE, _YEAR) and any(classes)
    }


def buckets(
    name: str, counts: Sequence[int], missing: int, query: Query | None = None
) -> list[charts.Bucket]:
    """The classes of a range of whole numbers as bars; each narrows the search to itself."""
    query, one = query or Query(), catalogue.profile.ranges[name]
    # What has no unit is a year, which nobody writes with a comma.
    found = (
        charts.classes(one.edges, counts, missing)
        if one.unit
        else charts.classes(one.edges, counts, missing, _year, _year)
    )
    return [_to_choose(bucket, name, query) for bucket in found]


def _to_choose(bucket: charts.Bucket, name: str, query: Query) -> charts.Bucket:
    """A bucket that leads to its datasets; an empty one leads nowhere."""
    if bucket.unstated:
        value = NOT_STATED
    else:
        end = "" if bucket.high is None else f"{bucket.high - 1:.0f}"
        value = f"{bucket.low or 0:.0f}..{end}"
    chosen = value in query.chosen.get(name, ())
    if not bucket.count and not chosen:
        return bucket
    address = query.toggled(name, value).address(url_for("datasets.search"))
    return replace(bucket, address=address, chosen=chosen)


def _year(number: float) -> str:
    return f"{number:.0f}"


def _map(counts: Mapping[str, int], query: Query, chosen: Collection[str] = ()) -> maps.CountryMap:
    spatial = catalogue.profile.facets["spatial"]
    address = query.choosing(spatial.name, url_for("datasets.search"))
    return maps.country_map(counts, lambda value: label_of(spatial, value), address, chosen)


def _periods(value: Any, today: int) -> Iterator[timelines.Period]:
    """The periods of a record that can be read; one that ends before it begins cannot."""
    for one in value if isinstance(value, list) else []:
        if not isinstance(one, Mapping):
            continue
        begin, end = _moment(one.get("start_date")), _moment(one.get("end_date"), last=True)
        if end is not None and end > today + _FAR:
            end = None
        if (begin is None and end is None) or (begin or -math.inf) >= (end or math.inf):
            continue
        said = [words.date(str(one.get(name, ""))) for name in ("start_date", "end_date")]
        yield timelines.Period(begin, end, *said)


def _moment(date: Any, last: bool = False) -> float | None:
    """A date in years with their parts: where it begins, or where its last day ends."""
    match = _DATE.match(date) if isinstance(date, str) else None
    if not match:
        return None
    year, month, day = int(match[1]), match[2], match[3]
    if month is None:
        return year + (1.0 if last else 0.0)
    if day is None:
        return year + (int(month) - 1 + last) / 12
    return year + (int(month) - 1) / 12 + (int(day) - 1 + last) / 366


def _silence(document: Document, field: str) -> str:
    reason = reasons_in(document).get(field)
    if not reason:
        return "Not stated"
    return f"Not stated: {words.sentence(catalogue.vocabularies.label(reason))}"


def _this_year() -> int:
    return datetime.now(UTC).year
