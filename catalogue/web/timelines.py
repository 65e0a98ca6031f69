"""Years as geometry: what the pictures of coverage draw.

Pure, like ``charts``; an axis ends today, and what goes on is drawn as going on beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue.web.charts import MOST_LABELS, Bucket, Tick

#: Where today stands on an axis of years; what is to the right of it is still to come.
TODAY = 95.0


@dataclass(frozen=True)
class Period:
    """From when to when, in years with their parts; None where it is open or not known.

    ``since`` and ``until`` are the two ends as people write them.
    """

    start: float | None
    end: float | None
    since: str = ""
    until: str = ""

    @property
    def words(self) -> str:
        """The period as one reads it aloud."""
        if self.end is None:
            return f"{self.since}, still going on"
        return f"{self.since} to {self.until}" if self.start is not None else f"up to {self.until}"


@dataclass(frozen=True)
class Span:
    """Where a period is drawn, in percent of the width."""

    period: Period
    x: float
    width: float


@dataclass(frozen=True)
class Row:
    """One line of a time-line: a dataset by its title, and its periods."""

    label: str
    address: str
    spans: Sequence[Span]


@dataclass(frozen=True)
class Axis:
    """Years from left to right, ending today."""

    first: int
    last: int

    def at(self, year: float) -> float:
        """Where a moment is, in percent of the width."""
        reach = max(self.last - self.first, 1)
        return round(min(max((year - self.first) / reach, 0.0), 1.0) * TODAY, 2)

    @property
    def ticks(self) -> list[Tick]:
        """Round years, few enough to be read on a telephone."""
        step = _step(self.last - self.first)
        begin = -(-self.first // step) * step
        return [Tick(self.at(year), str(year)) for year in range(begin, self.last + 1, step)]


@dataclass(frozen=True)
class Timeline:
    """Periods on an axis of years, a row for each dataset."""

    axis: Axis
    rows: Sequence[Row]


def timeline(periods: Sequence[Period], first: int, last: int) -> Timeline:
    """The periods of one dataset on the years from first to last."""
    return timelines([("", "", periods)], first, last)


def timelines(rows: Iterable[tuple[str, str, Sequence[Period]]], first: int, last: int) -> Timeline:
    """A row for each title, address and periods, all on the same years."""
    axis = Axis(first, max(last, first + 1))
    return Timeline(
        axis,
        [
            Row(label, address, [_span(one, axis) for one in periods])
            for label, address, periods in rows
        ],
    )


def frame(periods: Iterable[Period], today: int) -> tuple[int, int]:
    """The years an axis should show: from a round year before all begin, to today or later."""
    known = [y for one in periods for y in (one.start, one.end) if y is not None]
    first = min([*known, today - 25])
    return int(first // 10 * 10), math.ceil(max([*known, today]))


def per_year(counts: Mapping[int, int]) -> list[Bucket]:
    """A bucket for each year from the first to the last; round years have a label."""
    if not counts:
        return []
    years = range(min(counts), max(counts) + 1)
    step = _step(len(years))
    return [
        Bucket(str(year) if year % step == 0 else "", counts.get(year, 0), words=str(year))
        for year in years
    ]


def _step(reach: int) -> int:
    """Every how many years there is a label, so that they do not touch each other."""
    steps = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
    return next((step for step in steps if reach / step < MOST_LABELS - 1), 1000)


def _span(one: Period, axis: Axis) -> Span:
    begin = 0.0 if one.start is None else axis.at(one.start)
    end = TODAY if one.end is None else axis.at(one.end)
    # A day in a century is still something to see.
    return Span(one, begin, max(round(end - begin, 2), 0.8))
