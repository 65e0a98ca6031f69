"""Numbers as geometry: what the pictures of numbers draw.

Pure, and without words of its own where a table can say them.  Across, everything is a
share of the width in percent, so a picture fits any column and its words keep their size;
up and down it is pixels.  ``templates/macros/chart.html`` draws what is said here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: How high a histogram's bars may be, and the least that something more than nothing gets.
HEIGHT, LEAST = 96, 2
#: How many labels fit below a picture on a telephone.
MOST_LABELS = 8
#: The powers of ten that a scale of sizes shows at least, and the greatest at all.
_SMALLEST, _LARGEST, _UTMOST = 1, 8, 12


@dataclass(frozen=True)
class Bucket:
    """How many there are of something: one bar.

    ``words`` is the label in full, for the table and for those who listen; ``low`` and
    ``high`` are the bounds of a class of numbers; ``unstated`` counts those who do not
    say, which is never the same as zero.
    """

    label: str
    count: int
    words: str = ""
    address: str = ""
    low: float | None = None
    high: float | None = None
    unstated: bool = False
    chosen: bool = False

    @property
    def name(self) -> str:
        """The label as one reads it aloud."""
        return self.words or self.label


@dataclass(frozen=True)
class Bar:
    """Where a bucket is drawn: percent across, pixels down from the top of the plot."""

    bucket: Bucket
    x: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The middle of the bar, for its label."""
        return round(self.x + self.width / 2, 2)

    @property
    def top(self) -> float:
        """Where the bar begins."""
        return HEIGHT - self.height


@dataclass(frozen=True)
class Histogram:
    """Upright bars, side by side; what is not stated stands apart at the end."""

    bars: Sequence[Bar]
    height: int = HEIGHT

    @property
    def total(self) -> int:
        """How many there are in all bars together."""
        return sum(bar.bucket.count for bar in self.bars)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    x: float
    label: str


def histogram(buckets: Sequence[Bucket]) -> Histogram:
    """The bars of some buckets, all as wide; the highest fills the height."""
    order = sorted(buckets, key=lambda bucket: bucket.unstated)
    most = max((bucket.count for bucket in order), default=0)
    stated = sum(not bucket.unstated for bucket in order)
    apart = 0.5 if 0 < stated < len(order) else 0.0
    slot = 100 / (len(order) + apart) if order else 0.0
    return Histogram(
        [
            Bar(
                bucket,
                x=round((place + apart * bucket.unstated + 0.06) * slot, 2),
                width=round(slot * 0.88, 2),
                height=_height(bucket.count, most),
            )
            for place, bucket in enumerate(order)
        ]
    )


def share(count: float, most: float) -> float:
    """A count as a share of the greatest one, in percent; something is never nothing."""
    return round(max(100 * count / most, 0.8), 2) if count > 0 and most > 0 else 0.0


def classes(
    edges: Sequence[float],
    counts: Sequence[int],
    missing: int = 0,
    brief: Callable[[float], str] | None = None,
    write: Callable[[float], str] = lambda number: f"{number:,.0f}",
) -> list[Bucket]:
    """The buckets of an index's classes of whole numbers; the last one has no upper end.

    ``brief`` writes a number below a bar, ``write`` in words.
    """
    found = []
    for low, high, count in zip(edges, [*edges[1:], None], counts, strict=True):
        if high is None:
            label, said = (brief or short)(low), f"{write(low)} or more"
        elif low == 0:
            label, said = f"<{(brief or short)(high)}", f"below {write(high)}"
        else:
            label, said = (brief or short)(low), f"{write(low)} to {write(high - 1)}"
        found.append(Bucket(label, count, said, low=low, high=high))
    return [*found, not_stated(missing)] if missing else found


def not_stated(count: int) -> Bucket:
    """The bucket of those who do not say."""
    return Bucket("Not stated", count, unstated=True)


# sizes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """A number among powers of ten, with the bars of all numbers behind it if there are any."""

    at: float
    ticks: Sequence[Tick]
    bars: Sequence[Bar]


def scale(value: float, among: Sequence[Bucket] = ()) -> Scale:
    """Where a number stands on a logarithmic scale; ``among`` are classes with bounds."""
    power = min(math.log10(value), _UTMOST) if value >= 1 else 0.0
    low = min(_SMALLEST, math.floor(power))
    high = max(_LARGEST, math.ceil(power))

    def at(number: float) -> float:
        place = math.log10(number) if number >= 1 else 0.0
        return round(min(max((place - low) / (high - low), 0.0), 1.0) * 100, 2)

    step = math.ceil((high - low) / (MOST_LABELS - 1))
    bounded = [one for one in among if not one.unstated]
    most = max((one.count for one in bounded), default=0)
    bars = []
    for one in bounded:
        left = 0.0 if one.low is None else at(one.low)
        right = 100.0 if one.high is None else at(one.high)
        bars.append(Bar(one, left, round(right - left, 2), _height(one.count, most)))
    ticks = [Tick(at(10.0**power), short(10**power)) for power in range(low, high + 1, step)]
    return Scale(at(value), ticks, bars)


def short(value: float) -> str:
    """A number in four or five characters: ``950``, ``12k``, ``2.5M``."""
    for size, letter in ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            part = value / size
            return (
                f"{part:.0f}{letter}" if part >= 10 or part == int(part) else f"{part:.1f}{letter}"
            )
    return f"{value:.0f}"


def _height(count: int, most: int) -> float:
    return round(max(HEIGHT * count / most, LEAST), 1) if count > 0 else 0.0
