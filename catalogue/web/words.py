"""Values in words: numbers, dates, durations, places and texts as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Any

import nh3
from markdown_it import MarkdownIt

from catalogue.profile.values import NO_LANGUAGE

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DURATION = re.compile(
    r"(?P<minus>-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z"
)
_SPELT = {"icd10": "ICD-10 codes (pointers)", "iso2": "Two-letter code"}
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_POINT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*\Z", re.I)
#: A page has one heading of the first rank and its own outline: descriptions bring none.
_TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "code",
    "pre",
    "blockquote",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Phrase:
    """A text with its language; ``language`` is empty where it is the page's own or unknown."""

    text: str
    language: str = ""

    def __str__(self) -> str:
        return self.text


def number(value: float) -> str:
    """``8000000`` as ``8,000,000``; a whole number without decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


def date(value: str) -> str:
    """``2021-06-30`` as ``30 June 2021``, of whatever precision it is."""
    day, _, time = value.partition("T")
    parts = day.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return value
    words = [parts[0]]
    if len(parts) > 1 and 1 <= int(parts[1]) <= 12:
        words.insert(0, _MONTHS[int(parts[1]) - 1])
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    said = " ".join(words)
    if not time:
        return said
    return f"{said}, {time[:5]}{' UTC' if time.endswith(('Z', '+00:00')) else ''}"


def when(moment: datetime, now: datetime | None = None) -> str:
    """A moment beside the present one: ``today, 03:10 UTC``; the day where it is farther away."""
    moment, now = moment.astimezone(UTC), now or datetime.now(UTC)
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    day = near.get((moment.date() - now.date()).days) or date(moment.date().isoformat())
    return f"{day}, {moment:%H:%M} UTC"


def duration(value: str) -> str:
    """``P1Y6M`` as ``1 year 6 months``."""
    if not (match := _DURATION.match(value)):
        return value
    amounts = zip(match.groups()[1:], _UNITS, strict=True)
    said = " ".join(f"{n} {unit}{'' if n == '1' else 's'}" for n, unit in amounts if n)
    return f"{'minus ' if match['minus'] else ''}{said}" if said else value


def place(value: str) -> str:
    """A point as degrees; other shapes by their name."""
    if match := _POINT.match(value):
        try:
            longitude, latitude = float(match[1]), float(match[2])
        except ValueError:
            return value
        return (
            f"{abs(latitude):.4g}° {'N' if latitude >= 0 else 'S'}, "
            f"{abs(longitude):.4g}° {'E' if longitude >= 0 else 'W'}"
        )
    return value.split("(")[0].strip().capitalize()


def phrase(texts: Any, *languages: str) -> Phrase:
    """The text of a language map in the first language there is; English, then any, at last."""
    for one in phrases(texts, *languages):
        return one
    return Phrase("")


def phrases(texts: Any, *languages: str) -> Iterator[Phrase]:
    """Every text of a language map, those in the page's language first."""
    if not isinstance(texts, Mapping):
        if texts:
            yield Phrase(str(texts))
        return
    wanted = (*languages, "en")
    order = sorted(texts, key=lambda tag: wanted.index(tag) if tag in wanted else len(wanted))
    for tag in order:
        found = texts[tag]
        for text in found if isinstance(found, list | tuple) else [found]:
            yield Phrase(str(text), "" if tag in ("en", NO_LANGUAGE) else tag)


@lru_cache(maxsize=1024)
def markdown(text: str) -> str:
    """Markdown as safe HTML: no headings, no images, no HTML of its own."""
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


@lru_cache(maxsize=1024)
def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a Markdown text in plain words: whole sentences if they fill it."""
    plain = " ".join(unescape(nh3.clean(_markdown.render(text[: length * 8]), tags=set())).split())
    if len(plain) <= length:
        return plain
    if (end := plain.rfind(". ", length // 2, length)) > 0:
        return plain[: end + 1]
    return plain[:length].rsplit(" ", 1)[0].rstrip(",;:.–—- ") + "\u00a0…"


def address(value: str) -> str:
    """An address as one reads it: no scheme, no slash at its end, a DOI as a DOI."""
    for stem in (
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
    ):
        if value.startswith(stem):
            return "doi:" + value[len(stem) :]
    return re.sub(r"^https?://(www\.)?", "", value).rstrip("/")


def is_web(value: Any) -> bool:
    """Whether an address may be made a link: a web page, nothing that runs."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def sentence(text: str) -> str:
    """A label as it reads inside a sentence: ``Kind of source`` but ``OMOP status``."""
    first, _, rest = text.partition(" ")
    return (
        text
        if first.isupper() or any(c.isupper() for c in first[1:])
        else (first.lower() + (" " + rest if rest else ""))
    )


def quoted(text: str) -> str:
    """What somebody typed, in quotation marks unless it has some of its own."""
    return text if any(mark in text for mark in '"“”„«»') else f"“{text}”"


def spaced(name: str) -> str:
    """A name of RDF as words: ``measuredWith`` as ``Measured with``."""
    if name in _SPELT:
        return _SPELT[name]
    said = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: " " + m[1].lower(), name)
    return said[:1].upper() + said[1:]
