"""How numbers and intervals answer: at least, at most, all of it, some of it.

An answer is :data:`NO`, :data:`OPEN` (not stated) or :data:`YES`.  A bound that is not stated
is open only as far as the other one does not tell: the upper one is no smaller than the lower.
"""

from __future__ import annotations

import numpy as np

from catalogue.outcomes.columns import Array, Spans
from catalogue.outcomes.questions import Span

NO, OPEN, YES = 0, 1, 2


def held(spans: Spans, test: str, asked: Span) -> Array:
    """How the intervals of rows answer a test; the best one of a row holds."""
    low, high = asked
    if test == "least":
        answer = _from(spans, spans.low, low)
    elif test == "most":
        answer = _to(spans, spans.high, high)
    elif test == "covers":
        # From a year on, or up to it: the data hold that year at least.
        low, high = (high if low is None else low), (low if high is None else high)
        answer = np.minimum(_to(spans, spans.low, low), _from(spans, spans.high, high))
    else:
        answer = np.minimum(_to(spans, spans.low, high), _from(spans, spans.high, low))
    return best_of(np.full(spans.size, OPEN, dtype=np.int8), spans.owners, answer)


def best_of(found: Array, owners: Array, answers: Array) -> Array:
    """Lay the best answer of the parts or intervals of every row over what was found so far."""
    found[owners] = NO
    found[owners[answers == OPEN]] = OPEN
    found[owners[answers == YES]] = YES
    return found


def at_least(numbers: Array, asked: float) -> Array:
    """Whether numbers are at least so great; open where there is none."""
    found = np.full(len(numbers), OPEN, dtype=np.int8)
    found[numbers < asked] = NO
    found[numbers >= asked] = YES
    return found


def _from(spans: Spans, ends: Array, asked: float | None) -> Array:
    """Whether one end of intervals is at least so great."""
    if asked is None:
        return np.full(len(ends), YES, dtype=np.int8)
    found = np.full(len(ends), OPEN, dtype=np.int8)
    found[spans.high < asked] = NO
    found[(ends >= asked) | (spans.low >= asked)] = YES
    return found


def _to(spans: Spans, ends: Array, asked: float | None) -> Array:
    """Whether one end of intervals is at most so great."""
    if asked is None:
        return np.full(len(ends), YES, dtype=np.int8)
    found = np.full(len(ends), OPEN, dtype=np.int8)
    found[spans.low > asked] = NO
    found[(ends <= asked) | (spans.high <= asked)] = YES
    return found
