"""What people type for numbers, dates and addresses, read generously and never guessed.

``12,000``, ``12 000`` and ``12.000`` are one count; ``06/2009``, ``June 2009`` and ``2009-06``
one month.  Where a text could mean two things it is refused with the way out.
"""

from __future__ import annotations

import re
from itertools import chain

from catalogue.picking import words_of
from catalogue.profile.dates import fault_of_date

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan januar janner janvier enero",
            "february feb februar feber fevrier febrero",
            "march mar marz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug aout agosto",
            "september sep sept septembre septiembre setiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez decembre diciembre",
        ),
        start=1,
    )
    for word in words.split()
}
_NAMES = [next(iter(w for w, n in _MONTHS.items() if n == month)) for month in range(1, 13)]
_SPACES = re.compile(r"[\s'’_]")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)\Z")
_DOI = re.compile(r"(?:doi:\s*|doi\.org/)?(10\.\d{4,9}/\S+)\Z", re.I)
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?:[:/?#]\S*)?\Z", re.I)


class Unclear(ValueError):
    """A text that cannot be read, or that could mean two things; says the way out."""


def whole_number(text: str) -> int:
    """A count in digits; dots, commas and spaces may part the thousands."""
    digits = _SPACES.sub("", text)
    if re.fullmatch(r"\d{1,3}(,\d{3})+|\d{1,3}(\.\d{3})+", digits, re.A):
        digits = re.sub(r"[,.]", "", digits)
    if not re.fullmatch(r"\d{1,19}", digits, re.A):
        raise Unclear("is not a whole number; write it in digits, such as 12,000")
    return int(digits)


def number(text: str) -> int | float:
    """A number that may have decimals after a dot or a comma."""
    digits = _SPACES.sub("", text).rstrip("%")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits, re.A):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}", digits, re.A):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d+", digits, re.A):
        digits = digits.replace(",", ".")
    if not re.fullmatch(r"\d{1,400}(\.\d{1,400})?", digits, re.A):
        raise Unclear("is not a number; write it in digits, such as 12.5")
    found = float(digits)
    return int(found) if found == int(found) else found


def day(text: str) -> str:
    """A date of any precision as ISO 8601; raises :class:`Unclear` where it cannot be told."""
    text = " ".join(text.split())
    if not fault_of_date(text):
        return text
    iso = _numeric(text) or _with_month(text)
    if not iso or fault_of_date(iso):
        raise Unclear("is not a date; write it like 2009, June 2009 or 30 June 2009")
    return iso


def _numeric(text: str) -> str:
    """A date of numbers only; empty if it is none."""
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{4})", text, re.A):
        return _iso(int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(\d{4})[/.-](\d{1,2})(?:[/.-](\d{1,2}))?", text, re.A):
        return _iso(int(found[1]), int(found[2]), int(found[3] or 0))
    if found := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", text, re.A):
        return _iso(int(found[3]), int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text, re.A):
        first, second, year = map(int, found.groups())
        if first <= 12 and second <= 12 and first != second and first and second:
            months = [_NAMES[number - 1].capitalize() for number in (second, first)]
            raise Unclear(
                f"could be {first} {months[0]} or {second} {months[1]} {year}; "
                f"write {first} {months[0]} {year} or {_iso(year, second, first)}"
            )
        return _iso(year, second, first) if second <= 12 else _iso(year, first, second)
    return ""


def _with_month(text: str) -> str:
    """A date whose month is a word; empty if it is none."""
    words = [found[1] if (found := _ORDINAL.match(w)) else w for w in words_of(text)]
    words = [word for word in words if word not in ("of", "de", "del")]
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    numbers = [word for word in words if word.isascii() and word.isdigit()]
    years = [int(word) for word in numbers if len(word) == 4]
    days = [int(word) for word in numbers if len(word) <= 2]
    if (len(months), len(years)) != (1, 1) or len(days) > 1:
        return ""
    if len(words) != sum(map(len, (months, years, days))):
        return ""
    return _iso(years[0], months[0], next(chain(days, [0])))


def _iso(year: int, month: int, day: int = 0) -> str:
    return f"{year:04}-{month:02}" + (f"-{day:02}" if day else "")


def address(text: str) -> str:
    """A web address as people paste it: without ``https://``, or a bare DOI."""
    if found := _DOI.match(text):
        return f"https://doi.org/{found[1]}"
    return f"https://{text}" if _HOST.match(text) else text
